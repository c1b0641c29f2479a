# SPDX-License-Identifier: Apache-2.0
"""The article's two idioms for a non-blocking socket, as it prints them.

The notes hold what an idiom told its caller: of the read idiom 0 for no data, -1 for a failure, or
how much was read; of the write loop all that it was given, or -1.
"""

from __future__ import annotations

from collections.abc import Sequence

from sockspec.check import (
    ALL_FAMILIES,
    BOTH_STAGES,
    WOULD_BLOCK,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    RecordView,
    exists,
    got_in_order,
    observes,
)

NO_DATA = 0
FAILURE = -1
LITTLE, MOST = 1000, 49152

EMPTY = ("nothing there", "nothing more", "nothing there after a signal")
FAILURES = {
    "a reset": ("ECONNRESET",),
    "a refused connection": ("ECONNREFUSED", "EINVAL", "ENOTCONN"),
    "no connection": ("ENOTCONN", "EINVAL"),
    "no descriptor": ("EBADF",),
}
"""What read() fails with in a state; of several one is that of TCP, one of AF_UNIX."""
END = "the end of the stream"


def told(record: RecordView, name: str, value: int) -> Finding:
    """What the idiom told its caller in this state."""
    seen = record.number(name)
    return Finding(seen == value, f"the idiom to give {value}: {name}", f"it gave {seen}")


# --- reading ------------------------------------------------------------------------------------


@observes("nonblock/read_idiom", stage=BOTH_STAGES, family=ALL_FAMILIES, when=exists)
def test_the_read_idiom_tells_no_data_from_failure(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 read(), ERRORS; it gives 0 at the end of the stream, the idiom for no data."""
    with claim("nonblock.read-idiom", "no data"):
        for name in EMPTY:
            read = record.the("read", name)
            assert read.failed_with(*WOULD_BLOCK)
            assert read.left_untouched("data")
            assert told(record, name, NO_DATA)
    with claim("nonblock.read-idiom", "data"):
        read = record.the("read", "data")
        assert read.got_just(b"hello")
        assert told(record, "data", len("hello"))
    for name, errors in FAILURES.items():
        with claim("nonblock.read-idiom", name):
            read = record.the("read", name)
            if record.variant["family"] == "unix" and read.result == 0:
                raise NotObserved(f"a UNIX socket of this target takes {name} for an end")
            assert read.failed_with(*errors)
            assert read.left_untouched("data")
            assert told(record, name, FAILURE)
    with claim("nonblock.read-idiom", END):
        for name in (END, f"{END} again"):
            assert record.the("read", name).returned(0)
            assert other_than_no_data(record, name)


def other_than_no_data(record: RecordView, name: str) -> Finding:
    """Nothing will ever come: the caller must not be told to try again."""
    seen = record.number(name)
    expected = f"the idiom to tell {name} from a lack of data"
    return Finding(seen != NO_DATA, expected, f"it gave {seen} for both")


# --- writing ------------------------------------------------------------------------------------


@observes("nonblock/write_idiom", stage=BOTH_STAGES, family=ALL_FAMILIES, when=exists)
def test_the_write_loop_delivers_every_byte(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 write(): a partial count, and EAGAIN or EWOULDBLOCK, where O_NONBLOCK is set."""
    with claim("nonblock.write-idiom", "all fits"):
        assert [call.result for call in writes(record, "all fits")] == [LITTLE]
        assert told(record, "all fits", LITTLE)
        assert_delivered(record, "all fits", LITTLE)
    with claim("nonblock.write-idiom", "a slow reader"):
        assert_tried_again(writes(record, "a slow reader"))
        assert told(record, "a slow reader", MOST)
        assert_delivered(record, "a slow reader", MOST)
    for name in ("the peer breaks off", "the peer ends and closes"):
        with claim("nonblock.write-idiom", name):
            assert_gave_up(record, name)
            assert told(record, name, FAILURE)
    with claim("nonblock.write-idiom", "SIGPIPE not ignored"):
        ended = record.text("ended")
        assert Finding(ended == "exit 0", "the loop to return", f"the process ended by {ended}")


def writes(record: RecordView, step: str) -> tuple[CallView, ...]:
    return record.calls("write", step=step)


def blocked(call: CallView) -> bool:
    return call.failed_with(*WOULD_BLOCK).ok


def assert_tried_again(calls: Sequence[CallView]) -> None:
    """Each attempt takes up behind what was taken; some take a part, some find no space."""
    left = MOST
    for call in calls:
        assert call.args["size"] == left
        assert call.failed_with(*WOULD_BLOCK) or call.succeeded()
        left -= call.count
    assert left == 0
    kinds = f"{sum(map(blocked, calls))} of {len(calls)} calls found no space"
    assert Finding(any(map(blocked, calls)), "some calls to find no space", kinds)


def assert_gave_up(record: RecordView, step: str) -> None:
    """At the first error that is not EWOULDBLOCK."""
    *tried, last = writes(record, step)
    assert all(blocked(call) or not call.failed for call in tried)
    assert last.failed_with("EPIPE", "ECONNRESET")


def assert_delivered(record: RecordView, step: str, size: int) -> None:
    """The reader got all bytes, each once and in order, and then no more."""
    *reads, nothing = record.calls("read", step=step)
    assert got_in_order(reads, size, seed=1)
    assert nothing.failed_with(*WOULD_BLOCK)
