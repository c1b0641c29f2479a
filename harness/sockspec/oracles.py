# SPDX-License-Identifier: Apache-2.0
"""What the functions without side effects should give, worked out without calling them.

The oracles know what documents say and nothing of any libc.  Where a document leaves a choice, an
answer is a set with more than one member: any of them will do.  An address is its bytes in network
order; None stands for a text that is no address.  Numbers in brackets are the article's lines.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from typing import Final

Answers = frozenset[bytes | None]
"""The addresses that a text may be taken for; None: it may be refused."""

REFUSED: Final[Answers] = frozenset({None})
NO_NUMBER: Final = 0xFFFFFFFF
"""What inet_network() returns for a text that is no address: -1 as an in_addr_t."""

# --- byte order [307-327] ----------------------------------------------------------------------


def highest_first(value: int, size: int) -> bytes:
    """A number in network order: big-endian, in ``size`` bytes (RFC 1700, Data Notations)."""
    return value.to_bytes(size, "big")


@cache
def run_highest_first(first: int, step: int, count: int, size: int) -> bytes:
    """The numbers ``first``, ``first + step``, ..., each in ``size`` bytes, in network order."""
    numbers = range(first, first + step * count, step) if step else (first,) * count
    code = next(code for code in "HIL" if array(code).itemsize == size)
    values = array(code, numbers)
    if sys.byteorder == "little":
        values.byteswap()
    return values.tobytes()


# --- IPv4 texts [330-352] ----------------------------------------------------------------------

_DECIMAL: Final = re.compile(rb"[0-9]{1,3}")
_NUMBER: Final = re.compile(rb"(0[xX][0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*)")
_PARTS_MAX: Final = 4


def pton_ipv4(text: bytes) -> Answers:
    """What inet_pton() may take a text for, AF_INET.

    POSIX.1-2024 inet_ntop(): ddd.ddd.ddd.ddd, where ddd is a decimal number of one to three digits
    between 0 and 255.  Whether such a number may begin with 0 is a matter of reading, since octal
    numbers are excluded: it may be refused, or taken as decimal.
    """
    words = text.split(b".")
    if len(words) != _PARTS_MAX or not all(map(_DECIMAL.fullmatch, words)):
        return REFUSED
    numbers = [int(word) for word in words]
    if max(numbers) > 0xFF:
        return REFUSED
    address = bytes(numbers)
    if any(len(word) > 1 and word.startswith(b"0") for word in words):
        return frozenset({address, None})
    return frozenset({address})


def _number(word: bytes) -> int | None:
    """A number as ISO C writes it: decimal, octal after 0, hexadecimal after 0x."""
    found = _NUMBER.fullmatch(word)
    if found is None:
        return None
    hexadecimal, octal, decimal = found.groups()
    if hexadecimal:
        return int(hexadecimal, 16)
    return int(octal, 8) if octal else int(decimal)


def _numbers(text: bytes) -> list[int] | None:
    """One to four numbers with dots between them, or None."""
    words = text.split(b".")
    numbers = [number for word in words if (number := _number(word)) is not None]
    return numbers if len(numbers) == len(words) <= _PARTS_MAX else None


def aton(text: bytes) -> Answers:
    """What inet_aton() and inet_addr() shall take a text for.

    POSIX.1-2024 inet_addr(), and inet(3): a.b.c.d, a.b.c, a.b or a.  All parts but the last are a
    byte each; the last one fills the bytes that are left.
    """
    numbers = _numbers(text)
    if numbers is None:
        return REFUSED
    *first, last = numbers
    left = 4 - len(first)
    if max(first, default=0) > 0xFF or last >= 1 << 8 * left:
        return REFUSED
    return frozenset({bytes(first) + last.to_bytes(left, "big")})


def network(text: bytes) -> frozenset[int]:
    """The numbers that inet_network() may return for a text, in host order.

    There are two readings of texts of fewer than four parts.  inet(3) has one notation for all its
    functions: 10.1 is 10.0.0.1.  A network's number is also written without the host's bytes, as in
    networks(5): then every part is a byte, and 10.1 is 0x0a01.
    """
    numbers = _numbers(text)
    if numbers is None:
        return frozenset({NO_NUMBER})
    (as_address,) = aton(text)
    as_bytes = bytes(numbers) if max(numbers) <= 0xFF else None
    readings = (as_address, as_bytes)
    return frozenset(NO_NUMBER if one is None else int.from_bytes(one, "big") for one in readings)


def ntoa(address: bytes) -> bytes:
    """The dotted text of an IPv4 address: no leading zeros (POSIX.1-2024 inet_addr()) [356]."""
    return b".".join(b"%d" % byte for byte in address)


# --- IPv4 classes [360-364] --------------------------------------------------------------------


def host_bits(address: bytes) -> int:
    """How many bits of an IPv4 address name the host, by its class: A, B or C (RFC 791, 2.3).

    Classes D and E have no such parts: `ValueError`.
    """
    first = address[0]
    if first >= 0xE0:
        raise ValueError(f"{ntoa(address).decode()} is of no class that has a host part")
    return 24 if first < 0x80 else 16 if first < 0xC0 else 8


def local_part(address: bytes) -> int:
    """What inet_lnaof() gives: the host's part, in host order."""
    return int.from_bytes(address, "big") & ((1 << host_bits(address)) - 1)


def network_part(address: bytes) -> int:
    """What inet_netof() gives: the network's part with its class bits, in host order."""
    return int.from_bytes(address, "big") >> host_bits(address)


# --- IPv6 texts [333-341] ----------------------------------------------------------------------

_GROUP: Final = re.compile(rb"[0-9a-fA-F]{1,4}")
_GROUPS: Final = 8


def pton_ipv6(text: bytes) -> Answers:
    """What inet_pton() may take a text for, AF_INET6.

    RFC 4291, 2.2: eight groups of one to four hexadecimal digits; ``::``, at most once, for one or
    more groups of zeros; the last two groups may be written as an IPv4 address.
    """
    halves = text.split(b"::")
    if len(halves) > 2:
        return REFUSED
    tails = _embedded(halves[-1])
    return frozenset(_assembled([*halves[:-1], tail]) for tail in tails)


def _embedded(half: bytes) -> list[bytes]:
    """The same with the IPv4 address at its end as two groups; one text for each reading of it."""
    head, colon, last = half.rpartition(b":")
    if b"." not in last:
        return [half]
    readings = pton_ipv4(last)
    groups = [b"." if one is None else b"%x:%x" % _two(one) for one in readings]
    return [head + colon + two for two in groups]


def _two(address: bytes) -> tuple[int, int]:
    return int.from_bytes(address[:2], "big"), int.from_bytes(address[2:], "big")


def _assembled(halves: list[bytes]) -> bytes | None:
    """The address of what stands on both sides of ``::``, or of the one text without it."""
    sides = [half.split(b":") if half else [] for half in halves]
    groups = [group for side in sides for group in side]
    if not all(map(_GROUP.fullmatch, groups)):
        return None
    missing = _GROUPS - len(groups)
    if missing < 1 if len(sides) == 2 else missing:
        return None
    packed = [b"".join(int(group, 16).to_bytes(2, "big") for group in side) for side in sides]
    return bytes(2 * missing).join(packed)


def rfc5952(address: bytes) -> bytes:
    """The one recommended text of an IPv6 address, without an embedded IPv4 one (RFC 5952, 4).

    Lower case, no leading zeros; ``::`` for the longest run of zero groups, the first of equal
    ones, and never for a single group.
    """
    groups = [int.from_bytes(address[at : at + 2], "big") for at in range(0, 16, 2)]
    begin, length = _longest_zeros(groups)
    if length < 2:
        return _joined(groups)
    return _joined(groups[:begin]) + b"::" + _joined(groups[begin + length :])


def rfc5952_mixed(address: bytes) -> bytes:
    """The same with the last four bytes in dotted decimal (RFC 5952, 5)."""
    text = rfc5952(address[:12] + b"\xff\xff\xff\xff")
    return text.removesuffix(b"ffff:ffff") + ntoa(address[12:])


def _joined(groups: Iterable[int]) -> bytes:
    return b":".join(b"%x" % group for group in groups)


def _longest_zeros(groups: list[int]) -> tuple[int, int]:
    """Where the longest run of zeros begins, the first of equal ones, and how long it is."""
    runs = []
    at = 0
    for is_zero, members in groupby(groups, lambda group: group == 0):
        length = len(list(members))
        if is_zero:
            runs.append((at, length))
        at += length
    return max(runs, key=lambda run: run[1], default=(0, 0))


# --- byte strings [370-387] --------------------------------------------------------------------


def set_bytes(memory: bytes, at: int, value: int, count: int) -> bytes:
    """``count`` bytes at ``at`` set to the value as an unsigned char (ISO C, memset)."""
    return memory[:at] + bytes([value & 0xFF]) * count + memory[at + count :]


def copied(memory: bytes, source: int, destination: int, count: int) -> bytes:
    """``count`` bytes copied as if by way of a third place, so that an overlap does no harm."""
    return memory[:destination] + memory[source : source + count] + memory[destination + count :]


def order(one: bytes, other: bytes) -> int:
    """-1, 0 or 1: how the first bytes that differ compare, as unsigned char (ISO C, memcmp)."""
    return (one > other) - (one < other)
