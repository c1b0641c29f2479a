# SPDX-License-Identifier: Apache-2.0
"""The kit sees what a call does to its caller's memory: real probes on a C library made faulty.

Each fault is put between a probe and the C library by the dynamic loader (LD_PRELOAD, ld.so(8)).
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from sockspec.target import find_tree

if TYPE_CHECKING:
    from pathlib import Path

SHIM = """\
#include <arpa/inet.h>
#include <dlfcn.h>
#include <string.h>
#include <sys/socket.h>
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
"""
RECV = """\
ssize_t recv(int fd, void *buffer, size_t size, int flags)
{
	ssize_t got = REAL(recv)(fd, buffer, size, flags);
	unsigned char *bytes = buffer;

	%s
	return got;
}
"""
GETPEERNAME = """\
int getpeername(int fd, struct sockaddr *address, socklen_t *length)
{
	int result = REAL(getpeername)(fd, address, length);

	%s
	return result;
}
"""
MEMSET = """\
void *memset(void *at, int value, size_t count)
{
	void *(*volatile real)(void *, int, size_t) = REAL(memset);

	if (value != 'c') /* the probe's own */
		return real(at, value, count);
	%s
}
"""
INET_ATON = """\
int inet_aton(const char *text, struct in_addr *address)
{
	int result = REAL(inet_aton)(text, address);

	%s
	return result;
}
"""
INET_NTOP = """\
const char *inet_ntop(int family, const void *address, char *text, socklen_t size)
{
	const char *result = REAL(inet_ntop)(family, address, text, size);

	%s
	return result;
}
"""

MEMSETS = ("bytes/set call=memset", "memset", 2)
RECEIVES = ("recv/zero_length by=recv family=unix type=stream", "recv", -1)
NOTHING = ("recv/peek by=recv family=unix type=stream", "recv", -1)
NO_PEER = ("getpeername/udp_unconnected family=inet", "getpeername", 0)
ATON = ("inet/aton text=1.2.3.4", "inet_aton", 0)
NTOP = ("inet/ntop family=inet address=7f000001", "inet_ntop", 0)


@attrs.frozen
class Fault:
    """What a faulty function does, and where the log shows it."""

    where: tuple[str, str, int]
    """The probe with its variant, the call, and which of those calls: its index."""
    shim: str
    does: str
    field: str
    honest: Any
    seen: Any

    def __str__(self) -> str:
        return f"{self.where[1]}, {self.field}"


FAULTS = [
    Fault(RECEIVES, RECV, "bytes[size] ^= 1;", "overrun", 0, 1),
    Fault(RECEIVES, RECV, "if (got >= 0) bytes[got] ^= 1;", "behind", 0, 1),
    Fault(NOTHING, RECV, "if (got < 0) bytes[63] ^= 1;", "behind", 0, 1),
    Fault(NO_PEER, GETPEERNAME, "((char *)address)[2] ^= 1;", "touched", 0, 3),
    Fault(NO_PEER, GETPEERNAME, "((char *)address)[*length] ^= 1;", "touched", 0, 129),
    Fault(NO_PEER, GETPEERNAME, "*length = 3;", "length", 128, 3),
    Fault(ATON, INET_ATON, "((char *)address)[4] = 0;", "memory", "01020304a5", "0102030400"),
    Fault(NTOP, INET_NTOP, "text[0] = 0;", "memory", "a5a5", "00a5"),
]


def logged(where: tuple[str, str, int], *, preload: str = "") -> dict[str, Any]:
    """The call as the probe logs it."""
    words, call, index = where
    probe, *variant = words.split()
    reader, writer = os.pipe()
    with os.fdopen(reader) as log, tempfile.TemporaryDirectory() as empty:
        subprocess.run(
            [find_tree().probes_dir / probe, *variant],
            env=os.environ | {"SOCKSPEC_LOG": str(writer), "LD_PRELOAD": preload},
            pass_fds=[writer],
            cwd=empty,  # for the files that are AF_UNIX addresses
            check=True,
            timeout=30,
        )
        os.close(writer)
        events = [json.loads(line) for line in log]
    assert events[-1]["e"] == "done"
    found: dict[str, Any] = [e for e in events if e["e"] == "call" and e["call"] == call][index]
    return found


def faulty(folder: Path, source: str) -> str:
    """A library with that function."""
    program = find_tree().probes_dir / "getpeername/udp_unconnected"
    binary = program.read_bytes()
    if b"/ld-" not in binary or b"libasan" in binary:
        pytest.skip("did not run: these probes are static or sanitized, nothing can be preloaded")
    library = folder / "faulty.so"
    command = ["cc", "-D_GNU_SOURCE", "-fPIC", "-shared", "-fno-builtin", "-x", "c", "-"]
    subprocess.run([*command, "-o", library, "-ldl"], input=SHIM + source, text=True, check=True)
    return str(library)


@pytest.mark.needs("cc")
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_what_a_call_does_to_memory_is_seen(fault: Fault, tmp_path: Path) -> None:
    library = faulty(tmp_path, fault.shim % fault.does)
    for preload, value in (("", fault.honest), (library, fault.seen)):
        seen = logged(fault.where, preload=preload)["saw"][fault.field]
        assert (seen[: len(value)] if isinstance(value, str) else seen) == value


@pytest.mark.needs("cc")
@pytest.mark.parametrize(
    ("does", "first_bytes", "result"),
    [
        ("return real(at, value, count);", "6363ce", "dest"),
        ("return real(at, value, count + 1);", "636363", "dest"),
        ("return real((char *)at - 1, value, count);", "63c7ce", "another pointer"),
        ("real(at, value, count); return NULL;", "6363ce", "another pointer"),
    ],
)
def test_what_is_filled_is_seen_with_all_around_it(
    does: str, first_bytes: str, result: str, tmp_path: Path
) -> None:
    """Two bytes in the middle of a pattern, of which each byte is 7 more than the one before."""
    call = logged(MEMSETS, preload=faulty(tmp_path, MEMSET % does))
    at, count = call["args"]["dest"], call["args"]["n"]
    assert count == 2
    assert call["saw"]["data"][2 * at : 2 * at + 6] == first_bytes
    assert call["result"] == result
