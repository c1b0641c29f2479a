# SPDX-License-Identifier: Apache-2.0
"""shutdown(): which direction it closes, which it leaves open, and what becomes of data on the way.

POSIX.1-2024 shutdown(): SHUT_RD disables further receive operations, SHUT_WR further send
operations, SHUT_RDWR both.  How a receive operation tells that it is disabled no standard says;
here it has to return at once with no data.  A send operation fails with EPIPE (write(), send()).

RFC 9293: the end of what one side sends is its FIN, behind all data (3.10.4, CLOSE); the other
direction goes on (3.6).  That a side will receive no more has no segment of its own.
"""

from __future__ import annotations

from collections.abc import Iterable

from sockspec.check import (
    ALL_FAMILIES,
    INET_BOTH,
    READERS,
    WRITERS,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    observes,
    pattern,
)
from sockspec.model import Fence

BOTH_STAGES = ("lo", "pair")
TYPES = ("stream", "dgram", "seqpacket")
SAID = 64
PIECES = {"stream": 8192, "dgram": 1000, "seqpacket": 1000}
SEQUENCE_NUMBERS = 2**32

RECEIVING = ("rd", "rd,rd")
SENDING = ("wr", "wr,wr")
BOTH = ("rdwr", "rdwr,rdwr", "rd,wr", "wr,rd", "rd,rdwr", "wr,rdwr")


def exists(variant: dict[str, str]) -> bool:
    """UNIX sockets have one host, and of these types only they have SOCK_SEQPACKET."""
    if variant["family"] == "unix":
        return variant["stage"] == "lo"
    return variant.get("type") != "seqpacket"


def is_datagram(record: RecordView) -> bool:
    return record.variant["type"] == "dgram"


# --- what a direction shows -----------------------------------------------------------------------


def assert_got(call: CallView, data: bytes) -> None:
    """It received exactly these bytes, and changed no other byte of the memory."""
    assert call.returned(len(data))
    assert call.got(data)
    assert call.behind == 0
    assert call.overrun == 0


def assert_alive(calls: Iterable[CallView]) -> None:
    """Each write() took all it was given, and the recv() after it, at the peer, gave the same."""
    said = None
    for call in calls:
        if call.call == "write":
            assert call.returned(SAID)
            said = bytes.fromhex(call.args["data"])
        elif call.call == "recv":
            assert said is not None
            assert_got(call, said)
    assert said is not None


def assert_end(call: CallView) -> None:
    """It returned 0, as at the end of a stream, and wrote nothing."""
    assert call.returned(0)
    assert call.left_untouched("data")


def assert_nothing_yet(call: CallView) -> None:
    """Non-blocking, it found the direction open, and nothing there."""
    assert call.failed_with("EAGAIN", "EWOULDBLOCK")
    assert call.left_untouched("data")


def assert_no_data(call: CallView) -> None:
    """Without blocking it received nothing: the end, or that nothing is there, or a reset."""
    if call.failed:
        assert call.failed_with("EAGAIN", "EWOULDBLOCK", "ECONNRESET")
    else:
        assert call.returned(0)
    assert call.left_untouched("data")


# --- what the wire shows --------------------------------------------------------------------------


def fences_around(record: RecordView, call: CallView) -> tuple[Packet, Packet]:
    """The marker datagrams right before and right after a call."""
    if record.record.packets is None:
        raise NotObserved(f"no packets are captured on stage {record.stage}")
    before = [event.n for event in record.events[: call.index] if isinstance(event, Fence)]
    after = [event.n for event in record.events[call.index :] if isinstance(event, Fence)]
    return record.fence(before[-1]), record.fence(after[0])


def sent_by(record: RecordView, end: str) -> tuple[Packet, ...]:
    """The packets of one connection from this end; another one may have one of its ports."""
    name, peer = record.address(end), record.address(f"{end}: peer")
    ends = (name.host, name.port, peer.host, peer.port)
    return tuple(
        packet
        for packet in record.packets
        if (packet.src, packet.sport, packet.dst, packet.dport) == ends
    )


def number_behind(packet: Packet) -> int:
    """The sequence number behind the packet's data, which is the FIN's own (RFC 9293, 3.4)."""
    if packet.seq is None:
        raise NotObserved(f"{packet} has no sequence number")
    return (packet.seq + packet.payload_length) % SEQUENCE_NUMBERS


def one_fin(record: RecordView, end: str, sent: int) -> Finding:
    """This end sent one FIN, right behind all its bytes, and no RST before it or data behind it.

    TCP sends again what is not acknowledged in time: one number is one FIN, however often seen.
    """
    packets = sent_by(record, end)
    syns = [packet for packet in packets if packet.is_syn or packet.is_syn_ack]
    if not syns or syns[0].seq is None:
        raise NotObserved("the SYN of the connection was not captured")
    begin = syns[0].seq + 1
    fins = {
        (number_behind(packet) - begin) % SEQUENCE_NUMBERS for packet in packets if packet.is_fin
    }
    ends = {
        (number_behind(packet) - begin) % SEQUENCE_NUMBERS for packet in packets if packet.has_data
    }
    first = next((packet.n for packet in packets if packet.is_fin), -1)
    resets = [packet for packet in packets if packet.is_rst and packet.n < first]
    ok = fins == {sent} and max(ends, default=0) == sent and not resets
    observed = f"FIN behind {sorted(fins)}, data up to byte {max(ends, default=0)}"
    return Finding(ok, f"one FIN, behind {sent} bytes", observed + ", after a RST" * bool(resets))


def sent_around(record: RecordView, end: str, call: CallView) -> tuple[Packet, ...]:
    """What this end sent between the markers around a call, but for mere acknowledgements."""
    begin, after = fences_around(record, call)
    return tuple(
        packet
        for packet in sent_by(record, end)
        if begin.n < packet.n < after.n and not packet.is_bare_ack
    )


def told_by(record: RecordView, end: str, call: CallView, fin: bool) -> Finding:
    """The call sent a FIN and nothing else, or nothing at all."""
    packets = sent_around(record, end, call)
    numbers = {number_behind(packet) for packet in packets}
    ok = all(packet.is_fin and not packet.has_data for packet in packets) and len(numbers) == fin
    expected = "one FIN and no data" if fin else "no packet but acknowledgements"
    return Finding(ok, f"{call} to send {expected}", "; ".join(map(str, packets)) or "no packet")


def assert_wire_of(record: RecordView, order: str) -> None:
    """The first call that closes the sending direction sends the FIN; no other sends anything."""
    open_for_sending = True
    for call in record.calls("shutdown", step=f"{order}: shutdown"):
        fin = open_for_sending and call.args["how"] != "SHUT_RD"
        assert told_by(record, order, call, fin)
        open_for_sending = open_for_sending and not fin
    assert open_for_sending or one_fin(record, order, SAID)


# --- each way, each order, each end ---------------------------------------------------------------


def assert_shut_down(record: RecordView, order: str) -> None:
    """Before, both directions were open; each call returned 0, also the second of its way."""
    assert_alive(record.calls(step=f"{order}: before"))
    calls = record.calls("shutdown", step=f"{order}: shutdown")
    assert len(calls) == len(order.split(","))
    for call in calls:
        assert call.returned(0)


def assert_sends(record: RecordView, order: str) -> None:
    assert_alive(record.calls(step=f"{order}: sending"))


def assert_does_not_send(record: RecordView, order: str) -> None:
    """The peer of a stream reads its end; that of a datagram socket does not learn of it."""
    write, read = record.calls(step=f"{order}: sending")
    assert write.failed_with("EPIPE")
    if is_datagram(record):
        assert_nothing_yet(read)
    else:
        assert_end(read)


def assert_receives(record: RecordView, order: str) -> None:
    assert_nothing_yet(record.the("recv", f"{order}: nothing to receive"))
    assert_alive(record.calls(step=f"{order}: receiving"))


def assert_does_not_receive(record: RecordView, order: str) -> None:
    """Nothing was sent to it: a stream is at its end."""
    call = record.the("recv", f"{order}: nothing to receive")
    if is_datagram(record):
        assert_no_data(call)
    else:
        assert_end(call)


def has_end(variant: dict[str, str]) -> bool:
    """A datagram link has no accepting end; one end stands for both."""
    return exists(variant) and (variant["type"] == "stream" or variant["end"] == "near")


@observes(
    "shutdown/ways",
    end=("near", "far"),
    family=ALL_FAMILIES,
    stage=BOTH_STAGES,
    type=TYPES,
    when=has_end,
)
def test_shutdown_closes_the_directions_it_is_told_to_and_no_other(
    record: RecordView, claim: ClaimContext
) -> None:
    """The end that connected, or the one that was accepted."""
    for order in RECEIVING:
        with claim("shutdown.one-direction", order):
            assert_shut_down(record, order)
            assert_does_not_receive(record, order)
            assert_sends(record, order)
        with claim("shutdown.rd-no-receive", f"{order}: nothing sent"):
            assert_does_not_receive(record, order)
        with claim("shutdown.rd-still-sends", order):
            assert_sends(record, order)
    for order in SENDING:
        with claim("shutdown.one-direction", order):
            assert_shut_down(record, order)
            assert_does_not_send(record, order)
            assert_receives(record, order)
        with claim("shutdown.wr-no-send", order):
            assert_does_not_send(record, order)
        with claim("shutdown.wr-still-receives", order):
            assert_receives(record, order)
    for order in BOTH:
        with claim("shutdown.rdwr", order):
            assert_shut_down(record, order)
            assert_does_not_send(record, order)
            assert_does_not_receive(record, order)


@observes("shutdown/ways", end=("near", "far"), family=INET_BOTH, stage=BOTH_STAGES, type="stream")
def test_tcp_tells_its_peer_of_the_end_once_and_only_of_the_sending_direction(
    record: RecordView, claim: ClaimContext
) -> None:
    for order in RECEIVING:
        with claim("shutdown.one-direction", f"{order}: the wire"):
            assert_wire_of(record, order)
    for order in SENDING:
        with claim("shutdown.wr-no-send", f"{order}: the wire"):
            assert_wire_of(record, order)
    for order in BOTH:
        with claim("shutdown.rdwr", f"{order}: the wire"):
            assert_wire_of(record, order)


def assert_one_datagram(record: RecordView, order: str) -> None:
    """What was said before; neither shutdown() nor the write() after it sent anything."""
    datagrams = sent_by(record, order)
    assert len(datagrams) == 1
    assert datagrams[0].payload == pattern(SAID, seed=1)


@observes("shutdown/ways", end="near", family=INET_BOTH, stage=BOTH_STAGES, type="dgram")
def test_udp_sends_nothing_when_and_after_it_is_shut_down(
    record: RecordView, claim: ClaimContext
) -> None:
    for order in SENDING:
        with claim("shutdown.wr-no-send", f"{order}: the wire"):
            assert_one_datagram(record, order)
    for order in BOTH:
        with claim("shutdown.rdwr", f"{order}: the wire"):
            assert_one_datagram(record, order)


def assert_direction(record: RecordView, step: str, from_way: str, to_way: str) -> None:
    """Data goes through where one end sends and the other receives; else the end is there."""
    calls = record.calls(step=step)
    if from_way == "rd" and to_way == "wr":
        assert_alive(calls)
        return
    *writes, read = calls
    assert len(writes) == (from_way != "rd" or to_way == "wr")
    for write in writes:
        assert write.failed_with("EPIPE")
    assert_end(read)


def assert_both_ends(record: RecordView, near: str, far: str) -> None:
    """Each end in its own way; no direction is open that one of the two has closed."""
    name = f"{near} here, {far} there"
    *before, here, there = record.calls(step=name)
    assert_alive(before)
    assert here.returned(0)
    assert there.returned(0)
    assert_direction(record, f"{name}: from here", near, far)
    assert_direction(record, f"{name}: from there", far, near)


@observes("shutdown/both_ends", family=ALL_FAMILIES, stage=BOTH_STAGES, when=exists)
def test_each_end_shuts_down_in_its_own_way(record: RecordView, claim: ClaimContext) -> None:
    for near in ("rd", "wr"):
        for far in ("rd", "wr"):
            with claim("shutdown.one-direction", f"{near} here, {far} there"):
                assert_both_ends(record, near, far)
    for near, far in (
        ("rdwr", "rd"),
        ("rdwr", "wr"),
        ("rdwr", "rdwr"),
        ("rd", "rdwr"),
        ("wr", "rdwr"),
    ):
        with claim("shutdown.rdwr", f"{near} here, {far} there"):
            assert_both_ends(record, near, far)


def assert_through_a_reference(record: RecordView) -> None:
    """Both references see the same: what one has shut down is shut down for the other."""
    how = record.variant["how"]
    sending, receiving = record.calls(step="sending"), record.calls(step="receiving")
    assert record.the("shutdown").returned(0)
    if how == "rd":
        assert_alive(sending)
    else:
        assert_end(record.the("recv", step="the peer"))
        assert len(sending) == 2
        for call in sending:
            assert call.failed_with("EPIPE")
    if how == "wr":
        assert_alive(receiving)
    else:
        assert len(receiving) == 2
        for call in receiving:
            assert_end(call)


@observes(
    "shutdown/shared",
    by=("dup", "fork"),
    family=ALL_FAMILIES,
    how=("rd", "wr"),
    stage=BOTH_STAGES,
    through=("original", "other"),
    when=exists,
)
def test_one_direction_is_closed_through_any_reference(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 shutdown(): it acts on the socket, which the references share."""
    with claim("shutdown.one-direction"):
        assert_through_a_reference(record)


@observes(
    "shutdown/shared",
    by=("dup", "fork"),
    family=ALL_FAMILIES,
    how="rdwr",
    stage=BOTH_STAGES,
    through=("original", "other"),
    when=exists,
)
def test_both_directions_are_closed_through_any_reference(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("shutdown.rdwr"):
        assert_through_a_reference(record)


# --- receiving, where it is shut down -------------------------------------------------------------


def assert_discarded(record: RecordView, by: str) -> None:
    """What lay unread is gone: the next call finds none of it."""
    assert record.the("shutdown", by).returned(0)
    assert_no_data(record.the(by, by))
    assert record.the("ioctl", by).number("unread") == 0
    assert_no_data(record.the(by, f"{by}: behind the data"))


@observes(
    "shutdown/unread", family=ALL_FAMILIES, how="rd", stage=BOTH_STAGES, type=TYPES, when=exists
)
def test_unread_data_is_gone_after_shutdown_for_receiving(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 shutdown() disables further receiving; of what came before it says nothing."""
    for by in READERS:
        with claim("shutdown.rd-discards", by):
            assert_discarded(record, by)
        with claim("shutdown.rd-no-receive", f"{by}: data unread"):
            assert_no_data(record.the(by, by))
        with claim("shutdown.rd-no-receive", f"{by}: behind the data"):
            assert_no_data(record.the(by, f"{by}: behind the data"))
        with claim("shutdown.rd-still-sends", f"{by}: data unread"):
            assert_alive(record.calls(step=f"{by}: sending"))


@observes(
    "shutdown/unread", family=ALL_FAMILIES, how="rdwr", stage=BOTH_STAGES, type=TYPES, when=exists
)
def test_unread_data_cannot_be_received_after_shutdown_in_both_directions(
    record: RecordView, claim: ClaimContext
) -> None:
    for by in READERS:
        with claim("shutdown.rdwr", f"{by}: data unread"):
            assert_no_data(record.the(by, by))
        with claim("shutdown.rdwr", f"{by}: behind the data"):
            assert_no_data(record.the(by, f"{by}: behind the data"))
            assert record.the("write", f"{by}: sending").failed_with("EPIPE")


def assert_later_data_stay_away(record: RecordView, by: str) -> None:
    """Whether the peer's host takes what the peer sends is left open; none of it is received."""
    *before, shutdown = record.calls(step=f"{by}: before")
    assert_alive(before)
    assert shutdown.returned(0)
    assert_no_data(record.the(by, by))
    assert_no_data(record.the(by, f"{by}: later still"))


@observes(
    "shutdown/later", family=ALL_FAMILIES, how="rd", stage=BOTH_STAGES, type=TYPES, when=exists
)
def test_later_data_is_not_received_after_shutdown_for_receiving(
    record: RecordView, claim: ClaimContext
) -> None:
    for by in READERS:
        with claim("shutdown.rd-no-receive", f"{by}: later data"):
            assert_later_data_stay_away(record, by)
        with claim("shutdown.rd-still-sends", f"{by}: later data"):
            assert_alive(record.calls(step=f"{by}: sending"))


@observes(
    "shutdown/later", family=ALL_FAMILIES, how="rdwr", stage=BOTH_STAGES, type=TYPES, when=exists
)
def test_later_data_is_not_received_after_shutdown_in_both_directions(
    record: RecordView, claim: ClaimContext
) -> None:
    """TCP: RFC 9293, 3.6.1: a RST, where a program can no longer read what comes."""
    for by in READERS:
        with claim("shutdown.rdwr", f"{by}: later data"):
            assert_later_data_stay_away(record, by)
            assert record.the("write", f"{by}: sending").failed_with("EPIPE")


# --- sending, where it is shut down ---------------------------------------------------------------

WITH_FLAGS = tuple(by for by in WRITERS if by.startswith("send"))
TRIES = (
    *((by, by) for by in WRITERS),
    *((by, f"{by} with {flag}") for by in WITH_FLAGS for flag in ("MSG_NOSIGNAL", "MSG_DONTWAIT")),
)


def assert_peer_got_what_was_before(record: RecordView) -> None:
    assert record.the("shutdown").returned(0)
    assert_alive((*record.calls(step="before"), *record.calls(step="the peer")))
    call = record.the("recv", "the peer, once more")
    if is_datagram(record):
        assert_nothing_yet(call)
    else:
        assert_end(call)


def signalled(record: RecordView, step: str) -> Finding:
    """socket(7), Signals: SIGPIPE to the writer on a connection, unless MSG_NOSIGNAL is set.

    POSIX.1-2024 write() has it for connections of SOCK_STREAM, send() also for SOCK_SEQPACKET; so
    SOCK_SEQPACKET may give it or not, and a datagram socket does not.
    """
    count, quiet = record.number(step), step.endswith("MSG_NOSIGNAL")
    if quiet or is_datagram(record):
        return Finding(count == 0, f"no signal by {step}", f"{count} SIGPIPE")
    if record.variant["type"] == "seqpacket":
        return Finding(count in (0, 1), f"one SIGPIPE or none by {step}", f"{count} SIGPIPE")
    return Finding(count == 1, f"SIGPIPE by {step}", f"{count} SIGPIPE")


@observes(
    "shutdown/no_send", family=ALL_FAMILIES, how="wr", stage=BOTH_STAGES, type=TYPES, when=exists
)
def test_no_call_sends_after_shutdown_for_sending(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 write(), send(): EPIPE; it is no lack of space, also not with MSG_DONTWAIT."""
    for by, step in TRIES:
        with claim("shutdown.wr-no-send", step):
            assert record.the(by, step).failed_with("EPIPE")
            assert signalled(record, step)
    with claim("shutdown.wr-no-send", "the peer"):
        assert_peer_got_what_was_before(record)


@observes(
    "shutdown/no_send", family=ALL_FAMILIES, how="rdwr", stage=BOTH_STAGES, type=TYPES, when=exists
)
def test_no_call_sends_after_shutdown_in_both_directions(
    record: RecordView, claim: ClaimContext
) -> None:
    for by, step in TRIES:
        with claim("shutdown.rdwr", step):
            assert record.the(by, step).failed_with("EPIPE")
            assert signalled(record, step)
    with claim("shutdown.rdwr", "the peer"):
        assert_peer_got_what_was_before(record)


def assert_nothing_behind_the_fin(record: RecordView) -> None:
    assert told_by(record, "near", record.the("shutdown"), fin=True)
    assert one_fin(record, "near", SAID)


@observes("shutdown/no_send", family=INET_BOTH, how="wr", stage=BOTH_STAGES, type="stream")
def test_tcp_sends_nothing_behind_its_fin(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.4: the FIN goes out; 3.10.2: a SEND that comes after CLOSE is an error."""
    with claim("shutdown.wr-no-send", "the wire"):
        assert_nothing_behind_the_fin(record)


@observes("shutdown/no_send", family=INET_BOTH, how="rdwr", stage=BOTH_STAGES, type="stream")
def test_tcp_sends_nothing_behind_the_fin_of_both_directions(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("shutdown.rdwr", "the wire"):
        assert_nothing_behind_the_fin(record)


@observes("shutdown/no_send", family=INET_BOTH, how="wr", stage=BOTH_STAGES, type="dgram")
def test_no_call_sends_a_datagram_after_shutdown_for_sending(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("shutdown.wr-no-send", "the wire"):
        assert_one_datagram(record, "near")


@observes("shutdown/no_send", family=INET_BOTH, how="rdwr", stage=BOTH_STAGES, type="dgram")
def test_no_call_sends_a_datagram_after_shutdown_in_both_directions(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("shutdown.rdwr", "the wire"):
        assert_one_datagram(record, "near")


# --- data that are not sent yet -------------------------------------------------------------------


def is_unsent(variant: dict[str, str]) -> bool:
    """A stream whose peer takes no more; TCP and UDP that are told to wait for more."""
    if variant["why"] == "full":
        return exists(variant) and variant["type"] == "stream"
    return variant["family"] != "unix"


def bytes_at_the_peer(record: RecordView) -> tuple[int, bool]:
    """How many bytes of the data the peer received, and whether these were the right ones."""
    received, right = 0, True
    for call in record.calls("recv", side="far"):
        if call.failed:
            continue
        count = call.result
        if not isinstance(count, int):
            raise NotObserved(f"{call} returned no number")
        right = right and bool(call.got_pattern(count, received))
        received += count
    return received, right


def left_behind(record: RecordView) -> Finding:
    """None of the data that was unsent at shutdown() reached the peer."""
    sent, unsent = record.number("sent"), record.number("unsent")
    if unsent <= 0:
        raise NotObserved("nothing was unsent when shutdown() was called")
    is_tcp = record.variant["type"] == "stream" and record.variant["family"] != "unix"
    most = sent - unsent if is_tcp else 0
    received, right = bytes_at_the_peer(record)
    words = "as they were sent" if right else "not as they were sent"
    return Finding(
        received <= most,
        f"at most {most} of {sent} bytes to reach the peer, as the others were unsent",
        f"{received} of {sent} bytes reached the peer, {words}",
    )


@observes(
    "shutdown/unsent",
    family=ALL_FAMILIES,
    stage=BOTH_STAGES,
    type=("stream", "dgram"),
    why=("full", "corked"),
    when=is_unsent,
)
def test_unsent_data_is_gone_after_shutdown_for_sending(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.4, has it otherwise: the FIN waits until all that was given has been sent."""
    with claim("shutdown.wr-discards"):
        assert record.the("shutdown").returned(0)
        assert left_behind(record)


@observes(
    "shutdown/unsent",
    family=INET_BOTH,
    stage=BOTH_STAGES,
    type="stream",
    why=("full", "corked"),
)
def test_tcp_sends_one_fin_behind_the_data_that_was_unsent(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.4, CLOSE: behind all preceding SENDs."""
    received, _ = bytes_at_the_peer(record)
    with claim("shutdown.wr-no-send", "the wire"):
        assert one_fin(record, "near", received)
    with claim("shutdown.wr-no-send", "the peer"):
        assert_end(record.the("recv", "the end"))


# --- the direction that is not shut down ----------------------------------------------------------


def piece(record: RecordView, seed: int) -> bytes:
    """What one call sent."""
    return pattern(PIECES[record.variant["type"]], seed=seed)


@observes(
    "shutdown/still_receives", family=ALL_FAMILIES, stage=BOTH_STAGES, type=TYPES, when=exists
)
def test_every_call_receives_after_shutdown_for_sending(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("shutdown.wr-still-receives", "data unread"):
        assert record.the("shutdown", "unread").returned(0)
        assert_got(record.the("recv", "unread"), piece(record, 6))
    for seed, by in enumerate(READERS):
        with claim("shutdown.wr-still-receives", f"{by}: later data"):
            assert_got(record.the(by, by), piece(record, seed))
    with claim("shutdown.wr-still-receives", "waiting"):
        call = record.the("recv", "waiting")
        assert call.slept()
        assert_got(call, pattern(SAID, seed=7))
    with claim("shutdown.wr-still-receives", "no more than was sent"):
        assert_nothing_yet(record.the("recv", "nothing sent"))


@observes(
    "shutdown/still_receives",
    family=ALL_FAMILIES,
    stage=BOTH_STAGES,
    type=("stream", "seqpacket"),
    when=exists,
)
def test_a_half_closed_connection_receives_up_to_the_end(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("shutdown.wr-still-receives", "the end"):
        assert record.the("shutdown", "the end").returned(0)
        assert_end(record.the("recv", "the end"))


@observes("shutdown/still_sends", family=ALL_FAMILIES, stage=BOTH_STAGES, type=TYPES, when=exists)
def test_every_call_sends_after_shutdown_for_receiving(
    record: RecordView, claim: ClaimContext
) -> None:
    for seed, by in enumerate(WRITERS):
        data = piece(record, seed)
        with claim("shutdown.rd-still-sends", by):
            assert record.the("shutdown", "shutdown").returned(0)
            assert record.the(by, by).returned(len(data))
            assert_got(record.the("recv", by, side="far"), data)
    with claim("shutdown.rd-still-sends", "no more than was sent"):
        assert_nothing_yet(record.the("recv", "nothing sent"))


@observes(
    "shutdown/still_sends",
    family=ALL_FAMILIES,
    stage=BOTH_STAGES,
    type=("stream", "seqpacket"),
    when=exists,
)
def test_a_connection_that_does_not_receive_sends_up_to_its_end(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("shutdown.rd-still-sends", "the end"):
        assert record.the("shutdown", "the end").returned(0)
        assert_end(record.the("recv", "the end"))


# --- calls that wait ------------------------------------------------------------------------------


def assert_wakes_reader(record: RecordView, way: str, by: str) -> None:
    """It slept, shutdown() woke it, and neither it nor the next call waits or receives anything."""
    call = record.the(by, f"{way}: {by} waits")
    assert record.asleep(by, f"{way}: {by} waits")
    assert record.the("shutdown", f"{way}: {by} waits").returned(0)
    assert not record.asleep(by, f"{way}: {by} after shutdown")
    assert_end(call)
    assert not record.asleep(by, f"{way}: the next {by}")
    assert_end(record.the(by, f"{way}: the next {by}"))


def assert_leaves_reader(record: RecordView, by: str) -> None:
    """It slept, went on to sleep, and was woken by data; the next call waits again."""
    call = record.the(by, f"wr: {by} waits")
    assert record.asleep(by, f"wr: {by} waits")
    assert record.the("shutdown", f"wr: {by} waits").returned(0)
    assert record.asleep(by, f"wr: {by} after shutdown")
    assert record.before(record.the("write", f"wr: {by} ends").entered, call.returned)
    assert_got(call, pattern(SAID, seed=1))
    assert record.asleep(by, f"wr: the next {by}")


@observes("shutdown/wakes_reader", family=ALL_FAMILIES, stage=BOTH_STAGES, type=TYPES, when=exists)
def test_shutdown_wakes_a_call_that_waits_for_data(record: RecordView, claim: ClaimContext) -> None:
    """Unless it is for sending only."""
    for by in READERS:
        with claim("shutdown.rd-no-receive", f"{by}: waiting"):
            assert_wakes_reader(record, "rd", by)
        with claim("shutdown.rdwr", f"{by}: waiting"):
            assert_wakes_reader(record, "rdwr", by)
        with claim("shutdown.wr-still-receives", f"{by}: waiting"):
            assert_leaves_reader(record, by)


def taken(record: RecordView, call: CallView, name: str) -> int:
    """How many bytes the socket took: those that filled it, and those of the call."""
    result = call.result
    assert isinstance(result, int)
    return record.number(name) + max(0, result)


def assert_peer_read(record: RecordView, step: str, count: int) -> None:
    """The peer received so many bytes of the pattern, each once and in order."""
    received = 0
    for call in record.calls("recv", step=step, side="far"):
        assert call.succeeded()
        assert isinstance(call.result, int)
        assert call.got_pattern(call.result, received)
        received += call.result
    assert received == count


def assert_wakes_writer(record: RecordView, way: str, by: str) -> None:
    """It slept, shutdown() woke it, it failed; the peer read what was taken before, and the end.

    The buffer was full: the call had taken nothing (else it would say how much, POSIX write()).
    """
    name = f"{way}: {by}"
    call = record.the(by, f"{name} waits")
    assert record.asleep(by, f"{name} waits")
    assert record.the("shutdown", f"{name} waits").returned(0)
    assert not record.asleep(by, f"{name} after shutdown")
    assert call.failed_with("EPIPE")
    assert_peer_read(record, f"{name}: the peer", taken(record, call, name))
    assert_end(record.calls("recv", step=f"{name}: the peer", side="far")[-1])


def assert_leaves_writer(record: RecordView, by: str) -> None:
    """It slept, went on to sleep, and sent all it was given once the peer had read."""
    name = f"rd: {by}"
    call = record.the(by, f"{name} waits")
    assert record.asleep(by, f"{name} waits")
    assert record.the("shutdown", f"{name} waits").returned(0)
    assert record.asleep(by, f"{name} after shutdown")
    first = record.calls("recv", step=f"{name}: the peer", side="far")[0]
    assert record.before(first.entered, call.returned)
    assert call.returned(call.args["size"])
    assert record.number(f"{name}: signals") == 0
    assert_peer_read(record, f"{name}: the peer", taken(record, call, name))


@observes("shutdown/wakes_writer", family=ALL_FAMILIES, stage=BOTH_STAGES, when=exists)
def test_shutdown_wakes_a_call_that_waits_for_space(
    record: RecordView, claim: ClaimContext
) -> None:
    """Unless it is for receiving only."""
    for by in WRITERS:
        with claim("shutdown.wr-no-send", f"{by}: waiting"):
            assert_wakes_writer(record, "wr", by)
        with claim("shutdown.rdwr", f"{by}: waiting"):
            assert_wakes_writer(record, "rdwr", by)
        with claim("shutdown.rd-still-sends", f"{by}: waiting"):
            assert_leaves_writer(record, by)


# --- a listening socket ---------------------------------------------------------------------------


def assert_no_connection(accept: CallView) -> None:
    """POSIX.1-2024 accept(), EINVAL: the socket is not accepting connections; or there is none."""
    assert accept.failed_with("EINVAL", "EAGAIN", "EWOULDBLOCK")


def assert_shut_listener(record: RecordView) -> None:
    """POSIX.1-2024 shutdown() may call it not connected: then nothing was shut down."""
    call = record.the("shutdown", "shutdown")
    if call.errno == "ENOTCONN":
        raise NotObserved(f"{call}: a listening socket cannot be shut down here")
    assert call.returned(0)


def assert_queue_is_gone(record: RecordView) -> None:
    assert_shut_listener(record)
    assert_no_connection(record.the("accept", "the queue"))
    assert_no_data(record.the("recv", "the queue", side="far"))


def assert_takes_no_client(record: RecordView) -> None:
    assert_shut_listener(record)
    assert record.the("connect", "a new client").failed_with("ECONNREFUSED")
    assert_no_connection(record.the("accept", "a new client"))
    assert_alive(record.calls(step="the old connection"))


def assert_wakes_accept(record: RecordView) -> None:
    assert_shut_listener(record)
    assert record.asleep("accept", "waiting")
    assert record.the("shutdown", "waiting").returned(0)
    assert not record.asleep("accept", "after shutdown")
    assert record.the("accept", who="server").failed_with("EINVAL")
    assert record.the("connect", "a client").failed_with("ECONNREFUSED")


@observes(
    "shutdown/listener",
    family=ALL_FAMILIES,
    how="rd",
    stage=BOTH_STAGES,
    type=("stream", "seqpacket"),
    when=exists,
)
def test_a_listener_shut_down_for_receiving_takes_no_connection(
    record: RecordView, claim: ClaimContext
) -> None:
    """All that it receives is connections."""
    with claim("shutdown.rd-no-receive", "the queue"):
        assert_queue_is_gone(record)
    with claim("shutdown.rd-no-receive", "a new client"):
        assert_takes_no_client(record)
    with claim("shutdown.rd-no-receive", "accept() waiting"):
        assert_wakes_accept(record)


@observes(
    "shutdown/listener",
    family=ALL_FAMILIES,
    how="rdwr",
    stage=BOTH_STAGES,
    type=("stream", "seqpacket"),
    when=exists,
)
def test_a_listener_shut_down_in_both_directions_takes_no_connection(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("shutdown.rdwr", "the queue"):
        assert_queue_is_gone(record)
    with claim("shutdown.rdwr", "a new client"):
        assert_takes_no_client(record)
    with claim("shutdown.rdwr", "accept() waiting"):
        assert_wakes_accept(record)


def assert_queue_is_there(record: RecordView) -> None:
    """The connection that waited is taken, and lives."""
    accept, *exchange = record.calls(step="the queue")
    assert accept.succeeded()
    assert_alive(exchange)


def assert_takes_clients(record: RecordView) -> None:
    assert record.the("connect", "a new client").returned(0)
    assert record.the("accept", "a new client").succeeded()
    assert_alive(record.calls(step="the old connection"))


def assert_leaves_accept(record: RecordView) -> None:
    accept, connect = record.the("accept", who="server"), record.the("connect", "a client")
    assert record.asleep("accept", "waiting")
    assert record.asleep("accept", "after shutdown")
    assert connect.returned(0)
    assert accept.succeeded()
    assert record.before(connect.entered, accept.returned)


@observes(
    "shutdown/listener",
    family=ALL_FAMILIES,
    how="wr",
    stage=BOTH_STAGES,
    type=("stream", "seqpacket"),
    when=exists,
)
def test_a_listener_shut_down_for_sending_takes_connections(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("shutdown.wr-still-receives", "the queue"):
        assert_queue_is_there(record)
    with claim("shutdown.wr-still-receives", "a new client"):
        assert_takes_clients(record)
    with claim("shutdown.wr-still-receives", "accept() waiting"):
        assert_leaves_accept(record)


# --- what cannot be shut down ---------------------------------------------------------------------

WAYS = ("rd", "wr", "rdwr")
UNCONNECTED = {
    "dgram": ("fresh", "bound"),
    "stream": ("fresh", "bound", "refused", "ended", "reset"),
}


@observes("shutdown/not_connected", family=INET_BOTH, type=("stream", "dgram"))
def test_there_is_nothing_to_shut_down_without_a_connection(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 shutdown(), ENOTCONN."""
    for way in WAYS:
        for state in UNCONNECTED[record.variant["type"]]:
            with claim("shutdown.one-direction", f"{way}: {state}"):
                assert record.the("shutdown", f"{way}: {state}").failed_with("ENOTCONN")
    with claim("shutdown.rd-still-sends", "before the connection"):
        assert_alive(record.calls(step="rd: sending"))
    with claim("shutdown.wr-still-receives", "before the connection"):
        assert_nothing_yet(record.the("recv", "wr: nothing to receive"))
        assert_alive(record.calls(step="wr: receiving"))


def assert_unix_receives_nothing(record: RecordView, way: str) -> None:
    """The peer cannot send, and the socket finds nothing."""
    peer, call = record.calls(step=f"{way}: receiving")
    assert peer.failed_with("EPIPE")
    assert_no_data(record.the("recv", f"{way}: nothing to receive"))
    assert_no_data(call)


@observes("shutdown/not_connected", family="unix", type=TYPES)
def test_a_unix_socket_can_be_shut_down_before_it_is_connected(
    record: RecordView, claim: ClaimContext
) -> None:
    """Where shutdown() does not fail with ENOTCONN (POSIX.1-2024), it has to have its effect."""
    with claim("shutdown.one-direction", "rd before the connection"):
        assert record.the("shutdown", "rd: fresh").returned(0)
        assert_unix_receives_nothing(record, "rd")
        assert_alive(record.calls(step="rd: sending"))
    with claim("shutdown.one-direction", "wr before the connection"):
        assert record.the("shutdown", "wr: fresh").returned(0)
        assert record.the("write", "wr: sending").failed_with("EPIPE")
        assert_nothing_yet(record.the("recv", "wr: nothing to receive"))
        assert_alive(record.calls(step="wr: receiving"))
    with claim("shutdown.rdwr", "before the connection"):
        assert record.the("shutdown", "rdwr: fresh").returned(0)
        assert record.the("write", "rdwr: sending").failed_with("EPIPE")
        assert_unix_receives_nothing(record, "rdwr")


@observes("shutdown/bad_how", family=ALL_FAMILIES, type=TYPES, when=exists)
def test_shutdown_knows_three_ways(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 shutdown(), EINVAL for any other value; neither direction is closed."""
    for how in ("3", "4", "256", "-1", "INT_MAX", "INT_MIN"):
        with claim("shutdown.one-direction", f"how = {how}"):
            assert record.the("shutdown", how).failed_with("EINVAL")
            assert_alive(record.calls(step=f"{how}: after it"))
