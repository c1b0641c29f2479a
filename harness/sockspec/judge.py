# SPDX-License-Identifier: Apache-2.0
"""The judge: a pytest plugin that runs each check on the records of its jobs.

A check that `observes` something becomes one test item a job.  All jobs are known once collection
is over; then the target is given them, and each item waits for its own record, so that recording
and judging overlap.  What the items find is gathered as outcomes, from which `Judge.document` makes
``verdicts.json``.

To pytest an item is

- *failed*: a verdict that the baseline does not expect, or a fault of ours;
- *xfailed*, with the baseline's reason: a deviation that the baseline knows;
- *skipped*, with the reason: nothing was observed, or the target lacks the thing;
- *passed*: every claim holds, and that is expected.

Plain ``pytest tests/conformance`` gets its `Judge` from `sockspec.plugin`; ``sockspec run`` gives
pytest one, and nothing else (see `run`).
"""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs
import pytest
from _pytest.outcomes import OutcomeException

from sockspec import places
from sockspec.baseline import Baseline, Deviation, load
from sockspec.checks import Check
from sockspec.complete import why_incomplete, why_unavailable, why_unsupported
from sockspec.errors import FAULT, USAGE, SockspecError
from sockspec.finding import CheckError, NotObserved, Unsupported, asked, visible
from sockspec.plan import STAGES, Case, Job
from sockspec.record import RecordView
from sockspec.recorder import Placement, Records
from sockspec.verdicts import (
    Fault,
    Outcome,
    describe_target,
    differs,
    document,
    variant_verdict,
)

if TYPE_CHECKING:
    from types import TracebackType

    from sockspec.catalogue import Catalogue
    from sockspec.model import Observed, Record, VariantVerdict, VerdictsDocument

DEFAULT_BASELINE: Final = "linux.toml"
_WHY: Final = 400
"""The longest evidence, characters."""


class Progress(Protocol):
    """Who wants to know how far the judge is."""

    def start(self, jobs: int, items: int) -> None:
        """So many records are awaited, and so many observations will be judged."""

    def advance(self) -> None:
        """One more observation was judged."""


# --- one check, one record ---------------------------------------------------------------------


class ClaimContext:
    """What a check gets as ``claim``: the claims that it judges, one block each."""

    def __init__(self, job: str, claims: tuple[str, ...]) -> None:
        self.outcomes: list[Outcome] = []
        self._job = job
        self._claims = frozenset(claims)
        self._open: str | None = None

    def __call__(self, id: str, part: str | None = None, /) -> _Block:  # noqa: A002
        """Judge a claim, or a part of the record for it, in a ``with`` block."""
        return _Block(self, id, part)

    def begin(self, claim: str) -> None:
        """A block begins; one failing assertion cannot speak for two claims."""
        if claim not in self._claims:
            raise CheckError(f"claim {claim!r} is judged and not declared")
        if self._open is not None:
            raise CheckError(f"claim {claim!r} inside claim {self._open!r}; blocks do not nest")
        self._open = claim

    def finish(self, claim: str, part: str | None, verdict: Observed | None, why: str) -> None:
        """A block is over; without a verdict if something else than the claim is wrong."""
        self._open = None
        if verdict is not None:
            self.outcomes.append(Outcome(claim, self._job, verdict, why, part))


class _Block:
    """One ``with claim(…)`` block."""

    __slots__ = ("_claim", "_context", "_part")

    def __init__(self, context: ClaimContext, claim: str, part: str | None) -> None:
        self._context, self._claim, self._part = context, claim, part

    def __enter__(self) -> None:
        self._context.begin(self._claim)
        asked()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        verdict, why = _verdict_of(error)
        self._context.finish(self._claim, self._part, verdict, why)
        return error is not None and verdict is not None


def _verdict_of(error: BaseException | None) -> tuple[Observed | None, str]:
    """What the end of a block says of its claim; None: nothing, it is a fault of the check."""
    if error is None:
        return "holds", _holding_evidence()
    if isinstance(error, NotObserved):
        return "not observed", error.why
    if isinstance(error, Unsupported):
        return "unsupported", error.why
    if isinstance(error, AssertionError):
        return "refuted", _evidence(error)
    return None, ""


def _holding_evidence() -> str:
    """What the first and the last finding of a block saw, on one line.

    The first is mostly what was done, the last what came of it.
    """
    found = [finding for finding in asked() if finding.ok]
    words = dict.fromkeys(finding.evidence for finding in (*found[:1], *found[-1:]))
    text = "; ".join(words) or "as it says"
    return text if len(text) <= _WHY else text[: _WHY - 1] + "…"


def _evidence(error: AssertionError) -> str:
    """An assertion's message on one line; without one, the line of the check."""
    message = str(error)
    for finding in asked()[-1:]:  # pytest writes it in ASCII
        message = message.replace(ascii(finding), repr(finding))
    for line in message.splitlines():
        text = visible(line.strip().removeprefix("assert ").strip())
        if text:
            return text if len(text) <= _WHY else text[: _WHY - 1] + "…"
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return visible(f"not true: {frame.line or f'line {frame.lineno}'}")


@attrs.frozen
class Judged:
    """What one check found in one record."""

    outcomes: tuple[Outcome, ...]
    fault: Fault | None = None


def judge_record(check: Check, job: str, record: Record | str, case: Case | None = None) -> Judged:
    """Run a check on a record, for one of its cases if it has a table of them.

    A text in place of the record says why there is none.
    """
    claims = claims_in(check, case)
    if isinstance(record, str):
        return Judged(_all(claims, job, "not observed", record))
    why = why_incomplete(record)
    if why is not None:
        return Judged(_all(claims, job, "not observed", why), Fault(job, why))
    why = why_unsupported(record)
    if why is not None:
        return Judged(_all(claims, job, "unsupported", why))
    why = why_unavailable(record)
    if why is not None:
        return Judged(_all(claims, job, "not observed", why))
    context = ClaimContext(job, claims)
    verdict: Observed = "not observed"
    fault: Fault | None = None
    table = {} if case is None else {"case": case}
    try:
        check.function(record=RecordView(record), claim=context, **table)
        return Judged(tuple(context.outcomes))
    except NotObserved as end:
        why = end.why
    except Unsupported as end:
        verdict, why = "unsupported", end.why
    except (Exception, OutcomeException) as error:  # noqa: BLE001 - whatever it is, it is ours
        why = f"the check failed: {_one_line(error)}"
        fault = Fault(_place_of(check, error), f"{check.name}: {_one_line(error)}")
    seen = {outcome.claim for outcome in context.outcomes}
    rest = tuple(Outcome(claim, job, verdict, why) for claim in claims if claim not in seen)
    return Judged((*context.outcomes, *rest), fault)


def claims_in(check: Check, case: Case | None) -> tuple[str, ...]:
    """The claims that a check judges in a case; without one, all that it judges."""
    return check.claims if case is None else case.claims


def _all(claims: tuple[str, ...], job: str, verdict: Observed, why: str) -> tuple[Outcome, ...]:
    return tuple(Outcome(claim, job, verdict, why) for claim in claims)


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    name = type(error).__name__
    text = text if isinstance(error, CheckError) and text else f"{name}: {text}" if text else name
    return visible(text[:_WHY])


def _place_of(check: Check, error: BaseException) -> str:
    """The line of the check in which an error came up."""
    frames = traceback.extract_tb(error.__traceback__)
    mine = [frame.lineno for frame in frames if frame.filename == str(check.path)]
    return f"{check.path.name}:{mine[-1] if mine else check.line}"


# --- the run -----------------------------------------------------------------------------------


@attrs.frozen
class Options:
    """What is judged, and against what."""

    catalogue: Catalogue
    select: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    strict: bool = False
    in_part: bool = False
    """Not all checks need be collected: what has no variant may have one all the same."""


def options(
    *,
    select: tuple[str, ...] = (),
    stages: tuple[str, ...] = (),
    baseline: Path | None = None,
    strict: bool = False,
) -> Options:
    """The options that a user's words mean; ``baseline`` None: that of Linux, if there is one.

    Raises `SockspecError`.
    """
    catalogue = places.catalogue()
    catalogue.select(select)
    unknown = [stage for stage in stages if stage not in STAGES]
    if unknown:
        there = ", ".join(STAGES)
        raise SockspecError(f"there is no stage '{unknown[0]}'; stages: {there}", USAGE)
    path = baseline or places.baselines_folder() / DEFAULT_BASELINE
    deviations = load(path, catalogue.by_id) if baseline or path.exists() else ()
    return Options(catalogue, select, stages, deviations, strict)


class Judge:
    """The plugin: collects the checks, has their jobs recorded, gathers outcomes."""

    def __init__(
        self,
        options: Options,
        open_records: Callable[[], Records],
        progress: Progress | None = None,
    ) -> None:
        self.options: Final = options
        self.outcomes: list[Outcome] = []
        self.faults: list[Fault] = []
        self.failure: BaseException | None = None
        """What made going on pointless."""
        self.items = 0
        """How many observations are to be judged."""
        chosen = options.catalogue.select(options.select)
        self._selected: Final = frozenset(claim.id for claim in chosen)
        self.result: VerdictsDocument | None = None
        """The document, once it was made."""
        self._open_records: Final = open_records
        self._records: Records | None = None
        self._progress: Final = progress
        self._checks: Final[list[Check]] = []
        self._faulty: Final[dict[str, str]] = {}
        """Claims whose check is faulty, with what is wrong."""
        self._baseline = Baseline()
        self._target: dict[str, Any] = {}
        self._placement: Placement | None = None

    def open(self) -> None:
        """Meet the target, or open the file; raises `SockspecError`."""
        if self._records is None:
            self._records = self._open_records()
            self._placement = Placement(self._records.hello.stages, self.options.stages)

    @property
    def records(self) -> Records:
        """Where the records come from."""
        assert self._records is not None
        return self._records

    @property
    def placement(self) -> Placement:
        """Where jobs run on this target."""
        assert self._placement is not None
        return self._placement

    def close(self) -> None:
        """End the recording, if one is going on."""
        if self._records is not None:
            self._records.close()

    # --- hooks: collection ---

    def pytest_pycollect_makeitem(
        self, collector: pytest.Module | pytest.Class, name: str, obj: object
    ) -> list[pytest.Item] | None:
        """A function that observes something is a check: one item a job."""
        if not inspect.isfunction(obj) or not isinstance(collector, pytest.Module):
            return None
        try:
            check = Check.of(obj)
            if check is None:
                return None
            self._demand_fit(check)
        except SockspecError as error:
            self._fault(Fault("", str(error)))
            return [FaultyCheck.from_parent(collector, name=name, error=error)]
        self._checks.append(check)
        return list(self._items(collector, check))

    def _demand_fit(self, check: Check) -> None:
        """A check has to judge claims of the catalogue, and to take what a check is given."""
        why = self._why_unfit(check)
        if why is None:
            return
        self._faulty.update(dict.fromkeys(check.claims, f"its check {check.name} is faulty"))
        raise CheckError(f"{check.path.name}:{check.line}: {check.name} {why}")

    def _why_unfit(self, check: Check) -> str | None:
        unknown = [claim for claim in check.claims if claim not in self.options.catalogue.by_id]
        if unknown:
            return f"judges {', '.join(map(repr, unknown))}: no claim has this id"
        if not check.claims:
            return "judges no claim"
        wanted = ("record", "claim", "case") if check.cases else ("record", "claim")
        if set(inspect.signature(check.function).parameters) != set(wanted):
            return f"has to take ({', '.join(wanted)})"
        return None

    def _items(self, collector: pytest.Module, check: Check) -> Iterator[pytest.Item]:
        seen: set[Job] = set()
        for job in check.jobs:
            placed = self.placement.place(job)
            if placed is None or placed.job in seen:
                continue
            seen.add(placed.job)
            yield CheckItem.from_parent(
                collector,
                name=f"{check.name}[{placed.job.key}]",
                judge=self,
                check=check,
                key=placed.job.key,
                why_not=placed.why_not,
                case=check.cases.get(job),
            )

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Deselect the checks of claims that were not selected."""
        if not self.options.select:
            return
        kept = [item for item in items if self._is_selected(item)]
        if len(kept) < len(items):
            config.hook.pytest_deselected(items=[i for i in items if i not in set(kept)])
            items[:] = kept

    def _is_selected(self, item: pytest.Item) -> bool:
        return not isinstance(item, CheckItem) or not self._selected.isdisjoint(item.claims)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """All jobs are known: have them recorded."""
        items = [item for item in session.items if isinstance(item, CheckItem)]
        self.items = len(items)
        if not items or session.config.option.collectonly:
            return
        describe = self.placement.describe()
        known = self.records.why_no_probe(describe.probe) is None
        jobs = dict.fromkeys([describe.key] if known else [])
        for item in items:
            missing = self.records.why_no_probe(item.check.probe)
            if missing is not None:
                item.why_not = missing
                self._fault(Fault("", missing))
            if item.why_not is None:
                jobs[item.key] = None
        if self._progress is not None:
            self._progress.start(len(jobs), len(items))
        self.records.start(waiting_first(jobs, frozenset(self.records.hello.waits)))
        described = self.records.wait(describe.key) if describe.key in jobs else ""
        self._learn_target(None if isinstance(described, str) else described)

    def _learn_target(self, described: Record | None) -> None:
        self._target = describe_target(self.records.name, self.records.hello, described)
        if not self.options.strict:
            self._baseline = Baseline(self.options.deviations, self._target)

    # --- items ---

    def observe(self, item: CheckItem) -> tuple[Seen, ...]:
        """Judge one item and keep what was found; raises `Faulty` for a fault of ours."""
        try:
            judged = self._judged(item)
        except SockspecError as error:  # the recording cannot go on, nor can the run
            self.failure = error
            pytest.exit(str(error))
        outcomes = tuple(o for o in judged.outcomes if o.claim in self._selected)
        self.outcomes += outcomes
        if self._progress is not None:
            self._progress.advance()
        if judged.fault is not None:
            self._fault(judged.fault)
            raise Faulty(str(judged.fault))
        return tuple(Seen(o, variant_verdict(o, self._baseline)) for o in outcomes)

    def _judged(self, item: CheckItem) -> Judged:
        if item.why_not is not None:
            return Judged(_all(item.claims, item.key, "not observed", item.why_not))
        return judge_record(item.check, item.key, self.records.wait(item.key), item.case)

    def _fault(self, fault: Fault) -> None:
        if fault not in self.faults:
            self.faults.append(fault)

    # --- hooks: what is no verdict ---

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that cannot be collected is a fault of ours."""
        if report.failed:
            self._fault(_uncollected(report))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Keep what ended the run: not every signal is Ctrl-C."""
        if self.failure is None and isinstance(excinfo.value, KeyboardInterrupt):
            self.failure = excinfo.value

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool | None:
        """Keep what went wrong inside pytest or this plugin."""
        if self.failure is None:
            self.failure = excinfo.value
        return isinstance(excinfo.value, SockspecError) or None

    # --- the result ---

    def document(self) -> VerdictsDocument:
        """``verdicts.json`` of what was judged; waits for the recording's end."""
        self.records.finish()
        if not self._target:
            self._learn_target(None)
        probes: dict[str, set[str]] = {}
        for check in self._checks:
            for claim in check.claims:
                probes.setdefault(claim, set()).add(check.probe)
        self.result = document(
            self.options.catalogue.claims,
            self.outcomes,
            target=self._target,
            why_none=self._why_none(),
            probes={claim: sorted(names) for claim, names in probes.items()},
            baseline=self._baseline,
            full=not (self.options.select or self.options.in_part)
            and self.placement.complete
            and not self.all_faults,
            strict=self.options.strict,
            faults=self.all_faults,
        )
        return self.result

    @property
    def all_faults(self) -> tuple[Fault, ...]:
        """Of the recording and of the checks."""
        return (*self.records.faults, *self.faults)

    def _why_none(self) -> dict[str, str]:
        """Why a claim has no outcome."""
        tested = {claim for check in self._checks for claim in check.claims}
        claims = self.options.catalogue.by_id
        return {claim: self._why_not_tested(claim, tested) for claim in claims}

    def _why_not_tested(self, claim: str, tested: set[str]) -> str:
        if claim not in self._selected:
            return "not selected"
        if claim in self._faulty:
            return self._faulty[claim]
        untestable = self.options.catalogue.by_id[claim].untestable
        if untestable:
            return untestable
        if claim not in tested:
            return "no check yet"
        if self.options.stages:
            return f"nothing of it is on stage {', '.join(self.options.stages)}"
        return "its check did not come to it"


def _uncollected(report: pytest.CollectReport) -> Fault:
    """What is wrong with a module that cannot be collected."""
    last = str(report.longrepr).strip().splitlines()
    return Fault(report.nodeid, visible(last[-1][:_WHY]) if last else "not collected")


class Faulty(Exception):  # noqa: N818 - the word of the domain
    """A fault of ours, for pytest to show."""


class Unexpected(Exception):  # noqa: N818 - no error of the program
    """Verdicts that the baseline does not expect, in full, for pytest to show."""


@attrs.frozen
class Seen:
    """An outcome beside what is expected of it."""

    outcome: Outcome
    variant: VariantVerdict


class CheckItem(pytest.Item):
    """A check on the record of one job."""

    def __init__(
        self,
        *,
        judge: Judge,
        check: Check,
        key: str,
        why_not: str | None,
        case: Case | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.judge, self.check, self.key, self.why_not = judge, check, key, why_not
        self.case = case
        self.claims = claims_in(check, case)

    def runtest(self) -> None:
        """Judge the record, and tell pytest how that went."""
        seen = self.judge.observe(self)
        strict = self.judge.options.strict
        unexpected = [one for one in seen if differs(one.variant, strict=strict)]
        if unexpected:
            raise Unexpected(self._text(unexpected))
        known = [one for one in seen if one.outcome.verdict != "holds" and one.variant.reason]
        if known:
            pytest.xfail(f"known deviation: {known[0].variant.reason}")
        if seen and all(one.outcome.verdict in ("not observed", "unsupported") for one in seen):
            why = f"{seen[0].outcome.verdict}: {seen[0].outcome.why}"
            raise pytest.skip.Exception(why, _use_item_location=True)

    def _text(self, unexpected: Sequence[Seen]) -> str:
        """What was expected, what was observed, and all that happened."""
        claims = self.judge.options.catalogue.by_id
        lines = []
        for one in unexpected:
            outcome = one.outcome
            part = f" ({outcome.part})" if outcome.part else ""
            lines += [
                f"{outcome.claim}{part}: {outcome.verdict}, expected: {one.variant.expected}",
                f"  the claim:  {claims[outcome.claim].statement}",
                f"  the check:  {outcome.why}",
            ]
        record = self.judge.records.recording.get(self.key)
        if record is not None:
            lines += ["", f"sockspec probe {self.key}", trace(record).rstrip()]
        return "\n".join(lines)

    def repr_failure(
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
        style: Any = None,
    ) -> Any:
        """What an item says has its own words, without a Python traceback."""
        if isinstance(excinfo.value, Unexpected | Faulty | OutcomeException):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the check stands."""
        return self.check.path, self.check.line - 1, self.name


class FaultyCheck(pytest.Item):
    """A check that cannot be run."""

    def __init__(self, *, error: SockspecError, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.error = error

    def runtest(self) -> None:
        """Fail."""
        raise Faulty(str(self.error))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """One line."""
        if isinstance(excinfo.value, Faulty):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """The module."""
        return self.path, None, self.name


def trace(record: Record) -> str:
    """A record as a person reads it: calls and packets in the order of time."""
    from sockspec.timeline import as_text, timeline

    return as_text(timeline(record))


# --- in this process ---------------------------------------------------------------------------

_NOT_NEEDED: Final = (
    "cacheprovider capture debugging doctest faulthandler junitxml legacypath logging monkeypatch "
    "pastebin recwarn setuponly setupplan skipping stepwise subtests terminal threadexception "
    "tmpdir unittest unraisableexception warnings"
).split()
"""Of pytest's own plugins: what an item does not use costs time for every item."""


def run(judge: Judge, where: Path) -> None:
    """Run all checks of a folder; what they find is in ``judge``.

    Raises KeyboardInterrupt, and what made the run pointless, e.g. a full disk.
    """
    judge.open()
    status = _pytest(where, judge)
    if judge.failure is not None:
        raise judge.failure
    if status == pytest.ExitCode.USAGE_ERROR:
        raise SockspecError(f"{where}: pytest refuses to run the checks here", FAULT)


class _Collector:
    """A plugin that takes the checks, and leaves nothing to run."""

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.faults: list[str] = []

    def pytest_pycollect_makeitem(
        self, collector: pytest.Module | pytest.Class, obj: object
    ) -> list[pytest.Item] | None:
        """Keep a check."""
        if not inspect.isfunction(obj) or not isinstance(collector, pytest.Module):
            return None
        try:
            check = Check.of(obj)
        except SockspecError as error:
            self.faults.append(str(error))
            return []
        if check is None:
            return None
        self.checks.append(check)
        return []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that cannot be collected is a fault of ours."""
        if report.failed:
            self.faults.append(str(_uncollected(report)))


def collect(where: Path) -> tuple[Check, ...]:
    """The checks of a folder, as a run has them: pytest imports them, for their evidence.

    Raises `SockspecError` for the first that is faulty.
    """
    collector = _Collector()
    status = _pytest(where, collector)
    if status == pytest.ExitCode.INTERRUPTED and not collector.faults:
        raise KeyboardInterrupt
    if collector.faults:
        raise SockspecError(collector.faults[0], FAULT)
    if not collector.checks:
        raise SockspecError(f"{where}: no checks here; is sockspec installed whole?", FAULT)
    return tuple(collector.checks)


def _pytest(where: Path, plugin: object) -> int:
    """Give the checks of a folder to pytest, without anything that it need not have."""
    arguments = [
        str(where),
        f"--rootdir={where}",
        "-c",
        os.devnull,
        "--noconftest",
        "--import-mode=importlib",
        "--continue-on-collection-errors",
        # Evidence is shortened by us, not by pytest in its middle.
        "-o",
        "verbosity_assertions=2",
        *(word for name in _NOT_NEEDED for word in ("-p", f"no:{name}")),
    ]
    with _undisturbed(), contextlib.redirect_stdout(sys.stderr):
        return pytest.main(arguments, plugins=[plugin])


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Neither other plugins nor options of the user's pytest change what is judged."""
    names = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    before = {name: os.environ.pop(name, None) for name in names}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ.update({name: value for name, value in before.items() if value is not None})


def waiting_first(jobs: Iterable[str], waiting: Collection[str]) -> tuple[str, ...]:
    """The jobs in the order in which they are recorded.

    Those of probes that wait for seconds begin before the others, which are done meanwhile.
    """
    return tuple(sorted(jobs, key=lambda key: Job.parse(key).probe not in waiting))
