# SPDX-License-Identifier: Apache-2.0
"""The proof: where lies are tried, what comes of each, and the command."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from sockspec import judge, model, places, proving, schema, store
from sockspec.baseline import Baseline, Deviation
from sockspec.check import ClaimContext, RecordView, observes
from sockspec.checks import Check
from sockspec.errors import SockspecError
from sockspec.lies import Lie
from sockspec.model import ClaimProof, Observed, ProofDocument, Stage
from sockspec.plan import Job
from sockspec.proving import Key, Readers, Seen, Trial
from sockspec.recorder import LiveRecords, Placement
from sockspec.target import HostTarget, find_tree
from sockspec.verdicts import Outcome

from .conftest import FAKES, Command, FakeBuild

LIE = Lie("a.lie", "it lies", "getpeername::errno=EINVAL", ("a.claim",))
MENDING = Lie("a.mend", "it mends", "getpeername::errno=ENOTCONN", (), ("a.claim",))
CALLS = ("calls",)


# --- where a lie is tried ----------------------------------------------------------------------


@observes("fake/one", family=("inet", "inet6"), stage=("lo", "pair"), call=("recv", "read"))
def one(record: RecordView, claim: ClaimContext) -> None:
    with claim("a.claim"):
        assert record.last.failed
    with claim("b.claim"):
        assert record.last.failed


@observes("fake/wire", family="inet", stage="wire")
def wire(record: RecordView, claim: ClaimContext) -> None:
    with claim("a.claim"):
        assert record.last.failed


@observes("fake/both", family=("inet", "unix"), stage=("lo", "host"))
def both(record: RecordView, claim: ClaimContext) -> None:
    with claim("c.claim"):
        assert record.last.failed


def readers_of(*functions: Any, stages: Sequence[Stage] | None = None) -> Readers:
    known = stages or [Stage(name=name) for name in ("lo", "pair", "wire", "host")]
    checks = [Check.of(function) for function in functions]
    return Readers([check for check in checks if check], Placement(known))


def keys(jobs: Iterable[Job]) -> list[str]:
    return [job.key for job in jobs]


def test_jobs_are_spread_over_the_variants() -> None:
    (jobs,) = readers_of(one).jobs_of("a.claim")
    assert len(jobs) == 8
    for count in (2, 3, 4):
        chosen = proving.spread(jobs, count)
        assert len(set(chosen)) == count
        assert {value for job in chosen for _, value in job.variant} == {
            "inet",
            "inet6",
            "recv",
            "read",
        }
        assert {job.stage for job in chosen} == {"lo", "pair"}
    assert proving.spread(jobs, 0) == jobs
    assert proving.spread(jobs, 99) != []
    assert set(proving.spread(jobs, 99)) == set(jobs)


def test_a_lie_is_tried_in_some_jobs_of_each_check() -> None:
    planned = proving.plan([LIE], readers_of(one, wire), CALLS, jobs=2)
    assert keys(planned.trials[LIE]) == [
        "fake/one lo call=recv family=inet",
        "fake/one pair call=read family=inet6",
        "fake/wire wire family=inet",
    ]
    assert list(planned.keys)[-1] == "fake/wire wire family=inet lie=getpeername::errno=EINVAL"
    assert len(list(planned.keys)) == 6


def test_only_those_that_can_see_it() -> None:
    lie = Lie("a.lie", "", LIE.rule, ("a.claim",), only={"stage": ("pair",), "call": ("read",)})
    planned = proving.plan([lie], readers_of(one, wire), CALLS, jobs=0)
    assert keys(planned.trials[lie]) == [
        "fake/one pair call=read family=inet",
        "fake/one pair call=read family=inet6",
    ]


def test_a_job_that_names_the_function_comes_first() -> None:
    lie = Lie("a.lie", "", "read+readv::size-1", ("a.claim",))
    planned = proving.plan([lie], readers_of(one), CALLS, jobs=1)
    assert keys(planned.trials[lie]) == ["fake/one lo call=read family=inet"]


@pytest.mark.parametrize(
    ("lie", "verdict", "glob", "family"),
    [
        (LIE, "refuted", "* family=inet", "inet6"),
        (LIE, "unsupported", "* family=inet6", "inet"),
        (MENDING, "refuted", "* family=inet6", "inet6"),
        (MENDING, "unsupported", "* family=inet6", "inet inet6"),  # none is known: all are tried
    ],
)
def test_jobs_whose_verdict_the_lie_can_change_are_preferred(
    lie: Lie, verdict: Any, glob: str, family: str
) -> None:
    known = Deviation(claim="a.claim", variants=glob, verdict=verdict, reason="x", reference="y")
    planned = proving.plan([lie], readers_of(one), CALLS, baseline=Baseline([known]), jobs=0)
    found = {dict(job.variant)["family"] for job in planned.trials[lie]}
    assert found == set(family.split())


WIRE = Lie("a.wire", "", "wire:out,fin:drop", ("a.claim", "b.claim", "z.claim"))


@pytest.mark.parametrize(
    ("lie", "claim", "tellers", "why"),
    [
        (WIRE, "a.claim", ("calls",), "this target can have no lie told on wire"),
        (WIRE, "b.claim", ("calls", "wire"), "no job of its checks can see the lie: look at only="),
        (WIRE, "z.claim", ("calls", "wire"), "no check judges it"),
        (LIE, "a.claim", ("wire",), "this target can have no lie told on calls"),
    ],
)
def test_why_a_lie_cannot_be_tried(
    lie: Lie, claim: str, tellers: tuple[str, ...], why: str
) -> None:
    planned = proving.plan([lie], readers_of(one, wire), tellers)
    assert planned.why_none[lie, claim] == why
    proof = proving.prove_lie(lie, [], planned)
    by_id = {one.id: one for one in proof.claims}
    assert (by_id[claim].outcome, by_id[claim].why) == ("not told", why)


def test_a_stage_that_cannot_be_had() -> None:
    stages = [Stage(name="lo"), Stage(name="wire", why_not="veth is missing")]
    planned = proving.plan([WIRE], readers_of(wire, stages=stages), ("wire",))
    assert planned.why_none[WIRE, "a.claim"] == "no stage wire here: veth is missing"
    assert planned.trials[WIRE] == ()


def test_the_host_stands_for_loopback_once() -> None:
    stages = [Stage(name="lo", why_not="no namespaces"), Stage(name="host")]
    lie = Lie("a.lie", "", LIE.rule, ("c.claim",))
    readers = readers_of(both, stages=stages)
    assert [len(found) for found in readers.by_job.values()] == [1, 1]
    planned = proving.plan([lie], readers, CALLS, jobs=0)
    assert keys(planned.trials[lie]) == ["fake/both host family=inet", "fake/both host family=unix"]


# --- what comes of it --------------------------------------------------------------------------

JOB = Job.parse("fake/one lo family=inet")


def seen(
    *verdicts: tuple[str, str | None, Observed], told: bool = True, accident: str | None = None
) -> Seen:
    outcomes: dict[Key, Outcome] = {
        (claim, part): Outcome(claim, JOB.key, verdict, f"{verdict} it is", part)
        for claim, part, verdict in verdicts
    }
    return Seen(outcomes, told, accident)


def trial(truth: Seen, lie: Seen) -> Trial:
    return Trial(JOB, truth, lie)


def proved(*trials: Trial, lie: Lie = LIE, why_none: str | None = None) -> ClaimProof:
    return proving.prove_claim(lie, "a.claim", trials, why_none)


HOLDS = seen(("a.claim", None, "holds"))
REFUTED = seen(("a.claim", None, "refuted"))
NOT_OBSERVED = seen(("a.claim", None, "not observed"))
UNSUPPORTED = seen(("a.claim", None, "unsupported"))
OTHER_TURNS = (
    seen(("a.claim", None, "holds"), ("b.claim", None, "holds")),
    seen(("a.claim", None, "holds"), ("b.claim", None, "refuted")),
)


@pytest.mark.parametrize(
    ("trials", "outcome", "why"),
    [
        ([(HOLDS, REFUTED)], "caught", "refuted it is"),
        ([(HOLDS, HOLDS), (HOLDS, REFUTED)], "caught", "refuted it is"),
        ([OTHER_TURNS, (HOLDS, REFUTED)], "caught", "refuted it is"),
        ([(HOLDS, HOLDS)], "missed", "the same with the lie as without, in 1 job"),
        ([(REFUTED, REFUTED)], "missed", "in truth it is refuted in all of 1 job"),
        ([(REFUTED, HOLDS)], "missed", "in truth it is refuted in all of 1 job"),
        ([OTHER_TURNS], "by another", "only by b.claim: refuted it is"),
        (
            [
                (
                    HOLDS,
                    seen(("a.claim", None, "not observed"), accident="the probe died of SIGSEGV"),
                )
            ],
            "by accident",
            "the probe died of SIGSEGV",
        ),
        ([(HOLDS, NOT_OBSERVED)], "by accident", "not observed: not observed it is"),
        ([(NOT_OBSERVED, NOT_OBSERVED)], "missed", "in truth it is not observed in all of 1 job"),
        ([(HOLDS, UNSUPPORTED)], "missed", "the same with the lie as without, in 1 job"),
        (
            [(HOLDS, seen(("a.claim", None, "holds"), told=False))],
            "not told",
            "in none of 1 job did it come to the lie",
        ),
        ([(HOLDS, seen(("a.claim", None, "holds"), told=False)), (HOLDS, HOLDS)], "missed", "in 2"),
        # another part, and a part that is gone, is not the same
        (
            [(seen(("a.claim", "x", "holds")), seen(("a.claim", "y", "refuted")))],
            "by accident",
            "not observed: the check did not come to it",
        ),
        (
            [
                (
                    seen(("a.claim", "x", "holds"), ("a.claim", "y", "refuted")),
                    seen(("a.claim", "x", "holds"), ("a.claim", "y", "refuted")),
                )
            ],
            "missed",
            "the same with the lie",
        ),
        (
            [
                (
                    seen(("a.claim", "x", "holds"), ("a.claim", "y", "holds")),
                    seen(("a.claim", "x", "holds"), ("a.claim", "y", "refuted")),
                )
            ],
            "caught",
            "refuted it is",
        ),
    ],
)
def test_what_comes_of_a_lie(trials: list[tuple[Seen, Seen]], outcome: str, why: str) -> None:
    proof = proved(*(trial(truth, lie) for truth, lie in trials))
    assert proof.outcome == outcome
    assert why in proof.why
    assert proof.wanted == "refuted"


@pytest.mark.parametrize(
    ("truth", "lie", "outcome"),
    [
        (REFUTED, HOLDS, "caught"),
        (REFUTED, REFUTED, "missed"),
        (HOLDS, REFUTED, "missed"),
        (REFUTED, NOT_OBSERVED, "by accident"),
    ],
)
def test_what_comes_of_a_lie_that_mends(truth: Seen, lie: Seen, outcome: str) -> None:
    proof = proved(trial(truth, lie), lie=MENDING)
    assert (proof.outcome, proof.wanted) == (outcome, "holds")


def test_what_tells_most_is_seen_first() -> None:
    many = [trial(HOLDS, HOLDS)] * 20 + [trial(HOLDS, UNSUPPORTED), trial(HOLDS, REFUTED)]
    sights = proved(*many).sights
    assert len(sights) == 12
    assert [sight.lie for sight in sights[:3]] == ["refuted", "unsupported", "holds"]
    assert sights[0].job == JOB.key


def test_a_lie_is_as_good_as_the_worst_of_its_claims_and_what_else_it_turns_is_told() -> None:
    lie = Lie("a.lie", "", LIE.rule, ("a.claim", "b.claim", "c.claim"))
    truth = seen(*((f"{name}.claim", None, "holds") for name in "abcde"))
    under = seen(
        ("a.claim", None, "refuted"),
        ("b.claim", None, "refuted"),
        ("c.claim", None, "holds"),
        ("d.claim", None, "refuted"),
        ("e.claim", None, "holds"),
    )
    proof = proving.prove_lie(lie, [trial(truth, under)], proving.plan([], readers_of(), CALLS))
    assert [claim.outcome for claim in proof.claims] == ["caught", "caught", "by another"]
    assert proof.outcome == "by another"
    assert proof.also == ("d.claim",)
    assert proof.jobs == 1


def test_a_check_does_not_see_that_it_was_lied_to() -> None:
    told = {"e": "lie", "call": "getpeername", "t": 1}
    lying = proving.lying(JOB, LIE)
    record = msgspec.convert(
        {
            "kind": "record",
            "job": lying.key,
            "probe": JOB.probe,
            "stage": JOB.stage,
            "variant": {"family": "inet", "lie": LIE.rule},
            "hash": "1",
            "t0": 1,
            "end": {"how": "exit"},
            "events": [told, {"e": "done", "t": 9}],
        },
        model.Record,
    )
    plain = proving.as_in_truth(record, JOB)
    assert plain.job == JOB.key
    assert plain.variant == {"family": "inet"}
    assert [type(event) for event in plain.events] == [model.Done]


# --- the whole way, with an agent that is a fake -----------------------------------------------


class Quiet:
    """Nobody wants to know how far it is."""

    def start(self, jobs: int, items: int) -> None:
        self.jobs, self.items = jobs, items

    def advance(self) -> None:
        """One more."""


@pytest.fixture
def subject(monkeypatch: pytest.MonkeyPatch) -> proving.Subject:
    for name in ("checks", "claims", "lies"):
        monkeypatch.setenv(f"SOCKSPEC_{name.upper()}", str(FAKES / name))
    catalogue = places.catalogue()
    checks = judge.collect(places.checks_folder())
    return proving.Subject(catalogue.claims, checks, places.lies(catalogue))


def prove(subject: proving.Subject, build: FakeBuild, jobs: int = 3) -> ProofDocument:
    target = HostTarget(find_tree(build.path))
    with store.scratch() as recording, LiveRecords(target, recording) as records:
        return proving.prove(subject, subject.lies.all, records, Quiet(), jobs)


def test_each_outcome_once(subject: proving.Subject, fake_build: FakeBuild) -> None:
    document = prove(subject, fake_build)
    assert {lie.id.removeprefix("fake."): lie.outcome for lie in document.lies} == {
        "caught": "caught",
        "mended": "caught",
        "missed": "missed",
        "by-another": "by another",
        "by-accident": "by accident",
        "untold": "not told",
        "wire": "not told",
    }
    whys = {lie.id.removeprefix("fake."): lie.claims[0].why for lie in document.lies}
    evidence = "expected getpeername() = -1 ENOTCONN; observed getpeername(fd=3) = -1 EINVAL"
    assert whys["caught"] == evidence
    other = "expected getpeername() = -1 EINVAL; observed getpeername(fd=3) = -1 ENOTCONN"
    assert whys["by-another"] == f"only by fake.beside-refuted: {other}"
    assert whys["by-accident"] == "the probe died of SIGSEGV after getpeername"
    assert whys["wire"] == "this target can have no lie told on wire"
    by_id = {lie.id: lie for lie in document.lies}
    assert by_id["fake.mended"].also == ("fake.beside-refuted",)
    assert by_id["fake.caught"].also == ()
    assert by_id["fake.caught"].jobs == 3
    sight = by_id["fake.caught"].claims[0].sights[0]
    assert (sight.truth, sight.lie, sight.told) == ("holds", "refuted", True)
    assert sight.truth_why == "getpeername(fd=3) = -1 ENOTCONN"
    assert document.summary["faults"] == []
    assert document.target["libc"] == "fakelibc 1.0"


def test_what_is_not_proved_is_listed(subject: proving.Subject, fake_build: FakeBuild) -> None:
    document = prove(subject, fake_build)
    assert document.to_tell == (
        "fake.beside-refuted",
        "fake.part",
        "fake.not-told",
        "fake.faulty",
        "fake.hostile",
        "fake.no-check",
    )
    assert document.untold == {
        "fake.unsupported": "What is not there cannot be lied about.",
        "fake.untestable": "nobody can tell",
    }
    assert document.summary["claims_with_lie"] == 2
    assert document.summary["outcomes"]["caught"] == 2


def test_truth_is_recorded_once(subject: proving.Subject, fake_build: FakeBuild) -> None:
    quiet = Quiet()
    target = HostTarget(find_tree(fake_build.path))
    with store.scratch() as recording, LiveRecords(target, recording) as records:
        proving.prove(subject, subject.lies.all, records, quiet, 0)
        told = [job for job in recording if " lie=" in job]
        assert len(recording) == quiet.jobs
    # 4 jobs of fake/holds and 2 of fake/refuted in truth, and the description of the target
    assert quiet.items == 4 + 2 + 2 + 2 + 4 + 4
    assert len(told) == quiet.items - 2  # two lies are told in the same way to two jobs
    assert quiet.jobs == len(told) + 6 + 1


@pytest.mark.parametrize(
    ("mode", "value", "what"),
    [("forgets", "", "the agent gave no record of 1 jobs"), ("dies", "2", "ended with SIGSEGV")],
)
def test_an_agent_that_misbehaves_is_a_fault_of_ours(
    subject: proving.Subject, fake_build: FakeBuild, mode: str, value: str, what: str
) -> None:
    fake_build.behave(mode, value)
    faults = prove(subject, fake_build).summary["faults"]
    assert any(what in fault["what"] for fault in faults)


def test_what_goes_wrong_in_truth_is_a_fault_of_ours() -> None:
    class Lost(LiveRecords):
        def __init__(self) -> None:
            """Nothing is recorded."""

        def wait(self, job: str) -> str:
            return f"no {job}"

    prover = proving.Prover(Lost(), readers_of(one))
    (jobs,) = readers_of(one).jobs_of("a.claim")
    truth = prover.truth(jobs[0])
    assert prover.truth(jobs[0]) is truth
    assert [str(fault) for fault in prover.faults] == [f"{jobs[0]}: no {jobs[0]}"]
    assert prover.under(LIE, jobs[0]).accident == f"no {proving.lying(jobs[0], LIE)}"
    assert len(prover.faults) == 1


# --- the checks, collected without running them ------------------------------------------------


def test_checks_are_collected_as_a_run_has_them() -> None:
    checks = judge.collect(FAKES / "checks")
    names = ["test_holds", "test_refuted", "test_part", "test_unsupported", "test_not_told"]
    assert [check.name for check in checks] == names


def test_faulty_checks_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "test_broken.py").write_text("import nothing_of_this_name\n")
    with pytest.raises(SockspecError, match="nothing_of_this_name"):
        judge.collect(tmp_path)
    (tmp_path / "test_broken.py").write_text("")
    with pytest.raises(SockspecError, match="no checks here"):
        judge.collect(tmp_path)


# --- the command -------------------------------------------------------------------------------


def one_line(text: str) -> str:
    lines = [line for line in text.splitlines() if not line.startswith("proving on")]
    assert len(lines) == 1, text
    return lines[0].removeprefix("sockspec: ")


def test_the_command_proves_and_leaves_its_files(sockspec: Command, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = sockspec("prove", "--out", out)
    assert result.returncode == 1, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith("7 lies on host (")
    assert [line.split() for line in lines[1:6]] == [
        ["caught", "2"],
        ["by", "another", "1"],
        ["by", "accident", "1"],
        ["not", "told", "2"],
        ["missed", "1"],
    ]
    assert "2 of 10 claims have a lie, 2 a reason why none can be told, 6 neither" in lines
    assert "missed (1):" in lines
    missed = "  fake.missed: fake.holds: the same with the lie as without, in 2 jobs"
    assert missed in lines
    assert lines[-1] == f"report: {out / 'proof.html'}"
    assert sorted(path.name for path in out.iterdir()) == [
        "proof.html",
        "proof.json",
        "records.jsonl",
    ]
    proof = json.loads((out / "proof.json").read_text())
    jsonschema.validate(proof, json.loads((schema.FOLDER / "proof.json").read_text()))
    assert [lie["id"] for lie in proof["lies"]][:2] == ["fake.caught", "fake.mended"]
    for line in (out / "records.jsonl").read_text().splitlines():
        record = json.loads((schema.FOLDER / "record.json").read_text())
        jsonschema.validate(json.loads(line), record)


@pytest.mark.parametrize(
    ("words", "status", "what"),
    [
        (["lie:fake.caught"], 0, "1 lie on host"),
        (["lie:fake.m*d", "fake.holds"], 1, "6 lies on host"),
        (["lie:fake.missed"], 1, "missed (1):"),
        (["lie:fake.by-another"], 1, "caught by another claim only (1):"),
        (["lie:fake.by-accident"], 1, "caught by accident only, which does not count (1):"),
        (["lie:fake.untold"], 1, "not told: the lie never came to be (1):"),
        (["--no-lie"], 0, "0 verdicts changed though no lie was told"),
        (["--no-lie", "fake.holds"], 0, "4 trials in"),
    ],
)
def test_what_the_exit_status_means(
    sockspec: Command, words: list[str], status: int, what: str
) -> None:
    result = sockspec("prove", *words)
    assert result.returncode == status, result.stdout + result.stderr
    assert what in result.stdout


@pytest.mark.parametrize(
    ("words", "status", "what"),
    [
        (["lie:moon"], 4, "'lie:moon' selects no lie"),
        (["fake.part"], 4, "no lie is told about what was selected"),
        (["fake.moon"], 4, "selects no claim"),
        (["moon:x"], 2, "unknown prefix"),
        (["--no-lie", "lie:fake.caught"], 2, "--no-lie tells none: select claims"),
    ],
)
def test_a_wrong_wish_is_one_line(
    sockspec: Command, words: list[str], status: int, what: str
) -> None:
    result = sockspec("prove", *words)
    assert result.returncode == status
    assert what in one_line(result.stderr)


def test_a_target_that_cannot_lie_is_one_line(sockspec: Command, fake_build: FakeBuild) -> None:
    fake_build.behave("lieless")
    for words in ([], ["--no-lie"]):
        result = sockspec("prove", *words)
        assert result.returncode == 3
        assert "host: it can have no lies told" in one_line(result.stderr)


def test_a_liar_that_is_not_transparent_is_red(
    sockspec: Command, fake_build: FakeBuild, tmp_path: Path
) -> None:
    fake_build.behave("leaky")
    result = sockspec("prove", "--no-lie", "fake.holds", "--out", tmp_path)
    assert result.returncode == 1
    assert "changed though no lie was told (4):" in result.stdout
    assert "  fake.holds in fake/holds lo family=inet: holds, then refuted" in result.stdout
    proof = json.loads((tmp_path / "proof.json").read_text())
    assert len(proof["changed"]) == 4


def test_a_fault_is_not_proved_away(sockspec: Command, fake_build: FakeBuild) -> None:
    fake_build.behave("dies", "2")
    result = sockspec("prove", "lie:fake.caught")
    assert result.returncode == 3
    assert "faults of ours, which prove nothing" in result.stdout


def test_json_for_programs(sockspec: Command) -> None:
    result = sockspec("prove", "lie:fake.caught", "--json", "--jobs", "0")
    assert result.returncode == 0
    (lie,) = json.loads(result.stdout)["lies"]
    assert lie["jobs"] == 4


def test_an_earlier_proof_does_not_stay(
    sockspec: Command, fake_build: FakeBuild, tmp_path: Path
) -> None:
    (tmp_path / "proof.json").write_text("of an earlier run")
    fake_build.behave("lieless")
    assert sockspec("prove", "--out", tmp_path).returncode == 3
    assert not (tmp_path / "proof.json").exists()


# --- lies in the other commands ----------------------------------------------------------------


def test_lies_are_listed_and_explained(sockspec: Command) -> None:
    result = sockspec("list", "lies", "lie:fake.mended")
    assert result.stdout == (
        "fake.mended  (getpeername::holds)\n  getpeername() fails with ENOTCONN\n"
    )
    rows = json.loads(sockspec("list", "lies", "--json").stdout)
    assert rows[2]["only"] == {"family": ["inet"], "stage": ["lo", "pair"]}
    explained = sockspec("explain", "fake.holds").stdout
    assert "lies       fake.caught, fake.missed, fake.by-accident, fake.untold, fake.wire" in (
        explained
    )
    assert "\nlies" not in sockspec("explain", "fake.part").stdout


@pytest.mark.parametrize("words", [["--lie", "fake.caught"], ["lie=getpeername::refuted"]])
def test_a_probe_can_be_lied_to_by_hand(sockspec: Command, words: list[str]) -> None:
    result = sockspec("probe", "fake/holds", "pair", *words)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0] == "fake/holds pair family=inet lie=getpeername::refuted"
    assert lines[2].split() == ["1.5", "µs", "a", "lie", "is", "told:", "getpeername"]
    assert "EINVAL" in lines[1]


@pytest.mark.parametrize(
    ("words", "status", "what"),
    [
        (["--lie", "moon"], 4, "there is no lie 'moon'"),
        (["lie=a b"], 2, "there is no stage 'b'"),
        (["lie=a;b"], 2, "is not a rule"),
    ],
)
def test_a_lie_that_is_none(sockspec: Command, words: list[str], status: int, what: str) -> None:
    result = sockspec("probe", "fake/holds", *words)
    assert result.returncode == status
    assert what in one_line(result.stderr)
