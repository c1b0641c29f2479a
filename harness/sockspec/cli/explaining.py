# SPDX-License-Identifier: Apache-2.0
"""``sockspec explain``: all about one claim."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any

import click
import msgspec

from sockspec import output, places
from sockspec.checks import by_claim, find_checks
from sockspec.cli import text, work
from sockspec.errors import FAULT, OK, USAGE, SockspecError
from sockspec.judge import options, trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from sockspec.catalogue import Claim
    from sockspec.checks import Check
    from sockspec.judge import Options
    from sockspec.model import ClaimVerdict, Record


def explain(
    id: str,  # noqa: A002
    source: Path | None,
    build: Path | None,
    baseline: Path | None,
    *,
    all_traces: bool,
    as_json: bool,
    ladder: Path | None = None,
) -> int:
    """Print what is known of a claim, and what happens here; the exit status.

    ``ladder`` is a file for a diagram of it; ``-``: the traces are drawn as diagrams instead.
    """
    drawn = ladder is not None and str(ladder) == "-"
    if drawn and as_json:
        raise SockspecError("--ladder - draws on the terminal; with --json, name a file", USAGE)
    chosen = options(select=(id,), baseline=baseline)
    claim = chosen.catalogue.by_id.get(id)
    if claim is None:
        raise SockspecError(f"'{id}' is no claim's id; explain takes exactly one", USAGE)
    checks = by_claim(find_checks()).get(id, [])
    says = text.claim_says(claim, chosen.catalogue.titles[claim.source])
    lies = places.lies(chosen.catalogue).about(id)
    tests = itertools.chain(
        text.claim_tests(claim, checks, _sentences(build)), text.claim_lies(lies)
    )
    if not checks and ladder is not None:
        raise SockspecError(f"{id} has no check, so there is no record to draw", USAGE)
    if not checks:
        click.echo(msgspec.json.encode(_as_dict(claim, checks)) if as_json else _lines(says, tests))
        return OK
    with _done(chosen, source, build) as done:
        verdict = next(one for one in done.document.claims if one.id == id)
        if as_json:
            traces = _records(verdict, done, all_traces=True)
            click.echo(_json(claim, checks, verdict, done, traces))
        else:
            seen = text.claim_seen(verdict, done.document.target, done.name)
            click.echo(_lines(says, seen, [""], tests))
            show = _drawn if drawn else trace
            for line in _what_happened(verdict, done, show, all_traces=all_traces):
                click.echo(line)
        if ladder is not None and not drawn:
            _write_ladder(ladder, claim, verdict, done)
        return FAULT if done.document.summary["faults"] else OK


def _lines(*parts: Iterable[str]) -> str:
    return "\n".join(itertools.chain(*parts))


@contextlib.contextmanager
def _done(chosen: Options, source: Path | None, build: Path | None) -> Iterator[work.Done]:
    how = work.recorded(chosen, source) if source else work.live(chosen, work.host(build), None)
    with how as done:
        yield done


def _sentences(build: Path | None) -> dict[str, str]:
    from sockspec.target import find_tree

    with contextlib.suppress(SockspecError):
        return {probe.name: probe.sentence for probe in find_tree(build).probes()}
    return {}


def _write_ladder(path: Path, claim: Claim, verdict: ClaimVerdict, done: work.Done) -> None:
    """Draw the record that shows most of the claim."""
    from sockspec.ladder import ladder
    from sockspec.report.ladder import as_svg, pictured

    job = pictured(verdict, done.recording)
    if job is None:
        raise SockspecError(f"{path}: not written: there is no record of {claim.id} here", FAULT)
    titles = [f"{claim.id}: {verdict.verdict}", claim.statement]
    output.write(path, lambda p: p.write_bytes(as_svg(ladder(done.recording[job]), titles)))
    click.echo(f"ladder diagram of {job}: {path}", err=True)


def _drawn(record: Record) -> str:
    from sockspec.ladder import ladder
    from sockspec.report.ladder import as_text

    # the job's key stands above it already
    return as_text(ladder(record)).partition("\n\n")[2]


def _what_happened(
    verdict: ClaimVerdict, done: work.Done, show: Callable[[Record], str], *, all_traces: bool
) -> Iterator[str]:
    yield ""
    yield from text.claim_variants(verdict, every=all_traces)
    for job in _jobs(verdict, all_traces=all_traces):
        yield ""
        yield text.bold(f"sockspec probe {job}")
        record = done.recording.get(job)
        yield show(record).rstrip("\n") if record else "  no record of it"
    for fault in done.document.summary["faults"]:
        yield f"\nfault of ours: {fault['where']}: {fault['what']}"


def _jobs(verdict: ClaimVerdict, *, all_traces: bool) -> list[str]:
    variants = verdict.variants if all_traces else tuple(text.telling(verdict))
    return list(dict.fromkeys(variant.job for variant in variants))


def _records(verdict: ClaimVerdict, done: work.Done, *, all_traces: bool) -> dict[str, Any]:
    jobs = _jobs(verdict, all_traces=all_traces)
    return {job: done.recording[job] for job in jobs if job in done.recording}


def _as_dict(claim: Claim, checks: Sequence[Check]) -> dict[str, Any]:
    import attrs

    return {
        **attrs.asdict(claim),
        "checks": [f"{check.place} {check.name}" for check in checks],
        "probes": sorted({check.probe for check in checks}),
    }


def _json(
    claim: Claim,
    checks: Sequence[Check],
    verdict: ClaimVerdict,
    done: work.Done,
    records: dict[str, Any],
) -> bytes:
    jobs = _jobs(verdict, all_traces=False)
    return msgspec.json.encode(
        {
            **_as_dict(claim, checks),
            "target": done.document.target,
            "verdict": verdict,
            "records": records,
            "repeat": [f"sockspec probe {job}" for job in jobs],
            "faults": done.document.summary["faults"],
        }
    )
