# SPDX-License-Identifier: Apache-2.0
"""listen(): what it returns, what it makes of a socket, the port of one that was never bound."""

from __future__ import annotations

from sockspec.check import (
    ALL_FAMILIES,
    INET_BOTH,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    RecordView,
    observes,
)

BOTH_STAGES = ("lo", "pair")
SYSTEM_PORTS = range(1, 1024)
"""RFC 6335, 6: ports that are assigned, and never chosen for anybody."""

SUCCESSES = (
    "bound",
    "listening already",
    "backlog 0",
    "backlog below 0",
    "the largest backlog",
)

FAILURES = {
    "connected": ("EINVAL",),
    "a datagram socket": ("EOPNOTSUPP",),
    "no socket": ("ENOTSOCK",),
    "closed": ("EBADF",),
}
"""POSIX.1-2024 listen(), by step of the probe: the errors for it."""

UNIX_UNBOUND = ("EDESTADDRREQ", "EINVAL")
"""POSIX.1-2024: the socket is not bound, and the protocol does not listen on an unbound one."""


def accepts_connections(call: CallView) -> Finding:
    """POSIX.1-2024, 2.10.16, SO_ACCEPTCONN: listening is enabled."""
    value = call.number("value")
    return Finding(value != 0, "SO_ACCEPTCONN not 0", f"it was {value}")


def is_active(call: CallView) -> Finding:
    value = call.number("value")
    return Finding(value == 0, "SO_ACCEPTCONN 0", f"it was {value}")


@observes("listen/result", family=ALL_FAMILIES)
def test_listen_returns_0_or_minus_1(record: RecordView, claim: ClaimContext) -> None:
    """The option SO_ACCEPTCONN tells whether listen() succeeded."""
    unix = record.variant["family"] == "unix"
    successes = SUCCESSES if unix else (*SUCCESSES, "unbound")
    failures = {**FAILURES, "unbound": UNIX_UNBOUND} if unix else FAILURES
    for step in successes:
        with claim("listen.returns-zero", step):
            assert record.the("listen", step).returned(0)
            assert accepts_connections(record.the("getsockopt", step))
    for step, errnos in failures.items():
        with claim("listen.returns-zero", step):
            assert record.the("listen", step).failed_with(*errnos)
            for option in record.calls_if_any("getsockopt", step=step):
                assert is_active(option)


@observes("listen/state", family=INET_BOTH, stage=BOTH_STAGES)
def test_listen_takes_a_tcp_socket_from_closed_to_listen(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 9293, 3.9.1.1: a passive OPEN takes CLOSED to LISTEN; 3.10.7: how each answers a SYN."""
    with claim("listen.closed-to-listen", "the state"):
        for step, state in (("fresh", "CLOSED"), ("bound", "CLOSED"), ("listen", "LISTEN")):
            assert tcp_state(record, step) == state
        assert tcp_state(record, "a client") == "LISTEN"
    with claim("listen.closed-to-listen", "the option"):
        for step in ("fresh", "bound"):
            assert is_active(option_of(record, step))
        for step in ("listen", "a client"):
            assert accepts_connections(option_of(record, step))
    with claim("listen.closed-to-listen", "the client"):
        assert record.the("connect", "bound").failed_with("ECONNREFUSED")
        assert record.the("listen").returned(0)
        assert record.the("connect", "a client").returned(0)
    with claim("listen.closed-to-listen", "the wire"):
        assert answer_to_syn(record, "bound") == "RST"
        assert answer_to_syn(record, "a client") == "SYN+ACK"


def option_of(record: RecordView, step: str) -> CallView:
    options = record.calls("getsockopt", step=step)
    return next(call for call in options if call.args["option"] == "SO_ACCEPTCONN")


def tcp_state(record: RecordView, step: str) -> str:
    """RFC 9293's name of the state, where the target tells it."""
    options = record.calls("getsockopt", step=step)
    asked = next(call for call in options if call.args["option"] == "TCP_INFO")
    if asked.failed:
        raise NotObserved("the target does not tell a TCP socket's state")
    return asked.text("state")


def answer_to_syn(record: RecordView, step: str) -> str:
    """What the server's port sent first while the client's connect() lasted: RST or SYN+ACK."""
    server = record.address("server")
    for packet in record.packets_during(record.the("connect", step)):
        if packet.is_tcp and (packet.src, packet.sport) == (server.host, server.port):
            return "RST" if packet.is_rst else packet.flag_text
    return "nothing"


# --- active and passive ---------------------------------------------------------------------------


@observes("listen/passive", family=ALL_FAMILIES, type="stream")
def test_listen_makes_an_active_stream_socket_passive(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("listen.passive", "active before"):
        assert_active(record)
    with claim("listen.passive", "passive after"):
        assert_passive(record)
    with claim("listen.passive", "awaits a client"):
        assert_awaits_a_client(record)


@observes("listen/passive", family="unix", type="seqpacket")
def test_listen_makes_an_active_seqpacket_socket_passive(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("listen.passive", "active before"):
        assert_active(record)
    with claim("listen.passive", "passive after"):
        assert_passive(record)
    with claim("listen.passive", "awaits a client"):
        assert_awaits_a_client(record)


@observes("listen/passive", stage="pair", family=INET_BOTH, type="stream")
def test_listen_makes_a_tcp_socket_passive_and_sends_nothing(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("listen.passive", "active before"):
        assert_active(record)
    with claim("listen.passive", "passive after"):
        assert_passive(record)
    with claim("listen.passive", "awaits a client"):
        assert_awaits_a_client(record)
    with claim("listen.passive", "nothing is sent"):
        syns = [packet for packet in record.packets if packet.is_syn and packet.sent]
        assert [packet.dport for packet in syns] == [
            record.the("connect", "active").argument_address.port
        ]


def assert_active(record: RecordView) -> None:
    """POSIX.1-2024 accept(), EINVAL: the socket is not accepting connections."""
    assert is_active(record.the("getsockopt", "active"))
    assert record.the("accept", "active").failed_with("EINVAL")
    assert record.the("connect", "active").returned(0)


def assert_passive(record: RecordView) -> None:
    """POSIX.1-2024 connect(), EOPNOTSUPP: a listening socket; systems have other errors for it."""
    assert record.the("listen").returned(0)
    assert accepts_connections(record.the("getsockopt", "passive"))
    assert record.the("connect", "passive").returned(-1)


def assert_awaits_a_client(record: RecordView) -> None:
    accept = record.the("accept", "a client")
    client = record.the("connect", "a client")
    assert accept.slept()
    assert client.returned(0)
    assert accept.succeeded()
    assert record.before(client.entered, accept.returned)


# --- a socket that was never bound ----------------------------------------------------------------


@observes("listen/unbound", family=INET_BOTH, stage=BOTH_STAGES)
def test_listen_on_an_unbound_tcp_socket_gives_it_a_port(
    record: RecordView, claim: ClaimContext
) -> None:
    """ip(7): listen() on an unbound socket binds it to a random free port of any address."""
    with claim("bind.ephemeral-on-listen", "port"):
        ports = [assert_got_a_port(record, i) for i in range(2)]
        assert ports[0] != ports[1]
    with claim("bind.ephemeral-on-listen", "clients"):
        for i in range(2):
            step = f"client, socket {i}"
            own = record.the("getsockname", f"after, socket {i}").address
            assert record.the("connect", step).argument_address.port == own.port
            assert record.the("connect", step).returned(0)
            assert record.the("accept", step).succeeded()


def assert_got_a_port(record: RecordView, i: int) -> int:
    assert record.the("getsockname", f"before, socket {i}").address.port == 0
    assert record.the("listen", f"after, socket {i}").returned(0)
    port = record.the("getsockname", f"after, socket {i}").address.port
    assert port
    assert port not in SYSTEM_PORTS
    return port
