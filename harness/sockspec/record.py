# SPDX-License-Identifier: Apache-2.0
"""A record as checks see it: calls, notes, sleepers and packets, in an order that is known.

A record is untrusted.  What a check asks for and the record does not have, or has in a shape that
makes no sense, raises `NotObserved`; what no record of this probe could have raises `CheckError`.
All times are ns since the record's t0.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import attrs

from sockspec import model, order
from sockspec.address import Address
from sockspec.call import CallView, Return, Told
from sockspec.complete import why_incomplete, why_unavailable, why_unsupported
from sockspec.exchange import Exchange, item, match
from sockspec.finding import CheckError, Finding, NotObserved, Unsupported, visible
from sockspec.order import Moment, Point
from sockspec.stream import Repeats, Stream
from sockspec.witness import Packet, parse
from sockspec.words import LIST_MAX, look_text, micros, number_text, short

CLOCK_STEP_MAX_NS: Final = 1000
"""A wall clock that was set by more than this during the job orders nothing."""

_LISTED_MAX: Final = 40

_TWO_HOSTS: Final = frozenset(("pair", "wire"))

_HOSTS: Final = {
    ("lo", "inet"): ("127.0.0.1", "127.0.0.1"),
    ("lo", "inet6"): ("::1", "::1"),
    ("pair", "inet"): ("192.0.2.1", "192.0.2.2"),
    ("pair", "inet6"): ("2001:db8::1", "2001:db8::2"),
    ("wire", "inet"): ("192.0.2.1", "192.0.2.2"),
    ("wire", "inet6"): ("2001:db8::1", "2001:db8::2"),
    ("host", "inet"): ("127.0.0.1", "127.0.0.1"),
    ("host", "inet6"): ("::1", "::1"),
}


@attrs.frozen(eq=False, repr=False, slots=False)
class RecordView:
    """One record, as checks see it."""

    record: model.Record

    @property
    def job(self) -> str:
        return self.record.job

    @property
    def probe(self) -> str:
        return self.record.probe

    @property
    def stage(self) -> str:
        return self.record.stage

    @cached_property
    def variant(self) -> Mapping[str, str]:
        """The variant's values by name."""
        return Told(self.record.variant)

    @property
    def hosts(self) -> tuple[str, str]:
        """The addresses of the near and the far host, of the variant's family."""
        family = self.variant["family"]
        if (self.stage, family) not in _HOSTS:
            raise NotObserved(f"no host of stage {short(self.stage)} has a {short(family)} address")
        return _HOSTS[self.stage, family]

    @property
    def events(self) -> tuple[model.Event, ...]:
        """What the probe said, in the order in which it did."""
        return self.record.events

    def __repr__(self) -> str:
        return f"<record of {visible(self.job)}>"

    # calls

    @cached_property
    def _calls(self) -> tuple[CallView, ...]:
        return tuple(
            CallView(event, index, self)
            for index, event in enumerate(self.events)
            if isinstance(event, model.Call)
        )

    @cached_property
    def _calls_by_name(self) -> Mapping[str, tuple[CallView, ...]]:
        by_name: dict[str, list[CallView]] = {}
        for view in self._calls:
            by_name.setdefault(view.call, []).append(view)
        return {name: tuple(views) for name, views in by_name.items()}

    def _matching(
        self, call: str | None, step: str | None, who: str | None, side: model.Side | None
    ) -> tuple[CallView, ...]:
        if step is not None and step not in self._steps:
            raise self._absent(f"step {step!r}", self._steps)
        named = self._calls if call is None else self._calls_by_name.get(call, ())
        if step is not None:
            named = tuple(view for view in named if view.step == step)
        if who is None and side is None:
            return named
        return tuple(
            view for view in named if who in (None, view.who) and side in (None, view.side)
        )

    def calls(
        self,
        call: str | None = None,
        *,
        step: str | None = None,
        who: str | None = None,
        side: model.Side | None = None,
    ) -> tuple[CallView, ...]:
        """All calls of this name, entered in this step, by this thread, on this host: one at least.

        What is said of every one of them would else be true of a record that has none.
        """
        found = self.calls_if_any(call, step=step, who=who, side=side)
        if not found:
            wanted = _wanted(f"{call}()" if call else "call", step, who, side)
            raise self._absent(wanted, map(str, self._calls))
        return found

    def calls_if_any(
        self,
        call: str | None = None,
        *,
        step: str | None = None,
        who: str | None = None,
        side: model.Side | None = None,
    ) -> tuple[CallView, ...]:
        """The same where the probe need not have made such a call."""
        self._require_complete()
        return self._matching(call, step, who, side)

    def the(
        self,
        call: str,
        step: str | None = None,
        who: str | None = None,
        side: model.Side | None = None,
    ) -> CallView:
        """The only such call."""
        found = self._matching(call, step, who, side)
        wanted = _wanted(f"{call}()", step, who, side)
        if not found:
            raise self._absent(wanted, map(str, self._calls))
        if len(found) > 1:
            raise CheckError(f"{self.job}: {len(found)} calls are {wanted}; say which one")
        return found[0]

    @property
    def last(self) -> CallView:
        """The call that returned last, by the order of the log."""
        self._require_complete()
        if not self._calls:
            raise self._absent("any call", ())
        return self._calls[-1]

    # steps

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of the steps, in order: one at least, for the same reason as `calls`."""
        if not self._steps:
            raise self._absent("step", ())
        return self._steps

    @cached_property
    def _steps(self) -> tuple[str, ...]:
        return tuple(event.name for event in self.events if isinstance(event, model.Step))

    @cached_property
    def _step_begins(self) -> tuple[list[tuple[int, int]], list[str]]:
        steps = sorted(
            (event.t, index, event.name)
            for index, event in enumerate(self.events)
            if isinstance(event, model.Step)
        )
        return [(t, index) for t, index, _ in steps], [name for _, _, name in steps]

    def step_of(self, call: CallView) -> str | None:
        """The step in which the call was entered; None before the first."""
        return self._step_at(call.t_in, call.index)

    def _step_at(self, t: int, index: int) -> str | None:
        self._require_one_clock()
        begins, names = self._step_begins
        at = bisect_right(begins, (t, index))
        return names[at - 1] if at else None

    # notes

    def notes(self, name: str) -> tuple[Any, ...]:
        """All values noted under this name."""
        self._require_complete()
        return self._notes(name)

    def note(self, name: str) -> Any:
        """The only value noted under this name."""
        found = self._notes(name)
        if not found:
            names = (event.name for event in self.events if isinstance(event, model.Note))
            raise self._absent(f"note {name!r}", names)
        if len(found) > 1:
            raise CheckError(f"{self.job}: {len(found)} notes are {name!r}; use notes()")
        return found[0]

    def number(self, name: str) -> int:
        """The note of this name, an integer."""
        value = self.note(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise NotObserved(f"the record's note {name!r} is no integer")
        return value

    def text(self, name: str) -> str:
        """The note of this name, a string."""
        value = self.note(name)
        if not isinstance(value, str):
            raise NotObserved(f"the record's note {name!r} is no string")
        return value

    def address(self, name: str) -> Address:
        """The note of this name, an address."""
        try:
            return Address.parse(self.note(name))
        except ValueError as error:
            raise NotObserved(f"the record's note {name!r} {error}") from None

    def _notes(self, name: str) -> tuple[Any, ...]:
        return tuple(
            event.value
            for event in self.events
            if isinstance(event, model.Note) and event.name == name
        )

    # sleepers

    def asleep(self, call: str, step: str | None = None, who: str | None = None) -> Finding:
        """A thread was seen asleep inside a call of this name, when the probe looked."""
        if step is not None and step not in self._steps:
            raise self._absent(f"step {step!r}", self._steps)
        looks = tuple(
            event
            for index, event in enumerate(self.events)
            if isinstance(event, model.Asleep)
            and event.call == call
            and who in (None, event.who)
            and (step is None or self._step_at(event.t, index) == step)
        )
        return self._one_look(looks, _wanted(f"look at {call}()", step, who, None))

    def asleep_in(self, call: CallView) -> Finding:
        """The thread was seen asleep inside this very call."""
        self._require_one_clock()
        looks = [
            event
            for event in self.events
            if isinstance(event, model.Asleep) and (event.call, event.who) == (call.call, call.who)
        ]
        since = (event for event in looks if event.t >= call.t_in)
        look = min(since, key=lambda event: event.t, default=None)
        # a look that came too late says so; one that found it asleep later saw another call
        about = look is not None and (look.t <= call.t_out or not look.asleep)
        wanted = f"look at {call} while it lasted"
        if looks and not about:  # which calls there are, and how long, is up to the target
            raise NotObserved(f"no {wanted}")
        return self._one_look((look,) if look is not None else (), wanted)

    def _one_look(self, looks: tuple[model.Asleep, ...], wanted: str) -> Finding:
        if not looks:
            done = (look_text(event) for event in self.events if isinstance(event, model.Asleep))
            raise self._absent(wanted, done)
        if len(looks) > 1:
            raise CheckError(f"{self.job}: {len(looks)} are {wanted}; say which one")
        look = looks[0]
        return Finding(
            look.asleep, f"{short(look.who)} asleep in {short(look.call)}()", look_text(look)
        )

    # order

    def before(self, a: Moment, b: Moment) -> Finding:
        """``a`` came before ``b``; a call counts from its return, and to its entry."""
        first, second = order.begin(a), order.end(b)
        ok = self._in_order(first, second)
        expected = f"{order.text(first)} before {order.text(second)}"
        apart = micros(abs(second.t - first.t))
        return Finding(ok, expected, f"{apart} {'before' if ok else 'after'} it")

    # gaps

    def gap(self, a: Moment, b: Moment) -> int:
        """The longest that the time from ``a`` to ``b`` can have been, ns.

        A call counts from its entry, and to its return: what it did, it did in between.  Below 0:
        ``b`` was first.
        """
        self._require_one_clock()
        return _latest(b).t - _earliest(a).t

    def at_least(self, a: Moment, b: Moment, ns: int) -> Finding:
        """From ``a`` to ``b`` it took no less than so long; a call counts as in `gap`.

        The entry of a call is stamped early, and its return late; a machine that is busy wakes a
        sleeper late, and lets a timer run over.  All of this makes the gap longer, so the finding
        fails only where the target was really too quick.  For the same reason there is no
        ``at_most``: how much of a long gap was the target's own, no record tells.  "At once" is a
        claim about order: `before` something that had to wait itself, or nothing between.

        What can make it shorter is small: timers count in ticks, and a packet at its begin may have
        waited to be seen.  So where the target keeps a timer, ask for less than its whole time, by
        a tick of the coarsest clock (10 ms) and the record's `noise`.
        """
        first, last = _earliest(a), _latest(b)
        took = self.gap(a, b)
        expected = f"at least {micros(ns)} from {order.text(first)} to {order.text(last)}"
        return Finding(took >= ns, expected, micros(took))

    def noise(self) -> int:
        """The longest that the machine let something wait in this record that follows at once, ns.

        That is from the moment at which a marker was about to be sent to when the witness saw it.
        """
        self._require_one_clock()
        sent = {event.n: event.t for event in self.events if isinstance(event, model.Fence)}
        waits = [fence.t - sent[n] for fence in self.fences if (n := fence.fence) in sent]
        if not waits:
            raise NotObserved("the record has no marker that tells how busy the machine was")
        return max(0, *waits)

    # packets

    @cached_property
    def all_packets(self) -> tuple[Packet, ...]:
        """Every packet of the witness, by time, markers and housekeeping included."""
        raw = self.record.packets
        if raw is None:
            raise NotObserved(f"no packets are captured on stage {short(self.stage)}")
        if self.record.packets_lost:
            raise NotObserved(f"the witness lost {self.record.packets_lost} packets")
        self._require_one_clock()
        ordered = sorted(raw, key=lambda packet: packet.t)
        return tuple(parse(packet, n) for n, packet in enumerate(ordered))

    @cached_property
    def packets(self) -> tuple[Packet, ...]:
        """Every packet that somebody sent on purpose, by time: no markers, no housekeeping."""
        return tuple(
            packet
            for packet in self.all_packets
            if packet.fence is None and not packet.housekeeping
        )

    def packets_before(self, b: Moment) -> tuple[Packet, ...]:
        """The packets before a moment; a call counts from its entry."""
        point = order.end(b)
        return tuple(packet for packet in self.packets if order.in_order(packet, point))

    def packets_after(self, a: Moment) -> tuple[Packet, ...]:
        """The packets after a moment; a call counts to its return."""
        point = order.begin(a)
        return tuple(packet for packet in self.packets if order.in_order(point, packet))

    def packets_between(self, a: Moment, b: Moment) -> tuple[Packet, ...]:
        """The packets after ``a`` and before ``b``."""
        before = {packet.n for packet in self.packets_before(b)}
        return tuple(packet for packet in self.packets_after(a) if packet.n in before)

    def sent_between(self, a: Moment, b: Moment) -> tuple[Packet, ...]:
        """Those of them that the near host sent."""
        return tuple(packet for packet in self.packets_between(a, b) if packet.sent)

    def packets_during(self, call: CallView) -> tuple[Packet, ...]:
        """The packets between a call's entry and its return."""
        return self.packets_between(call.entered, call.returned)

    def nothing_sent_between(self, a: Moment, b: Moment) -> Finding:
        """The near host sent no packet after ``a`` and before ``b``."""
        first, last = order.begin(a), order.end(b)
        sent = self.sent_between(first, last)
        expected = f"nothing sent between {order.text(first)} and {order.text(last)}"
        return Finding(not sent, expected, packets_text(sent))

    def packets_from(
        self, source: Address | None = None, to: Address | None = None
    ) -> tuple[Packet, ...]:
        """The packets from one address and port to another; None: any."""
        return tuple(
            packet
            for packet in self.packets
            if (source is None or (packet.src, packet.sport) == (source.host, source.port))
            and (to is None or (packet.dst, packet.dport) == (to.host, to.port))
        )

    def stream(self, source: Address | None = None, to: Address | None = None) -> Stream:
        """What one end of a TCP connection sent: the end of this address, or the other's peer."""
        return Stream(_tcp(self.packets_from(source, to)), _tcp(self.packets_from(to, source)))

    @property
    def near_stream(self) -> Stream:
        """The near host's end of the only TCP connection; its `other` is the far host's."""
        self._require_two_hosts("near_stream")
        sent, received = self.sent("TCP"), self.received("TCP")
        routes = {(p.source, p.destination) for p in sent}
        routes |= {(p.destination, p.source) for p in received}
        if not routes:
            raise NotObserved("there is no packet of TCP")
        if len(routes) > 1:
            raise CheckError(f"{self.job}: {len(routes)} TCP connections; say which, by stream()")
        return Stream(sent, received)

    def sent(self, protocol: str | None = None) -> tuple[Packet, ...]:
        """What the near host sent; of one protocol, e.g. ``TCP``; ICMPv6 is ``ICMP``, too."""
        return tuple(p for p in self.packets if p.sent and _is(p, protocol))

    def received(self, protocol: str | None = None) -> tuple[Packet, ...]:
        """What came to the near host; protocols as in `sent`.  On loopback this is all, too."""
        return tuple(p for p in self.packets if (not p.sent or p.dev == "lo") and _is(p, protocol))

    def exchange(
        self, *items: str, among: Iterable[Packet] | None = None, whole: bool = False
    ) -> Exchange:
        """There were these packets, in this order, and nothing else between.

        E.g. ``record.exchange("> SYN", "< SYN+ACK", "> ACK", "> data 5", "< FIN")``.
        ``>`` is what the near host sent; `sockspec.exchange` explains the items.  What is sent
        again, and ACKs with nothing else, may stand between, since when TCP sends these is its own
        affair.  The exchange begins with the first packet that fits, of all or of those ``among``
        which to look; ``whole``: nothing stands before or behind it, either.
        """
        wanted = [item(written) for written in items]
        self._require_two_hosts("exchange()")
        packets = self.packets if among is None else among
        return match(wanted, packets, self._again, whole)

    @cached_property
    def _again(self) -> frozenset[int]:
        """The places of the packets that bring nothing but what was sent before."""
        repeats = Repeats()
        return frozenset(packet.n for packet in self.packets if repeats.again(packet))

    def _require_two_hosts(self, what: str) -> None:
        if self.record.packets is not None and self.stage not in _TWO_HOSTS:
            raise CheckError(f"{self.job}: {what} needs a stage of two hosts")

    @cached_property
    def fences(self) -> tuple[Packet, ...]:
        """The marker datagrams, in the order in which they were sent."""
        if self.record.packets is None:
            raise NotObserved(f"no packets are captured on stage {short(self.stage)}")
        return tuple(self.fence(event.n) for event in self.events if isinstance(event, model.Fence))

    def fences_around(self, call: CallView) -> tuple[Packet, Packet]:
        """The marker datagrams right before and right after a call."""
        fences = self.fences
        count = sum(isinstance(event, model.Fence) for event in self.events[: call.index])
        if not 0 < count < len(fences):
            raise self._absent(f"fence before and after {call}", map(str, fences))
        return fences[count - 1], fences[count]

    def fence(self, n: int) -> Packet:
        """The marker datagram with this number: what came before it was sent before it."""
        for packet in self.all_packets:
            if packet.fence == n:
                return packet
        numbers = [event.n for event in self.events if isinstance(event, model.Fence)]
        if n in numbers:
            raise NotObserved(f"marker {n} was sent, and not captured")
        raise self._absent(f"fence {n}", map(number_text, numbers))

    def _in_order(self, a: Point, b: Point) -> bool:
        if not (isinstance(a, Packet) and isinstance(b, Packet)):
            self._require_one_clock()
        return order.in_order(a, b)

    # what the record is good for

    @cached_property
    def why_incomplete(self) -> str | None:
        """Why the probe did not run to its end; None: it did."""
        return why_incomplete(self.record)

    def _require_complete(self) -> None:
        if self.why_incomplete is not None:
            raise NotObserved(self.why_incomplete)
        unsupported, unavailable = self._lacks
        if unsupported is not None:
            raise Unsupported(unsupported)
        if unavailable is not None:
            raise NotObserved(unavailable)

    @cached_property
    def _lacks(self) -> tuple[str | None, str | None]:
        """What the target, and what the stage, lacks for this probe."""
        return why_unsupported(self.record), why_unavailable(self.record)

    def _require_one_clock(self) -> None:
        step = self.record.clock_step
        if abs(step) > CLOCK_STEP_MAX_NS:
            raise NotObserved(f"the wall clock was set by {micros(step)} during the job")

    def _absent(self, wanted: str, there: Iterable[str]) -> Exception:
        """The error for what a check asked for and is not there."""
        try:
            self._require_complete()
        except (NotObserved, Unsupported) as reason:
            return reason
        there = list(there)
        names = "; ".join(map(short, there[:_LISTED_MAX])) or "none"
        more = f"; and {len(there) - _LISTED_MAX} more" if len(there) > _LISTED_MAX else ""
        return CheckError(f"{self.job}: no {wanted}; there are: {names}{more}")


def _wanted(what: str, step: str | None, who: str | None, side: str | None) -> str:
    parts = [what]
    parts += [f"in step {step!r}"] if step is not None else []
    parts += [f"by {who}"] if who is not None else []
    parts += [f"on the {side} host"] if side is not None else []
    return " ".join(parts)


def packets_text(packets: Sequence[Packet]) -> str:
    """The packets in one line."""
    if not packets:
        return "no packet"
    shown = "; ".join(str(packet) for packet in packets[:LIST_MAX])
    more = f"; and {len(packets) - LIST_MAX} more" if len(packets) > LIST_MAX else ""
    return f"{shown}{more}"


def _tcp(packets: Iterable[Packet]) -> tuple[Packet, ...]:
    return tuple(packet for packet in packets if packet.is_tcp)


def _is(packet: Packet, protocol: str | None) -> bool:
    return protocol is None or packet.protocol.removesuffix("v6") == protocol.removesuffix("v6")


def _earliest(moment: Moment) -> Point:
    """The begin of a gap that a busy machine can only make longer."""
    if isinstance(moment, Return):
        raise CheckError(f"{moment.what}: a return may be stamped late; a gap begins at an entry")
    return moment.entered if isinstance(moment, CallView) else moment


def _latest(moment: Moment) -> Point:
    """Its end."""
    return moment.returned if isinstance(moment, CallView) else moment
