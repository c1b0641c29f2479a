# SPDX-License-Identifier: Apache-2.0
"""A record as a trace for people."""

from __future__ import annotations

import socket
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sockspec import model
from sockspec.timeline import TimelineLine, as_text, timeline

BITS = {"FIN": 1, "SYN": 2, "RST": 4, "PSH": 8, "ACK": 16}


def record(*events: model.Event, **fields: Any) -> model.Record:
    defaults: dict[str, Any] = {
        "job": "a/b lo",
        "probe": "a/b",
        "stage": "lo",
        "hash": "0",
        "t0": 0,
        "end": model.End(how="exit"),
    }
    return model.Record(events=events, **{**defaults, **fields})


def ip(inside: bytes, protocol: int, source: str, destination: str) -> bytes:
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(inside), 0, 0, 64, protocol, 0)
    return header + socket.inet_aton(source) + socket.inet_aton(destination) + inside


def raw(data: bytes, **fields: Any) -> model.RawPacket:
    defaults = {"t": 0, "dir": "out", "dev": "lo", "len": len(data), "bytes": data.hex()}
    return model.RawPacket(**{**defaults, **fields})


def tcp(
    t: int, ports: tuple[int, int], flags: str, seq: int = 0, ack: int = 0, data: bytes = b""
) -> model.RawPacket:
    bits = sum(BITS[flag] for flag in flags.split("+"))
    segment = struct.pack("!HHIIBBHHH", *ports, seq, ack, 0x50, bits, 512, 0, 0) + data
    return raw(ip(segment, 6, "127.0.0.1", "127.0.0.1"), t=t)


def udp(t: int, data: bytes = b"", **fields: Any) -> model.RawPacket:
    datagram = struct.pack("!HHHH", 1, 2, 8 + len(data), 0) + data
    return raw(ip(datagram, 17, "192.0.2.1", "192.0.2.2"), t=t, **fields)


def call(name: str, t_in: int, t_out: int, **fields: Any) -> model.Call:
    return model.Call(call=name, t_in=t_in, t_out=t_out, **fields)


HANDSHAKE = record(
    model.Step(name="connecting", t=1_000),
    model.Note(name="port", value=5, t=1_500),
    call("accept", 9_000, 60_000, result=4, who="sleeper", side="far"),
    model.Asleep(call="accept", who="sleeper", t=9_500, asleep=True, how="thread state"),
    call("connect", 10_000, 50_000, args={"fd": 3}, result=0),
    call("recv", 70_000, 71_000, args={"fd": 3}, result=-1, errno="EAGAIN"),
    model.Fence(n=1, t=80_000),
    model.Done(t=90_000),
    packets=(
        tcp(30_000, (5, 40001), "SYN+ACK", 0xFFFFFFFF, 1001),
        tcp(20_000, (40001, 5), "SYN", 1000),
        tcp(40_000, (40001, 5), "ACK", 1001, 0),
        tcp(55_000, (5, 40001), "PSH+ACK", 0, 1001, b"hello"),
        udp(81_000, b"sockspec fence 1"),
        raw(ip(bytes([0x16]) + bytes(7), 2, "192.0.2.1", "224.0.0.22"), t=82_000),
    ),
)

TRACE = """\
              connecting:
      1.5 µs    port: 5
      9.0 µs    far sleeper: accept() = 4  (51.0 µs)
      9.5 µs    sleeper asleep in accept()
     10.0 µs    connect(fd=3) = 0  (40.0 µs)
     20.0 µs        --> SYN 127.0.0.1:40001 > 127.0.0.1:5 seq 0 len 0
     30.0 µs        <-- SYN+ACK 127.0.0.1:5 > 127.0.0.1:40001 seq 0 ack 1 len 0
     40.0 µs        --> ACK 127.0.0.1:40001 > 127.0.0.1:5 seq 1 ack 1 len 0
     55.0 µs        <-- PSH+ACK 127.0.0.1:5 > 127.0.0.1:40001 seq 1 ack 1 len 5
     70.0 µs    recv(fd=3) = -1 EAGAIN  (1.0 µs)
     80.0 µs    marker 1 sent
     81.0 µs        --> UDP 192.0.2.1:1 > 192.0.2.2:2 len 16 fence 1
     90.0 µs    done
"""


def test_a_handshake_reads_from_top_to_bottom() -> None:
    assert as_text(timeline(HANDSHAKE)) == TRACE


def test_the_lines_have_what_a_report_needs() -> None:
    lines = timeline(HANDSHAKE)
    assert [line.kind for line in lines] == (
        "step note call asleep call packet packet packet packet call fence packet done".split()
    )
    accept = lines[2]
    assert (accept.t, accept.t_end, accept.side, accept.who) == (9_000, 60_000, "far", "sleeper")
    assert [line.failed for line in lines if line.kind == "call"] == [False, False, True]


def test_on_two_hosts_the_arrow_is_the_direction() -> None:
    lines = timeline(
        record(
            model.Done(t=9),
            packets=(udp(1, dev="near", dir="in"), udp(2, dev="near", dir="out")),
        )
    )
    assert [(line.text[:3], line.side) for line in lines[:2]] == [("<--", "far"), ("-->", "near")]


def test_a_packet_without_a_syn_counts_from_what_is_seen_first() -> None:
    packets = (tcp(1, (1, 2), "ACK", 500, 700), tcp(2, (2, 1), "ACK", 710, 505))
    texts = [line.text for line in timeline(record(model.Done(t=3), packets=packets))]
    assert texts[0].endswith("seq 0 ack 0 len 0")
    assert texts[1].endswith("seq 10 ack 5 len 0")


def test_what_has_one_time_stays_in_the_order_of_the_log() -> None:
    events = [model.Note(name=str(n), value=n, t=5) for n in range(20)]
    lines = timeline(record(*events, model.Done(t=5), packets=(udp(5),)))
    assert [line.text for line in lines[:20]] == [f"{n}: {n}" for n in range(20)]
    assert [line.kind for line in lines[20:]] == ["done", "packet"]


def test_a_malformed_packet_is_shown_as_such() -> None:
    line = timeline(record(model.Done(t=9), packets=(raw(b"\x00"),)))[0]
    assert line.text == "--> malformed packet of 1 bytes: IP version 0"
    assert line.failed


def test_how_a_record_ended_is_said_last() -> None:
    hung = record(
        call("connect", 10_000, 20_000),
        end=model.End(how="limit", stuck=(model.Thread(id=1, state="S", syscall="connect"),)),
    )
    last = timeline(hung)[-1]
    assert last == TimelineLine(
        20_000, None, "fault", None, None, "the probe hung in connect (state S) and was ended", True
    )
    assert timeline(record())[0].text == "the probe's log has no end before its first call"


def test_a_fault_is_said_once() -> None:
    fault = model.Fault(what="bind()", where="a.c:1", errno="EPERM", t=5)
    lines = timeline(record(fault, end=model.End(how="exit", status=3)))
    assert [(line.kind, line.text) for line in lines] == [
        ("fault", "set-up failed: bind() EPERM at a.c:1")
    ]


def test_what_is_unsupported_is_no_failure() -> None:
    lines = timeline(record(model.Unsupported(what="socket()", errno="EAFNOSUPPORT", t=5)))
    assert [(line.kind, line.failed) for line in lines] == [("unsupported", False)]
    assert as_text(lines) == "      0.0 µs    unsupported: socket() EAFNOSUPPORT\n"


def test_a_lie_is_told_on_a_line_of_its_own() -> None:
    lines = timeline(record(model.Lie(call="recv\n", t=5), model.Done(t=9)))
    assert [(line.kind, line.failed) for line in lines] == [("lie", False), ("done", False)]
    assert as_text(lines[:1]) == "      0.0 µs    a lie is told: recv\\n\n"


# --- hostile records -----------------------------------------------------------------------------

names = st.sampled_from(("recv", "\x1b]0;x\x07", "\u202e\n", "<script>", "x" * 1000, ""))
times = st.integers(-(2**63), 2**63)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(names, values, max_size=4)
events = st.one_of(
    st.builds(
        model.Call,
        call=names,
        args=objects,
        t_in=times,
        t_out=times,
        result=st.none() | st.integers() | names,
        errno=st.none() | names,
        saw=objects,
        who=names,
        side=st.sampled_from(("near", "far")),
    ),
    st.builds(
        model.Asleep,
        call=names,
        who=names,
        t=times,
        asleep=st.booleans(),
        how=st.just("thread state"),
    ),
    st.builds(model.Step, name=names, t=times),
    st.builds(model.Note, name=names, value=values, t=times),
    st.builds(model.Fence, n=st.integers(), t=times),
    st.builds(model.Lie, call=names, t=times),
    st.builds(model.Fault, what=names, where=names, t=times, errno=st.none() | names),
    st.builds(model.Unsupported, what=names, t=times, errno=st.none() | names),
    st.builds(model.Done, t=times),
)
packets = st.builds(
    model.RawPacket,
    t=times,
    dir=st.sampled_from(("in", "out")),
    dev=names,
    len=st.integers(),
    bytes=names | st.binary(max_size=60).map(bytes.hex),
)


@settings(deadline=None)
@given(st.lists(events, max_size=8), st.none() | st.lists(packets, max_size=4), names)
def test_any_record_has_a_trace(
    told: list[model.Event], seen: list[model.RawPacket] | None, word: str
) -> None:
    hostile = record(
        *told,
        packets=None if seen is None else tuple(seen),
        end=model.End(how="signal", signal=word),
        output=model.Output(nonsense=(word,)),
    )
    lines = timeline(hostile)
    assert all(line.text.isprintable() for line in lines)
    assert as_text(lines).replace("\n", "").isprintable()
    assert as_text(lines).count("\n") == len(lines)
    assert [line.t for line in lines[:-1]] == sorted(line.t for line in lines[:-1])


@pytest.mark.parametrize("count", [2_000])
def test_a_long_record_takes_no_long_time(count: int) -> None:
    told = [call("recv", n, n + 1, result=1) for n in range(count)]
    lines = timeline(record(*told, model.Done(t=count), packets=(udp(3),) * count))
    assert len(lines) == 2 * count + 1
