# SPDX-License-Identifier: Apache-2.0
"""What the commands do that record or judge."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
import click

from sockspec import output, places, store
from sockspec.cli.progress import progress
from sockspec.complete import why_incomplete
from sockspec.errors import DIFFERS, FAULT, NOTHING_SELECTED, OK, USAGE, SockspecError
from sockspec.plan import LIE, Job
from sockspec.recorder import FileRecords, LiveRecords, Placement
from sockspec.target import HostTarget, find_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sockspec.checks import Check
    from sockspec.judge import Judge, Options
    from sockspec.model import Hello, Record, VerdictsDocument
    from sockspec.recorder import Records
    from sockspec.store import Recording

HOST: Final = "host"


@attrs.frozen
class Done:
    """A run that is over."""

    name: str
    document: VerdictsDocument
    recording: Recording
    seconds: float
    observations: int
    """How many records and checks came together."""

    @property
    def status(self) -> int:
        """The exit status that it means."""
        summary = self.document.summary
        if summary["faults"]:
            return FAULT
        if summary["unexpected"] or summary["stale"]:
            return DIFFERS
        return OK if self.observations else NOTHING_SELECTED


def host(
    build: Path | None, parallel: int | None = None, limit_ms: int | None = None
) -> HostTarget:
    """This system as a target."""
    tree = find_tree(build)
    return HostTarget(tree, parallel) if limit_ms is None else HostTarget(tree, parallel, limit_ms)


@contextlib.contextmanager
def live(options: Options, target: HostTarget, out: Path | None) -> Iterator[Done]:
    """Record on a target and judge; in the block the recording can be read."""
    if out is not None:
        clear(output.folder(out), output.VERDICTS, output.JUNIT, output.REPORT)
    with store.create(out / output.RECORDS) if out else store.scratch() as recording:
        try:
            yield _judged(options, lambda: LiveRecords(target, recording), "recording", target.name)
        except KeyboardInterrupt as end:
            raise _interrupted(end, recording, out) from None


@contextlib.contextmanager
def recorded(options: Options, path: Path) -> Iterator[Done]:
    """Judge a recorded file; in the block it can be read."""
    path = path / output.RECORDS if path.is_dir() else path
    with store.read(path) as recording:
        yield _judged(options, lambda: FileRecords(recording), "judging", str(path))


def _judged(options: Options, open_records: Callable[[], Records], verb: str, name: str) -> Done:
    from sockspec import judge as judging

    begin = time.monotonic()
    bar = progress(verb, name)
    judge: Judge = judging.Judge(options, open_records, bar)
    try:
        judging.run(judge, places.checks_folder())
        document = judge.document()
    finally:
        bar.close()
        judge.close()
    seconds = time.monotonic() - begin
    return Done(name, document, judge.records.recording, seconds, judge.items)


def clear(out: Path, *names: str) -> None:
    """What an earlier run left would look like this one's, should this one be ended early."""
    for name in names:
        try:
            (out / name).unlink(missing_ok=True)
        except OSError as error:
            raise SockspecError(f"{out / name}: cannot replace: {error.strerror}", FAULT) from None


def _interrupted(
    end: KeyboardInterrupt, recording: Recording, out: Path | None
) -> KeyboardInterrupt:
    """The same, with a line on what stays."""
    stays = f"; {len(recording)} records stay in {recording.name}" if out else ""
    hint = f", `sockspec judge {recording.name}` judges them" if out and len(recording) else ""
    return type(end)(f"ended early{stays}{hint}")


# --- one probe ---------------------------------------------------------------------------------


def job_of(words: Sequence[str], checks: Iterable[Check], known: Mapping[str, str]) -> Job:
    """The job that a person means; what they leave out is as in the first check that fits."""
    words = [word for given in words for word in given.split()]
    probe, rest = words[0], words[1:]
    if probe not in known:
        raise SockspecError(_no_probe(probe, known), USAGE)
    stages = [word for word in rest if "=" not in word]
    if len(stages) > 1:
        raise SockspecError(f"'{stages[1]}' is no NAME=VALUE, and the stage is {stages[0]}", USAGE)
    pairs = [word.partition("=") for word in rest if "=" in word]
    given = {name: value for name, _, value in pairs}
    lie = given.pop(LIE, "")
    jobs = [job for check in checks if check.probe == probe for job in check.jobs]
    fitting = [
        job
        for job in jobs
        if job.stage in (stages or [job.stage]) and given.items() <= dict(job.variant).items()
    ]
    like = (fitting or jobs or [Job(probe, "lo")])[0]
    return Job.of(probe, (stages or [like.stage])[0], {**dict(like.variant), **given}, lie)


def _no_probe(probe: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(probe, list(known))
    advice = (
        f"did you mean '{close[0]}'?" if close else "'sockspec list probes' shows what there is"
    )
    return f"there is no probe '{probe}'; {advice}"


def run_one(target: HostTarget, words: Sequence[str], checks: Iterable[Check]) -> Record:
    """Run one probe; raises `SockspecError` if there is no record of it."""
    with store.scratch() as recording, LiveRecords(target, recording) as records:
        job = job_of(words, checks, records.hello.probes)
        placed = Placement(records.hello.stages).place(job)
        assert placed is not None
        if placed.why_not:
            raise SockspecError(f"{job}: {placed.why_not}", FAULT)
        if placed.job != job:
            click.echo(f"sockspec: no stage {job.stage} here; on stage host instead", err=True)
        records.start((placed.job.key,))
        record = records.wait(placed.job.key)
        if isinstance(record, str):
            raise SockspecError(f"{placed.job}: {record}", FAULT)
        return record


def status_of(record: Record) -> int:
    """What a record of one probe means as an exit status."""
    return FAULT if why_incomplete(record) else OK


def hello(target: HostTarget) -> Hello:
    """What a target says of itself, without a job."""
    with store.scratch() as recording, LiveRecords(target, recording) as records:
        return records.hello
