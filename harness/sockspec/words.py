# SPDX-License-Identifier: Apache-2.0
"""Values and bytes of a record in a few words, on one line, whatever they are."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from sockspec import model
from sockspec.address import Address
from sockspec.finding import visible

TEXT_MAX: Final = 60
LIST_MAX: Final = 8
BINARY_MAX: Final = 16
"""As many bytes of data that are no text are shown; the lengths stand beside them."""
_DEPTH_MAX: Final = 3
_INT_BITS_MAX: Final = 128
_WORD: Final = re.compile(r"[A-Za-z0-9_|+.:-]{1,100}", re.ASCII)
"""What is printed without quotes: names, numbers, sets of flags."""
_NO_TEXT: Final = re.compile(rb"[^ -~]")
_QUIET_ARGS: Final = frozenset(("crc32",))
_QUIET_SAW: Final = frozenset(
    ("length_in", "length", "touched", "behind", "overrun", "crc32", "controllen")
)
"""What the one line of a call leaves out."""


def call_text(call: model.Call) -> str:
    """A call as one line, e.g. ``getpeername(fd=3) = -1 ENOTCONN``."""
    args = ", ".join(_named(item) for item in _shown(call.args, _QUIET_ARGS))
    saw = "".join(f", {_named(item)}" for item in _shown(call.saw, _QUIET_SAW))
    errno = "" if call.errno is None else f" {short(call.errno)}"
    return f"{short(call.call)}({args}) = {value_text(call.result)}{errno}{saw}"


def _shown(values: dict[str, Any], quiet: frozenset[str]) -> list[tuple[str, Any]]:
    return [item for item in values.items() if item[0] not in quiet][:LIST_MAX]


def _named(item: tuple[str, Any]) -> str:
    """``name=value``; most calls repeat what others were told, and the words are kept."""
    kind = type(item[1])
    return _named_again(*item) if kind is int or kind is str else _named_now(*item)


def _named_now(name: str, value: object) -> str:
    return f"{short(name)}={seen_text(name, value)}"


_named_again: Final = lru_cache(maxsize=4096, typed=True)(_named_now)


def look_text(look: model.Asleep) -> str:
    """What was seen of a thread that might sleep, in one line."""
    who, call = short(look.who), short(look.call)
    if not look.asleep:
        return f"{call}() of {who} had returned before it was seen asleep"
    how = "" if look.how == "thread state" else ": it did not return for a while"
    return f"{who} asleep in {call}(){how}"


def value_text(value: object, depth: int = 0) -> str:
    """Any value of a record in a few words; never raises, whatever it is."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, str):
        return _string_text(value)
    if depth >= _DEPTH_MAX:
        return "…"
    if isinstance(value, list | tuple):
        inside = [value_text(item, depth + 1) for item in value[:LIST_MAX]]
        return f"[{_joined(inside, len(value))}]"
    if isinstance(value, dict):
        return _object_text(value, depth)
    return short(type(value).__name__)


def _object_text(value: dict[Any, Any], depth: int) -> str:
    try:
        return short(str(Address.parse(value)))
    except ValueError:
        items = list(value.items())[:LIST_MAX]
        inside = [f"{short(str(name))}={value_text(item, depth + 1)}" for name, item in items]
        return f"{{{_joined(inside, len(value))}}}"


def _joined(shown: list[str], count: int) -> str:
    return ", ".join([*shown, "…"] if count > len(shown) else shown)


def _string_text(value: str) -> str:
    return value if _WORD.fullmatch(value) else f'"{short(value)}"'


def seen_text(name: str, value: object) -> str:
    """A named value: as `value_text`, and ``data`` as the bytes that it is the hex of."""
    if name == "data" and isinstance(value, str):
        try:
            return data_text(bytes.fromhex(value[: 2 * TEXT_MAX + 2]))
        except ValueError:
            return _string_text(value)
    return value_text(value)


def data_text(data: bytes) -> str:
    """Bytes as a string literal: at most `TEXT_MAX` of a text, `BINARY_MAX` of what is none."""
    limit = BINARY_MAX if _NO_TEXT.search(data, 0, TEXT_MAX) else TEXT_MAX
    shown = "".join([_BYTES[byte] for byte in data[:limit]])
    return f'"{shown}"…' if len(data) > limit else f'"{shown}"'


def _byte_text(byte: int) -> str:
    if byte in b'"\\':
        return "\\" + chr(byte)
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}"


_BYTES: Final = tuple(map(_byte_text, range(256)))


def number_text(value: float) -> str:
    """A number, unless it is so long that only its size is told."""
    if isinstance(value, int) and value.bit_length() > _INT_BITS_MAX:
        return f"a number of {value.bit_length()} bits"
    return str(value)


def micros(ns: int) -> str:
    """A time in microseconds, e.g. ``12.3 µs``."""
    if ns.bit_length() > _INT_BITS_MAX:
        return number_text(ns)
    whole, tenth = divmod(abs(ns) // 100, 10)
    return f"{'-' if ns < 0 else ''}{whole}.{tenth} µs"


def short(text: str) -> str:
    """At most `TEXT_MAX` characters on one line."""
    if len(text) <= TEXT_MAX and text.isprintable():
        return text
    text = visible(text[: TEXT_MAX + 1])
    return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 1] + "…"
