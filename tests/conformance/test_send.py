# SPDX-License-Identifier: Apache-2.0
"""What sending calls take, what they return, and what their success and their failure mean.

What the article says of send() is judged of send(), sendto() and sendmsg(), which POSIX.1-2024
makes alike but for the address and the buffers; what it says of write() of write() and writev();
what it says of a peer that has closed, of all five.
"""

from __future__ import annotations

from sockspec.check import (
    ALL_FAMILIES,
    BOTH_STAGES,
    INET_BOTH,
    NO_ADDRESS,
    READERS,
    SEND,
    TYPES,
    WOULD_BLOCK,
    WRITE,
    WRITERS,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    RecordView,
    exists,
    observes,
    reader_like,
)

MEGABYTE = 1 << 20


def assert_empty(call: CallView) -> None:
    """Nothing was there, and it changed no byte of the memory."""
    assert call.failed_with(*WOULD_BLOCK)
    assert call.left_untouched("data")


def assert_only(calls: tuple[CallView, ...], data: bytes) -> None:
    """The first call received exactly these bytes, and the second found nothing more."""
    first, rest = calls
    assert first.got_just(data)
    assert_empty(rest)


def assert_nothing_sent(record: RecordView, first: int) -> None:
    """The near host sent nothing between the marker ``first`` and the next one."""
    assert record.nothing_sent_between(record.fence(first), record.fence(first + 1))


# --- how many bytes ---------------------------------------------------------------------------

SIZES = (1, 2, 3, 255, 256, 257, 1000, 1447, 1448, 1449, 4095, 4096, 4097)


def assert_counts(record: RecordView, by: str) -> None:
    """Each call returns how many bytes it was given, and so many arrive."""
    for size in (*SIZES, record.number("large")):
        step = f"{by}, {size}"
        assert record.the(by, step).gave(size)
        assert record.the(reader_like(by), step).got_just_pattern(size, seed=WRITERS.index(by))


def assert_counts_nothing(record: RecordView, by: str) -> None:
    """No bytes are 0 bytes; on a stream nothing comes of them.

    Of messages an empty one does, which UDP has room for (RFC 768, Length: 8 at the least).  POSIX
    leaves open what write() of no bytes does to other than a regular file, and does not speak of an
    empty message of AF_UNIX.
    """
    step = f"{by}, 0"
    nothing, end = record.calls(by, step=step)
    assert nothing.gave(0)
    assert end.gave(3)
    receptions = record.calls(reader_like(by), step=step)
    arrived = [call.data for call in receptions]
    for call, data in zip(receptions, arrived, strict=True):
        assert call.got_just(data)
    stream, udp = record.variant["type"] == "stream", record.variant["family"] != "unix"
    if stream:
        assert arrived == [b"end"]
    elif udp and by in SEND:
        assert arrived == [b"", b"end"]
    else:
        assert arrived in ([b"end"], [b"", b"end"])


@observes("send/count", stage=BOTH_STAGES, family=ALL_FAMILIES, type=TYPES, when=exists)
def test_a_sending_call_returns_how_many_bytes_it_took(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 send(), write(), RETURN VALUE; send() without flags is write()."""
    for by in SEND:
        with claim("send.returns-count", by):
            assert_counts(record, by)
        with claim("send.returns-count", f"{by}, 0 bytes"):
            assert_counts_nothing(record, by)
        with claim("send.flags-zero", by):
            assert {call.args["flags"] for call in record.calls(by)} == {"0"}
            assert_counts(record, by)
    for by in WRITE:
        with claim("io.write-count", by):
            assert_counts(record, by)
        with claim("io.write-count", f"{by}, 0 bytes"):
            assert_counts_nothing(record, by)


# --- without a connection ---------------------------------------------------------------------

UNCONNECTED = {
    "stream": ("fresh", "bound", "listening", "refused", "disconnected"),
    "dgram": ("fresh", "bound", "disconnected"),
    "seqpacket": ("fresh", "bound", "listening", "refused"),
}
NO_CONNECTION = {
    "stream": ("ENOTCONN", "EPIPE"),
    "dgram": ("EDESTADDRREQ", "ENOTCONN"),
    "seqpacket": ("ENOTCONN", "EPIPE"),
}


def unconnected_states(record: RecordView) -> tuple[str, ...]:
    """AF_UNSPEC ends no connection of AF_UNIX."""
    states = UNCONNECTED[record.variant["type"]]
    if (record.variant["type"], record.variant["family"]) == ("stream", "unix"):
        return states[:-1]
    return states


def require_state(record: RecordView, step: str) -> None:
    """The socket came into the state that the step is about."""
    for call in record.calls_if_any("connect", step=step):
        wanted = call.succeeded() if step.startswith("dis") else call.failed_with("ECONNREFUSED")
        if not wanted:
            raise NotObserved(repr(wanted))


def no_connection(call: CallView, state: str) -> Finding:
    """POSIX.1-2024 send(), ERRORS: ENOTCONN, EDESTADDRREQ, EPIPE.

    A TCP socket whose connection was broken off may say so once more (ECONNRESET).
    """
    broken_off = ("ECONNRESET",) if state == "disconnected" else ()
    return call.failed_with(*NO_CONNECTION[call.record.variant["type"]], *broken_off)


@observes("send/unconnected", stage=BOTH_STAGES, family=ALL_FAMILIES, type=TYPES, when=exists)
def test_send_works_on_a_connected_socket_only(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 send(): a message is sent only when the socket is connected."""
    states = unconnected_states(record)
    on_the_wire = record.variant["family"] != "unix"
    for n, by in enumerate(SEND):
        for marker, state in enumerate(states, n * len(states) + 1):
            call = record.the(by, f"{state}, {by}")
            with claim("send.connected-only", f"{by}, {state}"):
                require_state(record, f"{state}, {by}")
                assert no_connection(call, state)
                if on_the_wire:
                    assert record.nothing_sent_between(call, record.fence(marker))
            with claim("send.returns-count", f"{by}, {state}"):
                require_state(record, f"{state}, {by}")
                assert call.gave(-1)
        with claim("send.connected-only", f"{by}, connected"):
            step = f"connected, {by}"
            assert no_connection(record.the(by, f"to be connected, {by}"), "fresh")
            assert record.the("connect", step).succeeded()
            assert record.the(by, step).gave(5)
            assert_only(record.calls("recv", step=step), b"hello")


@observes("send/connecting", stage=BOTH_STAGES, family=INET_BOTH, silence="filter")
def test_send_fails_while_the_connection_is_being_made(
    record: RecordView, claim: ClaimContext
) -> None:
    """The claim asks for a failure.  RFC 9293, 3.10.2: in SYN-SENT the data is queued for later."""
    hasty, waiting = record.the("send", "non-blocking"), record.the("send", "blocking")
    arrived = record.the("recv")
    with claim("send.connected-only", "non-blocking"):
        assert record.the("connect").failed_with("EINPROGRESS")
        assert hasty.failed_with("ENOTCONN", "EPIPE", *WOULD_BLOCK)
    with claim("send.connected-only", "blocking"):
        assert waiting.failed_with("ENOTCONN", "EPIPE")
    with claim("send.returns-count"):
        assert hasty.gave(-1)
        if waiting.failed:
            assert waiting.gave(-1)
            assert_empty(arrived)
        else:
            assert waiting.gave(len(b"waited"))
            assert arrived.got_just(b"waited")


# --- too long ---------------------------------------------------------------------------------

UDP_ROOM = {"inet": 65535 - 20 - 8, "inet6": 65535 - 8}
"""RFC 791, 3.1: 16 bits for header and data; RFC 8200, 3: for what follows the header; RFC 768: 8
bytes are UDP's."""


@observes(
    "send/too_long",
    stage=BOTH_STAGES,
    family=INET_BOTH,
    by=SEND,
    when=lambda variant: variant["stage"] == "lo" or variant["by"] == "send",
)
def test_a_datagram_longer_than_udp_has_room_for_is_refused(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 send(): too long to pass through the protocol: it fails, and nothing is sent."""
    by, room = record.variant["by"], UDP_ROOM[record.variant["family"]]
    with claim("send.emsgsize", "the longest"):
        if record.the(by, "the longest").failed_with("EMSGSIZE"):
            raise NotObserved("the socket takes no datagram as long as UDP has room for")
        assert record.the(by, "the longest").gave(room)
        assert record.the("recv", "the longest").got_just_pattern(room, seed=1)
    longer = ("one byte more", "more than the length field holds", "a megabyte")
    for n, step in enumerate(longer):
        with claim("send.emsgsize", step):
            assert record.the(by, step).failed_with("EMSGSIZE")
            assert_nothing_sent(record, 2 * n + 1)
        with claim("send.returns-count", step):
            assert record.the(by, step).gave(-1)
    with claim("send.emsgsize", "afterwards"):
        assert record.the(by, "one byte more").args["size"] == room + 1
        assert record.the(by, "afterwards").gave(5)
        first, rest = record.calls("recv", step="afterwards")
        assert first.got_just_pattern(5, seed=1)
        assert_empty(rest)


@observes("send/longer_than_buffer", family="unix", type=("dgram", "seqpacket"), by=SEND)
def test_a_message_longer_than_the_send_buffer_is_refused(
    record: RecordView, claim: ClaimContext
) -> None:
    """unix(7): SO_SNDBUF limits the size of a datagram.  The probe looks for the limit itself."""
    by = record.variant["by"]
    for buffer in ("default buffer", "narrow buffer"):
        most = record.number(buffer)
        if most >= MEGABYTE:
            raise NotObserved("a message of a megabyte is not too long here")
        with claim("send.emsgsize", f"{buffer}, the longest"):
            assert record.the(by, f"{buffer}, the longest").gave(most)
            assert record.the("recv", f"{buffer}, the longest").got_just_pattern(most, seed=1)
        with claim("send.emsgsize", f"{buffer}, one byte more"):
            longer = record.the(by, f"{buffer}, one byte more")
            assert longer.args["size"] == most + 1
            assert longer.failed_with("EMSGSIZE")
            assert record.the(by, f"{buffer}, afterwards").gave(5)
            first, rest = record.calls("recv", step=f"{buffer}, afterwards")
            assert first.got_just_pattern(5, seed=1)
            assert_empty(rest)
        with claim("send.returns-count", f"{buffer}, one byte more"):
            assert longer.gave(-1)
    with claim("send.emsgsize", "the buffer is the limit"):
        if record.number("after") >= record.number("before"):
            raise NotObserved("the send buffer did not become smaller")
        assert record.the("setsockopt").succeeded()
        assert record.number("narrow buffer") < record.number("default buffer")


@observes("send/stream_any_length", stage=BOTH_STAGES, family=ALL_FAMILIES, by="send", when=exists)
def test_nothing_is_too_long_for_a_stream(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 send(), EMSGSIZE: where a message has to be sent all at once."""
    call = record.the(record.variant["by"])
    with claim("send.emsgsize", "a stream"):
        assert call.args["size"] == MEGABYTE
        assert not call.failed_with("EMSGSIZE")
        assert record.the("recv").got_just_pattern(MEGABYTE, seed=1)
    with claim("send.returns-count"):
        assert call.gave(MEGABYTE)


@observes("send/dont_fragment", stage="pair", family=INET_BOTH)
def test_a_datagram_longer_than_a_packet_is_refused_where_fragments_are_not_allowed(
    record: RecordView, claim: ClaimContext
) -> None:
    """ip(7), IP_MTU_DISCOVER: IP_PMTUDISC_DO; ipv6(7), IPV6_MTU_DISCOVER: the same."""
    headers = {"inet": 20 + 8, "inet6": 40 + 8}[record.variant["family"]]
    room = record.number("mtu") - headers
    with claim("send.emsgsize", "one packet"):
        assert record.the("send", "one packet").gave(room)
        assert record.the("recv", "one packet").got_just_pattern(room, seed=1)
        packets = record.packets_between(record.fence(1), record.fence(2))
        assert [packet.payload_length for packet in packets] == [room]
    with claim("send.emsgsize", "one byte more"):
        call = record.the("send", "one byte more")
        assert call.args["size"] == room + 1
        assert call.failed_with("EMSGSIZE")
        assert_nothing_sent(record, 3)
    with claim("send.emsgsize", "one byte more, fragments allowed"):
        assert record.the("send", "one byte more, fragments allowed").gave(room + 1)
        assert record.the("recv", "one byte more, fragments allowed").got_just_pattern(
            room + 1, seed=1
        )


# --- success is no delivery -------------------------------------------------------------------


@observes(
    "send/copied",
    stage=BOTH_STAGES,
    family=ALL_FAMILIES,
    type=TYPES,
    by=SEND,
    when=lambda variant: exists(variant) and (variant["stage"] == "lo" or variant["by"] == "send"),
)
def test_send_has_copied_the_data_when_it_returns(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 send(): success does not guarantee delivery."""
    first, second = record.calls(record.variant["by"], step="sent")
    received = [record.the("recv", f"the {n} received") for n in ("first", "second")]
    with claim("send.success-is-buffered", "before anybody receives"):
        assert first.gave(1000)
        assert second.gave(1000)
        assert record.before(second, received[0])
    with claim("send.success-is-buffered", "copied"):
        assert received[0].got_just_pattern(1000, seed=1)
        assert received[1].got_just_pattern(1000, seed=2)


@observes("send/lost", stage=BOTH_STAGES, family=INET_BOTH)
def test_send_succeeds_whatever_becomes_of_the_data(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.10.2: SEND queues; what is not acknowledged stays queued (3.4)."""
    kept = record.notes("unacknowledged")
    with claim("send.success-is-buffered", "data lost"):
        assert record.the("send", "data lost").gave(5)
        assert_empty(record.the("recv", "data lost"))
        assert kept[0] == 5
    with claim("send.success-is-buffered", "acknowledgements lost"):
        assert record.the("send", "acknowledgements lost").gave(5)
        assert record.the("recv", "acknowledgements lost").got_just(b"hello")
        assert kept[1] == 5
    with claim("send.success-is-buffered", "peer gone"):
        sent = record.the("send", "peer gone")
        assert record.before(record.the("close"), sent)
        assert sent.gave(5)
        packets = record.packets_between(sent.entered, record.fence(1))
        assert any(packet.payload == b"hello" for packet in packets)
        assert any(packet.is_rst for packet in packets)
        assert "POLLERR" in record.the("poll", "peer gone").names("revents")


@observes("send/never_read", stage=BOTH_STAGES, family=ALL_FAMILIES, type=TYPES, when=exists)
def test_send_succeeds_though_nobody_ever_reads(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1122, 4.2.2.13: TCP should tell by a reset; the sender of a datagram learns nothing."""
    with claim("send.success-is-buffered"):
        sent, closed = record.the("send"), record.the("close")
        assert sent.gave(5)
        assert record.before(sent, closed)
        assert not record.calls_if_any("recv", side="far")
        afterwards = record.the("recv", "closed")
        if record.variant["type"] == "dgram":
            assert_empty(afterwards)
        else:
            assert afterwards.failed_with("ECONNRESET") or afterwards.gave(0)
            assert afterwards.left_untouched("data")


@observes("send/to_nobody", stage=BOTH_STAGES, family=INET_BOTH)
def test_send_of_a_datagram_succeeds_though_nobody_gets_it(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 768: delivery is not guaranteed; an ICMP error comes later (RFC 1122, 4.1.3.3)."""
    with claim("send.success-is-buffered", "refused"):
        sent, error = record.the("send", "refused"), record.the("getsockopt", "refused")
        assert sent.gave(5)
        assert record.before(sent, error)
        assert error.gave(0)
        assert error.text("error") == "ECONNREFUSED"
    with claim("send.success-is-buffered", "lost"):
        assert record.the("send", "lost").gave(5)
        assert_empty(record.the("recv", "lost"))
    if record.stage != "pair":
        return
    with claim("send.success-is-buffered", "no host"):
        assert record.the("send", "no host").gave(5)
        packets = record.packets_between(record.fence(1), record.fence(2))
        assert [(packet.dport, packet.payload) for packet in packets] == [(9, b"hello")]


# --- flags ------------------------------------------------------------------------------------

FLAGS = {
    "0": set[str](),
    "MSG_DONTWAIT": {"MSG_DONTWAIT"},
    "MSG_NOSIGNAL": {"MSG_NOSIGNAL"},
    "MSG_EOR": {"MSG_EOR"},
    "MSG_DONTROUTE": {"MSG_DONTROUTE"},
    "three": {"MSG_DONTWAIT", "MSG_EOR", "MSG_NOSIGNAL"},
}


@observes("send/flags_accepted", stage=BOTH_STAGES, family=ALL_FAMILIES, type=TYPES, when=exists)
def test_send_takes_flags_that_change_nothing_here(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 send(): MSG_EOR, MSG_NOSIGNAL; send(2): MSG_DONTROUTE, MSG_DONTWAIT."""
    for by in SEND:
        for name, flags in FLAGS.items():
            step = f"{by}, {name}"
            with claim("send.flags-zero", step):
                call = record.the(by, step)
                assert set(call.args["flags"].split("|")) - {"0"} == flags
                assert call.gave(5)
                assert_only(record.calls("recv", step=step), b"hello")
        with claim("send.flags-zero", f"{by}, two records"):
            step = f"{by}, two records"
            for call in record.calls(by, step=step):
                assert call.gave(3)
            arrived = record.calls("recv", step=step)
            stream = record.variant["type"] == "stream"
            assert len(arrived) == (1 if stream else 2)
            for call, data in zip(
                arrived, (b"onetwo",) if stream else (b"one", b"two"), strict=True
            ):
                assert call.got_just(data)


SIGNALS = {
    "shut down, with": (0,),
    "shut down, without": (0, 1),
    "shut down, with again": (0,),
    "peer gone, the first": (0,),
    "peer gone, with": (0,),
    "peer gone, without": (1,),
}
"""How many SIGPIPE may be caught in each step.

POSIX.1-2024 send(), EPIPE: without the flag one comes where the socket is no longer connected; for
one that is shut down for writing, that is left open.
"""


@observes("send/flag_nosignal", family=ALL_FAMILIES, by=SEND)
def test_send_with_msg_nosignal_sends_no_sigpipe(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 send(), MSG_NOSIGNAL: no SIGPIPE, and EPIPE all the same."""
    by = record.variant["by"]
    with claim("send.flags-zero", "MSG_NOSIGNAL"):
        before = 0
        for step, signals in SIGNALS.items():
            call = record.the(by, step)
            assert (call.args["flags"] == "0") == step.endswith("without")
            if step == "peer gone, the first" and record.variant["family"] != "unix":
                assert call.gave(5)
            else:
                assert call.failed_with("EPIPE")
            count = record.number(step) - before
            before += count
            assert Finding(count in signals, f"{step}: {signals[-1]} SIGPIPE", f"{count}")


@observes(
    "send/flag_oob",
    stage=BOTH_STAGES,
    family=INET_BOTH,
    by=SEND,
    when=lambda variant: variant["stage"] == "lo" or variant["by"] == "send",
)
def test_send_with_msg_oob_sends_an_urgent_byte(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024, 2.10.12, and recv(), MSG_OOB; RFC 9293, 3.8.5, and RFC 6093, 3.1."""
    by = record.variant["by"]
    with claim("send.flags-zero", "MSG_OOB"):
        assert record.the(by, "without").gave(2)
        assert record.the("recv", "without").failed_with("EINVAL", *WOULD_BLOCK)
        assert record.the("recv", "without").left_untouched("data")
        assert record.the("sockatmark", "without").gave(0)
        assert record.the(by, "with").gave(3)
        urgent, before, behind = record.calls("recv", step="with")
        assert urgent.got_just(b"!")
        assert before.got_just(b"abcd")
        assert record.the("sockatmark", "with").gave(1)
        assert_empty(behind)
        assert record.the(by, "without again").gave(2)
        assert record.the("recv", "without again").got_just(b"ef")
        assert record.the("sockatmark", "without again").gave(0)
    with claim("send.flags-zero", "MSG_OOB on the wire"):
        packets = [packet for packet in record.packets_before(record.fence(1)) if packet.has_data]
        assert {packet.payload for packet in packets if "URG" in packet.flags} == {b"cd!"}
        assert {packet.payload for packet in packets if "URG" not in packet.flags} == {b"ab", b"ef"}


@observes(
    "send/flag_unsupported",
    family=ALL_FAMILIES,
    type=("dgram", "seqpacket"),
    when=exists,
)
def test_a_flag_that_a_socket_does_not_know_sends_nothing_or_changes_nothing(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 send(), EOPNOTSUPP: the socket does not support a flag.

    The claim does not say what comes of such a flag.  Linux ignores it over UDP on IPv6.
    """
    for by in SEND:
        with claim("send.flags-zero", f"{by}, MSG_OOB"):
            urgent = record.the(by, by)
            assert record.the(by, f"{by}, afterwards").gave(5)
            first, second = record.calls("recv", step=f"{by}, afterwards")
            if urgent.failed:
                assert urgent.failed_with("EOPNOTSUPP")
                assert_only((first, second), b"hello")
            else:
                assert urgent.gave(6)
                assert first.got_just(b"urgent")
                assert second.got_just(b"hello")


@observes("send/flag_more", stage=BOTH_STAGES, family=INET_BOTH)
def test_send_with_msg_more_waits_for_the_rest_of_the_datagram(
    record: RecordView, claim: ClaimContext
) -> None:
    """send(2), MSG_MORE."""
    for n, by in enumerate(SEND):
        with claim("send.flags-zero", f"{by}, MSG_MORE"):
            for call in record.calls(by, step=f"{by}, with"):
                assert call.gave(5)
            assert_nothing_sent(record, 2 * n + 1)
            assert_empty(record.the("recv", f"{by}, with"))
            assert record.the(by, f"{by}, without").gave(5)
            assert_only(record.calls("recv", step=f"{by}, without"), b"one, two, three")


@observes("send/flag_dontroute", stage="pair", family=INET_BOTH)
def test_send_with_msg_dontroute_goes_through_no_gateway(
    record: RecordView, claim: ClaimContext
) -> None:
    """send(2), MSG_DONTROUTE: no gateway is used, only hosts on the same link are reached."""
    for n, by in enumerate(SEND):
        link, without, dont = (6 * n + first for first in (1, 3, 5))
        with claim("send.flags-zero", f"{by}, MSG_DONTROUTE, on the link"):
            assert record.the(by, f"{by}, on the link").gave(5)
            assert record.the("recv", f"{by}, on the link").got_just(b"hello")
            assert sent_between(record, link) == [b"hello"]
        with claim("send.flags-zero", f"{by}, MSG_DONTROUTE, through a gateway"):
            assert record.the(by, f"{by}, routed, without").gave(5)
            assert sent_between(record, without) == [b"hello"]
            assert record.the(by, f"{by}, routed, with").failed_with("ENETUNREACH", "EHOSTUNREACH")
            assert_nothing_sent(record, dont)


def sent_between(record: RecordView, first: int) -> list[bytes]:
    """What the near host sent between the marker ``first`` and the next one."""
    packets = record.packets_between(record.fence(first), record.fence(first + 1))
    return [packet.payload for packet in packets if packet.sent]


# --- sendto() and recvfrom() over TCP -----------------------------------------------------------


@observes("sendto/on_tcp", stage=BOTH_STAGES, family=INET_BOTH)
def test_a_tcp_conversation_needs_no_more_than_sendto_and_recvfrom(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 sendto(), recvfrom(); what address a stream gives is not specified."""
    question = record.the("recvfrom", "question")
    peek, answer = record.calls("recvfrom", step="answer")
    with claim("sendto.works-on-tcp", "question and answer"):
        assert record.the("sendto", "question").gave(8)
        assert question.got_just(b"question")
        assert question.address in (NO_ADDRESS, record.address("near"))
        assert record.the("sendto", "answer").gave(6)
        assert peek.got_just(b"answer")
        assert answer.got_just(b"answer")
    with claim("sendto.works-on-tcp", "a stream"):
        sent = record.calls("sendto", step="a stream")
        assert [call.result for call in sent] == [1000, 4000]
        for n, call in enumerate(record.calls("recvfrom", step="a stream")):
            assert call.got_just_pattern(min(1700, 5000 - 1700 * n), offset=1700 * n, seed=1)
    with claim("sendto.works-on-tcp", "waiting"):
        assert_empty(record.the("recvfrom", "empty, non-blocking"))
        waiting, sent_then = record.the("recvfrom", "empty, blocking"), record.the("sendto", "then")
        assert waiting.slept()
        assert record.before(sent_then.entered, waiting.returned)
        assert sent_then.gave(7)
        assert waiting.got_just(b"at last")
    with claim("sendto.works-on-tcp", "the end"):
        assert record.the("recvfrom", "end").got_just(b"")


@observes(
    "sendto/on_tcp_with_address", stage=BOTH_STAGES, family=INET_BOTH, by=("sendto", "sendmsg")
)
def test_an_address_does_not_take_a_connection_elsewhere(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 sendto(): on a connection-mode socket the address is ignored, or EISCONN."""
    by = record.variant["by"]
    for step in ("to the peer", "to another", "to nobody"):
        with claim("sendto.works-on-tcp", step):
            call = record.the(by, step)
            if call.failed:
                assert call.failed_with("EISCONN")
            else:
                assert call.gave(5)
                assert_only(record.calls("recv", step=step), b"hello")
    with claim("sendto.works-on-tcp", "the connection stays"):
        assert record.the("accept").failed_with(*WOULD_BLOCK)
        assert record.the("getpeername").gave_address(record.address("peer"))


@observes("sendto/unconnected_tcp", stage=BOTH_STAGES, family=INET_BOTH)
def test_an_address_does_not_stand_in_for_a_connection(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 sendto(), ENOTCONN and EPIPE; recvfrom(), ENOTCONN."""
    with claim("sendto.works-on-tcp", "without a connection"):
        for n, by in enumerate(("sendto", "sendmsg")):
            assert record.the(by).failed_with("ENOTCONN", "EPIPE")
            assert_nothing_sent(record, 2 * n + 1)
        assert record.the("recvfrom").failed_with("ENOTCONN")
        assert record.the("recvfrom").left_untouched("data", "address")
        assert record.the("accept").failed_with(*WOULD_BLOCK)


# --- a peer that has closed -------------------------------------------------------------------


@observes(
    "send/peer_closed",
    stage=BOTH_STAGES,
    family=ALL_FAMILIES,
    type=("stream", "seqpacket"),
    by=WRITERS,
    when=exists,
)
def test_writing_to_a_peer_that_has_closed_fails_with_epipe(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 write(), send(), EPIPE: the socket is no longer connected."""
    by = record.variant["by"]
    for end in ("closed", "closed, unread"):
        for count in ("first", "second", "third"):
            with claim("io.write-epipe", f"{end}, {count} write"):
                assert record.the(by, f"{end}, {count}").failed_with("EPIPE")
    with claim("io.write-epipe", "closed in its own direction only"):
        assert record.the(by, "half closed").gave(5)
        assert record.the("recv", "half closed").got_just(b"hello")
    with claim("shutdown.wr-no-send", "EPIPE"):
        assert record.the(by, "shut down").failed_with("EPIPE")
        assert record.the("recv", "shut down").got_just(b"")


@observes("send/sigpipe", stage=BOTH_STAGES, family=ALL_FAMILIES, when=exists)
def test_writing_to_a_peer_that_has_closed_returns(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 write(), EPIPE: a SIGPIPE signal is sent as well; signal.h: it terminates."""
    ended = dict(zip(record.steps, record.notes("ended"), strict=True))
    with claim("io.write-epipe", "SIGPIPE ignored"):
        assert record.the("write", "SIGPIPE ignored").failed_with("EPIPE")
        assert ended["SIGPIPE ignored"] == "exit 0"
    with claim("io.write-epipe", "SIGPIPE by default"):
        how = ended["SIGPIPE by default"]
        assert Finding(how == "exit 0", "write() to return", f"the process was ended by {how}")
        assert record.the("write", "SIGPIPE by default").failed_with("EPIPE")


# --- ssize_t ----------------------------------------------------------------------------------


@observes("send/ssize", family=ALL_FAMILIES)
def test_ssize_t_holds_counts_and_minus_one(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 sys/types.h: ssize_t is signed, and holds -1 to SSIZE_MAX; limits.h: 32767."""
    bits = 8 * record.number("sizeof(ssize_t)")
    with claim("io.ssize-signed", "the type"):
        assert record.number("sizeof(ssize_t)") == record.number("sizeof(size_t)")
        assert record.number("(ssize_t)-1 < 0") == 1
        assert record.number("(size_t)-1 < 0") == 0
        assert record.number("the most of ssize_t") == 2 ** (bits - 1) - 1
        assert 2**15 - 1 <= record.number("SSIZE_MAX") <= record.number("the most of ssize_t")
    for by in (*READERS, *WRITERS):
        with claim("io.ssize-signed", f"{by} returns it"):
            assert record.number(by) == 1
    for by in WRITERS:
        back = reader_like(by)
        with claim("io.ssize-signed", f"{by} and {back}"):
            assert record.the(by, f"count, {by}").gave(5)
            assert record.the(back, f"count, {by}").got_just(b"hello")
            assert record.the(back, f"end, {by}").got_just(b"")
            assert record.the(by, f"error, {by}").gave(-1)
            assert record.the(back, f"error, {by}").gave(-1)
