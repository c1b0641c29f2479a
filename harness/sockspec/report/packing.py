# SPDX-License-Identifier: Apache-2.0
"""The timelines of a report, packed into chunks that the browser unpacks when one is looked at.

This is most of a report's work, and no record needs another: it is done by as many processes as
there are processors, each of which packs a part of the records.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Final

import attrs

from sockspec.finding import visible
from sockspec.ladder import ladder
from sockspec.report.ladder import drawing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sockspec.model import Record
    from sockspec.timeline import TimelineLine

    Render = Callable[[Record], Iterable[TimelineLine]]

CHUNK_BYTES: Final = 256 * 1024
"""Timelines are packed into chunks of about this much JSON: one is unpacked in a few ms."""
LADDER_ROWS: Final = 160
"""So many rows of a ladder diagram are in the report; `sockspec explain --ladder` draws more."""

_SHARE_MIN: Final = 200
"""For fewer records another process is not worth its start."""
_ELEMENT_SIZE: Final = 100
"""So many bytes of JSON are in an element of a diagram, about."""
_SHOWN_OUTPUT: Final = 2000
"""So many characters of a probe's standard error are shown."""

Place = tuple[int, int, int]
"""A record's chunk, its place in that, and how many lines its timeline has."""


class Strings:
    """Texts by number: each stands once in a report's data."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._places: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        place = self._places.get(text)
        if place is None:
            place = self._places[text] = len(self.all)
            self.all.append(visible(text))
        return place


@attrs.frozen
class Packed:
    """Chunks, and where in them each record's timeline is, by job."""

    chunks: list[str]
    places: dict[str, Place]


def pack(jobs: Sequence[str], drawn: set[str], source: Source) -> Packed:
    """The timelines of these jobs, and the ladder diagrams of those that are drawn."""
    parts = _parts(jobs)
    if len(parts) == 1:
        return source.pack(drawn, jobs)
    # A fork has all the records without their being sent; threads of ours are at rest by now.
    with ProcessPoolExecutor(len(parts), get_context("fork"), _keep, (source,)) as pool:
        packed = list(pool.map(partial(_pack, drawn), parts))
    return _joined(packed)


def _parts(jobs: Sequence[str]) -> list[Sequence[str]]:
    count = max(1, min(os.cpu_count() or 1, len(jobs) // _SHARE_MIN))
    size = -(-len(jobs) // count) or 1
    return [jobs[at : at + size] for at in range(0, len(jobs), size)] or [jobs]


def _joined(parts: Iterable[Packed]) -> Packed:
    chunks: list[str] = []
    places: dict[str, Place] = {}
    for part in parts:
        before = len(chunks)
        chunks += part.chunks
        places |= {job: (at + before, n, lines) for job, (at, n, lines) in part.places.items()}
    return Packed(chunks, places)


@attrs.frozen
class Source:
    """The records by job, and what makes a record's timeline."""

    records: Mapping[str, Record]
    render: Render

    def pack(self, drawn: set[str], jobs: Iterable[str]) -> Packed:
        """The timelines of these jobs."""
        chunks = _Chunks(self.render)
        places = {job: chunks.add(self.records[job], drawn=job in drawn) for job in jobs}
        return Packed(chunks.finished(), places)


_kept: list[Source] = []
"""In a process of the pool: what it packs from."""


def _keep(source: Source) -> None:
    _kept.append(source)


def _pack(drawn: set[str], jobs: Sequence[str]) -> Packed:
    return _kept[0].pack(drawn, jobs)


class _Chunks:
    """Timelines that are being packed."""

    def __init__(self, render: Render) -> None:
        self._render = render
        self._done: list[str] = []
        self._begin()

    def _begin(self) -> None:
        self._strings = Strings()
        self._records: list[Any] = []
        self._ladders: dict[int, Any] = {}
        self._size = 0

    def add(self, record: Record, *, drawn: bool) -> Place:
        if self._size > CHUNK_BYTES:
            self._end()
        known = len(self._strings.all)
        lines = list(self._render(record))
        picture = _picture(record, lines) if drawn else []
        if picture:
            self._ladders[len(self._records)] = picture
        self._records.append(_packed_record(record, lines, self._strings))
        new = self._strings.all[known:]
        self._size += 24 * len(lines) + sum(map(len, new)) + _ELEMENT_SIZE * len(picture)
        return len(self._done), len(self._records) - 1, len(lines)

    def _end(self) -> None:
        if not self._records:
            return
        data = {
            "strings": self._strings.all,
            "records": self._records,
            "ladders": self._ladders,
        }
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        self._done.append(base64.b64encode(zlib.compress(text.encode())).decode("ascii"))
        self._begin()

    def finished(self) -> list[str]:
        self._end()
        return self._done


def _picture(record: Record, lines: list[TimelineLine]) -> list[Any]:
    """The ladder diagram's elements; none where it would show no more than the timeline does."""
    callers = {(line.side, line.who) for line in lines if line.kind == "call"}
    if not record.packets and len(callers) < 2:
        return []
    return drawing(ladder(record, LADDER_ROWS), zero=lines[0].t if lines else 0)


def _packed_record(record: Record, lines: list[TimelineLine], strings: Strings) -> Any:
    """Columns instead of lines: times as differences, ns; -1 for what has no length."""
    times = [line.t for line in lines]
    start = times[0] if times else 0
    return [
        [strings(remark) for remark in _remarks(record)],
        [time - before for time, before in zip(times, [start, *times], strict=False)],
        [-1 if line.t_end is None else max(line.t_end - line.t, 0) for line in lines],
        [strings(line.kind) for line in lines],
        [(2 if line.side == "far" else 0) + bool(line.failed) for line in lines],
        [strings(line.who or "") for line in lines],
        [strings(line.text) for line in lines],
    ]


def _remarks(record: Record) -> Iterator[str]:
    """What the timeline does not tell, and a reader must know before believing it."""
    if record.packets is None:
        yield "This stage has no packet witness: only calls are shown."
    if record.packets_lost:
        yield f"{record.packets_lost} packets were lost to the witness."
    if record.clock_step:
        yield f"The wall clock was set by {record.clock_step} ns during the job."
    for line in record.output.nonsense:
        yield f"Not an event: {line}"
    for line in record.output.stderr[:_SHOWN_OUTPUT].splitlines():
        yield f"Standard error: {line}"
