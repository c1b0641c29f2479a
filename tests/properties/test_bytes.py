# SPDX-License-Identifier: Apache-2.0
"""bzero(), bcopy(), bcmp(), memset(), memcpy(), memcmp() of any bytes, anywhere in memory."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sockspec import libc
from sockspec.check import pattern
from sockspec.oracles import copied, order, set_bytes

SIZES = (0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 255, 256, 1000, 5000)
MEMORY = pattern(20000)
MIDDLE = 10000

memories = st.one_of(st.binary(max_size=80), st.integers(0, 3000).map(pattern))


@st.composite
def regions(draw: st.DrawFn, number: int) -> tuple[bytes, list[int], int]:
    """Memory, as many offsets, and a count that fits at each."""
    memory = draw(memories)
    count = draw(st.integers(0, len(memory)))
    offsets = [draw(st.integers(0, len(memory) - count)) for _ in range(number)]
    return memory, offsets, count


@given(regions(1), st.integers(-300, 300))
def test_only_the_bytes_asked_for_are_set(region: tuple[bytes, list[int], int], value: int) -> None:
    memory, [at], count = region
    assert libc.bzero(memory, at, count) == set_bytes(memory, at, 0, count)
    moved = libc.memset(memory, at, value, count)
    assert moved.memory == set_bytes(memory, at, value, count)
    assert moved.returned_destination


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("at", range(64, 80))
def test_setting_at_every_alignment(at: int, size: int) -> None:
    assert libc.bzero(MEMORY, at, size) == set_bytes(MEMORY, at, 0, size)
    assert libc.memset(MEMORY, at, 0x1C7, size).memory == set_bytes(MEMORY, at, 0xC7, size)


@given(regions(2))
def test_bcopy_copes_with_any_two_regions(region: tuple[bytes, list[int], int]) -> None:
    memory, [source, destination], count = region
    assert libc.bcopy(memory, source, destination, count) == copied(
        memory, source, destination, count
    )


@pytest.mark.parametrize("size", SIZES)
def test_bcopy_copes_with_every_overlap(size: int) -> None:
    for shift in {*range(-min(size, 80), min(size, 80) + 1), size - 1, 1 - size}:
        there = copied(MEMORY, MIDDLE, MIDDLE + shift, size)
        assert libc.bcopy(MEMORY, MIDDLE, MIDDLE + shift, size) == there


@given(memories, st.integers(0, 70), st.integers(0, 70))
def test_memcpy_copies_to_its_first_argument(data: bytes, before: int, between: int) -> None:
    source, destination = before, before + len(data) + between
    memory = bytes(before) + data + b"?" * (between + len(data) + 70)
    there = copied(memory, source, destination, len(data))
    moved = libc.memcpy(memory, destination, source, len(data))
    assert moved.memory == there
    assert moved.returned_destination
    assert libc.bcopy(memory, source, destination, len(data)) == there  # the other way round


def sign(number: int) -> int:
    return (number > 0) - (number < 0)


def assert_compared(one: bytes, other: bytes, count: int) -> None:
    expected = order(one[:count], other[:count])
    assert sign(libc.memcmp(one, other, count)) == expected
    assert (libc.bcmp(one, other, count) == 0) == (expected == 0)


@given(st.binary(max_size=300), st.binary(max_size=300))
@example(b"\x7f", b"\x80")
@example(b"a\0b", b"a\0c")
def test_any_two_strings_compare_by_the_first_byte_that_differs(one: bytes, other: bytes) -> None:
    assert_compared(one, other, min(len(one), len(other)))


@given(st.binary(min_size=1, max_size=600), st.data())
def test_what_is_behind_the_first_difference_or_the_count_does_not_matter(
    one: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(one) - 1), label="the first difference")
    rest = data.draw(st.binary(min_size=len(one) - at, max_size=len(one) - at), label="the rest")
    count = data.draw(st.integers(0, len(one)), label="count")
    assert_compared(one, one[:at] + rest, count)


def test_every_pair_of_bytes() -> None:
    one = {value: bytes([value]) for value in range(256)}
    for a in range(256):
        for b in range(256):
            assert sign(libc.memcmp(one[a], one[b], 1)) == sign(a - b)
