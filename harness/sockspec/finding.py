# SPDX-License-Identifier: Apache-2.0
"""What a predicate of a check found, and the three ways in which a check ends without a verdict."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from sockspec.errors import SockspecError


@attrs.frozen
class Finding:
    """Whether something held, with both sides of it in words: ``assert finding`` prints them.

    The sides may be anything with a ``str()``, which is taken only when somebody reads it: nearly
    all findings hold, and nobody reads them.
    """

    ok: bool
    _expected: object
    _observed: object

    @property
    def expected(self) -> str:
        """What was to be seen."""
        return str(self._expected)

    @property
    def observed(self) -> str:
        """What was seen."""
        return str(self._observed)

    @property
    def evidence(self) -> str:
        """What was seen, in words that stand alone: a call does, other words need the expected."""
        return repr(self) if isinstance(self._observed, str) else visible(self.observed)

    def __bool__(self) -> bool:
        _asked.append(self)
        return self.ok

    def __repr__(self) -> str:
        return visible(f"expected {self.expected}; observed {self.observed}")


_asked: list[Finding] = []
"""Every finding that was asked whether it holds, since `asked` was last called."""


def asked() -> list[Finding]:
    """The findings that were asked since the last call, which are the evidence for a verdict."""
    found = _asked.copy()
    _asked.clear()
    return found


@attrs.frozen
class Late:
    """Words that are put together when somebody reads them."""

    words: Callable[[], str]

    def __str__(self) -> str:
        return self.words()


class NotObserved(Exception):  # noqa: N818 - a verdict, not an error
    """The record does not tell: the claims at hand get the verdict ``not observed``."""

    def __init__(self, why: str) -> None:
        super().__init__(visible(why))
        self.why = visible(why)


class Unsupported(Exception):  # noqa: N818 - a verdict, not an error
    """The target lacks the thing: the claims at hand get the verdict ``unsupported``."""

    def __init__(self, why: str) -> None:
        super().__init__(visible(why))
        self.why = visible(why)


class CheckError(SockspecError):
    """A check asks for what no record of its probe has: a fault of ours, never a verdict."""

    def __init__(self, message: str) -> None:
        super().__init__(visible(message), 3)


def visible(text: str) -> str:
    """The text on one line, with control and other unprintable characters as escapes."""
    if text.isprintable():
        return text
    return "".join(map(_visible_character, text))


def _visible_character(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")
