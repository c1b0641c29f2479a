# SPDX-License-Identifier: Apache-2.0
"""From what the checks found to ``verdicts.json``: every claim of the catalogue, in its order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from sockspec.baseline import Baseline, Stale
from sockspec.finding import visible
from sockspec.model import (
    SCHEMA,
    VERDICTS,
    ClaimVerdict,
    Hello,
    Note,
    Observed,
    Record,
    VariantVerdict,
    Verdict,
    VerdictsDocument,
)
from sockspec.parting import parting

if TYPE_CHECKING:
    from sockspec.catalogue import Claim

DESCRIBE: Final = "target/describe"
"""The probe whose notes are the facts of the target."""

_WORST: Final[tuple[Observed, ...]] = ("refuted", "not observed", "unsupported", "holds")
"""Which of several outcomes of one claim in one variant counts."""


@attrs.frozen
class Outcome:
    """What one check found of one claim in one record."""

    claim: str
    job: str
    verdict: Observed
    why: str
    """One line of evidence."""
    part: str | None = None
    """Which part of the record, where a claim is judged in several."""

    @property
    def variant(self) -> str:
        """The variant's name: the job, and the part."""
        return f"{self.job}: {self.part}" if self.part else self.job


@attrs.frozen
class Fault:
    """Something of ours that went wrong: it never counts against the target."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


def of_variants(verdicts: Iterable[Observed]) -> Verdict:
    """The verdict of a claim, from those of its variants."""
    found = set(verdicts)
    if "refuted" in found:
        return "holds in part" if "holds" in found else "refuted"
    if "holds" in found:
        return "holds"
    return "unsupported" if "unsupported" in found else "not observed"


def differs(variant: VariantVerdict, *, strict: bool = False) -> bool:
    """Whether a verdict is not what the baseline expects.

    What was not observed differs from nothing; ``strict`` knows no baseline, and minds only what is
    refuted.
    """
    if strict:
        return variant.verdict == "refuted"
    return variant.verdict not in ("not observed", variant.expected)


def document(
    claims: Iterable[Claim],
    outcomes: Iterable[Outcome],
    *,
    target: dict[str, Any],
    why_none: Mapping[str, str],
    probes: Mapping[str, Sequence[str]],
    baseline: Baseline,
    full: bool = False,
    strict: bool = False,
    faults: Sequence[Fault] = (),
) -> VerdictsDocument:
    """The document of one run: every claim, and what was found of it.

    ``why_none`` says why a claim has no outcome, ``probes`` which probes each claim rests on;
    ``full``: nothing was left out, see `Baseline.stale`.
    """
    by_claim: dict[str, dict[str, Outcome]] = {}
    for outcome in outcomes:
        _add(by_claim.setdefault(outcome.claim, {}), outcome)
    verdicts = tuple(
        _claim_verdict(
            claim,
            _variants(by_claim.get(claim.id, {}).values(), baseline),
            why_none.get(claim.id, "no check came to it"),
            tuple(sorted(probes.get(claim.id, ()))),
            strict=strict,
        )
        for claim in claims
    )
    stale = () if strict else baseline.stale(verdicts, full=full)
    return VerdictsDocument(
        schema=SCHEMA,
        target=target,
        claims=verdicts,
        summary=_summary(verdicts, stale, faults, strict=strict),
    )


def _summary(
    claims: Sequence[ClaimVerdict],
    stale: Iterable[Stale],
    faults: Iterable[Fault],
    *,
    strict: bool,
) -> dict[str, Any]:
    variants = [variant for claim in claims for variant in claim.variants]
    return {
        "claims": len(claims),
        "verdicts": _counts(claims),
        "observations": sum(variant.verdict != "not observed" for variant in variants),
        "unexpected": [claim.id for claim in claims if not claim.as_expected],
        "stale": [
            {
                "claim": entry.deviation.claim,
                "variants": list(entry.deviation.globs),
                "why": entry.why,
            }
            for entry in stale
        ],
        "faults": [{"where": fault.where, "what": fault.what} for fault in faults],
        "strict": strict,
    }


def _add(variants: dict[str, Outcome], outcome: Outcome) -> None:
    """Keep the worst of the outcomes of one variant."""
    variants[outcome.variant] = worse(variants.get(outcome.variant), outcome)


def worse(one: Outcome | None, other: Outcome) -> Outcome:
    """Which of two outcomes of one claim in one variant counts; of equal ones the first."""
    if one is None or _WORST.index(other.verdict) < _WORST.index(one.verdict):
        return other
    return one


def _variants(outcomes: Iterable[Outcome], baseline: Baseline) -> tuple[VariantVerdict, ...]:
    return tuple(
        variant_verdict(outcome, baseline)
        for outcome in sorted(outcomes, key=lambda outcome: outcome.variant)
    )


def variant_verdict(outcome: Outcome, baseline: Baseline) -> VariantVerdict:
    """An outcome beside what the baseline expects of it."""
    expected = baseline.expectation(outcome.claim, outcome.variant)
    return VariantVerdict(
        name=outcome.variant,
        verdict=outcome.verdict,
        why=outcome.why,
        job=outcome.job,
        expected=expected.verdict,
        reason=expected.reason,
    )


def _claim_verdict(
    claim: Claim,
    variants: tuple[VariantVerdict, ...],
    why_none: str,
    probes: tuple[str, ...],
    *,
    strict: bool,
) -> ClaimVerdict:
    verdict = of_variants(variant.verdict for variant in variants)
    return ClaimVerdict(
        id=claim.id,
        source=claim.source,
        interface=claim.interface,
        verdict=verdict,
        why=_why(verdict, variants) if variants else why_none,
        variants=variants,
        probes=probes,
        as_expected=not any(differs(variant, strict=strict) for variant in variants),
    )


def example(verdict: Verdict, variants: Sequence[VariantVerdict]) -> VariantVerdict | None:
    """The variant whose evidence stands for the claim's: the first of those that decide it.

    Where the baseline has several reasons for these, it is one that has the most frequent.
    """
    decisive = "refuted" if verdict == "holds in part" else verdict
    those = [variant for variant in variants if variant.verdict == decisive]
    if not those:
        return None
    reasons = Counter(variant.reason for variant in those)
    return max(those, key=lambda variant: reasons[variant.reason])


def _why(verdict: Verdict, variants: Sequence[VariantVerdict]) -> str:
    """One line: how many variants, and the evidence of one that decides."""
    shown = example(verdict, variants)
    if shown is None:
        return ""
    those = [variant for variant in variants if variant.verdict == shown.verdict]
    if len(variants) == 1:
        return shown.why
    if len(those) == len(variants) and len({variant.why for variant in those}) == 1:
        return shown.why
    count = "in all" if len(those) == len(variants) else f"in {len(those)} of"
    word = {"holds": "holds ", "refuted": "refuted "}.get(shown.verdict, "")
    where = parting(variants)
    which = f" ({visible(where)})" if where else ""
    return f"{word}{count} {len(variants)} variants{which}, e.g. {shown.why}"


def _counts(claims: Iterable[ClaimVerdict]) -> dict[str, int]:
    counts = Counter(claim.verdict for claim in claims)
    return {verdict: counts[verdict] for verdict in VERDICTS}


_SYSCTL: Final = "sysctl:"
"""How the names of notes begin that are settings of the kernel."""


def describe_target(name: str, hello: Hello, described: Record | None) -> dict[str, Any]:
    """What was tested, complete enough to explain a difference later."""
    events = () if described is None else described.events
    notes = {visible(event.name): event.value for event in events if isinstance(event, Note)}
    sysctls = {
        note.removeprefix(_SYSCTL).replace("/", "."): value
        for note, value in notes.items()
        if note.startswith(_SYSCTL)
    }
    return {
        "name": name,
        **{visible(fact): value for fact, value in hello.facts.items()},
        **{note: value for note, value in notes.items() if not note.startswith(_SYSCTL)},
        "sysctls": sysctls,
        "sockspec": hello.sockspec,
        "stages": {
            stage.name: {"available": stage.why_not is None, "witness": stage.witness}
            | ({"why_not": stage.why_not} if stage.why_not else {})
            for stage in hello.stages
        },
        "probes": dict(sorted(hello.probes.items())),
    }
