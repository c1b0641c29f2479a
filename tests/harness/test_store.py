# SPDX-License-Identifier: Apache-2.0
"""Records on disk: what is read, what is refused, and what stays."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sockspec import store
from sockspec.errors import SockspecError
from sockspec.store import Recording, UnreadableRecord

HELLO: dict[str, Any] = {
    "kind": "hello",
    "schema": 1,
    "sockspec": "1.0",
    "stages": [{"name": "lo"}],
    "probes": {"a/b": "1"},
}


def record(job: str = "a/b lo", **changes: Any) -> dict[str, Any]:
    probe, stage, *words = job.split(" ")
    return {
        "kind": "record",
        "job": job,
        "probe": probe,
        "stage": stage,
        "variant": dict(word.split("=", 1) for word in words),
        "hash": "1",
        "t0": 1,
        "end": {"how": "exit"},
        "events": [{"e": "note", "name": "n", "value": 1, "t": 1}, {"e": "done", "t": 2}],
        **changes,
    }


def bye(records: int) -> dict[str, Any]:
    return {"kind": "bye", "records": records}


def line(value: dict[str, Any] | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def written(tmp_path: Path, *lines: dict[str, Any] | bytes) -> Path:
    path = tmp_path / "records.jsonl"
    path.write_bytes(b"".join(map(line, lines)))
    return path


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    jobs = ["a/b lo", "a/b pair family=inet", "a/b pair family=inet6"]
    with store.read(written(tmp_path, HELLO, *map(record, jobs), bye(3))) as recording:
        assert list(recording) == jobs
        assert recording["a/b pair family=inet"].variant == {"family": "inet"}
        assert recording.hello is not None
        assert recording.hello.sockspec == "1.0"
        assert recording.cut is None
        assert "a/b host" not in recording


def test_a_lie_is_the_last_word_of_its_job(tmp_path: Path) -> None:
    job = "a/b lo type=stream lie=recv:type=stream:size-1"
    with store.read(written(tmp_path, {**HELLO, "lies": ["calls"]}, record(job), bye(1))) as found:
        assert found[job].variant == {"type": "stream", "lie": "recv:type=stream:size-1"}
        assert found.hello is not None
        assert found.hello.lies == ("calls",)


def test_records_are_read_from_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    text = b"".join(map(line, [HELLO, record(), bye(1)]))
    writer = threading.Thread(target=pipe.write_bytes, args=(text,))
    writer.start()
    with store.read(pipe) as recording:
        writer.join()
        assert recording["a/b lo"].probe == "a/b"
        assert recording.cut is None


def refusal(path: Path) -> str:
    with pytest.raises(UnreadableRecord) as caught:
        store.read(path)
    assert caught.value.status == 3
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("lines", "place", "what"),
    [
        ([], "", "holds no record"),
        ([record(), bye(1)], ":1", "hello line of sockspec-agent must be the first"),
        ([HELLO, HELLO], ":2", "must be the first, and the only one"),
        ([b"[ 0.0] Linux version 6.1\n"], ":1", "not a line of a record: '[ 0.0] Linux"),
        ([HELLO, b"\n", bye(0)], ":2", "not a line of a record"),
        ([HELLO, record(), record()], ":3", "job 'a/b lo' was recorded in line 2"),
        ([HELLO, bye(0), record()], ":3", "a line after the agent's last"),
        ([HELLO, record(job="a/b pair", stage="lo")], ":2", "does not fit its probe, stage"),
        ([HELLO, record(job="a/b <b>", stage="<b>")], ":2", "'a/b <b>' is no job"),
        ([HELLO, record(job="a/b lo x=1", variant={})], ":2", "does not fit"),
        ([HELLO, record(job="a/b lo x=1=2")], ":2", "'a/b lo x=1=2' is no job"),
        ([HELLO, record(job="a/b lo lie=a::b x=1")], ":2", "does not fit"),
        ([HELLO, record(job="a/b lo lie=a;b")], ":2", "is no job"),
        ([HELLO, record(t0="now")], ":2", "Expected `int`, got `str` - at `$.t0`"),
        ([HELLO, record(events=[{"e": "what"}])], ":2", "Invalid value 'what'"),
        ([HELLO, record(events=[{"e": "call", "call": "x"}])], ":2", "missing required field"),
        ([HELLO, b'{"kind":"record","job":"\xff"}\n'], ":2", "not UTF-8: byte 0xff at column 25"),
        ([HELLO, b'{"kind":"\xff"}\n'], ":2", "not UTF-8: byte 0xff at column 10"),
        ([HELLO, b'{"kind":"record"\n', bye(0)], ":2", "not a valid record"),
        ([HELLO, b'{"kind":"x"}\n'], ":2", "Invalid value 'x'"),
        ([HELLO, b'{"kind":' + b"[" * 200_000 + b"\n"], ":2", "not a valid record"),
        ([{**HELLO, "schema": 2}], ":1", "written by a newer sockspec (format 2;"),
        ([{"kind": "hello", "schema": 9, "new": []}], ":1", "written by a newer sockspec"),
        ([HELLO, b"\x1b[2Jboo\n"], ":2", "'.[2Jboo'"),
    ],
)
def test_what_is_no_recording_is_refused(
    tmp_path: Path, lines: list[dict[str, Any] | bytes], place: str, what: str
) -> None:
    path = written(tmp_path, *lines)
    message = refusal(path)
    assert message.startswith(f"{path}{place}: ")
    assert what in message
    assert len(message) < len(str(path)) + 300


def test_a_number_that_python_refuses_is_refused(tmp_path: Path) -> None:
    long = line(record(events=[{"e": "note", "name": "n", "value": 0, "t": 1}]))
    path = written(tmp_path, HELLO, long.replace(b'"value":0', b'"value":' + b"9" * 5000))
    assert "not a valid record" in refusal(path)


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, HELLO)
    with path.open("ab") as file:
        file.write(b'{"kind":"record","job":"')
        file.truncate(file.tell() + store.MAX_LINE)
    assert "longer than 16 MiB" in refusal(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.jsonl").endswith(
        "no.jsonl: cannot read: No such file or directory"
    )
    assert refusal(tmp_path).endswith("cannot read: Is a directory")


def test_a_cut_file_keeps_its_whole_records(tmp_path: Path) -> None:
    whole = b"".join(map(line, [HELLO, record("a/b lo n=1"), record("a/b lo n=2"), bye(2)]))
    path = tmp_path / "cut.jsonl"
    begins = [len(line(HELLO))]
    for n in (1, 2):
        begins.append(begins[-1] + len(line(record(f"a/b lo n={n}"))))
    for size in range(len(whole) - 1):
        path.write_bytes(whole[:size])
        if size < begins[0] - 1:
            refusal(path)
            continue
        with store.read(path) as recording:
            # The line break is not needed for a line to be whole.
            assert len(recording) == sum(size >= end - 1 for end in begins[1:])
            assert recording.cut is not None
            assert "\n" not in recording.cut


def test_a_file_with_too_few_records_is_cut(tmp_path: Path) -> None:
    with store.read(written(tmp_path, HELLO, record(), bye(7))) as recording:
        assert recording.cut is not None
        assert recording.cut.endswith("holds 1 of 7 records")


@given(st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path_factory: Any, data: st.DataObject) -> None:
    whole = b"".join(map(line, [HELLO, record("a/b lo n=1"), record("a/b lo n=2"), bye(2)]))
    at = data.draw(st.integers(0, len(whole) - 1))
    damage = data.draw(st.binary(max_size=4))
    path = tmp_path_factory.mktemp("damaged") / "records.jsonl"
    path.write_bytes(whole[:at] + damage + whole[at + data.draw(st.integers(0, 4)) :])
    with contextlib.suppress(UnreadableRecord), store.read(path) as recording:
        assert all(recording[job].job == job for job in recording)


# --- writing -----------------------------------------------------------------------------------


def test_what_was_appended_is_in_the_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    with store.create(path) as recording:
        for value in (HELLO, record("a/b lo n=1")):
            recording.append(line(value))
        assert path.read_bytes() == line(HELLO) + line(record("a/b lo n=1"))
        assert recording["a/b lo n=1"].job == "a/b lo n=1"
        recording.append(line(record("a/b lo n=2")).rstrip(b"\n"))
        assert recording["a/b lo n=2"].job == "a/b lo n=2"
        recording.append(line(bye(2)))
    with store.read(path) as again:
        assert list(again) == ["a/b lo n=1", "a/b lo n=2"]
        assert again.cut is None


def test_a_bad_line_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    with store.create(path) as recording:
        recording.append(line(HELLO))
        with pytest.raises(UnreadableRecord):
            recording.append(b'{"kind":"record"}\n')
        with pytest.raises(UnreadableRecord, match="must be the first, and the only one"):
            recording.append(line(HELLO))
        assert path.read_bytes() == line(HELLO)


def test_a_full_disk_is_one_line_and_leaves_whole_lines(tmp_path: Path) -> None:
    with Path("/dev/full").open("r+b", buffering=0) as full:
        recording = Recording("records.jsonl", full)
        with pytest.raises(SockspecError, match="cannot write: No space left on device") as caught:
            recording.append(line(HELLO))
    assert caught.value.status == 3


def test_a_limited_file_ends_with_its_last_whole_record(tmp_path: Path) -> None:
    import resource
    import signal

    path = tmp_path / "records.jsonl"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with store.create(path) as recording:
            recording.append(line(HELLO))
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(line(HELLO)) + 50, before[1]))
            with pytest.raises(SockspecError, match="File too large"):
                recording.append(line(record()))
            assert list(recording) == []
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == line(HELLO)


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SockspecError, match="cannot write") as caught:
        store.create(tmp_path / "no" / "records.jsonl")
    assert caught.value.status == 3


def test_a_scratch_recording_leaves_no_file() -> None:
    with store.scratch() as recording:
        recording.append(line(HELLO))
        recording.append(line(record()))
        assert recording["a/b lo"].stage == "lo"
