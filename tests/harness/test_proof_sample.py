# SPDX-License-Identifier: Apache-2.0
"""A fixed sample of the proof, real lies told to real probes; tox's ``proof`` is all of it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Final

import pytest

from sockspec.target import find_tree

LIAR: Final = find_tree().probes_dir.parent / "liar.so"
PATIENCE_S: Final = 300.0
SAMPLE: Final = (
    "accept.newest-first",
    "close.does-nothing",
    "closing.fin-sent-twice",
    "fcntl.nonblock-ignored",
    "getpeername.unconnected-einval",
    "handshake.established-early",
    "poll.never-writable",
    "recv.errors.econnreset-is-the-end",
    "timeout.wrong-error",
    "urgent.never-at-mark",
)

pytestmark = pytest.mark.skipif(
    not LIAR.exists(), reason="this build has no liar: it is static, or has a sanitizer"
)


def prove(*words: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "sockspec", "prove", "--json", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_a_sample_of_the_lies_is_caught() -> None:
    status, proof = prove(*(f"lie:{name}" for name in SAMPLE))
    outcomes = {lie["id"]: lie["outcome"] for lie in proof["lies"]}
    assert outcomes == dict.fromkeys(SAMPLE, "caught")
    assert status == 0


def test_with_the_liar_in_place_and_no_lie_nothing_changes() -> None:
    status, proof = prove("--no-lie", "names.udp-*", "handshake.numbers")
    assert proof.get("changed", []) == []
    assert proof["summary"]["trials"] > 0
    assert status == 0
