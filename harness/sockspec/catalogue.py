# SPDX-License-Identifier: Apache-2.0
"""The claims: what each source says, read from the TOML files of the claims folder.

Every ``*.toml`` file there is one source and bears its id as name.  The whole folder is validated
when it is loaded: the first mistake is an error that names the file, the claim and what to do.
"""

from __future__ import annotations

import fnmatch
import importlib.resources
import itertools
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import attrs

from sockspec.errors import FAULT, NOTHING_SELECTED, USAGE, SockspecError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

Strength = Literal["shall", "should", "may", "states"]
STRENGTHS: Final[tuple[Strength, ...]] = get_args(Strength)


@attrs.frozen
class Source:
    """A document that claims are taken from."""

    id: str
    title: str
    language: str
    note: str
    systems: tuple[str, ...]
    """The systems it speaks of."""


@attrs.frozen
class Claim:
    """One testable statement of a source."""

    id: str
    source: str
    """The source's id."""
    interface: str
    """What the claim speaks of, one of the catalogue's interfaces."""
    place: str
    """Where in the source: ``line 142``, ``lines 38, 41``, ``bind(), ERRORS``."""
    statement: str
    strength: Strength
    systems: tuple[str, ...]
    """The systems it speaks of: its own if it names some, else those of its source."""
    untestable: str | None = None
    """Why no observation can settle it; None: one can."""


@attrs.frozen
class Catalogue:
    """All claims, in the order of their files."""

    claims: tuple[Claim, ...]
    by_id: Mapping[str, Claim]
    sources: Mapping[str, Source]
    interfaces: Mapping[str, str]
    """Every interface, with a few words on what it covers."""

    @property
    def titles(self) -> dict[str, str]:
        """The sources' titles by their ids."""
        return {source.id: source.title for source in self.sources.values()}

    def select(self, patterns: Iterable[str] = ()) -> tuple[Claim, ...]:
        """The claims that any of the words selects, in catalogue order; no words select all.

        A word is a claim id, ``source:ID`` or ``interface:NAME``; each may be a glob.
        Errors: USAGE for a word of no such form, NOTHING_SELECTED for one that matches nothing.
        """
        words = tuple(patterns)
        if not words:
            return self.claims
        chosen: set[str] = set()
        for word in words:
            chosen.update(self._matches(word))
        return tuple(claim for claim in self.claims if claim.id in chosen)

    def _matches(self, word: str) -> list[str]:
        if word in self.by_id:
            return [word]
        kind, pattern = _split(word)
        match = re.compile(fnmatch.translate(pattern)).match
        found = [claim.id for claim in self.claims if match(_FIELD[kind](claim))]
        if not found:
            raise SockspecError(self._nothing(word, kind, pattern), NOTHING_SELECTED)
        return found

    def _nothing(self, word: str, kind: str, pattern: str) -> str:
        close = self._close_words(kind, pattern)
        advice = f"did you mean {_any_of(close)}?" if close else "see 'sockspec list claims'"
        return f"'{word}' selects no claim; {advice}"

    def _close_words(self, kind: str, pattern: str) -> list[str]:
        """Words that select something and look like this one, the best first."""
        if kind:
            names = {_FIELD[kind](claim) for claim in self.claims}
            return [f"{kind}:{name}" for name in _close(pattern, sorted(names))]
        rooms = {claim.id.split(".")[0]: f"{claim.id.split('.')[0]}.*" for claim in self.claims}
        whole = [
            *([f"interface:{pattern}"] if any(c.interface == pattern for c in self.claims) else []),
            *([f"source:{pattern}"] if pattern in self.sources else []),
            *([rooms[pattern]] if pattern in rooms else []),
        ]
        like_rooms = [rooms[room] for room in _close(pattern.rstrip(".*"), rooms)]
        return whole or like_rooms or _close(pattern, self.by_id)


_FIELD: Final = {
    "": lambda claim: claim.id,
    "source": lambda claim: claim.source,
    "interface": lambda claim: claim.interface,
}
"""What a word's pattern is compared with, by the word's prefix."""

_PREFIXES: Final = tuple(prefix for prefix in _FIELD if prefix)


def _split(word: str) -> tuple[str, str]:
    """The prefix of a SELECT word, empty for an id, and its pattern."""
    prefix, colon, pattern = word.rpartition(":")
    forms = "use a claim id, source:ID or interface:NAME; '*' stands for any characters"
    if not pattern:
        raise SockspecError(f"'{word}' is no selection: nothing to look for; {forms}", USAGE)
    if colon and prefix not in _PREFIXES:
        close = _close(prefix, _PREFIXES)
        advice = f"did you mean '{close[0]}:{pattern}'?" if close else forms
        raise SockspecError(f"'{word}' has the unknown prefix '{prefix}:'; {advice}", USAGE)
    return prefix, pattern


# --- loading -----------------------------------------------------------------------------------


def load_catalogue(folder: Traversable | None = None) -> Catalogue:
    """All claims of a folder, by default the package's own.  Errors: FAULT."""
    documents = [(file.name, _document(file)) for file in _claims_files(folder)]
    interfaces = _interfaces(documents)
    sources: dict[str, Source] = {}
    by_id: dict[str, Claim] = {}
    for name, document in documents:
        source = _source(name, document["source"])
        sources[source.id] = source
        for number, table in enumerate(document["claim"], 1):
            claim = _claim(name, number, table, source, interfaces)
            if claim.id in by_id:
                first = by_id[claim.id].source
                raise _wrong(name, claim.id, f"the id is taken in {first}.toml; choose another")
            by_id[claim.id] = claim
    return Catalogue(
        claims=tuple(by_id.values()),
        by_id=MappingProxyType(by_id),
        sources=MappingProxyType(sources),
        interfaces=MappingProxyType(interfaces),
    )


def _claims_folder(folder: Traversable | None) -> Traversable:
    return importlib.resources.files("sockspec") / "claims" if folder is None else folder


def _claims_files(folder: Traversable | None) -> list[Traversable]:
    place = _claims_folder(folder)
    try:
        files = [file for file in place.iterdir() if file.name.endswith(".toml")]
    except OSError as error:
        raise _fault(f"{place}: cannot be read: {_reason(error)}; it has to be a folder") from error
    if not files:
        raise _fault(f"{place}: holds no claims; it has to have a .toml file for each source")
    return sorted(files, key=lambda file: file.name)


def _text(file: Traversable) -> str:
    try:
        return file.read_bytes().decode()
    except OSError as error:
        raise _fault(f"{file.name}: cannot be read: {_reason(error)}; is it there?") from error
    except UnicodeDecodeError as error:
        raise _fault(f"{file.name}: byte {error.start} is not UTF-8; save it as UTF-8") from error


def _document(file: Traversable) -> dict[str, Any]:
    """A claims file, with the tables it may and must have; what they hold is not looked at yet."""
    text = _text(file)
    document = _plain_toml(text)
    if document is None:
        try:
            document = tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            raise _fault(f"{file.name}: not TOML: {error}; correct it there") from error
    unknown = sorted(document.keys() - _TABLES.keys())
    if unknown:
        raise _fault(f"{file.name}: unknown table {unknown[0]!r}; {_known(unknown[0], _TABLES)}")
    document.setdefault("interfaces", {})
    for key, (kind, header) in _TABLES.items():
        if not isinstance(document.get(key), kind):
            raise _fault(f"{file.name}: {key!r} is missing or of the wrong kind; write {header}")
    return document


_TABLES: Final[dict[str, tuple[type, str]]] = {
    "source": (dict, "[source]"),
    "interfaces": (dict, "[interfaces]"),
    "claim": (list, "[[claim]]"),
}
"""What a claims file may hold; only ``interfaces`` may be left out."""

_QUOTED: Final = r'"[^"\\\x00-\x1f\x7f]*"'
_LINE: Final = re.compile(
    rf"(?:([a-z][a-z0-9-]*) = (?:({_QUOTED})|\[({_QUOTED}(?:, {_QUOTED})*)\])"
    r"|\[(source|interfaces|\[claim\])\]|)(?:#[^\x00-\x1f\x7f]*)?"
)
"""A line as the claims files write it: a key and a string or a list of strings, or a header."""


def _plain_toml(text: str) -> dict[str, Any] | None:
    """What tomllib would return, if the text keeps to the plainest TOML; None: ask tomllib.

    Thousands of claims are read at every start; this takes a seventh of tomllib's time.
    """
    document: dict[str, Any] = {}
    table: dict[str, Any] | None = None
    for line in text.split("\n"):
        match = _LINE.fullmatch(line)
        if match is None:
            return None
        key, string, strings, header = match.groups()
        if key:
            if table is None or key in table:
                return None
            table[key] = string[1:-1] if string else strings[1:-1].split('", "')
        elif header == "[claim]":
            table = {}
            document.setdefault("claim", []).append(table)
        elif header:
            if header in document:
                return None
            table = document[header] = {}
    return document


# --- validation --------------------------------------------------------------------------------

_ID: Final = re.compile(r"[a-z0-9]+(\.[a-z0-9-]+)+")
_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_RANGE: Final = "[1-9][0-9]{0,5}(?:-[1-9][0-9]{0,5})?"
_LINES: Final = re.compile(f"{_RANGE}(?:,{_RANGE})*")

_SOURCE_KEYS: Final = {
    "id": "the file's name without .toml",
    "title": "the document's title",
    "language": "a language tag such as 'en'",
    "note": "what the document is",
    "systems": "the systems it speaks of, a list of names such as ['linux']",
}
_CLAIM_KEYS: Final = {
    "id": "lower-case words joined by dots, such as 'recv.partial'",
    "interface": "one of the names under [interfaces]",
    "lines": "rising line numbers and ranges such as '142', '17-24' or '38,41'",
    "section": "the heading, on one line, such as 'bind(), ERRORS'",
    "statement": "one sentence on one line",
    "strength": "one of 'shall', 'should', 'may', 'states'",
    "systems": "a list of names such as ['linux']",
    "untestable": "the reason, on one line",
}
_CLAIM_OPTIONAL: Final = frozenset({"systems", "untestable"})
_CLAIM_PLACES: Final = frozenset({"lines", "section"})
"""Where a claim stands in its source: a claim has one of these keys."""
_CLAIM_REQUIRED: Final = _CLAIM_KEYS.keys() - _CLAIM_OPTIONAL - _CLAIM_PLACES


def _source(name: str, table: dict[str, Any]) -> Source:
    unknown = sorted(table.keys() - _SOURCE_KEYS.keys())
    if unknown:
        advice = _known(unknown[0], _SOURCE_KEYS)
        raise _fault(f"{name}: [source]: unknown key {unknown[0]!r}; {advice}")
    for key, meaning in _SOURCE_KEYS.items():
        if key not in table:
            raise _fault(f"{name}: [source]: the key {key!r} is missing; add it: {meaning}")
        good = _is_names(table[key]) if key == "systems" else _is_sentence(table[key])
        if not good or (key == "id" and f"{table[key]}.toml" != name):
            raise _fault(f"{name}: [source]: {key} is {table[key]!r}; it has to be {meaning}")
    return Source(**{**table, "systems": tuple(table["systems"])})


def _interfaces(documents: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, str]:
    """The interfaces of all files; they hold for all files."""
    known: dict[str, str] = {}
    for name, document in documents:
        for key, meaning in document["interfaces"].items():
            if key in known:
                raise _fault(f"{name}: [interfaces]: {key!r} is in another file too; delete one")
            if not _NAME.fullmatch(key) or not _is_sentence(meaning):
                raise _fault(
                    f"{name}: [interfaces]: {key!r} is {meaning!r}; "
                    "it has to be a lower-case name and a few words on what it covers"
                )
            known[key] = meaning
    return known


def _claim(
    name: str, number: int, table: Any, source: Source, interfaces: Collection[str]
) -> Claim:
    if not isinstance(table, dict):
        raise _wrong(name, f"number {number}", "is no table; write [[claim]] and its keys below")
    who = str(table["id"]) if _is_sentence(table.get("id")) else f"number {number}"
    keys = table.keys()
    if not (_CLAIM_REQUIRED <= keys <= _CLAIM_KEYS.keys()):
        raise _wrong(name, who, _keys_fault(keys))
    if len(_CLAIM_PLACES & keys) != 1:
        raise _wrong(name, who, "give its place as 'lines' or as 'section', one of the two")
    for key, good in _claim_tests(table, interfaces):
        if not good:
            raise _wrong(name, who, _value_fault(key, table[key], interfaces))
    return Claim(
        table["id"],
        source.id,
        table["interface"],
        _line_words(table["lines"]) if "lines" in keys else table["section"],
        table["statement"],
        table["strength"],
        tuple(table["systems"]) if "systems" in keys else source.systems,
        table.get("untestable"),
    )


def _claim_tests(table: dict[str, Any], interfaces: Collection[str]) -> Iterator[tuple[str, bool]]:
    """Whether the value of each key is good."""
    yield "id", isinstance(table["id"], str) and _ID.fullmatch(table["id"]) is not None
    yield "interface", isinstance(table["interface"], str) and table["interface"] in interfaces
    if "lines" in table:
        yield "lines", _is_lines(table["lines"])
    else:
        yield "section", _is_sentence(table["section"])
    yield "statement", _is_sentence(table["statement"])
    yield "strength", table["strength"] in STRENGTHS
    if "systems" in table:
        yield "systems", _is_names(table["systems"])
    if "untestable" in table:
        yield "untestable", _is_sentence(table["untestable"])


def _is_sentence(value: Any) -> bool:
    """Printable text on one line, nothing around it."""
    return isinstance(value, str) and value != "" and value.isprintable() and value == value.strip()


def _is_names(value: Any) -> bool:
    """At least one name, none twice."""
    return (
        isinstance(value, list)
        and value != []
        and all(isinstance(name, str) and _NAME.fullmatch(name) for name in value)
        and len(set(value)) == len(value)
    )


def _line_words(lines: str) -> str:
    """The place as a reader sees it, e.g. ``lines 38, 41``."""
    word = "line" if lines.isdigit() else "lines"
    return f"{word} {lines}".replace("-", "\N{EN DASH}").replace(",", ", ")


def _is_lines(value: Any) -> bool:
    """Line numbers and ranges, rising."""
    if not isinstance(value, str) or not _LINES.fullmatch(value):
        return False
    if value.isdigit():
        return True
    ranges = [[int(end) for end in part.split("-")] for part in value.split(",")]
    ends = [end for part in ranges for end in part]
    return all(first < second for first, second in itertools.pairwise(ends))


# --- what went wrong ---------------------------------------------------------------------------


def _keys_fault(keys: Collection[str]) -> str:
    unknown = sorted(set(keys) - _CLAIM_KEYS.keys())
    if unknown:
        return f"unknown key {unknown[0]!r}; {_known(unknown[0], _CLAIM_KEYS)}"
    missing = min(_CLAIM_REQUIRED - set(keys))
    return f"the key {missing!r} is missing; add it: {_CLAIM_KEYS[missing]}"


def _value_fault(key: str, value: Any, interfaces: Collection[str]) -> str:
    wish = f"it has to be {_CLAIM_KEYS[key]}"
    choices = {"interface": interfaces, "strength": STRENGTHS}.get(key, ())
    return f"{key} is {value!r}; {_did_you_mean(value, choices) or wish}"


def _known(key: str, known: Iterable[str]) -> str:
    return _did_you_mean(key, known) or f"known are {', '.join(known)}"


def _did_you_mean(value: Any, choices: Iterable[str]) -> str | None:
    close = _close(value, choices) if isinstance(value, str) else []
    return f"did you mean {_any_of(close)}?" if close else None


def _close(word: str, choices: Iterable[str]) -> list[str]:
    return get_close_matches(word, list(choices), cutoff=0.7)


def _any_of(words: Collection[str]) -> str:
    return " or ".join(f"'{word}'" for word in words)


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _wrong(name: str, who: str, what: str) -> SockspecError:
    return _fault(f"{name}: claim {who}: {what}")


def _fault(message: str) -> SockspecError:
    return SockspecError(message, FAULT)
