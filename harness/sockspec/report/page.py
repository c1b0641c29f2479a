# SPDX-License-Identifier: Apache-2.0
"""What all pages share: their own files, the policy that allows nothing else, a target's facts."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from sockspec.finding import visible
from sockspec.report.text import brief

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def template(name: str) -> jinja2.Template:
    """A page's template: whatever is put into it is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(own),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def own(name: str) -> Markup:
    """A file of this package, which is markup of our own."""
    return Markup(resources.files(__package__).joinpath(name).read_text("utf-8"))  # noqa: S704


def policy(script: str, style: str) -> str:
    """The page's Content-Security-Policy: its own script, its own style, nothing else."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def address(claim_id: str) -> str:
    """The id as it stands in a link; such an id needs no further escape in a URL."""
    return quote(claim_id, safe=".-_")


def facts_of(facts: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Name and text; the text is a list of such pairs where a fact has parts."""
    for name, value in facts.items():
        if isinstance(value, dict):
            yield visible(str(name)), list(facts_of(value))
        elif isinstance(value, (list, tuple)):
            yield visible(str(name)), ", ".join(map(brief, value)) or "none"
        elif isinstance(value, bool):
            yield visible(str(name)), "yes" if value else "no"
        else:
            yield visible(str(name)), brief(value) or "not known"
