#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check the C sources with clang-format and clang-tidy.

``lint.py BUILD_DIRECTORY``, which is configured if it is not; Meson's compile database there tells
clang-tidy how each file is compiled.  Says nothing when all is well; else the status is 1.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def output_of(command: list[str]) -> str:
    """What a command that failed said; empty if it did not fail."""
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return result.stdout + result.stderr if result.returncode else ""


def configure(build: Path) -> None:
    """Make the compile database; what goes wrong ends the program."""
    if (build / "compile_commands.json").exists():
        return
    if failure := output_of(["meson", "setup", str(build), str(ROOT)]):
        sys.exit(failure)


def commands(build: Path) -> Iterable[list[str]]:
    """All that has to succeed."""
    sources = sorted((ROOT / "csrc").rglob("*.[ch]"))
    yield ["clang-format", "--dry-run", "--Werror", *map(str, sources)]
    for source in sources:
        if source.suffix == ".c":
            # The database may be made for gcc, which has warnings that clang does not know.
            extra = "--extra-arg=-Wno-unknown-warning-option"
            yield ["clang-tidy", "--quiet", extra, "-p", str(build), str(source)]


def main(build: Path) -> int:
    """Run them side by side, and show what those that failed say."""
    configure(build)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        failures = [failure for failure in pool.map(output_of, commands(build)) if failure]
    print("\n".join(failures), end="")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
