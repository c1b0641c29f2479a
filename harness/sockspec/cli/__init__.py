# SPDX-License-Identifier: Apache-2.0
"""The command ``sockspec``: its entry, and how every ending becomes an exit status.

0 to 4 are those of `sockspec.errors`; 130 and 143: ended by SIGINT or SIGTERM, 141: nobody reads
the output any more.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import traceback
from typing import TYPE_CHECKING, Final, NoReturn

import click

from sockspec.cli.ending import Ended, Terminated
from sockspec.errors import FAULT, SockspecError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

_BY_SIGNAL: Final = 128


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit with its status."""
    signal.signal(signal.SIGTERM, _terminate)
    status = _status(list(sys.argv[1:] if arguments is None else arguments))
    try:
        sys.stdout.flush()
    except OSError as error:
        status = _unwritable(error)
    sys.exit(status)


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated


def _status(arguments: list[str]) -> int:
    from sockspec.cli.commands import cli

    try:
        result = cli.main(arguments, prog_name="sockspec", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except SockspecError as error:
        _say(str(error))
        return error.status
    except Ended as end:
        _say(str(end))
        return _BY_SIGNAL + end.signal
    except OSError as error:
        return _unwritable(error) if error.filename is None else _last_resort(error)
    except Exception as error:  # noqa: BLE001 - the last resort
        return _last_resort(error)
    return result if isinstance(result, int) else 0


def _unwritable(error: OSError) -> int:
    """Stdout takes no more; a reader that has gone is no error, and gets no message."""
    # The interpreter flushes once more at its end: that must not complain either.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return _BY_SIGNAL + signal.SIGPIPE
    _say(f"cannot write the output: {error.strerror}")
    return FAULT


def _last_resort(error: Exception) -> int:
    """A mistake in sockspec itself: one line, and the details in a file."""
    text = "".join(traceback.format_exception(error))
    what = f"{type(error).__name__}: {error}".split("\n", maxsplit=1)[0][:200]
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="sockspec-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
        ) as file:
            file.write(f"sockspec {' '.join(sys.argv[1:])}\n{text}")
        where = f"please report it with {file.name}"
    except OSError:
        where = "please report it"
    _say(str(SockspecError(f"a mistake in sockspec itself: {what}; {where}", FAULT)))
    return FAULT


def _say(line: str) -> None:
    with contextlib.suppress(OSError):
        print(f"sockspec: {line}", file=sys.stderr)
