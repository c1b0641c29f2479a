# SPDX-License-Identifier: Apache-2.0
"""The end of a connection as a scripted peer sees it, and what calls say of it.

RFC 9293: the two directions are closed one by one, each with a FIN behind all data (3.6, 3.10.4);
an abort is a RST (3.10.5); which RST counts, and what becomes of the connection, 3.10.7.4 says,
state by state.  POSIX.1-2024 says how long close() may wait (SO_LINGER), socket(7) what Linux does
beyond that.

The peer does nothing by itself, so that a FIN stays unacknowledged, or comes twice, or crosses
another, as the probe's script has it.  That a connection is gone shows in the RST that answers what
still comes for it (RFC 9293, 3.10.7.1); that it is in TIME-WAIT, in the ACK that does.
"""

from __future__ import annotations

from sockspec.check import (
    INET_BOTH,
    SAID,
    WOULD_BLOCK,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    Stream,
    observes,
    packets_text,
    pattern,
)

OPEN = ("established", "fin-wait-1", "fin-wait-2", "close-wait")
"""The states in which a RST, or an abort, is the end of something (RFC 9293, 3.10.5, 3.10.7.4)."""
OVER = ("closing", "last-ack", "time-wait")
"""Those in which both sides have closed."""
STATES = (*OPEN, *OVER)
RECEIVING = ("read", "recv", "recvmsg")


# --- what the wire shows --------------------------------------------------------------------------


def near(record: RecordView) -> Stream:
    """What the near end of the connection sent."""
    return record.stream(record.address("near"))


def sent_last(record: RecordView) -> tuple[Packet, ...]:
    """What left between the last two markers, but for what had left before, and mere ACKs."""
    return near(record).new_between(*record.fences[-2:])


def sent_by(record: RecordView, call: CallView) -> tuple[Packet, ...]:
    """The same of the markers around a call."""
    return near(record).new_between(*record.fences_around(call))


def answers(record: RecordView) -> tuple[Packet, ...]:
    """The RSTs and ACKs that left between the peer's last segment and the last marker."""
    last = near(record).peer_packets[-1]
    sent = record.sent_between(last, record.fences[-1])
    return tuple(packet for packet in sent if packet.is_rst or packet.is_bare_ack)


def answered_by_reset(record: RecordView) -> Finding:
    """What the peer sent last got a RST: there is no such connection."""
    found = answers(record)
    ok = bool(found) and all(packet.is_rst for packet in found)
    return Finding(ok, "a RST as the answer", packets_text(found))


def answered_by_ack(record: RecordView) -> Finding:
    """The same with an ACK, of all that the peer had sent, its FIN included."""
    found = answers(record)
    stream = near(record)
    numbers = stream.other.sent() + 1 + len(stream.other.fins)
    ok = bool(found) and all(
        packet.is_bare_ack and stream.relative_ack(packet) == numbers for packet in found
    )
    return Finding(ok, f"an ACK of number {numbers} as the answer", packets_text(found))


def next_number(stream: Stream, moment: Packet) -> int:
    """The number, from its SYN, behind all that an end had sent before a moment."""
    before = stream.until(moment)
    return max(before.relative(packet) + packet.numbers for packet in before.packets)


def fin_only(packets: tuple[Packet, ...]) -> Finding:
    """One FIN, without data, and nothing else."""
    ok = all(packet.is_fin and not packet.has_data for packet in packets)
    ok = ok and len({packet.seq for packet in packets}) == 1
    return Finding(ok, "one FIN and nothing else", packets_text(packets))


def one_reset(packets: tuple[Packet, ...]) -> Finding:
    ok = len(packets) == 1 and packets[0].is_rst
    return Finding(ok, "one RST and nothing else", packets_text(packets))


def nothing(packets: tuple[Packet, ...]) -> Finding:
    return Finding(not packets, "nothing to be sent", packets_text(packets))


# --- what calls show ------------------------------------------------------------------------------


def in_state(record: RecordView, step: str, state: str) -> Finding:
    """The connection was in this state in a step, as TCP_INFO gives it."""
    call = next(c for c in record.calls("getsockopt", step=step) if c.args["option"] == "TCP_INFO")
    if call.failed:
        raise NotObserved("the target does not tell the state of a TCP socket")
    return Finding(call.text("state") == state, f"the state {state}", call.text("state"))


def pending_error(call: CallView, error: str) -> Finding:
    return Finding(call.text("error") == error, f"SO_ERROR to give {error}", str(call))


def is_end(call: CallView) -> Finding:
    """It returned 0 and wrote nothing: there is no more to come."""
    finding = call.gave(0)
    return call.left_untouched("data") if finding.ok else finding


def packet_from_peer(record: RecordView, flag: str) -> Packet:
    """The peer's only packet with this flag."""
    found = [packet for packet in near(record).peer_packets if flag in packet.flags]
    if len(found) != 1:
        raise NotObserved(f"{len(found)} packets of the peer's have {flag}")
    return found[0]


# --- from state to state --------------------------------------------------------------------------


def assert_states(record: RecordView, *names: str) -> None:
    for name in names:
        assert in_state(record, name, name)


@observes("tcp/closing_states", way="active", family=INET_BOTH, stage="wire")
def test_the_side_that_closes_first_goes_through_fin_wait_to_time_wait(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.6, figure 12; 3.6.1, MUST-13; 3.10.7.4, fifth, TIME-WAIT."""
    with claim("closing.active-states"):
        assert_states(record, "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2")
        assert record.exchange("> FIN", "< ACK", "< FIN", "> ACK")
    with claim("closing.fin-acknowledged"):
        assert near(record).other.acknowledged_up_to == 2
    with claim("timewait.fin-again"):
        assert answered_by_ack(record)
    with claim("timewait.active"):
        assert answered_by_ack(record)


@observes("tcp/closing_states", way="passive", family=INET_BOTH, stage="wire")
def test_the_side_that_closes_second_goes_through_close_wait_and_is_gone(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.6, figure 12; 3.10.7.4, fifth, LAST-ACK, and eighth."""
    close = record.the("shutdown")
    with claim("closing.passive-states"):
        assert_states(record, "ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED")
        assert record.exchange("< FIN", "> ACK", "> FIN", "< ACK")
    with claim("closing.fin-acknowledged"):
        assert near(record).until(close).other.acknowledged_up_to == 2
    with claim("closing.fin-waits-for-close"):
        assert near(record).one_fin()
        assert record.before(close.entered, near(record).fins[0])
    with claim("timewait.passive-closed"):
        assert answered_by_reset(record)


@observes("tcp/closing_states", way="simultaneous", family=INET_BOTH, stage="wire")
def test_fins_that_cross_lead_through_closing_to_time_wait(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.6, figure 13; 3.6.1, MUST-13."""
    with claim("closing.simultaneous-states"):
        assert_states(record, "ESTABLISHED", "FIN-WAIT-1", "CLOSING")
        assert record.exchange("> FIN", "< FIN", "> ACK", "< ACK")
    with claim("closing.fin-acknowledged"):
        assert near(record).other.acknowledged_up_to == 2
    with claim("timewait.active"):
        assert answered_by_ack(record)


# --- close() and what is still to be sent ---------------------------------------------------------


@observes("close/background", family=INET_BOTH, stage="wire")
def test_close_returns_and_the_data_and_the_fin_follow_when_they_can(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.6; 3.10.4, ESTABLISHED."""
    close = record.the("close")
    said = pattern(SAID, seed=0) + pattern(SAID, seed=1)
    with claim("close.returns-at-once", "the wire"):
        assert close.returned(0)
        assert near(record).data_before(record.fences_around(close)[1]) == b""
    with claim("closing.delivers"):
        assert near(record).data == said
    with claim("closing.fin-number"):
        assert near(record).one_fin()
        assert near(record).ends_behind(2 * SAID)
        assert record.before(record.fences_around(close)[1], near(record).fins[0])


@observes("close/one_of_two", by=("dup", "fork", "exec", "rights"), family=INET_BOTH, stage="wire")
def test_the_peer_learns_of_the_last_close_only(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 close(): the open file description goes with its last descriptor."""
    with claim("close.refcount", "the wire"):
        first = record.the("close", "1 left")
        assert first.returned(0)
        assert record.nothing_sent_between(*record.fences_around(first))
        assert fin_only(sent_last(record))
        assert near(record).one_fin()
        assert near(record).ends_behind(SAID)


@observes("close/unread", read=("none", "part", "all"), family=INET_BOTH, stage="wire")
def test_close_with_data_unread_resets_the_connection(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.6.1, SHLD-3; 3.10.4."""
    close = record.the("close")
    sent = sent_by(record, close)
    if record.variant["read"] == "all":
        with claim("closing.fin-number"):
            assert fin_only(sent)
            assert near(record).one_fin()
            assert near(record).ends_behind(0)
            assert near(record).no_reset()
        return
    with claim("closing.unread-resets"):
        assert one_reset(sent)
        assert nothing(near(record).fins)
        assert near(record).relative(sent[0]) == 1


@observes("close/late_data", fin=("acknowledged", "unacknowledged"), family=INET_BOTH, stage="wire")
def test_data_that_come_after_close_are_answered_by_a_reset(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.6.1, SHLD-3."""
    with claim("closing.late-data-reset"):
        assert near(record).one_fin()
        assert answered_by_reset(record)


@observes("tcp/fin_lost", family=INET_BOTH, stage="wire")
def test_a_fin_that_is_not_acknowledged_is_sent_again(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.6, case 1."""
    fins = tuple(packet for packet in near(record).packets if packet.is_fin)
    with claim("closing.fin-again"):
        assert Finding(len(fins) > 1, "the FIN more than once", packets_text(fins))
        assert near(record).ends_behind(SAID)
        assert {near(record).behind(fin) for fin in fins} == {SAID}


@observes(
    "close/process_gone",
    end=("exit", "kill"),
    unread=("none", "data"),
    family=INET_BOTH,
    stage="wire",
)
def test_the_end_of_the_process_closes_its_connections(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 _Exit(), Consequences of Process Termination; RFC 9293, 3.6.1, SHLD-3."""
    with claim("closing.by-process-end"):
        if record.variant["unread"] == "none":
            assert fin_only(sent_last(record))
            assert near(record).ends_behind(SAID)
        else:
            assert one_reset(sent_last(record))


@observes("close/under_reader", by=RECEIVING, family=INET_BOTH, stage="wire")
def test_close_does_not_end_a_call_of_another_thread(
    record: RecordView, claim: ClaimContext
) -> None:
    """close(2), NOTES, Multithreaded processes and close()."""
    close, call = record.the("close"), record.the(record.variant["by"])
    with claim("closing.blocked-call-holds"):
        assert call.slept()
        assert record.nothing_sent_between(*record.fences_around(close))
        assert call.got_just_pattern(SAID, seed=1)
        assert near(record).one_fin()
        assert record.before(call.entered, close)
        assert record.before(packet_from_peer(record, "PSH"), near(record).fins[0])


@observes("tcp/orphan", by=("sysctl", "option"), family=INET_BOTH, stage="wire")
def test_a_closed_connection_does_not_wait_for_the_peers_fin_forever(
    record: RecordView, claim: ClaimContext
) -> None:
    """tcp(7), tcp_fin_timeout and TCP_LINGER2."""
    with claim("closing.orphan-ends"):
        assert near(record).one_fin()
        assert answered_by_reset(record)


# --- SO_LINGER ------------------------------------------------------------------------------------


@observes(
    "close/lingers",
    mode=("blocking", "nonblocking"),
    answer=("ack", "rst"),
    family=INET_BOTH,
    stage="wire",
)
def test_close_with_linger_waits_until_the_peer_has_the_data(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 close(), DESCRIPTION: until all data is transmitted.

    What is not acknowledged may have to be sent again, and so counts as not transmitted.
    """
    close = record.the("close")
    answer = near(record).peer_packets[-1]
    with claim("linger.close-waits"):
        assert close.slept()
        assert record.before(record.fences[0], close.returned)
        assert record.before(answer, close.returned)
        assert close.returned(0)
        assert near(record).ends_behind(SAID)


@observes("close/linger_over", family=INET_BOTH, stage="wire")
def test_close_with_linger_waits_for_its_time_at_most(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 close(), DESCRIPTION: for up to the linger interval."""
    close = record.the("close")
    with claim("linger.ends"):
        assert close.slept()
        assert close.returned(0)
        assert near(record).acknowledged_up_to == 1


@observes("close/linger_exit", family=INET_BOTH, stage="wire")
def test_a_process_that_ends_does_not_linger(record: RecordView, claim: ClaimContext) -> None:
    """socket(7), SO_LINGER: as part of exit(2) it lingers in the background."""
    with claim("linger.exit-background"):
        assert near(record).until(record.fences[1]).acknowledged_up_to == 1
        gone = record.number("gone")
        assert Finding(gone == 1, "the process to be gone before the ACK", f"gone: {gone}")
        assert near(record).ends_behind(SAID)


@observes("shutdown/lingers", family=INET_BOTH, stage="wire")
def test_shutdown_with_linger_waits(record: RecordView, claim: ClaimContext) -> None:
    """socket(7), SO_LINGER."""
    with claim("linger.shutdown-waits"):
        assert record.asleep("shutdown")


@observes("close/abort", state=OPEN, family=INET_BOTH, stage="wire")
def test_close_with_a_linger_time_of_zero_resets_the_connection(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.5; 3.10.7.1."""
    close = record.the("close")
    begin, _ = record.fences_around(close)
    sent = sent_by(record, close)
    with claim("abort.resets"):
        assert close.returned(0)
        assert one_reset(sent)
        assert near(record).relative(sent[0]) == next_number(near(record), begin)
    with claim("abort.discards"):
        assert near(record).sent() == 0
        assert nothing(tuple(packet for packet in sent if packet.is_fin))
    with claim("abort.deletes"):
        assert answered_by_reset(record)


@observes("close/abort", state=OVER, family=INET_BOTH, stage="wire")
def test_an_abort_deletes_a_connection_that_is_over(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.5, CLOSING, LAST-ACK and TIME-WAIT."""
    with claim("abort.deletes"):
        assert answered_by_reset(record)


# --- shutdown() -----------------------------------------------------------------------------------


@observes(
    "shutdown/fins",
    ways=("rd", "wr", "rdwr", "wr,wr", "rd,wr", "wr,rdwr", "rdwr,wr", "rd,rd"),
    family=INET_BOTH,
    stage="wire",
)
def test_the_first_call_that_closes_the_sending_direction_sends_the_fin(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.4; POSIX.1-2024 shutdown()."""
    shuts = record.calls("shutdown")
    receiving = tuple(call for call in shuts if call.args["how"] == "SHUT_RD")
    sending = tuple(call for call in shuts if call.args["how"] != "SHUT_RD")
    first, last = record.calls("close")
    for call in (*shuts, first, last):
        assert call.returned(0)
    if receiving:
        with claim("shutdown.one-direction", "nothing sent by SHUT_RD"):
            assert nothing(tuple(p for call in receiving for p in sent_by(record, call)))
    if sending:
        with claim("shutdown.beats-refcount", "the wire"):
            assert fin_only(sent_by(record, sending[0]))
        with claim("closing.one-fin"):
            later = (*sending[1:], first, last)
            assert nothing(tuple(p for call in later for p in sent_by(record, call)))
    else:
        with claim("close.refcount", "the wire"):
            assert nothing(sent_by(record, first))
            assert fin_only(sent_by(record, last))
    with claim("closing.fin-number"):
        assert near(record).one_fin()
        assert near(record).ends_behind(SAID)


@observes("shutdown/behind_window", how=("wr", "rdwr"), family=INET_BOTH, stage="wire")
def test_the_fin_of_shutdown_waits_for_the_data_before_it(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.6; 3.10.4, ESTABLISHED."""
    shut = record.the("shutdown")
    said = pattern(SAID, seed=0) + pattern(SAID, seed=1)
    with claim("closing.fin-number"):
        assert nothing(near(record).until(record.fences_around(shut)[1]).fins)
        assert near(record).one_fin()
        assert near(record).ends_behind(2 * SAID)
    with claim("closing.delivers"):
        assert near(record).data == said
    with claim("shutdown.wr-discards", "the wire"):
        assert near(record).sent() == 0


@observes("shutdown/peer_data", how="rd", family=INET_BOTH, stage="wire")
def test_the_peer_does_not_notice_that_the_receiving_direction_is_closed(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.7.4, seventh: what TCP takes in it must acknowledge."""
    shut = record.the("shutdown")
    with claim("shutdown.one-direction", "nothing sent by SHUT_RD"):
        assert record.nothing_sent_between(*record.fences_around(shut))
    received = record.the("recv")
    with claim("closing.rd-acknowledged"):
        if received.failed or received.returned(0).ok:
            raise NotObserved("TCP took in none of the data")
        assert near(record).other.acknowledged_up_to == 1 + SAID
        assert near(record).no_reset()
    with claim("shutdown.rd-no-receive", "the wire"):
        assert received.left_untouched("data")


@observes("shutdown/peer_data", how="wr", family=INET_BOTH, stage="wire")
def test_data_come_when_the_sending_direction_is_closed(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.6, case 1."""
    with claim("closing.half-receives"):
        assert record.the("recv").got_just_pattern(SAID, seed=1)
        assert near(record).other.acknowledged_up_to == 1 + SAID
    with claim("shutdown.wr-still-receives", "the wire"):
        assert fin_only(sent_by(record, record.the("shutdown")))
        assert near(record).no_reset()
        assert record.the("recv").got_just_pattern(SAID, seed=1)


@observes("shutdown/peer_data", how="rdwr", family=INET_BOTH, stage="wire")
def test_no_data_are_received_when_both_directions_are_closed(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 shutdown(), SHUT_RDWR."""
    with claim("shutdown.rdwr", "the wire"):
        assert fin_only(sent_by(record, record.the("shutdown")))
        assert record.the("recv").left_untouched("data")


@observes("shutdown/then_read", how=("rd", "rdwr"), by=RECEIVING, family=INET_BOTH, stage="wire")
def test_a_read_from_a_socket_that_was_shut_down(record: RecordView, claim: ClaimContext) -> None:
    """tcp(7), ERRORS, EPIPE."""
    with claim("shutdown.read-epipe"):
        assert record.the(record.variant["by"]).failed_with("EPIPE")


# --- the peer's FIN -------------------------------------------------------------------------------


def reads(record: RecordView) -> tuple[CallView, ...]:
    """The receiving calls when all had come: of the data, of the end, and once more."""
    return (
        *record.calls(record.variant["by"], step="data"),
        record.the(record.variant["by"], "again"),
    )


@observes("recv/fin", fin=("behind", "with"), by=RECEIVING, family=INET_BOTH, stage="wire")
def test_the_end_is_told_behind_the_data_again_and_again(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.3, CLOSE-WAIT; 3.6, MUST-12."""
    data, end, again = reads(record)
    with claim("closing.data-before-end"):
        assert data.got_just_pattern(SAID, seed=1)
        assert is_end(end)
    with claim("closing.told-how", "closed"):
        assert is_end(end)
        assert is_end(again)
    if record.variant["by"] == "read":
        with claim("io.read-zero-eof", "the wire"):
            assert is_end(end)
            assert is_end(again)


@observes("recv/fin", fin="beyond", by=RECEIVING, family=INET_BOTH, stage="wire")
def test_what_stands_behind_the_fin_is_not_received(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.7.4, seventh, CLOSE-WAIT: ignore the segment text."""
    data, end, again = reads(record)
    with claim("closing.nothing-beyond"):
        assert data.got_just_pattern(SAID, seed=1)
        assert is_end(end)
        assert is_end(again)


@observes("recv/fin", fin="gap", by=RECEIVING, family=INET_BOTH, stage="wire")
def test_a_fin_behind_a_gap_waits_for_the_data(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.4, first, SHLD-31."""
    data, end, _ = reads(record)
    with claim("closing.gap-is-no-end"):
        assert record.the(record.variant["by"], "gap").failed_with(*WOULD_BLOCK)
    with claim("closing.fin-across-gap"):
        assert data.got_just_pattern(SAID, seed=1)
        assert is_end(end)


@observes(
    "recv/fin_or_reset_wakes",
    by_peer="fin",
    by=RECEIVING,
    state=("established", "fin-wait-1", "fin-wait-2"),
    family=INET_BOTH,
    stage="wire",
)
def test_the_fin_wakes_a_call_that_waits_for_data(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.4, eighth: pending RECEIVEs are returned."""
    call = record.the(record.variant["by"], "waiting")
    fin = packet_from_peer(record, "FIN")
    with claim("closing.receive-returns"):
        assert call.slept()
        assert record.before(fin, call.returned)
        assert is_end(call)
    if record.variant["by"] == "read":
        with claim("block.read-waits", "until the peer's FIN"):
            assert call.slept()
            assert record.before(fin, call.returned)
        with claim("io.read-zero-eof", "the wire"):
            assert is_end(call)
            assert is_end(record.the("read", "again"))


@observes("send/peer_half_closed", family=INET_BOTH, stage="wire")
def test_data_leave_when_the_peer_has_closed_its_direction(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.6.1; 3.10.2, CLOSE-WAIT; 3.6, case 2."""
    said = pattern(SAID, seed=0) + pattern(SAID, seed=1)
    with claim("closing.half-sends"):
        assert is_end(record.the("recv"))
        assert [call.result for call in record.calls("write")] == [SAID, SAID]
        assert near(record).data == said
    with claim("closing.fin-waits-for-close"):
        assert near(record).one_fin()
        assert near(record).ends_behind(2 * SAID)
    with claim("timewait.passive-closed"):
        assert answered_by_reset(record)


@observes("recv/poll_at_end", family=INET_BOTH, stage="wire")
def test_poll_tells_of_the_end(record: RecordView, claim: ClaimContext) -> None:
    """poll(2), POLLRDHUP; socket(7), I/O events."""

    def events(step: str) -> frozenset[str]:
        return record.the("poll", step).names("revents")

    def reports(step: str, *names: str) -> Finding:
        ok = events(step) >= set(names)
        return Finding(ok, f"poll() to report {' and '.join(names)}", str(record.the("poll", step)))

    with claim("polling.rdhup"):
        assert not events("open") & {"POLLRDHUP"}
        assert reports("the peer closed", "POLLRDHUP", "POLLIN")
    with claim("polling.hup-one-direction"):
        assert reports("the peer closed", "POLLHUP")
    with claim("polling.hup-broken"):
        assert not events("open") & {"POLLHUP", "POLLERR"}
        assert reports("the peer reset", "POLLHUP", "POLLERR")


# --- the peer's RST -------------------------------------------------------------------------------


@observes("tcp/reset_states", state=STATES, ask="so_error", family=INET_BOTH, stage="wire")
def test_a_reset_ends_the_connection_in_each_state(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.4, second; POSIX.1-2024, 2.10.16, SO_ERROR."""
    first, second = record.the("getsockopt", "first"), record.the("getsockopt", "second")
    with claim("reset.closes"):
        assert in_state(record, "reset", "CLOSED")
        assert answered_by_reset(record)
    if record.variant["state"] not in OPEN:
        return
    with claim("reset.signalled"):
        assert pending_error(first, "ECONNRESET")
    with claim("reset.error-once"):
        if first.text("error") == "0":
            raise NotObserved("SO_ERROR gave no error")
        assert pending_error(second, "0")


@observes(
    "tcp/reset_states",
    state=("established", "fin-wait-1", "fin-wait-2"),
    ask="recv",
    family=INET_BOTH,
    stage="wire",
)
def test_a_receiving_call_tells_of_the_reset(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.4, second; 3.6, MUST-12; POSIX.1-2024 recv(), ECONNRESET."""
    first = record.the("recv", "first")
    with claim("reset.signalled"):
        assert first.failed_with("ECONNRESET")
    with claim("closing.told-how", "aborted"):
        assert first.failed_with("ECONNRESET")


@observes(
    "tcp/reset_states",
    state=("established", "close-wait"),
    ask="send",
    family=INET_BOTH,
    stage="wire",
)
def test_a_sending_call_tells_of_the_reset(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.4, second; POSIX.1-2024 send(), ECONNRESET and EPIPE."""
    with claim("reset.signalled"):
        assert record.the("send", "first").failed_with("ECONNRESET")
    with claim("errors.send-epipe", "after the reset was told"):
        assert record.the("send", "second").failed_with("EPIPE")


@observes(
    "recv/fin_or_reset_wakes",
    by_peer="rst",
    by=RECEIVING,
    state=("established", "fin-wait-1", "fin-wait-2"),
    family=INET_BOTH,
    stage="wire",
)
def test_a_reset_wakes_a_call_that_waits_for_data(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.4, second: outstanding RECEIVEs."""
    call = record.the(record.variant["by"], "waiting")
    with claim("reset.pending-receive"):
        assert call.slept()
        assert record.before(packet_from_peer(record, "RST"), call.returned)
        assert call.failed_with("ECONNRESET")
        assert call.left_untouched("data")
    if record.variant["by"] == "read":
        with claim("io.read-econnreset", "the wire"):
            assert call.failed_with("ECONNRESET")


@observes(
    "send/reset_wakes",
    by=("write", "send", "sendmsg"),
    state=("established", "close-wait"),
    family=INET_BOTH,
    stage="wire",
)
def test_a_reset_wakes_a_call_that_waits_for_the_window(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.7.4, second: outstanding SENDs, and the segment queues."""
    call = record.the(record.variant["by"])
    with claim("reset.pending-send"):
        assert call.slept()
        assert record.before(packet_from_peer(record, "RST"), call.returned)
        assert call.failed_with("ECONNRESET")
    with claim("reset.flushes"):
        assert near(record).sent() == 0
        assert answered_by_reset(record)


@observes("send/peer_ended", by_peer="fin", family=INET_BOTH, stage="wire")
def test_write_to_a_peer_that_has_closed_fails_with_epipe_once_its_reset_came(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.2, CLOSE-WAIT; POSIX.1-2024 write(), EPIPE."""
    with claim("closing.half-sends"):
        assert record.the("write", "after the FIN").returned(SAID)
        assert near(record).data == pattern(SAID)
    with claim("io.write-epipe", "the wire"):
        assert record.the("write", "after the RST").failed_with("EPIPE")
        assert record.the("write", "again").failed_with("EPIPE")
        assert record.notes("SIGPIPE") == (0, 1, 2)


@observes("send/peer_ended", by_peer="rst", family=INET_BOTH, stage="wire")
def test_write_to_a_peer_that_has_reset_fails_with_econnreset_once(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.7.4, second; POSIX.1-2024 write(), ECONNRESET and EPIPE."""
    with claim("reset.signalled"):
        assert record.the("write", "after the RST").failed_with("ECONNRESET")
    with claim("errors.write-epipe", "after the reset was told"):
        assert record.the("write", "again").failed_with("EPIPE")


@observes(
    "tcp/reset_sequence", state=STATES[:-1], at=("left", "right"), family=INET_BOTH, stage="wire"
)
def test_a_reset_with_a_number_outside_of_the_window_is_nothing(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.7.4, first and second; RFC 5961, 3.2."""
    with claim("reset.outside-window"):
        begin, end = record.fences[-3], record.fences[-1]
        assert nothing(near(record).new_between(begin, end))
        assert nothing(answers(record))
        assert in_state(record, "reset", record.variant["state"].upper())
        assert pending_error(record.calls("getsockopt")[-1], "0")


@observes("tcp/reset_sequence", state=STATES[:-1], at="inside", family=INET_BOTH, stage="wire")
def test_a_reset_inside_the_window_is_challenged(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.4, second; RFC 5961, 3.2."""
    stream = near(record)
    reset = packet_from_peer(record, "RST")
    with claim("reset.challenge"):
        found = tuple(p for p in answers(record) if p.is_bare_ack)
        assert Finding(bool(found), "an ACK as the answer", packets_text(found))
        assert {stream.relative(p) for p in found} == {next_number(stream, reset)}
        assert {stream.relative_ack(p) for p in found} == {1 + len(stream.other.fins)}
        assert in_state(record, "reset", record.variant["state"].upper())
        assert pending_error(record.calls("getsockopt")[-1], "0")


@observes("tcp/reset_sequence", state=STATES[:-1], at="next", family=INET_BOTH, stage="wire")
def test_a_reset_without_ack_at_the_number_expected_next_counts(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.7.4, second; RFC 5961, 3.2."""
    with claim("reset.closes"):
        assert in_state(record, "reset", "CLOSED")


# --- TIME-WAIT ------------------------------------------------------------------------------------


def from_time_wait(record: RecordView) -> tuple[Packet, ...]:
    """What a SYN that came in TIME-WAIT was answered with."""
    sent = record.sent_between(*record.fences[-2:])
    return tuple(packet for packet in sent if packet.is_tcp)


@observes("tcp/time_wait", segment="new-syn", family=INET_BOTH, stage="wire")
def test_a_new_syn_opens_a_connection_from_time_wait(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.6.1, MAY-2, case 1."""
    found = from_time_wait(record)
    opened = [packet for packet in found if packet.is_syn_ack]
    with claim("timewait.new-syn"):
        assert Finding(bool(opened), "a SYN+ACK as the answer", packets_text(found))
        assert record.the("accept").succeeded()
    with claim("timewait.isn-larger"):
        if not opened:
            raise NotObserved("no connection was opened from TIME-WAIT")
        old = near(record).until(record.fences[-2])
        ahead = near(record).relative(opened[0]) - (near(record).relative(old.fins[0]) + 1)
        assert Finding(ahead > 0, "a number beyond those of the old connection", f"{ahead} ahead")


@observes("tcp/time_wait", segment="old-syn", family=INET_BOTH, stage="wire")
def test_an_old_syn_opens_no_connection_from_time_wait(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.6.1, MAY-2, case 2; 3.5.2, group 3."""
    found = from_time_wait(record)
    with claim("timewait.old-syn"):
        ok = bool(found) and all(packet.is_bare_ack for packet in found)
        assert Finding(ok, "an ACK as the answer", packets_text(found))
        assert {near(record).relative(packet) for packet in found} == {2}
        assert {near(record).relative_ack(packet) for packet in found} == {2}


@observes("tcp/time_wait", segment="rst", rfc1337="0", family=INET_BOTH, stage="wire")
def test_a_reset_ends_time_wait(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.4, second, TIME-WAIT."""
    with claim("reset.closes"):
        assert answered_by_reset(record)


@observes("tcp/time_wait", segment="rst", rfc1337="1", family=INET_BOTH, stage="wire")
def test_a_reset_does_not_end_time_wait_with_rfc1337(
    record: RecordView, claim: ClaimContext
) -> None:
    """tcp(7), tcp_rfc1337; RFC 1337, 3, fix F1."""
    with claim("timewait.rfc1337"):
        assert answered_by_ack(record)


@observes(
    "bind/after_closing",
    first=("near", "peer"),
    server=("plain", "reuse"),
    family=INET_BOTH,
    stage="wire",
)
def test_the_side_that_closed_first_keeps_the_port(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.6.1, MUST-13; socket(7), SO_REUSEADDR."""
    plain, reuse = record.the("bind", "plain"), record.the("bind", "SO_REUSEADDR")
    if record.variant["first"] == "peer":
        with claim("timewait.passive-closed"):
            assert plain.returned(0)
            assert reuse.returned(0)
        return
    with claim("reuse.unavailable-after-close", "TIME-WAIT, nothing set"):
        assert plain.failed_with("EADDRINUSE")
    with claim("reuse.reuseaddr-on-both", f"TIME-WAIT, server {record.variant['server']}"):
        if record.variant["server"] == "reuse":
            assert reuse.returned(0)
        else:
            assert reuse.failed_with("EADDRINUSE")
