# SPDX-License-Identifier: Apache-2.0
"""All that a check is written with.

A check reads one record and judges claims::

    @observes("getpeername/udp_unconnected", family=INET_BOTH)
    def test_an_unconnected_udp_socket_has_no_peer(record: RecordView, claim: ClaimContext) -> None:
        call = record.the("getpeername")
        with claim("names.udp-unconnected-peer"):
            assert call.failed_with("ENOTCONN")
            assert call.left_untouched("address", "length")
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from sockspec.address import NO_ADDRESS, Address
from sockspec.call import SAID, WOULD_BLOCK, CallView, Edge, alive, got_in_order, pattern
from sockspec.exchange import Exchange
from sockspec.finding import CheckError, Finding, NotObserved, Unsupported
from sockspec.plan import (
    ALL_FAMILIES,
    BOTH_STAGES,
    INET_BOTH,
    READ,
    READERS,
    RECV,
    SEND,
    TYPES,
    WRITE,
    WRITERS,
    Case,
    exists,
    observes,
    reader_like,
)
from sockspec.record import RecordView, packets_text
from sockspec.stream import Stream
from sockspec.witness import Packet, TcpOptions

__all__ = [
    "ALL_FAMILIES",
    "BOTH_STAGES",
    "INET_BOTH",
    "NO_ADDRESS",
    "READ",
    "READERS",
    "RECV",
    "SAID",
    "SEND",
    "TYPES",
    "WOULD_BLOCK",
    "WRITE",
    "WRITERS",
    "Address",
    "CallView",
    "Case",
    "CheckError",
    "ClaimContext",
    "Edge",
    "Exchange",
    "Finding",
    "NotObserved",
    "Packet",
    "RecordView",
    "Stream",
    "TcpOptions",
    "Unsupported",
    "alive",
    "exists",
    "got_in_order",
    "observes",
    "packets_text",
    "pattern",
    "reader_like",
]


class ClaimContext(Protocol):
    """The fixture ``claim``."""

    def __call__(self, claim: str, part: str | None = None, /) -> AbstractContextManager[None]:
        """Judge a claim: an assertion that fails inside refutes it, and the check goes on.

        The id is a string literal, or one of the case's claims; the part tells apart what one
        record shows several times.
        """
