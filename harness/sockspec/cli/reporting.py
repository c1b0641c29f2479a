# SPDX-License-Identifier: Apache-2.0
"""``sockspec report``: one HTML file of verdicts that are there."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from sockspec import output, places, store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sockspec.model import Record


def write(verdicts: Sequence[Path], path: Path) -> None:
    """Write the report; raises `SockspecError`."""
    from sockspec.report.html import write_html

    documents = [output.read_verdicts(file) for file in verdicts]
    catalogue = places.catalogue()
    with contextlib.ExitStack() as stack:
        records: Mapping[str, Record] = {}
        if len(verdicts) == 1 and (beside := _records_beside(verdicts[0])).exists():
            records = stack.enter_context(store.read(beside))
        output.write(
            path,
            lambda p: write_html(p, documents, catalogue.by_id, records, titles=catalogue.titles),
        )


def _records_beside(verdicts: Path) -> Path:
    return (verdicts if verdicts.is_dir() else verdicts.parent) / output.RECORDS
