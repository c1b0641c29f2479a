# SPDX-License-Identifier: Apache-2.0
"""What commands print for people."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from sockspec.finding import visible
from sockspec.report.text import target_title
from sockspec.verdicts import differs, example

if TYPE_CHECKING:
    from sockspec.catalogue import Claim
    from sockspec.checks import Check
    from sockspec.lies import Lie
    from sockspec.model import ClaimVerdict, VariantVerdict, Verdict, VerdictsDocument

_COLOURS: Final[dict[Verdict, str]] = {
    "holds": "green",
    "holds in part": "yellow",
    "refuted": "red",
    "unsupported": "blue",
    "not observed": "bright_black",
}
_LINE: Final = 100
"""So much of a reason is printed where it is one of many."""
_MANY: Final = 100
"""So many lines of one list are printed; verdicts.json and the report have all."""


def coloured(verdict: Verdict, width: int = 0) -> str:
    """A verdict in its colour."""
    return click.style(f"{verdict:<{width}}", fg=_COLOURS[verdict])


def bold(text: str) -> str:
    """A heading."""
    return click.style(text, bold=True)


# --- a run -------------------------------------------------------------------------------------


def summary(document: VerdictsDocument, name: str, seconds: float) -> Iterator[str]:
    """What a person has to know of a run, and can act on."""
    facts = document.summary
    yield bold(f"{facts['claims']} claims on {name} ({target_title(document.target)})")
    yield from _counts(document)
    yield f"{facts['observations']} observations in {seconds:.1f} s{_missed(document)}"
    yield from section("not as the baseline expects", _unexpected(document))
    yield from section("deviations that the baseline knows", _known(document))
    yield from section("stale entries of the baseline: delete them", _stale(facts["stale"]))
    yield from section("faults of ours, which are no verdicts", _faults(facts["faults"]))


def _counts(document: VerdictsDocument) -> Iterator[str]:
    """How many claims have each verdict; of several sources, also for each."""
    counts = document.summary["verdicts"]
    for verdict, count in counts.items():
        yield f"  {coloured(verdict, 14)}{count:>5}{_reasons(document, verdict)}"
    by_source: dict[str, Counter[Verdict]] = {}
    for claim in document.claims:
        by_source.setdefault(visible(claim.source), Counter())[claim.verdict] += 1
    if len(by_source) < 2:
        return
    yield f"  {'':14}" + "".join(f"{verdict:>14}" for verdict in counts)
    for source, counter in by_source.items():
        yield f"  {_cut(source, 14):14}" + "".join(f"{counter[verdict]:>14}" for verdict in counts)


def section(title: str, lines: Iterable[str]) -> Iterator[str]:
    """A list under its title; nothing where there is nothing to list."""
    lines = list(lines)
    if not lines:
        return
    yield ""
    yield bold(f"{title} ({len(lines)}):")
    yield from lines[:_MANY]
    if len(lines) > _MANY:
        yield f"  and {len(lines) - _MANY} more"


def _reasons(document: VerdictsDocument, verdict: Verdict) -> str:
    """Why claims were not observed, the most frequent reasons."""
    if verdict != "not observed":
        return ""
    whys = [claim.why for claim in document.claims if claim.verdict == "not observed"]
    return f"  ({_most_frequent(whys)})" if whys else ""


def _missed(document: VerdictsDocument) -> str:
    """How many variants could not be observed, and why: that is no difference, and no pass."""
    variants = (variant for claim in document.claims for variant in claim.variants)
    whys = [variant.why for variant in variants if variant.verdict == "not observed"]
    return f"; {len(whys)} more could not be made ({_most_frequent(whys)})" if whys else ""


def _most_frequent(whys: Iterable[str]) -> str:
    reasons = Counter(map(visible, whys)).most_common()
    shown = [f"{count} {_cut(why, 70)}" for why, count in reasons[:3]]
    rest = sum(count for _, count in reasons[3:])
    return "; ".join(shown + ([f"{rest} for other reasons"] if rest else []))


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _unexpected(document: VerdictsDocument) -> Iterator[str]:
    strict = bool(document.summary.get("strict"))
    for claim in document.claims:
        if claim.as_expected:
            continue
        worst = next(v for v in claim.variants if differs(v, strict=strict))
        why = claim.why if worst.expected == "holds" else _against(worst)
        yield f"  {coloured(claim.verdict, 14)}{claim.id}: {visible(why)}"


def _against(variant: VariantVerdict) -> str:
    return f"{variant.name}: {variant.verdict}, but expected {variant.expected}: {variant.reason}"


def _known(document: VerdictsDocument) -> Iterator[str]:
    """In short, as nobody has to act; the report and explain have the evidence."""
    for claim in document.claims:
        if claim.as_expected and claim.verdict in ("refuted", "holds in part"):
            shown = example(claim.verdict, claim.variants)
            reason = (shown and shown.reason) or claim.why
            yield f"  {coloured(claim.verdict, 14)}{claim.id}: {_cut(visible(reason), _LINE)}"


def _stale(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for entry in entries:
        yield f"  {entry['claim']}, {', '.join(entry['variants'])}: {entry['why']}"


def _faults(faults: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for fault in faults:
        where = f"{fault['where']}: " if fault["where"] else ""
        yield visible(f"  {where}{fault['what']}")


# --- a claim -----------------------------------------------------------------------------------


_WIDTH: Final = 100
_LABEL: Final = 11
_FOLDED: Final = 12
"""So many variants that hold are listed, unless all are asked for."""


def _labelled(label: str, text: str) -> Iterator[str]:
    """A label, and the text beside it on as many lines as it needs."""
    blank = " " * _LABEL
    yield from textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=f"{label:<{_LABEL}}",
        subsequent_indent=blank,
        break_long_words=False,
        break_on_hyphens=False,
    )


def claim_says(claim: Claim, title: str) -> Iterator[str]:
    """What the source says, and where."""
    yield bold(claim.id)
    yield from _labelled("says", claim.statement)
    systems = ", ".join(claim.systems)
    yield from _labelled(
        "source", f"{title}, {claim.place} ({claim.source}: {claim.strength}, for {systems})"
    )


def claim_seen(claim: ClaimVerdict, target: dict[str, Any], name: str) -> Iterator[str]:
    """What a target did, and where the two part."""
    yield f"{'seen':<{_LABEL}}{coloured(claim.verdict)} on {name} ({target_title(target)})"
    parts = claim.verdict in ("refuted", "holds in part")
    yield from _labelled("they part" if parts else "", visible(claim.why))
    reasons = dict.fromkeys(variant.reason for variant in claim.variants if variant.reason)
    for reason in reasons:
        yield from _labelled("known", visible(reason))


def claim_tests(
    claim: Claim, checks: Sequence[Check], sentences: Mapping[str, str]
) -> Iterator[str]:
    """How it is tested, or why it is not."""
    yield f"{'interface':<{_LABEL}}{claim.interface}"
    for check in checks:
        yield f"{'check':<{_LABEL}}{check.place} {check.name}"
    for probe in sorted({check.probe for check in checks}):
        yield f"{'probe':<{_LABEL}}{probe}: {sentences.get(probe, 'not in this build')}"
    if claim.untestable:
        yield from _labelled("untested", claim.untestable)
    elif not checks:
        yield f"{'untested':<{_LABEL}}no check yet"


def claim_lies(lies: Sequence[Lie]) -> Iterator[str]:
    """What proves that its check can fail."""
    if lies:
        yield from _labelled("lies", ", ".join(lie.id for lie in lies))


def claim_variants(claim: ClaimVerdict, *, every: bool) -> Iterator[str]:
    """The verdict of each variant, those that part from the source first."""
    holding = [variant for variant in claim.variants if variant.verdict == "holds"]
    shown = len(holding) if every else _FOLDED
    for variant in claim.variants:
        if variant.verdict != "holds":
            yield from _variant(variant)
    for variant in holding[:shown]:
        yield from _variant(variant)
    if len(holding) > shown:
        yield f"  and {len(holding) - shown} more that hold; --all shows them"


def _variant(variant: VariantVerdict) -> Iterator[str]:
    yield f"  {coloured(variant.verdict, 14)}{visible(variant.name)}"
    yield f"                {visible(variant.why)}"


def telling(claim: ClaimVerdict) -> Iterator[VariantVerdict]:
    """The first variant of each verdict, each job once: their traces tell most."""
    verdicts: set[str] = set()
    jobs: set[str] = set()
    for variant in claim.variants:
        if variant.verdict not in verdicts and variant.job not in jobs:
            yield variant
        verdicts.add(variant.verdict)
        jobs.add(variant.job)
