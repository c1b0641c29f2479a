# SPDX-License-Identifier: Apache-2.0
"""What the functions without side effects need: lists in a variant, texts and bytes in a record."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from sockspec import model
from sockspec.call import CallView
from sockspec.check import NotObserved, RecordView
from sockspec.target import find_tree

# --- the kit's lists ---


def events(probe: str, *variant: str) -> tuple[int, list[dict[str, Any]]]:
    """A probe's status and what it logged, run without the agent."""
    reader, writer = os.pipe()
    try:
        done = subprocess.run(
            [find_tree().agent.parent / "probes" / probe, *variant],
            env={**os.environ, "SOCKSPEC_LOG": str(writer)},
            pass_fds=[writer],
            timeout=30,
        )
    finally:
        os.close(writer)
    with os.fdopen(reader) as log:
        return done.returncode, [json.loads(line) for line in log]


def test_texts_of_a_variant_may_hold_any_byte_but_0() -> None:
    status, seen = events("inet/aton", "text=1.2.3.4%20,,a%2cB%ff,%25")
    assert status == 0
    texts = [event["args"]["text"] for event in seen if event["e"] == "call"]
    assert texts == ["1.2.3.4 ", "", "a,B\xff", "%"]


@pytest.mark.parametrize(
    ("probe", "variant", "why"),
    [
        ("inet/aton", ["text=1%2"], "hexadecimal digits"),
        ("inet/aton", ["text=%zz"], "hexadecimal digits"),
        ("inet/aton", ["text=a%00b"], "a byte 0"),
        ("inet/aton", ["text=" + "1" * 256], "longer than 255"),
        ("inet/ntop", ["family=inet", "address=7f00000"], "hexadecimal digits"),
        ("inet/ntop", ["family=inet", "address=7f0000"], "3 bytes"),
    ],
)
def test_a_list_that_makes_no_sense_is_a_fault(probe: str, variant: list[str], why: str) -> None:
    status, seen = events(probe, *variant)
    assert status == 3
    assert seen[-1]["e"] == "fault"
    assert why in seen[-1]["what"]


def test_a_text_of_255_bytes_is_taken() -> None:
    status, seen = events("inet/aton", "text=" + "1" * 255)
    assert (status, seen[-1]["e"]) == (0, "done")


# --- arguments and memory in a record ---


def call_with(args: dict[str, Any], saw: dict[str, Any] | None = None) -> CallView:
    event = model.Call(call="f", args=args, t_in=1, t_out=2, result=0, saw=saw or {})
    record = model.Record(
        job="a/b lo",
        probe="a/b",
        stage="lo",
        hash="h",
        t0=0,
        end=model.End(how="exit"),
        events=(event, model.Done(t=3)),
    )
    return RecordView(record).the("f")


def test_arguments_by_kind() -> None:
    call = call_with({"text": "1 \xff", "address": "7f000001", "n": 7, "empty": ""})
    assert call.text_argument("text") == b"1 \xff"
    assert call.text_argument("empty") == b""
    assert call.bytes_argument("address") == b"\x7f\0\0\1"
    assert call.number_argument("n", 7) == 7


def test_memory() -> None:
    assert call_with({}, {"memory": "a5a501"}).memory == b"\xa5\xa5\1"


@pytest.mark.parametrize("value", [None, 7, "\u0100", ["x"]])
def test_a_text_that_is_none_is_not_observed(value: Any) -> None:
    with pytest.raises(NotObserved, match="nonsense for the argument a"):
        call_with({"a": value}).text_argument("a")


@pytest.mark.parametrize("value", [None, 7, "7", "7x", "00 00", "00" * 257])
def test_bytes_that_are_none_are_not_observed(value: Any) -> None:
    with pytest.raises(NotObserved, match="nonsense for the argument a"):
        call_with({"a": value}).bytes_argument("a")
    with pytest.raises(NotObserved, match="memory"):
        call_with({}, {"memory": value}).memory  # noqa: B018 - the property raises


@pytest.mark.parametrize("value", [None, True, "1", -1, 8, 10**30, 1.5])
def test_a_number_that_cannot_be_is_not_observed(value: Any) -> None:
    with pytest.raises(NotObserved, match="nonsense for the argument a"):
        call_with({"a": value}).number_argument("a", 7)


@pytest.mark.parametrize("method", ["text_argument", "bytes_argument"])
def test_an_argument_that_is_missing_is_not_observed(method: str) -> None:
    with pytest.raises(NotObserved, match="lacks a"):
        getattr(call_with({}), method)("a")
