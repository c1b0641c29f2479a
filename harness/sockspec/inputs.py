# SPDX-License-Identifier: Apache-2.0
"""Hard inputs, by hand: texts and addresses at the edges of what documents allow.

The same ones go to the target, in the variants of jobs, and to this system's own functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

_PLAIN: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:+-")


_EMPTY: Final = "EMPTY"
"""The empty text, in a table."""


def value_of_texts(texts: Iterable[bytes]) -> str:
    """Texts as the value of a variant, for the kit's each_text()."""
    return ",".join(map(_encoded, texts))


def value_of_bytes(items: Iterable[bytes]) -> str:
    """Byte strings as the value of a variant, for the kit's each_bytes()."""
    return ",".join(item.hex() for item in items)


def _encoded(text: bytes) -> str:
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02x}" for byte in text)


def texts_of_value(value: str) -> tuple[bytes, ...]:
    """The texts of such a value."""
    return tuple(map(_decoded, value.split(",")))


def _decoded(item: str) -> bytes:
    plain, *escaped = item.encode("ascii").split(b"%")
    return plain + b"".join(bytes.fromhex(part[:2].decode()) + part[2:] for part in escaped)


def _table(**texts: str) -> Mapping[str, tuple[bytes, ...]]:
    """Kinds of texts, with blanks between them, and with escapes as in Python."""
    return MappingProxyType(
        {
            kind.replace("_", " "): tuple(map(_written, words.split()))
            for kind, words in texts.items()
        }
    )


def _written(word: str) -> bytes:
    return b"" if word == _EMPTY else word.encode().decode("unicode_escape").encode("latin-1")


IPV4_TEXTS: Final = _table(
    dotted_decimal="""
        0.0.0.0 1.2.3.4 9.10.99.100 127.0.0.1 165.165.165.165 192.0.2.1 199.200.249.250 255.0.0.255
        255.255.255.254""",
    all_ones="255.255.255.255",
    parts_too_large="""
        256.0.0.0 1.256.3.4 1.2.256.4 1.2.3.256 1.2.3.999 1.2.3.1000 999.999.999.999
        1.2.3.65536""",
    beyond_32_bits="4294967296 4294967297 1.2.3.4294967297 0x100000001 18446744073709551617",
    leading_zeros="""
        01.2.3.4 1.2.3.04 001.002.003.004 00.0.0.0 000.000.000.000 1.2.3.010 192.000.002.001
        0001.2.3.4 1.2.3.0000000004 1.2.3.0255""",
    octal="0177.0.0.1 0300.0.02.01 0377.0377.0377.0376 017700000001 07.07.07.07",
    hexadecimal="""
        0x7f.0.0.1 0X7F.0.0.1 0xC0.0x00.0x02.0x01 0xff.0xFF.0xfF.0xFe 0x7f000001 0x0000000001.2.3.4
        0xabcdef""",
    octal_and_hexadecimal_out_of_range="""
        0400.0.0.0 1.2.3.08 09.1.1.1 1.2.3.0400 018 1.2.3.01a 0x100.0.0.0 1.2.3.0x100 0x1g.2.3.4""",
    malformed_hexadecimal="0x 0X 0x.1.2.3 1.2.3.0x 1.2.3.f a.b.c.d c0000201 7f.0.0.1",
    hexadecimal_without_0="x10 x7f.0.0.1",
    one_part="0 1 10 255 256 65536 16777216 3221225985 4294967294 0xfffffffe 037777777776 0x10 010",
    two_parts="127.1 1.0 10.255 1.256 1.65536 1.16777215 0x7f.0xffffff 1.077777777",
    three_parts="127.0.1 1.2.3 1.2.255 1.2.256 10.2.772 1.2.65535 1.2.0xffff 1.2.0177777",
    last_part_too_large="""
        1.16777216 256.1 0x100.1 1.0x1000000 1.2.65536 1.256.3 256.2.3 1.2.0x10000""",
    five_parts="1.2.3.4.5 0.0.0.0.0 1.2.3.4.0 1.2.3.4.5.6",
    misplaced_dots="""
        EMPTY . .. ... .... 1. .1 1..2 1.2.3. 1.2.3.4. .1.2.3.4 1.2..4 1...4 1.2.3..4 127..1""",
    signs="-1 +1 -1.2.3.4 1.2.3.-4 1.2.3.+4 +1.2.3.4 1.-2 -0",
    other_characters=r"""
        a one localhost 1.2.3.4a 1.2.3.4L 1.2.3.4/24 1.2.3.4:80 1,2,3,4 1e2 1.2.3.4% [1.2.3.4]
        1:2:3:4 ::1 ::ffff:1.2.3.4 1.2.3.4\x7f 1.2.3.\xb4 \xb2.2.3.4 1.2.3.4\xa0""",
    leading_blanks=r"\x20 \x201.2.3.4 \t1.2.3.4 \n1.2.3.4 \x20127.1 1.\x202.3.4 1.2.3.\x204",
    blanks_before_a_dot=r"1\x20.2.3.4 1.2.3\x20.4",
    trailing_blanks=r"1.2.3.4\x20 1.2.3.4\n 127.1\x20 1\t",
    trailing_text=r"1.2.3.4\x20x 1.2.3.4\n5.6.7.8 127.1\x20# 1\x202.3.4",
)
"""Texts for the functions that read IPv4 addresses, by what is special about them."""

_GROUPS: Final = 8


def _colons(left: int, right: int) -> bytes:
    """``::`` with so many groups on either side, all different."""
    groups = [b"%x" % (0x10 * n + n) for n in range(1, left + right + 1)]
    return b":".join(groups[:left]) + b"::" + b":".join(groups[left:])


_PLACES: Final = [
    (left, right) for left in range(_GROUPS + 1) for right in range(_GROUPS + 1 - left)
]

_IPV6: Final = _table(
    eight_groups="""
        1:2:3:4:5:6:7:8 2001:db8:0:0:0:0:0:1 2001:0db8:0000:0000:0000:0000:0000:0001
        0:0:0:0:0:0:0:0 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
        a5a5:a5a5:a5a5:a5a5:a5a5:a5a5:a5a5:a5a5 fe80:0:0:0:abcd:ef01:2345:6789""",
    upper_case="2001:DB8::ABCD:EF FFFF::A ABCD:EF01:2345:6789:ABCD:EF01:2345:6789 aB:Cd::eF",
    leading_zeros="0001::2 ::0000 00::00 0000:0000::0000 001:02:3:4:5:6:7:0008",
    groups_too_long="""
        00001:: ::00001 12345:: ::12345 1:2:3:4:5:6:7:fffff 1:2:3:4:5:6:7:00008 10000::
        1:2:3:4:00000:6:7:8""",
    too_few_groups="1 1:2 1:2:3:4:5:6:7 ffff:ffff:ffff:ffff:ffff:ffff:ffff abcd",
    too_many_groups="1:2:3:4:5:6:7:8:9 1:2:3:4:5:6:7:8:0 0:0:0:0:0:0:0:0:0",
    twice="1::2::3 ::1:: ::1::2 1:2::3:4:: 1::2:3:4::5 ::2:3:4:5:6:7::",
    three_colons="::: 1::: :::1 1:::2 :::: 1::::2 1:2:3:::6:7:8",
    single_colons="""
        EMPTY : :1 1: :1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:8: :1:2:3:4:5:6:7 1:2:3:4:5:6:7: ::1:
        :1:: 1::2: :1::2 1:2:3:4:5:6:7::8: :0::""",
    other_characters=r"""
        g:: ::g 1:2:3:4:5:6:7:x 0x1:: -1:: +1:: ::-1 1,2::3 ::1/128 [::1] ::1%lo fe80::1%1
        ::1.2 ::1. ::. one \xb1:: ::1\x7f ::1\xa0 1-2-3-4-5-6-7-8 ::ffff:c0.a8""",
    blanks=r"\x20 \x20::1 ::1\x20 ::1\n ::\x201 1:\x20:2 \t:: ::1\x20x :\x20:",
    embedded_ipv4="""
        ::1.2.3.4 ::ffff:192.0.2.1 64:ff9b::192.0.2.33 ::0.0.0.0 ::255.255.255.255 ::ffff:0.0.0.0
        1:2:3:4:5:6:1.2.3.4 0:0:0:0:0:ffff:127.0.0.1 1:2:3:4:5::1.2.3.4 1::6:1.2.3.4
        1::3:4:5:6:1.2.3.4 ::2:3:4:5:6:1.2.3.4 ::165.165.165.165""",
    embedded_ipv4_in_the_wrong_place="""
        1.2.3.4:: 1.2.3.4::1 1.2.3.4:1:2:3:4:5:6 ::1.2.3.4:5 ::1.2.3.4:: 1:2:3:1.2.3.4:6:7:8
        1.2.3.4 ::1.2.3.4:1.2.3.4 :1.2.3.4 1:2:3:4:5:6:1.2.3.4:""",
    embedded_ipv4_and_too_many_or_few_groups="""
        1:2:3:4:5:6:7:1.2.3.4 1:2:3:4:5:6:7:8:1.2.3.4 1:2:3:4:5:6::1.2.3.4 ::1:2:3:4:5:6:1.2.3.4
        1::2:3:4:5:6:1.2.3.4 1:2:3::4:5:6:1.2.3.4
        1:2:3:4:5:1.2.3.4 1:1.2.3.4 1:2:3:4:1.2.3.4""",
    embedded_ipv4_malformed="""
        ::1.2.3 ::1.2.3.4.5 ::256.2.3.4 ::1.2.3.256 ::1.2.3. ::.1.2.3 ::1..3.4 ::1.2.3.4. ::1.2.3.a
        ::0x1.2.3.4 ::1.2.3.4/96 ::1.2.3.-4 ::1.2.3.1000 ::ffff:1.2""",
    embedded_ipv4_with_leading_zeros="::01.2.3.4 ::1.2.3.010 ::001.002.003.004 ::0001.2.3.4",
)

IPV6_TEXTS: Final[Mapping[str, tuple[bytes, ...]]] = MappingProxyType(
    {
        **_IPV6,
        "a run of zeros": tuple(_colons(*place) for place in _PLACES if sum(place) < _GROUPS),
        "a run of no zeros": tuple(_colons(*place) for place in _PLACES if sum(place) == _GROUPS),
    }
)
"""Texts for the functions that read IPv6 addresses, by what is special about them."""

IPV4_ADDRESSES: Final = tuple(
    bytes(map(int, text.split(b".")))
    for text in (*IPV4_TEXTS["dotted decimal"], *IPV4_TEXTS["all ones"])
)

IPV6_ADDRESSES: Final = tuple(
    bytes.fromhex(text.replace(" ", ""))
    for text in (
        "0000 0000 0000 0000 0000 0000 0000 0000",  # ::
        "0000 0000 0000 0000 0000 0000 0000 0001",  # ::1
        "0001 0000 0000 0000 0000 0000 0000 0000",  # 1::
        "2001 0db8 0000 0000 0000 0000 0000 0001",
        "2001 0db8 0000 0001 0001 0001 0001 0001",  # a single group of zeros
        "2001 0db8 0000 0000 0001 0000 0000 0001",  # two runs of equal length
        "2001 0000 0000 0001 0000 0000 0000 0001",  # the second run is the longer one
        "0000 0000 0000 0000 0000 ffff c000 0201",  # an IPv4-mapped address
        "0000 0000 0000 0000 0000 0000 c000 0201",  # an IPv4-compatible one
        "0000 0000 0000 0000 0000 ffff ffff ffff",  # its longest text
        "0064 ff9b 0000 0000 0000 0000 c000 0221",
        "a5a5 a5a5 a5a5 a5a5 a5a5 a5a5 a5a5 a5a5",
        "ffff ffff ffff ffff ffff ffff ffff ffff",  # the longest text without IPv4
    )
)

CLASSFUL_ADDRESSES: Final = tuple(
    bytes(map(int, text.split(".")))
    for text in (
        "0.0.0.0 0.1.2.3 10.1.2.3 126.0.0.1 127.0.0.1 127.255.255.255 "  # class A
        "128.0.0.0 128.1.2.3 165.165.165.165 172.16.1.2 191.255.255.255 "  # class B
        "192.0.0.0 192.0.2.1 200.100.50.25 223.255.255.255"  # class C
    ).split()
)
"""IPv4 addresses at the edges of the classes that have a network's and a host's part."""
