# SPDX-License-Identifier: Apache-2.0
"""What the refuted variants of a claim have in common, in words."""

from __future__ import annotations

import re
from typing import Final, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sockspec.model import VariantVerdict
from sockspec.parting import parting

_VERDICTS: Final[dict[str, Literal["holds", "refuted", "not observed"]]] = {
    "+": "holds",
    "-": "refuted",
    "?": "not observed",
}


def variants(text: str) -> list[VariantVerdict]:
    """A line a variant: ``+`` for one that holds, ``-`` for refuted; the name."""
    found: list[VariantVerdict] = []
    for line in text.strip().splitlines():
        sign, name = line.strip().split(" ", 1)
        verdict = _VERDICTS[sign]
        job = name.partition(": ")[0]
        found.append(VariantVerdict(name=name, verdict=verdict, why="", job=job))
    return found


WORDS = {
    "a value": (
        """
        + a/b lo family=inet
        + a/b pair family=inet
        - a/b lo family=unix
        """,
        "with family=unix",
    ),
    "two values": (
        """
        + a/b lo family=unix
        - a/b lo family=inet
        - a/b lo family=inet6
        """,
        "with family=inet or inet6",
    ),
    "a stage": ("+ a/b lo by=x\n- a/b pair by=x", "on stage pair"),
    "a probe": ("+ a/b lo by=x\n- a/c lo by=x", "in a/c"),
    "a part": ("+ a/b lo: one\n+ a/b lo: two\n- a/b lo: three", "in the part 'three'"),
    "one without a part": ("+ a/b lo: one\n- a/c lo", "in a/c"),
    "two traits": (
        """
        + a/b lo by=x family=inet
        + a/b lo by=y family=inet
        + a/b lo by=x family=unix
        - a/b lo by=y family=unix
        """,
        "with by=y, family=unix",
    ),
    "a probe's own": (
        """
        + a/b lo family=inet
        + a/c lo family=inet
        + a/c lo family=unix
        - a/b lo family=unix
        """,
        "in a/b with family=unix",
    ),
    "two probes": (
        """
        + a/b lo family=inet
        + a/c lo by=x
        - a/b lo family=unix
        - a/c lo by=y
        """,
        "with family=unix and with by=y",
    ),
    "what was not observed does not count": (
        "+ a/b lo by=x\n- a/b lo by=y\n? a/b pair by=y",
        "with by=y",
    ),
    "nothing in common": (
        """
        + a/b lo by=x family=inet
        + a/b lo by=y family=unix
        - a/b lo by=x family=unix
        - a/b lo by=y family=inet
        """,
        "",
    ),
    "too many values": (
        "+ a/b lo n=0\n" + "".join(f"- a/b lo n={number}\n" for number in range(1, 9)),
        "",
    ),
    "a list of parts is not what they have in common": (
        """
        + a/b lo family=unix wrong=x,y: x
        - a/b lo family=inet wrong=x,y,z: x
        - a/b lo family=inet6 wrong=x,y,z: x
        """,
        "with family=inet or inet6",
    ),
    "all refuted": ("- a/b lo", ""),
    "none refuted": ("+ a/b lo", ""),
    "none at all": ("", ""),
}


@pytest.mark.parametrize(("text", "words"), WORDS.values(), ids=WORDS)
def test_the_words(text: str, words: str) -> None:
    assert parting(variants(text)) == words


@given(st.dictionaries(st.tuples(*[st.sampled_from("abc")] * 3), st.booleans(), max_size=27))
def test_the_words_are_exact(outcomes: dict[tuple[str, str, str], bool]) -> None:
    """Each refuted variant has one of the values that are named for each name; none that holds."""
    lines = [
        f"{'+' if holds else '-'} a/b lo x={x} y={y} z={z}" for (x, y, z), holds in outcomes.items()
    ]
    words = parting(variants("\n".join(lines)))
    if not words:
        return
    named = dict(re.findall(r"([xyz])=((?:[abc](?:, (?=[abc]\b(?!=))| or )?)+)", words))
    for values, holds in outcomes.items():
        traits = dict(zip("xyz", values, strict=True))
        fits = all(traits[name] in allowed for name, allowed in named.items())
        assert fits is not holds
