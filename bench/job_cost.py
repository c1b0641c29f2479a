#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a job costs beyond the bare cost of its fork, exec and namespaces.

The two are run in turn, pair by pair, so that a machine whose speed drifts slows both; the figures
are medians.  Needs a compiler and the installed package (or SOCKSPEC_BUILD).

    python3 bench/job_cost.py [--jobs 300] [--pairs 7] [--parallel 4]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from sockspec.target import Tree, find_tree

PROBE = "getpeername/udp_unconnected"
STAGES = ("lo", "pair", "wire", "host")


def build_bare(folder: Path) -> Path:
    """Compile the bare loop."""
    program = folder / "bare"
    source = Path(__file__).with_name("bare.c")
    compiler = os.environ.get("CC", "cc")
    command = [compiler, "-O2", "-std=c11", "-D_GNU_SOURCE", "-o", str(program), str(source)]
    subprocess.run(command, check=True)
    return program


def bare_us(bare: Path, tree: Tree, jobs: int, parallel: int, *, namespaces: bool) -> float:
    """Microseconds a job of the bare loop."""
    flags = "namespaces" if namespaces else "none"
    probe = tree.probes_dir / PROBE
    command = [str(bare), str(jobs), str(parallel), flags, str(probe), "family=inet"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout) / jobs / 1000


def agent_us(tree: Tree, stage: str, jobs: int, parallel: int) -> tuple[float, float]:
    """Microseconds a job of the agent, and of these what making the stage takes."""
    lines = "".join(f"{PROBE} {stage} family=inet n={n}\n" for n in range(jobs))
    command = [str(tree.agent), "--probes", str(tree.probes_dir), "--parallel", str(parallel)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as agent:
        assert agent.stdin
        assert agent.stdout
        agent.stdout.readline()  # its hello: trying the stages is not a job's cost
        begin = time.perf_counter()
        agent.stdin.write(lines.encode())
        agent.stdin.close()
        records: list[dict[str, Any]] = [json.loads(line) for line in agent.stdout]
        took = time.perf_counter() - begin
    costs = [record["cost"] for record in records if record["kind"] == "record"]
    assert len(costs) == jobs
    return took / jobs * 1e6, statistics.median(cost["stage"] for cost in costs) / 1000


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--parallel", type=int, default=2 * (os.cpu_count() or 1))
    options = parser.parse_args()
    tree = find_tree()
    with tempfile.TemporaryDirectory() as folder:
        bare = build_bare(Path(folder))
        print(f"{options.jobs} jobs, {options.parallel} at once, {options.pairs} pairs; us a job")
        print(f"{'stage':6} {'bare':>8} {'agent':>8} {'beyond':>8} {'ratio':>6} {'stage made':>11}")
        for stage in STAGES:
            pairs = []
            for _ in range(options.pairs):
                namespaces = stage != "host"
                a = bare_us(bare, tree, options.jobs, options.parallel, namespaces=namespaces)
                b, making = agent_us(tree, stage, options.jobs, options.parallel)
                pairs.append((a, b, b - a, b / a, making))
            row = [statistics.median(column) for column in zip(*pairs, strict=True)]
            print(
                f"{stage:6} {row[0]:8.0f} {row[1]:8.0f} {row[2]:8.0f} {row[3]:6.2f} {row[4]:11.0f}"
            )


if __name__ == "__main__":
    main()
