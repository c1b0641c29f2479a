# SPDX-License-Identifier: Apache-2.0
"""One call of a record, as checks see it: its values, and the findings about it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final, NoReturn

import attrs

from sockspec import model
from sockspec.address import NO_ADDRESS, Address
from sockspec.finding import CheckError, Finding, Late, NotObserved
from sockspec.words import call_text, data_text, micros, short, value_text

if TYPE_CHECKING:
    from sockspec.record import RecordView

DATA_SHOWN: Final = 256
"""A record has at most this many bytes of what a call received, and a CRC-32 of more."""

SAID: Final = 64
"""The kit's verbs of a conversation write so many bytes at a time."""

WOULD_BLOCK: Final = ("EAGAIN", "EWOULDBLOCK")
"""POSIX lets the two be two numbers, and a socket return either."""

FILLED: Final = 0xA5
"""The byte that memory holds before a call writes to it."""

_CRC32: Final = re.compile(r"[0-9a-f]{8}", re.ASCII)
_FAMILY_BYTES: Final = 2
"""An address of fewer bytes does not even have a family."""

_ZERO: Final = frozenset(
    (
        *("bind", "close", "connect", "getpeername", "getsockname", "getsockopt", "listen"),
        *("setsockopt", "shutdown", "socketpair"),
    )
)
"""POSIX.1-2024: calls that return 0 when they succeed, and not merely something else than -1."""


def pattern(n: int, offset: int = 0, seed: int = 0) -> bytes:
    """``n`` bytes of the pattern that probes send, from its byte ``offset`` on.

    Byte i is (31 seed + 7 i + 13 (i / 256)) mod 256.
    """
    first, last = offset // 256, (offset + n) // 256
    rows = b"".join(_pattern_row((31 * seed + 13 * row) & 0xFF) for row in range(first, last + 1))
    return rows[offset % 256 : offset % 256 + n]


@cache
def _pattern_row(begin: int) -> bytes:
    return bytes((begin + 7 * i) & 0xFF for i in range(256))


class Told(dict[str, Any]):
    """What a record tells by name: that a name is missing is no error of a check."""

    def __missing__(self, name: str) -> NoReturn:
        raise NotObserved(f"the record lacks {short(name)}")


@attrs.frozen
class Edge:
    """The moment at which a call was entered, or had returned."""

    t: int
    what: str

    def __str__(self) -> str:
        return f"{self.what} at {micros(self.t)}"

    def __bool__(self) -> bool:
        raise CheckError(f"{self.what}: a moment is neither true nor false")


@attrs.frozen
class Return(Edge):
    """The moment at which a call had returned; called with a value: whether it returned that."""

    call: CallView = attrs.field(eq=False, repr=False)

    def __call__(self, value: int | str | None) -> Finding:
        return self.call.gave(value)


@attrs.frozen(eq=False, repr=False, slots=False)
class CallView:
    """One call of a record, as checks see it.

    Its predicates are findings; its values raise `NotObserved` where the record lacks them.  Where
    a call failed it left nothing, so that a comparison with an expected value fails, as it should.
    """

    event: model.Call
    index: int
    """Its place among the record's events."""
    record: RecordView

    # what was called

    @property
    def call(self) -> str:
        return self.event.call

    @cached_property
    def args(self) -> Mapping[str, Any]:
        """The arguments by name; one that the record lacks is not observed."""
        return Told(self.event.args)

    def text_argument(self, name: str) -> bytes:
        """An argument that is a text, in bytes."""
        value = self.args[name]
        if not isinstance(value, str) or (value and max(value) > "\xff"):
            raise self._lacks_argument(name)
        return value.encode("latin-1")

    def bytes_argument(self, name: str) -> bytes:
        """An argument of bytes, e.g. an address."""
        value = _of_hex(self.args[name])
        if value is None:
            raise self._lacks_argument(name)
        return value

    def number_argument(self, name: str, most: int) -> int:
        """An argument between 0 and ``most``."""
        value = self.args[name]
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise self._lacks_argument(name)
        return value

    @property
    def result(self) -> int | str | None:
        return self.event.result

    @property
    def errno(self) -> str | None:
        return self.event.errno

    @property
    def count(self) -> int:
        """How many bytes it has sent or received; 0 where it failed."""
        return self.result if isinstance(self.result, int) and self.result > 0 else 0

    @property
    def side(self) -> model.Side:
        return self.event.side

    @property
    def who(self) -> str:
        return self.event.who

    @property
    def t_in(self) -> int:
        return self.event.t_in

    @property
    def t_out(self) -> int:
        return self.event.t_out

    @property
    def entered(self) -> Edge:
        return Edge(self.t_in, f"{self._name} was entered")

    @property
    def returned(self) -> Return:
        """The moment of its return; ``returned(value)`` is the finding that it gave the value."""
        return Return(self.t_out, f"{self._name} had returned", self)

    @cached_property
    def step(self) -> str | None:
        """The step in which it was entered."""
        return self.record.step_of(self)

    @property
    def failed(self) -> bool:
        return self.result == -1 or self.errno is not None

    def __str__(self) -> str:
        return call_text(self.event)

    def __repr__(self) -> str:
        return str(self)

    # what it left behind

    def seen(self, name: str) -> Any:
        """What the record says under this name; untyped, and lists and objects are possible."""
        if name not in self.event.saw:
            raise self._lacks(name)
        return self.event.saw[name]

    def number(self, name: str) -> int:
        """An integer that the call left behind."""
        value = self.seen(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._lacks(name)
        return value

    def text(self, name: str) -> str:
        """A string that the call left behind."""
        value = self.seen(name)
        if not isinstance(value, str):
            raise self._lacks(name)
        return value

    def names(self, name: str) -> frozenset[str]:
        """A set of flags that the call left behind; empty where it failed."""
        if self._left_nothing(name):
            return frozenset()
        return frozenset(self.text(name).split("|")) - {"", "0"}

    @property
    def data(self) -> bytes:
        """The received bytes; only where a record has all of them, see `got` for more."""
        if "crc32" in self.event.saw:
            raise CheckError(
                f"{self._name}: a record has only the first {DATA_SHOWN} bytes of longer data; "
                "use got(), got_pattern(), or crc32"
            )
        return self.head

    @property
    def head(self) -> bytes:
        """The first received bytes, at most `DATA_SHOWN`."""
        if self._left_nothing("data"):
            return b""
        return self._bytes("data")

    @property
    def memory(self) -> bytes:
        """All of the memory that it was to write to; what it did not write is `FILLED`."""
        return self._bytes("memory")

    @property
    def crc32(self) -> int:
        """The CRC-32 of all received bytes."""
        if "crc32" not in self.event.saw:
            return zlib.crc32(self.head)
        text = self.text("crc32")
        if not _CRC32.fullmatch(text):
            raise self._lacks("crc32")
        return int(text, 16)

    @property
    def address(self) -> Address:
        """The address that it gave; `NO_ADDRESS` if it failed or wrote none."""
        if self._left_nothing("address") or self._wrote_no_address:
            return NO_ADDRESS
        try:
            return Address.parse(self.seen("address"))
        except ValueError as error:
            raise NotObserved(f"the record's address of {self._name} {error}") from None

    @property
    def argument_address(self) -> Address:
        """The address that it was given."""
        try:
            return Address.parse(self.args.get("address"))
        except ValueError as error:
            raise NotObserved(f"the record's address for {self._name} {error}") from None

    @property
    def length(self) -> int:
        """The address length that it left."""
        return self.number("length")

    @property
    def length_in(self) -> int:
        """The address length that it was told."""
        return self.number("length_in")

    @property
    def touched(self) -> int:
        """How many bytes of the address buffer, from its front, it changed."""
        return self.number("touched")

    @property
    def behind(self) -> int:
        """How many bytes of the buffer behind the data it changed."""
        return self.number("behind")

    @property
    def overrun(self) -> int:
        """How many bytes beyond the buffer it changed."""
        return self.number("overrun")

    @property
    def msg_flags(self) -> frozenset[str]:
        """The names of recvmsg()'s flags."""
        return self.names("msg_flags")

    @property
    def fds(self) -> tuple[int, ...]:
        """The descriptors that came with recvmsg()."""
        if self._left_nothing("fds"):
            return ()
        value = self.seen("fds")
        if not isinstance(value, list):
            raise self._lacks("fds")
        numbers = tuple(n for n in value if isinstance(n, int) and not isinstance(n, bool))
        if len(numbers) != len(value):
            raise self._lacks("fds")
        return numbers

    # findings

    def gave(self, value: int | str | None) -> Finding:
        """It returned this value."""
        return self._finding(self.result == value, f"{self._name} = {value_text(value)}")

    def succeeded(self) -> Finding:
        """It returned no errno, and what it returns when it succeeds: 0, or something not -1."""
        return self._finding(self._succeeded, f"{self._name} to succeed")

    def failed_with(self, *errnos: str) -> Finding:
        """It returned -1 (or NULL) and one of these errnos."""
        if not errnos:
            raise CheckError("failed_with() needs the name of an errno")
        ok = self.result in (-1, None) and self.errno in errnos
        return self._finding(ok, f"{self._name} = -1 {' or '.join(errnos)}")

    def left_untouched(self, *what: str) -> Finding:
        """It wrote nothing there: any of ``address``, ``length``, ``data``."""
        if not what or not set(what) <= set(_TOUCHES):
            raise CheckError(f"left_untouched() takes any of {', '.join(_TOUCHES)}")
        touched = [words for words in (_TOUCHES[name](self) for name in what) if words]
        return Finding(
            not touched,
            f"{self._name} to leave {' and '.join(what)} untouched",
            "; ".join(touched) or "untouched",
        )

    def gave_address(self, address: Address, length: int | None = None) -> Finding:
        """It gave this address and, if it is told, this length."""
        expected = str(address) if length is None else f"{address}, length {length}"
        wanted = f"{self._name} to give {expected}"
        if not self._succeeded:
            return self._finding(False, wanted)
        observed = str(self.address)
        ok = self.address == address
        if length is not None:
            observed += f", length {self.length}"
            ok = ok and self.length == length
        return self._finding(ok, wanted, observed)

    def got(self, data: bytes) -> Finding:
        """It received exactly these bytes."""
        ok = not self.failed and self.head == data[:DATA_SHOWN] and self.crc32 == zlib.crc32(data)
        return self._finding(ok, Late(lambda: f"{self._name} to get {data_text(data)}"))

    def got_pattern(self, n: int, offset: int = 0, seed: int = 0) -> Finding:
        """It received exactly ``n`` bytes of the pattern, from its byte ``offset`` on."""
        got = self.got(pattern(n, offset, seed))
        expected = f"{self._name} to get bytes {offset} to {offset + n} of pattern {seed}"
        return Finding(got.ok, expected, self)

    def got_just(self, data: bytes) -> Finding:
        """It received exactly these bytes, said how many, and changed no other byte of memory."""
        got = self.got(data)
        if not got.ok:
            return got
        changed = f"{self.behind} bytes changed behind the data, {self.overrun} beyond the buffer"
        if self.behind or self.overrun:
            return self._finding(False, f"{self._name} to change no other memory", changed)
        return self.gave(len(data)) if self.result != len(data) else got

    def got_just_pattern(self, n: int, offset: int = 0, seed: int = 0) -> Finding:
        """The same of ``n`` bytes of the pattern, from its byte ``offset`` on."""
        got = self.got_pattern(n, offset, seed)
        return self.got_just(pattern(n, offset, seed)) if got.ok else got

    def took_a_part(self) -> Finding:
        """It has sent some of its data, and not all."""
        size = self.args["size"]
        return self._finding(0 < self.count < size, f"{self._name} to take a part of {size} bytes")

    def slept(self) -> Finding:
        """Its thread was seen asleep inside it."""
        return self.record.asleep_in(self)

    # parts of the above

    @property
    def _name(self) -> str:
        who = "" if self.who == "main" else f" of {short(self.who)}"
        return f"{short(self.call)}(){who}"

    @property
    def _succeeded(self) -> bool:
        return not self.failed and (self.call not in _ZERO or self.result == 0)

    @property
    def _wrote_no_address(self) -> bool:
        saw = self.event.saw
        return "address" not in saw and "touched" in saw and self.touched < _FAMILY_BYTES

    def _left_nothing(self, name: str) -> bool:
        return self.failed and name not in self.event.saw

    def _lacks(self, name: str) -> NotObserved:
        missing = "lacks" if name not in self.event.saw else "has nonsense for"
        return NotObserved(f"the record {missing} the {short(name)} of {self._name}")

    def _lacks_argument(self, name: str) -> NotObserved:
        return NotObserved(f"the record has nonsense for the argument {name} of {self._name}")

    def _bytes(self, name: str) -> bytes:
        value = _of_hex(self.text(name))
        if value is None:
            raise self._lacks(name)
        return value

    def _finding(self, ok: bool, expected: object, observed: str | None = None) -> Finding:
        return Finding(ok, expected, self if observed is None else observed)


def alive(calls: Iterable[CallView]) -> Finding:
    """Each write() took all it was given, and the recv() after it, at the peer, gave just that."""
    said: bytes | None = None
    last: Finding | None = None
    for call in calls:
        if call.call == "write":
            said = call.bytes_argument("data")
            last = call.gave(len(said))
        elif call.call == "recv" and said is not None:
            last = call.got_just(said)
        elif call.call == "recv":
            last = Finding(False, f"a write() before {call}", "none")
        if last is not None and not last.ok:
            return last
    return Finding(False, "a write() and the recv() of it", "neither") if last is None else last


def got_in_order(calls: Iterable[CallView], size: int, seed: int = 0) -> Finding:
    """Together they received ``size`` bytes of the pattern, each byte once and in order."""
    offset = 0
    for call in calls:
        got = call.got_just_pattern(call.count, offset, seed)
        if not got.ok:
            return got
        offset += call.count
    return Finding(offset == size, f"{size} bytes to come", f"{offset} came")


def _of_hex(text: object) -> bytes | None:
    """The bytes of what `event_data()` of the kit wrote; None if it is nonsense."""
    if not isinstance(text, str):
        return None
    try:
        value = bytes.fromhex(text)
    except ValueError:
        return None
    return value if len(value) <= DATA_SHOWN and len(text) == 2 * len(value) else None


def _address_touch(call: CallView) -> str | None:
    return f"{call.touched} bytes of the address changed" if call.touched else None


def _length_touch(call: CallView) -> str | None:
    if call.length == call.length_in:
        return None
    return f"the length changed from {call.length_in} to {call.length}"


def _data_touch(call: CallView) -> str | None:
    result = call.result if isinstance(call.result, int) else 0
    changed = max(0, result) + call.behind + call.overrun
    return f"{changed} bytes of the buffer changed" if changed else None


_TOUCHES: Final[dict[str, Callable[[CallView], str | None]]] = {
    "address": _address_touch,
    "length": _length_touch,
    "data": _data_touch,
}
"""What a call may write, with how to tell that it did, in words."""
