# SPDX-License-Identifier: Apache-2.0
"""The proof that checks can fail: each lie told to the jobs that can see it, beside the truth.

A *trial* is one lie in one job.  Truth and lie are recorded in the same run of the agent, and
judged by the same checks: a lie is caught where a claim that holds in truth is refuted under the
lie, in the same job and the same part of its record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs
import msgspec

from sockspec.baseline import Baseline
from sockspec.complete import why_incomplete
from sockspec.errors import FAULT, SockspecError
from sockspec.judge import claims_in, judge_record, waiting_first
from sockspec.lies import NONE, Lie
from sockspec.model import (
    PROOF_OUTCOMES,
    SCHEMA,
    ClaimProof,
    LieProof,
    ProofDocument,
    ProofOutcome,
    Record,
    Sight,
)
from sockspec.model import Lie as Told
from sockspec.plan import LIE
from sockspec.recorder import Placement
from sockspec.verdicts import Fault, Outcome, describe_target, worse

if TYPE_CHECKING:
    from sockspec.baseline import Deviation
    from sockspec.catalogue import Claim
    from sockspec.checks import Check
    from sockspec.judge import Progress
    from sockspec.lies import Lies
    from sockspec.plan import Case, Job
    from sockspec.recorder import Records

JOBS: Final = 3
"""In so many jobs of a check each lie is tried, unless another number is asked for."""
_SIGHTS: Final = 12
"""So many sights of one claim under one lie are kept."""

Decided = Literal["holds", "refuted"]
Key = tuple[str, str | None]
"""A claim, and the part of a record that it is judged in."""
Outcomes = Mapping[Key, Outcome]


# --- which jobs --------------------------------------------------------------------------------


@attrs.frozen
class Reader:
    """A check that reads the record of one job, and the case that it does so for."""

    check: Check
    case: Case | None
    why_not: str | None
    """Why the job cannot be had on this target."""

    @property
    def claims(self) -> tuple[str, ...]:
        """The claims that it judges there."""
        return claims_in(self.check, self.case)


class Readers:
    """Which checks read which jobs, as these are placed on one target."""

    def __init__(self, checks: Iterable[Check], placement: Placement) -> None:
        self.by_job: Final[dict[Job, list[Reader]]] = {}
        self._by_claim: Final[dict[str, dict[Check, list[Job]]]] = {}
        for check in checks:
            for job in check.jobs:
                placed = placement.place(job)
                if placed is not None:
                    self._add(placed.job, Reader(check, check.cases.get(job), placed.why_not))

    def _add(self, job: Job, reader: Reader) -> None:
        readers = self.by_job.setdefault(job, [])
        if any(other.check is reader.check for other in readers):
            return  # ``host`` stands for ``lo``
        readers.append(reader)
        for claim in reader.claims:
            jobs = self._by_claim.setdefault(claim, {})
            jobs.setdefault(reader.check, []).append(job)

    def jobs_of(self, claim: str) -> list[list[Job]]:
        """The jobs whose records show a claim, one list a check."""
        return list(self._by_claim.get(claim, {}).values())

    def why_not(self, job: Job) -> str | None:
        """Why a job cannot be had; None: it can."""
        return next((reader.why_not for reader in self.by_job[job]), None)


def spread(jobs: Sequence[Job], count: int) -> list[Job]:
    """At most so many jobs (0: all), as different from each other as can be."""
    if count == 0:
        return list(jobs)
    rest = list(jobs)
    chosen: list[Job] = []
    seen: set[tuple[str, str]] = set()
    while rest and len(chosen) < count:
        best = max(rest, key=lambda job: len(_values(job) - seen))
        rest.remove(best)
        chosen.append(best)
        seen |= _values(best)
    return chosen


def _values(job: Job) -> set[tuple[str, str]]:
    return {*job.variant, ("stage", job.stage)}


@attrs.frozen
class Plan:
    """What is to be recorded."""

    trials: Mapping[Lie, tuple[Job, ...]]
    """By lie, the jobs that it is told in; here they are in truth."""
    readers: Readers
    why_none: Mapping[tuple[Lie, str], str]
    """Why a lie cannot be tried on one of its claims."""

    @cached_property
    def truths(self) -> tuple[Job, ...]:
        """The jobs that are recorded in truth."""
        return tuple(dict.fromkeys(job for jobs in self.trials.values() for job in jobs))

    @property
    def keys(self) -> Iterator[str]:
        """All jobs."""
        for job in self.truths:
            yield job.key
        for lie, jobs in self.trials.items():
            for job in jobs:
                yield lying(job, lie).key


def lying(job: Job, lie: Lie) -> Job:
    """The job with the lie told."""
    return attrs.evolve(job, lie=lie.rule)


def plan(
    lies: Iterable[Lie],
    readers: Readers,
    tellers: Iterable[str],
    *,
    baseline: Baseline | None = None,
    jobs: int = JOBS,
) -> Plan:
    """Where each lie is tried: in so many jobs of each check of each of its claims.

    ``tellers``: what the target can have lies told by, see `Hello.lies`.
    """
    planner = _Planner(readers, frozenset(tellers), baseline or Baseline(), jobs)
    trials: dict[Lie, tuple[Job, ...]] = {}
    for lie in lies:
        found = (job for claim in lie.claims for job in planner.jobs(lie, claim))
        trials[lie] = tuple(dict.fromkeys(found))
    return Plan(trials, readers, planner.why_none)


@attrs.frozen
class _Planner:
    readers: Readers
    tellers: frozenset[str]
    baseline: Baseline
    count: int
    why_none: dict[tuple[Lie, str], str] = attrs.field(factory=dict)

    def jobs(self, lie: Lie, claim: str) -> Iterator[Job]:
        """The jobs in which a claim is tried; none: `why_none` says why."""
        checks = self.readers.jobs_of(claim)
        visible = [[job for job in jobs if lie.is_seen_by(job)] for jobs in checks]
        possible = [[job for job in jobs if not self.readers.why_not(job)] for jobs in visible]
        why = self._why_none(lie, checks, visible, possible)
        if why is not None:
            self.why_none[lie, claim] = why
            return
        for jobs in possible:
            yield from spread(self._best(lie, claim, jobs), self.count)

    def _why_none(self, lie: Lie, *stages: Sequence[Sequence[Job]]) -> str | None:
        checks, visible, possible = map(any, stages)
        if lie.where not in self.tellers:
            return f"this target can have no lie told on {lie.where}"
        if not checks:
            return "no check judges it"
        if not visible:
            return "no job of its checks can see the lie: look at only="
        if not possible:
            return next((self.readers.why_not(job) for jobs in stages[1] for job in jobs), "")
        return None

    def _best(self, lie: Lie, claim: str, jobs: Sequence[Job]) -> list[Job]:
        """Those that can show it, as far as is known; first those that name the lie's function."""
        fitting = [job for job in jobs if self._can_change(lie, claim, job)]
        functions = set(lie.functions)
        return sorted(
            fitting or jobs, key=lambda job: functions.isdisjoint(v for _, v in job.variant)
        )

    def _can_change(self, lie: Lie, claim: str, job: Job) -> bool:
        expected = self.baseline.expectation(claim, job.key).verdict
        return expected == ("holds" if claim in lie.breaks else "refuted")


# --- what the records show ---------------------------------------------------------------------


@attrs.frozen
class Seen:
    """The record of a job, as all its checks judge it."""

    outcomes: Outcomes
    """The worst of each claim and part."""
    told: bool
    accident: str | None
    """What went wrong while it was recorded or judged."""


class Prover:
    """Judges the records of one run, truth and lie."""

    def __init__(self, records: Records, readers: Readers) -> None:
        self.faults: Final[list[Fault]] = []
        self._records, self._readers = records, readers
        self._truths: Final[dict[Job, Seen]] = {}

    def truth(self, job: Job) -> Seen:
        """What a job shows when nobody lies; what goes wrong then is a fault."""
        if job not in self._truths:
            seen = self._truths[job] = self._seen(job, self._records.wait(job.key))
            if seen.accident is not None:
                self.faults.append(Fault(job.key, seen.accident))
        return self._truths[job]

    def under(self, lie: Lie, job: Job) -> Seen:
        """What it shows under a lie."""
        return self._seen(job, self._records.wait(lying(job, lie).key))

    def _seen(self, job: Job, record: Record | str) -> Seen:
        told = isinstance(record, Record) and any(isinstance(e, Told) for e in record.events)
        accident = record if isinstance(record, str) else why_incomplete(record)
        plain = record if isinstance(record, str) else as_in_truth(record, job)
        outcomes: dict[Key, Outcome] = {}
        for reader in self._readers.by_job[job]:
            judged = judge_record(reader.check, job.key, plain, reader.case)
            if judged.fault is not None and accident is None:
                accident = str(judged.fault)
            for outcome in judged.outcomes:
                key = (outcome.claim, outcome.part)
                outcomes[key] = worse(outcomes.get(key), outcome)
        return Seen(outcomes, told, accident)


def as_in_truth(record: Record, job: Job) -> Record:
    """A record without the sign that a lie was told: no check may see it."""
    events = tuple(event for event in record.events if not isinstance(event, Told))
    variant = {name: value for name, value in record.variant.items() if name != LIE}
    return msgspec.structs.replace(record, job=job.key, variant=variant, events=events)


@attrs.frozen
class Trial:
    """One lie in one job: what it shows in truth and under the lie."""

    job: Job
    truth: Seen
    lie: Seen

    @property
    def keys(self) -> Iterable[Key]:
        """All that was judged, in truth or under the lie."""
        return dict.fromkeys((*self.truth.outcomes, *self.lie.outcomes))

    def turned(self, before: str, after: str) -> Iterator[Key]:
        """What has one verdict in truth, and another under the lie."""
        for key, outcome in self.truth.outcomes.items():
            other = self.lie.outcomes.get(key)
            if outcome.verdict == before and other is not None and other.verdict == after:
                yield key

    def sight(self, key: Key) -> Sight:
        """Both, side by side."""
        claim, part = key
        truth, lie = self.truth.outcomes.get(key), self.lie.outcomes.get(key)
        return Sight(
            claim=claim,
            job=self.job.key,
            part=part,
            truth=truth.verdict if truth else "not observed",
            truth_why=truth.why if truth else "the check did not come to it",
            lie=lie.verdict if lie else "not observed",
            lie_why=lie.why if lie else self.lie.accident or "the check did not come to it",
            told=self.lie.told,
        )


# --- what that proves --------------------------------------------------------------------------


@attrs.frozen
class Found:
    """All trials of a lie, seen from one claim."""

    claim: str
    before: Decided
    """The verdict that counts in truth."""
    after: Decided
    """The verdict that the lie has to lead to."""
    trials: Sequence[Trial]
    """Those in which the claim is judged."""

    @classmethod
    def of(cls, lie: Lie, claim: str, trials: Iterable[Trial]) -> Found:
        """What the trials of a lie say of one of its claims."""
        own = [trial for trial in trials if any(key[0] == claim for key in trial.keys)]
        if claim in lie.breaks:
            return cls(claim, "holds", "refuted", own)
        return cls(claim, "refuted", "holds", own)

    def caught(self) -> str | None:
        """The evidence under the lie, where the claim turned."""
        for sight in self.sights():
            if (sight.truth, sight.lie) == (self.before, self.after):
                return sight.lie_why
        return None

    def by_another(self) -> str | None:
        """Another claim that was refuted only under the lie."""
        for trial in self.trials:
            for key in trial.turned("holds", "refuted"):
                if key[0] != self.claim:
                    return f"only by {key[0]}: {trial.sight(key).lie_why}"
        return None

    def by_accident(self) -> str | None:
        """What went wrong under the lie, so that the claim was not judged."""
        for trial in self.trials:
            if trial.lie.accident is not None:
                return trial.lie.accident
        for sight in self.sights():
            if sight.truth == self.before and sight.lie == "not observed":
                return f"not observed: {sight.lie_why}"
        return None

    def not_told(self) -> str | None:
        """That nobody lied."""
        if any(trial.lie.told for trial in self.trials):
            return None
        return f"in none of {_jobs(len(self.trials))} did it come to the lie"

    def missed(self) -> str:
        """What it looks like instead."""
        verdicts = Counter(sight.truth for sight in self.sights())
        if self.before not in verdicts:
            seen = ", ".join(verdicts) or "not judged"
            return f"in truth it is {seen} in all of {_jobs(len(self.trials))}"
        return f"the same with the lie as without, in {_jobs(len(self.trials))}"

    def sights(self) -> list[Sight]:
        """What each record shows of the claim, first where it turned, then where it changed."""
        sights = [
            trial.sight(key) for trial in self.trials for key in trial.keys if key[0] == self.claim
        ]
        return sorted(sights, key=self._rank)

    def _rank(self, sight: Sight) -> int:
        if (sight.truth, sight.lie) == (self.before, self.after):
            return 0
        return 1 if sight.truth != sight.lie else 2


_TESTS: Final[tuple[tuple[ProofOutcome, Callable[[Found], str | None]], ...]] = (
    ("caught", Found.caught),
    ("by another", Found.by_another),
    ("by accident", Found.by_accident),
    ("not told", Found.not_told),
    ("missed", Found.missed),
)
"""The outcomes in the order in which they are asked for, with the question: why, or None."""


def prove_claim(lie: Lie, claim: str, trials: Iterable[Trial], why_none: str | None) -> ClaimProof:
    """What came of a lie for one of its claims."""
    found = Found.of(lie, claim, trials)
    outcome: ProofOutcome = "not told"
    why = why_none
    if why is None:
        answers = ((outcome, test(found)) for outcome, test in _TESTS)
        outcome, why = next((o, answer) for o, answer in answers if answer is not None)
    sights = tuple(found.sights()[:_SIGHTS])
    return ClaimProof(id=claim, wanted=found.after, outcome=outcome, why=why or "", sights=sights)


def prove_lie(lie: Lie, trials: Sequence[Trial], plan: Plan) -> LieProof:
    """What came of a lie."""
    claims = tuple(
        prove_claim(lie, claim, trials, plan.why_none.get((lie, claim))) for claim in lie.claims
    )
    return LieProof(
        id=lie.id,
        tells=lie.tells,
        rule=lie.rule,
        outcome=max((claim.outcome for claim in claims), key=PROOF_OUTCOMES.index),
        claims=claims,
        also=tuple(dict.fromkeys(_also(lie, trials))),
        jobs=len(trials),
    )


def _also(lie: Lie, trials: Iterable[Trial]) -> Iterator[str]:
    """Other claims that a lie turned."""
    for trial in trials:
        for before, after in (("holds", "refuted"), ("refuted", "holds")):
            for claim, _ in trial.turned(before, after):
                if claim not in lie.claims:
                    yield claim


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"


# --- the whole proof ---------------------------------------------------------------------------


@attrs.frozen
class Subject:
    """What a proof is about."""

    claims: Sequence[Claim]
    """All of the catalogue."""
    checks: Sequence[Check]
    lies: Lies
    deviations: Sequence[Deviation] = ()
    """What is refuted in truth, as far as it is known."""


def prove(
    subject: Subject,
    chosen: Iterable[Lie],
    records: Records,
    progress: Progress,
    jobs: int = JOBS,
) -> ProofDocument:
    """Tell lies on a target, and see what comes of each."""
    readers = _readers(subject, records)
    known = describe_target(records.name, records.hello, None)
    baseline = Baseline(subject.deviations, known)
    planned = plan(chosen, readers, records.hello.lies, baseline=baseline, jobs=jobs)
    target = _start(records, planned.keys, progress, sum(map(len, planned.trials.values())))
    prover = Prover(records, readers)
    proofs = []
    for lie, told_in in planned.trials.items():
        trials = []
        for job in told_in:
            trials.append(Trial(job, prover.truth(job), prover.under(lie, job)))
            progress.advance()
        proofs.append(prove_lie(lie, trials, planned))
    return _document(subject, target, prover, records, lies=tuple(proofs))


_NO_LIE: Final = Lie(NONE, "nothing", NONE, ())


def prove_nothing(
    subject: Subject, chosen: Iterable[Claim], records: Records, progress: Progress
) -> ProofDocument:
    """Put what tells lies under every job of the claims, and have it tell none."""
    readers = _readers(subject, records)
    found = (job for claim in chosen for jobs in readers.jobs_of(claim.id) for job in jobs)
    jobs = tuple(job for job in dict.fromkeys(found) if not readers.why_not(job))
    planned = Plan({_NO_LIE: jobs}, readers, {})
    target = _start(records, planned.keys, progress, len(jobs))
    prover = Prover(records, readers)
    changed: list[Sight] = []
    for job in jobs:
        trial = Trial(job, prover.truth(job), prover.under(_NO_LIE, job))
        progress.advance()
        sights = map(trial.sight, trial.keys)
        changed += [sight for sight in sights if sight.truth != sight.lie]
    return _document(subject, target, prover, records, changed=tuple(changed), observed=len(jobs))


def _readers(subject: Subject, records: Records) -> Readers:
    if not records.hello.lies:
        raise SockspecError(
            f"{records.name}: it can have no lies told: its probes are linked statically, or the "
            "build is older than lies; build anew, with a libc that is shared",
            FAULT,
        )
    placement = Placement(records.hello.stages)
    known = [check for check in subject.checks if records.why_no_probe(check.probe) is None]
    return Readers(known, placement)


def _start(
    records: Records, keys: Iterable[str], progress: Progress, trials: int
) -> dict[str, Any]:
    """Have the jobs recorded; what is known of the target, as soon as it is."""
    describe = Placement(records.hello.stages).describe()
    known = records.why_no_probe(describe.probe) is None
    jobs = tuple(dict.fromkeys([*([describe.key] if known else []), *keys]))
    progress.start(len(jobs), trials)
    records.start(waiting_first(jobs, frozenset(records.hello.waits)))
    described = records.wait(describe.key) if known else ""
    return describe_target(
        records.name, records.hello, None if isinstance(described, str) else described
    )


def _document(
    subject: Subject,
    target: dict[str, Any],
    prover: Prover,
    records: Records,
    *,
    lies: tuple[LieProof, ...] = (),
    changed: tuple[Sight, ...] = (),
    observed: int = 0,
) -> ProofDocument:
    records.finish()
    faults = dict.fromkeys((*records.faults, *prover.faults))
    to_tell = subject.lies.to_tell(subject.claims)
    outcomes = Counter(lie.outcome for lie in lies)
    untestable = {claim.id: claim.untestable for claim in subject.claims if claim.untestable}
    return ProofDocument(
        schema=SCHEMA,
        target=target,
        lies=lies,
        changed=changed,
        to_tell=to_tell,
        untold=untestable | dict(subject.lies.untold),
        summary={
            "lies": len(lies),
            "outcomes": {outcome: outcomes[outcome] for outcome in PROOF_OUTCOMES},
            "trials": sum(lie.jobs for lie in lies) + observed,
            "claims": len(subject.claims),
            "claims_with_lie": len({claim for lie in subject.lies.all for claim in lie.claims}),
            "to_tell": len(to_tell),
            "faults": [{"where": fault.where, "what": fault.what} for fault in faults],
        },
    )
