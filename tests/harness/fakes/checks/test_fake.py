# SPDX-License-Identifier: Apache-2.0
"""Checks on what the fake agent says."""

from __future__ import annotations

from sockspec.check import INET_BOTH, ClaimContext, NotObserved, RecordView, observes


@observes("fake/holds", family=INET_BOTH, stage=("lo", "pair"))
def test_holds(record: RecordView, claim: ClaimContext) -> None:
    call = record.the("getpeername")
    with claim("fake.holds"):
        assert call.failed_with("ENOTCONN")


@observes("fake/refuted", family=INET_BOTH)
def test_refuted(record: RecordView, claim: ClaimContext) -> None:
    call = record.the("getpeername")
    with claim("fake.refuted"):
        assert call.failed_with("ENOTCONN")
    with claim("fake.beside-refuted", "errno"):
        assert call.failed_with("EINVAL")
    with claim("fake.beside-refuted", "length"):
        assert call.length == 128


@observes("fake/part", family=INET_BOTH)
def test_part(record: RecordView, claim: ClaimContext) -> None:
    with claim("fake.part"):
        assert record.the("getpeername").failed_with("ENOTCONN")


@observes("fake/unsupported")
def test_unsupported(record: RecordView, claim: ClaimContext) -> None:
    with claim("fake.unsupported"):
        assert record.the("getpeername").failed_with("ENOTCONN")


@observes("fake/holds")
def test_not_told(record: RecordView, claim: ClaimContext) -> None:
    with claim("fake.not-told"):
        raise NotObserved("the record does not tell")
