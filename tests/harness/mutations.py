# SPDX-License-Identifier: Apache-2.0
"""Records in which one thing is not as it was: what a check has to notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from sockspec import model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sockspec.model import Record

Changed = tuple[str, "Record"]
"""What was changed, and the record with the change."""

IPV4: Final = 4
TCP: Final = 6
UDP: Final = 17
ICMP: Final = (1, 58)


def mutations(record: Record) -> Iterator[Changed]:
    """Every record that differs from this one in one thing, the likeliest to matter first."""
    for of_event in (_outcomes, _sights, _saw):
        yield from _of_events(record, of_event)
    yield from _of_packets(record)
    yield from _of_two(record)
    yield from _of_events(record, _times(record))
    yield from _without(record)


OfEvent = Callable[[model.Event], "Iterator[tuple[str, model.Event]]"]


def _of_events(record: Record, of_event: OfEvent) -> Iterator[Changed]:
    for index, event in enumerate(record.events):
        for what, changed in of_event(event):
            events = list(record.events)
            events[index] = changed
            yield f"{what}: {_name(event)}", replace(record, events=tuple(events))


def _name(event: model.Event) -> str:
    return getattr(event, "call", None) or getattr(event, "name", "") or type(event).__name__


# --- an event ------------------------------------------------------------------------------------


def _outcomes(event: model.Event) -> Iterator[tuple[str, model.Event]]:
    """What a call returned."""
    if not isinstance(event, model.Call):
        return
    if event.errno is not None:
        yield "another errno", replace(event, errno="EIO" if event.errno != "EIO" else "EINVAL")
        yield "it succeeds", replace(event, errno=None, result=0)
        return
    yield "it fails", replace(event, errno="EIO", result=-1)
    for what, value in _values(event.result):
        yield what, replace(event, result=value)


def _sights(event: model.Event) -> Iterator[tuple[str, model.Event]]:
    """What was noted, and whether something slept, or came."""
    if isinstance(event, model.Asleep):
        yield "awake", replace(event, asleep=not event.asleep)
    elif isinstance(event, model.Peer):
        yield "came", replace(event, came=not event.came)
    elif isinstance(event, model.Note):
        for what, value in _values(event.value):
            yield what, replace(event, value=value)


def _saw(event: model.Event) -> Iterator[tuple[str, model.Event]]:
    """What a call left in memory."""
    if not isinstance(event, model.Call):
        return
    for name, seen in event.saw.items():
        for what, value in _values(seen):
            yield f"{name} {what}", replace(event, saw={**event.saw, name: value})


def _times(record: Record) -> OfEvent:
    """When a call was made, and when it returned."""
    ends = [event.t_out if isinstance(event, model.Call) else event.t for event in record.events]
    last = max([*ends, *(packet.t for packet in record.packets or ())], default=0) + 1

    def times(event: model.Event) -> Iterator[tuple[str, model.Event]]:
        if not isinstance(event, model.Call):
            return
        yield "it returns at once", replace(event, t_out=event.t_in)
        yield "it returns last of all", replace(event, t_out=last)
        yield "it is made first of all", replace(event, t_in=0, t_out=0)
        yield "it is made last of all", replace(event, t_in=last, t_out=last + 1)

    return times


def _values(value: Any) -> Iterator[tuple[str, Any]]:
    """Other values of the same kind."""
    if isinstance(value, bool):
        yield "reversed", not value
    elif isinstance(value, int):
        yield from (("one more", value + 1), ("one less", value - 1), ("half", value // 2))
        yield from (("zero", 0), ("far more", value + 100_000))
    elif isinstance(value, str):
        yield from _texts(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            for what, other in _values(inner):
                yield f"{name} {what}", {**value, name: other}
    elif isinstance(value, list) and value:
        yield "one fewer", value[:-1]
        yield "turned round", value[::-1]


def _texts(value: str) -> Iterator[tuple[str, str]]:
    if value:
        yield "shorter", value[:-2]
        yield "another beginning", ("1" if value[0] != "1" else "0") + value[1:]
        yield "another end", value[:-1] + ("1" if value[-1] != "1" else "0")
        yield "none", ""
    yield "longer", value + "00"
    yield "other", "127.0.0.9" if "." in value else "POLLNVAL"


# --- several events ------------------------------------------------------------------------------


def _of_two(record: Record) -> Iterator[Changed]:
    """What came of two calls of one name is exchanged."""
    last: dict[str, int] = {}
    for index, event in enumerate(record.events):
        if not isinstance(event, model.Call):
            continue
        before = last.get(event.call)
        last[event.call] = index
        if before is None:
            continue
        other = record.events[before]
        assert isinstance(other, model.Call)
        events = list(record.events)
        events[index] = replace(event, result=other.result, errno=other.errno, saw=other.saw)
        events[before] = replace(other, result=event.result, errno=event.errno, saw=event.saw)
        yield f"exchanged: {event.call}", replace(record, events=tuple(events))


def _without(record: Record) -> Iterator[Changed]:
    for index, event in enumerate(record.events):
        if isinstance(event, model.Call | model.Asleep | model.Note | model.Peer):
            events = (*record.events[:index], *record.events[index + 1 :])
            yield f"left out: {_name(event)}", replace(record, events=events)
            events = (*record.events[: index + 1], event, *record.events[index + 1 :])
            yield f"twice: {_name(event)}", replace(record, events=events)


# --- packets -------------------------------------------------------------------------------------


def _of_packets(record: Record) -> Iterator[Changed]:
    packets = record.packets or ()
    if not packets:
        return
    yield "no packet", replace(record, packets=())
    last = max(packet.t for packet in packets)
    for index, packet in enumerate(packets):
        rest = (packets[:index], packets[index + 1 :])
        yield "a packet less", replace(record, packets=(*rest[0], *rest[1]))
        again = replace(packet, t=packet.t + 1)
        yield "a packet twice", replace(record, packets=(*rest[0], packet, again, *rest[1]))
        for what, changed in _of_packet(packet):
            yield what, replace(record, packets=(*rest[0], changed, *rest[1]))
        early, late = replace(packet, t=0), replace(packet, t=10 * last)
        yield "a packet first", replace(record, packets=(early, *rest[0], *rest[1]))
        yield "a packet last", replace(record, packets=(*rest[0], *rest[1], late))
        for offset in (-1, 1):
            strange = _with_byte(packet, _transport(packet)[0], lambda byte: byte ^ 0x55)
            strange = replace(strange, t=packet.t + offset)
            yield "a strange packet", replace(record, packets=(*rest[0], packet, strange, *rest[1]))


def _of_packet(packet: model.RawPacket) -> Iterator[tuple[str, model.RawPacket]]:
    at, protocol = _transport(packet)
    for what, where, change in _fields(at, protocol):
        if where < len(packet.bytes) // 2:
            yield what, _with_byte(packet, where, change)
    if protocol in (TCP, UDP) and packet.len * 2 == len(packet.bytes):
        yield "a byte cut off", _shorter(packet)


def _transport(packet: model.RawPacket) -> tuple[int, int]:
    """Where the transport header begins, and of which protocol it is."""
    first = int(packet.bytes[:2] or "0", 16)
    if first >> 4 == IPV4:
        return (first & 15) * 4, int(packet.bytes[18:20] or "0", 16)
    return 40, int(packet.bytes[12:14] or "0", 16)


Field = tuple[str, int, Callable[[int], int]]


def _fields(at: int, protocol: int) -> tuple[Field, ...]:
    both: tuple[Field, ...] = (
        ("another source port", at + 1, lambda byte: byte ^ 1),
        ("another destination port", at + 3, lambda byte: byte ^ 1),
        ("another TTL", 8, lambda byte: byte ^ 3),
        ("another hop limit", 7, lambda byte: byte ^ 3),
        ("another TOS", 1, lambda byte: byte ^ 0x20),
        ("don't fragment", 6, lambda byte: byte ^ 0x40),
    )
    if protocol == TCP:
        return (
            *((f"flag {bit:#x}", at + 13, _toggle(bit)) for bit in (1, 2, 4, 8, 16, 32)),
            ("another sequence number", at + 7, lambda byte: (byte + 1) % 256),
            ("another acknowledgement", at + 11, lambda byte: (byte + 1) % 256),
            ("another window", at + 14, lambda byte: byte ^ 0xFF),
            ("another window", at + 15, lambda byte: byte ^ 0xFF),
            ("another checksum", at + 17, lambda byte: byte ^ 0xFF),
            ("another urgent pointer", at + 19, lambda byte: byte ^ 1),
            *(("another option", at + 20 + n, lambda byte: byte ^ 4) for n in range(20)),
            *both,
        )
    if protocol in ICMP:
        return (
            ("another type", at, lambda byte: byte ^ 1),
            ("another code", at + 1, lambda byte: byte ^ 1),
            ("another MTU", at + 7, lambda byte: byte ^ 1),
            *(("another quote", at + 8 + n, lambda byte: byte ^ 1) for n in range(0, 60, 4)),
        )
    return (
        ("another length", at + 5, lambda byte: byte ^ 1),
        ("another checksum", at + 7, lambda byte: byte ^ 1),
        ("other data", at + 8, lambda byte: byte ^ 1),
        *both,
    )


def _toggle(bit: int) -> Callable[[int], int]:
    return lambda byte: byte ^ bit


def _with_byte(packet: model.RawPacket, at: int, change: Callable[[int], int]) -> model.RawPacket:
    text = packet.bytes
    byte = change(int(text[2 * at : 2 * at + 2] or "0", 16))
    return replace(packet, bytes=f"{text[: 2 * at]}{byte:02x}{text[2 * at + 2 :]}")


def _shorter(packet: model.RawPacket) -> model.RawPacket:
    """The last byte is gone, and the IP header says so."""
    shorter = replace(packet, len=packet.len - 1, bytes=packet.bytes[:-2])
    first = int(packet.bytes[:2] or "0", 16)
    where = 3 if first >> 4 == IPV4 else 5
    return _with_byte(shorter, where, lambda byte: (byte - 1) % 256)
