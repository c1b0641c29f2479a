# SPDX-License-Identifier: Apache-2.0
"""From text to address: inet_pton(), inet_aton(), inet_addr(), inet_network().

Each job has texts of one kind (`sockspec.inputs`); what each may be taken for comes from the
grammars of the documents (`sockspec.oracles`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sockspec.call import FILLED
from sockspec.check import CallView, ClaimContext, Finding, NotObserved, RecordView, observes
from sockspec.inputs import IPV4_TEXTS, IPV6_TEXTS, texts_of_value, value_of_texts
from sockspec.oracles import NO_NUMBER, REFUSED, Answers, aton, network, pton_ipv4, pton_ipv6

INADDR_NONE = 0xFFFFFFFF
"""POSIX.1-2024 inet_addr(): (in_addr_t)(-1)."""


def by_value(texts: Mapping[str, tuple[bytes, ...]]) -> dict[str, str]:
    """The kinds by the value of the variant that has their texts."""
    return {value_of_texts(of_kind): kind for kind, of_kind in texts.items()}


IPV4_KINDS = by_value(IPV4_TEXTS)
IPV6_KINDS = by_value(IPV6_TEXTS)

AMBIGUOUS = value_of_texts(
    (b"255.255.255.255", b"0xffffffff", b"4294967295", b"0377.255.65535", b"256.1.1.1", b"x", b"")
)
ALL_ONES = 4
"""So many of them are 255.255.255.255; the others are no addresses."""


def each_call(record: RecordView) -> Iterator[tuple[CallView, bytes]]:
    """The calls with their texts, which have to be those of the job."""
    calls = record.calls()
    wanted = texts_of_value(record.variant["text"])
    if tuple(call.text_argument("text") for call in calls) != wanted:
        raise NotObserved("the record has not one call for each text")
    return zip(calls, wanted, strict=True)


def answers_text(answers: Answers) -> str:
    return " or ".join(sorted("no address" if one is None else one.hex() for one in answers))


def assert_answer(call: CallView, address: bytes | None, answers: Answers) -> None:
    assert Finding(address in answers, f"{call.call}() to see {answers_text(answers)} in it", call)


def assert_nothing_behind(call: CallView, size: int) -> None:
    """It wrote no more than an address."""
    behind = call.memory[size:]
    assert Finding(
        bool(behind) and behind == bytes([FILLED]) * len(behind),
        f"{call.call}() to write at most {size} bytes",
        call,
    )


# --- inet_pton() ----------------------------------------------------------------------------------


def assert_pton(call: CallView, answers: Answers, size: int) -> None:
    """1 and the address, or 0."""
    assert Finding(call.result in (0, 1), "inet_pton() = 1 or 0", call)
    assert_answer(call, call.memory[:size] if call.result == 1 else None, answers)
    assert_nothing_behind(call, size)


@observes("inet/pton", family="inet", text=tuple(IPV4_KINDS))
def test_inet_pton_returns_1_for_ipv4_addresses_and_0_for_other_texts(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 inet_ntop(), RETURN VALUE; the forms: DESCRIPTION, and `pton_ipv4`."""
    with claim("pton.return-values", IPV4_KINDS[record.variant["text"]]):
        for call, text in each_call(record):
            assert_pton(call, pton_ipv4(text), 4)


@observes("inet/pton", family="inet6", text=tuple(IPV6_KINDS))
def test_inet_pton_returns_1_for_ipv6_addresses_and_0_for_other_texts(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 inet_ntop(), RETURN VALUE; RFC 4291, 2.2."""
    with claim("pton.return-values", IPV6_KINDS[record.variant["text"]]):
        for call, text in each_call(record):
            assert_pton(call, pton_ipv6(text), 16)


@observes("inet/unknown_family")
def test_other_families_are_not_supported(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024 inet_ntop(), ERRORS: EAFNOSUPPORT, for both functions."""
    for function in ("inet_pton", "inet_ntop"):
        with claim("pton.eafnosupport", function):
            assert_unsupported(record.calls(function))
    with claim("pton.return-values", "another family"):
        assert_unsupported(record.calls("inet_pton"))
    with claim("ntop.returns-pointer", "another family"):
        assert_unsupported(record.calls("inet_ntop"))


def assert_unsupported(calls: tuple[CallView, ...]) -> None:
    assert calls
    for call in calls:
        assert call.failed_with("EAFNOSUPPORT")
        assert Finding(
            call.memory == bytes([FILLED]) * len(call.memory), "nothing to be written", call
        )


# --- inet_aton(), inet_addr() ---------------------------------------------------------------------


@observes("inet/aton", text=tuple(IPV4_KINDS))
def test_inet_aton_takes_numbers_and_dots_and_refuses_other_texts(
    record: RecordView, claim: ClaimContext
) -> None:
    """inet(3); the forms are those of POSIX.1-2024 inet_addr()."""
    with claim("aton.return-values", IPV4_KINDS[record.variant["text"]]):
        for call, text in each_call(record):
            assert_answer(call, call.memory[:4] if call.result != 0 else None, aton(text))
            assert_nothing_behind(call, 4)


@observes("inet/addr", text=tuple(IPV4_KINDS))
def test_inet_addr_gives_the_address_or_inaddr_none(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 inet_addr(), RETURN VALUE: otherwise (in_addr_t)(-1)."""
    with claim("inetaddr.error-none", IPV4_KINDS[record.variant["text"]]):
        for call, text in each_call(record):
            expected = aton(text)
            if expected == REFUSED:
                assert call.returned(INADDR_NONE)
            else:
                assert_answer(call, call.memory, expected)


@observes("inet/addr", text=AMBIGUOUS)
def test_inet_addr_gives_the_same_for_all_ones_and_for_no_address(
    record: RecordView, claim: ClaimContext
) -> None:
    """inet(3): -1 is a valid address.  Neither the result nor errno tells them apart."""
    with claim("inetaddr.broadcast-ambiguous"):
        calls = [call for call, _ in each_call(record)]
        for call in calls[ALL_ONES:]:
            assert call.returned(INADDR_NONE)
        seen = {(call.result, call.text("errno")) for call in calls[ALL_ONES:]}
        for call in calls[:ALL_ONES]:
            same = (call.result, call.text("errno")) in seen
            assert Finding(same, "the same result and errno as of a text that is no address", call)


# --- inet_network() -------------------------------------------------------------------------------


@observes("inet/network", text=tuple(IPV4_KINDS))
def test_inet_network_gives_a_number_in_host_order_or_minus_1(
    record: RecordView, claim: ClaimContext
) -> None:
    """inet(3); both readings of texts with fewer than four parts will do, see `network`."""
    with claim("inetnetwork.host-order", IPV4_KINDS[record.variant["text"]]):
        for call, text in each_call(record):
            numbers = network(text)
            words = [("-1" if one == NO_NUMBER else hex(one)) for one in sorted(numbers)]
            expected = f"inet_network() = {' or '.join(words)}"
            assert Finding(call.result in numbers, expected, call)
