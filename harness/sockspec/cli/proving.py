# SPDX-License-Identifier: Apache-2.0
"""``sockspec prove``: tell lies, and see that the checks notice."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import attrs
import click

from sockspec import judge, output, places, proving, store
from sockspec.baseline import load
from sockspec.cli import work
from sockspec.cli.progress import progress
from sockspec.cli.text import bold, section
from sockspec.errors import DIFFERS, FAULT, OK, USAGE, SockspecError
from sockspec.finding import visible
from sockspec.lies import PREFIX
from sockspec.recorder import LiveRecords
from sockspec.report.text import target_title

if TYPE_CHECKING:
    from pathlib import Path

    from sockspec.catalogue import Catalogue
    from sockspec.lies import Lies
    from sockspec.model import LieProof, ProofDocument, ProofOutcome, Sight
    from sockspec.recorder import Records
    from sockspec.target import HostTarget

    _Proof = Callable[[Records, judge.Progress], ProofDocument]

_COLOURS: Final[dict[ProofOutcome, str]] = {
    "caught": "green",
    "by another": "yellow",
    "by accident": "yellow",
    "not told": "bright_black",
    "missed": "red",
}
_TITLES: Final[dict[ProofOutcome, str]] = {
    "missed": "missed",
    "not told": "not told: the lie never came to be",
    "by accident": "caught by accident only, which does not count",
    "by another": "caught by another claim only",
}
"""What a list of lies that were not caught is headed by."""


@attrs.frozen
class Wish:
    """What the user wants to have proved."""

    select: tuple[str, ...]
    jobs: int
    nothing: bool
    """Tell no lie at all."""


def prove(wish: Wish, target: HostTarget, out: Path | None, *, as_json: bool) -> int:
    """Prove, write and print what came out; the exit status."""
    begin = time.monotonic()
    catalogue = places.catalogue()
    run = _proof_of(wish, catalogue)
    if out is not None:
        work.clear(output.folder(out), output.PROOF, output.PROOF_PAGE)
    bar = progress("proving", target.name)
    with (
        store.create(out / output.RECORDS) if out else store.scratch() as recording,
        LiveRecords(target, recording) as records,
    ):
        try:
            document = run(records, bar)
        finally:
            bar.close()
    if out is not None:
        output.write_proof(out, document, catalogue)
    if as_json:
        click.echo(output.encoded(document), nl=False)
        return status(document)
    for line in summary(document, target.name, time.monotonic() - begin):
        click.echo(line)
    if out is not None:
        click.echo(f"\nreport: {out / output.PROOF_PAGE}")
    return status(document)


def default_parallel() -> int:
    """How many jobs run side by side: under a lie many only wait, for what never comes."""
    return min(12 * (os.cpu_count() or 1), 64)


def _proof_of(wish: Wish, catalogue: Catalogue) -> _Proof:
    """What is to be done with the target's records; raises `SockspecError` for a wrong wish."""
    lies = places.lies(catalogue)
    if wish.nothing and any(word.startswith(PREFIX) for word in wish.select):
        raise SockspecError("--no-lie tells none: select claims", USAGE)
    if wish.nothing:
        claims = catalogue.select(wish.select)
        subject = _subject(catalogue, lies)
        return lambda records, bar: proving.prove_nothing(subject, claims, records, bar)
    chosen = lies.select(wish.select, catalogue)
    subject = _subject(catalogue, lies)
    return lambda records, bar: proving.prove(subject, chosen, records, bar, wish.jobs)


def _subject(catalogue: Catalogue, lies: Lies) -> proving.Subject:
    path = places.baselines_folder() / judge.DEFAULT_BASELINE
    known = load(path, catalogue.by_id) if path.exists() else ()
    checks = judge.collect(places.checks_folder())
    return proving.Subject(catalogue.claims, checks, lies, known)


def status(document: ProofDocument) -> int:
    """The exit status that a proof means."""
    if document.summary["faults"]:
        return FAULT
    uncaught = any(lie.outcome != "caught" for lie in document.lies)
    return DIFFERS if uncaught or document.changed else OK


# --- what is printed ---------------------------------------------------------------------------


def summary(document: ProofDocument, name: str, seconds: float) -> Iterator[str]:
    """What a person has to know of a proof, and can act on."""
    facts = document.summary
    what = "1 lie" if len(document.lies) == 1 else f"{len(document.lies)} lies"
    yield bold(f"{what if document.lies else 'no lie'} on {name} ({target_title(document.target)})")
    for outcome, count in facts["outcomes"].items() if document.lies else ():
        yield f"  {click.style(f'{outcome:<14}', fg=_COLOURS[outcome])}{count:>5}"
    yield f"{facts['trials']} trials in {seconds:.1f} s"
    if document.lies:
        yield (
            f"{facts['claims_with_lie']} of {facts['claims']} claims have a lie, "
            f"{len(document.untold)} a reason why none can be told, {facts['to_tell']} neither"
        )
    else:
        yield f"{len(document.changed)} verdicts changed though no lie was told"
    for outcome, title in _TITLES.items():
        yield from section(title, _uncaught(document.lies, outcome))
    yield from section("changed though no lie was told", _changed(document.changed))
    faults = (f"  {fault['where']}: {fault['what']}" for fault in facts["faults"])
    yield from section("faults of ours, which prove nothing", map(visible, faults))


def _uncaught(lies: Iterable[LieProof], outcome: ProofOutcome) -> Iterator[str]:
    for lie in lies:
        for claim in lie.claims:
            if claim.outcome == outcome:
                yield f"  {lie.id}: {claim.id}: {visible(claim.why)}"


def _changed(sights: Sequence[Sight]) -> Iterator[str]:
    for sight in sights:
        part = f" ({visible(sight.part)})" if sight.part else ""
        was = f"{sight.truth}, then {sight.lie}: {visible(sight.lie_why)}"
        yield f"  {sight.claim}{part} in {visible(sight.job)}: {was}"
