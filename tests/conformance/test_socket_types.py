# SPDX-License-Identifier: Apache-2.0
"""socket(): the types SOCK_SEQPACKET, SOCK_RAW and SOCK_PACKET.

POSIX.1-2024 2.10.6, Socket Types; the manual pages raw(7) and packet(7).
"""

from __future__ import annotations

import ipaddress

import attrs

from sockspec.check import (
    BOTH_STAGES,
    INET_BOTH,
    READERS,
    SAID,
    WOULD_BLOCK,
    WRITERS,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    observes,
    pattern,
)


def between_fences(record: RecordView) -> tuple[Packet, ...]:
    """What crossed the stage between the first marker and the second."""
    return record.packets_between(record.fence(1), record.fence(2))


# --- SOCK_SEQPACKET -------------------------------------------------------------------------------

RECORDS = (1, 64, 1, 5000, 2, 1023, 1024)


def assert_kept_records(record: RecordView, step: str) -> None:
    """Each call received one record, whole, in the order in which they were sent."""
    sender, _, reader = step.removeprefix("back: ").partition(" to ")
    sends, receives = record.calls(sender, step=step), record.calls(reader, step=step)
    for i, (size, sent, got) in enumerate(zip(RECORDS, sends, receives, strict=True)):
        assert sent.returned(size)
        assert got.got_just_pattern(size, seed=i)


def assert_nothing_more(record: RecordView) -> None:
    """No socket has anything left."""
    for call in record.calls(step="nothing more"):
        assert call.failed_with(*WOULD_BLOCK)


@observes("socket/type_seqpacket", by=READERS, family="unix")
def test_each_record_is_received_by_itself_and_in_order(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 2.10.6: a single operation never transfers parts of more than one record."""
    with claim("socket.type-seqpacket", "the connection"):
        assert all(call.succeeded() for call in record.calls(step="open"))
    reader = record.variant["by"]
    for step in (*(f"{writer} to {reader}" for writer in WRITERS), f"back: send to {reader}"):
        with claim("socket.type-seqpacket", step):
            assert_kept_records(record, step)
    with claim("socket.type-seqpacket", "nothing more"):
        assert_nothing_more(record)


@observes("socket/type_seqpacket_inet", family=INET_BOTH, protocol="zero", stage=BOTH_STAGES)
def test_a_record_of_the_internet_is_received_by_itself_and_in_order(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 6458, 3.1: SCTP's one-to-many style; RFC 9260, 6.6: in order within a stream."""
    with claim("socket.type-seqpacket", "Internet"):
        assert all(call.succeeded() for call in record.calls(step="open"))
        for step in record.steps[1:-1]:
            assert_kept_records(record, step)
        assert_nothing_more(record)


SCTP = 132
"""Its protocol number, which IANA has assigned (RFC 9260)."""


@observes("socket/type_seqpacket_inet", family=INET_BOTH, protocol="sctp", stage=BOTH_STAGES)
def test_ipproto_sctp_is_sctp_for_records(record: RecordView, claim: ClaimContext) -> None:
    """RFC 6458, 3.1, the one-to-many style."""
    with claim("socket.protocol-sctp"):
        assert all(call.succeeded() for call in record.calls(step="open"))
        assert record.the("getsockopt").number("value") == SCTP
        assert_kept_records(record, "sendmsg to read")
        assert_kept_records(record, "back: sendto to recvmsg")
        seen = {packet.protocol for packet in between_fences(record)}
        assert seen == {f"IP protocol {SCTP}"}


SMALL, RECORD = 40, 100
ONE_BY_ONE = {
    "peek": ((RECORD, 3), (RECORD, 3), (SMALL, 4)),
    "waitall": ((SMALL, 5), (RECORD, 6)),
    "end of record": ((RECORD, 7), (RECORD, 8)),
    "parts": ((RECORD, 9), (RECORD, 9)),
}
"""What is received in each step: the size and the seed of each record."""


def receiving(record: RecordView, step: str) -> tuple[CallView, ...]:
    """The receiving calls of a step."""
    return tuple(call for call in record.calls(step=step) if call.call in READERS)


@observes("socket/type_seqpacket_end", by=READERS, family="unix")
def test_a_record_stays_within_its_boundaries(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 2.10.6, recv() and recvmsg(): excess bytes are discarded; MSG_TRUNC."""
    for step, wanted in ONE_BY_ONE.items():
        with claim("socket.type-seqpacket", step):
            for call in record.calls(step=step):
                assert call.call in READERS or call.returned(call.args["size"])
            for (size, seed), call in zip(wanted, receiving(record, step), strict=True):
                assert call.got_just_pattern(size, seed=seed)
    with claim("socket.type-seqpacket", "excess"):
        assert all(call.returned(RECORD) for call in record.calls("send", step="excess"))
        cut, whole = receiving(record, "excess")
        assert cut.returned(SMALL)
        assert cut.got(pattern(RECORD, seed=1)[:SMALL])
        assert (cut.behind, cut.overrun) == (0, 0)
        if cut.call == "recvmsg":
            assert "MSG_TRUNC" in cut.msg_flags
            assert "MSG_TRUNC" not in whole.msg_flags
        assert whole.got_just_pattern(RECORD, seed=2)
    with claim("socket.type-seqpacket", "end"):
        assert record.the("close", "end").returned(0)
        first, second, end = receiving(record, "end")
        assert first.got_just_pattern(RECORD, seed=10)
        assert second.got_just_pattern(SMALL, seed=11)
        assert end.returned(0)


LARGE = 8000


@observes("socket/type_seqpacket_full", family="unix")
def test_no_record_is_lost_where_the_queue_is_full(record: RecordView, claim: ClaimContext) -> None:
    sends = [*record.calls("send", step="fill"), *record.calls("send", step="fill again")]
    sent = [call for call in sends if not call.failed]
    *received, end = [
        *record.calls("recv", step="take some"),
        *record.calls("recv", step="take all"),
    ]
    if len(sent) == len(sends):
        raise NotObserved("the queue was never full")
    with claim("socket.type-seqpacket", "full"):
        assert all(call.failed_with(*WOULD_BLOCK) for call in sends if call not in sent)
        assert all(call.returned(LARGE) for call in sent)
        assert Finding(
            len(received) == len(sent), f"{len(sent)} records", f"{len(received)} records"
        )
        for i, call in enumerate(received):
            assert call.got_just_pattern(LARGE, seed=i)
        assert end.returned(0)


@observes("socket/type_seqpacket_large", family="unix")
def test_a_record_is_sent_whole_or_not_at_all(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 send(), EMSGSIZE: the message is too large to be sent all at once."""
    with claim("socket.type-seqpacket", "too large a record"):
        assert record.the("send", "large").failed_with("EMSGSIZE")
        assert record.the("write", "small").returned(SAID)
        got, nothing_more = record.calls("recv", step="small")
        assert got.got_just_pattern(SAID, seed=1)
        assert nothing_more.failed_with(*WOULD_BLOCK)


# --- SOCK_RAW -------------------------------------------------------------------------------------

OURS = 253
"""RFC 3692, 2.1: a protocol number for experiments."""


@attrs.frozen
class Datagram:
    """An IPv4 datagram (RFC 791, 3.1)."""

    version: int
    tos: int
    length: int
    id: int
    ttl: int
    protocol: int
    src: str
    dst: str
    data: bytes

    @classmethod
    def parse(cls, raw: bytes) -> Datagram:
        """What a raw socket got; too short a thing for a header is no datagram."""
        header = 4 * (raw[0] & 0x0F) if raw else 0
        if not 20 <= header <= len(raw):
            return cls(0, 0, 0, 0, 0, 0, "", "", raw)
        return cls(
            version=raw[0] >> 4,
            tos=raw[1],
            length=int.from_bytes(raw[2:4], "big"),
            id=int.from_bytes(raw[4:6], "big"),
            ttl=raw[8],
            protocol=raw[9],
            src=str(ipaddress.IPv4Address(raw[12:16])),
            dst=str(ipaddress.IPv4Address(raw[16:20])),
            data=raw[header:],
        )


def assert_got_datagram(record: RecordView, call: CallView, protocol: int, data: bytes) -> None:
    """raw(7): with its header, whole, on IPv4; RFC 3542, 3: without one on IPv6."""
    assert call.succeeded()
    assert call.overrun == 0
    if record.variant["family"] == "inet6":
        assert call.got(data)
        return
    near, far = record.hosts
    got = Datagram.parse(call.data)
    assert (got.version, got.protocol, got.src, got.dst) == (4, protocol, near, far)
    assert got.length == call.result
    assert got.data == data


PAYLOADS = {"sendto": pattern(SAID, seed=1), "write": pattern(SAID, seed=2), "no data": b""}


@observes("socket/type_raw", family=INET_BOTH, stage=BOTH_STAGES)
def test_a_raw_socket_speaks_a_protocol_of_its_own(record: RecordView, claim: ClaimContext) -> None:
    """raw(7), RFC 3542, 3."""
    near, far = record.hosts
    for step, payload in PAYLOADS.items():
        with claim("socket.type-raw", step):
            sent, _, got = record.calls(step=step)
            assert sent.returned(len(payload))
            assert_got_datagram(record, got, OURS, payload)
            assert got.address.host == near
    with claim("socket.type-raw", "another protocol"):
        assert record.the("recv", "another protocol").failed_with(*WOULD_BLOCK)
    with claim("socket.type-raw", "on the wire"):
        seen = [(p.src, p.dst, p.protocol, p.payload) for p in between_fences(record)]
        wanted = [(near, far, f"IP protocol {OURS}", data) for data in PAYLOADS.values()]
        assert seen == wanted


ECHO = {"inet": (8, 0), "inet6": (128, 129)}
"""The types of an echo request and its reply (RFC 792; RFC 4443, 4.1 and 4.2)."""
IDENTIFIER = bytes.fromhex("12340001")


@observes("socket/type_raw_echo", family=INET_BOTH, stage=BOTH_STAGES)
def test_a_raw_socket_speaks_icmp(record: RecordView, claim: ClaimContext) -> None:
    """RFC 792, RFC 4443: the reply has the identifier, the number and the data of the request."""
    request, reply = ECHO[record.variant["family"]]
    near, far = record.hosts
    with claim("socket.type-raw", "ICMP"):
        assert record.the("sendto").returned(8 + SAID)
        *_, got = record.calls("recv")
        assert got.succeeded()
        message = got.data
        if record.variant["family"] == "inet":
            datagram = Datagram.parse(message)
            assert (datagram.version, datagram.protocol) == (4, 1)
            assert (datagram.src, datagram.dst) == (far, near)
            message = datagram.data
        assert message[:2] == bytes([reply, 0])
        assert message[4:] == IDENTIFIER + pattern(SAID, seed=1)
    with claim("socket.type-raw", "ICMP on the wire"):
        seen = [(p.src, p.dst, p.type, p.payload) for p in between_fences(record)]
        data = pattern(SAID, seed=1)
        assert seen == [(near, far, request, data), (far, near, reply, data)]


@observes("socket/type_raw_header", family="inet", stage=BOTH_STAGES)
def test_a_raw_socket_sends_an_ip_header_of_the_programs(
    record: RecordView, claim: ClaimContext
) -> None:
    """raw(7), IP_HDRINCL; the kernel fills in the length, the checksum and a source of zero."""
    near, far = record.hosts
    for seed, step in enumerate(("IPPROTO_RAW", "IP_HDRINCL"), 1):
        with claim("socket.type-raw", step):
            assert all(call.succeeded() for call in record.calls(step=step))
            data = pattern(SAID, seed=seed)
            got = Datagram.parse(record.the("recv", step).data)
            assert got == Datagram(4, 0x08, 20 + SAID, 0x1234, 7, OURS, near, far, data)


UDP, TCP = 17, 6
SYN, ACK = 0x02, 0x10


def inside(record: RecordView, call: CallView, protocol: int) -> bytes:
    """What a raw socket got, without the header of IPv4."""
    assert call.succeeded()
    if record.variant["family"] == "inet6":
        return call.data
    got = Datagram.parse(call.data)
    assert (got.version, got.protocol) == (4, protocol)
    return got.data


def ports_of(header: bytes) -> tuple[int, int]:
    """The source's and the destination's port, of UDP or TCP."""
    return int.from_bytes(header[:2], "big"), int.from_bytes(header[2:4], "big")


@observes("socket/type_raw_below", family=INET_BOTH, stage=BOTH_STAGES)
def test_a_raw_socket_is_below_udp_and_tcp(record: RecordView, claim: ClaimContext) -> None:
    """RFC 768, RFC 9293, 3.1: their headers are the program's work, and are seen by it."""
    near, _ = record.hosts
    with claim("socket.type-raw", "sends UDP"):
        assert record.the("sendto", "sends UDP").returned(8 + SAID)
        got = record.the("recvfrom", "sends UDP")
        assert got.got_just_pattern(SAID, seed=1)
        assert (got.address.host, got.address.port) == (near, 4711)
    with claim("socket.type-raw", "hears UDP"):
        assert record.the("write", "hears UDP").returned(SAID)
        heard, plain = record.calls("recv", step="hears UDP")
        header = inside(record, heard, UDP)
        ends = (record.address("udp sender").port, record.address("its receiver").port)
        assert ports_of(header) == ends
        assert int.from_bytes(header[4:6], "big") == 8 + SAID
        assert header[8:] == pattern(SAID, seed=2)
        assert plain.got_just_pattern(SAID, seed=2)
    with claim("socket.type-raw", "hears TCP"):
        connect = record.the("connect", "hears TCP")
        assert connect.returned(0)
        header = inside(record, record.the("recv", "hears TCP"), TCP)
        ends = (record.address("tcp client").port, connect.argument_address.port)
        assert ports_of(header) == ends
        assert header[13] & (SYN | ACK) == SYN


# --- SOCK_PACKET ----------------------------------------------------------------------------------

ETHERNET = 14
IPV4_TYPE = bytes.fromhex("0800")


@observes("socket/type_packet", domain=("inet", "packet"), family="inet", stage="pair")
def test_a_packet_socket_takes_and_sends_frames(record: RecordView, claim: ClaimContext) -> None:
    """packet(7), Compatibility: the obsolete way to the packets of a device."""
    near, far = record.hosts
    sender, receiver = record.address("sender"), record.address("receiver")
    *_, frame = record.calls("recv")
    with claim("socket.type-packet", "the socket"):
        assert record.the("socket").succeeded()
        assert record.the("bind").returned(0)
    with claim("socket.type-packet", "receives"):
        assert record.the("write").returned(SAID)
        assert record.the("recv", "a datagram").got_just_pattern(SAID, seed=1)
        assert frame.succeeded()
        assert frame.data[ETHERNET - len(IPV4_TYPE) : ETHERNET] == IPV4_TYPE
        got = Datagram.parse(frame.data[ETHERNET:])
        assert (got.version, got.protocol, got.src, got.dst) == (4, UDP, near, far)
        assert ports_of(got.data) == (sender.port, receiver.port)
        assert got.data[8:] == pattern(SAID, seed=1)
    with claim("socket.type-packet", "sends"):
        assert record.the("sendto").returned(len(frame.data))
        again = record.the("recvfrom")
        assert again.got_just_pattern(SAID, seed=2)
        assert again.gave_address(sender)
