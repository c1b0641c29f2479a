# SPDX-License-Identifier: Apache-2.0
"""shutdown(): which direction it closes, which it leaves open, and what becomes of data on the way.

POSIX.1-2024 shutdown(): SHUT_RD disables further receive operations, SHUT_WR further send
operations, SHUT_RDWR both.  How a receive operation tells that it is disabled no standard says;
here it has to return at once with no data.  A send operation fails with EPIPE (write(), send()).

RFC 9293: the end of what one side sends is its FIN, behind all data (3.10.4, CLOSE); the other
direction goes on (3.6).  That a side will receive no more has no segment of its own.
"""

from __future__ import annotations

from sockspec.check import (
    ALL_FAMILIES,
    BOTH_STAGES,
    INET_BOTH,
    READERS,
    SAID,
    SEND,
    TYPES,
    WOULD_BLOCK,
    WRITERS,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    Stream,
    alive,
    exists,
    got_in_order,
    observes,
    pattern,
)

PIECES = {"stream": 8192, "dgram": 1000, "seqpacket": 1000}

RECEIVING = ("rd", "rd,rd")
SENDING = ("wr", "wr,wr")
BOTH = ("rdwr", "rdwr,rdwr", "rd,wr", "wr,rd", "rd,rdwr", "wr,rdwr")


def is_datagram(record: RecordView) -> bool:
    return record.variant["type"] == "dgram"


# --- what a direction shows -----------------------------------------------------------------------


def assert_end(call: CallView) -> None:
    """It returned 0, as at the end of a stream, and wrote nothing."""
    assert call.returned(0)
    assert call.left_untouched("data")


def assert_nothing_yet(call: CallView) -> None:
    """Non-blocking, it found the direction open, and nothing there."""
    assert call.failed_with(*WOULD_BLOCK)
    assert call.left_untouched("data")


def assert_no_data(call: CallView) -> None:
    """Without blocking it received nothing: the end, or that nothing is there, or a reset."""
    if call.failed:
        assert call.failed_with(*WOULD_BLOCK, "ECONNRESET")
    else:
        assert call.returned(0)
    assert call.left_untouched("data")


# --- what the wire shows --------------------------------------------------------------------------


def sent_by(record: RecordView, end: str) -> tuple[Packet, ...]:
    """The packets of one connection from this end; another one may have one of its ports."""
    return record.packets_from(record.address(end), record.address(f"{end}: peer"))


def stream_of(record: RecordView, end: str) -> Stream:
    return record.stream(record.address(end), record.address(f"{end}: peer"))


def told_by(record: RecordView, end: str, call: CallView, fin: bool) -> Finding:
    """The call sent a FIN and nothing else, or nothing at all."""
    packets = stream_of(record, end).new_between(*record.fences_around(call))
    ok = all(packet.is_fin and not packet.has_data for packet in packets)
    ok = ok and bool(packets) == fin
    expected = "one FIN and no data" if fin else "no packet but acknowledgements"
    return Finding(ok, f"{call} to send {expected}", "; ".join(map(str, packets)) or "no packet")


def assert_ended(record: RecordView, end: str, sent: int) -> None:
    """This end sent one FIN, right behind all its bytes, and no RST before it."""
    stream = stream_of(record, end)
    assert stream.one_fin()
    assert stream.ends_behind(sent)


def assert_wire_of(record: RecordView, order: str) -> None:
    """The first call that closes the sending direction sends the FIN; no other sends anything."""
    open_for_sending = True
    for call in record.calls("shutdown", step=f"{order}: shutdown"):
        fin = open_for_sending and call.args["how"] != "SHUT_RD"
        assert told_by(record, order, call, fin)
        open_for_sending = open_for_sending and not fin
    if not open_for_sending:
        assert_ended(record, order, SAID)


# --- each way, each order, each end ---------------------------------------------------------------


def assert_shut_down(record: RecordView, order: str) -> None:
    """Before, both directions were open; each call returned 0, also the second of its way."""
    assert alive(record.calls(step=f"{order}: before"))
    calls = record.calls("shutdown", step=f"{order}: shutdown")
    assert len(calls) == len(order.split(","))
    for call in calls:
        assert call.returned(0)


def assert_sends(record: RecordView, order: str) -> None:
    assert alive(record.calls(step=f"{order}: sending"))


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
    assert alive(record.calls(step=f"{order}: receiving"))


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
        assert alive(calls)
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
    assert alive(before)
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
        assert alive(sending)
    else:
        assert_end(record.the("recv", step="the peer"))
        assert len(sending) == 2
        for call in sending:
            assert call.failed_with("EPIPE")
    if how == "wr":
        assert alive(receiving)
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
            assert alive(record.calls(step=f"{by}: sending"))


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
    assert alive(before)
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
            assert alive(record.calls(step=f"{by}: sending"))


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

TRIES = (
    *((by, by) for by in WRITERS),
    *((by, f"{by} with {flag}") for by in SEND for flag in ("MSG_NOSIGNAL", "MSG_DONTWAIT")),
)


def assert_peer_got_what_was_before(record: RecordView) -> None:
    assert record.the("shutdown").returned(0)
    assert alive((*record.calls(step="before"), *record.calls(step="the peer")))
    call = record.the("recv", "the peer, once more")
    if is_datagram(record):
        assert_nothing_yet(call)
    else:
        assert_end(call)


def signalled(record: RecordView, step: str) -> Finding:
    """No SIGPIPE with MSG_NOSIGNAL, and none to the writer on a datagram socket.

    POSIX.1-2024 write(), send(), EPIPE: it comes where the socket is no longer connected.  Whether
    it comes where the socket is shut down for writing is left open.
    """
    count, none = record.number(step), step.endswith("MSG_NOSIGNAL") or is_datagram(record)
    expected = f"no signal by {step}" if none else f"one SIGPIPE or none by {step}"
    return Finding(count == 0 or (count == 1 and not none), expected, f"{count} SIGPIPE")


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
    assert_ended(record, "near", SAID)


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
    """TCP whose peer takes no more; TCP and UDP that are told to wait for more.

    What AF_UNIX takes lies at the peer already.
    """
    return variant["type"] == "stream" or variant["why"] == "corked"


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
    most = 0 if is_datagram(record) else sent - unsent
    received, right = bytes_at_the_peer(record)
    words = "as they were sent" if right else "not as they were sent"
    return Finding(
        received <= most,
        f"at most {most} of {sent} bytes to reach the peer, as the others were unsent",
        f"{received} of {sent} bytes reached the peer, {words}",
    )


@observes(
    "shutdown/unsent",
    family=INET_BOTH,
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
        assert_ended(record, "near", received)
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
        assert record.the("recv", "unread").got_just(piece(record, 6))
    for seed, by in enumerate(READERS):
        with claim("shutdown.wr-still-receives", f"{by}: later data"):
            assert record.the(by, by).got_just(piece(record, seed))
    with claim("shutdown.wr-still-receives", "waiting"):
        call = record.the("recv", "waiting")
        assert call.slept()
        assert call.got_just(pattern(SAID, seed=7))
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
            assert record.the("recv", by, side="far").got_just(data)
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
    assert call.got_just(pattern(SAID, seed=1))
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


def peer_read_what_was_taken(record: RecordView, call: CallView, name: str) -> Finding:
    """The peer received what filled the socket and what the call took, each byte once, in order."""
    reads = record.calls("recv", step=f"{name}: the peer", side="far")
    return got_in_order(reads, record.number(name) + call.count)


def assert_wakes_writer(record: RecordView, way: str, by: str) -> None:
    """It slept, shutdown() woke it; the peer read what was taken before, and the end.

    It failed, unless it had taken a part: then it says how much (POSIX.1-2024 write()).
    """
    name = f"{way}: {by}"
    call = record.the(by, f"{name} waits")
    assert record.asleep(by, f"{name} waits")
    assert record.the("shutdown", f"{name} waits").returned(0)
    assert not record.asleep(by, f"{name} after shutdown")
    if not call.took_a_part():
        assert call.failed_with("EPIPE")
    assert peer_read_what_was_taken(record, call, name)
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
    assert peer_read_what_was_taken(record, call, name)


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
        assert alive(record.calls(step="rd: sending"))
    with claim("shutdown.wr-still-receives", "before the connection"):
        assert_nothing_yet(record.the("recv", "wr: nothing to receive"))
        assert alive(record.calls(step="wr: receiving"))


def has_effect(call: CallView) -> bool:
    """Whether it shut the socket down; else it has to say that there is no connection."""
    if call.errno == "ENOTCONN":
        return False
    assert call.returned(0)
    return True


def assert_unix_receives_nothing(record: RecordView, way: str) -> None:
    """Whether its peer can send is left open; the socket finds nothing."""
    *_, call = record.calls("recv", step=f"{way}: receiving")
    assert_no_data(record.the("recv", f"{way}: nothing to receive"))
    assert_no_data(call)


@observes("shutdown/not_connected", family="unix", type=TYPES)
def test_a_unix_socket_that_is_shut_down_before_it_is_connected_stays_so(
    record: RecordView, claim: ClaimContext
) -> None:
    """Where shutdown() does not fail with ENOTCONN (POSIX.1-2024), it has to have its effect."""
    with claim("shutdown.one-direction", "rd before the connection"):
        if has_effect(record.the("shutdown", "rd: fresh")):
            assert_unix_receives_nothing(record, "rd")
        assert alive(record.calls(step="rd: sending"))
    with claim("shutdown.one-direction", "wr before the connection"):
        if has_effect(record.the("shutdown", "wr: fresh")):
            assert record.the("write", "wr: sending").failed_with("EPIPE")
            assert_nothing_yet(record.the("recv", "wr: nothing to receive"))
        assert alive(record.calls(step="wr: receiving"))
    with claim("shutdown.rdwr", "before the connection"):
        if has_effect(record.the("shutdown", "rdwr: fresh")):
            assert record.the("write", "rdwr: sending").failed_with("EPIPE")
            assert_unix_receives_nothing(record, "rdwr")
        else:
            assert alive(record.calls(step="rdwr: receiving"))


@observes("shutdown/bad_how", family=ALL_FAMILIES, type=TYPES, when=exists)
def test_shutdown_knows_three_ways(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 shutdown(), EINVAL for any other value; neither direction is closed."""
    for how in ("3", "4", "256", "-1", "INT_MAX", "INT_MIN"):
        with claim("shutdown.one-direction", f"how = {how}"):
            assert record.the("shutdown", how).failed_with("EINVAL")
            assert alive(record.calls(step=f"{how}: after it"))
