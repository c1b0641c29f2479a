#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""List the files below a directory, one a line, relative to it and sorted.

``list_files.py DIRECTORY [SUFFIX...]``: with suffixes, only files that end in one of them.  Left
out are hidden files, Python's caches and compiled modules, and editors' backups.  A directory that
does not exist has no files.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

SKIPPED_SUFFIXES = (".pyc", ".so", "~")


def files_below(directory: str) -> Iterator[str]:
    """Every file below ``directory`` that is a source, in no certain order."""
    for here, directories, names in os.walk(directory):
        directories[:] = [d for d in directories if d != "__pycache__" and not d.startswith(".")]
        for name in names:
            if not name.startswith(".") and not name.endswith(SKIPPED_SUFFIXES):
                yield os.path.relpath(os.path.join(here, name), directory).replace(os.sep, "/")


def main(directory: str, *suffixes: str) -> None:
    """Print the list; no suffix means every file."""
    for name in sorted(files_below(directory)):
        if not suffixes or name.endswith(suffixes):
            print(name)


if __name__ == "__main__":
    main(*sys.argv[1:])
