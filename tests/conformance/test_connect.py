# SPDX-License-Identifier: Apache-2.0
"""connect() on stream sockets: its outcome, when it returns, and what it puts on the wire.

POSIX.1-2024 connect(): a blocking call returns once the connection stands or cannot be had; a
caught signal ends it with [EINTR] while the request goes on; a non-blocking one fails with
[EINPROGRESS], and further calls with [EALREADY], then [EISCONN].  RFC 9293, 3.5: the three steps of
the handshake, SYN, SYN+ACK and ACK; 3.10.7.1: a SYN to a port where nothing listens is answered by
a reset.

What came before what is told from one clock that stamps calls and packets alike; nothing here
depends on how long anything took.
"""

from __future__ import annotations

from collections.abc import Iterable

from sockspec.check import (
    INET_BOTH,
    Address,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    observes,
)

BOTH_STAGES = ("lo", "pair")
ANSWERING = ("full_queue", "filter")
"""The silences that end with an answer."""

HOSTS = {
    "inet": {"near": "192.0.2.1", "far": "192.0.2.2", "any": "0.0.0.0", "loopback": "127.0.0.1"},
    "inet6": {"near": "2001:db8::1", "far": "2001:db8::2", "any": "::", "loopback": "::1"},
}
FIRST_USER_PORT = 1024
"""RFC 6335, 6: system ports end below it, and are not given out by chance."""

SAID = 64
"""What each side of an exchange says, bytes."""


# --- addresses -----------------------------------------------------------------------------------


def host_of(record: RecordView, place: str) -> str:
    """The address of a place on the record's stage; on one host all are loopback."""
    hosts = HOSTS[record.variant["family"]]
    return hosts["loopback"] if place != "any" and record.stage != "pair" else hosts[place]


def bound_to(record: RecordView, place: str, call: CallView) -> Finding:
    """getsockname() gave that place's address, and a port."""
    host, address = host_of(record, place), call.address
    expected = f"{call.call}() to give {host} and a port"
    return Finding(address.host == host and bool(address.port), expected, str(address))


def unbound(record: RecordView, call: CallView) -> Finding:
    """getsockname() gave no address and no port."""
    host, address = host_of(record, "any"), call.address
    expected = f"{call.call}() to give {host} and port 0"
    return Finding((address.host, address.port) == (host, 0), expected, str(address))


def no_system_port(ports: list[int]) -> Finding:
    expected = f"no port below {FIRST_USER_PORT}"
    return Finding(all(port >= FIRST_USER_PORT for port in ports), expected, str(ports))


# --- packets -------------------------------------------------------------------------------------


def of_client(packets: Iterable[Packet], client: Address) -> tuple[Packet, ...]:
    """The TCP packets to and from the client's address, without repetitions."""
    name = str(client)
    return tuple(p for p in tcp_of(packets) if name in (p.source, p.destination))


def tcp_of(packets: Iterable[Packet]) -> tuple[Packet, ...]:
    """The TCP packets, each once: TCP sends again what is not acknowledged in time."""
    first: dict[object, Packet] = {}
    for p in packets:
        if p.is_tcp:
            first.setdefault((p.route, p.flags, p.seq, p.ack, p.payload_length), p)
    return tuple(first.values())


def listed(packets: Iterable[Packet]) -> str:
    return "; ".join(str(packet) for packet in packets) or "no packet"


def follows(ack: int | None, seq: int | None) -> bool:
    """Whether a number acknowledges a SYN of that sequence number."""
    return ack is not None and seq is not None and ack == (seq + 1) % 2**32


def shook_hands(packets: tuple[Packet, ...], client: Address, server: Address) -> Finding:
    """The first three packets are the three steps of RFC 9293, 3.5, with the numbers they need."""
    expected = f"SYN, SYN+ACK and ACK between {client} and {server}"
    return Finding(_are_the_steps(packets[:3], client, server), expected, listed(packets[:3]))


def _are_the_steps(steps: tuple[Packet, ...], client: Address, server: Address) -> bool:
    if len(steps) < 3:
        return False
    first, second, third = steps
    return (
        (first.source, first.destination) == (str(client), str(server))
        and first.is_syn
        and (second.source, second.destination) == (str(server), str(client))
        and second.is_syn_ack
        and follows(second.ack, first.seq)
        and third.source == str(client)
        and "ACK" in third.flags
        and not third.flags & {"SYN", "RST"}
        and follows(third.seq, first.seq)
        and follows(third.ack, second.seq)
    )


def only_a_syn(packets: tuple[Packet, ...], client: Address) -> Finding:
    """The client's SYN and nothing else."""
    ok = len(packets) == 1 and packets[0].is_syn and packets[0].source == str(client)
    return Finding(ok, f"nothing but the SYN of {client}", listed(packets))


def reset(packets: tuple[Packet, ...]) -> Finding:
    """A SYN, and the reset that answers it."""
    ok = (
        len(packets) == 2
        and packets[0].is_syn
        and packets[1].is_rst
        and packets[1].source == packets[0].destination
        and follows(packets[1].ack, packets[0].seq)
    )
    return Finding(ok, "SYN, and RST in answer to it", listed(packets))


def syn_ack_to(record: RecordView, client: Address) -> Packet:
    """The server's SYN+ACK to this client; if it came several times, the first."""
    for packet in record.packets:
        if packet.is_syn_ack and packet.destination == str(client):
            return packet
    raise NotObserved(f"no SYN+ACK to {client} was captured")


# --- the outcome of an attempt -------------------------------------------------------------------


def reported(poll: CallView, *events: str) -> Finding:
    """poll() reported just these events; none: the socket is not ready."""
    expected = f"poll() to report {' and '.join(events) or 'nothing'}"
    return Finding(poll.names("revents") == set(events), expected, str(poll))


def told_errors(record: RecordView, *errors: str, step: str | None = None) -> Finding:
    """What SO_ERROR told, each time it was read; "0" is no error."""
    calls = record.calls("getsockopt", step=step)
    told = tuple(call.text("error") for call in calls)
    return Finding(told == errors, f"SO_ERROR to tell {', then '.join(errors)}", ", ".join(told))


def established_later(record: RecordView, step: str) -> Finding:
    """The attempt that went on after connect() returned has succeeded: no error, and a peer."""
    poll, peer = record.the("poll", step=step), record.the("getpeername", step=step)
    error = record.the("getsockopt", step=step)
    ok = reported(poll, "POLLOUT").ok and error.text("error") == "0" and not peer.failed
    return Finding(ok, "the connection to be established later", f"{poll}; {error}; {peer}")


def returned_with_an_outcome(call: CallView, poll: CallView, later: str) -> Finding:
    """Not while poll() still says that the socket is neither connected nor failed."""
    undecided = reported(poll).ok
    expected = "connect() to return only when the connection stands or has failed"
    observed = f"{call} when neither was so, and {later}" if undecided else str(call)
    return Finding(not undecided, expected, observed)


def exchanged(record: RecordView, step: str) -> Finding:
    """Both sides said something, and each heard what the other said."""
    said, heard = record.calls("write", step=step), record.calls("recv", step=step)
    ok = len(said) == len(heard) == 2 and all(call.gave(SAID) for call in said)
    ok = ok and [call.side for call in heard] == ["far", "near"]
    ok = ok and all(call.got_pattern(SAID, seed=1 + i) for i, call in enumerate(heard))
    return Finding(ok, f"{SAID} bytes each way", "; ".join(map(str, (*said, *heard))))


# --- success -------------------------------------------------------------------------------------


@observes("connect/established", stage=BOTH_STAGES, family=INET_BOTH)
def test_connect_to_a_listening_server_succeeds(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 connect(), RETURN VALUE; DESCRIPTION: an unbound socket gets an address."""
    connect = record.the("connect")
    local = record.the("getsockname", step="connect")
    server = record.address("server")
    with claim("connect.returns-zero"):
        assert connect.gave(0)
        assert record.the("getpeername", step="connect").gave_address(server)
    with claim("names.tcp-client-local"):
        assert unbound(record, record.the("getsockname", step="before"))
        assert connect.gave(0)
        assert bound_to(record, "near", local)
        assert record.the("accept").gave_address(local.address)
    with claim("names.tcp-client-local", "wire"):
        assert shook_hands(of_client(record.packets, local.address), local.address, server)


@observes("connect/established", stage="lo", family="unix")
def test_connect_to_a_listening_unix_server_succeeds(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 connect(), RETURN VALUE."""
    server = record.address("server")
    with claim("connect.returns-zero"):
        assert record.the("getpeername", step="before").failed_with("ENOTCONN")
        assert record.the("connect").gave(0)
        assert record.the("getpeername", step="connect").gave_address(server)
        assert record.the("accept").succeeded()


@observes("connect/established", stage=BOTH_STAGES, family=INET_BOTH)
def test_connect_starts_the_three_way_handshake(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.5, figure 6; nothing of it is on the wire before the call, as a marker shows."""
    connect = record.the("connect")
    client = record.the("getsockname", step="connect").address
    with claim("connect.tcp-handshake"):
        assert record.nothing_sent_between(record.fence(1), connect.entered)
        packets = of_client(record.packets, client)
        assert shook_hands(packets, client, record.address("server"))
        assert record.before(connect.entered, packets[0])
    with claim("connect.tcp-blocks-until-outcome"):
        assert connect.gave(0)
        assert record.before(syn_ack_to(record, client), connect.returned)


# --- the client's own address --------------------------------------------------------------------


@observes("connect/unbound_client", stage=BOTH_STAGES, family=INET_BOTH, type=("stream", "dgram"))
def test_a_client_needs_no_bind(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 connect(), DESCRIPTION: a socket that has no local address is given one.

    The server hears each client from just the address that the client's getsockname() gives.
    """
    hears = "accept" if record.variant["type"] == "stream" else "recvfrom"
    with claim("bind.client-needs-none"):
        for step in record.steps:
            before, after = record.calls("getsockname", step=step)
            assert unbound(record, before)
            assert record.the("connect", step=step).gave(0)
            assert bound_to(record, "near", after)
            assert record.the(hears, step=step).gave_address(after.address)
            heard = "recv" if hears == "accept" else hears
            assert record.the(heard, step=step).got_pattern(SAID, seed=1)


@observes("connect/unbound_client", stage=BOTH_STAGES, family=INET_BOTH, type="stream")
def test_connect_gives_an_unbound_socket_an_ephemeral_port(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.9.1.1, and RFC 6056, 3.2: a port of the range that the system gives by itself."""
    ports = []
    with claim("bind.ephemeral-on-connect"):
        for step in record.steps:
            before, after = record.calls("getsockname", step=step)
            assert unbound(record, before)
            assert bound_to(record, "near", after)
            ports.append(after.address.port or 0)
        assert no_system_port(ports)
        assert Finding(len(set(ports)) == len(ports), "a port for each client", str(ports))
    with claim("bind.ephemeral-on-connect", "range"):
        if not record.notes("port range from"):
            raise NotObserved("the system does not tell which ports it gives by itself")
        low, high = record.number("port range from"), record.number("port range to")
        ok = all(low <= port <= high for port in ports)
        assert Finding(ok, f"ports of the range {low} to {high}", str(ports))


def bound_as_told(variant: dict[str, str]) -> bool:
    """127.0.0.2 is an address of IPv4 alone."""
    return variant["family"] == "inet" or variant["to"] != "second_loopback"


@observes(
    "connect/source_address",
    stage=BOTH_STAGES,
    family=INET_BOTH,
    to=("far", "near", "loopback", "second_loopback"),
    bound=("no", "wildcard"),
    when=bound_as_told,
)
def test_the_source_address_follows_from_the_route(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1122, 3.3.4.3: the source becomes an address of the interface that the route uses.

    On stage pair the near host has two interfaces, its link and loopback, with an address each:
    which one it is depends on the destination alone.
    """
    to = record.variant["to"]
    source = "loopback" if "loopback" in to else "near"
    before, after = record.calls("getsockname")
    with claim("connect.source-address"):
        assert before.address.host == host_of(record, "any")
        assert record.the("connect").gave(0)
        host = HOSTS[record.variant["family"]]["loopback"]
        assert after.address.host == (host if source == "loopback" else host_of(record, source))
        assert record.the("accept").gave_address(after.address)
    with claim("connect.source-address", "wire"):
        server = record.the("connect").argument_address
        packets = of_client(record.packets, after.address)
        assert shook_hands(packets, after.address, server)


# --- failure -------------------------------------------------------------------------------------


@observes("connect/refused", stage=BOTH_STAGES, family=INET_BOTH, server=("none", "gone"))
def test_a_client_before_its_server_is_refused(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 connect(), [ECONNREFUSED]; RFC 9293, 3.10.7.1: a reset, and no SYN+ACK."""
    refused = record.the("connect", step="without a server")
    accepted = record.the("connect", step="with a server")
    with claim("intro.server-first"):
        assert refused.failed_with("ECONNREFUSED")
        assert accepted.gave(0)
        assert record.the("accept").succeeded()
    with claim("connect.returns-zero"):
        assert refused.failed_with("ECONNREFUSED")
        # the error was told by the call, so that none is pending
        assert told_errors(record, "0")
        assert accepted.gave(0)
    with claim("connect.tcp-handshake"):
        assert reset(tcp_of(record.packets_between(refused.entered, record.fence(1))))
    with claim("connect.tcp-blocks-until-outcome"):
        assert refused.failed_with("ECONNREFUSED")
        packets = tcp_of(record.packets_before(record.fence(1)))
        assert reset(packets)
        assert record.before(packets[1], refused.returned)


@observes("connect/refused", stage="lo", family="unix", server=("none", "gone"))
def test_a_unix_client_before_its_server_is_refused(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 connect(), ERRORS: [ENOENT] where no file has the name, else [ECONNREFUSED]."""
    refused = record.the("connect", step="without a server")
    accepted = record.the("connect", step="with a server")
    error = "ENOENT" if record.variant["server"] == "none" else "ECONNREFUSED"
    with claim("intro.server-first"):
        assert refused.failed_with(error)
        assert accepted.gave(0)
        assert record.the("accept").succeeded()
    with claim("connect.returns-zero"):
        assert refused.failed_with(error)
        assert accepted.gave(0)


def _judge_not_listening(record: RecordView) -> None:
    assert record.the("connect", step="bound").failed_with("ECONNREFUSED")
    assert record.the("listen").gave(0)
    assert reported(record.the("poll", step="listen"))  # nothing was kept from before
    assert record.the("connect", step="listening").gave(0)
    assert reported(record.the("poll", step="listening"), "POLLIN")


@observes("connect/not_listening", stage=BOTH_STAGES, family=INET_BOTH)
def test_without_listen_a_client_is_refused(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 connect(), [ECONNREFUSED]: the target address was not listening."""
    with claim("listen.required"):
        _judge_not_listening(record)
    with claim("listen.required", "wire"):
        assert reset(tcp_of(record.packets_before(record.fence(1))))


@observes("connect/not_listening", stage="lo", family="unix")
def test_without_listen_a_unix_client_is_refused(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 connect(), [ECONNREFUSED]: the target address was not listening."""
    with claim("listen.required"):
        _judge_not_listening(record)


@observes(
    "connect/unreachable",
    stage=BOTH_STAGES,
    family=INET_BOTH,
    place=("unreachable", "rejected"),
)
def test_an_unreachable_server_is_known_at_once(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 connect(), ERRORS: [ENETUNREACH] no route is present, [EHOSTUNREACH]."""
    error = "ENETUNREACH" if record.variant["place"] == "unreachable" else "EHOSTUNREACH"
    connect = record.the("connect")
    with claim("connect.returns-zero"):
        assert connect.failed_with(error)
        assert told_errors(record, "0")
    with claim("connect.tcp-blocks-until-outcome"):
        assert connect.failed_with(error)
        # nothing was left under way either
        assert record.nothing_sent_between(record.fence(1), record.fence(2))


@observes(
    "connect/after_failure",
    stage=BOTH_STAGES,
    family=INET_BOTH,
    failure=("refused", "refused_later", "unreachable", "rejected"),
)
def test_after_a_failure_the_socket_is_useless(record: RecordView, claim: ClaimContext) -> None:
    """The article; POSIX.1-2024 connect(), DESCRIPTION, leaves the socket's state unspecified."""
    with claim("connect.failed-needs-new-socket"):
        _judge_after_failure(record)


@observes("connect/after_failure", stage="lo", family="unix", failure="refused")
def test_after_a_failure_the_unix_socket_is_useless(
    record: RecordView, claim: ClaimContext
) -> None:
    """The article; POSIX.1-2024 connect(), DESCRIPTION, leaves the socket's state unspecified."""
    with claim("connect.failed-needs-new-socket"):
        _judge_after_failure(record)


def _judge_after_failure(record: RecordView) -> None:
    failure = record.the("connect", step="failure")
    fresh = record.the("connect", step="a new socket")
    assert failure.gave(-1)
    assert fresh.gave(0)
    for again in record.calls("connect", step="the same socket"):
        assert again.gave(-1)


# --- a connect() that blocks ---------------------------------------------------------------------


@observes("connect/blocks", stage=BOTH_STAGES, family=INET_BOTH, silence=ANSWERING)
def test_connect_blocks_until_there_is_an_answer(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 connect(): it shall block until the connection is established.

    The server is there and leaves the SYN unanswered; then its SYN comes, which is an answer too.
    """
    connect = record.the("connect")
    client = record.the("getsockname").address
    with claim("connect.tcp-blocks-until-outcome"):
        if connect.succeeded() and not connect.slept():
            raise NotObserved("the server was not silent: connect() had succeeded at once")
        assert connect.slept()
        assert connect.gave(0)
        assert record.the("getpeername").gave_address(connect.argument_address)
        assert exchanged(record, "answer")
    with claim("connect.tcp-blocks-until-outcome", "wire"):
        assert only_a_syn(of_client(record.packets_before(record.fence(1)), client), client)
        answers = of_client(record.packets_after(record.fence(1)), client)
        acks = [p for p in answers if p.destination == str(client) and "ACK" in p.flags]
        assert Finding(bool(acks), f"an ACK to {client}", listed(answers))
        assert record.before(acks[0], connect.returned)
    with claim("connect.tcp-handshake"):
        packets = of_client(record.packets_after(connect.entered), client)
        assert Finding(bool(packets) and packets[0].is_syn, "a SYN first", listed(packets))


@observes(
    "connect/interrupted", stage=BOTH_STAGES, family=INET_BOTH, restart="no", silence=ANSWERING
)
def test_a_signal_ends_connect_and_not_the_attempt(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 connect(), DESCRIPTION, of a caught signal: [EINTR], and the request goes on."""
    connect = record.the("connect")
    poll = record.the("poll", step="signal")
    later = established_later(record, "answer")
    with claim("connect.tcp-blocks-until-outcome"):
        assert connect.slept()
        assert returned_with_an_outcome(connect, poll, f"later {later.observed}")
    with claim("connect.failed-needs-new-socket"):
        assert connect.gave(-1)
        expected = "the socket to be of no use after connect() has failed"
        assert Finding(not later, expected, f"{connect}, later {later.observed}")


@observes("connect/interrupted", stage="pair", family=INET_BOTH, restart="no", silence="no_host")
def test_a_signal_ends_connect_where_nobody_answers(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 connect(), DESCRIPTION, of a caught signal: the request shall not be aborted."""
    connect = record.the("connect")
    client = record.the("getsockname").address
    with claim("connect.tcp-blocks-until-outcome"):
        assert connect.slept()
        assert only_a_syn(of_client(record.packets_before(record.fence(1)), client), client)
        assert returned_with_an_outcome(connect, record.the("poll"), "nobody answered")


@observes(
    "connect/interrupted", stage=BOTH_STAGES, family=INET_BOTH, restart="yes", silence=ANSWERING
)
def test_with_restart_a_signal_leaves_connect_blocked(
    record: RecordView, claim: ClaimContext
) -> None:
    """signal(7), Linux: with SA_RESTART connect() is restarted, and blocks again."""
    connect = record.the("connect")
    with claim("connect.tcp-blocks-until-outcome"):
        assert connect.slept()
        assert record.asleep("connect", step="signal")
        assert reported(record.the("poll", step="signal"))
        assert connect.gave(0)
        assert established_later(record, "answer")
    with claim("connect.tcp-blocks-until-outcome", "wire"):
        client = record.the("getsockname").address
        assert only_a_syn(of_client(record.packets_before(record.fence(1)), client), client)
        assert record.before(record.fence(1), connect.returned)


@observes("connect/send_timeout", stage=BOTH_STAGES, family=INET_BOTH, silence=ANSWERING)
def test_a_send_timeout_ends_connect_and_not_the_attempt(
    record: RecordView, claim: ClaimContext
) -> None:
    """socket(7), Linux: SO_SNDTIMEO limits connect() too, which then fails with EINPROGRESS."""
    poll = record.the("poll", step="silence")
    later = established_later(record, "answer").observed
    with claim("connect.tcp-blocks-until-outcome"):
        assert returned_with_an_outcome(record.the("connect"), poll, f"later {later}")


@observes("connect/send_timeout", stage="pair", family=INET_BOTH, silence="no_host")
def test_a_send_timeout_ends_connect_where_nobody_answers(
    record: RecordView, claim: ClaimContext
) -> None:
    """socket(7), Linux: SO_SNDTIMEO limits connect() too, which then fails with EINPROGRESS."""
    client = record.the("getsockname").address
    with claim("connect.tcp-blocks-until-outcome"):
        assert only_a_syn(of_client(record.packets_before(record.fence(1)), client), client)
        assert returned_with_an_outcome(
            record.the("connect"), record.the("poll"), "nobody answered"
        )


# --- a connect() that does not block -------------------------------------------------------------


@observes("connect/in_progress", stage=BOTH_STAGES, family=INET_BOTH, server="listens")
def test_a_nonblocking_connect_is_in_progress_and_succeeds(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 connect(): [EINPROGRESS]; poll() then tells that the socket can be written."""
    connect = record.the("connect")
    local = record.the("getsockname")
    with claim("connect.returns-zero"):
        assert connect.gave(0) or connect.failed_with("EINPROGRESS")
        assert reported(record.the("poll"), "POLLOUT")
        assert told_errors(record, "0", "0")
        assert record.the("getpeername").gave_address(connect.argument_address)
        assert record.the("accept").succeeded()
    with claim("names.tcp-client-local"):
        assert bound_to(record, "near", local)
    with claim("bind.ephemeral-on-connect"):
        assert bound_to(record, "near", local)
        assert no_system_port([local.address.port or 0])
    with claim("connect.tcp-handshake"):
        packets = of_client(record.packets_after(connect.entered), local.address)
        assert shook_hands(packets, local.address, connect.argument_address)


@observes("connect/in_progress", stage=BOTH_STAGES, family=INET_BOTH, server="refuses")
def test_a_nonblocking_connect_is_in_progress_and_refused(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 getsockopt(), SO_ERROR: the error that is pending, read once."""
    connect = record.the("connect")
    with claim("connect.returns-zero"):
        assert connect.failed_with("EINPROGRESS", "ECONNREFUSED")
        at_once = connect.errno == "ECONNREFUSED"
        assert told_errors(record, "0" if at_once else "ECONNREFUSED", "0")
        assert record.the("getpeername").failed_with("ENOTCONN")
    with claim("connect.tcp-handshake"):
        assert reset(tcp_of(record.packets_after(connect.entered)))


@observes("connect/already", stage=BOTH_STAGES, family=INET_BOTH, silence=ANSWERING)
def test_a_second_connect_meets_the_first(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 connect(), ERRORS: [EINPROGRESS], [EALREADY], [EISCONN].

    The first call after the connection stands may also report that it does: Linux returns 0.
    """
    client = record.the("getsockname").address
    with claim("connect.returns-zero"):
        assert record.the("connect", step="first").failed_with("EINPROGRESS")
        assert reported(record.the("poll", step="first"))
        assert told_errors(record, "0", step="first")
        assert record.the("connect", step="second").failed_with("EALREADY")
        assert established_later(record, "established")
        third = record.the("connect", step="third")
        assert third.gave(0) or third.failed_with("EISCONN")
        assert record.the("connect", step="fourth").failed_with("EISCONN")
        assert exchanged(record, "after it")
    with claim("connect.tcp-handshake"):
        # the second call starts no handshake of its own
        assert only_a_syn(of_client(record.packets_before(record.fence(1)), client), client)


@observes("connect/connected_twice", stage=BOTH_STAGES, family=INET_BOTH)
def test_a_connected_socket_cannot_be_connected_again(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 connect(), ERRORS [EISCONN]; the connection that stands is left as it is."""
    with claim("connect.returns-zero"):
        _judge_connected_twice(record)
    with claim("connect.returns-zero", "wire"):
        assert record.nothing_sent_between(record.fence(1), record.fence(2))


@observes("connect/connected_twice", stage="lo", family="unix")
def test_a_connected_unix_socket_cannot_be_connected_again(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 connect(), ERRORS [EISCONN]; the connection that stands is left as it is."""
    with claim("connect.returns-zero"):
        _judge_connected_twice(record)


def _judge_connected_twice(record: RecordView) -> None:
    assert record.the("connect", step="same server").failed_with("EISCONN")
    assert record.the("connect", step="other server").failed_with("EISCONN")
    assert told_errors(record, "0", step="after it")
    assert record.the("getpeername", step="after it").gave_address(record.address("server"))
    assert exchanged(record, "after it")


# --- the moment of its return --------------------------------------------------------------------


@observes("connect/return_order", stage=BOTH_STAGES, family=INET_BOTH, ack="usual")
def test_connect_returns_after_the_syn_ack(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.5: the client's connection stands when the SYN+ACK has come.

    As a rule the ACK has gone out before the caller runs again, so this order tells no more.
    """
    with claim("connect.returns-on-syn-ack"):
        for step in record.steps:
            connect = record.the("connect", step=step)
            client = record.the("getsockname", step=step).address
            assert connect.gave(0)
            assert record.before(syn_ack_to(record, client), connect.returned)


@observes("connect/return_order", stage=BOTH_STAGES, family=INET_BOTH, ack="held_back")
def test_connect_returns_before_the_ack_is_sent(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.5: the client's connection stands when the SYN+ACK has come.

    An ACK that is held back goes out with data, or by a timer, which may come first where the
    client is kept from running.  One connection whose ACK came last proves that connect() awaits
    no ACK.
    """
    ack_last = []
    with claim("connect.returns-on-syn-ack"):
        for step in record.steps:
            connect = record.the("connect", step=step)
            client = record.the("getsockname", step=step).address
            assert connect.gave(0)
            assert record.before(syn_ack_to(record, client), connect.returned)
            sent = of_client(record.packets_before(connect.returned), client)
            acks = [p for p in sent if p.source == str(client) and "ACK" in p.flags]
            nothing_yet = reported(record.the("poll", step=step)).ok
            ack_last.append(not acks and nothing_yet)
        if not any(ack_last):
            raise NotObserved("the ACK was never held back until connect() had returned")


@observes("connect/final_ack_lost", stage=BOTH_STAGES, family=INET_BOTH)
def test_connect_returns_although_the_server_never_got_the_ack(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.5: the server's connection stands only when it has the ACK, which it loses here.

    That it lacked nothing else is shown by the next segment of the client, which repeats the ACK.
    """
    connect = record.the("connect")
    client = record.the("getsockname").address
    without_ack, with_ack = record.the("poll", step="lost"), record.the("poll", step="repeated")
    with claim("connect.returns-on-syn-ack"):
        if not reported(without_ack):
            raise NotObserved("the final ACK was not lost: the server has the connection")
        assert connect.gave(0)
        assert reported(with_ack, "POLLIN")
        assert record.the("accept").succeeded()
    with claim("connect.returns-on-syn-ack", "wire"):
        assert record.before(syn_ack_to(record, client), connect.returned)
