# SPDX-License-Identifier: Apache-2.0
"""The one error that a user gets to see, and the exit statuses."""

from __future__ import annotations

from typing import Final

OK: Final = 0
"""As the baseline expects."""
DIFFERS: Final = 1
"""A verdict differs from the baseline, or an entry of the baseline is stale."""
USAGE: Final = 2
"""Wrong usage."""
FAULT: Final = 3
"""A fault of ours: a probe's own set-up, a missing binary, an unreadable file."""
NOTHING_SELECTED: Final = 4
"""No claim matches the selection."""


class SockspecError(Exception):
    """One line for the user: what happened, where, what to do; and the status to exit with.

    The message may quote what came from outside: line breaks and other characters that a terminal
    would act on, rather than print, are shown as escapes.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, status)
        self.message: Final = "".join(c if c.isprintable() else _escape(c) for c in message)
        self.status: Final = status

    def __str__(self) -> str:
        return self.message


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
