# SPDX-License-Identifier: Apache-2.0
"""Buffers and windows on the wire: what is sent and taken in, and what the calls say of it."""

from __future__ import annotations

from itertools import pairwise

from sockspec import model
from sockspec.check import (
    INET_BOTH,
    READ,
    READERS,
    RECV,
    WOULD_BLOCK,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    Stream,
    observes,
    pattern,
)

SEGMENT = 100
"""The peer's MSS in most of these probes, in bytes: so short a segment is in a record whole."""

BLOCKING_WRITERS = ("write", "send")


def settled(record: RecordView, step: str) -> Packet:
    """The last marker of a step: all that the step brought about at once stands before it."""
    name, n = None, None
    for event in record.events:
        if isinstance(event, model.Step):
            name = event.name
        elif isinstance(event, model.Fence) and name == step:
            n = event.n
    if n is None:
        raise NotObserved(f"no marker was sent in step {step!r}")
    return record.fence(n)


def near_at(record: RecordView, step: str) -> Stream:
    """The near host's end at the end of a step."""
    return record.near_stream.until(settled(record, step))


def sent_by(record: RecordView, step: str, count: int) -> Finding:
    """So many bytes had been sent at the end of a step, but for a window probe's one byte."""
    near = near_at(record, step)
    probes = {packet.n for packet in near.probes if packet.payload_length == 1}
    sent = near.sent(packet for packet in near.segments if packet.n not in probes)
    return Finding(sent == count, f"{count} bytes sent at the end of {step!r}", f"{sent}")


def opening(record: RecordView, before: str) -> Packet:
    """The peer's window update, its first packet behind this step."""
    begin = settled(record, before)
    for packet in record.received("TCP"):
        if packet.n > begin.n:
            return packet
    raise NotObserved(f"the peer's packet after step {before!r} was not captured")


def sent_just(record: RecordView, count: int) -> Finding:
    """The first bytes of the pattern were sent, ``count`` of them, and no byte more."""
    near = record.near_stream
    ok = near.sent() == count and near.data == pattern(count)
    return Finding(ok, f"the first {count} bytes of the data sent", f"{near.sent()} bytes sent")


def acknowledged(record: RecordView, step: str, count: int) -> Finding:
    """The near host had acknowledged just so many bytes at the end of a step."""
    up_to = near_at(record, step).other.acknowledged_up_to - 1
    return Finding(
        up_to == count, f"{count} bytes acknowledged at the end of {step!r}", f"{up_to} were"
    )


def answers(record: RecordView, packet: Packet, step: str) -> tuple[Packet, ...]:
    """The near host's bare ACKs between a packet and the end of a step."""
    between = record.packets_between(packet, settled(record, step))
    return tuple(p for p in between if p.sent and p.is_bare_ack)


def told(call: CallView, name: str, number: int) -> Finding:
    """The call left this number behind."""
    return Finding(call.number(name) == number, f"{name}={number}", call)


def in_state(call: CallView, state: str) -> Finding:
    """The connection was in this state."""
    return Finding(call.text("state") == state, f"the state {state}", call)


def all_acknowledged(record: RecordView, count: int) -> Finding:
    """The near host acknowledged so many bytes in the end, and no more."""
    up_to = record.near_stream.other.acknowledged_up_to - 1
    return Finding(up_to == count, f"{count} bytes acknowledged", f"{up_to}")


def arrivals(record: RecordView, before: str, step: str) -> tuple[Packet, ...]:
    """What the peer sent between the ends of two steps."""
    between = record.packets_between(settled(record, before), settled(record, step))
    return tuple(p for p in between if p.is_tcp and not p.sent)


# --- sending: the peer's window -------------------------------------------------------------------


@observes("send/window_closed", stage="wire", family=INET_BOTH, by=BLOCKING_WRITERS)
def test_a_closed_window_holds_data_back(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.8.6: the window is what the receiver is prepared to accept."""
    first, second = record.calls(record.variant["by"])
    with claim("send.success-is-buffered"):
        assert first.returned(60)
        assert second.returned(40)
        assert sent_by(record, "closed", 0)
    if record.variant["by"] == "send":
        with claim("send.returns-count"):
            assert first.returned(60)
            assert second.returned(40)
            assert sent_just(record, 100)
    else:
        with claim("io.write-count"):
            assert first.returned(60)
            assert second.returned(40)
            assert sent_just(record, 100)
    with claim("window.closed-holds-data"):
        assert sent_by(record, "closed", 0)
    with claim("window.opened-releases-data"):
        assert sent_by(record, "closed", 0)
        assert sent_by(record, "opened", 100)
        assert sent_just(record, 100)


@observes("send/window_edge", stage="wire", family=INET_BOTH)
def test_data_is_sent_up_to_the_windows_edge(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.8.6 and 3.10.7.4, fifth: up to SND.UNA + SND.WND."""
    near = record.near_stream
    with claim("window.edge"):
        assert sent_by(record, "offered", 500)
        assert sent_by(record, "acknowledged", 500)
    with claim("window.moves"):
        assert sent_by(record, "acknowledged", 500)
        assert sent_by(record, "moved", 800)
    with claim("window.no-small-segments"):
        assert sent_by(record, "a little room", 800)
    with claim("window.old-update-ignored", "an old acknowledgment"):
        assert sent_by(record, "a little room", 800)
        assert sent_by(record, "old acknowledgment", 800)
    with claim("window.old-update-ignored", "an old number"):
        assert sent_by(record, "a little room", 800)
        assert sent_by(record, "old number", 800)
    with claim("window.shrunk-no-new-data"):
        assert sent_by(record, "shrunk", 800)
    with claim("window.shrunk-survived"):
        assert near.no_reset()
        assert sent_by(record, "reopened", 2000)
        assert in_state(record.the("getsockopt"), "ESTABLISHED")


@observes("send/window_reduced", stage="wire", family=INET_BOTH)
def test_the_last_window_counts(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.4, fifth: SND.WL1 = SEG.SEQ and SND.WL2 =< SEG.ACK."""
    with claim("window.last-counts"):
        assert sent_by(record, "reduced", 200)


@observes("send/window_scaled", stage="wire", family=INET_BOTH)
def test_the_window_of_a_syn_is_not_scaled(record: RecordView, claim: ClaimContext) -> None:
    """RFC 7323, 2.2 and 2.3."""
    if record.near_stream.syn.options.window_scale is None:
        raise NotObserved("the near host's SYN has no Window Scale option")
    with claim("window.scale-not-in-syn"):
        assert sent_by(record, "of the SYN", 300)
    with claim("window.scale-applied"):
        sent = near_at(record, "after it").sent()
        edge = 300 + (4 << 7)
        whole = Finding(edge - SEGMENT < sent <= edge, f"about {edge} bytes sent", f"{sent} were")
        assert whole


@observes("send/window_probed", stage="wire", family=INET_BOTH)
def test_a_closed_window_is_probed(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.8.6.1: MUST-36, MUST-37."""
    near = record.near_stream
    probes = [step for step in record.steps if step.startswith("probe ")]
    with claim("window.probed"):
        for n, step in enumerate(probes, 1):
            seen = len(near_at(record, step).probes)
            assert Finding(seen >= n, f"{n} probes at the end of {step!r}", f"{seen} were sent")
    with claim("window.probed-stays-open"):
        for step in probes:
            assert in_state(record.the("getsockopt", step), "ESTABLISHED")
        assert near.no_reset()
        assert sent_just(record, 100)


# --- sending: the buffer --------------------------------------------------------------------------


def other_modes(variant: dict[str, str]) -> bool:
    """write() has no flags."""
    return variant["by"] == "send" or variant["mode"] == "socket"


@observes(
    "write/window_full",
    stage="wire",
    family=INET_BOTH,
    by=BLOCKING_WRITERS,
    mode=("socket", "flag"),
    when=other_modes,
)
def test_a_full_buffer_takes_a_part_and_then_nothing(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 write() and send(), O_NONBLOCK and RETURN VALUE; poll(), POLLOUT."""
    by, mode = record.variant["by"], record.variant["mode"]
    part, nothing = record.the(by, "filling"), record.the(by, "full")
    count = part.count
    if by == "write":
        with claim("nonblock.write-partial"):
            assert part.took_a_part()
            assert sent_by(record, "emptied", count)
        with claim("io.write-partial"):
            assert part.took_a_part()
            assert sent_by(record, "emptied", count)
        with claim("nonblock.write-full"):
            assert nothing.failed_with(*WOULD_BLOCK)
    elif mode == "socket":
        with claim("send.nonblocking-eagain"):
            assert nothing.failed_with(*WOULD_BLOCK)
    else:
        with claim("nonblock.msg-dontwait"):
            assert part.took_a_part()
            assert nothing.failed_with(*WOULD_BLOCK)
    with claim("write.part-is-sent"):
        assert part.took_a_part()
        assert sent_by(record, "full", 0)
        assert sent_by(record, "emptied", count)
        data = near_at(record, "emptied").data
        assert Finding(data == pattern(count), f"the first {count} bytes sent", "other data was")
    with claim("write.poll-tells-space"):
        assert record.the("poll", "full").returned(0)
        assert record.the("poll", "emptied").returned(1)
        assert record.the("poll", "emptied").names("revents") == {"POLLOUT"}
        assert record.the(by, "space").returned(50)


def assert_waits_and_takes_all(record: RecordView) -> None:
    """It sleeps while the window is closed, and while it has room for a part; then all is sent."""
    by = record.variant["by"]
    call = record.the(by)
    assert record.asleep(by, "closed")
    assert sent_by(record, "closed", 0)
    assert record.asleep(by, "part")
    assert record.before(opening(record, "part"), call.returned)
    assert call.returned(call.args["size"])
    assert sent_just(record, call.count)


@observes(
    "write/window_blocked",
    stage="wire",
    family=INET_BOTH,
    by=BLOCKING_WRITERS,
    end="space",
)
def test_a_write_waits_for_the_window(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 write() and send(): with O_NONBLOCK clear they block until all is taken."""
    by = record.variant["by"]
    if by == "write":
        with claim("block.write-waits"):
            assert_waits_and_takes_all(record)
    else:
        with claim("send.blocks-when-full"):
            assert_waits_and_takes_all(record)
    with claim("block.returns-when-done"):
        assert_waits_and_takes_all(record)


def by_itself(record: RecordView) -> Finding:
    """The time limit ended each call; a call that goes on waiting is ended by a signal."""
    seen = record.notes("by itself")
    if not seen:
        raise NotObserved("the record does not say what ended the call")
    ended = f"{sum(1 for note in seen if note == 1)} of {len(seen)} did"
    return Finding(all(note == 1 for note in seen), "each call to end by itself", ended)


@observes(
    "write/window_blocked",
    stage="wire",
    family=INET_BOTH,
    by=BLOCKING_WRITERS,
    end=("signal", "timeout"),
)
def test_a_write_cut_short_counts_what_is_sent(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 write(), signals; 2.10.16 Use of Options, SO_SNDTIMEO."""
    call = record.the(record.variant["by"])
    if record.variant["end"] == "signal":
        with claim("write.signal-leaves-a-part"):
            assert record.asleep(record.variant["by"], "closed")
            assert call.took_a_part()
            assert sent_by(record, "closed", 0)
            assert sent_just(record, call.count)
    else:
        with claim("write.timeout-leaves-a-part"):
            assert by_itself(record)
            assert call.took_a_part()
            assert sent_by(record, "closed", 0)
            assert sent_just(record, call.count)


@observes("send/queue", stage="wire", family=INET_BOTH)
def test_the_queue_that_is_unsent(record: RecordView, claim: ClaimContext) -> None:
    """tcp(7), SIOCOUTQ, which has TIOCOUTQ as its other name."""
    for step, unsent, sent in (
        ("none sent", 1000, 0),
        ("a part sent", 700, 300),
        ("a part acknowledged", 700, 300),
        ("all acknowledged", 0, 1000),
    ):
        with claim("queue.unsent", step):
            assert sent_by(record, step, sent)
            assert told(record.the("ioctl", step), "unsent", unsent)


@observes("shutdown/window_closed", stage="wire", family=INET_BOTH, by=("shutdown", "close"))
def test_a_fin_waits_for_the_data(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.9.1.4: what was sent before is transmitted as flow control permits."""
    call = record.the(record.variant["by"])
    near = record.near_stream
    if record.variant["by"] == "close":
        with claim("close.returns-at-once"):
            assert call.returned(0)
            assert sent_by(record, "closed", 0)
            assert record.before(call.returned, opening(record, "closed"))
    with claim("closing.fin-number"):
        assert sent_by(record, "closed", 0)
        fins = len(near_at(record, "closed").fins)
        assert Finding(not fins, "no FIN while data waits", f"{fins} were sent")
        assert near.one_fin()
        assert near.ends_behind(150)
        assert near.data == pattern(150)


# --- sending: acknowledgments ---------------------------------------------------------------------


@observes("send/sent_again", stage="wire", family=INET_BOTH)
def test_what_is_not_acknowledged_is_sent_again(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.8, retransmission timeout, and 3.10.7.4, fifth."""
    near = record.near_stream
    again = near.retransmissions
    with claim("again.first-unacknowledged"):
        assert Finding(bool(again), "a retransmission", "none")
        assert Finding(near.relative(again[0]) == 1, "the first segment again", str(again[0]))
    with claim("again.same-bytes"):
        assert Finding(bool(again), "a retransmission", "none")
        for packet in again:
            same = packet.payload == pattern(packet.payload_length, near.relative(packet) - 1)
            assert Finding(same, "the bytes that these numbers had before", str(packet))
    with claim("again.not-what-is-acknowledged"):
        ack = arrivals(record, "again", "a part acknowledged")[0]
        later = [p for p in near.packets if p.n > ack.n and p.has_data]
        assert Finding(bool(later), "a retransmission after the ACK", "none")
        for packet in later:
            assert Finding(near.relative(packet) > SEGMENT, "only what is left", str(packet))


@observes("send/duplicate_acks", stage="wire", family=INET_BOTH)
def test_three_duplicate_acks_bring_a_retransmission(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 5681, 3.2: after three of them, without waiting for the timer."""
    near = record.near_stream
    with claim("again.fast"):
        duplicates = arrivals(record, "sent", "duplicates")
        if len(duplicates) != 3:
            raise NotObserved(f"{len(duplicates)} of 3 duplicate ACKs were captured")
        between = record.packets_between(duplicates[2], settled(record, "duplicates"))
        again = [p for p in near.retransmissions if p in between]
        assert Finding(bool(again), "a retransmission for the third duplicate ACK", "none")
        lacking = near.relative(again[0]) == 1 + SEGMENT
        assert Finding(lacking, "the segment that the peer lacks", str(again[0]))


@observes("send/acknowledged_unsent", stage="wire", family=INET_BOTH)
def test_an_ack_of_what_was_never_sent(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.5.2, group 3; 3.10.7.4, fifth: send an ACK, drop the segment."""
    near = record.near_stream
    with claim("ack.unsent-answered"):
        ack = near_at(record, "unsent acknowledged").other.packets[-1]
        answer = answers(record, ack, "unsent acknowledged")
        assert Finding(bool(answer), "an ACK in answer", "none")
        assert Finding(near.relative(answer[0]) == 101, "an ACK with SND.NXT", str(answer[0]))
    with claim("ack.unsent-ignored"):
        if not told(record.the("ioctl", "sent"), "unsent", 100):
            raise NotObserved("SIOCOUTQ does not count what was sent and is not acknowledged")
        assert told(record.the("ioctl", "unsent acknowledged"), "unsent", 100)
        assert told(record.the("ioctl", "sent acknowledged"), "unsent", 0)
        assert in_state(record.the("getsockopt"), "ESTABLISHED")


# --- receiving: the near host's window ------------------------------------------------------------


def edges(near: Stream) -> list[int]:
    """How far the near host let the peer send, by each packet that told it."""
    told = [p for p in near.packets if "ACK" in p.flags and not p.is_rst]
    return [near.relative_ack(packet) + near.window_of(packet) for packet in told]


def window_closed(record: RecordView, step: str) -> Finding:
    """The near host advertised a window of 0 at the end of a step."""
    window = near_at(record, step).window
    return Finding(window == 0, f"a closed window at the end of {step!r}", f"{window} bytes")


@observes("recv/window_unread", stage="wire", family=INET_BOTH)
def test_the_window_closes_while_nobody_reads(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.8.6, 3.8.6.1 and 3.8.6.2.2; POSIX.1-2024 recv(), MSG_PEEK."""
    near = record.near_stream
    filled = record.number("filled")
    with claim("window.closes-unread"):
        assert window_closed(record, "filled")
        assert acknowledged(record, "filled", filled)
    with claim("window.edge-not-back"):
        told = edges(near)
        for first, second in pairwise(told):
            assert Finding(second >= first, f"an edge at {first} or beyond", f"at {second}")
    beyond = arrivals(record, "filled", "beyond")[0]
    with claim("window.zero-answered"):
        answer = answers(record, beyond, "beyond")
        assert Finding(bool(answer), "an ACK in answer", "none")
        assert Finding(near.relative_ack(answer[-1]) == 1 + filled, "the next", str(answer[-1]))
        assert Finding(answer[-1].window == 0, "the window, 0", str(answer[-1]))
    rest = record.the("recv", "all read")
    little = record.the("recv", "a little read")
    with claim("window.beyond-not-taken"):
        assert acknowledged(record, "beyond", filled)
        assert rest.got_pattern(filled - little.count, little.count)
        assert record.the("recv", "sent again").got_pattern(10, filled)
    with claim("peek.unread"):
        assert record.the("recv", "peeked").got_just_pattern(filled)
        assert window_closed(record, "peeked")
        assert little.got_just_pattern(10)
        assert rest.got_just_pattern(filled - 10, 10)
    with claim("window.no-small-steps"):
        assert little.returned(10)
        told = edges(near_at(record, "a little read"))
        assert Finding(max(told) == 1 + filled, f"the edge at {1 + filled}", f"{max(told)}")
    with claim("window.reopens"):
        window = near_at(record, "all read").window
        assert Finding(window > 0, "an ACK that opens the window", f"a window of {window}")


@observes("recv/outside_window", stage="wire", family=INET_BOTH, where=("ahead", "old"))
def test_what_lies_outside_of_the_window(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.4, first: check sequence number."""
    near = record.near_stream
    outside = arrivals(record, "inside", "outside")[0]
    with claim("outside.answered"):
        answer = answers(record, outside, "outside")
        assert Finding(bool(answer), "an ACK in answer", "none")
        assert Finding(near.relative_ack(answer[-1]) == 51, "RCV.NXT", str(answer[-1]))
        assert Finding(near.relative(answer[-1]) == 1, "SND.NXT", str(answer[-1]))
    with claim("outside.dropped"):
        assert record.the("recv", "inside").got_pattern(50)
        assert record.the("recv", "outside").failed_with(*WOULD_BLOCK)
        assert record.the("recv", "inside again").got_pattern(50, 50)


@observes("recv/across_edge", stage="wire", family=INET_BOTH, unread=("none", "some"))
def test_a_segment_across_the_windows_edge(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.4, first: acceptable, since it begins inside of the window."""
    room = record.number("room")
    with claim("outside.part-inside-taken"):
        end = record.near_stream.other.acknowledged_up_to - 1
        assert Finding(end >= room, f"at least {room} bytes acknowledged", f"{end} were")
        call = record.the("recv")
        assert Finding(call.count >= room, f"at least {room} bytes received", call)
        assert call.got_just_pattern(call.count)


# --- receiving: the order of segments -------------------------------------------------------------


@observes("recv/out_of_order", stage="wire", family=INET_BOTH)
def test_segments_behind_a_gap_wait_for_it(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.4; RFC 5681, 4.2."""
    gaps = ("gap, 1 behind it", "gap, 2 behind it")
    call = record.the("recv")
    near = record.near_stream
    filling = arrivals(record, gaps[1], "filled")[0]
    with claim("order.kept"):
        for step in gaps:
            assert record.asleep("recv", step)
            assert told(record.the("ioctl", step), "unread", 0)
        assert record.before(filling, call.returned)
        assert call.got_just(pattern(3 * SEGMENT)[: call.count])
    with claim("order.held"):
        assert acknowledged(record, gaps[1], 0)
        assert all_acknowledged(record, 3 * SEGMENT)
        assert call.got_just_pattern(3 * SEGMENT)
    with claim("order.duplicate-ack"):
        for step in gaps:
            later = near_at(record, step).other.packets[-1]
            answer = answers(record, later, step)
            assert Finding(bool(answer), f"a duplicate ACK in {step!r}", "none")
            assert Finding(near.relative_ack(answer[0]) == 1, "the same number", str(answer[0]))
    with claim("order.gap-filled-ack"):
        answer = answers(record, filling, "filled")
        assert Finding(bool(answer), "an ACK for what filled the gap", "none")
        assert acknowledged(record, "filled", 3 * SEGMENT)


@observes("recv/overlap", stage="wire", family=INET_BOTH)
def test_what_comes_twice_is_received_once(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.4: portions outside of the window are trimmed; tcp(7), SIOCINQ."""
    data, nothing = record.calls("recv")
    counts = {
        "once": 100,
        "twice": 100,
        "overlapping": 150,
        "overlapping behind a gap": 150,
        "filled": 400,
    }
    with claim("order.each-byte-once"):
        assert data.got_just_pattern(400)
        assert nothing.failed_with(*WOULD_BLOCK)
    with claim("ack.never-ahead"):
        for step, count in counts.items():
            up_to = near_at(record, step).other.acknowledged_up_to - 1
            assert Finding(up_to <= count, f"at most {count} bytes acknowledged", f"{up_to}")
        assert all_acknowledged(record, 400)
    with claim("queue.unread"):
        for step, count in (*counts.items(), ("read", 0)):
            assert told(record.the("ioctl", step), "unread", count)


@observes("recv/acknowledged", stage="wire", family=INET_BOTH, read=("yes", "no"))
def test_every_second_segment_is_acknowledged(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.8.6.3: an ACK for at least every second full-sized segment (SHLD-19)."""
    far = record.near_stream.other
    segments = far.segments
    with claim("ack.every-second-segment"):
        for n in range(2, len(segments), 2):
            due = far.behind(segments[n - 2])
            up_to = far.until(segments[n]).acknowledged_up_to - 1
            assert Finding(
                up_to >= due,
                f"at least {due} bytes acknowledged when {n} segments had come",
                f"{up_to} were",
            )


# --- receiving: what calls return -----------------------------------------------------------------


def assert_waits_for_data(record: RecordView, call: CallView) -> None:
    """It sleeps while there is nothing, and returns with the first byte."""
    assert call.slept()
    assert record.before(record.near_stream.other.segments[0], call.returned)
    assert call.got_just_pattern(1)


def assert_loses_nothing(part: CallView, rest: CallView) -> None:
    """The first got as much as it asked for, the second what was left."""
    assert part.got_just_pattern(20, 13)
    assert rest.got_just_pattern(31, 33)


@observes("recv/segments", stage="wire", family=INET_BOTH, by=READERS)
def test_a_receiving_call_knows_no_segments(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 recv() and read(): what is there, up to the size that was asked for."""
    by = record.variant["by"]
    first = record.the(by, "the first byte")
    several = record.the(by, "three segments")
    part, rest = record.calls(by, step="a part")
    nothing = record.the(by, "nothing")
    with claim("socket.type-stream"):
        assert several.got_just_pattern(12, 1)
        assert_loses_nothing(part, rest)
    if by in READ:
        with claim("block.read-waits"):
            assert_waits_for_data(record, first)
        with claim("block.read-short"):
            assert several.returned(12)
        with claim("block.read-exact"):
            assert_loses_nothing(part, rest)
        with claim("nonblock.read-eagain"):
            assert nothing.failed_with(*WOULD_BLOCK)
            assert nothing.left_untouched("data")
        with claim("io.read-count"):
            assert first.returned(1)
            assert several.returned(12)
    if by in RECV:
        with claim("recv.blocks-when-empty"):
            assert_waits_for_data(record, first)
        with claim("recv.partial"):
            assert first.got_just_pattern(1)
            assert several.got_just_pattern(12, 1)
        with claim("recv.returns-count"):
            assert first.returned(1)
            assert several.returned(12)
        with claim("recv.excess-dropped"):
            assert_loses_nothing(part, rest)
        with claim("recv.nonblocking-eagain"):
            assert nothing.failed_with(*WOULD_BLOCK)
            assert nothing.left_untouched("data")


def took_the_piece(call: CallView) -> Finding:
    return call.got_just_pattern(4)


@observes(
    "recv/waitall_segments",
    stage="wire",
    family=INET_BOTH,
    by=("recv", "recvmsg"),
    end=("rest", "fin", "reset", "signal"),
)
def test_waitall_waits_between_the_pieces(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 recv() and recvmsg(), MSG_WAITALL."""
    by, end = record.variant["by"], record.variant["end"]
    call = record.the(by)
    with claim("waitall.waits"):
        assert record.asleep(by, "nothing")
        assert record.asleep(by, "a piece")
        if end == "rest":
            assert call.got_just_pattern(10)
    if end != "rest":
        with claim("waitall.cut-short"):
            assert took_the_piece(call)


@observes(
    "recv/waitall_segments",
    stage="wire",
    family=INET_BOTH,
    by=("recv", "recvmsg"),
    end="timeout",
)
def test_a_time_limit_leaves_a_part(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024, 2.10.16 Use of Options, SO_RCVTIMEO."""
    by = record.variant["by"]
    with claim("waitall.timeout-leaves-a-part"):
        assert by_itself(record)
        assert took_the_piece(record.the(by, "a part"))
        assert record.the(by, "nothing").failed_with(*WOULD_BLOCK)


@observes("recv/low_water", stage="wire", family=INET_BOTH, by=("recv", "recvmsg"))
def test_the_low_water_mark(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024, 2.10.16 Use of Options, SO_RCVLOWAT; socket(7), SO_RCVLOWAT."""
    by = record.variant["by"]
    waiting = record.calls(by)[0]
    pieces = record.near_stream.other.segments
    with claim("lowat.waits"):
        assert record.asleep(by, "one byte short")
        assert record.before(pieces[1], waiting.returned)
        assert waiting.got_just_pattern(10)
    with claim("lowat.less-wanted"):
        assert record.the(by, "little wanted").got_just_pattern(3, 10)
    with claim("lowat.poll"):
        assert told(record.the("ioctl", "one byte short"), "unread", 9)
        assert record.the("poll", "one byte short").returned(0)
        assert record.the("poll", "polled").returned(1)


@observes("recv/discarded", stage="wire", family=INET_BOTH)
def test_bytes_received_and_not_passed_on(record: RecordView, claim: ClaimContext) -> None:
    """tcp(7), MSG_TRUNC."""
    call = record.the("recv", "discarded")
    with claim("trunc.discards"):
        assert call.returned(40)
        untouched = set(call.data) == {0xA5} and not call.behind and not call.overrun
        assert Finding(untouched, "no byte of the memory changed", call)
        assert told(record.the("ioctl"), "unread", 60)
        assert record.the("recv", "received").got_just_pattern(60, 40)
