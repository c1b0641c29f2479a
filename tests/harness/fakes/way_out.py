# SPDX-License-Identifier: Apache-2.0
"""A host with a way out, in a network namespace that is its own already: runs the command in its
arguments, whose output goes to the file ``records``.

Prints a JSON object: the packets seen before it (two of ours, which prove that strays are seen) and
those seen while it ran.  The host itself says nothing: its link has no ARP, makes no addresses of
its own and so solicits no routers and reports no multicast groups.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from pathlib import Path

ALL_PROTOCOLS = 0x0003
"""ETH_P_ALL of linux/if_ether.h."""
PATIENCE_S = 30.0
STRAYS = {socket.AF_INET: "192.0.2.2", socket.AF_INET6: "2001:db8::2"}
"""Where the probes' packets would go if they left: both by way of a gateway."""
LINK = """
link set lo up
link add out type veth peer name sink
link set out arp off addrgenmode none
link set sink arp off addrgenmode none
link set sink up
link set out up
addr add 10.99.0.1/24 dev out
route add default via 10.99.0.2
"""
LINK6 = """
-6 addr add 2001:db8:99::1/64 dev out nodad
-6 route add default via 2001:db8:99::2
"""


def main() -> None:
    """Watch, be seen, run, tell."""
    families = [socket.AF_INET]
    configure(LINK)
    if Path("/proc/sys/net/ipv6").exists():
        configure(LINK6)
        families.append(socket.AF_INET6)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PROTOCOLS)) as wire:
        wire.setblocking(False)
        before = [see_a_stray(wire, family) for family in families]
        with Path("records").open("wb") as records:
            status = subprocess.run(sys.argv[1:], stdout=records).returncode
        json.dump({"before": before, "during": list(seen(wire)), "status": status}, sys.stdout)


def configure(lines: str) -> None:
    """Do what ip(8) is told, line by line."""
    for line in lines.strip().splitlines():
        subprocess.run(["ip", *line.split()], check=True)


def see_a_stray(wire: socket.socket, family: socket.AddressFamily) -> list[str]:
    """Send until it is seen: a link that has just come up drops what it is given."""
    end = time.monotonic() + PATIENCE_S
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        while time.monotonic() < end:
            with contextlib.suppress(OSError):  # no route as yet
                sender.sendto(b"stray", (STRAYS[family], 9))
            if packets := seen(wire):
                return packets
    return []


def seen(wire: socket.socket) -> list[str]:
    """The packets of all devices that have come since, each as ``DEVICE BYTES``."""
    packets = []
    with contextlib.suppress(BlockingIOError):
        while True:
            data, (device, *_) = wire.recvfrom(1 << 16)
            packets.append(f"{device} {data.hex()}")
    return packets


main()
