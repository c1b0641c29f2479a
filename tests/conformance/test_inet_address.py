# SPDX-License-Identifier: Apache-2.0
"""From address to text, and to its parts: inet_ntop(), inet_ntoa(), inet_lnaof(), inet_netof().

What is expected comes from the grammars of the documents, see `sockspec.oracles`.
"""

from __future__ import annotations

from collections.abc import Callable

from sockspec.call import FILLED
from sockspec.check import (
    INET_BOTH,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    RecordView,
    observes,
)
from sockspec.inputs import CLASSFUL_ADDRESSES, IPV4_ADDRESSES, IPV6_ADDRESSES, value_of_bytes
from sockspec.oracles import (
    highest_first,
    local_part,
    network_part,
    ntoa,
    pton_ipv4,
    pton_ipv6,
)

# --- inet_ntop() ----------------------------------------------------------------------------------

ADDRESSES = {
    "inet": (value_of_bytes(IPV4_ADDRESSES),),
    "inet6": tuple(value_of_bytes(IPV6_ADDRESSES[at : at + 5]) for at in (0, 5, 10)),
}
TEXT_MAX = {"inet": 16, "inet6": 46}
"""INET_ADDRSTRLEN and INET6_ADDRSTRLEN: the most that a text needs, its zero included."""


def of_its_family(variant: dict[str, str]) -> bool:
    return variant["address"] in ADDRESSES[variant["family"]]


def by_address(record: RecordView) -> dict[bytes, list[CallView]]:
    """The calls for each address, one for each length of the buffer from 0 on."""
    found: dict[bytes, list[CallView]] = {}
    for call in record.calls("inet_ntop"):
        found.setdefault(call.bytes_argument("address"), []).append(call)
    wanted = [bytes.fromhex(one) for one in record.variant["address"].split(",")]
    lengths = list(range(TEXT_MAX[record.variant["family"]] + 2))
    if list(found) != wanted or any(
        [call.args["size"] for call in calls] != lengths for calls in found.values()
    ):
        raise NotObserved("the record has not one call for each length of the buffer")
    return found


def text_of(call: CallView) -> bytes | None:
    """The text that it returned."""
    return call.result.encode("latin-1", "replace") if isinstance(call.result, str) else None


def assert_text(call: CallView, address: bytes) -> None:
    """A text of this very address, in the buffer, and the pointer to it."""
    text = text_of(call)
    read = pton_ipv4 if len(address) == 4 else pton_ipv6
    assert Finding(text is not None and address in read(text), f"a text of {address.hex()}", call)
    assert Finding(
        text is not None and call.memory.startswith(text + b"\0") and call.number("in_buffer") == 1,
        "a pointer to the text, which is in the caller's buffer",
        call,
    )


def assert_pointer_or_null(calls: list[CallView], address: bytes) -> None:
    """The pointer where the buffer was long enough, and NULL where it was not."""
    assert_text(calls[-1], address)
    for call in calls:
        if call.result is None:
            assert call.failed_with("ENOSPC")
        else:
            assert_text(call, address)


def assert_keeps_to_the_length(calls: list[CallView]) -> None:
    """The same text, with its zero, where it fits; nothing at all behind the length it was told."""
    needed = len(text_of(calls[-1]) or b"") + 1
    assert calls[-1].succeeded()
    for size, call in enumerate(calls):
        if size < needed:
            assert call.failed_with("ENOSPC")
        else:
            assert call.gave(calls[-1].result)
        behind = call.memory[size:]
        untouched = bool(behind) and behind == bytes([FILLED]) * len(behind)
        assert Finding(untouched, f"nothing written behind {size} bytes", call)


@observes(
    "inet/ntop",
    family=INET_BOTH,
    address=(*ADDRESSES["inet"], *ADDRESSES["inet6"]),
    when=of_its_family,
)
def test_inet_ntop_writes_the_text_into_the_buffer_if_it_fits(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 inet_ntop(), RETURN VALUE; ERRORS: ENOSPC."""
    for address, calls in by_address(record).items():
        with claim("ntop.returns-pointer", address.hex()):
            assert_pointer_or_null(calls, address)
        with claim("ntop.buffer-length", address.hex()):
            assert_keeps_to_the_length(calls)


def assert_no_text_without_a_buffer(record: RecordView) -> None:
    """It ends in a crash or with NULL; with a buffer the same call gives the text."""
    ended = record.text("ended")
    returned = [call for call in record.calls("inet_ntop") if "buffer" in call.event.args]
    if ended.startswith("SIG"):
        assert Finding(not returned, "no text without a buffer", f"the call ended in {ended}")
    elif len(returned) == 1:
        assert Finding(returned[0].result is None, "no text without a buffer", returned[0])
    else:
        raise NotObserved(f"the call without a buffer ended the process: {ended}")
    assert record.the("inet_ntop", "with a buffer").succeeded()


@observes("inet/ntop_null", family=INET_BOTH, size=("46", "0"))
def test_inet_ntop_needs_a_buffer(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 inet_ntop(): dst points to a buffer, which shall not be NULL."""
    with claim("ntop.buffer-required"):
        assert_no_text_without_a_buffer(record)


# --- inet_ntoa() ----------------------------------------------------------------------------------

NTOA_SIZE = 16
NTOA_RUNS = (
    *((0, 1 << 8 * place, 256) for place in range(4)),
    (0, 1000003, 4294),
)


def runs(record: RecordView, wanted: tuple[tuple[int, int, int], ...]) -> tuple[CallView, ...]:
    """The lines of many calls: of just these first values, steps and counts."""
    calls = tuple(call for call in record.calls() if "first" in call.event.args)
    seen = [tuple(call.args[name] for name in ("first", "step", "count")) for call in calls]
    if seen != list(wanted):
        raise NotObserved("the record has not the runs of values that it should have")
    return calls


def assert_run(
    call: CallView, run: tuple[int, int, int], result_of: Callable[[bytes], bytes]
) -> None:
    """The result for each address of a run."""
    first, step, count = run
    addresses = (highest_first(first + step * n, 4) for n in range(count))
    assert call.got(b"".join(map(result_of, addresses)))


@observes("inet/ntoa")
def test_inet_ntoa_gives_the_dotted_text(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 inet_addr(): the standard dotted-decimal notation."""
    with claim("ntoa.dotted", "chosen addresses"):
        calls = record.calls("inet_ntoa", step="chosen")
        assert calls
        for call in calls:
            address = call.bytes_argument("address")
            assert call.returned(ntoa(address).decode())
    with claim("ntoa.dotted", "runs of addresses"):
        for call, run in zip(runs(record, NTOA_RUNS), NTOA_RUNS, strict=True):
            assert_run(call, run, lambda address: ntoa(address).ljust(NTOA_SIZE, b"\0"))


# --- inet_lnaof(), inet_netof() -------------------------------------------------------------------

CLASSFUL = value_of_bytes(CLASSFUL_ADDRESSES)
PARTS_RUN = (0, 1000003, 3758)
"""Up to the end of class C."""


def assert_parts(record: RecordView, part_of: Callable[[bytes], int]) -> None:
    calls = record.calls(record.variant["call"], step="chosen")
    if value_of_bytes(call.bytes_argument("address") for call in calls) != CLASSFUL:
        raise NotObserved("the record has not one call for each address")
    for call in calls:
        assert call.returned(part_of(call.bytes_argument("address")))


def assert_parts_of_run(record: RecordView, part_of: Callable[[bytes], int]) -> None:
    (call,) = runs(record, (PARTS_RUN,))
    assert_run(call, PARTS_RUN, lambda address: highest_first(part_of(address), 4))


@observes("inet/parts", call="inet_lnaof", address=CLASSFUL)
def test_inet_lnaof_gives_the_hosts_part(record: RecordView, claim: ClaimContext) -> None:
    """inet(3), NOTES: 24, 16 or 8 bits in class A, B or C."""
    with claim("lnaof.local-part", "chosen addresses"):
        assert_parts(record, local_part)
    with claim("lnaof.local-part", "a run of addresses"):
        assert_parts_of_run(record, local_part)


@observes("inet/parts", call="inet_netof", address=CLASSFUL)
def test_inet_netof_gives_the_networks_part(record: RecordView, claim: ClaimContext) -> None:
    """inet(3), NOTES: 8, 16 or 24 bits in class A, B or C, the bits of the class included."""
    with claim("netof.network-part", "chosen addresses"):
        assert_parts(record, network_part)
    with claim("netof.network-part", "a run of addresses"):
        assert_parts_of_run(record, network_part)
