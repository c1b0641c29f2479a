# SPDX-License-Identifier: Apache-2.0
"""bind() to a port that another socket has: by address, order, state, SO_REUSEADDR, SO_REUSEPORT.

Of two sockets the first has a port, and the second is bound to that port.  Their addresses:
``any4`` is 0.0.0.0, ``any6`` is :: for both versions of IP, ``only6`` is :: with IPV6_V6ONLY;
``one4`` and ``one6`` are the host's address of the stage, ``other4`` and ``other6`` are others of
that host, and ``v4in6`` is one4 as an IPv6 socket has it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sockspec.check import (
    INET_BOTH,
    ClaimContext,
    Finding,
    NotObserved,
    RecordView,
    Unsupported,
    observes,
)

Pairs = frozenset[tuple[str, str]]
Check = Callable[..., Any]

SAME: Final[Pairs] = frozenset((word, word) for word in ("any4", "one4", "any6", "one6", "only6"))
WILDCARD4: Final[Pairs] = frozenset((("any4", "one4"), ("one4", "any4"), ("any4", "other4")))
WILDCARD6: Final[Pairs] = frozenset((("any6", "one6"), ("one6", "any6")))
ANOTHER: Final[Pairs] = frozenset((("one4", "other4"), ("one6", "other6")))
ACROSS: Final[Pairs] = frozenset(
    (
        *(("any4", "any6"), ("any6", "any4"), ("one4", "any6"), ("any6", "one4")),
        *(("one4", "v4in6"), ("v4in6", "one4"), ("any4", "v4in6"), ("v4in6", "any4")),
    )
)
"""An IPv4 socket, and an IPv6 socket that takes IPv4 too."""

APART: Final[Pairs] = frozenset((("any4", "one6"), ("one6", "any4")))
"""An IPv4 socket, and an IPv6 socket whose address is none that IPv4 could reach."""

V6ONLY: Final[Pairs] = frozenset(
    (("any4", "only6"), ("only6", "any4"), ("one4", "only6"), ("only6", "one4"))
)


TYPES: Final = ("stream", "dgram")


def both_sockets(pairs: Pairs, types: tuple[str, ...] = TYPES) -> Callable[[Check], Check]:
    """The check reads the records of these pairs of addresses.

    Loopback has no second IPv6 address: where one is needed, the stage with a link is used.
    """

    def when(variant: dict[str, str]) -> bool:
        pair = variant["first"], variant["second"]
        return pair in pairs and variant["stage"] == ("pair" if "other6" in pair else "lo")

    return observes(
        "bind/conflict",
        stage=("lo", "pair"),
        type=types,
        first=tuple(sorted({first for first, _ in pairs})),
        second=tuple(sorted({second for _, second in pairs})),
        when=when,
    )


NOTHING: Final = "nothing set"
ONE_ADDR: Final = ("SO_REUSEADDR on the first", "SO_REUSEADDR on the second")
BOTH_ADDR: Final = "SO_REUSEADDR on both"
ONE_PORT: Final = ("SO_REUSEPORT on the first", "SO_REUSEPORT on the second")
BOTH_PORT: Final = "SO_REUSEPORT on both"


def states(record: RecordView) -> tuple[str, ...]:
    """What the first socket is when the second is bound, as far as the pair is about that.

    connect() gives a socket that is bound to the wildcard the address that it sends from: then it
    is about other addresses, if not about the second one.
    """
    first, second = record.variant["first"], record.variant["second"]
    if first == "any4" and second == "other4":
        moved = True
    else:
        moved = first == "any6" and second.endswith("4")
    connected = () if moved else ("connected",)
    listening = ("listening",) if record.variant["type"] == "stream" else ()
    return ("bound", *connected, *listening)


def idle_states(record: RecordView) -> tuple[str, ...]:
    """As above, without that of a listening socket."""
    return tuple(state for state in states(record) if state != "listening")


def is_in_use(record: RecordView, step: str) -> Finding:
    """POSIX.1-2024 bind(), ERRORS: EADDRINUSE."""
    return record.the("bind", step).failed_with("EADDRINUSE")


def is_bound(record: RecordView, step: str) -> Finding:
    """POSIX.1-2024 bind(), RETURN VALUE."""
    return record.the("bind", step).gave(0)


# --- nothing set ----------------------------------------------------------------------------------


@both_sockets(SAME)
def test_an_address_is_not_reused_by_default(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024, 2.10.16, SO_REUSEADDR: off by default; bind(), EADDRINUSE."""
    option = record.the("getsockopt", "another port")
    with claim("reuse.off-by-default", "the option"):
        assert option.gave(0)
        assert Finding(option.number("value") == 0, "SO_REUSEADDR to be off", option)
    with claim("reuse.off-by-default"):
        assert is_in_use(record, f"bound, {NOTHING}")


@both_sockets(SAME)
def test_one_socket_has_an_address_and_port(record: RecordView, claim: ClaimContext) -> None:
    """ip(7), DESCRIPTION."""
    for state in states(record):
        with claim("reuse.one-socket-an-address", state):
            assert is_in_use(record, f"{state}, {NOTHING}")
    with claim("reuse.one-socket-an-address", "another port"):
        assert is_bound(record, "another port")


@both_sockets(ANOTHER)
def test_another_address_has_ports_of_its_own(record: RecordView, claim: ClaimContext) -> None:
    """ip(7), DESCRIPTION: it is the pair of address and port that only one socket has."""
    for state in states(record):
        with claim("reuse.one-socket-an-address", f"another address, {state}"):
            assert is_bound(record, f"{state}, {NOTHING}")


@observes("bind/conflict_protocols", family=INET_BOTH)
def test_one_socket_has_an_address_and_port_whatever_its_protocol(
    record: RecordView, claim: ClaimContext
) -> None:
    """ip(7), DESCRIPTION, which says so of IP sockets, and excepts no protocol."""
    for step in ("TCP first", "UDP first"):
        with claim("reuse.one-socket-an-address", step):
            assert is_in_use(record, step)


@both_sockets(WILDCARD4 | WILDCARD6)
def test_the_wildcard_is_every_address(record: RecordView, claim: ClaimContext) -> None:
    """ip(7), DESCRIPTION, INADDR_ANY; ipv6(7), DESCRIPTION, in6addr_any."""
    for state in states(record):
        with claim("reuse.wildcard-is-every-address", state):
            assert is_in_use(record, f"{state}, {NOTHING}")


# --- two versions of IP ---------------------------------------------------------------------------


@both_sockets(ACROSS)
def test_ipv4_and_ipv6_share_the_ports(record: RecordView, claim: ClaimContext) -> None:
    """ipv6(7), DESCRIPTION.  IPV6_V6ONLY is off."""
    for state in states(record):
        with claim("reuse.ports-shared", state):
            assert is_in_use(record, f"{state}, {NOTHING}")


@both_sockets(APART)
def test_ipv4_and_ipv6_share_the_ports_also_where_no_packet_could_be_meant_for_both(
    record: RecordView, claim: ClaimContext
) -> None:
    """ipv6(7), DESCRIPTION, which makes no exception."""
    for state in states(record):
        with claim("reuse.ports-shared", f"an address of IPv6, {state}"):
            assert is_in_use(record, f"{state}, {NOTHING}")


@both_sockets(V6ONLY)
def test_with_v6only_both_versions_have_the_port(record: RecordView, claim: ClaimContext) -> None:
    """ipv6(7), IPV6_V6ONLY; RFC 3493, 5.3."""
    for state in states(record):
        with claim("reuse.v6only-both", state):
            assert is_bound(record, f"{state}, {NOTHING}")


# --- SO_REUSEADDR ---------------------------------------------------------------------------------

OVERLAPPING: Final = SAME | WILDCARD4 | WILDCARD6 | ACROSS


@both_sockets(OVERLAPPING)
def test_reuseaddr_has_to_be_set_on_both(record: RecordView, claim: ClaimContext) -> None:
    """socket(7), NOTES.  Of a first socket that listens the tests below speak."""
    for state in idle_states(record):
        for words in ONE_ADDR:
            with claim("reuse.reuseaddr-on-both", f"{state}, {words}"):
                assert is_in_use(record, f"{state}, {words}")
        with claim("reuse.reuseaddr-on-both", f"{state}, {BOTH_ADDR}"):
            assert is_bound(record, f"{state}, {BOTH_ADDR}")


@both_sockets(SAME, types=("dgram",))
def test_reuseaddr_lets_an_address_be_reused(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024, 2.10.16, SO_REUSEADDR; how it works is left to the protocol."""
    for state in states(record):
        with claim("reuse.on-permits", state):
            assert is_bound(record, f"{state}, {BOTH_ADDR}")


INET_ONLY: Final[Pairs] = frozenset(pair for pair in SAME | WILDCARD4 if pair[0].endswith("4"))


@both_sockets(INET_ONLY)
def test_with_reuseaddr_only_a_listening_socket_is_in_the_way(
    record: RecordView, claim: ClaimContext
) -> None:
    """socket(7), SO_REUSEADDR, for AF_INET."""
    for state in idle_states(record):
        with claim("reuse.reuseaddr-but-listening", state):
            assert is_bound(record, f"{state}, {BOTH_ADDR}")
    if "listening" in states(record):
        with claim("reuse.reuseaddr-but-listening", "listening"):
            assert is_in_use(record, f"listening, {BOTH_ADDR}")


@both_sockets(frozenset(pair for pair in INET_ONLY if pair[0] == "any4"), types=("stream",))
def test_a_listening_socket_of_the_wildcard_has_the_port_at_every_address(
    record: RecordView, claim: ClaimContext
) -> None:
    """socket(7), SO_REUSEADDR."""
    for words in (NOTHING, *ONE_ADDR, BOTH_ADDR):
        with claim("reuse.listening-wildcard", words):
            assert is_in_use(record, f"listening, {words}")


# --- SO_REUSEADDR, and a server that starts again -------------------------------------------------

ENDS: Final = ("none", "closed by the client", "closed by the server", "open")
"""What became of the connection of the server before."""

HELD: Final = ("closed by the server", "open")
"""Where a socket of that connection still has the address: in TIME-WAIT, or open."""


@observes("bind/conflict_closed", family=INET_BOTH)
def test_a_closed_tcp_address_is_unavailable_for_some_time(
    record: RecordView, claim: ClaimContext
) -> None:
    """ip(7), DESCRIPTION; RFC 9293, 3.6.1: it is the side that closes first that waits."""
    for end in ENDS:
        with claim("reuse.unavailable-after-close", f"connection {end}, {NOTHING}"):
            assert is_in_use(record, f"{end}, {NOTHING}")
        with claim("reuse.unavailable-after-close", f"connection {end}, {BOTH_ADDR}"):
            assert is_bound(record, f"{end}, {BOTH_ADDR}")


@observes("bind/conflict_closed", family=INET_BOTH)
def test_reuseaddr_has_to_be_set_on_the_server_before_too(
    record: RecordView, claim: ClaimContext
) -> None:
    """socket(7), NOTES."""
    for end in HELD:
        for words in ONE_ADDR:
            with claim("reuse.reuseaddr-on-both", f"connection {end}, {words}"):
                assert is_in_use(record, f"{end}, {words}")
        with claim("reuse.reuseaddr-on-both", f"connection {end}, {BOTH_ADDR}"):
            assert is_bound(record, f"{end}, {BOTH_ADDR}")


@observes("bind/conflict_closed", family=INET_BOTH)
def test_reuseaddr_lets_a_server_start_again(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024, 2.10.16, SO_REUSEADDR."""
    for end in HELD:
        with claim("reuse.on-permits", f"connection {end}"):
            if not is_in_use(record, f"{end}, {NOTHING}"):
                raise NotObserved("the address is free without SO_REUSEADDR, too")
            assert is_bound(record, f"{end}, {BOTH_ADDR}")


# --- SO_REUSEPORT ---------------------------------------------------------------------------------


def demand_reuseport(record: RecordView) -> None:
    """The option is newer than the others, and POSIX does not have it."""
    if not any(step.endswith(BOTH_PORT) for step in record.steps):
        raise Unsupported("SO_REUSEPORT")


@both_sockets(SAME)
def test_with_reuseport_sockets_have_one_address(record: RecordView, claim: ClaimContext) -> None:
    """socket(7), SO_REUSEPORT: for AF_INET and AF_INET6, TCP and UDP."""
    demand_reuseport(record)
    for state in states(record):
        with claim("reuse.reuseport-identical", state):
            assert is_bound(record, f"{state}, {BOTH_PORT}")


@both_sockets(OVERLAPPING)
def test_reuseport_has_to_be_set_on_each(record: RecordView, claim: ClaimContext) -> None:
    """socket(7), SO_REUSEPORT: on each, the first included."""
    demand_reuseport(record)
    for state in states(record):
        for words in ONE_PORT:
            with claim("reuse.reuseport-on-each", f"{state}, {words}"):
                assert is_in_use(record, f"{state}, {words}")


@observes("bind/conflict_late", family=INET_BOTH, type=TYPES)
def test_reuseport_has_to_be_set_before_bind(record: RecordView, claim: ClaimContext) -> None:
    """socket(7), SO_REUSEPORT: prior to bind(), on the first as on the others."""
    for state in record.steps:
        with claim("reuse.reuseport-on-each", f"{state}, set after bind()"):
            assert is_in_use(record, state)


@observes("bind/conflict_shared", family=INET_BOTH, type="stream")
def test_reuseport_distributes_connections(record: RecordView, claim: ClaimContext) -> None:
    """socket(7), SO_REUSEPORT: each listener accepts a share of the connections."""
    with claim("reuse.reuseport-connections"):
        assert each_came_once(record)
    with claim("reuse.reuseport-connections", "shares"):
        assert both_had_some(record)


@observes("bind/conflict_shared", family=INET_BOTH, type="dgram")
def test_reuseport_distributes_datagrams(record: RecordView, claim: ClaimContext) -> None:
    """socket(7), SO_REUSEPORT: each socket gets a share of the datagrams."""
    with claim("reuse.reuseport-datagrams"):
        assert each_came_once(record)
    with claim("reuse.reuseport-datagrams", "shares"):
        assert both_had_some(record)


def each_came_once(record: RecordView) -> Finding:
    """Each client came to one of the two sockets, and to one only."""
    clients, came = record.number("clients"), record.number("of them came")
    times = record.number("to the first") + record.number("to the second")
    expected = f"each of {clients} clients at one of the sockets"
    return Finding(clients == came == times, expected, f"{came} clients, {times} times")


def both_had_some(record: RecordView) -> Finding:
    """The clients, whose ports differ, did not all come to the same socket."""
    shares = record.number("to the first"), record.number("to the second")
    return Finding(min(shares) > 0, "clients at both sockets", f"{shares[0]} and {shares[1]}")
