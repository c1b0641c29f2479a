#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""When a blocking connect() returns: how far from the SYN+ACK that ends its wait, and from the ACK.

The scripted peer holds the SYN+ACK back until the caller is seen asleep.  The machine's own noise
is how far a blocked recv() returns from the datagram that ends its wait, measured in turn with it,
in the same jobs.  All stand on one clock.  A return before the SYN+ACK is an error: status 1.

    python3 bench/connect_return.py [--connections 2000] [--a-job 100] [--family inet]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from collections.abc import Iterable, Iterator

from sockspec import model
from sockspec.call import CallView
from sockspec.record import RecordView
from sockspec.store import decode
from sockspec.target import find_tree
from sockspec.witness import Packet

PROBE = "connect/return_distance"
PERCENTILES = (1, 10, 50, 90, 99)


def records(connections: int, a_job: int, family: str) -> Iterator[RecordView]:
    """One job's record after the other; no two jobs run at once."""
    tree = find_tree()
    jobs = -(-connections // a_job)
    lines = "".join(f"{PROBE} wire family={family} n={n} times={a_job}\n" for n in range(jobs))
    command = [str(tree.agent), "--probes", str(tree.probes_dir), "--parallel", "1"]
    done = subprocess.run(command, input=lines.encode(), check=True, stdout=subprocess.PIPE)
    for line in map(decode, done.stdout.splitlines()):
        if isinstance(line, model.Record):
            yield RecordView(line)


def first(packets: Iterable[Packet]) -> dict[int | None, Packet]:
    """The first packet to or from each of the peer's ports; each connection has one of its own."""
    found: dict[int | None, Packet] = {}
    for packet in packets:
        found.setdefault(packet.dport if packet.sent else packet.sport, packet)
    return found


def distances(record: RecordView) -> Iterator[tuple[str, float]]:
    """What was measured, and how far it was, us."""
    answers = first(p for p in record.packets if p.is_syn_ack)
    acks = first(p for p in record.packets if p.sent and p.is_bare_ack)
    for call in record.calls("connect"):
        port = call.argument_address.port
        yield "SYN+ACK to return", us(answers[port], call)
        yield "ACK to return", us(acks[port], call)
    marks = [p for p in record.packets if p.is_udp and not p.sent]
    for mark, call in zip(marks, record.calls("recv"), strict=True):
        yield "datagram to return", us(mark, call)


def us(packet: Packet, call: CallView) -> float:
    """Microseconds from a packet to a call's return; below 0: the return was first."""
    return (call.t_out - packet.t) / 1000


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--connections", type=int, default=2000)
    parser.add_argument("--a-job", type=int, default=100, help="connections in a job, up to 200")
    parser.add_argument("--family", choices=("inet", "inet6"), default="inet")
    options = parser.parse_args()
    seen: dict[str, list[float]] = {}
    for record in records(options.connections, options.a_job, options.family):
        for name, distance in distances(record):
            seen.setdefault(name, []).append(distance)
    noise = statistics.median(seen["datagram to return"])
    print(f"{'us':20} {'n':>6} {'min':>8}", *(f"{p:>7}%" for p in PERCENTILES), f"{'ratio':>7}")
    for name, values in seen.items():
        cuts = statistics.quantiles(values, n=100)
        shown = " ".join(f"{cuts[p - 1]:8.1f}" for p in PERCENTILES)
        ratio = statistics.median(values) / noise
        print(f"{name:20} {len(values):6} {min(values):8.1f} {shown} {ratio:7.2f}")
    early = sum(distance <= 0 for distance in seen["SYN+ACK to return"])
    print(f"returns before the SYN+ACK: {early}")
    return 1 if early else 0


if __name__ == "__main__":
    sys.exit(main())
