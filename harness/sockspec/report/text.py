# SPDX-License-Identifier: Apache-2.0
"""What both reports say about a target, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sockspec.finding import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def brief(value: Any) -> str:
    """A fact in a few words: those of a mapping or a list one after the other."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return _joined(value.values())
    if isinstance(value, (list, tuple)):
        return _joined(value)
    return visible(str(value))


def _joined(values: Iterable[Any]) -> str:
    return " ".join(filter(None, map(brief, values)))


def target_title(target: Mapping[str, Any]) -> str:
    """The target in one line: kernel, libc, architecture, as far as they are known."""
    parts = (
        _joined([target.get("system"), target.get("kernel")]),
        _joined([target.get("libc"), target.get("libc_version")]),
        _first(target, ("arch", "architecture", "machine")),
    )
    return " · ".join(filter(None, parts)) or target_name(target)


def target_name(target: Mapping[str, Any]) -> str:
    """The name by which a person selects the target."""
    return _first(target, ("name",)) or "unnamed target"


def _first(target: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next(filter(None, (brief(target.get(name)) for name in names)), "")
