# SPDX-License-Identifier: Apache-2.0
"""A system without namespaces: the suite runs on stage ``host`` and says what is left out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

CLAIM = "connect.udp-no-handshake"
"""Some of its variants need a witness, which ``host`` has not; and some need two hosts."""
BOTH = "names.udp-unconnected-peer"
WIRE = "connect.returns-on-syn-ack"
"""It is seen on the stage ``wire`` as well."""
FORBID = 'echo 0 > /proc/sys/user/max_net_namespaces && exec "$@"'


def forbidden(*arguments: str) -> subprocess.CompletedProcess[str]:
    """``sockspec``, in a user namespace that may make no network namespace."""
    inside = ["sh", "-c", FORBID, "sh", sys.executable, "-m", "sockspec", *arguments]
    return subprocess.run(
        ["unshare", "--user", "--map-root-user", *inside],
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.needs("unshare")
def test_what_host_can_show_is_judged_and_the_rest_is_not_observed(tmp_path: Path) -> None:
    done = forbidden("run", CLAIM, BOTH, WIRE, "--out", str(tmp_path))
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "verdicts.json").read_text())
    claims = {claim["id"]: claim for claim in document["claims"]}
    assert claims[CLAIM]["verdict"] == "not observed"
    assert claims[BOTH]["verdict"] == "holds"
    by_stage = {
        variant["name"].split()[1]: (variant["verdict"], variant["why"])
        for variant in claims[BOTH]["variants"]
    }
    assert by_stage["host"][0] == "holds"
    assert by_stage["pair"][0] == "not observed"
    assert "clone() into new namespaces" in by_stage["pair"][1]
    on_wire = [variant for variant in claims[WIRE]["variants"] if " wire " in variant["name"]]
    assert on_wire
    for variant in on_wire:
        assert variant["verdict"] == "not observed"
        assert variant["why"].startswith("no stage wire here: clone() into new namespaces")
    for stage in ("lo", "pair", "wire"):
        assert document["target"]["stages"][stage]["available"] is False


@pytest.mark.needs("unshare")
def test_doctor_says_what_is_missing_and_what_to_do() -> None:
    said = forbidden("doctor").stdout
    for stage in ("lo", "pair", "wire"):
        assert f"--  stage {stage}" in said
    assert "clone() into new namespaces" in said
    assert "→" in said
