# SPDX-License-Identifier: Apache-2.0
"""connect() on a UDP socket: what it records, what it reports, and that it asks nobody.

POSIX.1-2024 connect(), DESCRIPTION: if the socket is not connection-mode, connect() sets the
socket's peer address, and no connection is made.
"""

from __future__ import annotations

from sockspec.check import (
    INET_BOTH,
    ClaimContext,
    Finding,
    NotObserved,
    RecordView,
    observes,
    pattern,
)

BOTH = ("lo", "pair")

CONNECTS = (
    "connect",
    "connect again",
    "connect to another",
    "disconnect",
    "connect after that",
)
"""The steps of udp/connect_wire, in order; each stands between two markers of its own."""

REFUSALS = {
    "unreachable": ("ENETUNREACH", "EHOSTUNREACH"),
    "rejected": ("ENETUNREACH", "EHOSTUNREACH"),
    "other-family": ("EAFNOSUPPORT",),
    "short": ("EINVAL",),
}
"""What POSIX.1-2024 connect(), ERRORS, has for each wrong destination."""

EMPTY = ("EAGAIN", "EWOULDBLOCK")


# --- nothing on the wire -----------------------------------------------------------------------


def _demand_witness(record: RecordView) -> None:
    """A datagram that was sent has to be in the capture: else the capture proves nothing."""
    last = 2 * len(CONNECTS)
    seen = record.packets_between(record.fence(last), record.fence(last + 1))
    if not any(packet.is_udp for packet in seen):
        raise NotObserved("not even the datagram that was sent is among the packets")


def _nothing_sent(record: RecordView, n: int) -> Finding:
    """Nothing crossed the wire in step ``n``, whose connect() succeeded."""
    call = record.the("connect", CONNECTS[n])
    if call.failed:
        raise NotObserved(f"{call}: what fails has no need of packets")
    return record.nothing_sent_between(record.fence(2 * n + 1), record.fence(2 * n + 2))


@observes("udp/connect_wire", stage=BOTH, family=INET_BOTH, to=("receiver", "nobody"))
def test_a_udp_connect_puts_nothing_on_the_wire(record: RecordView, claim: ClaimContext) -> None:
    """RFC 768: UDP has no connections, hence nothing that connect() could send."""
    _demand_witness(record)
    for n, step in enumerate(CONNECTS):
        with claim("connect.udp-no-handshake", step):
            assert _nothing_sent(record, n)


@observes("udp/connect_wire", stage="pair", family=INET_BOTH, to="silent")
def test_a_udp_connect_to_a_host_that_never_answers_puts_nothing_on_the_wire(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 768, as above; and a host that is not there cannot have been asked."""
    _demand_witness(record)
    for n, step in enumerate(CONNECTS):
        with claim("connect.udp-no-handshake", step):
            assert _nothing_sent(record, n)


# --- immediate errors only ---------------------------------------------------------------------


def _at_once(record: RecordView) -> Finding:
    """connect() was not seen to wait for anything."""
    look = record.asleep("connect", step="connect")
    return Finding(not look.ok, "connect() to return at once", look.observed)


def _demand_a_known_place(record: RecordView) -> None:
    if record.stage == "host" and record.variant["to"] in ("unreachable", "rejected"):
        raise NotObserved("stage host has no place of which it is known that no route leads there")


@observes(
    "udp/connect_place",
    stage=BOTH,
    family=INET_BOTH,
    to=("unreachable", "rejected", "other-family", "short"),
)
def test_a_udp_connect_reports_what_the_kernel_knows_already(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 connect(), ERRORS; and nobody was asked in order to find out."""
    _demand_a_known_place(record)
    call = record.the("connect")
    with claim("connect.udp-immediate-errors"):
        assert call.failed_with(*REFUSALS[record.variant["to"]])
        assert _at_once(record)
    with claim("connect.udp-immediate-errors", "nobody was asked"):
        assert record.nothing_sent_between(record.fence(1), record.fence(2))


@observes("udp/connect_place", stage=BOTH, family=INET_BOTH, to="nobody")
def test_a_udp_connect_does_not_report_that_nobody_listens(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 1122, 4.1.3.3: that is told by an ICMP message, which answers a datagram sent later."""
    call = record.the("connect")
    told = record.the("recv").failed_with("ECONNREFUSED")
    with claim("connect.udp-immediate-errors"):
        assert call.succeeded()
        assert _at_once(record)
        if not told:
            raise NotObserved(f"nothing tells that nobody listened there: {told.observed}")


@observes("udp/connect_place", stage="pair", family=INET_BOTH, to="silent")
def test_a_udp_connect_does_not_report_that_a_host_never_answers(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 768: nothing is asked, so that the lack of an answer is not known."""
    call = record.the("connect")
    with claim("connect.udp-immediate-errors"):
        assert call.succeeded()
        assert _at_once(record)


# --- the peer on record ------------------------------------------------------------------------


@observes("udp/connect_place", stage=BOTH, family=INET_BOTH, to=("receiver", "nobody"))
def test_a_udp_connect_records_the_peer_and_returns_at_once(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 connect(), DESCRIPTION: it sets the peer address; getpeername() gives it."""
    call = record.the("connect")
    with claim("connect.udp-records-peer"):
        assert call.succeeded()
        assert _at_once(record)
        assert record.the("getpeername").gave_address(
            call.argument_address, length=call.args["length"]
        )


@observes("udp/connect_place", stage="pair", family=INET_BOTH, to="silent")
def test_a_udp_connect_records_a_peer_that_never_answers(
    record: RecordView, claim: ClaimContext
) -> None:
    """As above: the peer need not even be there."""
    call = record.the("connect")
    with claim("connect.udp-records-peer"):
        assert call.succeeded()
        assert _at_once(record)
        assert record.the("getpeername").gave_address(
            call.argument_address, length=call.args["length"]
        )


@observes("udp/connect_peer", stage=BOTH, family=INET_BOTH, bound=("no", "yes"))
def test_datagrams_go_to_the_peer_on_record(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 connect(), DESCRIPTION.

    The peer address says where send() sends to; each connect() sets it anew; a null address, i.e.
    AF_UNSPEC, resets it, and send() has no destination then (send(), ERRORS).
    """
    first, second = record.address("first"), record.address("second")
    length = record.the("connect", "connected").args["length"]
    with claim("connect.udp-records-peer", "connected"):
        assert record.the("connect", "connected").succeeded()
        assert record.the("getpeername", "connected").gave_address(first, length=length)
        assert record.the("recv", "connected").got(b"to the first")
    with claim("connect.udp-records-peer", "connected to another"):
        assert record.the("connect", "reconnected").succeeded()
        assert record.the("getpeername", "reconnected").gave_address(second, length=length)
        to_second, to_first = record.calls("recv", step="reconnected")
        assert to_second.got(b"to the second")
        assert to_first.failed_with(*EMPTY)
    with claim("connect.udp-records-peer", "disconnected"):
        assert record.the("getpeername", "disconnected").failed_with("ENOTCONN")
        assert record.the("send", "disconnected").failed_with("EDESTADDRREQ")
        to_first, to_second = record.calls("recv", step="disconnected")
        assert to_first.got(b"to the first, by its address")
        assert to_second.failed_with(*EMPTY)


def _heard(record: RecordView, step: str, sender: str, *texts: bytes) -> Finding:
    """These datagrams of this sender were received in this step, in any order, and then no more."""
    calls = record.calls("recvfrom", step=step)
    *heard, rest = calls
    ok = (
        sorted(call.data for call in heard) == sorted(texts)
        and all(call.address == record.address(sender) for call in heard)
        and bool(rest.failed_with(*EMPTY))
    )
    return Finding(ok, f"{list(texts)} of the {sender} and no more", "; ".join(map(str, calls)))


@observes("udp/connect_hears", stage=BOTH, family=INET_BOTH, other="port")
def test_only_the_peer_on_record_is_heard(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 connect(), DESCRIPTION: the peer address limits who is heard by recv()."""
    with claim("connect.udp-records-peer", "who is heard"):
        assert _heard(record, "connected", "peer", b"peer 1", b"peer 2")
        assert record.the("connect", "reconnected").succeeded()
        assert _heard(record, "reconnected", "other", b"other 3")


@observes("udp/connect_hears", stage="pair", family=INET_BOTH, other="host")
def test_another_host_is_not_heard_by_the_port_of_the_peer(
    record: RecordView, claim: ClaimContext
) -> None:
    """As above: the record has the peer's address, not only its port."""
    with claim("connect.udp-records-peer", "who is heard"):
        assert _heard(record, "connected", "peer", b"peer 1", b"peer 2")
        assert record.the("connect", "reconnected").succeeded()
        assert _heard(record, "reconnected", "other", b"other 3")


# --- read() and write() ------------------------------------------------------------------------


def _patterns(record: RecordView, step: str, side: str, *wanted: tuple[int, int]) -> Finding:
    """These datagrams, each a size and a seed, were received whole, in any order."""
    calls = [
        call
        for call in record.calls(step=step)
        if call.side == side and call.call.startswith(("read", "recv"))
    ]
    got = sorted(call.data for call in calls)
    expected = sorted(pattern(size, seed=seed) for size, seed in wanted)
    return Finding(
        got == expected,
        f"datagrams of {[size for size, _ in wanted]} bytes",
        "; ".join(map(str, calls)),
    )


@observes(
    "udp/connected_exchange",
    stage=BOTH,
    family=INET_BOTH,
    by=("write", "writev", "send", "sendmsg"),
)
def test_a_connected_udp_socket_is_written_and_read(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 write() and read() on a socket are send() and recv() with no flags.

    send(), DESCRIPTION: a connectionless socket's message goes to the peer on record.
    """
    writer = record.variant["by"]
    with claim("connect.udp-read-write", "written"):
        assert record.the("connect").succeeded()
        assert record.the(writer, "to the peer").gave(100)
        arrived = record.the("recvfrom", "to the peer")
        assert arrived.got_pattern(100, seed=1)
        assert arrived.gave_address(record.address("own"))
        assert [call.result for call in record.calls(writer, step="two to the peer")] == [10, 20]
        assert _patterns(record, "two to the peer", "far", (10, 3), (20, 4))
    with claim("connect.udp-read-write", "read"):
        assert _patterns(record, "from the peer", "near", (50, 2))
        assert _patterns(record, "two from the peer", "near", (30, 5), (40, 6))
