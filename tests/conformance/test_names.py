# SPDX-License-Identifier: Apache-2.0
"""getpeername(), getsockname(), and the address that accept() gives: in every state of a socket.

POSIX.1-2024 getpeername(), getsockname(), accept(): the address is stored in the buffer, cut off at
the length that was given, and the length is set.  POSIX calls it that of the stored address, and
getsockname(2) says that it is "a value greater than was supplied" where the address was cut; so a
caller can tell that it was.  That is asked for here: always the length of the whole address.
"""

from __future__ import annotations

import ipaddress
import re

import attrs

from sockspec.check import (
    ALL_FAMILIES,
    INET_BOTH,
    NO_ADDRESS,
    Address,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    observes,
    pattern,
)

BOTH_STAGES = ("lo", "pair")
SAID = 64
FAMILY_BYTES = 2
LENGTHS = {"AF_INET": 16, "AF_INET6": 28}
WILDCARD = {"inet": "0.0.0.0", "inet6": "::"}
HOSTS = {
    ("lo", "inet"): ("127.0.0.1", "127.0.0.1"),
    ("lo", "inet6"): ("::1", "::1"),
    ("pair", "inet"): ("192.0.2.1", "192.0.2.2"),
    ("pair", "inet6"): ("2001:db8::1", "2001:db8::2"),
}
"""The near and the far host's address by stage and family; what is not here is not a stage's."""


def unix_has_more_types(variant: dict[str, str]) -> bool:
    """TCP/IP has no SOCK_SEQPACKET here; UDP's states have checks of their own."""
    return variant["type"] == "stream" or variant["family"] == "unix"


def exists(variant: dict[str, str]) -> bool:
    """TCP/IP has no SOCK_SEQPACKET here."""
    return variant["type"] != "seqpacket" or variant["family"] == "unix"


# --- what a call that writes an address has to do -------------------------------------------------


def assert_gave(call: CallView, address: Address) -> None:
    """It succeeded, and stored this address and nothing behind it."""
    assert call.gave_address(address, LENGTHS.get(address.family))
    assert call.touched <= call.length <= call.length_in


def assert_no_peer(call: CallView) -> None:
    """POSIX.1-2024 getpeername(), ENOTCONN: the socket is not connected.  Nothing is stored."""
    assert call.failed_with("ENOTCONN")
    assert call.left_untouched("address", "length")


def assert_gave_or_failed(call: CallView, address: Address, *errnos: str) -> None:
    """The address, or one of the errors documented for this state; never another address."""
    if not call.failed:
        return assert_gave(call, address)
    assert call.failed_with(*errnos)
    assert call.left_untouched("address", "length")
    return None


def cut(address: Address, length: int) -> Address:
    """What the first ``length`` bytes of the address say, with those that were cut off as zeros."""
    if length < FAMILY_BYTES:
        return NO_ADDRESS
    if address.family == "AF_UNIX":
        path = (address.path or "")[: length - FAMILY_BYTES]
        return Address("AF_UNIX", path=path or None)
    host = ipaddress.ip_address(address.host or "")
    flow = bytes(4) if host.version == 6 else b""
    rest = ((address.port or 0).to_bytes(2, "big") + flow + host.packed)[: length - FAMILY_BYTES]
    rest = rest.ljust(2 + len(flow) + len(host.packed), b"\0")
    left = ipaddress.ip_address(rest[2 + len(flow) :])
    return Address(address.family, str(left), int.from_bytes(rest[:2], "big"))


def assert_stored_cut(call: CallView, address: Address, exact: int) -> None:
    """It stored as much of the address as fits, no byte more, and set the whole one's length."""
    assert call.succeeded()
    assert Finding(
        call.length == exact,
        f"{call.call}() to set the length to {exact}",
        f"it set {call.length}",
    )
    assert Finding(
        call.touched <= min(call.length_in, exact),
        f"{call.call}() to store at most {min(call.length_in, exact)} bytes",
        f"it changed {call.touched}",
    )
    stored = cut(address, min(call.length_in, exact))
    assert Finding(
        call.address == stored, f"{call.call}() to store {stored}", f"it stored {call.address}"
    )


def lengths_of(record: RecordView) -> tuple[str, ...]:
    """The steps of a probe that goes through lengths of the buffer; some are too short."""
    steps = tuple(step for step in record.steps if step.startswith("length "))
    if len(steps) < len(("short", "exact", "long")):
        raise NotObserved("the record lacks the lengths of the buffer")
    return steps


# --- without a connection -------------------------------------------------------------------------


@observes("getpeername/udp_unconnected", family=INET_BOTH, stage=BOTH_STAGES)
def test_an_unconnected_udp_socket_has_no_peer(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 getpeername(), ENOTCONN."""
    call = record.the("getpeername")
    with claim("names.udp-unconnected-peer"):
        assert call.failed_with("ENOTCONN")
        assert call.left_untouched("address", "length")


@observes("getpeername/udp_no_peer", family=INET_BOTH, stage=BOTH_STAGES)
def test_a_udp_socket_has_a_peer_only_while_it_is_connected(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 connect(), 2.10.1: sending and receiving give a datagram socket no peer."""
    for step in ("fresh", "bound", "after sendto", "after recvfrom", "disconnected"):
        with claim("names.udp-unconnected-peer", step):
            assert_no_peer(record.the("getpeername", step))
    with claim("names.udp-connected-both", "getpeername"):
        peer = record.the("connect", "connected").argument_address
        assert_gave(record.the("getpeername", "connected"), peer)


@observes("getpeername/udp_no_peer", family=INET_BOTH, stage=BOTH_STAGES)
def test_a_udp_socket_has_its_own_name_all_along(record: RecordView, claim: ClaimContext) -> None:
    bound = record.the("getsockname", "bound").address
    host = record.the("bind", "bound").argument_address.host
    for step in ("bound", "after sendto", "after recvfrom"):
        with claim("names.udp-unconnected-sock", step):
            assert_gave(record.the("getsockname", step), bound)
            assert bound.host == host
            assert bound.port != 0
    for step in ("fresh", "disconnected"):  # unspecified values, but it can be called
        with claim("names.udp-unconnected-sock", step):
            assert record.the("getsockname", step).succeeded()
    with claim("names.udp-connected-both", "getsockname"):
        assert_gave(record.the("getsockname", "connected"), bound)


def steps_without_connection(variant: dict[str, str]) -> tuple[str, ...]:
    steps: tuple[str, ...] = ("fresh", "bound")
    if variant["type"] != "dgram":
        steps += ("listening", "a client in the queue", "a client accepted")
    if variant["type"] == "stream":
        steps += ("refused",)
    return steps


@observes(
    "getpeername/no_connection",
    family=ALL_FAMILIES,
    type=("stream", "dgram", "seqpacket"),
    when=unix_has_more_types,
)
def test_a_socket_without_a_connection_has_no_peer(record: RecordView, claim: ClaimContext) -> None:
    for step in steps_without_connection(dict(record.variant)):
        with claim("names.peer-needs-connection", step):
            assert_no_peer(record.the("getpeername", step))


@observes("getpeername/no_connection", stage="pair", family=INET_BOTH, type="stream")
def test_a_tcp_socket_without_a_connection_has_no_peer_on_another_host(
    record: RecordView, claim: ClaimContext
) -> None:
    for step in steps_without_connection(dict(record.variant)):
        with claim("names.peer-needs-connection", step):
            assert_no_peer(record.the("getpeername", step))


@observes(
    "getpeername/no_connection",
    family=ALL_FAMILIES,
    type=("stream", "dgram", "seqpacket"),
    when=unix_has_more_types,
)
def test_a_bound_socket_keeps_its_name_while_it_listens(
    record: RecordView, claim: ClaimContext
) -> None:
    bound = record.address("bound")
    for step in steps_without_connection(dict(record.variant)):
        if step in ("fresh", "refused"):  # POSIX.1-2024 getsockname(): unspecified values
            continue
        with claim("names.getsockname", step):
            assert_gave(record.the("getsockname", step), bound)


@observes(
    "getpeername/handshake", family=INET_BOTH, stage=BOTH_STAGES, silence=("filter", "full_queue")
)
def test_a_tcp_socket_has_a_peer_once_its_handshake_is_done(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 getpeername(), ENOTCONN.  The states are those of RFC 9293, 3.3.2."""
    server = record.address("server")
    for step, state in (("SYN sent", "SYN-SENT"), ("SYN received", "SYN-RECEIVED")):
        with claim("names.peer-needs-connection", step):
            assert_in_state(record, step, state)
            assert_no_peer(record.the("getpeername", step))
    with claim("names.peer-needs-connection", "established"):
        assert_in_state(record, "established", "ESTABLISHED")
        assert_gave(record.the("getpeername", "established"), server)
    with claim("names.getsockname"):
        own = record.the("getsockname", "SYN sent").address
        assert own.port != 0
        for step in ("SYN received", "established"):
            assert_gave(record.the("getsockname", step), own)


def assert_in_state(record: RecordView, step: str, state: str) -> None:
    """The handshake stands where the probe put it: otherwise nothing was observed."""
    asked = record.the("getsockopt", step)
    if asked.failed:
        raise NotObserved("the target does not tell a TCP socket's state")
    if asked.text("state") != state:
        raise NotObserved(f"the socket was in state {asked.text('state')}, and not {state}")


# --- with a connection ----------------------------------------------------------------------------


@observes("getpeername/both_ends", family=INET_BOTH, stage=BOTH_STAGES, type=("stream", "dgram"))
def test_each_end_of_a_connection_has_its_own_name_and_its_peers(
    record: RecordView, claim: ClaimContext
) -> None:
    hosts = hosts_of(record)
    own = [record.the("getsockname", step) for step in ("near", "far")]
    peers = [record.the("getpeername", step) for step in ("near", "far")]
    with claim("names.getsockname", "both ends"):
        for call, host in zip(own, hosts, strict=True):
            assert_gave(call, call.address)
            assert call.address.host == host
            assert call.address.port != 0
    with claim("names.getpeername", "both ends"):
        for call, other in zip(peers, reversed(own), strict=True):
            assert_gave(call, other.address)
    with claim("names.getsockname", "after data"):
        assert_gave(record.the("getsockname", "near after the exchange"), own[0].address)
    with claim("names.getpeername", "after data"):
        assert_gave(record.the("getpeername", "near after the exchange"), own[1].address)
    with claim("names.getsockname", "on the wire"):
        packet = data_packet(record)
        assert (packet.src, packet.sport) == (own[0].address.host, own[0].address.port)
    with claim("names.getpeername", "on the wire"):
        packet = data_packet(record)
        assert (packet.dst, packet.dport) == (peers[0].address.host, peers[0].address.port)


def hosts_of(record: RecordView) -> tuple[str, str]:
    """The addresses of the two hosts; a target without stages has them in its loopback."""
    stage = "lo" if record.stage == "host" else record.stage
    return HOSTS[stage, record.variant["family"]]


def data_packet(record: RecordView) -> Packet:
    """The packet with what the near socket wrote; UDP's one may be lost before it is seen."""
    said = pattern(SAID, seed=1)
    for packet in record.packets:
        if packet.has_data and packet.payload == said:
            return packet
    raise NotObserved("what the near socket wrote was not seen on the wire")


@observes("getpeername/both_ends", family=INET_BOTH, stage=BOTH_STAGES, type="dgram")
def test_a_connected_udp_socket_has_both_names(record: RecordView, claim: ClaimContext) -> None:
    near, far = hosts_of(record)
    for step, own, peer in (("near", near, far), ("far", far, near)):
        with claim("names.udp-connected-both", step):
            assert record.the("getsockname", step).succeeded()
            assert record.the("getpeername", step).succeeded()
            assert record.the("getsockname", step).address.host == own
            assert record.the("getpeername", step).address.host == peer
    with claim("names.udp-connected-both", "each other's"):
        assert_gave(record.the("getpeername", "far"), record.the("getsockname", "near").address)
        assert_gave(record.the("getpeername", "near"), record.the("getsockname", "far").address)


@observes("getpeername/both_ends", family="unix", type=("stream", "dgram", "seqpacket"))
def test_each_end_of_a_unix_connection_has_its_own_name_and_its_peers(
    record: RecordView, claim: ClaimContext
) -> None:
    """A client that was not bound has no name, and POSIX says nothing of its address."""
    with claim("names.getsockname"):
        assert record.the("getsockname", "far").address.path
        assert record.the("getsockname", "near").succeeded()
    with claim("names.getpeername"):
        assert_gave(record.the("getpeername", "near"), record.the("getsockname", "far").address)
        peer = record.the("getpeername", "far")
        if record.variant["type"] == "dgram":
            assert_gave(peer, record.the("getsockname", "near").address)
        else:
            assert_gave_no_name(peer)


def assert_gave_no_name(call: CallView) -> None:
    """It succeeded, and gave no other socket's name, in whatever form."""
    assert call.succeeded()
    assert not call.address.path
    assert not call.address.abstract
    assert call.touched <= call.length_in


@observes("getpeername/socketpair", family="unix", type=("stream", "dgram", "seqpacket"))
def test_the_sockets_of_a_socketpair_have_peers_without_names(
    record: RecordView, claim: ClaimContext
) -> None:
    for step in ("end 0", "end 1"):
        with claim("names.getpeername", step):
            assert_gave_no_name(record.the("getpeername", step))
        with claim("names.getsockname", step):
            assert_gave_no_name(record.the("getsockname", step))


# --- when a connection ends -----------------------------------------------------------------------

SHUT_DOWN = ("shut_rd", "shut_wr", "shut_rdwr")
HALF = ("peer_shut_wr", "peer_closed")
OVER = ("both", "reset")


def assert_peer_kept(record: RecordView) -> None:
    """POSIX.1-2024 getpeername(): EINVAL after shutdown(), ENOTCONN without a connection.

    What the peer alone does ends its own direction of a TCP connection (RFC 9293, 3.6).
    """
    end = record.variant["end"]
    peer = record.the("getpeername", "connected").address
    call = record.the("getpeername", "ended")
    if end in SHUT_DOWN:
        assert_gave_or_failed(call, peer, "EINVAL")
    elif end in OVER or record.variant["family"] == "unix":
        assert_gave_or_failed(call, peer, "EINVAL", "ENOTCONN")
    else:
        assert_gave(call, peer)


def assert_name_kept(record: RecordView) -> None:
    """POSIX.1-2024 getsockname(): EINVAL after shutdown()."""
    own = record.the("getsockname", "connected").address
    call = record.the("getsockname", "ended")
    if record.variant["end"] in HALF:
        assert_gave(call, own)
    else:
        assert_gave_or_failed(call, own, "EINVAL")


@observes("getpeername/ended", family=ALL_FAMILIES, end=(*SHUT_DOWN, *HALF, *OVER))
def test_an_ending_connection_has_no_other_names_than_before(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("names.getpeername"):
        assert_peer_kept(record)
    with claim("names.getsockname"):
        assert_name_kept(record)


@observes("getpeername/ended", family=INET_BOTH, stage="pair", end=(*SHUT_DOWN, *HALF, *OVER))
def test_an_ending_connection_to_another_host_has_no_other_names_than_before(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("names.getpeername"):
        assert_peer_kept(record)
    with claim("names.getsockname"):
        assert_name_kept(record)


@observes("getpeername/ended", family=ALL_FAMILIES, end="disconnected")
def test_a_disconnected_stream_socket_has_no_peer(record: RecordView, claim: ClaimContext) -> None:
    """connect(2): AF_UNSPEC dissolves a TCP connection on Linux; elsewhere the call may fail."""
    peer = record.the("getpeername", "connected").address
    call = record.the("getpeername", "ended")
    with claim("names.peer-needs-connection"):
        if record.the("connect", "ended").failed:
            assert_gave(call, peer)
        else:
            assert_no_peer(call)


# --- the buffer -----------------------------------------------------------------------------------


@observes(
    "getpeername/buffer",
    connected="yes",
    family=ALL_FAMILIES,
    type=("stream", "dgram", "seqpacket"),
    when=exists,
)
def test_getpeername_stores_as_much_of_the_address_as_fits(
    record: RecordView, claim: ClaimContext
) -> None:
    for step in lengths_of(record):
        with claim("names.getpeername", step):
            call = record.the("getpeername", step)
            assert_stored_cut(call, record.address("peer"), record.number("exact"))


@observes("getpeername/buffer", connected="no", family=ALL_FAMILIES, type="stream")
def test_getpeername_stores_nothing_when_it_fails(record: RecordView, claim: ClaimContext) -> None:
    for step in lengths_of(record):
        with claim("names.peer-needs-connection", step):
            assert_no_peer(record.the("getpeername", step))


@observes("getpeername/buffer", connected="no", family=INET_BOTH, type="dgram")
def test_getpeername_on_an_unconnected_udp_socket_stores_nothing(
    record: RecordView, claim: ClaimContext
) -> None:
    for step in lengths_of(record):
        with claim("names.udp-unconnected-peer", step):
            assert_no_peer(record.the("getpeername", step))


@observes(
    "getsockname/buffer",
    family=ALL_FAMILIES,
    type=("stream", "dgram", "seqpacket"),
    when=exists,
)
def test_getsockname_stores_as_much_of_the_address_as_fits(
    record: RecordView, claim: ClaimContext
) -> None:
    for step in lengths_of(record):
        with claim("names.getsockname", step):
            call = record.the("getsockname", step)
            assert_stored_cut(call, record.address("own"), record.number("exact"))


def clients_of(record: RecordView) -> dict[str, tuple[Address, int]]:
    """By step: the client's own address, and its length."""
    clients = [Address.parse(value) for value in record.notes("client")]
    told = zip(clients, record.notes("exact"), strict=True)
    return dict(zip(lengths_of(record), told, strict=True))


@observes("accept/peer_address", family=ALL_FAMILIES)
def test_accept_stores_its_clients_address(record: RecordView, claim: ClaimContext) -> None:
    for step, (client, exact) in clients_of(record).items():
        with claim("accept.peer-address", step):
            assert_stored_cut(record.the("accept", step), client, exact)


@observes("accept/peer_address", family=INET_BOTH, stage="pair")
def test_accept_stores_the_address_of_a_client_on_another_host(
    record: RecordView, claim: ClaimContext
) -> None:
    for step, (client, exact) in clients_of(record).items():
        with claim("accept.peer-address", step):
            assert client.host == hosts_of(record)[1]
            assert_stored_cut(record.the("accept", step), client, exact)


# --- who chose the name ---------------------------------------------------------------------------


@observes("getsockname/udp_sendto", family=INET_BOTH, stage=BOTH_STAGES)
def test_the_first_sendto_names_a_udp_socket(record: RecordView, claim: ClaimContext) -> None:
    """The article speaks of the address and of the port; each is judged."""
    wildcard = WILDCARD[record.variant["family"]]
    for step in ("after socket", "after an empty receive"):
        with claim("names.udp-unconnected-sock", step):
            assert record.the("getsockname", step).succeeded()
        with claim("names.udp-assigned-on-sendto", f"none {step}"):
            none = Address(record.the("getsockname", step).address.family, wildcard, 0)
            assert record.the("getsockname", step).gave_address(none)
    first = record.the("getsockname", "after the first sendto")
    source = record.the("recvfrom", "after the first sendto").address
    with claim("names.udp-assigned-on-sendto", "port"):
        assert first.succeeded()
        assert first.address.port != 0
        assert first.address.port == source.port
    with claim("names.udp-assigned-on-sendto", "address"):
        assert first.gave_address(attrs.evolve(first.address, host=source.host))
    for step in ("after the second sendto", "after a sendto to another socket"):
        with claim("names.udp-assigned-on-sendto", f"the same port {step}"):
            assert record.the("getsockname", step).gave_address(first.address)
            assert record.the("recvfrom", step).address.port == first.address.port
        with claim("names.udp-unconnected-sock", step):
            assert_gave(record.the("getsockname", step), first.address)


@observes(
    "getsockname/bound",
    address=("near", "wildcard"),
    family=INET_BOTH,
    stage=BOTH_STAGES,
    type=("stream", "dgram"),
)
def test_port_0_lets_the_kernel_choose_a_port(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 bind() leaves port 0 to the implementation; ip(7): an ephemeral port."""
    asked = record.the("bind", "port 0").argument_address
    own = record.the("getsockname", "port 0")
    with claim("names.bind-port-zero"):
        assert own.address.port != 0
        assert own.address.host == asked.host
        assert_gave(own, own.address)
    with claim("names.bind-port-zero", "a peer reaches it there"):
        if record.variant["type"] == "dgram":
            assert record.the("sendto", "port 0").argument_address.port == own.address.port
            assert record.calls("recv", step="port 0")[-1].got(b"hello")
        else:
            assert record.the("connect", "port 0").argument_address.port == own.address.port
            assert record.the("connect", "port 0").succeeded()
            assert record.the("accept", "port 0").succeeded()
    with claim("names.getsockname", "port given"):
        bind = record.the("bind", "port given")
        if bind.failed_with("EADDRINUSE"):
            raise NotObserved("another program took the port that had been free")
        assert_gave(record.the("getsockname", "port given"), bind.argument_address)


@observes(
    "getsockname/unix_names",
    family="unix",
    name=("path", "abstract", "chosen"),
    type=("stream", "dgram", "seqpacket"),
)
def test_a_unix_socket_has_the_name_it_was_bound_to(
    record: RecordView, claim: ClaimContext
) -> None:
    """unix(7): path names, abstract names, and autobind's five hexadecimal digits."""
    own = record.the("getsockname", "bound")
    with claim("names.getsockname"):
        if record.variant["name"] == "chosen":
            assert re.fullmatch("[0-9a-f]{5}", own.address.abstract or "")
        else:
            assert_gave(own, record.the("bind", "bound").argument_address)
    if record.variant["type"] != "dgram":
        with claim("names.getpeername", "its peer's view"):
            assert_gave(record.the("getpeername", "peer"), own.address)


# --- a server bound to the wildcard ---------------------------------------------------------------


def as_seen_by(family: str, address: Address) -> Address:
    """RFC 3493, 3.7: an AF_INET6 socket sees an IPv4 address as ::ffff:a.b.c.d."""
    if family == "inet" or address.family == "AF_INET6":
        return address
    return Address.inet6(f"::ffff:{address.host}", address.port or 0)


def destinations(record: RecordView) -> dict[str, tuple[Address, Address]]:
    """By step: the address that the client connected to, and its own, as the server sees them."""
    steps = [step for step in record.steps if not step.endswith(", the listener")]
    pairs = zip(record.notes("destination"), record.notes("client"), strict=True)
    seen = [
        tuple(as_seen_by(record.variant["family"], Address.parse(value)) for value in pair)
        for pair in pairs
    ]
    return {step: (to, client) for step, (to, client) in zip(steps, seen, strict=True)}


@observes("getsockname/wildcard_server", family=INET_BOTH, stage=BOTH_STAGES)
def test_only_the_accepted_socket_has_the_concrete_address(
    record: RecordView, claim: ClaimContext
) -> None:
    for step, (destination, client) in destinations(record).items():
        with claim("names.wildcard-accepted", step):
            assert_gave(record.the("getsockname", step), destination)
        with claim("names.getpeername", step):
            assert_gave(record.the("getpeername", step), client)
        with claim("names.wildcard-listener", step):
            listener = record.the("getsockname", f"{step}, the listener")
            assert listener.address.host == WILDCARD[record.variant["family"]]
            assert listener.address.port == destination.port
            assert_gave(listener, listener.address)


# --- after an exec --------------------------------------------------------------------------------


def assert_learns_its_client(record: RecordView) -> None:
    """An exec keeps a descriptor without FD_CLOEXEC open: POSIX.1-2024 exec."""
    assert_gave(record.the("getpeername"), record.address("client"))
    assert_gave(record.the("getsockname"), record.address("server"))
    assert record.the("write").returned(SAID)


@observes("getpeername/after_exec", family=ALL_FAMILIES, process="same")
def test_a_program_learns_its_client_after_an_exec(record: RecordView, claim: ClaimContext) -> None:
    with claim("names.exec-identity"):
        assert_learns_its_client(record)


@observes("getpeername/after_exec", family=INET_BOTH, process="same", stage="pair")
def test_a_program_learns_its_client_on_another_host_after_an_exec(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("names.exec-identity"):
        assert_learns_its_client(record)


@observes("getpeername/after_exec", family=ALL_FAMILIES, process="child")
def test_a_program_learns_its_client_after_a_fork_and_an_exec(
    record: RecordView, claim: ClaimContext
) -> None:
    with claim("names.exec-identity"):
        assert_learns_its_client(record)
        assert record.the("recv").got(pattern(SAID, seed=1))  # it served that client


@observes("getpeername/other_ways", family=ALL_FAMILIES)
def test_a_program_has_no_other_way_to_learn_its_client(
    record: RecordView, claim: ClaimContext
) -> None:
    """What the program that accepted hands on; recvfrom(); an option that Linux has.

    If one of them gives the address that getpeername() gives, it is another way.
    """
    client = record.address("client")
    ways = {
        "environment": record.address("environment"),
        "recvfrom()": record.the("recvfrom").address,
    }
    if "SO_PEERNAME" in record.steps:
        ways["getsockopt() SO_PEERNAME"] = record.the("getsockopt", "SO_PEERNAME").address
    with claim("names.exec-only-way"):
        assert_gave(record.the("getpeername"), client)
        others = [way for way, address in ways.items() if address == client]
        assert Finding(
            not others,
            "no other way than getpeername() to learn the client",
            f"the same address by {', '.join(others)}",
        )
