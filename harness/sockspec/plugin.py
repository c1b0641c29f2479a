# SPDX-License-Identifier: Apache-2.0
"""sockspec in plain pytest: ``pytest tests/conformance`` records and judges by itself.

This module is what pytest loads, in every project of an environment that has sockspec; so it is
small, and does nothing until a check is collected.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from sockspec.plan import observation_of

if TYPE_CHECKING:
    from sockspec.judge import Judge
    from sockspec.recorder import Records

_JUDGE: Final = "sockspec judge"


def pytest_addoption(parser: pytest.Parser) -> None:
    """What can be chosen; the same as of ``sockspec run`` and ``sockspec judge``."""
    group = parser.getgroup("sockspec", "checks of the sockets API")
    add = group.addoption
    add("--sockspec-build", metavar="DIR", help="the Meson build with the probes to run")
    add("--sockspec-records", metavar="FILE", help="judge this recorded file, run no probe")
    add("--sockspec-select", metavar="SELECT", action="append", default=[], help="claims to judge")
    add("--sockspec-stage", metavar="STAGE", action="append", default=[], help="stages to use")
    add("--sockspec-baseline", metavar="FILE", help="the verdicts that are expected")
    add("--sockspec-strict", action="store_true", help="expect every claim to hold")
    add("--sockspec-out", metavar="DIR", help="where to leave records, verdicts and report")


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> list[pytest.Item] | None:
    """The first check that is met brings the judge in, which then collects the others itself."""
    if not inspect.isfunction(obj) or observation_of(obj) is None:
        return None
    plugins = collector.config.pluginmanager
    if plugins.has_plugin(_JUDGE):
        return None
    judge = _judge(collector.config)
    plugins.register(judge, _JUDGE)
    return judge.pytest_pycollect_makeitem(collector, name, obj)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was asked for; a stale entry of the baseline fails the run."""
    judge = _judge_of(session.config)
    if judge is None:
        return
    try:
        if judge.items and _is_whole(session):
            _finish(session, judge)
    finally:
        judge.close()
        judge.records.recording.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line on the verdicts, and the stale entries."""
    judge = _judge_of(terminalreporter.config)
    if judge is None or judge.result is None:
        return
    summary = judge.result.summary
    counts = ", ".join(f"{count} {verdict}" for verdict, count in summary["verdicts"].items())
    terminalreporter.write_line(f"claims: {counts}; observations: {summary['observations']}")
    for entry in summary["stale"]:
        terminalreporter.write_line(f"stale in the baseline: {entry['claim']}: {entry['why']}")


def _judge_of(config: pytest.Config) -> Judge | None:
    found: Judge | None = config.pluginmanager.get_plugin(_JUDGE)
    return found


def _judge(config: pytest.Config) -> Judge:
    import attrs

    from sockspec.errors import SockspecError
    from sockspec.judge import Judge, options

    baseline = config.getoption("--sockspec-baseline")
    try:
        chosen = options(
            select=tuple(config.getoption("--sockspec-select")),
            stages=tuple(config.getoption("--sockspec-stage")),
            baseline=Path(baseline) if baseline else None,
            strict=config.getoption("--sockspec-strict"),
        )
        # Whoever calls pytest may have named some files, or some checks.
        judge = Judge(attrs.evolve(chosen, in_part=True), lambda: _records(config))
        judge.open()
    except SockspecError as error:
        raise pytest.Collector.CollectError(str(error)) from None
    return judge


def _records(config: pytest.Config) -> Records:
    from sockspec import store
    from sockspec.output import RECORDS, folder
    from sockspec.recorder import FileRecords, LiveRecords
    from sockspec.target import HostTarget, find_tree

    records = config.getoption("--sockspec-records")
    if records:
        return FileRecords(store.read(Path(records)))
    out, build = config.getoption("--sockspec-out"), config.getoption("--sockspec-build")
    target = HostTarget(find_tree(Path(build) if build else None))
    recording = store.create(folder(Path(out)) / RECORDS) if out else store.scratch()
    return LiveRecords(target, recording)


def _is_whole(session: pytest.Session) -> bool:
    """Whether every item was run: of a part, there are no verdicts."""
    ended = session.exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    stopped = session.shouldfail or session.shouldstop
    return not (ended or stopped or session.config.option.collectonly)


def _finish(session: pytest.Session, judge: Judge) -> None:
    from sockspec.output import folder, write_all

    document = judge.document()
    out = session.config.getoption("--sockspec-out")
    if out:
        write_all(folder(Path(out)), document, judge.options.catalogue, judge.records.recording)
    if document.summary["stale"] and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
