# SPDX-License-Identifier: Apache-2.0
"""How far a run is: a bar on a terminal, plain lines in a log.  All of it goes to stderr."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    import rich.progress

_EVERY_S: Final = 10.0
"""How often a log gets a line."""


class Lines:
    """For a log: a line at the start, and one from time to time."""

    def __init__(self, verb: str, name: str) -> None:
        self._verb, self._name = verb, name
        self._done = self._items = 0
        self._next = 0.0

    def start(self, jobs: int, items: int) -> None:
        """Say what is going to happen."""
        self._items = items
        self._next = time.monotonic() + _EVERY_S
        click.echo(f"{self._verb} on {self._name}: {jobs} jobs, {items} checks of them", err=True)

    def advance(self) -> None:
        """One more."""
        self._done += 1
        if self._done % 64 == 0 and time.monotonic() >= self._next:
            self._next = time.monotonic() + _EVERY_S
            click.echo(f"{self._done} of {self._items} judged", err=True)

    def close(self) -> None:
        """Nothing is left on the screen."""


class Bar:
    """For a terminal."""

    def __init__(self, verb: str, name: str) -> None:
        self._text = f"{verb} on {name}"
        self._bar: rich.progress.Progress | None = None
        self._task: rich.progress.TaskID | None = None
        self._waiting = 0
        self._next = 0.0

    def start(self, jobs: int, items: int) -> None:
        """Show the bar."""
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        del jobs
        columns = (TextColumn("{task.description}", markup=False), BarColumn())
        console = Console(stderr=True)
        self._bar = Progress(
            *columns, MofNCompleteColumn(), TimeRemainingColumn(), console=console, transient=True
        )
        self._task = self._bar.add_task(self._text, total=items)
        self._bar.start()

    def advance(self) -> None:
        """One more; the bar is told only as often as an eye can see."""
        self._waiting += 1
        now = time.monotonic()
        if self._bar is not None and self._task is not None and now >= self._next:
            self._bar.advance(self._task, self._waiting)
            self._waiting = 0
            self._next = now + 0.1

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def progress(verb: str, name: str) -> Bar | Lines:
    """What fits the place where stderr goes."""
    return Bar(verb, name) if sys.stderr.isatty() else Lines(verb, name)
