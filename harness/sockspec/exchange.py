# SPDX-License-Identifier: Apache-2.0
"""Packets in an order that is written down as it is read: who sent what, one line a packet.

An item is an arrow, ``>`` for what the near host sends and ``<`` for what it receives, and what
the packet is::

    > SYN           TCP with just these flags; SYN+ACK, FIN, RST, URG likewise
    < ACK           an ACK and nothing else
    > data          TCP with data; ``data 5``: with so many bytes
    > FIN+data 5    both in one packet
    > UDP 5         a datagram of so many bytes; ``UDP``: of any number
    < ICMP          any ICMP or ICMPv6 error
    < ICMP port unreachable     one of this name, see `sockspec.witness.Packet.icmp_name`

PSH, ECE and CWR are looked at only where an item names them, and ACK only in one that names it, in
a SYN, and where there is nothing else: a FIN or a RST is one with ACK and without.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from typing import Final

import attrs

from sockspec.finding import CheckError, Finding, NotObserved
from sockspec.witness import FLAG_ORDER, ICMP_ERROR_NAMES, Packet
from sockspec.words import LIST_MAX

_ITEM: Final = re.compile(r"(?P<arrow>[<>]) (?P<what>\S.*)", re.ASCII)
_TCP: Final = re.compile(r"(?P<words>[A-Za-z]+(?:\+[A-Za-z]+)*)(?: (?P<length>\d+))?", re.ASCII)
_UDP: Final = re.compile(r"UDP(?: (?P<length>\d+))?", re.ASCII)
_ICMP: Final = re.compile(r"ICMP(?: (?P<name>\S.*))?", re.ASCII)

_TELLING: Final = frozenset(("SYN", "FIN", "RST", "URG"))
"""The flags that an item has to name where they are set."""


@attrs.frozen
class Item:
    """One packet of the exchange, as it ought to be."""

    sent: bool
    what: str
    """As it was written, without the arrow."""
    protocol: str
    flags: frozenset[str] = frozenset()
    length: int | None = None
    """Bytes of data; None: any."""
    has_data: bool = False
    name: str | None = None
    """Of an ICMP error."""

    def __str__(self) -> str:
        return f"{'sent' if self.sent else 'received'} {self.what}"

    def fits(self, packet: Packet) -> bool:
        """Whether the packet is this one."""
        if packet.sent != self.sent:
            return False
        if self.protocol == "ICMP":
            return packet.is_icmp_error and self.name in (None, packet.icmp_name)
        if packet.protocol != self.protocol or self.length not in (None, packet.payload_length):
            return False
        return self.protocol != "TCP" or self._fits_tcp(packet)

    def _fits_tcp(self, packet: Packet) -> bool:
        if packet.is_data_segment != self.has_data or packet.flags & _TELLING != (
            self.flags & _TELLING
        ):
            return False
        if "SYN" in self.flags and ("ACK" in packet.flags) != ("ACK" in self.flags):
            return False
        return self.flags <= packet.flags


def item(text: str) -> Item:
    """What is written as in the text at the top; anything else is a `CheckError`."""
    match = _ITEM.fullmatch(text)
    found = match and _item(match["arrow"] == ">", match["what"])
    if not found:
        raise CheckError(f"{text!r} is no packet of an exchange: write e.g. '> SYN' or '< data 5'")
    return found


def _item(sent: bool, what: str) -> Item | None:
    if match := _UDP.fullmatch(what):
        return Item(sent, what, "UDP", length=_number(match["length"]))
    if match := _ICMP.fullmatch(what):
        known = match["name"] is None or match["name"] in ICMP_ERROR_NAMES
        return Item(sent, what, "ICMP", name=match["name"]) if known else None
    match = _TCP.fullmatch(what)
    if match is None:
        return None
    words = frozenset(match["words"].split("+"))
    has_data, flags = "data" in words, words - {"data"}
    if not flags <= frozenset(FLAG_ORDER) or (match["length"] and not has_data):
        return None
    return Item(sent, what, "TCP", flags, _number(match["length"]), has_data)


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


_Ways = dict[int, tuple[Packet, ...]]
"""How the packets so far can be the first items: by the number of these, which packets they are."""


@attrs.frozen(repr=False)
class Exchange(Finding):
    """Whether the exchange was as written; `packets` are those of its items, as far as it went."""

    packets: tuple[Packet, ...] = ()

    def packet(self, n: int) -> Packet:
        """The packet that the n-th item is, from 0."""
        if not 0 <= n < len(self.packets):
            raise NotObserved(f"the exchange ended before its packet {n + 1}")
        return self.packets[n]


def match(
    items: Sequence[Item], packets: Iterable[Packet], again: Container[int], whole: bool
) -> Exchange:
    """The exchange among these packets, which begins with the first that fits.

    ``again`` has the places of what is sent again.  ``whole``: nothing stands before or behind the
    exchange either.
    """
    if not items:
        raise CheckError("an exchange has at least one packet")
    start: _Ways = {0: ()}
    ways, begun = start, whole
    seen: list[Packet] = []
    for packet in packets:
        begun = begun or items[0].fits(packet)
        if not begun:
            continue
        before, ways = ways, _ways(items, ways, packet, packet.n in again)
        seen.append(packet)
        if not ways:
            return _broken(items, before, _told(packet), whole)
        if len(items) in ways and not whole:
            break
    if len(items) not in ways:
        return _broken(items, ways, "no more packets", whole)
    return Exchange(True, _expected(items, whole), _observed(seen), ways[len(items)])


def _ways(items: Sequence[Item], ways: _Ways, packet: Packet, again: bool) -> _Ways:
    """The ways that are left with one more packet."""
    left: _Ways = {}
    for count, taken in ways.items():
        if count < len(items) and items[count].fits(packet):
            left.setdefault(count + 1, (*taken, packet))
        if count and (again or packet.is_bare_ack):
            left.setdefault(count, taken)
    return left


def _broken(items: Sequence[Item], ways: _Ways, instead: str, whole: bool) -> Exchange:
    count = max(ways)
    due = str(items[count]) if count < len(items) else "nothing"
    done = f"{', '.join(map(str, items[:count]))}; then " if count else ""
    observed = f"{done}{instead} instead of: {due}"
    return Exchange(False, _expected(items, whole), observed, ways[count])


def _expected(items: Sequence[Item], whole: bool) -> str:
    return f"{', '.join(map(str, items))}, and nothing else{'' if whole else ' between'}"


def _observed(packets: Sequence[Packet]) -> str:
    more = f"; and {len(packets) - LIST_MAX} more" if len(packets) > LIST_MAX else ""
    return f"{'; '.join(map(_told, packets[:LIST_MAX]))}{more}"


def _told(packet: Packet) -> str:
    return f"{'sent' if packet.sent else 'received'} {packet}"
