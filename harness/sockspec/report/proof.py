# SPDX-License-Identifier: Apache-2.0
"""The page of a proof: claims by lies, what was seen in truth beside what was seen under the lie.

All of it is in the markup, so that it can be read without a script; that only filters.  Nothing
that comes from a target is ever read as markup, see `sockspec.report.page`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from sockspec.finding import visible
from sockspec.model import PROOF_OUTCOMES
from sockspec.plan import LIE
from sockspec.report.html import SYMBOLS
from sockspec.report.page import address, facts_of, own, policy, template
from sockspec.report.text import target_title

if TYPE_CHECKING:
    from pathlib import Path

    from sockspec.catalogue import Claim
    from sockspec.model import (
        ClaimProof,
        LieProof,
        Observed,
        ProofDocument,
        ProofOutcome,
        Sight,
        Verdict,
    )

_LOOKS: Final[dict[ProofOutcome, Verdict]] = {
    "caught": "holds",
    "by another": "holds in part",
    "by accident": "unsupported",
    "not told": "not observed",
    "missed": "refuted",
}
"""Each outcome has the shape and the colour of a verdict."""
_MEANINGS: Final[dict[ProofOutcome, str]] = {
    "caught": "by an assertion of the claim",
    "by another": "only another claim was refuted",
    "by accident": "a crash, a time limit, a set-up that failed: that does not count",
    "not told": "it never came to the lie",
    "missed": "nobody noticed",
}
_SHOWN: Final = 4
"""So many sights of a claim under a lie are shown; proof.json has more."""


@attrs.frozen
class _Sight:
    """What one record shows, in truth and under the lie."""

    where: str
    """The job, and the part of its record."""
    truth: Observed
    truth_why: str
    lie: Observed
    lie_why: str
    told: bool
    repeat: str
    """The command that makes it happen again."""


@attrs.frozen
class _Told:
    """One lie about one claim."""

    id: str
    tells: str
    rule: str
    outcome: ProofOutcome
    why: str
    also: tuple[str, ...]
    jobs: int
    sights: tuple[_Sight, ...]
    more: int
    """So many further sights are not shown."""


@attrs.frozen
class _Row:
    """A claim, with the lies about it."""

    id: str
    statement: str
    lies: tuple[_Told, ...]


@attrs.frozen
class _Group:
    """The claims of one interface."""

    name: str
    rows: tuple[_Row, ...]


@attrs.frozen
class _Untold:
    """A claim without a lie."""

    id: str
    text: str


def write_html(path: Path, document: ProofDocument, claims: Mapping[str, Claim]) -> None:
    """Write the page; ``claims`` is the catalogue by claim id."""
    path.write_text(_page(document, claims), encoding="utf-8", newline="\n")


def _page(document: ProofDocument, claims: Mapping[str, Claim]) -> str:
    script = own("theme.js") + own("proof.js")
    style = own("report.css") + own("proof.css")
    groups = tuple(_groups(document.lies, claims))
    counts = Counter(lie.outcome for lie in document.lies)
    summary = document.summary
    return template("proof.html.j2").render(
        script=script,
        style=style,
        policy=policy(script, style),
        title=target_title(document.target),
        sentence=_sentence(document),
        counts={outcome: counts[outcome] for outcome in PROOF_OUTCOMES},
        looks=_LOOKS,
        meanings=_MEANINGS,
        symbols=SYMBOLS,
        groups=groups,
        uncaught=[
            (row, told)
            for group in groups
            for row in group.rows
            for told in row.lies
            if told.outcome != "caught"
        ],
        changed=[(visible(one.claim), _sight(one, "none")) for one in document.changed],
        nothing=not document.lies,
        faults=[(visible(f["where"]), visible(f["what"])) for f in summary["faults"]],
        to_tell=[_Untold(visible(one), _statement(claims, one)) for one in document.to_tell],
        untold=[_Untold(visible(one), visible(why)) for one, why in document.untold.items()],
        facts=list(facts_of(document.target)),
        address=address,
    )


def _sentence(document: ProofDocument) -> str:
    summary = document.summary
    if not document.lies:
        changed = len(document.changed)
        found = f"{changed} verdicts changed" if changed else "no verdict changed"
        return f"Every job was run twice, with the liar in place and no lie told: {found}."
    caught = sum(lie.outcome == "caught" for lie in document.lies)
    return (
        f"Of {_count(len(document.lies), 'lie')}, {caught} "
        f"{'was' if caught == 1 else 'were'} caught by the claims that they break, in "
        f"{_count(summary['trials'], 'trial')}. {summary['claims_with_lie']:,} of "
        f"{_count(summary['claims'], 'claim')} have a lie, {len(document.untold):,} a reason why "
        f"none can be told, {len(document.to_tell):,} neither."
    )


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _statement(claims: Mapping[str, Claim], claim: str) -> str:
    known = claims.get(claim)
    return visible(known.statement) if known else "not in the catalogue of this version"


def _groups(lies: Sequence[LieProof], claims: Mapping[str, Claim]) -> Iterator[_Group]:
    """The claims that a lie was told about, by interface, all in the order of the catalogue."""
    told: dict[str, list[_Told]] = {}
    for lie in lies:
        for proof in lie.claims:
            told.setdefault(proof.id, []).append(_told(lie, proof))
    rows: dict[str, list[_Row]] = {}
    for claim in sorted(told, key=_places(claims)):
        row = _Row(visible(claim), _statement(claims, claim), tuple(told[claim]))
        interface = claims[claim].interface if claim in claims else "not in the catalogue"
        rows.setdefault(visible(interface), []).append(row)
    for name, group in rows.items():
        yield _Group(name, tuple(group))


def _places(claims: Iterable[str]) -> Any:
    """Where each claim stands; what is not there stands last."""
    places = {claim: n for n, claim in enumerate(claims)}
    return lambda claim: places.get(claim, len(places))


def _told(lie: LieProof, proof: ClaimProof) -> _Told:
    return _Told(
        id=visible(lie.id),
        tells=visible(lie.tells),
        rule=visible(lie.rule),
        outcome=proof.outcome,
        why=visible(proof.why),
        also=tuple(map(visible, lie.also)),
        jobs=lie.jobs,
        sights=tuple(_sight(sight, lie.rule) for sight in proof.sights[:_SHOWN]),
        more=len(proof.sights[_SHOWN:]),
    )


def _sight(sight: Sight, rule: str) -> _Sight:
    return _Sight(
        where=visible(f"{sight.job}: {sight.part}" if sight.part else sight.job),
        truth=sight.truth,
        truth_why=visible(sight.truth_why),
        lie=sight.lie,
        lie_why=visible(sight.lie_why),
        told=sight.told,
        repeat=visible(f"sockspec probe {sight.job} {LIE}={rule}"),
    )
