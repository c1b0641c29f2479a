# SPDX-License-Identifier: Apache-2.0
"""The packets that crossed the stage, parsed from what the agent captured.

What comes from a target is untrusted: a packet that makes no sense becomes a `Packet` whose
protocol is ``malformed``, with a reason; nothing here raises.  Packets may be captured in part:
their headers have to be whole, their payload need not.  Checksums are not looked at, since a packet
captured where it is sent may leave its checksum to the network device.

What few checks ask for, TCP's options and what an ICMP error quotes, is read when it is asked for.
"""

from __future__ import annotations

import binascii
import re
import socket
import struct
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
_URG: Final = _FLAG_BITS["URG"]
_FLAG_SETS: Final = tuple(
    frozenset(name for name, bit in _FLAG_BITS.items() if bits & bit) for bits in range(256)
)

_IPV4: Final = struct.Struct("!BBHHHBBxx4s4s")
_IPV6: Final = struct.Struct("!IHBB16s16s")
_TCP: Final = struct.Struct("!HHIIBBHxxH")
_UDP: Final = struct.Struct("!HHH")
_TCP_HEADER: Final = 20
_UDP_HEADER: Final = 8
_ICMP_HEADER: Final = 8
_ICMP_BODY: Final = 4
"""Where the last four bytes of the ICMP header begin, which mean something else by type."""

_DONT_FRAGMENT: Final = 0x4000
_MORE_FRAGMENTS: Final = 0x2000

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
    (4, 3, 5): "source route failed",
    (4, 3, 6): "network unknown",
    (4, 3, 7): "host unknown",
    (4, 3, 8): "source host isolated",
    (4, 3, 9): "network prohibited",
    (4, 3, 10): "host prohibited",
    (4, 3, 11): "network unreachable for type of service",
    (4, 3, 12): "host unreachable for type of service",
    (4, 3, 13): "prohibited",
    (4, 3, 14): "host precedence violation",
    (4, 3, 15): "precedence cutoff",
    (4, 4, 0): "source quench",
    (4, 5, 0): "redirect for network",
    (4, 5, 1): "redirect for host",
    (4, 5, 2): "redirect for type of service and network",
    (4, 5, 3): "redirect for type of service and host",
    (4, 8, 0): "echo request",
    (4, 11, 0): "time exceeded",
    (4, 11, 1): "reassembly time exceeded",
    (4, 12, 0): "parameter problem",
    (4, 12, 1): "required option missing",
    (4, 13, 0): "timestamp",
    (4, 14, 0): "timestamp reply",
    (4, 15, 0): "information request",
    (4, 16, 0): "information reply",
    (4, 17, 0): "address mask request",
    (4, 18, 0): "address mask reply",
    (6, 1, 0): "no route",
    (6, 1, 1): "prohibited",
    (6, 1, 2): "beyond scope",
    (6, 1, 3): "address unreachable",
    (6, 1, 4): "port unreachable",
    (6, 1, 5): "policy failed",
    (6, 1, 6): "reject route",
    (6, 2, 0): "packet too big",
    (6, 3, 0): "time exceeded",
    (6, 3, 1): "reassembly time exceeded",
    (6, 4, 0): "erroneous header",
    (6, 4, 1): "unknown next header",
    (6, 4, 2): "unknown option",
    (6, 128, 0): "echo request",
    (6, 129, 0): "echo reply",
}
"""By IP version, type and code (RFC 792; RFC 1122, 3.2.2; RFC 1812, 5.2.7.1; RFC 4443)."""

_ICMP_ERRORS: Final = frozenset((3, 4, 5, 11, 12))
"""The types of ICMP that quote a packet (RFC 1122, 3.2.2); of ICMPv6 it is all below 128."""
_ICMPV6_ERRORS_END: Final = 128

ICMP_ERROR_NAMES: Final = frozenset(
    name
    for (version, kind, _), name in _ICMP_NAMES.items()
    if (kind in _ICMP_ERRORS if version == 4 else kind < _ICMPV6_ERRORS_END)
)
"""What `Packet.icmp_name` may be of an error."""

_BYTES_MAX: Final = 0xFFFF + 40
"""More than this of one packet is never captured."""


class Timestamp(NamedTuple):
    """TCP's timestamp option (RFC 7323, 3.2)."""

    value: int
    echo: int


class Block(NamedTuple):
    """What a SACK option says has arrived: from ``left`` up to, not with, ``right``."""

    left: int
    right: int


@attrs.frozen(kw_only=True)
class TcpOptions:
    """The options of a TCP header; of one that is there twice the last counts.

    Where the list makes no sense it is read up to there, and `malformed` says why.
    """

    mss: int | None = None
    """Bytes (RFC 9293, 3.2)."""
    window_scale: int | None = None
    """The shift count (RFC 7323, 2.2), as it stands there, even if more than 14."""
    sack_permitted: bool = False
    """RFC 2018, 2."""
    sack: tuple[Block, ...] = ()
    """RFC 2018, 3."""
    timestamp: Timestamp | None = None
    fast_open: bytes | None = None
    """The cookie (RFC 7413, 4.1.1) as it stands there, even if of a size that none may have.

    No bytes: it asks for one; None: the option is not there.
    """
    unknown: tuple[tuple[int, bytes], ...] = ()
    """The other options, each by its kind and what is in it, in order."""
    malformed: str | None = None

    def __str__(self) -> str:
        return ",".join(self._words())

    def _words(self) -> Iterator[str]:
        if self.mss is not None:
            yield f"mss {self.mss}"
        if self.window_scale is not None:
            yield f"wscale {self.window_scale}"
        if self.sack_permitted:
            yield "sackOK"
        if self.sack:
            yield "sack " + " ".join(f"{left}-{right}" for left, right in self.sack)
        if self.timestamp is not None:
            yield "ts"
        if self.fast_open is not None:
            yield f"fastopen {self.fast_open.hex()}" if self.fast_open else "fastopen request"
        yield from (f"option {kind}" for kind, _ in self.unknown)
        if self.malformed is not None:
            yield f"malformed: {self.malformed}"


NO_OPTIONS: Final = TcpOptions()


# with slots it takes half as long again to make one, and a run makes tens of thousands
@attrs.frozen(kw_only=True, slots=False)
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
    ttl: int | None = None
    """IPv4: time to live; IPv6: hop limit."""
    tos: int | None = None
    """IPv4: type of service; IPv6: traffic class; the whole byte."""
    ident: int | None = None
    """IPv4: identification; IPv6: that of the fragment header, None without one."""
    dont_fragment: bool | None = None
    """IPv4: the flag DF.  IPv6: None, since no router fragments it (RFC 8200, 5)."""
    fragment_offset: int = 0
    """Where in its datagram this fragment stands, in bytes."""
    more_fragments: bool = False
    """Whether this is a fragment and not the last."""
    sport: int | None = None
    dport: int | None = None
    flags: frozenset[str] = frozenset()
    """TCP: the names of the flags, as in `FLAG_ORDER`."""
    seq: int | None = None
    ack: int | None = None
    window: int | None = None
    """TCP: as in the header, i.e. without the scale that both sides agreed on."""
    urgent: int | None = None
    """TCP: the urgent pointer, from `seq`, as in the header; None unless URG is set."""
    option_bytes: bytes = b""
    """TCP: the options as in the header; `options` has them parsed."""
    type: int | None = None
    """ICMP, ICMPv6, IGMP."""
    code: int | None = None
    """ICMP, ICMPv6."""
    icmp_body: bytes = b""
    """ICMP, ICMPv6: the last four bytes of the header; fewer if fewer were captured."""
    payload_length: int = 0
    """Bytes behind the last header, captured or not; 0 if a quoted TCP header is cut."""
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
    def is_fragment(self) -> bool:
        """Whether it is one of several parts of a datagram."""
        return self.more_fragments or self.fragment_offset > 0

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
    def is_urg(self) -> bool:
        """Whether its urgent pointer counts."""
        return "URG" in self.flags

    @property
    def is_psh(self) -> bool:
        return "PSH" in self.flags

    @property
    def is_data_segment(self) -> bool:
        """Whether it is TCP with payload, whatever else it carries."""
        return self.is_tcp and self.payload_length > 0

    @property
    def numbers(self) -> int:
        """TCP: how many sequence numbers it occupies: its SYN, its bytes and its FIN."""
        if not self.is_tcp or self.is_rst:
            return 0
        return self.payload_length + ("SYN" in self.flags) + ("FIN" in self.flags)

    @cached_property
    def options(self) -> TcpOptions:
        """TCP: the options of the header; of anything else, none."""
        return _options(self.option_bytes) if self.option_bytes else NO_OPTIONS

    @property
    def is_icmp_error(self) -> bool:
        """Whether it is an ICMP or ICMPv6 message that quotes the packet it is about."""
        if self.type is None:
            return False
        if self.protocol == "ICMP":
            return self.type in _ICMP_ERRORS
        return self.protocol == "ICMPv6" and self.type < _ICMPV6_ERRORS_END

    @property
    def icmp_name(self) -> str | None:
        """What an ICMP or ICMPv6 message says, in words, e.g. ``port unreachable``."""
        if self.type is None or self.code is None:
            return None
        return _ICMP_NAMES.get((self.version, self.type, self.code))

    @property
    def mtu(self) -> int | None:
        """What ICMP's fragmentation needed (RFC 1191, 4) or packet too big (RFC 4443, 3.2) tells.

        0 from a router that does not know of RFC 1191.
        """
        if (self.protocol, self.type, self.code) == ("ICMP", 3, 4):
            return self._icmp_number(2, 4)
        if (self.protocol, self.type) == ("ICMPv6", 2):
            return self._icmp_number(0, 4)
        return None

    @property
    def pointer(self) -> int | None:
        """Of a parameter problem: which byte of the quoted packet it is about."""
        if (self.protocol, self.type) == ("ICMP", 12):
            return self._icmp_number(0, 1)
        if (self.protocol, self.type) == ("ICMPv6", 4):
            return self._icmp_number(0, 4)
        return None

    def _icmp_number(self, begin: int, end: int) -> int | None:
        body = self.icmp_body[begin:end]
        return int.from_bytes(body, "big") if len(body) == end - begin else None

    @cached_property
    def quoted(self) -> Packet | None:
        """The packet that an ICMP error is about, as far as it quotes it; None if it is no error.

        Routers need not quote more than 8 bytes behind the IP header (RFC 792): of TCP these are
        the ports and the sequence number.  What is not quoted is None.  It has the time and place
        of the error, and went the other way.
        """
        return _quoted(self) if self.is_icmp_error else None

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
            return tuple(self._tcp_details())
        if self.fence is not None:
            return (length, f"fence {self.fence}")
        if self.type is None:
            return (length,)
        if self.code is None:
            return (f"type {self.type}",)
        return tuple(self._icmp_details())

    def _tcp_details(self) -> Iterator[str]:
        if self.window is None and not self.flags:  # quoted, and cut
            yield f"seq {self.seq}" if self.seq is not None else "cut"
            return
        yield f"{self.flag_text} seq {self.seq}"
        if "ACK" in self.flags:
            yield f"ack {self.ack}"
        yield f"len {self.payload_length} win {self.window}"
        if self.urgent is not None:
            yield f"urg {self.urgent}"
        if "SYN" in self.flags and self.option_bytes:
            yield f"<{self.options}>"

    def _icmp_details(self) -> Iterator[str]:
        yield f"type {self.type} code {self.code}"
        if self.icmp_name is not None:
            yield f"({self.icmp_name})"
        if self.mtu is not None:
            yield f"mtu {self.mtu}"
        if self.pointer is not None:
            yield f"pointer {self.pointer}"
        if self.quoted is not None and not self.quoted.malformed:
            yield f"about {self.quoted.protocol} {self.quoted.route}"


def endpoint(host: str, port: int | None) -> str:
    """A host and a port as one word, e.g. ``127.0.0.1:80``, ``[::1]:80``, ``::1``."""
    if port is None:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse(raw: model.RawPacket, n: int = 0) -> Packet:
    """The packet, or one whose protocol is `MALFORMED`; ``n`` is its place in the capture."""
    try:
        fields = _ip(_unhex(raw), raw.len, _PROTOCOLS)
    except _MalformedError as error:
        fields = {"reason": str(error)}
    return Packet(n=n, t=raw.t, dir=raw.dir, dev=raw.dev, length=raw.len, **fields)


class _MalformedError(Exception):
    """The reason, in words."""


_Fields = dict[str, Any]
"""Some of the fields of a `Packet`."""

_Readers = dict[int, tuple[str, "Callable[[bytes, int, bool], _Fields]"]]


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


def _ip(data: bytes, length: int, readers: _Readers) -> _Fields:
    _need(data, 1, "IP header")
    version = data[0] >> 4
    if version == 4:
        return _ipv4(data, length, readers)
    if version == 6:
        return _ipv6(data, length, readers)
    raise _MalformedError(f"IP version {version}")


def _claimed_length(claimed: int, length: int) -> int:
    """The packet's length by its header, which may leave off what the link padded."""
    if claimed > length:
        raise _MalformedError(f"its header says {claimed} bytes, it has {length}")
    return claimed


def _ipv4(data: bytes, length: int, readers: _Readers) -> _Fields:
    _need(data, _IPV4.size, "IPv4 header")
    first, tos, total, ident, fragment, ttl, number, source, destination = _IPV4.unpack_from(data)
    # 0: too long for the field, and left to the device to cut up (segmentation offload)
    end = _claimed_length(total or length, length)
    header = 4 * (first & 0x0F)
    if header < _IPV4.size or header > end:
        raise _MalformedError(f"an IPv4 header of {header} bytes in {end}")
    _need(data, header, "IPv4 options")
    common = {
        "version": 4,
        "src": _ipv4_text(source),
        "dst": _ipv4_text(destination),
        "ttl": ttl,
        "tos": tos,
        "ident": ident,
        "dont_fragment": bool(fragment & _DONT_FRAGMENT),
    }
    place = 8 * (fragment & 0x1FFF), bool(fragment & _MORE_FRAGMENTS)
    return common | _inner(readers, number, data[header:end], end - header, place)


def _ipv6(data: bytes, length: int, readers: _Readers) -> _Fields:
    _need(data, _IPV6.size, "IPv6 header")
    first, inside, number, ttl, source, destination = _IPV6.unpack_from(data)
    # 0: as above, or a jumbogram
    end = _claimed_length(_IPV6.size + inside if inside else length, length)
    common = {
        "version": 6,
        "src": _ipv6_text(source),
        "dst": _ipv6_text(destination),
        "ttl": ttl,
        "tos": first >> 20 & 0xFF,
    }
    at, place = _IPV6.size, (0, False)
    for _ in range(_EXTENSIONS_MAX):
        if number not in _EXTENSIONS or place[0]:
            return common | _inner(readers, number, data[at:end], end - at, place)
        size = _extension_size(number, data, at)
        if at + size > end:
            raise _MalformedError(f"an extension header of {size} bytes in {end - at}")
        _need(data, at + size, "extension header")
        if number == _FRAGMENT_HEADER:
            offset = int.from_bytes(data[at + 2 : at + 4], "big")
            place = offset & 0xFFF8, bool(offset & 1)
            common["ident"] = int.from_bytes(data[at + 4 : at + 8], "big")
        number, at = data[at], at + size
    raise _MalformedError(f"more than {_EXTENSIONS_MAX - 1} extension headers")


def _extension_size(number: int, data: bytes, at: int) -> int:
    _need(data, at + 2, "extension header")
    if number == _FRAGMENT_HEADER:
        return 8
    if number == _AUTHENTICATION:
        return 4 * (data[at + 1] + 2)
    return 8 * (data[at + 1] + 1)


def _inner(
    readers: _Readers, number: int, data: bytes, length: int, place: tuple[int, bool]
) -> _Fields:
    """What the IP packet carries: ``data`` is what was captured of its ``length`` bytes.

    ``place`` is the offset in the datagram, and whether more fragments follow.
    """
    offset, more = place
    if offset:
        return {
            "protocol": FRAGMENT,
            "fragment_offset": offset,
            "more_fragments": more,
            "payload_length": length,
            "payload": data,
        }
    name, read = readers.get(number, (f"IP protocol {number}", _unknown))
    fields = {"protocol": name} | read(data, length, more)
    return fields | {"more_fragments": True} if more else fields


def _unknown(data: bytes, length: int, _more: bool) -> _Fields:
    return _payload(data, length, 0)


def _payload(data: bytes, length: int, header: int) -> _Fields:
    return {"payload_length": max(0, length - header), "payload": data[header:length]}


def _tcp(data: bytes, length: int, _more: bool) -> _Fields:
    _need(data, _TCP_HEADER, "TCP header")
    sport, dport, seq, ack, size, bits, window, urgent = _TCP.unpack_from(data)
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
        "urgent": urgent if bits & _URG else None,
        "option_bytes": data[_TCP_HEADER:header],
        "payload_length": length - header,
        "payload": data[header:length],
    }


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
    body = data[_ICMP_BODY:_ICMP_HEADER]
    fields = {"type": data[0], "code": data[1], "icmp_body": body}
    return fields | _payload(data, length, _ICMP_HEADER)


def _igmp(data: bytes, length: int, _more: bool) -> _Fields:
    _need(data, 1, "IGMP header")
    return {"type": data[0]} | _payload(data, length, _ICMP_HEADER)


_PROTOCOLS: Final[_Readers] = {
    1: ("ICMP", _icmp),
    2: ("IGMP", _igmp),
    6: ("TCP", _tcp),
    17: ("UDP", _udp),
    58: ("ICMPv6", _icmp),
}
"""By the number in the IP header.  Each reads what was captured, of how many bytes, and is told
whether fragments follow."""


# --- what an error quotes ------------------------------------------------------------------------


def _quoted(error: Packet) -> Packet:
    data = error.payload
    length = _quoted_length(data)
    try:
        fields = _ip(data, length, _QUOTED_PROTOCOLS)
    except _MalformedError as reason:
        fields = {"reason": str(reason)}
    direction: Literal["out", "in"] = "in" if error.dir == "out" else "out"
    return Packet(n=error.n, t=error.t, dir=direction, dev=error.dev, length=length, **fields)


def _quoted_length(data: bytes) -> int:
    """Of the whole packet, as far as its IP header is there and tells."""
    if len(data) < _IPV4.size:
        return len(data)
    if data[0] >> 4 == 4:
        return int.from_bytes(data[2:4], "big") or len(data)
    inside = int.from_bytes(data[4:6], "big")
    return _IPV6.size + inside if inside else len(data)


def _tcp_cut(data: bytes, length: int, more: bool) -> _Fields:
    """TCP of which there may be less than a header; its options are cut where the quote ends."""
    if len(data) < _TCP_HEADER:
        return _ports(data) | ({"seq": int.from_bytes(data[4:8], "big")} if len(data) >= 8 else {})
    header = 4 * (data[12] >> 4)
    if header <= length and len(data) < header:
        return _tcp(data + bytes(header - len(data)), length, more) | {
            "option_bytes": data[_TCP_HEADER:],
            "payload": b"",
        }
    return _tcp(data, length, more)


def _udp_cut(data: bytes, length: int, more: bool) -> _Fields:
    return _ports(data) if len(data) < _UDP_HEADER else _udp(data, length, more)


def _icmp_cut(data: bytes, length: int, more: bool) -> _Fields:
    return {} if len(data) < _ICMP_BODY else _icmp(data, length, more)


def _ports(data: bytes) -> _Fields:
    if len(data) < 4:
        return {}
    return {
        "sport": int.from_bytes(data[:2], "big"),
        "dport": int.from_bytes(data[2:4], "big"),
    }


_QUOTED_PROTOCOLS: Final[_Readers] = {
    **_PROTOCOLS,
    1: ("ICMP", _icmp_cut),
    6: ("TCP", _tcp_cut),
    17: ("UDP", _udp_cut),
    58: ("ICMPv6", _icmp_cut),
}


# --- TCP's options -------------------------------------------------------------------------------

_END_OF_LIST, _NO_OPERATION = 0, 1
_MSS, _WINDOW_SCALE, _SACK_PERMITTED, _SACK, _TIMESTAMP, _FAST_OPEN = 2, 3, 4, 5, 8, 34
"""RFC 7413, 4.1.1."""


def _options(data: bytes) -> TcpOptions:
    fields: _Fields = {}
    unknown: list[tuple[int, bytes]] = []
    try:
        for kind, value in _option_list(data):
            if kind in _OPTIONS:
                name, read = _OPTIONS[kind]
                fields[name] = read(value)
            else:
                unknown.append((kind, value))
    except _MalformedError as error:
        fields["malformed"] = str(error)
    return TcpOptions(**fields, unknown=tuple(unknown))


def _option_list(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each option's kind and what is in it (RFC 9293, 3.1), without what merely pads."""
    at = 0
    while at < len(data):
        kind = data[at]
        if kind == _END_OF_LIST:
            if any(data[at:]):
                raise _MalformedError("more than zeros behind the end of the list")
            return
        if kind == _NO_OPERATION:
            at += 1
            continue
        if at + 1 == len(data):
            raise _MalformedError(f"option {kind} has no length")
        size = data[at + 1]
        if size < 2 or at + size > len(data):
            raise _MalformedError(f"option {kind} of {size} bytes in {len(data) - at}")
        yield kind, data[at + 2 : at + size]
        at += size


def _sized(kind: int, value: bytes, fits: bool) -> bytes:
    if not fits:
        raise _MalformedError(f"option {kind} of {len(value) + 2} bytes")
    return value


def _mss(value: bytes) -> int:
    return int.from_bytes(_sized(_MSS, value, len(value) == 2), "big")


def _window_scale(value: bytes) -> int:
    return _sized(_WINDOW_SCALE, value, len(value) == 1)[0]


def _sack_permitted(value: bytes) -> bool:
    return not _sized(_SACK_PERMITTED, value, not value)


def _sack(value: bytes) -> tuple[Block, ...]:
    _sized(_SACK, value, len(value) > 0 and len(value) % 8 == 0)
    return tuple(Block(*pair) for pair in struct.iter_unpack("!II", value))


def _timestamp(value: bytes) -> Timestamp:
    return Timestamp(*struct.unpack("!II", _sized(_TIMESTAMP, value, len(value) == 8)))


_OPTIONS: Final[dict[int, tuple[str, Callable[[bytes], Any]]]] = {
    _MSS: ("mss", _mss),
    _WINDOW_SCALE: ("window_scale", _window_scale),
    _SACK_PERMITTED: ("sack_permitted", _sack_permitted),
    _SACK: ("sack", _sack),
    _TIMESTAMP: ("timestamp", _timestamp),
    _FAST_OPEN: ("fast_open", bytes),
}
"""By kind: the field of `TcpOptions`, and what makes its value of the bytes."""


# --- addresses -----------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _ipv4_text(address: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET, address)


@lru_cache(maxsize=1024)
def _ipv6_text(address: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET6, address)
