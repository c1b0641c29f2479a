# SPDX-License-Identifier: Apache-2.0
"""What one end of a TCP connection put on the wire, by sequence numbers.

TCP sends again what is not acknowledged in time.  So a FIN is known by its number: one number is
one FIN, however often it is seen (RFC 9293, 3.4).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from sockspec.finding import Finding, NotObserved
from sockspec.witness import Packet

SEQUENCE_NUMBERS: Final = 2**32


@attrs.frozen
class Stream:
    """The packets of one end, by time."""

    packets: tuple[Packet, ...]

    def behind(self, packet: Packet) -> int:
        """How many bytes of this end stand before the place where the packet's data ends.

        That is where its FIN stands, too.
        """
        syn = next((p for p in self.packets if p.is_syn or p.is_syn_ack), None)
        if syn is None or syn.seq is None:
            raise NotObserved("the SYN of the connection was not captured")
        if packet.seq is None:
            raise NotObserved(f"{packet} has no sequence number")
        return (packet.seq + packet.payload_length - syn.seq - 1) % SEQUENCE_NUMBERS

    def sent(self, packets: Iterable[Packet] | None = None) -> int:
        """How many bytes had been on the wire with these of its packets; with all, if not told."""
        among = self.packets if packets is None else packets
        return max((self.behind(packet) for packet in among if packet.has_data), default=0)

    @property
    def fins(self) -> tuple[Packet, ...]:
        """Its FINs, each as it was seen first."""
        first: dict[int | None, Packet] = {}
        for packet in self.packets:
            if packet.is_fin:
                first.setdefault(_number_behind(packet), packet)
        return tuple(first.values())

    @property
    def resets(self) -> tuple[Packet, ...]:
        return tuple(packet for packet in self.packets if packet.is_rst)

    def one_fin(self) -> Finding:
        """It sent one FIN, and no RST before it."""
        fins, resets = self.fins, self.resets
        ok = len(fins) == 1 and not any(packet.n < fins[0].n for packet in resets)
        return Finding(ok, "one FIN and no RST before it", _text((*fins, *resets)))

    def no_reset(self) -> Finding:
        """It sent no RST."""
        return Finding(not self.resets, "no RST", _text(self.resets))

    def ends_behind(self, count: int) -> Finding:
        """It sent so many bytes, and then its FIN; `one_fin` tells whether that is the only one."""
        fins = sorted({self.behind(fin) for fin in self.fins})
        sent = self.sent()
        return Finding(
            fins == [count] and sent == count,
            f"{count} bytes and a FIN behind them",
            f"{sent} bytes, FIN behind {', '.join(map(str, fins)) or 'none of them'}",
        )

    def new_between(self, begin: Packet, end: Packet) -> tuple[Packet, ...]:
        """Its packets after one and before another, but for mere ACKs and what was sent before."""
        known = {_content(packet) for packet in self.packets if packet.n <= begin.n}
        return tuple(
            packet
            for packet in self.packets
            if begin.n < packet.n < end.n
            and not packet.is_bare_ack
            and _content(packet) not in known
        )


def _number_behind(packet: Packet) -> int | None:
    return None if packet.seq is None else (packet.seq + packet.payload_length) % SEQUENCE_NUMBERS


def _content(packet: Packet) -> tuple[object, ...]:
    return (_number_behind(packet), packet.flags & {"SYN", "FIN", "RST"}, packet.has_data)


def _text(packets: tuple[Packet, ...]) -> str:
    return "; ".join(map(str, packets)) or "neither"
