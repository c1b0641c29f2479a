# SPDX-License-Identifier: Apache-2.0
"""The published schemas: up to date, and true of what is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sockspec import schema


def published(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((schema.FOLDER / name).read_text())
    return found


@pytest.mark.parametrize("name", schema.generate())
def test_the_published_schemas_are_up_to_date(name: str) -> None:
    """If not: python -m sockspec.schema."""
    assert (schema.FOLDER / name).read_text() == schema.generate()[name]


@pytest.mark.parametrize("name", schema.generate())
def test_the_schemas_are_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(published(name))


def test_what_a_run_writes_is_as_the_schemas_say(sockspec: Any, tmp_path: Path) -> None:
    sockspec("run", "--out", tmp_path / "out")
    verdicts = json.loads((tmp_path / "out" / "verdicts.json").read_text())
    jsonschema.validate(verdicts, published("verdicts.json"))
    assert verdicts["schema"] == 1
    lines = (tmp_path / "out" / "records.jsonl").read_text().splitlines()
    for line in lines:
        jsonschema.validate(json.loads(line), published("record.json"))
    assert len(lines) > 2


def test_the_schemas_refuse_what_is_wrong() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": 1, "claims": []}, published("verdicts.json"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"kind": "bye", "records": "many"}, published("record.json"))
