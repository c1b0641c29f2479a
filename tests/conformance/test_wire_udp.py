# SPDX-License-Identifier: Apache-2.0
"""UDP as a peer on the wire sees it: what is sent, what is delivered, and what is lost."""

from __future__ import annotations

import ipaddress

from sockspec.check import (
    INET_BOTH,
    READERS,
    SEND,
    WOULD_BLOCK,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    observes,
    packets_text,
)

MTU = 1500
GROUPS = {"inet": "233.252.0.1", "inet6": "ff0e::db8:0:1"}
"""As in csrc/kit/datagrams.c."""


def sent_by(record: RecordView, call: CallView) -> tuple[Packet, ...]:
    """What the near host sent between the markers around a call."""
    return record.sent_between(*record.fences_around(call))


def one_datagram(packets: tuple[Packet, ...], data: bytes) -> Finding:
    """There was one packet, a datagram with this data."""
    ok = [(p.protocol, p.payload_length, p.payload) for p in packets] == [("UDP", len(data), data)]
    return Finding(ok, f"one datagram of {len(data)} bytes", packets_text(packets))


def empty(call: CallView) -> Finding:
    """Nothing was there to receive."""
    return call.failed_with(*WOULD_BLOCK)


# --- calls that send nothing ---------------------------------------------------------------------


@observes("udp/silent_calls", stage="wire", family=INET_BOTH)
def test_nothing_of_a_udp_socket_is_seen_before_it_sends(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 connect(): for SOCK_DGRAM it only sets the peer address."""
    first = record.calls()[0]
    with claim("connect.udp-no-handshake"):
        assert record.nothing_sent_between(*record.fences_around(first))
        for call in record.calls("connect"):
            assert call.gave(0)
    with claim("connect.udp-immediate-errors"):
        for call in record.calls("connect"):
            assert call.gave(0)
    with claim("connect.udp-records-peer"):
        assert record.the("getpeername").gave_address(record.address("peer"))
    with claim("names.udp-connected-both"):
        assert record.the("getpeername").succeeded()
        assert record.the("getsockname").succeeded()


@observes("udp/first_send", stage="wire", family=INET_BOTH)
def test_the_port_on_the_wire_is_the_one_that_getsockname_tells(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 sendto(), getsockname()."""
    sent = sent_by(record, record.the("sendto"))
    before = record.the("getsockname", "before")
    after = record.the("getsockname", "after")
    with claim("sendto.no-connection-needed", "on the wire"):
        assert one_datagram(sent, b"first")
    with claim("names.udp-assigned-on-sendto"):
        assert Finding(before.address.port == 0, "port 0 before it sent", str(before))
        ports = [packet.sport for packet in sent]
        assert Finding(ports == [after.address.port], f"source port of {after}", f"{ports}")
    with claim("names.udp-unconnected-sock"):
        assert before.succeeded()
        assert after.succeeded()
    with claim("names.udp-unconnected-peer"):
        for step in ("before", "after"):
            assert record.the("getpeername", step).failed_with("ENOTCONN")


@observes("udp/receiver_steps", stage="wire", family=INET_BOTH)
def test_a_udp_receiver_gets_what_the_peer_sent(record: RecordView, claim: ClaimContext) -> None:
    """The steps of the source; POSIX.1-2024 listen(), EOPNOTSUPP: the claim's third step fails."""
    with claim("udp.receiver-sequence", "socket and bind"):
        assert record.the("socket").succeeded()
        assert record.the("bind").succeeded()
    with claim("udp.receiver-sequence", "listen"):
        assert record.the("listen").succeeded()
    with claim("udp.receiver-sequence", "read and close"):
        assert record.the("read").got_just(b"for the receiver")
        assert record.the("close").succeeded()


# --- to and from the peer ------------------------------------------------------------------------


@observes("udp/peer_exchange", stage="wire", family=INET_BOTH, connected="yes")
def test_a_connected_socket_exchanges_datagrams_with_its_peer_only(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 connect(), DESCRIPTION."""
    question = sent_by(record, record.the("write"))
    with claim("connect.udp-read-write"):
        assert one_datagram(question, b"question")
        assert question[0].dport == record.address("peer").port
        assert record.the("read").got_just(b"the answer")
    with claim("datagrams.only-from-peer"):
        assert empty(record.the("recvfrom"))
        assert record.the("read").got_just(b"the answer")


@observes("udp/peer_exchange", stage="wire", family=INET_BOTH, connected="no")
def test_an_unconnected_socket_hears_anybody_and_is_told_who(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 recvfrom(), DESCRIPTION."""
    stranger, answer = record.the("recvfrom", "a stranger"), record.the("recvfrom", "answer")
    with claim("udp.no-connection"):
        assert one_datagram(sent_by(record, record.the("sendto")), b"question")
        assert answer.got_just(b"the answer")
    with claim("recvfrom.source-address"):
        assert stranger.got_just(b"not asked")
        assert stranger.gave_address(record.address("stranger"))
        assert answer.gave_address(record.address("peer"))


@observes("udp/no_answer", stage="wire", family=INET_BOTH)
def test_a_client_waits_for_a_peer_that_does_not_answer(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 recvfrom(): it blocks until a message comes; UDP sends nothing again."""
    call = record.the("recvfrom")
    with claim("udp.loss-blocks-forever"):
        assert call.slept()
        assert call.failed_with("EINTR")
        assert Finding(len(record.sent("UDP")) == 1, "one request", f"{len(record.sent('UDP'))}")


# --- whole and apart -----------------------------------------------------------------------------

IN_A_ROW = (1, 0, 100, 1400)


@observes("udp/arrivals", stage="wire", family=INET_BOTH, by=READERS)
def test_datagrams_come_whole_apart_and_in_order(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024, 2.10.6 Socket Types; recv(2); udp(7)."""
    by = record.variant["by"]
    *row, rest = record.calls(by, step="in a row")
    with claim("socket.type-dgram"):
        assert Finding(
            sorted(call.count for call in row) == sorted(IN_A_ROW),
            f"datagrams of {list(IN_A_ROW)} bytes",
            f"{[call.count for call in row]}",
        )
        assert empty(rest)
    with claim("datagrams.in-order"):
        for seed, (call, size) in enumerate(zip(row, IN_A_ROW, strict=True)):
            assert call.got_just_pattern(size, seed=seed)
    with claim("datagrams.empty"):
        assert row[1].gave(0)
    with claim("recv.excess-dropped"):
        small, behind = record.calls(by, step="too long")
        assert small.got_pattern(10, seed=7)
        assert empty(behind)


@observes("udp/arrivals", stage="wire", family=INET_BOTH, by="recv")
def test_a_program_can_learn_that_a_datagram_was_longer(
    record: RecordView, claim: ClaimContext
) -> None:
    """recv(2), MSG_TRUNC; POSIX.1-2024 recvmsg(), MSG_TRUNC."""
    with claim("datagrams.real-length"):
        call = record.the("recv", "real length")
        assert call.gave(100)
        assert call.overrun == 0
    with claim("datagrams.truncation-told"):
        told = record.the("recvmsg", "told")
        assert told.got_pattern(10, seed=9)
        assert "MSG_TRUNC" in told.msg_flags


@observes("udp/empty_sent", stage="wire", family=INET_BOTH, by=SEND)
def test_a_datagram_of_no_bytes_is_sent(record: RecordView, claim: ClaimContext) -> None:
    """recv(2), RETURN VALUE; of a write() of nothing POSIX leaves open what it does."""
    call = record.the(record.variant["by"])
    with claim("datagrams.empty"):
        assert call.gave(0)
        assert one_datagram(sent_by(record, call), b"")


@observes("udp/full_buffer", stage="wire", family=INET_BOTH)
def test_a_full_receiver_loses_datagrams_and_nobody_is_told(
    record: RecordView, claim: ClaimContext
) -> None:
    """udp(7)."""
    *got, end = record.calls("recv", step="read")
    if not end.failed:
        raise NotObserved("the buffer held all of the datagrams")
    with claim("datagrams.full-buffer"):
        assert empty(end)
        assert record.nothing_sent_between(record.fences[0], record.fences[2])
        for seed, call in enumerate(got):
            assert call.got_just_pattern(1000, seed=seed)
        assert record.the("recv", "once more").got_just(b"once more")


# --- what must not be delivered ------------------------------------------------------------------


@observes(
    "udp/checksums", stage="wire", family=INET_BOTH, checksum=("right", "wrong"), source="peer"
)
def test_a_datagram_with_a_wrong_checksum_is_discarded(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 1122, 4.1.3.4."""
    with claim("datagrams.checksum-wrong"):
        if record.variant["checksum"] == "right":
            assert record.the("recv").got_just(b"checked")
        else:
            assert empty(record.the("recv"))
        assert record.nothing_sent_between(record.fences[0], record.fences[2])


@observes("udp/checksums", stage="wire", family=INET_BOTH, checksum="none", source="peer")
def test_a_datagram_without_checksum_is_one_of_ipv4_only(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 768; RFC 1122, 4.1.3.4; RFC 8200, 8.1."""
    if record.variant["family"] == "inet":
        with claim("datagrams.no-checksum"):
            assert record.the("recv").got_just(b"checked")
    else:
        with claim("datagrams.zero-checksum"):
            assert empty(record.the("recv"))


@observes(
    "udp/checksums",
    stage="wire",
    family=INET_BOTH,
    checksum="right",
    source=("group", "broadcast"),
    when=lambda variant: variant["family"] == "inet" or variant["source"] == "group",
)
def test_a_datagram_from_many_hosts_at_once_is_discarded(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 1122, 4.1.3.6; RFC 4291, 2.7: a multicast address is no source."""
    with claim("datagrams.source-invalid"):
        assert empty(record.the("recv"))


@observes(
    "udp/nobody_there",
    stage="wire",
    family=INET_BOTH,
    to=("unicast", "group", "broadcast"),
    when=lambda variant: variant["family"] == "inet" or variant["to"] != "broadcast",
)
def test_the_sender_is_told_of_a_port_that_nobody_has(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 1122, 4.1.3.1 and 3.2.2; RFC 4443, 2.4 (e.3)."""
    came = record.received("UDP")
    if not came:
        raise NotObserved("the peer's datagram was not captured")
    if record.variant["to"] == "unicast":
        with claim("icmp.port-unreachable"):
            seen = record.exchange("< UDP 8", "> ICMP port unreachable")
            assert seen
            quoted = seen.packet(1).quoted
            assert Finding(
                quoted is not None and quoted.route == came[0].route,
                f"an error about {came[0].route}",
                str(seen.packet(1)),
            )
    elif record.variant["to"] == "group":
        with claim("icmp.none-about-multicast"):
            assert record.nothing_sent_between(record.fences[0], record.fences[2])
    else:
        with claim("icmp.none-about-broadcast"):
            assert record.nothing_sent_between(record.fences[0], record.fences[2])


# --- headers -------------------------------------------------------------------------------------


@observes(
    "udp/header_fields", stage="wire", family=INET_BOTH, ttl=("0", "1", "255"), tos=("0", "184")
)
def test_datagrams_have_the_header_that_a_program_says(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 1122, 4.1.4; 0 says nothing here, and the TTL is then 64 (ip(7), ip_default_ttl)."""
    sent = record.sent("UDP")
    wanted = (int(record.variant["ttl"]) or 64, int(record.variant["tos"]))
    with claim("datagrams.ttl-and-tos"):
        for call in record.calls_if_any("setsockopt"):
            assert call.gave(0)
        assert all(call.succeeded() for call in record.calls("send"))
        seen = [(packet.ttl, packet.tos) for packet in sent]
        assert Finding(seen == [wanted] * 2, f"TTL and TOS {wanted} in each", f"{seen}")


def checksum_of(record: RecordView, packet: Packet) -> int:
    """The sum of a datagram and its pseudo-header (RFC 768): 0xffff if the checksum is right."""
    if record.record.packets is None:
        raise NotObserved("no packets are captured")
    raw = bytes.fromhex(sorted(record.record.packets, key=lambda p: p.t)[packet.n].bytes)
    if len(raw) != packet.length:
        raise NotObserved(f"{packet} was captured in part")
    source, destination = ipaddress.ip_address(packet.src), ipaddress.ip_address(packet.dst)
    size = packet.payload_length + 8
    body = raw[-size:] + b"\0" * (size % 2)
    header = source.packed + destination.packed + size.to_bytes(4, "big") + b"\0\0\0\x11"
    total = sum(int.from_bytes(word) for word in _words(header + body))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total if raw[-size + 6 : -size + 8] != b"\0\0" else 0


def _words(data: bytes) -> list[bytes]:
    return [data[at : at + 2] for at in range(0, len(data), 2)]


@observes("udp/header_fields", stage="wire", family=INET_BOTH, ttl="0", tos="0")
def test_datagrams_are_sent_with_a_checksum(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1122, 4.1.3.4; RFC 8200, 8.1."""
    sent = record.sent("UDP")
    with claim("datagrams.checksum-sent"):
        assert all(call.succeeded() for call in record.calls("send"))
        sums = [checksum_of(record, packet) for packet in sent]
        assert Finding(sums == [0xFFFF] * 2, "right checksums", f"sums {sums}, not 65535")


@observes(
    "udp/headers_told",
    stage="wire",
    family=INET_BOTH,
    to=("near", "group"),
    ttl=("1", "7", "255"),
    tos=("0", "184"),
    when=lambda variant: variant["to"] == "near" or variant["ttl"] == "7",
)
def test_a_receiver_is_told_of_the_header(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1122, 4.1.3.5; ip(7); RFC 3542, 6."""
    told = record.the("recvmsg", "told")
    to_group = record.variant["to"] == "group"
    host = GROUPS[record.variant["family"]] if to_group else record.hosts[0]
    with claim("datagrams.header-told"):
        for name in ("ttl", "tos"):
            seen = told.event.saw.get(name, "none")
            wanted = int(record.variant[name])
            assert Finding(seen == wanted, f"{name} {wanted}", f"{name} {seen} in {told}")
    with claim("datagrams.destination-told"):
        seen = told.event.saw.get("destination", "none")
        assert Finding(seen == host, f"destination {host}", f"destination {seen} in {told}")
    if to_group:
        with claim("multicast.joined-only"):
            assert empty(record.the("recvmsg", "before"))
            assert told.got(b"told")


# --- to many hosts -------------------------------------------------------------------------------


@observes("udp/broadcast", stage="wire", family="inet")
def test_only_so_broadcast_lets_a_broadcast_out(record: RecordView, claim: ClaimContext) -> None:
    """socket(7), SO_BROADCAST; send(2), EACCES."""
    without, allowed = record.the("sendto", "without"), record.the("sendto", "with")
    with claim("datagrams.broadcast"):
        assert without.failed_with("EACCES")
        assert record.nothing_sent_between(*record.fences_around(without))
        assert allowed.gave(6)
        assert one_datagram(sent_by(record, allowed), b"to all")


@observes(
    "udp/group_sent",
    stage="wire",
    family=INET_BOTH,
    ttl=("0", "5"),
    loop=("default", "on", "off"),
)
def test_a_datagram_to_a_group_stays_near_and_comes_back(
    record: RecordView, claim: ClaimContext
) -> None:
    """ip(7), IP_MULTICAST_TTL and IP_MULTICAST_LOOP; RFC 3493, 5.2."""
    sent = sent_by(record, record.the("sendto"))
    with claim("multicast.default-ttl"):
        assert one_datagram(sent, b"to all")
        group = GROUPS[record.variant["family"]]
        assert Finding(sent[0].dst == group, f"a datagram to {group}", str(sent[0]))
        wanted = int(record.variant["ttl"]) or 1
        assert Finding(sent[0].ttl == wanted, f"a TTL of {wanted}", f"{sent[0].ttl}")
    with claim("multicast.loop"):
        if record.variant["loop"] == "off":
            assert empty(record.the("recv"))
        else:
            assert record.the("recv").got_just(b"to all")


# --- fragments -----------------------------------------------------------------------------------


@observes(
    "udp/fragments_come",
    stage="wire",
    family=INET_BOTH,
    order=("forward", "backward", "twice"),
)
def test_fragments_are_put_together(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1122, 3.3.2; RFC 8200, 4.5."""
    with claim("datagrams.reassembled"):
        assert empty(record.the("recv", "all but one"))
        assert record.the("recv", "the one").got_just_pattern(3000, seed=3)


@observes("udp/fragments_come", stage="wire", family="inet6", order="overlap")
def test_fragments_that_overlap_are_discarded(record: RecordView, claim: ClaimContext) -> None:
    """RFC 8200, 4.5; RFC 5722."""
    with claim("datagrams.overlap"):
        assert empty(record.the("recv", "all but one"))
        assert empty(record.the("recv", "the one"))


@observes("udp/fragmented", stage="wire", family=INET_BOTH)
def test_a_datagram_that_is_too_long_for_the_link_is_fragmented(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 8200, 4.5, which RFC 791, 3.2 says of IPv4, too; ip(7), IP_MTU_DISCOVER."""
    call = record.the("send")
    sent = sent_by(record, call)
    with claim("datagrams.fragmented"):
        assert call.gave(4000)
        assert len(sent) > 1
        longest = max(packet.length for packet in sent)
        assert Finding(longest <= MTU, f"packets of at most {MTU} bytes", f"one of {longest}")
        assert Finding(all(packet.is_fragment for packet in sent), "fragments", str(sent[0]))
    if record.variant["family"] == "inet6":
        with claim("datagrams.fragment-sizes"):
            assert _pieces(sent, 4008)


def _pieces(sent: tuple[Packet, ...], total: int) -> Finding:
    """They are one datagram of so many bytes behind the IP headers, each byte once."""
    parts = sorted((p.fragment_offset, _behind_ip(p), p.more_fragments, p.ident) for p in sent)
    offset = 0
    for n, (begin, size, more, ident) in enumerate(parts):
        last = n == len(parts) - 1
        if begin != offset or more is last or (size % 8 and not last) or ident != parts[0][3]:
            break
        offset += size
    return Finding(offset == total, f"fragments of {total} bytes in all", f"{parts}")


def _behind_ip(packet: Packet) -> int:
    return packet.payload_length + (8 if packet.is_udp else 0)
