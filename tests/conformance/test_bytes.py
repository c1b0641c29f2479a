# SPDX-License-Identifier: Apache-2.0
"""Byte strings: bzero(), bcopy(), bcmp(), memset(), memcpy(), memcmp().

The functions that write work inside memory that holds the pattern; a record has all of it, so that
a byte too many or too few is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from sockspec.check import (
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    RecordView,
    observes,
    pattern,
)
from sockspec.oracles import copied, order, set_bytes

BYTES = 16384
"""The memory's size."""

MEMORY = pattern(BYTES)


def place(call: CallView, name: str) -> int:
    """An offset or a number of bytes; all of them lie inside the memory."""
    count = call.number_argument("n", BYTES)
    return count if name == "n" else call.number_argument(name, BYTES - count)


# --- setting --------------------------------------------------------------------------------------


def assert_set(call: CallView, value: int) -> None:
    """These bytes are the value, and all others what they were."""
    at, count = place(call, "dest"), place(call, "n")
    assert call.got(set_bytes(MEMORY, at, value, count))


@observes("bytes/set", call="bzero")
def test_bzero_sets_n_bytes_to_0(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2001 bzero(), which later issues have no more."""
    for step in record.steps:
        with claim("bytes.bzero", step):
            for call in some(record, "bzero", step):
                assert_set(call, 0)


@observes("bytes/set", call="memset")
def test_memset_sets_n_bytes_to_c(record: RecordView, claim: ClaimContext) -> None:
    """ISO C11, 7.24.6.1: c is converted to an unsigned char."""
    for step in record.steps:
        with claim("bytes.memset", step):
            for call in some(record, "memset", step):
                value = call.args["c"]
                if not isinstance(value, int):
                    raise NotObserved("the record has nonsense for the value of memset()")
                assert_set(call, value)


def some(record: RecordView, name: str, step: str | None = None) -> tuple[CallView, ...]:
    """The calls of a step; there have to be some."""
    calls = record.calls(name, step=step)
    if not calls:
        raise NotObserved(f"the record has no {name}() in step {step!r}")
    return calls


# --- copying --------------------------------------------------------------------------------------


def assert_copied(call: CallView) -> None:
    """The bytes are there too, and all others what they were."""
    source, destination, count = (place(call, name) for name in ("src", "dest", "n"))
    assert call.got(copied(MEMORY, source, destination, count))


@observes("bytes/copy", call="bcopy")
def test_bcopy_copies_from_the_first_argument_to_the_second(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2001 bcopy(), which later issues have no more."""
    for step in record.steps:
        with claim("bytes.bcopy", step):
            for call in some(record, "bcopy", step):
                assert_copied(call)


@observes("bytes/copy", call="memcpy")
def test_memcpy_copies_to_the_first_argument_from_the_second(
    record: RecordView, claim: ClaimContext
) -> None:
    """ISO C11, 7.24.2.1."""
    for step in record.steps:
        with claim("bytes.memcpy", step):
            for call in some(record, "memcpy", step):
                assert_copied(call)


def assert_copies_overlapping(calls: list[CallView]) -> None:
    """As if by way of a third place."""
    if not calls:
        raise NotObserved("the record has no bcopy() this way")
    for call in calls:
        assert_copied(call)


@observes("bytes/overlap")
def test_bcopy_copes_with_regions_that_overlap(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2001 bcopy(): done correctly even if the areas overlap."""
    ways: dict[str, Callable[[int, int], bool]] = {
        "upwards": lambda source, destination: source < destination,
        "downwards": lambda source, destination: source > destination,
        "onto itself": lambda source, destination: source == destination,
    }
    for way, goes in ways.items():
        with claim("bytes.bcopy-overlap", way):
            assert_copies_overlapping(
                [
                    call
                    for call in record.calls("bcopy")
                    if goes(place(call, "src"), place(call, "dest"))
                ]
            )


# --- comparing ------------------------------------------------------------------------------------

LONG = 64
"""The longest strings that are compared."""

RUNS = {
    "pairs": (0, 1, 65536),
    "places": (0, 1, LONG * (LONG + 1)),
    "alignments": (0, 1, 256),
}
"""First value, step and count of each run, see the probe."""


@cache
def expected_signs(step: str) -> bytes:
    """The signs that memcmp()'s results of a run shall have: ``<``, ``=`` or ``>``."""
    if step == "pairs":  # of single bytes
        return bytes(b"=><"[order(bytes([a]), bytes([b]))] for a in range(256) for b in range(256))
    if step == "places":  # n bytes of strings that differ from their byte k on, there by <
        return bytes(b"<="[k >= n] for n in range(LONG + 1) for k in range(LONG))
    return b"=" * RUNS[step][2]


def letters(call: CallView, step: str) -> bytes:
    """The results of a run."""
    if tuple(call.args[name] for name in ("first", "step", "count")) != RUNS[step]:
        raise NotObserved(f"the record lacks the run of step {step!r}")
    return expected_signs(step)


def assert_order(call: CallView) -> None:
    """The sign of the result is that of the first bytes that differ."""
    expected = order(call.bytes_argument("one"), call.bytes_argument("other"))
    result = call.result
    sign = (result > 0) - (result < 0) if isinstance(result, int) else None
    words = {-1: "below", 0: "equal to", 1: "above"}
    assert Finding(sign == expected, f"memcmp() to be {words[expected]} 0", call)


def assert_equal_or_not(call: CallView) -> None:
    """0 only for equal bytes."""
    equal = call.bytes_argument("one") == call.bytes_argument("other")
    expected = "bcmp() = 0" if equal else "bcmp() to be other than 0"
    assert Finding((call.result == 0) == equal, expected, call)


@observes("bytes/compare", call="memcmp")
def test_memcmp_goes_by_the_first_byte_that_differs(
    record: RecordView, claim: ClaimContext
) -> None:
    """ISO C11, 7.24.4: the bytes are interpreted as unsigned char."""
    with claim("bytes.memcmp-order", "chosen"):
        for call in some(record, "memcmp", "chosen"):
            assert_order(call)
    for step in RUNS:
        with claim("bytes.memcmp-order", step):
            call = record.the("memcmp", step)
            assert call.got(letters(call, step))


@observes("bytes/compare", call="bcmp")
def test_bcmp_is_0_for_equal_bytes_only(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2001 bcmp(), which later issues have no more."""
    with claim("bytes.bcmp", "chosen"):
        for call in some(record, "bcmp", "chosen"):
            assert_equal_or_not(call)
    for step in RUNS:
        with claim("bytes.bcmp", step):
            call = record.the("bcmp", step)
            assert call.got(letters(call, step).replace(b"<", b"#").replace(b">", b"#"))
