# SPDX-License-Identifier: Apache-2.0
"""What checks see of a record: right findings on good ones, `NotObserved` on all others."""

from __future__ import annotations

import socket
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sockspec import model
from sockspec.check import (
    NO_ADDRESS,
    Address,
    CallView,
    CheckError,
    Edge,
    Finding,
    NotObserved,
    RecordView,
    Unsupported,
    alive,
    got_in_order,
    pattern,
)
from sockspec.complete import why_incomplete, why_unsupported
from sockspec.finding import visible

DONE = model.Done(t=1_000_000)


def record(*events: model.Event, **fields: Any) -> model.Record:
    defaults: dict[str, Any] = {
        "job": "connect/refused lo family=inet",
        "probe": "connect/refused",
        "stage": "lo",
        "hash": "0",
        "t0": 0,
        "end": model.End(how="exit"),
        "packets": (),
    }
    return model.Record(events=events, **{**defaults, **fields})


def view(*events: model.Event, **fields: Any) -> RecordView:
    """A complete record of these events."""
    return RecordView(record(*events, DONE, **fields))


def call(name: str = "recv", result: int | str | None = 0, **fields: Any) -> model.Call:
    fields.setdefault("t_in", 100)
    fields.setdefault("t_out", fields["t_in"] + 100)
    return model.Call(call=name, result=result, **fields)


def the(name: str = "recv", result: int | str | None = 0, **fields: Any) -> CallView:
    """A call, alone in a complete record."""
    return view(call(name, result, **fields)).the(name)


def holds(finding: Finding) -> bool:
    """Its truth; both sides of it have to be told in one line."""
    assert finding.expected
    assert finding.observed
    assert finding.evidence in {finding.observed, repr(finding)}
    assert repr(finding).isprintable()
    return bool(finding)


# --- values --------------------------------------------------------------------------------------


def test_a_call_in_one_line() -> None:
    peer = {"family": "AF_INET", "host": "127.0.0.1", "port": 40001}
    saw = {"length_in": 128, "length": 128, "touched": 0}
    failed = the("getpeername", -1, errno="ENOTCONN", args={"fd": 3}, saw=saw)
    assert str(failed) == "getpeername(fd=3) = -1 ENOTCONN"
    assert repr(failed) == str(failed)
    connected = the("connect", 0, args={"fd": 3, "address": peer, "length": 16})
    assert str(connected) == "connect(fd=3, address=127.0.0.1:40001, length=16) = 0"
    args = {"fd": 4, "size": 10, "flags": "MSG_PEEK|MSG_DONTWAIT"}
    got = the("recv", 5, args=args, saw={"data": "68656c6c6f", "behind": 0, "overrun": 0})
    assert str(got) == 'recv(fd=4, size=10, flags=MSG_PEEK|MSG_DONTWAIT) = 5, data="hello"'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"),
        (True, "true"),
        (-1, "-1"),
        (1.5, "1.5"),
        pytest.param(10**5000, "a number of 16610 bits", id="huge"),
        ("SOCK_STREAM|SOCK_CLOEXEC", "SOCK_STREAM|SOCK_CLOEXEC"),
        ("", '""'),
        ("a b\n\x1b[31m", '"a b\\n\\x1b[31m"'),
        ("x" * 500, f'"{"x" * 59}…"'),
        ([1, [2, [3, [4]]]], "[1, [2, [3, …]]]"),
        (list(range(20)), "[0, 1, 2, 3, 4, 5, 6, 7, …]"),
        ({"a": 1, "b\n": "c"}, "{a=1, b\\n=c}"),
        ({"family": "AF_UNIX", "abstract": "x"}, "unix:@x"),
        ({"family": "AF_INET"}, "{family=AF_INET}"),
    ],
)
def test_any_argument_is_shown(value: object, text: str) -> None:
    assert str(the("f", 0, args={"a": value})) == f"f(a={text}) = 0"


def test_data_is_shown_as_text() -> None:
    saw = {"data": b'a"\\\0\xff'.hex()}
    assert str(the("recv", 5, saw=saw)) == r'recv() = 5, data="a\"\\\x00\xff"'
    assert str(the("send", 1, args={"data": "00" * 256, "crc32": "0"})).endswith('"…) = 1')
    assert str(the("recv", 1, saw={"data": "xyz"})) == "recv() = 1, data=xyz"


def test_data_of_a_call() -> None:
    assert the("recv", 3, saw={"data": "616263"}).data == b"abc"
    assert the("recv", 0, saw={"data": ""}).data == b""
    assert the("recv", -1, errno="EAGAIN", saw={"behind": 0}).data == b""


def test_longer_data_is_only_compared() -> None:
    whole = pattern(1000)
    saw = {"data": whole[:256].hex(), "crc32": f"{zlib.crc32(whole):08x}"}
    got = the("recv", 1000, saw=saw)
    with pytest.raises(CheckError, match="crc32"):
        _ = got.data
    assert got.head == whole[:256]
    assert got.crc32 == zlib.crc32(whole)
    assert holds(got.got(whole))
    assert holds(got.got_pattern(1000))
    assert not holds(got.got_pattern(999))
    assert not holds(got.got_pattern(1000, seed=1))
    assert not holds(got.got_pattern(1000, offset=1))


def test_got_compares_all_bytes() -> None:
    got = the("recv", 3, saw={"data": "616263"})
    assert holds(got.got(b"abc"))
    assert not holds(got.got(b"abd"))
    assert not holds(got.got(b"ab"))
    assert not holds(got.got(b"abcd"))
    assert not holds(the("recv", -1, errno="EAGAIN").got(b""))
    assert not holds(the("recv", -1, errno="EAGAIN").got(b"abc"))
    assert repr(got.got(b"x")) == 'expected recv() to get "x"; observed recv() = 3, data="abc"'


@given(st.integers(0, 3000), st.integers(0, 200_000), st.integers(0, 1000))
def test_the_pattern_is_the_kits(n: int, offset: int, seed: int) -> None:
    made = pattern(n, offset, seed)
    assert len(made) == n
    for i in {0, n // 2, n - 1} & set(range(n)):
        at = offset + i
        assert made[i] == (31 * seed + 7 * at + 13 * (at // 256)) % 256


@pytest.mark.parametrize("data", [None, 3, "6", "6 1", "zz", "\u0664\u0665", ["61"], "61" * 257])
def test_nonsense_for_data_is_not_observed(data: object) -> None:
    got = the("recv", 1, saw={"data": data})
    for read in (lambda: got.data, lambda: got.crc32, lambda: got.got(b"a")):
        with pytest.raises(NotObserved, match=r"nonsense for the data of recv\(\)"):
            read()


@pytest.mark.parametrize("crc", [None, 3, "", "123", "0000000G", "\u0660" * 8])
def test_nonsense_for_the_checksum_is_not_observed(crc: object) -> None:
    with pytest.raises(NotObserved, match="crc32"):
        the("recv", 1, saw={"data": "61", "crc32": crc}).got(b"a")


@pytest.mark.parametrize("name", ["length", "length_in", "touched", "behind", "overrun"])
def test_numbers_of_a_call(name: str) -> None:
    assert getattr(the(saw={name: 7}), name) == 7
    for wrong in (None, True, "7", 7.0, [7]):
        with pytest.raises(NotObserved, match=f"nonsense for the {name}"):
            getattr(the(saw={name: wrong}), name)
    with pytest.raises(NotObserved, match=f"lacks the {name}"):
        getattr(the(), name)


def test_other_values_of_a_call() -> None:
    seen = the("poll", 1, saw={"revents": "POLLIN|POLLHUP", "value": 3})
    assert seen.names("revents") == {"POLLIN", "POLLHUP"}
    assert seen.text("revents") == "POLLIN|POLLHUP"
    assert seen.seen("value") == 3
    assert the(saw={"msg_flags": "0"}).msg_flags == frozenset()
    assert the(saw={"msg_flags": ""}).msg_flags == frozenset()
    assert the(saw={"msg_flags": "MSG_TRUNC"}).msg_flags == {"MSG_TRUNC"}
    assert the("recvmsg", -1, errno="EAGAIN").msg_flags == frozenset()
    with pytest.raises(NotObserved, match="lacks the msg_flags"):
        _ = the().msg_flags
    with pytest.raises(NotObserved, match="nonsense"):
        the(saw={"revents": 1}).text("revents")


def test_descriptors_of_a_call() -> None:
    assert the(saw={"fds": [5, 6]}).fds == (5, 6)
    assert the("recvmsg", -1, errno="EAGAIN").fds == ()
    for wrong in (None, 5, [True], ["5"], {"5": 5}):
        with pytest.raises(NotObserved, match="fds"):
            _ = the(saw={"fds": wrong}).fds


def test_arguments_and_variants() -> None:
    seen = view(call("recv", args={"fd": 3}), variant={"family": "inet"})
    assert seen.the("recv").args["fd"] == 3
    assert seen.the("recv").args.get("size") is None
    assert seen.variant["family"] == "inet"
    assert dict(seen.variant) == {"family": "inet"}
    for ask in (lambda: seen.the("recv").args["size"], lambda: seen.variant["size"]):
        with pytest.raises(NotObserved, match="the record lacks size"):
            ask()


# --- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "address", "text"),
    [
        (
            {"family": "AF_INET", "host": "127.0.0.1", "port": 80},
            Address.inet("127.0.0.1", 80),
            "127.0.0.1:80",
        ),
        (
            {"family": "AF_INET6", "host": "0:0:0:0:0:0:0:1", "port": 80},
            Address.inet6("::1", 80),
            "[::1]:80",
        ),
        (
            {"family": "AF_INET6", "host": "fe80::1", "port": 80, "scope": 2},
            Address.inet6("fe80::1", 80, scope=2),
            "[fe80::1%2]:80",
        ),
        ({"family": "AF_UNIX", "path": "near-1"}, Address.unix("near-1"), "unix:near-1"),
        ({"family": "AF_UNIX", "abstract": "x"}, Address.unix(abstract="x"), "unix:@x"),
        ({"family": "AF_UNIX", "unnamed": True}, Address.unix(), "unix:unnamed"),
        ({"family": "AF_UNSPEC"}, Address("AF_UNSPEC"), "AF_UNSPEC"),
        ({"none": True}, NO_ADDRESS, "no address"),
    ],
)
def test_addresses(value: dict[str, Any], address: Address, text: str) -> None:
    found = the("getsockname", 0, saw={"address": value}).address
    assert found == address
    assert str(found) == text
    assert the("bind", 0, args={"address": value}).argument_address == address
    assert view(model.Note(name="a", value=value, t=0)).address("a") == address


@pytest.mark.parametrize(
    "value",
    [
        None,
        "127.0.0.1:80",
        {},
        {"family": 2},
        {"family": "AF_INET", "port": 80},
        {"family": "AF_INET", "host": "127.0.0.1"},
        {"family": "AF_INET", "host": "127.1", "port": 80},
        {"family": "AF_INET", "host": "::1", "port": 80},
        {"family": "AF_INET", "host": "127.0.0.1\0", "port": 80},
        {"family": "AF_INET", "host": "\ud800", "port": 80},
        {"family": "AF_INET", "host": "127.0.0.1", "port": "80"},
        {"family": "AF_INET", "host": "127.0.0.1", "port": True},
        {"family": "AF_INET", "host": "127.0.0.1", "port": -1},
        {"family": "AF_INET", "host": "127.0.0.1", "port": 65536},
        {"family": "AF_INET6", "host": "::1", "port": 80, "scope": "lo"},
        {"family": "AF_INET6", "host": "::1", "port": 80, "flow": None},
        {"family": "AF_UNIX"},
        {"family": "AF_UNIX", "path": 3},
        {"family": "AF_UNIX", "abstract": None},
    ],
)
def test_nonsense_for_an_address_is_not_observed(value: object) -> None:
    with pytest.raises(NotObserved, match=r"the record's address of getsockname\(\)"):
        _ = the("getsockname", 0, saw={"address": value}).address
    with pytest.raises(NotObserved, match=r"the record's address for bind\(\)"):
        _ = the("bind", 0, args={"address": value}).argument_address
    with pytest.raises(NotObserved, match="the record's note 'a'"):
        view(model.Note(name="a", value=value, t=0)).address("a")


def test_addresses_differ_by_every_part() -> None:
    different = {
        Address.inet("127.0.0.1", 1),
        Address.inet("127.0.0.1", 2),
        Address.inet("127.0.0.2", 1),
        Address.inet6("::1", 1),
        Address.inet6("::1", 1, scope=1),
        Address.unix(),
        Address.unix("a"),
        Address.unix(abstract="a"),
        NO_ADDRESS,
    }
    assert len(different) == 9


def test_a_wrong_literal_is_the_checks_fault() -> None:
    with pytest.raises(CheckError, match="'localhost' is no address of AF_INET"):
        Address.inet("localhost", 1)
    with pytest.raises(CheckError, match="AF_INET6"):
        Address.inet6("127.0.0.1", 1)


def test_an_address_that_was_not_written() -> None:
    nothing = {"length_in": 16, "length": 0, "touched": 0}
    assert the("recvfrom", 5, saw=nothing).address == NO_ADDRESS
    assert the("getpeername", -1, errno="ENOTCONN").address == NO_ADDRESS
    with pytest.raises(NotObserved, match="address"):
        _ = the("getsockname", 0).address
    with pytest.raises(NotObserved, match="address"):
        _ = the("getsockname", 0, saw={"touched": 16}).address


# --- findings ------------------------------------------------------------------------------------


def test_success_and_failure() -> None:
    assert holds(the("recv", 0).succeeded())
    assert holds(the("freeaddrinfo", None).succeeded())
    assert not holds(the("recv", -1, errno="EAGAIN").succeeded())
    assert not holds(the("recv", -1).succeeded())
    assert not holds(the("if_nametoindex", None, errno="ENODEV").succeeded())


@pytest.mark.parametrize("call", ["bind", "connect", "getsockname", "listen", "setsockopt"])
def test_a_call_that_returns_0_succeeds_with_no_other_number(call: str) -> None:
    assert holds(the(call, 0).succeeded())
    assert not holds(the(call, 1).succeeded())


def test_an_address_is_given_by_a_call_that_succeeds() -> None:
    saw = {"address": {"family": "AF_INET", "host": "192.0.2.1", "port": 7}, "length": 16}
    address = Address.inet("192.0.2.1", 7)
    assert holds(the("getpeername", 0, saw=saw).gave_address(address))
    assert not holds(the("getpeername", 1, saw=saw).gave_address(address))
    assert holds(the("accept", 4, saw=saw).gave_address(address))


def test_failed_with_takes_result_and_errno_together() -> None:
    failed = the("connect", -1, errno="ECONNREFUSED", args={"fd": 3})
    assert holds(failed.failed_with("ECONNREFUSED"))
    assert holds(failed.failed_with("ETIMEDOUT", "ECONNREFUSED"))
    assert not holds(failed.failed_with("ETIMEDOUT"))
    assert not holds(the("connect", 0, errno="ECONNREFUSED").failed_with("ECONNREFUSED"))
    assert not holds(the("connect", -1).failed_with("ECONNREFUSED"))
    assert holds(the("inet_ntop", None, errno="ENOSPC").failed_with("ENOSPC"))
    with pytest.raises(CheckError):
        failed.failed_with()
    assert repr(failed.failed_with("A", "B")) == (
        "expected connect() = -1 A or B; observed connect(fd=3) = -1 ECONNREFUSED"
    )


def test_a_returned_value() -> None:
    assert holds(the("recv", 5).returned(5))
    assert not holds(the("recv", 5).returned(4))
    assert holds(the("inet_ntoa", "127.0.0.1").returned("127.0.0.1"))
    assert holds(the("inet_ntop", None).returned(None))


def test_a_return_is_a_moment_too() -> None:
    view_ = the("recv", 5, t_in=1000, t_out=2500)
    assert (view_.entered.t, view_.returned.t) == (1000, 2500)
    assert str(view_.entered) == "recv() was entered at 1.0 µs"
    assert str(view_.returned) == "recv() had returned at 2.5 µs"


def test_a_moment_taken_for_a_finding_is_the_checks_fault() -> None:
    with pytest.raises(CheckError, match="neither true nor false"):
        assert the().returned
    with pytest.raises(CheckError, match="neither true nor false"):
        assert the().entered


def test_left_untouched() -> None:
    failed = the(
        "getpeername",
        -1,
        errno="ENOTCONN",
        saw={"length_in": 128, "length": 128, "touched": 0, "behind": 0, "overrun": 0},
    )
    assert holds(failed.left_untouched("address"))
    assert holds(failed.left_untouched("address", "length", "data"))
    gave = the("getpeername", 0, saw={"length_in": 128, "length": 16, "touched": 8})
    assert not holds(gave.left_untouched("address"))
    assert not holds(gave.left_untouched("length"))
    assert repr(gave.left_untouched("address", "length")) == (
        "expected getpeername() to leave address and length untouched; observed "
        "8 bytes of the address changed; the length changed from 128 to 16"
    )
    with pytest.raises(CheckError):
        gave.left_untouched("adress")
    with pytest.raises(CheckError):
        gave.left_untouched()
    with pytest.raises(NotObserved, match="touched"):
        the("getpeername", -1).left_untouched("address")


@pytest.mark.parametrize(
    ("result", "behind", "overrun", "untouched"),
    [(-1, 0, 0, True), (0, 0, 0, True), (5, 0, 0, False), (-1, 1, 0, False), (0, 0, 1, False)],
)
def test_untouched_data(result: int, behind: int, overrun: int, untouched: bool) -> None:
    got = the("recv", result, saw={"behind": behind, "overrun": overrun})
    assert holds(got.left_untouched("data")) is untouched


def test_gave_address() -> None:
    saw = {"address": {"family": "AF_INET", "host": "127.0.0.1", "port": 7}, "length": 16}
    gave = the("getsockname", 0, saw=saw)
    assert holds(gave.gave_address(Address.inet("127.0.0.1", 7)))
    assert holds(gave.gave_address(Address.inet("127.0.0.1", 7), length=16))
    assert not holds(gave.gave_address(Address.inet("127.0.0.1", 7), length=28))
    assert not holds(gave.gave_address(Address.inet("127.0.0.1", 8)))
    failed = the("getsockname", -1, errno="EBADF", saw=saw)
    assert not holds(failed.gave_address(Address.inet("127.0.0.1", 7)))
    assert "EBADF" in str(failed.gave_address(Address.inet("127.0.0.1", 7)).observed)
    failed = the("getpeername", -1, errno="ENOTCONN")
    assert not holds(failed.gave_address(NO_ADDRESS, length=16))


# --- which call ----------------------------------------------------------------------------------


def test_the_only_call() -> None:
    seen = view(
        model.Step(name="first", t=50),
        call("recv", 1),
        call("recv", 2, who="sleeper"),
        model.Step(name="second", t=300),
        call("recv", 3, t_in=400, side="far"),
    )
    assert seen.the("recv", step="second").result == 3
    assert seen.the("recv", who="sleeper").result == 2
    assert seen.the("recv", step="first", who="main").result == 1
    assert seen.the("recv", side="far").result == 3
    assert [found.result for found in seen.calls("recv", step="first")] == [1, 2]
    assert [found.result for found in seen.calls()] == [1, 2, 3]
    assert seen.calls_if_any("send") == ()
    assert seen.last.result == 3
    with pytest.raises(CheckError, match=r"3 calls are recv\(\); say which one"):
        seen.the("recv")


def test_what_is_said_of_every_call_is_not_true_of_none() -> None:
    seen = view(model.Step(name="only", t=50), call("recv", 1))
    with pytest.raises(CheckError, match=r"no send\(\) on the far host; there are: recv"):
        seen.calls("send", side="far")
    with pytest.raises(CheckError, match="no call; there are: none"):
        view().calls()
    with pytest.raises(CheckError, match="no step; there are: none"):
        _ = view().steps


def test_a_call_that_is_not_there_is_the_checks_fault() -> None:
    seen = view(model.Step(name="only", t=50), call("recv", 1))
    with pytest.raises(CheckError, match=r"no send\(\); there are: recv\(\) = 1") as caught:
        seen.the("send")
    assert caught.value.status == 3
    with pytest.raises(CheckError, match=r"no recv\(\) by nobody"):
        seen.the("recv", who="nobody")
    with pytest.raises(CheckError, match="no step 'other'; there are: only"):
        seen.the("recv", step="other")
    with pytest.raises(CheckError, match="no step 'other'"):
        seen.calls("recv", step="other")
    with pytest.raises(CheckError, match="no step 'other'"):
        seen.asleep("recv", step="other")
    with pytest.raises(CheckError, match="no any call"):
        _ = view().last


def test_a_call_belongs_to_the_step_in_which_it_was_entered() -> None:
    seen = view(
        call("socket", t_in=10),
        model.Step(name="waiting", t=100),
        model.Step(name="sending", t=200),
        call("send", t_in=210, t_out=220),
        call("recv", t_in=110, t_out=230, who="sleeper"),
        model.Step(name="over", t=300),
        call("close", t_in=300, t_out=310),
    )
    assert [found.step for found in seen.calls()] == [None, "sending", "waiting", "over"]
    assert seen.steps == ("waiting", "sending", "over")
    assert seen.step_of(seen.the("recv")) == "waiting"


def test_notes() -> None:
    seen = view(
        model.Note(name="backlog", value=5, t=0),
        model.Note(name="port", value="x", t=0),
        model.Note(name="twice", value=1, t=0),
        model.Note(name="twice", value=2, t=0),
    )
    assert seen.note("backlog") == 5
    assert seen.number("backlog") == 5
    assert seen.text("port") == "x"
    assert seen.notes("twice") == (1, 2)
    assert seen.notes("none") == ()
    with pytest.raises(CheckError, match="2 notes are 'twice'"):
        seen.note("twice")
    with pytest.raises(CheckError, match="no note 'none'; there are: backlog; port"):
        seen.note("none")
    with pytest.raises(NotObserved, match="note 'port' is no integer"):
        seen.number("port")
    with pytest.raises(NotObserved, match="note 'backlog' is no string"):
        seen.text("backlog")


# --- asleep --------------------------------------------------------------------------------------


def look(
    t: int, asleep: bool = True, who: str = "sleeper", name: str = "recv", how: Any = "thread state"
) -> model.Asleep:
    return model.Asleep(call=name, who=who, t=t, asleep=asleep, how=how)


def test_asleep() -> None:
    seen = view(
        model.Step(name="one", t=10),
        look(20),
        model.Step(name="two", t=30),
        look(40, asleep=False),
        look(50, who="other", how="time limit"),
    )
    assert holds(seen.asleep("recv", step="one"))
    assert not holds(seen.asleep("recv", step="two", who="sleeper"))
    assert holds(seen.asleep("recv", who="other"))
    assert "did not return for a while" in repr(seen.asleep("recv", who="other"))
    assert "had returned before it was seen asleep" in repr(
        seen.asleep("recv", step="two", who="sleeper")
    )
    with pytest.raises(CheckError, match="say which one"):
        seen.asleep("recv")
    with pytest.raises(CheckError, match=r"no look at connect\(\)"):
        seen.asleep("connect")


@pytest.mark.parametrize(
    ("looks", "slept"),
    [
        ([look(150)], True),
        ([look(250, asleep=False)], False),
        ([look(50), look(150)], True),
        ([look(150), look(350)], True),
        ([look(350), look(250, asleep=False)], False),
    ],
)
def test_a_call_that_slept(looks: list[model.Asleep], slept: bool) -> None:
    seen = view(call("recv", 1, who="sleeper"), *looks)
    assert holds(seen.the("recv").slept()) is slept


@pytest.mark.parametrize("looks", [[], [look(150, who="main")]])
def test_a_call_that_nobody_looked_at(looks: list[model.Asleep]) -> None:
    with pytest.raises(CheckError, match="no look at"):
        view(call("recv", 1, who="sleeper"), *looks).the("recv").slept()


@pytest.mark.parametrize("looks", [[look(50)], [look(350)]])
def test_a_call_that_was_missed(looks: list[model.Asleep]) -> None:
    with pytest.raises(NotObserved, match="no look at"):
        view(call("recv", 1, who="sleeper"), *looks).the("recv").slept()


def test_got_just_is_about_all_of_the_memory() -> None:
    data = b"hello"
    saw = {"data": data.hex(), "behind": 0, "overrun": 0}
    assert holds(the(result=5, saw=saw).got_just(data))
    assert not holds(the(result=5, saw=saw).got_just(b"other"))
    assert not holds(the(result=4, saw=saw).got_just(data))
    assert not holds(the(result=5, saw={**saw, "behind": 1}).got_just(data))
    assert not holds(the(result=5, saw={**saw, "overrun": 1}).got_just(data))
    assert not holds(the(result=-1, errno="EAGAIN").got_just(b""))
    saw["data"] = pattern(5, 3, seed=2).hex()
    assert holds(the(result=5, saw=saw).got_just_pattern(5, 3, seed=2))
    assert not holds(the(result=5, saw=saw).got_just_pattern(5))
    assert not holds(the(result=5, saw={**saw, "overrun": 1}).got_just_pattern(5, 3, seed=2))


def test_a_part_of_the_data_was_taken() -> None:
    for result, part in ((0, False), (1, True), (99, True), (100, False), (-1, False)):
        write = the("write", result, args={"size": 100})
        assert write.count == max(0, result)
        assert holds(write.took_a_part()) is part


def test_bytes_that_were_received_in_order() -> None:
    def got(size: int, offset: int, behind: int = 0) -> CallView:
        data = pattern(size, offset, seed=1).hex()
        return the(result=size, saw={"data": data, "behind": behind, "overrun": 0})

    assert holds(got_in_order([got(5, 0), got(7, 5)], 12, seed=1))
    assert holds(got_in_order([], 0))
    assert not holds(got_in_order([got(5, 0), got(7, 5)], 12))
    assert not holds(got_in_order([got(5, 0), got(7, 5)], 13, seed=1))
    assert not holds(got_in_order([got(5, 0), got(7, 4)], 12, seed=1))
    assert not holds(got_in_order([got(5, 0, behind=1), got(7, 5)], 12, seed=1))
    assert not holds(got_in_order([got(12, 0), the(result=-1, errno="EAGAIN")], 12, seed=1))


def wrote(data: bytes, result: int) -> model.Call:
    return call("write", result, args={"data": data.hex()})


def received(data: bytes) -> model.Call:
    return call("recv", len(data), saw={"data": data.hex(), "behind": 0, "overrun": 0})


@pytest.mark.parametrize(
    ("calls", "lives"),
    [
        ((wrote(b"one", 3), received(b"one"), wrote(b"two", 3), received(b"two")), True),
        ((call("dup", 5), wrote(b"one", 3), call("close"), received(b"one")), True),
        ((wrote(b"one", 3), received(b"two"), wrote(b"two", 3), received(b"two")), False),
        ((wrote(b"one", 2), received(b"one")), False),
        ((received(b"one"), wrote(b"one", 3)), False),
        ((call("dup", 5),), False),
        ((), False),
    ],
)
def test_a_conversation_that_lives(calls: tuple[model.Call, ...], lives: bool) -> None:
    assert holds(alive(view(*calls).calls_if_any())) == lives


# --- order and packets ---------------------------------------------------------------------------


def udp(payload: bytes, **fields: Any) -> model.RawPacket:
    inside = struct.pack("!HHHH", 40001, 5, 8 + len(payload), 0) + payload
    return packet(inside, 17, **fields)


def packet(inside: bytes, protocol: int, **fields: Any) -> model.RawPacket:
    hosts = socket.inet_aton("192.0.2.1") + socket.inet_aton("192.0.2.2")
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(inside), 0, 0, 64, protocol, 0)
    data = header + hosts + inside
    defaults = {"t": 0, "dir": "out", "dev": "near", "len": len(data), "bytes": data.hex()}
    return model.RawPacket(**{**defaults, **fields})


def fence(n: int, t: int) -> model.RawPacket:
    return udp(b"sockspec fence %d" % n, t=t)


IGMP = packet(bytes([0x16]) + bytes(7), 2, t=160)


def test_packets_are_what_was_sent_on_purpose() -> None:
    raw = (udp(b"b", t=300), udp(b"a", t=150), IGMP, fence(1, 400))
    seen = view(call(t_in=100, t_out=200), packets=raw)
    assert [found.t for found in seen.all_packets] == [150, 160, 300, 400]
    assert [found.n for found in seen.all_packets] == [0, 1, 2, 3]
    assert [found.payload for found in seen.packets] == [b"a", b"b"]
    assert seen.fence(1).t == 400


def test_packets_by_moments() -> None:
    raw = (udp(b"a", t=50), udp(b"b", t=150), udp(b"c", t=250), fence(1, 400), udp(b"d", t=500))
    seen = view(call(t_in=100, t_out=200), model.Fence(n=1, t=399), packets=raw)
    recv, marker = seen.the("recv"), seen.fence(1)

    def payloads(found: tuple[Any, ...]) -> bytes:
        return b"".join(one.payload for one in found)

    assert payloads(seen.packets_before(recv)) == b"a"
    assert payloads(seen.packets_before(recv.returned)) == b"ab"
    assert payloads(seen.packets_after(recv)) == b"cd"
    assert payloads(seen.packets_after(recv.entered)) == b"bcd"
    assert payloads(seen.packets_during(recv)) == b"b"
    assert payloads(seen.packets_between(recv, marker)) == b"c"
    assert payloads(seen.packets_between(recv.entered, marker)) == b"bc"
    assert payloads(seen.packets_after(marker)) == b"d"
    assert payloads(seen.packets_before(seen.packets[1])) == b"a"
    assert payloads(seen.packets_between(marker, recv)) == b""


def test_packets_by_their_ends() -> None:
    raw = (udp(b"a", t=50), packet(struct.pack("!HHHH", 7, 5, 9, 0) + b"b", 17, t=60))
    seen = view(packets=raw)
    source, to = Address("AF_INET", "192.0.2.1", 7), Address("AF_INET", "192.0.2.2", 5)
    assert [found.payload for found in seen.packets_from()] == [b"a", b"b"]
    assert [found.payload for found in seen.packets_from(to=to)] == [b"a", b"b"]
    assert [found.payload for found in seen.packets_from(source, to)] == [b"b"]
    assert not seen.packets_from(to, source)
    assert not seen.stream(to=to).packets


def test_markers_around_a_call() -> None:
    raw = (fence(1, 50), fence(2, 250), fence(3, 300))
    events = [model.Fence(n=n, t=t) for n, t in ((1, 40), (2, 240), (3, 290))]
    seen = view(events[0], call(t_in=100, t_out=200), *events[1:], packets=raw)
    assert [marker.fence for marker in seen.fences] == [1, 2, 3]
    assert [marker.fence for marker in seen.fences_around(seen.the("recv"))] == [1, 2]
    late = view(*events, call(t_in=350), packets=raw)
    with pytest.raises(CheckError, match="no fence before and after"):
        late.fences_around(late.the("recv"))
    with pytest.raises(NotObserved, match="no packets are captured"):
        assert view(call(), packets=None).fences


def test_nothing_sent() -> None:
    raw = (udp(b"x", t=250, dir="in"), fence(1, 300), udp(b"y", t=350), fence(2, 400))
    seen = view(call(t_in=100, t_out=200), packets=raw)
    recv = seen.the("recv")
    assert holds(seen.nothing_sent_between(recv.entered, seen.fence(1)))
    assert seen.sent_between(recv.entered, seen.fence(1)) == ()
    assert [p.payload for p in seen.sent_between(recv.entered, seen.fence(2))] == [b"y"]
    found = seen.nothing_sent_between(recv.entered, seen.fence(2))
    assert not holds(found)
    assert found.observed == "UDP 192.0.2.1:40001 > 192.0.2.2:5 len 1"
    assert found.expected.startswith("nothing sent between recv() was entered at 0.1 µs and UDP")


def test_order() -> None:
    seen = view(
        call("connect", t_in=100, t_out=200),
        call("close", t_in=300, t_out=400),
        packets=(udp(b"a", t=250), udp(b"b", t=250)),
    )
    connect, close = seen.the("connect"), seen.the("close")
    a, b = seen.packets
    assert holds(seen.before(connect, close))
    assert not holds(seen.before(close, connect))
    assert holds(seen.before(connect.returned, a))
    assert not holds(seen.before(a, connect.returned))
    assert holds(seen.before(a, b))
    assert not holds(seen.before(b, a))
    assert repr(seen.before(connect.returned, close.entered)) == (
        "expected connect() had returned at 0.2 µs before close() was entered at 0.3 µs; "
        "observed 0.1 µs before it"
    )


def test_one_time_is_no_order() -> None:
    seen = view(call(t_in=100, t_out=200), packets=(udp(b"a", t=200),))
    recv = seen.the("recv")
    for ask in (
        lambda: seen.before(recv.returned, seen.packets[0]),
        lambda: seen.before(Edge(200, "then"), recv.returned),
        lambda: seen.packets_after(recv),
        lambda: seen.packets_before(recv.returned),
    ):
        with pytest.raises(NotObserved, match="both at one time"):
            ask()


# --- two hosts -----------------------------------------------------------------------------------


def segment(flags: int, *, back: bool = False, port: int = 40001, **fields: Any) -> model.RawPacket:
    """A TCP segment from the near host to the far one, or back."""
    ports = (5, port) if back else (port, 5)
    inside = struct.pack("!HHIIBBHHH", *ports, 1, 0, 0x50, flags, 9, 0, 0)
    found = packet(inside, 6, **{"dir": "in" if back else "out", **fields})
    if not back:
        return found
    here, there = (socket.inet_aton(host).hex() for host in ("192.0.2.1", "192.0.2.2"))
    turned = found.bytes.replace(here + there, there + here)
    return msgspec.structs.replace(found, bytes=turned)


ICMP = packet(bytes([3, 3]) + bytes(6), 1, t=40, dir="in")
MADE = (segment(2, t=10), segment(0x12, back=True, t=20), segment(0x10, t=30))


def test_what_each_host_sent() -> None:
    raw = (*MADE, ICMP, udp(b"a", t=50), fence(1, 60))
    seen = view(packets=raw, stage="wire")
    assert [p.t for p in seen.sent()] == [10, 30, 50]
    assert [p.t for p in seen.received()] == [20, 40]
    assert [p.t for p in seen.sent("TCP")] == [10, 30]
    assert [p.t for p in seen.received("ICMP")] == [40]
    assert [p.t for p in seen.received("ICMPv6")] == [40]
    assert not seen.received("UDP")


def test_icmp_is_that_of_either_family() -> None:
    six = struct.pack("!IHBB32s", 6 << 28, 8, 58, 64, bytes(32)) + bytes([1, 4]) + bytes(6)
    raw = model.RawPacket(t=5, dir="in", dev="near", len=len(six), bytes=six.hex())
    seen = view(packets=(raw,), stage="wire")
    assert seen.received("ICMP") == seen.received("ICMPv6") == seen.packets
    assert not seen.received("TCP")


def test_on_loopback_all_is_sent_and_received() -> None:
    seen = view(packets=(udp(b"a", t=50, dev="lo"),))
    assert seen.sent() == seen.received() == seen.packets


@pytest.mark.parametrize("stage", ["pair", "wire"])
@pytest.mark.parametrize(
    ("family", "near", "far"),
    [("inet", "192.0.2.1", "192.0.2.2"), ("inet6", "2001:db8::1", "2001:db8::2")],
)
def test_the_hosts_of_a_stage(stage: str, family: str, near: str, far: str) -> None:
    assert view(stage=stage, variant={"family": family}).hosts == (near, far)


def test_a_stream_knows_both_ends() -> None:
    seen = view(packets=MADE, stage="pair")
    near = Address("AF_INET", "192.0.2.1", 40001)
    stream = seen.stream(near)
    assert [p.t for p in stream.packets] == [10, 30]
    assert [p.t for p in stream.other.packets] == [20]
    assert stream == seen.near_stream
    assert seen.stream(to=near) == stream.other


def test_the_only_connection() -> None:
    with pytest.raises(NotObserved, match="no packet of TCP"):
        view(packets=(ICMP,), stage="wire").near_stream  # noqa: B018
    other = segment(0x14, back=True, port=40002, t=40)
    with pytest.raises(CheckError, match="2 TCP connections"):
        view(packets=(*MADE, other), stage="wire").near_stream  # noqa: B018


def test_an_exchange() -> None:
    again = segment(2, t=15)
    seen = view(packets=(MADE[0], again, *MADE[1:], ICMP), stage="wire")
    found = seen.exchange("> SYN", "< SYN+ACK", "> ACK", "< ICMP")
    assert holds(found)
    assert found.packet(1).t == 20
    assert not holds(seen.exchange("> SYN", "< ICMP"))
    assert holds(seen.exchange("> SYN", "< SYN+ACK"))
    assert not holds(seen.exchange("> SYN", "< SYN+ACK", whole=True))
    after = seen.packets_after(seen.packets[0])
    assert holds(seen.exchange("> SYN", "< SYN+ACK", among=after))
    late = seen.packets_after(seen.packets[1])
    assert not holds(seen.exchange("> SYN", among=late))
    with pytest.raises(CheckError, match="no packet of an exchange"):
        seen.exchange("> SIN")


def test_what_was_sent_again_is_known_from_all_packets() -> None:
    raw = (segment(2, t=10), segment(0x12, back=True, t=20), segment(2, t=30), ICMP)
    seen = view(packets=raw, stage="wire")
    after = seen.packets_after(seen.packets[0])
    assert holds(seen.exchange("< SYN+ACK", "< ICMP", among=after))


def test_an_exchange_needs_two_hosts() -> None:
    seen = view(packets=MADE)
    with pytest.raises(CheckError, match="needs a stage of two hosts"):
        seen.exchange("> SYN")
    with pytest.raises(CheckError, match="needs a stage of two hosts"):
        seen.near_stream  # noqa: B018
    none = view(packets=None, stage="host")
    with pytest.raises(NotObserved, match="no packets are captured"):
        none.exchange("> SYN")
    with pytest.raises(NotObserved, match="no packets are captured"):
        none.near_stream  # noqa: B018


# --- gaps ----------------------------------------------------------------------------------------


def test_a_gap_is_the_longest_that_it_can_be() -> None:
    seen = view(
        call("connect", t_in=100, t_out=400), call("close", t_in=600, t_out=900), packets=MADE
    )
    connect, close = seen.the("connect"), seen.the("close")
    first, last = seen.packets[0], seen.packets[2]
    assert seen.gap(connect, connect) == 300
    assert seen.gap(connect, close) == 800
    assert seen.gap(connect.entered, close.entered) == 500
    assert seen.gap(first, last) == 20
    assert seen.gap(last, first) == -20
    assert seen.gap(first, close.returned) == 890
    with pytest.raises(CheckError, match="a gap begins at an entry"):
        seen.gap(connect.returned, close)


def test_at_least() -> None:
    seen = view(call("connect", t_in=1000, t_out=4000), packets=MADE)
    connect = seen.the("connect")
    assert holds(seen.at_least(connect, connect, 3000))
    found = seen.at_least(connect, connect.returned, 3001)
    assert not holds(found)
    assert repr(found) == (
        "expected at least 3.0 µs from connect() was entered at 1.0 µs to connect() had returned "
        "at 4.0 µs; observed 3.0 µs"
    )
    recv = view(call(), clock_step=5000).the("recv")
    with pytest.raises(NotObserved, match="the wall clock was set"):
        recv.record.at_least(recv, recv, 1)


def test_noise_is_the_longest_wait_of_a_marker() -> None:
    events = [model.Fence(n=n, t=t) for n, t in ((1, 40), (2, 240), (3, 290))]
    raw = (fence(1, 50), fence(2, 270), fence(3, 300))
    assert view(*events, packets=raw).noise() == 30
    assert view(model.Fence(n=1, t=60), packets=raw).noise() == 0
    with pytest.raises(NotObserved, match="no marker"):
        view(packets=raw).noise()
    with pytest.raises(NotObserved, match="not captured"):
        view(*events).noise()


def test_a_marker_that_is_not_there() -> None:
    with pytest.raises(NotObserved, match="marker 1 was sent, and not captured"):
        view(model.Fence(n=1, t=0)).fence(1)
    with pytest.raises(CheckError, match="no fence 2; there are: 1"):
        view(model.Fence(n=1, t=0)).fence(2)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"packets": None}, "no packets are captured on stage lo"),
        ({"packets_lost": 3}, "the witness lost 3 packets"),
        ({"clock_step": 1001}, "the wall clock was set by 1.0 µs during the job"),
        ({"clock_step": -5_000_000}, "the wall clock was set by -5000.0 µs during the job"),
    ],
)
def test_a_witness_that_is_no_good(fields: dict[str, Any], why: str) -> None:
    seen = view(call(), **fields)
    for ask in (
        lambda: seen.packets,
        lambda: seen.all_packets,
        lambda: seen.fence(1),
        lambda: seen.packets_after(seen.the("recv")),
        lambda: seen.nothing_sent_between(Edge(0, "a"), Edge(1, "b")),
    ):
        with pytest.raises(NotObserved) as caught:
            ask()
        assert caught.value.why == why


def test_a_clock_that_was_set_orders_nothing() -> None:
    seen = view(model.Step(name="one", t=0), call(), look(150, who="main"), clock_step=5000)
    recv = seen.the("recv")
    for ask in (
        lambda: seen.before(recv, Edge(500, "end")),
        lambda: seen.the("recv", step="one"),
        lambda: seen.step_of(recv),
        lambda: seen.asleep("recv", step="one"),
        recv.slept,
    ):
        with pytest.raises(NotObserved, match="the wall clock was set"):
            ask()
    assert view(call(), clock_step=1000).packets == ()


# --- records that end too early ------------------------------------------------------------------

FAULT = model.Fault(what="socket(family(), SOCK_DGRAM, 0)", where="a.c:9", errno="EMFILE", t=1)


@pytest.mark.parametrize(
    ("events", "fields", "why"),
    [
        (
            (FAULT,),
            {"end": model.End(how="exit", status=3)},
            "set-up failed: socket(family(), SOCK_DGRAM, 0) EMFILE at a.c:9",
        ),
        (
            (call("connect"),),
            {
                "end": model.End(
                    how="limit", stuck=(model.Thread(id=1, state="S", syscall="connect"),)
                ),
                "cost": {"probe": 10_000_400_000},
            },
            "the probe hung in connect (state S) and was ended after 10000 ms",
        ),
        ((call("connect"),), {"end": model.End(how="limit")}, "the probe hung after connect"),
        (
            (call("getpeername"),),
            {"end": model.End(how="signal", status=11, signal="SIGSEGV")},
            "the probe died of SIGSEGV after getpeername",
        ),
        ((), {"end": model.End(how="signal", status=9)}, "the probe died of signal 9 before"),
        (
            (DONE,),
            {"end": model.End(how="exit", status=1)},
            "the probe exited with status 1 before its first call",
        ),
        ((DONE,), {"end": model.End(how="agent", why="no memory")}, "the agent failed: no memory"),
        ((DONE,), {"end": model.End(how="agent")}, "the agent failed: it does not say why"),
        (
            (DONE,),
            {"output": model.Output(nonsense=("hello\x1b[2J",))},
            "the probe's log has 1 lines of nonsense: 'hello\\x1b[2J'",
        ),
        (
            (DONE,),
            {"output": model.Output(dropped_bytes=7)},
            "the probe's log was cut: 7 bytes too many",
        ),
        ((call("connect"),), {}, "the probe's log has no end after connect"),
        ((), {}, "the probe's log has no end before its first call"),
    ],
)
def test_why_a_record_is_incomplete(
    events: tuple[model.Event, ...], fields: dict[str, Any], why: str
) -> None:
    found = why_incomplete(record(*events, **fields))
    assert found is not None
    assert found.replace("\\\\", "\\").startswith(why)
    assert found.isprintable()
    seen = RecordView(record(*events, **fields))
    for ask in asks_in_vain(seen):
        with pytest.raises(NotObserved) as caught:
            ask()
        assert caught.value.why == found


def asks_in_vain(seen: RecordView) -> Iterator[Callable[[], object]]:
    yield lambda: seen.the("absent")
    yield lambda: seen.the("absent", step="absent")
    yield lambda: seen.calls("absent")
    yield lambda: seen.last
    yield lambda: seen.note("absent")
    yield lambda: seen.notes("absent")
    yield lambda: seen.asleep("absent")
    yield lambda: seen.fence(99)


def test_a_complete_record_is_complete() -> None:
    assert why_incomplete(record(call(), DONE)) is None
    assert why_unsupported(record(call(), DONE)) is None


def test_what_an_incomplete_record_has_can_be_read() -> None:
    seen = RecordView(record(call("recv", 5), end=model.End(how="limit")))
    assert holds(seen.the("recv").returned(5))


def test_an_unsupported_thing() -> None:
    lacking = model.Unsupported(what="socket(AF_INET6)", errno="EAFNOSUPPORT", t=0)
    seen = RecordView(record(call(), lacking))
    assert seen.why_incomplete is None
    assert why_unsupported(seen.record) == "socket(AF_INET6) EAFNOSUPPORT"
    for ask in asks_in_vain(seen):
        with pytest.raises(Unsupported, match=r"socket\(AF_INET6\) EAFNOSUPPORT"):
            ask()


def test_a_fault_outranks_what_is_unsupported() -> None:
    seen = RecordView(record(model.Unsupported(what="x", t=0), FAULT))
    with pytest.raises(NotObserved, match="set-up failed"):
        seen.the("recv")


# --- hostile records -----------------------------------------------------------------------------

keys = st.sampled_from(
    "address length length_in touched behind overrun data crc32 fds msg_flags family host port "
    "scope flow path abstract unnamed none value".split()
) | st.text(max_size=5)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.just(2**200)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(("AF_INET", "AF_UNIX", "AF_INET6", "::1", "00", "6162", "MSG_TRUNC")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(keys, json_values, max_size=8)
times = st.integers(-5, 50)
names = st.sampled_from(("recv", "a", "\x1b]0;x\x07", "\u202e", ""))

events = st.one_of(
    st.builds(
        model.Call,
        call=names,
        args=objects,
        t_in=times,
        t_out=times,
        result=st.none() | st.integers(-2, 3) | names | st.just(2**200),
        errno=st.none() | names,
        saw=objects,
        side=st.sampled_from(("near", "far")),
        who=names,
    ),
    st.builds(
        model.Asleep,
        call=names,
        who=names,
        t=times,
        asleep=st.booleans(),
        how=st.sampled_from(("thread state", "time limit")),
    ),
    st.builds(model.Step, name=names, t=times),
    st.builds(model.Note, name=names, value=json_values, t=times),
    st.builds(model.Fence, n=st.integers(-1, 2), t=times),
    st.builds(model.Fault, what=names, where=names, t=times, errno=st.none() | names),
    st.builds(model.Unsupported, what=names, t=times, errno=st.none() | names),
    st.builds(model.Done, t=times),
)
raw_packets = st.one_of(
    st.builds(fence, st.integers(0, 2), times),
    st.builds(udp, st.binary(max_size=5), t=times, dir=st.sampled_from(("in", "out"))),
    st.builds(
        model.RawPacket,
        t=times,
        dir=st.sampled_from(("in", "out")),
        dev=names,
        len=st.integers(-1, 100),
        bytes=st.text(max_size=20) | st.binary(max_size=100).map(bytes.hex),
    ),
)
records = st.builds(
    model.Record,
    job=names,
    probe=names,
    stage=names,
    hash=names,
    t0=times,
    end=st.builds(
        model.End,
        how=st.sampled_from(("exit", "exit", "exit", "signal", "limit", "agent")),
        status=st.sampled_from((0, 0, 0, 1, 2**200)),
        signal=st.none() | names,
        why=st.none() | names,
        stuck=st.lists(
            st.builds(model.Thread, id=times, state=names, syscall=names), max_size=2
        ).map(tuple),
    ),
    events=st.lists(events, max_size=8).map(tuple),
    packets=st.none() | st.lists(raw_packets, max_size=6).map(tuple),
    packets_lost=st.sampled_from((0, 0, 0, 1, -1)),
    clock_step=st.sampled_from((0, 0, 0, 10**9)),
    output=st.builds(
        model.Output,
        nonsense=st.lists(names, max_size=1).map(tuple),
        dropped_bytes=st.sampled_from((0, 0, 1)),
        stderr=names,
    ),
    cost=st.dictionaries(st.sampled_from(("probe", "stage")), st.integers(-1, 10**20)),
)


def all_of_a_call(seen: CallView) -> Iterator[Callable[[], object]]:
    """Everything that a check can ask of a call."""
    for name in (name for name in dir(CallView) if not name.startswith("_")):
        if isinstance(getattr(CallView, name), property | cached_property):
            yield partial(getattr, seen, name)
    yield seen.succeeded
    yield seen.slept
    yield lambda: seen.returned(0)
    yield lambda: seen.failed_with("ENOTCONN")
    yield lambda: seen.got(b"abc")
    yield lambda: seen.got_pattern(300)
    yield lambda: seen.gave_address(NO_ADDRESS, 0)
    for what in ("address", "length", "data"):
        yield partial(seen.left_untouched, what)
    for name in ("value", "data", "address"):
        yield partial(seen.number, name)
        yield partial(seen.text, name)
        yield partial(seen.names, name)
    yield lambda: str(seen)


def all_of_a_record(seen: RecordView) -> Iterator[Callable[[], object]]:
    """Everything that a check can ask of a record."""
    for name in (name for name in dir(RecordView) if not name.startswith("_")):
        if not callable(getattr(RecordView, name)):
            yield partial(getattr, seen, name)
    yield from asks_in_vain(seen)
    for name in ("recv", "a", ""):
        yield partial(seen.the, name)
        yield partial(seen.calls, name)
        yield partial(seen.the, name, step="a", who="a", side="far")
        yield partial(seen.asleep, name)
        yield partial(seen.asleep, name, step="a", who="a")
        yield partial(seen.number, name)
        yield partial(seen.text, name)
        yield partial(seen.address, name)
    yield partial(seen.fence, 1)
    yield lambda: seen.packets_between(seen.fence(1), seen.fence(2))
    moments: list[Edge | CallView] = [Edge(20, "then"), *seen._calls[:3]]
    for a in moments:
        yield partial(seen.packets_after, a)
        yield partial(seen.packets_before, a)
        for b in moments:
            yield partial(seen.before, a, b)
            yield partial(seen.nothing_sent_between, a, b)
            yield partial(seen.at_least, a, b, 5)
    yield seen.noise
    yield partial(seen.exchange, "> UDP", "< UDP", "> ICMP")
    yield partial(seen.exchange, "< UDP", whole=True)
    yield seen.sent
    yield partial(seen.received, "TCP")
    yield lambda: repr(seen)


def answer_to(ask: Callable[[], object]) -> object:
    """The answer, or why there is none."""
    try:
        return ask()
    except (NotObserved, Unsupported, CheckError) as why:
        return str(why)


@settings(deadline=None)
@given(records)
def test_a_hostile_record_is_never_a_surprise(hostile: model.Record) -> None:
    seen = RecordView(hostile)
    asked: list[Callable[[], object]] = [*all_of_a_record(seen)]
    for one in seen._calls:
        asked += all_of_a_call(one)
    for answer in map(answer_to, asked):
        if isinstance(answer, Finding | CallView | RecordView):
            assert repr(answer).isprintable()


@given(records)
def test_the_reason_for_no_answer_is_one_line(hostile: model.Record) -> None:
    seen = RecordView(hostile)
    for why in map(answer_to, asks_in_vain(seen)):
        assert str(why).isprintable()


def test_records_of_the_wire_are_read() -> None:
    line = b"""{"kind":"record","job":"a/b lo","probe":"a/b","stage":"lo","hash":"0","t0":0,
    "end":{"how":"exit"},"events":[
    {"e":"call","call":"getpeername","args":{"fd":3},"t_in":1300,"t_out":1900,"result":-1,
     "errno":"ENOTCONN","saw":{"length_in":128,"length":128,"touched":0}},{"e":"done","t":2}]}"""
    seen = RecordView(msgspec.json.decode(line, type=model.Record))
    assert holds(seen.the("getpeername").failed_with("ENOTCONN"))
    assert holds(seen.the("getpeername").left_untouched("address", "length"))


# --- findings and words --------------------------------------------------------------------------


def test_a_finding_prints_both_sides() -> None:
    assert repr(Finding(True, "a", "b\n")) == "expected a; observed b\\n"
    assert Finding(True, "", "")
    assert not Finding(False, "", "")


@given(st.text())
def test_visible_is_one_printable_line(text: str) -> None:
    assert visible(text).isprintable()
    if text.isprintable():
        assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", "a\\nb"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\u202eabc", "\\u202eabc"),
        ("\u2028", "\\u2028"),
        ("\ud800", "\\ud800"),
        ("é→", "é→"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_the_evidence_of_a_finding_stands_alone() -> None:
    bound = the("bind", 0)
    assert bound.succeeded().evidence == str(bound)
    assert Finding(True, "SYN before FIN", "1 µs before it").evidence == (
        "expected SYN before FIN; observed 1 µs before it"
    )
