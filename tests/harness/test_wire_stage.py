# SPDX-License-Identifier: Apache-2.0
"""The stage ``wire``: a near host that is silent by itself, and a peer that does what it is told.

The scripts in ``fakes/wire.c`` are played by the real agent, under the name of a real probe.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import pytest

from sockspec.model import Hello, Peer, Record
from sockspec.record import RecordView
from sockspec.store import decode
from sockspec.target import find_tree
from sockspec.timeline import as_text, timeline

ROOT: Final = Path(__file__).resolve().parents[2]
FAKES: Final = Path(__file__).parent / "fakes"
KIT: Final = ROOT / "csrc/kit"
AGENT: Final = ROOT / "csrc/agent"
PROBE: Final = "connect/held"
CLAIM: Final = "connect.tcp-handshake"
"""All that shows it is packets, some of them on the stage ``wire``."""
ELSEWHERE: Final = "names.udp-unconnected-peer"
"""It needs neither packets nor the wire."""
WIRES: Final = ("veth", "tun")
FAMILIES: Final = ("inet", "inet6")
PATIENCE_S: Final = 60.0
NOBODY: Final = 65534

pytestmark = pytest.mark.needs("cc")


def compile_c(program: Path, *arguments: str | Path) -> Path:
    """The program, made of these sources."""
    flags = ["-std=c11", "-D_GNU_SOURCE", "-g", "-O1", "-Wall", "-Wextra", "-Werror"]
    command = [os.environ.get("CC", "cc"), *flags, *map(str, arguments), "-o", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return program


@pytest.fixture(scope="module")
def probes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the scripts, under the name of a real probe."""
    folder = tmp_path_factory.mktemp("probes")
    (folder / PROBE).parent.mkdir()
    compile_c(folder / PROBE, f"-I{KIT}", FAKES / "wire.c", *sorted(KIT.glob("*.c")), "-pthread")
    return folder


@attrs.frozen
class Host:
    """An agent, with the scripts and one way to join the peer."""

    probes: Path
    wire: str = "veth"
    agent: Path = attrs.field(factory=lambda: Path(find_tree().agent))
    prefix: tuple[str | Path, ...] = ()
    """What starts the agent, if not the test itself."""
    may_lack: bool = True
    """Whether the machine is to blame where the stage cannot be had."""
    options: tuple[str, ...] = attrs.field()

    @options.default
    def _asks_for_it(self) -> tuple[str, ...]:
        return ("--wire", self.wire)

    def run(self, *jobs: str) -> tuple[Hello, list[Record]]:
        """What the agent says of its stages, and the jobs' records by the order of their end."""
        done = subprocess.run(
            [
                *(*self.prefix, self.agent, "--probes", self.probes),
                *("--limit-ms", "8000", *self.options),
            ],
            input="".join(f"{job}\n" for job in jobs),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        assert (done.returncode, done.stderr) == (0, "")
        hello, *records, _ = map(decode, done.stdout.encode().splitlines())
        assert isinstance(hello, Hello)
        return hello, [record for record in records if isinstance(record, Record)]

    def record(self, script: str, family: str = "inet", stage: str = "wire") -> Record:
        """What a script leaves."""
        hello, (record,) = self.run(f"{PROBE} {stage} family={family} script={script}")
        why_not = {it.name: it.why_not for it in hello.stages}[stage]
        if why_not is not None:
            assert self.may_lack, why_not
            cannot_be_had(f"did not run: the stage {stage} by {self.wire}: {why_not}")
        return record

    def play(self, script: str, family: str = "inet", stage: str = "wire") -> RecordView:
        """The same, for a script that ends well."""
        record = self.record(script, family, stage)
        assert record.end.how == "exit", as_text(timeline(record))
        assert record.end.status == 0, as_text(timeline(record))
        return RecordView(record)


def cannot_be_had(why: str) -> None:
    """A machine may lack it, but not root's where all has to run."""
    if os.environ.get("CI") and os.geteuid() == 0:
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(params=WIRES)
def host(request: pytest.FixtureRequest, probes: Path) -> Host:
    """By veth and by TUN."""
    return Host(probes, request.param)


def in_vain(record: RecordView) -> list[str]:
    """What the peer waited for, and did not get."""
    return [event.what for event in record.events if isinstance(event, Peer) and not event.came]


# --- the near host -----------------------------------------------------------------------------


def test_the_near_host_says_nothing_by_itself(host: Host) -> None:
    """No ARP, no neighbour or router discovery, no report of a group: for longer than a second."""
    assert host.play("idle").all_packets == ()


def test_the_addresses_are_those_of_the_kit(host: Host) -> None:
    assert sorted(host.play("addresses").notes("address")) == [
        "lo 127.0.0.1/8",
        "lo ::1/128",
        "near 192.0.2.1/24",
        "near 2001:db8::1/64",
    ]


def test_routes_lead_to_the_link_and_nowhere_else(host: Host) -> None:
    """What is beyond is refused at once, as on ``pair``: EHOSTUNREACH or no route at all."""
    record = host.play("routes")
    there = {name: record.text(name) for name in ("192.0.2.2", "192.0.2.3", "2001:db8::2")}
    assert set(there.values()) == {"a route"}
    assert record.text("2001:db8::3") == "a route"
    assert record.text("198.51.100.1") == record.text("2001:db8:2::1") == "EHOSTUNREACH"
    assert record.text("203.0.113.1") == record.text("2001:db8:3::1") == "ENETUNREACH"
    assert record.all_packets == ()


WITHOUT_INET6 = """\
#include "agent.h"
#include "probe_table.h"
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

const struct probe_entry probe_table[] = {{"connect/held", "0", false}};
const size_t probe_count = 1;

int __real_link_make_wire(int near_fd, int far_fd, char *why, size_t size);
int __wrap_link_make_wire(int near_fd, int far_fd, char *why, size_t size);
int __real_link_make_tun(char *why, size_t size);
int __wrap_link_make_tun(char *why, size_t size);

static void forbid(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "1", 1) != 1)
		abort();
	close(fd);
}

static void forbid_inet6(void)
{
	forbid("/proc/sys/net/ipv6/conf/all/disable_ipv6");
	forbid("/proc/sys/net/ipv6/conf/default/disable_ipv6");
}

int __wrap_link_make_wire(int near_fd, int far_fd, char *why, size_t size)
{
	forbid_inet6();
	return __real_link_make_wire(near_fd, far_fd, why, size);
}

int __wrap_link_make_tun(char *why, size_t size)
{
	forbid_inet6();
	return __real_link_make_tun(why, size);
}
"""


@pytest.fixture(scope="module")
def agent_without_inet6(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An agent whose near host has IPv6 switched off before its link is made."""
    folder = tmp_path_factory.mktemp("agent")
    (folder / "without.c").write_text(WITHOUT_INET6)
    wrapped = ("link_make_wire", "link_make_tun")
    return compile_c(
        folder / "agent",
        '-DSOCKSPEC_VERSION="0"',
        *(f"-I{AGENT}", f"-I{KIT}"),
        *sorted(AGENT.glob("*.c")),
        folder / "without.c",
        *(f"-Wl,--wrap={name}" for name in wrapped),
    )


def test_the_stage_is_made_without_ipv6(host: Host, agent_without_inet6: Path) -> None:
    host.play("addresses")  # where it cannot be had at all
    without = attrs.evolve(host, agent=agent_without_inet6, may_lack=False)
    assert without.play("no_inet6").text("bind") == "EADDRNOTAVAIL"
    assert without.play("idle").all_packets == ()
    record = without.play("two_flows")
    assert in_vain(record) == []
    assert all(packet.sent or packet.src == "192.0.2.2" for packet in record.all_packets)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that anybody may look into."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.needs("setpriv")
@pytest.mark.parametrize("family", FAMILIES)
def test_an_ordinary_user_has_the_stage(host: Host, open_folder: Path, family: str) -> None:
    shutil.copytree(host.probes, open_folder / "probes")
    (open_folder / "probes").chmod(0o755)
    agent = Path(shutil.copy(find_tree().agent, open_folder / "agent"))
    as_nobody = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    prefix = as_nobody if os.geteuid() == 0 else ()
    user = Host(open_folder / "probes", host.wire, agent, prefix)
    assert user.run()[0].facts["uid"] == (NOBODY if prefix else os.geteuid())
    record = user.play("two_flows", family)
    assert in_vain(record) == []
    assert record.packets


# --- the other end -----------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_nobody_answers_for_the_peer(host: Host, family: str) -> None:
    """Not to a SYN, a datagram or an echo request: no kernel has the peer's address."""
    record = host.play("knock", family)
    first, last = record.all_packets[0], record.all_packets[-1]
    assert [p.protocol for p in record.packets if p.sent][:2] == ["TCP", "UDP"]
    assert "ICMP" in record.packets[2].protocol
    assert [p for p in record.all_packets if not p.sent and p.fence is None] == []
    assert first.sent
    assert (last.fence, last.sent) == (2, False)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_near_host_hears_nothing_of_what_it_sends(host: Host, family: str) -> None:
    """The link's other end is not its own: its IP gets no packet, its sockets get no datagram.

    But for the broadcasts: of each of these Linux gives the sender's host a copy.
    """
    record = host.play("unheard", family)
    copies = 2 if family == "inet" else 0
    assert record.number("received") == copies
    assert len(record.notes("heard")) == copies
    sent = [packet.dst for packet in record.packets]
    inet = ["192.0.2.2", "192.0.2.3", "224.0.0.1", "255.255.255.255", "192.0.2.255"]
    assert sent == (inet if family == "inet" else ["2001:db8::2", "2001:db8::3", "ff02::1"])
    assert [p for p in record.all_packets if not p.sent and p.fence is None] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_segments_are_whole_and_no_longer_than_may_be(host: Host, family: str) -> None:
    """The link's device could be given more in one piece, and without checksums."""
    record = host.play("bulk", family)
    assert in_vain(record) == []
    mss = 1460 if family == "inet" else 1440
    assert (record.number("left"), record.number("wrong")) == (0, 0)
    assert record.number("longest") == mss
    assert record.number("segments") >= 60000 // mss
    assert max(packet.payload_length for packet in record.packets) == mss


@pytest.mark.parametrize("family", FAMILIES)
def test_a_datagram_has_its_checksum(host: Host, family: str) -> None:
    assert host.play("checksum_of_a_datagram", family).number("right") == 1


def test_what_the_peer_does_not_look_at_yet_is_kept(host: Host) -> None:
    """200 long datagrams: less than the peer holds, and more than a socket does by default."""
    record = host.play("burst")
    assert record.number("came") == 200


# --- the peer's waits --------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_what_never_comes_is_an_event_and_no_fault(host: Host, family: str) -> None:
    record = host.play("in_vain", family)
    names = ("flags", "data", "takes", "again", "datagram", "acknowledged")
    assert [record.number(name) for name in names] == [0] * 6
    waited_for = [
        "SYN+ACK",
        "7 bytes of data",
        "8 bytes of data",
        "a retransmission",
        "a datagram",
        "the acknowledgement of what it sent",
    ]
    assert in_vain(record) == waited_for
    text = as_text(timeline(record.record))
    for what in waited_for:
        assert f"the peer waited for {what} in vain\n" in text
    assert record.why_incomplete is None


@pytest.mark.parametrize("stage", ["lo", "pair", "host"])
def test_another_stage_has_no_peer(probes: Path, stage: str) -> None:
    record = Host(probes).play("in_vain", stage=stage).record
    (event,) = record.events
    assert as_text(timeline(record)).endswith(
        "not available: a scripted peer, which the stage wire gives\n"
    )
    assert type(event).__name__ == "Unavailable"


@pytest.mark.parametrize("family", FAMILIES)
def test_each_flow_takes_its_own_packets(host: Host, family: str) -> None:
    """Whatever order they are asked for in."""
    record = host.play("two_flows", family)
    assert in_vain(record) == []
    for name in ("one", "two", "three", "four"):
        assert bytes.fromhex(record.text(name)).decode() == name


@pytest.mark.parametrize("family", FAMILIES)
def test_a_flow_begins_with_who_calls_its_port(host: Host, family: str) -> None:
    record = host.play("two_calls", family)
    assert (record.number("first"), record.number("second")) == (1, 1)
    assert in_vain(record) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_a_flow_is_of_one_socket(host: Host, family: str) -> None:
    """A second socket that sends to the same port is another conversation."""
    record = host.play("one_port", family)
    assert bytes.fromhex(record.text("one")) == b"one"
    assert in_vain(record) == []


def test_a_syn_that_comes_again_is_not_new(host: Host) -> None:
    record = host.play("syn_again")
    assert [record.number(name) for name in ("first", "again", "count")] == [1, 1, 1]
    assert (record.number("no other number"), record.number("new")) == (1, 0)
    assert record.number("answered") == 1
    assert in_vain(record) == ["SYN"]


def test_of_two_syns_that_lie_there_the_first_begins(host: Host) -> None:
    record = host.play("two_syns")
    assert (record.number("first"), record.number("answered")) == (1, 1)
    assert record.notes("count") == (0, 1)


def test_more_than_the_peer_holds_is_a_fault(host: Host) -> None:
    record = host.record("overflow")
    assert record.end.status == 3
    assert (
        "set-up failed: the peer has 256 packets that no line of the script takes at peer.c:"
        in (as_text(timeline(record)))
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_what_stands_before_a_marker_has_come(host: Host, family: str) -> None:
    record = host.play("fences", family)
    assert (record.number("received"), record.number("taken")) == (2, 1)
    assert in_vain(record) == []
    seen = [
        ("out" if packet.sent else "in", packet.fence or packet.payload.decode())
        for packet in record.all_packets
    ]
    assert seen == [("out", 1), ("in", "hi"), ("in", 2), ("out", "ho"), ("out", 3), ("in", 4)]


# --- where there is no wire --------------------------------------------------------------------

FORBID = """\
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_tun.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW 4
#else
#define LOW 0
#endif
#define LOAD(at) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (at))
#define ARGUMENT(n) (offsetof(struct seccomp_data, args) + 8 * (n) + LOW)
#define IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))

/* Starts a program that may open no packet socket, if PACKETS, and make no TUN device, if TUN. */
int main(int argc, char **argv)
{
	struct sock_filter code[] = {
		LOAD(offsetof(struct seccomp_data, nr)),
		IS(SYS_socket, 0, 2),
		LOAD(ARGUMENT(0)),
		IS(AF_PACKET, 3 + PACKETS, 3),
		IS(SYS_ioctl, 0, 2),
		LOAD(ARGUMENT(1)),
		IS(TUNSETIFF, TUN, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	};
	struct sock_fprog filter = {sizeof code / sizeof *code, code};

	if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return 125;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter))
		return 125;
	execvp(argv[1], argv + 1);
	return 126;
}
"""


def compile_forbid(folder: Path, *, packets: bool, tun: bool) -> Path:
    """What starts a program that has not got all of it."""
    (folder / "forbid.c").write_text(FORBID)
    flags = (f"-DPACKETS={packets:d}", f"-DTUN={tun:d}")
    return compile_c(folder / f"forbid{packets:d}{tun:d}", *flags, folder / "forbid.c")


@pytest.fixture(scope="module")
def forbidding(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """What forbids packet sockets, and what forbids TUN devices, too."""
    folder = tmp_path_factory.mktemp("forbid")
    one, both = (compile_forbid(folder, packets=True, tun=tun) for tun in (False, True))
    return one, both


def sockspec(prefix: Path | None, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command, where something may be forbidden."""
    command: list[str | Path] = [sys.executable, "-m", "sockspec", *arguments]
    return subprocess.run(
        [prefix, *command] if prefix else command,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S * 2,
    )


@pytest.mark.parametrize("tun", [False, True], ids=["no-packets", "no-tun"])
def test_without_packet_sockets_the_rest_is_judged(
    forbidding: tuple[Path, Path], tmp_path: Path, tun: bool
) -> None:
    """What needs the wire is not observed, with the reason, and the run is as good as without."""
    done = sockspec(forbidding[tun], "run", CLAIM, ELSEWHERE, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "verdicts.json").read_text())
    claims = {claim["id"]: claim for claim in document["claims"]}
    assert claims[ELSEWHERE]["verdict"] == "holds"
    assert claims[CLAIM]["verdict"] == "not observed"
    reasons = {
        variant["why"] for variant in claims[CLAIM]["variants"] if " wire " in variant["name"]
    }
    refused = "socket(AF_PACKET): Operation not permitted"
    has_tun = not tun and document["target"]["stages"]["wire"]["available"]
    expected = "no packets are captured" if has_tun else f"no stage wire here: {refused}"
    assert len(reasons) == 1
    assert expected in reasons.pop()


def test_the_peer_is_joined_by_tun_where_that_is_open(probes: Path) -> None:
    """One device and one namespace a job are less than two of each."""
    Host(probes, "tun").play("addresses")  # where it cannot be had at all
    assert Host(probes, options=()).play("frames").text("frames") == "ip"


def test_without_tun_veth_stands_in(probes: Path, tmp_path: Path) -> None:
    """As in a container, which seldom has ``/dev/net/tun``."""
    Host(probes, "veth").play("addresses")  # where it cannot be had at all
    no_tun = compile_forbid(tmp_path, packets=False, tun=True)
    host = Host(probes, prefix=(no_tun,), may_lack=False, options=())
    assert host.play("frames").text("frames") == "ether"
    record = host.play("two_flows")
    assert in_vain(record) == []
    assert record.packets


def test_the_wire_by_tun_needs_no_packet_sockets(
    probes: Path, forbidding: tuple[Path, Path]
) -> None:
    Host(probes, "tun").play("addresses")  # where it cannot be had at all
    host = Host(probes, prefix=(forbidding[False],), may_lack=False, options=())
    record = host.play("two_flows")
    assert in_vain(record) == []
    assert record.record.packets is None  # the witness is such a socket, too


def test_doctor_says_why_there_is_no_wire(forbidding: tuple[Path, Path]) -> None:
    said = sockspec(forbidding[True], "doctor").stdout
    line, advice, *_ = said[said.index("stage wire") :].splitlines()
    assert line == "stage wire  socket(AF_PACKET): Operation not permitted"
    assert "→" in advice
    assert "needs packet sockets" in advice


def test_the_list_of_stages_has_it() -> None:
    rows = {
        row["name"]: row for row in json.loads(sockspec(None, "list", "stages", "--json").stdout)
    }
    assert "a peer that the probe scripts packet by packet" in rows["wire"]["sentence"]
    assert list(rows) == ["lo", "pair", "wire", "host"]
