# SPDX-License-Identifier: Apache-2.0
"""The command, by running it."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import attrs
import click
import pytest

from sockspec.cli.text import claim_variants, summary
from sockspec.model import ClaimVerdict, VariantVerdict, Verdict, VerdictsDocument

from .conftest import FAKES, BaselineWriter, Command, FakeBuild

EXPECTED = """
[[deviation]]
claim = "fake.refuted"
verdict = "refuted"
reason = "it is known"
reference = "here"
[[deviation]]
claim = "fake.part"
variants = "* family=inet6"
verdict = "refuted"
reason = "IPv6 differs"
reference = "here"
[[deviation]]
claim = "fake.unsupported"
verdict = "unsupported"
reason = "nobody has it"
reference = "here"
"""


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    """The message of a command that failed; there is nothing else."""
    lines = result.stderr.splitlines()
    message = [line for line in lines if not line.startswith(("recording on", "judging on"))]
    assert len(message) == 1, result.stderr
    assert message[0].startswith("sockspec: ")
    assert "Traceback" not in result.stdout + result.stderr
    return message[0].removeprefix("sockspec: ")


# --- run, judge, report ------------------------------------------------------------------------


def test_a_run_leaves_all_its_files(sockspec: Command, tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    result = sockspec("run", "--out", out)
    assert result.returncode == 1
    assert sorted(path.name for path in out.iterdir()) == [
        "junit.xml",
        "records.jsonl",
        "report.html",
        "verdicts.json",
    ]
    verdicts = json.loads((out / "verdicts.json").read_text())
    assert [claim["id"] for claim in verdicts["claims"]][:2] == ["fake.holds", "fake.refuted"]
    assert verdicts["summary"]["unexpected"] == ["fake.refuted", "fake.part", "fake.unsupported"]
    assert ET.parse(out / "junit.xml").getroot().get("failures") != "0"
    assert "fake.part" in (out / "report.html").read_text()
    assert len((out / "records.jsonl").read_text().splitlines()) == 13


def test_the_summary_can_be_acted_on(sockspec: Command, tmp_path: Path) -> None:
    result = sockspec("run", "--out", tmp_path / "out")
    lines = result.stdout.splitlines()
    assert lines[0].startswith("10 claims on host (")
    assert "  refuted           1" in lines
    assert "  not observed      5  (3 no check yet; 1 the record does not tell" in result.stdout
    assert "not as the baseline expects (3):" in lines
    evidence = "expected getpeername() = -1 ENOTCONN; observed getpeername(fd=3) = -1 EINVAL"
    assert f"  refuted       fake.refuted: {evidence}" in lines
    assert "`sockspec explain CLAIM` shows what happened." in lines
    assert lines[-1] == f"report: {tmp_path / 'out' / 'report.html'}"
    assert result.stderr == "recording on host: 11 jobs, 10 checks of them\n"
    assert "\x1b" not in result.stdout + result.stderr


def test_the_counts_of_several_sources_stand_side_by_side() -> None:
    found: list[tuple[str, Verdict]] = [
        ("article", "holds"),
        ("article", "refuted"),
        ("posix", "holds"),
    ]
    claims = [
        ClaimVerdict(
            id=f"{source}.{n}",
            source=source,
            interface="i",
            verdict=verdict,
            why="",
            variants=(),
            probes=(),
        )
        for n, (source, verdict) in enumerate(found)
    ]
    counts = {"holds": 2, "refuted": 1}
    facts = {"claims": 3, "verdicts": counts, "observations": 3, "stale": [], "faults": []}
    document = VerdictsDocument(schema=1, target={}, claims=tuple(claims), summary=facts)
    lines = [click.unstyle(line).split() for line in summary(document, "host", 1.0)]
    assert lines[1:6] == [
        ["holds", "2"],
        ["refuted", "1"],
        ["holds", "refuted"],
        ["article", "1", "1"],
        ["posix", "1", "0"],
    ]


def test_what_could_not_be_observed_is_counted(sockspec: Command) -> None:
    lines = sockspec("run").stdout.splitlines()
    counts = next(line for line in lines if " observations in " in line)
    assert re.search(r"; \d+ more could not be made \(\d+ .*the record does not tell", counts)


def test_as_the_baseline_expects(sockspec: Command, baseline_of: BaselineWriter) -> None:
    baseline = baseline_of(EXPECTED)
    result = sockspec("run", "--baseline", baseline)
    assert result.returncode == 0, result.stdout
    assert "deviations that the baseline knows (2):" in result.stdout
    assert "fake.part: IPv6 differs\n" in result.stdout
    strict = sockspec("run", "--baseline", baseline, "--strict")
    assert strict.returncode == 1
    assert "fake.unsupported" not in strict.stdout


def test_the_baseline_of_linux_is_used_by_itself(sockspec: Command, tmp_path: Path) -> None:
    (tmp_path / "baselines").mkdir()
    (tmp_path / "baselines" / "linux.toml").write_text(EXPECTED)
    assert sockspec("run").returncode == 0


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        (
            'claim = "fake.holds"\nverdict = "refuted"',
            "fake.holds, *: expected refuted, but it holds",
        ),
        (
            'claim = "fake.holds"\nvariants = "* moon"\nverdict = "refuted"',
            "fake.holds, * moon: no variant has such a name",
        ),
    ],
)
def test_a_stale_entry_is_red(
    sockspec: Command, baseline_of: BaselineWriter, entry: str, what: str
) -> None:
    text = f'{EXPECTED}[[deviation]]\n{entry}\nreason = "x"\nreference = "y"\n'
    result = sockspec("run", "--baseline", baseline_of(text))
    assert result.returncode == 1
    assert "stale entries of the baseline: delete them (1):" in result.stdout
    assert what in result.stdout


def test_an_entry_for_what_was_not_run_is_not_stale(
    sockspec: Command, baseline_of: BaselineWriter
) -> None:
    text = EXPECTED.replace('"* family=inet6"', '"* moon"')
    assert sockspec("run", "--baseline", baseline_of(text), "fake.holds").returncode == 0


def test_a_recorded_run_is_judged_the_same(
    sockspec: Command, fake_build: FakeBuild, tmp_path: Path
) -> None:
    first = sockspec("run", "--json", "--out", tmp_path / "out")
    fake_build.behave("dies", "0")  # no probe runs
    second = sockspec("judge", tmp_path / "out", "--json", "--out", tmp_path / "again")
    third = sockspec("judge", tmp_path / "again" / "records.jsonl", "--json")
    documents = [json.loads(result.stdout) for result in (first, second, third)]
    assert documents[0]["claims"] == documents[1]["claims"] == documents[2]["claims"]
    assert documents[0]["summary"] == documents[1]["summary"]
    assert first.returncode == second.returncode == 1
    assert (tmp_path / "again" / "report.html").exists()


def test_judging_in_place_keeps_the_records(sockspec: Command, tmp_path: Path) -> None:
    sockspec("run", "--out", tmp_path / "out")
    before = (tmp_path / "out" / "records.jsonl").read_bytes()
    assert sockspec("judge", tmp_path / "out", "--out", tmp_path / "out").returncode == 1
    assert (tmp_path / "out" / "records.jsonl").read_bytes() == before


def test_a_cut_file_is_judged_and_is_a_fault(sockspec: Command, tmp_path: Path) -> None:
    sockspec("run", "--out", tmp_path / "out")
    records = tmp_path / "out" / "records.jsonl"
    records.write_bytes(records.read_bytes()[:-100])
    result = sockspec("judge", records)
    assert result.returncode == 3
    assert f"{records} ends in the middle of line 12" in result.stdout
    assert "observations" in result.stdout


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"", "holds no record (the file is empty)"),
        (b"\x7fELF\x02\x01\n", ":1: not a line of a record"),
        (b"\xff\xfe\n", ":1: not UTF-8"),
        (b'{"kind":"hello","schema":2}\n', "written by a newer sockspec"),
    ],
)
def test_an_unreadable_file_is_one_line(
    sockspec: Command, tmp_path: Path, text: bytes, what: str
) -> None:
    (tmp_path / "records.jsonl").write_bytes(text)
    result = sockspec("judge", tmp_path / "records.jsonl")
    assert result.returncode == 3
    assert what in one_line(result)


def test_a_missing_file_is_one_line(sockspec: Command, tmp_path: Path) -> None:
    for command in ("judge", "report"):
        result = sockspec(command, tmp_path / "none")
        assert result.returncode == 3
        assert one_line(result) == f"{tmp_path / 'none'}: cannot read: No such file or directory"


def test_a_report_of_one_and_of_several(sockspec: Command, tmp_path: Path) -> None:
    sockspec("run", "--out", tmp_path / "one")
    sockspec("run", "--stage", "host", "--out", tmp_path / "two")
    for arguments in (["one"], ["one/verdicts.json", "two"]):
        path = tmp_path / "report.html"
        result = sockspec("report", *(tmp_path / a for a in arguments), "-o", path)
        assert (result.returncode, result.stdout) == (0, f"report: {path}\n")
        assert "fake.part" in path.read_text()
        path.unlink()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{", "no verdicts of sockspec"),
        ('{"schema": 1}', "missing required field"),
        ('{"schema": 2}', "written by a newer sockspec (format 2;"),
        ("\udcff", "no verdicts of sockspec"),
    ],
)
def test_unreadable_verdicts_are_one_line(
    sockspec: Command, tmp_path: Path, text: str, what: str
) -> None:
    path = tmp_path / "verdicts.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    result = sockspec("report", path, "-o", tmp_path / "report.html")
    assert result.returncode == 3
    assert what in one_line(result)
    assert not (tmp_path / "report.html").exists()


# --- exit statuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["run", "fake.nothing"], "'fake.nothing' selects no claim"),
        (["run", "fake.no-check"], "nothing to judge: no check for what was selected"),
        (["run", "--stage", "pair", "fake.part"], "nothing to judge"),
        (["explain", "fake.nothing"], "selects no claim"),
    ],
)
def test_nothing_selected(sockspec: Command, arguments: list[str], what: str) -> None:
    result = sockspec(*arguments)
    assert result.returncode == 4
    assert what in one_line(result)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["run", "colour:blue"], "unknown prefix 'colour:'"),
        (["run", "--stage", "moon"], "there is no stage 'moon'; stages: lo, pair, wire, host"),
        (["explain", "fake.*"], "'fake.*' is no claim's id; explain takes exactly one"),
        (["probe", "fake/hold"], "there is no probe 'fake/hold'; did you mean 'fake/holds'?"),
        (["probe", "fake/holds", "moon"], "there is no stage 'moon'"),
        (["probe", "fake/holds", "lo", "pair"], "'pair' is no NAME=VALUE, and the stage is lo"),
        (["probe", "fake/holds", "x=a/b"], "x='a/b' is not a value"),
    ],
)
def test_wrong_words_are_usage_errors(sockspec: Command, arguments: list[str], what: str) -> None:
    result = sockspec(*arguments)
    assert result.returncode == 2
    assert what in one_line(result)


@pytest.mark.parametrize(
    "arguments",
    [["walk"], ["run", "--no-such"], ["run", "--parallel", "0"], ["list", "moons"], ["judge"], []],
)
def test_wrong_options_are_usage_errors(sockspec: Command, arguments: list[str]) -> None:
    result = sockspec(*arguments)
    assert result.returncode == 2
    assert "Usage: sockspec" in result.stderr + result.stdout


@pytest.mark.parametrize(
    ("mode", "value", "what"),
    [
        ("dies", "2", "host: the agent ended with SIGSEGV in the middle of the run"),
        ("half_a_line", "2", "it broke off in"),
        ("babbles_on", "", "the agent babbles"),
        ("one_bad_line", "", "not a valid record"),
    ],
)
def test_an_agent_that_misbehaves_is_a_fault(
    sockspec: Command, fake_build: FakeBuild, tmp_path: Path, mode: str, value: str, what: str
) -> None:
    fake_build.behave(mode, value)
    result = sockspec("run", "--out", tmp_path / "out")
    assert result.returncode == 3
    assert "faults of ours, which are no verdicts" in result.stdout
    assert what in result.stdout
    assert "Traceback" not in result.stderr
    # What came before stays, and the rest is not observed.
    verdicts = json.loads((tmp_path / "out" / "verdicts.json").read_text())
    assert len(verdicts["claims"]) == 10
    assert (tmp_path / "out" / "records.jsonl").read_text().startswith('{"kind":"hello"')


@pytest.mark.parametrize(
    ("mode", "what"),
    [
        ("newer", "host: written by a newer sockspec (format 99;"),
        ("no_hello", "host: the agent did not begin with its hello"),
        ("dies", "the agent ended with SIGSEGV"),
    ],
)
def test_an_agent_without_a_hello_is_one_line(
    sockspec: Command, fake_build: FakeBuild, mode: str, what: str
) -> None:
    if mode == "dies":
        agent = fake_build.path / "target" / "sockspec-agent"
        agent.write_text("#!/bin/sh\nkill -SEGV $$\n")
    else:
        fake_build.behave(mode)
    result = sockspec("run")
    assert result.returncode == 3
    assert what in one_line(result)


def test_a_missing_agent_is_one_line(sockspec: Command, tmp_path: Path) -> None:
    result = sockspec("run", "--build", tmp_path / "nothing")
    assert result.returncode == 3
    assert f"no sockspec-agent in {tmp_path / 'nothing' / 'target'}" in one_line(result)


def test_faulty_checks_are_a_fault(sockspec: Command) -> None:
    environment = sockspec.environment | {"SOCKSPEC_CHECKS": str(FAKES / "faulty")}
    result = attrs.evolve(sockspec, environment=environment)("run")
    assert result.returncode == 3
    assert "test_error_in_a_claim: KeyError: 'oh'" in result.stdout
    assert "Traceback" not in result.stdout + result.stderr


def test_a_faulty_baseline_is_one_line(sockspec: Command, baseline_of: BaselineWriter) -> None:
    result = sockspec("run", "--baseline", baseline_of(EXPECTED.replace("fake.part", "no.such")))
    assert result.returncode == 3
    assert "deviation 2 (no.such): no claim has this id" in one_line(result)


def test_a_mistake_of_ours_is_one_line_and_a_file(sockspec: Command, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sockspec.places as p\ndef broken(): raise ZeroDivisionError('oh')\n"
        "p.catalogue = broken\n"
    )
    environment = sockspec.environment | {"TMPDIR": str(tmp_path)}
    environment["PYTHONPATH"] = f"{tmp_path}{os.pathsep}{environment['PYTHONPATH']}"
    result = attrs.evolve(sockspec, environment=environment)("list", "claims")
    assert result.returncode == 3
    message = one_line(result)
    assert message.startswith("a mistake in sockspec itself: ZeroDivisionError: oh; please report")
    (details,) = tmp_path.glob("sockspec-*.txt")
    assert str(details) in message
    assert "Traceback" in details.read_text()


# --- full disks, closed pipes, signals ---------------------------------------------------------


def test_a_full_disk_while_recording(sockspec: Command, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "records.jsonl").symlink_to("/dev/full")
    result = sockspec("run", "--out", tmp_path / "out")
    assert result.returncode == 3
    assert "cannot write: No space left on device" in one_line(result)


def test_a_folder_that_cannot_be_made(sockspec: Command, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    result = sockspec("run", "--out", tmp_path / "out" / "deeper")
    assert result.returncode == 3
    assert "cannot make this folder" in one_line(result)


@pytest.mark.parametrize("arguments", [["run", "--json"], ["list", "claims"], ["doctor"]])
def test_output_that_cannot_be_written(sockspec: Command, arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            sockspec.argv(arguments), env=sockspec.environment, stdout=full, stderr=-1, text=True
        )
    assert result.returncode == 3
    assert "sockspec: cannot write the output: No space left on device" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "arguments", [["run", "--json"], ["list", "claims"], ["explain", "fake.part"]]
)
def test_a_reader_that_has_gone(sockspec: Command, arguments: list[str]) -> None:
    child = sockspec.start(*arguments)
    assert child.stdout
    assert child.stderr
    child.stdout.close()
    said = child.stderr.read()
    child.stderr.close()
    assert child.wait(60) == 128 + signal.SIGPIPE
    assert [line for line in said.splitlines() if not line.startswith("recording on")] == []


def await_records(child: subprocess.Popen[str], out: Path, count: int, pid: Path) -> None:
    """Until a run has left so many records, and the agent has said who it is."""
    records = out / "records.jsonl"
    while not (pid.exists() and pid.read_text() and records.read_bytes().count(b"\n") > count):
        assert child.poll() is None
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_keeps_what_was_recorded(
    sockspec: Command, fake_build: FakeBuild, tmp_path: Path, number: signal.Signals
) -> None:
    pid = tmp_path / "pid"
    fake_build.behave("waits", f"3,{pid}")
    out = tmp_path / "out"
    out.mkdir()
    (out / "verdicts.json").write_text("of an earlier run")
    child = sockspec.start("run", "--out", out)
    await_records(child, out, 3, pid)
    child.send_signal(number)
    _, said = child.communicate(timeout=30)
    assert child.returncode == 128 + number
    records = out / "records.jsonl"
    stays = f"3 records stay in {records}, `sockspec judge {records}` judges them"
    assert said.splitlines()[1:] == [f"sockspec: ended early; {stays}"]
    assert [path.name for path in out.iterdir()] == ["records.jsonl"]
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
    judged = sockspec("judge", out)
    assert judged.returncode == 3
    assert "was cut short after 3 records" in judged.stdout


def test_a_kill_keeps_what_was_recorded(
    sockspec: Command, fake_build: FakeBuild, tmp_path: Path
) -> None:
    pid = tmp_path / "pid"
    fake_build.behave("waits", f"3,{pid}")
    child = sockspec.start("run", "--out", tmp_path / "out")
    await_records(child, tmp_path / "out", 3, pid)
    child.kill()
    child.communicate(timeout=30)
    os.kill(int(pid.read_text()), signal.SIGKILL)  # the fake does not mind its parent's end
    assert len((tmp_path / "out" / "records.jsonl").read_text().splitlines()) == 4


# --- on a terminal -----------------------------------------------------------------------------


def on_a_terminal(sockspec: Command, *arguments: str) -> tuple[int, str]:
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        sockspec.argv(arguments),
        env=sockspec.environment | {"TERM": "xterm-256color", "COLUMNS": "100"},
        stdout=theirs,
        stderr=theirs,
        stdin=subprocess.DEVNULL,
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # how a terminal says that nobody is left
            break
        if not chunk:
            break
        seen += chunk
    os.close(ours)
    return child.wait(60), seen.decode()


def test_a_terminal_gets_a_bar_and_colours(sockspec: Command) -> None:
    status, seen = on_a_terminal(sockspec, "run")
    assert status == 1
    assert "recording on host" in seen
    assert "\x1b[31mrefuted" in seen
    assert "10 checks of them" not in seen


def test_a_hostile_target_cannot_write_to_the_terminal(
    sockspec: Command, fake_build: FakeBuild
) -> None:
    fake_build.behave("markup")
    for arguments in (["run"], ["doctor"], ["probe", "fake/hostile"]):
        _, seen = on_a_terminal(sockspec, *arguments)
        assert "alert(1)" in seen
        assert "\x1b[31m\u202e" not in seen
        assert "\u202e" not in seen


# --- list, explain, probe, doctor --------------------------------------------------------------


def test_lists(sockspec: Command) -> None:
    claims = sockspec("list", "claims", "fake.n*")
    assert claims.stdout == (
        "fake.not-told\n  It is so: not-told.\n"
        "fake.no-check  (no check yet)\n  It is so: no-check.\n"
    )
    for what in ("claims", "stages", "targets"):
        result = sockspec("list", what, "--json")
        assert result.returncode == 0
        assert json.loads(result.stdout)
    assert sockspec("list", "stages", "x").returncode == 2
    assert "fake/test" not in sockspec("list", "probes").stdout


def test_the_list_of_probes(sockspec: Command, fake_build: FakeBuild) -> None:
    assert sockspec("list", "probes").stdout == "fake/part\n  Half.\n"
    (row,) = json.loads(sockspec("list", "probes", "--json").stdout)
    assert row["claims"] == ["fake.part"]
    (fake_build.path / "target" / "probes.json").write_text("[{}]")
    broken = sockspec("list", "probes")
    assert broken.returncode == 3
    assert "not a list of probes" in one_line(broken)


def test_explain_tells_all_about_a_claim(sockspec: Command) -> None:
    result = sockspec("explain", "fake.part")
    assert result.returncode == 0
    for text in (
        "says       It is so: part.",
        "source     What the fake agent does, line 1 (fake: states, for",
        "seen       holds in part on host (",
        "they part  refuted in 1 of 2 variants (with family=inet6), e.g. expected",
        "test_fake.py:",
        "  refuted       fake/part lo family=inet6\n                expected getpeername() = -1",
        "probe      fake/part: Half.",
        "sockspec probe fake/part lo family=inet6\n      1.0 µs    getpeername(fd=3) = -1 EINVAL",
    ):
        assert text in result.stdout


def test_a_long_list_of_variants_that_hold_is_folded() -> None:
    names = [f"a/b lo n={number}" for number in range(20)]
    variants = [VariantVerdict(name=name, verdict="holds", why="1", job=name) for name in names]
    bad = VariantVerdict(name="a/b lo n=99", verdict="refuted", why="2", job="a/b lo n=99")
    claim = ClaimVerdict(
        id="a.b",
        source="s",
        interface="i",
        verdict="holds in part",
        why="",
        variants=(*variants, bad),
        probes=("a/b",),
    )
    folded = list(claim_variants(claim, every=False))
    assert "n=99" in folded[0]
    assert folded[-1] == "  and 8 more that hold; --all shows them"
    assert len(folded) == 2 * (1 + 12) + 1
    assert len(list(claim_variants(claim, every=True))) == 2 * 21


def test_explain_from_records_is_the_same(
    sockspec: Command, fake_build: FakeBuild, tmp_path: Path
) -> None:
    live = sockspec("explain", "fake.part")
    sockspec("run", "--out", tmp_path / "out")
    fake_build.behave("dies", "0")
    recorded = sockspec("explain", "fake.part", "--from", tmp_path / "out")
    assert recorded.returncode == 0
    name = f"on {tmp_path / 'out' / 'records.jsonl'} ("
    assert recorded.stdout.replace(name, "on host (") == live.stdout


def test_explain_without_a_check(sockspec: Command) -> None:
    assert "untested   no check yet" in sockspec("explain", "fake.no-check").stdout
    assert "untested   nobody can tell" in sockspec("explain", "fake.untestable").stdout


def test_explain_as_json(sockspec: Command) -> None:
    answer = json.loads(sockspec("explain", "fake.part", "--json").stdout)
    assert answer["verdict"]["verdict"] == "holds in part"
    assert sorted(answer["records"]) == ["fake/part lo family=inet", "fake/part lo family=inet6"]
    assert answer["repeat"][1] == "sockspec probe fake/part lo family=inet6"


@pytest.mark.parametrize(
    ("words", "job"),
    [
        (["fake/holds"], "fake/holds lo family=inet"),
        (["fake/holds", "pair"], "fake/holds pair family=inet"),
        (["fake/holds", "family=inet6"], "fake/holds lo family=inet6"),
        (["fake/holds", "family=unix", "size=1"], "fake/holds lo family=unix size=1"),
        (["fake/holds pair family=inet6"], "fake/holds pair family=inet6"),
        (["fake/second"], "fake/second lo"),
    ],
)
def test_probe_fills_in_what_is_left_out(sockspec: Command, words: list[str], job: str) -> None:
    result = sockspec("probe", *words)
    assert result.returncode == 0
    assert result.stdout.splitlines()[0] == job
    assert json.loads(sockspec("probe", *words, "--json").stdout)["job"] == job


@pytest.mark.parametrize("probe", ["fake/crash", "fake/hung", "fake/fault", "fake/cut"])
def test_a_probe_that_fails_is_a_fault(sockspec: Command, probe: str) -> None:
    assert sockspec("probe", probe).returncode == 3


def test_probe_where_a_stage_is_missing(sockspec: Command, fake_build: FakeBuild) -> None:
    fake_build.behave("without", "lo,pair")
    replaced = sockspec("probe", "fake/holds")
    assert replaced.stdout.startswith("fake/holds host family=inet\n")
    assert "no stage lo here; on stage host instead" in replaced.stderr
    missing = sockspec("probe", "fake/holds", "pair")
    assert missing.returncode == 3
    assert "user namespaces are forbidden here" in one_line(missing)


def test_doctor_says_what_to_do(sockspec: Command, fake_build: FakeBuild) -> None:
    well = sockspec("doctor")
    assert well.returncode == 0
    assert "ok  stage pair  packets are captured" in well.stdout
    fake_build.behave("without", "lo,pair")
    ill = sockspec("doctor")
    assert ill.returncode == 0
    assert "--  stage pair  user namespaces are forbidden here" in ill.stdout
    assert "→" in ill.stdout
    rows: list[dict[str, Any]] = json.loads(sockspec("doctor", "--json").stdout)
    assert {row["what"]: row["state"] for row in rows}["stage lo"] == "missing"
    nothing = sockspec("doctor", "--build", "/nonexistent")
    assert nothing.returncode == 3
    assert "!!  probes      no sockspec-agent in /nonexistent/target" in nothing.stdout


# --- help and completion -----------------------------------------------------------------------

COMMANDS = [
    *("run", "judge", "list", "explain", "probe", "pcap", "report", "doctor", "completion"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_by_example(sockspec: Command, command: str) -> None:
    result = sockspec(command, "--help")
    assert result.returncode == 0
    assert "Examples:" in result.stdout
    assert all(len(line) <= 100 for line in result.stdout.splitlines())


def test_help_imports_little(sockspec: Command) -> None:
    code = (
        "import sys\nfrom sockspec.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print([m for m in ('pytest', 'rich', 'jinja2', 'msgspec', 'attrs') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], env=sockspec.environment, text=True, capture_output=True
    )
    assert result.stdout.splitlines()[-1] == "[]"
    for command in COMMANDS:
        assert f"  {command} " in result.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(sockspec: Command, shell: str) -> None:
    result = sockspec("completion", shell)
    assert result.returncode == 0
    assert "_SOCKSPEC_COMPLETE" in result.stdout


@pytest.mark.parametrize(
    ("words", "begun", "completed"),
    [
        (["explain"], "fake.h", ["fake.holds", "fake.hostile"]),
        (["run"], "interface:", ["interface:names"]),
        (["run"], "source:", ["source:fake"]),
        (["run", "--stage"], "p", ["pair"]),
        (["list"], "s", ["stages"]),
        (["probe"], "fake/", ["fake/part"]),
    ],
)
def test_completions(
    sockspec: Command, fake_build: FakeBuild, words: list[str], begun: str, completed: list[str]
) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "sockspec"],
        env=sockspec.environment
        | {
            "_SOCKSPEC_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(["sockspec", *words, begun]),
            "COMP_CWORD": str(1 + len(words)),
        },
        text=True,
        capture_output=True,
    )
    assert [line.removeprefix("plain,") for line in result.stdout.splitlines()] == completed
