# SPDX-License-Identifier: Apache-2.0
"""close(): references, what ends a connection and when, and the number that is left.

POSIX.1-2024 close(): it deallocates the descriptor; "when all file descriptors associated with an
open file description have been closed, the open file description shall be freed", and the socket
goes with it.  RFC 9293, 3.10.4: CLOSE sends a FIN, behind all data.

A FIN may cross the wire several times, since TCP sends again what is not acknowledged in time.  So
FINs are told apart by their sequence number: one number is one FIN, however often it is seen.
"""

from __future__ import annotations

from collections.abc import Iterable

from sockspec.check import (
    ALL_FAMILIES,
    INET_BOTH,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    observes,
)
from sockspec.model import Fence

KINDS = ("dup", "dup2", "fork", "exec", "rights", "in_flight")
IN_ANOTHER_PROCESS = ("fork", "exec", "rights")
ALL_KINDS = ",".join(KINDS)
SAID = 64
SEQUENCE_NUMBERS = 2**32


# --- what the peer shows --------------------------------------------------------------------------


def assert_alive(calls: Iterable[CallView]) -> None:
    """Each write() took all it was given, and the peer's recv() after it gave the same bytes."""
    said = None
    for call in calls:
        if call.call == "write":
            assert call.returned(SAID)
            said = bytes.fromhex(call.args["data"])
        elif call.call == "recv":
            assert said is not None
            assert call.got(said)
    assert said is not None


def assert_none_failed(calls: Iterable[CallView]) -> None:
    for call in calls:
        assert call.succeeded()


def steps(record: RecordView, *names: str) -> tuple[CallView, ...]:
    """The calls that were entered in these steps."""
    return tuple(call for name in names for call in record.calls(step=name))


def assert_peer_saw_the_end_last(record: RecordView, references: int) -> None:
    """Data passed both ways while a reference was left; then the peer reached the end."""
    assert_none_failed((*record.calls("close"), *record.calls("dup"), *record.calls("dup2")))
    assert_alive(record.calls(step="references"))
    for left in range(1, references):
        assert_alive(record.calls(step=f"{left} left"))
    assert record.the("recv", step="0 left", side="far").returned(0)


# --- what the wire shows --------------------------------------------------------------------------


def fences(record: RecordView) -> tuple[Packet, ...]:
    """The marker datagrams, in the order in which they were sent."""
    if record.record.packets is None:
        raise NotObserved(f"no packets are captured on stage {record.stage}")
    return tuple(record.fence(event.n) for event in record.events if isinstance(event, Fence))


def sent_by_near(record: RecordView) -> tuple[Packet, ...]:
    """The TCP packets from the near end of the connection."""
    near = record.address("near")
    return tuple(
        packet
        for packet in record.packets
        if packet.is_tcp and (packet.src, packet.sport) == (near.host, near.port)
    )


def number_behind(packet: Packet) -> int:
    """The sequence number behind the packet's data, which is the FIN's own (RFC 9293, 3.4)."""
    assert packet.seq is not None
    return (packet.seq + packet.payload_length) % SEQUENCE_NUMBERS


def first_fin(record: RecordView) -> Packet:
    """The near end's first FIN; it has sent no other, and no RST."""
    ends = [packet for packet in sent_by_near(record) if packet.is_fin or packet.is_rst]
    assert one_fin(ends)
    return ends[0]


def one_fin(ends: list[Packet]) -> Finding:
    """These are one FIN, sent once or more often."""
    ok = bool(ends) and all(packet.is_fin and not packet.is_rst for packet in ends)
    ok = ok and len({number_behind(packet) for packet in ends}) == 1
    return Finding(ok, "one FIN and no RST", "; ".join(map(str, ends)) or "neither")


def between(begin: Packet, packet: Packet, end: Packet) -> Finding:
    """The packet came after one marker and before the next."""
    expected = f"{packet} between the markers {begin.fence} and {end.fence}"
    place = "before them" if packet.n < begin.n else "behind them"
    ok = begin.n < packet.n < end.n
    return Finding(ok, expected, "between them" if ok else place)


def right_behind_the_data(record: RecordView, fin: Packet, sent: int) -> Finding:
    """The FIN's number is the one behind all bytes that the near end was given to send."""
    syns = [packet for packet in sent_by_near(record) if packet.is_syn]
    if not syns or syns[0].seq is None:
        raise NotObserved("the SYN of the connection was not captured")
    behind = (number_behind(fin) - syns[0].seq - 1) % SEQUENCE_NUMBERS
    return Finding(behind == sent, f"the FIN behind {sent} bytes", f"it is behind {behind} bytes")


def assert_fin_came_last(record: RecordView, sent: int) -> None:
    """No FIN before the second last marker, one before the last, behind all data."""
    fin = first_fin(record)
    *_, begin, end = fences(record)
    assert between(begin, fin, end)
    assert right_behind_the_data(record, fin, sent)


def bytes_written(record: RecordView) -> int:
    """What the near end's programs wrote."""
    results = [call.result for call in record.calls("write", side="near") if not call.failed]
    return sum(result for result in results if isinstance(result, int))


# --- references: close() takes one away, and the last ends the connection -------------------------


@observes("close/references", by=KINDS, family=INET_BOTH, stage=("lo", "pair"), turn=("0", "1"))
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
    stage=("lo", "pair"),
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
    stage=("lo", "pair"),
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
    stage=("lo", "pair"),
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
    stage=("lo", "pair"),
)
def test_a_descriptor_closed_by_exec_is_none_in_the_new_program(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("close.descriptor-dead", "closed by exec"):
        assert record.the("write", step="0 left").failed_with("EBADF")


def assert_message_kept_it_open(record: RecordView) -> None:
    assert_alive(record.calls(step="references"))
    assert_none_failed((*record.calls("close"), *record.calls("read")))
    assert record.the("recv", step="1 left", side="far").failed_with("EAGAIN", "EWOULDBLOCK")
    assert record.the("recv", step="0 left", side="far").returned(0)


@observes(
    "close/message_gone", family=INET_BOTH, stage=("lo", "pair"), way=("discarded", "no_room")
)
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
    assert_alive(record.calls(step="references"))
    assert_alive(record.calls(step="1 left"))
    assert record.the("recv", step="0 left").returned(0)
    assert_alive(record.calls(step="the other's"))


@observes("close/overwritten", family=INET_BOTH, stage=("lo", "pair"))
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
    assert_alive(record.calls(step="references"))
    assert_none_failed(record.calls("close"))
    assert record.the("shutdown").returned(0)
    if how == "rd":
        assert_alive(record.calls(step="sending"))
    else:
        assert record.the("recv", step="the peer").returned(0)
        assert_no_data_go_out(record)
    if how == "wr":
        assert_alive(record.calls(step="receiving"))
    else:
        assert_both_read_the_end(record)


@observes(
    "shutdown/shared",
    by=KINDS,
    family=INET_BOTH,
    how=("wr", "rdwr"),
    stage=("lo", "pair"),
    through=("original", "other"),
)
def test_shutdown_through_any_reference_ends_a_tcp_connection_for_all(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 shutdown(): it acts on the socket; RFC 9293, 3.10.4: the FIN."""
    with claim("shutdown.beats-refcount", "the peer"):
        assert_shut_down(record)
    with claim("shutdown.beats-refcount", "the wire"):
        fin = first_fin(record)
        assert between(fences(record)[0], fin, fences(record)[1])
        assert record.before(record.the("shutdown").entered, fin)
        assert right_behind_the_data(record, fin, SAID)


@observes(
    "shutdown/shared",
    by=KINDS,
    family=INET_BOTH,
    how="rd",
    stage=("lo", "pair"),
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
        assert_alive(record.calls(step="the other reference"))


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
        assert_alive(record.calls(step="the old connection"))


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


@observes("close/result", family=ALL_FAMILIES, stage=("lo", "pair"), type=("stream", "dgram"))
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


@observes("close/unsent_data", family=INET_BOTH, stage=("lo", "pair"))
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
        assert right_behind_the_data(record, first_fin(record), total)
        assert record.before(reads[0].entered, first_fin(record))


def unsent_at(record: RecordView, close: CallView, total: int) -> Finding:
    """When close() had returned, the end of the data had not been on the wire."""
    before = {packet.n for packet in record.packets_before(close.returned)}
    sent = [packet for packet in sent_by_near(record) if packet.n in before]
    first = next(packet.seq for packet in sent if packet.is_syn)
    assert first is not None
    on_the_wire = max((number_behind(p) - first - 1) % SEQUENCE_NUMBERS for p in sent[1:])
    return Finding(
        on_the_wire < total,
        f"less than {total} bytes on the wire when close() had returned",
        f"{on_the_wire} bytes",
    )
