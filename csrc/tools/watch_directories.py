#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make Ninja run Meson again when a file is added to or removed from a directory.

``watch_directories.py DIRECTORY...``, relative to the source root, run by Meson after it wrote
``build.ninja``.  Meson looks for changes only in files that it knows, so that a new probe would go
unseen until somebody configures again.  A directory's modification time changes when an entry comes
or goes, and Ninja compares directories as it does files: this adds them, with all directories
below, to what ``build.ninja`` depends on.  Without Ninja there is nothing to do.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

RULE = "build build.ninja: REGENERATE_BUILD "


def directories_below(root: Path) -> list[Path]:
    """``root`` and all directories below it, sorted."""
    return sorted(Path(here) for here, _, _ in os.walk(root) if "__pycache__" not in here)


def escaped(path: str) -> str:
    """A path as build.ninja spells it."""
    return path.replace("$", "$$").replace(" ", "$ ").replace(":", "$:")


def main(names: list[str]) -> None:
    """Add the directories to the rule; an error if Meson writes that rule in another way."""
    source = Path(os.environ["MESON_SOURCE_ROOT"])
    ninja_file = Path(os.environ["MESON_BUILD_ROOT"]) / "build.ninja"
    if not ninja_file.exists():
        return
    text = ninja_file.read_text(encoding="utf-8")
    if text.count(RULE) != 1:
        sys.exit(f"{ninja_file}: no single rule '{RULE.strip()}'; is this Meson too new?")
    found = [d for name in names for d in directories_below(source / name)]
    listed = " ".join(escaped(str(d)) for d in found)
    text = text.replace(RULE, f"{RULE}{listed} ")
    # A directory that was removed is then out of date, and not an error.
    text += f"\nbuild {listed}: phony\n"
    temporary = ninja_file.with_suffix(".new")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(ninja_file)


if __name__ == "__main__":
    main(sys.argv[1:])
