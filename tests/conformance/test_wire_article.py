# SPDX-License-Identifier: Apache-2.0
"""What else of the article a peer on the wire can see, and calls that depend on what it does."""

from __future__ import annotations

from sockspec.check import (
    INET_BOTH,
    NO_ADDRESS,
    SAID,
    WOULD_BLOCK,
    WRITERS,
    Address,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    Stream,
    observes,
    packets_text,
    pattern,
)

ANY = {"inet": "0.0.0.0", "inet6": "::"}
LINK_MTU = 1500
UDP_OVER = {"inet": 28, "inet6": 48}
"""The headers of IP and UDP, in bytes."""


def near(record: RecordView) -> Stream:
    """What the near end of the connection sent that the probe is about."""
    return record.stream(record.address("near"))


def sent_by(record: RecordView, call: CallView) -> tuple[Packet, ...]:
    """What left between the markers around a call, but for what had left before, and mere ACKs."""
    return near(record).new_between(*record.fences_around(call))


def nothing(packets: tuple[Packet, ...]) -> Finding:
    return Finding(not packets, "nothing to be sent", packets_text(packets))


def data_only(packets: tuple[Packet, ...], data: bytes) -> Finding:
    """They are data segments, with these bytes in all."""
    ok = all(packet.is_data_segment and not packet.is_fin for packet in packets)
    ok = ok and b"".join(packet.payload for packet in packets) == data
    return Finding(ok, f"just {len(data)} bytes of data sent", packets_text(packets))


def all_sent(stream: Stream, data: bytes) -> Finding:
    """These bytes were sent, and no others."""
    ok = stream.sent() == len(data) and stream.data == data
    return Finding(ok, f"the {len(data)} bytes sent", f"{stream.sent()} bytes sent")


def first_segment(stream: Stream) -> Packet:
    """The first that has data."""
    if not stream.segments:
        raise NotObserved("no segment with data was captured")
    return stream.segments[0]


def nth(record: RecordView, call: str, n: int) -> CallView:
    """One of several such calls, the first being 0."""
    found = record.calls(call)
    if n >= len(found):
        raise NotObserved(f"{call}() was called {len(found)} times only")
    return found[n]


# --- the source's TCP programs -------------------------------------------------------------------

CLIENTS = {"client 1": 5, "client 2": 1000, "client 3": 0}
"""How many bytes each client of the peer's sends; its pattern's seed is its place here."""


@observes("tcp/server_steps", stage="wire", family=INET_BOTH)
def test_a_tcp_server_serves_clients_of_the_peer(record: RecordView, claim: ClaimContext) -> None:
    """The six steps of the source; RFC 9293, 3.5 and 3.6: opened by SYN+ACK, and closed by FIN.

    The first client waits for the server to close, the others close before it does.
    """
    with claim("tcp.server-sequence", "socket, bind, listen"):
        assert record.the("socket").succeeded()
        assert record.the("bind").gave(0)
        assert record.the("listen").gave(0)
        assert record.nothing_sent_between(record.fences[0], record.fences[1])
    with claim("tcp.server-sequence", "it waits for a client"):
        assert nth(record, "accept", 0).slept()
    for n, (name, size) in enumerate(CLIENTS.items()):
        client = record.address(name)
        server = record.stream(to=client)
        accepted, close = nth(record, "accept", n), nth(record, "close", n)
        with claim("tcp.server-sequence", f"{name}: accept"):
            assert accepted.succeeded()
            assert accepted.gave_address(client)
        with claim("tcp.server-sequence", f"{name}: read, close"):
            assert nth(record, "read", n).got_pattern(size, seed=n)
            assert close.gave(0)
        with claim("tcp.server-sequence", f"{name}: on the wire"):
            assert begins_with_syn_ack(server)
            assert server.other.acknowledged_up_to == 1 + size + 1
            assert server.one_fin()
            assert server.ends_behind(0)
            assert record.before(close.entered, server.fins[0])
            assert server.no_reset()
    with claim("tcp.server-sequence", "the listener's close"):
        close = record.the("close", "end")
        assert close.gave(0)
        assert record.nothing_sent_between(*record.fences_around(close))


def begins_with_syn_ack(stream: Stream) -> Finding:
    first = stream.packets[:1]
    return Finding(bool(first) and first[0].is_syn_ack, "SYN+ACK first", packets_text(first))


@observes("tcp/client_steps", stage="wire", family=INET_BOTH, size=("1", "1000", "8000"))
def test_a_tcp_client_delivers_its_data_to_the_peer(
    record: RecordView, claim: ClaimContext
) -> None:
    """The four steps of the source; RFC 9293, 3.6: all data before the FIN."""
    size = int(record.variant["size"])
    connect, written = record.the("connect"), record.the("write")
    client = record.stream(to=connect.argument_address)
    with claim("tcp.client-sequence", "the calls"):
        assert record.the("socket").succeeded()
        assert connect.gave(0)
        assert written.gave(size)
        assert record.the("close").gave(0)
    with claim("tcp.client-sequence", "on the wire"):
        assert record.exchange("> SYN", "< SYN+ACK", "> ACK")
        assert all_sent(client, pattern(size))
        assert record.before(written.entered, client.segments[0])
        assert client.one_fin()
        assert client.ends_behind(size)
        assert client.no_reset()


# --- connect(), accept(), listen() ---------------------------------------------------------------


@observes("connect/held_names", stage="wire", family=INET_BOTH)
def test_the_syn_has_the_address_of_the_link_that_leads_to_the_peer(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 1122, 3.3.4.3; loopback is the other address that the host has."""
    before, waiting, connected = record.calls("getsockname")
    source = record.stream(to=record.the("connect").argument_address).syn.src
    with claim("connect.source-address"):
        assert Finding(before.address.host == ANY[record.variant["family"]], "no address", before)
        assert Finding(source == record.hosts[0], f"the source {record.hosts[0]}", source)
        for call in (waiting, connected):
            assert Finding(call.address.host == source, f"the address {source}", call)


@observes("accept/closed_one", stage="wire", family=INET_BOTH)
def test_the_close_of_an_accepted_connection_is_its_own(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 accept(), DESCRIPTION; RFC 9293, 3.6."""
    accepted = record.calls("accept", step="accepted")
    *clients, another = map(Address.parse, record.notes("client"))
    turns = [int(step.split()[1]) for step in record.steps if step.endswith("closed")]
    with claim("accept.per-connection", "descriptors"):
        numbers = {record.number("listener"), *(call.result for call in accepted)}
        for call, client in zip(accepted, clients, strict=True):
            assert call.succeeded()
            assert call.gave_address(client)
        text = ", ".join(map(str, accepted))
        assert Finding(len(numbers) == 1 + len(clients), "a descriptor for each", text)
    for n, turn in enumerate(turns):
        step = f"client {turn} closed"
        close = record.the("close", step)
        with claim("accept.per-connection", f"{step}: the wire"):
            assert close.gave(0)
            assert fin_of(record, close, clients[turn])
            for other in turns[n + 1 :]:
                assert nothing(ends_by(record, record.fences_around(close)[1], clients[other]))
        if turn != turns[-1]:
            with claim("accept.per-connection", f"{step}: the others"):
                assert_conversations(record, step, len(turns) - n - 1)
    with claim("accept.per-connection", "the listener"):
        assert record.the("accept", "another").gave_address(another)
        assert_conversations(record, "another", 1)


def ends_by(record: RecordView, moment: Packet, client: Address) -> tuple[Packet, ...]:
    """What ended the connection to a client, as far as it had been sent by then."""
    stream = record.stream(to=client).until(moment)
    return (*stream.fins, *stream.resets)


def fin_of(record: RecordView, close: CallView, client: Address) -> Finding:
    """Between the markers around its close() its FIN was sent, and no reset."""
    begin, end = record.fences_around(close)
    before, after = ends_by(record, begin, client), ends_by(record, end, client)
    ok = not before and len(after) == 1 and after[0].is_fin
    return Finding(ok, f"one FIN to {client} by {close}", packets_text(after))


def assert_conversations(record: RecordView, step: str, count: int) -> None:
    """So many connections carried something both ways."""
    said, heard = record.calls("send", step=step), record.calls("recv", step=step)
    assert len(said) == len(heard) == count
    for there, back in zip(said, heard, strict=True):
        assert there.gave(len("near"))
        assert back.got_just(b"peer!")


@observes("listen/filled", stage="wire", family=INET_BOTH, backlog=("0", "1", "5"))
def test_the_backlog_is_the_number_of_connections_that_the_peer_can_make(
    record: RecordView, claim: ClaimContext
) -> None:
    """listen(2): a request that finds the queue full is refused or ignored."""
    if not record.number("full"):
        raise NotObserved("the queue was not full")
    late, most = record.address("late"), int(record.variant["backlog"])
    *given, last = record.calls("accept", step="accepted")
    with claim("listen.backlog-limit", "the number"):
        assert record.the("listen").gave(0)
        assert last.failed_with(*WOULD_BLOCK)
        assert Finding(
            len(given) == most,
            f"a full queue of {most} connections after {record.the('listen')}",
            f"it held {len(given)}",
        )
    with claim("listen.backlog-limit", "the next client"):
        answers = record.stream(to=late).until((*given, last)[0]).packets
        refused = all(packet.is_rst for packet in answers)
        assert Finding(refused, "a RST or no answer to its SYN", packets_text(answers))
        addresses = [call.address for call in given]
        assert Finding(late not in addresses, f"{late} not in the queue", f"{addresses}")
    with claim("listen.backlog-limit", "places are free"):
        assert record.calls("accept", step="places are free")[0].gave_address(late)


# --- shutdown() ----------------------------------------------------------------------------------


@observes("shutdown/then_send", stage="wire", family=INET_BOTH, how="rd")
def test_a_socket_that_receives_no_more_still_sends(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 shutdown(), SHUT_RD: it disables receive operations."""
    shut = record.the("shutdown")
    with claim("shutdown.rd-still-sends", "nothing sent by SHUT_RD"):
        assert shut.gave(0)
        assert nothing(sent_by(record, shut))
    for seed, by in enumerate(WRITERS):
        with claim("shutdown.rd-still-sends", by):
            call = record.the(by, by)
            assert call.gave(SAID)
            assert data_only(sent_by(record, call), pattern(SAID, seed=seed))
    with claim("shutdown.rd-still-sends", "the end"):
        assert near(record).one_fin()
        assert near(record).ends_behind((1 + len(WRITERS)) * SAID)
        assert near(record).no_reset()


@observes("shutdown/then_send", stage="wire", family=INET_BOTH, how="wr")
def test_the_peer_gets_nothing_of_what_is_sent_after_shut_wr(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 shutdown(), SHUT_WR; send(), EPIPE."""
    for by in WRITERS:
        with claim("shutdown.wr-no-send", by):
            assert_not_sent(record, by)
    with claim("shutdown.wr-no-send", "the end"):
        assert_ended_by_shutdown(record)


@observes("shutdown/then_send", stage="wire", family=INET_BOTH, how="rdwr")
def test_the_peer_gets_nothing_of_what_is_sent_after_shut_rdwr(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 shutdown(), SHUT_RDWR; send(), EPIPE."""
    for by in WRITERS:
        with claim("shutdown.rdwr", f"the wire: {by}"):
            assert_not_sent(record, by)
    with claim("shutdown.rdwr", "the wire: the end"):
        assert_ended_by_shutdown(record)


def assert_not_sent(record: RecordView, by: str) -> None:
    call = record.the(by, by)
    assert call.failed_with("EPIPE")
    assert nothing(sent_by(record, call))


def assert_ended_by_shutdown(record: RecordView) -> None:
    """By the FIN behind what was sent before it; close() has nothing to add."""
    shut = record.the("shutdown")
    fin = sent_by(record, shut)
    assert shut.gave(0)
    assert Finding(len(fin) == 1 and fin[0].is_fin, f"one FIN by {shut}", packets_text(fin))
    assert near(record).one_fin()
    assert near(record).ends_behind(SAID)
    assert nothing(sent_by(record, record.the("close")))


# --- send(), sendto(), recvfrom() ----------------------------------------------------------------


@observes("icmp/link_mtu_datagram", stage="wire", family=INET_BOTH, discover=("do", "probe"))
def test_a_datagram_too_long_for_one_packet_is_refused_and_not_sent(
    record: RecordView, claim: ClaimContext
) -> None:
    """ip(7), IP_MTU_DISCOVER; ipv6(7), IPV6_MTU_DISCOVER: no datagram is fragmented here."""
    fits = LINK_MTU - UDP_OVER[record.variant["family"]]
    first, longer = record.the("send", "fits"), record.the("send", "longer")
    with claim("send.emsgsize", "one packet"):
        assert first.gave(fits)
        sent = record.sent_between(*record.fences_around(first))
        sizes = [packet.payload_length for packet in sent]
        assert Finding(sizes == [fits], f"one datagram of {fits} bytes", packets_text(sent))
    with claim("send.emsgsize", "one byte more"):
        assert longer.args["size"] == fits + 1
        assert longer.failed_with("EMSGSIZE")
        assert record.nothing_sent_between(*record.fences_around(longer))


@observes("icmp/link_mtu_datagram", stage="wire", family=INET_BOTH, discover=("want", "dont"))
def test_a_datagram_is_not_too_long_where_it_may_be_fragmented(
    record: RecordView, claim: ClaimContext
) -> None:
    """ip(7), IP_MTU_DISCOVER; ipv6(7), IPV6_MTU_DISCOVER."""
    longer = record.the("send", "longer")
    with claim("send.emsgsize", "one byte more, fragments allowed"):
        assert longer.gave(LINK_MTU - UDP_OVER[record.variant["family"]] + 1)
        sent = record.sent_between(*record.fences_around(longer))
        whole = len(sent) == 2 and all(packet.is_fragment for packet in sent)
        assert Finding(whole, "two fragments", packets_text(sent))


@observes("sendto/tcp_peer", stage="wire", family=INET_BOTH)
def test_sendto_and_recvfrom_are_enough_for_a_tcp_connection(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 sendto(), recvfrom(); EISCONN, or the address is ignored."""
    question, answer = record.the("sendto", "question"), record.the("recvfrom", "waiting")
    more, another = record.the("recvfrom", "more"), record.the("sendto", "to another")
    peer = record.address("peer")
    with claim("sendto.works-on-tcp", "question"):
        assert question.gave(len("question"))
        assert data_only(sent_by(record, question), b"question")
    with claim("sendto.works-on-tcp", "answer"):
        assert answer.slept()
        assert record.before(first_segment(near(record).other), answer.returned)
        assert answer.got_just(b"the answer")
        assert more.got_just(b"more")
        told = more.address in (NO_ADDRESS, peer)
        assert Finding(told, f"no address, or {peer}", more)
    with claim("sendto.works-on-tcp", "to another"):
        sent = record.sent_between(*record.fences_around(another))
        if another.failed:
            assert another.failed_with("EISCONN")
            assert nothing(sent_by(record, another))
        else:
            assert another.gave(len("to another"))
            assert data_only(sent_by(record, another), b"to another")
        elsewhere = tuple(packet for packet in sent if packet.destination != str(peer))
        assert nothing(elsewhere)
    with claim("sendto.works-on-tcp", "the end"):
        assert record.the("recvfrom", "end").got_just(b"")


@observes("udp/sender_sequence", stage="wire", family=INET_BOTH)
def test_a_udp_sender_without_a_peer_sends_a_datagram(
    record: RecordView, claim: ClaimContext
) -> None:
    """The three steps of the source; POSIX.1-2024 send(), EDESTADDRREQ, has it otherwise."""
    with claim("udp.sender-sequence"):
        assert record.the("socket").succeeded()
        assert record.the("write").gave(len("to whom?"))
        assert record.the("close").gave(0)
        sent = record.sent_between(record.fences[0], record.fences[1])
        one = [packet.payload for packet in sent] == [b"to whom?"]
        assert Finding(one, "one datagram", packets_text(sent))


# --- the idioms for non-blocking sockets ---------------------------------------------------------

NO_DATA, FAILURE = 0, -1
MOST = 12000
"""What the write loop is given, in bytes."""
END = "the end of the stream"


def told(record: RecordView, name: str, value: int) -> Finding:
    """What the idiom told its caller."""
    seen = record.number(name)
    return Finding(seen == value, f"the idiom to give {value}: {name}", f"it gave {seen}")


@observes("nonblock/read_idiom_wire", stage="wire", family=INET_BOTH)
def test_the_read_idiom_after_each_thing_that_the_peer_can_do(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 read(), ERRORS; it gives 0 at the end of the stream, the idiom for no data."""
    with claim("nonblock.read-idiom", "no data"):
        for name in ("nothing there", "nothing more"):
            assert record.the("read", name).failed_with(*WOULD_BLOCK)
            assert told(record, name, NO_DATA)
    with claim("nonblock.read-idiom", "data"):
        assert record.the("read", "data").got_just(b"hello")
        assert told(record, "data", len("hello"))
    for name, error in (("a reset", "ECONNRESET"), ("a refused connection", "ECONNREFUSED")):
        with claim("nonblock.read-idiom", name):
            assert record.the("read", name).failed_with(error)
            assert told(record, name, FAILURE)
    with claim("nonblock.read-idiom", END):
        for name in (END, f"{END} again"):
            assert record.the("read", name).gave(0)
            seen = record.number(name)
            expected = f"the idiom to tell {name} from a lack of data"
            assert Finding(seen != NO_DATA, expected, f"it gave {seen} for both")


@observes("nonblock/write_idiom_wire", stage="wire", family=INET_BOTH)
def test_the_write_loop_and_a_window_that_opens_late(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 write(): a partial count, and EAGAIN or EWOULDBLOCK; EPIPE and ECONNRESET."""
    step = "a window that opens"
    with claim("nonblock.write-idiom", step):
        assert_tried_again(record.calls("write", step=step))
        assert told(record, step, MOST)
        assert all_sent(near(record), pattern(MOST))
        assert near(record).acknowledged_up_to == 1 + MOST
    for step in ("the peer resets", "the peer ends and resets"):
        with claim("nonblock.write-idiom", step):
            *tried, last = record.calls("write", step=step)
            assert all(blocked(call) or not call.failed for call in tried)
            assert last.failed_with("ECONNRESET", "EPIPE")
            assert told(record, step, FAILURE)
    with claim("nonblock.write-idiom", "SIGPIPE not ignored"):
        ended = record.text("ended")
        assert Finding(ended == "exit 0", "the loop to return", f"the process ended by {ended}")


def blocked(call: CallView) -> bool:
    return call.failed_with(*WOULD_BLOCK).ok


def assert_tried_again(calls: tuple[CallView, ...]) -> None:
    """Each attempt takes up behind what was taken; one found no space."""
    left = MOST
    for call in calls:
        assert call.args["size"] == left
        assert blocked(call) or not call.failed
        left -= call.count
    assert left == 0
    full = sum(map(blocked, calls))
    assert Finding(full > 0, "a call that found no space", f"{full} of {len(calls)} did")


# --- SO_LINGER and a closed window ---------------------------------------------------------------


def close_that_lingers(record: RecordView) -> CallView:
    """The close(), with data that it has to wait for."""
    if record.the("setsockopt").failed or record.the("write").failed:
        raise NotObserved("SO_LINGER was not set, or nothing was written")
    return record.the("close")


def sent_behind_window(record: RecordView, moment: Packet) -> Finding:
    """Nothing of the data was sent by then, but for a window probe's one byte."""
    stream = near(record).until(moment)
    probes = {packet.n for packet in stream.probes if packet.payload_length == 1}
    sent = tuple(p for p in stream.segments if p.n not in probes)
    return nothing((*sent, *stream.fins))


@observes("close/linger_window", stage="wire", family=INET_BOTH, window="opens")
def test_close_with_linger_waits_for_the_window(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 close(), DESCRIPTION: what the window holds back is not transmitted."""
    stream = near(record)
    with claim("linger.close-waits", "a closed window"):
        close = close_that_lingers(record)
        assert close.slept()
        assert sent_behind_window(record, record.fences[1])
        assert all_sent(stream, pattern(SAID))
        assert record.before(stream.segments[-1], close.returned)
        assert close.gave(0)


@observes("close/linger_window", stage="wire", family=INET_BOTH, window="closed")
def test_close_with_linger_does_not_wait_for_the_window_forever(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 close(), DESCRIPTION: for up to the linger interval."""
    with claim("linger.ends", "a closed window"):
        close = close_that_lingers(record)
        assert close.slept()
        assert sent_behind_window(record, record.fences[-1])
        assert near(record).acknowledged_up_to == 1
        assert close.gave(0)


# --- SO_RCVLOWAT ---------------------------------------------------------------------------------


@observes(
    "recv/low_water_late",
    stage="wire",
    family=INET_BOTH,
    by=("read", "recv"),
    end=("mark", "fin"),
)
def test_the_last_byte_of_the_low_water_mark_ends_the_call(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024, 2.10.16 Use of Options, SO_RCVLOWAT.

    All that came before the call counts, whether it took that before it slept or left it there.
    """
    by = record.variant["by"]
    call = record.the(by)
    asleep = record.asleep(by, "one byte short")
    with claim("lowat.reached-in-call"):
        if record.the("ioctl").number("unread") != 9 or not asleep.ok:
            raise NotObserved("the call did not begin one byte short of the mark, and wait")
        still = record.asleep(by, "reached")
        assert Finding(not still.ok, f"{by}() to return when the mark is reached", still.observed)
        assert call.got_just_pattern(10)
