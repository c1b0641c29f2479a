# SPDX-License-Identifier: Apache-2.0
"""htonl(), htons(), ntohl(), ntohs(): every port, a million values, and whatever else is tried.

What lies in memory is compared with what `int.to_bytes` gives.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sockspec import libc
from sockspec.oracles import highest_first, run_highest_first

LOW = (0, 1, 65536)
SPREAD = (0, 4293, 1000459)
CODES = {size: next(code for code in "HIL" if array(code).itemsize == size) for size in (2, 4)}

Run = tuple[int, int, int]
Conversion = Callable[[int], int]

SWEEPS = [
    pytest.param(libc.htons, libc.ntohs, 2, LOW, id="all ports"),
    pytest.param(libc.htonl, libc.ntohl, 4, LOW, id="32 bits, low values"),
    pytest.param(libc.htonl, libc.ntohl, 4, SPREAD, id="32 bits, a million values"),
]


def values(run: Run) -> range:
    first, step, count = run
    return range(first, first + step * count, step)


def in_memory(numbers: Iterable[int], size: int) -> bytes:
    """The numbers one after the other, as they lie in this host's memory."""
    return array(CODES[size], numbers).tobytes()


def as_numbers(memory: bytes, size: int) -> Iterable[int]:
    return array(CODES[size], memory)


@pytest.mark.parametrize(("hton", "ntoh", "size", "run"), SWEEPS)
def test_network_order_has_the_highest_byte_first(
    hton: Conversion, ntoh: Conversion, size: int, run: Run
) -> None:
    assert in_memory(map(hton, values(run)), size) == run_highest_first(*run, size)


@pytest.mark.parametrize(("hton", "ntoh", "size", "run"), SWEEPS)
def test_host_order_is_what_arithmetic_takes(
    hton: Conversion, ntoh: Conversion, size: int, run: Run
) -> None:
    network = as_numbers(run_highest_first(*run, size), size)
    assert list(map(ntoh, network)) == list(values(run))


@pytest.mark.parametrize(("hton", "ntoh", "size", "run"), SWEEPS)
def test_there_and_back_is_the_same(
    hton: Conversion, ntoh: Conversion, size: int, run: Run
) -> None:
    assert list(map(ntoh, map(hton, values(run)))) == list(values(run))


@given(st.integers(0, 2**32 - 1))
@example(0x01020304)
@example(0x80000000)
def test_any_value_of_32_bits(value: int) -> None:
    network = highest_first(value, 4)
    assert libc.htonl(value).to_bytes(4, sys.byteorder) == network
    assert libc.ntohl(int.from_bytes(network, sys.byteorder)) == value


def test_this_host_stores_integers_in_the_order_that_it_says() -> None:
    assert in_memory([0x0102], 2) == (0x0102).to_bytes(2, sys.byteorder)
    assert (libc.htonl(1) == 1) == (sys.byteorder == "big")
