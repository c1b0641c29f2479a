# SPDX-License-Identifier: Apache-2.0
"""inet_pton(), inet_aton(), inet_addr(), inet_network(): any text is read as the documents say.

The texts are those of `sockspec.inputs`, and what Hypothesis puts together from pieces of
addresses.  Where the GNU C library is known to read more, that is said, as in the baseline.
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from sockspec import libc
from sockspec.inputs import IPV4_TEXTS, IPV6_TEXTS
from sockspec.oracles import REFUSED, Answers, aton, network, pton_ipv4, pton_ipv6

AF_INET = libc.constant("AF_INET")
AF_INET6 = libc.constant("AF_INET6")
INADDR_NONE = libc.constant("INADDR_NONE")

GLIBC = platform.libc_ver()[0] == "glibc"
STOPS_AT_A_BLANK = ("blanks before a dot", "trailing blanks", "trailing text")
NETWORK_READS_MORE = ("beyond 32 bits", "hexadecimal without 0", "trailing blanks")


def untouched(size: int) -> bytes:
    return bytes([libc.FILLED]) * (libc.ROOM - size)


def hard_texts(texts: Mapping[str, tuple[bytes, ...]], *, more_in: tuple[str, ...] = ()) -> Any:
    """Each text as a parameter; those of the kinds ``more_in`` the GNU C library reads wrongly."""
    known = pytest.mark.xfail(GLIBC, reason="the GNU C library reads more than an address")
    return [
        pytest.param(text, marks=known if kind in more_in else (), id=f"{kind}: {text!r}")
        for kind, of_kind in texts.items()
        for text in of_kind
    ]


# --- texts that look like addresses ---------------------------------------------------------------

decimals = st.one_of(
    st.integers(0, 255), st.integers(0, 70000), st.integers(0, 2**33), st.sampled_from([255, 256])
)
ipv4_parts = st.one_of(
    st.integers(0, 255).map(str),
    decimals.map(str),
    decimals.map("{:o}".format).map("0{}".format),
    decimals.map("0x{:x}".format),
    decimals.map("0X{:X}".format),
    decimals.map("{:03}".format),
    st.text("0123456789abcfxX+-", max_size=4),
)
blanks = st.sampled_from(["", "", "", " ", "\t", "\n", " x", "x", "."])
ipv4_texts = st.one_of(
    st.lists(ipv4_parts, min_size=1, max_size=5).map(".".join),
    st.lists(ipv4_parts, min_size=4, max_size=4).map(".".join),
    st.tuples(blanks, st.lists(ipv4_parts, min_size=1, max_size=5).map(".".join), blanks).map(
        "".join
    ),
    st.text("0123456789abcdefx. +-", max_size=20),
).map(str.encode)

groups = st.one_of(
    st.integers(0, 0xFFFF).map("{:x}".format),
    st.integers(0, 0xFFFF).map("{:04X}".format),
    st.just("0"),
    st.just(""),
    st.text("0123456789abcdefABCDEFg", max_size=5),
)
colons = st.lists(groups, min_size=1, max_size=9).map(":".join)
quads = st.lists(ipv4_parts, min_size=3, max_size=5).map(".".join)
good_quads = st.ip_addresses(v=4).map(str)
ipv6_texts = st.one_of(
    colons,
    st.tuples(colons, colons).map("::".join),
    st.tuples(colons, colons, colons).map("::".join),
    st.tuples(colons, st.sampled_from([":", "::"]), st.one_of(good_quads, quads)).map("".join),
    st.tuples(st.sampled_from(["::", "::ffff:", "64:ff9b::"]), quads).map("".join),
    st.tuples(st.ip_addresses(v=6).map(str), blanks).map("".join),
    st.text("0123456789abcdefABCDEF:.", max_size=45),
).map(str.encode)

any_text = st.binary(max_size=60).map(lambda text: text.replace(b"\0", b""))


def assert_pton(family: int, text: bytes, answers: Answers, size: int) -> None:
    written = libc.inet_pton(family, text)
    assert written.result in (0, 1)
    assert (written.memory[:size] if written.result else None) in answers
    assert written.memory[size:] == untouched(size)


@pytest.mark.parametrize("text", hard_texts(IPV4_TEXTS))
def test_pton_of_a_hard_ipv4_text(text: bytes) -> None:
    assert_pton(AF_INET, text, pton_ipv4(text), 4)


@pytest.mark.parametrize("text", hard_texts(IPV6_TEXTS))
def test_pton_of_a_hard_ipv6_text(text: bytes) -> None:
    assert_pton(AF_INET6, text, pton_ipv6(text), 16)


@given(st.one_of(ipv4_texts, any_text))
@example(b"1" * 5000)
@example(b"1.2.3.4" + b" " * 5000)
def test_pton_of_any_ipv4_text(text: bytes) -> None:
    assert_pton(AF_INET, text, pton_ipv4(text), 4)


@given(st.one_of(ipv6_texts, any_text))
@example(b"1:" * 5000)
@example(b"::1.2.3." + b"0" * 5000)
def test_pton_of_any_ipv6_text(text: bytes) -> None:
    assert_pton(AF_INET6, text, pton_ipv6(text), 16)


# --- inet_aton(), inet_addr() ---


def assert_aton(text: bytes) -> None:
    written = libc.inet_aton(text)
    assert (written.memory[:4] if written.result else None) in aton(text)
    assert written.memory[4:] == untouched(4)


def assert_addr(text: bytes) -> None:
    expected = aton(text)
    result = libc.inet_addr(text)
    if expected == REFUSED:
        assert result == INADDR_NONE
    else:
        assert result.to_bytes(4, sys.byteorder) in expected


@pytest.mark.parametrize("text", hard_texts(IPV4_TEXTS, more_in=STOPS_AT_A_BLANK))
def test_aton_of_a_hard_text(text: bytes) -> None:
    assert_aton(text)


@pytest.mark.parametrize("text", hard_texts(IPV4_TEXTS, more_in=STOPS_AT_A_BLANK))
def test_addr_of_a_hard_text(text: bytes) -> None:
    assert_addr(text)


def stops_at_a_blank(text: bytes) -> bool:
    """Whether the GNU C library reads this in its own way."""
    return GLIBC and bool(re.search(rb"[0-9a-fA-F]\s", text))


@given(st.one_of(ipv4_texts, any_text))
def test_aton_and_addr_of_any_text(text: bytes) -> None:
    assume(not stops_at_a_blank(text))
    assert_aton(text)
    assert_addr(text)


@given(st.ip_addresses(v=4), st.data())
def test_every_way_to_write_an_address_is_read_as_it(address: Any, data: st.DataObject) -> None:
    packed: bytes = address.packed
    count = data.draw(st.integers(1, 4), label="parts")
    first, rest = packed[: count - 1], packed[count - 1 :]
    numbers = [*first, int.from_bytes(rest, "big")]
    forms = ("{}", "0{:o}", "0x{:x}", "0X{:X}", "000{:o}", "0x00{:x}")
    words = [data.draw(st.sampled_from(forms)).format(number) for number in numbers]
    text = ".".join(words).encode()
    assert aton(text) == {packed}
    assert_aton(text)
    assert_addr(text)


# --- inet_network() ---


@pytest.mark.parametrize("text", hard_texts(IPV4_TEXTS, more_in=NETWORK_READS_MORE))
def test_network_of_a_hard_text(text: bytes) -> None:
    assert libc.inet_network(text) in network(text)


def network_reads_more(text: bytes) -> bool:
    """Whether the GNU C library reads this in its own way."""
    odd = re.search(rb"\s\Z|(\A|\.)[xX]", text)
    return GLIBC and bool(odd or re.search(rb"[0-9a-fA-F]{8}", text))


@given(st.one_of(ipv4_texts, any_text))
def test_network_of_any_text(text: bytes) -> None:
    assume(not network_reads_more(text))
    assert libc.inet_network(text) in network(text)


@given(st.ip_addresses(v=4))
def test_network_of_four_parts_is_the_number(address: Any) -> None:
    assert libc.inet_network(str(address).encode()) == int(address)
