# SPDX-License-Identifier: Apache-2.0
"""accept(): which sockets it takes, how it waits in an empty queue, its errors, its result in use.

POSIX.1-2024 accept(), DESCRIPTION: with an empty queue it blocks until a connection is present,
unless O_NONBLOCK is set: then it fails with EAGAIN or EWOULDBLOCK.  It needs a socket that was
bound and that listens.  RETURN VALUE: -1 where it fails.
"""

from __future__ import annotations

from sockspec.check import (
    ALL_FAMILIES,
    BOTH_STAGES,
    INET_BOTH,
    READERS,
    SAID,
    TYPES,
    WOULD_BLOCK,
    WRITERS,
    Address,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    RecordView,
    exists,
    observes,
    pattern,
)

WITH_CONNECTIONS = ("stream", "seqpacket")
SIZE = 300
CLIENTS = 4


def assert_failed(call: CallView, *errnos: str) -> None:
    """It failed so, and wrote nothing; accept(2): on error the length is left unchanged."""
    assert call.failed_with(*errnos)
    assert call.left_untouched("address", "length")


def no_descriptor_more(record: RecordView, n: int) -> Finding:
    """The same descriptors were open before and after the n-th call that the probe looked at so."""
    before, after = record.notes("open")[2 * n : 2 * n + 2]
    return Finding(
        before == after, f"the descriptors {before} open after it, as before", f"open: {after}"
    )


# --- a socket that does not listen ----------------------------------------------------------------

ERRNOS = {"stream": ("EINVAL",), "seqpacket": ("EINVAL",), "dgram": ("EOPNOTSUPP", "EINVAL")}
"""POSIX.1-2024 accept(), ERRORS, by type: EINVAL, the socket is not accepting connections;
EOPNOTSUPP, its type does not support that."""

STATES = {
    "dgram": ("fresh", "bound", "connected"),
    "seqpacket": ("fresh", "bound", "connected", "accepted"),
    "stream": ("fresh", "bound", "connected", "accepted", "a connection refused"),
}


@observes(
    "accept/not_listening",
    family=ALL_FAMILIES,
    mode=("blocking", "nonblocking"),
    stage=BOTH_STAGES,
    type=TYPES,
    when=exists,
)
def test_accept_needs_a_listening_socket(record: RecordView, claim: ClaimContext) -> None:
    """It fails in each state, in blocking and in non-blocking mode; after listen() it succeeds."""
    kind = record.variant["type"]
    for state in STATES[kind]:
        with claim("accept.needs-listener", state):
            assert record.the("getsockopt", state).succeeded()
            assert record.the("getsockopt", state).number("value") == 0
            assert_failed(record.the("accept", state), *ERRNOS[kind])
    for n, state in enumerate(STATES[kind]):
        with claim("accept.error-minus-one", state):
            assert record.the("accept", state).returned(-1)
            assert no_descriptor_more(record, n)
    if kind == "dgram":
        return
    with claim("accept.needs-listener", "listening"):
        assert record.the("listen", "listening").returned(0)
        assert record.the("accept", "listening").succeeded()


# --- an empty queue -------------------------------------------------------------------------------


def assert_slept_until(record: RecordView, call: CallView, waker: CallView) -> None:
    """It was seen asleep, and it returned only after the waker had been called."""
    assert call.slept()
    assert record.before(waker.entered, call.returned)


@observes(
    "accept/waits", family=ALL_FAMILIES, stage=BOTH_STAGES, type=WITH_CONNECTIONS, when=exists
)
def test_accept_sleeps_until_a_client_comes(record: RecordView, claim: ClaimContext) -> None:
    for step in ("empty at first", "empty again", "blocking again"):
        with claim("accept.blocks", step):
            assert record.the("connect", step).returned(0)
            assert record.the("accept", step).succeeded()
            assert_slept_until(record, record.the("accept", step), record.the("connect", step))
    with claim("accept.blocks", "not while a client waits"):
        for step in ("a client waits", "non-blocking, a client waits"):
            assert record.the("accept", step).succeeded()
    with claim("accept.blocks", "not in non-blocking mode"):
        assert record.the("accept", "non-blocking, empty").failed_with(*WOULD_BLOCK)


@observes("accept/threads", family=ALL_FAMILIES, type=WITH_CONNECTIONS, when=exists)
def test_each_client_wakes_one_of_the_threads_that_sleep_in_accept(
    record: RecordView, claim: ClaimContext
) -> None:
    accepts = record.calls("accept")
    with claim("accept.blocks", "nobody"):
        assert len(accepts) == CLIENTS
        for call in accepts:
            assert record.asleep("accept", "nobody", who=call.who)
    for i in range(1, CLIENTS + 1):
        step = f"client {i}"
        with claim("accept.blocks", step):
            assert record.the("connect", step).returned(0)
            came = {call.who for call in accepts if woken_by(record, call) == i}
            assert Finding(len(came) == 1, "one thread to wake", f"{len(came)} did")
            for call in accepts:
                if woken_by(record, call) > i:
                    assert record.asleep("accept", step, who=call.who)
    with claim("accept.blocks", "each has a client of its own"):
        assert all(call.succeeded() for call in accepts)
        assert len({call.result for call in accepts}) == CLIENTS
        if record.variant["family"] != "unix":
            assert len({call.address.port for call in accepts}) == CLIENTS


def woken_by(record: RecordView, call: CallView) -> int:
    """Which client was the last to begin before this call returned; 0: none had."""
    clients = [record.the("connect", f"client {i}") for i in range(1, CLIENTS + 1)]
    return sum(client.t_in < call.t_out for client in clients)


@observes(
    "accept/interrupted", family=ALL_FAMILIES, restart="no", type=WITH_CONNECTIONS, when=exists
)
def test_a_signal_ends_a_waiting_accept(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 accept(), EINTR.  The client that comes later is there for the next call."""
    call = record.the("accept", "waiting")
    with claim("accept.blocks"):
        assert call.slept()
    with claim("accept.error-minus-one", "a signal"):
        assert_failed(call, "EINTR")
        assert record.before(call.returned, record.the("connect", "a client").entered)
        assert no_descriptor_more(record, 0)
    with claim("accept.error-minus-one", "the next call"):
        assert record.the("accept", "the next client").succeeded()


@observes(
    "accept/interrupted", family=ALL_FAMILIES, restart="yes", type=WITH_CONNECTIONS, when=exists
)
def test_a_waiting_accept_goes_on_after_a_signal_with_sa_restart(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 sigaction(), SA_RESTART."""
    call = record.the("accept", "waiting")
    with claim("accept.blocks"):
        assert record.asleep("accept", "waiting")
        assert record.asleep("accept", "after the signal")
        assert record.before(record.the("connect", "a client").entered, call.returned)
        assert call.succeeded()
        assert record.the("accept", "the next client").succeeded()


@observes("accept/timed_out", family=ALL_FAMILIES, type=WITH_CONNECTIONS, when=exists)
def test_a_receive_timeout_ends_a_waiting_accept(record: RecordView, claim: ClaimContext) -> None:
    """socket(7), SO_RCVTIMEO: EAGAIN or EWOULDBLOCK, as if the socket were non-blocking.

    The probe tries a longer time until it sees the thread asleep; the last one is judged.
    """
    *_, last = (step for step in record.steps if step.endswith(" us"))
    with claim("accept.blocks"):
        assert record.asleep("accept", last)
    with claim("accept.error-minus-one", "a time-out"):
        assert record.the("setsockopt", last).returned(0)
        assert_failed(record.the("accept", last), *WOULD_BLOCK)
        assert no_descriptor_more(record, len(record.steps) - 2)
    with claim("accept.error-minus-one", "the next call"):
        assert record.the("accept", "a client").succeeded()


@observes(
    "accept/shut_down",
    family=ALL_FAMILIES,
    how=("rd", "wr", "rdwr"),
    type=WITH_CONNECTIONS,
    when=exists,
)
def test_a_shutdown_of_the_listening_socket_ends_a_waiting_accept(
    record: RecordView, claim: ClaimContext
) -> None:
    """Linux takes SHUT_RD of a listener as its end; POSIX.1-2024 shutdown() may fail with ENOTCONN.

    Where the socket still listens the thread sleeps on; else POSIX.1-2024 accept(), EINVAL.
    """
    call = record.the("accept", "waiting")
    client = record.the("connect", "a client")
    with claim("accept.blocks"):
        assert record.asleep("accept", "waiting")
        if client.succeeded():
            assert record.asleep("accept", "shutdown")
            assert record.before(client.entered, call.returned)
            assert call.succeeded()
    if client.succeeded():
        return
    with claim("accept.error-minus-one", "a shutdown"):
        assert_failed(call, "EINVAL", "ECONNABORTED")
        assert record.before(record.the("shutdown").entered, call.returned)
        assert no_descriptor_more(record, 0)


@observes("accept/closed_elsewhere", family=ALL_FAMILIES, type=WITH_CONNECTIONS, when=exists)
def test_a_close_in_another_thread_leaves_accept_asleep(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 close() leaves open what becomes of the call; a client wakes it, or an error.

    On Linux the call keeps the socket open until it returns; close(2), NOTES.
    """
    call = record.the("accept", "waiting")
    client = record.the("connect", "a client")
    with claim("accept.blocks"):
        assert record.asleep("accept", "waiting")
        assert record.the("close").returned(0)
        if client.succeeded():
            assert record.asleep("accept", "close")
            assert record.before(client.entered, call.returned)
            assert call.succeeded()
    with claim("accept.error-minus-one", "closed elsewhere"):
        if not client.succeeded():
            assert_failed(call, "EBADF", "EINVAL", "ECONNABORTED")
        afterwards = record.the("accept", "afterwards")
        taken = call.result == afterwards.args["fd"]  # the closed number, for the connection
        assert afterwards.failed_with("EINVAL" if taken else "EBADF")


# --- errors ---------------------------------------------------------------------------------------

CAUSES = {
    "a pipe": ("ENOTSOCK",),
    "a file": ("ENOTSOCK",),
    "closed": ("EBADF",),
    "minus one": ("EBADF",),
    "not listening": ("EINVAL",),
    "a datagram socket": ERRNOS["dgram"],
    "nobody waits": WOULD_BLOCK,
    "no descriptor left": ("EMFILE",),
    "a negative length": ("EINVAL",),
}
"""By step: POSIX.1-2024 accept(), ERRORS; of the length accept(2), EINVAL."""


@observes(
    "accept/errors", family=ALL_FAMILIES, stage=BOTH_STAGES, type=WITH_CONNECTIONS, when=exists
)
def test_accept_returns_minus_1_when_it_fails(record: RecordView, claim: ClaimContext) -> None:
    """It writes nothing, and opens no descriptor."""
    for n, (cause, errnos) in enumerate(CAUSES.items()):
        with claim("accept.error-minus-one", cause):
            if cause == "a negative length" and record.the("accept", cause).succeeded():
                raise NotObserved("accept() takes any length, as an unsigned number")
            assert_failed(record.the("accept", cause), *errnos)
            assert no_descriptor_more(record, n)
    with claim("accept.error-minus-one", "descriptors left again"):
        assert record.the("accept", "descriptors left again").succeeded()


# --- what it returns ------------------------------------------------------------------------------


@observes(
    "accept/connected", family=ALL_FAMILIES, stage=BOTH_STAGES, type=WITH_CONNECTIONS, when=exists
)
def test_what_accept_returns_is_a_connected_socket(record: RecordView, claim: ClaimContext) -> None:
    """The listening socket stays unconnected; POSIX.1-2024 getpeername(), ENOTCONN."""
    fd = record.the("accept", "accepted").result
    with claim("accept.connected-socket", "connected"):
        assert record.the("accept", "accepted").succeeded()
        peer, of_the_listener = record.calls("getpeername", step="accepted")
        assert_names(record, peer, record.the("getsockname", "accepted"))
        assert of_the_listener.args["fd"] != fd
        assert of_the_listener.failed_with("ENOTCONN")
    with claim("accept.connected-socket", "of the listener's type, and not listening"):
        listening, kind, error = record.calls("getsockopt", step="accepted")
        assert {listening.args["fd"], kind.args["fd"], error.args["fd"]} == {fd}
        assert all(call.succeeded() for call in (listening, kind, error))
        assert listening.number("value") == 0
        assert kind.number("value") == record.number("type")
        assert error.text("error") == "0"
    with claim("accept.connected-socket", "what came before it was accepted"):
        assert record.the("recv", "accepted").got(pattern(SAID, seed=1))
    for i, writer in enumerate(WRITERS):
        with claim("accept.connected-socket", writer):
            assert record.the(writer, f"write {i}").args["fd"] == fd
            assert record.the(writer, f"write {i}").returned(SIZE)
            assert record.the("recv", f"write {i}").got(pattern(SIZE, seed=i))
    for i, reader in enumerate(READERS):
        with claim("accept.connected-socket", reader):
            assert record.the(reader, f"read {i}").args["fd"] == fd
            assert record.the(reader, f"read {i}").got(pattern(SIZE, seed=i + len(READERS)))
    with claim("accept.connected-socket", "closing"):
        assert record.the("close", "the server closes").args["fd"] == fd
        assert record.the("close", "the server closes").returned(0)
        assert record.the("recv", "the server closes").returned(0)
    with claim("accept.connected-socket", "closed by the client"):
        assert record.the("accept", "the second").succeeded()
        assert record.the("recv", "the second").got(pattern(SAID, seed=1))
        assert record.the("recv", "the client closes").returned(0)
        assert record.the("close", "the client closes").returned(0)


def assert_names(record: RecordView, peer: CallView, own: CallView) -> None:
    """Those of the connection's two ends, as the client has them the other way round."""
    assert peer.args["fd"] == own.args["fd"] == record.the("accept", "accepted").result
    assert own.gave_address(Address.parse(record.notes("server")[0]))
    assert peer.gave_address(Address.parse(record.notes("client")[0]))


@observes("accept/connected", family=INET_BOTH, stage=BOTH_STAGES, type="stream")
def test_closing_what_accept_returned_ends_the_tcp_connection(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.6: close() sends a FIN; here one, with close(), and none before."""
    client = Address.parse(record.notes("client")[0])
    with claim("accept.connected-socket", "closing, on the wire"):
        server = record.stream(to=client)
        assert server.one_fin()
        assert record.before(record.fence(1), server.fins[0])
        assert record.before(server.fins[0], record.fence(2))
