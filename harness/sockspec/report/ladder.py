# SPDX-License-Identifier: Apache-2.0
"""A ladder diagram drawn: as SVG, for the report and as a file, and as text for a terminal.

The SVG has no script, no font and no address of its own.  Its look is in ``ladder.css``, in classes
with short names; no element has an id, so that a page can hold many of them.
"""

from __future__ import annotations

import re
import textwrap
from collections import defaultdict
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

import attrs

from sockspec.finding import visible
from sockspec.verdicts import example
from sockspec.words import micros

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sockspec.ladder import Arrow, Bar, Host, Ladder, Mark
    from sockspec.model import ClaimVerdict, Record

SVG: Final = "http://www.w3.org/2000/svg"

Drawing = list[Any]
"""An element as data: its name, its attributes, then its text or the elements in it."""


# --- the geometry, in pixels ---------------------------------------------------------------------

_CHAR: Final = 7.3
"""The width of a character of 12 px, on the safe side for the usual monospaced fonts."""
_SMALL: Final = 6.7
"""The same at 11 px."""
_MARGIN: Final = 16
_TIME: Final = 92
_ROW: Final = 24
_STEP: Final = 10
"""So much more room is above a step."""
_BREAK: Final = 22
"""So much more room is above a row that comes long after the one before."""
_LANE: Final = 20
_BAR: Final = 10
_PORT: Final = 11 * _SMALL
"""The room for a port at each end of an arrow."""
_ARROW_MIN: Final = 250
_HEAD: Final = 9
_TITLE_MAX: Final = 100
_CROSS: Final = "\N{MULTIPLICATION SIGN}"
"""The sign of a call that failed."""


@attrs.frozen
class _Plan:
    """Where the columns and the rows are."""

    text: float
    """Where the calls' texts at the left begin; they end before the first lane."""
    lanes: tuple[float, ...]
    left: float
    """The line where packets leave the near side."""
    right: float
    far_text: float
    width: float
    ys: tuple[float, ...]
    """The middle of each row."""
    hosts: float
    """The y of the sides' names."""
    top: float
    bottom: float
    height: float


def _plan(ladder: Ladder, titles: Sequence[str]) -> _Plan:
    near = [n for n, lane in enumerate(ladder.lanes) if lane.side == "near"]
    far = len(ladder.lanes) - len(near)
    before = max(map(len, _texts(ladder, "near")), default=20)
    text = float(_MARGIN + _TIME)
    edge = round(text + before * _CHAR + 10)
    left = edge + len(near) * _LANE + 8
    labels = (len(arrow.label) + len(arrow.detail) + 1 for arrow in ladder.arrows)
    across = round(
        max(max(labels, default=0) * _CHAR + 2 * _PORT, _ARROW_MIN if ladder.arrows else 110)
    )
    right = left + (across if ladder.has_right else 0)
    far_text = right + 8 + far * _LANE + 10
    after = max(map(len, _texts(ladder, "far")), default=0) if ladder.has_right_text else 0
    names = max(len(word) for word in (ladder.right.title, *ladder.right.addresses)) + 1
    ends = [right + names * _CHAR if ladder.has_right else 0, far_text + after * _CHAR]
    ends += [
        _MARGIN + len(title) * (_CHAR if n else 1.25 * _CHAR) for n, title in enumerate(titles)
    ]
    hosts = _MARGIN + 26.0 + 20 * (len(titles) - 1) + 18
    named = 1 + max(len(ladder.left.addresses), len(ladder.right.addresses))
    top = hosts + 16 * (named + _heading_lines(ladder)) + 4
    ys = tuple(_ys(ladder, top + 14))
    bottom = (ys[-1] if ys else top) + 16
    return _Plan(
        text=text,
        lanes=(
            *(edge + (place + 0.5) * _LANE for place in range(len(near))),
            *(right + 8 + (place + 0.5) * _LANE for place in range(far)),
        ),
        left=left,
        right=right,
        far_text=far_text,
        width=round(max(ends) + _MARGIN),
        ys=ys,
        hosts=hosts,
        top=top,
        bottom=bottom,
        height=bottom + _MARGIN + (24 if _legend(ladder) else 0),
    )


def _heading_lines(ladder: Ladder) -> int:
    """So many lines the names of the lanes need; none where all is ``main``."""
    if all(lane.who == "main" for lane in ladder.lanes):
        return 0
    near = sum(lane.side == "near" for lane in ladder.lanes)
    return max(near, len(ladder.lanes) - near)


def _ys(ladder: Ladder, top: float) -> Iterator[float]:
    steps = {mark.row for mark in ladder.marks if mark.kind == "step"}
    y = top - _ROW / 2
    for n, row in enumerate(ladder.rows):
        y += _ROW + (_STEP if n in steps and n else 0) + (_BREAK if row.gap else 0)
        yield y


def _texts(ladder: Ladder, side: str) -> Iterator[str]:
    """All that stands beside the lanes of a side."""
    for bar in ladder.bars:
        if ladder.lanes[bar.lane].side == side:
            yield from (f"{text}  {took}" for _, text, took in _bar_texts(bar))
    for mark in ladder.marks:
        if _side_of(mark) == side:
            yield mark.text
    if side == "near":
        yield from (lane.who for lane in ladder.lanes if lane.side == side)
        host = max(map(len, (ladder.left.title, *ladder.left.addresses)))
        yield " " * (host - 4)


def _side_of(mark: Mark) -> str:
    return "far" if mark.kind == "peer" else "near"


def _bar_texts(bar: Bar) -> list[tuple[int, str, str]]:
    """What stands beside a call: each with its row, and how long it took."""
    return [
        (row, " ".join(filter(None, (entry, result))), took)
        for row, (entry, result, took) in _bar_words(bar)
    ]


# --- SVG -----------------------------------------------------------------------------------------


def as_svg(ladder: Ladder, titles: Sequence[str] = ()) -> bytes:
    """The diagram as an SVG file; titles stand above the job's key."""
    root = _element(drawing(ladder, titles))
    root.set("xmlns", SVG)
    style = ET.Element("style")
    style.text = _plain_css()
    root.insert(2, style)
    ground = ET.Element("rect", {"class": "gap", "width": "100%", "height": "100%"})
    root.insert(3, ground)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def css() -> str:
    """The look of the diagrams, for a page that has some."""
    return resources.files(__package__).joinpath("ladder.css").read_text("utf-8")


def _plain_css() -> str:
    """The look without variables, which not all that read SVG know, and without comments."""
    plain = re.sub(r"var\(--[a-z-]+, ([^)]+)\)", r"\1", css())
    return re.sub(r"/\*.*?\*/\s*", "", plain, flags=re.DOTALL) + ".ladder .gap { fill: #fff; }\n"


def _element(drawing: Drawing) -> ET.Element:
    name, given, *inside = drawing
    element = ET.Element(name, given)
    for one in inside:
        if isinstance(one, str):
            element.text = one
        else:
            element.append(_element(one))
    return element


def drawing(ladder: Ladder, titles: Sequence[str] = (), *, zero: int = 0) -> Drawing:
    """The diagram's elements; its times count from ``zero``, ns since the record's t0."""
    heads = _heads(ladder, titles)
    plan = _plan(ladder, heads)
    lines = _Lines()
    texts: Drawing = []
    for draw in (_frame, _draw_breaks, _draw_bars, _draw_arrows, _draw_marks):
        texts += draw(ladder, plan, lines)
    texts += _times(ladder, plan, zero)
    for n, head in enumerate(heads):
        texts.append(_text(_MARGIN, _MARGIN + 14 + 20 * n, head, "" if n else "h"))
    texts += _legend_drawn(ladder, plan, lines)
    size = {"width": _number(plan.width), "height": _number(plan.height)}
    box = f"0 0 {size['width']} {size['height']}"
    return [
        "svg",
        {"class": "ladder", **size, "viewBox": box, "role": "img"},
        ["title", {}, f"Ladder diagram: {heads[0]}"],
        ["desc", {}, _description(ladder)],
        *lines.drawn(),
        *texts,
    ]


def _heads(ladder: Ladder, titles: Sequence[str]) -> list[str]:
    """The titles and the job's key, each on as many lines as it needs, within reason."""
    return [
        line
        for title in (*map(visible, titles), ladder.job)
        for line in textwrap.wrap(title, _TITLE_MAX, max_lines=4, placeholder=" …")
    ] or [""]


def _description(ladder: Ladder) -> str:
    failed = sum(bar.failed for bar in ladder.bars)
    slept = sum(bar.asleep for bar in ladder.bars)
    return (
        f"{ladder.job}: {len(ladder.bars)} calls, {failed} of them failed, in {slept} a thread was "
        f"seen asleep; {len(ladder.arrows)} packets; in order of time from top to bottom."
    )


class _Lines:
    """Lines, by class; those of a class are one path, and the classes are drawn in this order."""

    _ORDER: Final = ("rule lead life host bar barred zz gap torn thin line rst head cross").split()

    def __init__(self) -> None:
        self._paths: dict[str, list[str]] = defaultdict(list)

    def add(self, name: str, *points: tuple[float, float]) -> None:
        path = "L".join(f"{_number(x)} {_number(y)}" for x, y in points)
        self._paths[name].append(f"M{path}")

    def across(self, name: str, x: float, y: float, end: float) -> None:
        self._paths[name].append(f"M{_number(x)} {_number(y)}H{_number(end)}")

    def down(self, name: str, x: float, y: float, end: float) -> None:
        self._paths[name].append(f"M{_number(x)} {_number(y)}V{_number(end)}")

    def box(self, name: str, x: float, top: float, bottom: float) -> None:
        """A bar; its middle is at x."""
        begin = f"M{_number(x - _BAR / 2)} {_number(top)}"
        self._paths[name].append(f"{begin}h{_BAR}V{_number(bottom)}h-{_BAR}z")

    def head(self, x: float, y: float, back: int) -> None:
        self._paths["head"].append(f"M{_number(x)} {_number(y)}l{back}-4v8z")

    def drawn(self) -> Iterator[Drawing]:
        for name in self._ORDER:
            if name in self._paths:
                given = {} if name == "line" else {"class": name}
                yield ["path", {**given, "d": "".join(self._paths[name])}]


@lru_cache(maxsize=8192)
def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text(x: float, y: float, text: str, names: str = "", whole: str = "") -> Drawing:
    given = {"x": _number(x), "y": _number(y)} | ({"class": names} if names else {})
    if not whole:
        return ["text", given, text]
    return ["text", given, ["tspan", {}, text], ["title", {}, whole]]


def _frame(ladder: Ladder, plan: _Plan, lines: _Lines) -> Drawing:
    """The hosts and the life lines, with their names."""
    texts: Drawing = [_text(plan.text - 12, plan.top - 6, "µs", "q s e")]
    sides: list[tuple[Host, float, str]] = [(ladder.left, plan.left, "e")]
    if ladder.has_right:
        sides.append((ladder.right, plan.right, ""))
    for host, x, anchor in sides:
        lines.down("host", x, plan.hosts + 8, plan.bottom)
        texts.append(_text(x, plan.hosts, host.title, f"b {anchor}".strip()))
        gap = -6 if anchor else 6
        for n, address in enumerate(host.addresses):
            y = plan.hosts + 16 * (n + 1)
            texts.append(_text(x + gap, y, address, f"q s {anchor}".strip()))
    heading = _heading_lines(ladder)
    for n, (lane, x) in enumerate(zip(ladder.lanes, plan.lanes, strict=True)):
        lines.down("life", x, plan.top, plan.bottom)
        if heading:
            # The innermost lane's name stands highest: so no line runs through a name.
            up = n + 1 if lane.side == "near" else len(ladder.lanes) - n
            y = plan.top - 4 - 16 * (up - 1)
            anchor = "q s e" if lane.side == "near" else "q s"
            texts.append(_text(x + (-4 if lane.side == "near" else 4), y, lane.who, anchor))
            lines.down("lead", x, y - 9, plan.top)
    return texts


def _draw_breaks(ladder: Ladder, plan: _Plan, lines: _Lines) -> Drawing:
    """Where much time passed between two rows, the lines are torn."""
    texts: Drawing = []
    hosts = [plan.left, plan.right] if ladder.has_right else [plan.left]
    for n, row in enumerate(ladder.rows):
        if not row.gap:
            continue
        y = plan.ys[n] - _ROW / 2 - _BREAK / 2
        texts.append(_text(plan.text - 12, y + 4, f"⋮ {_span(row.gap)}", "n s e"))
        through = {bar.lane for bar in ladder.bars if bar.first < n <= bar.last}
        for x in [*hosts, *(plan.lanes[lane] for lane in sorted(through))]:
            a, b = x - 0.8 * _BAR, x + 0.8 * _BAR
            lines.add("gap", (a, y), (b, y - 4), (b, y), (a, y + 4))
            lines.add("torn", (a, y), (b, y - 4))
            lines.add("torn", (a, y + 4), (b, y))
    return texts


def _span(ns: int) -> str:
    """A long time in the unit that reads best."""
    if ns.bit_length() > 64:
        return "long"
    return f"{ns / 1e9:.3g} s" if ns >= 10**9 else f"{ns / 1e6:.3g} ms"


def _draw_bars(ladder: Ladder, plan: _Plan, lines: _Lines) -> Drawing:
    texts: Drawing = []
    for bar in ladder.bars:
        x, is_near = plan.lanes[bar.lane], ladder.lanes[bar.lane].side == "near"
        top, bottom = plan.ys[bar.first] - 6, plan.ys[bar.last] + 6
        lines.box("barred" if bar.failed else "bar", x, top, bottom)
        if bar.asleep:
            lines.down("zz", x, top + 1.5, bottom - 1)
        edge = plan.lanes[0] - _LANE / 2 - 4 if is_near else plan.far_text
        for row, text, took in _bar_texts(bar):
            y = plan.ys[row]
            texts.append(_bar_text(edge, y + 4, bar, text, took, "e" if is_near else ""))
            lines.across("lead", edge + (3 if is_near else -3), y, x)
    return texts


def _bar_text(x: float, y: float, bar: Bar, text: str, took: str, names: str) -> Drawing:
    if not took:
        return _text(x, y, text, names, bar.whole)
    given = {"x": _number(x), "y": _number(y)} | ({"class": names} if names else {})
    said = ["tspan", {"class": "bad"} if bar.failed else {}, text]
    inside: Drawing = [said, ["tspan", {"class": "q s"}, f"  {took}"]]
    return ["text", given, *inside, *([["title", {}, bar.whole]] if bar.whole else [])]


def _draw_arrows(ladder: Ladder, plan: _Plan, lines: _Lines) -> Drawing:
    texts: Drawing = []
    for arrow in ladder.arrows:
        y = plan.ys[arrow.row] + 5
        tail, head = (plan.left, plan.right) if arrow.to_right else (plan.right, plan.left)
        _draw_arrow(arrow, lines, y, tail, head)
        quiet = "q s" if arrow.kind == "fence" else "s"
        middle = (plan.left + plan.right) / 2
        texts.append(_label(arrow, middle, y - 5, quiet))
        for x, port, names in (
            (plan.left + _HEAD + 4, arrow.left, "q s"),
            (plan.right - _HEAD - 4, arrow.right, "q s e"),
        ):
            if port and arrow.kind != "fence":
                texts.append(_text(x, y - 5, port, names))
    return texts


def _label(arrow: Arrow, x: float, y: float, names: str) -> Drawing:
    given = {"x": _number(x), "y": _number(y), "class": f"m {names}"}
    loud = {"fence": "q", "packet": "b"}.get(arrow.kind, "bad")
    inside: Drawing = [["tspan", {"class": f"{loud} s"}, arrow.label]]
    if arrow.detail:
        inside.append(["tspan", {"class": "q s"}, f" {arrow.detail}"])
    return ["text", given, *inside]


def _draw_arrow(arrow: Arrow, lines: _Lines, y: float, tail: float, head: float) -> None:
    back = -_HEAD if head > tail else _HEAD
    if arrow.kind == "packet":
        lines.across("line", tail, y, head + back)
        lines.head(head, y, back)
        return
    if arrow.kind == "fence":
        lines.across("thin", tail, y, head)
        lines.add("thin", (head + back, y - 3.5), (head, y), (head + back, y + 3.5))
        return
    lines.across("rst", tail, y, head + back)
    if arrow.kind == "error":
        lines.add("cross", (head + back, y - 4.5), (head, y), (head + back, y + 4.5))
        return
    a, b = head + back * 1.3, head + back * 0.3
    lines.add("cross", (a, y - 4.5), (b, y + 4.5))
    lines.add("cross", (a, y + 4.5), (b, y - 4.5))


_MARK_NAMES: Final = {
    "step": "b",
    "lie": "bad e",
    "fault": "bad e",
    "unsupported": "bad e",
    "more": "b e",
    "peer": "n",
}


def _draw_marks(ladder: Ladder, plan: _Plan, lines: _Lines) -> Drawing:
    """Steps, notes and the like."""
    texts: Drawing = []
    near = [x for x, lane in zip(plan.lanes, ladder.lanes, strict=True) if lane.side == "near"]
    edge = (near[0] - _LANE / 2 if near else plan.left - 8) - 4
    for mark in ladder.marks:
        y = plan.ys[mark.row]
        names = _MARK_NAMES.get(mark.kind, "n e")
        if mark.kind == "step":
            texts.append(_text(_MARGIN, y + 4, mark.text, names))
            lines.across("rule", _MARGIN, y - 13, plan.width - _MARGIN)
            continue
        texts.append(_text(plan.far_text if mark.kind == "peer" else edge, y + 4, mark.text, names))
        if mark.lane is not None:
            lines.across("lead", edge + 3, y, plan.lanes[mark.lane])
    return texts


def _times(ladder: Ladder, plan: _Plan, zero: int) -> Iterable[Drawing]:
    untimed = _untimed(ladder)
    for n, row in enumerate(ladder.rows):
        if n not in untimed:
            time = micros(row.t - zero).removesuffix(" µs")
            yield _text(plan.text - 12, plan.ys[n] + 4, time, "q s e")


def _untimed(ladder: Ladder) -> set[int]:
    """The rows whose time tells nothing."""
    return {mark.row for mark in ladder.marks if mark.kind in ("step", "more")}


def _legend(ladder: Ladder) -> list[str]:
    words = []
    if any(bar.asleep for bar in ladder.bars):
        words.append("zz")
    if any(bar.failed for bar in ladder.bars):
        words.append("failed")
    return words


def _legend_drawn(ladder: Ladder, plan: _Plan, lines: _Lines) -> Iterable[Drawing]:
    x, y = float(_MARGIN), plan.bottom + 20
    for word in _legend(ladder):
        lines.box("bar" if word == "zz" else "barred", x + _BAR / 2, y - 9, y + 9)
        if word == "zz":
            lines.down("zz", x + _BAR / 2, y - 7.5, y + 8)
        text = (
            "the thread was seen asleep in the call"
            if word == "zz"
            else f"{_CROSS} the call failed"
        )
        yield _text(x + _BAR + 8, y + 4, text, "q s")
        x += _BAR + 8 + len(text) * _SMALL + 24


# --- text ----------------------------------------------------------------------------------------

_WIDTH: Final = 100
_TIME_WIDTH: Final = 10
_ENTRY_MIN: Final = 7
"""So much of a call is kept beside a long result."""
_ACROSS_MAX: Final = (48, 38)
"""The columns for the packets: where nothing is said at the right, and where something is."""
_LOUD: Final = frozenset(("more", "fault", "unsupported", "unavailable"))
"""They take the whole line."""
_LINES: Final = {"reset": "-x", "error": "~>", "fence": ".>", "malformed": "-?", "packet": "->"}
"""Of each kind of arrow: its line and its head."""


@attrs.frozen
class _Columns:
    """Where everything begins in a line of text."""

    near: int
    """The texts at the left end before this one."""
    lanes: tuple[int, ...]
    left: int
    right: int
    far: int
    ports: bool
    """Whether there is room for them."""


def as_text(ladder: Ladder, titles: Sequence[str] = ()) -> str:
    """The diagram in characters, for a terminal of 100 columns."""
    columns = _columns(ladder)
    lines = [*_heads(ladder, titles), "", *_text_head(ladder, columns)]
    canvas = [_life(ladder, columns) for _ in ladder.rows]
    for bar in ladder.bars:
        _put_bar(canvas, ladder, columns, bar)
    for arrow in ladder.arrows:
        _put_arrow(canvas[arrow.row], columns, arrow)
    for mark in ladder.marks:
        if mark.kind == "step":
            canvas[mark.row].put(0, f"{mark.text}:"[: columns.near])
        elif mark.kind == "peer":
            canvas[mark.row].put(columns.far, mark.text)
        elif mark.kind in _LOUD:
            canvas[mark.row] = _Canvas()
            canvas[mark.row].put(_TIME_WIDTH + 1, mark.text)
        else:
            canvas[mark.row].put_before(columns.near, mark.text)
    untimed = _untimed(ladder)
    for n, row in enumerate(ladder.rows):
        if row.gap:
            lines.append(_text_break(ladder, columns, n))
        if n not in untimed:
            canvas[n].put(0, f"{micros(row.t).removesuffix(' µs'):>{_TIME_WIDTH}}")
        lines.append(str(canvas[n]))
    return "".join(f"{line.rstrip()}\n" for line in lines)


class _Canvas:
    """One line of text; what does not fit is cut."""

    def __init__(self) -> None:
        self._characters = [" "] * _WIDTH

    def put(self, column: int, text: str, end: int = _WIDTH) -> None:
        text = _cut(text, max(0, min(end, _WIDTH) - column))
        self._characters[column : column + len(text)] = text

    def put_before(self, end: int, text: str) -> None:
        """The text ends there; it has the room from the times on."""
        self.put(max(_TIME_WIDTH + 1, end - len(text)), text, end)

    def __str__(self) -> str:
        return "".join(self._characters)


def _columns(ladder: Ladder) -> _Columns:
    near = sum(lane.side == "near" for lane in ladder.lanes)
    far = len(ladder.lanes) - near
    labels = [len(arrow.label) + len(arrow.detail) + 1 for arrow in ladder.arrows]
    most = _ACROSS_MAX[ladder.has_right_text]
    wanted = max(labels, default=0) + 6
    ports = wanted + 14 <= most
    across = min(most, max(wanted + 14 * ports, 24)) if labels else 4 * ladder.has_right
    rest = _WIDTH - _TIME_WIDTH - 2 * len(ladder.lanes) - across - 7
    widest = max(map(len, _texts(ladder, "near")), default=20)
    far_text = max(map(len, _texts(ladder, "far")), default=0)
    names = max(map(len, (ladder.right.title, *ladder.right.addresses)))
    far_text = max(far_text, names - 1 - 2 * far) if ladder.has_right else 0
    share = rest - min(far_text, rest * 9 // 20)
    text = max(min(widest, share), 12)
    end = _TIME_WIDTH + 1 + text
    left = end + 1 + 2 * near
    right = left + 1 + across
    return _Columns(
        near=end,
        lanes=(
            *range(end + 1, left, 2),
            *range(right + 2, right + 2 + 2 * far, 2),
        ),
        left=left,
        right=right,
        far=right + 2 + 2 * far,
        ports=ports,
    )


def _text_head(ladder: Ladder, columns: _Columns) -> Iterator[str]:
    """The sides' names and addresses, then the lanes' names."""
    left = (ladder.left.title, *ladder.left.addresses)
    right = (ladder.right.title, *ladder.right.addresses) if ladder.has_right else ()
    for n in range(max(len(left), len(right))):
        line = _Canvas()
        line.put_before(columns.left + 1, left[n] if n < len(left) else "")
        line.put(columns.right, right[n] if n < len(right) else "")
        yield str(line)
    near = [n for n, lane in enumerate(ladder.lanes) if lane.side == "near"]
    for up in range(_heading_lines(ladder), 0, -1):
        line = _Canvas()
        for n, lane in enumerate(ladder.lanes):
            own = n + 1 if n in near else len(ladder.lanes) - n
            if own == up and n in near:
                line.put_before(columns.lanes[n] + 1, lane.who)
            elif own == up:
                line.put(columns.lanes[n], lane.who)
            elif own > up:
                line.put(columns.lanes[n], "·")
        yield str(line)


def _life(ladder: Ladder, columns: _Columns, line: str = "│") -> _Canvas:
    """A row before anything happens in it."""
    canvas = _Canvas()
    for column in columns.lanes:
        canvas.put(column, "·")
    canvas.put(columns.left, line)
    if ladder.has_right:
        canvas.put(columns.right, line)
    return canvas


def _text_break(ladder: Ladder, columns: _Columns, row: int) -> str:
    canvas = _life(ladder, columns, "⋮")
    for bar in ladder.bars:
        if bar.first < row <= bar.last:
            canvas.put(columns.lanes[bar.lane], "⋮")
    canvas.put(0, f"{_span(ladder.rows[row].gap):>{_TIME_WIDTH - 2}} ⋮")
    return str(canvas)


def _put_bar(canvas: list[_Canvas], ladder: Ladder, columns: _Columns, bar: Bar) -> None:
    column = columns.lanes[bar.lane]
    for row in range(bar.first, bar.last + 1):
        canvas[row].put(column, "▒" if bar.asleep else "┃")
    canvas[bar.last].put(column, "┃" if bar.cut else "┗")
    canvas[bar.first].put(column, "■" if bar.first == bar.last else "┏")
    is_near = ladder.lanes[bar.lane].side == "near"
    begin, end = (_TIME_WIDTH + 1, columns.near) if is_near else (columns.far, _WIDTH)
    for row, words in _bar_words(bar):
        text = _fitting(words, max(0, end - begin))
        canvas[row].put(end - len(text) if is_near else begin, text)


def _bar_words(bar: Bar) -> list[tuple[int, tuple[str, str, str]]]:
    """What stands beside a call: the row, then the call, its result and how long it took."""
    result = f"{f'{_CROSS} ' if bar.failed else ''}{bar.result}"
    if bar.cut:
        return [(bar.first, (bar.entry, "", ""))]
    if bar.first == bar.last:
        return [(bar.first, (bar.entry, result, bar.took))]
    return [(bar.first, (bar.entry, "", "")), (bar.last, ("", result, bar.took))]


def _fitting(words: tuple[str, str, str], room: int) -> str:
    """As much as there is room for; the time goes first, then arguments, then the result."""
    entry, result, took = words
    short = " ".join(filter(None, (entry, result)))
    whole = f"{short}  {took}"
    if took and len(whole) <= room:
        return whole
    if len(short) <= room or not result:
        return _cut(short, room)
    entry = _cut(entry, max(_ENTRY_MIN, room - len(result) - 1)) if entry else ""
    return _cut(" ".join(filter(None, (entry, result))), room)


def _put_arrow(canvas: _Canvas, columns: _Columns, arrow: Arrow) -> None:
    line, head = tuple(_LINES[arrow.kind])
    width = columns.right - columns.left - 1
    ports = columns.ports and (arrow.left or arrow.right)
    left = f"{arrow.left:<7}" if ports else ""
    right = f"{arrow.right:>7}" if ports else ""
    room = width - len(left) - len(right)
    label = _cut(f"{arrow.label} {arrow.detail}".rstrip(), room - 5)
    drawn = f" {label} ".center(room - 1, line)
    whole = f"{drawn}{head}" if arrow.to_right else f"{'<' if head == '>' else head}{drawn}"
    canvas.put(columns.left + 1, f"{left}{whole}{right}", columns.right)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: max(0, width - 1)]}…"[:width]


# --- which record --------------------------------------------------------------------------------


def pictured(verdict: ClaimVerdict, records: Mapping[str, Record]) -> str | None:
    """The job whose diagram shows most of a claim, or None if it has no record.

    Of the variants that decide the verdict, it is the first with packets between two hosts; else
    one with packets; else the one whose evidence stands for the claim's.
    """
    shown = example(verdict.verdict, verdict.variants)
    if shown is None:
        return None
    those = [shown, *(one for one in verdict.variants if one.verdict == shown.verdict)]
    jobs = [job for job in dict.fromkeys(one.job for one in those) if job in records]
    two_hosts = [job for job in jobs if _stage(job) in ("pair", "wire")]
    for job in (*two_hosts[:_TRIED], *jobs[:_TRIED]):
        if records[job].packets:
            return job
    return jobs[0] if jobs else None


_TRIED: Final = 4
"""A record is read from a file: so many are looked at."""


def _stage(job: str) -> str:
    return job.split(" ")[1] if " " in job else ""
