# SPDX-License-Identifier: Apache-2.0
"""socket(): the descriptor that it gives, what takes it, and how it fails.

POSIX.1-2024 socket(): "shall create an unbound socket ..., and return a file descriptor that can be
used in later function calls that operate on sockets"; 2.6.1: it is the lowest one available.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import attrs

from sockspec.check import (
    ALL_FAMILIES,
    NO_ADDRESS,
    Address,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    RecordView,
    observes,
)


def numbers(note: object) -> frozenset[int]:
    """A note of the descriptors that were open."""
    return frozenset(int(number) for number in str(note).split(","))


# --- one number, one socket -----------------------------------------------------------------------

Life = tuple[CallView, CallView | None]
"""The call that gave a number out, and the close() of it."""


def lives_of(calls: tuple[CallView, ...]) -> dict[int, list[Life]]:
    """Of each number, from the calls of one thread in their order."""
    lives: dict[int, list[Life]] = defaultdict(list)
    for call in calls:
        if call.call == "close":
            number = call.args["fd"]
            lives[number][-1] = (lives[number][-1][0], call)
        elif isinstance(call.result, int) and call.result >= 0:
            lives[call.result].append((call, None))
    return lives


def assert_never_shared(record: RecordView) -> None:
    """Whoever has a number, it is given out again only after its close() was entered."""
    everybody: dict[int, list[Life]] = defaultdict(list)
    for who in {call.who for call in record.calls()}:
        for number, lives in lives_of(record.calls(who=who)).items():
            everybody[number] += lives
    for number, lives in everybody.items():
        lives.sort(key=lambda life: life[0].t_out)
        for (_, close), (again, _) in pairwise(lives):
            closed = Finding(close is not None, f"{number} closed before {again}", "it was not")
            assert closed
            assert close is not None
            assert record.before(close.entered, again.returned)


@observes("socket/unique", family=ALL_FAMILIES, threads=("1", "4"), type=("stream", "dgram"))
def test_no_two_open_sockets_have_the_same_number(record: RecordView, claim: ClaimContext) -> None:
    with claim("socket.unique", "numbers"):
        assert all(call.succeeded() for call in record.calls())
        assert_never_shared(record)


@observes("socket/many", family=ALL_FAMILIES, type=("stream", "dgram"))
def test_a_number_stands_for_the_same_socket_until_it_is_closed(
    record: RecordView, claim: ClaimContext
) -> None:
    bound = [Address.parse(value) for value in record.notes("bound")]
    fds = [call.result for call in record.calls("socket")]
    names = dict(zip(fds, bound, strict=True))
    with claim("socket.unique", "sockets"):
        assert len(names) == len(set(bound)) == len(fds)
        assert all(call.returned(0) for call in record.calls("close"))
        for call in record.calls("getsockname"):
            assert call.gave_address(names.get(call.args["fd"], NO_ADDRESS))


# --- the number that later calls take ------------------------------------------------------------


@attrs.frozen
class State:
    """What four calls say of a socket."""

    local: Address
    peer: Address
    keeps_alive: int
    listens: int


def state(record: RecordView, when: str) -> State:
    """A socket's state at that time."""
    keeps_alive, listens = record.calls("getsockopt", step=when)
    peer = record.the("getpeername", step=when)
    assert record.the("getsockname", step=when).succeeded()
    assert keeps_alive.succeeded()
    assert listens.succeeded()
    assert peer.succeeded() or peer.failed_with("ENOTCONN")
    return State(
        record.the("getsockname", step=when).address,
        peer.address,
        keeps_alive.number("value"),
        listens.number("value"),
    )


def assert_new(record: RecordView, i: int, who: str) -> None:
    """Two sockets: their numbers were not open before, are now, and are not the same."""
    first, second = record.calls("socket", step=f"{who}: socket")
    before = numbers(record.notes("open")[i])
    for call in (first, second):
        assert isinstance(call.result, int)
        assert call.result >= 0
        assert call.result not in before
    assert first.result != second.result
    for call in record.calls("fcntl", step=f"{who}: socket"):
        assert call.succeeded()


@observes("socket/descriptor", family=ALL_FAMILIES)
def test_each_call_acts_on_the_socket_whose_descriptor_it_is_given(
    record: RecordView, claim: ClaimContext
) -> None:
    """Of two sockets the given one changes, in what the call is for, and the other does not."""
    server = record.address("server")
    with claim("socket.returns-descriptor", "socket"):
        assert_new(record, 0, "server")
        assert_new(record, 1, "client")
    with claim("socket.returns-descriptor", "setsockopt"):
        assert record.the("setsockopt").returned(0)
        given, other = (state(record, f"setsockopt: {whom}") for whom in ("given", "other"))
        assert given.keeps_alive != 0
        assert other == State(given.local, NO_ADDRESS, 0, 0)
        assert attrs.evolve(given, keeps_alive=0) == other
    with claim("socket.returns-descriptor", "bind"):
        before, other = (state(record, f"setsockopt: {whom}") for whom in ("given", "other"))
        assert record.the("bind").returned(0)
        assert before.local != server
        assert state(record, "bind: given") == attrs.evolve(before, local=server)
        assert state(record, "bind: other") == other
    with claim("socket.returns-descriptor", "listen"):
        before, other = (state(record, f"bind: {whom}") for whom in ("given", "other"))
        after = state(record, "listen: given")
        assert record.the("listen").returned(0)
        assert after.listens != 0
        assert after == attrs.evolve(before, listens=after.listens)
        assert state(record, "listen: other") == other
    with claim("socket.returns-descriptor", "connect"):
        assert record.the("connect").returned(0)
        assert state(record, "connect: given").peer == server
        assert state(record, "connect: other").peer == NO_ADDRESS
    with claim("socket.returns-descriptor", "accept"):
        assert record.the("accept").succeeded()
    with claim("socket.returns-descriptor", "read and write"):
        asked, heard, answered, learned = record.calls(step="data")
        assert asked.returned(heard.result)
        assert heard.got(bytes.fromhex(asked.args["data"]))
        assert answered.returned(learned.result)
        assert learned.got(bytes.fromhex(answered.args["data"]))
    with claim("socket.returns-descriptor", "shutdown"):
        assert record.the("shutdown").returned(0)
        assert record.the("recv", step="shutdown").returned(0)
    with claim("socket.returns-descriptor", "close"):
        assert record.the("close").returned(0)
        for call in record.calls(step="close: given"):
            assert call.failed_with("EBADF")
        assert state(record, "close: other") == state(record, "connect: other")


# --- as with open() -------------------------------------------------------------------------------


@observes(
    "socket/lowest_number", by=("socket", "dup"), family=ALL_FAMILIES, type=("stream", "dgram")
)
def test_the_lowest_free_number_is_given_out(record: RecordView, claim: ClaimContext) -> None:
    calls = record.calls(record.variant["by"])
    with claim("socket.like-open", "the lowest number"):
        for call, note in zip(calls, record.notes("open"), strict=True):
            free = set(range(len(numbers(note)) + 1)) - numbers(note)
            assert call.returned(min(free))


@observes("socket/like_open", family=ALL_FAMILIES)
def test_the_calls_of_files_work_on_a_socket(record: RecordView, claim: ClaimContext) -> None:
    with claim("socket.like-open", "write and read"):
        assert record.the("socket").succeeded()
        assert record.the("write", step="write").returned(7)
        assert record.the("read", step="write").got(b"written")
        assert record.the("read", step="read").got(b"sent")
    with claim("socket.like-open", "fcntl"):
        before, change, after = record.calls("fcntl", step="fcntl")
        assert before.returned(0)
        assert change.returned(0)
        assert after.returned(change.args["argument"])
    with claim("socket.like-open", "dup"):
        assert record.the("dup").succeeded()
        assert record.the("write", step="dup").returned(6)
        assert record.the("read", step="dup").got(b"copied")
    with claim("socket.like-open", "close"):
        assert all(call.returned(0) for call in record.calls("close"))
        assert record.the("read", step="close").returned(0)


# --- failure --------------------------------------------------------------------------------------

FAILURES = (
    "no such domain",
    "no such type",
    "no such protocol",
    "the protocol of another type",
    "without the privilege",
    "no descriptor is free",
)


def negative(call: CallView) -> Finding:
    """It returned a number below 0, and said why."""
    said = (call.errno or "").startswith("E")  # errno may have been left as it was: at 0
    ok = isinstance(call.result, int) and call.result < 0 and said
    return Finding(ok, "a negative number and an errno", str(call))


@observes("socket/error")
def test_socket_returns_a_negative_number_when_it_fails(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 socket(), RETURN VALUE: -1, and errno."""
    for step in FAILURES:
        with claim("socket.error-minus-one", step):
            for call in record.calls("socket", step=step):
                if step == "without the privilege" and not call.failed:
                    raise NotObserved("this target gives raw sockets to every program")
                assert negative(call)
    with claim("socket.error-minus-one", "and not when it succeeds"):
        assert not negative(record.the("socket", step="a descriptor is free again"))
