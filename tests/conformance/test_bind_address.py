# SPDX-License-Identifier: Apache-2.0
"""Which addresses lead to a bound socket: the wildcard, one address, and both versions of IP.

ip(7), INADDR_ANY: it means any address for binding.  RFC 3493, 3.7: an AF_INET6 socket has IPv4
addresses as ::ffff:a.b.c.d; 5.3: with IPV6_V6ONLY it is used for IPv6 only.
"""

from __future__ import annotations

from sockspec.check import (
    BOTH_STAGES,
    INET_BOTH,
    SAID,
    WOULD_BLOCK,
    ClaimContext,
    RecordView,
    observes,
    pattern,
)

TYPES = ("stream", "dgram")
MAPPED = "::ffff:"


def assert_heard(record: RecordView, step: str, seed: int) -> None:
    """What the client said came to the socket, or to the one that it accepted the client with.

    The accepted socket's own name is the address at which the client found it.
    """
    to = record.the("connect", step).argument_address
    assert record.the("connect", step).returned(0)
    assert record.the("write", step).returned(SAID)
    if record.variant["type"] == "dgram":
        assert record.the("recvfrom", step).got(pattern(SAID, seed=seed))
        return
    assert record.the("accept", step).succeeded()
    assert record.the("recv", step).got(pattern(SAID, seed=seed))
    assert record.the("getsockname", step).succeeded()
    own = record.the("getsockname", step).address
    assert (own.host, own.port) in ((to.host, to.port), (f"{MAPPED}{to.host}", to.port))


def assert_refused(record: RecordView, step: str) -> None:
    """Nobody has that address at this port.

    RFC 9293, 3.10.7.1: the SYN is answered with a RST; RFC 1122, 4.1.3.1: the datagram with an ICMP
    port unreachable, which the connected client is told as ECONNREFUSED: udp(7).
    """
    if record.variant["type"] == "stream":
        assert record.the("connect", step).failed_with("ECONNREFUSED")
        return
    assert record.the("connect", step).returned(0)
    assert record.the("write", step).returned(SAID)
    assert record.the("recvfrom", step).failed_with(*WOULD_BLOCK)
    assert record.the("getsockopt", step).returned(0)
    assert record.the("getsockopt", step).text("error") == "ECONNREFUSED"


@observes("bind/specific", family=INET_BOTH, stage=BOTH_STAGES, type=TYPES)
def test_a_socket_bound_to_one_address_hears_nothing_that_is_sent_to_another(
    record: RecordView, claim: ClaimContext
) -> None:
    """The opposite of the wildcard; an AF_INET6 socket may also be bound to an IPv4 address."""
    places = [step.removeprefix("at ") for step in record.steps if ", to " not in step]
    for place in places:
        own = record.the("getsockname", f"at {place}").address
        with claim("names.getsockname", f"at {place}"):
            assert record.the("bind", f"at {place}").returned(0)
            assert record.the("getsockname", f"at {place}").succeeded()
            assert own.host == record.the("bind", f"at {place}").argument_address.host
            assert own.port != 0
        for seed, other in enumerate(places):
            with claim("bind.wildcard", f"not the wildcard: at {place}, to {other}"):
                step = f"at {place}, to {other}"
                assert record.the("connect", step).argument_address.port == own.port
                if place == other:
                    assert_heard(record, step, seed)
                else:
                    assert_refused(record, step)


@observes(
    "bind/v6only",
    address="wildcard",
    family="inet6",
    stage=BOTH_STAGES,
    type=TYPES,
    v6only=("yes", "no"),
)
def test_the_ipv6_wildcard_takes_ipv4_unless_it_is_ipv6_only(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 3493, 5.3: with IPV6_V6ONLY one server may serve IPv6, and another IPv4, at one port."""
    steps = [step for step in record.steps if step in ("near", "loopback", "mapped")]
    only = record.variant["v6only"] == "yes"
    with claim("bind.wildcard", "the option"):
        assert record.the("setsockopt").returned(0)
        assert record.the("bind", "bound").returned(0)
        assert record.the("getsockname", "bound").address.host == "::"
    for seed, step in enumerate(steps):
        with claim("bind.wildcard", step):
            if only and step == "mapped":
                assert_refused(record, step)
            else:
                assert_heard(record, step, seed)
    if not only:
        return
    with claim("bind.wildcard", "an AF_INET socket beside it"):
        assert record.the("bind", "an AF_INET socket beside it").returned(0)
        assert_heard(record, "its client", 7)


@observes(
    "bind/v6only", address="mapped", family="inet6", stage=BOTH_STAGES, type=TYPES, v6only="no"
)
def test_the_ipv4_wildcard_of_an_ipv6_socket_takes_ipv4_alone(
    record: RecordView, claim: ClaimContext
) -> None:
    """::ffff:0.0.0.0, which is INADDR_ANY to an AF_INET6 socket: every IPv4 address of the host."""
    with claim("names.getsockname", "::ffff:0.0.0.0"):
        assert record.the("bind", "bound").returned(0)
        assert record.the("getsockname", "bound").succeeded()
        own = record.the("getsockname", "bound").address
        assert own.host == record.the("bind", "bound").argument_address.host
        assert own.port != 0
    steps = [step for step in record.steps if step in ("near", "loopback", "mapped")]
    for seed, step in enumerate(steps):
        with claim("bind.wildcard", step):
            if step == "mapped":
                assert_heard(record, step, seed)
            else:
                assert_refused(record, step)


@observes(
    "bind/v6only", address="mapped", family="inet6", stage=BOTH_STAGES, type=TYPES, v6only="yes"
)
def test_an_ipv6_only_socket_cannot_be_bound_to_an_ipv4_address(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 3493, 5.3; POSIX.1-2024 bind(), EINVAL or EADDRNOTAVAIL: not for this socket."""
    with claim("bind.returns-zero", "an IPv4 address, with IPV6_V6ONLY"):
        assert record.the("setsockopt").returned(0)
        assert record.the("bind", "bound").failed_with("EINVAL", "EADDRNOTAVAIL")
