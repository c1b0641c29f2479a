#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether the verdicts of the stage ``wire`` depend on how busy the machine is.

Runs the whole set once alone, then many copies of it at once, round by round, and compares every
verdict of every copy with that of the run alone.  Prints each that differs, and ends with status 1
if any did.  A busy machine only makes it slower: the ratio tells how much.

    python3 bench/wire_copies.py [--copies 16] [--rounds 20] [--claims SELECT ...]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

Verdicts = dict[tuple[str, str], str]
"""By claim, and the variant's name, which tells the part, too."""


def start(out: Path, claims: list[str]) -> subprocess.Popen[str]:
    """One copy of the set, into a folder."""
    command = [sys.executable, "-m", "sockspec", "run", *claims, "--stage", "wire"]
    return subprocess.Popen(
        [*command, "--out", str(out)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def verdicts(out: Path) -> Verdicts:
    """What a copy found."""
    document = json.loads((out / "verdicts.json").read_text())
    return {
        (claim["id"], variant["name"]): variant["verdict"]
        for claim in document["claims"]
        for variant in claim["variants"]
    }


def finish(copy: subprocess.Popen[str], out: Path) -> Verdicts:
    """Its verdicts; a copy that found no verdicts ends the program."""
    _, said = copy.communicate()
    if copy.returncode not in (0, 1):
        sys.exit(f"a copy ended with status {copy.returncode}: {said.strip()}")
    return verdicts(out)


def differences(alone: Verdicts, copy: Verdicts) -> list[str]:
    """Each verdict that is not the same."""
    return [
        f"{' '.join(key)}: {alone.get(key)} alone, {copy.get(key)} in a copy"
        for key in sorted(alone.keys() | copy.keys())
        if alone.get(key) != copy.get(key)
    ]


def play_round(folder: Path, copies: int, claims: list[str], alone: Verdicts) -> tuple[int, float]:
    """How many verdicts of all copies differ, and the seconds that the round took."""
    begin = time.perf_counter()
    outs = [folder / str(n) for n in range(copies)]
    running = [(start(out, claims), out) for out in outs]
    wrong = [line for copy, out in running for line in differences(alone, finish(copy, out))]
    print("".join(f"  {line}\n" for line in wrong), end="")
    return len(wrong), time.perf_counter() - begin


def main() -> int:
    """Print a line a round."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--claims", nargs="*", default=[])
    options = parser.parse_args()
    total = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begin = time.perf_counter()
        alone = finish(start(folder / "alone", options.claims), folder / "alone")
        took = time.perf_counter() - begin
        print(f"alone: {len(alone)} verdicts, {took:.1f} s")
        for number in range(1, options.rounds + 1):
            wrong, round_took = play_round(folder, options.copies, options.claims, alone)
            total += wrong
            print(
                f"round {number}: {options.copies} copies, {wrong} verdicts differ, "
                f"{round_took / took:.1f} times as long",
                flush=True,
            )
    print(f"{total} of {options.rounds * options.copies * len(alone)} verdicts differ")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
