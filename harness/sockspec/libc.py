# SPDX-License-Identifier: Apache-2.0
"""This system's libc as it is: constants, struct layouts, and the functions without side effects.

Nothing is made convenient here, since it is what checks look at: a failing call gives its result
and errno instead of an exception, and memory that a call was to write is handed back whole, so that
what it left alone can be told.  Line numbers in brackets are those of the article.

An address is its bytes as they lie in memory, that is, in network order.  A number is in host order
unless the name of the parameter says otherwise.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, cast

import attrs

from sockspec._libc import ffi, lib

FILLED: Final = 0xA5
"""The byte that memory holds before a call writes to it."""

ROOM: Final = 64
"""Bytes of memory given to a function that writes an address; more than any address needs."""

CONSTANTS: Final[Mapping[str, int]] = MappingProxyType(
    {name: value for name in dir(lib) if isinstance(value := getattr(lib, name), int)}
)
"""The value here of every constant by its name: families, types, flags, options, errno values."""


@attrs.frozen
class Field:
    """Where a field lies in its struct; in bytes."""

    name: str
    offset: int
    size: int


@attrs.frozen
class Layout:
    """How a struct lies in memory; in bytes.  Only the fields that POSIX names are listed."""

    size: int
    alignment: int
    fields: tuple[Field, ...]

    def __getitem__(self, name: str) -> Field:
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


@attrs.frozen
class Written:
    """What a call returned, and the memory it was to write."""

    result: int
    errno: str | None
    """The name errno had after the call; None if the call did not set it."""
    memory: bytes
    """All of the memory it was given; a byte it did not write is `FILLED`."""


@attrs.frozen
class Text:
    """A call's text, and the caller's buffer."""

    text: bytes | None
    """Up to the terminating zero, which is not included; None for NULL."""
    in_buffer: bool
    """Whether the pointer returned is that of the caller's buffer."""
    errno: str | None
    memory: bytes


@attrs.frozen
class Moved:
    """Memory after a call, and whether the pointer it returned was that of the destination."""

    memory: bytes
    returned_destination: bool


def constant(name: str) -> int:
    """The value of a constant here; `KeyError` if it is not one of `CONSTANTS`."""
    return CONSTANTS[name]


def errno_name(number: int) -> str | None:
    """An errno's name; None for 0.  Where two share a value, the one first in the alphabet."""
    if number == 0:
        return None
    for name, value in sorted(CONSTANTS.items()):
        if value == number and name.startswith("E"):
            return name
    return f"errno {number}"


def layout(struct: str) -> Layout:
    """The layout of a struct, e.g. ``sockaddr_in``; `ValueError` if it is not one declared here."""
    try:
        kind = ffi.typeof(f"struct {struct}")
    except ffi.error as error:
        raise ValueError(f"struct {struct} is not declared in sockspec._libc") from error
    fields = tuple(Field(name, field.offset, ffi.sizeof(field.type)) for name, field in kind.fields)
    return Layout(ffi.sizeof(kind), ffi.alignof(kind), fields)


# --- byte order [307-327] ----------------------------------------------------------------------


def htonl(value: int) -> int:
    """32 bits from host order to network order; `OverflowError` if they do not fit [322]."""
    return cast("int", lib.htonl(value))


def htons(value: int) -> int:
    """16 bits from host order to network order; `OverflowError` if they do not fit [324]."""
    return cast("int", lib.htons(value))


def ntohl(value_in_network_order: int) -> int:
    """32 bits from network order to host order [325]."""
    return cast("int", lib.ntohl(value_in_network_order))


def ntohs(value_in_network_order: int) -> int:
    """16 bits from network order to host order [327]."""
    return cast("int", lib.ntohs(value_in_network_order))


# --- addresses [330-364] -----------------------------------------------------------------------


def inet_pton(family: int, text: bytes) -> Written:
    """Text to address [333]: 1, or 0 for text that is no address, or -1 and EAFNOSUPPORT [339]."""
    memory = _filled(ROOM)
    ffi.errno = 0
    result = lib.inet_pton(family, text, memory)
    return Written(result, errno_name(ffi.errno), _bytes(memory))


def inet_ntop(family: int, address: bytes, size: int) -> Text:
    """Address to text, into a buffer said to hold ``size`` bytes [335, 341].

    The result is NULL with ENOSPC if that is too short, with EAFNOSUPPORT for an unknown family.
    The buffer is in truth `ROOM` bytes longer, so that a write behind it is seen, and harmless.
    """
    source = _copy(address.ljust(ROOM, b"\0"))
    buffer = _filled(size + ROOM)
    ffi.errno = 0
    result = lib.inet_ntop(family, source, buffer, size)
    errno = errno_name(ffi.errno)
    return Text(_string(result), result == buffer, errno, _bytes(buffer))


def inet_aton(text: bytes) -> Written:
    """IPv4 text, also in its older forms, to address [345]: non-zero, or 0 if invalid."""
    memory = _filled(ROOM)
    ffi.errno = 0
    result = lib.inet_aton(text, ffi.cast("struct in_addr *", memory))
    return Written(result, errno_name(ffi.errno), _bytes(memory))


def inet_addr(text: bytes) -> int:
    """IPv4 text to a number in network order [348]; INADDR_NONE if invalid."""
    return cast("int", lib.inet_addr(text))


def inet_network(text: bytes) -> int:
    """IPv4 network text to a number in host order [352]; 0xffffffff, i.e. -1, if invalid."""
    return cast("int", lib.inet_network(text))


def inet_ntoa(address: bytes) -> bytes | None:
    """An IPv4 address, 4 bytes, to dotted text [356]; None for NULL.  Copied from libc's buffer."""
    return _string(lib.inet_ntoa(_in_addr(address)))


def inet_lnaof(address: bytes) -> int:
    """The host's part of an IPv4 address by its class, in host order [361]."""
    return cast("int", lib.inet_lnaof(_in_addr(address)))


def inet_netof(address: bytes) -> int:
    """The network's part of an IPv4 address by its class, in host order [364]."""
    return cast("int", lib.inet_netof(_in_addr(address)))


def inet_makeaddr(network: int, host: int) -> bytes:
    """The IPv4 address with these two parts, which are in host order; 4 bytes in network order."""
    made = lib.inet_makeaddr(network, host)
    return bytes(ffi.buffer(ffi.addressof(made), 4))


# --- bytes [370-387] ---------------------------------------------------------------------------
# Each works on a copy of ``memory`` and gives it back.  Offsets and counts are in bytes, and
# have to lie inside it: `ValueError` if not.


def bzero(memory: bytes, at: int, count: int) -> bytes:
    """Set ``count`` bytes to 0 [370]."""
    copy = _copy(memory)
    lib.bzero(_inside(copy, at, count), count)
    return _bytes(copy)


def bcopy(memory: bytes, source: int, destination: int, count: int) -> bytes:
    """Copy inside the memory, the two regions may overlap [372, 383]."""
    copy = _copy(memory)
    lib.bcopy(_inside(copy, source, count), _inside(copy, destination, count), count)
    return _bytes(copy)


def bcmp(one: bytes, other: bytes, count: int) -> int:
    """0 if the first ``count`` bytes are equal, else non-zero [374]."""
    return cast("int", lib.bcmp(*_compared(one, other, count), count))


def memset(memory: bytes, at: int, value: int, count: int) -> Moved:
    """Set ``count`` bytes to ``value``, converted to an unsigned char [379]."""
    copy = _copy(memory)
    destination = _inside(copy, at, count)
    result = lib.memset(destination, value, count)
    return Moved(_bytes(copy), result == destination)


def memcpy(memory: bytes, destination: int, source: int, count: int) -> Moved:
    """Copy inside the memory [381]; what happens if the regions overlap is not specified [383]."""
    return _moved(lib.memcpy, memory, destination, source, count)


def memmove(memory: bytes, destination: int, source: int, count: int) -> Moved:
    """Copy inside the memory, the two regions may overlap."""
    return _moved(lib.memmove, memory, destination, source, count)


def memcmp(one: bytes, other: bytes, count: int) -> int:
    """The sign tells which has the larger of the first differing bytes, unsigned [385-387]."""
    return cast("int", lib.memcmp(*_compared(one, other, count), count))


# --- memory ------------------------------------------------------------------------------------


def _copy(memory: bytes) -> Any:
    """New memory with these bytes."""
    copy = ffi.new("char[]", len(memory))
    ffi.memmove(copy, memory, len(memory))
    return copy


def _filled(size: int) -> Any:
    """New memory, every byte `FILLED`."""
    return _copy(bytes([FILLED]) * size)


def _bytes(memory: Any) -> bytes:
    """All of it."""
    return bytes(ffi.buffer(memory))


def _string(pointer: Any) -> bytes | None:
    """The text at a pointer; None for NULL."""
    return None if pointer == ffi.NULL else bytes(ffi.string(pointer))


def _in_addr(address: bytes) -> Any:
    """A struct in_addr with these 4 bytes."""
    if len(address) != 4:
        raise ValueError(f"an IPv4 address has 4 bytes, not {len(address)}")
    return ffi.new("struct in_addr *", {"s_addr": int.from_bytes(address, sys.byteorder)})[0]


def _inside(memory: Any, at: int, count: int) -> Any:
    """A pointer to ``count`` bytes inside the memory."""
    if min(at, count) < 0 or at + count > len(memory):
        raise ValueError(f"{count} bytes at {at} do not lie inside {len(memory)} bytes")
    return memory + at


def _compared(one: bytes, other: bytes, count: int) -> tuple[Any, Any]:
    """Both in memory, each at least ``count`` long."""
    if not 0 <= count <= min(len(one), len(other)):
        raise ValueError(f"{count} bytes of {len(one)} and {len(other)} cannot be compared")
    return ffi.from_buffer(one), ffi.from_buffer(other)


def _moved(
    function: Callable[[Any, Any, int], Any],
    memory: bytes,
    destination: int,
    source: int,
    count: int,
) -> Moved:
    """Memory after ``function(destination, source, count)``."""
    copy = _copy(memory)
    to = _inside(copy, destination, count)
    result = function(to, _inside(copy, source, count), count)
    return Moved(_bytes(copy), result == to)
