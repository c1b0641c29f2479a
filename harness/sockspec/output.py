# SPDX-License-Identifier: Apache-2.0
"""What a run leaves in its folder: verdicts.json, junit.xml, report.html beside records.jsonl."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from sockspec.errors import FAULT, SockspecError
from sockspec.model import SCHEMA, ProofDocument, VerdictsDocument

if TYPE_CHECKING:
    from sockspec.catalogue import Catalogue
    from sockspec.model import Record

RECORDS: Final = "records.jsonl"
VERDICTS: Final = "verdicts.json"
JUNIT: Final = "junit.xml"
REPORT: Final = "report.html"
PROOF: Final = "proof.json"
PROOF_PAGE: Final = "proof.html"


def folder(path: Path) -> Path:
    """The folder for a run's files, made if need be; raises `SockspecError` (status 3)."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SockspecError(f"{path}: cannot make this folder: {error.strerror}", FAULT) from None
    return path


def write_all(
    where: Path,
    document: VerdictsDocument,
    catalogue: Catalogue,
    records: Mapping[str, Record],
) -> None:
    """Write verdicts, JUnit XML and report; each file is whole or not there at all."""
    from sockspec.report.html import write_html
    from sockspec.report.junit import write_junit

    write(where / VERDICTS, lambda path: path.write_bytes(encoded(document)))
    write(where / JUNIT, lambda path: write_junit(path, document))
    write(
        where / REPORT,
        lambda path: write_html(
            path, [document], catalogue.by_id, records, titles=catalogue.titles
        ),
    )


def write_proof(where: Path, document: ProofDocument, catalogue: Catalogue) -> None:
    """Write what was proved, and its page; each file is whole or not there at all."""
    from sockspec.report.proof import write_html

    write(where / PROOF, lambda path: path.write_bytes(encoded(document)))
    write(where / PROOF_PAGE, lambda path: write_html(path, document, catalogue.by_id))


def copy_records(source: Path, where: Path) -> None:
    """Keep the records that were judged beside their verdicts."""
    target = where / RECORDS
    if source.is_file() and not (target.exists() and target.samefile(source)):
        write(target, lambda path: shutil.copyfile(source, path))


def write(path: Path, how: Callable[[Path], object]) -> None:
    """Write a file aside and move it into place; raises `SockspecError` (status 3)."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        how(aside)
        aside.replace(path)
    except OSError as error:
        raise SockspecError(f"{path}: cannot write: {error.strerror}", FAULT) from None
    finally:
        aside.unlink(missing_ok=True)


def encoded(document: VerdictsDocument | ProofDocument) -> bytes:
    """The document as JSON, one value a line."""
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


class _Version(msgspec.Struct, frozen=True):
    schema: int = 0


def read_verdicts(path: Path) -> VerdictsDocument:
    """The document in a file, or in its folder; raises `SockspecError` (status 3)."""
    path = path / VERDICTS if path.is_dir() else path
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SockspecError(f"{path}: cannot read: {error.strerror}", FAULT) from None
    try:
        version = msgspec.json.decode(raw, type=_Version).schema
        if version > SCHEMA:
            raise SockspecError(
                f"{path}: written by a newer sockspec (format {version}; this one reads up to "
                f"{SCHEMA}); update sockspec",
                FAULT,
            )
        return msgspec.json.decode(raw, type=VerdictsDocument)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise SockspecError(f"{path}: no verdicts of sockspec: {error}", FAULT) from None
