# SPDX-License-Identifier: Apache-2.0
"""The packets that crossed the stage, parsed from what the agent captured.

What comes from a target is untrusted: a packet that makes no sense becomes a `Packet` whose
protocol is ``malformed``, with a reason; nothing here raises.  Packets may be captured in part:
their headers have to be whole, their payload need not.  Checksums are not looked at, since a packet
captured where it is sent may leave its checksum to the network device.
"""

from __future__ import annotations

import binascii
import re
import socket
import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    from sockspec import model

MALFORMED: Final = "malformed"
FRAGMENT: Final = "fragment"
"""The protocol of any fragment of a datagram but the first, which has the headers."""

FLAG_ORDER: Final = ("SYN", "FIN", "RST", "PSH", "ACK", "URG", "ECE", "CWR")
"""The TCP flags in the order in which they are written."""

_FLAG_BITS: Final = {
    "FIN": 0x01,
    "SYN": 0x02,
    "RST": 0x04,
    "PSH": 0x08,
    "ACK": 0x10,
    "URG": 0x20,
    "ECE": 0x40,
    "CWR": 0x80,
}
_FLAG_SETS: Final = tuple(
    frozenset(name for name, bit in _FLAG_BITS.items() if bits & bit) for bits in range(256)
)

_IPV4: Final = struct.Struct("!BxHxxHxBxx4s4s")
_IPV6: Final = struct.Struct("!IHBx16s16s")
_TCP: Final = struct.Struct("!HHIIBBH")
_UDP: Final = struct.Struct("!HHH")
_TCP_HEADER: Final = 20
_UDP_HEADER: Final = 8
_ICMP_HEADER: Final = 8

_HOP_BY_HOP, _ROUTING, _FRAGMENT_HEADER, _AUTHENTICATION, _DESTINATION = 0, 43, 44, 51, 60
_EXTENSIONS: Final = frozenset(
    (_HOP_BY_HOP, _ROUTING, _FRAGMENT_HEADER, _AUTHENTICATION, _DESTINATION)
)
_EXTENSIONS_MAX: Final = 8

_HOUSEKEEPING_ICMPV6: Final = frozenset((130, 131, 132, 133, 134, 135, 136, 137, 143))
"""Multicast listener discovery and neighbour discovery: what a link does by itself."""

_FENCE: Final = re.compile(rb"sockspec fence ([0-9]{1,9})")

_ICMP_NAMES: Final = {
    (4, 0, 0): "echo reply",
    (4, 3, 0): "network unreachable",
    (4, 3, 1): "host unreachable",
    (4, 3, 2): "protocol unreachable",
    (4, 3, 3): "port unreachable",
    (4, 3, 4): "fragmentation needed",
    (4, 3, 13): "prohibited",
    (4, 8, 0): "echo request",
    (4, 11, 0): "time exceeded",
    (6, 1, 0): "no route",
    (6, 1, 1): "prohibited",
    (6, 1, 3): "address unreachable",
    (6, 1, 4): "port unreachable",
    (6, 2, 0): "packet too big",
    (6, 3, 0): "time exceeded",
    (6, 128, 0): "echo request",
    (6, 129, 0): "echo reply",
}

_BYTES_MAX: Final = 0xFFFF + 40
"""More than this of one packet is never captured."""


@attrs.frozen(kw_only=True)
class Packet:
    """One packet as it crossed an interface of the near host."""

    n: int
    """Its place in the capture, from 0."""
    t: int
    """When it was sent or received, ns since the record's t0."""
    dir: Literal["out", "in"]
    dev: str
    """The interface: ``lo`` or ``near``."""
    length: int
    """Of the whole IP packet, in bytes."""
    version: int = 0
    """4 or 6; 0 if malformed."""
    protocol: str = MALFORMED
    """TCP, UDP, ICMP, ICMPv6, IGMP, ``IP protocol N``, `FRAGMENT` or `MALFORMED`."""
    src: str = ""
    dst: str = ""
    sport: int | None = None
    dport: int | None = None
    flags: frozenset[str] = frozenset()
    """TCP: the names of the flags, as in `FLAG_ORDER`."""
    seq: int | None = None
    ack: int | None = None
    window: int | None = None
    """TCP: as in the header, i.e. without the scale that both sides agreed on."""
    type: int | None = None
    """ICMP, ICMPv6, IGMP."""
    code: int | None = None
    """ICMP, ICMPv6."""
    payload_length: int = 0
    """Bytes behind the last header, captured or not."""
    payload: bytes = b""
    """Of those, what was captured."""
    reason: str | None = None
    """Why it is malformed."""

    @property
    def malformed(self) -> bool:
        """Whether it made no sense; `reason` says why."""
        return self.protocol == MALFORMED

    @property
    def whole(self) -> bool:
        """Whether all of the payload was captured."""
        return len(self.payload) == self.payload_length

    @property
    def sent(self) -> bool:
        """Whether the near host sent it; on loopback it sent all."""
        return self.dir == "out" or self.dev == "lo"

    @property
    def fence(self) -> int | None:
        """The number of the marker datagram that this is, or None."""
        if self.protocol != "UDP" or not self.whole:
            return None
        match = _FENCE.fullmatch(self.payload)
        return int(match[1]) if match else None

    @property
    def housekeeping(self) -> bool:
        """Whether the link sent it by itself: neighbour and multicast discovery."""
        if self.protocol == "ICMPv6":
            return self.type in _HOUSEKEEPING_ICMPV6
        return self.protocol == "IGMP"

    @property
    def is_tcp(self) -> bool:
        return self.protocol == "TCP"

    @property
    def is_udp(self) -> bool:
        return self.protocol == "UDP"

    @property
    def is_syn(self) -> bool:
        """The first step of the handshake: SYN without ACK."""
        return "SYN" in self.flags and "ACK" not in self.flags

    @property
    def is_syn_ack(self) -> bool:
        """The second step of the handshake."""
        return {"SYN", "ACK"} <= self.flags

    @property
    def is_bare_ack(self) -> bool:
        """An ACK and nothing else: no SYN, FIN or RST, no data."""
        return (
            "ACK" in self.flags
            and not self.flags & {"SYN", "FIN", "RST"}
            and self.payload_length == 0
        )

    @property
    def is_fin(self) -> bool:
        return "FIN" in self.flags

    @property
    def is_rst(self) -> bool:
        return "RST" in self.flags

    @property
    def has_data(self) -> bool:
        """Whether it carries what a program sent: any UDP datagram, or TCP with payload."""
        return self.is_udp or (self.is_tcp and self.payload_length > 0)

    @property
    def flag_text(self) -> str:
        """The TCP flags in writing, e.g. ``SYN+ACK``; ``none`` if there are none."""
        return "+".join(name for name in FLAG_ORDER if name in self.flags) or "none"

    @property
    def source(self) -> str:
        """Its sender's address and port, as one word."""
        return endpoint(self.src, self.sport)

    @property
    def destination(self) -> str:
        """Its receiver's address and port, as one word."""
        return endpoint(self.dst, self.dport)

    @property
    def route(self) -> str:
        """From where to where, e.g. ``[::1]:40001 > [::1]:5``."""
        return f"{self.source} > {self.destination}"

    def __str__(self) -> str:
        if self.malformed:
            return f"malformed packet of {self.length} bytes: {self.reason}"
        return " ".join((self.protocol, self.route, *self._details()))

    def _details(self) -> tuple[str, ...]:
        length = f"len {self.payload_length}"
        if self.is_tcp:
            ack = (f"ack {self.ack}",) if "ACK" in self.flags else ()
            return (self.flag_text, f"seq {self.seq}", *ack, length)
        if self.fence is not None:
            return (length, f"fence {self.fence}")
        if self.type is None:
            return (length,)
        if self.code is None:
            return (f"type {self.type}",)
        name = _ICMP_NAMES.get((self.version, self.type, self.code))
        return (f"type {self.type} code {self.code}", *((f"({name})",) if name else ()))


def endpoint(host: str, port: int | None) -> str:
    """A host and a port as one word, e.g. ``127.0.0.1:80``, ``[::1]:80``, ``::1``."""
    if port is None:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse(raw: model.RawPacket, n: int = 0) -> Packet:
    """The packet, or one whose protocol is `MALFORMED`; ``n`` is its place in the capture."""
    try:
        fields = _ip(_unhex(raw), raw.len)
    except _MalformedError as error:
        fields = {"reason": str(error)}
    return Packet(n=n, t=raw.t, dir=raw.dir, dev=raw.dev, length=raw.len, **fields)


class _MalformedError(Exception):
    """The reason, in words."""


_Fields = dict[str, Any]
"""Some of the fields of a `Packet`."""


def _unhex(raw: model.RawPacket) -> bytes:
    if raw.len < 0:
        raise _MalformedError("its length is negative")
    if len(raw.bytes) > 2 * min(raw.len, _BYTES_MAX):
        raise _MalformedError("more bytes were captured than it has")
    try:
        return binascii.unhexlify(raw.bytes)
    except ValueError:
        raise _MalformedError("its bytes are not hexadecimal") from None


def _need(data: bytes, end: int, what: str) -> None:
    if len(data) < end:
        raise _MalformedError(f"it ends inside the {what}")


def _ip(data: bytes, length: int) -> _Fields:
    _need(data, 1, "IP header")
    version = data[0] >> 4
    if version == 4:
        return _ipv4(data, length)
    if version == 6:
        return _ipv6(data, length)
    raise _MalformedError(f"IP version {version}")


def _claimed_length(claimed: int, length: int) -> int:
    """The packet's length by its header, which may leave off what the link padded."""
    if claimed > length:
        raise _MalformedError(f"its header says {claimed} bytes, it has {length}")
    return claimed


def _ipv4(data: bytes, length: int) -> _Fields:
    _need(data, _IPV4.size, "IPv4 header")
    first, total, fragment, number, source, destination = _IPV4.unpack_from(data)
    # 0: too long for the field, and left to the device to cut up (segmentation offload)
    end = _claimed_length(total or length, length)
    header = 4 * (first & 0x0F)
    if header < _IPV4.size or header > end:
        raise _MalformedError(f"an IPv4 header of {header} bytes in {end}")
    _need(data, header, "IPv4 options")
    common = {"version": 4, "src": _ipv4_text(source), "dst": _ipv4_text(destination)}
    offset, more = fragment & 0x1FFF, bool(fragment & 0x2000)
    return common | _inner(number, data[header:end], end - header, offset, more)


def _ipv6(data: bytes, length: int) -> _Fields:
    _need(data, _IPV6.size, "IPv6 header")
    _, inside, number, source, destination = _IPV6.unpack_from(data)
    # 0: as above, or a jumbogram
    end = _claimed_length(_IPV6.size + inside if inside else length, length)
    common = {"version": 6, "src": _ipv6_text(source), "dst": _ipv6_text(destination)}
    at, offset, more = _IPV6.size, 0, False
    for _ in range(_EXTENSIONS_MAX):
        if number not in _EXTENSIONS or offset:
            return common | _inner(number, data[at:end], end - at, offset, more)
        size = _extension_size(number, data, at)
        if at + size > end:
            raise _MalformedError(f"an extension header of {size} bytes in {end - at}")
        _need(data, at + size, "extension header")
        if number == _FRAGMENT_HEADER:
            place = int.from_bytes(data[at + 2 : at + 4], "big")
            offset, more = place >> 3, bool(place & 1)
        number, at = data[at], at + size
    raise _MalformedError(f"more than {_EXTENSIONS_MAX - 1} extension headers")


def _extension_size(number: int, data: bytes, at: int) -> int:
    _need(data, at + 2, "extension header")
    if number == _FRAGMENT_HEADER:
        return 8
    if number == _AUTHENTICATION:
        return 4 * (data[at + 1] + 2)
    return 8 * (data[at + 1] + 1)


def _inner(number: int, data: bytes, length: int, offset: int, more: bool) -> _Fields:
    """What the IP packet carries: ``data`` is what was captured of its ``length`` bytes."""
    if offset:
        return {"protocol": FRAGMENT, "payload_length": length, "payload": data}
    name, read = _PROTOCOLS.get(number, (f"IP protocol {number}", _unknown))
    return {"protocol": name} | read(data, length, more)


def _unknown(data: bytes, length: int, _more: bool) -> _Fields:
    return _payload(data, length, 0)


def _payload(data: bytes, length: int, header: int) -> _Fields:
    return {"payload_length": max(0, length - header), "payload": data[header:length]}


def _tcp(data: bytes, length: int, _more: bool) -> _Fields:
    _need(data, _TCP_HEADER, "TCP header")
    sport, dport, seq, ack, size, bits, window = _TCP.unpack_from(data)
    header = 4 * (size >> 4)
    if header < _TCP_HEADER or header > length:
        raise _MalformedError(f"a TCP header of {header} bytes in {length}")
    _need(data, header, "TCP options")
    return {
        "sport": sport,
        "dport": dport,
        "flags": _FLAG_SETS[bits],
        "seq": seq,
        "ack": ack,
        "window": window,
    } | _payload(data, length, header)


def _udp(data: bytes, length: int, more: bool) -> _Fields:
    _need(data, _UDP_HEADER, "UDP header")
    sport, dport, size = _UDP.unpack_from(data)
    size = size or length  # 0: a jumbogram
    if size < _UDP_HEADER or (size > length and not more):
        raise _MalformedError(f"a UDP datagram of {size} bytes in {length}")
    inside = _payload(data, min(size, length), _UDP_HEADER)
    return {"sport": sport, "dport": dport} | inside


def _icmp(data: bytes, length: int, _more: bool) -> _Fields:
    _need(data, 4, "ICMP header")
    return {"type": data[0], "code": data[1]} | _payload(data, length, _ICMP_HEADER)


def _igmp(data: bytes, length: int, _more: bool) -> _Fields:
    _need(data, 1, "IGMP header")
    return {"type": data[0]} | _payload(data, length, _ICMP_HEADER)


_PROTOCOLS: Final[dict[int, tuple[str, Callable[[bytes, int, bool], _Fields]]]] = {
    1: ("ICMP", _icmp),
    2: ("IGMP", _igmp),
    6: ("TCP", _tcp),
    17: ("UDP", _udp),
    58: ("ICMPv6", _icmp),
}
"""By the number in the IP header.  Each reads what was captured, of how many bytes, and is told
whether fragments follow."""


@lru_cache(maxsize=1024)
def _ipv4_text(address: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET, address)


@lru_cache(maxsize=1024)
def _ipv6_text(address: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET6, address)
