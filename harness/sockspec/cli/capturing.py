# SPDX-License-Identifier: Apache-2.0
"""``sockspec pcap`` and ``--pcap``: records as pcapng files."""

from __future__ import annotations

import hashlib
import re
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
import click

from sockspec import output, pcapng, store
from sockspec.cli import work
from sockspec.complete import why_incomplete
from sockspec.errors import FAULT, NOTHING_SELECTED, OK, USAGE, SockspecError
from sockspec.finding import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sockspec.judge import Options
    from sockspec.store import Recording

STDOUT: Final = "-"
SUFFIX: Final = ".pcapng"
_SUFFIXES: Final = (SUFFIX, ".pcap")
"""What -o names is a file if it ends so, or else a folder."""
_STEM_MAX: Final = 140
"""The longest name of a file, characters, without its suffix; no file system allows less."""
_PLAIN: Final = re.compile(r"[a-z0-9_]+/[a-z0-9_]+ [a-z]+( [a-z][a-z0-9_]*=[a-z0-9._+,-]+)*")
"""Of such a job the name tells all, on every file system."""
_OTHER: Final = re.compile(r"[^A-Za-z0-9._=+,-]")
_DIGEST: Final = 8


def file_name(job: str) -> str:
    """The name of a job's file: its words and, where they do not tell it from others, a digest.

    ``connect/refused pair family=inet`` gives ``connect-refused.pair.family=inet.pcapng``.
    """
    words = _OTHER.sub("-", job.replace(" ", "."))
    if _PLAIN.fullmatch(job) and len(words) <= _STEM_MAX:
        return words + SUFFIX
    digest = hashlib.sha256(job.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
    return f"{words.lstrip('.-')[: _STEM_MAX - 1 - _DIGEST]}~{digest}{SUFFIX}"


def write_all(done: work.Done, chosen: Options, folder: Path) -> int:
    """Write each record of a run, of a selection those that were judged; how many they are."""
    jobs = _judged(done) if chosen.select or chosen.stages else tuple(done.recording)
    for job in jobs:
        _write(folder / file_name(job), _encoded(done.recording, job))
    return len(jobs)


def _judged(done: work.Done) -> tuple[str, ...]:
    """The jobs whose records were judged, each once."""
    variants = (variant for claim in done.document.claims for variant in claim.variants)
    jobs = dict.fromkeys(variant.job for variant in variants)
    return tuple(job for job in jobs if job in done.recording)


def _encoded(recording: Recording, job: str) -> bytes:
    return pcapng.encode(recording[job], recording.hello)


def _write(path: Path, data: bytes) -> None:
    output.write(path, lambda aside: aside.write_bytes(data))


# --- sockspec pcap -----------------------------------------------------------------------------


@attrs.frozen
class _Found:
    """What is to be written."""

    captures: Mapping[str, bytes]
    """By job."""
    faults: tuple[str, ...] = ()
    """Faults of ours, of which a capture may tell only the consequences."""


def pcap(words: Sequence[str], source: Path | None, build: Path | None, where: str | None) -> int:
    """Write the records that are meant: a job, as `sockspec probe` takes it, or claims.

    Returns the exit status.
    """
    if "/" in words[0]:
        words = [word for given in words for word in given.split()]
        found = _live_job(words, build) if source is None else _recorded_jobs(words, source)
    else:
        found = _claims(words, source, build)
    _write_found(found.captures, where)
    for fault in found.faults:
        click.echo(f"sockspec: {visible(fault)}", err=True)
    return FAULT if found.faults else OK


def _live_job(words: Sequence[str], build: Path | None) -> _Found:
    from sockspec.checks import find_checks

    target = work.host(build)
    record = work.run_one(target, words, find_checks())
    why = why_incomplete(record)
    captures = {record.job: pcapng.encode(record, work.hello(target))}
    return _Found(captures, (f"{record.job}: {why}",) if why else ())


def _recorded_jobs(words: Sequence[str], source: Path) -> _Found:
    """The job itself or, if the words leave some of it out, all that fit."""
    with store.read(source / output.RECORDS if source.is_dir() else source) as recording:
        job = " ".join(words)
        jobs = [job] if job in recording else [one for one in recording if _fits(one, words)]
        if not jobs:
            raise _no_record(recording, words)
        return _Found({one: _encoded(recording, one) for one in jobs})


def _fits(job: str, words: Sequence[str]) -> bool:
    probe, *rest = job.split(" ")
    return probe == words[0] and set(words[1:]) <= set(rest)


def _no_record(recording: Recording, words: Sequence[str]) -> SockspecError:
    job = " ".join(words)
    if recording.cut:
        return SockspecError(f"no record of '{job}': {recording.cut}", FAULT)
    probes = dict.fromkeys(one.partition(" ")[0] for one in recording)
    close = [] if words[0] in probes else get_close_matches(words[0], probes, 1)
    advice = f"; did you mean '{close[0]}'?" if close else ""
    return SockspecError(f"{recording.name} has no record of '{job}'{advice}", NOTHING_SELECTED)


def _claims(select: Sequence[str], source: Path | None, build: Path | None) -> _Found:
    """The records that claims were judged by."""
    from sockspec.judge import options

    chosen = options(select=tuple(select))
    how = work.recorded(chosen, source) if source else work.live(chosen, work.host(build), None)
    with how as done:
        jobs = _judged(done)
        faults = [f"{fault['where']}: {fault['what']}" for fault in done.document.summary["faults"]]
        if not jobs:
            why = faults[0] if faults else "no check, or no record, of what was selected"
            raise SockspecError(f"nothing to write: {why}", FAULT if faults else NOTHING_SELECTED)
        return _Found({job: _encoded(done.recording, job) for job in jobs}, tuple(faults))


# --- where to ----------------------------------------------------------------------------------


def _write_found(captures: Mapping[str, bytes], where: str | None) -> None:
    """To a file, a folder or stdout; raises `SockspecError`."""
    one = where is None or where == STDOUT or _is_file(where)
    if one and len(captures) > 1:
        raise SockspecError(
            f"{len(captures)} records, one file each: say -o FOLDER, or name one job, "
            f"e.g. '{next(iter(captures))}'",
            USAGE,
        )
    if where == STDOUT:
        _print(*captures.values())
        return
    if one:
        job, data = next(iter(captures.items()))
        path = Path(file_name(job) if where is None else where)
        _write(path, data)
        click.echo(f"pcapng: {path}")
        return
    folder = output.folder(Path(str(where)))
    for job, data in captures.items():
        path = folder / file_name(job)
        _write(path, data)
        click.echo(f"pcapng: {path}")


def _is_file(where: str) -> bool:
    return where.endswith(_SUFFIXES) and not Path(where).is_dir()


def _print(data: bytes) -> None:
    stdout = sys.stdout.buffer
    if stdout.isatty():
        raise SockspecError("-o -: a capture is no text for a terminal; give it to tshark", USAGE)
    stdout.write(data)
    stdout.flush()
