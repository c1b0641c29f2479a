# SPDX-License-Identifier: Apache-2.0
"""The verdicts that are known and explained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sockspec.baseline import Baseline, Deviation, load
from sockspec.errors import SockspecError
from sockspec.model import ClaimVerdict, VariantVerdict

ENTRY = """
[[deviation]]
claim = "c.one"
verdict = "refuted"
reason = "so it is"
reference = "somewhere"
"""


def deviation(**changes: Any) -> Deviation:
    return Deviation(
        **{"claim": "c.one", "verdict": "refuted", "reason": "why", "reference": "r"} | changes
    )


def loaded(tmp_path: Path, text: str) -> tuple[Deviation, ...]:
    path = tmp_path / "linux.toml"
    path.write_text(text)
    return load(path, ["c.one", "c.two"])


def test_an_entry_is_read(tmp_path: Path) -> None:
    (entry,) = loaded(tmp_path, ENTRY + 'variants = ["* lo *"]\nwhen = {kernel = ">=6"}\n')
    assert entry.globs == ("* lo *",)
    assert entry.when == {"kernel": ">=6"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("deviation = 1", "is no list of tables"),
        ("[deviations]", "unknown table 'deviations'"),
        ("[[deviation]", "not TOML"),
        ("deviation = [1]", "deviation 1: Expected `object`, got `int`"),
        (ENTRY + ENTRY, "deviation 2 (c.one): the same as deviation 1"),
        (ENTRY.replace("c.one", "c.none"), "deviation 1 (c.none): no claim has this id"),
        (ENTRY.replace('"refuted"', '"holds"'), "Invalid enum value 'holds'"),
        (ENTRY.replace("so it is", " "), "reason has to be one line that says something"),
        (ENTRY.replace("somewhere", "a\\nb"), "reference has to be one line"),
        (ENTRY.replace('reason = "so it is"', ""), "missing required field `reason`"),
        (ENTRY.replace('reference = "somewhere"', ""), "missing required field `reference`"),
        (ENTRY + "variants = []", "variants is empty"),
        (ENTRY + 'varient = "*"', "unknown field `varient`"),
        (ENTRY + 'when = {kernel = ">=six"}', "compares with no version"),
        (ENTRY + "when = {kernel = 6.1}", "at `$.when[...]`"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(SockspecError) as caught:
        loaded(tmp_path, text)
    assert caught.value.status == 3
    assert what in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "linux.toml"))
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SockspecError, match="cannot read: No such file") as caught:
        load(tmp_path / "no.toml", [])
    assert caught.value.status == 3
    (tmp_path / "latin.toml").write_bytes(b"# \xe9")
    with pytest.raises(SockspecError, match="not TOML"):
        load(tmp_path / "latin.toml", [])


def test_entries_that_differ_in_variants_or_conditions_are_not_the_same(tmp_path: Path) -> None:
    entries = ENTRY + ENTRY + 'variants = "* lo"\n' + ENTRY + "when = {uid = 0}\n"
    assert len(loaded(tmp_path, entries)) == 3


def test_the_first_that_matches_counts() -> None:
    baseline = Baseline(
        [deviation(variants="* pair *", reason="first"), deviation(verdict="unsupported")]
    )
    assert baseline.expectation("c.one", "p/q pair x=1").reason == "first"
    assert baseline.expectation("c.one", "p/q lo").verdict == "unsupported"
    assert baseline.expectation("c.two", "p/q lo").verdict == "holds"


FACTS = {
    "kernel": "6.1.0-18-amd64",
    "machine": "x86_64",
    "uid": 0,
    "user_namespaces": True,
    "sysctls": {"net.ipv4.tcp_sack": "1"},
}


@pytest.mark.parametrize(
    ("when", "applies"),
    [
        ({}, True),
        ({"kernel": ">=6.1"}, True),
        ({"kernel": "> 6.1"}, False),
        ({"kernel": ">=5.10"}, True),
        ({"kernel": "<6.1"}, False),
        ({"kernel": "<6.1.1"}, True),
        ({"kernel": "==6.1"}, True),
        ({"kernel": "!=6.1.0"}, False),
        ({"kernel": "6.1.*"}, True),
        ({"machine": "x86_*"}, True),
        ({"machine": "aarch64"}, False),
        ({"uid": 0}, True),
        ({"uid": "0"}, True),
        ({"uid": 1000}, False),
        ({"user_namespaces": True}, True),
        ({"user_namespaces": "true"}, True),
        ({"user_namespaces": False}, False),
        ({"sysctls.net.ipv4.tcp_sack": "1"}, True),
        ({"sysctls.net.ipv4.tcp_ecn": "1"}, False),
        ({"nothing": "*"}, False),
        ({"nothing": ">=1"}, False),
        ({"machine": ">=1"}, True),
        ({"kernel": ">=6.1", "machine": "aarch64"}, False),
    ],
)
def test_conditions_are_keyed_to_facts(when: dict[str, Any], applies: bool) -> None:
    expected = Baseline([deviation(when=when)], FACTS).expectation("c.one", "p/q lo")
    assert (expected.verdict == "refuted") is applies


def claim(**variants: Any) -> ClaimVerdict:
    return ClaimVerdict(
        id="c.one",
        source="s",
        interface="i",
        verdict="holds",
        why="",
        probes=(),
        variants=tuple(
            VariantVerdict(name=f"p/q {name}", verdict=verdict, why="", job="p/q lo")
            for name, verdict in variants.items()
        ),
    )


@pytest.mark.parametrize(
    ("variants", "full", "stale"),
    [
        ({"lo": "holds", "pair": "holds"}, True, True),
        ({"lo": "holds", "pair": "holds"}, False, True),
        ({"lo": "holds", "pair": "not observed"}, True, True),
        ({"lo": "holds", "pair": "refuted"}, True, False),
        ({"lo": "refuted"}, True, False),
        ({"lo": "unsupported"}, True, False),
        ({"lo": "not observed"}, True, False),
        ({}, True, True),
        ({}, False, False),
    ],
)
def test_an_entry_that_is_true_no_more_is_stale(
    variants: dict[str, Any], full: bool, stale: bool
) -> None:
    found = Baseline([deviation()]).stale([claim(**variants)], full=full)
    assert bool(found) is stale


def test_an_entry_for_another_target_is_not_stale() -> None:
    baseline = Baseline([deviation(when={"kernel": "<5"})], FACTS)
    assert baseline.stale([claim(lo="holds")], full=True) == ()


def test_an_entry_with_a_name_that_no_variant_has_is_stale() -> None:
    baseline = Baseline([deviation(variants="* moon *")])
    (stale,) = baseline.stale([claim(lo="holds")], full=True)
    assert stale.why == "no variant has such a name"
    assert baseline.stale([claim(lo="holds")], full=False) == ()


def test_the_shipped_baselines_are_valid() -> None:
    from sockspec import places

    claims = places.catalogue().by_id
    for path in places.baselines_folder().glob("*.toml"):
        load(path, claims)
