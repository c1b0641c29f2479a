# SPDX-License-Identifier: Apache-2.0
"""The verdicts that are known and explained: which claims do not hold where, and why.

A baseline is a TOML file.  Everything is expected to hold, except what a deviation names::

    [[deviation]]
    claim = "connect.example"
    variants = ["* pair *"]            # globs on the variant's name; left out: every variant
    verdict = "refuted"                # or "unsupported", "not observed"
    reason = "one line"
    reference = "where it is known, e.g. a document's section or a link"
    when = {kernel = ">=6.1", arch = "x86_64"}   # facts of the target; left out: always

A condition that begins with ``>=``, ``<=``, ``>``, ``<``, ``==`` or ``!=`` compares versions; any
other is a glob.  Of several deviations that fit a variant the first counts.
"""

from __future__ import annotations

import fnmatch
import operator
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs
import msgspec

from sockspec.errors import FAULT, SockspecError

if TYPE_CHECKING:
    from pathlib import Path

    from sockspec.model import ClaimVerdict, VariantVerdict, Verdict


class Deviation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry: what is expected instead of ``holds``."""

    claim: str
    variants: str | tuple[str, ...] = "*"
    verdict: Literal["refuted", "unsupported", "not observed"]
    reason: str
    reference: str
    when: dict[str, str | int | bool] = {}

    def matches(self, variant: str) -> bool:
        """Whether the entry speaks of this variant."""
        return any(fnmatch.fnmatchcase(variant, glob) for glob in self.globs)

    @property
    def globs(self) -> tuple[str, ...]:
        """The patterns for variants' names."""
        return (self.variants,) if isinstance(self.variants, str) else self.variants


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    deviation: tuple[Deviation, ...] = ()


@attrs.frozen
class Stale:
    """An entry of the baseline that is true no more."""

    deviation: Deviation
    why: str


@attrs.frozen
class Expectation:
    """What the baseline expects of one variant."""

    verdict: Verdict = "holds"
    reason: str | None = None


_HOLDS: Final = Expectation()


class Baseline:
    """The deviations that apply to one target, by claim."""

    def __init__(
        self, deviations: Iterable[Deviation] = (), facts: Mapping[str, Any] | None = None
    ) -> None:
        self._by_claim: dict[str, list[Deviation]] = {}
        for deviation in deviations:
            if _applies(deviation, facts or {}):
                self._by_claim.setdefault(deviation.claim, []).append(deviation)

    def expectation(self, claim: str, variant: str) -> Expectation:
        """What is expected of a claim in one variant."""
        deviations = self._by_claim.get(claim)
        if deviations is None:
            return _HOLDS
        for deviation in deviations:
            if deviation.matches(variant):
                return Expectation(deviation.verdict, deviation.reason)
        return _HOLDS

    def stale(self, claims: Iterable[ClaimVerdict], *, full: bool) -> tuple[Stale, ...]:
        """The entries that are no longer true.

        ``full``: everything was tried on every stage, so that an entry without a variant is stale.
        """
        found = []
        for claim in claims:
            for deviation in self._by_claim.get(claim.id, ()):
                why = _why_stale(deviation, claim.variants, full=full)
                if why:
                    found.append(Stale(deviation, why))
        return tuple(found)


def _why_stale(
    deviation: Deviation, variants: Iterable[VariantVerdict], *, full: bool
) -> str | None:
    matched = [variant for variant in variants if deviation.matches(variant.name)]
    if not matched:
        return "no variant has such a name" if full else None
    observed = [variant for variant in matched if variant.verdict != "not observed"]
    if observed and all(variant.verdict == "holds" for variant in observed):
        return f"expected {deviation.verdict}, but it holds now"
    return None


def load(path: Path, claims: Collection[str]) -> tuple[Deviation, ...]:
    """The entries of a baseline file; raises `SockspecError` (status 3) with file and entry.

    ``claims``: the ids there are.
    """
    try:
        document = tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        raise SockspecError(f"{path}: cannot read: {error.strerror}", FAULT) from None
    except (ValueError, RecursionError) as error:
        raise SockspecError(f"{path}: not TOML: {error}", FAULT) from None
    _demand_known_tables(path, document)
    seen: dict[tuple[str, tuple[str, ...], str], int] = {}
    found = []
    for number, entry in enumerate(document.get("deviation", ()), 1):
        place = f"{path}: deviation {number}"
        if isinstance(entry, dict) and isinstance(entry.get("claim"), str):
            place += f" ({entry['claim']})"
        deviation = _deviation(place, entry)
        if deviation.claim not in claims:
            raise SockspecError(f"{place}: no claim has this id", FAULT)
        key = (deviation.claim, deviation.globs, repr(sorted(deviation.when.items())))
        if key in seen:
            raise SockspecError(f"{place}: the same as deviation {seen[key]}; delete one", FAULT)
        seen[key] = number
        found.append(deviation)
    return tuple(found)


def _demand_known_tables(path: Path, document: dict[str, Any]) -> None:
    for key in document:
        if key != "deviation":
            raise SockspecError(f"{path}: unknown table '{key}'; write [[deviation]]", FAULT)
    if not isinstance(document.get("deviation", []), list):
        raise SockspecError(f"{path}: 'deviation' is no list of tables; write [[deviation]]", FAULT)


def _deviation(place: str, entry: Any) -> Deviation:
    try:
        deviation = msgspec.convert(entry, Deviation)
    except msgspec.ValidationError as error:
        raise SockspecError(f"{place}: {error}", FAULT) from None
    for key in ("reason", "reference"):
        text = getattr(deviation, key)
        if not text.strip() or not text.isprintable():
            raise SockspecError(f"{place}: {key} has to be one line that says something", FAULT)
    if not deviation.globs:
        raise SockspecError(f"{place}: variants is empty; leave it out for every variant", FAULT)
    for fact, wish in deviation.when.items():
        if isinstance(wish, str) and _COMPARISON.match(wish) and not _compared_with(wish):
            raise SockspecError(f"{place}: when {fact} = '{wish}' compares with no version", FAULT)
    return deviation


# --- conditions --------------------------------------------------------------------------------

_COMPARISON: Final = re.compile(r"\s*(>=|<=|==|!=|>|<)\s*(.*)")
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}


def _applies(deviation: Deviation, facts: Mapping[str, Any]) -> bool:
    return all(_is_met(wish, _fact(facts, name)) for name, wish in deviation.when.items())


def _fact(facts: Mapping[str, Any], name: str) -> Any:
    """A fact by its name; ``sysctls.net.ipv4.tcp_ecn`` is ``net.ipv4.tcp_ecn`` in ``sysctls``."""
    if name in facts:
        return facts[name]
    outer, dot, inner = name.partition(".")
    nested = facts.get(outer)
    return _fact(nested, inner) if dot and isinstance(nested, Mapping) else None


def _is_met(wish: str | int | bool, fact: Any) -> bool:
    """Whether a fact is as wished; what is not known never is."""
    if fact is None:
        return False
    if not isinstance(wish, str):
        return fact == wish or str(fact) == str(wish)
    comparison = _COMPARISON.match(wish)
    if comparison is None:
        text = str(fact).lower() if isinstance(fact, bool) else str(fact)
        return fnmatch.fnmatchcase(text, wish)
    mine = _compared_with(str(fact))
    return bool(mine) and _COMPARE[comparison[1]](*_padded(mine, _compared_with(comparison[2])))


def _compared_with(text: str) -> tuple[int, ...]:
    """The first dotted number of a text: ``6.1.0-18-amd64`` is (6, 1, 0)."""
    found = re.search(r"\d{1,9}(\.\d{1,9})*", text)
    return tuple(map(int, found[0].split("."))) if found else ()


def _padded(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Both of one length: 6.1 is 6.1.0."""
    length = max(len(a), len(b))
    return a + (0,) * (length - len(a)), b + (0,) * (length - len(b))
