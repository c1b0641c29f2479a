# SPDX-License-Identifier: Apache-2.0
"""Records as pcapng files: what is written is read back, by our own reader and by tshark."""

from __future__ import annotations

import os
import pty
import re
import shutil
import struct
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sockspec import model, pcapng, store
from sockspec.cli.capturing import file_name
from sockspec.recorder import LiveRecords
from sockspec.target import HostTarget, find_tree
from sockspec.witness import parse

from .conftest import FAKES, Command, FakeBuild

if TYPE_CHECKING:
    from collections.abc import Iterator

T0 = 1_700_000_000_123_456_789
HELLO = model.Hello(
    schema=1,
    sockspec="1.2",
    stages=(),
    probes={},
    facts={"system": "Linux", "kernel": "6.1", "machine": "x86_64"},
)
HOSTILE = "\x1b[31m\u202e\ud800\0<b>\n"


def record(*events: model.Event, **fields: Any) -> model.Record:
    defaults: dict[str, Any] = {
        "job": "a/b lo",
        "probe": "a/b",
        "stage": "lo",
        "hash": "0",
        "t0": T0,
        "end": model.End(how="exit"),
        "packets": (),
    }
    return model.Record(events=events, **{**defaults, **fields})


def call(name: str, t_in: int, t_out: int, **fields: Any) -> model.Call:
    return model.Call(call=name, t_in=t_in, t_out=t_out, **fields)


def raw(t: int, data: str = "45", **fields: Any) -> model.RawPacket:
    defaults: dict[str, Any] = {"dir": "out", "dev": "near", "len": len(data) // 2}
    return model.RawPacket(**{**defaults, **fields}, t=t, bytes=data)


def written(one: model.Record) -> pcapng.Capture:
    return pcapng.decode(pcapng.encode(one, HELLO))


def comments(*events: model.Event, **fields: Any) -> list[tuple[str, ...]]:
    """What is told on each packet."""
    done = model.Done(t=max((getattr(e, "t_out", 0) for e in events), default=0))
    return [packet.comments for packet in written(record(*events, done, **fields)).packets]


# --- what is told ------------------------------------------------------------------------------


def test_a_capture_says_whose_it_is() -> None:
    capture = written(record(model.Done(t=0), packets_lost=2, clock_step=-5_000))
    assert (capture.application, capture.system, capture.hardware) == (
        "sockspec 1.2",
        "Linux 6.1",
        "x86_64",
    )
    assert capture.comments[:4] == (
        "sockspec probe a/b lo",
        f"t0 of the record: {T0} ns since the epoch",
        "packets that were lost: 2",
        "the wall clock was set by -5.0 µs meanwhile",
    )


def test_packets_have_their_time_and_interface() -> None:
    packets = (
        raw(20, "4500ff", len=1500, dir="in"),
        raw(10, "6000", dev="lo"),
        raw(30, "", len=7),
    )
    capture = written(record(packets=packets))
    assert [(interface.name, interface.link_type) for interface in capture.interfaces] == [
        ("lo", 101),
        ("near", 101),
    ]
    assert [attrs.evolve(packet, comments=()) for packet in capture.packets] == [
        pcapng.CapturedPacket("lo", T0 + 10, b"\x60\x00", 2, "out", ()),
        pcapng.CapturedPacket("near", T0 + 20, b"\x45\x00\xff", 1500, "in", ()),
        pcapng.CapturedPacket("near", T0 + 30, b"", 7, "out", ()),
    ]


def test_calls_are_told_where_they_were_entered_and_where_they_returned() -> None:
    told = comments(
        model.Step(name="connecting", t=1_000),
        model.Note(name="port", value=80, t=1_000),
        call("socket", 2_000, 3_000, args={"type": "SOCK_STREAM"}, result=3),
        call("accept", 8_000, 60_000, result=4, who="sleeper", side="far"),
        model.Asleep(call="accept", who="sleeper", t=9_500, asleep=True, how="thread state"),
        call("connect", 9_700, 40_000, args={"fd": 3}, result=-1, errno="ECONNREFUSED"),
        model.Fence(n=1, t=50_000),
        packets=(raw(10_000), raw(30_000), raw(45_000)),
    )
    assert told == [
        (
            "9.0 µs before: step connecting",
            "9.0 µs before: note port: 80",
            "8.0 µs before: main: socket(type=SOCK_STREAM) = 3 (took 1.0 µs)",
            "2.0 µs before: far sleeper enters accept()",
            "0.5 µs before: sleeper asleep in accept()",
            "0.3 µs before: main enters connect(fd=3)",
        ),
        (),
        (
            "5.0 µs before: main returns from connect(fd=3) = -1 ECONNREFUSED (took 30.3 µs)",
            "5.0 µs after: marker 1 sent",
            "15.0 µs after: far sleeper returns from accept() = 4 (took 52.0 µs)",
            "15.0 µs after: done",
        ),
    ]


def test_an_entered_call_does_not_tell_its_result() -> None:
    (before, _) = comments(
        call("recv", 5, 15, args={"fd": 3}, result=None, errno="EAGAIN", saw={"data": "61"}),
        packets=(raw(10), raw(20)),
    )
    assert before == ("0.0 µs before: main enters recv(fd=3)",)


def test_a_call_is_told_as_one_only_if_nothing_happened_meanwhile() -> None:
    (told,) = comments(
        call("poll", 1_000, 4_000, result=1),
        call("send", 2_000, 3_000, result=1, who="other"),
        packets=(raw(9_000),),
    )
    assert [text.partition(": ")[2].partition("(")[0] for text in told] == [
        "main enters poll",
        "other: send",
        "main returns from poll",
        "done",
    ]


def test_at_the_same_time_the_packet_comes_last() -> None:
    (first, second) = comments(call("send", 5, 10), packets=(raw(5), raw(10)))
    assert first == ("0.0 µs before: main enters send()",)
    assert second[0].startswith("0.0 µs before: main returns from send()")


@pytest.mark.parametrize(
    ("packets", "why"),
    [
        ((), "no packet crossed stage lo; this happened, in time since t0:"),
        (None, "no packets are captured on stage lo; this happened, in time since t0:"),
    ],
)
def test_without_a_packet_the_section_tells_all(packets: Any, why: str) -> None:
    events = [call("socket", 1_000, 2_000, result=3), call("close", 3_000, 4_000, result=0)]
    capture = written(record(*events, packets=packets))
    assert (capture.packets, capture.interfaces) == ((), ())
    assert capture.comments[2:] == (
        why,
        "1.0 µs: main: socket() = 3 (took 1.0 µs)",
        "3.0 µs: main: close() = 0 (took 1.0 µs)",
        "4.0 µs: the probe's log has no end after close",
    )


def test_how_the_probe_ended_is_told() -> None:
    end = model.End(how="signal", status=11, signal="SIGSEGV")
    (packet,) = written(record(call("recv", 1, 2), packets=(raw(3),), end=end)).packets
    assert packet.comments[-1] == "0.0 µs before: the probe died of SIGSEGV after recv"


# --- what a target must not do -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (raw(15, "zz"), "1 bytes on near: its bytes are not hexadecimal"),
        (raw(15, "4 "), "1 bytes on near: its bytes are not hexadecimal"),
        (raw(15, "455"), "1 bytes on near: its bytes are not hexadecimal"),
        (raw(15, "\ud800\u0664"), "1 bytes on near: its bytes are not hexadecimal"),
        (raw(15, len=0), "0 bytes on near: more bytes were captured than it has"),
        (raw(15, "45" * 70_000), "70000 bytes on near: more bytes were captured than it has"),
        (raw(15, len=-1), "-1 bytes on near: its length is negative"),
        (raw(15, len=2**32), "4294967296 bytes on near: no packet is so long"),
        (raw(15, "45", len=10**200), "a number of 665 bits bytes on near: no packet is so long"),
        (raw(-T0 - 1), "1 bytes on near: no clock has its time"),
        (raw(2**64 - T0), "1 bytes on near: no clock has its time"),
        (raw(15, "zz", dev=HOSTILE), r"1 bytes on \x1b[31m\u202e\ud800\x00<b>\n: its bytes"),
    ],
)
def test_a_packet_that_makes_no_sense_is_left_out(bad: model.RawPacket, why: str) -> None:
    capture = written(record(model.Done(t=30), packets=(raw(10), bad, raw(20))))
    assert [packet.t for packet in capture.packets] == [T0 + 10, T0 + 20]
    told = [text for packet in capture.packets for text in packet.comments]
    assert any(f": left out: a packet of {why}" in text for text in told)
    alone = written(record(packets=(bad,)))
    assert (alone.packets, alone.interfaces) == ((), ())
    assert any(f": left out: a packet of {why}" in text for text in alone.comments)


def test_the_times_that_can_be_written() -> None:
    capture = written(record(packets=(raw(-T0), raw(2**64 - 1 - T0))))
    assert [packet.t for packet in capture.packets] == [0, 2**64 - 1]


def test_hostile_words_are_short_and_printable() -> None:
    wide = {f"{HOSTILE}{n}": [HOSTILE * 100] * 100 for n in range(100)}
    hostile = call(HOSTILE * 100, 1, 2, who=HOSTILE * 100, args=wide, saw=wide, errno=HOSTILE)
    events = (hostile, model.Step(name=HOSTILE, t=3), model.Note(name=HOSTILE, value=wide, t=4))
    facts = {"system": HOSTILE, "kernel": HOSTILE * 100, "machine": [HOSTILE]}
    hello = model.Hello(schema=1, sockspec=HOSTILE, stages=(), probes={}, facts=facts)
    one = record(*events, packets=(raw(10, dev=HOSTILE * 100),), stage=HOSTILE)
    capture = pcapng.decode(pcapng.encode(one, hello))
    (packet,) = capture.packets
    texts = [*capture.comments, *packet.comments, packet.interface]
    texts += [str(capture.system), str(capture.hardware), str(capture.application)]
    assert len(packet.comments) == 4
    for text in texts:
        assert text.isprintable()
        assert len(text) <= 1200


def test_the_comments_of_a_block_are_bounded() -> None:
    events = [model.Step(name=f"{n:060}", t=n) for n in range(20_000)]
    for packets in ((raw(30_000),), ()):
        data = pcapng.encode(record(*events, packets=packets))
        capture = pcapng.decode(data)
        texts = capture.packets[0].comments if packets else capture.comments
        assert len(data) < 1_100_000
        told = sum("step 0" in text for text in texts)
        # The last of all is how the record ended.
        assert texts[-1] == f"{20_001 - told} more comments are left out"
        assert 5_000 < told < 20_000


# --- whatever a record holds -------------------------------------------------------------------

times = st.integers(0, 50)
hosts = st.sampled_from(("near", "lo", "x"))
calls = st.builds(
    lambda n, t, lasted, who: call(f"c{n}", t, t + lasted, who=who, result=n),
    st.integers(0, 3),
    times,
    st.integers(0, 30),
    st.sampled_from(("main", "other")),
)
good_packets = st.builds(
    lambda t, data, more, direction, dev: raw(
        t, data.hex(), len=len(data) + more, dir=direction, dev=dev
    ),
    times,
    st.binary(max_size=9),
    st.integers(0, 2000),
    st.sampled_from(("in", "out")),
    hosts,
)


@given(st.lists(calls, max_size=8), st.lists(good_packets, max_size=8))
def test_what_is_written_is_read_back(
    events: list[model.Call], packets: list[model.RawPacket]
) -> None:
    capture = written(record(*events, packets=tuple(packets)))
    assert [(p.interface, p.t, p.data.hex(), p.length, p.dir) for p in capture.packets] == [
        (p.dev, T0 + p.t, p.bytes, p.len, p.dir) for p in sorted(packets, key=lambda p: p.t)
    ]
    texts = capture.comments + tuple(text for p in capture.packets for text in p.comments)
    assert sorted(edges(texts)) == sorted(
        edge for one in events for edge in ((one.call, one.who, "in"), (one.call, one.who, "out"))
    )


EDGE = re.compile(r".*: (main|other)( enters|:| returns from) (c[0-9])\(\)")


def edges(texts: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for text in texts:
        if match := EDGE.match(text):
            who, how, name = match.groups()
            if how != " returns from":
                yield name, who, "in"
            if how != " enters":
                yield name, who, "out"


numbers = st.integers(-(2**70), 2**70)
anything = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=9),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=3),
    max_leaves=5,
)
wild_events = st.one_of(
    st.builds(
        model.Call,
        call=st.text(),
        t_in=numbers,
        t_out=numbers,
        who=st.text(),
        args=st.dictionaries(st.text(), anything, max_size=3),
        result=numbers | st.text() | st.none(),
        errno=st.none() | st.text(),
    ),
    st.builds(model.Step, name=st.text(), t=numbers),
    st.builds(model.Note, name=st.text(), value=anything, t=numbers),
    st.builds(model.Fence, n=numbers, t=numbers),
    st.builds(model.Fault, what=st.text(), where=st.text(), t=numbers),
)
wild_packets = st.builds(
    model.RawPacket,
    t=numbers,
    dir=st.sampled_from(("in", "out")),
    dev=st.text(),
    len=numbers,
    bytes=st.binary(max_size=9).map(bytes.hex) | st.text(max_size=9),
)


@given(st.lists(wild_events, max_size=5), st.lists(wild_packets, max_size=5), numbers)
def test_whatever_a_record_holds_there_is_a_file(
    events: list[model.Event], packets: list[model.RawPacket], t0: int
) -> None:
    capture = written(record(*events, packets=tuple(packets), t0=t0))
    texts = [*capture.comments, *(text for p in capture.packets for text in p.comments)]
    assert all(text.isprintable() for text in texts)
    left_out = sum(": left out: a packet of " in text for text in texts)
    assert len(capture.packets) + left_out == len(packets)


# --- reading -----------------------------------------------------------------------------------


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    size = 12 + len(body)
    return struct.pack(f"{order}II", kind, size) + body + struct.pack(f"{order}I", size)


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(order: str = "<", resolution: int | None = None) -> bytes:
    option = b"" if resolution is None else struct.pack(f"{order}HHB3x", 9, 1, resolution)
    return block(1, struct.pack(f"{order}HHI", 101, 0, 0) + option, order)


def packet(order: str = "<", number: int = 0, time: int = 0, size: int = 4) -> bytes:
    fixed = struct.pack(f"{order}IIIII", number, time >> 32, time & 0xFFFFFFFF, size, 4)
    return block(6, fixed + b"data", order)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_file_of_another_program_is_read(order: str) -> None:
    unknown = block(0x0BAD, b"what?!..", order)
    flags = struct.pack(f"{order}HHIHH4s", 2, 4, 0xF1, 1, 3, b"hi!\0")
    body = struct.pack(f"{order}IIIII", 0, 0, 7, 1, 9) + b"E\0\0\0" + flags
    data = section(order) + unknown + interface(order) + block(6, body, order) + unknown
    capture = pcapng.decode(data)
    assert capture.packets == (pcapng.CapturedPacket("", 7_000, b"E", 9, "in", ("hi!",)),)
    assert capture.application is None


@pytest.mark.parametrize(
    ("resolution", "time", "ns"),
    [
        (None, 5, 5_000),
        (0, 5, 5_000_000_000),
        (9, 2**40 + 5, 2**40 + 5),
        (12, 5_999, 5),
        (0x80 | 10, 512, 500_000_000),
        (0x7F, 2**64 - 1, 0),
    ],
)
def test_times_of_any_resolution(resolution: int | None, time: int, ns: int) -> None:
    data = section() + interface(resolution=resolution) + packet(time=time)
    assert pcapng.decode(data).packets[0].t == ns


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is empty (at byte 0)"),
        (b"\xd4\xc3\xb2\xa1" + bytes(24), "it does not begin with a section (at byte 0)"),
        (section()[:27], "it does not begin with a section (at byte 0)"),
        (section()[:8] + bytes(20), "no byte order is known (at byte 8)"),
        (section() + b"\1", "it ends inside a block (at byte 28)"),
        (section() + interface() + packet()[:-1], "a block of 36 bytes, of which 35 are there"),
        (section() + struct.pack("<III", 1, 8, 8), "a block of 8 bytes (at byte 28)"),
        (section() + struct.pack("<IIII", 1, 14, 0, 0), "a block of 14 bytes (at byte 28)"),
        (section() + struct.pack("<III", 1, 12, 16), "a block whose two lengths differ"),
        (section() + block(1, b"\0\0\0\0"), "a block that is too short for its kind"),
        (section() + section(), "more than one section (at byte 28)"),
        (section() + packet(), "a packet of interface 0, which is not described (at byte 28)"),
        (section() + interface() + packet(number=1), "a packet of interface 1, which is not"),
        (section() + interface() + packet(size=5), "a packet of 5 bytes, longer than its block"),
        (
            section() + block(1, bytes(8) + struct.pack("<HHI", 2, 5, 0)),
            "an option that is longer than its block (at byte 28)",
        ),
    ],
)
def test_what_cannot_be_read_is_one_clear_error(data: bytes, why: str) -> None:
    with pytest.raises(pcapng.PcapngError) as error:
        pcapng.decode(data)
    assert str(error.value).startswith(f"not a readable pcapng file: {why}")
    assert error.value.status == 3


SAMPLE = pcapng.encode(
    record(call("send", 1, 5), packets=(raw(2), raw(9, "450000", dev="lo"))), HELLO
)


@given(st.data())
def test_a_damaged_file_is_read_or_is_an_error(data: st.DataObject) -> None:
    damaged = bytearray(SAMPLE)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(damaged)))
    for part in (bytes(damaged), bytes(damaged[:end])):
        try:
            pcapng.decode(part)
        except pcapng.PcapngError as error:
            assert str(error).isprintable()  # noqa: PT017 - an error is not demanded


# --- names of files ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("job", "name"),
    [
        ("connect/refused pair family=inet", "connect-refused.pair.family=inet.pcapng"),
        ("a/b lo", "a-b.lo.pcapng"),
        ("a/b lo n=-1 t=1.2,3", "a-b.lo.n=-1.t=1.2,3.pcapng"),
    ],
)
def test_the_name_of_a_job_is_that_of_its_file(job: str, name: str) -> None:
    assert file_name(job) == name


@pytest.mark.parametrize(
    "job",
    ["../.. lo", "-a/b lo", "a/b lo x=::1", "a/b lo x=%2F", "a/b lo x=A", "a/b lo x=" + "1" * 900],
)
def test_other_names_are_safe_and_told_apart(job: str) -> None:
    name = file_name(job)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._=+,-]*~[0-9a-f]{8}\.pcapng", name)
    assert len(name) <= 150
    assert file_name(job + "2") != name


jobs = st.from_regex(
    r"[a-b._-]{1,2}/[a-b._-]{1,2} lo( [a-b]=[a-bA._:+,%-]{1,5}){0,2}", fullmatch=True
)


@given(st.sets(jobs, max_size=20))
def test_no_two_jobs_have_one_file(some: set[str]) -> None:
    names = {file_name(job).lower() for job in some}
    assert len(names) == len(some)


# --- a second opinion --------------------------------------------------------------------------

TCP_REFUSED = "connect/refused pair family=inet server=none"
REAL = (
    TCP_REFUSED,
    "connect/refused lo family=inet6 server=gone",
    "udp/connect_wire pair family=inet6 to=nobody",
    "recv/unconnected_stream lo family=unix state=refused type=seqpacket",
)
"""Their traffic is TCP, UDP and ICMPv6; the last has no packets, as the family is AF_UNIX."""
SEPARATOR = "^"


@pytest.fixture(scope="module")
def recording() -> Iterator[store.Recording]:
    """Records of real probes."""
    target = HostTarget(find_tree())
    with store.scratch() as recording, LiveRecords(target, recording) as live:
        live.start(REAL)
        live.finish()
        assert [job for job in REAL if job not in recording] == []
        yield recording


def tool(name: str) -> str:
    """A program of the package tshark; where it is missing, what needs it says so."""
    path = shutil.which(name)
    if path is None:
        why = f"{name} is not installed: no file was read by another program (apt install tshark)"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return path


def tshark(path: Path, *fields: str) -> list[list[str]]:
    """The fields of each packet; the values of one field are joined."""
    options = [word for field in fields for word in ("-e", field)]
    how = ["-n", "-T", "fields", "-E", f"aggregator={SEPARATOR}"]
    command = [tool("tshark"), "-r", str(path), *how]
    result = subprocess.run([*command, *options], text=True, capture_output=True, timeout=120)
    assert result.returncode == 0, result.stderr
    assert "damaged" not in result.stderr
    assert "error" not in result.stderr.lower()
    return [line.split("\t") for line in result.stdout.splitlines()]


def saved(one: model.Record, folder: Path) -> Path:
    path = folder / "one.pcapng"
    path.write_bytes(pcapng.encode(one, HELLO))
    return path


@pytest.mark.parametrize("job", REAL)
def test_tshark_reads_the_packets(recording: store.Recording, tmp_path: Path, job: str) -> None:
    one = recording[job]
    told = tshark(
        saved(one, tmp_path),
        "frame.time_epoch",
        "frame.interface_name",
        "frame.len",
        "frame.cap_len",
        "frame.packet_flags_direction",
    )
    assert [(*row[:4], int(row[4], 0)) for row in told] == [
        (
            "{}.{:09}".format(*divmod(one.t0 + p.t, 10**9)),
            p.dev,
            str(p.len),
            str(len(p.bytes) // 2),
            2 if p.dir == "out" else 1,
        )
        for p in sorted(one.packets or (), key=lambda p: p.t)
    ]


@pytest.mark.parametrize("job", REAL[:3])
def test_tshark_sees_the_same_protocols(
    recording: store.Recording, tmp_path: Path, job: str
) -> None:
    one = recording[job]
    rows = tshark(saved(one, tmp_path), "frame.protocols", "ip.src", "ipv6.src", "_ws.malformed")
    packets = [parse(p) for p in sorted(one.packets or (), key=lambda p: p.t)]
    assert packets
    assert len(rows) == len(packets)
    for (protocols, four, six, malformed), packet in zip(rows, packets, strict=True):
        assert packet.protocol.lower() in protocols.split(":")
        assert packet.src in (four + six).split(SEPARATOR)[:1]
        assert malformed == ""


@pytest.mark.parametrize("job", REAL[:3])
def test_tshark_shows_the_calls(recording: store.Recording, tmp_path: Path, job: str) -> None:
    one = recording[job]
    path = saved(one, tmp_path)
    told = [row[0].split(SEPARATOR) if row else [] for row in tshark(path, "frame.comment")]
    ours = [list(p.comments) or [""] for p in pcapng.decode(path.read_bytes()).packets]
    # Some versions write a backslash twice.
    assert [[text.replace("\\", "") for text in texts] for texts in told] == [
        [text.replace("\\", "") for text in texts] for texts in ours
    ]
    calls = [event for event in one.events if isinstance(event, model.Call)]
    assert calls
    for event in calls:
        assert any(f"{event.call}(" in text for texts in told for text in texts)


def test_tshark_shows_a_connect_across_its_packets(
    recording: store.Recording, tmp_path: Path
) -> None:
    rows = tshark(saved(recording[TCP_REFUSED], tmp_path), "tcp.flags.str", "frame.comment")
    first = next(n for n, row in enumerate(rows) if "S" in row[0])  # the link may speak before
    syn, behind = rows[first], rows[first + 2]
    assert "main enters connect(fd=" in syn[1]
    assert "ECONNREFUSED" not in syn[1]
    assert re.search(r"main returns from connect\(.*\) = -1 ECONNREFUSED", behind[1])


def test_without_packets_the_calls_are_in_the_file_all_the_same(
    recording: store.Recording, tmp_path: Path
) -> None:
    path = saved(recording[REAL[-1]], tmp_path)
    assert tshark(path, "frame.number") == []
    shown = subprocess.run(
        [tool("capinfos"), "-M", path], text=True, capture_output=True, timeout=60
    ).stdout
    assert f"Capture comment:     sockspec probe {REAL[-1]}\n" in shown
    assert re.search(r"Capture comment: .*main: connect\(.*\) = -1 ECONNREFUSED", shown)
    assert re.search(r"Capture oper-sys: +Linux 6.1\n", shown)


def test_tshark_reads_what_hostile_words_are_in(tmp_path: Path) -> None:
    hostile = call(HOSTILE, 1, 2, who=HOSTILE, args={HOSTILE: HOSTILE})
    one = record(hostile, packets=(raw(3, dev=HOSTILE), raw(4, "zz"), raw(5, "ff" * 30)))
    rows = tshark(saved(one, tmp_path), "frame.len", "frame.comment")
    assert [row[0] for row in rows] == ["1", "30"]
    assert "left out: a packet of 1 bytes on near" in rows[1][1]


# --- the commands ------------------------------------------------------------------------------


def read(path: Path) -> pcapng.Capture:
    return pcapng.decode(path.read_bytes())


def message(result: subprocess.CompletedProcess[str]) -> str:
    """What a command that failed says, beside how far it was."""
    assert "Traceback" not in result.stderr
    (line,) = (
        line
        for line in result.stderr.splitlines()
        if not line.startswith(("recording on", "judging on"))
    )
    return line.removeprefix("sockspec: ")


@pytest.fixture
def out(sockspec: Command, tmp_path: Path) -> Path:
    """The folder of a run."""
    sockspec("run", "--out", tmp_path / "out")
    return tmp_path / "out"


def test_a_run_leaves_a_file_of_each_record(sockspec: Command, tmp_path: Path) -> None:
    result = sockspec("run", "--out", tmp_path / "out", "--pcap", tmp_path / "a" / "b")
    assert result.returncode == 1
    with store.read(tmp_path / "out" / "records.jsonl") as recording:
        jobs = list(recording)
    files = sorted((tmp_path / "a" / "b").iterdir())
    assert [path.name for path in files] == sorted(file_name(job) for job in jobs)
    assert result.stdout.splitlines()[-1] == f"pcapng: {len(jobs)} files in {tmp_path / 'a/b'}"
    one = read(tmp_path / "a/b/fake-part.lo.family=inet.pcapng")
    assert one.comments[0] == "sockspec probe fake/part lo family=inet"
    assert "1.0 µs: main: getpeername(fd=3) = -1 ENOTCONN (took 1.0 µs)" in one.comments
    assert one.system == "6.1.0-fake"


@pytest.mark.parametrize("select", [[], ["fake.part"], ["--stage", "pair"]])
def test_of_a_selection_the_judged_records_are_written(
    sockspec: Command, out: Path, tmp_path: Path, select: list[str]
) -> None:
    result = sockspec("judge", out, *select, "--pcap", tmp_path / "pcap")
    names = sorted(path.name for path in (tmp_path / "pcap").iterdir())
    wanted = {
        "fake.part": ["fake-part.lo.family=inet.pcapng", "fake-part.lo.family=inet6.pcapng"],
        "pair": ["fake-holds.pair.family=inet.pcapng", "fake-holds.pair.family=inet6.pcapng"],
    }
    if select:
        assert names == wanted[select[-1]]
    assert len(names) == (2 if select else 11)
    assert f"pcapng: {len(names)} files" in result.stdout


def test_json_stays_json(sockspec: Command, tmp_path: Path) -> None:
    result = sockspec("run", "fake.part", "--json", "--pcap", tmp_path / "pcap")
    assert result.stdout.startswith("{")
    assert "pcapng:" not in result.stdout
    assert len(list((tmp_path / "pcap").iterdir())) == 2


def test_a_folder_that_cannot_be_made_ends_before_the_run(
    sockspec: Command, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    result = sockspec("run", "--out", tmp_path / "out", "--pcap", tmp_path / "file" / "pcap")
    assert result.returncode == 3
    assert "cannot make this folder" in message(result)
    assert not (tmp_path / "out").exists()


def test_a_job_is_run_and_written_here(
    sockspec: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = sockspec("pcap", "fake/holds", "pair", "family=inet6")
    assert (result.returncode, result.stdout, result.stderr) == (
        0,
        "pcapng: fake-holds.pair.family=inet6.pcapng\n",
        "",
    )
    one = read(tmp_path / "fake-holds.pair.family=inet6.pcapng")
    assert one.comments[0] == "sockspec probe fake/holds pair family=inet6"
    assert one.application == "sockspec 0.0"


def test_a_probe_that_failed_is_written_and_is_a_fault(sockspec: Command, tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    result = sockspec("pcap", "fake/crash", "-o", path)
    assert result.returncode == 3
    assert message(result) == "fake/crash lo: the probe died of SIGSEGV after getpeername"
    assert "the probe died of SIGSEGV" in read(path).comments[-1]


@pytest.mark.parametrize("source", [[], ["--from"]])
def test_the_records_of_a_claim_are_written(
    sockspec: Command, out: Path, tmp_path: Path, source: list[str]
) -> None:
    words = ["pcap", "fake.part", *(word for option in source for word in (option, out))]
    many = sockspec(*words)
    assert many.returncode == 2
    assert message(many) == (
        "2 records, one file each: say -o FOLDER, or name one job, e.g. 'fake/part lo family=inet'"
    )
    folder = tmp_path / "pcap"
    result = sockspec(*words, "-o", folder)
    names = ["fake-part.lo.family=inet.pcapng", "fake-part.lo.family=inet6.pcapng"]
    assert (result.returncode, result.stdout.splitlines()) == (
        0,
        [f"pcapng: {folder / name}" for name in names],
    )
    assert sorted(path.name for path in folder.iterdir()) == names


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["fake/holds"], 5),
        (["fake/holds", "lo"], 1),
        (["fake/holds", "family=inet"], 2),
        (["fake/holds lo family=inet"], 1),
        (["fake/part", "lo", "family=inet6"], 1),
    ],
)
def test_a_job_of_a_file_may_be_written_in_part(
    sockspec: Command, fake_build: FakeBuild, out: Path, words: list[str], count: int
) -> None:
    fake_build.behave("dies", "0")  # no probe runs
    folder = out / "pcap"
    result = sockspec("pcap", *words, "--from", out / "records.jsonl", "-o", folder)
    assert result.returncode == 0, result.stderr
    assert len(list(folder.iterdir())) == len(result.stdout.splitlines()) == count


def test_a_folder_is_a_folder_whatever_its_name(sockspec: Command, tmp_path: Path) -> None:
    (tmp_path / "x.pcap").mkdir()
    for where in ("x.pcap", "new"):
        sockspec("pcap", "fake/holds", "lo", "-o", tmp_path / where)
        (path,) = (tmp_path / where).iterdir()
        assert path.name.startswith("fake-holds.lo")


def test_stdout_gets_the_bytes(sockspec: Command, out: Path) -> None:
    result = subprocess.run(
        sockspec.argv(["pcap", "fake/holds", "lo", "--from", out, "-o", "-"]),
        env=sockspec.environment,
        capture_output=True,
    )
    assert result.returncode == 0
    assert pcapng.decode(result.stdout).comments[0] == "sockspec probe fake/holds lo"


def test_a_terminal_does_not(sockspec: Command, out: Path) -> None:
    ours, theirs = pty.openpty()
    result = subprocess.run(
        sockspec.argv(["pcap", "fake/holds", "lo", "--from", out, "-o", "-"]),
        env=sockspec.environment,
        stdout=theirs,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(theirs)
    os.close(ours)
    assert result.returncode == 2
    assert "a capture is no text for a terminal" in message(result)


@pytest.mark.parametrize(
    ("words", "status", "what"),
    [
        (["fake/hold"], 2, "there is no probe 'fake/hold'; did you mean 'fake/holds'?"),
        (["fake/holds", "moon"], 2, "there is no stage 'moon'"),
        (["fake.hold"], 4, "'fake.hold' selects no claim; did you mean 'fake.holds'"),
        (["fake.no-check"], 4, "nothing to write: no check, or no record, of what was selected"),
        (["fake/hold", "--from", "OUT"], 4, "has no record of 'fake/hold'; did you mean"),
        (["fake/holds", "moon", "--from", "OUT"], 4, "has no record of 'fake/holds moon'"),
        (["fake/holds", "--from", "OUT/none"], 3, "cannot read: No such file or directory"),
        (["fake/holds", "--from", "OUT", "-o", "-"], 2, "5 records, one file each"),
        (["fake/holds", "--from", "OUT", "-o", "OUT/x.pcap"], 2, "5 records, one file each"),
        (["fake/holds", "lo", "-o", "OUT/none/x.pcapng"], 3, "cannot write: No such file"),
        (["fake/holds", "lo", "-o", "OUT/records.jsonl"], 3, "cannot make this folder"),
    ],
)
def test_what_cannot_be_written_is_one_line(
    sockspec: Command, out: Path, words: list[str], status: int, what: str
) -> None:
    result = sockspec("pcap", *(word.replace("OUT", str(out)) for word in words))
    assert what in message(result)
    assert result.returncode == status


def test_a_file_that_was_cut_says_so(sockspec: Command, out: Path) -> None:
    records = out / "records.jsonl"
    records.write_bytes(b"".join(records.read_bytes().splitlines(keepends=True)[:2]))
    result = sockspec("pcap", "fake/part", "--from", out)
    assert result.returncode == 3
    assert message(result) == f"no record of 'fake/part': {records} was cut short after 1 record"


def test_a_fault_of_a_claims_job_is_told(sockspec: Command, out: Path) -> None:
    environment = sockspec.environment | {"SOCKSPEC_CHECKS": str(FAKES / "faulty")}
    faulty = attrs.evolve(sockspec, environment=environment)
    result = faulty("pcap", "fake.*", "--from", out, "-o", out / "pcap")
    assert result.returncode == 3
    assert "Traceback" not in result.stderr
    assert "test_error_in_a_claim: KeyError: 'oh'" in result.stderr


def test_help_teaches_by_example(sockspec: Command) -> None:
    result = sockspec("pcap", "--help")
    assert "Examples:" in result.stdout
    assert all(len(line) <= 100 for line in result.stdout.splitlines())


@pytest.mark.parametrize(("begun", "completed"), [("fake.h", "fake.holds"), ("fake/", "fake/part")])
def test_jobs_and_claims_are_completed(sockspec: Command, begun: str, completed: str) -> None:
    variables = {
        "_SOCKSPEC_COMPLETE": "bash_complete",
        "COMP_WORDS": f"sockspec pcap {begun}",
        "COMP_CWORD": "2",
    }
    command = attrs.evolve(sockspec, environment=sockspec.environment | variables)
    assert f"plain,{completed}" in command().stdout.splitlines()
