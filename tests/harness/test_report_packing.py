# SPDX-License-Identifier: Apache-2.0
"""A report's timelines are the same, by however many processes they were packed."""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from sockspec.report import packing
from sockspec.timeline import timeline

from .report_samples import record

if TYPE_CHECKING:
    from sockspec.report.packing import Packed

JOBS = [f"connect/refused lo n={n}" for n in range(41)]
DRAWN = set(JOBS[::5])


def pack() -> Packed:
    records = {job: record(job, pieces=n % 7) for n, job in enumerate(JOBS)}
    return packing.pack(JOBS, DRAWN, packing.Source(records, timeline))


def texts_of(packed: Packed, job: str) -> tuple[list[str], int, Any]:
    """The lines of a job's timeline, how many are said to be there, and its diagram."""
    chunk, place, lines = packed.places[job]
    data = json.loads(zlib.decompress(base64.b64decode(packed.chunks[chunk])))
    texts = [data["strings"][number] for number in data["records"][place][6]]
    return texts, lines, data["ladders"].get(str(place))


@pytest.mark.parametrize("processes", [2, 3])
def test_several_processes_pack_what_one_does(
    monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    alone = pack()
    monkeypatch.setattr(packing, "_SHARE_MIN", 1)
    monkeypatch.setattr("os.cpu_count", lambda: processes)
    together = pack()
    assert len(together.chunks) >= processes
    assert list(together.places) == JOBS
    for job in JOBS:
        assert texts_of(together, job) == texts_of(alone, job)
        assert texts_of(alone, job)[1] == len(texts_of(alone, job)[0]) > 0
        assert bool(texts_of(alone, job)[2]) == (job in DRAWN)
