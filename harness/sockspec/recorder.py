# SPDX-License-Identifier: Apache-2.0
"""Where a judge gets its records from: a target that is recording, or a file.

Both say hello first, take the list of jobs, and then hand out one record a job; a job that has none
has a reason instead.  Judging a file is so the same code as judging a live run.
"""

from __future__ import annotations

import abc
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import attrs

from sockspec.errors import FAULT, SockspecError
from sockspec.model import Bye, Hello, Record, Stage
from sockspec.plan import Job
from sockspec.store import Recording, UnreadableRecord
from sockspec.target import AgentLost, Session, Target
from sockspec.verdicts import DESCRIBE, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

_BAD_LINES: Final = 100
"""So many lines that cannot be used, and the target is given up."""


class Records(abc.ABC):
    """The records of one run, by job.  A context manager."""

    name: str
    """Of the target, or the file."""
    hello: Hello
    recording: Recording
    """All that was recorded so far."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abc.abstractmethod
    def start(self, jobs: Sequence[str]) -> None:
        """These are the jobs; what `wait` is asked for is one of them."""

    @abc.abstractmethod
    def wait(self, job: str) -> Record | str:
        """The record of a job, as soon as it is there, or why it never will be."""

    def why_no_probe(self, probe: str) -> str | None:  # noqa: ARG002
        """Why a job of this probe cannot be had, though it should; None: nothing is known."""
        return None

    @abc.abstractmethod
    def finish(self) -> None:
        """Nothing more is asked for: wait until the stream ends, so that `faults` is complete."""

    @abc.abstractmethod
    def close(self) -> None:
        """End what is going on; the recording stays readable."""


class FileRecords(Records):
    """The records of a file."""

    def __init__(self, recording: Recording) -> None:
        super().__init__()
        if recording.hello is None:
            raise UnreadableRecord(f"{recording.name}: holds no record")
        self.name = recording.name
        self.hello = recording.hello
        self.recording = recording
        if recording.cut:
            self.faults.append(Fault("", recording.cut))

    def start(self, jobs: Sequence[str]) -> None:
        """A file has what it has."""

    def wait(self, job: str) -> Record | str:
        """The record, or that the file has none."""
        if job in self.recording:
            return self.recording[job]
        return self.recording.cut or f"{self.name} has no record of it"

    def finish(self) -> None:
        """A file is finished."""

    def close(self) -> None:
        """The recording is its owner's to close."""


class LiveRecords(Records):
    """The records of a target that is recording now, in a thread of its own."""

    def __init__(self, target: Target, recording: Recording) -> None:
        super().__init__()
        self.name = target.name
        self.recording = recording
        self._session: Final[Session] = target.start()
        try:
            recording.append(self._session.hello())
        except UnreadableRecord as error:
            self._session.close()
            raise SockspecError(f"{target.name}: {error}", FAULT) from None
        except BaseException:
            self._session.close()
            raise
        assert recording.hello is not None
        self.hello = recording.hello
        self._changed: Final = threading.Condition()
        self._thread: threading.Thread | None = None
        self._wanted: frozenset[str] = frozenset()
        self._bad_lines = 0
        self._lost: str | None = None
        """Why what is missing now will not come; set last of all."""
        self._failure: BaseException | None = None
        """What ended the recording and has to end the run."""

    def why_no_probe(self, probe: str) -> str | None:
        """The agent says which probes it has."""
        return None if probe in self.hello.probes else f"{self.name} has no probe {probe}"

    def start(self, jobs: Sequence[str]) -> None:
        """Give the jobs to the agent; its records come in the background."""
        self._wanted = frozenset(jobs)
        self._thread = threading.Thread(
            target=self._record, args=(jobs,), name="record", daemon=True
        )
        self._thread.start()

    def wait(self, job: str) -> Record | str:
        """The record as soon as it is there; raises what makes going on pointless (a full disk)."""
        if job not in self.recording:
            with self._changed:
                self._changed.wait_for(lambda: job in self.recording or self._lost is not None)
            if self._failure is not None:
                raise self._failure
        if job in self.recording:
            return self.recording[job]
        return self._lost or "there is no record of it"

    def finish(self) -> None:
        """Wait for the agent's end; raises what makes the run pointless."""
        if self._thread is not None:
            self._thread.join()
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """End the agent; it ends its probes and removes its stages."""
        if self._thread is not None and self._thread.is_alive():
            self._session.stop()
            self._thread.join()
        self._session.close()

    # --- the thread ---

    def _record(self, jobs: Sequence[str]) -> None:
        lost = ""
        try:
            for raw in self._session.lines(jobs):
                self._take(raw)
                with self._changed:
                    self._changed.notify_all()
            lost = self._why_missing()
        except AgentLost as error:
            lost = str(error)
            self.faults.append(Fault(self.name, lost))
        except BaseException as error:  # noqa: BLE001 - the waiting thread raises it
            self._failure = error
            lost = "the recording was ended"
        with self._changed:
            self._lost = lost
            self._changed.notify_all()

    def _take(self, raw: bytes) -> None:
        """Keep a line; one that cannot be used loses its job, many of them the target."""
        try:
            line = self.recording.append(raw)
        except UnreadableRecord as error:
            self._bad(f"a line of the agent: {error}")
            return
        if isinstance(line, Record) and line.job not in self._wanted:
            self._bad(f"the agent recorded what it was not asked for: {line.job}")

    def _bad(self, what: str) -> None:
        if Fault(self.name, what) not in self.faults:
            self.faults.append(Fault(self.name, what))
        self._bad_lines += 1
        if self._bad_lines >= _BAD_LINES:
            raise AgentLost(f"given up after {_BAD_LINES} lines that cannot be used")

    def _why_missing(self) -> str:
        """The stream ended as it should; what is not there now was lost on the way."""
        bye = self.recording.bye
        missing = len(self._wanted - set(self.recording))
        if not missing:
            return "it was not among the jobs"
        if not self.faults:
            count = bye.records if isinstance(bye, Bye) else 0
            self.faults.append(
                Fault(self.name, f"the agent gave no record of {missing} jobs (its count: {count})")
            )
        return "the agent gave no usable record of it"


# --- where jobs can run ------------------------------------------------------------------------


@attrs.frozen
class Placed:
    """A job where it can run on a target, or why it cannot."""

    job: Job
    why_not: str | None = None


class Placement:
    """Which stage stands for which on one target."""

    def __init__(self, stages: Iterable[Stage], only: Sequence[str] = ()) -> None:
        """``only``: the stages that are wanted, by default all."""
        self._stages: Final[Mapping[str, Stage]] = {stage.name: stage for stage in stages}
        self._only: Final = tuple(only)

    def place(self, job: Job) -> Placed | None:
        """Where a job runs; None: on no stage that is wanted.

        ``host`` stands for ``lo`` where that cannot be had, or is not wanted.
        """
        if self._is_wanted(job.stage) and self._why_not(job.stage) is None:
            return Placed(job)
        if job.stage == "lo" and self._is_wanted("host") and self._why_not("host") is None:
            return Placed(attrs.evolve(job, stage="host"))
        if not self._is_wanted(job.stage):
            return None
        return Placed(job, f"no stage {job.stage} here: {self._why_not(job.stage)}")

    def describe(self) -> Job:
        """The job that describes the target."""
        everywhere = Placement(self._stages.values())
        placed = everywhere.place(Job(DESCRIBE, "lo"))
        return placed.job if placed else Job(DESCRIBE, "host")

    @property
    def complete(self) -> bool:
        """Whether nothing is left out."""
        return not self._only and all(stage.why_not is None for stage in self._stages.values())

    def _is_wanted(self, stage: str) -> bool:
        return not self._only or stage in self._only

    def _why_not(self, stage: str) -> str | None:
        known = self._stages.get(stage)
        return "this agent does not know it" if known is None else known.why_not
