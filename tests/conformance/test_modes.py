# SPDX-License-Identifier: Apache-2.0
"""The two modes of a socket: what returns when it is done, and what returns at once.

In blocking mode an operation sleeps until it has succeeded or failed.  In non-blocking mode it
returns in any case, and poll(), SO_ERROR, getpeername() or another attempt tell how it ended.
Sending calls have files of their own, test_full_buffers.py and test_blocked_writes.py.
"""

from __future__ import annotations

from sockspec.check import (
    ALL_FAMILIES,
    BOTH_STAGES,
    INET_BOTH,
    READERS,
    TYPES,
    WOULD_BLOCK,
    CallView,
    ClaimContext,
    Finding,
    RecordView,
    exists,
    got_in_order,
    observes,
)

WITH_CONNECTIONS = ("stream", "seqpacket")
"""The types whose sockets listen."""


def reported(poll: CallView, *events: str) -> Finding:
    """poll() reported just these events; none: the socket is not ready."""
    expected = f"poll() to report {' and '.join(events) or 'nothing'}"
    return Finding(poll.names("revents") == set(events), expected, poll)


# --- reading ------------------------------------------------------------------------------------

PIECES = (("the first piece", b"hello"), ("the second piece", b"you"), ("the third piece", b"!"))


@observes("recv/empty", by=READERS, family=ALL_FAMILIES, type=TYPES, when=exists)
def test_a_blocking_reader_returns_with_data(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 read(), recv(): with O_NONBLOCK clear they block until there is some data."""
    with claim("block.returns-when-done"):
        for step, data in PIECES:
            call = record.the(record.variant["by"], step)
            assert call.slept()
            assert record.before(record.the("send", step).entered, call.returned)
            assert call.got_just(data)


@observes("recv/signal", by=READERS, family=ALL_FAMILIES, restart=("no", "yes"))
def test_a_blocking_reader_that_gets_a_signal_returns_with_data_or_failed(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 read(), recv(): EINTR; sigaction(): SA_RESTART."""
    with claim("block.returns-when-done"):
        call = record.the(record.variant["by"], "waiting")
        assert call.slept()
        if record.variant["restart"] == "no":
            assert call.failed_with("EINTR")
        else:
            assert record.before(record.the("send").entered, call.returned)
            assert call.got_just(b"hello")


@observes("recv/set_nonblocking", by=READERS, family=ALL_FAMILIES, type=TYPES, when=exists)
def test_a_nonblocking_reader_returns_at_once(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 read(), recv(): with O_NONBLOCK set, EAGAIN or EWOULDBLOCK; or the data."""
    with claim("nonblock.returns-at-once"):
        for step in ("set: empty", "set: empty again", "set: data", "set: emptied"):
            call = record.the(record.variant["by"], step)
            assert not call.slept()
            if step == "set: data":
                assert call.got_just(b"hello")
            else:
                assert call.failed_with(*WOULD_BLOCK)
                assert call.left_untouched("data")


# --- accepting ----------------------------------------------------------------------------------


@observes(
    "accept/waits",
    stage=BOTH_STAGES,
    family=ALL_FAMILIES,
    type=WITH_CONNECTIONS,
    when=exists,
)
def test_a_blocking_accept_returns_with_a_client(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 accept(): without O_NONBLOCK it blocks until a connection is present."""
    with claim("block.returns-when-done"):
        for step in ("empty at first", "empty again", "blocking again"):
            call = record.the("accept", step)
            assert call.slept()
            assert call.succeeded()
            assert record.the("connect", step).returned(0)
            assert record.before(record.the("connect", step).entered, call.returned)


@observes(
    "nonblock/accept",
    stage=BOTH_STAGES,
    family=ALL_FAMILIES,
    type=WITH_CONNECTIONS,
    when=exists,
)
def test_a_nonblocking_accept_returns_at_once(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 accept(), EAGAIN or EWOULDBLOCK; poll() tells when a client is there."""
    with claim("nonblock.returns-at-once"):
        call = record.the("accept", "no client")
        assert reported(record.the("poll", "no client"))
        assert not call.slept()
        assert call.failed_with(*WOULD_BLOCK)
        assert reported(record.the("poll", "a client"), "POLLIN")
        assert record.the("accept", "a client").succeeded()


# --- connecting ---------------------------------------------------------------------------------


def assert_undecided(record: RecordView) -> None:
    """While nobody answers the connection neither stands nor has failed."""
    assert reported(record.the("poll", "no answer"))
    assert record.the("getsockopt", "no answer").text("error") == "0"
    assert record.the("getpeername", "no answer").failed_with("ENOTCONN")


def assert_established(record: RecordView) -> None:
    """By other calls than connect(): ready, no error, and a peer."""
    server = record.the("connect").argument_address
    assert reported(record.the("poll", "an answer"), "POLLOUT")
    assert record.the("getsockopt", "an answer").text("error") == "0"
    assert record.the("getpeername", "an answer").gave_address(server)


@observes(
    "nonblock/connect", stage=BOTH_STAGES, family=INET_BOTH, mode="blocking", silence="full_queue"
)
def test_a_blocking_connect_returns_connected(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 connect(): without O_NONBLOCK it blocks until the connection is established."""
    with claim("block.returns-when-done"):
        assert_undecided(record)
        call = record.the("connect")
        assert call.slept()
        assert record.before(record.the("getpeername", "no answer"), call.returned)
        assert call.returned(0)
        assert_established(record)


@observes(
    "nonblock/connect",
    stage=BOTH_STAGES,
    family=INET_BOTH,
    mode="nonblocking",
    silence="full_queue",
)
def test_a_nonblocking_connect_returns_at_once(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 connect(), EINPROGRESS: established asynchronously; poll() tells when."""
    with claim("nonblock.returns-at-once"):
        call = record.the("connect")
        assert not call.slept()
        assert call.failed_with("EINPROGRESS")
        assert_undecided(record)
        assert_established(record)


@observes("nonblock/connect_unix", family="unix", mode="blocking", type=WITH_CONNECTIONS)
def test_a_blocking_unix_connect_returns_connected(record: RecordView, claim: ClaimContext) -> None:
    with claim("block.returns-when-done"):
        call = record.the("connect")
        assert call.slept()
        assert record.the("accept").succeeded()
        assert record.before(record.the("accept").entered, call.returned)
        assert call.returned(0)
        assert record.the("getpeername").gave_address(call.argument_address)


@observes("nonblock/connect_unix", family="unix", mode="nonblocking", type=WITH_CONNECTIONS)
def test_a_nonblocking_unix_connect_returns_at_once(
    record: RecordView, claim: ClaimContext
) -> None:
    """connect(2), EAGAIN: the connection of a non-blocking UNIX socket cannot be completed at once.

    Nothing of it goes on; another attempt tells when there is room.
    """
    with claim("nonblock.returns-at-once"):
        call = record.the("connect", "the queue is full")
        assert not call.slept()
        assert call.failed_with("EAGAIN")
        assert record.before(call.returned, record.the("accept").entered)
        assert record.the("connect", "the server accepts").returned(0)
        assert record.the("getpeername").gave_address(call.argument_address)


def assert_decided(record: RecordView) -> None:
    """connect() had returned: then the connection stands, or has failed for good."""
    polls = record.calls("poll")
    expected = "connect() to return only when the connection stands or has failed"
    assert Finding(polls[0].names("revents") != set(), expected, f"{record.the('connect')} earlier")


@observes("connect/send_timeout", stage=BOTH_STAGES, family=INET_BOTH, silence="full_queue")
def test_a_connect_with_a_time_limit_returns_decided(
    record: RecordView, claim: ClaimContext
) -> None:
    """connect(2), EINPROGRESS; the attempt goes on after the time limit of SO_SNDTIMEO."""
    with claim("block.returns-when-done"):
        assert_decided(record)


@observes(
    "connect/interrupted", stage=BOTH_STAGES, family=INET_BOTH, restart="no", silence="full_queue"
)
def test_an_interrupted_connect_returns_decided(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 connect(), EINTR: the connection is then established asynchronously."""
    with claim("block.returns-when-done"):
        assert_decided(record)


# --- ending -------------------------------------------------------------------------------------


def assert_drained(record: RecordView, step: str) -> None:
    """The peer got all that was unsent, and the end of the stream."""
    size = record.notes("filled")[STEPS.index(step)]
    *reads, end = record.calls("read", step=f"{step}: the peer reads")
    assert got_in_order(reads, size)
    assert end.returned(0)


STEPS = ("shutdown", "close", "close with SO_LINGER")
LINGERS = STEPS[2]


@observes("nonblock/close", stage=BOTH_STAGES, family=INET_BOTH, mode="nonblocking")
def test_a_nonblocking_socket_is_closed_at_once(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 close(): with SO_LINGER it blocks until the data is transmitted, in any mode.

    shutdown() and, without SO_LINGER, close() leave the transmission to the system.
    """
    for step in STEPS:
        with claim("nonblock.returns-at-once", step):
            call = record.the(step.split()[0], step)
            assert not call.slept()
            assert call.returned(0)
            assert_drained(record, step)


@observes("nonblock/close", stage=BOTH_STAGES, family=INET_BOTH, mode="blocking")
def test_a_close_that_lingers_returns_when_done(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 close(): with SO_LINGER it blocks until the data is transmitted."""
    with claim("block.returns-when-done"):
        call = record.the("close", LINGERS)
        assert call.slept()
        assert call.returned(0)
        first = record.calls("read", step=f"{LINGERS}: the peer reads")[0]
        assert record.before(first.entered, call.returned)
        assert_drained(record, LINGERS)
