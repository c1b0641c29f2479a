# SPDX-License-Identifier: Apache-2.0
"""Sending calls that wait for space: asleep inside the call, and what wakes them.

What the article says of write() is judged of write() and writev(); what it says of send() of
send(), sendto() and sendmsg(); what it says of any operation of all five.
"""

from __future__ import annotations

from collections.abc import Sequence

from sockspec.check import (
    ALL_FAMILIES,
    BOTH_STAGES,
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
LITTLE = 100
NOTHING = ("nothing taken", "nothing taken, SA_RESTART")
PART = ("a part taken", "a part taken, SA_RESTART")


def on_stage(variant: dict[str, str]) -> bool:
    """Between two hosts one writing function stands for its like."""
    return exists(variant) and (variant["stage"] == "lo" or variant["by"] in ("write", "send"))


def took_all(call: CallView) -> Finding:
    return call.returned(call.args["size"])


def done_or_failed(call: CallView) -> Finding:
    """All of the data was taken, or the call failed."""
    size = call.args["size"]
    ok = call.failed or call.result == size
    return Finding(ok, f"all {size} bytes to be taken, or a failure", call)


def filled(record: RecordView, name: str) -> int:
    """How many bytes lay in the buffers before the call of this step."""
    states = [step for step in record.steps if ":" not in step]
    size = record.notes("filled")[states.index(name)]
    if not isinstance(size, int):
        raise NotObserved("the record's note 'filled' is no integer")
    return size


def reads_of(record: RecordView, *steps: str) -> list[CallView]:
    """The reader's calls of these steps, and the recv() that asks for one byte more."""
    calls = ("recv", reader_like(record.variant["by"]))
    return [call for step in steps for call in record.calls(step=step) if call.call in calls]


def assert_came(reads: Sequence[CallView], size: int) -> None:
    """These calls got ``size`` bytes of the pattern, each once and in order, and no byte more."""
    *reads, nothing = reads
    assert got_in_order(reads, size)
    assert nothing.failed_with(*WOULD_BLOCK)
    assert nothing.left_untouched("data")


# --- space --------------------------------------------------------------------------------------


def assert_takes_at_once_what_fits(record: RecordView) -> None:
    """With enough space it does not sleep: nobody reads before it has returned."""
    call = record.the(record.variant["by"], "enough space")
    assert not call.slept()
    assert call.returned(LITTLE)
    (read,) = reads_of(record, "enough space")
    assert record.before(call.returned, read.entered)
    assert read.returned(LITTLE)
    assert read.got_pattern(LITTLE, seed=1)


def assert_sleeps_until_all_fits(record: RecordView) -> None:
    """It sleeps, of a stream also when a part is taken, and returns only when all is."""
    by = record.variant["by"]
    call = record.the(by, "no space")
    reads = reads_of(record, *record.steps[2:])
    assert record.asleep(by, "no space")
    if record.variant["type"] == "stream":
        assert record.asleep(by, "too little space")
        taken, size = record.number("taken"), call.args["size"]
        assert Finding(0 < taken < size, f"a part of {size} bytes taken so far", f"{taken} were")
    assert not record.asleep(by, "the peer reads on")
    assert record.before(reads[0].entered, call.returned)
    assert took_all(call)
    assert_came(reads, record.number("filled") + call.count)


@observes(
    "write/blocked", stage=BOTH_STAGES, by=WRITE, family=ALL_FAMILIES, type="stream", when=on_stage
)
def test_a_write_waits_until_all_is_taken(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 write(): with O_NONBLOCK clear it blocks until the data can be accepted."""
    with claim("block.write-waits", "enough space"):
        assert_takes_at_once_what_fits(record)
    with claim("block.write-waits"):
        assert_sleeps_until_all_fits(record)
    with claim("block.returns-when-done"):
        assert_sleeps_until_all_fits(record)


@observes(
    "write/blocked", stage=BOTH_STAGES, by=SEND, family=ALL_FAMILIES, type="stream", when=on_stage
)
def test_a_send_waits_until_all_is_taken(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 send(): without space it blocks until there is, unless O_NONBLOCK is set."""
    with claim("send.blocks-when-full", "enough space"):
        assert_takes_at_once_what_fits(record)
    with claim("send.blocks-when-full"):
        assert_sleeps_until_all_fits(record)
    with claim("block.returns-when-done"):
        assert_sleeps_until_all_fits(record)


@observes("write/blocked", by=WRITE, family="unix", size="2000", type=MESSAGES)
def test_a_write_waits_until_the_message_is_taken(record: RecordView, claim: ClaimContext) -> None:
    with claim("block.write-waits"):
        assert_takes_at_once_what_fits(record)
        assert_sleeps_until_all_fits(record)
    with claim("block.returns-when-done"):
        assert_sleeps_until_all_fits(record)


@observes("write/blocked", by=SEND, family="unix", size="2000", type=MESSAGES)
def test_a_send_waits_until_the_message_is_taken(record: RecordView, claim: ClaimContext) -> None:
    with claim("send.blocks-when-full"):
        assert_takes_at_once_what_fits(record)
        assert_sleeps_until_all_fits(record)
    with claim("block.returns-when-done"):
        assert_sleeps_until_all_fits(record)


# --- a signal -----------------------------------------------------------------------------------


def blocked(record: RecordView, name: str) -> CallView:
    """The call of this step, which was seen asleep before anything happened."""
    call = record.the(record.variant["by"], name)
    assert call.slept()
    return call


def assert_reader_got_what_was_taken(record: RecordView, name: str) -> None:
    """What lay there before the call, what the call says that it has taken, and no more."""
    call = record.the(record.variant["by"], name)
    reads = reads_of(record, f"{name}: the peer reads")
    assert_came(reads, filled(record, name) + call.count)


def assert_interrupted(record: RecordView, name: str) -> None:
    """It fails with EINTR before anybody reads, and has taken nothing."""
    call = blocked(record, name)
    assert not record.asleep(record.variant["by"], f"{name}: the signal")
    assert call.failed_with("EINTR")
    assert record.before(call.returned, reads_of(record, f"{name}: the peer reads")[0].entered)
    assert_reader_got_what_was_taken(record, name)


def assert_goes_on(record: RecordView, name: str) -> None:
    """The handler ran, the thread sleeps in the same call again, and the call takes all."""
    call = blocked(record, name)
    assert record.asleep(record.variant["by"], f"{name}: the signal")
    assert record.before(reads_of(record, f"{name}: the peer reads")[0].entered, call.returned)
    assert took_all(call)
    assert_reader_got_what_was_taken(record, name)


def assert_cut_short(record: RecordView, name: str) -> None:
    """It returns the size of what it has taken, and just that comes."""
    call = blocked(record, name)
    assert not record.asleep(record.variant["by"], f"{name}: the signal")
    assert call.took_a_part()
    assert_reader_got_what_was_taken(record, name)


@observes(
    "write/blocked_signal",
    stage=BOTH_STAGES,
    by=WRITE,
    family=ALL_FAMILIES,
    type="stream",
    when=on_stage,
)
def test_a_signal_interrupts_a_waiting_write(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 write(): EINTR before any data is written, else the number of bytes written.

    sigaction(), SA_RESTART: a function that would fail with EINTR restarts.
    """
    for name in (*NOTHING, *PART):
        with claim("io.write-eintr", name):
            assert_interrupted(record, name)
    for name in PART:
        with claim("io.write-partial", name):
            assert_cut_short(record, name)
    with claim("block.write-waits", NOTHING[1]):
        assert_goes_on(record, NOTHING[1])


@observes(
    "write/blocked_signal",
    stage=BOTH_STAGES,
    by=SEND,
    family=ALL_FAMILIES,
    type="stream",
    when=on_stage,
)
def test_a_signal_interrupts_a_waiting_send(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 send(), EINTR: a signal came before any data was transmitted."""
    with claim("send.blocks-when-full", NOTHING[0]):
        assert_interrupted(record, NOTHING[0])
    with claim("send.blocks-when-full", NOTHING[1]):
        assert_goes_on(record, NOTHING[1])
    for name in PART:
        with claim("send.blocks-when-full", name):
            assert_cut_short(record, name)


@observes(
    "write/blocked_signal",
    stage=BOTH_STAGES,
    by=WRITERS,
    family=ALL_FAMILIES,
    type="stream",
    when=on_stage,
)
def test_a_waiting_writer_that_gets_a_signal_returns_done_or_failed(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("block.returns-when-done", NOTHING[0]):
        assert_interrupted(record, NOTHING[0])
    with claim("block.returns-when-done", NOTHING[1]):
        assert_goes_on(record, NOTHING[1])
    for name in PART:
        with claim("block.returns-when-done", name):
            assert done_or_failed(blocked(record, name))


@observes("write/blocked_signal", by="write", family="unix", size="2000", type=MESSAGES)
def test_a_signal_interrupts_a_write_of_a_message(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 write(), EINTR; a message is never cut in two."""
    for name in NOTHING:
        with claim("io.write-eintr", name):
            assert_interrupted(record, name)
    with claim("block.returns-when-done", NOTHING[0]):
        assert_interrupted(record, NOTHING[0])
    with claim("block.write-waits", NOTHING[1]):
        assert_goes_on(record, NOTHING[1])


@observes("write/blocked_signal", by="send", family="unix", size="2000", type=MESSAGES)
def test_a_signal_interrupts_a_send_of_a_message(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 send(), EINTR; a message is never cut in two."""
    with claim("send.blocks-when-full", NOTHING[0]):
        assert_interrupted(record, NOTHING[0])
    with claim("send.blocks-when-full", NOTHING[1]):
        assert_goes_on(record, NOTHING[1])
    with claim("block.returns-when-done", NOTHING[1]):
        assert_goes_on(record, NOTHING[1])


# --- a time limit -------------------------------------------------------------------------------


def assert_ran_out_of_time(record: RecordView) -> None:
    """On a blocking socket: what fails so has waited, and in vain; nothing of it was taken."""
    name = NOTHING[0]
    assert record.the("setsockopt", name).succeeded()
    assert record.the(record.variant["by"], name).failed_with(*WOULD_BLOCK)
    assert_reader_got_what_was_taken(record, name)


@observes(
    "write/blocked_timeout",
    stage=BOTH_STAGES,
    by=("write", "send"),
    family=ALL_FAMILIES,
    type="stream",
    when=exists,
)
def test_a_time_limit_ends_a_waiting_writer(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 setsockopt(), SO_SNDTIMEO: a partial count, or EAGAIN if no data were sent."""
    with claim("block.returns-when-done", NOTHING[0]):
        assert_ran_out_of_time(record)
    with claim("block.returns-when-done", PART[0]):
        assert done_or_failed(record.the(record.variant["by"], PART[0]))


@observes(
    "write/blocked_timeout",
    stage=BOTH_STAGES,
    by="write",
    family=ALL_FAMILIES,
    type="stream",
    when=exists,
)
def test_a_write_returns_what_it_took_in_time(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 setsockopt(), SO_SNDTIMEO: a partial count."""
    call = record.the("write", PART[0])
    with claim("io.write-partial", PART[0]):
        assert call.took_a_part()
        assert_reader_got_what_was_taken(record, PART[0])


@observes("write/blocked_timeout", by=("write", "send"), family="unix", size="2000", type=MESSAGES)
def test_a_time_limit_ends_a_waiting_writer_of_messages(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("block.returns-when-done"):
        assert_ran_out_of_time(record)


# --- the end of the connection ------------------------------------------------------------------

ENDS = (
    "peer_closes",
    "peer_resets",
    "peer_stops_reading",
    "own_shutdown",
    "own_close",
)
BROKEN = ("EPIPE", "ECONNRESET")
"""POSIX.1-2024 write(), send(): the socket is shut down; the connection was reset by the peer."""
NO_DESCRIPTOR = ("EBADF",)
"""What a call fails with that is made after close(), or that close() has woken."""


def some(variant: dict[str, str]) -> bool:
    """send() in every family, write() in one."""
    return variant["by"] == "send" or variant["family"] == "inet"


def assert_waited_for_the_end(record: RecordView, name: str) -> CallView:
    """It was asleep, and returned no sooner than something happened to the connection."""
    call = blocked(record, name)
    what = record.calls_if_any("close", step=f"{name}: the end")
    what += record.calls_if_any("shutdown", step=f"{name}: the end")
    if not what:
        raise NotObserved(f"nothing was done in step '{name}: the end'")
    assert what[0].returned(0)
    assert record.before(what[0].entered, call.returned)
    return call


def assert_done_or_broken(record: RecordView, name: str, *errnos: str) -> None:
    """It took all, or failed; or it took a part, and the next call fails: no more could be taken.

    A peer that stops reading, and a close() of the own descriptor, need not wake it: then it sleeps
    on until the connection ends.
    """
    call = assert_waited_for_the_end(record, name)
    closed = NO_DESCRIPTOR if record.variant["how"] == "own_close" else ()
    if call.took_a_part():
        after = record.the(record.variant["by"], f"{name}: afterwards")
        assert after.failed_with(*errnos, *closed)
    elif call.failed:
        assert call.failed_with(*errnos, *closed)
    else:
        assert took_all(call)


@observes(
    "write/blocked_end",
    by=("write", "send"),
    family=ALL_FAMILIES,
    how=ENDS,
    type="stream",
    when=some,
)
def test_a_waiting_writer_learns_of_the_end(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 write(), send(), ERRORS; RETURN VALUE: how much was taken before the error."""
    for name in (NOTHING[0], PART[0]):
        with claim("block.returns-when-done", name):
            assert_done_or_broken(record, name, *BROKEN)


@observes("write/blocked_end", by="write", family="inet", how=ENDS, type="stream")
def test_a_write_returns_what_it_took_before_the_end(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 write(), RETURN VALUE: the number of bytes actually written."""
    with claim("io.write-partial", PART[0]):
        call = assert_waited_for_the_end(record, PART[0])
        if took_all(call):
            raise NotObserved("a peer that stopped reading has let all of the data go")
        assert call.took_a_part()


@observes("write/blocked_end", by="send", family="unix", how=ENDS, size="2000", type=MESSAGES)
def test_a_waiting_writer_of_messages_learns_of_the_end(
    record: RecordView, claim: ClaimContext
) -> None:
    """unix(7), ECONNREFUSED: the datagram socket that it was connected to is closed."""
    with claim("block.returns-when-done"):
        assert_done_or_broken(record, NOTHING[0], *BROKEN, "ECONNREFUSED")
