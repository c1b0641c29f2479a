# SPDX-License-Identifier: Apache-2.0
"""close(): references, what ends a connection and when, and the number that is left.

POSIX.1-2024 close(): it deallocates the descriptor; "when all file descriptors associated with an
open file description have been closed, the open file description shall be freed", and the socket
goes with it.  RFC 9293, 3.10.4: CLOSE sends a FIN, behind all data.
"""

from __future__ import annotations

from collections.abc import Iterable

from sockspec.check import (
    ALL_FAMILIES,
    BOTH_STAGES,
    INET_BOTH,
    SAID,
    WOULD_BLOCK,
    CallView,
    ClaimContext,
    Finding,
    Packet,
    RecordView,
    Stream,
    alive,
    observes,
)

KINDS = ("dup", "dup2", "fork", "exec", "rights", "in_flight")
IN_ANOTHER_PROCESS = ("fork", "exec", "rights")
ALL_KINDS = ",".join(KINDS)


# --- what the peer shows --------------------------------------------------------------------------


def assert_none_failed(calls: Iterable[CallView]) -> None:
    for call in calls:
        assert call.succeeded()


def steps(record: RecordView, *names: str) -> tuple[CallView, ...]:
    """The calls that were entered in these steps."""
    return tuple(call for name in names for call in record.calls(step=name))


def assert_peer_saw_the_end_last(record: RecordView, references: int) -> None:
    """Data passed both ways while a reference was left; then the peer reached the end."""
    duplicated = (*record.calls_if_any("dup"), *record.calls_if_any("dup2"))
    assert_none_failed((*record.calls_if_any("close"), *duplicated))
    assert alive(record.calls(step="references"))
    for left in range(1, references):
        assert alive(record.calls(step=f"{left} left"))
    assert record.the("recv", step="0 left", side="far").returned(0)


# --- what the wire shows --------------------------------------------------------------------------


def sent_by_near(record: RecordView) -> Stream:
    return record.stream(record.address("near"))


def the_fin(record: RecordView) -> Packet:
    """The near end's only FIN; it has sent no RST."""
    stream = sent_by_near(record)
    assert stream.one_fin()
    assert stream.no_reset()
    return stream.fins[0]


def assert_fin_came_last(record: RecordView, sent: int) -> None:
    """No FIN before the second last marker, one before the last, behind all data."""
    fin = the_fin(record)
    *_, begin, end = record.fences
    assert record.before(begin, fin)
    assert record.before(fin, end)
    assert sent_by_near(record).ends_behind(sent)


def bytes_written(record: RecordView) -> int:
    """What the near end's programs wrote."""
    results = [call.result for call in record.calls("write", side="near") if not call.failed]
    return sum(result for result in results if isinstance(result, int))


# --- references: close() takes one away, and the last ends the connection -------------------------


@observes("close/references", by=KINDS, family=INET_BOTH, stage=BOTH_STAGES, turn=("0", "1"))
def test_a_tcp_connection_ends_with_the_second_of_two_references(
    record: RecordView, claim: ClaimContext
) -> None:
    """Whichever goes first, and whatever the other is."""
    with claim("close.refcount", "the peer"):
        assert_peer_saw_the_end_last(record, 2)
    with claim("close.refcount", "the wire"):
        assert_fin_came_last(record, bytes_written(record))
    with claim("close.returns-zero"):
        assert {call.result for call in record.calls("close")} == {0}


@observes(
    "close/references",
    by=ALL_KINDS,
    family=INET_BOTH,
    stage=BOTH_STAGES,
    turn=("0", "1", "2", "3", "4", "5", "6"),
)
def test_a_tcp_connection_ends_with_the_last_of_references_of_every_kind(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("close.refcount", "the peer"):
        assert_peer_saw_the_end_last(record, 7)
    with claim("close.refcount", "the wire"):
        assert_fin_came_last(record, bytes_written(record))


@observes(
    "close/references",
    by=("dup,dup,dup,dup", "fork,fork,fork", "rights,rights", "in_flight,in_flight,in_flight"),
    family=INET_BOTH,
    stage=BOTH_STAGES,
    turn=("0", "1", "2"),
)
def test_a_tcp_connection_ends_with_the_last_of_many_references_of_a_kind(
    record: RecordView, claim: ClaimContext
) -> None:
    references = len(record.variant["by"].split(",")) + 1
    with claim("close.refcount", "the peer"):
        assert_peer_saw_the_end_last(record, references)
    with claim("close.refcount", "the wire"):
        assert_fin_came_last(record, bytes_written(record))


@observes(
    "close/references",
    by=(*KINDS, ALL_KINDS, "dup,dup,dup,dup", "fork,fork,fork"),
    family="unix",
    turn=("0", "1"),
)
def test_a_unix_connection_ends_with_the_last_reference(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("close.refcount", "the peer"):
        assert_peer_saw_the_end_last(record, len(record.variant["by"].split(",")) + 1)


@observes(
    "close/process_end",
    by=IN_ANOTHER_PROCESS,
    end=("exit", "kill", "exec"),
    family=INET_BOTH,
    stage=BOTH_STAGES,
)
def test_a_tcp_connection_ends_with_the_process_that_has_the_last_reference(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 _exit(): all open descriptors are closed; exec: those with FD_CLOEXEC set."""
    with claim("close.refcount", "the peer"):
        assert_peer_saw_the_end_last(record, 2)
    with claim("close.refcount", "the wire"):
        assert_fin_came_last(record, 2 * SAID)


@observes("close/process_end", by=IN_ANOTHER_PROCESS, end=("exit", "kill", "exec"), family="unix")
def test_a_unix_connection_ends_with_the_process_that_has_the_last_reference(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("close.refcount", "the peer"):
        assert_peer_saw_the_end_last(record, 2)


@observes(
    "close/process_end",
    by=IN_ANOTHER_PROCESS,
    end="exec",
    family=ALL_FAMILIES,
    stage=BOTH_STAGES,
)
def test_a_descriptor_closed_by_exec_is_none_in_the_new_program(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("close.descriptor-dead", "closed by exec"):
        assert record.the("write", step="0 left").failed_with("EBADF")


def assert_message_kept_it_open(record: RecordView) -> None:
    assert alive(record.calls(step="references"))
    assert_none_failed((*record.calls("close"), *record.calls_if_any("read")))
    assert record.the("recv", step="1 left", side="far").failed_with(*WOULD_BLOCK)
    assert record.the("recv", step="0 left", side="far").returned(0)


@observes("close/message_gone", family=INET_BOTH, stage=BOTH_STAGES, way=("discarded", "no_room"))
def test_a_tcp_connection_ends_with_the_message_that_has_the_last_reference(
    record: RecordView, claim: ClaimContext
) -> None:
    """unix(7), SCM_RIGHTS: descriptors that the receiver has no room for are closed."""
    with claim("close.refcount", "the peer"):
        assert_message_kept_it_open(record)
    with claim("close.refcount", "the wire"):
        assert_fin_came_last(record, SAID)


@observes("close/message_gone", family="unix", way=("discarded", "no_room"))
def test_a_unix_connection_ends_with_the_message_that_has_the_last_reference(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("close.refcount", "the peer"):
        assert_message_kept_it_open(record)


def assert_taken_over(record: RecordView) -> None:
    assert_none_failed((*record.calls("dup"), *record.calls("dup2")))
    assert alive(record.calls(step="references"))
    assert alive(record.calls(step="1 left"))
    assert record.the("recv", step="0 left").returned(0)
    assert alive(record.calls(step="the other's"))


@observes("close/overwritten", family=INET_BOTH, stage=BOTH_STAGES)
def test_a_tcp_connection_ends_when_dup2_takes_its_last_descriptor(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 dup2(): an open fildes2 is closed first."""
    with claim("close.refcount", "the peer"):
        assert_taken_over(record)
    with claim("close.refcount", "the wire"):
        assert_fin_came_last(record, 2 * SAID)


@observes("close/overwritten", family="unix")
def test_a_unix_connection_ends_when_dup2_takes_its_last_descriptor(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("close.refcount", "the peer"):
        assert_taken_over(record)


# --- shutdown() acts on the connection, not on the reference --------------------------------------


def assert_no_data_go_out(record: RecordView) -> None:
    """POSIX.1-2024 write(): EPIPE on a socket that is shut down for writing."""
    writes = record.calls("write", step="sending")
    assert len(writes) == 2
    assert writes[0].failed_with("EPIPE")
    assert writes[1].failed_with("EPIPE")


def assert_both_read_the_end(record: RecordView) -> None:
    reads = record.calls("recv", step="receiving")
    assert len(reads) == 2
    assert reads[0].returned(0)
    assert reads[1].returned(0)


def assert_shut_down(record: RecordView) -> None:
    """In the direction that was asked for through either reference, and in no other."""
    how = record.variant["how"]
    assert alive(record.calls(step="references"))
    assert_none_failed(record.calls("close"))
    assert record.the("shutdown").returned(0)
    if how == "rd":
        assert alive(record.calls(step="sending"))
    else:
        assert record.the("recv", step="the peer").returned(0)
        assert_no_data_go_out(record)
    if how == "wr":
        assert alive(record.calls(step="receiving"))
    else:
        assert_both_read_the_end(record)


@observes(
    "shutdown/shared",
    by=KINDS,
    family=INET_BOTH,
    how=("wr", "rdwr"),
    stage=BOTH_STAGES,
    through=("original", "other"),
)
def test_shutdown_through_any_reference_ends_a_tcp_connection_for_all(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 shutdown(): it acts on the socket; RFC 9293, 3.10.4: the FIN."""
    with claim("shutdown.beats-refcount", "the peer"):
        assert_shut_down(record)
    with claim("shutdown.beats-refcount", "the wire"):
        fin = the_fin(record)
        assert record.before(record.the("shutdown").entered, fin)
        assert record.before(fin, record.fences[1])
        assert sent_by_near(record).ends_behind(SAID)


@observes(
    "shutdown/shared",
    by=KINDS,
    family=INET_BOTH,
    how="rd",
    stage=BOTH_STAGES,
    through=("original", "other"),
)
def test_shutdown_for_reading_through_any_reference_is_for_all(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("shutdown.beats-refcount", "the references"):
        assert_shut_down(record)


@observes(
    "shutdown/shared",
    by=KINDS,
    family="unix",
    how=("rd", "wr", "rdwr"),
    through=("original", "other"),
)
def test_shutdown_through_any_reference_ends_a_unix_connection_for_all(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("shutdown.beats-refcount", "the peer"):
        assert_shut_down(record)


# --- the closed number ---------------------------------------------------------------------------


def assert_all_dead(calls: tuple[CallView, ...]) -> None:
    """POSIX.1-2024, ERRORS of every function here: EBADF, not an open file descriptor."""
    assert calls
    for call in calls:
        assert call.failed_with("EBADF")


def is_possible(variant: dict[str, str]) -> bool:
    """Only a stream socket listens, and only a connected one has a peer to hear from."""
    if variant["state"] == "listening":
        return variant["type"] == "stream" and variant["other"] == "none"
    return variant["state"] == "connected" or variant["other"] == "none"


@observes(
    "close/dead",
    family=ALL_FAMILIES,
    other=("none", "dup", "fork"),
    state=("open", "listening", "connected"),
    type=("stream", "dgram"),
    when=is_possible,
)
def test_no_call_takes_a_closed_descriptor(record: RecordView, claim: ClaimContext) -> None:
    with claim("close.descriptor-dead", "read and write"):
        assert record.the("close", step="close").returned(0)
        assert_all_dead(steps(record, "receiving", "sending"))
        for call in steps(record, "receiving"):
            assert call.behind == 0
            assert call.overrun == 0
    with claim("close.descriptor-dead", "all other calls"):
        assert_all_dead(steps(record, "the rest"))
        poll = record.the("poll", step="poll")
        assert poll.returned(1)
        assert poll.names("revents") == {"POLLNVAL"}  # poll(): fd is not open


@observes(
    "close/dead", family=ALL_FAMILIES, other=("dup", "fork"), state="connected", type="stream"
)
def test_a_descriptor_is_dead_though_the_connection_lives(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("close.refcount", "tried by all calls"):
        assert alive(record.calls(step="the other reference"))


@observes("close/number_again", by=("socket", "dup", "accept"), family=INET_BOTH)
def test_the_closed_number_goes_to_the_next_socket_and_away_from_the_old_one(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024, 2.6.1: the lowest number that is free is given out."""
    near = record.address("near")
    closed = record.the("close").args["fd"]
    given = record.the(record.variant["by"], step="again")
    again, old = record.calls("getsockname", step="again")
    with claim("socket.like-open", "the closed number"):
        assert record.the("close").returned(0)
        assert given.returned(closed)
    with claim("close.descriptor-dead", "the number given out again"):
        assert again.args["fd"] == given.result
        assert again.succeeded()
        assert again.address != near
    with claim("close.refcount", "the number given out again"):
        assert old.gave_address(near)
        assert alive(record.calls(step="the old connection"))


# --- what close() returns -------------------------------------------------------------------------

OF_ANY_TYPE = ("fresh", "bound", "duplicate", "connected", "non-blocking", "with unread data")
OF_STREAMS = (
    "listening",
    "awaited",
    "shut down",
    "left by its peer",
    "reset by its peer",
    "refused",
)


@observes("close/result", family=ALL_FAMILIES, stage=BOTH_STAGES, type=("stream", "dgram"))
def test_close_returns_zero_in_every_state_and_minus_one_once_more(
    record: RecordView, claim: ClaimContext
) -> None:
    streams = OF_STREAMS if record.variant["type"] == "stream" else ()
    for state in (*OF_ANY_TYPE, *streams):
        with claim("close.returns-zero", state):
            assert record.the("close", step=state).returned(0)
            assert record.the("close", step=f"{state}, once more").failed_with("EBADF")


@observes("close/not_open")
def test_close_of_what_is_no_descriptor_returns_minus_one(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("close.returns-zero"):
        assert_all_dead(record.calls("close"))
        assert len(record.calls("close")) == 5


# --- close() does not wait for the data ----------------------------------------------------------


@observes("close/unsent_data", family=INET_BOTH, stage=BOTH_STAGES)
def test_close_returns_before_the_peer_has_taken_the_data(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 close(): without SO_LINGER it does not wait; 2.10.10: the data are still sent.

    Shown by order alone: the peer reads nothing before close() has returned, or is seen asleep.
    """
    total = record.number("bytes")
    close = record.the("close")
    reads = record.calls("recv", step="the peer reads")
    with claim("close.returns-at-once", "before the peer reads"):
        assert close.returned(0)
        assert record.before(close.returned, reads[0].entered)
    with claim("close.returns-at-once", "data unsent"):
        assert unsent_at(record, close, total)
        assert not [p for p in record.packets_before(close.returned) if p.is_fin]
    with claim("close.returns-at-once", "the data follow"):
        offset = 0
        for read in reads[:-1]:
            assert isinstance(read.result, int)
            assert read.got_pattern(read.result, offset)
            offset += read.result
        assert offset == total
        assert reads[-1].returned(0)
    with claim("close.returns-at-once", "the FIN follows"):
        assert sent_by_near(record).ends_behind(total)
        assert record.before(reads[0].entered, the_fin(record))


def unsent_at(record: RecordView, close: CallView, total: int) -> Finding:
    """When close() had returned, the end of the data had not been on the wire."""
    stream = sent_by_near(record)
    before = {packet.n for packet in record.packets_before(close.returned)}
    on_the_wire = stream.sent(packet for packet in stream.packets if packet.n in before)
    return Finding(
        on_the_wire < total,
        f"less than {total} bytes on the wire when close() had returned",
        f"{on_the_wire} bytes",
    )
