# SPDX-License-Identifier: Apache-2.0
"""What becomes of writes on the wire: segments, their headers and options, and urgent data."""

from __future__ import annotations

from collections.abc import Mapping

from sockspec.check import (
    INET_BOTH,
    SEND,
    WOULD_BLOCK,
    WRITERS,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    observes,
    packets_text,
    pattern,
)

HEADERS = {"inet": 40, "inet6": 60}
"""Of IP and TCP, without options (RFC 9293, 3.7.1)."""
TIMESTAMP_ROOM = 12
"""What the Timestamps option takes of each segment, padding included (RFC 7323, appendix A)."""
PEERS_TIMESTAMP = 0x01020304


def new_segments(record: RecordView, begin: Packet, end: Packet) -> tuple[Packet, ...]:
    """What brought data for the first time between two markers; sent again is not sent anew."""
    return tuple(p for p in record.near_stream.segments if begin.n < p.n < end.n)


def segments_around(record: RecordView, call: CallView) -> tuple[Packet, ...]:
    """The new segments between the marker before a call and the marker after it."""
    return new_segments(record, *record.fences_around(call))


def payloads(segments: tuple[Packet, ...], *wanted: bytes) -> Finding:
    """These segments, with just this data each, as far as it was captured."""
    seen = [(packet.payload_length, packet.payload) for packet in segments]
    ok = len(seen) == len(wanted) and all(
        length == len(data) and data.startswith(captured)
        for (length, captured), data in zip(seen, wanted, strict=True)
    )
    return Finding(ok, f"new segments: {_sizes(wanted)}", packets_text(segments))


def _sizes(wanted: tuple[bytes, ...]) -> str:
    shown = (repr(d) if len(d) < 20 else f"{len(d)} bytes that begin {d[:8]!r}" for d in wanted)
    return ", ".join(shown) or "nothing"


def lengths(segments: tuple[Packet, ...], *wanted: int) -> Finding:
    """Segments with just so many bytes each."""
    seen = [packet.payload_length for packet in segments]
    return Finding(seen == list(wanted), f"segments of {list(wanted)} bytes", f"{seen}")


# --- Nagle's algorithm ----------------------------------------------------------------------


@observes("send/nagle", stage="wire", family=INET_BOTH, first=("small", "full"))
def test_small_writes_wait_for_the_acknowledgement_of_what_was_sent_before(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.7.4; RFC 896."""
    first, *waiting = record.calls("write")
    for call in (first, *waiting):
        if call.failed:
            raise NotObserved(f"{call}: there is nothing to send")
    with claim("nagle.first-at-once"):
        assert lengths(segments_around(record, first), first.count)
    with claim("nagle.small-waits"):
        assert lengths(segments_around(record, waiting[0]))
    if record.variant["first"] == "small":
        with claim("nagle.joined"):
            fences = record.fences
            assert payloads(new_segments(record, fences[4], fences[6]), b"bcdef")


@observes("send/nagle_full", stage="wire", family=INET_BOTH)
def test_a_full_segment_waits_for_no_acknowledgement(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.7.4."""
    full = record.the("write", "full")
    with claim("nagle.full-segment-goes"):
        assert lengths(segments_around(record, full), full.count)


@observes("send/nodelay", stage="wire", family=INET_BOTH, by=WRITERS)
def test_with_tcp_nodelay_each_write_is_sent_at_once(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.7.4, MUST-17; POSIX.1-2024 netinet/tcp.h, TCP_NODELAY."""
    with claim("nagle.may-be-disabled"):
        assert record.the("setsockopt").gave(0)
        for call in record.calls(record.variant["by"]):
            assert payloads(segments_around(record, call), call.bytes_argument("data"))


# --- held back, and let go ------------------------------------------------------------------


def _held_back(record: RecordView) -> None:
    """That there is something to let go."""
    held = record.calls("write", step="held back")[0]
    if segments_around(record, held):
        raise NotObserved("nothing was held back")


@observes(
    "send/held_back",
    stage="wire",
    family=INET_BOTH,
    held=("nagle", "cork", "both"),
    by="nodelay",
)
def test_setting_tcp_nodelay_sends_what_is_held_back(
    record: RecordView, claim: ClaimContext
) -> None:
    """tcp(7), TCP_NODELAY."""
    _held_back(record)
    option = record.the("setsockopt", "let go")
    with claim("nodelay.flushes"):
        assert option.gave(0)
        assert payloads(segments_around(record, option), b"bc")


@observes(
    "send/held_back",
    stage="wire",
    family=INET_BOTH,
    held=("nagle", "cork", "both"),
    by=("close", "shutdown"),
)
def test_the_end_of_sending_sends_what_is_held_back(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.9.1.4: CLOSE implies PUSH."""
    _held_back(record)
    call = record.the(record.variant["by"], "let go")
    near = record.near_stream
    with claim("segments.close-pushes"):
        assert call.gave(0)
        assert payloads(segments_around(record, call), b"bc")
        assert near.one_fin()
        assert near.ends_behind(2 if record.variant["held"] == "cork" else 3)


@observes("send/cork", stage="wire", family=INET_BOTH, nodelay=("off", "on"))
def test_a_corked_connection_sends_full_segments_only(
    record: RecordView, claim: ClaimContext
) -> None:
    """tcp(7), TCP_CORK and TCP_NODELAY."""
    small = record.calls("write", step="small")[0]
    more = record.the("write", "more than a segment")
    pulled = record.the("setsockopt", "pulled")
    data = b"abcde" + pattern(more.count)
    with claim("cork.partial-held"):
        assert payloads(segments_around(record, small))
    with claim("cork.full-segment-goes"):
        assert payloads(segments_around(record, more), data[:-5])
    with claim("cork.pulled"):
        assert pulled.gave(0)
        assert payloads(segments_around(record, pulled), data[-5:])
    if record.variant["nodelay"] == "on":
        with claim("cork.overrides-nodelay"):
            assert payloads(segments_around(record, small))
            assert lengths(segments_around(record, more), more.count)


@observes("send/cork_limit", stage="wire", family=INET_BOTH)
def test_a_cork_that_is_never_pulled_does_not_hold_for_ever(
    record: RecordView, claim: ClaimContext
) -> None:
    """tcp(7), TCP_CORK: a ceiling of 200 ms."""
    with claim("cork.limit"):
        assert payloads(record.near_stream.segments, b"abc")
        assert record.before(record.near_stream.segments[0], record.the("getsockopt"))
        assert Finding(record.the("getsockopt").number("value") == 1, "TCP_CORK set", "not set")


@observes("send/more", stage="wire", family=INET_BOTH, by=SEND)
def test_what_is_sent_with_msg_more_goes_with_what_follows(
    record: RecordView, claim: ClaimContext
) -> None:
    """send(2), MSG_MORE."""
    by = record.variant["by"]
    with claim("more.tcp-held"):
        first = record.calls(by, step="with")[0]
        assert payloads(segments_around(record, first))
        assert payloads(segments_around(record, record.the(by, "without")), b"one, two, three")
    with claim("more.one-call"):
        assert payloads(segments_around(record, record.the(by, "the next")), b"four")


@observes("udp/cork", stage="wire", family=INET_BOTH)
def test_a_corked_udp_socket_makes_one_datagram(record: RecordView, claim: ClaimContext) -> None:
    """udp(7), UDP_CORK."""
    corked = record.calls("send", step="corked")[0]
    pulled = record.the("setsockopt", "pulled")
    after = record.the("send", "the next")
    with claim("cork.udp-joined"):
        assert record.nothing_sent_between(*record.fences_around(corked))
        assert pulled.gave(0)
        for call, data in ((pulled, b"one, two, three"), (after, b"four")):
            sent = record.sent_between(*record.fences_around(call))
            assert Finding(
                [packet.payload for packet in sent] == [data],
                f"one datagram, {data!r}",
                packets_text(sent),
            )


@observes("send/parts", stage="wire", family=INET_BOTH, by=("writev", "sendmsg"))
def test_several_buffers_of_one_call_are_one_segment(
    record: RecordView, claim: ClaimContext
) -> None:
    """readv(2): what writev() writes is one block."""
    call = record.the(record.variant["by"])
    with claim("parts.one-block"):
        assert call.gave(66)
        assert payloads(segments_around(record, call), pattern(66, seed=1))


# --- the sizes of segments -------------------------------------------------------------------


def _room(variant: Mapping[str, str]) -> int:
    """Bytes of data for which a packet of the link has room."""
    return int(variant["mtu"]) - HEADERS[variant["family"]]


def filled(record: RecordView, size: int) -> Finding:
    """The whole write came, in segments of ``size`` bytes each; only the last may have less."""
    segments = record.near_stream.segments
    seen = [packet.payload_length for packet in segments]
    wanted, rest = divmod(record.the("write").count, size)
    expected = [size] * wanted + ([rest] if rest else [])
    return Finding(sorted(seen, reverse=True) == expected, f"segments of {size} bytes", f"{seen}")


@observes(
    "send/segmented",
    stage="wire",
    family=INET_BOTH,
    mss=("536", "1000", "1460"),
    mtu=("1500", "1300"),
    maxseg="0",
    timestamps="off",
    when=lambda variant: variant["mtu"] == "1500" or variant["mss"] == "1460",
)
def test_a_large_write_is_cut_into_segments_that_the_peer_and_the_link_take(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.7.1, MUST-16, and 3.9.1.2, SHLD-28 and MUST-61."""
    segments = record.near_stream.segments
    if not segments:
        raise NotObserved("no data was sent")
    with claim("segments.effective-mss"):
        assert filled(record, min(int(record.variant["mss"]), _room(record.variant)))
    with claim("segments.push-on-last"):
        last = max(segments, key=record.near_stream.behind)
        assert Finding(last.is_psh, "PSH in the last segment", str(last))


@observes(
    "send/segmented",
    stage="wire",
    family=INET_BOTH,
    mss="0",
    mtu="1500",
    maxseg="0",
    timestamps="off",
)
def test_a_peer_that_announces_no_mss_has_the_default_one(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.7.1, MUST-15."""
    with claim("handshake.mss-default"):
        assert filled(record, {"inet": 536, "inet6": 1220}[record.variant["family"]])


@observes(
    "send/segmented",
    stage="wire",
    family=INET_BOTH,
    mss=("536", "1000", "1460"),
    mtu="1500",
    maxseg="0",
    timestamps="on",
)
def test_options_take_their_room_from_the_data(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.7.1: the MSS does not count options, so the sender has to."""
    if any(packet.options.timestamp is None for packet in record.near_stream.segments):
        raise NotObserved("the segments have no timestamps")
    size = min(int(record.variant["mss"]), _room(record.variant))
    with claim("segments.options-counted"):
        assert filled(record, size - TIMESTAMP_ROOM)


@observes(
    "send/segmented",
    stage="wire",
    family=INET_BOTH,
    mss=("536", "1460"),
    mtu="1500",
    maxseg="700",
    timestamps="off",
)
def test_tcp_maxseg_limits_segments(record: RecordView, claim: ClaimContext) -> None:
    """tcp(7), TCP_MAXSEG; it cannot raise what the peer announced."""
    with claim("maxseg.limits"):
        assert record.the("setsockopt").gave(0)
        assert filled(record, min(int(record.variant["mss"]), 700))


@observes(
    "tcp/mss_announced",
    stage="wire",
    family=INET_BOTH,
    mtu=("1500", "1300"),
    maxseg=("0", "700", "4000"),
)
def test_a_syn_announces_the_mss(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.7.1: the MTU without the fixed headers; tcp(7), TCP_MAXSEG."""
    announced = record.near_stream.syn.options.mss
    room = _room(record.variant)

    def announces(size: int) -> Finding:
        return Finding(announced == size, f"MSS {size} in the SYN", f"{announced}")

    if record.variant["maxseg"] == "0":
        with claim("handshake.mss-of-mtu"):
            assert announces(room)
    elif record.variant["maxseg"] == "700":
        with claim("maxseg.announced"):
            assert announces(700)
    else:
        with claim("maxseg.above-mtu"):
            assert announces(room)


# --- IP headers -------------------------------------------------------------------------------


def each_sent(record: RecordView, what: str, value: object) -> Finding:
    """All that the near host sent, from its SYN to its FIN, has this in the IP header."""
    sent = record.near_stream.packets
    end = next((n for n, packet in enumerate(sent) if packet.is_fin), None)
    if end is None:
        raise NotObserved("the connection's FIN was not captured")
    other = [packet for packet in sent[: end + 1] if getattr(packet, what) != value]
    observed = "; ".join(f"{getattr(p, what)} in {p}" for p in other)
    return Finding(not other, f"{what} {value} in each packet", observed)


@observes("tcp/ip_fields", stage="wire", family=INET_BOTH, option="none", value="0")
def test_packets_have_a_time_to_live_of_64(record: RecordView, claim: ClaimContext) -> None:
    """ip(7), ip_default_ttl; the value that RFC 1700 recommends."""
    with claim("segments.default-ttl"):
        assert each_sent(record, "ttl", 64)
    if record.variant["family"] == "inet":
        with claim("segments.dont-fragment", "by default"):
            assert each_sent(record, "dont_fragment", True)


@observes("tcp/ip_fields", stage="wire", family=INET_BOTH, option="ttl", value=("1", "7", "255"))
def test_a_program_says_the_time_to_live(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.9.2, MUST-49; ip(7), IP_TTL; RFC 3493, 5.1, IPV6_UNICAST_HOPS."""
    with claim("segments.time-to-live"):
        assert record.the("setsockopt").gave(0)
        assert each_sent(record, "ttl", int(record.variant["value"]))


@observes("tcp/ip_fields", stage="wire", family=INET_BOTH, option="tos", value=("16", "184"))
def test_a_program_says_the_differentiated_services_field(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.9.1.9, MUST-48; the two low bits are not part of the field (RFC 3168)."""
    with claim("segments.differentiated-services"):
        assert record.the("setsockopt").gave(0)
        assert each_sent(record, "tos", int(record.variant["value"]))


@observes("tcp/ip_fields", stage="wire", family="inet", option="pmtudisc", value=("0", "2"))
def test_df_is_set_as_path_mtu_discovery_is(record: RecordView, claim: ClaimContext) -> None:
    """ip(7), IP_MTU_DISCOVER: 0 is IP_PMTUDISC_DONT, 2 is IP_PMTUDISC_DO."""
    with claim("segments.dont-fragment"):
        assert record.the("setsockopt").gave(0)
        assert each_sent(record, "dont_fragment", record.variant["value"] == "2")


# --- TCP options ------------------------------------------------------------------------------

OFFERED = ("none", "timestamp", "sack", "scale", "unknown", "all")


@observes("tcp/syn_options", stage="wire", family=INET_BOTH, opens="peer", options=OFFERED)
def test_a_syn_ack_has_the_options_that_the_syn_had(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 7323, 2.2 and 3.2; RFC 9293, 3.1, MUST-6."""
    offered = record.variant["options"]
    answer = record.near_stream.syn
    options = answer.options
    with claim("options.scale-if-offered"):
        has = options.window_scale is not None
        assert Finding(has <= (offered in ("scale", "all")), "no Window Scale option", str(answer))
    with claim("options.timestamp-if-offered"):
        has = options.timestamp is not None
        assert Finding(has <= (offered in ("timestamp", "all")), "no timestamp", str(answer))
    if options.timestamp is not None:
        with claim("options.timestamp-echoed"):
            assert Finding(
                options.timestamp.echo == PEERS_TIMESTAMP,
                f"the peer's timestamp {PEERS_TIMESTAMP} in {answer}",
                str(options.timestamp.echo),
            )
    if offered in ("unknown", "all"):
        with claim("handshake.unknown-option"):
            assert answer.is_syn_ack
            assert not options.unknown
            assert record.near_stream.no_reset()


@observes("tcp/syn_options", stage="wire", family=INET_BOTH, opens="near", options=OFFERED)
def test_segments_have_the_options_that_both_syns_had(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 7323, 3.2."""
    near = record.near_stream
    later = [packet for packet in near.packets if not packet.is_syn and not packet.is_rst]
    both = near.syn.options.timestamp is not None and (near.other.syn.options.timestamp is not None)
    with_it = [packet for packet in later if packet.options.timestamp is not None]
    without = [packet for packet in later if packet.options.timestamp is None]
    if not both:
        with claim("options.timestamp-if-offered"):
            assert Finding(not with_it, "no timestamp", packets_text(with_it))
        return
    with claim("options.timestamp-in-each"):
        assert Finding(not without, "a timestamp in each", packets_text(without))
    with claim("options.timestamp-echoed"):
        echoes = {packet.options.timestamp.echo for packet in with_it if packet.options.timestamp}
        assert Finding(
            echoes == {PEERS_TIMESTAMP},
            f"the peer's timestamp {PEERS_TIMESTAMP} in each",
            ", ".join(map(str, sorted(echoes))),
        )


@observes("recv/sack", stage="wire", family=INET_BOTH, permitted=("no", "yes"))
def test_an_acknowledgement_tells_what_came_behind_a_gap(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 2018, 3 and 4."""
    near, fences = record.near_stream, record.fences
    gap = [packet for packet in near.packets if fences[0].n < packet.n < fences[2].n]
    acks = [packet for packet in gap if packet.is_bare_ack]
    behind, rest = record.calls("recv")
    if not behind.failed_with(*WOULD_BLOCK):
        raise NotObserved("there was no gap")
    if not rest.got(b"0123456789behind"):
        raise NotObserved("what came behind the gap was not kept")
    if record.variant["permitted"] == "no":
        with claim("sack.only-if-permitted"):
            having = [packet for packet in near.packets if packet.options.sack]
            assert Finding(not having, "no SACK option", packets_text(having))
        return
    with claim("sack.tells-what-came"):
        first = [packet.options.sack[:1] for packet in acks]
        told = [
            (block.left - near.other.isn, block.right - near.other.isn)
            for blocks in first
            for block in blocks
        ]
        assert Finding(
            bool(acks) and told == [(11, 17)] * len(acks),
            "a SACK of bytes 11 to 17 in each acknowledgement",
            str(told) if acks else "no acknowledgement",
        )


# --- urgent data ------------------------------------------------------------------------------


@observes("send/urgent", stage="wire", family=INET_BOTH, by=SEND, stdurg="0")
def test_msg_oob_sends_an_urgent_pointer(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.8.5 and 3.1."""
    by = record.variant["by"]
    urgent = segments_around(record, record.the(by, "urgent"))
    with claim("urgent.pointer-behind"):
        assert record.the(by, "urgent").gave(3)
        assert payloads(urgent, b"cd!")
        assert _points_to(urgent[0], 3)
    with claim("urgent.flag-while-outstanding"):
        for packet in urgent:
            assert Finding(packet.is_urg, "URG", str(packet))
        for step in ("before", "behind"):
            for packet in segments_around(record, record.the(by, step)):
                assert Finding(not packet.is_urg, "no URG", str(packet))


def _points_to(packet: Packet, byte: int) -> Finding:
    return Finding(
        packet.urgent == byte,
        f"an urgent pointer {byte} bytes behind the segment's begin",
        f"{packet.urgent} in {packet}",
    )


@observes("send/urgent", stage="wire", family=INET_BOTH, by="send", stdurg="1")
def test_tcp_stdurg_changes_the_pointer_that_is_sent(
    record: RecordView, claim: ClaimContext
) -> None:
    """tcp(7), tcp_stdurg."""
    with claim("urgent.stdurg"):
        urgent = segments_around(record, record.the("send", "urgent"))
        assert payloads(urgent, b"cd!")
        assert _points_to(urgent[0], 2)


@observes("recv/urgent_stdurg", stage="wire", family=INET_BOTH, stdurg=("0", "1"))
def test_the_byte_before_the_urgent_pointer_is_the_urgent_one(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.8.5, MUST-62; with tcp_stdurg (tcp(7)) the byte at the pointer."""
    call = record.the("recv")
    if record.variant["stdurg"] == "0":
        with claim("urgent.pointer-behind"):
            assert call.got_just(b"c")
    else:
        with claim("urgent.stdurg"):
            assert call.got_just(b"d")


@observes("recv/urgent", stage="wire", family=INET_BOTH, inline="no", owner="yes")
def test_an_urgent_byte_is_announced_and_read_out_of_band(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 recv(), MSG_OOB and EINVAL; tcp(7), MSG_PEEK."""
    before, behind = record.the("recv", "before the mark"), record.the("recv", "behind")
    with claim("urgent.out-of-band"):
        assert record.the("recv", "out of band").got_just(b"!")
        assert before.got_just(b"abc")
        assert behind.got_just(b"def")
    with claim("urgent.peek"):
        assert record.the("recv", "peek").got_just(b"!")
        assert record.the("recv", "out of band").got_just(b"!")
    with claim("urgent.read-once"):
        for step in ("nothing", "again"):
            assert record.the("recv", step).failed_with("EINVAL")
            assert record.the("recv", step).left_untouched("data")


@observes("recv/urgent", stage="wire", family=INET_BOTH, inline=("no", "yes"), owner=("yes", "no"))
def test_a_program_is_told_of_urgent_data_and_where_it_is(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024, 2.10.12, sockatmark(), select(), poll(); RFC 9293, 3.8.5, MUST-33."""
    owned = record.variant["owner"] == "yes"
    with claim("urgent.sigurg"):
        signals = record.number("signals")
        assert Finding(signals == int(owned), f"{int(owned)} signals", f"{signals}")
    with claim("urgent.before-mark"):
        for step in ("nothing", "urgent", "behind"):
            assert record.the("sockatmark", step).gave(0)
    first, again = record.calls("sockatmark", step="before the mark")
    with claim("urgent.at-mark"):
        assert first.gave(1)
    with claim("urgent.mark-stays"):
        assert first.gave(1)
        assert again.gave(1)
    with claim("urgent.more-to-read"):
        assert record.the("sockatmark", "urgent").gave(0)
        assert first.gave(1)
    with claim("urgent.read-stops-at-mark"):
        assert record.the("recv", "before the mark").got_just(b"abc")
    with claim("urgent.exceptional"):
        assert record.the("select", "nothing").gave(0)
        assert record.the("select", "urgent").gave(1)
    with claim("urgent.poll"):
        assert record.the("poll", "nothing").gave(0)
        assert record.the("poll", "urgent").gave(1)
        assert "POLLPRI" in record.the("poll", "urgent").names("revents")


@observes("recv/urgent", stage="wire", family=INET_BOTH, inline="yes", owner="yes")
def test_an_urgent_byte_stays_in_line_with_so_oobinline(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024, 2.10.16, SO_OOBINLINE, and recv(), EINVAL."""
    with claim("urgent.in-line"):
        assert record.the("setsockopt").gave(0)
        assert record.the("recv", "out of band").failed_with("EINVAL")
        assert record.the("recv", "before the mark").got_just(b"abc")
        assert record.the("recv", "behind").got_just(b"!def")


@observes("recv/urgent_ahead", stage="wire", family=INET_BOTH)
def test_urgent_data_is_announced_before_it_comes(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.8.5, MUST-32; POSIX.1-2024 recv(), EAGAIN."""
    with claim("urgent.announced"):
        counts = list(record.notes("signals"))
        if not counts:
            raise NotObserved("no signals were counted")
        assert Finding(counts == [1, 1, 2, 2], "1, 1, 2, 2 signals", f"{counts}")
    with claim("urgent.not-arrived"):
        for step in ("announced", "the same again", "advanced"):
            assert record.the("recv", step).failed_with(*WOULD_BLOCK)
            assert record.the("recv", step).left_untouched("data")
        assert record.calls("recv", step="arrived")[0].got_just(b"?")


@observes("recv/urgent_twice", stage="wire", family=INET_BOTH)
def test_an_older_urgent_byte_becomes_a_normal_one(record: RecordView, claim: ClaimContext) -> None:
    """tcp(7), Sockets API."""
    with claim("urgent.older-in-line"):
        assert record.the("recv", "out of band").got_just(b"2")
        line, rest = record.calls("recv", step="in line")
        assert line.got_just(b"ab1cd")
        assert rest.failed_with(*WOULD_BLOCK)
