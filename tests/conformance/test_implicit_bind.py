# SPDX-License-Identifier: Apache-2.0
"""Who gives a socket its name: bind(), or without it connect(), listen() or sendto(), and no other.

ip(7), Address format: where listen(), connect() or a first sendto() finds the socket unbound, it is
bound to a free port of any address.
"""

from __future__ import annotations

from sockspec.check import (
    BOTH_STAGES,
    INET_BOTH,
    READERS,
    SAID,
    WOULD_BLOCK,
    Address,
    ClaimContext,
    Finding,
    NotObserved,
    RecordView,
    observes,
    pattern,
)

TYPES = ("stream", "dgram")
SOCKETS = 32
WILDCARD = {"inet": "0.0.0.0", "inet6": "::"}
FAMILY = {"inet": "AF_INET", "inet6": "AF_INET6"}
MAPPED = "::ffff:"


def no_name(record: RecordView) -> Address:
    """That of an unbound socket: the wildcard, and port 0."""
    family = record.variant["family"]
    return Address(FAMILY[family], WILDCARD[family], 0)


# --- bind() to port 0 -----------------------------------------------------------------------------


@observes(
    "getsockname/port_zero_many",
    address=("near", "wildcard"),
    family=INET_BOTH,
    type=TYPES,
)
def test_each_socket_bound_to_port_0_has_a_port_of_its_own(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("names.bind-port-zero", "each its own"):
        calls = record.calls("getsockname", step="round 1")
        assert all(call.succeeded() for call in calls)
        ports = [call.address.port for call in calls]
        assert Finding(
            len(set(ports)) == SOCKETS and 0 not in ports,
            f"{SOCKETS} ports, all different and not 0",
            ", ".join(map(str, ports)),
        )
    with claim("names.bind-port-zero", "the same when asked again"):
        first, second = (record.calls("getsockname", step=f"round {n}") for n in (1, 2))
        for before, after in zip(first, second, strict=True):
            assert after.gave_address(before.address)


# --- connect() ------------------------------------------------------------------------------------

BINDS = ("an address", "an address and a port", "no address", "a port alone")


@observes("bind/client", family=INET_BOTH, stage=BOTH_STAGES, type=TYPES)
def test_connect_gives_a_bound_client_only_what_it_lacks(
    record: RecordView, claim: ClaimContext
) -> None:
    """The port is the one of bind(), also for the server; the address too, unless it was none."""
    for what in BINDS:
        bind = record.the("bind", f"{what}: bind")
        bound = record.the("getsockname", f"{what}: bind").address
        own = record.the("getsockname", f"{what}: connect").address
        if bind.failed_with("EADDRINUSE"):
            raise NotObserved("another program took the port that had been free")
        with claim("names.bind-port-zero", what):
            assert bind.returned(0)
            assert record.the("getsockname", f"{what}: bind").succeeded()
            assert bound.host == bind.argument_address.host
            assert bound.port == (bind.argument_address.port or bound.port)
            assert bound.port != 0
        with claim("bind.client-needs-none", f"{what}: the port is bind()'s"):
            assert record.the("connect", f"{what}: connect").returned(0)
            assert record.the("getsockname", f"{what}: connect").succeeded()
            assert own.port == bound.port
            assert record.the("write", f"{what}: connect").returned(SAID)
            assert_seen_by_the_server(record, f"{what}: connect", own)
        with claim("connect.source-address", f"{what}: the address"):
            assert own.host not in WILDCARD.values()
            if bound.host not in WILDCARD.values():
                assert own.host == bound.host


def assert_seen_by_the_server(record: RecordView, step: str, own: Address) -> None:
    if record.variant["type"] == "stream":
        assert record.the("accept", step).gave_address(own)
        return
    assert record.the("recvfrom", step).got(pattern(SAID, seed=1))
    assert record.the("recvfrom", step).gave_address(own)


# --- listen() -------------------------------------------------------------------------------------


@observes("listen/unbound_names", family=INET_BOTH, stage=BOTH_STAGES, type="stream")
def test_listen_gives_a_name_to_an_unbound_socket_alone(
    record: RecordView, claim: ClaimContext
) -> None:
    """It is one of any address of the host; a socket that has a name keeps it."""
    own = record.the("getsockname", "not bound: after").address
    with claim("bind.ephemeral-on-listen", "not bound"):
        assert record.the("getsockname", "not bound: before").gave_address(no_name(record))
        assert record.the("listen", "not bound: after").returned(0)
        assert record.the("getsockname", "not bound: after").succeeded()
        assert own.port != 0
        assert own.host == WILDCARD[record.variant["family"]]
    for what in ("listening already", "bound to the wildcard", "bound to an address"):
        with claim("bind.ephemeral-on-listen", what):
            assert record.the("getsockname", f"{what}: before").succeeded()
            before = record.the("getsockname", f"{what}: before").address
            assert before.port != 0
            assert record.the("listen", f"{what}: after").returned(0)
            assert record.the("getsockname", f"{what}: after").gave_address(before)
    for seed, step in enumerate(step for step in record.steps if ": " not in step):
        with claim("bind.ephemeral-on-listen", f"a client at its {step} address"):
            to = record.the("connect", step).argument_address
            assert to.port == own.port
            assert record.the("connect", step).returned(0)
            assert record.the("accept", step).succeeded()
            assert record.the("write", step).returned(SAID)
            assert record.the("recv", step).got(pattern(SAID, seed=seed))
        with claim("names.wildcard-accepted", f"listening unbound, {step}"):
            assert record.the("getsockname", step).succeeded()
            accepted = record.the("getsockname", step).address
            assert accepted.port == to.port
            assert accepted.host in (to.host, f"{MAPPED}{to.host}")


# --- sendto(), and no receiving call --------------------------------------------------------------


@observes("getsockname/udp_receive_only", by=READERS, family=INET_BOTH)
def test_receiving_gives_a_udp_socket_no_name(record: RecordView, claim: ClaimContext) -> None:
    """Nor does poll(); the first sendto() does, while another call on that socket still waits."""
    by = record.variant["by"]
    for step in ("after poll", "after an empty receive", "while receiving"):
        with claim("names.udp-assigned-on-sendto", f"none {step}"):
            assert record.the("getsockname", step).gave_address(no_name(record))
    with claim("names.udp-assigned-on-sendto", "none while asleep"):
        assert record.the(by, "after an empty receive").failed_with(*WOULD_BLOCK)
        assert record.asleep(by, "while receiving")
    own = record.the("getsockname", "after sendto").address
    with claim("names.udp-assigned-on-sendto", "after sendto"):
        assert record.the("sendto", "after sendto").returned(5)
        assert record.the("getsockname", "after sendto").succeeded()
        assert own.port != 0
        assert record.the("recvfrom", "an answer", side="far").address.port == own.port
    with claim("names.udp-assigned-on-sendto", "the answer comes to that port"):
        answer = record.the("sendto", "an answer")
        assert answer.argument_address.port == own.port
        assert record.the(by, "while receiving").got(b"answer")
        assert record.before(answer.entered, record.the(by, "while receiving").returned)
        assert record.the("getsockname", "an answer").gave_address(own)


def exists(variant: dict[str, str]) -> bool:
    """Only an AF_INET6 socket has IPv4 addresses that are mapped."""
    return variant["to"] == "own" or variant["family"] == "inet6"


@observes(
    "getsockname/udp_first_send",
    by=("sendto", "sendmsg"),
    family=INET_BOTH,
    stage=BOTH_STAGES,
    to=("own", "mapped"),
    when=exists,
)
def test_the_first_datagram_names_a_udp_socket_that_has_no_name(
    record: RecordView, claim: ClaimContext
) -> None:
    """sendmsg() with a destination does what sendto() does: POSIX.1-2024 sendmsg()."""
    by = record.variant["by"]
    ports = []
    for what in ("not bound", "another"):
        own = record.the("getsockname", f"{what}: after").address
        ports.append(own.port)
        with claim("names.udp-assigned-on-sendto", f"{what}: before"):
            assert record.the("getsockname", f"{what}: before").gave_address(no_name(record))
        with claim("names.udp-assigned-on-sendto", f"{what}: port"):
            assert record.the(by, f"{what}: after").returned(5)
            assert record.the("getsockname", f"{what}: after").succeeded()
            assert own.port != 0
            assert record.the("recvfrom", f"{what}: after").got(b"hello")
            assert record.the("recvfrom", f"{what}: after").address.port == own.port
    with claim("names.udp-assigned-on-sendto", "each its own port"):
        assert ports[0] != ports[1]
    for what in ("bound to the wildcard", "bound to an address"):
        if f"{what}: before" not in record.steps:
            continue
        bound = record.the("getsockname", f"{what}: before").address
        with claim("names.udp-unconnected-sock", f"{what}: kept"):
            assert bound.port != 0
            assert record.the("getsockname", f"{what}: after").gave_address(bound)
            assert record.the("recvfrom", f"{what}: after").address.port == bound.port
