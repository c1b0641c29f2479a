# SPDX-License-Identifier: Apache-2.0
"""Calls that do not wait: O_NONBLOCK set and cleared with fcntl(), and MSG_DONTWAIT."""

from __future__ import annotations

from sockspec.check import (
    ALL_FAMILIES,
    WRITERS,
    CallView,
    ClaimContext,
    Finding,
    RecordView,
    observes,
)

READ = ("read", "readv")
RECV = ("recv", "recvfrom", "recvmsg")
TYPES = ("stream", "dgram", "seqpacket")
SEND = tuple(by for by in WRITERS if by.startswith("send"))


def exists(variant: dict[str, str]) -> bool:
    """Of these types, TCP/IP lacks SOCK_SEQPACKET."""
    return variant["type"] != "seqpacket" or variant["family"] == "unix"


def would_block(call: CallView) -> Finding:
    """POSIX.1-2024 lets EAGAIN and EWOULDBLOCK be two numbers, and a socket return either."""
    return call.failed_with("EAGAIN", "EWOULDBLOCK")


def assert_found_nothing(call: CallView) -> None:
    """It failed without sleeping, and wrote nothing."""
    assert not call.slept()
    assert would_block(call)
    assert call.left_untouched("data")


def assert_got_at_once(call: CallView, data: bytes) -> None:
    """It found these bytes, and did not sleep."""
    assert not call.slept()
    assert_got(call, data)


def assert_got(call: CallView, data: bytes) -> None:
    """It received exactly these bytes, and changed no other byte of the memory."""
    assert call.returned(len(data))
    assert call.got(data)
    assert call.behind == 0
    assert call.overrun == 0


def assert_slept_until_data(record: RecordView, step: str, data: bytes) -> None:
    call = record.the(record.variant["by"], step)
    assert call.slept()
    assert record.before(record.the("send", step).entered, call.returned)
    assert_got(call, data)


def flags(record: RecordView, step: str) -> frozenset[str]:
    """The file status flags that F_GETFL gave in this step."""
    return record.the("fcntl", step).names("flags")


# --- fcntl() --------------------------------------------------------------------------------------


def assert_set(record: RecordView) -> None:
    """Nothing but O_NONBLOCK is added, and no later call waits."""
    by = record.variant["by"]
    before, change = record.calls("fcntl", step="set")
    assert "O_NONBLOCK" not in before.names("flags")
    assert change.succeeded()
    assert flags(record, "set: flags") == before.names("flags") | {"O_NONBLOCK"}
    for step in ("set: empty", "set: empty again", "set: emptied"):
        assert_found_nothing(record.the(by, step))
    assert_got_at_once(record.the(by, "set: data"), b"hello")


def assert_cleared(record: RecordView) -> None:
    """Nothing but O_NONBLOCK is taken away, and every later call waits."""
    before, change = record.calls("fcntl", step="clear")
    assert "O_NONBLOCK" in before.names("flags")
    assert change.succeeded()
    assert flags(record, "clear: flags") == before.names("flags") - {"O_NONBLOCK"}
    assert_slept_until_data(record, "clear: empty", b"later")
    assert_slept_until_data(record, "clear: empty again", b"still")


@observes("recv/set_nonblocking", by=READ, family=ALL_FAMILIES, type=TYPES, when=exists)
def test_fcntl_sets_the_mode_of_every_later_read(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 fcntl(), F_SETFL; read(): with O_NONBLOCK set, EAGAIN or EWOULDBLOCK."""
    by = record.variant["by"]
    with claim("nonblock.fcntl-set"):
        assert_set(record)
    with claim("nonblock.fcntl-clear"):
        assert_cleared(record)
    with claim("nonblock.read-eagain"):
        for step in ("set: empty", "set: empty again", "set: emptied"):
            assert_found_nothing(record.the(by, step))
        assert_got_at_once(record.the(by, "set: data"), b"hello")
    with claim("nonblock.read-same-when-data"):
        assert_got_at_once(record.the(by, "set: data"), b"hello")


@observes("recv/set_nonblocking", by=RECV, family=ALL_FAMILIES, type=TYPES, when=exists)
def test_fcntl_sets_the_mode_of_every_later_recv(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 recv(): O_NONBLOCK set and nothing there: EAGAIN or EWOULDBLOCK."""
    by = record.variant["by"]
    with claim("nonblock.fcntl-set"):
        assert_set(record)
    with claim("nonblock.fcntl-clear"):
        assert_cleared(record)
    with claim("recv.nonblocking-eagain"):
        for step in ("set: empty", "set: empty again", "set: emptied"):
            call = record.the(by, step)
            assert_found_nothing(call)
            assert call.failed_with("EAGAIN")


# --- MSG_DONTWAIT ---------------------------------------------------------------------------------


@observes(
    "recv/msg_dontwait", by=RECV, family=ALL_FAMILIES, type=TYPES, mode="blocking", when=exists
)
def test_a_recv_with_msg_dontwait_does_not_wait_and_the_next_without_it_does(
    record: RecordView, claim: ClaimContext
) -> None:
    """recv(2): MSG_DONTWAIT is a per-call option; POSIX.1-2024 recv() has it as well."""
    with claim("nonblock.msg-dontwait"):
        assert "O_NONBLOCK" not in flags(record, "before")
        assert_dontwait(record)
        assert_slept_until_data(record, "without the flag", b"later")


@observes(
    "recv/msg_dontwait", by=RECV, family=ALL_FAMILIES, type=TYPES, mode="nonblocking", when=exists
)
def test_msg_dontwait_changes_nothing_on_a_nonblocking_socket(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("nonblock.msg-dontwait"):
        assert "O_NONBLOCK" in flags(record, "before")
        assert_dontwait(record)
        assert_found_nothing(record.the(record.variant["by"], "without the flag"))


def assert_dontwait(record: RecordView) -> None:
    """With the flag nothing waits, data is taken as ever, and the socket's mode stays."""
    by = record.variant["by"]
    assert_found_nothing(record.the(by, "empty"))
    assert_found_nothing(record.the(by, "empty, peeking"))
    assert_got_at_once(record.the(by, "data"), b"hello")
    assert flags(record, "after") == flags(record, "before")


@observes("send/msg_dontwait", by=SEND, family=ALL_FAMILIES, mode="blocking")
def test_a_send_with_msg_dontwait_does_not_wait_and_the_next_without_it_does(
    record: RecordView, claim: ClaimContext
) -> None:
    """send(2): MSG_DONTWAIT; POSIX.1-2024 send() has it as well."""
    by = record.variant["by"]
    with claim("nonblock.msg-dontwait"):
        assert "O_NONBLOCK" not in flags(record, "before")
        assert_sent_no_more_than_fits(record)
        assert record.the(by, "without the flag").slept()


@observes("send/msg_dontwait", by=SEND, family=ALL_FAMILIES, mode="nonblocking")
def test_msg_dontwait_changes_nothing_for_send_on_a_nonblocking_socket(
    record: RecordView, claim: ClaimContext
) -> None:
    by = record.variant["by"]
    with claim("nonblock.msg-dontwait"):
        assert "O_NONBLOCK" in flags(record, "before")
        assert_sent_no_more_than_fits(record)
        assert_did_not_wait(record.the(by, "without the flag"))


def assert_did_not_wait(call: CallView) -> None:
    assert not call.slept()
    assert would_block(call) or sent_a_part(call)


def sent_a_part(call: CallView) -> Finding:
    """It took some of the data, and not all."""
    size = call.args["size"]
    taken = call.result if isinstance(call.result, int) else 0
    return Finding(0 < taken < size, f"a part of {size} bytes to be taken", str(call))


def assert_sent_no_more_than_fits(record: RecordView) -> None:
    """More is given than all buffers hold: it returns with a part of it, or with EAGAIN."""
    by = record.variant["by"]
    calls = (record.the(by, "with the flag"), record.the(by, "with the flag again"))
    for call in calls:
        assert_did_not_wait(call)
    assert sent_a_part(calls[0])
    assert flags(record, "after") == flags(record, "before")
