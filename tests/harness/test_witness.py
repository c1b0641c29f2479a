# SPDX-License-Identifier: Apache-2.0
"""The witness's parser: right on good packets, and never surprised by bad ones."""

from __future__ import annotations

import importlib.util
import os
import socket
import struct
import warnings
from typing import Any

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sockspec import model
from sockspec.witness import (
    FLAG_ORDER,
    FRAGMENT,
    ICMP_ERROR_NAMES,
    NO_OPTIONS,
    Packet,
    TcpOptions,
    endpoint,
    parse,
)

FLAG_BITS = {
    "FIN": 0x01,
    "SYN": 0x02,
    "RST": 0x04,
    "PSH": 0x08,
    "ACK": 0x10,
    "URG": 0x20,
    "ECE": 0x40,
    "CWR": 0x80,
}


# --- packets made by hand ----------------------------------------------------------------------


def bits_of(flags: frozenset[str]) -> int:
    return sum(FLAG_BITS[flag] for flag in flags)


def tcp(
    sport: int = 40001,
    dport: int = 5,
    *,
    flags: tuple[str, ...] = (),
    seq: int = 1,
    ack: int = 0,
    window: int = 512,
    urgent: int = 0,
    options: bytes = b"",
    payload: bytes = b"",
) -> bytes:
    size = (20 + len(options)) // 4
    bits = bits_of(frozenset(flags))
    fixed = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, size << 4, bits, window, 0, urgent)
    return fixed + options + payload


def udp(sport: int = 40001, dport: int = 5, payload: bytes = b"") -> bytes:
    return struct.pack("!HHHH", sport, dport, 8 + len(payload), 0) + payload


def ipv4(
    inside: bytes,
    protocol: int,
    src: str = "127.0.0.1",
    dst: str = "127.0.0.1",
    *,
    options: bytes = b"",
    fragment: int = 0,
    total: int | None = None,
) -> bytes:
    header = 20 + len(options)
    length = header + len(inside) if total is None else total
    start = struct.pack(
        "!BBHHHBBH4s4s",
        0x40 | header // 4,
        0,
        length,
        7,
        fragment,
        64,
        protocol,
        0,
        socket.inet_pton(socket.AF_INET, src),
        socket.inet_pton(socket.AF_INET, dst),
    )
    return start + options + inside


def ipv6(
    inside: bytes,
    protocol: int,
    src: str = "::1",
    dst: str = "::1",
    *,
    extensions: tuple[tuple[int, bytes], ...] = (),
    total: int | None = None,
) -> bytes:
    numbers = [number for number, _ in extensions] + [protocol]
    chain = b"".join(
        bytes([following]) + body
        for (_, body), following in zip(extensions, numbers[1:], strict=True)
    )
    length = len(chain) + len(inside) if total is None else total
    start = struct.pack(
        "!IHBB16s16s",
        6 << 28,
        length,
        numbers[0],
        64,
        socket.inet_pton(socket.AF_INET6, src),
        socket.inet_pton(socket.AF_INET6, dst),
    )
    return start + chain + inside


def raw(data: bytes, *, length: int | None = None, **fields: Any) -> model.RawPacket:
    return model.RawPacket(
        t=fields.pop("t", 0),
        dir=fields.pop("dir", "out"),
        dev=fields.pop("dev", "lo"),
        len=len(data) if length is None else length,
        bytes=data.hex(),
        **fields,
    )


def read(data: bytes, **fields: Any) -> Packet:
    return parse(raw(data, **fields))


SYN_OPTIONS = bytes.fromhex("020405b4 0402 080a 00000001 00000002 01 030307")
ROUTER_ALERT = (0, bytes([0, 5, 2, 0, 0, 1, 0]))
MLD_REPORT = bytes([143, 0, 0, 0, 0, 0, 0, 0])


# --- good packets --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (ipv4(tcp(flags=("SYN",)), 6), "TCP 127.0.0.1:40001 > 127.0.0.1:5 SYN seq 1 len 0 win 512"),
        (
            ipv6(tcp(flags=("SYN", "ACK"), ack=2), 6),
            "TCP [::1]:40001 > [::1]:5 SYN+ACK seq 1 ack 2 len 0 win 512",
        ),
        (
            ipv4(tcp(flags=("ACK", "PSH", "FIN"), ack=2, payload=b"abc"), 6),
            "TCP 127.0.0.1:40001 > 127.0.0.1:5 FIN+PSH+ACK seq 1 ack 2 len 3 win 512",
        ),
        (ipv4(tcp(), 6), "TCP 127.0.0.1:40001 > 127.0.0.1:5 none seq 1 len 0 win 512"),
        (
            ipv4(tcp(flags=("ACK", "URG"), urgent=1, window=0, payload=b"!"), 6),
            "TCP 127.0.0.1:40001 > 127.0.0.1:5 ACK+URG seq 1 ack 0 len 1 win 0 urg 1",
        ),
        (
            ipv4(tcp(flags=("SYN",), options=SYN_OPTIONS), 6),
            (
                "TCP 127.0.0.1:40001 > 127.0.0.1:5 SYN seq 1 len 0 win 512 "
                "<mss 1460,wscale 7,sackOK,ts>"
            ),
        ),
        (
            ipv4(tcp(flags=("ACK",), options=SYN_OPTIONS), 6),
            "TCP 127.0.0.1:40001 > 127.0.0.1:5 ACK seq 1 ack 0 len 0 win 512",
        ),
        (ipv4(udp(payload=b"hello"), 17), "UDP 127.0.0.1:40001 > 127.0.0.1:5 len 5"),
        (
            ipv6(udp(payload=b"sockspec fence 12"), 17),
            "UDP [::1]:40001 > [::1]:5 len 17 fence 12",
        ),
        (
            ipv4(bytes([3, 3, 0, 0, 0, 0, 0, 0]) + b"q" * 28, 1),
            "ICMP 127.0.0.1 > 127.0.0.1 type 3 code 3 (port unreachable)",
        ),
        (ipv6(bytes([1, 4]) + bytes(6), 58), "ICMPv6 ::1 > ::1 type 1 code 4 (port unreachable)"),
        (
            ipv4(bytes([3, 4, 0, 0, 0, 0, 5, 0]) + ipv4(udp(), 17, dst="192.0.2.2"), 1),
            (
                "ICMP 127.0.0.1 > 127.0.0.1 type 3 code 4 (fragmentation needed) mtu 1280 "
                "about UDP 127.0.0.1:40001 > 192.0.2.2:5"
            ),
        ),
        (
            ipv4(bytes([12, 0, 0, 0, 20, 0, 0, 0]), 1),
            "ICMP 127.0.0.1 > 127.0.0.1 type 12 code 0 (parameter problem) pointer 20",
        ),
        (ipv6(bytes([135, 9]) + bytes(6), 58), "ICMPv6 ::1 > ::1 type 135 code 9"),
        (ipv4(bytes([0x22]) + bytes(7), 2), "IGMP 127.0.0.1 > 127.0.0.1 type 34"),
        (ipv4(b"gre!", 47), "IP protocol 47 127.0.0.1 > 127.0.0.1 len 4"),
        (b"", "malformed packet of 0 bytes: it ends inside the IP header"),
    ],
)
def test_a_packet_is_one_readable_line(data: bytes, text: str) -> None:
    assert str(read(data)) == text


def test_what_the_agent_said_is_kept() -> None:
    packet = parse(raw(ipv4(tcp(), 6), t=17, dir="in", dev="near"), 4)
    assert (packet.n, packet.t, packet.dir, packet.dev, packet.length) == (4, 17, "in", "near", 40)


@pytest.mark.parametrize(
    ("flags", "payload", "true"),
    [
        (("SYN",), b"", {"is_syn"}),
        (("SYN", "ECE", "CWR"), b"", {"is_syn"}),
        (("SYN", "ACK"), b"", {"is_syn_ack"}),
        (("ACK",), b"", {"is_bare_ack"}),
        (("ACK", "PSH"), b"x", {"has_data", "is_data_segment", "is_psh"}),
        (("ACK", "URG"), b"", {"is_bare_ack", "is_urg"}),
        (("ACK", "FIN"), b"", {"is_fin"}),
        (("FIN",), b"", {"is_fin"}),
        (("RST",), b"", {"is_rst"}),
        (("RST", "ACK"), b"", {"is_rst"}),
        ((), b"", set()),
    ],
)
def test_the_kinds_of_tcp_packets(flags: tuple[str, ...], payload: bytes, true: set[str]) -> None:
    packet = read(ipv4(tcp(flags=flags, payload=payload), 6))
    kinds = {"is_syn", "is_syn_ack", "is_bare_ack", "is_fin", "is_rst", "has_data"}
    kinds |= {"is_data_segment", "is_psh", "is_urg", "is_icmp_error", "is_fragment"}
    assert {kind for kind in kinds if getattr(packet, kind)} == true
    assert packet.is_tcp
    assert not packet.is_udp


@pytest.mark.parametrize(
    ("flags", "payload", "numbers"),
    [
        ((), b"", 0),
        (("SYN",), b"", 1),
        (("SYN", "ACK"), b"ab", 3),
        (("ACK", "FIN"), b"ab", 3),
        (("ACK",), b"ab", 2),
        (("RST",), b"why", 0),
    ],
)
def test_sequence_numbers_are_occupied(
    flags: tuple[str, ...], payload: bytes, numbers: int
) -> None:
    assert read(ipv4(tcp(flags=flags, payload=payload), 6)).numbers == numbers
    assert read(ipv4(udp(payload=payload), 17)).numbers == 0


def test_flags_are_named_in_one_order() -> None:
    packet = read(ipv4(tcp(flags=tuple(FLAG_BITS)), 6))
    assert packet.flags == frozenset(FLAG_ORDER)
    assert packet.flag_text == "SYN+FIN+RST+PSH+ACK+URG+ECE+CWR"


@pytest.mark.parametrize(
    ("payload", "fence"),
    [
        (b"sockspec fence 1", 1),
        (b"sockspec fence 007", 7),
        (b"sockspec fence 1 ", None),
        (b"sockspec fence 1\n", None),
        (b"sockspec fence ", None),
        (b"sockspec fence -1", None),
        (b"sockspec fence 1234567890", None),
        ("sockspec fence \u0661".encode(), None),
        (b" sockspec fence 1", None),
        (b"", None),
    ],
)
def test_a_marker_is_known_by_its_payload(payload: bytes, fence: int | None) -> None:
    assert read(ipv4(udp(payload=payload), 17)).fence == fence
    assert read(ipv4(tcp(payload=payload), 6)).fence is None


def test_a_marker_that_was_cut_is_none() -> None:
    data = ipv4(udp(payload=b"sockspec fence 12"), 17)
    assert read(data[:-1], length=len(data)).fence is None


@pytest.mark.parametrize("kind", [130, 131, 132, 133, 134, 135, 136, 137, 143])
def test_discovery_is_housekeeping(kind: int) -> None:
    assert read(ipv6(bytes([kind, 0]) + bytes(6), 58)).housekeeping


def test_a_multicast_report_behind_its_router_alert_is_housekeeping() -> None:
    packet = read(ipv6(MLD_REPORT, 58, "fe80::1", "ff02::16", extensions=(ROUTER_ALERT,)))
    assert (packet.protocol, packet.type, packet.housekeeping) == ("ICMPv6", 143, True)


@pytest.mark.parametrize(
    "data",
    [
        ipv6(bytes([128, 0]) + bytes(6), 58),
        ipv6(bytes([1, 4]) + bytes(6), 58),
        ipv4(bytes([135, 0]) + bytes(6), 1),
        ipv4(udp(), 17),
        ipv4(b"", 47),
        b"\x00",
    ],
)
def test_all_else_is_not_housekeeping(data: bytes) -> None:
    assert not read(data).housekeeping


def test_igmp_is_housekeeping() -> None:
    assert read(ipv4(bytes([0x16]) + bytes(7), 2)).housekeeping


@pytest.mark.parametrize(
    ("direction", "dev", "sent"),
    [("out", "near", True), ("in", "near", False), ("in", "lo", True), ("out", "lo", True)],
)
def test_on_loopback_the_near_host_sent_all(direction: str, dev: str, sent: bool) -> None:
    assert read(ipv4(tcp(), 6), dir=direction, dev=dev).sent is sent


# --- lengths -------------------------------------------------------------------------------------


def test_a_packet_captured_in_part_keeps_its_length() -> None:
    data = ipv4(tcp(flags=("ACK",), payload=bytes(1000)), 6)
    packet = read(data[:96], length=len(data))
    assert (packet.payload_length, len(packet.payload), packet.whole) == (1000, 56, False)
    assert packet.length == 1040


def test_padding_is_no_payload() -> None:
    packet = read(ipv4(tcp(flags=("ACK",)), 6) + bytes(6))
    assert (packet.payload_length, packet.payload) == (0, b"")
    assert packet.is_bare_ack


def test_what_lies_behind_a_datagram_is_no_payload() -> None:
    packet = read(ipv4(udp(payload=b"abc") + b"more", 17))
    assert (packet.payload_length, packet.payload) == (3, b"abc")


@pytest.mark.parametrize("build", [ipv4, ipv6])
def test_a_length_of_zero_is_one_left_to_the_device(build: Any) -> None:
    packet = read(build(tcp(payload=b"abc"), 6, total=0))
    assert packet.payload == b"abc"


def test_the_first_fragment_has_the_headers_and_others_do_not() -> None:
    whole = udp(payload=bytes(32))
    first = read(ipv4(whole[:24], 17, fragment=0x2000))
    second = read(ipv4(whole[24:], 17, fragment=3))
    assert (first.protocol, first.sport, first.payload_length) == ("UDP", 40001, 16)
    assert (second.protocol, second.sport, second.payload_length) == (FRAGMENT, None, 16)


def test_fragments_of_ipv6() -> None:
    whole = udp(payload=bytes(32))
    first = ipv6(whole[:24], 17, extensions=((44, bytes([0, 0, 1, 0, 0, 0, 9])),))
    second = ipv6(whole[24:], 17, extensions=((44, bytes([0, 0, 24, 0, 0, 0, 9])),))
    assert (read(first).protocol, read(first).payload_length) == ("UDP", 16)
    assert (read(second).protocol, read(second).payload_length) == (FRAGMENT, 16)


def test_a_later_fragment_has_no_further_headers() -> None:
    data = ipv6(bytes(16), 60, extensions=((44, bytes([0, 0, 24, 0, 0, 0, 9])),))
    assert (read(data).protocol, read(data).payload_length) == (FRAGMENT, 16)


def test_a_datagram_shorter_than_its_header_says_is_good_only_as_a_first_fragment() -> None:
    part = udp(payload=bytes(32))[:24]
    assert read(ipv4(part, 17)).reason == "a UDP datagram of 40 bytes in 24"
    assert read(ipv4(part, 17, fragment=0x2000)).reason is None


# --- the IP header -------------------------------------------------------------------------------


def test_the_header_of_ipv4() -> None:
    packet = read(ipv4(udp(), 17, fragment=0x4000))
    assert (packet.ttl, packet.tos, packet.ident, packet.dont_fragment) == (64, 0, 7, True)
    assert not packet.is_fragment
    assert read(ipv4(udp(), 17)).dont_fragment is False


def test_the_header_of_ipv6() -> None:
    data = bytes([0x6B, 0x8F, 0xFF, 0xFF]) + ipv6(udp(), 17)[4:]
    packet = read(data[:7] + b"\3" + data[8:])
    assert (packet.ttl, packet.tos, packet.ident, packet.dont_fragment) == (3, 0xB8, None, None)


@pytest.mark.parametrize(
    ("data", "offset", "more", "ident"),
    [
        (ipv4(bytes(24), 17, fragment=0x2000), 0, True, 7),
        (ipv4(bytes(24), 17, fragment=0x2003), 24, True, 7),
        (ipv4(bytes(24), 17, fragment=3), 24, False, 7),
        (ipv6(bytes(24), 6, extensions=((44, bytes([0, 0, 25, 0, 0, 1, 9])),)), 24, True, 265),
        (ipv6(bytes(24), 6, extensions=((44, bytes([0, 0, 24, 0, 0, 1, 9])),)), 24, False, 265),
    ],
)
def test_where_a_fragment_belongs(data: bytes, offset: int, more: bool, ident: int) -> None:
    packet = read(data)
    assert packet.is_fragment
    assert (packet.fragment_offset, packet.more_fragments, packet.ident) == (offset, more, ident)


# --- TCP's options -------------------------------------------------------------------------------


def options_of(data: bytes) -> TcpOptions:
    return read(ipv4(tcp(options=data.ljust(-len(data) % 4 + len(data), b"\0")), 6)).options


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ("", {}),
        ("01010100", {}),
        ("0204ffff", {"mss": 65535}),
        ("020405b4 02040218", {"mss": 536}),
        ("03030f", {"window_scale": 15}),
        ("0402", {"sack_permitted": True}),
        ("050a 00000001 00000003", {"sack": ((1, 3),)}),
        ("0512 00000001 00000003 ffffffff 00000000", {"sack": ((1, 3), (2**32 - 1, 0))}),
        ("080a 00000001 ffffffff", {"timestamp": (1, 2**32 - 1)}),
        ("2202", {"fast_open": b""}),
        ("220a 0102030405060708", {"fast_open": bytes(range(1, 9))}),
        ("2204 0102", {"fast_open": bytes((1, 2))}),
        ("2207 0102030405", {"fast_open": bytes(range(1, 6))}),
        ("fe04f989 1d03aa", {"unknown": ((254, b"\xf9\x89"), (29, b"\xaa"))}),
        ("02", {"malformed": "option 2 of 0 bytes in 4"}),
        ("01010102", {"malformed": "option 2 has no length"}),
        ("0201", {"malformed": "option 2 of 1 bytes in 4"}),
        ("0402 0205", {"sack_permitted": True, "malformed": "option 2 of 5 bytes in 2"}),
        ("0402 0303ff 020300", {"window_scale": 255, "malformed": "option 2 of 3 bytes"}),
        ("0304 0001", {"malformed": "option 3 of 4 bytes"}),
        ("0403 00 01", {"malformed": "option 4 of 3 bytes"}),
        ("0502", {"malformed": "option 5 of 2 bytes"}),
        ("0506 00000000", {"malformed": "option 5 of 6 bytes"}),
        ("0808 000000000000", {"malformed": "option 8 of 8 bytes"}),
        ("0001", {"malformed": "more than zeros behind the end of the list"}),
    ],
)
def test_options(data: str, fields: dict[str, Any]) -> None:
    options = options_of(bytes.fromhex(data))
    assert {name: getattr(options, name) for name in fields} == fields
    assert "malformed" in fields or options == TcpOptions(**fields)
    assert str(options).isprintable()


def test_options_are_of_tcp_alone() -> None:
    assert read(ipv4(udp(), 17)).options == NO_OPTIONS
    assert read(b"").options == NO_OPTIONS
    assert read(ipv4(tcp(), 6)).options == NO_OPTIONS


def test_the_parts_of_an_option_have_names() -> None:
    options = options_of(bytes.fromhex("080a 00000001 00000002 050a 00000003 00000004"))
    assert options.timestamp is not None
    assert (options.timestamp.value, options.timestamp.echo) == (1, 2)
    assert (options.sack[0].left, options.sack[0].right) == (3, 4)
    assert str(options) == "sack 3-4,ts"
    assert str(options_of(bytes.fromhex("2202 1d03aa 0201"))) == (
        "fastopen request,option 29,malformed: option 2 of 1 bytes in 3"
    )


def test_a_malformed_list_leaves_the_packet_whole() -> None:
    packet = read(ipv4(tcp(flags=("SYN",), options=b"\2\1\0\0", payload=b"abc"), 6))
    assert packet.is_syn
    assert packet.payload == b"abc"
    assert packet.options.malformed is not None


@given(st.binary(max_size=40))
def test_whatever_the_options_are_the_packet_is_tcp(data: bytes) -> None:
    data += bytes(-len(data) % 4)
    packet = read(ipv4(tcp(flags=("SYN",), options=data), 6))
    assert packet.is_syn
    assert str(packet).isprintable()
    assert str(packet.options).isprintable()


@pytest.mark.parametrize(("flags", "urgent"), [(("ACK", "URG"), 9), (("ACK",), None)])
def test_the_urgent_pointer_counts_with_its_flag(
    flags: tuple[str, ...], urgent: int | None
) -> None:
    assert read(ipv4(tcp(flags=flags, urgent=9), 6)).urgent == urgent


# --- ICMP ----------------------------------------------------------------------------------------


def error4(kind: int, code: int, quoted: bytes = b"", body: bytes = bytes(4)) -> Packet:
    return read(ipv4(bytes([kind, code, 0, 0]) + body + quoted, 1, "192.0.2.2", "192.0.2.1"))


def error6(kind: int, code: int, quoted: bytes = b"", body: bytes = bytes(4)) -> Packet:
    inside = bytes([kind, code, 0, 0]) + body + quoted
    return read(ipv6(inside, 58, "2001:db8::2", "2001:db8::1"))


@pytest.mark.parametrize(
    ("error", "is_one", "mtu", "pointer"),
    [
        (error4(3, 4, body=b"\1\2\5\0"), True, 1280, None),
        (error4(3, 3, body=b"\0\0\5\0"), True, None, None),
        (error4(4, 0), True, None, None),
        (error4(5, 1), True, None, None),
        (error4(11, 0), True, None, None),
        (error4(12, 0, body=b"\x14\0\0\0"), True, None, 20),
        (error4(8, 0), False, None, None),
        (error4(0, 0), False, None, None),
        (error6(1, 4), True, None, None),
        (error6(2, 0, body=b"\0\1\5\0"), True, 0x10500, None),
        (error6(4, 1, body=b"\0\0\0\x28"), True, None, 40),
        (error6(127, 0), True, None, None),
        (error6(128, 0), False, None, None),
        (error6(12, 0, body=b"\x14\0\0\0"), True, None, None),
        (read(ipv4(bytes([3, 4, 0, 0, 0, 0, 5]), 1)), True, None, None),
        (read(ipv4(udp(), 17)), False, None, None),
        (read(ipv4(b"\x22" + bytes(7), 2)), False, None, None),
        (read(b""), False, None, None),
    ],
)
def test_errors(error: Packet, is_one: bool, mtu: int | None, pointer: int | None) -> None:
    assert (error.is_icmp_error, error.mtu, error.pointer) == (is_one, mtu, pointer)
    assert (error.quoted is None) is not is_one


SAID = tcp(
    40001, 80, flags=("ACK", "PSH"), seq=77, ack=88, options=SYN_OPTIONS[:4], payload=b"abcdef"
)


@pytest.mark.parametrize(
    ("error", "packet"),
    [
        (error4, ipv4(SAID, 6, "192.0.2.1", "192.0.2.2")),
        (error6, ipv6(SAID, 6, "2001:db8::1", "2001:db8::2")),
    ],
)
@pytest.mark.parametrize("cut", range(len(SAID) + 1))
def test_a_quote_is_read_as_far_as_it_goes(error: Any, packet: bytes, cut: int) -> None:
    header = len(packet) - len(SAID)
    found = error(3, 1, packet[: header + cut])
    quoted = found.quoted
    assert (quoted.protocol, quoted.src, quoted.dst) == ("TCP", found.dst, found.src)
    assert quoted.length == len(packet)
    assert quoted.sport == (40001 if cut >= 4 else None)
    assert quoted.dport == (80 if cut >= 4 else None)
    assert quoted.seq == (77 if cut >= 8 else None)
    assert quoted.ack == (88 if cut >= 20 else None)
    assert quoted.is_psh == (cut >= 20)
    assert quoted.options.mss == (1460 if cut >= 24 else None)
    assert quoted.payload == SAID[24:cut]
    assert quoted.payload_length == (6 if cut >= 20 else 0)
    look_at_all(quoted)


def test_a_cut_quote_in_writing() -> None:
    packet = ipv4(SAID, 6, "192.0.2.1", "192.0.2.2")
    route = "TCP 192.0.2.1:40001 > 192.0.2.2:80"
    assert str(error4(3, 1, packet).quoted) == f"{route} PSH+ACK seq 77 ack 88 len 6 win 512"
    assert str(error4(3, 1, packet[:28]).quoted) == f"{route} seq 77"
    assert str(error4(3, 1, packet[:20]).quoted) == "TCP 192.0.2.1 > 192.0.2.2 cut"


def test_a_quoted_datagram() -> None:
    packet = ipv4(udp(7, 9, b"sockspec fence 3"), 17)
    assert error4(3, 3, packet).quoted == attrs.evolve(read(packet), dir="in")
    cut = error4(3, 3, packet[:28]).quoted
    assert cut is not None
    assert (cut.sport, cut.dport, cut.payload_length, cut.payload) == (7, 9, 16, b"")
    cut = error4(3, 3, packet[:26]).quoted
    assert cut is not None
    assert (cut.sport, cut.dport) == (7, 9)


def test_a_quoted_error_quotes_too() -> None:
    inner = ipv4(bytes([3, 3, 0, 0]) + bytes(4) + ipv4(udp(), 17), 1)
    quoted = error4(3, 1, inner).quoted
    assert quoted is not None
    assert quoted.quoted is not None
    assert quoted.quoted.is_udp
    cut = error4(3, 1, inner[:22]).quoted
    assert cut is not None
    assert (cut.protocol, cut.type, cut.is_icmp_error) == ("ICMP", None, False)


def test_what_is_quoted_went_the_other_way() -> None:
    inside = bytes([3, 3, 0, 0]) + bytes(4) + ipv4(udp(), 17)
    for direction, sent in (("in", True), ("out", False)):
        error = read(ipv4(inside, 1), dir=direction, dev="near", t=5)
        assert error.quoted is not None
        assert error.sent is not sent
        assert (error.quoted.sent, error.quoted.t) == (sent, 5)


@pytest.mark.parametrize("quoted", [b"", b"q" * 28, ipv4(b"", 6, total=19), b"\x60" + bytes(20)])
def test_a_quote_that_makes_no_sense(quoted: bytes) -> None:
    error = error4(3, 3, quoted)
    assert not error.malformed
    assert error.quoted is not None
    assert error.quoted.malformed
    assert "about" not in str(error)


def test_errors_have_names() -> None:
    assert error4(3, 5).icmp_name == "source route failed"
    assert error6(4, 2).icmp_name == "unknown option"
    assert error4(3, 99).icmp_name is None
    assert read(ipv4(udp(), 17)).icmp_name is None
    assert {"prohibited", "no route", "packet too big"} <= ICMP_ERROR_NAMES
    assert "echo request" not in ICMP_ERROR_NAMES


# --- bad packets ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x00", "IP version 0"),
        (b"\x50" + bytes(40), "IP version 5"),
        (b"\x45" + bytes(10), "it ends inside the IPv4 header"),
        (b"\x60" + bytes(38), "it ends inside the IPv6 header"),
        (b"\x44" + bytes(40), "an IPv4 header of 16 bytes in 41"),
        (ipv4(b"", 6, total=19), "an IPv4 header of 20 bytes in 19"),
        (ipv4(b"", 6, total=21), "its header says 21 bytes, it has 20"),
        (ipv6(b"", 6, total=1), "its header says 41 bytes, it has 40"),
        (ipv4(tcp()[:19], 6), "it ends inside the TCP header"),
        (ipv4(tcp()[:12] + b"\x40" + tcp()[13:], 6), "a TCP header of 16 bytes in 20"),
        (ipv4(tcp()[:12] + b"\x60" + tcp()[13:], 6), "a TCP header of 24 bytes in 20"),
        (ipv4(udp()[:7], 17), "it ends inside the UDP header"),
        (ipv4(b"\0\0\0\0\0\7\0\0", 17), "a UDP datagram of 7 bytes in 8"),
        (ipv4(b"\3\3\0", 1), "it ends inside the ICMP header"),
        (ipv4(b"", 2), "it ends inside the IGMP header"),
        (ipv6(b"\0", 0), "it ends inside the extension header"),
        (ipv6(b"\x3a\1" + bytes(6), 0), "an extension header of 16 bytes in 8"),
        (
            ipv6(b"", 59, extensions=(ROUTER_ALERT,) * 9),
            "more than 7 extension headers",
        ),
    ],
)
def test_nonsense_is_malformed_with_a_reason(data: bytes, reason: str) -> None:
    packet = read(data)
    assert packet.malformed
    assert packet.reason == reason
    assert str(packet) == f"malformed packet of {len(data)} bytes: {reason}"


@pytest.mark.parametrize(
    ("text", "length", "reason"),
    [
        ("zz", 2, "its bytes are not hexadecimal"),
        ("4 ", 2, "its bytes are not hexadecimal"),
        ("455", 2, "its bytes are not hexadecimal"),
        ("\u0664\u0665", 2, "its bytes are not hexadecimal"),
        ("\ud800\ud800", 2, "its bytes are not hexadecimal"),
        ("4500", 1, "more bytes were captured than it has"),
        ("00" * 70_000, 70_000, "more bytes were captured than it has"),
        ("", -1, "its length is negative"),
    ],
)
def test_what_is_no_packet_at_all(text: str, length: int, reason: str) -> None:
    packet = parse(model.RawPacket(t=0, dir="out", dev="lo", len=length, bytes=text))
    assert packet.reason == reason
    assert str(packet).isprintable()


packets = st.builds(
    model.RawPacket,
    t=st.integers(-(2**63), 2**63),
    dir=st.sampled_from(("out", "in")),
    dev=st.text(max_size=4),
    len=st.integers(-10, 70_000),
    bytes=st.one_of(st.binary(max_size=200).map(bytes.hex), st.text(max_size=40)),
)


def look_at_all(packet: Packet) -> None:
    """Every value there is, none of which may raise."""
    for name in dir(packet):
        if not name.startswith("__"):
            getattr(packet, name)
    assert str(packet).isprintable()
    assert packet.malformed == (packet.reason is not None)
    assert len(packet.payload) <= packet.payload_length
    assert packet.payload_length >= 0


@given(packets)
def test_whatever_comes_nothing_raises(packet: model.RawPacket) -> None:
    look_at_all(parse(packet))


# --- generated packets ---------------------------------------------------------------------------

ports = st.integers(0, 0xFFFF)
words = st.integers(0, 0xFFFFFFFF)
ipv4_hosts = st.ip_addresses(v=4).map(str)
ipv6_hosts = st.binary(min_size=16, max_size=16).map(
    lambda data: socket.inet_ntop(socket.AF_INET6, data)
)


@attrs.frozen
class Sample:
    """A packet in bytes, and what its parser ought to find."""

    data: bytes
    headers: int
    fields: dict[str, Any]


@st.composite
def tcp_parts(draw: st.DrawFn) -> tuple[int, bytes, int, dict[str, Any]]:
    flags = draw(st.frozensets(st.sampled_from(FLAG_ORDER)))
    options = draw(st.binary(max_size=40).filter(lambda data: len(data) % 4 == 0))
    fields: dict[str, Any] = {
        "sport": draw(ports),
        "dport": draw(ports),
        "seq": draw(words),
        "ack": draw(words),
        "window": draw(ports),
        "urgent": draw(ports),
        "payload": draw(st.binary(max_size=40)),
    }
    data = tcp(flags=tuple(flags), options=options, **fields)
    seen = {"protocol": "TCP", "flags": flags, **fields, "option_bytes": options}
    seen["urgent"] = fields["urgent"] if "URG" in flags else None
    return 6, data, 20 + len(options), seen


@st.composite
def udp_parts(draw: st.DrawFn) -> tuple[int, bytes, int, dict[str, Any]]:
    fields: dict[str, Any] = {
        "sport": draw(ports),
        "dport": draw(ports),
        "payload": draw(st.binary(max_size=40)),
    }
    return 17, udp(**fields), 8, {"protocol": "UDP", **fields}


def icmp_parts(protocol: str, number: int) -> st.SearchStrategy[Any]:
    def build(kind: int, code: int, payload: bytes) -> tuple[int, bytes, int, dict[str, Any]]:
        fields = {"protocol": protocol, "type": kind, "code": code, "payload": payload}
        return number, bytes([kind, code]) + bytes(6) + payload, 8, fields

    return st.builds(build, st.integers(0, 255), st.integers(0, 255), st.binary(max_size=40))


@st.composite
def samples(draw: st.DrawFn, *, extended: bool = True) -> Sample:
    if draw(st.booleans()):
        part = st.one_of(tcp_parts(), udp_parts(), icmp_parts("ICMP", 1))
        number, inside, headers, fields = draw(part)
        options = draw(st.sampled_from((b"", b"\1\1\1\0"))) if extended else b""
        src, dst = draw(ipv4_hosts), draw(ipv4_hosts)
        data = ipv4(inside, number, src, dst, options=options)
        return Sample(
            data, 20 + len(options) + headers, {"version": 4, "src": src, "dst": dst, **fields}
        )
    part = st.one_of(tcp_parts(), udp_parts(), icmp_parts("ICMPv6", 58))
    number, inside, headers, fields = draw(part)
    count = draw(st.integers(0, 3)) if extended else 0
    src, dst = draw(ipv6_hosts), draw(ipv6_hosts)
    data = ipv6(inside, number, src, dst, extensions=(ROUTER_ALERT,) * count)
    return Sample(data, 40 + 8 * count + headers, {"version": 6, "src": src, "dst": dst, **fields})


@given(samples())
def test_what_is_built_is_read_back(sample: Sample) -> None:
    packet = read(sample.data)
    assert {name: getattr(packet, name) for name in sample.fields} == sample.fields
    assert packet.whole
    assert packet.length == len(sample.data)
    look_at_all(packet)


@given(samples(), st.data())
def test_a_cut_keeps_the_headers_or_says_so(sample: Sample, data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(sample.data)))
    packet = read(sample.data[:end], length=len(sample.data))
    look_at_all(packet)
    if end < sample.headers and sample.fields["protocol"] in ("TCP", "UDP"):
        assert packet.malformed
        return
    if end < sample.headers:
        return  # of an ICMP header the first four bytes are enough
    fields = {**sample.fields, "payload": sample.data[sample.headers : end]}
    assert {name: getattr(packet, name) for name in fields} == fields
    assert packet.payload_length == len(sample.fields["payload"])


@given(samples(), st.data())
def test_a_changed_byte_never_raises(sample: Sample, data: st.DataObject) -> None:
    damaged = bytearray(sample.data)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, min(len(damaged), 80) - 1))] = data.draw(
            st.integers(0, 255)
        )
    look_at_all(read(bytes(damaged)))


# --- a second opinion ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scapy_all() -> Any:
    """Scapy's layers; without Scapy the tests say that they did not run, in CI they fail."""
    if importlib.util.find_spec("scapy") is None:
        why = "scapy is not installed: nothing was compared with it"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from scapy.layers import inet, inet6

    class Layers:
        IP, TCP, UDP, ICMP, IPv6 = inet.IP, inet.TCP, inet.UDP, inet.ICMP, inet6.IPv6
        Fragment = inet6.IPv6ExtHdrFragment

    return Layers


def told_by_scapy(layers: Any, data: bytes) -> dict[str, Any]:
    ip = layers.IP(data) if data[0] >> 4 == 4 else layers.IPv6(data)
    told = {
        "version": ip.version,
        "src": socket.inet_ntop(*packed(ip.src)),
        "dst": socket.inet_ntop(*packed(ip.dst)),
        "ttl": ip.ttl if ip.version == 4 else ip.hlim,
        "tos": ip.tos if ip.version == 4 else ip.tc,
    }
    if ip.version == 4:
        told |= {"ident": ip.id, "dont_fragment": "DF" in str(ip.flags)}
    if layers.TCP in ip:
        layer = ip[layers.TCP]
        names = ("sport", "dport", "seq", "ack", "window")
        told |= {name: getattr(layer, name) for name in names}
        told["urgent"] = layer.urgptr if "U" in str(layer.flags) else None
        letters = dict(zip("FSRPAUEC", FLAG_BITS, strict=True))
        told["flags"] = frozenset(letters[letter] for letter in str(layer.flags))
    elif layers.UDP in ip:
        layer = ip[layers.UDP]
        told |= {"sport": layer.sport, "dport": layer.dport}
    elif layers.ICMP in ip:
        layer = ip[layers.ICMP]
        told |= {"type": layer.type, "code": layer.code}
    return told


def packed(host: str) -> tuple[int, bytes]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return family, socket.inet_pton(family, host)


@settings(deadline=None)
@given(samples(extended=False))
def test_scapy_reads_the_same(scapy_all: Any, sample: Sample) -> None:
    packet = read(sample.data)
    told = told_by_scapy(scapy_all, sample.data)
    assert {name: getattr(packet, name) for name in told} == told


@settings(deadline=None)
@given(
    sport=ports,
    dport=ports,
    seq=words,
    flags=st.frozensets(st.sampled_from("FSRPAUEC")),
    payload=st.binary(max_size=30),
    six=st.booleans(),
)
def test_what_scapy_builds_is_read(
    scapy_all: Any,
    sport: int,
    dport: int,
    seq: int,
    flags: frozenset[str],
    payload: bytes,
    six: bool,
) -> None:
    ip = (
        scapy_all.IPv6(src="::1", dst="::1")
        if six
        else scapy_all.IP(src="127.0.0.1", dst="127.0.0.1")
    )
    options = [("MSS", 1460), ("SAckOK", b""), ("WScale", 7), ("Timestamp", (1, 2))]
    layer = scapy_all.TCP(
        sport=sport, dport=dport, seq=seq, flags="".join(sorted(flags)), options=options
    )
    packet = read(bytes(ip / layer / payload))
    assert (packet.sport, packet.dport, packet.seq) == (sport, dport, seq)
    assert {name[0] for name in packet.flags - {"ECE", "CWR"}} == flags - {"E", "C"}
    assert ("ECE" in packet.flags, "CWR" in packet.flags) == ("E" in flags, "C" in flags)
    assert packet.payload == payload


SCAPY_OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "MSS": ports,
        "WScale": st.integers(0, 255),
        "SAckOK": st.just(b""),
        "Timestamp": st.tuples(words, words),
    },
)


@settings(deadline=None)
@given(
    ttl=st.integers(0, 255),
    tos=st.integers(0, 255),
    ident=ports,
    flags=st.sampled_from(("", "DF", "MF")),
    offset=st.integers(0, 0x1FFF),
)
def test_an_ip_header_of_scapy_is_read(
    scapy_all: Any, ttl: int, tos: int, ident: int, flags: str, offset: int
) -> None:
    four = scapy_all.IP(src="192.0.2.1", dst="192.0.2.2", ttl=ttl, tos=tos, id=ident)
    four.flags, four.frag, four.proto = flags, offset, 253
    packet = read(bytes(four / b"12345678"))
    assert (packet.ttl, packet.tos, packet.ident) == (ttl, tos, ident)
    assert (packet.dont_fragment, packet.more_fragments) == (flags == "DF", flags == "MF")
    assert packet.fragment_offset == 8 * offset
    six = scapy_all.IPv6(src="2001:db8::1", dst="2001:db8::2", hlim=ttl, tc=tos)
    if flags != "DF":
        six /= scapy_all.Fragment(offset=offset, m=flags == "MF", id=ident, nh=253)
    packet = read(bytes(six / b"12345678"))
    assert (packet.ttl, packet.tos) == (ttl, tos)
    assert packet.ident == (None if flags == "DF" else ident)
    assert packet.fragment_offset == (0 if flags == "DF" else 8 * offset)
    assert packet.more_fragments == (flags == "MF")


@settings(deadline=None)
@given(
    told=SCAPY_OPTIONS,
    sack=st.lists(st.tuples(words, words), max_size=2),
    urgent=ports,
    window=ports,
)
def test_options_of_scapy_are_read(
    scapy_all: Any,
    told: dict[str, Any],
    sack: list[tuple[int, int]],
    urgent: int,
    window: int,
) -> None:
    listed = list(told.items())
    listed += [("SAck", tuple(edge for block in sack for edge in block))] if sack else []
    layer = scapy_all.TCP(flags="SU", urgptr=urgent, window=window, options=listed)
    packet = read(bytes(scapy_all.IP(src="127.0.0.1", dst="127.0.0.1") / layer))
    assert (packet.urgent, packet.window) == (urgent, window)
    assert packet.options == TcpOptions(
        mss=told.get("MSS"),
        window_scale=told.get("WScale"),
        sack_permitted="SAckOK" in told,
        sack=tuple(sack),  # type: ignore[arg-type]
        timestamp=told.get("Timestamp"),
    )


ICMP_KINDS = ((3, 0), (3, 4), (3, 13), (4, 0), (5, 1), (11, 0), (12, 0))
ICMPV6_KINDS = ((1, 0), (1, 4), (2, 0), (3, 0), (4, 1))


@settings(deadline=None)
@given(number=words, sport=ports, seq=words, cut=st.integers(8, 40), data=st.data())
def test_errors_of_scapy_are_read(
    scapy_all: Any, number: int, sport: int, seq: int, cut: int, data: st.DataObject
) -> None:
    layer = scapy_all.TCP(sport=sport, dport=80, seq=seq, flags="S") / bytes(20)
    about = scapy_all.IP(src="192.0.2.1", dst="192.0.2.2") / layer
    kind, code = data.draw(st.sampled_from(ICMP_KINDS))
    error = scapy_all.ICMP(type=kind, code=code)
    if kind == 12:
        error.ptr = number & 0xFF
    elif kind == 3:
        error.nexthopmtu = number & 0xFFFF
    packet = read(
        bytes(scapy_all.IP(src="192.0.2.2", dst="192.0.2.1") / error / bytes(about)[: 20 + cut])
    )
    assert (packet.type, packet.code) == (kind, code)
    assert packet.mtu == (number & 0xFFFF if (kind, code) == (3, 4) else None)
    assert packet.pointer == (number & 0xFF if kind == 12 else None)
    quoted = packet.quoted
    assert quoted is not None
    assert (quoted.route, quoted.seq) == (f"192.0.2.1:{sport} > 192.0.2.2:80", seq)

    kind, code = data.draw(st.sampled_from(ICMPV6_KINDS))
    inner = scapy_all.IPv6(src="2001:db8::1", dst="2001:db8::2") / layer
    six = scapy_all.IPv6(src="2001:db8::2", dst="2001:db8::1", nh=58)
    six /= struct.pack("!BBHI", kind, code, 0, number) + bytes(inner)[: 40 + cut]
    seen = scapy_all.IPv6(bytes(six)).payload
    packet = read(bytes(six))
    assert (packet.type, packet.code) == (seen.type, seen.code)
    assert packet.mtu == (seen.mtu if kind == 2 else None)
    assert packet.pointer == (seen.ptr if kind == 4 else None)
    quoted = packet.quoted
    assert quoted is not None
    assert quoted.seq == seq
    assert quoted.ttl == 64


@given(st.sampled_from((error4, error6)), st.integers(0, 255), st.binary(max_size=120))
def test_whatever_is_quoted_nothing_raises(error: Any, kind: int, quoted: bytes) -> None:
    packet = error(kind, 0, quoted)
    look_at_all(packet)
    if packet.quoted is not None:
        look_at_all(packet.quoted)


@given(samples(), st.integers(0, 120), st.data())
def test_whatever_a_quote_lost_nothing_raises(
    sample: Sample, cut: int, data: st.DataObject
) -> None:
    damaged = bytearray(sample.data)
    damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    quoted = error4(3, 3, bytes(damaged[:cut])).quoted
    assert quoted is not None
    look_at_all(quoted)


@given(st.binary(max_size=120))
def test_random_inside_good_ip_never_raises(inside: bytes) -> None:
    assume(inside)
    for number in (0, 1, 2, 6, 17, 43, 44, 51, 58, 60):
        look_at_all(read(ipv4(inside, number)))
        look_at_all(read(ipv6(inside, number)))


def test_endpoints_in_writing() -> None:
    assert endpoint("127.0.0.1", 80) == "127.0.0.1:80"
    assert endpoint("::1", 80) == "[::1]:80"
    assert endpoint("::1", None) == "::1"
