# SPDX-License-Identifier: Apache-2.0
"""The agent, with probes that misbehave: it says what happened, and leaves nothing behind.

The probes are scripts under the names of real ones; the agent cannot tell.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sockspec.checks import find_checks
from sockspec.target import find_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sockspec.plan import Job

FAKES = Path(__file__).parent / "fakes"
PROBE = "getpeername/udp_unconnected"
NAMESPACED = ("lo", "pair", "wire")
STAGES = (*NAMESPACED, "host")
PATIENCE_S = 30.0
EVENT = '{"e":"note","name":"n","value":1,"t":1}'
DONE = '{"e":"done","t":2}'
WAITS = '{"e":"waits","why":"a time-out","t":1}'
WAITING_MAX = 192
"""How many jobs may wait beside those that run: csrc/agent/main.c."""


class Bench:
    """A folder of fake probes, and the agent to run them."""

    def __init__(self, folder: Path) -> None:
        self.agent = find_tree().agent
        self.folder = folder
        self.token = f"sockspec-test-{uuid.uuid4().hex}"
        """Every process of a fake probe bears it in its environment."""
        self.agents: list[subprocess.Popen[bytes]] = []

    def probe(self, body: str) -> None:
        """Make a fake probe whose script is ``body``; ``say LINE`` writes to the event log."""
        path = self.folder / PROBE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            "#!/bin/sh\n"
            "log=/proc/self/fd/$SOCKSPEC_LOG\n"
            'say() { printf "%s\\n" "$1" > $log; }\n' + body
        )
        path.chmod(0o755)

    def start(self, *options: str, pass_fds: Sequence[int] = ()) -> subprocess.Popen[bytes]:
        agent = subprocess.Popen(
            [self.agent, "--probes", self.folder, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"SOCKSPEC_TEST_TOKEN": self.token},
            pass_fds=pass_fds,
        )
        self.agents.append(agent)
        return agent

    def close(self) -> None:
        """End what a failed test left."""
        for agent in self.agents:
            agent.kill()
            with contextlib.suppress(ValueError):  # a test may have closed a pipe itself
                agent.communicate()

    def run(self, *jobs: str, limit_ms: int = 5000) -> list[dict[str, Any]]:
        """The records of the jobs, in the order of their end."""
        agent = self.start("--limit-ms", str(limit_ms))
        out, err = agent.communicate("".join(f"{job}\n" for job in jobs).encode(), PATIENCE_S)
        assert agent.returncode == 0, err
        lines = [json.loads(line) for line in out.splitlines()]
        assert lines[0]["kind"] == "hello"
        assert lines[-1] == {"kind": "bye", "records": len(jobs)}
        return lines[1:-1]

    def processes(self) -> list[int]:
        """The fake probes, and what they started, that still run."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) in [a.pid for a in self.agents]:
                continue
            with contextlib.suppress(OSError):
                if self.token.encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
        return found


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    bench = Bench(tmp_path / "probes")
    bench.folder.mkdir()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    yield bench
    bench.close()
    assert_soon(lambda: bench.processes() == [], "a process was left")
    assert list(scratch.iterdir()) == [], "a file was left"


def assert_soon(condition: Callable[[], bool], what: str) -> None:
    """Processes end, and namespaces go, a moment after they were told to."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if condition():
            return
        os.sched_yield()
    pytest.fail(what)


def job(stage: str) -> str:
    return f"{PROBE} {stage} family=inet"


def namespaces() -> set[str]:
    """The network namespaces that any process is in."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/ns/net"):
        with contextlib.suppress(OSError):
            found.add(str(entry.readlink()))
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_a_probe_that_ends_well(bench: Bench, stage: str) -> None:
    bench.probe(f"say '{EVENT}'\nsay '{DONE}'\n")
    (record,) = bench.run(job(stage))
    assert record["end"] == {"how": "exit", "status": 0}
    assert record["events"] == [json.loads(EVENT), json.loads(DONE)]
    assert (record["job"], record["stage"], record["variant"]) == (
        job(stage),
        stage,
        {"family": "inet"},
    )
    assert ("packets" in record) == (stage != "host")
    assert record["cost"]["total"] >= record["cost"]["probe"] > 0


@pytest.mark.parametrize("stage", STAGES)
def test_a_probe_that_crashes_keeps_what_it_said(bench: Bench, stage: str) -> None:
    bench.probe(f"say '{EVENT}'\nkill -SEGV $$\n")
    (record,) = bench.run(job(stage))
    assert record["end"] == {"how": "signal", "status": signal.SIGSEGV, "signal": "SIGSEGV"}
    assert record["events"] == [json.loads(EVENT)]


@pytest.mark.parametrize("stage", STAGES)
def test_a_hung_probe_is_ended_with_all_its_children(bench: Bench, stage: str) -> None:
    bench.probe(f"say '{EVENT}'\n(read never < /dev/zero | cat /dev/zero > /dev/null) & wait\n")
    (record,) = bench.run(job(stage), limit_ms=300)
    assert record["end"]["how"] == "limit"
    assert record["end"]["why"] == "it had not ended after 300 ms"
    assert record["end"]["stuck"][0]["state"] == "S"
    assert record["events"] == [json.loads(EVENT)]


@pytest.mark.parametrize("stage", NAMESPACED)
def test_a_daemon_that_a_probe_left_is_ended(bench: Bench, stage: str) -> None:
    """A process in a session of its own; without a PID namespace nobody could find it."""
    bench.probe(f"setsid cat /dev/zero > /dev/null &\nsay '{DONE}'\n")
    (record,) = bench.run(job(stage))
    assert record["end"] == {"how": "exit", "status": 0}


@pytest.mark.parametrize("stage", STAGES)
def test_a_flood_is_cut(bench: Bench, stage: str) -> None:
    bench.probe(f"say '{EVENT}'\nexec yes '{EVENT}' > $log\n")
    (record,) = bench.run(job(stage), limit_ms=20000)
    assert record["end"]["how"] == "limit"
    assert record["end"]["why"].startswith("it wrote more than")
    assert record["output"]["dropped_bytes"] > 64 << 20
    assert len(json.dumps(record["events"])) < 3 << 20


@pytest.mark.parametrize("stage", STAGES)
def test_nonsense_is_told_apart_from_events(bench: Bench, stage: str) -> None:
    bench.probe(
        f"say '{EVENT}'\n"
        "say 'hello <b>world</b>'\n"
        'say \'{"e":"note"\'\n'
        "say '[1]'\n"
        "say '{} {}'\n"
        "say '{\"a\":01}'\n"
        "printf '\\377\\376\\n' > $log\n"
        f"say '{DONE}'\n"
    )
    (record,) = bench.run(job(stage))
    assert record["events"] == [json.loads(EVENT), json.loads(DONE)]
    assert record["output"]["nonsense"] == [
        "hello <b>world</b>",
        '{"e":"note"',
        "[1]",
        "{} {}",
        '{"a":01}',
    ], "the first five"


@pytest.mark.parametrize("stage", STAGES)
def test_half_a_line_is_no_event(bench: Bench, stage: str) -> None:
    """Even if what has come so far would be one."""
    bench.probe(f"printf '%s' '{DONE}' > $log\n")
    (record,) = bench.run(job(stage))
    assert record["events"] == []
    assert record["output"]["nonsense"] == [DONE]


def test_a_line_without_end_is_bounded(bench: Bench) -> None:
    bench.probe("head -c 1000000 /dev/zero | tr '\\0' x > $log\nsay ''\n")
    (record,) = bench.run(job("lo"))
    assert record["events"] == []
    assert record["output"]["dropped_bytes"] > 900_000


def test_what_a_probe_prints_elsewhere_is_kept(bench: Bench) -> None:
    bench.probe('echo "to stdout"; echo "to <stderr>" >&2\n')
    (record,) = bench.run(job("lo"))
    assert record["output"]["stderr"] == "to stdout\nto <stderr>\n"


def test_a_missing_program_is_no_verdict(bench: Bench) -> None:
    (record,) = bench.run(job("lo"))
    assert record["end"] == {"how": "exit", "status": 127}
    assert "No such file" in record["output"]["stderr"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("nothing/there lo", "there is no such probe"),
        ("../../bin/sh lo", "there is no such probe"),
        (f"{PROBE} moon", "there is no such stage"),
        (f"{PROBE}", "there is no such stage"),
        (f"{PROBE} lo family", "a variant is NAME=VALUE"),
        (f"{PROBE} lo a=$(reboot)", "a variant is NAME=VALUE"),
        (f"{PROBE} lo " + " ".join(f"a{i}=1" for i in range(60)), "the job has too many variants"),
        (f"{PROBE} lo a=" + "x" * 2000, "the job's line is too long"),
    ],
)
def test_a_wrong_job_is_lost_alone(bench: Bench, line: str, why: str) -> None:
    bench.probe(f"say '{DONE}'\n")
    records = bench.run(line, job("lo"))
    lost, good = sorted(records, key=lambda record: record["end"]["how"])
    assert lost["end"] == {"how": "agent", "why": why}
    assert good["end"] == {"how": "exit", "status": 0}


def test_many_jobs_each_get_their_record(bench: Bench) -> None:
    bench.probe(f"say '{DONE}'\n")
    jobs = [f"{PROBE} {stage} n={n}" for n in range(40) for stage in STAGES]
    assert sorted(record["job"] for record in bench.run(*jobs)) == sorted(jobs)


def test_a_job_sees_no_other_jobs_files_or_ports(bench: Bench) -> None:
    """Each has an empty folder and a fresh loopback; the second run finds nothing of the first."""
    bench.probe(f"[ -z \"$(ls)\" ] && say '{EVENT}'\n: > left-here\nsay '{DONE}'\n")
    for stage in STAGES:
        for record in bench.run(job(stage), job(stage)):
            assert record["events"] == [json.loads(EVENT), json.loads(DONE)]


@pytest.mark.parametrize("stage", STAGES)
def test_a_job_inherits_no_descriptor_of_who_started_the_agent(bench: Bench, stage: str) -> None:
    null = os.open("/dev/null", os.O_RDONLY)
    stray = fcntl.fcntl(null, fcntl.F_DUPFD, 50)
    bench.probe(f"[ -e /proc/self/fd/{stray} ] && say '{EVENT}'\nsay '{DONE}'\n")
    agent = bench.start(pass_fds=[stray])
    out, _ = agent.communicate(f"{job(stage)}\n".encode(), PATIENCE_S)
    os.close(stray)
    os.close(null)
    assert json.loads(out.splitlines()[1])["events"] == [json.loads(DONE)]


@pytest.mark.parametrize("stage", STAGES)
def test_killing_the_agent_leaves_nothing(bench: Bench, stage: str) -> None:
    bench.probe("mkfifo f; cat f & cat f\n")
    before = namespaces()
    agent = bench.start()
    assert agent.stdin
    agent.stdin.write(f"{job(stage)}\n".encode() * 4)
    agent.stdin.flush()
    assert_soon(lambda: len(bench.processes()) >= 4, "the probes did not start")
    agent.kill()
    agent.communicate()
    assert_soon(lambda: bench.processes() == [], "a probe outlived its agent")
    assert_soon(lambda: namespaces() <= before, "a namespace outlived its agent")


@pytest.mark.parametrize("stage", STAGES)
def test_killing_a_keeper_loses_its_job_alone(bench: Bench, stage: str) -> None:
    bench.probe(f"case \"$*\" in *hang=1*) mkfifo f; cat f;; *) say '{DONE}';; esac\n")
    agent = bench.start("--parallel", "2")
    assert agent.stdin
    agent.stdin.write(f"{PROBE} {stage} hang=1\n{PROBE} {stage} hang=0\n".encode())
    agent.stdin.flush()
    assert agent.stdout
    agent.stdout.readline()
    assert json.loads(agent.stdout.readline())["job"] == f"{PROBE} {stage} hang=0"
    assert_soon(lambda: len(keepers_at_work(agent.pid)) == 1, "the probe did not start")
    os.kill(keepers_at_work(agent.pid)[0], signal.SIGKILL)
    out, _ = agent.communicate(timeout=PATIENCE_S)
    records = {line["job"]: line for line in map(json.loads, out.splitlines()) if "job" in line}
    assert records[f"{PROBE} {stage} hang=1"]["end"] == {
        "how": "agent",
        "why": "its keeper ended without a record",
    }
    assert list(records) == [f"{PROBE} {stage} hang=1"]


def children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def keepers_at_work(agent: int) -> list[int]:
    return [keeper for keeper in children(agent) if children(keeper)]


def test_the_agent_ends_when_nobody_reads(bench: Bench) -> None:
    bench.probe("mkfifo f; cat f\n")
    agent = bench.start()
    assert agent.stdin
    assert agent.stdout
    assert agent.stderr
    agent.stdout.readline()
    agent.stdin.write(f"{job('lo')}\n".encode())
    agent.stdin.flush()
    assert_soon(lambda: bench.processes() != [], "the probe did not start")
    agent.stdout.close()
    assert agent.wait(PATIENCE_S) == 3
    agent.stdin.close()
    agent.stderr.close()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "--probes names no folder"),
        (["--probes", "/nowhere/at/all"], "--probes names no folder"),
        (["--probes", "/", "--parallel", "0"], "a number is out of range"),
        (["--probes", "/", "--parallel", "65"], "a number is out of range"),
        (["--probes", "/", "--limit-ms", "1x"], "a number is out of range"),
        (["--probes", "/", "--wire", "string"], "--wire is veth or tun"),
        (["--bogus"], "these are its options"),
    ],
)
def test_wrong_usage_is_2(arguments: list[str], says: str) -> None:
    done = subprocess.run([find_tree().agent, *arguments], capture_output=True, text=True)
    assert done.returncode == 2
    assert says in done.stderr


# --- jobs that wait for a time-out --------------------------------------------------------------


class Gate:
    """What waiting probes wait for: each takes one pass of it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "gate"
        os.mkfifo(self.path)
        self.fd = os.open(self.path, os.O_RDWR)  # readers find it open, and never at its end

    def let_pass(self, count: int = 1) -> None:
        os.write(self.fd, b"\n" * count)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path)
    yield gate
    os.close(gate.fd)


def send(agent: subprocess.Popen[bytes], *jobs: str) -> None:
    assert agent.stdin
    agent.stdin.write("".join(f"{job}\n" for job in jobs).encode())
    agent.stdin.flush()


def next_record(agent: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The next record of a running agent."""
    assert agent.stdout
    while True:
        line: dict[str, Any] = json.loads(agent.stdout.readline())
        if line["kind"] == "record":
            return line


@pytest.mark.parametrize("stage", STAGES)
def test_other_jobs_run_while_one_waits(bench: Bench, gate: Gate, stage: str) -> None:
    bench.probe(
        f"case \"$*\" in *wait=1*) say '{WAITS}'; read pass < {gate.path};; esac\nsay '{DONE}'\n"
    )
    agent = bench.start("--parallel", "1")
    waiting = f"{PROBE} {stage} wait=1"
    others = [f"{PROBE} {stage} n={n}" for n in range(20)]
    send(agent, waiting, *others)
    assert [next_record(agent)["job"] for _ in others] == others
    gate.let_pass()
    record = next_record(agent)
    assert (record["job"], record["end"]) == (waiting, {"how": "exit", "status": 0})
    assert record["events"] == [json.loads(WAITS), json.loads(DONE)]
    out, _ = agent.communicate(timeout=PATIENCE_S)
    assert json.loads(out) == {"kind": "bye", "records": len(others) + 1}


def test_a_job_that_does_not_say_so_keeps_its_place(bench: Bench) -> None:
    """What a probe says otherwise, and what only looks like it, makes no room for another."""
    like = '{"e":"waits"'
    bench.probe(
        'case "$*" in *hang=1*)\n'
        f"  say '{EVENT}'; say '{like}'; say ' {WAITS}'; printf '%s' '{WAITS}' > $log\n"
        "  mkfifo f; cat f;;\n"
        f"esac\nsay '{DONE}'\n"
    )
    agent = bench.start("--parallel", "1", "--limit-ms", "300")
    jobs = [f"{PROBE} lo hang={hang}" for hang in "10"]
    send(agent, *jobs)
    assert [next_record(agent)["job"] for _ in jobs] == jobs


def test_only_so_many_jobs_wait_at_once(bench: Bench, gate: Gate, tmp_path: Path) -> None:
    """Each notes that it came and that it goes, so that the notes tell how many were there at most.

    They go one by one, each after another could come in its place; without a bound those that come
    are far ahead soon.
    """
    log = tmp_path / "log"
    log.touch()
    note = f"printf %s >> {log}"
    bench.probe(f"{note} +\nsay '{WAITS}'\nread pass < {gate.path}\n{note} -\nsay '{DONE}'\n")
    agent = bench.start("--parallel", "1", "--limit-ms", "60000")
    more = 40
    jobs = [f"{PROBE} lo n={n}" for n in range(WAITING_MAX + more)]
    send(agent, *jobs)

    def came(count: int) -> None:
        assert_soon(lambda: log.read_text().count("+") >= count, "a job was not let in")

    for n in range(more):
        came(WAITING_MAX + n)
        gate.let_pass()
    gate.let_pass(WAITING_MAX)
    assert {next_record(agent)["job"] for _ in jobs} == set(jobs)
    there = list(itertools.accumulate({"+": 1, "-": -1}[step] for step in log.read_text()))
    assert max(there) == WAITING_MAX
    assert there[-1] == 0


def test_saying_it_again_changes_nothing(bench: Bench) -> None:
    """Together in one write, and one by one."""
    many = "\n".join([WAITS] * 50)
    bench.probe(f"say '{many}'\nfor i in 1 2 3 4 5; do say '{WAITS}'; done\nsay '{DONE}'\n")
    jobs = [f"{PROBE} {stage} n={n}" for stage in STAGES for n in range(4)]
    records = bench.run(*jobs)
    assert sorted(record["job"] for record in records) == sorted(jobs)
    for record in records:
        assert record["events"] == [*[json.loads(WAITS)] * 55, json.loads(DONE)]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    ("then", "how"),
    [
        ("kill -SEGV $$", "signal"),
        ("mkfifo f; cat f", "limit"),
        (f"exec yes '{WAITS}' > $log", "limit"),
        ("exit 3", "exit"),
    ],
    ids=["crashes", "hangs", "floods", "fails"],
)
def test_a_job_that_waits_and_fails_is_told_as_any(
    bench: Bench, stage: str, then: str, how: str
) -> None:
    bench.probe(f"case \"$*\" in *bad=1*) say '{WAITS}'; {then};; esac\nsay '{DONE}'\n")
    jobs = [f"{PROBE} {stage} bad={n % 2} n={n}" for n in range(5)]
    agent = bench.start("--parallel", "1", "--limit-ms", "2000")
    out, err = agent.communicate("".join(f"{job}\n" for job in jobs).encode(), PATIENCE_S)
    assert (agent.returncode, err) == (0, b"")
    _, *records, bye = (json.loads(line) for line in out.splitlines())
    assert bye == {"kind": "bye", "records": len(jobs)}
    by_job = {record["job"]: record for record in records}
    assert sorted(by_job) == sorted(jobs)
    for n, job in enumerate(jobs):
        assert by_job[job]["end"]["how"] == (how if n % 2 else "exit")
        assert by_job[job]["events"][0] == json.loads(WAITS if n % 2 else DONE)


@pytest.mark.needs("ip", "unshare")
def test_no_packet_leaves_the_namespaces_that_a_run_made(tmp_path: Path) -> None:
    """A host with a way out: nothing is on its wire, while the jobs exchange packets."""
    tree = find_tree()
    jobs = "".join(f"{job}\n" for job in representative_jobs())
    done = subprocess.run(
        [
            *("unshare", "--user", "--map-root-user", "--net", "--"),
            *(sys.executable, str(FAKES / "way_out.py")),
            *(str(tree.agent), "--probes", str(tree.probes_dir)),
        ],
        input=jobs,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=PATIENCE_S * 4,
    )
    assert done.returncode == 0, done.stderr
    wire = json.loads(done.stdout)
    assert wire["status"] == 0, done.stderr
    assert all(wire["before"]), "a stray packet would not have been seen"
    assert wire["during"] == []
    records = [json.loads(line) for line in (tmp_path / "records").read_text().splitlines()]
    assert any(record.get("packets") for record in records), "no job sent anything"


def representative_jobs() -> list[Job]:
    """Of each probe one job a stage and address family, as its checks ask for it."""
    chosen: dict[tuple[str, str, str], Job] = {}
    for check in find_checks():
        for job in check.jobs:
            family = dict(job.variant).get("family", "")
            chosen.setdefault((job.probe, job.stage, family), job)
    return list(chosen.values())


@pytest.mark.needs("valgrind")
@pytest.mark.parametrize("options", [(), ("--wire", "veth")], ids=["any", "veth"])
def test_the_agent_is_clean_under_valgrind(bench: Bench, options: tuple[str, ...]) -> None:
    """The agent and its keepers, with a probe that ends well and one that hangs.

    A stage that cannot be had is a record, too.
    """
    bench.probe(f"say '{WAITS}'\ncase \"$*\" in *hang=1*) mkfifo f; cat f;; esac\nsay '{DONE}'\n")
    stages = ("wire",) if options else STAGES
    jobs = [f"{PROBE} {stage} hang={hang}" for stage in stages for hang in "01"]
    done = subprocess.run(
        [
            *("valgrind", "--quiet", "--error-exitcode=9", "--leak-check=full"),
            *("--errors-for-leak-kinds=definite", str(bench.agent), "--probes", str(bench.folder)),
            *("--limit-ms", "1000", *options),
        ],
        input="".join(f"{job}\n" for job in [*jobs, "no/probe lo"]),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S * 4,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout.splitlines()[-1]) == {"kind": "bye", "records": len(jobs) + 1}
