# SPDX-License-Identifier: Apache-2.0
"""socket(): the domains, types and protocols that the article names, and what each of them gives.

POSIX.1-2024 socket(), bind(), connect() and 2.10, Sockets; the manual pages unix(7), raw(7),
packet(7), netlink(7) for what POSIX leaves to the system.
"""

from __future__ import annotations

import ipaddress

import attrs

from sockspec.check import (
    ALL_FAMILIES,
    INET_BOTH,
    READERS,
    WRITERS,
    Address,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    Unsupported,
    observes,
    pattern,
)

BOTH_STAGES = ("lo", "pair")
SAID = 64
LENGTHS = {"AF_INET": 16, "AF_INET6": 28}
NEAR, FAR = "near", "far"
HOSTS = {
    ("lo", "inet"): ("127.0.0.1", "127.0.0.1"),
    ("lo", "inet6"): ("::1", "::1"),
    ("pair", "inet"): ("192.0.2.1", "192.0.2.2"),
    ("pair", "inet6"): ("2001:db8::1", "2001:db8::2"),
    ("host", "inet"): ("127.0.0.1", "127.0.0.1"),
    ("host", "inet6"): ("::1", "::1"),
}
"""The near and the far host's address by stage and family."""


def hosts(record: RecordView) -> tuple[str, str]:
    """The near and the far host's address."""
    return HOSTS[record.stage, record.variant["family"]]


def refused(call: CallView) -> Finding:
    """It failed, for whatever reason."""
    return Finding(call.failed, f"{call.call}() to fail", str(call))


def fact(ok: bool, expected: str, observed: object) -> Finding:
    """A condition, with both sides in words."""
    return Finding(ok, expected, str(observed))


def assert_got(call: CallView, size: int, seed: int) -> None:
    """It received exactly this, and changed nothing else."""
    assert call.returned(size)
    assert call.got_pattern(size, 0, seed)
    assert (call.behind, call.overrun) == (0, 0)


def assert_said(record: RecordView, step: str, seed: int, who: str = "main") -> None:
    """A client connected, spoke, and was heard."""
    assert record.the("connect", step, who).returned(0)
    assert all(call.succeeded() for call in record.calls("accept", step=step, who=who))
    assert record.the("write", step, who).returned(SAID)
    assert_got(record.the("recv", step, who), SAID, seed)


def assert_exchanged(record: RecordView, step: str, seed: int = 1) -> None:
    """Each end heard what the other said, byte for byte."""
    said, answered = record.calls("write", step=step)
    heard, learned = record.calls("recv", step=step)
    assert said.returned(SAID)
    assert_got(heard, SAID, seed)
    assert answered.returned(SAID)
    assert_got(learned, SAID, seed + 1)


def between_fences(record: RecordView) -> tuple[Packet, ...]:
    """What crossed the stage between the first marker and the second."""
    return record.packets_between(record.fence(1), record.fence(2))


def nothing(packets: tuple[Packet, ...]) -> Finding:
    """No packet was seen."""
    shown = "; ".join(map(str, packets)) or "no packet"
    return Finding(not packets, "no packet on the wire", shown)


# --- two processes --------------------------------------------------------------------------------


def makes_sense(variant: dict[str, str]) -> bool:
    """Only UNIX sockets come in pairs, and only they have SOCK_SEQPACKET without SCTP."""
    unix = variant["family"] == "unix"
    return unix or (variant["made"] == "connect" and variant["type"] != "seqpacket")


@observes(
    "ipc/two_processes",
    family=ALL_FAMILIES,
    made=("connect", "socketpair"),
    program=("same", "another"),
    type=("stream", "dgram", "seqpacket"),
    when=makes_sense,
)
def test_two_processes_of_one_host_speak_through_sockets(
    record: RecordView, claim: ClaimContext
) -> None:
    """What one writes the other reads, in every way, and nobody else does."""
    pids = record.notes("pid")
    with claim("intro.local-ipc"):
        assert fact(len(set(pids)) == len(("first", "other")), "two processes", pids)
        for i, (writer, reader) in enumerate(zip(WRITERS, READERS, strict=True)):
            for at, (speaker, hearer) in enumerate((("main", "other"), ("other", "main"))):
                assert record.the(writer, "exchange", speaker).returned(SAID)
                assert_got(record.the(reader, "exchange", hearer), SAID, 2 * i + at)
    with claim("intro.local-ipc", "not of a socket that is connected to another"):
        for call in record.calls("recv", step="bystander"):
            assert call.failed_with("EAGAIN")
    if record.variant["type"] == "dgram":
        return
    with claim("intro.local-ipc", "the end of the other process"):
        assert record.the("recv", "the other process has ended").returned(0)


# --- AF_INET and AF_INET6: the address ------------------------------------------------------------


def host_and_port(address: Address) -> tuple[str | None, int | None]:
    """As packets have them: an IPv4-mapped address goes as an IPv4 address (RFC 3493, 3.7)."""
    host = address.host or ""
    mapped = host.startswith("::ffff:")
    return (host.removeprefix("::ffff:") if mapped else host), address.port


def assert_bound(record: RecordView, bind: CallView, name: CallView) -> None:
    """It has exactly the name that it was given."""
    if record.stage == "host" and bind.errno == "EADDRINUSE":
        raise NotObserved("another program has this port")
    assert bind.returned(0)
    assert name.gave_address(bind.argument_address, LENGTHS[bind.argument_address.family])


def names_of(record: RecordView) -> tuple[Address, ...]:
    """The names that the sockets are bound to."""
    return tuple(call.argument_address for call in record.calls("bind"))


def assert_each_gets_its_own(record: RecordView) -> None:
    """Each socket has its name, gets what is sent to it, and no more."""
    binds = record.calls("bind")
    assert len(set(names_of(record))) == len(binds)
    for bind, name in zip(binds, record.calls("getsockname"), strict=True):
        assert_bound(record, bind, name)
    for i, bind in enumerate(binds):
        calls = record.calls(step=f"to {i}")
        heard = calls[-1]
        assert all(call.succeeded() for call in calls)
        assert heard.call == "recv"
        assert_got(heard, SAID, i)
        taker = heard if record.variant["type"] == "dgram" else record.the("accept", f"to {i}")
        assert fact(
            taker.args["fd"] == bind.args["fd"], f"the socket of {bind.argument_address}", taker
        )
    for call in record.calls("poll", step="more"):
        assert call.returned(0)


def destinations(record: RecordView) -> list[tuple[str, int | None]]:
    """Where the datagrams, or the first segments of connections, went: host and port."""
    wanted = "is_udp" if record.variant["type"] == "dgram" else "is_syn"
    return [(packet.dst, packet.dport) for packet in record.packets if getattr(packet, wanted)]


def versions(record: RecordView) -> set[int]:
    """The IP versions of all packets."""
    return {packet.version for packet in record.packets}


def ports_or_loopback(variant: dict[str, str]) -> bool:
    """The addresses that differ are those of the loopback device."""
    return variant["differ"] == "port" or variant["stage"] == "lo"


@observes(
    "socket/domain_delivery",
    differ=("address", "port"),
    family="inet",
    stage=BOTH_STAGES,
    type=("stream", "dgram"),
    when=ports_or_loopback,
)
def test_every_bit_of_an_inet_name_counts(record: RecordView, claim: ClaimContext) -> None:
    """RFC 791, 3.1, RFC 768 and RFC 9293, 3.1: 32 bits of address, 16 of port."""
    with claim("socket.domain-inet", "delivery"):
        assert_each_gets_its_own(record)
    with claim("socket.domain-inet", "on the wire"):
        assert destinations(record) == [host_and_port(name) for name in names_of(record)]
        assert versions(record) == {4}


@observes(
    "socket/domain_delivery",
    differ=("address", "port"),
    family="inet6",
    stage=BOTH_STAGES,
    type=("stream", "dgram"),
    when=ports_or_loopback,
)
def test_every_bit_of_an_inet6_name_counts(record: RecordView, claim: ClaimContext) -> None:
    """RFC 8200, 3: IPv6, but for IPv4-mapped addresses, which go by IPv4 (RFC 3493, 3.7)."""
    with claim("socket.domain-inet6", "delivery"):
        assert_each_gets_its_own(record)
    with claim("socket.domain-inet6", "on the wire"):
        assert destinations(record) == [host_and_port(name) for name in names_of(record)]
        assert versions(record) == ({6} if record.variant["differ"] == "port" else {4, 6})


FLIPS = (0x80, 0x01)


def one_bit_apart(base: Address) -> list[str]:
    """The addresses that differ in the first or the last bit of one byte."""
    number = ipaddress.ip_address(base.host or "")
    packed = number.packed
    others = (
        packed[:i] + bytes([packed[i] ^ bit]) + packed[i + 1 :]
        for i in range(len(packed))
        for bit in FLIPS
    )
    return [str(ipaddress.ip_address(other)) for other in others]


def assert_bound_one_bit_apart(record: RecordView) -> None:
    """All have one port, and nobody is in another's way."""
    first = record.the("getsockname", "the first")
    assert record.the("bind", "the first").returned(0)
    wanted = [attrs.evolve(first.address, host=host) for host in one_bit_apart(first.address)]
    names = record.calls("getsockname", step="others")
    for bind, name in zip(record.calls("bind", step="others"), names, strict=True):
        assert_bound(record, bind, name)
    assert [name.address for name in names] == wanted
    assert record.the("bind", "the first again").failed_with("EADDRINUSE")


@observes("socket/domain_address", family="inet", type=("stream", "dgram"))
def test_an_inet_address_has_32_bits(record: RecordView, claim: ClaimContext) -> None:
    """ip(7), IP_FREEBIND: the addresses need not be this host's."""
    with claim("socket.domain-inet", "bind() and getsockname()"):
        assert_bound_one_bit_apart(record)


@observes("socket/domain_address", family="inet6", type=("stream", "dgram"))
def test_an_inet6_address_has_128_bits(record: RecordView, claim: ClaimContext) -> None:
    with claim("socket.domain-inet6", "bind() and getsockname()"):
        assert_bound_one_bit_apart(record)


@observes("socket/domain_scope", type=("stream", "dgram"))
def test_a_link_local_address_belongs_to_an_interface(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 3493, 3.3, and ipv6(7): sin6_scope_id is the interface's index."""
    bind, name = record.calls(step="its interface")
    with claim("socket.domain-inet6", "the interface of an address"):
        assert bind.returned(0)
        wanted = attrs.evolve(bind.argument_address, port=name.address.port)
        assert wanted.scope == record.number("interface") > 0
        assert name.gave_address(wanted, LENGTHS["AF_INET6"])
    for step in ("no interface", "no such interface"):
        with claim("socket.domain-inet6", step):
            assert record.the("bind", step).failed_with("EINVAL", "ENODEV", "ENXIO")
            assert record.the("getsockname", step).gave_address(Address.inet6("::", 0))


@observes("socket/domain_mapped", stage=BOTH_STAGES, type=("stream", "dgram"))
def test_an_inet6_socket_has_an_ipv4_peer_by_an_ipv6_address(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 3493, 3.7: it is ::ffff: and the IPv4 address."""
    client = record.address("client")
    mapped = Address.inet6(f"::ffff:{client.host}", client.port or 0)
    server = record.address("server")
    server = Address.inet6(f"::ffff:{server.host}", server.port or 0)
    with claim("socket.domain-inet6", "the address of an IPv4 peer"):
        if record.variant["type"] == "dgram":
            assert record.the("recvfrom").gave_address(mapped, LENGTHS["AF_INET6"])
            assert_got(record.the("recvfrom"), SAID, 1)
            assert record.the("sendto").returned(len(b"answer"))
            assert record.the("recv").got(b"answer")
        else:
            assert record.the("accept").gave_address(mapped, LENGTHS["AF_INET6"])
            assert record.the("getpeername").gave_address(mapped, LENGTHS["AF_INET6"])
            assert record.the("getsockname").address == server
            assert_exchanged(record, "exchange")


# --- AF_INET and AF_INET6: another address --------------------------------------------------------

ANOTHER = ("EAFNOSUPPORT", "EINVAL", "EDESTADDRREQ")
"""POSIX.1-2024 bind(), connect(), sendto(): no address of this family; not a length of one; for
sendto() to AF_UNSPEC also: no address at all."""


OWN = ("bind its own", "connect its own", "sendto its own")


def assert_refused(record: RecordView, step: str) -> None:
    """The call failed, and the socket has neither this name nor this peer."""
    call = record.the(step.split(" ", maxsplit=1)[0], step)
    assert call.failed_with(*ANOTHER)
    if call.call == "sendto":
        return
    assert record.the("getpeername", step).failed_with("ENOTCONN")
    wildcard = "::" if record.variant["family"] == "inet6" else "0.0.0.0"
    assert record.the("getsockname", step).address.host == wildcard


def assert_taken(record: RecordView, step: str) -> None:
    call = record.the(step.split(" ", maxsplit=1)[0], step)
    assert call.succeeded()
    if call.call == "bind":
        bound = record.the("getsockname", step).address
        assert attrs.evolve(bound, port=0) == call.argument_address
    if call.call == "connect":
        assert record.the("getpeername", step).gave_address(call.argument_address)


@observes("socket/domain_mismatch", family="inet", type=("stream", "dgram"))
def test_an_inet_socket_takes_only_ipv4_addresses(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 bind(), connect(), sendto(): EAFNOSUPPORT, EINVAL."""
    for step in record.steps:
        with claim("socket.domain-inet", step):
            if step in OWN:
                assert_taken(record, step)
            else:
                assert_refused(record, step)


@observes("socket/domain_mismatch", family="inet6", type=("stream", "dgram"))
def test_an_inet6_socket_takes_only_ipv6_addresses(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 bind(), connect(), sendto(): EAFNOSUPPORT, EINVAL."""
    for step in record.steps:
        with claim("socket.domain-inet6", step):
            if step in OWN:
                assert_taken(record, step)
            else:
                assert_refused(record, step)


# --- AF_LOCAL -------------------------------------------------------------------------------------

UNIX_TYPES = ("stream", "dgram", "seqpacket")


@observes("socket/domain_local", stage=BOTH_STAGES, type=UNIX_TYPES)
def test_af_local_is_af_unix_and_carries_data(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 2.10.17; unix(7): AF_UNIX, also known as AF_LOCAL, within one machine."""
    domain = record.number("AF_UNIX")
    with claim("socket.domain-local", "the name"):
        assert fact(record.number("AF_LOCAL") == domain, "AF_LOCAL = AF_UNIX", domain)
        assert all(call.succeeded() for call in record.calls("socket"))
        assert all(call.number("value") == domain for call in record.calls("getsockopt"))
    with claim("socket.domain-local", "data"):
        binds, names = record.calls("bind"), record.calls("getsockname")
        for bind, name in zip(binds, names, strict=True):
            assert bind.returned(0)
            assert name.gave_address(bind.argument_address)
        assert all(call.succeeded() for call in record.calls(step="connect"))
        assert_exchanged(record, "exchange")
    with claim("socket.domain-local", "nothing on the wire"):
        assert nothing(between_fences(record))


@observes("socket/local_one_host", name=("path", "abstract"), stage="pair", type=UNIX_TYPES)
def test_no_other_host_reaches_a_unix_socket(record: RecordView, claim: ClaimContext) -> None:
    """The stage's hosts share a kernel: what makes them two are their own networks and files.

    network_namespaces(7): abstract names are a network namespace's; path names are a file system's.
    """
    with claim("socket.domain-local", "from its own host"):
        assert record.the("bind", "on its own host").returned(0)
        assert_said(record, "on its own host", 1)
        assert_said(record, "here again", 4)
    with claim("socket.domain-local", "from another host"):
        call = record.the("connect", "on the other host", "other host")
        assert call.failed_with("ENOENT", "ECONNREFUSED")
    with claim("socket.domain-local", "the same name on each host"):
        assert record.the("bind", "the same name there", "other host").returned(0)
        assert_said(record, "the same name there", 3, "other host")
        waiting, *_ = record.calls("poll", step="here again")
        assert waiting.returned(0)
    with claim("socket.domain-local", "nothing on the wire"):
        assert nothing(between_fences(record))


# --- the address of a UNIX socket -----------------------------------------------------------------


@observes(
    "socket/local_names",
    name=("absolute", "relative", "abstract", "chosen", "inet"),
    type=UNIX_TYPES,
)
def test_a_unix_socket_takes_only_absolute_path_names(
    record: RecordView, claim: ClaimContext
) -> None:
    """unix(7) has more; POSIX.1-2024 <sys/un.h> has path names."""
    absolute = record.variant["name"] == "absolute"
    bind = record.the("bind")
    with claim("socket.local-absolute-path", "bind"):
        if absolute:
            path = bind.argument_address.path or ""
            assert fact(path.startswith("/"), "an absolute path name", path)
            assert bind.returned(0)
            assert record.the("getsockname").gave_address(
                bind.argument_address, bind.args["length"]
            )
        else:
            assert refused(bind)
    if not absolute and "reach" not in record.steps:
        return
    with claim("socket.local-absolute-path", "reach"):
        to = record.the("sendto" if record.variant["type"] == "dgram" else "connect")
        if not absolute:
            assert refused(to)
        elif to.call == "sendto":
            assert to.returned(len(b"hello"))
            assert record.the("recv").got(b"hello")
        else:
            assert to.returned(0)
            assert record.the("accept").succeeded()
            assert_exchanged(record, "reach")


NAMED = {"bound": 1, "elsewhere, by the absolute name": 3, "bound anew": 7}
"""The steps in which the socket is reached by its name, and what is said there."""

NOT_THERE = {
    "before": "ENOENT",
    "closed": "ECONNREFUSED",
    "unlinked": "ENOENT",
    "a file that is no socket": "ECONNREFUSED",
    "in a file that is no folder": "ENOTDIR",
    "in a folder that is not there": "ENOENT",
}
"""POSIX.1-2024 connect(): no such file; nobody listens, or no socket; not a folder."""

NO_PLACE = {
    "bound again": "EADDRINUSE",
    "bound to what was left": "EADDRINUSE",
    "a file that is no socket": "EADDRINUSE",
    "in a file that is no folder": "ENOTDIR",
    "in a folder that is not there": "ENOENT",
}
"""POSIX.1-2024 bind()."""

KINDS = {"before": None, "bound": "S_IFSOCK", "closed": "S_IFSOCK", "unlinked": None}
"""What stat() says of the path."""


@observes("socket/local_path", type=UNIX_TYPES)
def test_a_unix_address_is_the_path_name_of_a_file(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 bind() and connect(); unix(7): the file stays until it is unlinked."""
    for step, seed in NAMED.items():
        with claim("socket.local-absolute-path", f"reached: {step}"):
            assert all(call.returned(0) for call in record.calls("bind", step=step))
            assert_said(record, step, seed)
    for step, errno in NOT_THERE.items():
        with claim("socket.local-absolute-path", f"not reached: {step}"):
            assert record.the("connect", step).failed_with(errno)
    for step, errno in NO_PLACE.items():
        with claim("socket.local-absolute-path", f"not bound: {step}"):
            assert record.the("bind", step).failed_with(errno)
    for step, kind in KINDS.items():
        with claim("socket.local-absolute-path", f"the file: {step}"):
            call = record.the("stat", step)
            if kind is None:
                assert call.failed_with("ENOENT")
            else:
                assert call.returned(0)
                assert call.text("kind") == kind
            assert all(call.returned(0) for call in record.calls("close", step=step))
            assert all(call.returned(0) for call in record.calls("unlink", step=step))
    with claim("socket.local-absolute-path", "a relative name means another file elsewhere"):
        assert_said(record, "by the file's relative name", 2)
        assert record.the("connect", "elsewhere, by the relative name").failed_with("ENOENT")


FITTING = (
    "a zero at its end",
    "the length ends with it",
    "bytes behind the zero",
    "a zero as the last byte",
    "no room for a zero",
)


@observes("socket/local_length", type=UNIX_TYPES)
def test_a_path_name_that_fits_is_an_address(record: RecordView, claim: ClaimContext) -> None:
    """unix(7), Pathname sockets: with the zero or without, up to all of sun_path."""
    paths = dict(zip(record.steps, record.notes("path"), strict=True))
    for step in FITTING:
        with claim("socket.local-absolute-path", step):
            assert record.the("bind", step).returned(0)
            name = record.the("getsockname", step)
            assert name.gave_address(Address.unix(paths[step]), len(paths[step]) + 3)
            assert_said(record, step, 1)
    with claim("socket.local-absolute-path", "one byte too long"):
        # unix(7): a length of more than sun_path has; POSIX.1-2024 bind(): EINVAL, ENAMETOOLONG
        call = record.the("bind", "one byte too long")
        assert call.failed_with("EINVAL", "ENAMETOOLONG")


# --- AF_ROUTE and AF_KEY --------------------------------------------------------------------------


def assert_answered(record: RecordView, step: str) -> None:
    """The question was taken, and something came."""
    question = record.the("send", step)
    assert question.returned(question.args["size"])
    assert all(call.returned(1) for call in record.calls("poll", step=step))
    assert all(call.succeeded() for call in record.calls("recv", step=step))


@observes("socket/domain_route", family=INET_BOTH, stage=BOTH_STAGES, type=("raw", "dgram"))
def test_a_routing_socket_answers_questions_about_links_and_routes(
    record: RecordView, claim: ClaimContext
) -> None:
    """netlink(7), rtnetlink(7): AF_ROUTE is AF_NETLINK there, and protocol 0 is NETLINK_ROUTE."""
    links = {"lo"} | ({"near"} if record.stage == "pair" else set())
    with claim("socket.domain-route", "the socket"):
        assert record.the("socket").succeeded()
    with claim("socket.domain-route", "links"):
        assert_answered(record, "links")
        found = set(record.notes("link"))
        assert fact(links <= found, f"the links {sorted(links)}", sorted(found))
    with claim("socket.domain-route", "a route"):
        assert_answered(record, "route to the other host")
        way = "near" if record.stage == "pair" else "lo"
        assert fact(record.notes("route") == (way,), f"by {way}", record.notes("route"))
    with claim("socket.domain-route", "each answer is to its question"):
        assert sorted(set(record.notes("sequence"))) == list(range(1, len(record.steps)))
    if record.stage == "host":  # whose routes are not ours
        return
    with claim("socket.domain-route", "no route"):
        assert_answered(record, "route to where none leads")
        answer = record.notes("answer")
        assert fact(answer == ("ENETUNREACH",), "ENETUNREACH", answer)


@observes("socket/domain_key")
def test_a_key_socket_answers_questions_about_keys(record: RecordView, claim: ClaimContext) -> None:
    """RFC 2367, 2.2, 3.1.7 and 3.1.10: the answer has the question's type, number and process."""
    with claim("socket.domain-key"):
        assert record.the("socket").succeeded()
        for step in ("register", "dump"):
            assert_answered(record, step)
        assert record.notes("sequence") == (1, 2)
        assert record.notes("type") == record.notes("type asked")
        assert record.notes("pid") == record.notes("pid asked")
        registered, dumped = record.notes("answer")
        assert fact(registered == "0", "the algorithms", registered)
        assert fact(dumped in ("0", "ENOENT"), "the keys, or ENOENT", dumped)


# --- SOCK_SEQPACKET -------------------------------------------------------------------------------

RECORDS = (1, 64, 1, 5000, 2, 1023, 1024)


def assert_kept_records(record: RecordView, step: str) -> None:
    """Each call received one record, whole, in the order in which they were sent."""
    sender, _, reader = step.removeprefix("back: ").partition(" to ")
    sends, receives = record.calls(sender, step=step), record.calls(reader, step=step)
    for i, (size, sent, got) in enumerate(zip(RECORDS, sends, receives, strict=True)):
        assert sent.returned(size)
        assert_got(got, size, i)


def assert_nothing_more(record: RecordView) -> None:
    """No socket has anything left."""
    for call in record.calls(step="nothing more"):
        assert call.failed_with("EAGAIN")


@observes("socket/type_seqpacket", by=READERS, family="unix")
def test_each_record_is_received_by_itself_and_in_order(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 2.10.6: a single operation never transfers parts of more than one record."""
    with claim("socket.type-seqpacket", "the connection"):
        assert all(call.succeeded() for call in record.calls(step="open"))
    reader = record.variant["by"]
    for step in (*(f"{writer} to {reader}" for writer in WRITERS), f"back: send to {reader}"):
        with claim("socket.type-seqpacket", step):
            assert_kept_records(record, step)
    with claim("socket.type-seqpacket", "nothing more"):
        assert_nothing_more(record)


@observes("socket/type_seqpacket_inet", family=INET_BOTH, protocol="zero", stage=BOTH_STAGES)
def test_a_record_of_the_internet_is_received_by_itself_and_in_order(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 6458, 3.1: SCTP's one-to-many style; RFC 9260, 6.6: in order within a stream."""
    with claim("socket.type-seqpacket", "Internet"):
        assert all(call.succeeded() for call in record.calls(step="open"))
        for step in record.steps[1:-1]:
            assert_kept_records(record, step)
        assert_nothing_more(record)


SMALL, RECORD = 40, 100
ONE_BY_ONE = {
    "peek": ((RECORD, 3), (RECORD, 3), (SMALL, 4)),
    "waitall": ((SMALL, 5), (RECORD, 6)),
    "end of record": ((RECORD, 7), (RECORD, 8)),
    "parts": ((RECORD, 9), (RECORD, 9)),
}
"""What is received in each step: the size and the seed of each record."""


def receiving(record: RecordView, step: str) -> tuple[CallView, ...]:
    """The receiving calls of a step."""
    return tuple(call for call in record.calls(step=step) if call.call in READERS)


@observes("socket/type_seqpacket_end", by=READERS, family="unix")
def test_a_record_stays_within_its_boundaries(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 2.10.6, recv() and recvmsg(): excess bytes are discarded; MSG_TRUNC."""
    for step, wanted in ONE_BY_ONE.items():
        with claim("socket.type-seqpacket", step):
            for call in record.calls(step=step):
                assert call.call in READERS or call.returned(call.args["size"])
            for (size, seed), call in zip(wanted, receiving(record, step), strict=True):
                assert_got(call, size, seed)
    with claim("socket.type-seqpacket", "excess"):
        assert all(call.returned(RECORD) for call in record.calls("send", step="excess"))
        cut, whole = receiving(record, "excess")
        assert cut.returned(SMALL)
        assert cut.got(pattern(RECORD, seed=1)[:SMALL])
        assert (cut.behind, cut.overrun) == (0, 0)
        if cut.call == "recvmsg":
            assert "MSG_TRUNC" in cut.msg_flags
            assert "MSG_TRUNC" not in whole.msg_flags
        assert_got(whole, RECORD, 2)
    with claim("socket.type-seqpacket", "end"):
        assert record.the("close", "end").returned(0)
        first, second, end = receiving(record, "end")
        assert_got(first, RECORD, 10)
        assert_got(second, SMALL, 11)
        assert end.returned(0)


LARGE = 8000


@observes("socket/type_seqpacket_full", family="unix")
def test_no_record_is_lost_where_the_queue_is_full(record: RecordView, claim: ClaimContext) -> None:
    sends = [*record.calls("send", step="fill"), *record.calls("send", step="fill again")]
    sent = [call for call in sends if not call.failed]
    *received, end = [
        *record.calls("recv", step="take some"),
        *record.calls("recv", step="take all"),
    ]
    if len(sent) == len(sends):
        raise NotObserved("the queue was never full")
    with claim("socket.type-seqpacket", "full"):
        assert all(call.failed_with("EAGAIN") for call in sends if call not in sent)
        assert all(call.returned(LARGE) for call in sent)
        assert fact(len(received) == len(sent), f"{len(sent)} records", f"{len(received)} records")
        for i, call in enumerate(received):
            assert_got(call, LARGE, i)
        assert end.returned(0)


@observes("socket/type_seqpacket_large", family="unix")
def test_a_record_is_sent_whole_or_not_at_all(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 send(), EMSGSIZE: the message is too large to be sent all at once."""
    with claim("socket.type-seqpacket", "too large a record"):
        assert record.the("send", "large").failed_with("EMSGSIZE")
        assert record.the("write", "small").returned(SAID)
        got, nothing_more = record.calls("recv", step="small")
        assert_got(got, SAID, 1)
        assert nothing_more.failed_with("EAGAIN")


# --- SOCK_RAW -------------------------------------------------------------------------------------

OURS = 253
"""RFC 3692, 2.1: a protocol number for experiments."""


@attrs.frozen
class Datagram:
    """An IPv4 datagram (RFC 791, 3.1)."""

    version: int
    tos: int
    length: int
    id: int
    ttl: int
    protocol: int
    src: str
    dst: str
    data: bytes

    @classmethod
    def parse(cls, raw: bytes) -> Datagram:
        """What a raw socket got; too short a thing for a header is no datagram."""
        header = 4 * (raw[0] & 0x0F) if raw else 0
        if not 20 <= header <= len(raw):
            return cls(0, 0, 0, 0, 0, 0, "", "", raw)
        return cls(
            version=raw[0] >> 4,
            tos=raw[1],
            length=int.from_bytes(raw[2:4], "big"),
            id=int.from_bytes(raw[4:6], "big"),
            ttl=raw[8],
            protocol=raw[9],
            src=str(ipaddress.IPv4Address(raw[12:16])),
            dst=str(ipaddress.IPv4Address(raw[16:20])),
            data=raw[header:],
        )


def assert_got_datagram(record: RecordView, call: CallView, protocol: int, data: bytes) -> None:
    """raw(7): with its header, whole, on IPv4; RFC 3542, 3: without one on IPv6."""
    assert call.succeeded()
    assert call.overrun == 0
    if record.variant["family"] == "inet6":
        assert call.got(data)
        return
    near, far = hosts(record)
    got = Datagram.parse(call.data)
    assert (got.version, got.protocol, got.src, got.dst) == (4, protocol, near, far)
    assert got.length == call.result
    assert got.data == data


PAYLOADS = {"sendto": pattern(SAID, seed=1), "write": pattern(SAID, seed=2), "no data": b""}


@observes("socket/type_raw", family=INET_BOTH, stage=BOTH_STAGES)
def test_a_raw_socket_speaks_a_protocol_of_its_own(record: RecordView, claim: ClaimContext) -> None:
    """raw(7), RFC 3542, 3."""
    near, far = hosts(record)
    for step, payload in PAYLOADS.items():
        with claim("socket.type-raw", step):
            sent, _, got = record.calls(step=step)
            assert sent.returned(len(payload))
            assert_got_datagram(record, got, OURS, payload)
            assert got.address.host == near
    with claim("socket.type-raw", "another protocol"):
        assert record.the("recv", "another protocol").failed_with("EAGAIN")
    with claim("socket.type-raw", "on the wire"):
        seen = [(p.src, p.dst, p.protocol, p.payload) for p in between_fences(record)]
        wanted = [(near, far, f"IP protocol {OURS}", data) for data in PAYLOADS.values()]
        assert seen == wanted


ECHO = {"inet": (8, 0), "inet6": (128, 129)}
"""The types of an echo request and its reply (RFC 792; RFC 4443, 4.1 and 4.2)."""
IDENTIFIER = bytes.fromhex("12340001")


@observes("socket/type_raw_echo", family=INET_BOTH, stage=BOTH_STAGES)
def test_a_raw_socket_speaks_icmp(record: RecordView, claim: ClaimContext) -> None:
    """RFC 792, RFC 4443: the reply has the identifier, the number and the data of the request."""
    request, reply = ECHO[record.variant["family"]]
    near, far = hosts(record)
    with claim("socket.type-raw", "ICMP"):
        assert record.the("sendto").returned(8 + SAID)
        *_, got = record.calls("recv")
        assert got.succeeded()
        message = got.data
        if record.variant["family"] == "inet":
            datagram = Datagram.parse(message)
            assert (datagram.version, datagram.protocol) == (4, 1)
            assert (datagram.src, datagram.dst) == (far, near)
            message = datagram.data
        assert message[:2] == bytes([reply, 0])
        assert message[4:] == IDENTIFIER + pattern(SAID, seed=1)
    with claim("socket.type-raw", "ICMP on the wire"):
        seen = [(p.src, p.dst, p.type, p.payload) for p in between_fences(record)]
        data = pattern(SAID, seed=1)
        assert seen == [(near, far, request, data), (far, near, reply, data)]


@observes("socket/type_raw_header", family="inet", stage=BOTH_STAGES)
def test_a_raw_socket_sends_an_ip_header_of_the_programs(
    record: RecordView, claim: ClaimContext
) -> None:
    """raw(7), IP_HDRINCL; the kernel fills in the length, the checksum and a source of zero."""
    near, far = hosts(record)
    for seed, step in enumerate(("IPPROTO_RAW", "IP_HDRINCL"), 1):
        with claim("socket.type-raw", step):
            assert all(call.succeeded() for call in record.calls(step=step))
            data = pattern(SAID, seed=seed)
            got = Datagram.parse(record.the("recv", step).data)
            assert got == Datagram(4, 0x08, 20 + SAID, 0x1234, 7, OURS, near, far, data)


UDP, TCP = 17, 6
SYN, ACK = 0x02, 0x10


def inside(record: RecordView, call: CallView, protocol: int) -> bytes:
    """What a raw socket got, without the header of IPv4."""
    assert call.succeeded()
    if record.variant["family"] == "inet6":
        return call.data
    got = Datagram.parse(call.data)
    assert (got.version, got.protocol) == (4, protocol)
    return got.data


def ports_of(header: bytes) -> tuple[int, int]:
    """The source's and the destination's port, of UDP or TCP."""
    return int.from_bytes(header[:2], "big"), int.from_bytes(header[2:4], "big")


@observes("socket/type_raw_below", family=INET_BOTH, stage=BOTH_STAGES)
def test_a_raw_socket_is_below_udp_and_tcp(record: RecordView, claim: ClaimContext) -> None:
    """RFC 768, RFC 9293, 3.1: their headers are the program's work, and are seen by it."""
    near, _ = hosts(record)
    with claim("socket.type-raw", "sends UDP"):
        assert record.the("sendto", "sends UDP").returned(8 + SAID)
        got = record.the("recvfrom", "sends UDP")
        assert_got(got, SAID, 1)
        assert (got.address.host, got.address.port) == (near, 4711)
    with claim("socket.type-raw", "hears UDP"):
        assert record.the("write", "hears UDP").returned(SAID)
        heard, plain = record.calls("recv", step="hears UDP")
        header = inside(record, heard, UDP)
        ends = (record.address("udp sender").port, record.address("its receiver").port)
        assert ports_of(header) == ends
        assert int.from_bytes(header[4:6], "big") == 8 + SAID
        assert header[8:] == pattern(SAID, seed=2)
        assert_got(plain, SAID, 2)
    with claim("socket.type-raw", "hears TCP"):
        connect = record.the("connect", "hears TCP")
        assert connect.returned(0)
        header = inside(record, record.the("recv", "hears TCP"), TCP)
        ends = (record.address("tcp client").port, connect.argument_address.port)
        assert ports_of(header) == ends
        assert header[13] & (SYN | ACK) == SYN


# --- SOCK_PACKET ----------------------------------------------------------------------------------

ETHERNET = 14
IPV4_TYPE = bytes.fromhex("0800")


@observes("socket/type_packet", domain=("inet", "packet"), family="inet", stage="pair")
def test_a_packet_socket_takes_and_sends_frames(record: RecordView, claim: ClaimContext) -> None:
    """packet(7), Compatibility: the obsolete way to the packets of a device."""
    near, far = hosts(record)
    sender, receiver = record.address("sender"), record.address("receiver")
    *_, frame = record.calls("recv")
    with claim("socket.type-packet", "the socket"):
        assert record.the("socket").succeeded()
        assert record.the("bind").returned(0)
    with claim("socket.type-packet", "receives"):
        assert record.the("write").returned(SAID)
        assert_got(record.the("recv", "a datagram"), SAID, 1)
        assert frame.succeeded()
        assert frame.data[ETHERNET - len(IPV4_TYPE) : ETHERNET] == IPV4_TYPE
        got = Datagram.parse(frame.data[ETHERNET:])
        assert (got.version, got.protocol, got.src, got.dst) == (4, UDP, near, far)
        assert ports_of(got.data) == (sender.port, receiver.port)
        assert got.data[8:] == pattern(SAID, seed=1)
    with claim("socket.type-packet", "sends"):
        assert record.the("sendto").returned(len(frame.data))
        again = record.the("recvfrom")
        assert_got(again, SAID, 2)
        assert again.gave_address(sender)


# --- the protocol ---------------------------------------------------------------------------------

NUMBERS = {"stream": 6, "dgram": 17}
"""The protocol numbers of TCP and UDP that IANA has assigned; IP headers have them."""
WIRE = {"stream": "TCP", "dgram": "UDP"}


def assert_speaks(record: RecordView) -> None:
    """A socket that was made so speaks with one that was made the other way."""
    assert all(call.succeeded() for call in record.calls("socket"))
    assert all(call.succeeded() for call in record.calls(step="connect"))
    assert_exchanged(record, "exchange")


def option(record: RecordView, name: str) -> CallView:
    """The getsockopt() of this option."""
    found = [call for call in record.calls("getsockopt") if call.args["option"] == name]
    if not found:
        raise NotObserved(f"this target has no {name}")
    return found[0]


def assert_is(record: RecordView) -> None:
    """It is a socket of the protocol that the type stands for."""
    kind = record.variant["type"]
    assert option(record, "SO_PROTOCOL").returned(0)
    assert option(record, "SO_PROTOCOL").number("value") == NUMBERS[kind]
    assert option(record, "SO_TYPE").number("value") == record.number(f"SOCK_{kind.upper()}")
    assert record.number("protocol") in (0, NUMBERS[kind])
    nodelay = option(record, "TCP_NODELAY")
    if kind == "stream":
        assert nodelay.returned(0)
    else:
        assert refused(nodelay)


def assert_on_the_wire(record: RecordView) -> None:
    """Only packets of this protocol cross the stage, and a TCP connection begins with a SYN."""
    packets = between_fences(record)
    kind = record.variant["type"]
    near, far = hosts(record)
    assert {(packet.src, packet.dst) for packet in packets} == {(near, far), (far, near)}
    assert {packet.protocol for packet in packets} == {WIRE[kind]}
    if kind == "stream":
        assert packets[0].is_syn
    said = [packet.payload for packet in packets if packet.has_data]
    assert said == [pattern(SAID, seed=1), pattern(SAID, seed=2)]


@observes(
    "socket/protocol_named",
    family=INET_BOTH,
    protocol="zero",
    stage=BOTH_STAGES,
    type=("stream", "dgram"),
)
def test_0_is_the_protocol_of_the_domain_and_the_type(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 socket(): a default protocol appropriate for the requested socket type."""
    with claim("socket.protocol-zero", "speaks with one that names it"):
        assert_speaks(record)
    with claim("socket.protocol-zero", "options"):
        assert_is(record)
    with claim("socket.protocol-zero", "on the wire"):
        assert_on_the_wire(record)


@observes("socket/protocol_named", family="unix", protocol="zero", type=UNIX_TYPES)
def test_0_is_a_unix_sockets_protocol(record: RecordView, claim: ClaimContext) -> None:
    kind = record.variant["type"]
    with claim("socket.protocol-zero", "speaks"):
        assert_speaks(record)
    with claim("socket.protocol-zero", "options"):
        assert option(record, "SO_TYPE").returned(0)
        assert option(record, "SO_TYPE").number("value") == record.number(f"SOCK_{kind.upper()}")
        assert refused(option(record, "TCP_NODELAY"))


@observes(
    "socket/protocol_named", family=INET_BOTH, protocol="tcp", stage=BOTH_STAGES, type="stream"
)
def test_ipproto_tcp_is_tcp(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 <netinet/in.h>, IPPROTO_TCP; RFC 9293."""
    with claim("socket.protocol-tcp", "speaks with one that names none"):
        assert_speaks(record)
    with claim("socket.protocol-tcp", "options"):
        assert_is(record)
    with claim("socket.protocol-tcp", "on the wire"):
        assert_on_the_wire(record)


@observes(
    "socket/protocol_named", family=INET_BOTH, protocol="udp", stage=BOTH_STAGES, type="dgram"
)
def test_ipproto_udp_is_udp(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 <netinet/in.h>, IPPROTO_UDP; RFC 768."""
    with claim("socket.protocol-udp", "speaks with one that names none"):
        assert_speaks(record)
    with claim("socket.protocol-udp", "options"):
        assert_is(record)
    with claim("socket.protocol-udp", "on the wire"):
        assert_on_the_wire(record)


NO_SUCH = ("EPROTONOSUPPORT", "EPROTOTYPE", "ESOCKTNOSUPPORT")
"""POSIX.1-2024 socket(): not of this domain, not of this type; socket(2): no such type here."""
ITS_OWN = ("AF_INET, its own type", "AF_INET6, its own type")


def assert_only_its_own(record: RecordView, step: str) -> None:
    call = record.the("socket", step)
    if step in ITS_OWN:
        assert call.succeeded()
    else:
        assert call.failed_with(*NO_SUCH)


@observes("socket/protocol_mismatch", protocol="tcp")
def test_ipproto_tcp_is_nothing_else(record: RecordView, claim: ClaimContext) -> None:
    for step in record.steps:
        with claim("socket.protocol-tcp", step):
            assert_only_its_own(record, step)


@observes("socket/protocol_mismatch", protocol="udp")
def test_ipproto_udp_is_nothing_else(record: RecordView, claim: ClaimContext) -> None:
    for step in record.steps:
        with claim("socket.protocol-udp", step):
            assert_only_its_own(record, step)


SCTP = 132


def assert_only_sctp(record: RecordView) -> None:
    """Nothing else crossed the stage."""
    protocols = {packet.protocol for packet in between_fences(record)}
    assert protocols == {f"IP protocol {SCTP}"}


@observes(
    "socket/protocol_named",
    family=INET_BOTH,
    protocol="sctp",
    stage=BOTH_STAGES,
    type="stream",
)
def test_ipproto_sctp_is_sctp(record: RecordView, claim: ClaimContext) -> None:
    """RFC 6458, 4.1, the one-to-one style; RFC 9260: protocol 132."""
    with claim("socket.protocol-sctp"):
        assert_speaks(record)
        assert record.number("protocol") == SCTP
        assert option(record, "SO_PROTOCOL").returned(0)
        assert option(record, "SO_PROTOCOL").number("value") == SCTP
        assert refused(option(record, "TCP_NODELAY"))
        assert_only_sctp(record)


@observes("socket/type_seqpacket_inet", family=INET_BOTH, protocol="sctp", stage=BOTH_STAGES)
def test_ipproto_sctp_is_sctp_for_records(record: RecordView, claim: ClaimContext) -> None:
    """RFC 6458, 3.1, the one-to-many style."""
    with claim("socket.protocol-sctp"):
        assert all(call.succeeded() for call in record.calls(step="open"))
        assert option(record, "SO_PROTOCOL").number("value") == SCTP
        assert_kept_records(record, "sendmsg to read")
        assert_kept_records(record, "back: sendto to recvmsg")
        assert_only_sctp(record)


@observes("socket/protocol_tipc")
def test_ipproto_tipc_is_tipc(record: RecordView, claim: ClaimContext) -> None:
    """TIPC has an address family, AF_TIPC, with 0 as the protocol (socket(2), address_families(7)).

    A target that has TIPC and does not give it by the name IPPROTO_TIPC refutes the claim; one that
    has no TIPC at all lacks what the claim speaks of.
    """
    by_family = record.calls("socket", step="AF_TIPC") if "AF_TIPC" in record.steps else ()
    named = [call for call in record.calls("socket") if call not in by_family]
    declared = record.text("IPPROTO_TIPC")
    with claim("socket.protocol-tipc"):
        if not any(call.succeeded() for call in record.calls("socket")):
            raise Unsupported(f"TIPC; IPPROTO_TIPC is {declared}")
        assert fact(declared == "declared", "IPPROTO_TIPC declared", declared)
        assert any(call.succeeded() for call in named)
