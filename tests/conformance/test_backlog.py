# SPDX-License-Identifier: Apache-2.0
"""listen(): how many connections its queue holds, and what the next client sees.

The article: the backlog is the largest number of connections that the kernel queues.  They are
counted as what accept() gives out when nobody has accepted before: each of these clients told the
server its number, and the server's host had acknowledged it.

POSIX.1-2024 listen(): the backlog is a hint; one below 0 counts as 0, and 0 may still let
connections in.  listen(2): on Linux it is capped by net.core.somaxconn.
"""

from __future__ import annotations

from sockspec.check import (
    ALL_FAMILIES,
    BOTH_STAGES,
    INET_BOTH,
    SAID,
    WOULD_BLOCK,
    ClaimContext,
    Finding,
    NotObserved,
    RecordView,
    exists,
    observes,
    pattern,
)

WITH_CONNECTIONS = ("stream", "seqpacket")


def queued(record: RecordView) -> int:
    """How many connections accept() gave out."""
    *given, last = record.calls("accept", step="accepted")
    assert last.failed_with(*WOULD_BLOCK)
    assert all(call.succeeded() for call in given)
    return len(given)


@observes(
    "listen/backlog",
    backlog=("5", "1", "0", "-1", "2147483647"),
    family=ALL_FAMILIES,
    stage=BOTH_STAGES,
    type=WITH_CONNECTIONS,
    when=exists,
)
def test_the_backlog_is_the_largest_number_of_connections_in_the_queue(
    record: RecordView, claim: ClaimContext
) -> None:
    backlog = int(record.variant["backlog"])
    with claim("listen.backlog-limit", "the number"):
        count = queued(record)
        assert record.the("listen").returned(0)
        if not record.number("full") and count <= backlog:
            raise NotObserved(f"the queue was not full with {count} connections")
        most = max(0, backlog)
        assert Finding(
            count == most,
            f"a full queue of {most} connections after {record.the('listen')}",
            f"it held {count}{limit_text(record)}",
        )


def limit_text(record: RecordView) -> str:
    """What else there was to limit the queue."""
    limits = record.notes("net.core.somaxconn")
    return f", where net.core.somaxconn was {limits[0]}" if limits else ""


@observes(
    "listen/backlog",
    backlog=("5", "1", "0"),
    family=ALL_FAMILIES,
    stage=BOTH_STAGES,
    type=WITH_CONNECTIONS,
    when=exists,
)
def test_the_queue_is_full_with_one_connection_more_at_the_latest(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 listen(): the backlog limits the queue, and with 0 it may still take some.

    A system that counts otherwise than the article, as Linux does, is told from one that ignores
    the number.
    """
    backlog = int(record.variant["backlog"])
    with claim("listen.backlog-limit", "with one more at the latest"):
        count = queued(record)
        full = "full" if record.number("full") else "not full"
        assert Finding(
            full == "full" and count <= backlog + 1,
            f"a full queue of at most {backlog + 1} connections after {record.the('listen')}",
            f"it held {count} and was {full}",
        )


@observes(
    "listen/backlog",
    backlog=("5", "1", "0", "-1", "2147483647"),
    family=ALL_FAMILIES,
    stage=BOTH_STAGES,
    type=WITH_CONNECTIONS,
    when=exists,
)
def test_a_client_that_finds_the_queue_full_is_not_queued(
    record: RecordView, claim: ClaimContext
) -> None:
    """Those before it are given out in the order in which they came; it is not among them.

    listen(2): the client may be refused, or its request ignored, so that TCP's tries again later.
    connect(2), EAGAIN: a UNIX client that does not wait; one that waits sleeps.
    """
    if not record.number("full"):
        raise NotObserved("the queue was not full")
    with claim("listen.backlog-limit", "the next client"):
        count = queued(record)
        assert_kept_out(record, f"client {count}")
        order = [number for call in record.calls("recv", step="accepted") for number in call.data]
        assert order == list(range(count))
    with claim("listen.backlog-limit", "a client that waits"):
        waiting = record.the("connect", "a client that waits")
        if not waiting.failed_with("ECONNREFUSED"):
            assert record.asleep("connect", "it was kept out")
            assert waiting.failed_with("EINTR")
    with claim("listen.backlog-limit", "places are free"):
        assert record.the("connect", "places are free").returned(0)
        assert record.the("accept", "places are free").succeeded()
        assert record.the("recv", "places are free").got(pattern(SAID, seed=3))


def assert_kept_out(record: RecordView, step: str) -> None:
    """It is not connected: it failed, or it is still trying."""
    client = record.the("connect", step)
    if record.variant["family"] == "unix":
        assert client.failed_with(*WOULD_BLOCK, "ECONNREFUSED")
        return
    assert client.failed_with("EINPROGRESS", "ECONNREFUSED")
    if client.failed_with("ECONNREFUSED"):
        return
    if record.the("poll", step).returned(0):
        return
    assert record.the("getsockopt", step).text("error") == "ECONNREFUSED"


@observes("listen/backlog_wakes", family="unix", type=WITH_CONNECTIONS)
def test_an_accept_lets_a_unix_client_in_that_waits_for_a_place(
    record: RecordView, claim: ClaimContext
) -> None:
    """It sleeps in connect() until there is a place, and is then the last of the queue."""
    before = record.number("queued")
    client = record.the("connect", "full")
    room = record.the("accept", "room")
    with claim("listen.backlog-limit", "a client that waits for a place"):
        assert record.asleep("connect", "full")
        assert record.before(room.entered, client.returned)
        assert client.returned(0)
        assert room.succeeded()
    with claim("accept.fifo"):
        order = [number for call in record.calls("recv") for number in call.data]
        assert order == list(range(before + 1))
        assert record.the("accept", "nobody").failed_with(*WOULD_BLOCK)


@observes("listen/backlog_late", family=INET_BOTH, stage=BOTH_STAGES)
def test_a_tcp_client_whose_handshake_ends_too_late_is_not_queued(
    record: RecordView, claim: ClaimContext
) -> None:
    """Its connect() has returned, and then the queue is full; it is given out when there is room.

    RFC 9293, 3.5: the server has not seen its SYN acknowledged, so it has no connection yet.
    """
    own = record.the("getsockname", "connected").address
    with claim("listen.backlog-limit", "a client that is connected too soon"):
        assert record.the("connect", "connected").returned(0)
        assert record.the("accept", "connected").failed_with(*WOULD_BLOCK)
        *given, last = record.calls("accept", step="accepted")
        assert last.failed_with(*WOULD_BLOCK)
        assert given
        assert own not in [call.address for call in given]
    with claim("listen.backlog-limit", "when places are free"):
        assert record.the("accept", "places are free").gave_address(own)
