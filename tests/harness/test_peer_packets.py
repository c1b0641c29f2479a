# SPDX-License-Identifier: Apache-2.0
"""What the scripted peer makes of bytes, and which bytes it makes: csrc/kit/packet.c beside scapy.

The C file is compiled as it is, and called by CFFI in ABI mode.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import cffi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import (
    ICMPv6EchoRequest,
    ICMPv6PacketTooBig,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
)
from scapy.packet import Packet, Raw

KIT: Final = Path(__file__).resolve().parents[2] / "csrc/kit"
ADDRESSES: Final = {4: ("192.0.2.2", "192.0.2.1"), 6: ("2001:db8::2", "2001:db8::1")}
FAMILY: Final = {4: socket.AF_INET, 6: socket.AF_INET6}
ROOM: Final = 65535
_ALIVE: Final[WeakKeyDictionary[Any, Any]] = WeakKeyDictionary()


def declarations() -> str:
    """The header without what CFFI's parser does not know."""
    text = (KIT / "packet.h").read_text()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """CFFI's view, and the library."""
    library = tmp_path_factory.mktemp("packet") / "packet.so"
    compiler = os.environ.get("CC", "cc")
    flags = ["-std=c11", "-D_GNU_SOURCE", "-g", "-O1", "-fPIC", "-shared"]
    subprocess.run([compiler, *flags, str(KIT / "packet.c"), "-o", str(library)], check=True)
    ffi = cffi.FFI()
    ffi.cdef(declarations())
    return ffi, ffi.dlopen(str(library))


def parse(peer: tuple[Any, Any], data: bytes) -> Any | None:
    """The packet as the peer reads it, or None."""
    ffi, library = peer
    packet = ffi.new("struct packet *")
    _ALIVE[packet] = ffi.from_buffer(data)  # its data point there
    return packet if library.packet_parse(packet, _ALIVE[packet], len(data)) else None


def compose(peer: tuple[Any, Any], fields: dict[str, Any], data: bytes) -> bytes:
    """The bytes that the peer makes."""
    ffi, library = peer
    kept = ffi.from_buffer(data)
    packet = ffi.new("struct packet *", fields | {"data": kept, "size": len(data)})
    out = ffi.new("unsigned char[]", ROOM)
    return bytes(ffi.buffer(out, library.packet_compose(packet, out, ROOM)))


def outer(version: int) -> Packet:
    """Scapy's IP header from the peer to the near host."""
    source, destination = ADDRESSES[version]
    return IP(src=source, dst=destination) if version == 4 else IPv6(src=source, dst=destination)


def ends(version: int) -> dict[str, Any]:
    """The peer's fields of the same."""
    family = FAMILY[version]
    source, destination = (socket.inet_pton(family, text) for text in ADDRESSES[version])
    return {"family": family, "src": source, "dst": destination}


def read(version: int, data: bytes) -> Packet:
    """Scapy's view of bytes."""
    return IP(data) if version == 4 else IPv6(data)


def has_right_checksums(version: int, data: bytes) -> bool:
    """Scapy computes the same ones when it makes the packet anew."""
    packet = read(version, data)
    for layer in packet.iterpayloads():
        for name in ("chksum", "cksum"):
            if name in layer.fields:
                del layer.fields[name]
    return bytes(packet) == data


BOTH: Final = pytest.mark.parametrize("version", [4, 6])


@BOTH
@pytest.mark.parametrize("size", [0, 1, 2, 7, 1000, 1459, 1460])
def test_a_segment_is_read_as_scapy_made_it(peer: tuple[Any, Any], version: int, size: int) -> None:
    options = [("MSS", 1400), ("NOP", None), ("WScale", 7), ("SAckOK", b""), ("EOL", None)]
    data = bytes(range(256)) * 6
    inner = TCP(sport=7001, dport=40000, seq=0xFFFFFFF0, ack=5, flags="SAUE", window=0, urgptr=9)
    inner.options = options
    made = bytes(outer(version) / inner / Raw(data[:size]))
    packet = parse(peer, made)
    assert packet is not None
    assert (packet.sport, packet.dport, packet.seq, packet.ack) == (7001, 40000, 0xFFFFFFF0, 5)
    assert (packet.flags, packet.window, packet.urgent) == (0x72, 0, 9)
    assert bytes(peer[0].buffer(packet.data, packet.size)) == data[:size]
    assert peer[1].packet_option(packet, 2, 2) == 1400
    assert peer[1].packet_option(packet, 3, 1) == 7
    assert peer[1].packet_option(packet, 2, 1) == -1
    assert peer[1].packet_has_option(packet, 4)
    assert not peer[1].packet_has_option(packet, 8)
    assert peer[1].packet_numbers(packet) == size + 1


@BOTH
@given(
    numbers=st.tuples(*[st.integers(0, 2**32 - 1)] * 2),
    flags=st.integers(0, 255),
    small=st.tuples(*[st.integers(0, 65535)] * 4),
    options=st.binary(max_size=10).map(lambda data: data * 4),
    data=st.binary(max_size=1460),
)
@settings(max_examples=60)
def test_a_segment_is_made_as_scapy_reads_it(
    peer: tuple[Any, Any],
    version: int,
    numbers: tuple[int, int],
    flags: int,
    small: tuple[int, int, int, int],
    options: bytes,
    data: bytes,
) -> None:
    fields: dict[str, Any] = {"seq": numbers[0], "ack": numbers[1], "flags": flags, "protocol": 6}
    fields |= dict(zip(("sport", "dport", "window", "urgent"), small, strict=True))
    fields |= {"options": options.ljust(40, b"\0"), "options_size": len(options)}
    made = compose(peer, ends(version) | fields, data)
    assert has_right_checksums(version, made)
    tcp = read(version, made)[TCP]
    assert (tcp.seq, tcp.ack, int(tcp.flags)) == (*numbers, flags)
    assert (tcp.sport, tcp.dport, tcp.window, tcp.urgptr) == small
    assert bytes(tcp)[20 : 20 + len(options)] == options
    assert bytes(tcp)[4 * tcp.dataofs :] == data


@BOTH
@pytest.mark.parametrize("data", [b"", b"x", b"xy", bytes(1472)])
def test_datagrams(peer: tuple[Any, Any], version: int, data: bytes) -> None:
    made = compose(peer, ends(version) | {"protocol": 17, "sport": 7, "dport": 9}, data)
    assert has_right_checksums(version, made)
    udp = read(version, made)[UDP]
    assert (udp.sport, udp.dport, bytes(udp.payload)) == (7, 9, data)
    packet = parse(peer, bytes(outer(version) / UDP(sport=7, dport=9) / Raw(data)))
    assert packet is not None
    assert (packet.sport, packet.dport) == (7, 9)
    assert bytes(peer[0].buffer(packet.data, packet.size)) == data


def test_a_datagram_whose_checksum_would_be_0_has_all_ones(peer: tuple[Any, Any]) -> None:
    """RFC 768: 0 says that there is none."""
    made = {
        compose(peer, ends(4) | {"protocol": 17, "sport": port, "dport": 9}, b"")[26:28]
        for port in range(65536)
    }
    assert b"\xff\xff" in made
    assert b"\0\0" not in made


def test_icmp_errors(peer: tuple[Any, Any]) -> None:
    fields = {"protocol": 1, "type": 3, "code": 4, "rest": 1300}
    made = compose(peer, ends(4) | fields, b"quoted")
    assert has_right_checksums(4, made)
    error = IP(made)[ICMP]
    assert (error.type, error.code, error.nexthopmtu, bytes(error)[8:]) == (3, 4, 1300, b"quoted")
    fields = {"protocol": 58, "type": 2, "code": 0, "rest": 1300}
    made = compose(peer, ends(6) | fields, b"quoted")
    assert has_right_checksums(6, made)
    assert IPv6(made)[ICMPv6PacketTooBig].mtu == 1300


def test_fragments(peer: tuple[Any, Any]) -> None:
    packet = parse(peer, bytes(IP(flags="MF", frag=0, id=7) / UDP(sport=7, dport=9, len=3000)))
    assert packet is not None
    assert (packet.fragment, packet.more_fragments, packet.ident) == (False, True, 7)
    packet = parse(peer, bytes(IP(frag=185, proto=17) / Raw(b"rest")))
    assert packet is not None
    assert (packet.fragment, packet.fragment_offset, packet.size) == (True, 1480, 4)
    made = bytes(IPv6() / IPv6ExtHdrDestOpt() / IPv6ExtHdrFragment(offset=3, nh=17) / Raw(b"abc"))
    packet = parse(peer, made)
    assert packet is not None
    assert (packet.fragment, packet.fragment_offset, packet.protocol) == (True, 24, 17)
    assert not packet.more_fragments
    made = bytes(IPv6() / IPv6ExtHdrFragment(m=1, res2=0, nh=17) / UDP(sport=7, dport=9))
    packet = parse(peer, made)
    assert packet is not None
    assert (packet.fragment, packet.fragment_offset, packet.dport) == (False, 0, 9)
    assert packet.more_fragments


@BOTH
@pytest.mark.parametrize("protocol", ["tcp", "udp", "icmp"])
def test_what_is_cut_off_is_no_packet(peer: tuple[Any, Any], version: int, protocol: str) -> None:
    echo = ICMP() if version == 4 else ICMPv6EchoRequest()
    inner = {"tcp": TCP(), "udp": UDP() / Raw(b"abc"), "icmp": echo}[protocol]
    made = bytes(outer(version) / inner)
    assert parse(peer, made) is not None
    for size in range(len(made)):
        assert parse(peer, made[:size]) is None


def test_what_the_link_padded_is_not_data(peer: tuple[Any, Any]) -> None:
    packet = parse(peer, bytes(IP() / TCP() / Raw(b"abc")) + bytes(20))
    assert packet is not None
    assert packet.size == 3


@BOTH
def test_what_stands_behind_a_datagram_is_not_its_data(peer: tuple[Any, Any], version: int) -> None:
    packet = parse(peer, bytes(outer(version) / UDP(len=8 + 2) / Raw(b"abc")))
    assert packet is not None
    assert packet.size == 2


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(IP(len=19) / TCP(), id="a packet shorter than its header"),
        pytest.param(IP(ihl=4) / TCP(), id="an IPv4 header of 16 bytes"),
        pytest.param(IP() / TCP(dataofs=4), id="a TCP header of 16 bytes"),
        pytest.param(IP() / TCP(dataofs=6), id="a TCP header longer than the packet"),
        pytest.param(IP() / UDP(len=7), id="a datagram shorter than its header"),
        pytest.param(IP(version=5) / TCP(), id="IP version 5"),
        pytest.param(IP(proto=132) / Raw(bytes(20)), id="SCTP"),
    ],
)
def test_nonsense_is_no_packet(peer: tuple[Any, Any], made: Packet) -> None:
    assert parse(peer, bytes(made)) is None


def test_options_are_padded(peer: tuple[Any, Any]) -> None:
    fields = {"protocol": 6, "options": b"\2\4\5\xb4\1\1".ljust(40, b"\0"), "options_size": 6}
    made = compose(peer, ends(4) | fields, b"abc")
    assert has_right_checksums(4, made)
    assert IP(made)[TCP].dataofs == 7
    assert bytes(IP(made)[TCP].payload) == b"abc"


@pytest.mark.parametrize(("flags", "numbers"), [("S", 4), ("FA", 4), ("SF", 5), ("A", 3)])
def test_syn_and_fin_take_a_number_each(peer: tuple[Any, Any], flags: str, numbers: int) -> None:
    packet = parse(peer, bytes(IP() / TCP(flags=flags) / Raw(b"abc")))
    assert peer[1].packet_numbers(packet) == numbers


@BOTH
@pytest.mark.parametrize(("told", "seen"), [(0, 64), (1, 1), (255, 255)])
def test_the_hop_limit(peer: tuple[Any, Any], version: int, told: int, seen: int) -> None:
    made = compose(peer, ends(version) | {"protocol": 17, "ttl": told}, b"")
    assert read(version, made).fields["ttl" if version == 4 else "hlim"] == seen
    packet = parse(peer, made)
    assert packet is not None
    assert packet.ttl == seen


def test_what_does_not_fit_is_not_made(peer: tuple[Any, Any]) -> None:
    ffi, library = peer
    packet = ffi.new("struct packet *", ends(4) | {"protocol": 6})
    out = ffi.new("unsigned char[]", 40)
    assert library.packet_compose(packet, out, 39) == 0
    assert library.packet_compose(packet, out, 40) == 40
    packet.options_size = 41
    assert library.packet_compose(packet, out, ROOM) == 0
