# SPDX-License-Identifier: Apache-2.0
"""What one end of a TCP connection put on the wire, by sequence numbers.

TCP sends again what is not acknowledged in time.  So what an end sent is known by its numbers: one
number is one byte, one SYN or one FIN, however often it is seen (RFC 9293, 3.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final, Literal

import attrs

from sockspec import order
from sockspec.finding import Finding, NotObserved
from sockspec.witness import Packet

SEQUENCE_NUMBERS: Final = 2**32
_WINDOW_SCALE_MAX: Final = 14
"""A larger shift count counts as this one (RFC 7323, 2.3)."""


def distance(number: int, base: int) -> int:
    """How far a sequence number stands behind another; below 0: before it (RFC 9293, 3.4)."""
    half = SEQUENCE_NUMBERS // 2
    return (number - base + half) % SEQUENCE_NUMBERS - half


class Occupied:
    """The sequence numbers that one end has used so far."""

    def __init__(self) -> None:
        self._base: int | None = None
        self._ranges: list[tuple[int, int]] = []

    def use(self, first: int, count: int) -> bool:
        """Whether some of these ``count`` numbers had not been used; now all of them are."""
        if self._base is None:
            self._base = first
        left = distance(first, self._base)
        right = left + count
        if not count or any(low <= left and right <= high for low, high in self._ranges):
            return False
        apart = [(low, high) for low, high in self._ranges if high < left or right < low]
        joined = [(left, right), *(pair for pair in self._ranges if pair not in apart)]
        self._ranges = [*apart, (min(joined)[0], max(high for _, high in joined))]
        return True


class Repeats:
    """Tells what is sent again; of any number of connections, one packet after the other."""

    def __init__(self) -> None:
        self._occupied: dict[str, Occupied] = {}

    def again(self, packet: Packet) -> bool:
        """Whether the packet has a SYN, FIN or data, all of which its sender had sent before."""
        if not packet.numbers or packet.seq is None:
            return False
        known = self._occupied.setdefault(packet.route, Occupied())
        return not known.use(packet.seq, packet.numbers)


Kind = Literal["again", "probe", "keepalive", "duplicate", "challenge"]


@attrs.frozen(slots=False)
class Stream:
    """The packets of one end, by time; and of the other, which some questions need, too."""

    packets: tuple[Packet, ...]
    peer_packets: tuple[Packet, ...] = ()

    @property
    def other(self) -> Stream:
        """What the other end sent."""
        return Stream(self.peer_packets, self.packets)

    def until(self, moment: order.Moment) -> Stream:
        """Both ends as they were at a moment; of a call, at its entry."""
        point = order.end(moment)
        return Stream(
            tuple(packet for packet in self.packets if order.in_order(packet, point)),
            tuple(packet for packet in self.peer_packets if order.in_order(packet, point)),
        )

    # sequence numbers

    @cached_property
    def syn(self) -> Packet:
        """Its SYN, or SYN+ACK, as it was seen first."""
        syn = next((p for p in self.packets if p.is_syn or p.is_syn_ack), None)
        if syn is None or syn.seq is None:
            raise NotObserved("the SYN of the connection was not captured")
        return syn

    @property
    def isn(self) -> int:
        """Its initial sequence number, which its SYN has."""
        return _seq(self.syn)

    def relative(self, packet: Packet) -> int:
        """The number of a packet of this end, from its SYN, which is 0; the first byte is 1.

        Below 0: a number from before the SYN.
        """
        return distance(_seq(packet), self.isn)

    def relative_ack(self, packet: Packet) -> int:
        """What a packet of this end acknowledges, from the other end's SYN: 1 is just that SYN."""
        if packet.ack is None or "ACK" not in packet.flags:
            raise NotObserved(f"{packet} acknowledges nothing")
        return distance(packet.ack, self.other.isn)

    @property
    def acknowledged_up_to(self) -> int:
        """The number of this end, from its SYN, that the other end waits for.

        I.e. 1 when the SYN is acknowledged, 6 with five bytes, 7 with a FIN behind them; 0 before.
        """
        acks = [p.ack for p in self.peer_packets if p.ack is not None and "ACK" in p.flags]
        return max((0, *(distance(ack, self.isn) for ack in acks)))

    def behind(self, packet: Packet) -> int:
        """How many bytes of this end stand before the place where the packet's data ends.

        That is where its FIN stands, too.
        """
        return (_data_end(packet) - self.isn - 1) % SEQUENCE_NUMBERS

    # bytes

    def sent(self, packets: Iterable[Packet] | None = None) -> int:
        """How many bytes had been on the wire with these of its packets; with all, if not told."""
        among = self.packets if packets is None else packets
        return max((self.behind(packet) for packet in among if packet.has_data), default=0)

    @cached_property
    def segments(self) -> tuple[Packet, ...]:
        """Its packets that brought data for the first time, also if only some of it was new."""
        bytes_sent = Occupied()
        return tuple(
            packet
            for packet in self.packets
            if packet.is_data_segment
            and not packet.is_rst
            and packet.seq is not None
            and bytes_sent.use(_data_seq(packet), packet.payload_length)
        )

    @cached_property
    def data(self) -> bytes:
        """Its bytes, each once, in order, up to the first that was not sent."""
        got = b""
        for packet in sorted(self.segments, key=self.behind):
            if not packet.whole:
                raise NotObserved(f"{packet} was captured in part")
            known = len(got) - (self.behind(packet) - packet.payload_length)
            if known < 0:
                break
            got += packet.payload[known:]
        return got

    def data_before(self, moment: order.Moment) -> bytes:
        """Its bytes that were on the wire before a moment; of a call, before its entry."""
        return self.until(moment).data

    # windows

    @cached_property
    def _shift(self) -> int:
        """The scale of the windows that this end advertises (RFC 7323, 2.2)."""
        own = self.syn.options.window_scale
        if own is None or self.other.syn.options.window_scale is None:
            return 0
        return min(own, _WINDOW_SCALE_MAX)

    def window_of(self, packet: Packet) -> int:
        """How many bytes a packet of this end lets the other send behind what it acknowledges."""
        if packet.window is None:
            raise NotObserved(f"{packet} has no window")
        return packet.window << (0 if "SYN" in packet.flags else self._shift)

    @property
    def window(self) -> int:
        """The window that it advertised last, in bytes."""
        told = [packet for packet in self.packets if not packet.is_rst]
        if not told:
            raise NotObserved("this end advertised no window")
        return self.window_of(told[-1])

    @property
    def zero_windows(self) -> tuple[Packet, ...]:
        """Its packets that close its window; a RST, whose window means nothing, is none."""
        return tuple(p for p in self.packets if p.window == 0 and not p.is_rst)

    # what is no news

    @property
    def retransmissions(self) -> tuple[Packet, ...]:
        """Its packets with data, a SYN or a FIN, all of which had been sent before.

        Without `probes` and `keepalives`.
        """
        return self._of_kind("again")

    @property
    def probes(self) -> tuple[Packet, ...]:
        """Its probes of the other end's closed window (RFC 9293, 3.8.6.1).

        Either data that does not fit, new or not; or at most one byte that is acknowledged already.
        """
        return self._of_kind("probe")

    @property
    def keepalives(self) -> tuple[Packet, ...]:
        """Its keep-alive probes (RFC 9293, 3.8.4).

        At most one byte, with the last number that it sent, when that was acknowledged; the other
        end's window is open, or it were one of its `probes`.
        """
        return self._of_kind("keepalive")

    @property
    def duplicate_acks(self) -> tuple[Packet, ...]:
        """Its duplicate ACKs (RFC 5681, 2): no data, the same number and the same window again.

        Only while the other end has sent data that is not acknowledged.
        """
        return self._of_kind("duplicate")

    @property
    def challenge_acks(self) -> tuple[Packet, ...]:
        """Its challenge ACKs (RFC 5961, 3 to 5).

        The first that it sent after a SYN, a RST, or an ACK of what it never sent, and that
        acknowledges nothing new.
        """
        return self._of_kind("challenge")

    def _of_kind(self, kind: Kind) -> tuple[Packet, ...]:
        return tuple(packet for packet, found in self._kinds if kind in found)

    @cached_property
    def _kinds(self) -> tuple[tuple[Packet, frozenset[Kind]], ...]:
        watch = _Watch()
        own = [(packet, watch.own) for packet in self.packets]
        peer = [(packet, watch.peer) for packet in self.peer_packets]
        found: list[tuple[Packet, frozenset[Kind]]] = []
        for packet, look in sorted((*own, *peer), key=lambda pair: pair[0].n):
            kinds = look(packet)
            if kinds:
                found.append((packet, kinds))
        return tuple(found)

    # its end

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
        wanted = f"{count} bytes and a FIN behind them"
        if fins != [count] or sent != count:
            where = ", ".join(map(str, fins)) or "none of them"
            return Finding(False, wanted, f"{sent} bytes, FIN behind {where}")
        late = tuple(packet for packet in self.segments if packet.n > self.fins[0].n)
        return Finding(not late, wanted, f"the FIN, and then {_text(late)}" if late else wanted)

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


class _Watch:
    """Looks at the packets of both ends, one after the other, and tells what one end's are."""

    def __init__(self) -> None:
        self.repeats = Repeats()
        self.next: int | None = None
        """The number behind all that this end sent."""
        self.acked: int | None = None
        """What the other end acknowledged of it."""
        self.closed = False
        """Whether the other end's window is."""
        self.peer_next: int | None = None
        self.ack: int | None = None
        """What this end acknowledged last, and with which window."""
        self.window: int | None = None
        self.challenged = False

    def peer(self, packet: Packet) -> frozenset[Kind]:
        self.challenged = self._challenges(packet)
        if packet.seq is None or self.challenged:
            return frozenset()
        self.peer_next = _later(self.peer_next, packet.seq + packet.numbers)
        if packet.ack is not None and "ACK" in packet.flags:
            self.acked = _later(self.acked, packet.ack)
            self.closed = packet.window == 0
        return frozenset()

    def _challenges(self, packet: Packet) -> bool:
        """Whether a connection that is there has to answer it with an ACK."""
        if packet.is_rst:
            return True
        if packet.ack is None or "ACK" not in packet.flags:
            return packet.is_syn
        if self.next is not None and distance(packet.ack, self.next) > 0:
            return True
        new = self.acked is None or distance(packet.ack, self.acked) > 0
        return "SYN" in packet.flags and not new

    def own(self, packet: Packet) -> frozenset[Kind]:
        if packet.seq is None:
            return frozenset()
        again = self.repeats.again(packet)
        kinds = frozenset(self._kinds(packet, packet.seq, again))
        self.challenged = False
        self.next = _later(self.next, packet.seq + packet.numbers)
        if "ACK" in packet.flags and not packet.is_rst:
            self.ack, self.window = packet.ack, packet.window
        return kinds

    def _kinds(self, packet: Packet, seq: int, again: bool) -> Iterator[Kind]:
        if self._is_probe(packet, seq):
            yield "probe" if self.closed else "keepalive"
        elif again:
            yield "again"
        elif packet.is_bare_ack and packet.ack == self.ack:
            if packet.window == self.window and self._outstanding(packet.ack):
                yield "duplicate"
            if self.challenged:
                yield "challenge"

    def _is_probe(self, packet: Packet, seq: int) -> bool:
        """Whether it is sent only to be answered, be the window closed or open."""
        if self.next is None or self.acked is None or packet.flags & {"SYN", "FIN", "RST"}:
            return False
        if self.closed and distance(seq + packet.payload_length, self.acked) > 0:
            return packet.payload_length > 0
        if packet.payload_length > 1 or distance(seq, self.acked) >= 0:
            return False
        # all that it sent is acknowledged, since this is
        return self.closed or (seq + 1) % SEQUENCE_NUMBERS == self.next

    def _outstanding(self, ack: int | None) -> bool:
        return ack is not None and self.peer_next is not None and distance(self.peer_next, ack) > 0


def _later(known: int | None, number: int) -> int:
    number %= SEQUENCE_NUMBERS
    return number if known is None or distance(number, known) > 0 else known


def _seq(packet: Packet) -> int:
    if packet.seq is None:
        raise NotObserved(f"{packet} has no sequence number")
    return packet.seq


def _data_seq(packet: Packet) -> int:
    """The number of its first byte, which stands behind its SYN."""
    return _seq(packet) + ("SYN" in packet.flags)


def _data_end(packet: Packet) -> int:
    return _data_seq(packet) + packet.payload_length


def _number_behind(packet: Packet) -> int | None:
    return None if packet.seq is None else (packet.seq + packet.payload_length) % SEQUENCE_NUMBERS


def _content(packet: Packet) -> tuple[object, ...]:
    return (_number_behind(packet), packet.flags & {"SYN", "FIN", "RST"}, packet.has_data)


def _text(packets: tuple[Packet, ...]) -> str:
    return "; ".join(map(str, packets)) or "neither"
