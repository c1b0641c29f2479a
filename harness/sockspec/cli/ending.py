# SPDX-License-Identifier: Apache-2.0
"""Endings that are no errors: a signal, or a reader of the output that has gone."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import click


class Terminated(KeyboardInterrupt):
    """SIGTERM: ends a run as Ctrl-C does."""


class Ended(Exception):  # noqa: N818 - no error
    """The command was ended by a signal; the message, if any, says what stays."""

    def __init__(self, end: KeyboardInterrupt) -> None:
        super().__init__(str(end) or "ended before it was done")
        self.signal = signal.SIGTERM if isinstance(end, Terminated) else signal.SIGINT


class Group(click.Group):
    """Commands whose endings are ours to handle: click would print, or exit with 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as end:
            raise Ended(end) from None
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 128 + signal.SIGPIPE
