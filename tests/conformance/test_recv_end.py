# SPDX-License-Identifier: Apache-2.0
"""Receiving calls at the end: of a stream, of a file, of a connection that breaks."""

from __future__ import annotations

from sockspec.check import (
    ALL_FAMILIES,
    INET_BOTH,
    CallView,
    ClaimContext,
    RecordView,
    observes,
)

READ = ("read", "readv")
RECV = ("recv", "recvfrom", "recvmsg")
ENDS = ("shutdown", "close")
HOW = ("linger", "unread")


def assert_got(call: CallView, data: bytes) -> None:
    """It received exactly these bytes, and changed no other byte of the memory."""
    assert call.returned(len(data))
    assert call.got(data)
    assert call.behind == 0
    assert call.overrun == 0


# --- the end of what there is ---------------------------------------------------------------------


def assert_end_comes_after_the_data(record: RecordView) -> None:
    """The unread data first, then 0, again and again."""
    by = record.variant["by"]
    assert_got(record.the(by, "a part of the data"), b"good")
    assert_got(record.the(by, "the rest of the data"), b"bye")
    assert_got(record.the(by, "the end"), b"")
    assert_got(record.the(by, "the end again"), b"")


def assert_end_wakes(record: RecordView) -> None:
    """A call that waits returns 0 when the end comes, and not before."""
    by, end = record.variant["by"], record.variant["end"]
    call = record.the(by, "waiting")
    assert call.slept()
    assert record.before(record.the(end, "waiting").entered, call.returned)
    assert_got(call, b"")
    assert_got(record.the(by, "after waiting"), b"")


def assert_end_is_not_a_lack_of_data(record: RecordView) -> None:
    """Non-blocking: EAGAIN while something may come, and 0 when nothing will."""
    by = record.variant["by"]
    nothing = record.the(by, "non-blocking, before the end")
    assert nothing.failed_with("EAGAIN", "EWOULDBLOCK")
    assert nothing.left_untouched("data")
    assert_got(record.the(by, "non-blocking, the end"), b"")


@observes("recv/end_of_stream", by=READ, family=ALL_FAMILIES, end=ENDS)
def test_a_read_returns_zero_at_the_end_of_the_stream(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 recv(), RETURN VALUE: 0 where the peer has shut down in good order."""
    with claim("io.read-zero-eof", "data unread"):
        assert_end_comes_after_the_data(record)
    with claim("io.read-zero-eof", "waiting"):
        assert_end_wakes(record)
    with claim("io.read-zero-eof", "non-blocking"):
        assert_end_is_not_a_lack_of_data(record)


@observes("recv/end_of_stream", stage="pair", by="read", family=INET_BOTH, end=ENDS)
def test_a_read_returns_zero_when_another_host_has_ended(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("io.read-zero-eof", "data unread"):
        assert_end_comes_after_the_data(record)
    with claim("io.read-zero-eof", "waiting"):
        assert_end_wakes(record)
    with claim("io.read-zero-eof", "non-blocking"):
        assert_end_is_not_a_lack_of_data(record)


@observes("recv/end_of_stream", by=RECV, family=ALL_FAMILIES, end=ENDS)
def test_a_recv_returns_zero_at_the_end_of_the_stream(
    record: RecordView, claim: ClaimContext
) -> None:
    """No byte was received: the number is 0."""
    with claim("recv.returns-count", "data unread"):
        assert_end_comes_after_the_data(record)
    with claim("recv.returns-count", "waiting"):
        assert_end_wakes(record)
    with claim("recv.returns-count", "non-blocking"):
        assert_end_is_not_a_lack_of_data(record)


@observes("recv/end_of_file", by=READ)
def test_a_read_returns_zero_at_the_end_of_a_file(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 read(): 0 at the end of the file and beyond it."""
    by = record.variant["by"]
    with claim("io.read-zero-eof"):
        assert_got(record.the(by, "a part of the data"), b"hel")
        assert_got(record.the(by, "the rest of the data"), b"lo")
        assert_got(record.the(by, "the end"), b"")
        assert_got(record.the(by, "the end again"), b"")


# --- a connection that breaks ---------------------------------------------------------------------


def assert_reset_wakes(record: RecordView) -> None:
    """A call that waits fails; the error is told once, and what follows is the end."""
    by = record.variant["by"]
    call = record.the(by, "waiting")
    assert call.slept()
    assert call.failed_with("ECONNRESET")
    assert call.left_untouched("data")
    assert_got(record.the(by, "after waiting"), b"")
    assert_got(record.the(by, "after waiting, again"), b"")


def assert_reset_fails_a_call(record: RecordView) -> None:
    """One call after the break fails: the first, or the one after the data that had come before."""
    by = record.variant["by"]
    first, second = record.the(by, "data"), record.the(by, "after data")
    failing = first if first.failed else second
    if failing is second:
        assert_got(first, b"hello")
    else:
        assert_got(second, b"")
    assert failing.failed_with("ECONNRESET")
    assert failing.left_untouched("data")
    assert_got(record.the(by, "after data, again"), b"")


@observes("recv/reset", by=READ, family=INET_BOTH, how=HOW)
def test_a_read_fails_when_tcp_is_reset(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 read(): ECONNRESET where the peer closed by force; RFC 9293 section 3.5."""
    with claim("io.read-econnreset", "waiting"):
        assert_reset_wakes(record)
    with claim("io.read-econnreset", "data unread"):
        assert_reset_fails_a_call(record)


@observes("recv/reset", stage="pair", by="read", family=INET_BOTH, how=HOW)
def test_a_read_fails_when_another_host_resets_tcp(record: RecordView, claim: ClaimContext) -> None:
    with claim("io.read-econnreset", "waiting"):
        assert_reset_wakes(record)
    with claim("io.read-econnreset", "data unread"):
        assert_reset_fails_a_call(record)


@observes("recv/reset", by=READ, family="unix", how="unread")
def test_a_read_fails_when_a_unix_stream_breaks(record: RecordView, claim: ClaimContext) -> None:
    """unix(7) says nothing of it; POSIX.1-2024 read() speaks of sockets in general."""
    with claim("io.read-econnreset", "waiting"):
        assert_reset_wakes(record)
    with claim("io.read-econnreset", "data unread"):
        assert_reset_fails_a_call(record)


@observes("recv/timed_out", by="read", family="inet")
def test_a_read_fails_when_nothing_gets_through(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 read() has ETIMEDOUT for this, RFC 9293 3.8.3 the time limit."""
    with claim("io.read-econnreset"):
        call = record.the("read", "waiting")
        assert call.slept()
        assert call.failed_with("ECONNRESET")


@observes("recv/reset", by=RECV, family=INET_BOTH, how=HOW)
def test_a_recv_fails_when_tcp_is_reset(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 recv(): ECONNRESET."""
    with claim("recv.returns-count", "waiting"):
        assert_reset_wakes(record)
    with claim("recv.returns-count", "data unread"):
        assert_reset_fails_a_call(record)


@observes("recv/reset", stage="pair", by="recv", family=INET_BOTH, how=HOW)
def test_a_recv_fails_when_another_host_resets_tcp(record: RecordView, claim: ClaimContext) -> None:
    with claim("recv.returns-count", "waiting"):
        assert_reset_wakes(record)
    with claim("recv.returns-count", "data unread"):
        assert_reset_fails_a_call(record)


@observes("recv/reset", by=RECV, family="unix", how="unread")
def test_a_recv_fails_when_a_unix_stream_breaks(record: RecordView, claim: ClaimContext) -> None:
    with claim("recv.returns-count", "waiting"):
        assert_reset_wakes(record)
    with claim("recv.returns-count", "data unread"):
        assert_reset_fails_a_call(record)
