# SPDX-License-Identifier: Apache-2.0
"""The lies: the faults that are put under the probes on purpose, to prove that a check can fail.

They are read from the TOML files of a folder, one file an interface or a family of claims::

    [[lie]]
    id = "getpeername.unconnected-einval"   # INTERFACE.what; unique, and never changed
    tells = "getpeername() on a socket without a peer fails with EINVAL"
    rule = "getpeername:error=ENOTCONN:errno=EINVAL"
    breaks = ["names.udp-unconnected-peer"] # claims that hold, and are refuted under the lie
    mends = ["names.example"]               # claims that are refuted, and hold under the lie
    only = { family = "inet", stage = ["lo", "pair"] }   # the variants that can see it

    [[untold]]
    claims = ["bytes.memcpy-overlap-undefined"]          # no lie can be told about these
    reason = "one sentence"

A rule is ``WHERE:WHEN:DO``, see csrc/lies/: WHERE is the functions' names joined by ``+``, or it is
``wire``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import msgspec

from sockspec.errors import FAULT, NOTHING_SELECTED, SockspecError

if TYPE_CHECKING:
    from sockspec.catalogue import Catalogue, Claim
    from sockspec.plan import Job

NONE: Final = "none"
"""The rule of no lie: what tells lies is in place, and tells none."""
WIRE: Final = "wire"
PREFIX: Final = "lie:"
"""How a word begins that selects lies, not claims."""

_ID: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)
_RULE: Final = re.compile(r"[a-z0-9_]+(\+[a-z0-9_]+)*:[\w.:+,%=-]*:[\w.+,%=-]+", re.ASCII)


@attrs.frozen
class Lie:
    """One way to misbehave, and the claims that it breaks."""

    id: str
    tells: str
    """What the lie is, in one sentence."""
    rule: str
    breaks: tuple[str, ...]
    """Claims that hold in truth, and have to be refuted under the lie."""
    mends: tuple[str, ...] = ()
    """Claims that are refuted in truth, and have to hold under the lie."""
    only: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict, eq=False)
    """The variants, and by ``stage`` the stages, that can see it: each name with its values.

    A value may be a glob.
    """

    @property
    def claims(self) -> tuple[str, ...]:
        """The claims that have to change."""
        return self.breaks + self.mends

    @property
    def where(self) -> str:
        """``calls`` or ``wire``: what has to tell it."""
        return WIRE if self.functions == (WIRE,) else "calls"

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions that it is about, or ``wire``."""
        return tuple(self.rule.partition(":")[0].split("+"))

    def is_seen_by(self, job: Job) -> bool:
        """Whether a job can see it."""
        if self.where == WIRE and job.stage != WIRE:
            return False
        facts = {**dict(job.variant), "stage": job.stage}
        return all(_fits(facts.get(name, ""), values) for name, values in self.only.items())


@attrs.frozen
class Lies:
    """All lies, and why none can be told about some claims."""

    all: tuple[Lie, ...] = ()
    untold: Mapping[str, str] = attrs.field(factory=dict)
    """By claim: why no lie can be told about it."""

    def about(self, claim: str) -> tuple[Lie, ...]:
        """The lies that change a claim's verdict."""
        return tuple(lie for lie in self.all if claim in lie.claims)

    def to_tell(self, claims: Iterable[Claim]) -> tuple[str, ...]:
        """The claims that still have neither a lie nor a reason; what is untestable has one."""
        done = {claim for lie in self.all for claim in lie.claims} | self.untold.keys()
        return tuple(one.id for one in claims if one.id not in done and not one.untestable)

    def select(self, words: Iterable[str], catalogue: Catalogue) -> tuple[Lie, ...]:
        """The lies that any of the words selects; no words select all.

        A word is ``lie:GLOB``, or selects claims as `Catalogue.select` has it: then the lies about
        these.  Errors: those of `Catalogue.select`, and NOTHING_SELECTED.
        """
        words = tuple(words)
        claims = [word for word in words if not word.startswith(PREFIX)]
        globs = [word.removeprefix(PREFIX) for word in words if word.startswith(PREFIX)]
        about = {claim.id for claim in catalogue.select(claims)} if claims or not globs else set()
        chosen = tuple(lie for lie in self.all if about & {*lie.claims} or _fits(lie.id, globs))
        unused = [glob for glob in globs if not any(_fits(lie.id, [glob]) for lie in chosen)]
        if unused:
            what = f"'{PREFIX}{unused[0]}' selects no lie; see 'sockspec list lies'"
            raise SockspecError(what, NOTHING_SELECTED)
        if not chosen:
            raise SockspecError("no lie is told about what was selected", NOTHING_SELECTED)
        return chosen

    def named(self, id: str) -> Lie:  # noqa: A002
        """The lie with this id; raises `SockspecError` (NOTHING_SELECTED)."""
        for lie in self.all:
            if lie.id == id:
                return lie
        raise SockspecError(f"there is no lie '{id}'; see 'sockspec list lies'", NOTHING_SELECTED)


def _fits(name: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)


# --- loading -----------------------------------------------------------------------------------


class _Lie(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    tells: str
    rule: str
    breaks: tuple[str, ...] = ()
    mends: tuple[str, ...] = ()
    only: dict[str, str | tuple[str, ...]] = {}

    @property
    def values(self) -> dict[str, tuple[str, ...]]:
        """What `only` says, one value or several."""
        return {n: (v,) if isinstance(v, str) else v for n, v in self.only.items()}

    def problems(self, claims: Collection[str]) -> Iterator[str]:
        """What is wrong with it, one line each."""
        if not _ID.fullmatch(self.id):
            yield "id has to be INTERFACE.what, lower-case words joined by dots and dashes"
        if not _is_sentence(self.tells):
            yield "tells has to be one sentence on one line"
        if not _RULE.fullmatch(self.rule):
            yield f"rule is {self.rule!r}; it has to be WHERE:WHEN:DO without blanks"
        if not self.breaks + self.mends:
            yield "it breaks no claim; name one at least"
        yield from _claims_problems(self.breaks + self.mends, claims)
        for name, values in self.values.items():
            if not values or "" in values:
                yield f"only: {name} has no value"


class _Untold(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    claims: tuple[str, ...]
    reason: str

    def problems(self, claims: Collection[str]) -> Iterator[str]:
        """What is wrong with it, one line each."""
        if not self.claims:
            yield "claims is empty; delete the entry"
        if not _is_sentence(self.reason):
            yield "reason has to be one sentence on one line"
        yield from _claims_problems(self.claims, claims)


_KINDS: Final[dict[str, type[_Lie | _Untold]]] = {"lie": _Lie, "untold": _Untold}


def load_lies(folder: Path, claims: Collection[str]) -> Lies:
    """All lies of a folder's files; raises `SockspecError` (FAULT) with file and entry.

    ``claims``: the ids there are.
    """
    lies: dict[str, Lie] = {}
    untold: dict[str, str] = {}
    told: set[str] = set()
    for place, entry in _entries(folder, claims):
        if isinstance(entry, _Lie):
            lie = _lie(entry)
            if lie.id in lies:
                raise _fault(f"{place}: the id is taken; choose another")
            lies[lie.id] = lie
            told.update(lie.claims)
            continue
        for claim in entry.claims:
            if claim in untold:
                raise _fault(f"{place}: {claim} has a reason already; delete one")
            untold[claim] = entry.reason
    for claim in untold.keys() & told:
        raise _fault(f"{folder}: {claim} is called untold, but a lie is told about it; delete one")
    return Lies(tuple(lies.values()), untold)


def _entries(folder: Path, claims: Collection[str]) -> Iterator[tuple[str, _Lie | _Untold]]:
    """The valid entries of all files, each with its place for an error's beginning."""
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise _fault(f"{folder}: holds no lies; it has to have .toml files")
    for file in files:
        for kind, number, table in _tables(file):
            place = f"{file.name}: {kind} {_name(table) or f'number {number}'}"
            try:
                entry = msgspec.convert(table, _KINDS[kind])
            except msgspec.ValidationError as error:
                raise _fault(f"{place}: {error}") from None
            for problem in entry.problems(claims):
                raise _fault(f"{place}: {problem}")
            yield place, entry


def _tables(file: Path) -> Iterator[tuple[str, int, Any]]:
    """The entries of a file as they stand there: kind, number, table."""
    try:
        document = tomllib.loads(file.read_bytes().decode())
    except OSError as error:
        raise _fault(f"{file.name}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise _fault(f"{file.name}: not TOML: {error}; correct it there") from None
    for kind, tables in document.items():
        if kind not in _KINDS or not isinstance(tables, list):
            raise _fault(f"{file.name}: unknown table {kind!r}; write [[lie]] or [[untold]]")
        for number, table in enumerate(tables, 1):
            yield kind, number, table


def _name(table: Any) -> str:
    name = table.get("id") if isinstance(table, dict) else None
    return name if isinstance(name, str) else ""


def _lie(entry: _Lie) -> Lie:
    return Lie(entry.id, entry.tells, entry.rule, entry.breaks, entry.mends, entry.values)


def _claims_problems(named: tuple[str, ...], claims: Collection[str]) -> Iterator[str]:
    for claim in named:
        if claim not in claims:
            yield f"no claim has the id {claim!r}"
        if named.count(claim) > 1:
            yield f"{claim} stands twice"


def _is_sentence(text: str) -> bool:
    return text != "" and text.isprintable() and text == text.strip()


def _fault(message: str) -> SockspecError:
    return SockspecError(message, FAULT)
