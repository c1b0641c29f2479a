# SPDX-License-Identifier: Apache-2.0
"""The oracles, against others that share no line with them; and the inputs, there and back."""

from __future__ import annotations

import ipaddress
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sockspec import oracles
from sockspec.inputs import (
    CLASSFUL_ADDRESSES,
    IPV4_ADDRESSES,
    IPV4_TEXTS,
    IPV6_ADDRESSES,
    IPV6_TEXTS,
    texts_of_value,
    value_of_bytes,
    value_of_texts,
)
from sockspec.plan import Job

ipv4_like = st.text("0123456789.", max_size=16)
ipv6_like = st.one_of(
    st.text("0123456789abcdefABCDEF:.", max_size=45),
    st.lists(st.sampled_from(["", "0", "1", "ffff", "1.2.3.4", "00001"]), max_size=10).map(
        ":".join
    ),
)


def by_ipaddress(text: bytes, version: int) -> bytes | None:
    """What Python's `ipaddress` reads; it knows zones, which inet_pton() does not."""
    kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    try:
        return None if b"%" in text else kind(text.decode("latin-1")).packed
    except ValueError:
        return None


# --- texts ---


@pytest.mark.parametrize("kind", IPV4_TEXTS)
def test_hard_ipv4_texts_are_read_as_ipaddress_reads_them(kind: str) -> None:
    for text in IPV4_TEXTS[kind]:
        assert by_ipaddress(text, 4) in oracles.pton_ipv4(text), text


@pytest.mark.parametrize("kind", IPV6_TEXTS)
def test_hard_ipv6_texts_are_read_as_ipaddress_reads_them(kind: str) -> None:
    for text in IPV6_TEXTS[kind]:
        assert by_ipaddress(text, 6) in oracles.pton_ipv6(text), text


@given(ipv4_like)
@example("1.2.3.4")
def test_ipv4_texts_are_read_as_ipaddress_reads_them(text: str) -> None:
    assert by_ipaddress(text.encode(), 4) in oracles.pton_ipv4(text.encode())


@given(ipv6_like)
@example("1::2:3:4:5:6:7:8")
@example("1:2:3:4:5:6:7::")
def test_ipv6_texts_are_read_as_ipaddress_reads_them(text: str) -> None:
    assert by_ipaddress(text.encode(), 6) in oracles.pton_ipv6(text.encode())


@pytest.mark.parametrize("kind", ["dotted decimal", "all ones"])
def test_all_readers_agree_on_plain_addresses(kind: str) -> None:
    for text in IPV4_TEXTS[kind]:
        address = by_ipaddress(text, 4)
        assert oracles.pton_ipv4(text) == oracles.aton(text) == {address}
        assert oracles.network(text) == {int.from_bytes(address or b"", "big")}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (b"127.1", "127.0.0.1"),
        (b"10.2.772", "10.2.3.4"),
        (b"0x7f.0.0.1", "127.0.0.1"),
        (b"0177.0.0.01", "127.0.0.1"),
        (b"3221225985", "192.0.2.1"),
        (b"0", "0.0.0.0"),
        (b"1.16777215", "1.255.255.255"),
    ],
)
def test_the_older_forms(text: bytes, address: str) -> None:
    assert oracles.aton(text) == {ipaddress.IPv4Address(address).packed}


@pytest.mark.parametrize(
    "text", [b"", b"256.0.0.1", b"1.2.3.4.5", b"08", b"0x", b"1.16777216", b"1 ", b"+1", b"1.2.3."]
)
def test_what_is_no_number_and_dots(text: bytes) -> None:
    assert oracles.aton(text) == oracles.REFUSED
    assert oracles.NO_NUMBER in oracles.network(text)


def test_leading_zeros_may_be_read_in_two_ways() -> None:
    assert oracles.pton_ipv4(b"010.2.3.4") == {b"\x0a\2\3\4", None}
    assert oracles.pton_ipv6(b"::010.2.3.4") == {bytes(12) + b"\x0a\2\3\4", None}


def test_a_network_of_two_parts_may_be_read_in_two_ways() -> None:
    assert oracles.network(b"10.1") == {0x0A01, 0x0A000001}
    assert oracles.network(b"10.256") == {0x0A000100, oracles.NO_NUMBER}


@given(st.ip_addresses(v=6))
@example(ipaddress.IPv6Address("2001:db8:0:1:1:1:1:1"))
@example(ipaddress.IPv6Address("2001:db8::1:0:0:1"))
@example(ipaddress.IPv6Address("2001:0:0:1::1"))
@example(ipaddress.IPv6Address("::"))
def test_the_recommended_text(address: ipaddress.IPv6Address) -> None:
    assert (
        oracles.rfc5952(address.packed) == ipaddress.IPv6Address(int(address)).compressed.encode()
    )
    assert oracles.pton_ipv6(oracles.rfc5952(address.packed)) == {address.packed}
    assert oracles.pton_ipv6(oracles.rfc5952_mixed(address.packed)) == {address.packed}


def test_the_mixed_text() -> None:
    mapped = ipaddress.IPv6Address("::ffff:192.0.2.1").packed
    assert oracles.rfc5952_mixed(mapped) == b"::ffff:192.0.2.1"


@given(st.ip_addresses(v=4))
def test_the_dotted_text(address: ipaddress.IPv4Address) -> None:
    assert oracles.ntoa(address.packed) == str(address).encode()


# --- numbers ---


@pytest.mark.parametrize(("size", "code"), [(2, "H"), (4, "I")])
def test_runs_of_numbers(size: int, code: str) -> None:
    for first, step, count in ((0, 1, 300), (7, 0, 1), (1, 257, 99)):
        numbers = [first + step * n for n in range(count)]
        expected = struct.pack(f">{count}{code}", *numbers)
        assert oracles.run_highest_first(first, step, count, size) == expected


@pytest.mark.parametrize(
    ("address", "network", "local"),
    [
        ("10.1.2.3", 10, 0x010203),
        ("127.255.255.255", 127, 0xFFFFFF),
        ("128.0.0.1", 0x8000, 1),
        ("191.255.1.2", 0xBFFF, 0x0102),
        ("192.0.2.1", 0xC00002, 1),
        ("223.255.255.254", 0xDFFFFF, 254),
    ],
)
def test_parts_by_class(address: str, network: int, local: int) -> None:
    packed = ipaddress.IPv4Address(address).packed
    assert (oracles.network_part(packed), oracles.local_part(packed)) == (network, local)


def test_class_d_has_no_parts() -> None:
    with pytest.raises(ValueError, match=r"224\.0\.0\.1"):
        oracles.local_part(bytes([224, 0, 0, 1]))


# --- bytes ---


def test_bytes() -> None:
    assert oracles.set_bytes(b"abcdef", 1, 0x158, 3) == b"aXXXef"
    assert oracles.copied(b"abcdef", 0, 2, 3) == b"ababcf"
    assert oracles.copied(b"abcdef", 2, 0, 3) == b"cdedef"
    assert [oracles.order(*pair) for pair in ((b"\x7f", b"\x80"), (b"b", b"a"), (b"", b""))] == [
        -1,
        1,
        0,
    ]


# --- inputs ---


@given(st.lists(st.binary(min_size=1), min_size=1))
def test_texts_go_through_the_value_of_a_variant(texts: list[bytes]) -> None:
    value = value_of_texts(texts)
    assert texts_of_value(value) == tuple(texts)
    if len(value) < 900:
        assert Job.of("inet/pton", "lo", {"text": value}).arguments == (f"text={value}",)


def test_an_empty_text_goes_through_beside_others() -> None:
    assert texts_of_value(value_of_texts((b"", b"1", b""))) == (b"", b"1", b"")


def test_bytes_go_through_the_value_of_a_variant() -> None:
    assert value_of_bytes((b"\x01\xff", b"\0")) == "01ff,00"


def test_no_input_stands_twice() -> None:
    for table in (IPV4_TEXTS, IPV6_TEXTS):
        texts = [text for kind in table.values() for text in kind]
        assert sorted(texts) == sorted(set(texts))
    for addresses in (IPV4_ADDRESSES, IPV6_ADDRESSES, CLASSFUL_ADDRESSES):
        assert len(addresses) == len(set(addresses))
