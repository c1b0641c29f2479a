# SPDX-License-Identifier: Apache-2.0
"""Receiving calls that wait: asleep inside the call, and what wakes them.

What the article says of read() is judged of read() and readv(); what it says of recv() of recv(),
recvfrom() and recvmsg().
"""

from __future__ import annotations

from sockspec.check import ALL_FAMILIES, INET_BOTH, CallView, ClaimContext, RecordView, observes

READ = ("read", "readv")
RECV = ("recv", "recvfrom", "recvmsg")
TYPES = ("stream", "dgram", "seqpacket")
PIECES = (("the first piece", b"hello"), ("the second piece", b"you"), ("the third piece", b"!"))


def exists(variant: dict[str, str]) -> bool:
    """Of these types, TCP/IP lacks SOCK_SEQPACKET."""
    return variant["type"] != "seqpacket" or variant["family"] == "unix"


def assert_got(call: CallView, data: bytes) -> None:
    """It received exactly these bytes, and changed no other byte of the memory."""
    assert call.returned(len(data))
    assert call.got(data)
    assert call.behind == 0
    assert call.overrun == 0


def assert_waits_for_data(record: RecordView) -> None:
    """It sleeps while nothing is there, and returns only after the data was sent."""
    for step, data in PIECES:
        call = record.the(record.variant["by"], step)
        assert call.slept()
        assert record.before(record.the("send", step).entered, call.returned)
        assert_got(call, data)


def assert_does_not_wait_for_more(record: RecordView) -> None:
    """Asked for 64 bytes, it returns with the few that came; nothing else was sent meanwhile."""
    for step, data in PIECES:
        call = record.the(record.variant["by"], step)
        assert call.args["size"] == 64
        assert_got(call, data)


# --- an empty queue -------------------------------------------------------------------------------


@observes("recv/empty", by=READ, family=ALL_FAMILIES, type=TYPES, when=exists)
def test_a_read_waits_for_data(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 read(): with O_NONBLOCK clear it blocks until there is some data."""
    with claim("block.read-waits"):
        assert_waits_for_data(record)
    with claim("block.read-short"):
        assert_does_not_wait_for_more(record)
    with claim("io.read-count"):
        assert_does_not_wait_for_more(record)


@observes("recv/empty", stage="pair", by="read", family=INET_BOTH, type=("stream", "dgram"))
def test_a_read_waits_for_data_of_another_host(record: RecordView, claim: ClaimContext) -> None:
    with claim("block.read-waits"):
        assert_waits_for_data(record)
    with claim("block.read-short"):
        assert_does_not_wait_for_more(record)


@observes("recv/empty", by=RECV, family=ALL_FAMILIES, type=TYPES, when=exists)
def test_a_recv_waits_for_data(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 recv(): with O_NONBLOCK clear it blocks until a message arrives."""
    with claim("recv.blocks-when-empty"):
        assert_waits_for_data(record)
    with claim("recv.partial"):
        assert_does_not_wait_for_more(record)
    with claim("recv.returns-count"):
        assert_does_not_wait_for_more(record)


@observes("recv/empty", stage="pair", by="recv", family=INET_BOTH, type=("stream", "dgram"))
def test_a_recv_waits_for_data_of_another_host(record: RecordView, claim: ClaimContext) -> None:
    with claim("recv.blocks-when-empty"):
        assert_waits_for_data(record)
    with claim("recv.partial"):
        assert_does_not_wait_for_more(record)


# --- a signal -------------------------------------------------------------------------------------


def assert_goes_on_after_the_signal(record: RecordView) -> None:
    """The handler ran, the thread sleeps in the same call again, and data wakes it."""
    by = record.variant["by"]
    call = record.the(by, "waiting")
    assert record.asleep(by, "waiting")
    assert record.asleep(by, "after the signal")
    assert record.before(record.the("send").entered, call.returned)
    assert_got(call, b"hello")
    assert_got(record.the(by, "the next call"), b"")


def assert_interrupted(record: RecordView) -> None:
    """It fails with EINTR before anything is sent, and what comes later is there for the next."""
    by = record.variant["by"]
    call = record.the(by, "waiting")
    assert record.asleep(by, "waiting")
    assert not record.asleep(by, "after the signal")
    assert call.failed_with("EINTR")
    assert record.before(call.returned, record.the("send").entered)
    assert call.left_untouched("data")
    assert_got(record.the(by, "the next call"), b"hello")


@observes("recv/signal", by=READ, family=ALL_FAMILIES, restart="no")
def test_a_signal_interrupts_a_waiting_read(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 read(): EINTR where the signal came before any data was read."""
    with claim("io.read-eintr"):
        assert_interrupted(record)


@observes("recv/signal", by=READ, family=ALL_FAMILIES, restart="yes")
def test_a_signal_with_sa_restart_interrupts_a_waiting_read(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 sigaction(): SA_RESTART makes such a function restart, not fail with EINTR."""
    with claim("io.read-eintr"):
        assert_interrupted(record)
    with claim("block.read-waits", "after the signal"):
        assert_goes_on_after_the_signal(record)


@observes("recv/signal", by=RECV, family=ALL_FAMILIES, restart="no")
def test_a_signal_interrupts_a_waiting_recv(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 recv(): EINTR where the signal came before any data was available."""
    with claim("recv.returns-count"):
        assert_interrupted(record)


@observes("recv/signal", by=RECV, family=ALL_FAMILIES, restart="yes")
def test_a_recv_goes_on_after_a_signal_with_sa_restart(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("recv.blocks-when-empty"):
        assert_goes_on_after_the_signal(record)


# --- MSG_WAITALL, MSG_PEEK ------------------------------------------------------------------------


def assert_waited_for_the_rest(record: RecordView, step: str) -> None:
    """It was asleep before the first piece of four bytes, and again once it had taken that."""
    by = record.variant["by"]
    assert record.asleep(by, step)
    assert record.asleep(by, f"{step}: between")


@observes("recv/waitall", by=RECV, family=ALL_FAMILIES)
def test_a_recv_with_msg_waitall_returns_what_it_has(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 recv(), MSG_WAITALL: all that was asked for, or less at a signal or the end."""
    by = record.variant["by"]
    with claim("recv.returns-count", "all there"):
        call = record.the(by, "all there")
        assert not call.slept()
        assert_got(call, b"four and s")
    with claim("recv.returns-count", "in two pieces"):
        assert_waited_for_the_rest(record, "pieces")
        call, (rest,) = record.the(by, "pieces"), record.calls(by, step="pieces: the last")
        assert record.before(record.the("send", "pieces: the last").entered, call.returned)
        assert_got(call, b"fourand si")
        assert_got(rest, b"x")
    with claim("recv.returns-count", "cut short by the end of the stream"):
        assert_waited_for_the_rest(record, "end of stream")
        assert_got(record.the(by, "end of stream"), b"four")
        assert_got(record.the(by, "end of stream: it comes"), b"")
    for signal in ("signal", "signal with SA_RESTART"):
        with claim("recv.returns-count", f"cut short by a {signal}"):
            assert_waited_for_the_rest(record, signal)
            assert_got(record.the(by, signal), b"four")
            assert_got(record.the(by, f"{signal}: it comes"), b"more")
    with claim("recv.partial", "MSG_WAITALL|MSG_DONTWAIT"):
        assert_got(record.the(by, "with MSG_DONTWAIT, a part"), b"four")
    with claim("nonblock.msg-dontwait", "MSG_WAITALL|MSG_DONTWAIT"):
        empty = record.the(by, "with MSG_DONTWAIT, empty")
        assert empty.failed_with("EAGAIN", "EWOULDBLOCK")
        assert empty.left_untouched("data")
    with claim("recv.partial", "MSG_WAITALL"):
        assert_got(record.the(by, "pieces"), b"four")


@observes("recv/peek", by=RECV, family=ALL_FAMILIES, type=TYPES, when=exists)
def test_a_recv_with_msg_peek_leaves_the_data(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 recv(), MSG_PEEK: the data stays unread, and the next call gets it."""
    by = record.variant["by"]
    with claim("recv.blocks-when-empty"):
        call = record.the(by, "empty")
        assert call.slept()
        assert_got(call, b"hello")
    with claim("recv.returns-count"):
        assert_got(record.the(by, "a part"), b"hel")
        assert_got(record.the(by, "all"), b"hello")
        assert_got(record.the(by, "again"), b"hello")
        assert_got(record.the(by, "taken"), b"hello")
    with claim("nonblock.msg-dontwait"):
        emptied = record.the(by, "emptied")
        assert emptied.failed_with("EAGAIN", "EWOULDBLOCK")
        assert emptied.left_untouched("data")
