# SPDX-License-Identifier: Apache-2.0
"""ICMP errors: what each type and code comes to at a socket; the table is ``icmp.txt``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Final

import attrs

from sockspec.check import (
    INET_BOTH,
    SAID,
    WOULD_BLOCK,
    Address,
    CallView,
    CheckError,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    observes,
    pattern,
)

TABLE: Final = Path(__file__).with_name("icmp.txt")

FROM: Final = ("peer", "router")
SENDERS: Final = {
    ("inet", "peer"): "192.0.2.2",
    ("inet", "router"): "192.0.2.254",
    ("inet6", "peer"): "2001:db8::2",
    ("inet6", "router"): "2001:db8::fe",
}
"""Whose address the errors come from."""

SHORT: Final = 32
"""Bytes of a datagram."""

LENGTHS: Final = {"AF_INET": 16, "AF_INET6": 28}
"""Of an address, in bytes."""

FAMILIES: Final = {"4": "inet", "6": "inet6"}
CLASSES: Final = ("soft", "hard", "fatal", "mtu", "other")
TCP: Final = ("soft", "hard", "fatal", "other")
"""What is told by a message about the path's MTU is another matter, of test_wire_path_mtu.py."""

PASSED: Final = {
    ("4", "3"): "icmp.unreachable-passed",
    ("4", "11"): "icmp.time-exceeded-passed",
    ("4", "12"): "icmp.parameter-passed",
    ("6", "1"): "icmp.v6-unreachable-passed",
    ("6", "3"): "icmp.v6-time-exceeded-passed",
    ("6", "4"): "icmp.v6-parameter-passed",
    ("6", "100"): "icmp.v6-unknown-error-passed",
}
"""The claims that a message of this version and type comes to the transport protocol."""

CONNECT: Final = {
    "icmp.enetunreach": "errors.connect-enetunreach",
    "icmp.ehostunreach": "errors.connect-ehostunreach",
    "icmp.econnrefused": "errors.connect-econnrefused",
}
"""What is said of a pending error, POSIX says in another place of a connect() that fails."""


# --- the table ------------------------------------------------------------------------------------


@attrs.frozen
class Row:
    """One ICMP error."""

    version: str
    error: str
    """Its type and code, as the probes' steps have them."""
    meaning: str
    kind: str
    errnos: tuple[str, ...]
    """Any of them is right; none: it is not laid down which."""
    claim: str | None
    """That one of them is right."""

    @property
    def passed(self) -> str:
        """The claim that it comes to the transport protocol."""
        return PASSED[self.version, self.error.partition(".")[0]]

    @property
    def part(self) -> str:
        """How it is written in a verdict."""
        return f"{self.error} {self.meaning.replace('_', ' ')}"


def row_of(line: str, place: str) -> Row:
    match line.split():
        case (version, error, meaning, kind, errnos, claim):
            if version not in FAMILIES or kind not in CLASSES:
                raise ValueError(f"{place}: neither 4 nor 6, or not one of {', '.join(CLASSES)}")
            numbers = () if errnos == "-" else tuple(errnos.split("|"))
            return Row(version, error, meaning, kind, numbers, None if claim == "-" else claim)
        case words:
            raise ValueError(f"{place}: has {len(words)} words, not six")


def rows_of(text: str) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), 1):
        told = line.partition("#")[0].strip()
        if told:
            yield row_of(told, f"{TABLE.name}:{number}")


ROWS: Final = tuple(rows_of(TABLE.read_text(encoding="utf-8")))


@attrs.frozen
class Case:
    """The errors of one family, sent by one node, in one state of a socket."""

    told: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    claims_of: Callable[[Row, dict[str, str]], tuple[str, ...]]

    @property
    def variant(self) -> dict[str, str]:
        """What the probe is told."""
        return {**dict(self.told), "errors": ",".join(row.error for row in self.rows)}

    @property
    def claims(self) -> tuple[str, ...]:
        """What is judged of its rows."""
        told = dict(self.told)
        return tuple(dict.fromkeys(c for row in self.rows for c in self.claims_of(row, told)))


def cases_of(
    claims_of: Callable[[Row, dict[str, str]], tuple[str, ...]],
    kinds: tuple[str, ...],
    **told: tuple[str, ...],
) -> tuple[Case, ...]:
    """A case for each family, sender and combination of what else the probe is told."""
    return tuple(
        Case(
            (("family", family), ("from", sender), *zip(told, values, strict=True)),
            tuple(row for row in ROWS if row.version == version and row.kind in kinds),
            claims_of,
        )
        for (version, family), sender, values in product(
            FAMILIES.items(), FROM, product(*told.values())
        )
    )


def ids(*claims: str | None) -> tuple[str, ...]:
    return tuple(claim for claim in claims if claim is not None)


def tcp_claim(row: Row) -> str | None:
    """Whether it may, or should, end a connection."""
    return {"soft": "icmp.tcp-soft-no-abort", "hard": "icmp.tcp-hard-aborts"}.get(row.kind)


# --- what is to be seen ---------------------------------------------------------------------------


def so_errors(record: RecordView, step: str) -> tuple[CallView, ...]:
    """The calls that asked for SO_ERROR."""
    return tuple(c for c in record.calls("getsockopt", step=step) if "error" in c.event.saw)


def fits(row: Row, number: str, call: CallView) -> Finding:
    """The errno is one of the row's."""
    return Finding(number in row.errnos, f"{' or '.join(row.errnos)} for {row.part}", str(call))


def gave_error(row: Row, call: CallView) -> Finding:
    """SO_ERROR was one of the row's."""
    return fits(row, call.text("error"), call) if not call.failed else call.succeeded()


def told_of(call: CallView) -> Finding:
    """SO_ERROR was not 0."""
    told = not call.failed and call.text("error") != "0"
    return Finding(told, "a pending error", str(call))


def no_error(call: CallView, expected: str) -> Finding:
    """SO_ERROR was 0."""
    return Finding(not call.failed and call.text("error") == "0", expected, str(call))


def cleared(calls: tuple[CallView, ...]) -> Finding:
    """Asked for, SO_ERROR was given, and asked for again, it was 0."""
    first, second = calls
    if first.failed:
        return first.succeeded()
    return no_error(second, "SO_ERROR to be 0 the second time")


def poll_tells(call: CallView, pending: bool) -> Finding:
    """POLLERR is there if, and only if, an error is pending."""
    if call.failed:
        return call.succeeded()
    told = "POLLERR" in call.names("revents")
    return Finding(told == pending, f"POLLERR: {'yes' if pending else 'no'}", str(call))


def tcp_state(record: RecordView, step: str) -> str:
    """The connection's state at the end, as TCP_INFO gives it."""
    for call in record.calls("getsockopt", step=step):
        if call.args["option"] == "TCP_INFO":
            if call.failed:
                raise NotObserved(f"{call}: the state is not to be seen")
            return call.text("state")
    raise CheckError(f"{record.job}: no look at the state in step {step}")


def aborted(call: CallView) -> Finding:
    """It failed."""
    return Finding(call.failed, f"{call.call}() to fail", str(call))


def queue_empty(call: CallView) -> Finding:
    """recvmsg() with MSG_ERRQUEUE failed: it has no error to tell."""
    return Finding(call.failed, "recvmsg() with MSG_ERRQUEUE to fail", str(call))


def the_error(record: RecordView, row: Row) -> Packet:
    """The ICMP packet of this row."""
    kind, _, code = row.error.partition(".")
    for packet in record.received("ICMP"):
        if (packet.type, packet.code) == (int(kind), int(code)):
            return packet
    raise NotObserved(f"no packet of {row.part} was captured")


# --- connect() ------------------------------------------------------------------------------------


def connect_claim(row: Row) -> str | None:
    return CONNECT.get(row.claim, row.claim) if row.claim else None


def blocking_claims(row: Row, _told: dict[str, str]) -> tuple[str, ...]:
    return ids(
        "connect.tcp-blocks-until-outcome",
        "block.returns-when-done",
        tcp_claim(row),
        connect_claim(row),
    )


@observes("icmp/connect_blocking", stage="wire", cases=cases_of(blocking_claims, TCP))
def test_a_blocking_connect(record: RecordView, claim: ClaimContext, case: Case) -> None:
    """RFC 9293, 3.9.2.2: a soft error leaves the attempt alone, and the peer's answer ends it."""
    for row in case.rows:
        call = record.the("connect", row.error)
        for waits in ("connect.tcp-blocks-until-outcome", "block.returns-when-done"):
            with claim(waits, row.part):
                assert call.slept()
                assert record.before(the_error(record, row), call.returned)
        abort = tcp_claim(row)
        if abort is not None:
            with claim(abort, f"{row.part}, in connect()"):
                assert aborted(call) if row.kind == "hard" else call.succeeded()
        fails = connect_claim(row)
        if call.failed and fails is not None:
            with claim(fails, row.part):
                assert call.failed_with(*row.errnos)


def nonblocking_claims(row: Row, told: dict[str, str]) -> tuple[str, ...]:
    return ids(
        tcp_claim(row),
        row.claim,
        "icmp.so-error-clears",
        "icmp.poll-tells",
        "icmp.tcp-no-queue" if told["option"] == "recverr" else None,
    )


@observes(
    "icmp/connect_nonblocking",
    stage="wire",
    cases=cases_of(nonblocking_claims, TCP, option=("none", "recverr")),
)
def test_a_connection_in_progress(record: RecordView, claim: ClaimContext, case: Case) -> None:
    """The outcome is the pending error (POSIX.1-2024, 2.10.15), and then what becomes of it."""
    for row in case.rows:
        asked = so_errors(record, row.error)
        pending = asked[0].text("error") != "0"
        abort = tcp_claim(row)
        if abort is not None:
            state = tcp_state(record, row.error)
            wanted = "CLOSED" if row.kind == "hard" else "ESTABLISHED"
            with claim(abort, f"{row.part}, in progress"):
                assert Finding(state == wanted, wanted, state)
        if pending and row.claim is not None:
            with claim(row.claim, f"{row.part}, in progress"):
                assert gave_error(row, asked[0])
        if pending:
            with claim("icmp.so-error-clears", row.part):
                assert cleared(asked)
        with claim("icmp.poll-tells", row.part):
            assert poll_tells(record.the("poll", row.error), pending)
        if case.variant["option"] == "recverr":
            with claim("icmp.tcp-no-queue", row.part):
                assert queue_empty(record.the("recvmsg", row.error))


# --- an established connection --------------------------------------------------------------------


def established_claims(row: Row, _told: dict[str, str]) -> tuple[str, ...]:
    return ids(
        tcp_claim(row),
        row.claim,
        row.passed,
        "icmp.tcp-soft-told" if row.kind == "soft" else None,
        "icmp.so-error-clears",
    )


def lives(record: RecordView, row: Row) -> Finding:
    """The connection still carries data both ways."""
    if tcp_state(record, row.error) != "ESTABLISHED":
        return Finding(False, "an established connection", tcp_state(record, row.error))
    heard = [call for call in record.calls("recv", step=row.error) if not call.failed]
    said = record.calls("write", step=row.error)[-1]
    if not heard:
        return Finding(False, "recv() to get what the peer sent", "it failed")
    got = heard[-1].got_just_pattern(SAID, seed=2)
    return said.gave(SAID) if got.ok else got


def ended(record: RecordView, row: Row) -> Finding:
    """The connection is no more."""
    state = tcp_state(record, row.error)
    return Finding(state == "CLOSED", "CLOSED", state)


@observes(
    "icmp/established",
    stage="wire",
    cases=cases_of(established_claims, TCP, option=("none",), first=("none",)),
)
def test_an_established_connection(record: RecordView, claim: ClaimContext, case: Case) -> None:
    """RFC 9293, 3.9.2.2: soft errors are for information, hard ones should end the connection."""
    for row in case.rows:
        asked = so_errors(record, row.error)
        abort = tcp_claim(row)
        if abort is not None:
            with claim(abort, f"{row.part}, established"):
                assert ended(record, row) if row.kind == "hard" else lives(record, row)
        with claim(row.passed, f"{row.part}, established"):
            assert told_of(asked[0])
        if row.kind == "soft":
            with claim("icmp.tcp-soft-told", row.part):
                assert told_of(asked[0])
        pending = asked[0].text("error") != "0"
        if pending and row.claim is not None:
            with claim(row.claim, f"{row.part}, established"):
                assert gave_error(row, asked[0])
        if pending:
            with claim("icmp.so-error-clears", f"{row.part}, established"):
                assert cleared(asked)


def at_once_claims(_row: Row, _told: dict[str, str]) -> tuple[str, ...]:
    return ("icmp.tcp-recverr-at-once", "icmp.tcp-no-queue", "icmp.reported-once")


@observes(
    "icmp/established",
    stage="wire",
    cases=cases_of(at_once_claims, TCP, option=("recverr",), first=("recv",)),
)
def test_errors_that_are_asked_for_at_once(
    record: RecordView, claim: ClaimContext, case: Case
) -> None:
    """tcp(7), Error handling; ip(7), IP_RECVERR."""
    for row in case.rows:
        first = record.calls("recv", step=row.error)[0]
        with claim("icmp.tcp-recverr-at-once", row.part):
            assert aborted(first)
            assert Finding(first.errno not in WOULD_BLOCK, "the error", str(first))
            if row.errnos:
                assert first.failed_with(*row.errnos)
        if first.errno not in WOULD_BLOCK:
            with claim("icmp.reported-once", f"{row.part}, established"):
                asked = so_errors(record, row.error)[0]
                assert no_error(asked, "nothing pending")
        with claim("icmp.tcp-no-queue", row.part):
            assert queue_empty(record.the("recvmsg", row.error))


# --- a connection that is being accepted ----------------------------------------------------------


def accepting_claims(row: Row, _told: dict[str, str]) -> tuple[str, ...]:
    return ids(tcp_claim(row))


@observes("icmp/accepting", stage="wire", cases=cases_of(accepting_claims, ("soft", "hard")))
def test_a_connection_that_is_being_accepted(
    record: RecordView, claim: ClaimContext, case: Case
) -> None:
    """RFC 9293, 3.9.2.2, in SYN-RECEIVED."""
    for row in case.rows:
        call = record.the("accept", row.error)
        abort = tcp_claim(row)
        if abort is not None:
            with claim(abort, f"{row.part}, in SYN-RECEIVED"):
                assert aborted(call) if row.kind == "hard" else call.succeeded()


# --- datagrams ------------------------------------------------------------------------------------

QUEUE: Final = (
    "icmp.queue-all",
    "icmp.queue-errno",
    "icmp.queue-origin",
    "icmp.queue-type-code",
    "icmp.queue-offender",
    "icmp.queue-payload",
    "icmp.queue-destination",
    "icmp.queue-flag",
)


def datagram_claims(row: Row, told: dict[str, str]) -> tuple[str, ...]:
    none = told["option"] == "none"
    return ids(
        "icmp.udp-errors-passed" if row.version == "4" else None,
        "connect.udp-immediate-errors" if told["state"] == "connected" else None,
        row.claim,
        "icmp.so-error-clears",
        "icmp.poll-tells",
        "icmp.reported-once",
        None if none or row.kind == "mtu" else row.passed,
        "icmp.udp-unconnected-told"
        if none and told["state"] == "unconnected" and row.kind in ("hard", "fatal")
        else None,
        *(() if none else QUEUE),
    )


DATAGRAMS: Final = cases_of(
    datagram_claims,
    CLASSES,
    state=("connected", "unconnected"),
    option=("none", "recverr"),
)


def extended(call: CallView, name: str) -> str:
    """A field of the extended error that came with it; none came: "none"."""
    return str(call.event.saw.get(name, "none"))


def offender(call: CallView) -> str:
    """The address of the node that sent the error; none came: "none"."""
    if "offender" not in call.event.saw:
        return "none"
    try:
        return str(Address.parse(call.seen("offender")).host)
    except ValueError as error:
        raise NotObserved(f"the record's offender of {call} {error}") from None


def nothing_more(record: RecordView, row: Row) -> Finding:
    """After SO_ERROR and the queue were read, the socket is as if nothing had been."""
    empty = record.the("recv", row.error).failed_with(*WOULD_BLOCK)
    if not empty.ok:
        return empty
    sent = record.calls_if_any("send", step=row.error)
    sent += record.calls_if_any("sendto", step=row.error)
    if not sent:
        raise NotObserved(f"nothing was sent in step {row.error!r}")
    return sent[-1].gave(SHORT)


def gave_destination(call: CallView, address: Address) -> Finding:
    """msg_name and msg_namelen were those of the address."""
    return call.gave_address(address, LENGTHS[address.family])


def destination(record: RecordView, row: Row) -> Address:
    """Where the datagram of this row went to."""
    quoted = the_error(record, row).quoted
    if quoted is None or quoted.dport is None:
        raise NotObserved(f"{row.part} quotes no port")
    address = Address.inet if row.version == "4" else Address.inet6
    return address(quoted.dst, quoted.dport)


@observes("icmp/datagram", stage="wire", cases=DATAGRAMS)
def test_a_datagram(record: RecordView, claim: ClaimContext, case: Case) -> None:
    """RFC 1122, 4.1.3.3, and who of the program's calls tells it."""
    for row in case.rows:
        asked = so_errors(record, row.error)
        pending = asked[0].text("error") != "0"
        if row.version == "4":
            with claim("icmp.udp-errors-passed", row.part):
                assert told_of(asked[0])
        if case.variant["state"] == "connected":
            call = record.the("connect", row.error)
            with claim("connect.udp-immediate-errors", row.part):
                assert call.succeeded()
                assert record.before(call, the_error(record, row))
        if pending and row.claim is not None:
            with claim(row.claim, f"{row.part}, of a datagram"):
                assert gave_error(row, asked[0])
        if pending:
            with claim("icmp.so-error-clears", row.part):
                assert cleared(asked)
            with claim("icmp.reported-once", row.part):
                assert nothing_more(record, row)
        with claim("icmp.poll-tells", row.part):
            assert poll_tells(record.the("poll", row.error), pending)
        if case.variant["option"] == "none":
            if case.variant["state"] == "unconnected" and row.kind in ("hard", "fatal"):
                with claim("icmp.udp-unconnected-told", row.part):
                    assert told_of(asked[0])
            continue
        call, empty = record.calls("recvmsg", step=row.error)
        if row.kind != "mtu":
            with claim(row.passed, f"{row.part}, of a datagram"):
                assert told_of(asked[0])
        with claim("icmp.queue-all", row.part):
            assert call.succeeded()
            assert empty.failed_with(*WOULD_BLOCK)
        if call.failed:
            continue
        with claim("icmp.queue-errno", row.part):
            number = extended(call, "error")
            assert Finding(number == asked[0].text("error"), str(asked[0]), str(call))
        with claim("icmp.queue-origin", row.part):
            origin = "ICMP" if row.version == "4" else "ICMP6"
            seen = extended(call, "origin")
            assert Finding(seen == origin, f"origin {origin}", str(call))
        with claim("icmp.queue-type-code", row.part):
            seen = f"{extended(call, 'type')}.{extended(call, 'code')}"
            assert Finding(seen == row.error, row.error, str(call))
        with claim("icmp.queue-offender", row.part):
            sender = SENDERS[case.variant["family"], case.variant["from"]]
            assert Finding(offender(call) == sender, f"offender {sender}", offender(call))
        with claim("icmp.queue-payload", row.part):
            assert call.got(pattern(SHORT, seed=1))
        with claim("icmp.queue-destination", row.part):
            assert gave_destination(call, destination(record, row))
        with claim("icmp.queue-flag", row.part):
            assert Finding("MSG_ERRQUEUE" in call.msg_flags, "MSG_ERRQUEUE", str(call))


CALLS: Final = (
    "poll",
    "so_error",
    "read",
    "readv",
    "recv",
    "recvfrom",
    "recvmsg",
    "write",
    "writev",
    "send",
    "sendto",
    "sendmsg",
)
NAMES: Final = {"so_error": "getsockopt"}


def the_call(record: RecordView, step: str) -> CallView:
    by = record.variant["by"]
    return record.the(NAMES.get(by, by), step)


def sends(record: RecordView) -> bool:
    return record.variant["by"] in ("write", "writev", "send", "sendto", "sendmsg")


def told_refusal(record: RecordView, call: CallView) -> Finding:
    """It gave ECONNREFUSED, in its way."""
    if record.variant["by"] == "so_error":
        return Finding(call.text("error") == "ECONNREFUSED", "ECONNREFUSED", str(call))
    return call.failed_with("ECONNREFUSED")


def told_nothing(record: RecordView, call: CallView) -> Finding:
    """It found no error."""
    if record.variant["by"] == "so_error":
        return no_error(call, "SO_ERROR to be 0")
    if sends(record):
        return call.gave(SHORT)
    return call.failed_with(*WOULD_BLOCK)


@observes(
    "icmp/datagram_calls",
    stage="wire",
    family=INET_BOTH,
    by=tuple(by for by in CALLS if by != "poll"),
)
def test_which_call_tells_of_a_pending_error(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024, 2.10.10: the next one, whichever it is; and no other after it."""
    first, second = the_call(record, "first"), the_call(record, "second")
    with claim("icmp.reported-once"):
        assert told_refusal(record, first)
        assert told_nothing(record, second)
        after = so_errors(record, "after")[0]
        assert no_error(after, "nothing pending")
    if sends(record):
        with claim("icmp.udp-earlier-packet"):
            assert told_refusal(record, first)
            assert record.nothing_sent_between(*record.fences_around(first))


@observes("icmp/datagram_calls", stage="wire", family=INET_BOTH, by="poll")
def test_poll_leaves_a_pending_error(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 poll(), POLLERR; 2.10.10: what clears a pending error."""
    with claim("icmp.poll-tells"):
        assert poll_tells(record.the("poll", "first"), True)
        assert poll_tells(record.the("poll", "second"), True)
        after = so_errors(record, "after")[0]
        assert Finding(after.text("error") == "ECONNREFUSED", "it to be pending", str(after))


@observes(
    "icmp/datagram_asleep",
    stage="wire",
    family=INET_BOTH,
    by=("read", "readv", "recv", "recvfrom", "recvmsg"),
)
def test_an_error_ends_a_call_that_waits(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024, 2.10.10 Pending Error."""
    call = record.the(record.variant["by"], who="receiver")
    with claim("block.returns-when-done"):
        assert call.slept()
        assert record.before(record.received("ICMP")[0], call.returned)
        assert call.failed_with("ECONNREFUSED")
    with claim("icmp.reported-once"):
        assert call.failed_with("ECONNREFUSED")
        after = so_errors_of(record)
        assert no_error(after, "nothing pending")


def so_errors_of(record: RecordView) -> CallView:
    """The only look at SO_ERROR."""
    (call,) = (call for call in record.calls("getsockopt") if "error" in call.event.saw)
    return call


# --- the error queue ------------------------------------------------------------------------------


def queued(record: RecordView) -> tuple[CallView, ...]:
    """What was asked of the error queue, in order."""
    return tuple(
        call
        for call in record.calls("recvmsg")
        if "MSG_ERRQUEUE" in str(call.args["flags"]).split("|")
    )


@observes("icmp/error_queue", stage="wire", family=INET_BOTH, between=("nothing", "recv"))
def test_an_error_queue_of_three(record: RecordView, claim: ClaimContext) -> None:
    """recv(2), MSG_ERRQUEUE: each error once, and the next one is pending then."""
    *errors, none = queued(record)
    sent = [Address.parse(note) for note in record.notes("sent to")]
    with claim("icmp.queue-all"):
        assert Finding(all(not call.failed for call in errors), "three errors", str(errors))
        assert none.failed_with(*WOULD_BLOCK)
    with claim("icmp.queue-destination"):
        for call, address in zip(errors, sent, strict=True):
            assert gave_destination(call, address)
    with claim("icmp.queue-payload"):
        for seed, call in enumerate(errors):
            assert call.got(pattern(SHORT, seed=seed))
    if record.variant["between"] == "recv":
        with claim("icmp.queue-regenerated"):
            looks = record.calls("recv")
            for look, call in zip(looks[1:-1], errors[1:], strict=True):
                assert look.failed_with(call.text("error"))
            assert looks[-1].failed_with(*WOULD_BLOCK)


@observes("icmp/local_queue", stage="wire", family=INET_BOTH, state=("connected", "unconnected"))
def test_an_error_of_the_host_itself(record: RecordView, claim: ClaimContext) -> None:
    """ip(7), IP_RECVERR: SO_EE_ORIGIN_LOCAL."""
    call, none = queued(record)
    with claim("icmp.queue-local"):
        assert call.succeeded()
        assert Finding(extended(call, "origin") == "LOCAL", "origin LOCAL", str(call))
        assert Finding(extended(call, "error") == "EMSGSIZE", "EMSGSIZE", str(call))
        assert Finding(extended(call, "info") == "1500", "ee_info 1500", str(call))
        assert none.failed_with(*WOULD_BLOCK)


# --- errors that are none -------------------------------------------------------------------------

STATES: Final = ("connecting", "established", "datagram")


def demand_a_right_one(record: RecordView) -> None:
    """The error without the fault is told; else nothing is known of the one with it."""
    step = f"{record.variant['kind']}: a right one"
    call = so_errors(record, step)[0]
    if call.text("error") == "0":
        raise NotObserved(f"not even the right error is told: {call}")


def ignored(record: RecordView) -> Finding:
    """It changed nothing, though the socket is one that a right error is told to."""
    found = untouched(record)
    if found.ok:
        demand_a_right_one(record)
    return found


def untouched(record: RecordView) -> Finding:
    """Nothing is pending, and the connection, or the queue, is as it was."""
    step = record.variant["kind"]
    call = so_errors(record, step)[0]
    if call.text("error") != "0":
        return Finding(False, "nothing pending", str(call))
    if record.variant["state"] == "datagram":
        return record.the("recv", step).failed_with(*WOULD_BLOCK)
    state = {"connecting": "SYN-SENT", "established": "ESTABLISHED"}[record.variant["state"]]
    seen = tcp_state(record, step)
    return Finding(seen == state, state, seen)


@observes(
    "icmp/ignored",
    stage="wire",
    family=INET_BOTH,
    kind=("source_port", "destination_port", "sequence_below", "sequence_beyond"),
    state=("connecting", "established"),
)
def test_tcp_errors_about_another_connection(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.9.2.2, MUST-54; RFC 5927, 4.1: what is quoted has to be in flight."""
    with claim("icmp.tcp-directed"):
        assert ignored(record)


@observes("icmp/ignored", stage="wire", family="inet", kind="source_quench", state=STATES)
def test_a_source_quench(record: RecordView, claim: ClaimContext) -> None:
    """RFC 6633, 3: hosts must not react to it."""
    if record.variant["state"] == "datagram":
        with claim("icmp.unknown-type-discarded", "source quench, which is obsolete"):
            assert ignored(record)
    else:
        with claim("icmp.tcp-quench-discarded"):
            assert ignored(record)


@observes("icmp/ignored", stage="wire", family="inet", kind="unknown_type", state=STATES)
def test_an_unknown_type(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1122, 3.2.2."""
    with claim("icmp.unknown-type-discarded"):
        assert ignored(record)


@observes("icmp/ignored", stage="wire", family="inet6", kind="unknown_type", state=STATES)
def test_an_unknown_message_of_icmpv6(record: RecordView, claim: ClaimContext) -> None:
    """RFC 4443, 2.4 (b)."""
    with claim("icmp.v6-unknown-message-discarded"):
        assert ignored(record)


@observes("icmp/ignored", stage="wire", family="inet", kind="cut_off", state=STATES)
def test_a_quote_that_is_cut_off(record: RecordView, claim: ClaimContext) -> None:
    """Two bytes: half of the ports."""
    with claim("icmp.short-quote"):
        assert ignored(record)


@observes("icmp/ignored", stage="wire", family="inet6", kind="checksum", state=STATES)
def test_a_wrong_checksum(record: RecordView, claim: ClaimContext) -> None:
    """RFC 4443, 2.3."""
    with claim("icmp.v6-checksum"):
        assert ignored(record)


@observes("icmp/closed_socket", stage="wire", family="inet")
def test_an_error_about_a_socket_that_is_closed(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1122, 3.2.2."""
    before, _, after = record.fences
    with claim("icmp.none-about-error", "its socket is closed"):
        assert record.nothing_sent_between(before, after)


@observes("icmp/closed_socket", stage="wire", family="inet6")
def test_an_error_of_icmpv6_about_a_socket_that_is_closed(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 4443, 2.4 (e.1)."""
    before, _, after = record.fences
    with claim("icmp.v6-none-about-error", "its socket is closed"):
        assert record.nothing_sent_between(before, after)


# --- a connection that is given up ----------------------------------------------------------------


@observes("icmp/last_error", stage="wire", family=INET_BOTH, error=("none", "host_unreachable"))
def test_what_is_told_when_tcp_gives_up(record: RecordView, claim: ClaimContext) -> None:
    """tcp(7), Error handling."""
    call = record.the("recv")
    wanted = "ETIMEDOUT" if record.variant["error"] == "none" else "EHOSTUNREACH"
    with claim("icmp.tcp-last-error"):
        assert call.failed_with(wanted)
