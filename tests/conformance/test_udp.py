# SPDX-License-Identifier: Apache-2.0
"""Datagrams: whole and apart, to and from anybody, lost and waited for."""

from __future__ import annotations

from sockspec.check import (
    INET_BOTH,
    READERS,
    WRITERS,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    RecordView,
    observes,
    pattern,
)

BOTH = ("lo", "pair")
EMPTY = ("EAGAIN", "EWOULDBLOCK")


# --- without a connection ----------------------------------------------------------------------


@observes("udp/unconnected_exchange", stage=BOTH, family=INET_BOTH, by=("sendto", "sendmsg"))
def test_two_udp_sockets_exchange_datagrams_unconnected(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 768; POSIX.1-2024 sendto(): a connectionless socket sends to the address given."""
    question, answer = record.calls(_reader_of(record), step="question") + record.calls(
        _reader_of(record), step="answer"
    )
    with claim("udp.no-connection"):
        for sent in record.calls(record.variant["by"]):
            assert sent.succeeded()
        assert question.got(b"question")
        assert question.address == record.address("near")
        assert answer.got(b"the answer")
        assert answer.address == record.address("far")
        for peer in record.calls("getpeername"):
            assert peer.failed_with("ENOTCONN")
    with claim("udp.no-connection", "on the wire"):
        packets = record.packets_between(record.fence(1), record.fence(2))
        assert [str(packet.payload, "latin-1") for packet in packets] == ["question", "the answer"]


def _reader_of(record: RecordView) -> str:
    return READERS[WRITERS.index(record.variant["by"])]


@observes("udp/sendto_destination", stage=BOTH, family=INET_BOTH)
def test_sendto_goes_where_its_arguments_say(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 sendto(), DESCRIPTION and ERRORS."""
    sent = {"to the first": b"one", "to the second": b"two", "to the first again": b"three"}
    with claim("sendto.no-connection-needed", "destination"):
        for step, text in sent.items():
            assert record.the("sendto", step).gave(len(text))
            assert record.the("recv", step).got(text)
        assert record.the("getpeername").failed_with("ENOTCONN")
        for rest in record.calls("recv", step="after all"):
            assert rest.failed_with(*EMPTY)
    with claim("sendto.no-connection-needed", "length"):
        assert record.the("sendto", "a length too short").failed_with("EINVAL")
    with claim("sendto.no-connection-needed", "no destination"):
        assert record.the("sendto", "no address").failed_with("EDESTADDRREQ")


@observes("udp/recvfrom_source", stage=BOTH, family=INET_BOTH)
def test_recvfrom_gives_the_address_of_the_sender(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 recvfrom(), DESCRIPTION: the source address of the message, and its length."""
    first, second = record.address("first"), record.address("second")
    exact = record.the("recvfrom", "from the first, an exact buffer")
    length = exact.length_in
    with claim("recvfrom.source-address"):
        assert record.the("recvfrom", "from the first").gave_address(first, length=length)
        assert record.the("recvfrom", "from the second").gave_address(second, length=length)
        assert exact.gave_address(first, length=length)
    with claim("recvfrom.source-address", "an unbound sender"):
        source = record.the("recvfrom", "from an unbound sender")
        assert source.succeeded()
        assert source.address.host == first.host
        assert source.address.port == record.number("port of the unbound sender")
        assert source.length == length


@observes("udp/recvfrom_null", stage=BOTH, family=INET_BOTH, type=("dgram", "stream"))
def test_recvfrom_takes_null_for_address_and_length(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 recvfrom(): address is a null pointer, or points to a sockaddr structure."""
    with claim("recvfrom.null-address"):
        assert record.the("recvfrom").got(b"from whom does not matter")


# --- whole and apart ---------------------------------------------------------------------------


def _judge_excess(record: RecordView) -> None:
    small = record.calls(step="small buffer")[0]
    large = record.calls(step="large buffer")[0]
    rest = record.calls(step="afterwards")[0]
    assert small.got_pattern(10, seed=1)
    assert small.overrun == 0
    if record.variant["type"] == "dgram":
        assert large.got_pattern(40, seed=2)
    else:
        assert large.got(pattern(90, offset=10, seed=1) + pattern(40, seed=2))
    assert rest.failed_with(*EMPTY)


@observes("udp/excess", stage=BOTH, family=INET_BOTH, type=("dgram", "stream"), by=READERS)
def test_what_does_not_fit_is_lost_from_a_datagram_and_kept_by_a_stream(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 recv(), DESCRIPTION: of a message that is too long the excess is discarded.

    A byte stream has no messages: its data stay until they are read (2.10.6, Socket Types).
    """
    with claim("recv.excess-dropped"):
        _judge_excess(record)


@observes("udp/excess", family="unix", type=("dgram", "stream"), by=READERS)
def test_what_does_not_fit_is_lost_from_a_unix_datagram_and_kept_by_a_unix_stream(
    record: RecordView, claim: ClaimContext
) -> None:
    """As above: it is a matter of the type, not of the family."""
    with claim("recv.excess-dropped"):
        _judge_excess(record)


QUEUED = {1: 1, 100: 2, 3: 3, 1400: 4, 5000: 5}
"""The sizes that udp/whole sends in a row, and their seeds."""


def _received(record: RecordView, step: str) -> tuple[CallView, ...]:
    return tuple(call for call in record.calls(step=step) if call.call.startswith(("read", "recv")))


def _sizes(calls: tuple[CallView, ...], *wanted: int) -> Finding:
    """So many bytes came with each call, in any order."""
    got = sorted(call.result for call in calls if isinstance(call.result, int))
    return Finding(got == sorted(wanted), f"datagrams of {list(wanted)} bytes", f"{got}")


def _judge_whole(record: RecordView) -> None:
    *queued, rest = _received(record, "queued")
    assert _sizes(tuple(queued), *QUEUED)
    for call in queued:
        assert isinstance(call.result, int)
        assert call.got_pattern(call.result, seed=QUEUED[call.result])
    assert rest.failed_with(*EMPTY)
    if "empty, then not" in record.steps:
        empty = _received(record, "empty, then not")
        assert _sizes(empty, 0, 7)
        assert b"".join(call.data for call in empty) == pattern(7, seed=10)


def _judge_largest(record: RecordView) -> None:
    sent = record.the(record.variant["by"], "the largest")
    if sent.failed:
        raise NotObserved(f"{sent}: it was never sent")
    assert _received(record, "the largest")[0].got_pattern(65507, seed=9)


@observes("udp/whole", stage=BOTH, family=INET_BOTH, by=WRITERS)
def test_each_datagram_is_received_whole_and_apart(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024, 2.10.6 Socket Types: SOCK_DGRAM keeps message boundaries."""
    with claim("socket.type-dgram"):
        _judge_whole(record)
    with claim("socket.type-dgram", "the largest"):
        _judge_largest(record)


@observes("udp/whole", family="unix", by=WRITERS)
def test_each_unix_datagram_is_received_whole_and_apart(
    record: RecordView, claim: ClaimContext
) -> None:
    """As above: the type says so, for every family."""
    with claim("socket.type-dgram"):
        _judge_whole(record)
    with claim("socket.type-dgram", "the largest"):
        _judge_largest(record)


# --- the article's two processes ---------------------------------------------------------------


@observes("udp/receiver_sequence", stage=BOTH, family=INET_BOTH)
def test_a_udp_receiver_binds_listens_reads_and_closes(
    record: RecordView, claim: ClaimContext
) -> None:
    """The steps of the source, one by one.

    POSIX.1-2024 listen(), ERRORS: EOPNOTSUPP where the protocol does not support listen(), and UDP
    does not.  The step fails, and the receiver receives regardless.
    """
    with claim("udp.receiver-sequence", "socket and bind"):
        assert record.the("socket").succeeded()
        assert record.the("bind").succeeded()
    with claim("udp.receiver-sequence", "listen"):
        assert record.the("listen").succeeded()
    with claim("udp.receiver-sequence", "read and close"):
        assert record.the("read").got(b"for the receiver")
        assert record.the("close").succeeded()


def _one_sent(record: RecordView) -> Finding:
    packets = record.packets_between(record.fence(1), record.fence(2))
    ok = [packet.payload for packet in packets] == [b"to whom?"]
    return Finding(ok, "one datagram on the wire", "; ".join(map(str, packets)) or "no packet")


@observes("udp/sender_sequence", stage=BOTH, family=INET_BOTH)
def test_a_udp_sender_writes_and_closes(record: RecordView, claim: ClaimContext) -> None:
    """The steps of the source.  POSIX.1-2024 send(), ERRORS: EDESTADDRREQ, no peer being set."""
    with claim("udp.sender-sequence"):
        assert record.the("socket").succeeded()
        assert record.the("write").gave(len(b"to whom?"))
        assert record.the("close").succeeded()
        assert _one_sent(record)


# --- loss, and what helps ----------------------------------------------------------------------


@observes("udp/receive_timeout", stage=BOTH, family=INET_BOTH)
def test_recvfrom_returns_after_the_timeout_though_nothing_came(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024, 2.10.16 SO_RCVTIMEO: EAGAIN or EWOULDBLOCK if no data came in time."""
    waits = record.calls("recvfrom", who="client")
    with claim("udp.receive-timeout"):
        for limit in record.calls("setsockopt"):
            assert limit.succeeded()
        for wait in waits:
            assert wait.failed_with(*EMPTY)
        assert waits[-1].slept()
        assert record.the("recvfrom", "a datagram").got(b"in time")


@observes("udp/loss", stage=BOTH, family=INET_BOTH, lost=("request", "reply"))
def test_a_client_whose_datagram_is_lost_sleeps_until_something_else_comes(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 recvfrom(), DESCRIPTION: it blocks until a message arrives.

    "For ever" shows as this: asleep after the loss, and ended only by a signal; then asleep again,
    and ended only by another datagram.
    """
    if record.variant["lost"] == "reply" and not record.the("recv", "lost").got(b"request"):
        raise NotObserved("the request did not arrive, so there was no reply to lose")
    with claim("udp.loss-blocks-forever"):
        assert record.the("sendto").gave(len(b"request"))
        assert record.text("lost") == record.variant["lost"]
        assert record.asleep("recvfrom", step="waiting")
        assert record.asleep("recvfrom", step="lost")
        assert record.the("recvfrom", "waiting").failed_with("EINTR")
        assert record.number("signals") == 1
        again = record.the("recvfrom", "waiting again")
        assert again.slept()
        assert again.got(b"at last")
