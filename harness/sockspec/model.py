# SPDX-License-Identifier: Apache-2.0
"""What crosses a boundary: the lines of ``records.jsonl`` and the document ``verdicts.json``.

Everything read from outside is decoded into these types, which validates it: a wrong type, a
missing field or an unknown ``kind`` is an error with its place.  The JSON Schemas under ``schema/``
are generated from them.  All times are nanoseconds; inside a record they count from its ``t0``.
"""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

import msgspec

SCHEMA: Final = 1
"""The version of both formats.  A reader takes its own version and older ones."""

Side = Literal["near", "far"]
Verdict = Literal["holds", "holds in part", "refuted", "unsupported", "not observed"]
Observed = Literal["holds", "refuted", "unsupported", "not observed"]
"""The verdict of one record."""
VERDICTS: Final[tuple[Verdict, ...]] = (
    "holds",
    "holds in part",
    "refuted",
    "unsupported",
    "not observed",
)


class _Wire(msgspec.Struct, frozen=True, omit_defaults=True):
    """A value of the wire format; immutable, unknown fields of later versions are ignored."""


# --- what a probe says -------------------------------------------------------------------------


class Call(_Wire, tag_field="e", tag="call", frozen=True, kw_only=True):
    """One system or library call, seen from inside the process that made it."""

    call: str
    """The function's name, e.g. ``connect``."""
    args: dict[str, Any] = {}
    """By name, in the order of the prototype; symbolic where numbers differ between targets."""
    t_in: int
    """When the call was entered, ns since the record's t0 (CLOCK_REALTIME)."""
    t_out: int
    """When it had returned."""
    result: int | str | None = None
    """The result; a string for functions that return text, None for void and NULL."""
    errno: str | None = None
    """The errno's name if the call failed."""
    saw: dict[str, Any] = {}
    """What the call left behind: addresses, lengths, data, bytes touched."""
    side: Side = "near"
    """Which host of the stage the descriptor belongs to."""
    who: str = "main"
    """The thread or process that called."""


class Asleep(_Wire, tag_field="e", tag="asleep", frozen=True, kw_only=True):
    """Whether a thread was seen asleep inside a call."""

    call: str
    who: str
    t: int
    asleep: bool
    """False: the call had returned before it was ever seen asleep."""
    how: Literal["thread state", "time limit"]
    """``thread state``: the kernel said so; ``time limit``: it had not returned for a while."""


class Step(_Wire, tag_field="e", tag="step", frozen=True, kw_only=True):
    """What follows belongs to this step of the probe."""

    name: str
    t: int


class Note(_Wire, tag_field="e", tag="note", frozen=True, kw_only=True):
    """A fact the probe observed or chose, e.g. a size or a port."""

    name: str
    value: Any
    t: int


class Fence(_Wire, tag_field="e", tag="fence", frozen=True, kw_only=True):
    """A marker datagram was sent here, payload ``sockspec fence N``."""

    n: int
    t: int


class Peer(_Wire, tag_field="e", tag="peer", frozen=True, kw_only=True):
    """The scripted peer of the stage ``wire`` waited for something."""

    what: str
    came: bool
    """False: in vain.  Only that is told; what came is among the packets."""
    t: int


class Waits(_Wire, tag_field="e", tag="waits", frozen=True, kw_only=True):
    """The probe begins to wait for seconds, e.g. for a time-out."""

    why: str
    t: int


class Lie(_Wire, tag_field="e", tag="lie", frozen=True, kw_only=True):
    """From here on a lie is told to the probe, on purpose; of several times the first."""

    call: str
    """The function that it is about, or ``wire``."""
    t: int


class Fault(_Wire, tag_field="e", tag="fault", frozen=True, kw_only=True):
    """A set-up step of the probe failed: never a verdict."""

    what: str
    where: str
    t: int
    errno: str | None = None


class Unsupported(_Wire, tag_field="e", tag="unsupported", frozen=True, kw_only=True):
    """The target lacks the thing the probe is about."""

    what: str
    t: int
    errno: str | None = None


class Unavailable(_Wire, tag_field="e", tag="unavailable", frozen=True, kw_only=True):
    """This stage, or these privileges, lack what the probe needs to show its behaviour."""

    what: str
    t: int
    errno: str | None = None


class Done(_Wire, tag_field="e", tag="done", frozen=True, kw_only=True):
    """The probe ran to its end; nothing that it saw is missing."""

    t: int


Event = (
    Call
    | Asleep
    | Step
    | Note
    | Fence
    | Peer
    | Waits
    | Lie
    | Fault
    | Unsupported
    | Unavailable
    | Done
)


# --- what the agent says -----------------------------------------------------------------------


class RawPacket(_Wire, frozen=True, kw_only=True):
    """One packet as it crossed an interface of the near host."""

    t: int
    """When the kernel sent or received it, ns since t0 (CLOCK_REALTIME)."""
    dir: Literal["out", "in"]
    dev: str
    """The interface: ``lo`` or ``near``."""
    len: int
    """Length of the IP packet in bytes; ``bytes`` may hold only its beginning."""
    bytes: str
    """The IP packet, without link header, in hexadecimal."""


class Thread(_Wire, frozen=True, kw_only=True):
    """Where a thread of a hung probe was when it was ended."""

    id: int
    state: str
    syscall: str


class End(_Wire, frozen=True, kw_only=True):
    """How the probe's first process ended."""

    how: Literal["exit", "signal", "limit", "agent"]
    """``limit``: ended by the agent after its time limit; ``agent``: the agent's own fault."""
    status: int = 0
    """Exit status or signal number."""
    signal: str | None = None
    why: str | None = None
    stuck: tuple[Thread, ...] = ()


class Output(_Wire, frozen=True, kw_only=True):
    """What the probe wrote beside its events."""

    nonsense: tuple[str, ...] = ()
    """Lines of the event log that were not JSON objects (the first few, shortened)."""
    dropped_bytes: int = 0
    """What exceeded the limit on a record's size and was thrown away."""
    stderr: str = ""


class Record(_Wire, tag_field="kind", tag="record", frozen=True, kw_only=True):
    """What one probe run left."""

    job: str
    """The job's key: ``PROBE STAGE NAME=VALUE…``, the names in alphabetical order, ``lie`` last."""
    probe: str
    stage: str
    variant: dict[str, str] = {}
    hash: str
    """Of the probe's sources and the kit's: a record of another hash came from another probe."""
    t0: int
    """CLOCK_REALTIME at the job's begin, ns since the epoch."""
    end: End
    events: tuple[Event, ...] = ()
    packets: tuple[RawPacket, ...] | None = None
    """None: this stage has no witness."""
    packets_lost: int = 0
    """Packets the kernel could not hand over, or that had no time stamp."""
    clock_step: int = 0
    """How far the wall clock was set during the job, ns."""
    output: Output = Output()
    cost: dict[str, int] = {}
    """ns spent: ``stage`` to make it, ``probe`` to run, ``total``."""


class Stage(_Wire, frozen=True, kw_only=True):
    """Whether the target can make a stage."""

    name: str
    why_not: str | None = None
    """None: it can."""
    witness: bool = False
    """Whether packets can be captured on it."""


class Hello(_Wire, tag_field="kind", tag="hello", frozen=True, kw_only=True):
    """The first line: who records."""

    schema: int
    sockspec: str
    stages: tuple[Stage, ...]
    probes: dict[str, str]
    """Every probe there is, with its hash."""
    waits: tuple[str, ...] = ()
    """Those of the probes that may wait for seconds."""
    lies: tuple[str, ...] = ()
    """Where it can have lies told: ``calls``, ``wire``."""
    facts: dict[str, Any] = {}
    """What the agent knows of the system: kernel, uid, capabilities, cores."""


class Bye(_Wire, tag_field="kind", tag="bye", frozen=True, kw_only=True):
    """The last line: a file without it was cut short."""

    records: int


Line = Hello | Record | Bye


# --- what is reported --------------------------------------------------------------------------


class VariantVerdict(_Wire, frozen=True, kw_only=True):
    """The verdict of one claim in one variant, i.e. from one record."""

    name: str
    """The job's key, and the part of the record where a claim is judged in several parts."""
    verdict: Observed
    why: str
    """One line of evidence."""
    job: str
    expected: Verdict = "holds"
    """What the baseline expects."""
    reason: str | None = None
    """The baseline's reason, if it expects something else than ``holds``."""


class ClaimVerdict(_Wire, frozen=True, kw_only=True):
    """The verdict of one claim on one target."""

    id: str
    source: str
    interface: str
    verdict: Verdict
    why: str
    variants: tuple[VariantVerdict, ...]
    probes: tuple[str, ...]
    as_expected: bool = True


class VerdictsDocument(_Wire, frozen=True, kw_only=True):
    """``verdicts.json``."""

    schema: int
    target: dict[str, Any]
    claims: tuple[ClaimVerdict, ...]
    summary: dict[str, Any]


# --- what is proved ----------------------------------------------------------------------------

ProofOutcome = Literal["caught", "by another", "by accident", "not told", "missed"]
PROOF_OUTCOMES: Final[tuple[ProofOutcome, ...]] = get_args(ProofOutcome)
"""What may come of a lie, the worst last."""


class Sight(_Wire, frozen=True, kw_only=True):
    """What one record shows of a claim, in truth and under a lie."""

    claim: str
    job: str
    """In truth; under the lie it has the word ``lie=RULE`` at its end."""
    part: str | None = None
    truth: Observed
    truth_why: str
    """One line of evidence."""
    lie: Observed
    lie_why: str
    told: bool = True
    """Whether the lie was told in this job."""


class ClaimProof(_Wire, frozen=True, kw_only=True):
    """What came of a lie for one of the claims that it has to change."""

    id: str
    wanted: Literal["refuted", "holds"] = "refuted"
    """The verdict that the lie has to lead to."""
    outcome: ProofOutcome
    why: str
    sights: tuple[Sight, ...] = ()
    """Those that tell most come first; not all are kept."""


class LieProof(_Wire, frozen=True, kw_only=True):
    """What came of a lie."""

    id: str
    tells: str
    rule: str
    outcome: ProofOutcome
    """The worst of its claims'."""
    claims: tuple[ClaimProof, ...]
    also: tuple[str, ...] = ()
    """Other claims that it changed."""
    jobs: int = 0
    """In how many jobs it was tried."""


class ProofDocument(_Wire, frozen=True, kw_only=True):
    """``proof.json``."""

    schema: int
    target: dict[str, Any]
    lies: tuple[LieProof, ...] = ()
    changed: tuple[Sight, ...] = ()
    """What changed though no lie was told."""
    to_tell: tuple[str, ...] = ()
    """Claims with neither a lie nor a reason why there is none."""
    untold: dict[str, str] = {}
    """By claim, why no lie can be told about it."""
    summary: dict[str, Any]
