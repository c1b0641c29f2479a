# SPDX-License-Identifier: Apache-2.0
"""What the shell completes.  A completion never fails: what cannot be known is left out."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

_VARIABLE: Final = "_SOCKSPEC_COMPLETE"


def script(command: click.Command, shell: str) -> str:
    """The script that makes a shell ask the command for completions."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    return kind(command, {}, "sockspec", _VARIABLE).source()


def claims(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Ids of claims."""
    return _beginning(_claims(), begun)


def selections(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """What SELECT takes: ids of claims, sources, interfaces."""
    return _beginning([*_claims(), *_groups()], begun)


def lies(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """What `sockspec prove` takes: lies, and what SELECT takes."""
    return _beginning([*_claims(), *_groups(), *_lies()], begun)


def captures(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """What `sockspec pcap` takes: names of probes, and what SELECT takes."""
    return [*selections(context, parameter, begun), *probes(context, parameter, begun)]


def stages(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Names of stages."""
    from sockspec.plan import STAGES

    return _beginning(STAGES, begun)


def probes(context: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Names of probes."""
    from sockspec.errors import SockspecError
    from sockspec.target import find_tree

    with contextlib.suppress(SockspecError):
        tree = find_tree(context.params.get("build"))
        return _beginning((probe.name for probe in tree.probes()), begun)
    return []


def _beginning(words: Iterable[str], begun: str) -> list[str]:
    return [word for word in words if word.startswith(begun)]


def _claims() -> list[str]:
    from sockspec import places
    from sockspec.errors import SockspecError

    with contextlib.suppress(SockspecError):
        return [claim.id for claim in places.catalogue().claims]
    return []


def _lies() -> list[str]:
    from sockspec import places
    from sockspec.errors import SockspecError
    from sockspec.lies import PREFIX

    with contextlib.suppress(SockspecError):
        return [f"{PREFIX}{lie.id}" for lie in places.lies(places.catalogue()).all]
    return []


def _groups() -> list[str]:
    from sockspec import places
    from sockspec.errors import SockspecError

    with contextlib.suppress(SockspecError):
        catalogue = places.catalogue()
        sources = [f"source:{source}" for source in catalogue.sources]
        return [*sources, *(f"interface:{interface}" for interface in catalogue.interfaces)]
    return []
