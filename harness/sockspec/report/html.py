# SPDX-License-Identifier: Apache-2.0
"""The report for people: one HTML file that needs no network and no other file.

The summary and the table are in the markup.  What a claim shows when it is opened is data: one JSON
block for the verdicts by variant, and the timelines in chunks of JSON, compressed (zlib) and in
base64, which the browser unpacks when one is looked at.  Nothing that comes from a target is ever
read as markup: Jinja escapes the table, the script sets text only, and the page's own policy
allows no script but the one whose hash it names, and no request at all.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import attrs
from markupsafe import Markup

from sockspec.finding import visible
from sockspec.model import VERDICTS
from sockspec.report.ladder import css
from sockspec.report.packing import Place, Source, Strings, pack
from sockspec.report.page import address, facts_of, own, policy, template
from sockspec.report.standing import (
    STANDINGS,
    Standing,
    faults,
    is_strict,
    of_claim,
    of_variant,
    stale_entries,
)
from sockspec.report.text import target_name, target_title
from sockspec.timeline import timeline
from sockspec.verdicts import example

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sockspec.catalogue import Claim
    from sockspec.model import ClaimVerdict, Record, VariantVerdict, Verdict, VerdictsDocument
    from sockspec.timeline import TimelineLine

    Render = Callable[[Record], Iterable[TimelineLine]]


SYMBOLS: Final[dict[Verdict, Markup]] = {
    "holds": Markup('<path d="M2.5 8.6 6.3 12.3 13.5 4"/>'),
    "holds in part": Markup(
        '<circle cx="8" cy="8" r="5.6"/><path class="full" d="M8 2.4a5.6 5.6 0 0 1 0 11.2z"/>'
    ),
    "refuted": Markup('<path d="M3.5 3.5l9 9M12.5 3.5l-9 9"/>'),
    "unsupported": Markup('<circle cx="8" cy="8" r="5.6"/><path d="M4.2 11.8l7.6-7.6"/>'),
    "not observed": Markup('<circle class="dashed" cx="8" cy="8" r="5.6"/>'),
}
"""Each verdict as a shape, so that none needs its colour."""
_PHRASES: Final[dict[Verdict, tuple[str, str]]] = {
    "holds": ("holds", "hold"),
    "holds in part": ("holds in part", "hold in part"),
    "refuted": ("is refuted", "are refuted"),
    "unsupported": ("is unsupported", "are unsupported"),
    "not observed": ("was not observed", "were not observed"),
}
"""After one, and after several."""
_FIRST_SHOWN: Final = 12
"""So many lines of a long list stand open; the rest is folded."""


# --- what the template shows -------------------------------------------------------------------


@attrs.frozen
class _Cell:
    """One claim on one target."""

    verdict: Verdict
    why: str
    standing: Standing
    reason: str
    """The baseline's, for the variant that the evidence is from."""


@attrs.frozen
class _Row:
    """One claim."""

    index: int
    key: str
    """The claim's id as the documents have it; all else here is made visible."""
    id: str
    interface: str
    source: str
    statement: str
    place: str
    cells: tuple[_Cell | None, ...]
    """One a target; None where the target's document does not have the claim."""

    @property
    def anchor(self) -> str:
        return f"claim={address(self.id)}"

    @property
    def verdicts(self) -> str:
        """For the filter: the positions of the verdicts in VERDICTS."""
        seen = sorted({VERDICTS.index(cell.verdict) for cell in self.cells if cell})
        return " ".join(map(str, seen))

    @property
    def standing(self) -> Standing:
        """The most urgent one."""
        ranks = [STANDINGS.index(cell.standing) for cell in self.cells if cell]
        return STANDINGS[max(ranks, default=0)]

    @property
    def differs(self) -> bool:
        """Whether targets part."""
        return len({cell.verdict for cell in self.cells if cell}) > 1

    @property
    def evidence(self) -> str:
        """One line on what was seen; with several targets there is no room for it."""
        return self.cells[0].why if len(self.cells) == 1 and self.cells[0] else ""


@attrs.frozen
class _Bar:
    """A piece of a bar of counts."""

    verdict: Verdict
    count: int
    left: str
    width: str


@attrs.frozen
class _Group:
    """The claims of one interface."""

    name: str
    index: int
    rows: tuple[_Row, ...]
    counts: dict[Verdict, int]
    bars: tuple[_Bar, ...]
    unexpected: int


@attrs.frozen
class _Concern:
    """A list of claims of one standing."""

    title: str
    hint: str
    rows: tuple[_Row, ...]
    shown: int = _FIRST_SHOWN
    """So many stand open; the rest is folded."""

    @property
    def first(self) -> tuple[_Row, ...]:
        return self.rows[: self.shown]

    @property
    def rest(self) -> tuple[_Row, ...]:
        return self.rows[self.shown :]


@attrs.frozen
class _Chapter:
    """What became of the claims of one source."""

    title: str
    """Empty where there is but one chapter on all sources."""
    sentence: str
    """Empty where the summary says as much: there is but one source."""
    counts: dict[Verdict, int]
    bars: tuple[_Bar, ...]
    concerns: tuple[_Concern, ...]


@attrs.frozen
class _Target:
    """One column."""

    name: str
    title: str
    facts: tuple[tuple[str, Any], ...]
    counts: dict[Verdict, int]
    bars: tuple[_Bar, ...]
    unexpected: int
    strict: bool
    stale: list[tuple[str, str]]
    faults: list[tuple[str, str]]


def write_html(
    path: Path,
    documents: Sequence[VerdictsDocument],
    claims: Mapping[str, Claim],
    records: Mapping[str, Record],
    *,
    titles: Mapping[str, str] | None = None,
    render: Render = timeline,
) -> None:
    """Write the report of one run, or of several targets side by side.

    ``claims`` is the catalogue by claim id; what it lacks is shown without a statement.
    ``titles`` names the sources by their ids; one that it lacks goes by its id.
    ``records`` is by job key; where a job has none, its timeline says so.  With several documents
    there are no timelines, since a job key does not say on which target it ran.
    ``render`` makes a record's timeline.
    """
    rows = tuple(_rows(documents, claims))
    strings = Strings()
    used = records if len(documents) == 1 else {}
    timelines = pack(_jobs(documents, used), _drawn(documents), Source(used, render))
    details = _details(rows, documents, claims, strings, timelines.places)
    if len(documents) == 1:
        chapters = _chapters(rows, titles or {}, strict=is_strict(documents[0]))
    else:
        chapters = _differences(rows)
    page = _page(rows, documents, chapters, details, timelines.chunks)
    path.write_text(page, encoding="utf-8", newline="\n")


# --- rows --------------------------------------------------------------------------------------


def _rows(documents: Sequence[VerdictsDocument], claims: Mapping[str, Claim]) -> Iterator[_Row]:
    """All claims, by interface; interfaces and claims in the order of their first appearance."""
    on_targets = [{verdict.id: verdict for verdict in document.claims} for document in documents]
    interfaces: dict[str, dict[str, ClaimVerdict]] = {}
    for document in documents:
        for verdict in document.claims:
            interfaces.setdefault(verdict.interface, {}).setdefault(verdict.id, verdict)
    index = 0
    for verdicts in interfaces.values():
        for verdict in verdicts.values():
            cells = tuple(_cell(target.get(verdict.id)) for target in on_targets)
            yield _row(index, verdict, claims.get(verdict.id), cells)
            index += 1


def _row(
    index: int, verdict: ClaimVerdict, claim: Claim | None, cells: tuple[_Cell | None, ...]
) -> _Row:
    return _Row(
        index=index,
        key=verdict.id,
        id=visible(verdict.id),
        interface=visible(verdict.interface),
        source=visible(verdict.source),
        statement=visible(claim.statement) if claim else "not in the catalogue of this version",
        place=visible(claim.place) if claim else "",
        cells=cells,
    )


def _cell(verdict: ClaimVerdict | None) -> _Cell | None:
    if verdict is None:
        return None
    shown = example(verdict.verdict, verdict.variants)
    reason = (shown and shown.reason) or ""
    return _Cell(verdict.verdict, visible(verdict.why), of_claim(verdict), visible(reason))


def _counts(cells: Iterable[_Cell | None]) -> dict[Verdict, int]:
    counter = Counter(cell.verdict for cell in cells if cell)
    return {verdict: counter[verdict] for verdict in VERDICTS}


def _bars(counts: Mapping[Verdict, int]) -> tuple[_Bar, ...]:
    total = sum(counts.values()) or 1
    bars: list[_Bar] = []
    before = 0
    for verdict, count in counts.items():
        if count:
            left, width = 100 * before / total, 100 * count / total
            bars.append(_Bar(verdict, count, f"{left:.3f}%", f"{width:.3f}%"))
        before += count
    return tuple(bars)


def _groups(rows: Sequence[_Row]) -> tuple[_Group, ...]:
    by_name: dict[str, list[_Row]] = {}
    for row in rows:
        by_name.setdefault(row.interface, []).append(row)
    return tuple(_group(index, *item) for index, item in enumerate(by_name.items()))


def _group(index: int, name: str, rows: list[_Row]) -> _Group:
    counts = _counts(cell for row in rows for cell in row.cells)
    unexpected = sum(row.standing == "unexpected" for row in rows)
    return _Group(name, index, tuple(rows), counts, _bars(counts), unexpected)


def _chapters(
    rows: Sequence[_Row], titles: Mapping[str, str], *, strict: bool
) -> tuple[_Chapter, ...]:
    """What is true of each source on one target: what nobody expected comes first."""
    hint = "not what the source says" if strict else "not what the baseline says"
    unexpected = _Concern("Unexpected", hint, _select(rows, "unexpected"))
    sources = dict.fromkeys(row.source for row in rows)
    chapters = [
        _chapter(visible(titles.get(source, source)), [row for row in rows if row.source == source])
        for source in sources
    ]
    if len(chapters) == 1:
        chapters = [attrs.evolve(chapters[0], sentence="")]
    return (_Chapter("", "", {}, (), (unexpected,)), *chapters)


def _chapter(title: str, rows: Sequence[_Row]) -> _Chapter:
    counts = _counts(row.cells[0] for row in rows)
    undecided = tuple(row for verdict in _UNDECIDED for row in _select(rows, "expected", verdict))
    return _Chapter(
        title,
        _sentence(counts),
        counts,
        _bars(counts),
        (
            _Concern("Not true here", "refuted", _select(rows, "known", "refuted")),
            _Concern("True in part", "holds in part", _select(rows, "known", "holds in part")),
            _Concern("True here", "holds", _select(rows, "expected", "holds")),
            _Concern("Not decided here", "and why", undecided),
        ),
    )


_UNDECIDED: Final[tuple[Verdict, ...]] = ("unsupported", "not observed")


def _differences(rows: Sequence[_Row]) -> tuple[_Chapter, ...]:
    """Several targets: where one is not as expected, or not as the others."""
    unexpected = tuple(row for row in rows if row.standing == "unexpected")
    parts = tuple(row for row in rows if row.differs and row.standing != "unexpected")
    concerns = (
        _Concern("Unexpected", "not what the target's baseline says", unexpected),
        _Concern("Where targets differ", "as their baselines expect", parts),
    )
    return (_Chapter("", "", {}, (), concerns),)


def _select(
    rows: Sequence[_Row], standing: Standing, verdict: Verdict | None = None
) -> tuple[_Row, ...]:
    return tuple(
        row
        for row in rows
        if (cell := row.cells[0]) is not None
        and cell.standing == standing
        and verdict in (None, cell.verdict)
    )


def _reasons(rows: Sequence[_Row], verdict: Verdict) -> list[tuple[str, int]]:
    """Why claims have this verdict, the most frequent reason first."""
    whys = (row.cells[0].why for row in rows if row.cells[0] and row.cells[0].verdict == verdict)
    return Counter(whys).most_common()


# --- the target --------------------------------------------------------------------------------


def _target(document: VerdictsDocument, cells: Sequence[_Cell | None]) -> _Target:
    counts = _counts(cells)
    return _Target(
        name=target_name(document.target),
        title=target_title(document.target),
        facts=tuple(facts_of(document.target)),
        counts=counts,
        bars=_bars(counts),
        unexpected=sum(cell.standing == "unexpected" for cell in cells if cell),
        strict=is_strict(document),
        stale=stale_entries(document),
        faults=faults(document),
    )


def _sentence(counts: Mapping[Verdict, int]) -> str:
    parts = [
        f"{count:,} {_PHRASES[verdict][count > 1]}" for verdict, count in counts.items() if count
    ]
    if not parts:
        return "There is no claim in this run."
    total = sum(counts.values())
    of = "Of one claim" if total == 1 else f"Of {total:,} claims"
    rest = f" and {parts[-1]}" if len(parts) > 1 else ""
    return f"{of}, {', '.join(parts[: len(parts) - 1] or parts)}{rest}."


# --- what an opened claim shows ----------------------------------------------------------------


def _details(
    rows: Sequence[_Row],
    documents: Sequence[VerdictsDocument],
    claims: Mapping[str, Claim],
    strings: Strings,
    places: Mapping[str, Place],
) -> dict[str, Any]:
    """The data of all opened claims, by the rows' index; the script knows the same positions."""
    on_targets = [{verdict.id: verdict for verdict in document.claims} for document in documents]
    packed: list[Any] = [None] * len(rows)
    for row in rows:
        verdicts = [target.get(row.key) for target in on_targets]
        claim = claims.get(row.key)
        packed[row.index] = [
            strings(claim.strength if claim else ""),
            [
                _packed(verdict, strings, strict=is_strict(document))
                for verdict, document in zip(verdicts, documents, strict=True)
            ],
        ]
    return {
        "verdicts": VERDICTS,
        "standings": STANDINGS,
        "targets": [target_name(document.target) for document in documents],
        "claims": packed,
        "jobs": {strings(job): place for job, place in places.items()},
        "strings": strings.all,
    }


def _jobs(documents: Sequence[VerdictsDocument], records: Mapping[str, Record]) -> list[str]:
    """The jobs that have a record, in the order in which the claims show them."""
    shown = {
        variant.job: None
        for document in documents
        for verdict in document.claims
        for variant in verdict.variants
    }
    return [job for job in shown if job in records]


def _drawn(documents: Sequence[VerdictsDocument]) -> set[str]:
    """The jobs that get a ladder diagram: those whose timeline the script opens with a claim."""
    jobs: set[str] = set()
    for verdict in (verdict for document in documents for verdict in document.claims):
        opened = [one for one in verdict.variants if one.verdict != "holds"] or verdict.variants
        jobs.update(one.job for one in opened[:1])
    return jobs


def _packed(verdict: ClaimVerdict | None, strings: Strings, *, strict: bool) -> Any:
    if verdict is None:
        return None
    return [
        VERDICTS.index(verdict.verdict),
        strings(verdict.why),
        STANDINGS.index(of_claim(verdict)),
        [strings(probe) for probe in verdict.probes],
        [_packed_variant(variant, strings, strict=strict) for variant in verdict.variants],
    ]


def _packed_variant(variant: VariantVerdict, strings: Strings, *, strict: bool) -> Any:
    return [
        strings(variant.name),
        VERDICTS.index(variant.verdict),
        strings(variant.why),
        strings(variant.job),
        VERDICTS.index(variant.expected),
        strings(variant.reason or ""),
        STANDINGS.index(of_variant(variant, strict=strict)),
    ]


# --- the page ----------------------------------------------------------------------------------


def _embedded(data: object) -> Markup:
    """JSON for a script element: without ``<`` nothing in it can end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - made safe by the lines above


def _page(
    rows: Sequence[_Row],
    documents: Sequence[VerdictsDocument],
    chapters: Sequence[_Chapter],
    details: dict[str, Any],
    chunks: list[str],
) -> str:
    targets = [
        _target(document, [row.cells[column] for row in rows])
        for column, document in enumerate(documents)
    ]
    script = own("theme.js") + own("report.js")
    style = own("report.css") + Markup(css())  # noqa: S704 - our own
    single = len(targets) == 1
    return template("template.html.j2").render(
        script=script,
        style=style,
        policy=policy(script, style),
        targets=targets,
        single=single,
        title=targets[0].title if single else f"{len(targets)} targets",
        sentence=_sentence(targets[0].counts) if single else "",
        unexpected=sum(target.unexpected for target in targets),
        differing=sum(row.differs for row in rows),
        rows=rows,
        groups=_groups(rows),
        chapters=chapters,
        reasons=_all_reasons(rows) if single else {},
        sources=sorted({row.source for row in rows}),
        verdicts=VERDICTS,
        symbols=SYMBOLS,
        data=_embedded(details),
        chunks=[Markup(chunk) for chunk in chunks],  # noqa: S704 - base64
        address=address,
    )


def _all_reasons(rows: Sequence[_Row]) -> dict[Verdict, list[tuple[str, int]]]:
    return {verdict: found for verdict in _UNDECIDED if (found := _reasons(rows, verdict))}
