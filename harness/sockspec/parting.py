# SPDX-License-Identifier: Apache-2.0
"""Where a system parts from a source: what its refuted variants have in common, in a few words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sockspec.plan import Job

if TYPE_CHECKING:
    from sockspec.model import VariantVerdict

Traits = Mapping[str, str]
"""What tells one variant from another: probe, stage, part, and the job's names with values."""

_PIECES: Final = 2
"""So many groups are described, and so many values named; more would be a list and no glance."""
_VALUES: Final = 3
_RANK: Final = {"stage": 0, "probe": 1, "part": 2}
"""Of traits with as many values, the first are left out first; a job's own names say most."""
_NAMES_RANK: Final = 3


def parting(variants: Sequence[VariantVerdict]) -> str:
    """What sets the refuted variants apart from those that hold; "" if no few words do.

    For example ``in recv/waitall``, ``with family=unix on stage lo``.  It is exact: each refuted
    variant is so, and none that holds.
    """
    refuted = [_traits(one) for one in variants if one.verdict == "refuted"]
    holding = [_traits(one) for one in variants if one.verdict == "holds"]
    if not refuted or not holding:
        return ""
    words = _common(refuted, holding)
    if words:
        return words
    probes = list(dict.fromkeys(one["probe"] for one in refuted))
    groups = [
        _common([one for one in refuted if one["probe"] == probe], holding) for probe in probes
    ]
    return " and ".join(groups) if len(groups) <= _PIECES and all(groups) else ""


def _traits(variant: VariantVerdict) -> Traits:
    job = Job.parse(variant.job)
    part = variant.name.removeprefix(variant.job).removeprefix(": ")
    # a list that names the part tells which parts the record has, and nothing of this one
    told = {name: value for name, value in job.variant if part not in value.split(",")}
    traits = {"probe": job.probe, "stage": job.stage, **told}
    return {**traits, "part": part} if part else traits


def _common(those: Sequence[Traits], others: Sequence[Traits]) -> str:
    """The fewest traits that all of those have, and none of the others has all of; in words."""
    shared = {name for name in those[0] if all(name in one for one in those)}
    values = {name: list(dict.fromkeys(one[name] for one in those)) for name in shared}
    chosen = {name: found for name, found in values.items() if len(found) <= _VALUES}
    if not _sets_apart(chosen, others):
        return ""
    for name in sorted(chosen, key=lambda name: _says_least(name, values[name])):
        rest = {other: found for other, found in chosen.items() if other != name}
        if rest and _sets_apart(rest, others):
            chosen = rest
    return " ".join(_words(chosen))


def _says_least(name: str, values: Sequence[str]) -> tuple[int, int, str]:
    """The order in which traits are left out."""
    return -len(values), _RANK.get(name, _NAMES_RANK), name


def _sets_apart(chosen: Mapping[str, Sequence[str]], others: Iterable[Traits]) -> bool:
    return not any(
        all(one.get(name) in values for name, values in chosen.items()) for one in others
    )


def _words(chosen: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if "probe" in chosen:
        yield f"in {_any(chosen['probe'])}"
    names = sorted(chosen.keys() - {"probe", "stage", "part"})
    if names:
        yield f"with {', '.join(f'{name}={_any(chosen[name])}' for name in names)}"
    if "part" in chosen:
        yield f"in the part {_any([repr(part) for part in chosen['part']])}"
    if "stage" in chosen:
        yield f"on stage {_any(chosen['stage'])}"


def _any(values: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(values[:-1]), values[-1])))
