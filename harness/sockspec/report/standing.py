# SPDX-License-Identifier: Apache-2.0
"""How a verdict stands to the baseline, and what else of a run differs from what is expected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from sockspec.finding import visible
from sockspec.report.text import brief
from sockspec.verdicts import differs

if TYPE_CHECKING:
    from sockspec.model import ClaimVerdict, VariantVerdict, VerdictsDocument

Standing = Literal["expected", "known", "unexpected"]
STANDINGS: Final[tuple[Standing, ...]] = ("expected", "known", "unexpected")
"""``known``: a deviation from the source that the baseline explains.  From calm to urgent."""


def is_strict(document: VerdictsDocument) -> bool:
    """Whether the run knew no baseline."""
    return document.summary.get("strict") is True


def of_claim(claim: ClaimVerdict) -> Standing:
    """How a claim's verdict stands to the baseline."""
    if not claim.as_expected:
        return "unexpected"
    return "known" if claim.verdict in ("refuted", "holds in part") else "expected"


def of_variant(variant: VariantVerdict, *, strict: bool) -> Standing:
    """How one variant's verdict stands to the baseline."""
    if differs(variant, strict=strict):
        return "unexpected"
    return "known" if variant.verdict == "refuted" else "expected"


def stale_entries(document: VerdictsDocument) -> list[tuple[str, str]]:
    """The baseline's entries that are true no more: the claim, and why."""
    return [(_field(entry, "claim"), _field(entry, "why")) for entry in _entries(document, "stale")]


def faults(document: VerdictsDocument) -> list[tuple[str, str]]:
    """What went wrong on our side: where, and what."""
    return [
        (_field(fault, "where"), _field(fault, "what")) for fault in _entries(document, "faults")
    ]


def _entries(document: VerdictsDocument, name: str) -> list[object]:
    # The summary is not typed, and the file may be of an older version: what is absent is none.
    entries = document.summary.get(name)
    return list(entries) if isinstance(entries, (list, tuple)) else []


def _field(entry: object, name: str) -> str:
    return brief(entry.get(name)) if isinstance(entry, dict) else visible(str(entry))
