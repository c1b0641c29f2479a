# SPDX-License-Identifier: Apache-2.0
"""Which jobs a check needs, and which claims it judges: both known without running anything."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Final, Protocol, TypeGuard, TypeVar

import attrs

from sockspec.errors import SockspecError
from sockspec.finding import CheckError, visible

STAGES: Final = ("lo", "pair", "wire", "host")

INET_BOTH: Final = ("inet", "inet6")
ALL_FAMILIES: Final = ("inet", "inet6", "unix")
BOTH_STAGES: Final = ("lo", "pair")
TYPES: Final = ("stream", "dgram", "seqpacket")
READ: Final = ("read", "readv")
RECV: Final = ("recv", "recvfrom", "recvmsg")
READERS: Final = (*READ, *RECV)
WRITE: Final = ("write", "writev")
SEND: Final = ("send", "sendto", "sendmsg")
WRITERS: Final = (*WRITE, *SEND)

_PROBE: Final = re.compile(r"[a-z0-9_]+/[a-z0-9_]+", re.ASCII)
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_VALUE: Final = re.compile(r"[A-Za-z0-9._:+,%-]+", re.ASCII)
_RULE: Final = re.compile(r"[A-Za-z0-9._:+,%=-]+", re.ASCII)
LIE: Final = "lie"
"""The word of a job that has a lie told; it is no variant."""
_KEY_MAX: Final = 1000
_SHOWN: Final = 120

_ATTRIBUTE: Final = "sockspec_observation"
_CLAIM: Final = "claim"
"""The name under which a check gets its claim context."""

Check = TypeVar("Check", bound=Callable[..., Any])
When = Callable[[dict[str, str]], bool]


@attrs.frozen(order=True)
class Job:
    """One run of a probe: the probe, the stage it runs on, and the variant it is told."""

    probe: str
    stage: str
    variant: tuple[tuple[str, str], ...] = ()
    """Names and values, the names in alphabetical order."""
    lie: str = ""
    """The rule of the lie that is told meanwhile; empty: the truth."""

    @classmethod
    def of(cls, probe: str, stage: str, variant: Mapping[str, str], lie: str = "") -> Job:
        """The job, its parts checked; what is wrong is a usage error."""
        job = cls(probe, stage, tuple(sorted(variant.items())), lie)
        problem = _problem(job)
        if problem:
            raise SockspecError(f"not a job: {problem}", 2)
        return job

    @classmethod
    def parse(cls, key: str) -> Job:
        """The job of a key, which has to be written exactly as `key` writes it."""
        if len(key) > _KEY_MAX:
            raise SockspecError(f"not a job: longer than {_KEY_MAX} characters", 2)
        words = key.split(" ")
        if len(words) < 2 or "" in words:
            raise _not_a_job(key, "write PROBE STAGE NAME=VALUE…, with one space between")
        begin = f"{LIE}="
        told = len(words) > 2 and words[-1].startswith(begin)
        lie = words.pop().removeprefix(begin) if told else None
        pairs = [word.partition("=") for word in words[2:]]
        variant = tuple((name, value) for name, _, value in pairs)
        job = cls(words[0], words[1], variant, lie or "")
        problem = _problem(job)
        if problem:
            raise _not_a_job(key, problem)
        if lie == "":
            raise _not_a_job(key, "the lie has no rule")
        if job.variant != tuple(sorted(variant)):
            raise _not_a_job(key, "the names have to be in alphabetical order")
        return job

    @property
    def key(self) -> str:
        """``PROBE STAGE NAME=VALUE…``: the agent's input, and what a person types."""
        lie = (f"{LIE}={self.lie}",) if self.lie else ()
        return " ".join((self.probe, self.stage, *self.arguments, *lie))

    @property
    def arguments(self) -> tuple[str, ...]:
        """The variant as the probe is told it."""
        return tuple(f"{name}={value}" for name, value in self.variant)

    def __str__(self) -> str:
        return self.key


def _not_a_job(key: str, problem: str) -> SockspecError:
    return SockspecError(f"not a job: {shortened(key)!r}: {problem}", 2)


def shortened(text: str, limit: int = _SHOWN) -> str:
    """At most ``limit`` characters of the text, on one line."""
    text = visible(text[: limit + 1])
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _problem(job: Job) -> str | None:
    """What is wrong with the parts of a job, or None."""
    if not _PROBE.fullmatch(job.probe):
        return f"{shortened(job.probe)!r} is not INTERFACE/BEHAVIOUR"
    if job.stage not in STAGES:
        return f"there is no stage {shortened(job.stage)!r}; stages: {', '.join(STAGES)}"
    for name, value in job.variant:
        if not _NAME.fullmatch(name):
            return f"{shortened(name)!r} is not the name of a variant"
        if not _VALUE.fullmatch(value):
            return f"{name}={shortened(value)!r} is not a value"
    names = [name for name, _ in job.variant]
    if LIE in names:
        return f"{LIE}= has to be the last word"
    if job.lie and not _RULE.fullmatch(job.lie):
        return f"{LIE}={shortened(job.lie)!r} is not a rule"
    if len(set(names)) != len(names):
        return "a name stands twice"
    return None


def exists(variant: Mapping[str, str]) -> bool:
    """For `observes`: AF_UNIX has one host, and of the families only it has SOCK_SEQPACKET."""
    if variant["family"] == "unix":
        return variant["stage"] not in ("pair", "wire")
    return variant.get("type") != "seqpacket"


def reader_like(writer: str) -> str:
    """The reading function that is like a writing one."""
    return READERS[WRITERS.index(writer)]


# --- what a check observes ---------------------------------------------------------------------


class Case(Protocol):
    """What a check is run for where a table says which jobs it needs: one job of it.

    The check is given it as ``case``, with whatever else the table has for the job.
    """

    @property
    def variant(self) -> Mapping[str, str]:
        """What the probe is told."""

    @property
    def claims(self) -> tuple[str, ...]:
        """The claims that are judged on its record, and no others."""


@attrs.frozen
class Observation:
    """The jobs whose records a check reads, one after the other."""

    probe: str
    stages: tuple[str, ...]
    variants: tuple[tuple[str, tuple[str, ...]], ...]
    """Each name with its values, the names in alphabetical order."""
    when: When | None = None
    """Which combinations there are; None: all."""
    cases: tuple[Case, ...] = ()
    """A table instead of combinations."""

    def jobs(self) -> tuple[Job, ...]:
        """Every combination, in a stable order: by stage, then by the values as they are given."""
        if self.cases:
            return tuple(self.by_job())
        names = [name for name, _ in self.variants]
        combinations = [
            dict(zip(names, values, strict=True))
            for values in product(*(values for _, values in self.variants))
        ]
        return tuple(
            Job.of(self.probe, stage, variant)
            for stage in self.stages
            for variant in combinations
            if self.when is None or self.when({**variant, "stage": stage})
        )

    def by_job(self) -> dict[Job, Case]:
        """The cases by their jobs; none where there is no table."""
        return {
            Job.of(self.probe, stage, case.variant): case
            for stage in self.stages
            for case in self.cases
        }


def observes(
    probe: str,
    /,
    *,
    stage: str | tuple[str, ...] = "lo",
    when: When | None = None,
    cases: Iterable[Case] = (),
    **variants: str | tuple[str, ...],
) -> Callable[[Check], Check]:
    """Say which probe's records a check reads.

    ``stage`` and each variant are a value or a tuple of values; every combination that ``when``
    lets through is a job, and the check is run once for each.  ``when`` is given the variant, and
    the stage by the name ``stage``.

    Instead of variants a check may have ``cases``: then these say the variants, and which claims
    are judged in each; the check takes a third argument, ``case``.
    """
    table = tuple(cases)

    def decorate(check: Check) -> Check:
        if observation_of(check) is not None:
            raise CheckError(f"{_place(check)}: a check observes one probe")
        try:
            observation = Observation(
                probe,
                _values("stage", stage),
                tuple((name, _values(name, variants[name])) for name in sorted(variants)),
                when,
                table,
            )
            jobs = observation.jobs()
        except SockspecError as error:
            raise CheckError(f"{_place(check)}: {error}") from None
        if table and (variants or when):
            raise CheckError(f"{_place(check)}: cases= say the variants; leave the others out")
        if table and len(jobs) < len(table) * len(observation.stages):
            raise CheckError(f"{_place(check)}: two of the cases= have the same variant")
        if not jobs:
            raise CheckError(f"{_place(check)}: when= lets no combination through")
        setattr(check, _ATTRIBUTE, observation)
        return check

    return decorate


def observation_of(check: Callable[..., object]) -> Observation | None:
    """What `observes` said of the check, or None."""
    found = getattr(check, _ATTRIBUTE, None)
    return found if isinstance(found, Observation) else None


def _values(name: str, given: object) -> tuple[str, ...]:
    values = (given,) if isinstance(given, str) else given
    if not isinstance(values, tuple) or not values:
        raise CheckError(f"{name}= has to be a string or a tuple of strings")
    strings = tuple(value for value in values if isinstance(value, str))
    if len(strings) != len(values):
        raise CheckError(f"{name}= has to be a string or a tuple of strings")
    if len(set(strings)) != len(strings):
        raise CheckError(f"{name}= has a value twice")
    return strings


def _place(check: Callable[..., object]) -> str:
    code = inspect.unwrap(check).__code__
    return f"{Path(code.co_filename).name}:{code.co_firstlineno} {check.__name__}"


# --- which claims a check judges ---------------------------------------------------------------


def claims_of(check: Callable[..., object]) -> tuple[str, ...]:
    """The ids of the claims that a check judges, each once, in the order of its source or table."""
    observation = observation_of(check)
    if observation is not None and observation.cases:
        return tuple(dict.fromkeys(claim for case in observation.cases for claim in case.claims))
    code = inspect.unwrap(check).__code__
    path = Path(code.co_filename)
    try:
        node = _function_at(path, code.co_firstlineno)
    except (OSError, SyntaxError) as error:
        raise CheckError(
            f"{path}: the source of {check.__name__} cannot be read: {error}"
        ) from None
    if node is None or node.name != check.__name__:
        raise CheckError(f"{path}:{code.co_firstlineno}: no function {check.__name__} here")
    return _claims(node, path)


def _function_at(path: Path, line: int) -> ast.FunctionDef | None:
    """The function that begins in this line, where decorators count."""
    tree = _tree(path, path.stat().st_mtime_ns)
    # Nearly all stand by themselves; a walk through all that is in them takes far longer.
    return _functions(tree, nested=False).get(line) or _functions(tree, nested=True).get(line)


@cache
def _tree(path: Path, _changed: int) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def _functions(tree: ast.Module, *, nested: bool) -> dict[int, ast.FunctionDef]:
    return {
        min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]): node
        for node in (ast.walk(tree) if nested else tree.body)
        if isinstance(node, ast.FunctionDef)
    }


def _claims(function: ast.FunctionDef, path: Path) -> tuple[str, ...]:
    calls: list[ast.Call] = []
    named: list[ast.Name] = []
    # One walk for both: the checks are many, and no job begins before all are read.
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and _is_claim(node.func):
            calls.append(node)
        elif _is_claim(node):
            named.append(node)
    called = {id(call.func) for call in calls}
    for name in named:
        if id(name) not in called:
            raise CheckError(f"{path}:{name.lineno}: {_CLAIM} is only to be called")
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    return tuple(dict.fromkeys(_claim_id(call, path) for call in calls))


def _is_claim(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and node.id == _CLAIM


def _claim_id(call: ast.Call, path: Path) -> str:
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    raise CheckError(f"{path}:{call.lineno}: the claim's id has to be a string literal")
