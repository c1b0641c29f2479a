# SPDX-License-Identifier: Apache-2.0
"""What several test modules use: Hypothesis' settings, and a build with a fake agent."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs
import pytest
from hypothesis import settings

# A busy machine is no reason to fail.
settings.register_profile("sockspec", deadline=None)
settings.load_profile("sockspec")

FAKES = Path(__file__).parent / "fakes"


@attrs.frozen
class FakeBuild:
    """A build directory whose agent is a script: see fakes/agent.py for what it can do."""

    path: Path

    def list_probes(self, *names: str) -> None:
        """The build has these probes to list."""
        rows = [
            {
                "name": f"fake/{n}",
                "interface": "fake",
                "sentence": "Half.",
                "hash": "1",
                "source": n,
            }
            for n in names
        ]
        (self.path / "target" / "probes.json").write_text(json.dumps(rows))

    def behave(self, mode: str, value: str = "") -> Path:
        """From now on its agent behaves so."""
        agent = self.path / "target" / "sockspec-agent"
        (agent.parent / "probes").mkdir(parents=True, exist_ok=True)
        words = shlex.join([sys.executable, str(FAKES / "agent.py"), mode, value])
        agent.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        agent.chmod(0o755)
        return self.path


@pytest.fixture
def fake_build(tmp_path: Path) -> FakeBuild:
    """A build with an honest agent."""
    build = FakeBuild(tmp_path / "build")
    build.behave("honest")
    build.list_probes("part")
    return build


@attrs.frozen
class Command:
    """The command ``sockspec``, with the fake agent, its checks and its claims."""

    environment: dict[str, str]

    def __call__(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            self.argv(arguments), env=self.environment, text=True, capture_output=True, timeout=120
        )

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start it."""
        return subprocess.Popen(
            self.argv(arguments),
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    @staticmethod
    def argv(arguments: Sequence[str | Path]) -> list[str]:
        """How it is started."""
        return [sys.executable, "-m", "sockspec", *map(str, arguments)]


@pytest.fixture
def sockspec(fake_build: FakeBuild, tmp_path: Path) -> Command:
    """The command, on the fake build."""
    kept = {name: value for name, value in os.environ.items() if "SOCKSPEC" not in name}
    return Command(
        kept
        | {
            "SOCKSPEC_BUILD": str(fake_build.path),
            "SOCKSPEC_CHECKS": str(FAKES / "checks"),
            "SOCKSPEC_CLAIMS": str(FAKES / "claims"),
            "SOCKSPEC_LIES": str(FAKES / "lies"),
            "SOCKSPEC_BASELINES": str(tmp_path / "baselines"),
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }
    )


BaselineWriter = Callable[[str], Path]


@pytest.fixture
def baseline_of(tmp_path: Path) -> BaselineWriter:
    """Writes a baseline file."""

    def write(text: str) -> Path:
        path = tmp_path / "baseline.toml"
        path.write_text(text)
        return path

    return write
