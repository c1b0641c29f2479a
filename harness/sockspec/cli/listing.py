# SPDX-License-Identifier: Apache-2.0
"""``sockspec list``: rows as a program reads them, and as lines."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from sockspec import places
from sockspec.checks import by_claim, find_checks
from sockspec.cli.text import bold
from sockspec.finding import visible

if TYPE_CHECKING:
    from pathlib import Path

Row = dict[str, Any]

_STAGES: Final = {
    "lo": "a fresh network namespace with loopback: 127.0.0.1 and ::1; packets are captured",
    "pair": "two fresh network namespaces joined by veth: 192.0.2.1 and 192.0.2.2, 2001:db8::1 and "
    "2001:db8::2; packets are captured",
    "wire": "a fresh network namespace and, at the other end of its link, a peer that the probe "
    "scripts packet by packet: 192.0.2.1 and 192.0.2.2, 2001:db8::1 and 2001:db8::2; packets are "
    "captured",
    "host": "no namespace: the loopback of the system itself; no packets are captured",
}


def rows(what: str, select: Sequence[str], build: Path | None) -> list[Row]:
    """The rows of a list."""
    makers: dict[str, Callable[[], list[Row]]] = {
        "claims": lambda: _claims(select),
        "probes": lambda: _probes(build),
        "stages": lambda: _stages(build),
        "targets": lambda: _targets(build),
        "lies": lambda: _lies(select),
    }
    return makers[what]()


def lines(what: str, rows: Sequence[Row]) -> Iterator[str]:
    """The rows for people."""
    for row in rows:
        name = row["id"] if "id" in row else row["name"]
        note = _note(what, row)
        yield bold(name) + (f"  ({visible(note)})" if note else "")
        text = row[_TEXTS.get(what, "sentence")]
        yield from textwrap.wrap(visible(text), 96, initial_indent="  ", subsequent_indent="  ")


_TEXTS: Final = {"claims": "statement", "lies": "tells"}
"""Under which name a row has its sentence, where it is another."""


def _note(what: str, row: Row) -> str:
    if what == "claims":
        return "" if row["checks"] else row["untestable"] or "no check yet"
    if what == "lies":
        return str(row["rule"])
    if what == "probes":
        return "" if row["claims"] or row["name"].startswith("target/") else "no check uses it"
    return row["why_not"] or ""


def _claims(select: Sequence[str]) -> list[Row]:
    catalogue = places.catalogue()
    checks = by_claim(find_checks())
    return [
        {
            **attrs.asdict(claim),
            "checks": [f"{check.place} {check.name}" for check in checks.get(claim.id, ())],
            "probes": sorted({check.probe for check in checks.get(claim.id, ())}),
        }
        for claim in catalogue.select(select)
    ]


def _lies(select: Sequence[str]) -> list[Row]:
    catalogue = places.catalogue()
    lies = places.lies(catalogue)
    return [attrs.asdict(lie) for lie in lies.select(select, catalogue)] if lies.all else []


def _probes(build: Path | None) -> list[Row]:
    from sockspec.target import find_tree

    claims: dict[str, dict[str, None]] = {}
    for check in find_checks():
        claims.setdefault(check.probe, {}).update(dict.fromkeys(check.claims))
    return [
        {
            "name": probe.name,
            "interface": probe.interface,
            "sentence": probe.sentence,
            "source": probe.source,
            "hash": probe.hash,
            "claims": list(claims.get(probe.name, ())),
        }
        for probe in find_tree(build).probes()
    ]


def _stages(build: Path | None) -> list[Row]:
    from sockspec.cli import work

    hello = work.hello(work.host(build))
    return [
        {
            "name": stage.name,
            "sentence": _STAGES.get(stage.name, "of a newer agent"),
            "available": stage.why_not is None,
            "why_not": stage.why_not,
            "witness": stage.witness,
        }
        for stage in hello.stages
    ]


def _targets(build: Path | None) -> list[Row]:
    from sockspec.cli import work
    from sockspec.errors import SockspecError

    why_not = None
    try:
        work.host(build)
    except SockspecError as error:
        why_not = str(error)
    sentence = "this system: its kernel, and the libc that the probes were built with"
    return [
        {"name": "host", "sentence": sentence, "available": why_not is None, "why_not": why_not}
    ]
