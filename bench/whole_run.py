#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the whole run on this host takes, whose share is what, and how it grows with the jobs.

Each part is timed alone on the same jobs, in turn with the whole, and given as its median and as a
share of the whole; recording and judging overlap, so that the shares add up to more than one.

    python3 bench/whole_run.py [--rounds 5]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sockspec.target import find_tree

SOCKSPEC = [sys.executable, "-m", "sockspec"]
GROWTH = (250, 500, 1000, 2000, 4000)


def timed(command: list[str], given: str | None = None) -> float:
    """Seconds that a command takes; its exit status has to be 0."""
    begin = time.perf_counter()
    subprocess.run(command, input=given, text=True, check=True, capture_output=True)
    return time.perf_counter() - begin


def jobs_of(records: Path) -> list[str]:
    """The jobs that a run recorded."""
    lines = (json.loads(line) for line in records.read_text().splitlines())
    return [line["job"] for line in lines if line["kind"] == "record"]


def agent() -> list[str]:
    """The agent's command."""
    tree = find_tree()
    return [str(tree.agent), "--probes", str(tree.probes_dir)]


def shares(out: Path, rounds: int) -> None:
    """Print the whole and its parts."""
    records = out / "records.jsonl"
    timed([*SOCKSPEC, "run", "--out", str(out)])
    jobs = jobs_of(records)
    given = "".join(f"{job}\n" for job in jobs)
    parts: dict[str, tuple[list[str], str | None]] = {
        "the whole run": ([*SOCKSPEC, "run", "--out", str(out)], None),
        "agent alone": (agent(), given),
        "judge alone (pytest)": ([*SOCKSPEC, "judge", str(records)], None),
        "report alone": (
            [*SOCKSPEC, "report", str(out / "verdicts.json"), "-o", str(out / "again.html")],
            None,
        ),
    }
    took: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(rounds):
        for name, (command, text) in parts.items():
            took[name].append(timed(command, text))
    whole = statistics.median(took["the whole run"])
    print(f"{len(jobs)} jobs, {rounds} rounds, medians")
    for name, seconds in took.items():
        middle = statistics.median(seconds)
        print(f"  {name:22} {middle:6.2f} s  {middle / whole:5.0%}")


def growth(out: Path) -> None:
    """Print the agent's time for more and more jobs, the same mix each time."""
    jobs = jobs_of(out / "records.jsonl")
    print("growth: the agent's time by the number of jobs")
    for count in GROWTH:
        lines = [f"{jobs[n * 7919 % len(jobs)]} n={n}\n" for n in range(count)]
        seconds = timed(agent(), "".join(lines))
        print(f"  {count:5} jobs {seconds:6.2f} s  {seconds / count * 1000:5.2f} ms a job")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shares(Path(folder), options.rounds)
        growth(Path(folder))


if __name__ == "__main__":
    main()
