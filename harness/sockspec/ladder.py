# SPDX-License-Identifier: Apache-2.0
"""A record as a ladder diagram: the calls at the sides, the packets across, time running down.

What is here is data: which row an event stands in, and what it says; `sockspec.report.ladder` draws
it.  Rows are events in order, not moments on a linear scale: a wait of seconds and a call of
microseconds can both be read.  Whatever a record holds, there is a ladder of it, and it is bounded.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, cast

import attrs

from sockspec import model
from sockspec.complete import why_incomplete
from sockspec.finding import visible
from sockspec.timeline import Sequences, event_line
from sockspec.witness import Packet, parse
from sockspec.words import micros, seen_text, short, value_text

ROWS_MAX: Final = 400
"""So many rows are drawn; of the rest, the number is told."""
LANES_MAX: Final = 6
"""So many life lines a side; what further threads did stands on the last."""
BREAK_NS: Final = 1_000_000
"""Where so much time passes between two rows, a break is drawn."""

MarkKind = Literal[
    "step",
    "note",
    "asleep",
    "fence",
    "peer",
    "waits",
    "lie",
    "done",
    "unsupported",
    "unavailable",
    "fault",
    "more",
]
ArrowKind = Literal["packet", "reset", "error", "fence", "malformed"]

_ENTRY_MAX: Final = 46
_RESULT_MAX: Final = 38
_VALUE_MAX: Final = 24
_VALUES_MAX: Final = 6
_MARK_MAX: Final = 54
_DETAIL_MAX: Final = 32
_WHO_MAX: Final = 14
_ADDRESSES_MAX: Final = 6
_LETTERS: Final = "abcdef"
_QUIET_ARGS: Final = frozenset(("crc32", "length"))
_QUIET_SAW: Final = frozenset(
    ("length_in", "length", "touched", "behind", "overrun", "crc32", "controllen", "data")
)
"""What a ladder has no room for; the trace beside it has it all."""
_SENDERS: Final = frozenset(("connect", "send", "sendto", "sendmsg", "write", "writev"))
_HOSTS: Final = {
    "pair": ("near host", "far host"),
    "wire": ("near host", "peer (scripted)"),
    "lo": ("near end", "far end"),
}
"""What stands at the left and at the right, by stage."""


@attrs.frozen
class Row:
    """One line of the diagram."""

    t: int
    """ns since the record's t0."""
    gap: int = 0
    """ns that passed since the row before, where they are many (`BREAK_NS`)."""


@attrs.frozen
class Lane:
    """A life line: what one thread called on the descriptors of one side."""

    side: model.Side
    who: str


@attrs.frozen
class Bar:
    """A call, from its entry to its return."""

    lane: int
    first: int
    last: int
    """The row of its return; `first` again if nothing happened meanwhile."""
    entry: str
    """The call and its arguments, e.g. ``connect(3, 192.0.2.2:80)``."""
    result: str
    """E.g. ``= -1 ECONNREFUSED``."""
    took: str
    whole: str
    """All of it, where `entry` or `result` was cut; else empty."""
    failed: bool
    asleep: bool
    """Its thread was seen asleep in it."""
    cut: bool
    """It returned beyond the last row that is drawn."""


@attrs.frozen
class Arrow:
    """A packet."""

    row: int
    to_right: bool
    kind: ArrowKind
    label: str
    """What it is in a word or two, e.g. ``SYN+ACK``."""
    detail: str
    """The rest, e.g. ``seq 0 ack 1``."""
    left: str
    """The port there, behind the address's letter if it is not the side's first address."""
    right: str


@attrs.frozen
class Mark:
    """Anything else that has a row."""

    row: int
    kind: MarkKind
    text: str
    lane: int | None = None
    """The life line it is about: of a thread that was looked at."""


@attrs.frozen
class Host:
    """What stands over a side."""

    title: str
    addresses: tuple[str, ...]
    """The first one bare, the others behind their letters."""


@attrs.frozen
class Ladder:
    """What stands where."""

    job: str
    left: Host
    right: Host
    rows: tuple[Row, ...]
    lanes: tuple[Lane, ...]
    """From left to right; the far ones are at the right of the packets."""
    bars: tuple[Bar, ...]
    arrows: tuple[Arrow, ...]
    marks: tuple[Mark, ...]

    @property
    def has_right(self) -> bool:
        """Whether anything happened at the right, or on the way there."""
        far = any(lane.side == "far" for lane in self.lanes)
        return bool(self.arrows) or far or any(mark.kind == "peer" for mark in self.marks)

    @property
    def has_right_text(self) -> bool:
        """Whether anything is said beside the right side."""
        far = any(lane.side == "far" for lane in self.lanes)
        return far or any(mark.kind == "peer" for mark in self.marks)


def ladder(record: model.Record, rows_max: int = ROWS_MAX) -> Ladder:
    """The diagram of a record."""
    packets = _packets(record)
    moments = _moments(record, packets)
    shown, more = moments[:rows_max], moments[rows_max:]
    places = {key: row for row, (_, *keys) in enumerate(shown) for key in keys}
    lanes, lane_of = _lanes(record)
    looks = _looks(record)
    rows, end_marks = _rows(shown, _last_words(record, more))
    arrows, left, right = _arrows(record, packets, places)
    left_title, right_title = _HOSTS.get(record.stage, ("this host", "other end"))
    return Ladder(
        job=visible(record.job),
        left=Host(left_title, left),
        right=Host(right_title, right),
        rows=tuple(rows),
        lanes=tuple(lanes),
        bars=tuple(_bars(record, places, lane_of, looks, len(shown) - 1)),
        arrows=tuple(arrows),
        marks=(*_marks(record, places, lane_of, looks), *end_marks),
    )


# --- rows --------------------------------------------------------------------------------------

_Key = tuple[str, int]
"""What a row shows: a call's ``entry`` or ``return``, an ``event``, a ``packet``, by number."""
_Moment = tuple[Any, ...]
"""A time, and the keys of what happened then; two of them: a call in which nothing happened."""


def _packets(record: model.Record) -> list[Packet]:
    """The packets in order of time, without the link's housekeeping."""
    raws = sorted(record.packets or (), key=lambda raw: raw.t)
    packets = (parse(raw, n) for n, raw in enumerate(raws))
    return [packet for packet in packets if not packet.housekeeping]


def _moments(record: model.Record, packets: Sequence[Packet]) -> list[_Moment]:
    """All that gets a row, in order of time; at one time in the order of the log."""
    fences = {packet.fence for packet in packets}
    moments: list[_Moment] = []
    for n, event in enumerate(record.events):
        if isinstance(event, model.Call):
            moments.append((event.t_in, ("entry", n)))
            moments.append((max(event.t_in, event.t_out), ("return", n)))
        elif not (isinstance(event, model.Fence) and event.n in fences):
            moments.append((event.t, ("event", n)))
    moments.extend((packet.t, ("packet", n)) for n, packet in enumerate(packets))
    moments.sort(key=lambda moment: moment[0])
    return list(_folded(moments))


def _folded(moments: Sequence[_Moment]) -> Iterator[_Moment]:
    """A call's entry and return in one row, if nothing happened meanwhile and it took no time."""
    skip = False
    for moment, after in itertools.pairwise((*moments, (0, ("", -1)))):
        if skip:
            skip = False
            continue
        (t, (kind, n)), (t_after, key_after) = moment, after
        skip = kind == "entry" and key_after == ("return", n) and t_after - t < BREAK_NS
        yield (t, (kind, n), key_after) if skip else moment


def _rows(
    shown: Sequence[_Moment], last_words: Iterable[tuple[MarkKind, str]]
) -> tuple[list[Row], list[Mark]]:
    """The rows, and below them one for each of the last words."""
    rows: list[Row] = []
    for t, *_ in shown:
        gap = t - rows[-1].t if rows else 0
        rows.append(Row(t, gap if gap >= BREAK_NS else 0))
    marks = []
    for kind, text in last_words:
        marks.append(Mark(len(rows), kind, text))
        rows.append(Row(rows[-1].t if rows else 0))
    return rows, marks


def _last_words(record: model.Record, more: Sequence[_Moment]) -> Iterator[tuple[MarkKind, str]]:
    """What is not drawn, and how the record ended if not well and no fault says so itself."""
    if more:
        kinds = [kind for _, (kind, _), *_ in more]
        calls, packets = kinds.count("entry"), kinds.count("packet")
        yield "more", f"… {len(more)} more rows: {calls} calls, {packets} packets"
    why = why_incomplete(record)
    if why is not None and not any(isinstance(event, model.Fault) for event in record.events):
        yield "fault", _cut(why, _MARK_MAX)


# --- calls -------------------------------------------------------------------------------------


def _calls(record: model.Record) -> Iterator[tuple[int, model.Call]]:
    for n, event in enumerate(record.events):
        if isinstance(event, model.Call):
            yield n, event


def _lanes(record: model.Record) -> tuple[list[Lane], dict[int, int]]:
    """The life lines, and the one of each call.

    A thread has one on each side where it called; a second one where its calls overlap.  ``main``
    stands outermost, beside the texts.
    """
    ends: dict[Lane, list[int]] = {}
    taken: dict[int, tuple[Lane, int]] = {}
    for n, call in sorted(_calls(record), key=lambda item: item[1].t_in):
        lane = Lane(call.side, _cut(short(call.who), _WHO_MAX))
        free = ends.setdefault(lane, [])
        depth = next((d for d, end in enumerate(free) if end <= call.t_in), len(free))
        if depth == len(free) < LANES_MAX:
            free.append(call.t_out)
        depth = min(depth, len(free) - 1)
        free[depth] = max(free[depth], call.t_out)
        taken[n] = lane, depth
    sides: dict[model.Side, list[tuple[Lane, int]]] = {"near": [], "far": []}
    for lane in sorted(ends, key=lambda lane: lane.who != "main"):
        sides[lane.side].extend((lane, depth) for depth in range(len(ends[lane])))
    near, far = sides["near"][:LANES_MAX], sides["far"][:LANES_MAX][::-1]
    order = {one: place for place, one in enumerate([*near, *far])}
    spare = {"near": len(near) - 1, "far": len(near)}
    lane_of = {n: order.get(one, spare[one[0].side]) for n, one in taken.items()}
    return [lane for lane, _ in order], lane_of


def _looks(record: model.Record) -> dict[int, int]:
    """Of each look at a thread, by its number: the number of the call that it was in."""
    calls: dict[tuple[str, str], list[tuple[int, model.Call]]] = defaultdict(list)
    for n, call in _calls(record):
        calls[call.who, call.call].append((n, call))
    looks: dict[int, int] = {}
    for n, look in enumerate(record.events):
        if isinstance(look, model.Asleep):
            begun = [item for item in calls[look.who, look.call] if item[1].t_in <= look.t]
            if begun:
                looks[n] = max(begun, key=lambda item: item[1].t_in)[0]
    return looks


def _bars(
    record: model.Record,
    places: Mapping[_Key, int],
    lane_of: Mapping[int, int],
    looks: Mapping[int, int],
    last: int,
) -> Iterator[Bar]:
    asleep = {call for n, call in looks.items() if cast("model.Asleep", record.events[n]).asleep}
    for n, call in _calls(record):
        first = places.get(("entry", n))
        if first is None:
            continue
        entry, result = _entry_text(call), _result_text(call)
        is_cut = len(entry) > _ENTRY_MAX or len(result) > _RESULT_MAX
        yield Bar(
            lane=lane_of[n],
            first=first,
            last=places.get(("return", n), last),
            entry=_cut(entry, _ENTRY_MAX),
            result=_cut(result, _RESULT_MAX),
            took=micros(max(0, call.t_out - call.t_in)),
            whole=_cut(f"{entry} {result}", 10 * _ENTRY_MAX) if is_cut else "",
            failed=call.errno is not None or call.result == -1,
            asleep=n in asleep,
            cut=("return", n) not in places,
        )


def _entry_text(call: model.Call) -> str:
    """The call with its arguments' values, in the order of the prototype, as strace has them."""
    shown = [item for item in call.args.items() if item[0] not in _QUIET_ARGS]
    values = [_cut(seen_text(*item), _VALUE_MAX) for item in shown[:_VALUES_MAX]]
    who = "" if call.who == "main" else f"{_cut(short(call.who), _WHO_MAX)}: "
    more = ", …" if len(shown) > _VALUES_MAX else ""
    return f"{who}{short(call.call)}({', '.join(values)}{more})"


def _result_text(call: model.Call) -> str:
    errno = f" {short(call.errno)}" if call.errno is not None else ""
    shown = [item for item in call.saw.items() if item[0] not in _QUIET_SAW and item[1]]
    saw = "".join(f", {_saw_text(*item)}" for item in shown[:2])
    return f"= {_cut(value_text(call.result), _VALUE_MAX)}{errno}{saw}"


def _saw_text(name: str, value: object) -> str:
    text = seen_text(name, value)
    return _cut(text if name == "address" else f"{short(name)}={text}", _VALUE_MAX)


# --- packets -----------------------------------------------------------------------------------


class _Side:
    """The addresses seen on one side, the first of them the one that needs no name."""

    def __init__(self) -> None:
        self._seen: list[str] = []

    def text(self, host: str, port: int | None) -> str:
        """The port, and the address's letter unless it is the first one."""
        if not host:
            return ""
        if host not in self._seen:
            self._seen.append(host)
        place = self._seen.index(host)
        letter = "" if place == 0 else _LETTERS[place] if place < len(_LETTERS) else "?"
        return letter if port is None else f"{letter}:{port}"

    def addresses(self) -> tuple[str, ...]:
        named = list(zip(_LETTERS, self._seen, strict=False))
        listed = [*self._seen[:1], *(f"{letter} = {host}" for letter, host in named[1:])]
        more = len(self._seen) - len(listed)
        return (*listed, f"? = {more} others") if more > 0 else tuple(listed)


def _arrows(
    record: model.Record, packets: Sequence[Packet], places: Mapping[_Key, int]
) -> tuple[list[Arrow], tuple[str, ...], tuple[str, ...]]:
    """The packets that have a row, and the addresses of both sides."""
    sequences, directions = Sequences(), _Directions(record)
    left, right = _Side(), _Side()
    arrows = []
    for n, packet in enumerate(packets):
        row = places.get(("packet", n))
        if row is None:
            break
        to_right = directions.to_right(packet)
        source = (packet.src, packet.sport)
        destination = (packet.dst, packet.dport)
        at_left, at_right = (source, destination) if to_right else (destination, source)
        kind, label, detail = _packet_text(packet, sequences)
        ends = ("", "") if kind == "fence" else (left.text(*at_left), right.text(*at_right))
        arrows.append(Arrow(row, to_right, kind, label, _cut(detail, _DETAIL_MAX), *ends))
    return arrows, left.addresses(), right.addresses()


class _Directions:
    """Which way packets go.

    Between two hosts, the interface tells.  On loopback, of two endpoints the one that spoke first
    stands on the side whose call was going on; at the left, if that tells nothing.  An ICMP error
    goes back to where the packet that it quotes came from.
    """

    def __init__(self, record: model.Record) -> None:
        self._senders = [call for _, call in _calls(record) if call.call in _SENDERS]
        self._left: dict[frozenset[str], str] = {}

    def to_right(self, packet: Packet) -> bool:
        if packet.dev != "lo" or packet.malformed:
            return packet.sent
        if packet.quoted is not None and not packet.quoted.malformed:
            return not self._speaks(packet.quoted)
        return self._speaks(packet)

    def _speaks(self, packet: Packet) -> bool:
        """Whether it is from the endpoint at the left."""
        ends = frozenset((packet.source, packet.destination))
        if ends not in self._left:
            self._left[ends] = self._place(packet)
        return packet.source == self._left[ends]

    def _place(self, packet: Packet) -> str:
        """The endpoint that is to stand at the left."""
        calling = {call.side for call in self._senders if call.t_in <= packet.t <= call.t_out}
        return packet.destination if calling == {"far"} else packet.source


def _packet_text(packet: Packet, sequences: Sequences) -> tuple[ArrowKind, str, str]:
    """The kind, the label and the rest."""
    if packet.malformed:
        return "malformed", "malformed", str(packet.reason)
    if packet.fence is not None:
        return "fence", f"fence {packet.fence}", ""
    if packet.is_tcp:
        kind: ArrowKind = "reset" if packet.is_rst else "packet"
        return kind, packet.flag_text, " ".join((sequences.text(packet), *_tcp_extras(packet)))
    if packet.icmp_name is not None:
        kind = "error" if packet.is_icmp_error else "packet"
        label = f"{packet.protocol} {packet.icmp_name}"
        return kind, label, f"type {packet.type} code {packet.code}"
    detail = str(packet).removeprefix(f"{packet.protocol} {packet.route}").strip()
    return "error" if packet.is_icmp_error else "packet", packet.protocol, detail


def _tcp_extras(packet: Packet) -> Iterator[str]:
    if packet.payload_length:
        yield f"len {packet.payload_length}"
    if packet.window == 0 and not packet.is_rst:
        yield "win 0"
    if packet.urgent is not None:
        yield f"urg {packet.urgent}"


# --- all else ----------------------------------------------------------------------------------


def _marks(
    record: model.Record,
    places: Mapping[_Key, int],
    lane_of: Mapping[int, int],
    looks: Mapping[int, int],
) -> Iterator[Mark]:
    for n, event in enumerate(record.events):
        row = places.get(("event", n))
        if row is None or isinstance(event, model.Call):
            continue
        line = event_line(event)
        text = _look_text(event) if isinstance(event, model.Asleep) else line.text
        lane = lane_of[looks[n]] if n in looks else None
        yield Mark(row, cast("MarkKind", line.kind), _cut(text, _MARK_MAX), lane)


def _look_text(look: model.Asleep) -> str:
    if not look.asleep:
        return f"{short(look.who)}: {short(look.call)}() had returned"
    how = "" if look.how == "thread state" else ": not back for a while"
    return f"{short(look.who)} asleep in {short(look.call)}(){how}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
