# SPDX-License-Identifier: Apache-2.0
"""The checks there are: which claims each judges, from which jobs, and where it stands."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from sockspec.errors import FAULT, SockspecError
from sockspec.places import checks_folder
from sockspec.plan import Case, Job, claims_of, observation_of

if TYPE_CHECKING:
    from types import ModuleType


@attrs.frozen(eq=False)
class Check:
    """One check: a function that reads records of one probe."""

    function: Callable[..., Any]
    claims: tuple[str, ...]
    """The claims that it judges, in the order of its source."""
    jobs: tuple[Job, ...]
    path: Path
    line: int
    cases: Mapping[Job, Case]
    """By job, where a table says the jobs; else empty."""

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Check | None:
        """The check that a function is; None: it observes nothing.  Raises `CheckError`."""
        observation = observation_of(function)
        if observation is None:
            return None
        code = inspect.unwrap(function).__code__
        return cls(
            function,
            claims_of(function),
            observation.jobs(),
            Path(code.co_filename),
            code.co_firstlineno,
            observation.by_job(),
        )

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.__name__

    @property
    def probe(self) -> str:
        """The probe whose records it reads."""
        return self.jobs[0].probe

    @property
    def place(self) -> str:
        """File and line, relative to where the user is if it is below that."""
        try:
            return f"{self.path.relative_to(Path.cwd())}:{self.line}"
        except ValueError:
            return f"{self.path}:{self.line}"


def find_checks(where: Path | None = None) -> tuple[Check, ...]:
    """Every check of a folder, in the order of files and lines; raises `SockspecError` (status 3).

    The modules are imported as they are, without pytest.
    """
    where = where or checks_folder()
    files = sorted(where.rglob("test_*.py"))
    if not files:
        raise SockspecError(f"{where}: no checks here; is sockspec installed whole?", FAULT)
    return tuple(check for file in files for check in _checks_of(_module(file, where)))


def _module(file: Path, where: Path) -> ModuleType:
    name = "sockspec_checks." + ".".join(file.relative_to(where).with_suffix("").parts)
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except SockspecError:
        raise
    except Exception as error:
        raise SockspecError(f"{file}: cannot be imported: {error!r}", FAULT) from error
    return module


def _checks_of(module: ModuleType) -> Iterator[Check]:
    functions = [
        value
        for name, value in vars(module).items()
        if name.startswith("test_") and inspect.isfunction(value)
    ]
    checks = [check for function in functions if (check := Check.of(function))]
    yield from sorted(checks, key=lambda check: check.line)


def by_claim(checks: Iterable[Check]) -> dict[str, list[Check]]:
    """The checks of each claim."""
    found: dict[str, list[Check]] = {}
    for check in checks:
        for claim in check.claims:
            found.setdefault(claim, []).append(check)
    return found
