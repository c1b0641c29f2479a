# SPDX-License-Identifier: Apache-2.0
"""read() and write() on files beside sockets, and the position that the C library's buffer hides.

POSIX.1-2024 read(), write(), lseek(), and 2.5, Standard I/O Streams.
"""

from __future__ import annotations

import attrs

from sockspec.check import (
    ALL_FAMILIES,
    ClaimContext,
    Finding,
    NotObserved,
    RecordView,
    observes,
    pattern,
)

TOTAL = 3000
CONTENT = pattern(TOTAL, seed=1)


def fact(ok: bool, expected: str, observed: object) -> Finding:
    """A condition, with both sides in words."""
    return Finding(ok, expected, str(observed))


# --- read() and write() ---------------------------------------------------------------------------


def assert_carried(record: RecordView) -> None:
    """write() took all, read() gave the same bytes in other portions, and 0 at the end."""
    assert all(call.succeeded() for call in record.calls_if_any("open"))
    assert all(call.returned(0) for call in record.calls("close"))
    writes = record.calls("write", step="write")
    assert sum(call.args["size"] for call in writes) == TOTAL
    assert all(call.returned(call.args["size"]) for call in writes)
    at = 0
    for call in record.calls("read", step="read"):
        assert call.returned(call.args["size"])
        assert call.got(CONTENT[at : at + call.args["size"]])
        assert (call.behind, call.overrun) == (0, 0)
        at += call.args["size"]
    assert at == TOTAL
    for call in record.calls("read", step="end"):
        assert call.returned(0)
        assert call.left_untouched("data")


def assert_closed(record: RecordView) -> None:
    """POSIX.1-2024 read(), write(): EBADF."""
    assert record.the("close", "closed").returned(0)
    assert record.the("read", "closed").failed_with("EBADF")
    assert record.the("write", "closed").failed_with("EBADF")


@observes("file/read_write", kind=("file", "pipe", "fifo"))
def test_read_and_write_work_on_files(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 read(), write(); EBADF: not open for this."""
    with claim("io.files-too", "data"):
        assert_carried(record)
    if record.variant["kind"] != "pipe":  # which may go both ways
        with claim("io.files-too", "only the way it was opened for"):
            assert record.the("read", "wrong direction").failed_with("EBADF")
            assert record.the("write", "wrong direction").failed_with("EBADF")
    with claim("io.files-too", "closed"):
        assert_closed(record)


@observes("file/read_write", family=ALL_FAMILIES, kind="socket")
def test_read_and_write_work_on_sockets(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 read(), write(): as recv() and send() without flags."""
    with claim("io.files-too", "data"):
        assert_carried(record)
    with claim("io.files-too", "closed"):
        assert_closed(record)


@attrs.frozen
class Turn:
    """What a step of ``file/position`` reads, and all that lseek() then says."""

    data: tuple[bytes, ...] = ()
    positions: tuple[int, ...] = ()


WHOLE = b"hello, World"
TURNS = {
    "write": Turn(positions=(7, 12)),
    "at the end": Turn((b"",), (12,)),
    "from the beginning": Turn((b"hello", b", ", b"world", b""), (0, 5, 7, 12, 12)),
    "written over": Turn((WHOLE,), (7, 0, 12)),
    "another descriptor of the file": Turn((b"hello",), (5, 12)),
    "a duplicate": Turn((b", ",), (7, 7)),
    "a gap": Turn((bytes(4) + b"!",), (16, 12, 17)),
    "append": Turn(positions=(0, 18)),
    "no bytes": Turn((b"",), (0, 0, 0)),
}


@observes("file/position")
def test_a_file_is_read_and_written_at_its_position(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 read(), write(): at the file offset, which they advance; lseek(); O_APPEND."""
    for step, turn in TURNS.items():
        with claim("io.files-too", step):
            reads = record.calls_if_any("read", step=step)
            for data, call in zip(turn.data, reads, strict=True):
                assert call.returned(len(data))
                assert call.got(data)
                assert (call.behind, call.overrun) == (0, 0)
            for call in record.calls_if_any("dup", step=step):
                assert call.succeeded()
            for call in record.calls_if_any("write", step=step):
                assert call.returned(call.args["size"])
            found = tuple(call.result for call in record.calls_if_any("lseek", step=step))
            assert fact(found == turn.positions, f"the positions {turn.positions}", found)
    with claim("io.files-too", "append: the size"):
        assert record.the("stat").returned(0)
        assert record.the("stat").text("kind") == "S_IFREG"
        assert record.the("stat").number("size") == TURNS["append"].positions[-1]
    with claim("io.files-too", "a folder"):
        # POSIX.1-2024 read(), EISDIR: where the implementation does not allow it
        read = record.the("read", "a folder")
        if not read.failed:
            raise NotObserved("a folder can be read on this target")
        assert read.failed_with("EISDIR")


@observes(
    "file/no_position",
    family=ALL_FAMILIES,
    kind=("pipe", "socket"),
    when=lambda variant: variant["kind"] == "socket" or variant["family"] == "inet",
)
def test_read_and_write_need_no_position(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 lseek(), ESPIPE: a pipe, a FIFO or a socket; nothing is moved by the attempt."""
    with claim("io.files-too", "no position"):
        for step in ("before", "after"):
            for call in record.calls("lseek", step=step):
                assert call.failed_with("ESPIPE")
        assert record.the("write").returned(len(b"hello"))
        assert record.the("read", "data").got(b"he")
        assert record.the("read", "the rest").got(b"llo")


# --- the buffer of a stream -----------------------------------------------------------------------

LARGEST = 40000
SIZES = (0, 1, 2, 100, 1023, 1024, 1025, LARGEST)
FILE = pattern(LARGEST, seed=1)
READ = 16
EOF = -1


@attrs.frozen
class Positions:
    """The stream's own position, and the kernel's."""

    stream: int | str | None
    kernel: int | str | None


def positions(record: RecordView, step: str) -> Positions:
    """What ftell() and lseek() say."""
    return Positions(record.the("ftell", step).result, record.the("lseek", step).result)


def at(record: RecordView, step: str, stream: int, kernel: int) -> Finding:
    """Where the two are."""
    wanted, found = Positions(stream, kernel), positions(record, step)
    return fact(found == wanted, str(wanted), found)


def got(record: RecordView, step: str, offset: int, size: int) -> Finding:
    """fgetc() gave the file's byte at this offset, or EOF at its end."""
    call = record.the("fgetc", step)
    wanted = FILE[offset] if offset < size else EOF
    return fact(call.result == wanted, f"fgetc() = {wanted}", call)


def fetched(record: RecordView, buffers: tuple[int, ...], i: int) -> int:
    """How many bytes a stream asks the kernel for at a time."""
    if record.variant["buffer"] == "none":
        return 1
    if len(buffers) != len(SIZES):
        raise NotObserved("this target's C library does not tell the size of a stream's buffer")
    return buffers[i]


@observes("file/stdio_position", buffer=("default", "own", "none"))
def test_fgetc_moves_the_kernels_position_by_a_buffer(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 2.5 and setvbuf(): input is fully buffered, or not at all with _IONBF.

    The size of the buffer is the C library's own; the article's 1024 bytes are an example.
    """
    buffers = record.notes("buffer")
    for i, size in enumerate(SIZES):
        with claim("io.stdio-buffer", f"a file of {size} bytes"):
            buffer = fetched(record, buffers, i)
            first = min(size, buffer)
            second = min(size, max(buffer, 2))
            assert at(record, f"{size} bytes: opened", 0, 0)
            assert got(record, f"{size} bytes: first", 0, size)
            assert at(record, f"{size} bytes: first", min(size, 1), first)
            assert got(record, f"{size} bytes: second", 1, size)
            assert at(record, f"{size} bytes: second", min(size, 2), second)
            assert record.the("read", f"{size} bytes: read").got(
                FILE[second : min(size, second + READ)]
            )
    if record.variant["buffer"] == "none":
        return
    with claim("io.stdio-buffer", "the whole buffer, and the byte behind it"):
        buffer = fetched(record, buffers, len(SIZES) - 1)
        if buffer > LARGEST // 2:
            raise NotObserved(f"a stream's buffer has {buffer} bytes, too many for this file")
        assert fact(buffer > 1, "a buffer of more than a byte", buffer)
        assert got(record, "the buffer's first", 0, LARGEST)
        assert at(record, "the buffer's first", 1, buffer)
        assert got(record, "the buffer's last", buffer - 1, LARGEST)
        assert at(record, "the buffer's last", buffer, buffer)
        assert got(record, "the one behind it", buffer, LARGEST)
        assert at(record, "the one behind it", buffer + 1, 2 * buffer)
