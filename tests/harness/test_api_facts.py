# SPDX-License-Identifier: Apache-2.0
"""What the probes of prototypes, headers and structures find at compile time.

They are compared with the face of this libc that CFFI gives, and are built where a header lacks
something.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sockspec import libc
from sockspec.target import find_tree

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ("target/probes/api/headers", "target/probes/api/prototypes")
STRUCTURES = ("in_addr", "sockaddr_in", "in6_addr", "sockaddr_in6")


def notes_of(probe: Path, *variant: str) -> dict[str, Any]:
    """What a probe notes, by name."""
    reader, writer = os.pipe()
    with os.fdopen(reader, encoding="utf-8") as log:
        subprocess.run(
            [probe, *variant],
            env=os.environ | {"SOCKSPEC_LOG": str(writer)},
            pass_fds=[writer],
            check=True,
        )
        os.close(writer)
        events = [json.loads(line) for line in log]
    assert events[-1]["e"] in ("done", "unsupported")
    return {event["name"]: event["value"] for event in events if event["e"] == "note"}


@pytest.fixture(scope="module")
def layout_notes() -> dict[str, Any]:
    return notes_of(find_tree().probes_dir / "layout/structures")


@pytest.mark.parametrize("structure", STRUCTURES)
def test_the_probe_and_cffi_see_one_layout(structure: str, layout_notes: dict[str, Any]) -> None:
    layout = libc.layout(structure)
    assert layout_notes[f"{structure}: size"] == layout.size
    assert layout_notes[f"{structure}: alignment"] == layout.alignment
    for field in layout.fields:
        assert layout_notes[f"{field.name}: offset"] == field.offset
        assert layout_notes[f"{field.name}: size"] == field.size


def test_the_probe_and_cffi_see_one_layout_of_any_address(layout_notes: dict[str, Any]) -> None:
    storage = libc.layout("sockaddr_storage")
    assert layout_notes["sockaddr_storage: size"] == storage.size
    assert layout_notes["sockaddr_storage: alignment"] == storage.alignment
    assert layout_notes["ss_family: offset"] == storage["ss_family"].offset
    assert layout_notes["sa_family: offset"] == libc.layout("sockaddr")["sa_family"].offset


# --- a system whose headers lack something ---

LACKING = """\
#ifndef _GNU_SOURCE /* the kit has all of it */
#define ntohs elsewhere_ntohs
#define inet_lnaof elsewhere_inet_lnaof
#endif
#include_next <arpa/inet.h>
#undef ntohs
#undef inet_lnaof
"""


@pytest.mark.slow
def test_what_a_header_lacks_is_said_and_breaks_no_build(tmp_path: Path) -> None:
    header = tmp_path / "include/arpa/inet.h"
    header.parent.mkdir(parents=True)
    header.write_text(LACKING)
    build = tmp_path / "build"
    meson = [sys.executable, "-m", "mesonbuild.mesonmain"]
    commands: tuple[list[str | Path], ...] = (
        ["setup", build, ROOT, f"-Dc_args=-isystem {tmp_path / 'include'}"],
        ["compile", "-C", build, f"--ninja-args={','.join(TARGETS)}"],
    )
    for command in commands:
        result = subprocess.run([*meson, *command], capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout
    probes = build / "target/probes/api"

    facts = notes_of(probes / "headers")
    assert facts["arpa/inet.h: ntohs"] == 0
    assert facts["arpa/inet.h: ntohl"] == 1
    assert "declared" not in notes_of(probes / "prototypes", "function=inet_lnaof")
    assert "declared" in notes_of(probes / "prototypes", "function=inet_netof")
