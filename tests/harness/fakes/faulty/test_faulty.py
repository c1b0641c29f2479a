# SPDX-License-Identifier: Apache-2.0
"""Checks that are wrong, each in its own way.  None of them may ever give a verdict."""

from __future__ import annotations

from typing import Any

import pytest

from sockspec.check import ClaimContext, RecordView, observes

IDS = ["fake.faulty"]


@observes("fake/holds")
def test_unknown_claim(record: RecordView, claim: ClaimContext) -> None:
    with claim("fake.faulty"):
        assert record.the("getpeername").failed_with("ENOTCONN")
    with claim("fake.unheard-of"):
        assert record.the("getpeername").failed_with("ENOTCONN")


@observes("fake/holds")
def test_no_literal(record: RecordView, claim: ClaimContext) -> None:
    with claim(IDS[0]):
        assert record.the("getpeername").failed_with("ENOTCONN")


@observes("fake/holds")
def test_no_claim(record: RecordView, claim: ClaimContext) -> None:
    assert record.the("getpeername").failed_with("ENOTCONN")


@observes("fake/holds")
def test_too_many_fixtures(record: RecordView, claim: ClaimContext, tmp_path: Any) -> None:
    with claim("fake.faulty"):
        assert record.the("getpeername").failed_with("ENOTCONN")


@observes("fake/holds")
def test_error_in_a_claim(record: RecordView, claim: ClaimContext) -> None:
    with claim("fake.faulty"):
        raise KeyError("oh")


@observes("fake/holds")
def test_assertion_outside_a_claim(record: RecordView, claim: ClaimContext) -> None:
    assert record.the("getpeername").failed_with("EBADF")
    with claim("fake.faulty"):
        assert record.the("getpeername").failed_with("ENOTCONN")


@observes("fake/holds")
def test_skip(record: RecordView, claim: ClaimContext) -> None:
    with claim("fake.faulty"):
        pytest.skip("not today")


@observes("fake/holds")
def test_nested(record: RecordView, claim: ClaimContext) -> None:
    with claim("fake.faulty"), claim("fake.faulty"):
        assert record.the("getpeername").failed_with("EBADF")


@observes("fake/holds")
def test_asks_for_what_no_record_has(record: RecordView, claim: ClaimContext) -> None:
    with claim("fake.faulty"):
        assert record.the("getpeernome").failed_with("ENOTCONN")


@observes("fake/unheard_of")
def test_unknown_probe(record: RecordView, claim: ClaimContext) -> None:
    with claim("fake.faulty"):
        assert record.the("getpeername").failed_with("ENOTCONN")
