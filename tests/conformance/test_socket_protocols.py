# SPDX-License-Identifier: Apache-2.0
"""socket(): the protocol, named or 0, and what the socket then speaks.

POSIX.1-2024 socket(); socket(2).
"""

from __future__ import annotations

from sockspec.check import (
    BOTH_STAGES,
    INET_BOTH,
    SAID,
    TYPES,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    Unsupported,
    alive,
    observes,
    pattern,
)


def between_fences(record: RecordView) -> tuple[Packet, ...]:
    """What crossed the stage between the first marker and the second."""
    return record.packets_between(record.fence(1), record.fence(2))


NUMBERS = {"stream": 6, "dgram": 17}
"""The protocol numbers of TCP and UDP that IANA has assigned; IP headers have them."""
WIRE = {"stream": "TCP", "dgram": "UDP"}


def assert_speaks(record: RecordView) -> None:
    """A socket that was made so speaks with one that was made the other way."""
    assert all(call.succeeded() for call in record.calls("socket"))
    assert all(call.succeeded() for call in record.calls(step="connect"))
    assert alive(record.calls(step="exchange"))


def option(record: RecordView, name: str) -> CallView:
    """The getsockopt() of this option."""
    found = [call for call in record.calls("getsockopt") if call.args["option"] == name]
    if not found:
        raise NotObserved(f"this target has no {name}")
    return found[0]


def assert_is(record: RecordView) -> None:
    """It is a socket of the protocol that the type stands for."""
    kind = record.variant["type"]
    assert option(record, "SO_PROTOCOL").returned(0)
    assert option(record, "SO_PROTOCOL").number("value") == NUMBERS[kind]
    assert option(record, "SO_TYPE").number("value") == record.number(f"SOCK_{kind.upper()}")
    assert record.number("protocol") in (0, NUMBERS[kind])
    nodelay = option(record, "TCP_NODELAY")
    if kind == "stream":
        assert nodelay.returned(0)
    else:
        assert not nodelay.succeeded()


def assert_on_the_wire(record: RecordView) -> None:
    """Only packets of this protocol cross the stage, and a TCP connection begins with a SYN."""
    packets = between_fences(record)
    kind = record.variant["type"]
    near, far = record.hosts
    assert {(packet.src, packet.dst) for packet in packets} == {(near, far), (far, near)}
    assert {packet.protocol for packet in packets} == {WIRE[kind]}
    if kind == "stream":
        assert packets[0].is_syn
    said = [packet.payload for packet in packets if packet.has_data]
    assert said == [pattern(SAID, seed=1), pattern(SAID, seed=2)]


@observes(
    "socket/protocol_named",
    family=INET_BOTH,
    protocol="zero",
    stage=BOTH_STAGES,
    type=("stream", "dgram"),
)
def test_0_is_the_protocol_of_the_domain_and_the_type(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 socket(): a default protocol appropriate for the requested socket type."""
    with claim("socket.protocol-zero", "speaks with one that names it"):
        assert_speaks(record)
    with claim("socket.protocol-zero", "options"):
        assert_is(record)
    with claim("socket.protocol-zero", "on the wire"):
        assert_on_the_wire(record)


@observes("socket/protocol_named", family="unix", protocol="zero", type=TYPES)
def test_0_is_a_unix_sockets_protocol(record: RecordView, claim: ClaimContext) -> None:
    kind = record.variant["type"]
    with claim("socket.protocol-zero", "speaks"):
        assert_speaks(record)
    with claim("socket.protocol-zero", "options"):
        assert option(record, "SO_TYPE").returned(0)
        assert option(record, "SO_TYPE").number("value") == record.number(f"SOCK_{kind.upper()}")
        assert not option(record, "TCP_NODELAY").succeeded()


@observes(
    "socket/protocol_named", family=INET_BOTH, protocol="tcp", stage=BOTH_STAGES, type="stream"
)
def test_ipproto_tcp_is_tcp(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 <netinet/in.h>, IPPROTO_TCP; RFC 9293."""
    with claim("socket.protocol-tcp", "speaks with one that names none"):
        assert_speaks(record)
    with claim("socket.protocol-tcp", "options"):
        assert_is(record)
    with claim("socket.protocol-tcp", "on the wire"):
        assert_on_the_wire(record)


@observes(
    "socket/protocol_named", family=INET_BOTH, protocol="udp", stage=BOTH_STAGES, type="dgram"
)
def test_ipproto_udp_is_udp(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 <netinet/in.h>, IPPROTO_UDP; RFC 768."""
    with claim("socket.protocol-udp", "speaks with one that names none"):
        assert_speaks(record)
    with claim("socket.protocol-udp", "options"):
        assert_is(record)
    with claim("socket.protocol-udp", "on the wire"):
        assert_on_the_wire(record)


NO_SUCH = ("EPROTONOSUPPORT", "EPROTOTYPE", "ESOCKTNOSUPPORT")
"""POSIX.1-2024 socket(): not of this domain, not of this type; socket(2): no such type here."""
ITS_OWN = ("AF_INET, its own type", "AF_INET6, its own type")


def assert_only_its_own(record: RecordView, step: str) -> None:
    call = record.the("socket", step)
    if step in ITS_OWN:
        assert call.succeeded()
    else:
        assert call.failed_with(*NO_SUCH)


@observes("socket/protocol_mismatch", protocol="tcp")
def test_ipproto_tcp_is_nothing_else(record: RecordView, claim: ClaimContext) -> None:
    for step in record.steps:
        with claim("socket.protocol-tcp", step):
            assert_only_its_own(record, step)


@observes("socket/protocol_mismatch", protocol="udp")
def test_ipproto_udp_is_nothing_else(record: RecordView, claim: ClaimContext) -> None:
    for step in record.steps:
        with claim("socket.protocol-udp", step):
            assert_only_its_own(record, step)


SCTP = 132


def assert_only_sctp(record: RecordView) -> None:
    """Nothing else crossed the stage."""
    protocols = {packet.protocol for packet in between_fences(record)}
    assert protocols == {f"IP protocol {SCTP}"}


@observes(
    "socket/protocol_named",
    family=INET_BOTH,
    protocol="sctp",
    stage=BOTH_STAGES,
    type="stream",
)
def test_ipproto_sctp_is_sctp(record: RecordView, claim: ClaimContext) -> None:
    """RFC 6458, 4.1, the one-to-one style; RFC 9260: protocol 132."""
    with claim("socket.protocol-sctp"):
        assert_speaks(record)
        assert record.number("protocol") == SCTP
        assert option(record, "SO_PROTOCOL").returned(0)
        assert option(record, "SO_PROTOCOL").number("value") == SCTP
        assert not option(record, "TCP_NODELAY").succeeded()
        assert_only_sctp(record)


@observes("socket/protocol_tipc")
def test_ipproto_tipc_is_tipc(record: RecordView, claim: ClaimContext) -> None:
    """TIPC has an address family, AF_TIPC, with 0 as the protocol (socket(2), address_families(7)).

    A target that has TIPC and does not give it by the name IPPROTO_TIPC refutes the claim; one that
    has no TIPC at all lacks what the claim speaks of.
    """
    by_family = record.calls("socket", step="AF_TIPC") if "AF_TIPC" in record.steps else ()
    named = [call for call in record.calls("socket") if call not in by_family]
    declared = record.text("IPPROTO_TIPC")
    with claim("socket.protocol-tipc"):
        if not any(call.succeeded() for call in record.calls("socket")):
            raise Unsupported(f"TIPC; IPPROTO_TIPC is {declared}")
        assert Finding(declared == "declared", "IPPROTO_TIPC declared", declared)
        assert any(call.succeeded() for call in named)
