# SPDX-License-Identifier: Apache-2.0
"""bind(): what it returns, and which addresses can be bound."""

from __future__ import annotations

from sockspec.check import (
    ALL_FAMILIES,
    INET_BOTH,
    Address,
    ClaimContext,
    RecordView,
    observes,
    pattern,
)

BOTH_STAGES = ("lo", "pair")
SAID = 64
WILDCARD = {"inet": "0.0.0.0", "inet6": "::"}

FAILURES = {
    "bound already": ("EINVAL",),
    "in use": ("EADDRINUSE",),
    "another family": ("EAFNOSUPPORT", "EINVAL"),  # its length is another, too
    "an address cut short": ("EINVAL",),
    "no directory": ("ENOENT",),
    "no socket": ("ENOTSOCK",),
    "closed": ("EBADF",),
}
"""POSIX.1-2024 bind(), by step of the probe: the errors for it."""


def has_no_name(address: Address) -> bool:
    """What an unbound socket has: no port, no path."""
    return not (address.port or address.path or address.abstract)


def exists(variant: dict[str, str]) -> bool:
    """TCP/IP has no SOCK_SEQPACKET here."""
    return variant["type"] != "seqpacket" or variant["family"] == "unix"


@observes(
    "bind/result",
    family=ALL_FAMILIES,
    type=("stream", "dgram", "seqpacket"),
    when=exists,
)
def test_bind_returns_0_or_minus_1(record: RecordView, claim: ClaimContext) -> None:
    """The name that the socket has afterwards tells whether bind() succeeded."""
    with claim("bind.returns-zero", "free"):
        assert record.the("bind", "free").returned(0)
        assert not has_no_name(record.the("getsockname", "free").address)
    for step, errnos in FAILURES.items():
        if step not in record.steps:
            continue
        with claim("bind.returns-zero", step):
            assert record.the("bind", step).failed_with(*errnos)
    for step in set(record.steps) & {"in use", "another family", "an address cut short"}:
        with claim("bind.returns-zero", f"{step}: not bound"):
            assert has_no_name(record.the("getsockname", step).address)


# --- which addresses ------------------------------------------------------------------------------

NOT_OURS = (
    "foreign",
    "a neighbour's",
    "second loopback",
    "broadcast",
    "multicast",
    "foreign, with IP_FREEBIND",
)


@observes("bind/local_address", family=INET_BOTH, stage=BOTH_STAGES, type=("stream", "dgram"))
def test_only_addresses_of_the_hosts_interfaces_can_be_bound(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 bind(), EADDRNOTAVAIL: not available from the local machine.

    Those of the interfaces are on the stage 127.0.0.1 and ::1, and on stage pair 192.0.2.1 and
    2001:db8::1 too.  The article's "must" knows no exception; where one is granted it is refuted.
    """
    for step in ("own", "loopback"):
        with claim("bind.local-address-only", step):
            assert record.the("bind", step).returned(0)
    for step in NOT_OURS:
        if step not in record.steps:
            continue
        with claim("bind.local-address-only", step):
            assert record.the("bind", step).failed_with("EADDRNOTAVAIL", "EINVAL")


@observes("bind/wildcard", family=INET_BOTH, stage=BOTH_STAGES, type=("stream", "dgram"))
def test_the_wildcard_takes_what_is_sent_to_each_address_of_the_host(
    record: RecordView, claim: ClaimContext
) -> None:
    """ip(7), INADDR_ANY; ipv6(7), in6addr_any; RFC 3493, 3.7: an AF_INET6 socket takes IPv4 too."""
    bound = record.the("getsockname").address
    for seed, step in enumerate(record.steps):
        with claim("bind.wildcard", step):
            assert bound.host == WILDCARD[record.variant["family"]]
            assert record.the("connect", step).argument_address.port == bound.port
            assert record.the("connect", step).returned(0)
            assert record.the("write", step).returned(SAID)
            assert record.the("recv", step).got(pattern(SAID, seed=seed))
