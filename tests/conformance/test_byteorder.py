# SPDX-License-Identifier: Apache-2.0
"""Byte order: of this host, of the network, and from one to the other.

What is expected is worked out from the numbers alone, see `sockspec.oracles`.
"""

from __future__ import annotations

from sockspec.check import (
    INET_BOTH,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    observes,
)
from sockspec.oracles import highest_first, run_highest_first

FORMS = ("written", "function")
"""As a program writes it, where it may be a macro; and the function of that name."""

LOW = (0, 1, 65536)
SPREAD = (0, 4293, 1000459)
"""Runs: the first value, the step, how many.  All of 16 bits; a million, over all of 32 bits."""

ALL_BITS = 0xFFFFFFFF

# --- the host's order -----------------------------------------------------------------------------

COUNTED = (
    "unsigned short",
    "unsigned int",
    "unsigned long",
    "unsigned long long",
    "uint16_t",
    "uint32_t",
    "uint64_t",
)
ONES = ("short", "int", "long", "long long")


def bytes_in_memory(record: RecordView, name: str) -> bytes:
    try:
        return bytes.fromhex(record.text(name))
    except ValueError:
        raise NotObserved(f"the record has nonsense for the bytes of {name}") from None


def order_of(memory: bytes, value: int) -> str:
    """In which order a number's bytes lie there."""
    orders = {value.to_bytes(len(memory), order): order for order in ("little", "big")}
    return orders.get(memory, "no order")


def assert_one_order(record: RecordView) -> None:
    """Every integer has its bytes in one of the two orders, and all in the same one."""
    seen = {}
    for name in COUNTED:
        memory = bytes_in_memory(record, name)
        counted = int.from_bytes(bytes(range(1, len(memory) + 1)), "big")
        seen[name] = order_of(memory, counted)
    for name in ONES:
        seen[name] = order_of(bytes_in_memory(record, name), 1)
    for name, order in seen.items():
        expected = f"the bytes of {name} in little or big order, as those of all"
        observed = f"{name} {bytes_in_memory(record, name).hex()}, {order}-endian"
        assert Finding(order in ("little", "big") and order == seen["int"], expected, observed)


@observes("byteorder/memory")
def test_integers_lie_in_memory_in_one_of_two_orders(
    record: RecordView, claim: ClaimContext
) -> None:
    """ISO C leaves the order of an object's bytes to the implementation."""
    with claim("byteorder.host"):
        assert_one_order(record)


# --- from one order to the other ------------------------------------------------------------------


def the_run(record: RecordView, step: str, run: tuple[int, int, int]) -> CallView:
    """The one line of many calls, which has to be of just these values."""
    (call,) = record.calls(step=step) or (None,)
    if call is None or tuple(call.args[name] for name in ("first", "step", "count")) != run:
        raise NotObserved(f"the record lacks the values {run} of step {step!r}")
    return call


def assert_chosen(record: RecordView, size: int) -> None:
    """Of each single value, the byte with the highest bits comes first."""
    calls = record.calls(record.variant["call"], step="chosen")
    assert calls
    for call in calls:
        value = call.number_argument("first", ALL_BITS >> 8 * (4 - size))
        assert call.got(highest_first(value, size))


def assert_run(record: RecordView, step: str, run: tuple[int, int, int], size: int) -> None:
    """The same of every value of a run."""
    assert the_run(record, step, run).got(run_highest_first(*run, size))


@observes("byteorder/convert", call="htonl", form=FORMS)
def test_htonl_puts_the_byte_with_the_highest_bits_first(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 htonl(); RFC 1700, Data Notations: network order is big-endian."""
    with claim("byteorder.hton", "chosen values"):
        assert_chosen(record, 4)
    with claim("byteorder.hton", "all values of 16 bits"):
        assert_run(record, "low", LOW, 4)
    with claim("byteorder.hton", "a million values"):
        assert_run(record, "spread", SPREAD, 4)
    with claim("byteorder.network-big-endian", "in memory"):
        assert_chosen(record, 4)


@observes("byteorder/convert", call="htons", form=FORMS)
def test_htons_puts_the_byte_with_the_highest_bits_first(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 htonl()."""
    with claim("byteorder.hton", "chosen values"):
        assert_chosen(record, 2)
    with claim("byteorder.hton", "all values of 16 bits"):
        assert_run(record, "low", LOW, 2)


@observes("byteorder/convert", call="ntohl", form=FORMS)
def test_ntohl_gives_the_number_whose_highest_byte_came_first(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 htonl()."""
    with claim("byteorder.ntoh", "chosen values"):
        assert_chosen(record, 4)
    with claim("byteorder.ntoh", "all values of 16 bits"):
        assert_run(record, "low", LOW, 4)
    with claim("byteorder.ntoh", "a million values"):
        assert_run(record, "spread", SPREAD, 4)


@observes("byteorder/convert", call="ntohs", form=FORMS)
def test_ntohs_gives_the_number_whose_highest_byte_came_first(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 htonl()."""
    with claim("byteorder.ntoh", "chosen values"):
        assert_chosen(record, 2)
    with claim("byteorder.ntoh", "all values of 16 bits"):
        assert_run(record, "low", LOW, 2)


@observes("byteorder/roundtrip", form=FORMS)
def test_there_and_back_is_the_same(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 htonl(): the functions convert between the two orders."""
    with claim("byteorder.roundtrip", "16 bits"):
        assert_run(record, "16 bits", LOW, 2)
    with claim("byteorder.roundtrip", "32 bits"):
        assert_run(record, "32 bits", LOW, 4)
    with claim("byteorder.roundtrip", "32 bits, a million values"):
        assert_run(record, "32 bits, spread", SPREAD, 4)


# --- on the wire ----------------------------------------------------------------------------------

LONG, NEXT = 0x0304, 1
"""Bytes that were sent, first and then."""

IPV6_HEADER = 40


def sent(record: RecordView, payload: int) -> Packet:
    """The one packet that carried so many bytes from near to far."""
    port = record.address("near").port
    found = [
        packet
        for packet in record.packets
        if packet.sent and packet.sport == port and packet.payload_length == payload
    ]
    if len(found) != 1:
        raise NotObserved(f"{len(found)} packets carry {payload} bytes")
    return found[0]


def headers(record: RecordView, packet: Packet) -> tuple[bytes, bytes]:
    """The bytes of a packet: the IP header, and what comes behind it."""
    captured = sorted(record.record.packets or (), key=lambda raw: raw.t)
    whole = bytes.fromhex(captured[packet.n].bytes)
    size = 4 * (whole[0] & 0xF) if packet.version == 4 else IPV6_HEADER
    return whole[:size], whole[size:]


def assert_length_field(record: RecordView) -> None:
    """The length in the IP header is that of the packet: RFC 791, 3.1; RFC 8200, 3."""
    packet = sent(record, LONG)
    header, _ = headers(record, packet)
    field, length = header[2:4], packet.length
    if packet.version == 6:
        field, length = header[4:6], packet.length - IPV6_HEADER
    assert Finding(
        field == highest_first(length, 2),
        f"a packet of {length} bytes to have the length {highest_first(length, 2).hex()}",
        f"length {field.hex()}",
    )


def assert_port_fields(record: RecordView) -> None:
    """The ports in the header are those of the sockets: RFC 9293, 3.1; RFC 768."""
    _, header = headers(record, sent(record, LONG))
    ports = [record.address(name).port or 0 for name in ("near", "far")]
    expected = b"".join(highest_first(port, 2) for port in ports)
    assert Finding(
        header[:4] == expected,
        f"ports {ports[0]} and {ports[1]} as {expected.hex()}",
        f"ports {header[:4].hex()}",
    )


def assert_sequence_numbers(record: RecordView) -> None:
    """After n bytes TCP's sequence number, of 32 bits, is larger by n: RFC 9293, 3.4."""
    fields = [headers(record, sent(record, size))[1][4:8] for size in (LONG, NEXT)]
    first, second = (int.from_bytes(field, "big") for field in fields)
    assert Finding(
        (second - first) & ALL_BITS == LONG,
        f"a sequence number that is larger by {LONG}, its highest byte first",
        f"{fields[0].hex()}, then {fields[1].hex()}",
    )


def assert_sent_value(record: RecordView) -> None:
    """What htonl(0x01020304) gave was sent with its highest byte first."""
    payload = sent(record, LONG).payload[:4]
    assert Finding(payload == b"\1\2\3\4", "01020304 to be sent", f"{payload.hex()} was sent")


@observes("byteorder/wire", family=INET_BOTH, stage=("lo", "pair"), type=("stream", "dgram"))
def test_headers_have_the_byte_with_the_highest_bits_first(
    record: RecordView, claim: ClaimContext
) -> None:
    """RFC 1700, Data Notations."""
    with claim("byteorder.network-big-endian", "length"):
        assert_length_field(record)
    with claim("byteorder.network-big-endian", "ports"):
        assert_port_fields(record)
    with claim("byteorder.network-big-endian", "data"):
        assert_sent_value(record)
    if record.variant["type"] == "stream":
        with claim("byteorder.network-big-endian", "sequence number"):
            assert_sequence_numbers(record)
