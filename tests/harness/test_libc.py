# SPDX-License-Identifier: Apache-2.0
"""The face of this libc, against oracles that do not use it: `ipaddress` and `int.to_bytes`."""

from __future__ import annotations

import ctypes
import errno
import ipaddress
import socket
import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sockspec import libc

AF_INET = libc.constant("AF_INET")
AF_INET6 = libc.constant("AF_INET6")
NO_FAMILY = 0x7FFF

u16 = st.integers(0, 2**16 - 1)
u32 = st.integers(0, 2**32 - 1)
ipv4 = st.ip_addresses(v=4)
ipv6 = st.ip_addresses(v=6)


def filled(size: int) -> bytes:
    return bytes([libc.FILLED]) * size


# --- constants and layouts ---


def test_constants_have_the_values_of_this_system() -> None:
    for name, value in libc.CONSTANTS.items():
        other = getattr(errno, name, getattr(socket, name, None))
        if other is not None:
            assert value == int(other), name
    assert len(libc.CONSTANTS) > 100


def test_an_unknown_constant_is_an_error() -> None:
    with pytest.raises(KeyError):
        libc.constant("AF_NONESUCH")


def test_errno_names() -> None:
    assert libc.errno_name(0) is None
    assert libc.errno_name(libc.constant("ENOSPC")) == "ENOSPC"
    assert libc.errno_name(libc.constant("EWOULDBLOCK")) == "EAGAIN"
    assert libc.errno_name(99999) == "errno 99999"


def test_layout_of_sockaddr_in() -> None:
    layout = libc.layout("sockaddr_in")
    assert layout.size == libc.layout("sockaddr").size == 16
    assert (layout["sin_port"].offset, layout["sin_port"].size) == (2, 2)
    assert (layout["sin_addr"].offset, layout["sin_addr"].size) == (4, 4)


def test_layout_of_sockaddr_in6() -> None:
    layout = libc.layout("sockaddr_in6")
    offsets = {field.name: field.offset for field in layout.fields}
    assert offsets["sin6_port"] == 2
    assert offsets["sin6_flowinfo"] == 4
    assert offsets["sin6_addr"] == 8
    assert offsets["sin6_scope_id"] == 24


def test_storage_holds_every_address() -> None:
    storage = libc.layout("sockaddr_storage")
    for name in ("sockaddr_in", "sockaddr_in6", "sockaddr_un"):
        layout = libc.layout(name)
        assert layout.size <= storage.size
        assert layout.alignment <= storage.alignment
        assert layout.fields[0].offset == storage["ss_family"].offset


def test_iovec_is_a_pointer_and_a_size() -> None:
    layout = libc.layout("iovec")
    assert layout["iov_base"].size == ctypes.sizeof(ctypes.c_void_p)
    assert layout["iov_len"].size == ctypes.sizeof(ctypes.c_size_t)


@pytest.mark.parametrize("name", ["nonesuch", "in_addr; int x"])
def test_an_unknown_struct_is_an_error(name: Any) -> None:
    with pytest.raises(ValueError, match="not declared"):
        libc.layout(name)


def test_an_unknown_field_is_an_error() -> None:
    with pytest.raises(KeyError):
        libc.layout("iovec")["nonesuch"]


# --- byte order ---


@given(u32)
@example(1)
@example(0x01020304)
def test_htonl_makes_the_big_end_come_first(value: Any) -> None:
    assert libc.htonl(value).to_bytes(4, sys.byteorder) == value.to_bytes(4, "big")
    assert libc.ntohl(libc.htonl(value)) == value


@given(u16)
@example(0x0102)
def test_htons_makes_the_big_end_come_first(value: Any) -> None:
    assert libc.htons(value).to_bytes(2, sys.byteorder) == value.to_bytes(2, "big")
    assert libc.ntohs(libc.htons(value)) == value


@pytest.mark.parametrize("function", ["htons", "ntohs"])
def test_a_number_that_does_not_fit_is_an_error(function: Any) -> None:
    with pytest.raises(OverflowError):
        getattr(libc, function)(2**16)


# --- addresses ---


@given(ipv4)
def test_pton_ipv4(address: Any) -> None:
    written = libc.inet_pton(AF_INET, str(address).encode())
    assert (written.result, written.errno) == (1, None)
    assert written.memory == address.packed + filled(libc.ROOM - 4)


@given(st.one_of(ipv6.map(str), ipv6.map(lambda address: address.exploded)))
@example("::ffff:192.0.2.1")
@example("::")
def test_pton_ipv6(text: Any) -> None:
    written = libc.inet_pton(AF_INET6, text.encode())
    assert (written.result, written.errno) == (1, None)
    assert written.memory == ipaddress.IPv6Address(text).packed + filled(libc.ROOM - 16)


def is_address(family: int, text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.version == (4 if family == AF_INET else 6)


near_addresses = st.one_of(
    st.text("0123456789abcdefx:. ", max_size=45),
    st.lists(st.integers(0, 300).map(str), min_size=1, max_size=5).map(".".join),
    st.lists(st.integers(0, 0x1FFFF).map("{:x}".format), min_size=1, max_size=9).map(":".join),
)


@given(st.sampled_from([AF_INET, AF_INET6]), near_addresses)
@example(AF_INET, "1.2.3.256")
@example(AF_INET, "1.2.3")
@example(AF_INET6, "::1::")
def test_pton_takes_what_is_an_address_and_nothing_else(family: Any, text: Any) -> None:
    written = libc.inet_pton(family, text.encode())
    assert written.result == int(is_address(family, text))


def test_pton_knows_no_other_family() -> None:
    written = libc.inet_pton(NO_FAMILY, b"192.0.2.1")
    assert (written.result, written.errno) == (-1, "EAFNOSUPPORT")
    assert written.memory == filled(libc.ROOM)


@given(st.one_of(ipv4, ipv6))
def test_ntop_gives_text_for_the_same_address_in_the_callers_buffer(address: Any) -> None:
    family, size = {4: (AF_INET, "INET_ADDRSTRLEN"), 6: (AF_INET6, "INET6_ADDRSTRLEN")}[
        address.version
    ]
    text = libc.inet_ntop(family, address.packed, libc.constant(size))
    assert text.in_buffer
    assert text.text is not None
    assert ipaddress.ip_address(text.text.decode()) == address
    assert text.memory.startswith(text.text + b"\0")


@given(ipv4, st.integers(0, 20))
@example(ipaddress.ip_address("192.0.2.1"), 9)
@example(ipaddress.ip_address("192.0.2.1"), 10)
def test_ntop_stays_inside_the_size_it_was_given(address: Any, size: Any) -> None:
    text = libc.inet_ntop(AF_INET, address.packed, size)
    if size > len(str(address)):
        assert text.text == str(address).encode()
    else:
        assert (text.text, text.errno) == (None, "ENOSPC")
    assert text.memory[size:] == filled(libc.ROOM)


def test_ntop_knows_no_other_family() -> None:
    text = libc.inet_ntop(NO_FAMILY, bytes(4), 64)
    assert (text.text, text.errno) == (None, "EAFNOSUPPORT")


@given(ipv4)
def test_aton_and_ntoa_are_inverse(address: Any) -> None:
    written = libc.inet_aton(str(address).encode())
    assert written.result != 0
    assert written.memory[:4] == address.packed
    assert libc.inet_ntoa(address.packed) == str(address).encode()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (b"127.1", "127.0.0.1"),
        (b"10.2.772", "10.2.3.4"),
        (b"0x7f.0.0.1", "127.0.0.1"),
        (b"0177.0.0.1", "127.0.0.1"),
        (b"3221225985", "192.0.2.1"),
    ],
)
def test_aton_takes_the_older_forms(text: Any, address: Any) -> None:
    written = libc.inet_aton(text)
    assert written.result != 0
    assert written.memory[:4] == ipaddress.ip_address(address).packed


@pytest.mark.parametrize("text", [b"", b"256.0.0.1", b"1.2.3.4.5", b"nonsense"])
def test_aton_and_addr_refuse(text: Any) -> None:
    assert libc.inet_aton(text).result == 0
    assert libc.inet_addr(text) == libc.constant("INADDR_NONE")


@given(ipv4)
def test_addr_is_in_network_order_and_network_in_host_order(address: Any) -> None:
    assert libc.inet_addr(str(address).encode()).to_bytes(4, sys.byteorder) == address.packed
    assert libc.inet_network(str(address).encode()) == int(address)


def host_bits(address: ipaddress.IPv4Address) -> int:
    first = address.packed[0]
    return 24 if first < 128 else 16 if first < 192 else 8


@given(ipv4)
@example(ipaddress.ip_address("192.0.2.1"))
def test_parts_by_class(address: Any) -> None:
    bits = host_bits(address)
    assert libc.inet_lnaof(address.packed) == int(address) & ((1 << bits) - 1)
    assert libc.inet_netof(address.packed) == int(address) >> bits


@given(ipv4)
def test_makeaddr_puts_the_parts_together(address: Any) -> None:
    packed = address.packed
    assert libc.inet_makeaddr(libc.inet_netof(packed), libc.inet_lnaof(packed)) == packed


@pytest.mark.parametrize("address", [b"", b"123", b"12345"])
def test_an_ipv4_address_has_four_bytes(address: Any) -> None:
    with pytest.raises(ValueError, match="4 bytes"):
        libc.inet_ntoa(address)


# --- bytes ---


@st.composite
def regions(draw: st.DrawFn, number: int) -> Any:
    """Memory, as many offsets, and a count that fits at each."""
    memory = draw(st.binary(max_size=64))
    count = draw(st.integers(0, len(memory)))
    offsets = [draw(st.integers(0, len(memory) - count)) for _ in range(number)]
    return memory, offsets, count


@given(regions(1))
def test_bzero(region: Any) -> None:
    memory, [at], count = region
    assert libc.bzero(memory, at, count) == memory[:at] + bytes(count) + memory[at + count :]


@given(regions(1), st.integers(-300, 300))
def test_memset(region: Any, value: Any) -> None:
    memory, [at], count = region
    moved = libc.memset(memory, at, value, count)
    assert moved.memory == memory[:at] + bytes([value & 0xFF]) * count + memory[at + count :]
    assert moved.returned_destination


@given(regions(2))
def test_bcopy_and_memmove_cope_with_an_overlap(region: Any) -> None:
    memory, [source, destination], count = region
    expected = bytearray(memory)
    expected[destination : destination + count] = memory[source : source + count]
    assert libc.bcopy(memory, source, destination, count) == expected
    moved = libc.memmove(memory, destination, source, count)
    assert moved.memory == expected
    assert moved.returned_destination


@given(st.binary(min_size=1, max_size=64))
def test_memcpy(data: Any) -> None:
    moved = libc.memcpy(data + bytes(len(data)), len(data), 0, len(data))
    assert moved.memory == data + data
    assert moved.returned_destination


def sign(number: int) -> int:
    return (number > 0) - (number < 0)


@given(st.binary(max_size=16), st.binary(max_size=16))
@example(b"\x7f", b"\x80")
def test_memcmp_compares_unsigned_and_bcmp_tells_equal(one: Any, other: Any) -> None:
    count = min(len(one), len(other))
    a, b = one[:count], other[:count]
    assert sign(libc.memcmp(one, other, count)) == (a > b) - (a < b)
    assert (libc.bcmp(one, other, count) == 0) == (a == b)


@pytest.mark.parametrize(("at", "count"), [(0, 5), (4, 1), (-1, 1), (0, -1)])
def test_what_does_not_lie_inside_the_memory_is_an_error(at: Any, count: Any) -> None:
    with pytest.raises(ValueError, match="do not lie inside"):
        libc.bzero(b"1234", at, count)
    with pytest.raises(ValueError, match="cannot be compared"):
        libc.memcmp(b"1234", b"1234", 5)
