# SPDX-License-Identifier: Apache-2.0
"""Socket addresses, as calls take and give them."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import attrs

from sockspec.finding import CheckError, visible
from sockspec.witness import endpoint

_PORT_MAX: Final = 0xFFFF


@attrs.frozen
class Address:
    """A socket address; two are equal if all their parts are."""

    family: str
    """``AF_INET`` etc."""
    host: str | None = None
    port: int | None = None
    path: str | None = None
    """AF_UNIX: the path name; this and `abstract` are None for an unnamed socket."""
    abstract: str | None = None
    scope: int = 0
    flow: int = 0

    @classmethod
    def inet(cls, host: str, port: int) -> Address:
        """An IPv4 address."""
        return cls("AF_INET", _literal("AF_INET", host), port)

    @classmethod
    def inet6(cls, host: str, port: int, scope: int = 0) -> Address:
        """An IPv6 address."""
        return cls("AF_INET6", _literal("AF_INET6", host), port, scope=scope)

    @classmethod
    def unix(cls, path: str | None = None, *, abstract: str | None = None) -> Address:
        """A UNIX address; with neither a path nor an abstract name that of an unnamed socket."""
        return cls("AF_UNIX", path=path, abstract=abstract)

    @classmethod
    def parse(cls, value: object) -> Address:
        """The address that an event tells; ValueError says what is wrong with it."""
        if not isinstance(value, dict):
            raise ValueError("is not an object")
        if value.get("none") is True:
            return NO_ADDRESS
        family = _string_of(value, "family")
        if family in ("AF_INET", "AF_INET6"):
            return cls(
                family,
                _host_of(family, _string_of(value, "host")),
                _int_of(value, "port", _PORT_MAX),
                scope=_int_of(value, "scope") if "scope" in value else 0,
                flow=_int_of(value, "flow") if "flow" in value else 0,
            )
        if family != "AF_UNIX" or value.get("unnamed") is True:
            return cls(family)
        if "abstract" in value:
            return cls(family, abstract=_string_of(value, "abstract"))
        return cls(family, path=_string_of(value, "path"))

    def __str__(self) -> str:
        return visible(self._text())

    def _text(self) -> str:
        if self.host is not None:
            scope = f"%{self.scope}" if self.scope else ""
            return endpoint(self.host + scope, self.port)
        if self.path is not None:
            return f"unix:{self.path}"
        if self.abstract is not None:
            return f"unix:@{self.abstract}"
        return "unix:unnamed" if self.family == "AF_UNIX" else self.family


NO_ADDRESS: Final = Address("no address")
"""What a call gave that failed, or that wrote no address."""


def _literal(family: str, host: str) -> str:
    try:
        return _host_of(family, host)
    except ValueError:
        raise CheckError(f"{host!r} is no address of {family}") from None


def _string_of(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    if not isinstance(found, str):
        raise ValueError(f"has no {name}")
    return found


def _int_of(value: Mapping[str, Any], name: str, most: int = 0xFFFFFFFF) -> int:
    found = value.get(name)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= most:
        raise ValueError(f"has no {name}")
    return found


@lru_cache(maxsize=1024)
def _host_of(family: str, host: str) -> str:
    """The host in the form that packets have too, whatever form the target's libc prints."""
    number = socket.AF_INET if family == "AF_INET" else socket.AF_INET6
    try:
        return socket.inet_ntop(number, socket.inet_pton(number, host))
    except (OSError, ValueError):
        raise ValueError("has a host that is no address") from None
