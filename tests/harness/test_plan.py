# SPDX-License-Identifier: Apache-2.0
"""Jobs, what checks observe, and which claims they judge."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sockspec.check import (
    ALL_FAMILIES,
    INET_BOTH,
    READERS,
    WRITERS,
    CheckError,
    exists,
    observes,
    reader_like,
)
from sockspec.errors import SockspecError
from sockspec.plan import STAGES, Job, Observation, claims_of, observation_of

words = st.from_regex(r"[a-z0-9_]+", fullmatch=True)
variants = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9._:+,%-]{1,8}", fullmatch=True),
    max_size=4,
)
jobs = st.builds(Job.of, st.builds("{}/{}".format, words, words), st.sampled_from(STAGES), variants)


# --- jobs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("family", "stage", "kind", "there"),
    [
        ("inet", "pair", "stream", True),
        ("inet6", "lo", "seqpacket", False),
        ("unix", "lo", "seqpacket", True),
        ("unix", "host", "dgram", True),
        ("unix", "pair", "stream", False),
    ],
)
def test_what_exists(family: str, stage: str, kind: str, there: bool) -> None:
    assert exists({"family": family, "stage": stage, "type": kind}) is there


def test_each_writing_function_has_a_reading_one() -> None:
    assert list(map(reader_like, WRITERS)) == list(READERS)


def test_a_key_is_what_a_person_types() -> None:
    job = Job.of("recv/partial", "pair", {"size": "10", "by": "readv"})
    assert job.key == "recv/partial pair by=readv size=10"
    assert str(job) == job.key
    assert job.arguments == ("by=readv", "size=10")
    assert Job.of("target/describe", "host", {}).key == "target/describe host"


@given(jobs)
def test_a_key_is_read_back(job: Job) -> None:
    if len(job.key) <= 1000:
        assert Job.parse(job.key) == job


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("", "write PROBE STAGE NAME=VALUE…"),
        ("a/b", "write PROBE STAGE NAME=VALUE…"),
        ("a/b  lo", "with one space between"),
        ("a/b lo ", "with one space between"),
        (" a/b lo", "with one space between"),
        ("a lo", "'a' is not INTERFACE/BEHAVIOUR"),
        ("a/b/c lo", "is not INTERFACE/BEHAVIOUR"),
        ("../b lo", "is not INTERFACE/BEHAVIOUR"),
        ("A/b lo", "is not INTERFACE/BEHAVIOUR"),
        ("ä/b lo", "is not INTERFACE/BEHAVIOUR"),
        ("a/b\n lo", "is not INTERFACE/BEHAVIOUR"),
        ("a/b moon", "there is no stage 'moon'; stages: lo, pair, wire, host"),
        ("a/b lo\n", "there is no stage"),
        ("a/b lo x", "x='' is not a value"),
        ("a/b lo x=", "x='' is not a value"),
        ("a/b lo =1", "'' is not the name of a variant"),
        ("a/b lo X=1", "'X' is not the name of a variant"),
        ("a/b lo x=a=b", "x='a=b' is not a value"),
        ("a/b lo x=$(id)", "is not a value"),
        ("a/b lo x=٣", "is not a value"),
        ("a/b lo x=1\n", "is not a value"),
        ("a/b lo y=1 x=1", "the names have to be in alphabetical order"),
        ("a/b lo x=1 x=2", "a name stands twice"),
        ("a/b lo lie=", "the lie has no rule"),
        ("a/b lo lie=a::b=c;d", "is not a rule"),
        ("a/b lo lie=a::b x=1", "lie= has to be the last word"),
        ("a/b lo lie=a::b lie=a::b", "lie= has to be the last word"),
        ("a/b lie=a::b", "there is no stage 'lie=a::b'"),
        ("a/b lo x=" + "1" * 1000, "longer than 1000 characters"),
        ("\x1b[31m" + "x" * 500, "not a job: "),
    ],
)
def test_a_key_is_taken_strictly(key: str, problem: str) -> None:
    with pytest.raises(SockspecError) as caught:
        Job.parse(key)
    message = str(caught.value)
    assert caught.value.status == 2
    assert problem in message
    assert message.startswith("not a job: ")
    assert message.isprintable()
    assert len(message) < 400


def test_a_lie_is_the_last_word_and_no_variant() -> None:
    job = Job.of("a/b", "lo", {"type": "stream"}, "recv+recvfrom:type=stream:size-1")
    assert job.key == "a/b lo type=stream lie=recv+recvfrom:type=stream:size-1"
    assert job.arguments == ("type=stream",)
    assert Job.parse(job.key) == job
    assert Job.parse("a/b lo type=stream") != job
    with pytest.raises(SockspecError, match="lie= has to be the last word"):
        Job.of("a/b", "lo", {"lie": "none"})


def parsed(text: str) -> Job | SockspecError:
    try:
        return Job.parse(text)
    except SockspecError as error:
        return error


@given(st.text() | jobs.map(str).flatmap(lambda key: st.permutations(key).map("".join)))
def test_any_text_is_a_job_or_one_line_of_error(text: str) -> None:
    found = parsed(text)
    if isinstance(found, Job):
        assert found.key == text
        return
    assert found.status == 2
    assert str(found).isprintable()


def test_the_parts_of_a_job_are_checked() -> None:
    with pytest.raises(SockspecError, match="is not a value"):
        Job.of("a/b", "lo", {"x": "1 y=2"})
    with pytest.raises(SockspecError, match="no stage"):
        Job.of("a/b", "", {})


# --- what a check observes -----------------------------------------------------------------------


def keys_of(check: Callable[..., object]) -> list[str]:
    observation = observation_of(check)
    assert observation is not None
    return [job.key for job in observation.jobs()]


def test_every_combination_is_a_job_in_a_stable_order() -> None:
    @observes("a/b", stage=("pair", "lo"), size=("2", "10"), by=("write", "read"))
    def check() -> None: ...

    assert keys_of(check) == [
        f"a/b {stage} by={by} size={size}"
        for stage in ("pair", "lo")
        for by in ("write", "read")
        for size in ("2", "10")
    ]


def test_one_value_is_enough() -> None:
    @observes("a/b", family="inet")
    def check() -> None: ...

    assert keys_of(check) == ["a/b lo family=inet"]


def test_when_drops_combinations() -> None:
    def sensible(variant: dict[str, str]) -> bool:
        return variant["x"] != variant["y"]

    @observes("a/b", when=sensible, x=("1", "2"), y=("1", "2"))
    def check() -> None: ...

    assert keys_of(check) == ["a/b lo x=1 y=2", "a/b lo x=2 y=1"]


def test_when_sees_the_stage() -> None:
    def unix_has_one_host(variant: dict[str, str]) -> bool:
        return variant["family"] != "unix" or variant["stage"] == "lo"

    @observes("a/b", stage=("lo", "pair"), family=("inet", "unix"), when=unix_has_one_host)
    def check() -> None: ...

    assert keys_of(check) == [
        "a/b lo family=inet",
        "a/b lo family=unix",
        "a/b pair family=inet",
    ]


def test_the_constants() -> None:
    assert INET_BOTH == ("inet", "inet6")
    assert ALL_FAMILIES == ("inet", "inet6", "unix")
    assert READERS == ("read", "readv", "recv", "recvfrom", "recvmsg")
    assert WRITERS == ("write", "writev", "send", "sendto", "sendmsg")

    @observes("recv/partial", family=INET_BOTH, by=READERS)
    def check() -> None: ...

    assert len(keys_of(check)) == 10


def test_the_check_itself_is_kept() -> None:
    def check() -> None: ...

    assert observes("a/b")(check) is check
    assert observation_of(check) == Observation("a/b", ("lo",), ())
    assert observation_of(test_the_constants) is None


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"probe": "ab"}, "is not INTERFACE/BEHAVIOUR"),
        ({"stage": "moon"}, "there is no stage 'moon'"),
        ({"stage": ()}, "stage= has to be a string or a tuple of strings"),
        ({"family": ["inet"]}, "family= has to be a string or a tuple of strings"),
        ({"size": 10}, "size= has to be"),
        ({"size": (10,)}, "size= has to be"),
        ({"size": ("1", "1")}, "size= has a value twice"),
        ({"size": "a b"}, "size='a b' is not a value"),
        ({"Size": "1"}, "'Size' is not the name of a variant"),
        ({"when": lambda _: False, "x": ("1", "2")}, "when= lets no combination through"),
    ],
)
def test_wrong_use_is_told_with_its_place(arguments: dict[str, Any], problem: str) -> None:
    def check() -> None: ...

    probe = arguments.pop("probe", "a/b")
    with pytest.raises(CheckError) as caught:
        observes(probe, **arguments)(check)
    assert caught.value.status == 3
    assert str(caught.value).startswith(f"test_plan.py:{check.__code__.co_firstlineno} check: ")
    assert problem in str(caught.value)


def test_a_check_observes_one_probe() -> None:
    with pytest.raises(CheckError, match="a check observes one probe"):

        @observes("a/b")
        @observes("a/c")
        def check() -> None: ...


# --- cases: a table instead of variants -----------------------------------------------------------


@attrs.frozen
class Row:
    """A case of a table."""

    variant: dict[str, str]
    claims: tuple[str, ...]


ROWS = (
    Row({"fault": "closed", "type": "stream"}, ("a.closed", "a.both")),
    Row({"fault": "huge"}, ("a.huge", "a.both")),
)


def test_a_table_says_the_jobs_and_the_claims_of_each() -> None:
    @observes("a/b", cases=iter(ROWS))
    def check() -> None: ...

    observation = observation_of(check)
    assert observation is not None
    assert keys_of(check) == ["a/b lo fault=closed type=stream", "a/b lo fault=huge"]
    assert list(observation.by_job().values()) == list(ROWS)
    assert claims_of(check) == ("a.closed", "a.both", "a.huge")


def test_a_table_is_run_through_on_every_stage() -> None:
    @observes("a/b", stage=("lo", "pair"), cases=ROWS[1:])
    def check() -> None: ...

    assert keys_of(check) == ["a/b lo fault=huge", "a/b pair fault=huge"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"cases": ROWS, "family": "inet"}, "cases= say the variants; leave the others out"),
        ({"cases": ROWS, "when": lambda _: True}, "cases= say the variants; leave the others out"),
        ({"cases": (*ROWS, ROWS[0])}, "two of the cases= have the same variant"),
        ({"cases": (Row({"x": "a b"}, ()),)}, "x='a b' is not a value"),
    ],
)
def test_a_table_that_is_wrong_is_told(arguments: dict[str, Any], problem: str) -> None:
    def check() -> None: ...

    with pytest.raises(CheckError) as caught:
        observes("a/b", **arguments)(check)
    assert problem in str(caught.value)


# --- which claims a check judges -----------------------------------------------------------------

CHECKS = '''
from sockspec.check import observes

@observes("a/b")
def test_two(record, claim):
    """claim("not.this")"""
    with claim("b.second"):
        pass
    for part in ("x", "y"):
        with claim("a.first", part):
            pass
    with claim("b.second", "again"): assert record

def test_none(record, claim):
    pass

@observes(
    "a/b",
    family="inet",
)
def test_nested(record, claim):
    def inner():
        with claim("c.inner"), claim("c.other"):
            pass
    inner()

def test_computed(record, claim):
    with claim("a." + "b"):
        pass

def test_no_id(record, claim):
    with claim():
        pass

def test_number(record, claim):
    with claim(3):
        pass

def test_handed_on(record, claim):
    test_two(record, claim)

def test_renamed(record, claim):
    judge = claim
    with judge("a.b"):
        pass

test_lambda = lambda record, claim: claim("a.b")
'''


@pytest.fixture
def checks(tmp_path: Path) -> ModuleType:
    """The module of the checks above."""
    path = tmp_path / "test_sample.py"
    path.write_text(CHECKS, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("sample", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "claims"),
    [
        ("test_two", ("b.second", "a.first")),
        ("test_none", ()),
        ("test_nested", ("c.inner", "c.other")),
    ],
)
def test_claims_are_read_from_the_source(
    checks: ModuleType, name: str, claims: tuple[str, ...]
) -> None:
    assert claims_of(getattr(checks, name)) == claims


@pytest.mark.parametrize(
    ("name", "line", "problem"),
    [
        ("test_computed", 'claim("a." + "b")', "has to be a string literal"),
        ("test_no_id", "claim():", "has to be a string literal"),
        ("test_number", "claim(3)", "has to be a string literal"),
        ("test_handed_on", "test_two(record, claim)", "claim is only to be called"),
        ("test_renamed", "judge = claim", "claim is only to be called"),
        ("test_lambda", "test_lambda", "no function <lambda> here"),
    ],
)
def test_claims_that_cannot_be_read(checks: ModuleType, name: str, line: str, problem: str) -> None:
    lines = CHECKS.splitlines()
    number = 1 + max(i for i, text in enumerate(lines) if line in text and "def" not in text)
    with pytest.raises(CheckError) as caught:
        claims_of(getattr(checks, name))
    assert caught.value.status == 3
    assert f"test_sample.py:{number}: " in str(caught.value)
    assert problem in str(caught.value)


def test_a_source_that_changed_is_read_again(checks: ModuleType) -> None:
    assert claims_of(checks.test_none) == ()
    path = Path(str(checks.__file__))
    path.write_text(CHECKS.replace("def test_two", "def test_too"), encoding="utf-8")
    with pytest.raises(CheckError, match="no function test_two here"):
        claims_of(checks.test_two)


def test_a_source_that_is_gone(checks: ModuleType) -> None:
    Path(str(checks.__file__)).unlink()
    with pytest.raises(CheckError, match="the source of test_two cannot be read"):
        claims_of(checks.test_two)
