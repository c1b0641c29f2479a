# SPDX-License-Identifier: Apache-2.0
"""Run a command as an ordinary user: ``as_ordinary_user.py COMMAND [ARGUMENT...]``.

If root runs it, the command runs as nobody; else as whoever runs it.  Its working directory is a
fresh one of its own, which is removed afterwards.  Where the checkout or Python lie below a
directory that is closed to others, such as /root, the command keeps the one capability to read
files there.  In the user namespace of a job that capability is worth nothing, so the agent and the
probes are copied to where anybody may start them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import sockspec

NOBODY = 65534
READING = "+dac_read_search"


def is_open(path: Path) -> bool:
    """Whether all directories above can be passed by anybody."""
    return all(parent.stat().st_mode & 0o001 for parent in path.parents)


def prefix(program: str) -> list[str]:
    """What makes a command an ordinary user's."""
    if os.geteuid() != 0:
        return []
    command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    needed = [Path(program), Path(sys.executable), Path(sys.executable).resolve()]
    if all(is_open(path) for path in needed):
        return command
    return [*command, f"--inh-caps={READING}", f"--ambient-caps={READING}"]


def copy_of_the_target(directory: str) -> str:
    """A build directory with a copy of the installed agent and probes."""
    installed = Path(sockspec.__file__).parent / "target"
    build = Path(directory) / "build"
    shutil.copytree(installed, build / "target")
    return str(build)


def main(arguments: list[str]) -> int:
    """Run it; its exit status."""
    program = shutil.which(arguments[0])
    if program is None:
        sys.exit(f"error: {arguments[0]} was not found")
    with tempfile.TemporaryDirectory() as directory:
        if os.geteuid() == 0:
            os.chown(directory, NOBODY, NOBODY)
        environment = {
            **os.environ,
            "HOME": directory,
            "TMPDIR": directory,
            "SOCKSPEC_BUILD": copy_of_the_target(directory),
        }
        command = [*prefix(program), program, *arguments[1:]]
        return subprocess.run(command, cwd=directory, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
