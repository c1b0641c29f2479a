# SPDX-License-Identifier: Apache-2.0
"""The judge: one check on one record, and whole runs with agents that misbehave."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest

from sockspec import judge, model, store
from sockspec.baseline import Deviation
from sockspec.catalogue import load_catalogue
from sockspec.check import ClaimContext, NotObserved, RecordView, Unsupported, observes
from sockspec.checks import Check, find_checks
from sockspec.errors import SockspecError
from sockspec.finding import Finding
from sockspec.model import ClaimVerdict, VerdictsDocument
from sockspec.plan import Job
from sockspec.recorder import FileRecords, LiveRecords, Placement
from sockspec.target import HostTarget, find_tree

from .conftest import FAKES, Command, FakeBuild

# --- one check, one record ---------------------------------------------------------------------


def record_of(*events: dict[str, Any], **changes: Any) -> model.Record:
    base = {
        "job": "fake/holds lo",
        "probe": "fake/holds",
        "stage": "lo",
        "hash": "1",
        "t0": 1,
        "end": {"how": "exit"},
        "events": [*events, {"e": "done", "t": 9}],
        "kind": "record",
    }
    return msgspec.convert(base | changes, model.Record)


CALL = {"e": "call", "call": "getpeername", "t_in": 1, "t_out": 2, "result": -1, "errno": "EPERM"}


def judged(function: Callable[..., None], record: model.Record | None = None) -> judge.Judged:
    check = Check.of(observes("fake/holds")(function))
    assert check is not None
    return judge.judge_record(check, "fake/holds lo", record or record_of(CALL))


def verdicts(result: judge.Judged) -> list[tuple[str, str | None, str]]:
    return [(outcome.claim, outcome.part, outcome.verdict) for outcome in result.outcomes]


def end_with(error: BaseException) -> None:
    """Raise it, which a type checker shall not see."""
    raise error


def test_each_block_is_a_verdict() -> None:
    def check(record: RecordView, claim: ClaimContext) -> None:
        assert record.the("getpeername").failed_with("EPERM", "asked before the block")
        with claim("a"):
            assert record.the("getpeername").failed_with("EPERM")
            assert record.the("getpeername").failed_with("EPERM", "asked second")
        with claim("b"):
            assert record.the("getpeername").failed_with("EBADF")
        with claim("c", "first"):
            end_with(NotObserved("cannot tell"))
        with claim("c", "second"):
            end_with(Unsupported("is not there"))

    result = judged(check)
    assert verdicts(result) == [
        ("a", None, "holds"),
        ("b", None, "refuted"),
        ("c", "first", "not observed"),
        ("c", "second", "unsupported"),
    ]
    assert [outcome.why for outcome in result.outcomes] == [
        "getpeername() = -1 EPERM",
        "expected getpeername() = -1 EBADF; observed getpeername() = -1 EPERM",
        "cannot tell",
        "is not there",
    ]
    assert result.fault is None


def test_outside_a_block_it_is_the_verdict_of_the_claims_that_are_left() -> None:
    def check(record: RecordView, claim: ClaimContext) -> None:
        with claim("a"):
            assert record.last.failed
        end_with(Unsupported("is not there"))
        with claim("b"):
            pass

    assert verdicts(judged(check)) == [("a", None, "holds"), ("b", None, "unsupported")]


@pytest.mark.parametrize("error", [KeyError("x"), AssertionError("x"), pytest.skip.Exception("x")])
def test_any_other_error_is_a_fault_and_no_verdict(error: BaseException) -> None:
    def check(record: RecordView, claim: ClaimContext) -> None:
        with claim("a"):
            assert record.last.failed
        end_with(error)
        with claim("b"):
            pass

    result = judged(check)
    assert verdicts(result) == [("a", None, "holds"), ("b", None, "not observed")]
    assert result.fault is not None
    assert result.fault.where.startswith("test_judge.py:")


@attrs.frozen
class Row:
    """A case of a table."""

    variant: dict[str, str]
    claims: tuple[str, ...]


ROWS = (Row({"x": "1"}, ("a", "b")), Row({"x": "2"}, ("c",)))


def judged_cases(
    function: Callable[..., None], *events: dict[str, Any]
) -> tuple[judge.Judged, judge.Judged]:
    """What a check finds in the same record for the one case and the other."""
    check = Check.of(observes("fake/holds", cases=ROWS)(function))
    assert check is not None
    assert list(check.cases.values()) == list(ROWS)
    record = record_of(*events)
    first, second = (judge.judge_record(check, record.job, record, row) for row in ROWS)
    return first, second


def test_a_case_is_given_to_the_check_with_the_claims_it_judges() -> None:
    def check(record: RecordView, claim: ClaimContext, case: Row) -> None:
        for one in case.claims:
            with claim(one):
                assert record.last.failed

    first, second = judged_cases(check, CALL)
    assert verdicts(first) == [("a", None, "holds"), ("b", None, "holds")]
    assert verdicts(second) == [("c", None, "holds")]


@pytest.mark.parametrize(
    ("event", "verdict"),
    [
        (CALL, "not observed"),
        ({"e": "unsupported", "what": "sockets", "t": 1}, "unsupported"),
        ({"e": "fault", "what": "socket()", "where": "x.c:1", "t": 1}, "not observed"),
    ],
)
def test_what_went_wrong_touches_the_claims_of_the_case_and_no_others(
    event: dict[str, Any], verdict: str
) -> None:
    def check(record: RecordView, claim: ClaimContext, case: Row) -> None:
        raise NotObserved("cannot tell")

    first, second = judged_cases(check, event)
    assert verdicts(first) == [("a", None, verdict), ("b", None, verdict)]
    assert verdicts(second) == [("c", None, verdict)]


def test_a_claim_that_the_case_does_not_declare_is_a_fault() -> None:
    def check(record: RecordView, claim: ClaimContext, case: Row) -> None:
        with claim("a"):
            assert record.last.failed

    first, second = judged_cases(check, CALL)
    assert first.fault is None
    assert verdicts(second) == [("c", None, "not observed")]
    assert second.fault is not None
    assert "claim 'a' is judged and not declared" in second.fault.what


def test_an_error_in_a_block_is_a_fault_and_no_verdict() -> None:
    def check(record: RecordView, claim: ClaimContext) -> None:
        with claim("a"):
            end_with(KeyError("x"))

    result = judged(check)
    assert verdicts(result) == [("a", None, "not observed")]
    assert result.fault is not None
    assert "KeyError" in result.fault.what


def test_an_assertion_without_words_is_shown_by_its_line() -> None:
    def check(record: RecordView, claim: ClaimContext) -> None:
        with claim("a"):
            if record.last.failed:
                raise AssertionError

    (outcome,) = judged(check).outcomes
    assert outcome.why == "not true: raise AssertionError"


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (record_of(CALL, events=[CALL]), "log has no end"),
        (record_of(CALL, end={"how": "signal", "signal": "SIGSEGV"}), "died of SIGSEGV"),
        (record_of(CALL, end={"how": "limit"}), "hung"),
        (record_of(CALL, end={"how": "exit", "status": 1}), "exited with status 1"),
        (record_of(CALL, end={"how": "agent", "why": "no veth"}), "no veth"),
        (record_of(CALL, output={"nonsense": ["?"]}), "nonsense"),
        (record_of(CALL, output={"dropped_bytes": 7}), "cut"),
        (record_of({"e": "fault", "what": "socket()", "where": "x.c:1", "t": 1}), "x.c:1"),
    ],
)
def test_a_probe_that_failed_is_a_fault_and_no_verdict(record: model.Record, why: str) -> None:
    def check(record: RecordView, claim: ClaimContext) -> None:
        with claim("a"):
            raise AssertionError("never reached")

    result = judged(check, record)
    assert verdicts(result) == [("a", None, "not observed")]
    assert why in result.outcomes[0].why
    assert result.fault is not None


def test_what_the_target_lacks_is_unsupported() -> None:
    def check(record: RecordView, claim: ClaimContext) -> None:
        with claim("a"):
            raise AssertionError("never reached")

    lacking = record_of({"e": "unsupported", "what": "SCTP", "t": 1})
    assert verdicts(judged(check, lacking)) == [("a", None, "unsupported")]


def test_an_empty_record_never_holds() -> None:
    for check in find_checks(FAKES / "checks"):
        for job in check.jobs:
            nothing = record_of(events=[])
            outcomes = judge.judge_record(check, job.key, nothing).outcomes
            assert {outcome.verdict for outcome in outcomes} == {"not observed"}


# --- where jobs run ----------------------------------------------------------------------------


def stages(**why_not: str) -> list[model.Stage]:
    return [model.Stage(name=name, why_not=why_not.get(name)) for name in ("lo", "pair", "host")]


@pytest.mark.parametrize(
    ("missing", "only", "wanted", "placed"),
    [
        ({}, (), "lo", "lo"),
        ({"lo": "no"}, (), "lo", "host"),
        ({"pair": "no"}, (), "pair", "pair: no stage pair here: no"),
        ({"lo": "no", "host": "no"}, (), "lo", "lo: no stage lo here: no"),
        ({}, ("pair",), "lo", None),
        ({}, ("host",), "lo", "host"),
        ({"lo": "no"}, ("lo",), "lo", "lo: no stage lo here: no"),
        ({}, ("lo",), "pair", None),
    ],
)
def test_where_a_job_runs(
    missing: dict[str, str], only: tuple[str, ...], wanted: str, placed: str | None
) -> None:
    found = Placement(stages(**missing), only).place(Job("a/b", wanted))
    if found is None:
        assert placed is None
        return
    why = f": {found.why_not}" if found.why_not else ""
    assert f"{found.job.stage}{why}" == placed


# --- whole runs --------------------------------------------------------------------------------

Live = Callable[..., "Run"]


@attrs.frozen
class Run:
    """A run of the fake checks in this process."""

    document: VerdictsDocument
    recording: store.Recording
    judge: judge.Judge

    def __getitem__(self, claim: str) -> ClaimVerdict:
        return next(one for one in self.document.claims if one.id == f"fake.{claim}")

    @property
    def faults(self) -> list[str]:
        return [fault["what"] for fault in self.document.summary["faults"]]


def run(
    records: Callable[[], Any], recording: store.Recording, checks: str = "checks", **options: Any
) -> Run:
    chosen = judge.Options(load_catalogue(FAKES / "claims"), **options)
    one = judge.Judge(chosen, records)
    try:
        judge.run(one, FAKES / checks)
        return Run(one.document(), recording, one)
    finally:
        one.close()


SILENT = ("hangs", "stubborn", "silent")


def test_the_evidence_of_a_failed_assertion_keeps_its_characters() -> None:
    with pytest.raises(AssertionError) as caught:
        assert Finding(False, 'data="a"…', "café")
    assert judge._evidence(caught.value) == 'expected data="a"…; observed café'


@pytest.fixture
def live(fake_build: FakeBuild) -> Iterator[Live]:
    with contextlib.ExitStack() as recordings:

        def start(mode: str, value: str = "", **options: Any) -> Run:
            tree = find_tree(fake_build.behave(mode, value))
            # Those that fall silent are waited for; the others may take their time.
            target = HostTarget(tree, silence_s=3.0 if mode in SILENT else 60.0)
            recording = recordings.enter_context(store.scratch())
            return run(lambda: LiveRecords(target, recording), recording, **options)

        yield start


def test_an_honest_run(live: Live) -> None:
    result = live("honest")
    assert result["holds"].verdict == "holds"
    assert len(result["holds"].variants) == 4
    assert result["refuted"].verdict == "refuted"
    assert result["beside-refuted"].verdict == "holds"
    assert result["part"].verdict == "holds in part"
    assert result["part"].why.startswith("refuted in 1 of 2 variants (with family=inet6), e.g. ")
    assert result["unsupported"].verdict == "unsupported"
    assert result["not-told"].why == "the record does not tell"
    assert result["no-check"].why == "no check yet"
    assert result["untestable"].why == "nobody can tell"
    assert result.faults == []
    assert result.document.target["libc"] == "fakelibc 1.0"
    assert len(result.document.claims) == 10


LATER = "beside-refuted"
"""A claim whose jobs come last, so that they are lost where an agent does not get to its end."""


@pytest.mark.parametrize(
    ("mode", "value", "fault"),
    [
        ("dies", "2", r"the agent ended with SIGSEGV in the middle of the run: agent: something"),
        ("leaves", "3", "the agent ended with exit status 7 in the middle of the run"),
        ("hangs", "2", "the agent said nothing for 3 s and was ended"),
        ("stubborn", "2", "the agent said nothing for 3 s and was ended"),
        ("half_a_line", "2", 'it broke off in \'{"kind":"record","job":"fake/holds lo'),
        ("babbles_on", "", "the agent babbles: 'la la"),
        ("bad_lines", "", "given up after 100 lines that cannot be used"),
        ("unasked", "", "given up after 100 lines that cannot be used"),
        ("floods", "", "the agent wrote a line longer than 16 MiB"),
    ],
)
def test_an_agent_that_is_lost_loses_what_is_left(
    live: Live, mode: str, value: str, fault: str
) -> None:
    result = live(mode, value)
    assert any(fault in text for text in result.faults)
    assert result[LATER].verdict == "not observed"
    assert result["refuted"].verdict == "not observed"
    assert len(result["refuted"].variants) == 2
    assert all(
        "\n" not in claim.why and "\x1b" not in claim.why for claim in result.document.claims
    )
    # What had come is judged.
    seen = {v.verdict for v in result["holds"].variants}
    assert seen <= {"holds", "not observed"}
    assert ("holds" in seen) is value.isdigit()


@pytest.mark.parametrize(
    ("mode", "fault"),
    [
        ("one_bad_line", "a line of the agent: not a valid record: Expected `object`"),
        ("twice", "was recorded in line"),
        ("forgets", "the agent gave no record of 1 jobs"),
    ],
)
def test_an_agent_that_errs_loses_only_what_it_erred_in(live: Live, mode: str, fault: str) -> None:
    result = live(mode)
    assert any(fault in text for text in result.faults)
    assert result["refuted"].verdict == "refuted"
    assert result["part"].verdict == "holds in part"
    assert result["holds"].verdict == "holds"


def test_nonsense_between_the_lines_is_passed_over(live: Live) -> None:
    result = live("babbles")
    assert result.faults == []
    assert result["part"].verdict == "holds in part"


@pytest.mark.parametrize(
    ("mode", "what"),
    [
        ("newer", "written by a newer sockspec"),
        ("no_hello", "did not begin with its hello"),
        ("silent", "said nothing for 3 s"),
    ],
)
def test_an_agent_that_does_not_say_hello_is_no_target(live: Live, mode: str, what: str) -> None:
    with pytest.raises(SockspecError, match=what) as caught:
        live(mode)
    assert caught.value.status == 3


def test_a_stage_that_cannot_be_had_is_not_observed(live: Live) -> None:
    result = live("without", "pair")
    held = [v.name for v in result["holds"].variants if v.verdict == "holds"]
    assert held == ["fake/holds lo family=inet", "fake/holds lo family=inet6"]
    (why,) = {v.why for v in result["holds"].variants if v.verdict == "not observed"}
    assert why == "no stage pair here: user namespaces are forbidden here"
    assert not any(" pair " in job for job in result.recording)
    assert result["holds"].as_expected
    assert result.faults == []


def test_host_stands_for_lo(live: Live) -> None:
    result = live("without", "lo,pair")
    assert [v.name for v in result["refuted"].variants] == [
        "fake/refuted host family=inet",
        "fake/refuted host family=inet6",
    ]
    assert result["refuted"].verdict == "refuted"


def test_without_any_stage_nothing_is_observed(live: Live) -> None:
    result = live("without", "lo,pair,host")
    assert {claim.verdict for claim in result.document.claims} == {"not observed"}
    assert result.document.summary["observations"] == 0
    assert result.faults == []


def test_what_nobody_asked_for_is_soon_enough(live: Live) -> None:
    assert len(live("unasked").recording) < 1000


def test_a_job_that_is_one_on_this_target_is_one(live: Live, tmp_path: Path) -> None:
    checks = tmp_path / "twice"
    checks.mkdir()
    (checks / "test_lo_and_host.py").write_text(
        "from sockspec.check import observes\n"
        "@observes('fake/holds', stage=('lo', 'host'))\n"
        "def test_both(record, claim):\n"
        "    with claim('fake.holds'):\n"
        "        assert record.the('getpeername').failed_with('ENOTCONN')\n"
    )
    assert live("honest", checks=str(checks)).judge.items == 2
    assert live("without", "lo,pair", checks=str(checks)).judge.items == 1


def test_hostile_strings_stay_strings(live: Live) -> None:
    result = live("markup")
    assert result["part"].verdict == "holds in part"


def test_only_the_selected_claims_are_judged(live: Live) -> None:
    result = live("honest", select=("fake.beside-refuted",))
    assert result["beside-refuted"].verdict == "holds"
    assert result["refuted"].why == "not selected"
    assert sorted(result.recording) == [
        "fake/refuted lo family=inet",
        "fake/refuted lo family=inet6",
        "target/describe lo",
    ]


def test_only_the_selected_stages_are_used(live: Live) -> None:
    result = live("honest", stages=("pair",))
    assert len(result["holds"].variants) == 2
    assert result["part"].why == "nothing of it is on stage pair"


def test_what_the_baseline_knows_is_as_expected(live: Live) -> None:
    known = Deviation(
        claim="fake.part", variants="* family=inet6", verdict="refuted", reason="x", reference="y"
    )
    result = live("honest", deviations=(known,))
    assert result["part"].as_expected
    assert [v.expected for v in result["part"].variants] == ["holds", "refuted"]
    strict = live("honest", deviations=(known,), strict=True)
    assert not strict["part"].as_expected


def test_the_same_records_give_the_same_verdicts(fake_build: FakeBuild, tmp_path: Path) -> None:
    target = HostTarget(find_tree(fake_build.path))
    with store.create(tmp_path / "records.jsonl") as recording:
        live = run(lambda: LiveRecords(target, recording), recording)
    with store.read(tmp_path / "records.jsonl") as recording:
        again = run(lambda: FileRecords(recording), recording)
    assert again.document.claims == live.document.claims
    assert again.document.summary == live.document.summary


def test_a_cut_file_is_judged_as_far_as_it_goes(fake_build: FakeBuild, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    target = HostTarget(find_tree(fake_build.path))
    with store.create(path) as recording:
        whole = run(lambda: LiveRecords(target, recording), recording)
    lines = path.read_bytes().splitlines(keepends=True)
    for keep in range(1, len(lines)):
        path.write_bytes(b"".join(lines[:keep]) + lines[keep][: len(lines[keep]) // 2])
        with store.read(path) as recording:
            cut = run(partial(FileRecords, recording), recording)
        assert cut.faults == [f"{path} ends in the middle of line {keep + 1}"]
        for claim, all_of_it in zip(cut.document.claims, whole.document.claims, strict=True):
            known = {variant.name: variant.verdict for variant in all_of_it.variants}
            for variant in claim.variants:
                assert variant.verdict in (known.get(variant.name), "not observed")


def test_faulty_checks_are_faults_and_never_verdicts(live: Live) -> None:
    result = live("honest", checks="faulty")
    assert result["faulty"].verdict == "not observed"
    assert result["holds"].verdict == "not observed"
    faults = "\n".join(result.faults)
    for what in (
        "test_unknown_claim judges 'fake.unheard-of': no claim has this id",
        "the claim's id has to be a string literal",
        "test_no_claim judges no claim",
        "test_too_many_fixtures has to take (record, claim)",
        "test_error_in_a_claim: KeyError: 'oh'",
        "test_assertion_outside_a_claim: AssertionError",
        "test_skip: Skipped: not today",
        "blocks do not nest",
        "no getpeernome()",
        "host has no probe fake/unheard_of",
        "No module named 'sockspec.there_is_no_such_module'",
    ):
        assert what in faults
    assert len(result.faults) == 11


def test_a_full_disk_ends_the_run(fake_build: FakeBuild) -> None:
    target = HostTarget(find_tree(fake_build.path))
    with Path("/dev/full").open("r+b", buffering=0) as full:
        recording = store.Recording("records.jsonl", full)
        with pytest.raises(SockspecError, match="No space left on device"):
            run(lambda: LiveRecords(target, recording), recording)


def test_a_disk_that_fills_up_ends_the_run(
    fake_build: FakeBuild, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, written = os.write, []

    def write(fd: int, data: Any) -> int:
        if bytes(data).startswith(b'{"kind":"record"'):
            written.append(fd)
            if len(written) > 3:
                raise OSError(28, "No space left on device")
        return real(fd, data)

    monkeypatch.setattr("sockspec.store.os.write", write)
    target = HostTarget(find_tree(fake_build.path))
    with store.scratch() as recording:
        with pytest.raises(SockspecError, match=r"No space left on device \(what was recorded"):
            run(lambda: LiveRecords(target, recording), recording)
        assert len(recording) == 3


def test_an_agent_that_is_not_done_can_clean_up(fake_build: FakeBuild, tmp_path: Path) -> None:
    value = f"{tmp_path / 'pid'},{tmp_path / 'said'}"
    target = HostTarget(find_tree(fake_build.behave("tidies", value)))
    with store.scratch() as recording:
        records = LiveRecords(target, recording)
        records.start(("fake/holds lo", "fake/holds pair"))
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            time.sleep(0.01)
        records.close()
        assert isinstance(records.wait("fake/holds pair"), str)
    assert (tmp_path / "said").read_text() == "clean"
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_missing_agent_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOCKSPEC_BUILD", raising=False)
    with pytest.raises(SockspecError, match=r"no sockspec-agent in .*meson compile") as caught:
        find_tree(tmp_path)
    assert caught.value.status == 3


def test_many_jobs_do_not_block_each_other(live: Live, tmp_path: Path) -> None:
    """Both pipes hold less than the jobs and the records of this run."""
    checks = tmp_path / "many"
    checks.mkdir()
    (checks / "test_many_jobs.py").write_text(
        "from sockspec.check import observes\n"
        "@observes('fake/many', n=tuple(str(n) for n in range(3000)), pad='x' * 200)\n"
        "def test_many(record, claim):\n"
        "    with claim('fake.holds'):\n"
        "        assert record.the('getpeername').failed_with('ENOTCONN')\n"
    )
    result = live("honest", checks=str(checks))
    assert len(result["holds"].variants) == 3000
    assert result["holds"].verdict == "holds"


# --- plain pytest ------------------------------------------------------------------------------


def plain_pytest(sockspec: Command, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Pytest as a person calls it."""
    argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", os.devnull]
    argv += ["-p", "sockspec.plugin", f"--rootdir={FAKES}", *map(str, arguments)]
    return subprocess.run(argv, env=sockspec.environment, text=True, capture_output=True)


def test_plain_pytest_shows_expected_observed_and_trace(sockspec: Command) -> None:
    result = plain_pytest(sockspec, FAKES / "checks", "-v")
    assert result.returncode == 1
    assert "test_holds[fake/holds pair family=inet6] PASSED" in result.stdout
    assert "test_part[fake/part lo family=inet6] FAILED" in result.stdout
    assert (
        "fake.part: refuted, expected: holds\n"
        "  the claim:  It is so: part.\n"
        "  the check:  expected getpeername() = -1 ENOTCONN; "
        "observed getpeername(fd=3) = -1 EINVAL\n"
        "\n"
        "sockspec probe fake/part lo family=inet6\n"
        "      1.0 µs    getpeername(fd=3) = -1 EINVAL"
    ) in result.stdout
    assert "4 failed, 5 passed, 1 skipped" in result.stdout
    assert "Traceback" not in result.stdout


def test_plain_pytest_shows_known_deviations_as_no_pass(sockspec: Command, tmp_path: Path) -> None:
    baseline = tmp_path / "known.toml"
    baseline.write_text(
        '[[deviation]]\nclaim = "fake.part"\nvariants = "* family=inet6"\nverdict = "refuted"\n'
        'reason = "known since long"\nreference = "here"\n'
    )
    result = plain_pytest(
        sockspec,
        FAKES / "checks",
        f"--sockspec-baseline={baseline}",
        "--sockspec-select=fake.part",
        "-rx",
    )
    assert result.returncode == 0
    assert "1 passed, 8 deselected, 1 xfailed" in result.stdout
    assert "known deviation: known since long" in result.stdout


def test_plain_pytest_judges_a_file_and_writes_what_it_found(
    sockspec: Command, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    first = plain_pytest(sockspec, FAKES / "checks", f"--sockspec-out={out}")
    assert sorted(path.name for path in out.iterdir()) == [
        "junit.xml",
        "records.jsonl",
        "report.html",
        "verdicts.json",
    ]
    again = tmp_path / "again"
    second = plain_pytest(
        sockspec,
        FAKES / "checks",
        f"--sockspec-records={out / 'records.jsonl'}",
        f"--sockspec-out={again}",
        "--sockspec-build=/nonexistent",
    )
    assert (first.returncode, second.returncode) == (1, 1)
    verdicts = [
        msgspec.json.decode((folder / "verdicts.json").read_bytes())["claims"]
        for folder in (out, again)
    ]
    assert verdicts[0] == verdicts[1]


def test_plain_pytest_fails_for_a_stale_entry(sockspec: Command, tmp_path: Path) -> None:
    baseline = tmp_path / "stale.toml"
    baseline.write_text(
        '[[deviation]]\nclaim = "fake.holds"\nvariants = "* pair *"\nverdict = "not observed"\n'
        'reason = "r"\nreference = "here"\n'
        # Of a part of the checks that says nothing.
        '[[deviation]]\nclaim = "fake.holds"\nvariants = "* moon *"\nverdict = "refuted"\n'
        'reason = "r"\nreference = "here"\n'
    )
    known = ["-q", "--sockspec-select=fake.holds", f"--sockspec-baseline={baseline}"]
    result = plain_pytest(sockspec, FAKES / "checks", *known)
    assert result.returncode == 1
    assert "fake.holds: expected not observed, but it holds now" in result.stdout
    assert "no variant has such a name" not in result.stdout


def test_plain_pytest_without_probes_is_one_line(sockspec: Command) -> None:
    result = plain_pytest(sockspec, FAKES / "checks", "--sockspec-build=/nonexistent")
    assert result.returncode != 0
    assert "no sockspec-agent in /nonexistent/target" in result.stdout
    assert "Traceback" not in result.stdout


def test_a_signal_ends_the_agent_too(
    sockspec: Command, fake_build: FakeBuild, tmp_path: Path
) -> None:
    fake_build.behave("waits", f"3,{tmp_path / 'pid'}")
    argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", os.devnull, "-p"]
    argv += ["sockspec.plugin", f"--rootdir={FAKES}", str(FAKES / "checks")]
    child = subprocess.Popen(argv, env=sockspec.environment, stdout=subprocess.DEVNULL)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert child.poll() is None
        time.sleep(0.01)
    child.send_signal(signal.SIGINT)
    assert child.wait(20) == pytest.ExitCode.INTERRUPTED
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_what_waits_is_recorded_first() -> None:
    jobs = ["a/b lo", "c/d wire", "e/f lo", "c/d wire family=inet6"]
    ordered = judge.waiting_first(jobs, {"c/d", "other/probe"})
    assert ordered == ("c/d wire", "c/d wire family=inet6", "a/b lo", "e/f lo")
    assert judge.waiting_first(jobs, ()) == tuple(jobs)
