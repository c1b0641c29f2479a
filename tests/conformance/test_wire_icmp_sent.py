# SPDX-License-Identifier: Apache-2.0
"""What a host itself sends by ICMP: the errors that it owes, and none where it owes none."""

from __future__ import annotations

import ipaddress
from typing import Final

from sockspec.check import (
    SAID,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    observes,
    pattern,
)

TO_NOBODY: Final = ("port_empty", "port_short", "port_long")
ICMP_HEADER: Final = 8
ICMPV6: Final = 58
"""The protocol's number."""
IPV4_LEAST_QUOTE: Final = 28
"""The IP header and 8 bytes."""
IPV6_HEADER: Final = 40
IPV6_MINIMUM_MTU: Final = 1280
NEXT_HEADER: Final = 6
"""Where the IPv6 header says what follows it."""
TOS_BITS: Final = 0x1F
"""The byte without the precedence (RFC 1122, 3.2.1.6)."""
IDENTIFIER: Final = bytes.fromhex("12345678")


def listed(packets: tuple[Packet, ...]) -> str:
    return ", ".join(map(str, packets)) or "nothing"


def request(record: RecordView) -> Packet:
    """What the peer sent."""
    before, after = record.fences[:2]
    found = [p for p in record.packets_between(before, after) if not p.sent]
    if len(found) != 1:
        raise NotObserved(f"of the peer's packet there are {len(found)}")
    return found[0]


def answers(record: RecordView) -> tuple[Packet, ...]:
    """What the near host sent upon it; that it answers at all is shown by another datagram."""
    before, _, after, _, end = record.fences
    again = [p for p in record.packets_between(after, end) if p.sent]
    if not any(p.icmp_name == "port unreachable" for p in again):
        raise NotObserved("not even a datagram to nobody is answered by an error")
    return tuple(p for p in record.packets_between(before, after) if p.sent)


def captured(record: RecordView, packet: Packet) -> bytes:
    """The packet's bytes, from its IP header on, as far as they were captured."""
    if record.record.packets is None:
        raise NotObserved("no packets are captured")
    return bytes.fromhex(sorted(record.record.packets, key=lambda p: p.t)[packet.n].bytes)


def has_right_checksum(record: RecordView, packet: Packet) -> bool:
    """Of an ICMP message that was captured whole (RFC 792; RFC 4443, 2.3); else nobody can tell."""
    raw = captured(record, packet)
    if len(raw) < packet.length:
        return True
    message = raw[-(packet.payload_length + ICMP_HEADER) :]
    if packet.version == 6:
        addresses = (
            ipaddress.ip_address(packet.src).packed + ipaddress.ip_address(packet.dst).packed
        )
        message = addresses + len(message).to_bytes(4) + ICMPV6.to_bytes(4) + message
    message += b"\0" * (len(message) % 2)
    total = sum(int.from_bytes(message[at : at + 2]) for at in range(0, len(message), 2))
    return total > 0 and total % 0xFFFF == 0


def one(record: RecordView, packets: tuple[Packet, ...], name: str, to: Packet) -> Finding:
    """Just one message of this name, to where `to` came from, from where it went to."""
    expected = f"one {name} from {to.dst} to {to.src}"
    ok = len(packets) == 1 and packets[0].icmp_name == name
    ok = ok and (packets[0].src, packets[0].dst) == (to.dst, to.src)
    if ok and not has_right_checksum(record, packets[0]):
        return Finding(False, expected, f"{packets[0]}, with a wrong checksum")
    return Finding(ok, expected, listed(packets))


def none(packets: tuple[Packet, ...]) -> Finding:
    return Finding(not packets, "nothing sent", listed(packets))


def the_error(record: RecordView) -> Packet:
    """The only error that was sent."""
    errors = [p for p in answers(record) if p.is_icmp_error]
    if len(errors) != 1:
        raise NotObserved(f"{len(errors)} errors were sent")
    return errors[0]


def quotes(record: RecordView, error: Packet, about: Packet) -> Finding:
    """It quotes the packet unchanged, to the last byte of which both were captured."""
    told = error.quoted
    if told is None:
        return Finding(False, f"a quote of {about}", "none")
    pairs = enumerate(zip(captured(record, about), error.payload, strict=False))
    changed = [at for at, (sent, quoted) in pairs if sent != quoted]
    return Finding(not changed, f"a quote of {about}", f"{told}, changed bytes: {changed}")


@observes("icmp/answers", stage="wire", family="inet", kind=TO_NOBODY)
def test_a_datagram_to_nobody(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1122, 4.1.3.1 and 3.2.2."""
    with claim("icmp.port-unreachable"):
        assert one(record, answers(record), "port unreachable", request(record))
    with claim("icmp.quotes-unchanged"):
        error = the_error(record)
        assert quotes(record, error, request(record))
        enough = error.payload_length >= IPV4_LEAST_QUOTE
        assert Finding(enough, "28 bytes or more", f"{error.payload_length}")
    with claim("icmp.zero-tos"):
        tos = the_error(record).tos
        assert Finding(tos is not None and not tos & TOS_BITS, "no type of service", str(tos))


@observes("icmp/answers", stage="wire", family="inet6", kind=TO_NOBODY)
def test_a_datagram_of_ipv6_to_nobody(record: RecordView, claim: ClaimContext) -> None:
    """RFC 4443, 3.1 and 2.4 (c)."""
    with claim("icmp.v6-port-unreachable"):
        assert one(record, answers(record), "port unreachable", request(record))
    with claim("icmp.v6-quotes"):
        error, about = the_error(record), request(record)
        assert quotes(record, error, about)
        length = min(IPV6_MINIMUM_MTU, IPV6_HEADER + ICMP_HEADER + about.length)
        assert Finding(error.length == length, f"an error of {length} bytes", f"{error.length}")


@observes("icmp/answers", stage="wire", family="inet", kind="protocol")
def test_a_protocol_that_nobody_has(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1122, 3.2.2.1 and 3.2.2."""
    with claim("icmp.protocol-unreachable"):
        assert one(record, answers(record), "protocol unreachable", request(record))
    with claim("icmp.quotes-unchanged"):
        assert quotes(record, the_error(record), request(record))


@observes("icmp/answers", stage="wire", family="inet6", kind="protocol")
def test_a_next_header_that_nobody_knows(record: RecordView, claim: ClaimContext) -> None:
    """RFC 4443, 3.4 and 2.4 (c)."""
    with claim("icmp.v6-next-header"):
        assert one(record, answers(record), "unknown next header", request(record))
        pointer = the_error(record).pointer
        assert Finding(pointer == NEXT_HEADER, f"pointer {NEXT_HEADER}", f"{pointer}")
    with claim("icmp.v6-quotes"):
        assert quotes(record, the_error(record), request(record))


@observes("icmp/answers", stage="wire", family="inet", kind="multicast")
def test_a_datagram_to_many(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1122, 3.2.2."""
    with claim("icmp.none-about-multicast"):
        assert none(answers(record))


@observes("icmp/answers", stage="wire", family="inet", kind="broadcast")
def test_a_datagram_to_all(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1122, 3.2.2."""
    with claim("icmp.none-about-broadcast"):
        assert none(answers(record))


@observes("icmp/answers", stage="wire", family="inet6", kind="multicast")
def test_a_datagram_of_ipv6_to_many(record: RecordView, claim: ClaimContext) -> None:
    """RFC 4443, 2.4 (e.3)."""
    with claim("icmp.v6-none-about-multicast"):
        assert none(answers(record))


@observes("icmp/answers", stage="wire", family="inet", kind=("error", "unknown_error"))
def test_an_error_is_not_answered(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1122, 3.2.2."""
    with claim("icmp.none-about-error"):
        assert none(answers(record))


@observes("icmp/answers", stage="wire", family="inet6", kind=("error", "unknown_error"))
def test_an_error_of_ipv6_is_not_answered(record: RecordView, claim: ClaimContext) -> None:
    """RFC 4443, 2.4 (e.1)."""
    with claim("icmp.v6-none-about-error"):
        assert none(answers(record))


@observes("icmp/answers", stage="wire", family="inet", kind="unknown_type")
def test_an_unknown_message_is_not_answered(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1122, 3.2.2."""
    with claim("icmp.unknown-type-discarded"):
        assert none(answers(record))


@observes("icmp/answers", stage="wire", family="inet6", kind="unknown_type")
def test_an_unknown_message_of_ipv6_is_not_answered(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 4443, 2.4 (b)."""
    with claim("icmp.v6-unknown-message-discarded"):
        assert none(answers(record))


def same_data(record: RecordView) -> Finding:
    """The reply has the request's data, identifier and sequence number."""
    replies = answers(record)
    if len(replies) != 1:
        return Finding(False, "one echo reply", listed(replies))
    reply = replies[0]
    ok = reply.icmp_body == IDENTIFIER and reply.payload == pattern(SAID, seed=1)
    return Finding(ok, f"identifier 12345678 and {SAID} bytes of pattern 1", str(reply))


@observes("icmp/answers", stage="wire", family="inet", kind="echo")
def test_an_echo(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1122, 3.2.2.6."""
    with claim("icmp.echo-reply"):
        assert one(record, answers(record), "echo reply", request(record))
    with claim("icmp.echo-data"):
        assert same_data(record)


@observes("icmp/answers", stage="wire", family="inet6", kind="echo")
def test_an_echo_of_ipv6(record: RecordView, claim: ClaimContext) -> None:
    """RFC 4443, 4.2."""
    with claim("icmp.v6-echo-reply"):
        assert one(record, answers(record), "echo reply", request(record))
    with claim("icmp.v6-echo-data"):
        assert same_data(record)


def about_the_first(record: RecordView) -> Finding:
    """The only error is that the first fragment's datagram was not completed."""
    first = next((p for p in record.received("UDP") if p.more_fragments), None)
    if first is None:
        raise NotObserved("the first fragment was not captured")
    return one(record, record.sent("ICMP"), "reassembly time exceeded", first)


def none_about_the_other(record: RecordView) -> Finding:
    """No error quotes a fragment that is not the first, whose time was over before."""
    errors = [p for p in record.sent("ICMP") if p.quoted is not None and p.quoted.fragment_offset]
    return Finding(not errors, "no error about it", listed(tuple(errors)))


@observes("icmp/reassembly", stage="wire", family="inet")
def test_fragments_that_are_not_all(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1122, 3.3.2 and 3.2.2."""
    with claim("icmp.reassembly-time-exceeded"):
        assert about_the_first(record)
    with claim("icmp.none-about-fragment"):
        if not record.sent("ICMP"):
            raise NotObserved("not even the first fragment is answered")
        assert none_about_the_other(record)


@observes("icmp/reassembly", stage="wire", family="inet6")
def test_fragments_of_ipv6_that_are_not_all(record: RecordView, claim: ClaimContext) -> None:
    """RFC 4443, 3.3; RFC 8200, 4.5."""
    with claim("icmp.v6-reassembly-time-exceeded"):
        assert about_the_first(record)
