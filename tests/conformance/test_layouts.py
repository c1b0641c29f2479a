# SPDX-License-Identifier: Apache-2.0
"""Socket addresses in memory: the structures, and the bytes that the system fills in and takes."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Final

from sockspec.check import (
    CallView,
    ClaimContext,
    Finding,
    Packet,
    RecordView,
    observes,
)

BOTH_STAGES = ("lo", "pair")

SOCKADDR_IN: Final = ("sin_family", "sin_port", "sin_addr")
SOCKADDR_IN6: Final = (
    *("sin6_family", "sin6_port", "sin6_flowinfo"),
    *("sin6_addr", "sin6_scope_id"),
)
"""The fields, in the order in which they are printed (lines 76-80 and 88-94)."""

BITS: Final[Mapping[str, int]] = {
    "sin_port": 16,
    "sin_addr": 32,
    "s_addr": 32,
    "sin6_port": 16,
    "sin6_flowinfo": 32,
    "sin6_addr": 128,
    "s6_addr": 128,
    "sin6_scope_id": 32,
}
"""What the types and the comments say; POSIX.1-2024 <netinet/in.h>; RFC 3493, 3.2 and 3.3."""


def has_printed_type(record: RecordView, field: str) -> Finding:
    """The field is there, and has the type that is printed."""
    found = record.number(f"{field}: has the printed type") == 1
    size = record.number(f"{field}: size")
    return Finding(found, f"{field} to have the printed type", f"another one, of {size} bytes")


def has_bits(record: RecordView, field: str) -> Finding:
    """The field has as many bits as are printed."""
    found = 8 * record.number(f"{field}: size")
    return Finding(found == BITS[field], f"{field} to have {BITS[field]} bits", f"{found}")


def in_order(record: RecordView, fields: tuple[str, ...]) -> Finding:
    """Each field begins where the one before it has ended, or behind that."""
    ends = [record.number(f"{f}: offset") + record.number(f"{f}: size") for f in fields]
    begins = [record.number(f"{f}: offset") for f in fields]
    ok = all(end <= begin for end, begin in zip(ends, begins[1:], strict=False))
    return Finding(ok, f"in this order: {', '.join(fields)}", f"offsets {begins}, ends {ends}")


def fits_in_storage(record: RecordView, structure: str, family: str) -> Finding:
    """It can be stored and passed as an address of any family.

    POSIX.1-2024 <sys/socket.h>: sockaddr_storage has room for it and is aligned for it, and the
    family is at the same place in all three.
    """
    size, room = (record.number(f"{s}: size") for s in (structure, "sockaddr_storage"))
    mine, its = (record.number(f"{s}: alignment") for s in (structure, "sockaddr_storage"))
    places = [record.number(f"{f}: offset") for f in (family, "sa_family", "ss_family")]
    return Finding(
        size <= room and its % mine == 0 and len(set(places)) == 1,
        f"struct {structure} inside a sockaddr_storage, the family at one place",
        f"{size} bytes in {room}; alignments {mine} and {its}; family at {places}",
    )


def judge_fields(record: RecordView, fields: tuple[str, ...]) -> None:
    for field in fields:
        assert has_printed_type(record, field)
        if field in BITS:
            assert has_bits(record, field)


@observes("layout/structures")
def test_sockaddr_in_has_the_fields_that_are_printed(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 <netinet/in.h>.  More than these, such as padding, is not excluded."""
    with claim("addr.sockaddr-in-layout", "fields"):
        judge_fields(record, (*SOCKADDR_IN, "s_addr"))
    with claim("addr.sockaddr-in-layout", "order"):
        assert in_order(record, SOCKADDR_IN)
    with claim("addr.sockaddr-in-layout", "as any address"):
        assert fits_in_storage(record, "sockaddr_in", "sin_family")


@observes("layout/structures")
def test_sockaddr_in6_has_the_fields_that_are_printed(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 3493, 3.2 and 3.3; POSIX.1-2024 <netinet/in.h>."""
    with claim("addr.sockaddr-in6-layout", "fields"):
        judge_fields(record, (*SOCKADDR_IN6, "s6_addr"))
    with claim("addr.sockaddr-in6-layout", "order"):
        assert in_order(record, SOCKADDR_IN6)
    with claim("addr.sockaddr-in6-layout", "as any address"):
        assert fits_in_storage(record, "sockaddr_in6", "sin6_family")


# --- in use ---------------------------------------------------------------------------------------


def first_of(record: RecordView) -> Packet:
    """The first packet of the exchange: the SYN, or the datagram."""
    packets = record.packets_between(record.fence(1), record.fence(2))
    assert packets, "no packet was sent"
    return packets[0]


def holds_in_network_order(record: RecordView, what: str, host: str, port: int | None) -> Finding:
    """The memory has the port and the address as they stand in the packet, the first byte first."""
    memory = bytes.fromhex(record.text(what))
    at = record.number("port at"), record.number("address at")
    wanted = (port or 0).to_bytes(2, "big"), ipaddress.ip_address(host).packed
    found = tuple(memory[a : a + len(w)] for a, w in zip(at, wanted, strict=True))
    return Finding(
        found == wanted,
        f"{what}: port {wanted[0].hex()}, address {wanted[1].hex()}",
        f"port {found[0].hex()}, address {found[1].hex()}",
    )


def judge_memory(record: RecordView) -> None:
    packet = first_of(record)
    for what in ("own", "sender"):
        assert holds_in_network_order(record, what, packet.src, packet.sport)
    for what in ("given to connect()", "peer"):
        assert holds_in_network_order(record, what, packet.dst, packet.dport)


def naming_calls(record: RecordView) -> Iterator[CallView]:
    """The calls in which the system fills in an address."""
    for call in record.calls():
        if call.call in ("getsockname", "getpeername", "accept", "recvfrom"):
            yield call


def judge_lengths(record: RecordView) -> None:
    size = record.number("size")
    for call in naming_calls(record):
        assert call.succeeded()
        assert Finding(call.length == size, f"a length of {size}", f"{call}")


def judge_families(record: RecordView, family: str) -> None:
    for call in naming_calls(record):
        assert Finding(call.address.family == family, f"the family {family}", f"{call}")


@observes("layout/in_memory", family="inet", stage=BOTH_STAGES, type=("stream", "dgram"))
def test_the_system_fills_in_a_sockaddr_in_in_network_order(
    record: RecordView, claim: ClaimContext
) -> None:
    """The packets tell which order that is: RFC 791, appendix B; ip(7), Address format."""
    with claim("addr.sockaddr-in-layout", "network order"):
        judge_memory(record)
    with claim("addr.sockaddr-in-layout", "lengths"):
        judge_lengths(record)
    with claim("addr.sockaddr-in-layout", "family"):
        judge_families(record, "AF_INET")


@observes("layout/in_memory", family="inet6", stage=BOTH_STAGES, type=("stream", "dgram"))
def test_the_system_fills_in_a_sockaddr_in6_in_network_order(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 3493, 3.2 and 3.3: address and port in network byte order."""
    with claim("addr.sockaddr-in6-layout", "network order"):
        judge_memory(record)
    with claim("addr.sockaddr-in6-layout", "lengths"):
        judge_lengths(record)
    with claim("addr.sockaddr-in6-layout", "family"):
        judge_families(record, "AF_INET6")
