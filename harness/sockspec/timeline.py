# SPDX-License-Identifier: Apache-2.0
"""A record as one sequence in time: calls, steps, notes and packets, for people to read.

Whatever a record holds, there is a timeline of it: this is what shows why a record is no good.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal

import attrs

from sockspec import model
from sockspec.complete import why_incomplete
from sockspec.witness import Packet, parse
from sockspec.words import call_text, look_text, micros, number_text, short, value_text

Kind = Literal[
    "step",
    "call",
    "asleep",
    "packet",
    "fence",
    "peer",
    "waits",
    "lie",
    "note",
    "fault",
    "unsupported",
    "unavailable",
    "done",
]

_INDENT: Final = " " * 4
_TIME_WIDTH: Final = 12


@attrs.frozen
class TimelineLine:
    """One thing that happened.  Its text is one line, safe to print on a terminal."""

    t: int
    """ns since the record's t0; a call stands where it was entered."""
    t_end: int | None
    """When a call had returned."""
    kind: Kind
    side: model.Side | None
    """The host of the stage: of a call, its descriptor's; of a packet, its sender's."""
    who: str | None
    """The thread or process of a call."""
    text: str
    failed: bool = False


def timeline(record: model.Record) -> list[TimelineLine]:
    """All that the record tells, by time; what has the same time in the order of the log."""
    lines = [*map(event_line, record.events), *_packet_lines(record)]
    lines.sort(key=lambda line: line.t)
    return [*lines, *_end_lines(record, lines)]


def as_text(lines: Iterable[TimelineLine]) -> str:
    """The trace for a terminal: times in microseconds since the record's t0, packets indented."""
    return "".join(f"{_line_text(line)}\n" for line in lines)


def _line_text(line: TimelineLine) -> str:
    if line.kind == "step":
        return f"{'':{_TIME_WIDTH}}  {line.text}:"
    indent = _INDENT * 2 if line.kind == "packet" else _INDENT
    return f"{micros(line.t):>{_TIME_WIDTH}}{indent}{_prefix(line)}{line.text}{_lasted(line)}"


def _prefix(line: TimelineLine) -> str:
    """Who called, where it is not the one that nearly all calls are from."""
    if line.kind != "call":
        return ""
    side = "far" if line.side == "far" else ""
    who = "" if line.who in (None, "main") else short(str(line.who))
    words = " ".join(word for word in (side, who) if word)
    return f"{words}: " if words else ""


def _lasted(line: TimelineLine) -> str:
    if line.t_end is None:
        return ""
    return f"  ({micros(line.t_end - line.t)})"


# --- events ------------------------------------------------------------------------------------


def event_line(event: model.Event) -> TimelineLine:
    """What the probe said, as a line."""
    match event:
        case model.Call():
            text = call_text(event)
            failed = event.errno is not None or event.result == -1
            return TimelineLine(
                event.t_in, event.t_out, "call", event.side, event.who, text, failed
            )
        case model.Asleep():
            return _line(event.t, "asleep", look_text(event), who=event.who)
        case model.Step():
            return _line(event.t, "step", short(event.name))
        case model.Note():
            text = f"{short(event.name)}: {value_text(event.value)}"
            return _line(event.t, "note", text)
        case model.Fence():
            return _line(event.t, "fence", f"marker {number_text(event.n)} sent")
        case model.Peer():
            text = f"the peer waited for {short(event.what)}{'' if event.came else ' in vain'}"
            return _line(event.t, "peer", text, failed=not event.came)
        case model.Waits():
            return _line(event.t, "waits", f"waits for {short(event.why)}")
        case model.Lie():
            return _line(event.t, "lie", f"a lie is told: {short(event.call)}")
        case _:
            return _last_event_line(event)


def _last_event_line(
    event: model.Fault | model.Unsupported | model.Unavailable | model.Done,
) -> TimelineLine:
    match event:
        case model.Fault():
            errno = f" {short(event.errno)}" if event.errno else ""
            text = f"set-up failed: {short(event.what)}{errno} at {short(event.where)}"
            return _line(event.t, "fault", text, failed=True)
        case model.Unsupported():
            errno = f" {short(event.errno)}" if event.errno else ""
            return _line(event.t, "unsupported", f"unsupported: {short(event.what)}{errno}")
        case model.Unavailable():
            errno = f" {short(event.errno)}" if event.errno else ""
            return _line(event.t, "unavailable", f"not available: {short(event.what)}{errno}")
        case model.Done():
            return _line(event.t, "done", "done")


def _line(
    t: int, kind: Kind, text: str, *, who: str | None = None, failed: bool = False
) -> TimelineLine:
    return TimelineLine(t, None, kind, None, who, text, failed)


def _end_lines(record: model.Record, lines: Sequence[TimelineLine]) -> Iterator[TimelineLine]:
    """How the record ended, if not well and the probe does not say so itself."""
    why = why_incomplete(record)
    if why is None or any(line.kind == "fault" for line in lines):
        return
    last = max((line.t if line.t_end is None else line.t_end for line in lines), default=0)
    yield _line(last, "fault", why, failed=True)


# --- packets -----------------------------------------------------------------------------------


def _packet_lines(record: model.Record) -> Iterator[TimelineLine]:
    """The packets without the link's housekeeping, their sequence numbers from 0."""
    sequences = Sequences()
    left: dict[frozenset[str], str] = {}
    for n, raw in enumerate(sorted(record.packets or (), key=lambda raw: raw.t)):
        packet = parse(raw, n)
        if not packet.housekeeping:
            text = f"{_arrow(packet, left)} {_packet_text(packet, sequences)}"
            side: model.Side = "near" if packet.sent else "far"
            yield TimelineLine(packet.t, None, "packet", side, None, text, packet.malformed)


def _arrow(packet: Packet, left: dict[frozenset[str], str]) -> str:
    """Towards the right: from near to far or, on loopback, from whoever spoke first."""
    if packet.dev != "lo" or packet.malformed:
        return "-->" if packet.sent else "<--"
    source, destination = packet.source, packet.destination
    speaker = left.setdefault(frozenset((source, destination)), source)
    return "-->" if source == speaker else "<--"


def _packet_text(packet: Packet, sequences: Sequences) -> str:
    if not packet.is_tcp:
        return str(packet)
    length = f"len {packet.payload_length}"
    return f"{packet.flag_text} {packet.route} {sequences.text(packet)} {length}"


class Sequences:
    """Sequence numbers from 0, as they are easiest to read."""

    def __init__(self) -> None:
        self._begins: dict[str, int] = {}

    def text(self, packet: Packet) -> str:
        """The packet's sequence numbers; packets have to come in order of time."""
        seq, ack = packet.seq or 0, packet.ack or 0
        if packet.is_syn or packet.is_syn_ack:
            self._begins[packet.route] = seq
        begin = self._begins.setdefault(packet.route, seq)
        text = f"seq {_distance(seq, begin)}"
        if "ACK" not in packet.flags:
            return text
        other = f"{packet.destination} > {packet.source}"
        return f"{text} ack {_distance(ack, self._begins.setdefault(other, ack))}"


def _distance(seq: int, begin: int) -> int:
    return (seq - begin) & 0xFFFFFFFF
