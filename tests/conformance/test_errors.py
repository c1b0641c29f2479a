# SPDX-License-Identifier: Apache-2.0
"""Every argument that can be wrong, and the error for it: the table is ``errors.txt``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Final

import attrs

from sockspec.check import (
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    RecordView,
    observes,
    pattern,
)
from sockspec.inputs import IPV4_ADDRESSES, value_of_bytes

TABLE: Final = Path(__file__).with_name("errors.txt")

KINDS: Final = {
    "tcp4": ("inet", "stream"),
    "tcp6": ("inet6", "stream"),
    "udp4": ("inet", "dgram"),
    "udp6": ("inet6", "dgram"),
    "ustream": ("unix", "stream"),
    "udgram": ("unix", "dgram"),
    "useqpacket": ("unix", "seqpacket"),
}
"""The kinds of socket: their families and types."""

GROUPS: Final = {
    "all": tuple(KINDS),
    "tcp": ("tcp4", "tcp6"),
    "udp": ("udp4", "udp6"),
    "inet": ("tcp4", "tcp6", "udp4", "udp6"),
    "unix": ("ustream", "udgram", "useqpacket"),
    "stream": ("tcp4", "tcp6", "ustream"),
    "connection": ("tcp4", "tcp6", "ustream", "useqpacket"),
    "datagram": ("udp4", "udp6", "udgram"),
    "messages": ("udp4", "udp6", "udgram", "useqpacket"),
}

SENDERS: Final = ("send", "sendto", "sendmsg", "write", "writev")
RECEIVERS: Final = ("recv", "recvfrom", "recvmsg", "read", "readv")

TOLD_BY: Final = ("getsockname", "getpeername", *SENDERS, *RECEIVERS)
"""What shares a probe with others; ``by`` tells it which function is meant."""

ARTICLE: Final = {
    "socket": "socket.error-minus-one",
    "bind": "bind.returns-zero",
    "connect": "connect.returns-zero",
    "listen": "listen.returns-zero",
    "accept": "accept.error-minus-one",
    "close": "close.returns-zero",
    "send": "send.returns-count",
    "recv": "recv.returns-count",
}
"""The article's claims that a call which fails returns -1."""


# --- the table ------------------------------------------------------------------------------------


@attrs.frozen
class Row:
    """A fault, and what the call has to do then."""

    fault: str
    outcomes: tuple[str, ...]
    """The errors, any of them; and ``success``, if it need not fail."""
    claim: str


@attrs.frozen
class Subject:
    """What the rows of one job share: a function, what its probe is told, the row's first word."""

    function: str
    told: tuple[tuple[str, str], ...]
    argument: str


@attrs.frozen
class Case:
    """The faults that make one job: of one function, of one sort, made with one kind of socket."""

    subject: Subject
    rows: tuple[Row, ...]

    @property
    def function(self) -> str:
        """The function under test."""
        return self.subject.function

    @property
    def faults(self) -> list[str]:
        """Each once, in the order in which the probe makes them."""
        return list(dict.fromkeys(row.fault for row in self.rows))

    @property
    def variant(self) -> dict[str, str]:
        """What the probe is told."""
        return {**dict(self.subject.told), "wrong": ",".join(self.faults)}

    @property
    def claims(self) -> tuple[str, ...]:
        """Those of the rows, and the article's."""
        found = [row.claim for row in self.rows]
        if self.function in ARTICLE:
            found.append(ARTICLE[self.function])
        return tuple(dict.fromkeys(found))


def kinds_of(words: str) -> Iterator[str]:
    """``tcp,ustream`` as tcp4, tcp6, ustream."""
    for word in words.split(","):
        yield from GROUPS.get(word, (word,))


def functions_of(header: str) -> list[tuple[str, dict[str, str]]]:
    """``[fcntl command=getfl,setfl]`` as fcntl with the one command, and fcntl with the other."""
    words = header.strip("[]").split()
    options = [word.split("=") for word in words if "=" in word]
    told = [
        dict(zip([name for name, _ in options], values, strict=True))
        for values in product(*(values.split(",") for _, values in options))
    ]
    return list(product([word for word in words if "=" not in word], told))


def words_of(line: str, place: str) -> tuple[str, str, str, str, str]:
    """The five words of a line."""
    match line.split():
        case (argument, fault, kinds, outcomes, claim):
            unknown = [kind for kind in kinds_of(kinds) if kind not in KINDS]
            if unknown:
                raise ValueError(f"{place}: no kind of socket is called {unknown[0]}")
            return argument, fault, kinds, outcomes, claim
        case words:
            raise ValueError(f"{place}: has {len(words)} words, not five")


def rows_of(text: str) -> Iterator[tuple[Subject, Row]]:
    """Each line of the table, once for each function and kind of socket that it speaks of."""
    functions: list[tuple[str, dict[str, str]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        row = line.partition("#")[0].strip()
        if row.startswith("["):
            functions = functions_of(row)
        elif row:
            argument, fault, kinds, outcomes, claim = words_of(row, f"{TABLE.name}:{number}")
            for (function, told), kind in product(functions, kinds_of(kinds)):
                family, type_ = KINDS[kind]
                by = {"by": function} if function in TOLD_BY else {}
                all_told = {**told, **by, "family": family, "type": type_}
                subject = Subject(function, tuple(all_told.items()), argument)
                outcome = tuple(outcomes.split("|"))
                yield subject, Row(fault, outcome, f"errors.{function}-{claim}")


def cases_of(text: str) -> tuple[Case, ...]:
    """The table's cases, in the order of their first lines."""
    found: dict[Subject, list[Row]] = {}
    for subject, row in rows_of(text):
        found.setdefault(subject, []).append(row)
    return tuple(Case(subject, tuple(rows)) for subject, rows in found.items())


CASES: Final = cases_of(TABLE.read_text(encoding="utf-8"))


def of(*functions: str) -> tuple[Case, ...]:
    """The cases of these functions."""
    return tuple(case for case in CASES if case.function in functions)


# --- what is to be seen ---------------------------------------------------------------------------

LOOKS: Final = ("fcntl", "getpeername", "getsockname", "getsockopt")
"""The calls of the kit's that show what a socket is like before and after the call under test."""

MESSAGE: Final = pattern(64, seed=1)
STREAM: Final = MESSAGE + pattern(64, seed=2)
"""What waits for a receiving call: on a stream all of it, else the first of two messages."""


def ended(call: CallView, row: Row) -> Finding:
    """It failed with one of the row's errors, or succeeded where it need not fail."""
    errors = tuple(outcome for outcome in row.outcomes if outcome != "success")
    if "success" in row.outcomes and not call.failed:
        return call.succeeded()
    return call.failed_with(*errors)


def demand_it_is_the_fault(record: RecordView, function: str, fault: str) -> None:
    """The same call without the fault succeeds; else the error says nothing of the fault."""
    call = record.the(function, f"{fault}: without it")
    if call.failed:
        raise NotObserved(f"without the fault it fails, too: {call}")


def nothing_arrived(record: RecordView, fault: str) -> Finding:
    """The other end has nothing to receive."""
    return record.the("recv", f"{fault}: after").failed_with("EAGAIN", "EWOULDBLOCK")


def fails_last(call: CallView) -> bool:
    """Whether it fails since it cannot give something back: that may be noticed last of all."""
    return call.errno == "EFAULT" or call.event.saw.get("length_in") == -1


def memory_of(call: CallView) -> list[str]:
    """Where a failed call could have left something: an address, its length, data."""
    if fails_last(call):
        return []
    memory = {"touched": "address", "length": "length", "behind": "data"}
    return [what for name, what in memory.items() if name in call.event.saw]


def both_still_talk(record: RecordView, fault: str) -> Iterator[Finding]:
    """Neither way of the connection has ended."""
    for seed, call in enumerate(record.calls("recv", step=f"{fault}: after"), 1):
        yield call.got_pattern(64, seed=seed)


def looks(record: RecordView, function: str, step: str) -> list[tuple[object, ...]]:
    """What the names of a socket are in a step, its flags, and whether it listens.

    A call that sends may give the socket an address before it fails.
    """
    left_out = "getsockname" if function in SENDERS else None
    return [
        (look.call, look.result, look.errno, look.event.saw)
        for look in record.calls_if_any(step=step)
        if look.call in LOOKS and look.call != left_out
    ]


def without_effect(record: RecordView, case: Case, fault: str) -> Iterator[Finding]:
    """The socket is as it was, no memory changed, no descriptor came or went.

    Of a socket whose connect() failed nothing is known (connect(), APPLICATION USAGE).
    """
    function = case.function
    memory = memory_of(call := record.the(function, fault))
    if memory:
        yield call.left_untouched(*memory)
    if function != "connect":
        before = looks(record, function, f"{fault}: before")
        after = looks(record, function, f"{fault}: after")
        yield Finding(before == after, f"the socket as it was, {before}", f"{after}")
    free = record.notes("lowest free descriptor")
    n = 2 * case.faults.index(fault)
    yield Finding(free[n] == free[n + 1], f"descriptor {free[n]} to be free", f"{free[n + 1]}")


def without_loss(record: RecordView, case: Case, fault: str) -> Iterator[Finding]:
    """No data came, went or were lost, and the same call without the fault has all of them."""
    function = case.function
    right = record.the(function, f"{fault}: without it")
    is_stream = case.variant["type"] == "stream"
    if function in SENDERS:
        yield nothing_arrived(record, fault)
        yield record.the("recv", f"{fault}: without it").got_pattern(64, seed=1)
    elif function in RECEIVERS and (is_stream or not fails_last(record.the(function, fault))):
        yield right.got(STREAM if is_stream else MESSAGE)
    elif function == "shutdown":
        yield from both_still_talk(record, fault)


def assert_it_had_no_effect(record: RecordView, case: Case, fault: str) -> None:
    """A call that fails does nothing that can be seen, but what its source excepts.

    POSIX.1-2024 XSH 2.3 lets it have done a part of its work, "unless otherwise stated": a system
    that does so can say in its baseline where.  An effect comes first: it may be why the same call
    without the fault fails, too.
    """
    for finding in without_effect(record, case, fault):
        assert finding
    demand_it_is_the_fault(record, case.function, fault)
    for finding in without_loss(record, case, fault):
        assert finding


def demand_privileged_ports(record: RecordView) -> None:
    """Where there are none, nothing is to be seen of them."""
    if record.number("first unprivileged port") <= 1:
        raise NotObserved("no port is privileged here (ip_unprivileged_port_start)")


def judge(record: RecordView, claim: ClaimContext, case: Case) -> None:
    """Every fault of a case: the error, and that else nothing came of the call."""
    function = case.function
    for row in case.rows:
        call = record.the(function, row.fault)
        with claim(row.claim, row.fault):
            if row.fault == "privileged":
                demand_privileged_ports(record)
            assert ended(call, row)
            if call.failed:
                assert_it_had_no_effect(record, case, row.fault)
    for fault in case.faults:
        call = record.the(function, fault)
        if function in ARTICLE and call.failed:
            with claim(ARTICLE[function], fault):
                assert call.returned(-1)


@observes("errors/socket", cases=of("socket"))
def test_socket(record: RecordView, claim: ClaimContext, case: Case) -> None:
    judge(record, claim, case)


@observes("errors/bind", cases=of("bind"))
def test_bind(record: RecordView, claim: ClaimContext, case: Case) -> None:
    judge(record, claim, case)


@observes("errors/connect", cases=of("connect"))
def test_connect(record: RecordView, claim: ClaimContext, case: Case) -> None:
    judge(record, claim, case)


@observes("errors/listen", cases=of("listen"))
def test_listen(record: RecordView, claim: ClaimContext, case: Case) -> None:
    judge(record, claim, case)


@observes("errors/accept", cases=of("accept"))
def test_accept(record: RecordView, claim: ClaimContext, case: Case) -> None:
    judge(record, claim, case)


@observes("errors/close", cases=of("close"))
def test_close(record: RecordView, claim: ClaimContext, case: Case) -> None:
    judge(record, claim, case)


@observes("errors/shutdown", cases=of("shutdown"))
def test_shutdown(record: RecordView, claim: ClaimContext, case: Case) -> None:
    judge(record, claim, case)


@observes("errors/names", cases=of("getsockname", "getpeername"))
def test_the_names_of_a_socket(record: RecordView, claim: ClaimContext, case: Case) -> None:
    judge(record, claim, case)


@observes("errors/fcntl", cases=of("fcntl"))
def test_fcntl(record: RecordView, claim: ClaimContext, case: Case) -> None:
    judge(record, claim, case)


@observes("errors/send", cases=of(*SENDERS))
def test_sending(record: RecordView, claim: ClaimContext, case: Case) -> None:
    judge(record, claim, case)


@observes("errors/receive", cases=of(*RECEIVERS))
def test_receiving(record: RecordView, claim: ClaimContext, case: Case) -> None:
    judge(record, claim, case)


# --- addresses as text: the probes of inet/ show their errors -------------------------------------


@observes("inet/unknown_family")
def test_families_that_have_no_text(record: RecordView, claim: ClaimContext) -> None:
    with claim("errors.inet-pton-eafnosupport"):
        for call in record.calls("inet_pton"):
            assert call.failed_with("EAFNOSUPPORT")
    with claim("errors.inet-ntop-eafnosupport"):
        for call in record.calls("inet_ntop"):
            assert call.failed_with("EAFNOSUPPORT")


@observes("inet/ntop", family="inet", address=value_of_bytes(IPV4_ADDRESSES))
def test_buffers_that_are_too_small_for_the_text(record: RecordView, claim: ClaimContext) -> None:
    """The text in the longest buffer, which comes last of an address, tells how much it takes."""
    calls = record.calls("inet_ntop")
    needed: dict[object, int] = {}
    for call in calls:
        needed[call.args["address"]] = len(str(call.result)) + 1
    with claim("errors.inet-ntop-enospc"):
        for call in calls:
            if call.args["size"] < needed[call.args["address"]]:
                assert call.failed_with("ENOSPC")
