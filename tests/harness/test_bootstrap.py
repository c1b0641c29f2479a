# SPDX-License-Identifier: Apache-2.0
"""bootstrap.py: what it says when something is missing, and that it builds only what changed.

It is run as a user runs it, in a copy of the checkout's outline, with commands that fail in place
of the compiler's and pip's.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
BOOTSTRAP = ROOT / "bootstrap.py"
PYTHON_PACKAGE = "python{}.{}".format(*sys.version_info)


def script(path: Path, text: str) -> Path:
    """An executable shell script."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A directory with bootstrap.py and as little else as it reads."""
    directory = tmp_path / "a checkout"
    directory.mkdir()
    shutil.copy(BOOTSTRAP, directory)
    (directory / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["builder"]\n[project]\ndependencies = ["needed>=1"]\n'
    )
    (directory / "csrc").mkdir()
    (directory / "csrc/a.c").write_text("int a;\n")
    return directory


def run(
    checkout: Path, *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "bootstrap.py", *arguments]
    kept = {k: v for k, v in os.environ.items() if k not in {"CC", "PYTHONPATH"}}
    return subprocess.run(
        command,
        cwd=checkout,
        env=kept | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )


def the_error(result: subprocess.CompletedProcess[str]) -> str:
    """The one line that was said; everything else about a missing thing is alike."""
    assert result.returncode == 3, result.stderr
    assert result.stdout == ""
    lines = [line for line in result.stderr.splitlines() if not line.startswith("bootstrap: ")]
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("error: ")
    return lines[0]


# --- what is missing ---


def test_no_compiler(checkout: Path, tmp_path: Path) -> None:
    error = the_error(run(checkout, "run", environment={"PATH": str(tmp_path)}))
    assert "no C compiler" in error
    assert "apt install gcc" in error


def test_the_compiler_of_the_environment_cannot_be_started(checkout: Path) -> None:
    error = the_error(run(checkout, "run", environment={"CC": "/nonexistent/cc -m64"}))
    assert "$CC" in error
    assert "/nonexistent/cc" in error


@pytest.mark.parametrize(
    ("header", "package"),
    [
        ("stdio.h", "libc6-dev"),
        ("linux/if_packet.h", "linux-libc-dev"),
        ("Python.h", f"{PYTHON_PACKAGE}-dev"),
    ],
)
def test_no_headers(checkout: Path, tmp_path: Path, header: str, package: str) -> None:
    lacking = f'case "$1" in --version) exit 0;; esac\nif grep -q "{header}"; then exit 1; fi'
    compiler = script(tmp_path / "cc", lacking)
    error = the_error(run(checkout, "run", environment={"CC": str(compiler)}))
    assert header in error or "C library" in error or "kernel" in error
    assert f"apt install {package}`" in error


def test_a_program_cannot_be_linked(checkout: Path, tmp_path: Path) -> None:
    lacking = 'case "$*" in *--version*|*-E*) exit 0;; esac\nexit 1'
    compiler = script(tmp_path / "cc", lacking)
    error = the_error(run(checkout, "run", environment={"CC": str(compiler)}))
    assert "link" in error
    assert "libc6-dev" in error


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_no_venv(checkout: Path, tmp_path: Path, module: str) -> None:
    """Debian's Python without python3-venv: the module is not there."""
    (tmp_path / f"{module}.py").write_text("raise ImportError\n")
    error = the_error(run(checkout, "run", environment={"PYTHONPATH": str(tmp_path)}))
    assert f"module {module} " in error
    assert f"apt install {PYTHON_PACKAGE}-venv" in error


def test_python_too_old(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 6, 15))
    assert loaded(BOOTSTRAP).guarded(["run"]) == 3
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "Python 3.6.15 is too old" in error


def test_an_old_python_can_read_it() -> None:
    """Else it would say SyntaxError instead of what is wrong."""
    ast.parse(BOOTSTRAP.read_text(), feature_version=(3, 6))
    found = shutil.which("python3.6") or shutil.which("python3.8") or shutil.which("python3.9")
    if found is None or subprocess.run([found, "-V"], capture_output=True).returncode != 0:
        return
    result = subprocess.run([found, str(BOOTSTRAP), "run"], capture_output=True, text=True)
    assert result.returncode == 3
    assert "is too old" in result.stderr


def test_the_package_index_cannot_be_reached(checkout: Path) -> None:
    closed = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1"}
    offline = closed | {"PIP_CONFIG_FILE": os.devnull, "PIP_EXTRA_INDEX_URL": "", "no_proxy": "*"}
    error = the_error(run(checkout, "run", environment=offline))
    assert "package index" in error
    assert ".venv/bootstrap.log" in error
    assert "needed>=1" in (checkout / ".venv/bootstrap.log").read_text()


def test_without_a_command_it_says_how_it_is_used(checkout: Path) -> None:
    result = run(checkout)
    assert result.returncode == 2
    assert "bootstrap.py run" in result.stdout
    assert run(checkout, "--help").returncode == 0


# --- what it does ---


def loaded(path: Path) -> ModuleType:
    """bootstrap.py as a module."""
    spec = importlib.util.spec_from_file_location("bootstrap", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Steps:
    """What a loaded bootstrap.py would have started."""

    def __init__(self, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.commands: list[list[str]] = []
        self.executed: list[str] = []
        module = loaded(checkout / "bootstrap.py")
        venv = checkout / ".venv/bin"
        venv.mkdir(parents=True)
        shutil.copy("/bin/sh", venv / "python")
        monkeypatch.setattr(module, "check_all", lambda: None)
        monkeypatch.setattr(module, "logged", lambda command, *_: self.commands.append(command))
        monkeypatch.setattr(module, "run_quiet", self._run_quiet)
        monkeypatch.setattr(module.os, "execv", self._execv)
        monkeypatch.setenv("PATH", os.environ["PATH"])
        monkeypatch.delenv("CC", raising=False)
        self.module = module

    def _run_quiet(self, command: list[str]) -> int:
        self.commands.append(command)
        return 0

    def _execv(self, _program: str, command: list[str]) -> None:
        self.executed = command[1:]
        raise SystemExit(0)

    def __call__(self, *arguments: str) -> int:
        """Run it, and count the commands."""
        self.commands.clear()
        with pytest.raises(SystemExit):
            self.module.main(list(arguments))
        return len(self.commands)


@pytest.fixture
def steps(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Steps:
    monkeypatch.chdir(checkout)
    return Steps(checkout, monkeypatch)


def test_it_builds_once(steps: Steps) -> None:
    assert steps("run") == 3  # the environment, what is needed, the project
    assert {"builder", "needed>=1"} <= set(steps.commands[1])
    assert steps("run") == 0


def test_it_builds_again_what_changed(
    steps: Steps, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps("run")
    (checkout / "csrc/a.c").write_text("int b;\n")
    assert steps("run") == 1
    (checkout / "csrc/new.c").write_text("int b;\n")
    assert steps("run") == 1
    (checkout / "csrc/new.c").unlink()
    assert steps("run") == 1
    (checkout / "csrc/__pycache__").mkdir()
    (checkout / "csrc/__pycache__/a.pyc").write_text("")
    assert steps("run") == 0
    monkeypatch.setenv("CC", "clang")
    assert steps("run") == 1


def test_it_installs_again_what_else_is_needed(steps: Steps, checkout: Path) -> None:
    steps("run")
    project = checkout / "pyproject.toml"
    project.write_text(project.read_text().replace("needed>=1", "needed>=2"))
    assert steps("run") == 2
    assert "needed>=2" in steps.commands[0]


def test_a_build_that_failed_is_done_again(
    steps: Steps, monkeypatch: pytest.MonkeyPatch, checkout: Path
) -> None:
    def failing(*_: object) -> None:
        raise steps.module.Missing("it failed")

    with monkeypatch.context() as patch:
        patch.setattr(steps.module, "logged", failing)
        assert steps.module.guarded(["run"]) == 3
    assert steps("run") == 2


@pytest.mark.parametrize(
    ("given", "passed_on"),
    [
        (["run"], ["run", "--out", "reports/latest"]),
        (["run", "connect.*"], ["run", "--out", "reports/latest", "connect.*"]),
        (["run", "--out", "elsewhere"], ["run", "--out", "elsewhere"]),
        (["run", "--out=elsewhere"], ["run", "--out=elsewhere"]),
        (["explain", "close.last-reference"], ["explain", "close.last-reference"]),
    ],
)
def test_arguments_are_passed_on(steps: Steps, given: list[str], passed_on: list[str]) -> None:
    steps(*given)
    program, *arguments = steps.executed
    assert program.endswith("/.venv/bin/sockspec")
    assert arguments == passed_on


def test_tests_need_only_tox(steps: Steps) -> None:
    assert steps("test", "-e", "lint") == 2
    assert steps.commands[1][-1].startswith("tox")
    assert steps.executed[0].endswith("/.venv/bin/tox")
    assert steps.executed[-2:] == ["-e", "lint"]
