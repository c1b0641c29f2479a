# SPDX-License-Identifier: Apache-2.0
"""Handshakes with a scripted peer, step by step: what each segment and each call brings about.

RFC 9293, 3.5: the handshake; 3.7.1: the maximum segment size; 3.10.7.1 to 3.10.7.4: what a segment
does to a socket that is closed, listens, has sent a SYN or has received one.  POSIX.1-2024
connect() and accept(): what the program is told.  The peer sends only what the script says, so that
what comes back to it is the answer to just that; markers around it show that nothing else came.
"""

from __future__ import annotations

from sockspec.check import (
    INET_BOTH,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    Stream,
    observes,
    packets_text,
)

IP_AND_TCP = {"inet": 40, "inet6": 60}
"""Bytes of the headers of IP and TCP without options."""
DEFAULT_MSS = {"inet": 536, "inet6": 1220}
"""RFC 9293, 3.7.1."""

HELLO = b"hello"
"""What the peer says first, where it does."""
NEAR_SAYS, PEER_SAYS = b"near", b"peer!"
"""An exchange that shows that a connection lives."""

UNACCEPTABLE = ("-1", "1")
"""Acknowledgements that cannot be: of one number too few, and of one too many."""


# --- what was sent -------------------------------------------------------------------------------


def connections(record: RecordView) -> tuple[Stream, ...]:
    """The near host's end of each connection that the record has, in the order of their beginning.

    A peer with another address or port is another connection.
    """
    ends: dict[tuple[str, str], None] = {}
    for packet in record.packets:
        if packet.is_tcp:
            sent = (packet.source, packet.destination)
            ends.setdefault(sent if packet.sent else (sent[1], sent[0]))
    return tuple(_stream(record, near, peer) for near, peer in ends)


def _stream(record: RecordView, near: str, peer: str) -> Stream:
    there = [p for p in record.packets if p.is_tcp]
    return Stream(
        tuple(p for p in there if (p.source, p.destination) == (near, peer)),
        tuple(p for p in there if (p.source, p.destination) == (peer, near)),
    )


def segments_between(record: RecordView, first: int, last: int) -> tuple[Packet, ...]:
    """What the near host sent by TCP between two markers, by their places."""
    begin, end = record.fences[first], record.fences[last]
    return tuple(p for p in record.sent_between(begin, end) if p.is_tcp)


def answers(record: RecordView, stream: Stream, first: int, last: int) -> tuple[Packet, ...]:
    """The same of one connection, without what TCP sends again by itself."""
    again = {packet.n for packet in stream.retransmissions}
    own = {packet.n for packet in stream.packets}
    return tuple(
        p for p in segments_between(record, first, last) if p.n in own and p.n not in again
    )


def nothing(packets: tuple[Packet, ...]) -> Finding:
    return Finding(not packets, "no answer", packets_text(packets))


def reset_at(packets: tuple[Packet, ...], seq: int | None) -> Finding:
    """A RST without ACK, of this sequence number, and nothing else."""
    ok = (
        len(packets) == 1
        and packets[0].is_rst
        and "ACK" not in packets[0].flags
        and packets[0].seq == seq
    )
    return Finding(ok, f"just a RST without ACK, of sequence number {seq}", packets_text(packets))


def received_between(record: RecordView, first: int, last: int) -> Packet:
    """The segment of the peer's between two markers."""
    begin, end = record.fences[first], record.fences[last]
    came = [p for p in record.packets_between(begin, end) if p.is_tcp and not p.sent]
    if len(came) != 1:
        raise NotObserved(f"{len(came)} segments of the peer's came where one was to come")
    return came[0]


def number(packet: Packet) -> int:
    if packet.seq is None:
        raise NotObserved(f"{packet} has no sequence number")
    return packet.seq


def acknowledgement(packet: Packet) -> int:
    if packet.ack is None:
        raise NotObserved(f"{packet} acknowledges nothing")
    return packet.ack


def acks_of(packets: tuple[Packet, ...], seq: int, ack: int) -> Finding:
    """One bare ACK with these numbers, or several."""
    ok = bool(packets) and all(
        p.is_bare_ack and number(p) == seq and acknowledgement(p) == ack for p in packets
    )
    return Finding(ok, f"an ACK with seq {seq} and ack {ack}", packets_text(packets))


def modulo(seq: int) -> int:
    """As a sequence number."""
    return seq % 2**32


# --- what the program was told -------------------------------------------------------------------


def reported(call: CallView, *events: str) -> Finding:
    """poll() reported all of these events; without any: nothing at all."""
    revents = call.names("revents")
    ok = set(events) <= revents if events else not revents
    return Finding(ok, f"poll() to report {'|'.join(events) or 'nothing'}", call)


def pending_error(call: CallView, error: str) -> Finding:
    """SO_ERROR was this one; ``0``: none."""
    ok = call.gave(0).ok and call.text("error") == error
    return Finding(ok, f"SO_ERROR to be {error}", call)


def nobody_waits(record: RecordView, step: str) -> Finding:
    """Neither poll() nor accept() had a connection."""
    poll = reported(record.the("poll", step))
    if not poll.ok:
        return poll
    return record.the("accept", step).failed_with("EAGAIN", "EWOULDBLOCK")


def somebody_waits(record: RecordView, step: str) -> Finding:
    """accept() handed a connection out."""
    return record.the("accept", step).succeeded()


def lives(record: RecordView, step: str | None = None) -> Finding:
    """Both ends said something after it, which arrived."""
    said = record.the("send", step).gave(len(NEAR_SAYS))
    return record.the("recv", step).got_just(PEER_SAYS) if said.ok else said


def established(record: RecordView, step: str) -> Finding:
    """A connect() in progress has succeeded, as poll() and SO_ERROR tell."""
    ready = reported(record.the("poll", step), "POLLOUT")
    return pending_error(record.calls("getsockopt", step=step)[0], "0") if ready.ok else ready


# --- connect(): asked and answered ---------------------------------------------------------------


@observes("connect/held", stage="wire", family=INET_BOTH)
def test_connect_waits_for_the_syn_ack_and_for_nothing_else(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.5, figure 6; 3.10.1; 3.10.7.3.

    The peer never takes the ACK: it has no kernel, and no program reads the packet before connect()
    has returned.
    """
    connect = record.the("connect")
    near = record.near_stream
    seen = record.exchange("> SYN", "< SYN+ACK", "> ACK")
    with claim("connect.tcp-handshake"):
        assert seen
        assert record.before(connect.entered, seen.packet(0))
    with claim("connect.tcp-blocks-until-outcome"):
        assert connect.slept()
        assert connect.gave(0)
        assert record.before(seen.packet(1), connect.returned)
    with claim("connect.returns-on-syn-ack"):
        assert connect.gave(0)
        assert record.before(seen.packet(1), connect.returned)
    with claim("connect.returns-zero"):
        assert connect.gave(0)
    with claim("block.returns-when-done"):
        assert connect.slept()
        assert record.before(seen.packet(1), connect.returned)
    with claim("handshake.first-segment"):
        if not near.packets:
            raise NotObserved("no segment was captured")
        first = near.packets[0]
        plain = first.is_syn and not first.has_data and not first.flags & {"FIN", "RST"}
        assert Finding(plain, "a SYN with neither ACK, FIN, RST nor data", first)
    with claim("handshake.answer-acknowledged"):
        ack = seen.packet(2)
        assert Finding(
            (near.relative(ack), near.relative_ack(ack)) == (1, 1),
            "an ACK with the numbers behind both SYNs",
            ack,
        )


@observes("connect/return_distance", stage="wire", family=INET_BOTH, times="20")
def test_connect_never_returns_before_the_syn_ack(record: RecordView, claim: ClaimContext) -> None:
    """One connection after the other, the SYN+ACK of each held back; bench/ has more of them."""
    answers_seen = {p.source: p for p in record.packets if p.is_syn_ack}
    with claim("connect.returns-on-syn-ack"):
        for connect in record.calls("connect"):
            server = str(connect.argument_address)
            if server not in answers_seen:
                raise NotObserved(f"no SYN+ACK of {server} was captured")
            assert connect.gave(0)
            assert record.before(answers_seen[server], connect.returned)


@observes("connect/held_names", stage="wire", family=INET_BOTH)
def test_a_client_gets_its_address_when_connect_asks(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 connect(): an unbound socket is bound to an unused local address."""
    before, waiting, connected = record.calls("getsockname")
    syn = record.near_stream.syn
    with claim("bind.ephemeral-on-connect"):
        assert Finding(not before.address.port, "no port before connect()", before)
        assert Finding(str(waiting.address) == syn.source, f"the address {syn.source}", waiting)
        assert record.nothing_sent_between(record.fences[0], record.fences[1])
    with claim("names.tcp-client-local"):
        assert record.the("connect").gave(0)
        assert Finding(str(connected.address) == syn.source, f"the name {syn.source}", connected)


@observes("connect/step_by_step", stage="wire", family=INET_BOTH)
def test_a_nonblocking_connect_goes_on_by_itself(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 connect(), DESCRIPTION, ERRORS [EINPROGRESS] and [EALREADY]; poll(), POLLOUT."""
    first, second = record.calls("connect")
    seen = record.exchange("> SYN", "< SYN+ACK", "> ACK")
    early = record.the("poll", "requested")
    with claim("connect.tcp-handshake"):
        assert seen
    with claim("errors.connect-einprogress"):
        assert first.failed_with("EINPROGRESS")
    with claim("nonblock.returns-at-once"):
        assert first.failed_with("EINPROGRESS")
        assert record.before(first.returned, seen.packet(1))
    with claim("errors.connect-ealready"):
        assert second.failed_with("EALREADY")
        assert record.nothing_sent_between(*record.fences_around(second))
    with claim("errors.getpeername-enotconn"):
        assert record.the("getpeername", "requested").failed_with("ENOTCONN")
    with claim("handshake.asynchronous"):
        assert first.failed_with("EINPROGRESS")
        assert pending_error(record.the("getsockopt", "requested"), "0")
        assert established(record, "answered")
        assert record.the("getpeername", "answered").gave_address(record.address("server"))
    with claim("handshake.writable"):
        assert reported(early)
        assert reported(record.the("poll", "answered"), "POLLOUT")
    with claim("names.tcp-client-local"):
        local = record.the("getsockname", "answered")
        assert Finding(
            str(local.address) == seen.packet(0).source, f"the name {seen.packet(0).source}", local
        )


@observes("connect/held_signal", stage="wire", family=INET_BOTH)
def test_a_signal_ends_connect_and_not_the_handshake(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 connect(), ERRORS [EINTR]: the request shall not be aborted."""
    connect = record.the("connect")
    with claim("handshake.interrupted"):
        assert connect.slept()
        assert connect.failed_with("EINTR")
        assert nothing(answers(record, record.near_stream, 0, 1))
        assert established(record, "answer")
        assert record.the("getpeername").succeeded()
    with claim("handshake.writable"):
        assert reported(record.the("poll", "signal"))
        assert reported(record.the("poll", "answer"), "POLLOUT")


@observes("connect/two_numbers", stage="wire", family=INET_BOTH)
def test_two_connections_begin_with_different_numbers(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.4.1."""
    with claim("handshake.numbers"):
        assert len(record.calls("connect")) == 2
        isns = [stream.isn for stream in connections(record)]
        assert Finding(
            len(isns) == len(set(isns)) == 2, "two SYNs with different numbers", str(isns)
        )


# --- connect(): answers that are none ------------------------------------------------------------


def waited_on(record: RecordView) -> Finding:
    """connect() was asleep when the stray segment had come, and got its connection later."""
    connect = record.the("connect")
    asleep = connect.slept()
    return connect.gave(0) if asleep.ok else asleep


@observes(
    "connect/stray_answer",
    stage="wire",
    family=INET_BOTH,
    flags=("syn+ack", "ack"),
    ack_ahead=UNACCEPTABLE,
    data="no",
)
def test_a_wrong_acknowledgement_is_reset_and_connect_waits_on(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.7.3, first: check the ACK bit."""
    near = record.near_stream
    stray = received_between(record, 0, 1)
    with claim("handshake.wrong-ack-reset"):
        assert reset_at(answers(record, near, 0, 2), stray.ack)
    with claim("handshake.wrong-ack-waits"):
        assert waited_on(record)
        assert lives(record)


@observes(
    "connect/stray_answer",
    stage="wire",
    family=INET_BOTH,
    flags=("rst", "rst+ack"),
    ack_ahead=UNACCEPTABLE,
    data="no",
)
def test_a_reset_that_acknowledges_nothing_is_ignored(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.7.3, first and second: check the ACK bit, check the RST bit."""
    if record.variant["flags"] == "rst":
        with claim("handshake.reset-without-ack"):
            assert waited_on(record)
            assert lives(record)
        return
    with claim("handshake.reset-wrong-ack"):
        assert nothing(answers(record, record.near_stream, 0, 2))
        assert waited_on(record)
        assert lives(record)


@observes(
    "connect/stray_answer",
    stage="wire",
    family=INET_BOTH,
    flags=("ack", "fin", "fin+ack", "no_flags", "psh+ack"),
    ack_ahead="0",
    data=("no", "yes"),
)
def test_what_has_neither_syn_nor_rst_is_ignored(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.3, fifth."""
    with claim("handshake.neither-syn-nor-rst"):
        assert nothing(answers(record, record.near_stream, 0, 2))
        assert waited_on(record)
        assert lives(record)


@observes("connect/reset_answer", stage="wire", family=INET_BOTH, mode="blocking")
def test_a_reset_refuses_a_blocking_connect(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.3, second; POSIX.1-2024 connect(), ERRORS [ECONNREFUSED]."""
    connect = record.the("connect", "reset")
    asked, *_ = connections(record)
    with claim("connect.tcp-blocks-until-outcome"):
        assert connect.slept()
        assert connect.failed_with("ECONNREFUSED")
    with claim("connect.returns-zero"):
        assert connect.gave(-1)
    with claim("errors.connect-econnrefused"):
        assert connect.failed_with("ECONNREFUSED")
    with claim("handshake.reset-unanswered"):
        assert nothing(answered_reset(record, asked))
    with claim("connect.failed-needs-new-socket"):
        assert no_second_chance(record)


def answered_reset(record: RecordView, stream: Stream) -> tuple[Packet, ...]:
    """What the near host sent of a connection when the reset had come."""
    resets = stream.other.resets
    if not resets:
        raise NotObserved("the peer's reset was not captured")
    return tuple(p for p in stream.packets if p.n > resets[0].n)


def no_second_chance(record: RecordView) -> Finding:
    """No further connect() on the socket led to a connection."""
    done = record.calls("getsockopt", step="again")
    better = [call for call in record.calls("connect", step="again") if call.gave(0).ok]
    ok = not better and not any(pending_error(call, "0").ok for call in done)
    seen = "; ".join(map(str, (*record.calls("connect", step="again"), *done)))
    return Finding(ok, "no connection by the same socket", seen)


@observes("connect/reset_answer", stage="wire", family=INET_BOTH, mode="nonblocking")
def test_a_reset_ends_a_connect_in_progress(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 connect(); getsockopt(), SO_ERROR, which is cleared when it is read."""
    first, second = record.calls("getsockopt", step="reset")
    asked, *_ = connections(record)
    with claim("handshake.error-once"):
        assert pending_error(first, "ECONNREFUSED")
        assert pending_error(second, "0")
    with claim("handshake.failure-writable"):
        assert reported(record.the("poll", "reset"), "POLLOUT")
    with claim("handshake.reset-unanswered"):
        assert nothing(answered_reset(record, asked))
    with claim("connect.failed-needs-new-socket"):
        assert no_second_chance(record)


@observes("connect/unanswered", stage="wire", family=INET_BOTH)
def test_a_syn_without_an_answer_is_sent_again_and_given_up(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.8.3 and 3.10.8; POSIX.1-2024 connect(), ERRORS [ETIMEDOUT]."""
    first, again = record.calls("connect")
    asked, *_ = connections(record)
    with claim("connect.tcp-blocks-until-outcome"):
        assert first.slept()
        assert first.failed_with("ETIMEDOUT")
    with claim("handshake.timed-out"):
        assert first.failed_with("ETIMEDOUT")
    with claim("handshake.syn-again"):
        syns = tuple(p for p in asked.packets if p.is_syn)
        same = len(syns) > 1 and {p.seq for p in syns} == {asked.isn}
        assert Finding(same, "several SYNs with one number", packets_text(syns))
    with claim("connect.failed-needs-new-socket"):
        assert again.gave(-1)


@observes("connect/closed_while_asking", stage="wire", family=INET_BOTH)
def test_close_gives_an_attempt_up_without_a_word(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.4, SYN-SENT; 3.10.7.1."""
    near = record.near_stream
    with claim("handshake.close-unanswered"):
        assert record.the("close").gave(0)
        assert nothing(answers(record, near, 0, 1))
    with claim("handshake.late-answer"):
        late = [p for p in near.peer_packets if p.is_syn_ack]
        if not late:
            raise NotObserved("the peer's SYN+ACK was not captured")
        assert reset_at(answers(record, near, 1, 3), late[0].ack)


# --- connect(): other ways to a connection -------------------------------------------------------


@observes("connect/crossing", stage="wire", family=INET_BOTH, answer=("ack", "syn_ack"))
def test_syns_that_cross_make_a_connection(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.5, figure 7."""
    connect = record.the("connect")
    near = record.near_stream
    both = tuple(p for p in near.packets if p.is_syn_ack)
    with claim("handshake.simultaneous"):
        assert connect.gave(0)
        assert lives(record)
    with claim("handshake.simultaneous-answer"):
        assert connect.slept()
        right = bool(both) and (near.relative(both[0]), near.relative_ack(both[0])) == (0, 1)
        assert Finding(right, "a SYN+ACK with the number of the SYN", packets_text(both))
    with claim("connect.tcp-blocks-until-outcome"):
        assert connect.slept()
        assert connect.gave(0)


@observes("connect/answer_again", stage="wire", family=INET_BOTH)
def test_a_syn_ack_that_comes_again_is_acknowledged_again(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.7.4, first and fourth."""
    near = record.near_stream
    with claim("handshake.answer-again"):
        seq, ack = modulo(near.isn + 1), modulo(near.other.isn + 1)
        assert acks_of(segments_between(record, 0, 2), seq, ack)
        assert lives(record, "alive")


@observes("connect/data_with_answer", stage="wire", family=INET_BOTH)
def test_data_with_the_syn_ack_are_received_once(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.3, fourth: other text is processed on; 3.5."""
    first, second = record.calls("recv")
    with claim("handshake.answer-with-data"):
        assert established(record, "answer")
        assert first.got_just(HELLO)
        assert second.failed_with("EAGAIN", "EWOULDBLOCK")


@observes(
    "connect/group",
    stage="wire",
    family=INET_BOTH,
    to=("broadcast", "subnet", "multicast", "multicast6"),
    when=lambda v: (v["family"] == "inet6") == (v["to"] == "multicast6"),
)
def test_nobody_connects_to_many_hosts(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.9.1.1, MUST-46."""
    connect = record.the("connect")
    with claim("handshake.open-to-group"):
        assert connect.gave(-1)
        assert Finding(connect.errno != "EINPROGRESS", "connect() to fail", connect)
        assert record.nothing_sent_between(*record.fences_around(connect))


# --- options -------------------------------------------------------------------------------------


@observes("connect/odd_options", stage="wire", family=INET_BOTH, options="unknown")
def test_options_that_nobody_knows_are_ignored(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.1, MUST-6."""
    with claim("handshake.unknown-option"):
        assert established(record, "odd")
        assert lives(record, "odd")


@observes(
    "connect/odd_options",
    stage="wire",
    family=INET_BOTH,
    options=("no_length", "length_one", "too_long", "cut_off"),
)
def test_options_of_impossible_lengths_do_no_harm(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.1, MUST-7: it suggests a reset."""
    odd, *_ = connections(record)
    with claim("handshake.illegal-option"):
        if pending_error(record.the("getsockopt", "odd"), "0").ok:
            assert lives(record, "odd")
        else:
            assert Finding(bool(odd.resets), "a reset", packets_text(odd.packets))
        assert established(record, "plain")
        assert lives(record, "plain")


def announced(packet: Packet, mss: int) -> Finding:
    return Finding(packet.options.mss == mss, f"an MSS option of {mss}", packet)


def has_mss(packet: Packet, default: int, of_link: int) -> Finding:
    """An MSS option, unless the receive MSS is the default one, so that it need not be there."""
    ok = packet.options.mss is not None or of_link == default
    return Finding(ok, "an MSS option", packet)


def link_mss(record: RecordView) -> int:
    return int(record.variant["mtu"]) - IP_AND_TCP[record.variant["family"]]


def longest_is(stream: Stream, most: int) -> Finding:
    """The longest segment has just so many bytes."""
    lengths = sorted({packet.payload_length for packet in stream.packets})
    return Finding(lengths[-1] == most, f"segments of up to {most} bytes", f"{lengths} bytes")


@observes(
    "connect/segment_size",
    stage="wire",
    family=INET_BOTH,
    mss=("0", "600", "1000", "1300", "8960"),
    mtu=("1500", "1400"),
)
def test_segments_are_as_long_as_both_ends_allow(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.7.1: SHLD-5, MUST-15, MUST-16, MUST-67."""
    near = record.near_stream
    default, of_link = DEFAULT_MSS[record.variant["family"]], link_mss(record)
    told_mss = int(record.variant["mss"])
    with claim("handshake.mss-sent"):
        assert has_mss(near.syn, default, of_link)
    with claim("handshake.mss-of-mtu"):
        assert announced(near.syn, of_link)
    if not told_mss:
        with claim("handshake.mss-default"):
            assert longest_is(near, default)
        return
    with claim("handshake.mss-respected"):
        most = min(told_mss, of_link)
        longest = max(packet.payload_length for packet in near.packets)
        assert Finding(0 < longest <= most, f"at most {most} bytes", f"{longest} bytes")


# --- the peer asks -------------------------------------------------------------------------------


@observes("listen/steps", stage="wire", family=INET_BOTH, mtu=("1500", "1400"))
def test_a_listener_answers_and_waits_for_the_third_step(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.5, figure 6; 3.10.7.2, third; 3.10.7.4, fifth."""
    near = record.near_stream
    seen = record.exchange("< SYN", "> SYN+ACK", "< ACK")
    peer = record.the("getpeername")
    with claim("listen.passive"):
        assert record.nothing_sent_between(record.fences[0], record.fences[1])
        assert seen
    with claim("handshake.syn-answered"):
        assert seen
        answer = seen.packet(1)
        assert Finding(near.relative_ack(answer) == 1, "the SYN to be acknowledged", answer)
    with claim("handshake.not-before-ack"):
        assert nobody_waits(record, "syn")
        assert somebody_waits(record, "ack")
    with claim("accept.connected-socket"):
        assert somebody_waits(record, "ack")
        assert peer.gave_address(record.address("client"))
        assert lives(record)
    default, of_link = DEFAULT_MSS[record.variant["family"]], link_mss(record)
    with claim("handshake.mss-sent"):
        assert has_mss(near.syn, default, of_link)
    with claim("handshake.mss-of-mtu"):
        assert announced(near.syn, of_link)


@observes("accept/held_ack", stage="wire", family=INET_BOTH)
def test_accept_sleeps_until_the_third_step(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 accept(): it blocks until a connection is present; RFC 9293, 3.10.7.4, fifth."""
    accept = record.the("accept")
    acks = [p for p in record.near_stream.peer_packets if p.is_bare_ack]
    with claim("accept.blocks"):
        assert accept.slept()
        assert accept.succeeded()
    with claim("handshake.not-before-ack"):
        assert accept.slept()
        if not acks:
            raise NotObserved("the peer's ACK was not captured")
        assert record.before(acks[0], accept.returned)
    with claim("accept.peer-address"):
        assert accept.address == record.address("client")


@observes("accept/completed_across", stage="wire", family=INET_BOTH)
def test_the_connection_that_was_completed_first_is_accepted_first(
    record: RecordView, claim: ClaimContext
) -> None:
    """The handshakes begin in the other order."""
    first, second = record.calls("accept")
    with claim("accept.fifo"):
        assert first.succeeded()
        assert second.succeeded()
        assert first.gave_address(record.address("began second"))
        assert second.gave_address(record.address("began first"))


@observes("listen/stray_ack", stage="wire", family=INET_BOTH, flags="ack", ack_ahead=UNACCEPTABLE)
def test_a_wrong_acknowledgement_of_the_syn_ack_is_reset(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.7.4, fifth, SYN-RECEIVED."""
    stream, *_ = connections(record)
    with claim("handshake.received-wrong-ack"):
        assert reset_at(answers(record, stream, 0, 2), received_between(record, 0, 1).ack)
        assert nobody_waits(record, "stray")


@observes(
    "listen/stray_ack", stage="wire", family=INET_BOTH, flags=("rst", "rst+ack"), ack_ahead="0"
)
def test_a_reset_takes_a_half_made_connection_away(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.4, second, SYN-RECEIVED, after a passive OPEN."""
    stream, *_ = connections(record)
    with claim("handshake.received-reset"):
        assert nothing(answers(record, stream, 0, 2))
        assert nobody_waits(record, "stray")
        assert nobody_waits(record, "ack")
        assert reset_at(answers(record, stream, 2, 4), received_between(record, 2, 3).ack)
        assert somebody_waits(record, "another")


@observes("listen/stray_ack", stage="wire", family=INET_BOTH, flags="syn", ack_ahead="0")
def test_the_same_syn_again_is_acknowledged_again(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.4, first: what is not acceptable is answered by an ACK."""
    stream, *_ = connections(record)
    with claim("handshake.received-syn-again"):
        again = segments_between(record, 0, 2)
        right = bool(again) and all(
            stream.relative_ack(p) == 1 and stream.relative(p) == int(not p.is_syn_ack)
            for p in again
        )
        assert Finding(
            right, "an acknowledgement with the numbers of the first", packets_text(again)
        )
        assert nobody_waits(record, "stray")
        assert somebody_waits(record, "ack")


@observes("listen/unacknowledged", stage="wire", family=INET_BOTH)
def test_a_syn_ack_without_an_answer_is_sent_again(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.8; 3.10.7.4, fifth: any acceptable ACK establishes the connection."""
    near = record.near_stream
    answers_sent = tuple(p for p in near.packets if p.is_syn_ack)
    with claim("handshake.syn-ack-again"):
        same = len(answers_sent) > 1 and {p.seq for p in answers_sent} == {near.isn}
        assert Finding(same, "several SYN+ACKs with one number", packets_text(answers_sent))
        assert nobody_waits(record, "silence")
        assert somebody_waits(record, "data")
        assert record.the("recv").got_just(HELLO)


@observes("accept/early_data", stage="wire", family=INET_BOTH, data_with="ack")
def test_data_with_the_ack_are_there_at_once(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.4, fifth: continue processing; seventh: the text."""
    first, second = record.calls("recv")
    with claim("handshake.data-with-ack"):
        assert somebody_waits(record, "ack")
        assert first.got_just(HELLO)
        assert second.failed_with("EAGAIN", "EWOULDBLOCK")


@observes("accept/early_data", stage="wire", family=INET_BOTH, data_with="syn")
def test_data_with_the_syn_wait_for_the_connection(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.5: they may be buffered until the connection is established."""
    first, second = record.calls("recv")
    with claim("handshake.syn-data-not-early"):
        assert nobody_waits(record, "syn")
    with claim("handshake.syn-data-once"):
        assert somebody_waits(record, "ack")
        assert first.got_just(HELLO)
        assert second.failed_with("EAGAIN", "EWOULDBLOCK")


@observes("accept/reset_in_queue", stage="wire", family=INET_BOTH)
def test_a_connection_that_is_reset_before_it_is_accepted(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 accept(), ERRORS [ECONNABORTED]; recv(), ERRORS [ECONNRESET]."""
    accept = record.the("accept", "accept")
    with claim("handshake.aborted-in-queue"):
        assert accept.failed_with("ECONNABORTED")
    with claim("handshake.reset-in-queue"):
        if accept.failed:
            raise NotObserved("accept() does not hand the connection out")
        assert record.the("recv").failed_with("ECONNRESET")
    with claim("accept.listener-lives-on"):
        assert somebody_waits(record, "another")


# --- a queue that is full ------------------------------------------------------------------------


def late_one(record: RecordView) -> Stream:
    """The near host's end of the connection that finds the queue full."""
    late = str(record.address("late"))
    for stream in connections(record):
        if any(packet.source == late for packet in stream.peer_packets):
            return stream
    raise NotObserved("no packet of the late connection was captured")


def full(record: RecordView, step: str, count: int) -> None:
    """That just the connections before the late one were in the queue."""
    accepts = record.calls("accept", step=step)
    if not all(call.succeeded().ok for call in accepts[:count]):
        raise NotObserved(f"the queue did not have {count} connections")


@observes("listen/full", stage="wire", family=INET_BOTH, abort=("0", "1"))
def test_a_syn_that_finds_the_queue_full(record: RecordView, claim: ClaimContext) -> None:
    """listen(2), DESCRIPTION: refused, or ignored so that a later attempt succeeds."""
    late = late_one(record)
    seen = answers(record, late, -3, -1)
    full(record, "room", 2)
    if any(packet.is_syn_ack for packet in seen):
        raise NotObserved("the queue has room for another connection")
    with claim("handshake.full-queue"):
        refused = len(seen) == 1 and seen[0].is_rst
        assert Finding(not seen or refused, "a RST or no answer", packets_text(seen))
    with claim("handshake.full-queue-later"):
        if seen:
            raise NotObserved("the SYN was not ignored")
        assert somebody_waits(record, "late")


@observes("listen/overflow", stage="wire", family=INET_BOTH, abort=("0", "1"))
def test_a_handshake_that_ends_when_the_queue_is_full(
    record: RecordView, claim: ClaimContext
) -> None:
    """tcp(7), tcp_abort_on_overflow."""
    late = late_one(record)
    full(record, "room", 3)
    if record.calls("accept", step="room")[3].succeeded().ok:
        raise NotObserved("the queue has room for another connection")
    resets = late.until(record.the("poll", "room")).resets
    if record.variant["abort"] == "1":
        with claim("handshake.overflow-reset"):
            assert Finding(len(resets) == 1, "a RST", packets_text(resets))
            assert nobody_waits(record, "again")
        return
    with claim("handshake.overflow-recovers"):
        assert nothing(resets)
        assert somebody_waits(record, "again")


@observes("listen/deferred", stage="wire", family=INET_BOTH)
def test_a_deferred_listener_wakes_up_for_data(record: RecordView, claim: ClaimContext) -> None:
    """tcp(7), TCP_DEFER_ACCEPT."""
    with claim("handshake.deferred"):
        assert nobody_waits(record, "handshake")
        assert somebody_waits(record, "data")
        assert record.the("recv").got_just(HELLO)


@observes("listen/closed_with_queue", stage="wire", family=INET_BOTH, queued=("established", "syn"))
def test_what_waits_at_a_listener_goes_with_it(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.5.2, group 1: there is no such connection."""
    near = record.near_stream
    close = record.the("close")
    with claim("handshake.listener-gone"):
        assert close.gave(0)
        resets = tuple(p for p in near.resets if record.before(close.entered, p).ok)
        assert Finding(bool(resets), "a RST after close()", packets_text(near.packets))


# --- segments of no connection -------------------------------------------------------------------

WITHOUT_ACK = ("syn", "fin", "syn+fin", "psh", "no_flags")
WITH_ACK = ("ack", "syn+ack", "fin+ack", "psh+ack")
RESETS = ("rst", "rst+ack")


@observes(
    "listen/no_listener",
    stage="wire",
    family=INET_BOTH,
    flags=(*WITHOUT_ACK, *WITH_ACK, *RESETS),
    data=("no", "yes"),
)
def test_where_nothing_listens(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.1; 3.5.2, group 1."""
    stray = received_between(record, 1, 2)
    seen = segments_between(record, 1, 3)
    flags = record.variant["flags"]
    if flags in RESETS:
        with claim("handshake.closed-reset"):
            assert nothing(seen)
    elif flags in WITH_ACK:
        with claim("handshake.closed-with-ack"):
            assert reset_at(seen, stray.ack)
    else:
        with claim("handshake.closed-without-ack"):
            assert reset_of(seen, modulo(number(stray) + stray.numbers))
    if flags != "syn":
        return
    refused = Finding(len(seen) == 1 and seen[0].is_rst, "a RST", packets_text(seen))
    with claim("listen.required"):
        assert refused
        assert record.nothing_sent_between(record.fences[0], record.fences[1])
    with claim("intro.server-first"):
        assert refused


def reset_of(packets: tuple[Packet, ...], ack: int) -> Finding:
    """A RST+ACK with the sequence number 0 that acknowledges this, and nothing else."""
    ok = (
        len(packets) == 1
        and packets[0].flags >= {"RST", "ACK"}
        and (packets[0].seq, packets[0].ack) == (0, ack)
    )
    return Finding(ok, f"just a RST+ACK with seq 0 and ack {ack}", packets_text(packets))


@observes(
    "listen/stray",
    stage="wire",
    family=INET_BOTH,
    flags=("fin", "psh", "no_flags", *WITH_ACK, *RESETS),
    data=("no", "yes"),
)
def test_segments_that_a_listener_has_no_use_for(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.10.7.2, first, second and fourth."""
    stray = received_between(record, 0, 1)
    seen = segments_between(record, 0, 2)
    flags = record.variant["flags"]
    if flags in RESETS:
        with claim("handshake.listen-reset"):
            assert nothing(seen)
            assert still_listens(record)
    elif flags in WITH_ACK:
        with claim("handshake.listen-ack"):
            assert reset_at(seen, stray.ack)
            assert still_listens(record)
    else:
        with claim("handshake.listen-other"):
            assert nothing(seen)
            assert still_listens(record)


def still_listens(record: RecordView) -> Finding:
    """The stray segment made no connection, and a handshake makes one."""
    none = nobody_waits(record, "stray")
    return somebody_waits(record, "syn") if none.ok else none


@observes(
    "listen/group_syn",
    stage="wire",
    family=INET_BOTH,
    end=("to", "from"),
    group=("broadcast", "subnet", "multicast", "multicast6"),
    rp_filter=("0", "1"),
    when=lambda v: (
        (v["family"] == "inet6") == (v["group"] == "multicast6")
        and (v["rp_filter"] == "0" or (v["end"], v["family"]) == ("from", "inet"))
    ),
)
def test_a_syn_of_many_hosts_is_ignored(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.9.2.3, MUST-57 and MUST-63.

    Linux can be told to look at where an address would be routed to (rp_filter).
    """
    if record.variant["end"] == "to":
        with claim("handshake.syn-to-group"):
            assert record.nothing_sent_between(record.fences[0], record.fences[2])
            assert nobody_waits(record, "group")
            assert somebody_waits(record, "one host")
        return
    with claim("handshake.syn-from-group"):
        assert record.nothing_sent_between(record.fences[0], record.fences[2])
        assert nobody_waits(record, "group")
        assert somebody_waits(record, "one host")


# --- a SYN inside a connection -------------------------------------------------------------------


@observes(
    "tcp/syn_inside",
    stage="wire",
    family=INET_BOTH,
    flags=("syn", "syn+ack"),
    seq_ahead=("-1", "0", "100", "500000", "-500000"),
    side=("client", "server"),
)
def test_a_syn_does_not_hurt_an_established_connection(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.7.4, fourth; RFC 5961, 4.2.

    A SYN+ACK at the number of the client's handshake is one that comes again, and has a claim of
    its own.
    """
    near = record.near_stream
    with claim("handshake.syn-established"):
        seq, ack = modulo(near.isn + 1), modulo(near.other.isn + 1)
        assert acks_of(segments_between(record, 0, 2), seq, ack)
    with claim("handshake.syn-harmless"):
        assert near.until(record.fences[2]).no_reset()
        assert lives(record, "alive")


@observes("tcp/peer_rebooted", stage="wire", family=INET_BOTH)
def test_a_peer_that_forgot_a_connection_gets_a_new_one(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.5.1, figure 9."""
    near = record.near_stream
    with claim("handshake.half-open"):
        told_numbers = tuple(p for p in near.until(record.fences[0]).packets if p.is_bare_ack)
        assert acks_of(told_numbers, modulo(near.isn + 1), modulo(near.other.isn + 1))
        assert record.the("recv").failed_with("ECONNRESET")
        assert nothing(segments_between(record, 0, 2))
        assert somebody_waits(record, "syn again")
