# SPDX-License-Identifier: Apache-2.0
"""Where probes run: the compiled tree, and an agent at work in it.

A target knows how to start its agent; what the agent says is a stream of lines, whichever way they
come.  Nothing that it says is trusted: lines are bounded, and a target that dies, hangs or babbles
loses the jobs that it still had.
"""

from __future__ import annotations

import abc
import contextlib
import os
import selectors
import signal
import subprocess
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, cast

import attrs
import msgspec

from sockspec.errors import SockspecError
from sockspec.finding import visible
from sockspec.model import Hello
from sockspec.store import BEGINS, MAX_LINE, UnreadableRecord, decode, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self

AGENT: Final = "sockspec-agent"
LIMIT_MS: Final = 10_000
"""How long one probe may take, milliseconds."""
_BABBLE: Final = 1000
"""How many lines of nonsense are passed over before the agent is given up."""
_CHUNK: Final = 1 << 20
_GRACE_S: Final = 5.0
"""How long an agent that was asked to end may take to clean up."""
_STDERR: Final = 4096


class AgentLost(SockspecError):  # noqa: N818 - what happened
    """The agent ended, or was ended, before it had answered every job."""

    def __init__(self, message: str) -> None:
        super().__init__(message, 3)


class ProbeInfo(msgspec.Struct, frozen=True):
    """One probe of the compiled tree, as ``probes.json`` lists it."""

    name: str
    interface: str
    sentence: str
    hash: str
    source: str


@attrs.frozen
class Tree:
    """A compiled tree: the agent, the probes, and the list of them."""

    path: Path

    @property
    def agent(self) -> Path:
        """The agent's program."""
        return self.path / AGENT

    @property
    def probes_dir(self) -> Path:
        """Where the probes' programs are, one directory an interface."""
        return self.path / "probes"

    def probes(self) -> tuple[ProbeInfo, ...]:
        """Every probe there is, by name."""
        path = self.path / "probes.json"
        try:
            found = msgspec.json.decode(path.read_bytes(), type=tuple[ProbeInfo, ...])
        except OSError as error:
            raise SockspecError(f"{path}: {error.strerror}; {_HOW_TO_BUILD}", 3) from None
        except (msgspec.MsgspecError, RecursionError, ValueError) as error:
            raise SockspecError(f"{path}: not a list of probes: {error}", 3) from None
        return tuple(sorted(found, key=lambda probe: probe.name))


_HOW_TO_BUILD: Final = (
    "the probes are not built: run `meson setup build && meson compile -C build`, "
    "then give --build build (or SOCKSPEC_BUILD=build)"
)


def find_tree(build: Path | None = None) -> Tree:
    """The compiled tree of a Meson build directory, or the one installed with the package.

    Raises `SockspecError` (status 3) if it is not there or has no agent.
    """
    if build is None and os.environ.get("SOCKSPEC_BUILD"):
        build = Path(os.environ["SOCKSPEC_BUILD"])
    path = build.absolute() / "target" if build else Path(__file__).parent / "target"
    tree = Tree(path)
    if not os.access(tree.agent, os.X_OK):
        raise SockspecError(f"no {AGENT} in {path}: {_HOW_TO_BUILD}", 3)
    return tree


class Target(abc.ABC):
    """Somewhere that probes can run."""

    name: str

    @abc.abstractmethod
    def probes(self) -> tuple[ProbeInfo, ...]:
        """The probes it has, by name."""

    @abc.abstractmethod
    def start(self) -> Session:
        """Start its agent; raises `SockspecError` (status 3) if it cannot be started."""


@attrs.frozen
class HostTarget(Target):
    """This system: its kernel, and the libc that the probes were built with."""

    tree: Tree
    parallel: int | None = None
    """How many jobs run side by side; None: the agent decides."""
    limit_ms: int = LIMIT_MS
    silence_s: float | None = None
    """How long the agent may say nothing before it is given up; None: by ``limit_ms``."""
    name: str = attrs.field(default="host", init=False)

    def probes(self) -> tuple[ProbeInfo, ...]:
        """The probes of the compiled tree."""
        return self.tree.probes()

    def start(self) -> Session:
        """Start the agent of the compiled tree."""
        argv = [str(self.tree.agent), "--probes", str(self.tree.probes_dir)]
        argv += ["--limit-ms", str(self.limit_ms)]
        if self.parallel is not None:
            argv += ["--parallel", str(self.parallel)]
        # Whatever runs, one job ends within its limit; the rest is the agent's own work.
        silence_s = 3 * self.limit_ms / 1000 + 15 if self.silence_s is None else self.silence_s
        return Session(argv, silence_s)


class Session:
    """An agent at work: first its hello, then jobs in and lines out.

    A context manager: leaving it ends the agent, which cleans up after itself.
    """

    def __init__(self, argv: list[str], silence_s: float) -> None:
        self._silence_s = silence_s
        self._pending = b""
        """Job lines that the agent has not taken yet."""
        self._read = bytearray()
        self._searched = 0
        """How much of ``_read`` is known to hold no end of line."""
        self._said = b""
        """The last of what it wrote to stderr."""
        self._babble = 0
        try:
            self._child = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                # Ctrl-C reaches only us; the agent is then told to end, and cleans up.
                process_group=0,
            )
        except OSError as error:
            raise SockspecError(f"{argv[0]}: cannot start: {error.strerror}", 3) from None
        pipes = (self._child.stdin, self._child.stdout, self._child.stderr)
        self._stdin, self._stdout, self._stderr = (cast("IO[bytes]", pipe) for pipe in pipes)
        self._selector = selectors.DefaultSelector()
        for pipe in (self._stdout, self._stderr):
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ)
        os.set_blocking(self._stdin.fileno(), False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def hello(self) -> bytes:
        """The agent's first line; raises `AgentLost` or `UnreadableRecord`."""
        raw = self._next_line()
        line = decode(raw)
        if not isinstance(line, Hello):
            raise UnreadableRecord(f"the agent did not begin with its hello: {quoted(raw)}")
        return raw

    def lines(self, jobs: Iterable[str]) -> Iterator[bytes]:
        """Give the agent its jobs; its lines as they come, up to and with its bye.

        Raises `AgentLost` if it ends, falls silent or babbles before that.
        """
        self._pending = "".join(f"{job}\n" for job in jobs).encode()
        if self._pending:
            self._selector.register(self._stdin, selectors.EVENT_WRITE)
        else:
            self._stdin.close()
        while True:
            raw = self._next_line()
            yield raw
            if raw.startswith(b'{"kind":"bye"'):
                self._expect_end()
                return

    def close(self) -> None:
        """End the agent and wait for it."""
        self.stop()
        self._selector.close()
        for pipe in (self._stdin, self._stdout, self._stderr):
            with contextlib.suppress(OSError):
                pipe.close()

    def stop(self) -> None:
        """Make the agent end now, from any thread: it ends its probes and removes its stages.

        If it does not within a grace, it is killed with its process group.
        """
        if self._child.poll() is not None:
            return
        self._child.terminate()
        try:
            self._child.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()

    def _next_line(self) -> bytes:
        """The next line of the protocol; nonsense between them is passed over, within bounds."""
        deadline = time.monotonic() + self._silence_s
        while True:
            line = self._buffered_line()
            if line is None:
                self._exchange(deadline)
                continue
            if line.startswith(BEGINS):
                return line
            self._babble += 1
            if self._babble > _BABBLE:
                raise AgentLost(f"the agent babbles: {quoted(line)}")

    def _buffered_line(self) -> bytes | None:
        end = self._read.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._read)
            if self._searched > MAX_LINE:
                raise AgentLost(f"the agent wrote a line longer than {MAX_LINE >> 20} MiB")
            return None
        line = bytes(self._read[: end + 1])
        del self._read[: end + 1]
        self._searched = 0
        return line

    def _exchange(self, deadline: float) -> None:
        """Wait until the agent says something, feeding it meanwhile."""
        ready = self._selector.select(max(0.0, deadline - time.monotonic()))
        if not ready and time.monotonic() >= deadline:
            raise AgentLost(f"the agent said nothing for {self._silence_s:g} s and was ended")
        for key, _ in ready:
            if key.fileobj is self._stdin:
                self._feed()
            elif key.fileobj is not self._stdout:
                self._hear()
            elif chunk := os.read(self._stdout.fileno(), _CHUNK):
                self._read += chunk
            else:
                raise AgentLost(self._how_it_ended())

    def _feed(self) -> None:
        try:
            sent = os.write(self._stdin.fileno(), self._pending[:_CHUNK])
        except BlockingIOError:
            return
        except OSError:  # it has gone: what it still wrote is read first
            sent = len(self._pending)
        self._pending = self._pending[sent:]
        if not self._pending:
            self._selector.unregister(self._stdin)
            self._stdin.close()

    def _hear(self) -> None:
        """What the agent says on stderr: the last of it explains its end."""
        chunk = os.read(self._stderr.fileno(), _CHUNK)
        if not chunk:
            self._selector.unregister(self._stderr)
        self._said = (self._said + chunk)[-_STDERR:]

    def _how_it_ended(self) -> str:
        try:
            status = self._child.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            return "the agent closed its output before its last line"
        with contextlib.suppress(KeyError, BlockingIOError):
            while self._selector.get_key(self._stderr):
                self._hear()
        how = f"exit status {status}" if status >= 0 else _signal_name(-status)
        half = f"; it broke off in {quoted(bytes(self._read))}" if self._read else ""
        said = self._said.decode(errors="replace").strip().splitlines()
        last = f": {visible(said[-1][:200])}" if said else ""
        return f"the agent ended with {how} in the middle of the run{half}{last}"

    def _expect_end(self) -> None:
        """After its bye the agent has nothing left to do but end."""
        try:
            status = self._child.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            raise AgentLost("the agent did not end after its last line") from None
        if status:
            raise AgentLost(self._how_it_ended())


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
