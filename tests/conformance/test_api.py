# SPDX-License-Identifier: Apache-2.0
"""What a program is compiled against: prototypes, and what the headers declare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sockspec.check import ClaimContext, Finding, NotObserved, RecordView, observes

FUNCTIONS: Final[Mapping[str, str]] = {
    "socket": "38",
    "bind": "104",
    "connect": "133",
    "accept": "147",
    "listen": "186",
    "close": "206",
    "shutdown": "212",
    "send": "227, 401",
    "recv": "247, 402",
    "sendto": "288, 404",
    "recvfrom": "294, 406",
    "htonl": "323",
    "htons": "324",
    "ntohl": "326",
    "ntohs": "327",
    "inet_pton": "334",
    "inet_ntop": "336",
    "inet_aton": "346",
    "inet_addr": "349",
    "inet_network": "353",
    "inet_ntoa": "357",
    "inet_lnaof": "361",
    "inet_netof": "364",
    "bzero": "371",
    "bcopy": "373",
    "bcmp": "375",
    "memset": "380",
    "memcpy": "384",
    "memcmp": "387",
    "read": "395",
    "write": "396",
    "sendmsg": "409",
    "recvmsg": "410",
    "getpeername": "490",
    "getsockname": "492",
}
"""Every function that the source prints a prototype of, and the lines where it does."""


@observes("api/prototypes", function=tuple(FUNCTIONS))
def test_a_function_has_the_prototype_that_is_printed(
    record: RecordView, claim: ClaimContext
) -> None:
    """Types are compared, not the names of parameters; restrict and top-level const are no matter.

    C11, 6.7.6.3: compatible function types.  What is printed as "inet ntop" is inet_ntop().
    """
    with claim("api.prototypes"):
        assert is_same(record.text("declared"), record.text("printed"))


def is_same(declared: str, printed: str) -> Finding:
    """A function is declared as it is printed."""
    return Finding(declared == printed, printed, declared)


HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "arpa/inet.h": ("htonl", "htons", "ntohl", "ntohs", "uint32_t", "uint16_t"),
    "unistd.h": ("read", "write", "size_t", "ssize_t"),
    "sys/types.h": ("size_t", "ssize_t"),
    "sys/types.h sys/socket.h": (
        *("send", "recv", "sendto", "recvfrom", "sendmsg", "recvmsg"),
        *("size_t", "ssize_t", "socklen_t", "struct sockaddr", "struct msghdr"),
    ),
}
"""Lines 321 to 327 and 393 to 410: the headers, and the functions and types below them."""

NOWHERE: Final = "limits.h: sockspec_no_such_function"


@observes("api/headers")
def test_the_headers_declare_what_stands_below_them(
    record: RecordView, claim: ClaimContext
) -> None:
    """POSIX.1-2024 <arpa/inet.h>, <unistd.h>, <sys/types.h>, <sys/socket.h>.

    Each header, or the two, is the only one that the compiler was given.
    """
    if record.number(NOWHERE):
        raise NotObserved("the compiler took a function for declared that no header has")
    for header, names in HEADERS.items():
        for name in names:
            with claim("api.headers", f"{header}: {name}"):
                assert is_declared(name, header, record.number(f"{header}: {name}"))


def is_declared(name: str, header: str, found: int) -> Finding:
    """A program that includes the header alone can use the name."""
    where = " and ".join(f"<{one}>" for one in header.split())
    return Finding(bool(found), f"{name} in {where}", "it is there" if found else "it is not there")
