# SPDX-License-Identifier: Apache-2.0
"""The catalogue of lies: what is in it, what is wrong with a bad one, and SELECT words."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

import pytest

from sockspec import places
from sockspec.catalogue import Claim, load_catalogue
from sockspec.checks import by_claim, find_checks
from sockspec.errors import FAULT, NOTHING_SELECTED, SockspecError
from sockspec.lies import Lie, Lies, load_lies
from sockspec.plan import Job

from .conftest import FAKES

FOLDER = Path(__file__).parents[2] / "harness" / "sockspec" / "lies"
CATALOGUE = load_catalogue()
SHIPPED = places.lies(CATALOGUE)
CLAIMS = ("a.one", "a.two", "b.three")

LIE = """
[[lie]]
id = "recv.short"
tells = "recv() returns one byte less"
rule = "recv+recvfrom:type=stream:size-1"
breaks = ["a.one"]
"""
UNTOLD = """
[[untold]]
claims = ["a.two", "b.three"]
reason = "It cannot be seen."
"""


def load(folder: Path, *texts: str) -> Lies:
    for number, text in enumerate(texts):
        (folder / f"{number}.toml").write_text(text)
    return load_lies(folder, CLAIMS)


def refused(folder: Path, *texts: str) -> str:
    """The message with which the files are refused."""
    with pytest.raises(SockspecError) as caught:
        load(folder, *texts)
    assert caught.value.status == FAULT
    return str(caught.value)


# --- the lies that there are -------------------------------------------------------------------


def test_each_lie_is_about_claims_that_are_checked() -> None:
    checked = by_claim(find_checks())
    assert [lie.id for lie in SHIPPED.all if not checked.keys() >= {*lie.claims}] == []


def shown_by_no_job(lies: Iterable[Lie], jobs_of: dict[str, list[Job]]) -> list[tuple[str, str]]:
    """Lies that no job of a claim's checks can see, as their ``only`` has it."""
    return [
        (lie.id, claim)
        for lie in lies
        for claim in lie.claims
        if not any(lie.is_seen_by(job) for job in jobs_of.get(claim, ()))
    ]


def test_each_lie_can_be_seen_by_a_job_of_each_of_its_claims() -> None:
    checks = by_claim(find_checks())
    jobs = {claim: [job for one in those for job in one.jobs] for claim, those in checks.items()}
    assert shown_by_no_job(SHIPPED.all, jobs) == []
    moon = Lie("a.b", "", "recv::size-1", ("x",), only={"family": ("moon",)})
    assert shown_by_no_job([moon], {"x": [Job("a/b", "lo")]}) == [("a.b", "x")]


def test_what_can_see_a_lie_may_be_a_glob() -> None:
    lie = Lie("a.b", "", "inet_pton:text=1.2:result=1", ("x",), only={"text": ("1.2,*",)})
    jobs = [Job.of("a/b", "lo", {"text": value}) for value in ("1.2,1.3", "1.2", "0,1.2,1.3")]
    assert [lie.is_seen_by(job) for job in [*jobs, Job("a/b", "lo")]] == [True] + 3 * [False]


def told_twice(lies: Iterable[Lie]) -> list[str]:
    """Lies that are told in the same way to the same jobs as another: they are one."""
    seen: set[str] = set()
    found = []
    for lie in lies:
        told = f"{lie.rule} {sorted(lie.only.items())}"
        found += [lie.id] if told in seen else []
        seen.add(told)
    return found


def test_no_lie_is_told_twice() -> None:
    assert told_twice(SHIPPED.all) == []
    one = Lie("a.b", "", "recv::size-1", ("x",), only={"family": ("inet",)})
    other = Lie("a.c", "", "recv::size-1", ("y",))
    again = Lie("a.d", "", "recv::size-1", ("z",), only={"family": ("inet",)})
    assert told_twice([one, other, again]) == ["a.d"]


def to_tell() -> list[str]:
    """The claims that are known to have neither a lie nor a reason."""
    lines = (FOLDER / "to_tell.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def differences(found: Collection[str], listed: Collection[str]) -> list[str]:
    """What the list lacks (+), and what it has and should not have any more (-)."""
    lacking = [f"+{claim}" for claim in found if claim not in listed]
    return lacking + [f"-{claim}" for claim in listed if claim not in found]


def test_every_claim_has_a_lie_or_a_reason_or_is_listed() -> None:
    """Only delete lines of to_tell.txt: a new claim comes with a lie, or says why not."""
    assert differences(SHIPPED.to_tell(CATALOGUE.claims), to_tell()) == []
    assert len(set(to_tell())) == len(to_tell())


def test_the_list_is_exact() -> None:
    assert differences(["a", "b"], ["b", "c"]) == ["+a", "-c"]


def some_claims(*ids: str, untestable: str | None = None) -> list[Claim]:
    return [Claim(one, "s", "i", "line 1", "It is.", "states", (), untestable) for one in ids]


def test_a_claim_needs_a_lie_or_a_reason_unless_it_is_untestable(tmp_path: Path) -> None:
    lies = load(tmp_path, LIE + UNTOLD.replace('"a.two", ', ""))
    claims = some_claims(*CLAIMS, "d.four")
    assert lies.to_tell(claims) == ("a.two", "d.four")
    assert lies.to_tell(some_claims("e.five", untestable="nobody can tell")) == ()


# --- one file, and what is wrong with it -------------------------------------------------------


def test_what_a_file_says(tmp_path: Path) -> None:
    more = 'mends = ["a.two"]\nonly = { family = "inet", stage = ["lo", "pair"] }\n'
    lies = load(tmp_path, LIE + more, UNTOLD.replace('"a.two", ', ""))
    (lie,) = lies.all
    assert lie.breaks == ("a.one",)
    assert lie.mends == ("a.two",)
    assert lie.only == {"family": ("inet",), "stage": ("lo", "pair")}
    assert lie.functions == ("recv", "recvfrom")
    assert lie.where == "calls"
    assert lies.untold == {"b.three": "It cannot be seen."}
    assert lies.about("a.two") == (lie,)
    assert lies.about("b.three") == ()


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('"recv.short"', '"Recv"', "0.toml: lie Recv: id has to be INTERFACE.what"),
        ('id = "recv.short"', "", "0.toml: lie number 1: Object missing required field `id`"),
        ('"recv() returns one byte less"', '""', "lie recv.short: tells has to be one sentence"),
        (":size-1", "", "lie recv.short: rule is 'recv+recvfrom:type=stream'; it has to be WHERE"),
        (":size-1", ":", "it has to be WHERE:WHEN:DO"),
        ("size-1", "size 1", "it has to be WHERE:WHEN:DO"),
        ("recv+recvfrom:type=stream:size-1", "none", "it has to be WHERE:WHEN:DO"),
        ('["a.one"]', "[]", "lie recv.short: it breaks no claim"),
        ('["a.one"]', '["a.none"]', "lie recv.short: no claim has the id 'a.none'"),
        ('["a.one"]', '["a.one", "a.one"]', "lie recv.short: a.one stands twice"),
        ('["a.one"]', '["a.one"]\nmends = ["a.one"]', "lie recv.short: a.one stands twice"),
        ('["a.one"]', '["a.one"]\nonly = { family = [] }', "only: family has no value"),
        ('["a.one"]', '["a.one"]\nonly = { family = 4 }', "Expected `str | array`, got `int`"),
        ("breaks =", "brakes =", "lie recv.short: Object contains unknown field `brakes`"),
        ("[[lie]]", "[lie]", "0.toml: unknown table 'lie'; write [[lie]] or [[untold]]"),
        ("[[lie]]", "[[lies]]", "0.toml: unknown table 'lies'; write [[lie]] or [[untold]]"),
        ("[[lie]]", "[[lie]", "0.toml: not TOML:"),
    ],
)
def test_a_bad_lie_is_one_line_with_its_place(
    tmp_path: Path, old: str, new: str, what: str
) -> None:
    assert LIE.count(old) == 1
    message = refused(tmp_path, LIE.replace(old, new))
    assert what in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("texts", "what"),
    [
        ((LIE, LIE), "1.toml: lie recv.short: the id is taken"),
        ((UNTOLD, UNTOLD), "1.toml: untold number 1: a.two has a reason already"),
        ((LIE, UNTOLD.replace("a.two", "a.one")), "a.one is called untold, but a lie is told"),
        ((UNTOLD.replace("a.two", "a.none"),), "0.toml: untold number 1: no claim has the id"),
        ((UNTOLD.replace('"a.two", "b.three"', ""),), "untold number 1: claims is empty"),
        ((UNTOLD.replace("It cannot be seen.", " x"),), "reason has to be one sentence"),
        ((), "holds no lies"),
    ],
)
def test_bad_files_together(tmp_path: Path, texts: tuple[str, ...], what: str) -> None:
    assert what in refused(tmp_path, *texts)


def test_one_rule_may_be_told_to_other_jobs(tmp_path: Path) -> None:
    other = LIE.replace(".short", ".other") + 'only = { family = "inet" }\n'
    assert len(load(tmp_path, LIE + other).all) == 2


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "0.toml").write_bytes(b"\xff")
    assert "0.toml: not TOML" in refused(tmp_path)


def test_somebody_elses_claims_have_no_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCKSPEC_CLAIMS", str(FAKES / "claims"))
    monkeypatch.delenv("SOCKSPEC_LIES", raising=False)
    assert places.lies(places.catalogue()).all == ()
    monkeypatch.setenv("SOCKSPEC_LIES", str(FAKES / "lies"))
    assert len(places.lies(places.catalogue()).all) == 7


# --- which jobs can see it ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "only", "key", "seen"),
    [
        ("recv::size-1", {}, "a/b lo", True),
        ("recv::size-1", {"family": ("inet",)}, "a/b lo family=inet", True),
        ("recv::size-1", {"family": ("inet",)}, "a/b lo family=inet6", False),
        ("recv::size-1", {"family": ("inet",)}, "a/b lo", False),
        ("recv::size-1", {"family": ("unix", "inet*")}, "a/b lo family=inet6", True),
        ("recv::size-1", {"family": ("inet?",)}, "a/b lo family=inet", False),
        ("recv::size-1", {"stage": ("pair", "wire")}, "a/b lo", False),
        ("wire:out,fin:drop", {}, "a/b wire", True),
        ("wire:out,fin:drop", {}, "a/b lo", False),
    ],
)
def test_which_jobs_can_see_a_lie(
    rule: str, only: dict[str, tuple[str, ...]], key: str, *, seen: bool
) -> None:
    assert Lie("a.b", "", rule, ("c",), only=only).is_seen_by(Job.parse(key)) is seen


# --- SELECT ------------------------------------------------------------------------------------


@pytest.fixture
def some(monkeypatch: pytest.MonkeyPatch) -> Lies:
    monkeypatch.setenv("SOCKSPEC_CLAIMS", str(FAKES / "claims"))
    monkeypatch.setenv("SOCKSPEC_LIES", str(FAKES / "lies"))
    return places.lies(places.catalogue())


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["lie:fake.caught"], ["caught"]),
        (["lie:fake.by-*"], ["by-another", "by-accident"]),
        (["fake.refuted"], ["mended", "by-another"]),
        (["fake.refuted", "lie:fake.missed"], ["mended", "missed", "by-another"]),
        (["fake.r*", "fake.p*"], ["mended", "by-another"]),
        ([], "caught mended missed by-another by-accident untold wire".split()),
    ],
)
def test_what_words_select(some: Lies, words: list[str], ids: list[str]) -> None:
    chosen = some.select(words, places.catalogue())
    assert [lie.id.removeprefix("fake.") for lie in chosen] == ids


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["lie:fake.caught", "lie:moon"], "'lie:moon' selects no lie"),
        (["fake.part"], "no lie is told about what was selected"),
        (["moon"], "'moon' selects no claim"),
    ],
)
def test_words_that_select_nothing(some: Lies, words: list[str], what: str) -> None:
    with pytest.raises(SockspecError, match=what) as caught:
        some.select(words, places.catalogue())
    assert caught.value.status == NOTHING_SELECTED


def test_a_lie_by_its_name(some: Lies) -> None:
    assert some.named("fake.caught").rule == "getpeername::refuted"
    with pytest.raises(SockspecError, match="there is no lie 'moon'"):
        some.named("moon")
