# SPDX-License-Identifier: Apache-2.0
"""A record with nothing in it decides nothing, whichever check reads it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from sockspec.checks import find_checks
from sockspec.judge import judge_record
from sockspec.model import Done, End, Record

if TYPE_CHECKING:
    from sockspec.checks import Check
    from sockspec.plan import Job


@cache
def checks() -> tuple[Check, ...]:
    return find_checks()


def nothing_of(job: Job) -> Record:
    """What a probe leaves that ran to its end, and neither called nor noted anything."""
    return Record(
        job=job.key,
        probe=job.probe,
        stage=job.stage,
        variant=dict(job.variant),
        hash="0" * 16,
        t0=0,
        end=End(how="exit", status=0),
        events=(Done(t=1),),
        packets=() if job.stage != "host" else None,
    )


@pytest.mark.parametrize("check", checks(), ids=lambda check: check.name)
def test_no_check_decides_on_nothing(check: Check) -> None:
    decided = {
        (outcome.claim, outcome.part, outcome.verdict)
        for job in check.jobs
        for outcome in judge_record(check, job.key, nothing_of(job), check.cases.get(job)).outcomes
        if outcome.verdict != "not observed"
    }
    assert not decided
