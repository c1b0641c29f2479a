# SPDX-License-Identifier: Apache-2.0
"""socket(): the domains AF_INET, AF_INET6, AF_ROUTE and AF_KEY, and the addresses of the first two.

AF_LOCAL has a file of its own, test_socket_local.py.
"""

from __future__ import annotations

import ipaddress

import attrs

from sockspec.check import (
    BOTH_STAGES,
    INET_BOTH,
    SAID,
    Address,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    RecordView,
    alive,
    observes,
)

LENGTHS = {"AF_INET": 16, "AF_INET6": 28}


# --- AF_INET and AF_INET6: the address ------------------------------------------------------------


def host_and_port(address: Address) -> tuple[str | None, int | None]:
    """As packets have them: an IPv4-mapped address goes as an IPv4 address (RFC 3493, 3.7)."""
    host = address.host or ""
    mapped = host.startswith("::ffff:")
    return (host.removeprefix("::ffff:") if mapped else host), address.port


def assert_bound(record: RecordView, bind: CallView, name: CallView) -> None:
    """It has exactly the name that it was given."""
    if record.stage == "host" and bind.errno == "EADDRINUSE":
        raise NotObserved("another program has this port")
    assert bind.returned(0)
    assert name.gave_address(bind.argument_address, LENGTHS[bind.argument_address.family])


def names_of(record: RecordView) -> tuple[Address, ...]:
    """The names that the sockets are bound to."""
    return tuple(call.argument_address for call in record.calls("bind"))


def assert_each_gets_its_own(record: RecordView) -> None:
    """Each socket has its name, gets what is sent to it, and no more."""
    binds = record.calls("bind")
    assert len(set(names_of(record))) == len(binds)
    for bind, name in zip(binds, record.calls("getsockname"), strict=True):
        assert_bound(record, bind, name)
    for i, bind in enumerate(binds):
        calls = record.calls(step=f"to {i}")
        heard = calls[-1]
        assert all(call.succeeded() for call in calls)
        assert heard.call == "recv"
        assert heard.got_just_pattern(SAID, seed=i)
        taker = heard if record.variant["type"] == "dgram" else record.the("accept", f"to {i}")
        assert Finding(
            taker.args["fd"] == bind.args["fd"], f"the socket of {bind.argument_address}", taker
        )
    for call in record.calls("poll", step="more"):
        assert call.returned(0)


def destinations(record: RecordView) -> list[tuple[str, int | None]]:
    """Where the datagrams, or the first segments of connections, went: host and port."""
    wanted = "is_udp" if record.variant["type"] == "dgram" else "is_syn"
    return [(packet.dst, packet.dport) for packet in record.packets if getattr(packet, wanted)]


def versions(record: RecordView) -> set[int]:
    """The IP versions of all packets."""
    return {packet.version for packet in record.packets}


def ports_or_loopback(variant: dict[str, str]) -> bool:
    """The addresses that differ are those of the loopback device."""
    return variant["differ"] == "port" or variant["stage"] == "lo"


@observes(
    "socket/domain_delivery",
    differ=("address", "port"),
    family="inet",
    stage=BOTH_STAGES,
    type=("stream", "dgram"),
    when=ports_or_loopback,
)
def test_every_bit_of_an_inet_name_counts(record: RecordView, claim: ClaimContext) -> None:
    """RFC 791, 3.1, RFC 768 and RFC 9293, 3.1: 32 bits of address, 16 of port."""
    with claim("socket.domain-inet", "delivery"):
        assert_each_gets_its_own(record)
    with claim("socket.domain-inet", "on the wire"):
        assert destinations(record) == [host_and_port(name) for name in names_of(record)]
        assert versions(record) == {4}


@observes(
    "socket/domain_delivery",
    differ=("address", "port"),
    family="inet6",
    stage=BOTH_STAGES,
    type=("stream", "dgram"),
    when=ports_or_loopback,
)
def test_every_bit_of_an_inet6_name_counts(record: RecordView, claim: ClaimContext) -> None:
    """RFC 8200, 3: IPv6, but for IPv4-mapped addresses, which go by IPv4 (RFC 3493, 3.7)."""
    with claim("socket.domain-inet6", "delivery"):
        assert_each_gets_its_own(record)
    with claim("socket.domain-inet6", "on the wire"):
        assert destinations(record) == [host_and_port(name) for name in names_of(record)]
        assert versions(record) == ({6} if record.variant["differ"] == "port" else {4, 6})


FLIPS = (0x80, 0x01)


def one_bit_apart(base: Address) -> list[str]:
    """The addresses that differ in the first or the last bit of one byte."""
    number = ipaddress.ip_address(base.host or "")
    packed = number.packed
    others = (
        packed[:i] + bytes([packed[i] ^ bit]) + packed[i + 1 :]
        for i in range(len(packed))
        for bit in FLIPS
    )
    return [str(ipaddress.ip_address(other)) for other in others]


def assert_bound_one_bit_apart(record: RecordView) -> None:
    """All have one port, and nobody is in another's way."""
    first = record.the("getsockname", "the first")
    assert record.the("bind", "the first").returned(0)
    wanted = [attrs.evolve(first.address, host=host) for host in one_bit_apart(first.address)]
    names = record.calls("getsockname", step="others")
    for bind, name in zip(record.calls("bind", step="others"), names, strict=True):
        assert_bound(record, bind, name)
    assert [name.address for name in names] == wanted
    assert record.the("bind", "the first again").failed_with("EADDRINUSE")


@observes("socket/domain_address", family="inet", type=("stream", "dgram"))
def test_an_inet_address_has_32_bits(record: RecordView, claim: ClaimContext) -> None:
    """ip(7), IP_FREEBIND: the addresses need not be this host's."""
    with claim("socket.domain-inet", "bind() and getsockname()"):
        assert_bound_one_bit_apart(record)


@observes("socket/domain_address", family="inet6", type=("stream", "dgram"))
def test_an_inet6_address_has_128_bits(record: RecordView, claim: ClaimContext) -> None:
    with claim("socket.domain-inet6", "bind() and getsockname()"):
        assert_bound_one_bit_apart(record)


@observes("socket/domain_scope", type=("stream", "dgram"))
def test_a_link_local_address_belongs_to_an_interface(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 3493, 3.3, and ipv6(7): sin6_scope_id is the interface's index."""
    bind, name = record.calls(step="its interface")
    with claim("socket.domain-inet6", "the interface of an address"):
        assert bind.returned(0)
        wanted = attrs.evolve(bind.argument_address, port=name.address.port)
        assert wanted.scope == record.number("interface") > 0
        assert name.gave_address(wanted, LENGTHS["AF_INET6"])
    for step in ("no interface", "no such interface"):
        with claim("socket.domain-inet6", step):
            assert record.the("bind", step).failed_with("EINVAL", "ENODEV", "ENXIO")
            assert record.the("getsockname", step).gave_address(Address.inet6("::", 0))


@observes("socket/domain_mapped", stage=BOTH_STAGES, type=("stream", "dgram"))
def test_an_inet6_socket_has_an_ipv4_peer_by_an_ipv6_address(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 3493, 3.7: it is ::ffff: and the IPv4 address."""
    client = record.address("client")
    mapped = Address.inet6(f"::ffff:{client.host}", client.port or 0)
    server = record.address("server")
    server = Address.inet6(f"::ffff:{server.host}", server.port or 0)
    with claim("socket.domain-inet6", "the address of an IPv4 peer"):
        if record.variant["type"] == "dgram":
            assert record.the("recvfrom").gave_address(mapped, LENGTHS["AF_INET6"])
            assert record.the("recvfrom").got_just_pattern(SAID, seed=1)
            assert record.the("sendto").returned(len(b"answer"))
            assert record.the("recv").got(b"answer")
        else:
            assert record.the("accept").gave_address(mapped, LENGTHS["AF_INET6"])
            assert record.the("getpeername").gave_address(mapped, LENGTHS["AF_INET6"])
            assert record.the("getsockname").address == server
            assert alive(record.calls(step="exchange"))


# --- AF_INET and AF_INET6: another address --------------------------------------------------------

ANOTHER = ("EAFNOSUPPORT", "EINVAL", "EDESTADDRREQ")
"""POSIX.1-2024 bind(), connect(), sendto(): no address of this family; not a length of one; for
sendto() to AF_UNSPEC also: no address at all."""


OWN = ("bind its own", "connect its own", "sendto its own")


def assert_refused(record: RecordView, step: str) -> None:
    """The call failed, and the socket has neither this name nor this peer."""
    call = record.the(step.split(" ", maxsplit=1)[0], step)
    assert call.failed_with(*ANOTHER)
    if call.call == "sendto":
        return
    assert record.the("getpeername", step).failed_with("ENOTCONN")
    wildcard = "::" if record.variant["family"] == "inet6" else "0.0.0.0"
    assert record.the("getsockname", step).address.host == wildcard


def assert_taken(record: RecordView, step: str) -> None:
    call = record.the(step.split(" ", maxsplit=1)[0], step)
    assert call.succeeded()
    if call.call == "bind":
        bound = record.the("getsockname", step).address
        assert attrs.evolve(bound, port=0) == call.argument_address
    if call.call == "connect":
        assert record.the("getpeername", step).gave_address(call.argument_address)


@observes("socket/domain_mismatch", family="inet", type=("stream", "dgram"))
def test_an_inet_socket_takes_only_ipv4_addresses(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 bind(), connect(), sendto(): EAFNOSUPPORT, EINVAL."""
    for step in record.steps:
        with claim("socket.domain-inet", step):
            if step in OWN:
                assert_taken(record, step)
            else:
                assert_refused(record, step)


@observes("socket/domain_mismatch", family="inet6", type=("stream", "dgram"))
def test_an_inet6_socket_takes_only_ipv6_addresses(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 bind(), connect(), sendto(): EAFNOSUPPORT, EINVAL."""
    for step in record.steps:
        with claim("socket.domain-inet6", step):
            if step in OWN:
                assert_taken(record, step)
            else:
                assert_refused(record, step)


# --- AF_ROUTE and AF_KEY --------------------------------------------------------------------------


def assert_answered(record: RecordView, step: str) -> None:
    """The question was taken, and something came."""
    question = record.the("send", step)
    assert question.returned(question.args["size"])
    assert all(call.returned(1) for call in record.calls("poll", step=step))
    assert all(call.succeeded() for call in record.calls("recv", step=step))


@observes("socket/domain_route", family=INET_BOTH, stage=BOTH_STAGES, type=("raw", "dgram"))
def test_a_routing_socket_answers_questions_about_links_and_routes(
    record: RecordView, claim: ClaimContext
) -> None:
    """netlink(7), rtnetlink(7): AF_ROUTE is AF_NETLINK there, and protocol 0 is NETLINK_ROUTE."""
    links = {"lo"} | ({"near"} if record.stage == "pair" else set())
    with claim("socket.domain-route", "the socket"):
        assert record.the("socket").succeeded()
    with claim("socket.domain-route", "links"):
        assert_answered(record, "links")
        found = set(record.notes("link"))
        assert Finding(links <= found, f"the links {sorted(links)}", f"{sorted(found)}")
    with claim("socket.domain-route", "a route"):
        assert_answered(record, "route to the other host")
        way = "near" if record.stage == "pair" else "lo"
        routes = record.notes("route")
        assert Finding(routes == (way,), f"the route by {way}", f"by {routes}")
    with claim("socket.domain-route", "each answer is to its question"):
        assert sorted(set(record.notes("sequence"))) == list(range(1, len(record.steps)))
    if record.stage == "host":  # whose routes are not ours
        return
    with claim("socket.domain-route", "no route"):
        assert_answered(record, "route to where none leads")
        answer = record.notes("answer")
        assert Finding(answer == ("ENETUNREACH",), "the answer ENETUNREACH", f"{answer}")


@observes("socket/domain_key")
def test_a_key_socket_answers_questions_about_keys(record: RecordView, claim: ClaimContext) -> None:
    """RFC 2367, 2.2, 3.1.7 and 3.1.10: the answer has the question's type, number and process."""
    with claim("socket.domain-key"):
        assert record.the("socket").succeeded()
        for step in ("register", "dump"):
            assert_answered(record, step)
        assert record.notes("sequence") == (1, 2)
        assert record.notes("type") == record.notes("type asked")
        assert record.notes("pid") == record.notes("pid asked")
        registered, dumped = record.notes("answer")
        assert Finding(registered == "0", "the algorithms", f"{registered}")
        assert Finding(dumped in ("0", "ENOENT"), "the keys, or ENOENT", f"{dumped}")
