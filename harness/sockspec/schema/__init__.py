# SPDX-License-Identifier: Apache-2.0
"""The JSON Schemas of what sockspec writes, generated from `sockspec.model`.

``python -m sockspec.schema`` writes them anew; a test sees that they are up to date.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import msgspec

from sockspec.model import SCHEMA, Line, ProofDocument, VerdictsDocument

FOLDER: Final = Path(__file__).parent

_SCHEMAS: Final[dict[str, tuple[Any, str]]] = {
    "record.json": (Line, "One line of records.jsonl"),
    "verdicts.json": (VerdictsDocument, "The verdicts of one target: verdicts.json"),
    "proof.json": (ProofDocument, "What came of lies on one target: proof.json"),
}


def generate() -> dict[str, str]:
    """The text of every schema file, by file name."""
    return {name: _text(kind, title) for name, (kind, title) in _SCHEMAS.items()}


def _text(kind: Any, title: str) -> str:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": f"Format version {SCHEMA}.  Readers ignore what they do not know.",
        **msgspec.json.schema(kind),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write(folder: Path = FOLDER) -> None:
    """Write every schema file."""
    for name, text in generate().items():
        (folder / name).write_text(text, encoding="utf-8")
