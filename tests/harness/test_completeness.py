# SPDX-License-Identifier: Apache-2.0
"""Nothing stands alone: claims, checks, probes and baselines find each other, none is forgotten.

The functions that look are tested here too, with something missing on purpose.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import attrs
import pytest

from sockspec.baseline import load
from sockspec.catalogue import Claim, load_catalogue
from sockspec.checks import Check, by_claim, find_checks
from sockspec.places import baselines_folder
from sockspec.target import find_tree

DESCRIBES_THE_TARGET = "target/describe"


def claims_left_out(claims: Collection[Claim], checked: Collection[str]) -> list[str]:
    """Claims with neither a check nor a reason why there can be none."""
    return [claim.id for claim in claims if claim.id not in checked and not claim.untestable]


def claims_said_twice(claims: Collection[Claim], checked: Collection[str]) -> list[str]:
    """Claims that are called untestable, though they have a check."""
    return sorted({claim.id for claim in claims if claim.untestable} & set(checked))


def checks_in_the_air(checks: Collection[Check], claims: Collection[str]) -> list[str]:
    """Checks that judge no claim, or one that the catalogue does not have."""
    return [check.name for check in checks if not check.claims or set(check.claims) - set(claims)]


def probes_nobody_runs(probes: Collection[str], checks: Collection[Check]) -> list[str]:
    """Probes whose records no check reads."""
    return sorted(set(probes) - {check.probe for check in checks} - {DESCRIBES_THE_TARGET})


def probes_that_are_not_there(probes: Collection[str], checks: Collection[Check]) -> list[str]:
    """Probes that a check wants and nobody wrote."""
    return sorted({check.probe for check in checks} - set(probes))


def asserts_something(node: ast.AST, functions: Mapping[str, ast.AST], depth: int = 4) -> bool:
    """Whether a block has an assertion, or calls a function of its module that has one."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Assert):
            return True
        if not isinstance(inner, ast.Call) or not isinstance(inner.func, ast.Name) or not depth:
            continue
        called = functions.get(inner.func.id)
        if called is not None and asserts_something(called, functions, depth - 1):
            return True
    return False


def blocks_without_assertion(source: str) -> list[int]:
    """The lines of ``with claim(...)`` blocks that cannot fail."""
    tree = ast.parse(source)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.With)
        and ast.unparse(node.items[0].context_expr).startswith("claim(")
        and not any(asserts_something(line, functions) for line in node.body)
    ]


CATALOGUE = load_catalogue()
CHECKS = find_checks()
CHECKED: Mapping[str, list[Check]] = by_claim(CHECKS)
PROBES = [probe.name for probe in find_tree().probes()]


@pytest.mark.parametrize(
    "found",
    [
        claims_left_out(CATALOGUE.claims, CHECKED),
        claims_said_twice(CATALOGUE.claims, CHECKED),
        checks_in_the_air(CHECKS, CATALOGUE.by_id),
        probes_nobody_runs(PROBES, CHECKS),
        probes_that_are_not_there(PROBES, CHECKS),
    ],
    ids=[
        "claims without check or reason",
        "claims with a check that are called untestable",
        "checks without a known claim",
        "probes without a check",
        "checks without their probe",
    ],
)
def test_nothing_is_forgotten(found: list[str]) -> None:
    assert found == []


@pytest.mark.parametrize("path", sorted(baselines_folder().glob("*.toml")), ids=lambda p: p.name)
def test_every_baseline_speaks_of_known_claims_that_are_checked(path: Path) -> None:
    deviations = load(path, CATALOGUE.by_id)
    assert [one.claim for one in deviations if one.claim not in CHECKED] == []


def test_no_check_hides_another_of_its_name() -> None:
    places = [(check.path, check.name) for check in CHECKS]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("path", sorted({c.path for c in CHECKS}), ids=lambda p: p.name)
def test_no_block_holds_without_an_assertion(path: Path) -> None:
    assert blocks_without_assertion(path.read_text()) == []


def test_a_block_without_an_assertion_is_found() -> None:
    source = (
        "def good(x):\n    assert x\n"
        "def idle(x):\n    pass\n"
        "def test_it(record, claim):\n"
        "    with claim('a'):\n        good(1)\n"
        "    with claim('b'):\n        idle(1)\n"
    )
    assert blocks_without_assertion(source) == [8]


SOME = (*CATALOGUE.claims[:2], attrs.evolve(CATALOGUE.claims[2], untestable="Nobody can tell."))


@pytest.mark.parametrize(
    "look",
    [
        lambda: claims_left_out(SOME, [SOME[0].id]) == [SOME[1].id],
        lambda: claims_said_twice(SOME, [SOME[2].id]) == [SOME[2].id],
        lambda: checks_in_the_air(CHECKS[:1], []) == [CHECKS[0].name],
        lambda: probes_nobody_runs(["a/b"], CHECKS) == ["a/b"],
        lambda: probes_that_are_not_there([], CHECKS[:1]) == [CHECKS[0].probe],
    ],
)
def test_the_searches_find_what_is_missing(look: Callable[[], bool]) -> None:
    assert look()
