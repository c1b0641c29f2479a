# SPDX-License-Identifier: Apache-2.0
"""From outcomes to the document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sockspec.baseline import Baseline, Deviation
from sockspec.model import Hello, Observed, Record, VariantVerdict, Verdict, VerdictsDocument
from sockspec.verdicts import (
    Fault,
    Outcome,
    describe_target,
    document,
    example,
    of_variants,
)


@attrs.frozen
class FakeClaim:
    id: str
    source: str = "fake"
    interface: str = "names"


def made(
    outcomes: Sequence[Outcome], deviations: Sequence[Deviation] = (), **changes: Any
) -> VerdictsDocument:
    arguments: dict[str, Any] = {
        "target": {},
        "why_none": {"c": "no check yet"},
        "probes": {"a": ["z/z", "a/a"]},
        "baseline": Baseline(deviations),
        **changes,
    }
    claims: Any = [FakeClaim("a"), FakeClaim("b"), FakeClaim("c")]
    return document(claims, outcomes, **arguments)


def deviation(verdict: Any = "refuted", **changes: Any) -> Deviation:
    return Deviation(
        **{"claim": "a", "verdict": verdict, "reason": "known", "reference": "r"} | changes
    )


@pytest.mark.parametrize(
    ("variants", "verdict"),
    [
        ([], "not observed"),
        (["not observed"], "not observed"),
        (["not observed", "unsupported"], "unsupported"),
        (["holds", "unsupported", "not observed"], "holds"),
        (["refuted", "unsupported", "not observed"], "refuted"),
        (["holds", "refuted"], "holds in part"),
        (["refuted", "refuted"], "refuted"),
    ],
)
def test_the_verdict_of_a_claim(variants: list[Observed], verdict: Verdict) -> None:
    assert of_variants(variants) == verdict
    assert of_variants(reversed(variants)) == verdict


def test_every_claim_is_there_in_order() -> None:
    result = made([Outcome("b", "p/q lo", "holds", "x")])
    assert [(claim.id, claim.verdict, claim.why) for claim in result.claims] == [
        ("a", "not observed", "no check came to it"),
        ("b", "holds", "x"),
        ("c", "not observed", "no check yet"),
    ]
    assert result.claims[0].probes == ("a/a", "z/z")
    assert result.summary["verdicts"]["not observed"] == 2
    assert result.summary["observations"] == 1


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        ("holds", "refuted", "refuted"),
        ("holds", "not observed", "not observed"),
        ("holds", "unsupported", "unsupported"),
        ("unsupported", "not observed", "not observed"),
        ("not observed", "refuted", "refuted"),
    ],
)
def test_of_two_outcomes_in_one_variant_the_worse_counts(
    first: Observed, second: Observed, counts: Observed
) -> None:
    for one, other in ((first, second), (second, first)):
        result = made([Outcome("a", "p/q lo", one, one), Outcome("a", "p/q lo", other, other)])
        (variant,) = result.claims[0].variants
        assert (variant.verdict, variant.why) == (counts, counts)


def test_the_evidence_is_from_a_variant_with_the_most_frequent_reason() -> None:
    variants = [
        VariantVerdict(
            name=f"p/q lo n={n}",
            verdict="refuted",
            why=f"saw {n}",
            job=f"p/q lo n={n}",
            reason=reason,
        )
        for n, reason in enumerate(("odd", "usual", "usual", None))
    ]
    shown = example("refuted", variants)
    assert shown is not None
    assert (shown.why, shown.reason) == ("saw 1", "usual")
    assert example("holds in part", variants) is shown
    assert example("holds", variants) is None


def test_parts_are_variants_of_their_own() -> None:
    result = made(
        [
            Outcome("a", "p/q lo", "holds", "1", "one"),
            Outcome("a", "p/q lo", "refuted", "2", "two"),
        ]
    )
    claim = result.claims[0]
    assert [variant.name for variant in claim.variants] == ["p/q lo: one", "p/q lo: two"]
    assert {variant.job for variant in claim.variants} == {"p/q lo"}
    assert claim.verdict == "holds in part"
    assert claim.why == "refuted in 1 of 2 variants (in the part 'two'), e.g. 2"


def test_what_the_baseline_expects() -> None:
    known = made([Outcome("a", "p/q lo", "refuted", "x")], [deviation()])
    assert known.claims[0].as_expected
    assert known.claims[0].variants[0].reason == "known"
    assert known.summary["unexpected"] == []
    unknown = made([Outcome("a", "p/q lo", "refuted", "x")])
    assert not unknown.claims[0].as_expected
    assert unknown.summary["unexpected"] == ["a"]


def test_what_holds_although_a_deviation_is_expected_differs() -> None:
    result = made([Outcome("a", "p/q lo", "holds", "x")], [deviation()])
    assert not result.claims[0].as_expected
    assert [entry["claim"] for entry in result.summary["stale"]] == ["a"]


def test_what_the_target_lacks_differs_unless_it_is_expected() -> None:
    outcomes = [Outcome("a", "p/q lo", "unsupported", "x")]
    assert not made(outcomes).claims[0].as_expected
    assert made(outcomes, [deviation("unsupported")]).claims[0].as_expected


def test_what_was_not_observed_never_differs() -> None:
    outcomes = [Outcome("a", "p/q lo", "not observed", "x")]
    assert made(outcomes).claims[0].as_expected
    result = made(outcomes, [deviation()])
    assert result.claims[0].as_expected
    assert result.summary["stale"] == []


def test_strict_knows_no_baseline_and_minds_what_is_refuted() -> None:
    refuted = made([Outcome("a", "p/q lo", "refuted", "x")], [deviation()], strict=True)
    assert refuted.summary["unexpected"] == ["a"]
    assert refuted.summary["stale"] == []
    assert made([Outcome("a", "p/q lo", "unsupported", "x")], strict=True).claims[0].as_expected


def test_faults_are_told() -> None:
    result = made([], faults=[Fault("here", "broken")])
    assert result.summary["faults"] == [{"where": "here", "what": "broken"}]


VERDICT = st.sampled_from(["holds", "refuted", "unsupported", "not observed"])
OUTCOME = st.builds(
    Outcome,
    claim=st.sampled_from(["a", "b"]),
    job=st.sampled_from(["p/q lo", "p/q pair", "p/r lo n=1"]),
    verdict=VERDICT,
    why=st.just("why"),
    part=st.sampled_from([None, "one", "two"]),
)


@given(st.lists(OUTCOME, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_outcomes_does_not_matter(outcomes: list[Outcome], random: Any) -> None:
    shuffled = list(outcomes)
    random.shuffle(shuffled)
    assert msgspec.json.encode(made(outcomes)) == msgspec.json.encode(made(shuffled))


def test_the_target_is_described() -> None:
    hello = msgspec.convert(
        {
            "kind": "hello",
            "schema": 1,
            "sockspec": "1.2",
            "stages": [{"name": "lo", "witness": True}, {"name": "pair", "why_not": "no veth"}],
            "probes": {"b/b": "2", "a/a": "1"},
            "facts": {"kernel": "6.1", "probes": "not these", "uid": 0},
        },
        Hello,
    )
    described = msgspec.convert(
        {
            "kind": "record",
            "job": "target/describe lo",
            "probe": "target/describe",
            "stage": "lo",
            "hash": "1",
            "t0": 1,
            "end": {"how": "exit"},
            "events": [
                {"e": "note", "name": "libc", "value": "musl", "t": 1},
                {"e": "note", "name": "stages", "value": "not these", "t": 1},
                {"e": "note", "name": "sysctl:net/ipv4/tcp_sack", "value": "1", "t": 1},
            ],
        },
        Record,
    )
    assert describe_target("host", hello, described) == {
        "name": "host",
        "kernel": "6.1",
        "uid": 0,
        "libc": "musl",
        "sysctls": {"net.ipv4.tcp_sack": "1"},
        "sockspec": "1.2",
        "stages": {
            "lo": {"available": True, "witness": True},
            "pair": {"available": False, "witness": False, "why_not": "no veth"},
        },
        "probes": {"a/a": "1", "b/b": "2"},
    }
