# SPDX-License-Identifier: Apache-2.0
"""A record as a pcapng file: its packets, with its calls as their comments.

The format is that of draft-ietf-opsawg-pcapng: one section, an interface block for each interface
of the record, an enhanced packet block for each packet.  What happened between two packets (calls,
steps, looks at threads, markers) is told in comments of the later packet, each with how long before
it that was; what happened after the last packet, in comments of that one.  A record without a
packet tells all in comments of the section.  Packets are IP packets without a link header, and a
packet that makes no sense is left out, with a comment that says so and why.

What a record says is untrusted: comments are printable, of bounded length, and those of one block
are of bounded size.
"""

from __future__ import annotations

import binascii
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import attrs
import msgspec

from sockspec import model
from sockspec.errors import FAULT, SockspecError
from sockspec.finding import visible
from sockspec.timeline import TimelineLine, timeline
from sockspec.words import call_text, micros, number_text, short

LINKTYPE_RAW: Final = 101
"""The packet begins with its IP header, whose version says which."""
SNAPLEN: Final = 0xFFFF + 40
"""More bytes than this of one packet are never in a record."""

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_MAGIC: Final = 0x1A2B3C4D
_END, _COMMENT = 0, 1
_HARDWARE, _SYSTEM, _APPLICATION = 2, 3, 4
_NAME, _RESOLUTION = 2, 9
_FLAGS: Final = 2
_INBOUND, _OUTBOUND, _DIRECTION_BITS = 1, 2, 3
_NANOSECONDS: Final = 9
_MICROSECONDS: Final = 6
_SECOND: Final = 10**9

_U32: Final = 0xFFFFFFFF
_U64: Final = 0xFFFFFFFFFFFFFFFF
_COMMENT_MAX: Final = 1200
"""The longest comment, characters; the key of a job is not cut."""
_COMMENTS_MAX: Final = 1 << 20
"""The most that all comments of one block take, bytes; readers refuse blocks above 16 MiB."""
_LEFT_OUT: Final = "{} more comments are left out"

Direction = Literal["in", "out"]
_DIRECTIONS: Final[Mapping[int, Direction]] = {_INBOUND: "in", _OUTBOUND: "out"}


# --- what happened beside the packets ----------------------------------------------------------


@attrs.frozen
class _Moment:
    """One thing that is told in a comment."""

    t: int
    """ns since the record's t0."""
    text: str
    call: int | None = None
    """Of a call's edge, which call; its two edges are told as one if nothing came between."""
    whole: str = ""
    """Of the edge at which a call was entered: the call, told as one."""


@attrs.frozen
class _Packet:
    """A packet that can be written."""

    t: int
    """ns since the record's t0."""
    time: int
    """ns since the epoch."""
    dir: Direction
    dev: str
    length: int
    data: bytes


@attrs.define
class _Told:
    """A packet, and what happened before and behind it."""

    packet: _Packet
    before: list[_Moment]
    after: list[_Moment] = attrs.field(factory=list)

    def comments(self) -> Iterator[str]:
        """In the order of time."""
        t = self.packet.t
        for moment in self.before:
            yield f"{micros(t - moment.t)} before: {moment.text}"
        for moment in self.after:
            yield f"{micros(moment.t - t)} after: {moment.text}"


def _moments(record: model.Record) -> Iterator[_Moment]:
    """What the timeline has beside packets; both edges of each call."""
    calls = [event for event in record.events if isinstance(event, model.Call)]
    calls.sort(key=lambda call: call.t_in)  # as the timeline has them
    n = 0
    for line in timeline(msgspec.structs.replace(record, packets=None)):
        if line.kind == "call":
            yield from _edges(calls[n], line.text, n)
            n += 1
        else:
            yield _Moment(line.t, _words(line))


def _words(line: TimelineLine) -> str:
    return f"{line.kind} {line.text}" if line.kind in ("step", "note") else line.text


def _edges(call: model.Call, answered: str, n: int) -> tuple[_Moment, _Moment]:
    who = f"{'far ' if call.side == 'far' else ''}{short(call.who)}"
    begun = msgspec.structs.replace(call, result=None, errno=None, saw={})
    asked = call_text(begun).removesuffix(" = NULL")
    took = micros(call.t_out - call.t_in)
    return (
        _Moment(call.t_in, f"{who} enters {asked}", n, f"{who}: {answered} (took {took})"),
        _Moment(call.t_out, f"{who} returns from {answered} (took {took})", n),
    )


def _packet(raw: model.RawPacket, t0: int) -> _Packet | _Moment:
    """The packet, or that it is left out."""
    try:
        why, data = _why_no_packet(raw, t0 + raw.t), binascii.unhexlify(raw.bytes)
    except ValueError:
        why, data = "its bytes are not hexadecimal", b""
    if why is None:
        return _Packet(raw.t, t0 + raw.t, raw.dir, raw.dev, raw.len, data)
    length = number_text(raw.len)
    return _Moment(raw.t, f"left out: a packet of {length} bytes on {short(raw.dev)}: {why}")


def _why_no_packet(raw: model.RawPacket, time: int) -> str | None:
    if raw.len < 0:
        return "its length is negative"
    if raw.len > _U32:
        return "no packet is so long"
    if len(raw.bytes) > 2 * min(raw.len, SNAPLEN):
        return "more bytes were captured than it has"
    if not 0 <= time <= _U64:
        return "no clock has its time"
    return None


def _in_order(record: model.Record) -> list[_Packet | _Moment]:
    """All by time; at the same time the packet is last, so that it has the comment."""
    found: list[_Packet | _Moment] = list(_moments(record))
    found += [_packet(raw, record.t0) for raw in record.packets or ()]
    found.sort(key=lambda one: one.t)
    return found


def _joined(found: Iterable[_Packet | _Moment]) -> list[_Packet | _Moment]:
    """A call between whose edges nothing else happened is told as one."""
    joined: list[_Packet | _Moment] = []
    for one in found:
        last = joined[-1] if joined else None
        if isinstance(last, _Moment) and _is_whole(last, one):
            joined[-1] = _Moment(last.t, last.whole)
        else:
            joined.append(one)
    return joined


def _is_whole(entered: _Moment, following: _Packet | _Moment) -> bool:
    if not entered.whole or not isinstance(following, _Moment):
        return False
    return entered.call == following.call


def _tell(record: model.Record) -> tuple[list[_Told], list[_Moment]]:
    """The packets with what is told on each, and what no packet is there to tell."""
    told: list[_Told] = []
    waiting: list[_Moment] = []
    for one in _joined(_in_order(record)):
        if isinstance(one, _Moment):
            waiting.append(one)
        else:
            told.append(_Told(one, waiting))
            waiting = []
    if not told:
        return [], waiting
    told[-1].after = waiting
    return told, []


# --- writing -----------------------------------------------------------------------------------


def encode(record: model.Record, hello: model.Hello | None = None) -> bytes:
    """The record as the bytes of a pcapng file; ``hello`` says of what target it is."""
    told, homeless = _tell(record)
    devices = {device: n for n, device in enumerate(dict.fromkeys(one.packet.dev for one in told))}
    blocks = [_interface_block(device) for device in devices]
    blocks += [_packet_block(one, devices[one.packet.dev]) for one in told]
    body = b"".join(blocks)
    texts = [*_about(record), *_alone(record, homeless)]
    return _section_block(texts, hello, len(body)) + body


def _section_block(texts: Iterable[str], hello: model.Hello | None, length: int) -> bytes:
    facts: Mapping[str, Any] = {} if hello is None else hello.facts
    version = "" if hello is None else f" {short(hello.sockspec)}"
    options = [
        *_comments(texts),
        *_known(_HARDWARE, facts, "machine"),
        *_known(_SYSTEM, facts, "system", "kernel"),
        _option(_APPLICATION, _utf8(f"sockspec{version}")),
    ]
    return _block(_SECTION, struct.pack("<IHHq", _MAGIC, 1, 0, length), options)


def _about(record: model.Record) -> Iterator[str]:
    """What has to be known of the record as a whole."""
    yield f"sockspec probe {visible(record.job)}"
    yield f"t0 of the record: {number_text(record.t0)} ns since the epoch"
    if record.packets_lost:
        yield f"packets that were lost: {number_text(record.packets_lost)}"
    if record.clock_step:
        yield f"the wall clock was set by {micros(record.clock_step)} meanwhile"


def _alone(record: model.Record, moments: Sequence[_Moment]) -> Iterator[str]:
    """All that happened, where no packet can tell it."""
    if not moments:
        return
    why = "no packet crossed" if record.packets is not None else "no packets are captured on"
    yield f"{why} stage {short(record.stage)}; this happened, in time since t0:"
    for moment in moments:
        yield f"{micros(moment.t)}: {moment.text}"


def _known(code: int, facts: Mapping[str, Any], *names: str) -> Iterator[bytes]:
    values = [short(str(facts[name])) for name in names if name in facts]
    if values:
        yield _option(code, _utf8(" ".join(values)))


def _interface_block(device: str) -> bytes:
    options = [_option(_NAME, _utf8(short(device))), _option(_RESOLUTION, bytes([_NANOSECONDS]))]
    return _block(_INTERFACE, struct.pack("<HHI", LINKTYPE_RAW, 0, SNAPLEN), options)


def _packet_block(told: _Told, interface: int) -> bytes:
    packet = told.packet
    fixed = struct.pack(
        "<IIIII",
        interface,
        packet.time >> 32,
        packet.time & _U32,
        len(packet.data),
        packet.length,
    )
    flags = struct.pack("<I", _OUTBOUND if packet.dir == "out" else _INBOUND)
    return _block(
        _PACKET,
        fixed + _padded(packet.data),
        [*_comments(told.comments()), _option(_FLAGS, flags)],
    )


def _comments(texts: Iterable[str]) -> Iterator[bytes]:
    """An option each, until all together are too big; then how many there are more."""
    size = left_out = 0
    for text in texts:
        option = _option(_COMMENT, _utf8(text))
        size += len(option)
        if size > _COMMENTS_MAX:
            left_out += 1
        else:
            yield option
    if left_out:
        yield _option(_COMMENT, _utf8(_LEFT_OUT.format(left_out)))


def _utf8(text: str) -> bytes:
    text = visible(text[: _COMMENT_MAX + 1])
    text = text if len(text) <= _COMMENT_MAX else text[: _COMMENT_MAX - 1] + "…"
    return text.encode()


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _block(kind: int, fixed: bytes, options: Iterable[bytes]) -> bytes:
    body = b"".join((fixed, *options, _option(_END, b"")))
    length = struct.pack("<I", 12 + len(body))
    return b"".join((struct.pack("<I", kind), length, body, length))


# --- reading -----------------------------------------------------------------------------------


class PcapngError(SockspecError):
    """The bytes are no pcapng file that can be read (exit status 3); says where and why."""

    def __init__(self, where: int, why: str) -> None:
        super().__init__(f"not a readable pcapng file: {why} (at byte {where})", FAULT)


@attrs.frozen
class Interface:
    """An interface of a capture."""

    name: str
    link_type: int
    snaplen: int
    resolution: int
    """The option if_tsresol: the time's unit is 10^-N s or, with bit 7 set, 2^-N s."""

    def nanoseconds(self, time: int) -> int:
        """A time of this interface in ns."""
        exponent = self.resolution & 0x7F
        if self.resolution & 0x80:
            return time * _SECOND >> exponent
        return time * _SECOND // int(10**exponent)


@attrs.frozen
class CapturedPacket:
    """A packet of a capture."""

    interface: str
    t: int
    """ns since the epoch."""
    data: bytes
    length: int
    """Of the whole packet, of which ``data`` may be the beginning."""
    dir: Direction | None
    comments: tuple[str, ...]


@attrs.frozen
class Capture:
    """What a pcapng file holds, as far as `encode` writes it; other blocks are passed over."""

    comments: tuple[str, ...]
    hardware: str | None
    system: str | None
    application: str | None
    interfaces: tuple[Interface, ...]
    packets: tuple[CapturedPacket, ...]


@attrs.frozen
class _Block:
    """A block of known bounds."""

    at: int
    kind: int
    body: bytes
    order: Literal["<", ">"]

    def fixed(self, layout: str) -> tuple[int, ...]:
        """The fields that it begins with."""
        if struct.calcsize(layout) > len(self.body):
            raise PcapngError(self.at, "a block that is too short for its kind")
        return struct.unpack_from(self.order + layout, self.body)

    def options(self, begin: int) -> _Options:
        """The options from a place of its body on."""
        found: list[tuple[int, bytes]] = []
        while len(self.body) - begin >= 4:
            code, length = struct.unpack_from(f"{self.order}HH", self.body, begin)
            begin += 4
            if code == _END:
                break
            if length > len(self.body) - begin:
                raise PcapngError(self.at, "an option that is longer than its block")
            found.append((code, self.body[begin : begin + length]))
            begin += length + -length % 4
        return _Options(found)


@attrs.frozen
class _Options:
    """Options in their order; a text that is not UTF-8 is read as far as it is."""

    found: Sequence[tuple[int, bytes]]

    def texts(self, code: int) -> tuple[str, ...]:
        return tuple(value.decode(errors="replace") for c, value in self.found if c == code)

    def text(self, code: int) -> str | None:
        return next(iter(self.texts(code)), None)

    def value(self, code: int, length: int) -> bytes | None:
        return next((v for c, v in self.found if c == code and len(v) == length), None)


def decode(data: bytes) -> Capture:
    """Read a pcapng file of one section, of either byte order; raises `PcapngError`."""
    blocks = _blocks(data)
    section = next(blocks, None)
    if section is None:
        raise PcapngError(0, "it is empty")
    about = section.options(struct.calcsize("=IHHq"))
    interfaces: list[Interface] = []
    packets: list[CapturedPacket] = []
    for block in blocks:
        if block.kind == _SECTION:
            raise PcapngError(block.at, "more than one section")
        if block.kind == _INTERFACE:
            interfaces.append(_read_interface(block))
        elif block.kind == _PACKET:
            packets.append(_read_packet(block, interfaces))
    return Capture(
        comments=about.texts(_COMMENT),
        hardware=about.text(_HARDWARE),
        system=about.text(_SYSTEM),
        application=about.text(_APPLICATION),
        interfaces=tuple(interfaces),
        packets=tuple(packets),
    )


def _blocks(data: bytes) -> Iterator[_Block]:
    at = 0
    order = _byte_order(data)
    while at < len(data):
        rest = len(data) - at
        if rest < 12:
            raise PcapngError(at, "it ends inside a block")
        kind, length = struct.unpack_from(f"{order}II", data, at)
        if length < 12 or length % 4:
            raise PcapngError(at, f"a block of {length} bytes")
        if length > rest:
            raise PcapngError(at, f"a block of {length} bytes, of which {rest} are there")
        if struct.unpack_from(f"{order}I", data, at + length - 4)[0] != length:
            raise PcapngError(at, "a block whose two lengths differ")
        yield _Block(at, kind, data[at + 8 : at + length - 4], order)
        at += length


def _byte_order(data: bytes) -> Literal["<", ">"]:
    """The one in which the first block, a section's, has the magic number."""
    if not data:
        return "<"
    if len(data) < 28 or struct.unpack_from("<I", data)[0] != _SECTION:
        raise PcapngError(0, "it does not begin with a section")
    magic = data[8:12]
    if magic == struct.pack("<I", _MAGIC):
        return "<"
    if magic == struct.pack(">I", _MAGIC):
        return ">"
    raise PcapngError(8, "no byte order is known")


def _read_interface(block: _Block) -> Interface:
    link_type, _, snaplen = block.fixed("HHI")
    options = block.options(8)
    resolution = options.value(_RESOLUTION, 1) or bytes([_MICROSECONDS])
    return Interface(options.text(_NAME) or "", link_type, snaplen, resolution[0])


def _read_packet(block: _Block, interfaces: Sequence[Interface]) -> CapturedPacket:
    number, high, low, captured, length = block.fixed("IIIII")
    if number >= len(interfaces):
        raise PcapngError(block.at, f"a packet of interface {number}, which is not described")
    end = 20 + captured
    if end > len(block.body):
        raise PcapngError(block.at, f"a packet of {captured} bytes, longer than its block")
    options = block.options(end + -captured % 4)
    flags = options.value(_FLAGS, 4) or bytes(4)
    direction = struct.unpack(f"{block.order}I", flags)[0] & _DIRECTION_BITS
    return CapturedPacket(
        interface=interfaces[number].name,
        t=interfaces[number].nanoseconds(high << 32 | low),
        data=block.body[20:end],
        length=length,
        dir=_DIRECTIONS.get(direction),
        comments=options.texts(_COMMENT),
    )
