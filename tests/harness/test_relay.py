# SPDX-License-Identifier: Apache-2.0
"""Lies on the wire: what their rules make of packets (csrc/lies/rewrite.c beside scapy), and the
relay that tells them, in its place between the near host and the scripted peer.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import attrs
import cffi
import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_NOP
from scapy.layers.inet6 import (
    ICMPv6DestUnreach,
    ICMPv6EchoRequest,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
)
from scapy.packet import Packet, Raw

from sockspec.model import Fence, Lie
from sockspec.record import RecordView
from sockspec.target import find_tree

from .test_wire_stage import FAKES, FAMILIES, PROBE, WIRES, Host, compile_c, in_vain

ROOT: Final = Path(__file__).resolve().parents[2]
KIT: Final = ROOT / "csrc/kit"
LIES: Final = ROOT / "csrc/lies"
FLAGS: Final = ("-std=c11", "-D_GNU_SOURCE", "-g", "-O1", "-Wall", "-Wextra", "-Werror")

pytestmark = pytest.mark.needs("cc")

OUT: Final = 0
IN: Final = 1
ROOM: Final = 4096
NEAR: Final = {4: "192.0.2.1", 6: "2001:db8::1"}
PEER: Final = {4: "192.0.2.2", 6: "2001:db8::2"}
GROUP: Final = {4: "224.0.0.1", 6: "ff02::1"}
OTHER: Final = {4: "192.0.2.3", 6: "2001:db8::3"}
BOTH: Final = pytest.mark.parametrize("version", [4, 6])
Change = Callable[[Packet], object]
Sent = list[tuple[int, bytes]]


# --- the rules, without a network -----------------------------------------------------------------


def declarations() -> str:
    """The header without what CFFI's parser does not know."""
    text = re.sub(r"/\*.*?\*/", "", (LIES / "rewrite.h").read_text(), flags=re.DOTALL)
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """CFFI's view, and the library."""
    library = tmp_path_factory.mktemp("rewrite") / "rewrite.so"
    sources = [LIES / "rewrite.c", LIES / "rewrite_edit.c", KIT / "packet.c"]
    command = [os.environ.get("CC", "cc"), *FLAGS, f"-I{KIT}", "-fPIC", "-shared"]
    subprocess.run([*command, *map(str, sources), "-o", str(library)], check=True)
    ffi = cffi.FFI()
    ffi.cdef(declarations())
    return ffi, ffi.dlopen(str(library))


class Rule:
    """A rule that is told of packets one by one."""

    def __init__(self, rules: tuple[Any, Any], text: str) -> None:
        self.ffi, self.library = rules
        self.state = self.ffi.new("struct rewrite *")
        self.rewriting = self.ffi.new("struct rewriting *")
        why = self.ffi.new("char[]", 200)
        understood = self.library.rewrite_parse(self.state, text.encode(), why, 200)
        self.why = None if understood else self.ffi.string(why).decode()

    def __call__(self, packet: Packet | bytes, way: int = OUT) -> Sent:
        """What becomes of a packet: directions and bytes."""
        data = bytes(packet)
        self.library.rewrite_packet(self.state, way, data, len(data), self.rewriting)
        sent = self.rewriting.sent[0 : self.rewriting.count]
        return [(it.way, bytes(self.ffi.buffer(it.bytes, it.size))) for it in sent]

    @property
    def told(self) -> bool:
        """Whether a lie was told."""
        return bool(self.state.told)


def ends(version: int, **fields: Any) -> Packet:
    """An IP header from the near host to the peer."""
    if version == 4:
        return IP(src=NEAR[4], dst=PEER[4], flags="DF", id=7, **fields)
    return IPv6(src=NEAR[6], dst=PEER[6], **fields)


def back(version: int) -> Packet:
    """The one that the relay makes for an answer."""
    if version == 4:
        return IP(src=PEER[4], dst=NEAR[4], flags="DF", id=0)
    return IPv6(src=PEER[6], dst=NEAR[6])


def grouped(version: int) -> Packet:
    header = ends(version)
    header.dst = GROUP[version]
    return header


def segment(flags: str, data: bytes = b"", **fields: Any) -> Packet:
    numbers: dict[str, Any] = {"seq": 1000, "ack": 5000, "window": 500, **fields}
    return TCP(sport=40000, dport=7001, flags=flags, **numbers) / Raw(data)


def datagram(data: bytes) -> Packet:
    return UDP(sport=40000, dport=7001) / Raw(data)


def quote(version: int, inner: Packet) -> Packet:
    """An ICMP error about a packet."""
    data = Raw(bytes(ends(version) / inner))
    if version == 4:
        return ICMP(type=3, code=3) / data
    return ICMPv6DestUnreach(code=4) / data


def echo(version: int) -> Packet:
    inet = ICMP(type=8, id=3, seq=4) / Raw(b"echo data")
    return inet if version == 4 else ICMPv6EchoRequest(id=3, seq=4, data=b"echo data")


def fragment(version: int, offset: int, more: bool) -> Packet:
    """A piece of a long datagram, with the header of UDP if it is the first."""
    whole = bytes((ends(version) / datagram(b"x" * 2000))[UDP])
    piece = Raw(whole[offset : offset + 800])
    if version == 4:
        flags = "MF" if more else 0
        return IP(src=NEAR[4], dst=PEER[4], id=9, flags=flags, frag=offset // 8, proto=17) / piece
    extension = IPv6ExtHdrFragment(nh=17, offset=offset // 8, m=int(more), id=9)
    return ends(6) / extension / piece


OPTIONS: Final = [("MSS", 1460), ("SAckOK", b""), ("Timestamp", (77, 88)), ("WScale", 7)]


def zoo(version: int) -> dict[str, Packet]:
    """A packet of each kind, from the near host."""
    head = ends(version)
    unknown = IP(src=NEAR[4], dst=PEER[4], proto=200) if version == 4 else ends(6, nh=200)
    return {
        "syn": head / segment("S", ack=0, options=OPTIONS),
        "syn+ack": head / segment("SA", options=[("MSS", 1400)]),
        "ack": head / segment("A"),
        "data": head / segment("PA", b"hello world"),
        "long": head / segment("A", b"z" * 1460),
        "urgent": head / segment("UA", b"!", urgptr=1),
        "fin": head / segment("FA"),
        "rst": head / segment("R", ack=0, window=0),
        "marked": head / segment("EC", b"?"),
        "udp": head / datagram(b"datagram"),
        "udp0": head / datagram(b""),
        "group": grouped(version) / datagram(b"to all"),
        "echo": head / echo(version),
        "error tcp": head / quote(version, segment("S")),
        "error udp": head / quote(version, datagram(b"1234")),
        "first": fragment(version, 0, more=True),
        "last": fragment(version, 1600, more=False),
        "unknown": unknown / Raw(b"12345678901234567890"),
    }


TCPS: Final = "syn syn+ack ack data long urgent fin rst marked"
ECHO: Final = {4: 8, 6: 128}
UNREACHABLE: Final = {4: (3, 3), 6: (1, 4)}

CONDITIONS: Final = {
    "tcp": TCPS,
    "udp": "udp udp0 group first last",
    "icmp": "echo error_tcp error_udp",
    "other": "unknown",
    "syn": "syn syn+ack",
    "fin": "fin",
    "rst": "rst",
    "psh": "data",
    "ack": "syn+ack ack data long urgent fin",
    "urg": "urgent",
    "ece": "marked",
    "cwr": "marked",
    "data": "data long urgent marked udp group first last",
    "empty": "syn syn+ack ack fin rst udp0",
    "longer=11": "long first last",
    "longer=10": "data long first last",
    "option=2": "syn syn+ack",
    "option=8": "syn",
    "quotes=tcp": "error_tcp",
    "quotes=udp": "error_udp",
    "frag": "first last",
    "piece": "last",
    "group": "group",
    "port=40000": f"{TCPS} udp udp0 group first",
    "peerport=7001": f"{TCPS} udp udp0 group first",
    "port=7001": "",
    "peerport=40000": "",
    "window=500": "syn syn+ack ack data long urgent fin marked",
    "tcp,data": "data long urgent marked",
    "tcp,no.syn,empty": "ack fin rst",
    "syn,no.ack": "syn",
    "no.tcp,no.udp,no.icmp": "unknown",
    "tcp,no.option=2,empty": "ack fin rst",
}


def dropped(rules: tuple[Any, Any], when: str, version: int, way: int = OUT) -> set[str]:
    """The packets that a condition fits; each meets it for the first time."""
    packets = zoo(version).items()
    return {
        name.replace(" ", "_")
        for name, packet in packets
        if not Rule(rules, f"wire:{when}:drop")(packet, way)
    }


@BOTH
@pytest.mark.parametrize("when", CONDITIONS)
def test_a_condition_fits_these_and_no_others(
    rules: tuple[Any, Any], version: int, when: str
) -> None:
    assert dropped(rules, f"out,{when}", version) == set(CONDITIONS[when].split())


@BOTH
def test_conditions_of_icmp(rules: tuple[Any, Any], version: int) -> None:
    kind, code = UNREACHABLE[version]
    assert dropped(rules, f"out,type={ECHO[version]}", version) == {"echo"}
    assert dropped(rules, f"out,type={kind},code={code}", version) == {"error_tcp", "error_udp"}
    assert dropped(rules, f"out,type={kind},code={code + 1}", version) == set()


@BOTH
def test_a_rule_has_one_direction(rules: tuple[Any, Any], version: int) -> None:
    everything = {name.replace(" ", "_") for name in zoo(version)}
    assert dropped(rules, "out", version, IN) == dropped(rules, "in", version, OUT) == set()
    assert dropped(rules, "out", version, OUT) == dropped(rules, "in", version, IN) == everything


def test_ports_are_those_of_the_near_host_and_of_the_peer(rules: tuple[Any, Any]) -> None:
    packet = zoo(4)["udp"]
    assert Rule(rules, "wire:in,port=7001,peerport=40000:drop")(packet, IN) == []
    assert Rule(rules, "wire:in,port=40000:drop")(packet, IN) != []


@pytest.mark.parametrize(
    ("when", "left"),
    [
        ("nth=2", "a cdef"),
        ("after=4", "abcd"),
        ("until=2", "  cdef"),
        ("every=2", "a c e "),
        ("after=1,until=3", "a  def"),
        ("after=2,every=2", "abc e "),
    ],
)
def test_counts(rules: tuple[Any, Any], when: str, left: str) -> None:
    """Only what fits all else is counted, whatever the order of the words."""
    for rule in (
        Rule(rules, f"wire:out,udp,{when}:drop"),
        Rule(rules, f"wire:{when},udp,out:drop"),
    ):
        for letter, kept in zip("abcdef", left.ljust(6), strict=True):
            assert rule(zoo(4)["ack"])
            assert rule(zoo(4)["udp"], IN)
            assert bool(rule(ends(4) / datagram(letter.encode()))) == (kept != " ")


@BOTH
def test_what_a_flow_had_before(rules: tuple[Any, Any], version: int) -> None:
    head = ends(version)

    def passes(rule: Rule, flags: str, data: bytes = b"", **fields: Any) -> bool:
        return bool(rule(head / segment(flags, data, **fields)))

    rule = Rule(rules, "wire:out,again:drop")
    assert passes(rule, "S", seq=2**32 - 3)
    assert not passes(rule, "S", seq=2**32 - 3)
    assert passes(rule, "A", b"abcd", seq=2**32 - 2)
    assert passes(rule, "A", b"", seq=2)
    assert not passes(rule, "A", b"abcd", seq=2**32 - 2)
    assert not passes(rule, "A", b"d", seq=1)
    assert passes(rule, "A", b"de", seq=1)
    assert passes(rule, "FA", seq=3)
    assert not passes(rule, "FA", seq=3)
    assert passes(rule, "A", b"new", seq=4), "what stands behind"
    assert rule(head / segment("A", b"abcd", seq=2), IN), "the other direction's"
    probes = Rule(rules, "wire:out,probe:drop")
    assert passes(probes, "S", seq=9)
    assert passes(probes, "A", b"abcd", seq=10)
    assert not passes(probes, "A", seq=13)
    assert not passes(probes, "A", b"d", seq=13)
    assert passes(probes, "A", seq=14)
    assert passes(probes, "A", seq=12)
    assert passes(probes, "R", seq=13)


def test_an_unknown_flow_has_had_nothing(rules: tuple[Any, Any]) -> None:
    rule = Rule(rules, "wire:out,probe:drop")
    assert rule(ends(4) / segment("A", seq=5))
    assert rule(ends(4) / segment("A", seq=4)) == []


def test_more_connections_than_are_kept(rules: tuple[Any, Any]) -> None:
    """The oldest are forgotten; nothing else comes of it."""
    rule = Rule(rules, "wire:out,again:drop")
    for port in range(1, 201):
        packet = ends(4) / TCP(sport=port, dport=7001, flags="S", seq=9)
        assert rule(packet)
        assert rule(packet) == []
    assert rule(ends(4) / TCP(sport=1, dport=7001, flags="S", seq=9))


# --- what is done to a packet ---------------------------------------------------------------------


def with_options(version: int, packet: Packet) -> Packet:
    """The same with options of IPv4, or extension headers of IPv6."""
    inner = packet.payload
    if version == 4:
        head = packet.copy()
        head.remove_payload()
        head.options = [IPOption_NOP()] * 4
        return head / inner
    head = packet.copy()
    head.remove_payload()
    return head / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / inner


def made_anew(packet: Packet) -> bytes:
    """Its bytes, with lengths and checksums as scapy computes them."""
    for layer in packet.iterpayloads():
        for name in ("chksum", "cksum", "len", "plen", "ihl", "dataofs"):
            if name in layer.fields:
                del layer.fields[name]
    return bytes(packet)


def put(layer: type[Packet], **fields: Any) -> Change:
    """Sets fields of a layer."""

    def change(packet: Packet) -> None:
        for name, value in fields.items():
            setattr(packet[layer], name, value)

    return change


def payload(data: bytes) -> Change:
    return lambda packet: setattr(packet[Raw], "load", data)


def ttl(value: int) -> Change:
    return lambda packet: setattr(packet, "ttl" if packet.version == 4 else "hlim", value)


def tos(value: int) -> Change:
    return lambda packet: setattr(packet, "tos" if packet.version == 4 else "tc", value)


def address(which: str, addresses: dict[int, str]) -> Change:
    return lambda packet: setattr(packet, which, addresses[packet.version])


def options(*values: Any) -> Change:
    return put(TCP, options=list(values))


NOP: Final = ("NOP", None)
MSS, SACK_OK, STAMP, WSCALE = OPTIONS

DEEDS: Final[list[tuple[str, str, Change]]] = [
    ("seq+5", "data", put(TCP, seq=1005)),
    ("seq-1001", "data", put(TCP, seq=2**32 - 1)),
    ("seq=3", "data", put(TCP, seq=3)),
    ("ack+1", "ack", put(TCP, ack=5001)),
    ("ack-6000", "ack", put(TCP, ack=2**32 - 1000)),
    ("window=0", "ack", put(TCP, window=0)),
    ("window+1", "data", put(TCP, window=501)),
    ("urgent+1", "urgent", put(TCP, urgptr=2)),
    ("port+1", "data", put(TCP, sport=40001)),
    ("port+1", "udp", put(UDP, sport=40001)),
    ("peerport-1", "syn", put(TCP, dport=7000)),
    ("peerport=9", "udp0", put(UDP, dport=9)),
    ("set=fin", "data", put(TCP, flags="FPA")),
    ("set=urg+fin", "ack", put(TCP, flags="FUA")),
    ("clear=psh+ack", "data", put(TCP, flags="")),
    ("flags=rst+ack", "syn", put(TCP, flags="RA")),
    ("mss=536", "syn", options(("MSS", 536), SACK_OK, STAMP, WSCALE)),
    ("mss-1", "syn+ack", options(("MSS", 1399))),
    ("mss=700", "fin", options(("MSS", 700))),
    ("wscale=14", "syn", options(MSS, SACK_OK, STAMP, ("WScale", 14))),
    ("tsval+3", "syn", options(MSS, SACK_OK, ("Timestamp", (80, 88)), WSCALE)),
    ("tsecr=0", "syn", options(MSS, SACK_OK, ("Timestamp", (77, 0)), WSCALE)),
    ("noopt=4", "syn", options(MSS, NOP, NOP, STAMP, WSCALE)),
    ("noopt=2", "syn+ack", options(NOP, NOP, NOP, NOP)),
    ("nooptions", "syn", options()),
    ("optflip=8", "syn", options(MSS, SACK_OK, ("Timestamp", (77, 89)), WSCALE)),
    ("optcut=3", "syn", options(MSS, SACK_OK, STAMP, (3, b""), NOP)),
    ("optcut=2", "syn+ack", options((2, b"\5"), NOP)),
    ("optadd=3", "syn+ack", options(NOP, WSCALE, ("MSS", 1400))),
    ("optadd=4", "data", options(NOP, NOP, SACK_OK)),
    ("optadd=5", "ack", options(NOP, NOP, ("SAck", (0x1000000A, 0x10000014)))),
    ("optadd=8", "syn+ack", options(NOP, NOP, ("Timestamp", (1, 0)), ("MSS", 1400))),
    ("optadd=34", "data", options(NOP, NOP, (34, bytes.fromhex("c00c1e0102030405")))),
    ("cut=4", "data", payload(b"hello w")),
    ("cut=11", "data", payload(b"")),
    ("cut=1", "udp", payload(b"datagra")),
    ("grow=3", "data", payload(b"hello world\0\0\0")),
    ("grow=2", "udp0", lambda packet: packet.add_payload(b"\0\0")),
    ("flip", "data", payload(b"hello worle")),
    ("flip=0", "data", payload(b"iello world")),
    ("flip=2", "udp", payload(b"dauagram")),
    ("ttl=1", "data", ttl(1)),
    ("ttl-1", "echo", ttl(63)),
    ("tos=184", "data", tos(184)),
    ("src=other", "udp", address("src", OTHER)),
    ("dst=group", "syn", address("dst", GROUP)),
    ("seq+1,ack+2,set=fin,cut=10", "data", put(TCP, seq=1001, ack=5002, flags="FPA")),
]

OUTERS: Final = pytest.mark.parametrize("plain", [True, False], ids=["plain", "options"])


@BOTH
@OUTERS
@pytest.mark.parametrize(("deed", "name", "change"), DEEDS, ids=[f"{d}-{n}" for d, n, _ in DEEDS])
def test_a_deed_changes_this_and_nothing_else(
    rules: tuple[Any, Any], version: int, plain: bool, deed: str, name: str, change: Change
) -> None:
    packet = zoo(version)[name]
    if not plain:
        packet = with_options(version, packet)
    expected = packet.copy()
    change(expected)
    if deed.startswith("seq+1,"):
        payload(b"h")(expected)
    rule = Rule(rules, f"wire:out:{deed}")
    assert rule(packet) == [(OUT, made_anew(expected))]
    assert rule.told


@BOTH
@pytest.mark.parametrize(
    ("deed", "inet", "inet6"),
    [
        ("type=0", {"type": 0}, None),
        ("code+1", {"code": 1}, {"code": 1}),
        ("rest=131072", {"id": 2, "seq": 0}, {"id": 2, "seq": 0}),
    ],
)
def test_deeds_on_icmp(
    rules: tuple[Any, Any],
    version: int,
    deed: str,
    inet: dict[str, int],
    inet6: dict[str, int] | None,
) -> None:
    fields = inet if version == 4 else inet6
    if fields is None:
        return
    packet = zoo(version)["echo"]
    expected = packet.copy()
    put(ICMP if version == 4 else ICMPv6EchoRequest, **fields)(expected)
    assert Rule(rules, f"wire:out:{deed}")(packet) == [(OUT, made_anew(expected))]


@pytest.mark.parametrize(
    ("deed", "fields"),
    [
        ("df=0", {"flags": 0}),
        ("mf=1", {"flags": "DF+MF"}),
        ("offset=5", {"frag": 5}),
        ("ident+1", {"id": 8}),
    ],
)
def test_deeds_on_the_header_of_ipv4(
    rules: tuple[Any, Any], deed: str, fields: dict[str, Any]
) -> None:
    packet = zoo(4)["data"]
    expected = packet.copy()
    put(IP, **fields)(expected)
    inner = bytes(packet[TCP])
    sent = Rule(rules, f"wire:out:{deed}")(packet)
    assert sent == [(OUT, made_anew(expected)[:20] + inner)]


@BOTH
def test_the_length_of_udp(rules: tuple[Any, Any], version: int) -> None:
    packet = zoo(version)["udp"]
    ((_, sent),) = Rule(rules, "wire:out:udplen-3")(packet)
    expected = packet.copy()
    expected[UDP].len = 13
    assert sent[-16:-10] == bytes(expected)[-16:-10]
    assert (len(sent), sent[:-16]) == (len(packet), bytes(packet)[:-16])
    head = type(packet)(sent)
    assert head[UDP].len == 13


@BOTH
def test_ports_that_are_changed_are_the_near_hosts_also_on_the_way_in(
    rules: tuple[Any, Any], version: int
) -> None:
    packet = zoo(version)["data"]
    expected = packet.copy()
    put(TCP, dport=7002, sport=39999)(expected)
    sent = Rule(rules, "wire:in:port+1,peerport-1")(packet, IN)
    assert sent == [(IN, made_anew(expected))]


@BOTH
def test_reserved_bits_stay(rules: tuple[Any, Any], version: int) -> None:
    packet = zoo(version)["syn"]
    packet[TCP].reserved = 5
    expected = packet.copy()
    expected[TCP].options = []
    sent = Rule(rules, "wire:out:nooptions")(packet)
    assert sent == [(OUT, made_anew(expected))]


@BOTH
def test_a_packet_is_lost_or_comes_twice(rules: tuple[Any, Any], version: int) -> None:
    packet = zoo(version)["data"]
    assert Rule(rules, "wire:out:drop")(packet) == []
    assert Rule(rules, "wire:out:twice")(packet) == [(OUT, bytes(packet))] * 2


def test_a_late_packet_comes_behind_the_next_one_of_its_direction(rules: tuple[Any, Any]) -> None:
    first, second, third = (bytes(ends(4) / datagram(data)) for data in (b"1", b"2", b"3"))
    rule = Rule(rules, "wire:out,nth=1:late")
    assert rule(first) == []
    assert rule(third, IN) == [(IN, third)]
    assert rule(second) == [(OUT, second), (OUT, first)]
    assert rule(third) == [(OUT, third)]


@BOTH
def test_a_segment_is_made_up_behind_the_next_packet(rules: tuple[Any, Any], version: int) -> None:
    head = ends(version)
    numbers: dict[str, Any] = {"sport": 40000, "dport": 7001, "window": 500}
    first, second = (bytes(head / TCP(flags="FA", seq=n, ack=9, **numbers)) for n in (10, 20))
    behind = bytes(head / TCP(flags="RA", seq=11, ack=9, **numbers))
    rule = Rule(rules, "wire:out,fin:later=rst")
    assert rule(first) == [(OUT, first)]
    assert rule(first, IN) == [(IN, first)]
    assert rule(second) == [(OUT, second), (OUT, behind)]
    late = Rule(rules, "wire:out,fin:late,later=rst")
    assert late(first) == []
    assert late(second) == [(OUT, second), (OUT, first)]


def test_one_is_late_at_a_time(rules: tuple[Any, Any]) -> None:
    packets = [bytes(ends(4) / datagram(bytes([n]))) for n in range(5)]
    rule = Rule(rules, "wire:out:late")
    came = [data for packet in packets for _, data in rule(packet)]
    assert came == [packets[n] for n in (1, 0, 3, 2)]


@BOTH
def test_what_is_sent_beside_a_packet(rules: tuple[Any, Any], version: int) -> None:
    packet = zoo(version)["data"]
    head = ends(version)
    behind: dict[str, Any] = {
        "sport": 40000,
        "dport": 7001,
        "seq": 1011,
        "ack": 5000,
        "window": 500,
    }
    answer: dict[str, Any] = {"sport": 7001, "dport": 40000, "seq": 5000}
    reset = bytes(head / TCP(flags="RA", **behind))
    fin = bytes(head / TCP(flags="FA", **behind))
    copied = bytes(head / segment("PA", b"hello world", seq=990))
    refused = bytes(back(version) / TCP(flags="R", window=0, **answer))
    agreed = bytes(back(version) / TCP(flags="SA", ack=1011, window=65535, **answer))

    def told(deed: str) -> Sent:
        return Rule(rules, f"wire:out:{deed}")(packet)

    assert told("reset") == [(OUT, bytes(packet)), (OUT, reset)]
    assert told("fin") == [(OUT, bytes(packet)), (OUT, fin)]
    assert told("copy-10") == [(OUT, bytes(packet)), (OUT, copied)]
    assert told("answer=rst") == [(OUT, bytes(packet)), (IN, refused)]
    assert told("answer=syn+ack,drop") == [(IN, agreed)]


@BOTH
def test_data_that_nobody_wrote(rules: tuple[Any, Any], version: int) -> None:
    head = ends(version)
    numbers: dict[str, Any] = {"sport": 7001, "dport": 40000, "ack": 11, "seq": 300}
    packet = head / TCP(sport=40000, dport=7001, flags="PA", seq=11, ack=9) / Raw(b"four")
    came = back(version) / TCP(flags="PA", **numbers) / Raw(b"data")
    numbers |= {"ack": 15, "seq": 304}
    said = back(version) / TCP(flags="PA", window=65535, **numbers) / Raw(bytes(3))
    rule = Rule(rules, "wire:out:say=3")
    assert rule(came, IN) == [(IN, bytes(came))]
    assert rule(packet) == [(OUT, bytes(packet)), (IN, bytes(said))]
    too_long = Rule(rules, "wire:out:say=1401")
    assert too_long(came, IN) == [(IN, bytes(came))]
    assert too_long(packet) == [(OUT, bytes(packet))]
    assert not too_long.told


@BOTH
@pytest.mark.parametrize("name", ["data", "long", "udp", "group"])
def test_an_error_about_a_packet(rules: tuple[Any, Any], version: int, name: str) -> None:
    packet = zoo(version)[name]
    quoted = Raw(bytes(packet)[: 548 if version == 4 else 1232])
    kind: Packet = ICMP(type=3, code=1) if version == 4 else ICMPv6DestUnreach(code=3)
    error = bytes(back(version) / kind / quoted)
    deed = "error=3.1" if version == 4 else "error=1.3"
    assert Rule(rules, f"wire:out:{deed}")(packet) == [(OUT, bytes(packet)), (IN, error)]


@BOTH
def test_a_connections_numbers_begin_elsewhere(rules: tuple[Any, Any], version: int) -> None:
    """Both ends' numbers fit as if the SYN had had that one."""
    head = ends(version)

    def out(flags: str, seq: int, data: bytes = b"") -> Packet:
        return head / segment(flags, data, seq=seq, ack=0 if flags == "S" else 9)

    def came(flags: str, ack: int) -> Packet:
        return back(version) / TCP(sport=7001, dport=40000, flags=flags, seq=8, ack=ack)

    rule = Rule(rules, "wire:out,syn,no.ack:isn=100")
    assert rule(came("A", 77), IN) == [(IN, bytes(came("A", 77)))]
    assert rule(out("S", 5000)) == [(OUT, bytes(out("S", 100)))]
    assert rule(out("S", 5000)) == [(OUT, bytes(out("S", 100)))]
    assert rule(came("SA", 101), IN) == [(IN, bytes(came("SA", 5001)))]
    assert rule(came("R", 0), IN) == [(IN, bytes(came("R", 0)))]
    assert rule(out("PA", 5001, b"data")) == [(OUT, bytes(out("PA", 101, b"data")))]
    minus = Rule(rules, "wire:out,syn:isn-6000")
    assert minus(out("S", 5000)) == [(OUT, bytes(out("S", 2**32 - 1000)))]


# --- checksums ------------------------------------------------------------------------------------


def checksum(packet: bytes) -> int:
    """The transport's as the packet has it."""
    parsed = IP(packet) if packet[0] >> 4 == 4 else IPv6(packet)
    layer = parsed[TCP] if TCP in parsed else parsed[UDP]
    return int(layer.chksum)


@BOTH
@pytest.mark.parametrize("name", ["data", "udp", "syn"])
def test_a_checksum_may_be_wrong(rules: tuple[Any, Any], version: int, name: str) -> None:
    packet = zoo(version)[name]
    layer = UDP if name == "udp" else TCP
    right = checksum(bytes(packet))
    ((_, wrong),) = Rule(rules, "wire:out:badsum")(packet)
    assert checksum(wrong) == right ^ 1
    assert Rule(rules, "wire:in:goodsum")(wrong, IN) == [(IN, bytes(packet))]
    spoiled = packet.copy()
    spoiled[layer].chksum = right ^ 1
    assert bytes(spoiled) == wrong
    ((_, none),) = Rule(rules, "wire:out:nosum")(packet)
    assert checksum(none) == 0


@BOTH
def test_a_wrong_checksum_stays_wrong(rules: tuple[Any, Any], version: int) -> None:
    """Else a lie about the port would say that checksums are not looked at."""
    packet = zoo(version)["data"]
    packet[TCP].chksum = checksum(bytes(packet)) ^ 0x0100
    ((_, sent),) = Rule(rules, "wire:out:seq+1")(packet)
    expected = packet.copy()
    expected[TCP].seq = 1001
    del expected[TCP].chksum
    assert checksum(sent) != checksum(bytes(expected))


def test_a_datagram_without_checksum_stays_without(rules: tuple[Any, Any]) -> None:
    packet = zoo(4)["udp"]
    packet[UDP].chksum = 0
    ((_, sent),) = Rule(rules, "wire:out:port+1")(packet)
    assert checksum(sent) == 0


@BOTH
def test_all_the_sums_that_there_can_be(rules: tuple[Any, Any], version: int) -> None:
    """Each value of a field once: 0 and its other form come right, and UDP never says `none`."""
    rule = Rule(rules, "wire:out:port+1")
    for port in range(0, 65535, 97):
        packet = ends(version) / UDP(sport=port, dport=7001) / Raw(b"ab")
        expected = ends(version) / UDP(sport=port + 1, dport=7001) / Raw(b"ab")
        assert rule(packet) == [(OUT, bytes(expected))]


def test_a_sum_of_nothing_is_all_ones(rules: tuple[Any, Any]) -> None:
    """RFC 768: a computed 0 is sent as 0xffff."""
    packet = ends(4) / datagram(b"ab")
    port = (packet.copy()[UDP].sport + checksum(bytes(packet))) % 65535
    expected = ends(4) / UDP(sport=port, dport=7001) / Raw(b"ab")
    assert checksum(bytes(expected)) == 0xFFFF
    assert Rule(rules, f"wire:out:port={port}")(packet) == [(OUT, bytes(expected))]


@BOTH
def test_the_first_fragment_has_the_checksum_of_them_all(
    rules: tuple[Any, Any], version: int
) -> None:
    """What changes in it changes that of the datagram."""
    packet = zoo(version)["first"]
    ((_, sent),) = Rule(rules, "wire:out,udp:port+1")(packet)
    whole = ends(version) / UDP(sport=40001, dport=7001) / Raw(b"x" * 2000)
    header = len(bytes(packet)) - 800
    assert sent == bytes(packet)[:header] + bytes(whole[UDP])[:800]


# --- what is left alone ---------------------------------------------------------------------------


@BOTH
def test_nothing_is_told_by_none(rules: tuple[Any, Any], version: int) -> None:
    rule = Rule(rules, "none")
    for packet in zoo(version).values():
        for way in (OUT, IN):
            assert rule(packet, way) == [(way, bytes(packet))]
    assert not rule.told


@BOTH
@pytest.mark.parametrize("deed", ["drop", "twice", "late", "flip", "ttl=1", "error=3.3"])
def test_a_marker_of_a_fence_fits_no_rule(rules: tuple[Any, Any], version: int, deed: str) -> None:
    marker = ends(version) / datagram(b"sockspec fence 12")
    rule = Rule(rules, f"wire:out:{deed}")
    assert rule(marker) == [(OUT, bytes(marker))]
    assert not rule.told
    assert Rule(rules, "wire:out,nth=1:drop")(zoo(version)["udp"]) == []
    counted = Rule(rules, "wire:out,udp,nth=1:drop")
    counted(marker)
    assert counted(zoo(version)["udp"]) == [], "it is not counted either"


@pytest.mark.parametrize(
    ("deed", "name"),
    [
        ("seq+1", "udp"),
        ("set=fin", "udp"),
        ("set=fin", "fin"),
        ("window=500", "ack"),
        ("noopt=3", "ack"),
        ("nooptions", "ack"),
        ("tsval+1", "syn+ack"),
        ("optflip=3", "ack"),
        ("optcut=3", "ack"),
        ("optcut=4", "syn"),
        ("optadd=3", "syn"),
        ("optadd=7", "data"),
        ("optadd=3", "udp"),
        ("mss=1", "udp"),
        ("cut=12", "data"),
        ("cut=1", "first"),
        ("flip", "ack"),
        ("flip=11", "data"),
        ("type=1", "data"),
        ("code=1", "unknown"),
        ("port+1", "last"),
        ("reset", "udp"),
        ("fin", "echo"),
        ("later=rst", "udp"),
        ("copy+1", "udp"),
        ("say=1", "udp"),
        ("say=1", "data"),
        ("answer=rst", "udp"),
        ("isn=5", "data"),
        ("src=near", "data"),
        ("badsum", "unknown"),
        ("ttl=64", "data"),
        ("seq+0", "data"),
    ],
)
def test_what_cannot_be_done_is_no_lie(rules: tuple[Any, Any], deed: str, name: str) -> None:
    packet = zoo(4)[name]
    rule = Rule(rules, f"wire:out:{deed}")
    assert rule(packet) == [(OUT, bytes(packet))]
    assert not rule.told


@BOTH
def test_padding_stays_with_what_is_not_changed(rules: tuple[Any, Any], version: int) -> None:
    packet = bytes(zoo(version)["data"])
    assert Rule(rules, "wire:out:set=psh")(packet + b"pad") == [(OUT, packet + b"pad")]
    ((_, sent),) = Rule(rules, "wire:out:seq+0,set=fin")(packet + b"pad")
    assert len(sent) == len(packet)


@pytest.mark.parametrize("size", [1, 5, 19, 20, 33, 39, 40, 52, ROOM])
@BOTH
def test_what_is_no_whole_packet_passes(rules: tuple[Any, Any], version: int, size: int) -> None:
    data = bytes(zoo(version)["data"])[:size].ljust(size if size == ROOM else 0, b"\0")
    if size in (52, ROOM) and version == 4:
        return
    for deed in ("seq+1", "nooptions", "flip", "badsum", "ttl=1", "error=3.3", "cut=1"):
        (first, *_) = Rule(rules, f"wire:out,no.tcp:{deed}")(data)
        assert first == (OUT, data)


# --- rules as text --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        "wire:out,tcp:drop",
        "wire:in,udp,nth=4294967295:seq=4294967295",
        "wire:out,no.syn:set=fin+ack,clear=psh",
        "wire:out:error=255.255",
        "none",
    ],
)
def test_rules_that_are_understood(rules: tuple[Any, Any], rule: str) -> None:
    assert Rule(rules, rule).why is None


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("", "does not begin"),
        ("nothing", "does not begin"),
        ("getpeername::errno=EINVAL", "does not begin"),
        ("wire:out", "is not wire:WHEN:DO"),
        ("wire:out:drop:drop", "is not wire:WHEN:DO"),
        ("wire:out:", "says nothing to do"),
        ("wire::drop", "wants one of"),
        ("wire:tcp:drop", "wants one of"),
        ("wire:in,out:drop", "wants one of"),
        ("wire:out,out:drop", "wants one of"),
        ("wire:out,sometimes:drop", "the condition sometimes"),
        ("wire:out,nth:drop", "the condition nth"),
        ("wire:out,nth=0:drop", "the condition nth=0"),
        ("wire:out,nth=x:drop", "the condition nth=x"),
        ("wire:out,nth=4294967296:drop", "the condition nth=4294967296"),
        ("wire:out,no.nth=1:drop", "the condition no.nth=1"),
        ("wire:out,no.out:drop", "the condition no.out"),
        ("wire:out,tcp=1:drop", "the condition tcp=1"),
        ("wire:out,type+1:drop", "the condition type+1"),
        ("wire:out:lose", "cannot do lose"),
        ("wire:out:drop=1", "cannot do drop=1"),
        ("wire:out:seq", "cannot do seq"),
        ("wire:out:seq=", "cannot do seq="),
        ("wire:out:seq+-1", "cannot do seq+-1"),
        ("wire:out:cut+1", "cannot do cut+1"),
        ("wire:out:set=fin+", "cannot do set=fin+"),
        ("wire:out:set=push", "cannot do set=push"),
        ("wire:out:flip+1", "cannot do flip+1"),
        ("wire:out:src=me", "cannot do src=me"),
        ("wire:out:error=3", "cannot do error=3"),
        ("wire:out:error=256.0", "cannot do error=256.0"),
        ("wire:out:error=3000.1", "cannot do error=3000.1"),
        ("wire:out:" + "x" * 64, "too long"),
        ("wire:out:" + ",".join(["drop"] * 13), "cannot do drop"),
        ("wire:out," + ",".join(["tcp"] * 13) + ":drop", "the condition tcp"),
        ("wire:out:" + ",".join(["drop"] * 200), "too long"),
    ],
)
def test_rules_that_are_not(rules: tuple[Any, Any], rule: str, why: str) -> None:
    said = Rule(rules, rule).why
    assert said is not None
    assert why in said
    assert "\n" not in said


# --- the relay in its place -----------------------------------------------------------------------

RELAY: Final = "sockspec-relay"
NOTHING: Final = "wire:out,tcp,udp:drop"
"""It fits no packet."""
PATIENCE_S: Final = 30.0


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the scripts under the name of a real probe, and the relay beside."""
    folder = tmp_path_factory.mktemp("target")
    folder.chmod(0o755)
    probe = folder / "probes" / PROBE
    probe.parent.mkdir(parents=True)
    compile_c(probe, f"-I{KIT}", FAKES / "wire.c", *sorted(KIT.glob("*.c")), "-pthread")
    shutil.copy(Path(find_tree().agent).with_name(RELAY), folder / RELAY)
    return folder


@attrs.frozen
class Liar:
    """A near host that lies by the wire."""

    host: Host

    def play(self, script: str, rule: str = NOTHING, family: str = "inet") -> RecordView:
        """What a script that ends well leaves."""
        return self.host.play(f"{script} lie={rule}", family)

    def lost(self, script: str, rule: str, stage: str = "wire") -> str:
        """Why there is no record of it."""
        end = self.host.record(f"{script} lie={rule}", stage=stage).end
        assert end.how == "agent"
        assert end.why is not None
        assert "\n" not in end.why
        return end.why


@pytest.fixture(params=WIRES)
def liar(request: pytest.FixtureRequest, target: Path) -> Liar:
    """By veth and by TUN."""
    return Liar(Host(target / "probes", request.param))


def lies(record: RecordView) -> list[str]:
    """What is lied about."""
    return [event.call for event in record.events if isinstance(event, Lie)]


def test_the_relay_is_silent_by_itself(liar: Liar) -> None:
    assert liar.play("idle").all_packets == ()


@pytest.mark.parametrize("family", FAMILIES)
def test_a_relay_that_tells_nothing_changes_nothing(liar: Liar, family: str) -> None:
    plain = liar.host.play("two_flows", family)
    record = liar.play("two_flows", family=family)
    assert in_vain(record) == lies(record) == []

    def shape(view: RecordView) -> list[object]:
        return [(p.sent, p.dev, p.protocol, p.flags, p.payload) for p in view.all_packets]

    assert sorted(map(repr, shape(record))) == sorted(map(repr, shape(plain)))


@pytest.mark.parametrize("family", FAMILIES)
def test_much_passes_whole_and_in_order(liar: Liar, family: str) -> None:
    record = liar.play("bulk", family=family)
    assert (record.number("left"), record.number("wrong")) == (0, 0)
    assert liar.play("burst", family=family).number("came") == 200


@pytest.mark.parametrize("family", FAMILIES)
def test_the_witness_sees_what_the_near_host_pretends(liar: Liar, family: str) -> None:
    record = liar.play("two_flows", "wire:out,syn:mss=999", family)
    syns = [packet for packet in record.packets if packet.is_syn]
    assert [packet.options.mss for packet in syns] == [999, 999]
    assert lies(record) == ["wire"]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_witness_sees_what_the_peer_sent(liar: Liar, family: str) -> None:
    """And not what the lie makes of it: the near host's kernel is part of who lies."""
    record = liar.play("fences", "wire:in,udp:cut=1", family)
    assert [p.payload for p in record.packets if not p.sent] == [b"hi"]
    assert record.number("received") == 1


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_dropped_does_not_come(liar: Liar, family: str) -> None:
    out = liar.play("fences", "wire:out,udp:drop", family)
    assert (out.number("received"), out.number("taken")) == (2, 0)
    assert [p.payload for p in out.packets if p.sent] == []
    lost = liar.play("fences", "wire:in,udp:drop", family)
    assert (lost.number("received"), lost.number("taken")) == (-1, 1)
    assert [p.payload for p in lost.packets if not p.sent] == [b"hi"]


@pytest.mark.parametrize("rule", ["wire:out:twice", "wire:in:twice", "wire:out:late,ttl=3"])
@pytest.mark.parametrize("family", FAMILIES)
def test_markers_keep_their_order(liar: Liar, rule: str, family: str) -> None:
    record = liar.play("fences", rule, family)
    markers = [packet for packet in record.all_packets if packet.fence is not None]
    assert [(p.fence, p.sent) for p in markers] == [(1, True), (2, False), (3, True), (4, False)]
    assert {packet.ttl for packet in markers} == {64}
    assert lies(record) == ["wire"]


def test_a_lie_is_told_of_once_and_when_it_is_told(liar: Liar) -> None:
    record = liar.play("two_flows", "wire:out,tcp,data:twice")
    (lie,) = (event for event in record.events if isinstance(event, Lie))
    told = next(packet for packet in record.packets if packet.sent and packet.payload)
    assert told.t <= lie.t


def test_packets_bear_the_time_when_the_near_host_sent_them(liar: Liar) -> None:
    """A packet that send() made left before it returned, though it comes to the peer later."""
    record = liar.play("fences")
    spoken = next(packet for packet in record.packets if packet.sent)
    marker = next(it for it in record.events if isinstance(it, Fence) and it.n == 3)
    assert spoken.t < marker.t


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("wire:out:lose", "a lie on the wire: it cannot do lose"),
        ("wire:out,rarely:drop", "a lie on the wire: it does not know the condition rarely"),
        ("wire::drop", "a lie on the wire: it wants one of `out` and `in`"),
    ],
)
def test_a_rule_that_is_not_understood_is_no_truth(liar: Liar, rule: str, why: str) -> None:
    assert liar.lost("fences", rule) == why


def test_the_wire_is_lied_on_where_there_is_one(liar: Liar) -> None:
    assert liar.lost("fences", "wire:out:drop", "lo") == "lies on the wire need the stage wire"


def test_without_its_program_there_is_no_lie(liar: Liar, target: Path, tmp_path: Path) -> None:
    shutil.copytree(target / "probes", tmp_path / "probes")
    alone = Liar(attrs.evolve(liar.host, probes=tmp_path / "probes"))
    assert f"{RELAY}: No such file or directory" in alone.lost("fences", NOTHING)
    assert "wire" not in alone.host.run()[0].lies
    assert "wire" in liar.host.run()[0].lies


def test_a_relay_that_ends_early_is_no_lie(liar: Liar, target: Path, tmp_path: Path) -> None:
    shutil.copytree(target / "probes", tmp_path / "probes")
    (tmp_path / RELAY).write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / RELAY).chmod(0o755)
    broken = Liar(attrs.evolve(liar.host, probes=tmp_path / "probes"))
    assert broken.lost("idle", NOTHING) == "the relay of its lie ended before the probe"


@pytest.mark.needs("setpriv")
def test_an_ordinary_user_can_lie(liar: Liar, target: Path, tmp_path: Path) -> None:
    for folder in (tmp_path, *list(tmp_path.parents)[:3]):
        if not folder.stat().st_mode & 0o005:
            folder.chmod(0o755)
    shutil.copytree(target, tmp_path / "target")
    agent = Path(shutil.copy(find_tree().agent, tmp_path / "agent"))
    as_nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    prefix = as_nobody if os.geteuid() == 0 else ()
    user = Liar(Host(tmp_path / "target/probes", liar.host.wire, agent, prefix))
    record = user.play("fences", "wire:out,udp:drop")
    assert record.number("taken") == 0


# --- nothing is left ------------------------------------------------------------------------------


def relays(folder: Path) -> list[int]:
    """The processes that run this relay."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and (process / "exe").readlink().is_relative_to(folder):
                found.append(int(process.name))
        except OSError:
            continue
    return found


def links() -> set[str]:
    """The network devices of this machine."""
    return {path.name for path in Path("/sys/class/net").iterdir()}


def await_(condition: Callable[[], object]) -> None:
    """Wait until something is so; bounded."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_nothing_is_left_of_a_relay(liar: Liar, target: Path) -> None:
    before = links()
    liar.play("two_flows", "wire:out,syn:twice")
    assert relays(target) == []
    assert links() == before


def test_the_relay_ends_with_its_agent(liar: Liar, target: Path) -> None:
    liar.play("fences")  # where it cannot be had at all
    host = liar.host
    with subprocess.Popen(
        [host.agent, "--probes", host.probes, *host.options],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as agent:
        assert agent.stdin is not None
        agent.stdin.write(f"{PROBE} wire family=inet script=idle lie={NOTHING}\n")
        agent.stdin.flush()
        await_(lambda: any(path.name == RELAY for path in executables(target)))
        agent.send_signal(signal.SIGKILL)
        agent.stdin.close()
    await_(lambda: not relays(target))


def executables(folder: Path) -> list[Path]:
    """What runs of a folder."""
    found = []
    for number in relays(folder):
        try:
            found.append(Path(f"/proc/{number}/exe").readlink())
        except OSError:
            continue
    return found
