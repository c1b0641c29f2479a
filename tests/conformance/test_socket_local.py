# SPDX-License-Identifier: Apache-2.0
"""socket(): AF_LOCAL, which is AF_UNIX: within one host, between its processes, and by path names.

POSIX.1-2024 bind(), connect() and 2.10, Sockets; unix(7).
"""

from __future__ import annotations

from sockspec.check import (
    ALL_FAMILIES,
    BOTH_STAGES,
    READERS,
    SAID,
    TYPES,
    WOULD_BLOCK,
    WRITERS,
    Address,
    ClaimContext,
    Finding,
    NotObserved,
    RecordView,
    alive,
    observes,
)


def assert_said(record: RecordView, step: str, seed: int, who: str = "main") -> None:
    """A client connected, spoke, and was heard."""
    assert record.the("connect", step, who).returned(0)
    assert all(call.succeeded() for call in record.calls_if_any("accept", step=step, who=who))
    assert record.the("write", step, who).returned(SAID)
    assert record.the("recv", step, who).got_just_pattern(SAID, seed=seed)


def nothing_on_the_wire(record: RecordView) -> Finding:
    """No packet crossed the stage between the first marker and the second."""
    packets = record.packets_between(record.fence(1), record.fence(2))
    return Finding(not packets, "no packet on the wire", "; ".join(map(str, packets)) or "none")


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
    type=TYPES,
    when=makes_sense,
)
def test_two_processes_of_one_host_speak_through_sockets(
    record: RecordView, claim: ClaimContext
) -> None:
    """What one writes the other reads, in every way, and nobody else does."""
    pids = record.notes("pid")
    if not pids:
        raise NotObserved("no process said which it is")
    with claim("intro.local-ipc"):
        assert Finding(len(set(pids)) == 2, "two processes", f"the processes {pids}")
        for i, (writer, reader) in enumerate(zip(WRITERS, READERS, strict=True)):
            for at, (speaker, hearer) in enumerate((("main", "other"), ("other", "main"))):
                assert record.the(writer, "exchange", speaker).returned(SAID)
                assert record.the(reader, "exchange", hearer).got_just_pattern(
                    SAID, seed=2 * i + at
                )
    with claim("intro.local-ipc", "not of a socket that is connected to another"):
        for call in record.calls("recv", step="bystander"):
            assert call.failed_with(*WOULD_BLOCK)
    if record.variant["type"] == "dgram":
        return
    with claim("intro.local-ipc", "the end of the other process"):
        assert record.the("recv", "the other process has ended").returned(0)


# --- AF_LOCAL -------------------------------------------------------------------------------------


@observes("socket/domain_local", stage=BOTH_STAGES, type=TYPES)
def test_af_local_is_af_unix_and_carries_data(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 2.10.17; unix(7): AF_UNIX, also known as AF_LOCAL, within one machine."""
    domain = record.number("AF_UNIX")
    with claim("socket.domain-local", "the name"):
        assert Finding(record.number("AF_LOCAL") == domain, "AF_LOCAL = AF_UNIX", f"{domain}")
        assert all(call.succeeded() for call in record.calls("socket"))
        assert all(call.number("value") == domain for call in record.calls("getsockopt"))
    with claim("socket.domain-local", "data"):
        binds, names = record.calls("bind"), record.calls("getsockname")
        for bind, name in zip(binds, names, strict=True):
            assert bind.returned(0)
            assert name.gave_address(bind.argument_address)
        assert all(call.succeeded() for call in record.calls(step="connect"))
        assert alive(record.calls(step="exchange"))
    with claim("socket.domain-local", "nothing on the wire"):
        assert nothing_on_the_wire(record)


@observes("socket/local_one_host", name=("path", "abstract"), stage="pair", type=TYPES)
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
        assert nothing_on_the_wire(record)


# --- the address of a UNIX socket -----------------------------------------------------------------


@observes(
    "socket/local_names",
    name=("absolute", "relative", "abstract", "chosen", "inet"),
    type=TYPES,
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
            assert Finding(path.startswith("/"), "an absolute path name", path)
            assert bind.returned(0)
            assert record.the("getsockname").gave_address(
                bind.argument_address, bind.args["length"]
            )
        else:
            assert not bind.succeeded()
    if not absolute and "reach" not in record.steps:
        return
    with claim("socket.local-absolute-path", "reach"):
        to = record.the("sendto" if record.variant["type"] == "dgram" else "connect")
        if not absolute:
            assert not to.succeeded()
        elif to.call == "sendto":
            assert to.returned(len(b"hello"))
            assert record.the("recv").got(b"hello")
        else:
            assert to.returned(0)
            assert record.the("accept").succeeded()
            assert alive(record.calls(step="reach"))


NAMED = {"bound": 1, "elsewhere, by the absolute name": 3, "bound anew": 7}
"""The steps in which the socket is reached by its name, and what is said there."""

NOT_THERE = {
    "before": "ENOENT",
    "closed": "ECONNREFUSED",
    "unlinked": "ENOENT",
    "a file that is no socket": "ECONNREFUSED ENOTSOCK",
    "in a file that is no folder": "ENOTDIR",
    "in a folder that is not there": "ENOENT",
}
"""POSIX.1-2024 connect(): no such file; nobody listens; not a folder.

What is no socket is ECONNREFUSED by unix(7), and ENOTSOCK on the BSDs.
"""

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


@observes("socket/local_path", type=TYPES)
def test_a_unix_address_is_the_path_name_of_a_file(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 bind() and connect(); unix(7): the file stays until it is unlinked."""
    for step, seed in NAMED.items():
        with claim("socket.local-absolute-path", f"reached: {step}"):
            assert all(call.returned(0) for call in record.calls_if_any("bind", step=step))
            assert_said(record, step, seed)
    for step, errno in NOT_THERE.items():
        with claim("socket.local-absolute-path", f"not reached: {step}"):
            assert record.the("connect", step).failed_with(*errno.split())
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
            assert all(call.returned(0) for call in record.calls_if_any("close", step=step))
            assert all(call.returned(0) for call in record.calls_if_any("unlink", step=step))
    with claim("socket.local-absolute-path", "a relative name means another file elsewhere"):
        assert_said(record, "by the file's relative name", 2)
        assert record.the("connect", "elsewhere, by the relative name").failed_with("ENOENT")


FITTING = (
    "a zero at its end",
    "the length ends with it",
    "bytes behind the zero",
    "a zero as the last byte",
)
BEYOND = ("no room for a zero", "one byte too long")
"""Longer than sun_path has room for, with the zero or without: a target may take such names, too.

Where it does not: POSIX.1-2024 bind(), EINVAL for the length, ENAMETOOLONG for the name.
"""

FAMILY_BYTES = 2
"""What stands before sun_path, on the BSDs together with a length."""


def assert_named(record: RecordView, step: str, path: str) -> None:
    """It has this name, whether or not the zero counts, and is reached by it."""
    assert record.the("bind", step).returned(0)
    name = record.the("getsockname", step)
    assert name.gave_address(Address.unix(path))
    told = name.length - len(path) - FAMILY_BYTES
    assert Finding(told in (0, 1), "the length to be that of the name", name)
    assert_said(record, step, 1)


@observes("socket/local_length", type=TYPES)
def test_a_path_name_that_fits_is_an_address(record: RecordView, claim: ClaimContext) -> None:
    """unix(7), Pathname sockets: with the zero or without, up to all of sun_path."""
    paths = dict(zip(record.steps, record.notes("path"), strict=True))
    for step in FITTING:
        with claim("socket.local-absolute-path", step):
            assert_named(record, step, paths[step])
    for step in BEYOND:
        with claim("socket.local-absolute-path", step):
            bind = record.the("bind", step)
            if bind.failed:
                assert bind.failed_with("EINVAL", "ENAMETOOLONG")
            else:
                assert_named(record, step, paths[step])
