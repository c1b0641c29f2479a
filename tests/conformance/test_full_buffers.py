# SPDX-License-Identifier: Apache-2.0
"""Sending calls on a non-blocking socket whose buffers are full, and what fits into them.

What the article says of write() is judged of write() and writev(); what it says of send() of
send(), sendto() and sendmsg().  Every reader gets its bytes by the function that goes with the
writer's: read() for write(), and so on.
"""

from __future__ import annotations

from collections.abc import Sequence

from sockspec.check import (
    ALL_FAMILIES,
    BOTH_STAGES,
    INET_BOTH,
    SEND,
    WOULD_BLOCK,
    WRITE,
    WRITERS,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    RecordView,
    exists,
    got_in_order,
    observes,
    reader_like,
)

MESSAGES = ("dgram", "seqpacket")
FILLING = ("longer than the space", "full", "full, one byte")
FILLING_AGAIN = ("longer than the new space", "full again")
LITTLE = 100


def sent(record: RecordView, step: str) -> tuple[CallView, ...]:
    """The writer's calls in this step."""
    return record.calls(record.variant["by"], step=step)


def total(calls: Sequence[CallView]) -> int:
    """How many bytes the calls have taken or received."""
    return sum(call.count for call in calls)


def nothing_ready(poll: CallView) -> Finding:
    return Finding(poll.gave(0).ok, "poll() to report no space", poll)


def assert_never_waited(record: RecordView) -> None:
    """The last call of each step, at which a call that blocks would have been found asleep."""
    for step in (*FILLING, *FILLING_AGAIN, "enough space"):
        assert not sent(record, step)[-1].slept()


def assert_all_came(record: RecordView) -> None:
    """The reader got each byte once and in order, and not one more."""
    by = record.variant["by"]
    calls = [call for call in record.calls(by) if call.count]
    *reads, nothing = received(record, "the peer reads", "the rest")
    assert nothing.failed_with(*WOULD_BLOCK)
    assert nothing.left_untouched("data")
    reads += received(record, "enough space")
    assert got_in_order(reads, total(calls))
    if record.variant["type"] in MESSAGES:
        sizes = [call.result for call in calls]
        assert [call.result for call in reads] == sizes


def received(record: RecordView, *steps: str) -> list[CallView]:
    """What the reader's calls gave, and the call of recv() that found no more."""
    calls = ("recv", reader_like(record.variant["by"]))
    return [call for step in steps for call in record.calls(step=step) if call.call in calls]


# --- streams ------------------------------------------------------------------------------------


def assert_found_no_space(record: RecordView) -> None:
    """With the buffers full no call takes a byte, of much data or of one byte; poll() says so."""
    assert_never_waited(record)
    for step in (*FILLING, *FILLING_AGAIN):
        *earlier, last = sent(record, step)
        assert all(call.count or call.failed_with(*WOULD_BLOCK) for call in earlier)
        assert last.failed_with(*WOULD_BLOCK)
    for step in ("full", "full again"):
        assert nothing_ready(record.the("poll", step))


def assert_took_what_fits(record: RecordView) -> None:
    """A part of the data, and in the end nothing: what is free for more is for the reader to make.

    What a call has taken may move on to the peer at once, so that the next call takes a part, too.
    """
    assert_never_waited(record)
    assert record.the("poll", "the peer reads").names("revents") == {"POLLOUT"}
    for step in ("longer than the space", "longer than the new space"):
        part, *parts, nothing = sent(record, step)
        assert part.took_a_part()
        assert all(call.took_a_part() for call in parts)
        assert nothing.failed_with(*WOULD_BLOCK)


def assert_held_to_the_byte(record: RecordView) -> None:
    """What the calls say they have taken is what lies between the two ends, twice."""
    first, second = record.notes("held")
    taken = total([call for step in FILLING[:2] for call in sent(record, step)])
    assert Finding(first == taken, f"{taken} bytes to be held", f"{first} are")
    taken = total([call for step in (*FILLING, *FILLING_AGAIN) for call in sent(record, step)])
    taken -= total(received(record, "the peer reads"))
    assert Finding(second == taken, f"{taken} bytes to be held", f"{second} are")


def assert_takes_all_that_fits(record: RecordView) -> None:
    """With the buffers empty again, the whole of a little data."""
    assert record.the(record.variant["by"], "enough space").returned(LITTLE)


def on_stage(variant: dict[str, str]) -> bool:
    """Between two hosts one writing function stands for its like."""
    return exists(variant) and (variant["stage"] == "lo" or variant["by"] in ("write", "send"))


@observes(
    "write/full", stage=BOTH_STAGES, by=WRITE, family=ALL_FAMILIES, type="stream", when=on_stage
)
def test_a_nonblocking_write_takes_what_fits(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 write(): with O_NONBLOCK set, what can be written, or EAGAIN/EWOULDBLOCK."""
    with claim("nonblock.write-full"):
        assert_found_no_space(record)
        assert_all_came(record)
    with claim("nonblock.write-partial"):
        assert_took_what_fits(record)
        assert_takes_all_that_fits(record)
        assert_held_to_the_byte(record)
        assert_all_came(record)
    with claim("io.write-partial"):
        assert_took_what_fits(record)
        assert_held_to_the_byte(record)
        assert_all_came(record)


@observes(
    "write/full", stage=BOTH_STAGES, by=SEND, family=ALL_FAMILIES, type="stream", when=on_stage
)
def test_a_nonblocking_send_fails_where_not_all_fits(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 send(): EAGAIN or EWOULDBLOCK where the socket is O_NONBLOCK and would block."""
    with claim("send.nonblocking-eagain", "full"):
        assert_found_no_space(record)
        for step in ("full", "full, one byte", "full again"):
            assert sent(record, step)[-1].failed_with("EAGAIN")
        assert_all_came(record)
    with claim("send.nonblocking-eagain", FILLING[0]):
        assert sent(record, FILLING[0])[0].failed_with("EAGAIN")
    with claim("send.nonblocking-eagain", FILLING_AGAIN[0]):
        assert_never_waited(record)
        assert sent(record, FILLING_AGAIN[0])[0].failed_with("EAGAIN")


@observes(
    "write/full", stage=BOTH_STAGES, by=WRITERS, family=ALL_FAMILIES, type="stream", when=on_stage
)
def test_nonblocking_writes_return_at_once(record: RecordView, claim: ClaimContext) -> None:
    """Whether a call has taken all, a part or nothing it did not sleep; poll() tells of space."""
    with claim("nonblock.returns-at-once"):
        assert_found_no_space(record)
        assert_took_what_fits(record)
        assert_takes_all_that_fits(record)


# --- messages -----------------------------------------------------------------------------------


def of_messages(variant: dict[str, str]) -> bool:
    """The queue's own limit is reached with the small messages, the buffer's with the large."""
    return variant["size"] != "1" or variant["by"] in ("write", "send")


def assert_whole_or_nothing(record: RecordView) -> None:
    """Each message is taken whole, as long as there is space; then none is, not even one byte."""
    assert_found_no_space(record)
    size = int(record.variant["size"])
    for step in ("longer than the space", "longer than the new space"):
        *taken, nothing = sent(record, step)
        assert taken
        assert all(call.returned(size) for call in taken)
        assert nothing.failed_with(*WOULD_BLOCK)
    assert_takes_all_that_fits(record)
    assert_all_came(record)


@observes(
    "write/full", by=WRITE, family="unix", size=("1", "2000"), type=MESSAGES, when=of_messages
)
def test_a_nonblocking_write_takes_a_message_whole_or_not(
    record: RecordView, claim: ClaimContext
) -> None:
    """unix(7): SOCK_DGRAM and SOCK_SEQPACKET keep the boundaries of messages."""
    with claim("nonblock.write-full"):
        assert_whole_or_nothing(record)
    with claim("nonblock.returns-at-once"):
        assert_whole_or_nothing(record)


@observes("write/full", by=SEND, family="unix", size=("1", "2000"), type=MESSAGES, when=of_messages)
def test_a_nonblocking_send_takes_a_message_whole_or_fails(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 send(): EAGAIN or EWOULDBLOCK where the socket is O_NONBLOCK and would block."""
    with claim("send.nonblocking-eagain"):
        assert_whole_or_nothing(record)
        assert sent(record, "full")[-1].failed_with("EAGAIN")
    with claim("nonblock.returns-at-once"):
        assert_whole_or_nothing(record)


# --- UDP ----------------------------------------------------------------------------------------
# A datagram that leaves at once frees its space in the send buffer.  It stays only where it cannot
# leave: here nobody answers for the address of its next hop (RFC 826; RFC 4861, 7.2.2).


def assert_udp_was_full(record: RecordView) -> None:
    """Whole datagrams were taken until one was not; then not one byte more is."""
    *taken, nothing = sent_until_full(record)
    assert taken
    assert all(call.returned(1000) for call in taken)
    assert nothing.failed_with(*WOULD_BLOCK)
    assert nothing_ready(record.the("poll", "non-blocking, full"))
    assert record.the(record.variant["by"], "non-blocking, full").failed_with(*WOULD_BLOCK)


def sent_until_full(record: RecordView) -> tuple[CallView, ...]:
    """The datagrams; a target that keeps none back has no full send buffer to look at."""
    calls = sent(record, "non-blocking")
    if not calls or not calls[-1].failed:
        raise NotObserved(f"the send buffer is not full after {len(calls)} datagrams")
    return calls


def assert_udp_waited(record: RecordView) -> None:
    """It sleeps, and returns only for a signal, or when its time is over."""
    sent_until_full(record)
    assert record.the(record.variant["by"], "blocking, full").slept()
    assert record.the(record.variant["by"], "blocking, full").failed_with("EINTR")
    late = record.the(record.variant["by"], "blocking, full, with a time limit")
    assert late.failed_with(*WOULD_BLOCK)


@observes("send/full_udp", stage="pair", by=WRITE, family=INET_BOTH)
def test_a_write_finds_the_buffer_full_of_datagrams(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 write(), O_NONBLOCK and EINTR; socket(7), SO_SNDTIMEO."""
    with claim("nonblock.write-full"):
        assert_udp_was_full(record)
    with claim("block.write-waits"):
        assert_udp_waited(record)
    with claim("io.write-eintr"):
        sent_until_full(record)
        assert record.the(record.variant["by"], "blocking, full").slept()
        assert record.the(record.variant["by"], "blocking, full").failed_with("EINTR")


@observes("send/full_udp", stage="pair", by=SEND, family=INET_BOTH)
def test_a_send_finds_the_buffer_full_of_datagrams(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 send(), EAGAIN, EINTR; socket(7), SO_SNDTIMEO."""
    with claim("send.nonblocking-eagain"):
        assert_udp_was_full(record)
        assert record.the(record.variant["by"], "non-blocking, full").failed_with("EAGAIN")
    with claim("send.blocks-when-full"):
        assert_udp_waited(record)


@observes("send/full_receiver", stage=BOTH_STAGES, by=("write", "send"), family=INET_BOTH)
def test_udp_does_not_wait_for_its_reader(record: RecordView, claim: ClaimContext) -> None:
    """Datagrams that find the receiver's buffer full are lost; those before them are there."""
    calls = sent(record, "nobody reads")
    *reads, nothing = record.calls("recv", step="the peer reads")
    with claim("block.returns-when-done"):
        assert not calls[-1].slept()
        assert all(call.returned(1000) for call in calls)
        assert nothing.failed_with(*WOULD_BLOCK)
        assert got_in_order(reads, total(reads))
        assert all(call.returned(1000) for call in reads)
        expected = "some of the datagrams to come, and not all"
        seen = f"{len(reads)} of {len(calls)} came"
        assert Finding(0 < len(reads) < len(calls), expected, seen)
