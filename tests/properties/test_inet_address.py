# SPDX-License-Identifier: Apache-2.0
"""inet_ntop(), inet_ntoa(), inet_lnaof(), inet_netof(), inet_makeaddr() of any address."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sockspec import libc
from sockspec.inputs import CLASSFUL_ADDRESSES, IPV4_ADDRESSES, IPV6_ADDRESSES
from sockspec.oracles import (
    highest_first,
    local_part,
    network_part,
    ntoa,
    pton_ipv6,
    rfc5952,
    rfc5952_mixed,
)

AF_INET = libc.constant("AF_INET")
AF_INET6 = libc.constant("AF_INET6")
TEXT_MAX = {4: libc.constant("INET_ADDRSTRLEN"), 16: libc.constant("INET6_ADDRSTRLEN")}

ipv4 = st.binary(min_size=4, max_size=4)
groups = st.one_of(st.just(0), st.integers(0, 0xFFFF), st.sampled_from([1, 0xF, 0x100, 0xFFFF]))
ipv6 = st.one_of(
    st.binary(min_size=16, max_size=16),
    st.lists(groups, min_size=8, max_size=8).map(
        lambda numbers: b"".join(highest_first(number, 2) for number in numbers)
    ),
)
classful = st.tuples(st.integers(0, 223), st.binary(min_size=3, max_size=3)).map(
    lambda parts: bytes([parts[0]]) + parts[1]
)


def assert_every_length(address: bytes) -> None:
    """Into a buffer of each length: the text if it fits, ENOSPC if not; nothing behind it."""
    family = AF_INET if len(address) == 4 else AF_INET6
    longest = libc.inet_ntop(family, address, TEXT_MAX[len(address)]).text
    assert longest is not None
    for size in range(TEXT_MAX[len(address)] + 2):
        seen = libc.inet_ntop(family, address, size)
        if size > len(longest):
            assert (seen.text, seen.in_buffer, seen.errno) == (longest, True, None)
        else:
            assert (seen.text, seen.in_buffer, seen.errno) == (None, False, "ENOSPC")
        assert seen.memory[size:] == bytes([libc.FILLED]) * libc.ROOM


@pytest.mark.parametrize("address", [*IPV4_ADDRESSES, *IPV6_ADDRESSES], ids=bytes.hex)
def test_ntop_keeps_to_every_length(address: bytes) -> None:
    assert_every_length(address)


@given(st.one_of(ipv4, ipv6))
def test_ntop_of_any_address_keeps_to_every_length(address: bytes) -> None:
    assert_every_length(address)


@given(ipv4)
def test_ipv4_texts_are_the_dotted_decimal_ones(address: bytes) -> None:
    assert libc.inet_ntop(AF_INET, address, 16).text == ntoa(address)
    assert libc.inet_ntoa(address) == ntoa(address)
    assert ipaddress.IPv4Address(ntoa(address).decode()).packed == address


@given(ipv6)
@example(IPV6_ADDRESSES[4])
@example(IPV6_ADDRESSES[5])
@example(IPV6_ADDRESSES[6])
def test_ipv6_texts_are_the_recommended_ones(address: bytes) -> None:
    """RFC 5952, 4; and 5, where an IPv4 address is embedded."""
    text = libc.inet_ntop(AF_INET6, address, 46).text
    assert text in (rfc5952(address), rfc5952_mixed(address))


@given(ipv6)
def test_ipv6_texts_are_read_as_the_same_address(address: bytes) -> None:
    text = libc.inet_ntop(AF_INET6, address, 46).text
    assert text is not None
    assert pton_ipv6(text) == {address}
    assert ipaddress.IPv6Address(text.decode()).packed == address
    assert libc.inet_pton(AF_INET6, text).memory[:16] == address


def assert_parts(address: bytes) -> None:
    assert libc.inet_lnaof(address) == local_part(address)
    assert libc.inet_netof(address) == network_part(address)
    assert libc.inet_makeaddr(network_part(address), local_part(address)) == address


@pytest.mark.parametrize("address", CLASSFUL_ADDRESSES, ids=bytes.hex)
def test_parts_at_the_edges_of_the_classes(address: bytes) -> None:
    assert_parts(address)


@given(classful)
def test_parts_of_any_address_of_class_a_b_or_c(address: bytes) -> None:
    assert_parts(address)
