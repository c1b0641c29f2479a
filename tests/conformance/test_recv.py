# SPDX-License-Identifier: Apache-2.0
"""How much a receiving call takes, what it leaves, and on which sockets it works.

What the article says of read() is judged of read() and readv(), which POSIX.1-2024 makes alike but
for the buffers; what it says of recv() is judged of recv(), recvfrom() and recvmsg().
"""

from __future__ import annotations

from itertools import accumulate

from sockspec.check import (
    ALL_FAMILIES,
    INET_BOTH,
    READERS,
    CallView,
    ClaimContext,
    RecordView,
    observes,
    pattern,
)

READ = ("read", "readv")
RECV = ("recv", "recvfrom", "recvmsg")
MODES = ("blocking", "nonblocking")


def assert_got(call: CallView, data: bytes) -> None:
    """It took these bytes, said how many, and changed no other byte of the memory."""
    assert call.returned(len(data))
    assert call.got(data)
    assert call.behind == 0
    assert call.overrun == 0


def assert_took(call: CallView, n: int, offset: int = 0) -> None:
    """It took ``n`` bytes of the pattern, and nothing else."""
    assert call.got_pattern(n, offset, seed=1)
    assert_got(call, pattern(n, offset, seed=1))


def assert_took_at_once(record: RecordView, step: str, n: int, unread: int) -> None:
    """It took ``n`` of the unread bytes without sleeping, and the next call the others."""
    by = record.variant["by"]
    call = record.the(by, step)
    assert_took(call, n)
    assert not call.slept()
    assert_took(record.the(by, f"{step}: the rest"), unread - n, offset=n)


# --- more, as many and fewer bytes than there are -------------------------------------------------


@observes("recv/queued", by=READ, family=ALL_FAMILIES, mode="blocking")
def test_a_blocking_read_takes_what_is_there_and_no_more_than_was_asked_for(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 read(), RETURN VALUE: the number of bytes read, never more than nbyte."""
    with claim("block.read-short"):
        assert_took_at_once(record, "more", 100, unread=100)
        assert_took_at_once(record, "many more", 4000, unread=4000)
    with claim("block.read-exact"):
        assert_took_at_once(record, "fewer", 60, unread=100)
        assert_took_at_once(record, "one", 1, unread=100)
        assert_took_at_once(record, "many fewer", 4000, unread=8000)
    with claim("io.read-count"):
        assert_took_at_once(record, "more", 100, unread=100)
        assert_took_at_once(record, "equal", 100, unread=100)
        assert_took_at_once(record, "fewer", 60, unread=100)


@observes("recv/queued", by=READ, family=ALL_FAMILIES, mode="nonblocking")
def test_a_nonblocking_read_takes_what_a_blocking_one_takes(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 read(): O_NONBLOCK makes a difference only where there is no data."""
    with claim("nonblock.read-same-when-data"):
        assert_took_at_once(record, "more", 100, unread=100)
        assert_took_at_once(record, "equal", 100, unread=100)
        assert_took_at_once(record, "fewer", 60, unread=100)
        assert_took_at_once(record, "one", 1, unread=100)
        assert_took_at_once(record, "many more", 4000, unread=4000)
        assert_took_at_once(record, "many fewer", 4000, unread=8000)


@observes("recv/queued", by=RECV, family=ALL_FAMILIES, mode=MODES)
def test_recv_takes_what_is_there_and_no_more_than_was_asked_for(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 recv(), RETURN VALUE: the number of bytes received."""
    with claim("recv.partial"):
        assert_took_at_once(record, "more", 100, unread=100)
        assert_took_at_once(record, "many more", 4000, unread=4000)
    with claim("recv.returns-count"):
        assert_took_at_once(record, "equal", 100, unread=100)
        assert_took_at_once(record, "fewer", 60, unread=100)
        assert_took_at_once(record, "one", 1, unread=100)
        assert_took_at_once(record, "many fewer", 4000, unread=8000)


@observes("recv/zero_length", by=READ, family=ALL_FAMILIES)
def test_a_read_of_no_bytes_takes_nothing(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 read(): the result of nbyte 0 is specified for regular files only."""
    by = record.variant["by"]
    with claim("io.read-count"):
        assert_took(record.the(by, "data"), 0)
        assert_got(record.the(by, "data still there"), b"hello")
    with claim("block.read-waits", "no bytes asked for"):
        assert record.the(by, "empty").slept()


@observes("recv/zero_length", by=RECV, family=ALL_FAMILIES)
def test_a_recv_of_no_bytes_takes_nothing(record: RecordView, claim: ClaimContext) -> None:
    by = record.variant["by"]
    with claim("recv.returns-count"):
        assert_took(record.the(by, "data"), 0)
        assert_got(record.the(by, "data still there"), b"hello")
    with claim("recv.blocks-when-empty", "no bytes asked for"):
        assert record.the(by, "empty").slept()
        assert_took(record.the(by, "empty"), 0)


# --- a stream of bytes ----------------------------------------------------------------------------


def assert_portions(record: RecordView, step: str, sizes: list[int]) -> None:
    """Each call of this step took the next of the bytes, as many as were asked for."""
    calls = record.calls(record.variant["by"], step=step)
    offsets = accumulate(sizes, initial=0)
    for call, size, offset in zip(calls, sizes, offsets, strict=False):
        assert_took(call, size, offset)
    assert len(calls) == len(sizes)


def assert_other_portions(record: RecordView) -> None:
    """The bytes come in order and none is missing, in the portions that were asked for."""
    by = record.variant["by"]
    assert_took(record.the(by, "many sent, one received"), 12)
    assert_portions(record, "one sent, many received", [1] * 12)
    assert_portions(record, "other portions", [1700] * 7 + [100])


@observes("recv/byte_stream", by=READERS, family=ALL_FAMILIES)
def test_a_stream_socket_shows_no_boundaries(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 section 2.10.6, Socket Types: SOCK_STREAM keeps no record boundaries."""
    with claim("socket.type-stream"):
        assert_other_portions(record)


@observes("recv/byte_stream", stage="pair", by=("read", "recv"), family=INET_BOTH)
def test_tcp_shows_no_boundaries_of_segments(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293 section 3.7: TCP cuts the stream into segments as it sees fit."""
    with claim("socket.type-stream"):
        assert_other_portions(record)


# --- more than the buffer holds -------------------------------------------------------------------


@observes("recv/excess", by="recvmsg", family=ALL_FAMILIES, type="stream")
def test_recvmsg_tells_that_a_stream_lost_nothing(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 recvmsg(): MSG_TRUNC is for messages; on a stream no data is discarded."""
    with claim("recv.excess-dropped"):
        cut = record.the("recvmsg", "the part that fits")
        assert_took(cut, 300)
        assert_took(record.the("recvmsg", "what comes next"), 64, offset=300)
        assert "MSG_TRUNC" not in cut.msg_flags


@observes("recv/excess", by="recvmsg", family=ALL_FAMILIES, type="dgram")
def test_recvmsg_tells_that_a_datagram_lost_its_rest(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 recvmsg(): what exceeds the buffers is discarded, and MSG_TRUNC tells."""
    with claim("recv.excess-dropped"):
        assert_rest_is_lost(record)


@observes("recv/excess", by=RECV, family="unix", type="seqpacket")
def test_a_packet_loses_what_does_not_fit(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 recv(): the same for every socket that is based on messages."""
    with claim("recv.excess-dropped"):
        assert_rest_is_lost(record)


def assert_rest_is_lost(record: RecordView) -> None:
    """The next call gets the next message, and nothing of the one that was cut."""
    by = record.variant["by"]
    cut, whole = record.the(by, "the part that fits"), record.the(by, "what comes next")
    assert_took(cut, 300)
    assert_got(whole, b"next")
    if by == "recvmsg":
        assert "MSG_TRUNC" in cut.msg_flags
        assert "MSG_TRUNC" not in whole.msg_flags


# --- several buffers ------------------------------------------------------------------------------


@observes("recv/scatter", by=("writev", "sendmsg"), family=ALL_FAMILIES, type=("stream", "dgram"))
def test_one_call_gathers_and_scatters(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 readv(), recvmsg(): each buffer is filled before the next one is begun."""
    send = record.variant["by"]
    receive = {"writev": "readv", "sendmsg": "recvmsg"}[send]
    with claim("io.scatter-gather"):
        for step in ("gathered", "both"):
            assert record.the(send, step).returned(312)
        assert_took(record.the("recv", "gathered"), 312)
        for step in ("scattered", "both"):
            assert_scattered(record.the(receive, step))


def assert_scattered(call: CallView) -> None:
    """312 bytes in buffers of 1, 200, 0, 100 and 64: the last has room left."""
    assert_took(call, 312)
    data = pattern(312, seed=1)
    parts = [bytes.fromhex(call.text(f"part{n}")) for n in range(1, 6)]
    assert parts == [data[:1], data[1:201], b"", data[201:301], data[301:]]


# --- sockets that are not connected ---------------------------------------------------------------


def assert_failed_for_lack_of_connection(record: RecordView) -> None:
    """POSIX.1-2024 recv(): ENOTCONN; the claim asks for a failure, whatever its errno.

    EINTR would be the failure of the signal that ends a call which waits.
    """
    call = record.the("recv")
    assert not call.slept()
    assert call.returned(-1)
    assert call.errno != "EINTR"
    assert call.left_untouched("data")


@observes(
    "recv/unconnected_stream",
    family=ALL_FAMILIES,
    type=("stream", "seqpacket"),
    state=("fresh", "bound", "listening", "refused"),
    when=lambda variant: variant["type"] == "stream" or variant["family"] == "unix",
)
def test_recv_fails_on_a_socket_without_a_connection(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("recv.connected-only"):
        assert_failed_for_lack_of_connection(record)
    with claim("recv.returns-count"):
        assert record.the("recv").returned(-1)


@observes("recv/unconnected_stream", family=INET_BOTH, type="stream", state="disconnected")
def test_recv_fails_on_a_socket_that_was_disconnected(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("recv.connected-only"):
        assert record.the("connect").succeeded()
        assert_failed_for_lack_of_connection(record)


@observes(
    "recv/unconnected_stream", stage="pair", family=INET_BOTH, type="stream", state="connecting"
)
def test_recv_fails_while_the_connection_is_being_made(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("recv.connected-only"):
        assert record.the("connect").failed_with("EINPROGRESS")
        assert_failed_for_lack_of_connection(record)


@observes("recv/unconnected_datagram", stage=("lo", "pair"), family=INET_BOTH)
def test_recv_fails_on_an_unconnected_udp_socket(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 recv() has ENOTCONN for connection-mode sockets only."""
    with claim("recv.connected-only"):
        assert record.the("recv").failed_with("ENOTCONN")


@observes("recv/unconnected_datagram", family="unix")
def test_recv_fails_on_an_unconnected_unix_datagram_socket(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("recv.connected-only"):
        assert record.the("recv").failed_with("ENOTCONN")
