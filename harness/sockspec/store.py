# SPDX-License-Identifier: Apache-2.0
"""Records on disk: ``records.jsonl``, read and written line by line.

A `Recording` keeps only where each record lies in its file and decodes it when it is asked for, so
that memory does not grow with the number of jobs.  A live run is the same thing as a file: the
target's lines are appended to it while the judge already reads.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO, TYPE_CHECKING, Final

import msgspec

from sockspec.errors import SockspecError
from sockspec.model import SCHEMA, Bye, Hello, Line, Record

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

MAX_LINE: Final = 16 << 20
"""The longest line that is read, bytes."""
MAX_RECORDS: Final = 1_000_000
"""The most records that are read from one stream."""
BEGINS: Final = b'{"kind":'
"""How every line of the stream begins; anything else was written by something else."""

_VALUE: Final = r"[A-Za-z0-9._:+,%-]+"
_RULE: Final = r"[A-Za-z0-9._:+,%=-]+"
_JOB: Final = re.compile(
    rf"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+ [a-z]+( [A-Za-z][A-Za-z0-9_]*={_VALUE})*( lie={_RULE})?",
    re.ASCII,
)
_SHOWN: Final = 60
"""How many characters of a bad line an error quotes."""

_decode: Final = msgspec.json.Decoder(Line).decode


class _Version(msgspec.Struct, frozen=True):
    kind: str = ""
    schema: int = 0


_decode_version: Final = msgspec.json.Decoder(_Version).decode


class UnreadableRecord(SockspecError):  # noqa: N818 - what it is
    """A line that is no line of the record format (exit status 3)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, 3)


def decode(raw: bytes) -> Line:
    """The line as a value; raises `UnreadableRecord`, without a place, if it is none."""
    try:
        line: Line = _decode(raw)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise UnreadableRecord(_why_unreadable(raw, error)) from None
    if isinstance(line, Record):
        _demand_consistent(line)
    if isinstance(line, Hello):
        _demand_readable(line.schema)
    return line


def _why_unreadable(raw: bytes, error: Exception) -> str:
    """One line that says what is wrong with a line."""
    with contextlib.suppress(msgspec.MsgspecError, RecursionError, ValueError):
        version = _decode_version(raw)
        if version.kind == "hello":
            _demand_readable(version.schema)
    try:
        raw.decode()
    except UnicodeDecodeError as bad:
        return f"not UTF-8: byte 0x{raw[bad.start]:02x} at column {bad.start + 1}"
    if not raw.startswith(BEGINS):
        return f"not a line of a record: {quoted(raw)}"
    return f"not a valid record: {' '.join(str(error).split())}"


def _demand_readable(schema: int) -> None:
    if schema > SCHEMA:
        raise UnreadableRecord(
            f"written by a newer sockspec (format {schema}; this one reads up to {SCHEMA}); "
            "update sockspec"
        )


def _demand_consistent(record: Record) -> None:
    """The job's key is what everything is found by: it must be one, and fit its record."""
    if not _JOB.fullmatch(record.job):
        raise UnreadableRecord(f"not a valid record: {quoted(record.job)} is no job")
    pairs = sorted(record.variant.items(), key=lambda pair: (pair[0] == "lie", pair))
    words = [f"{name}={value}" for name, value in pairs]
    if record.job != " ".join((record.probe, record.stage, *words)):
        raise UnreadableRecord(
            f"not a valid record: job {quoted(record.job)} does not fit its probe, stage, variant"
        )


def quoted(text: bytes | str) -> str:
    """Untrusted text for an error message: one line, printable, shortened."""
    if isinstance(text, bytes):
        text = text[: 4 * _SHOWN].decode(errors="replace")
    text = "".join(c if c.isprintable() else "." for c in text.strip()[: _SHOWN + 1])
    return f"'{text[:_SHOWN]}…'" if len(text) > _SHOWN else f"'{text}'"


class Recording(Mapping[str, Record]):
    """The records of one stream by job, decoded on demand.

    One thread may append while others look up; it is ended by `close` or as a context manager.
    """

    def __init__(self, name: str, file: IO[bytes]) -> None:
        self.name = name
        self.hello: Hello | None = None
        self.bye: Bye | None = None
        self.cut: str | None = None
        """Why records may be missing from the end, once the whole file was read."""
        self._fd: Final = file.fileno()
        self._file: Final = file
        self._size = 0
        self._at: dict[str, tuple[int, int, int]] = {}
        """Of each job: offset, length, and the number of its line."""
        self._lines = 0
        self._last: tuple[str, Record] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __len__(self) -> int:
        return len(self._at)

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._at))

    def __contains__(self, job: object) -> bool:
        return job in self._at

    def __getitem__(self, job: str) -> Record:
        last = self._last
        if last is not None and last[0] == job:
            return last[1]
        offset, length, _ = self._at[job]
        line = decode(os.pread(self._fd, length, offset))
        if not isinstance(line, Record):
            raise UnreadableRecord(f"{self.name} was changed while it was read")
        self._last = (job, line)
        return line

    def append(self, raw: bytes) -> Line:
        """Validate one line, write it to the file, remember where it lies.

        Raises `UnreadableRecord`, and writes nothing, if the line does not belong into the stream;
        `SockspecError` (status 3) if it cannot be written: the file then ends after its last whole
        line.
        """
        line = self._admit(raw)
        raw = raw if raw.endswith(b"\n") else raw + b"\n"
        self._write(raw)
        self._index(line, len(raw))
        return line

    def scan(self, source: IO[bytes], *, copy: bool = False) -> None:
        """Read a stream to its end; raises `UnreadableRecord` with file and line.

        ``copy`` writes what is read to the recording's own file; without it, that is the source.
        """
        while raw := source.readline(MAX_LINE + 1):
            try:
                line = self._admit(raw)
            except UnreadableRecord as error:
                if self._is_half(raw):
                    self.cut = f"{self.name} ends in the middle of line {self._lines + 1}"
                    return
                raise UnreadableRecord(f"{self.name}:{self._lines + 1}: {error}") from None
            if copy:
                self._write(raw)
            self._index(line, len(raw))
        self.cut = self.why_cut()

    def why_cut(self) -> str | None:
        """Why records may be missing now that nothing more comes; None: none is."""
        if self.hello is None:
            raise UnreadableRecord(f"{self.name}: holds no record (the file is empty)")
        if self.bye is None:
            return f"{self.name} was cut short after {_records(len(self))}"
        if self.bye.records > len(self):
            return f"{self.name} holds {len(self)} of {_records(self.bye.records)}"
        return None

    def _is_half(self, raw: bytes) -> bool:
        """Whether a bad line is merely the last one, cut short."""
        return not raw.endswith(b"\n") and len(raw) <= MAX_LINE and self.hello is not None

    def _admit(self, raw: bytes) -> Line:
        """The line, if it may stand at this place of a stream."""
        if len(raw) > MAX_LINE:
            raise UnreadableRecord(f"a line longer than {MAX_LINE >> 20} MiB")
        line = decode(raw)
        if isinstance(line, Hello) is not (self.hello is None):
            raise UnreadableRecord(
                "the hello line of sockspec-agent must be the first, and the only one"
            )
        if self.bye is not None:
            raise UnreadableRecord("a line after the agent's last")
        if isinstance(line, Record):
            if line.job in self._at:
                where = self._at[line.job][2]
                raise UnreadableRecord(f"job {quoted(line.job)} was recorded in line {where}")
            if len(self._at) >= MAX_RECORDS:
                raise UnreadableRecord(f"more than {MAX_RECORDS} records")
        return line

    def _index(self, line: Line, length: int) -> None:
        self._lines += 1
        if isinstance(line, Hello):
            self.hello = line
        elif isinstance(line, Bye):
            self.bye = line
        else:
            self._at[line.job] = (self._size, length, self._lines)
        self._size += length

    def _write(self, raw: bytes) -> None:
        """Unbuffered, so that what was recorded is in the file whatever ends this process."""
        rest = memoryview(raw)
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self._size)
            raise SockspecError(
                f"{self.name}: cannot write: {error.strerror} "
                f"(what was recorded stays: {_records(len(self))})",
                3,
            ) from None


def _records(count: int) -> str:
    return "1 record" if count == 1 else f"{count} records"


def read(path: Path) -> Recording:
    """The recording in a file; raises `UnreadableRecord` with file and line.

    A file that was cut short is no error: its whole records are there, and `Recording.cut` says why
    there may be fewer than there were.
    """
    try:
        source = path.open("rb")
    except OSError as error:
        raise _cannot_read(path, error) from None
    with contextlib.ExitStack() as stack:
        stack.push(source)
        try:
            regular = stat.S_ISREG(os.fstat(source.fileno()).st_mode)
            recording = Recording(str(path), source if regular else _nameless())
            stack.enter_context(recording)
            recording.scan(source, copy=not regular)
        except OSError as error:
            raise _cannot_read(path, error) from None
        stack.pop_all()
        if not regular:
            source.close()
        return recording


def _cannot_read(path: Path, error: OSError) -> UnreadableRecord:
    return UnreadableRecord(f"{path}: cannot read: {error.strerror}")


def create(path: Path) -> Recording:
    """An empty recording in a new file; raises `SockspecError` (status 3) if there can be none."""
    try:
        file = path.open("w+b", buffering=0)
    except OSError as error:
        raise SockspecError(f"{path}: cannot write: {error.strerror}", 3) from None
    return Recording(str(path), file)


def scratch() -> Recording:
    """An empty recording in a file that vanishes with it."""
    return Recording("the recording", _nameless())


def _nameless() -> IO[bytes]:
    return tempfile.TemporaryFile(buffering=0)
