# SPDX-License-Identifier: Apache-2.0
"""An agent that speaks the protocol of sockspec-agent and runs nothing; its first argument says how
it misbehaves, its second what that takes.

What a probe "did" follows from its name: ``fake/holds``, ``fake/refuted`` and so on.  Under a lie
it is what the rule's last part names: ``lie=getpeername::refuted``; with ``quiet`` in its middle no
lie is told.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

HOSTILE = "</script><img src=x onerror=alert(1)>\x1b[31m\u202e&amp;\"'\\"
STAGES = ("lo", "pair", "host")
PROBES = (
    "holds refuted part unsupported fault crash hung hostile cut second many no_packets"
).split()


Events = list[dict[str, Any]]


def main() -> None:
    """Speak."""
    mode, value = sys.argv[1], sys.argv[2]
    say = MODES.get(mode, honest)
    say(value)


def emit(line: dict[str, Any] | str) -> None:
    """One line, at once."""
    text = line if isinstance(line, str) else json.dumps(line, separators=(",", ":"))
    os.write(1, text.encode("utf-8", "surrogateescape") + b"\n")


def hello(**changes: Any) -> dict[str, Any]:
    """The first line."""
    return {
        "kind": "hello",
        "schema": 1,
        "sockspec": "0.0",
        "stages": [{"name": name, "witness": name != "host"} for name in STAGES],
        "probes": {f"fake/{name}": "1" * 8 for name in PROBES} | {"target/describe": "2" * 8},
        "lies": ["calls"],
        "facts": {"kernel": "6.1.0-fake", "arch": "x86_64", "uid": 0},
        **changes,
    }


def record(job: str, **changes: Any) -> dict[str, Any]:
    """The record of one job."""
    probe, stage, *words = job.split(" ")
    variant = dict(word.split("=", 1) for word in words)
    events, end = behaviour(probe, variant.get("lie", NO_LIE))(variant)
    told = [LIE] if variant.get("lie", NO_LIE).startswith("getpeername::") else []
    return {
        "kind": "record",
        "job": job,
        "probe": probe,
        "stage": stage,
        "variant": variant,
        "hash": "1" * 8,
        "t0": 1_700_000_000_000_000_000,
        "end": end,
        "events": [*told, *events],
        "packets": None if stage == "host" else [],
        "cost": {"stage": 500_000, "probe": 900_000, "total": 1_500_000},
        **changes,
    }


def behaviour(probe: str, rule: str) -> Callable[[dict[str, str]], tuple[Events, dict[str, Any]]]:
    """What a probe does."""
    name = probe.partition("/")[2] if rule == NO_LIE else rule.rpartition(":")[2]
    return BEHAVIOURS.get(name, holds)


def jobs() -> Iterator[str]:
    """The jobs, as they come."""
    for line in sys.stdin:
        yield line.rstrip("\n")


# --- what probes do ----------------------------------------------------------------------------

NO_LIE = "none"
LIE = {"e": "lie", "call": "getpeername", "t": 1500}
EXIT: dict[str, Any] = {"how": "exit"}


def getpeername(errno: str | None) -> dict[str, Any]:
    """One call."""
    failed: dict[str, Any] = {} if errno is None else {"errno": errno}
    return {
        "e": "call",
        "call": "getpeername",
        "args": {"fd": 3},
        "t_in": 1000,
        "t_out": 2000,
        "result": 0 if errno is None else -1,
        "saw": {"length_in": 128, "length": 128, "touched": 0},
    } | failed


DONE = {"e": "done", "t": 3000}


def holds(_: dict[str, str]) -> tuple[Events, dict[str, Any]]:
    return [getpeername("ENOTCONN"), DONE], EXIT


def refuted(_: dict[str, str]) -> tuple[Events, dict[str, Any]]:
    return [getpeername("EINVAL"), DONE], EXIT


def part(variant: dict[str, str]) -> tuple[Events, dict[str, Any]]:
    return refuted(variant) if variant.get("family") == "inet6" else holds(variant)


def unsupported(_: dict[str, str]) -> tuple[Events, dict[str, Any]]:
    return [{"e": "unsupported", "what": "socket()", "errno": "EAFNOSUPPORT", "t": 5}], EXIT


def fault(_: dict[str, str]) -> tuple[Events, dict[str, Any]]:
    broken = {"e": "fault", "what": "socket()", "where": "fault.c:9", "errno": "EMFILE", "t": 5}
    return [broken], {"how": "exit", "status": 3}


def crash(_: dict[str, str]) -> tuple[Events, dict[str, Any]]:
    return [getpeername("ENOTCONN")], {"how": "signal", "status": 11, "signal": "SIGSEGV"}


def hung(_: dict[str, str]) -> tuple[Events, dict[str, Any]]:
    stuck = {"id": 7, "state": "S", "syscall": "recvfrom"}
    return [getpeername("ENOTCONN")], {"how": "limit", "stuck": [stuck]}


def cut(_: dict[str, str]) -> tuple[Events, dict[str, Any]]:
    return [getpeername("ENOTCONN")], EXIT


def hostile(_: dict[str, str]) -> tuple[Events, dict[str, Any]]:
    call = getpeername(HOSTILE) | {"call": HOSTILE, "who": HOSTILE, "args": {HOSTILE: HOSTILE}}
    note = {"e": "note", "name": HOSTILE, "value": {HOSTILE: [HOSTILE]}, "t": 4}
    step = {"e": "step", "name": HOSTILE, "t": 3}
    return [step, note, call | {"saw": {HOSTILE: HOSTILE}}, getpeername(HOSTILE), DONE], EXIT


def describe(_: dict[str, str]) -> tuple[Events, dict[str, Any]]:
    notes = {"libc": "fakelibc 1.0", "word_size": 64, "byte_order": "little"}
    return [*({"e": "note", "name": n, "value": v, "t": 1} for n, v in notes.items()), DONE], EXIT


BEHAVIOURS = {
    "refuted": refuted,
    "part": part,
    "unsupported": unsupported,
    "fault": fault,
    "crash": crash,
    "hung": hung,
    "cut": cut,
    "hostile": hostile,
    "describe": describe,
}


# --- how the agent misbehaves ------------------------------------------------------------------


def honest(_: str, **changes: Any) -> None:
    emit(hello(**changes))
    finish(jobs())


def finish(rest: Iterable[str], done: int = 0) -> None:
    for job in rest:
        emit(record(job))
        done += 1
    emit({"kind": "bye", "records": done})


def some(count: int) -> None:
    """A few honest records."""
    emit(hello())
    take = jobs()
    for _ in range(count):
        emit(record(next(take)))


def dies(value: str) -> None:
    some(int(value))
    sys.stderr.write("agent: something \x1b[31mbroke\n")
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGSEGV)


def leaves(value: str) -> None:
    some(int(value))
    sys.exit(7)


def hangs(value: str) -> None:
    some(int(value))
    while True:
        time.sleep(1000)


def stubborn(value: str) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    hangs(value)


def half_a_line(value: str) -> None:
    some(int(value))
    text = json.dumps(record(next(jobs())), separators=(",", ":"))
    os.write(1, text[: len(text) // 2].encode())


def babbles(_: str) -> None:
    """Nonsense between the lines of the protocol: like the log of a booting kernel."""
    emit("[    0.000000] Linux version \udcff")
    emit(hello())
    count = 0
    for job in jobs():
        emit("[    1.0] random: crng init done")
        emit(record(job))
        count += 1
    emit("bye?")
    emit({"kind": "bye", "records": count})


def babbles_on(_: str) -> None:
    emit(hello())
    while True:
        emit("la " * 20)


def one_bad_line(_: str) -> None:
    """The second record is not valid."""
    emit(hello())
    for n, job in enumerate(jobs()):
        emit(record(job, end="nothing") if n == 1 else record(job))
    emit({"kind": "bye", "records": n + 1})


def bad_lines(_: str) -> None:
    emit(hello())
    while True:
        emit('{"kind":"record","job":')


def twice(_: str) -> None:
    emit(hello())
    count = 0
    for job in jobs():
        emit(record(job))
        emit(record(job))
        count += 2
    emit({"kind": "bye", "records": count})


def unasked(_: str) -> None:
    emit(hello())
    n = 0
    while True:
        n += 1
        emit(record(f"fake/holds lo n={n}"))


def forgets(_: str) -> None:
    """No record of the second job, and a bye as if nothing were."""
    emit(hello())
    for n, job in enumerate(jobs()):
        if n != 1:
            emit(record(job))
    emit({"kind": "bye", "records": n})


def floods(_: str) -> None:
    """One line without an end."""
    emit(hello())
    os.write(1, b'{"kind":"record","job":"')
    while True:
        os.write(1, b"x" * 65536)


def newer(_: str) -> None:
    emit({"kind": "hello", "schema": 99, "something": "else"})
    time.sleep(1000)


def no_hello(_: str) -> None:
    emit({"kind": "bye", "records": 0})


def silent(_: str) -> None:
    time.sleep(1000)


def without(value: str) -> None:
    """Some stages cannot be had."""
    missing = value.split(",")
    stages = [
        {"name": name, "why_not": "user namespaces are forbidden here"}
        if name in missing
        else {"name": name, "witness": name != "host"}
        for name in STAGES
    ]
    honest("", stages=stages)


def lieless(_: str) -> None:
    """No lie can be told here."""
    honest("", lies=[])


def leaky(_: str) -> None:
    """What tells lies is not transparent when it tells none."""
    emit(hello())
    count = 0
    for job in jobs():
        variant = dict(word.split("=", 1) for word in job.split(" ")[2:])
        leaking = job.replace(NO_LIE, "getpeername:quiet:refuted")
        emit(record(leaking) | {"job": job, "variant": variant})
        count += 1
    emit({"kind": "bye", "records": count})


def markup(_: str) -> None:
    honest("", facts={HOSTILE: HOSTILE, "kernel": HOSTILE}, sockspec=HOSTILE)


def tidies(value: str) -> None:
    """When it is asked to end it says so in a file, after it has cleaned up."""
    pid, path = value.split(",")

    def tidy(*_: object) -> None:
        Path(path).write_text("clean")
        sys.exit(0)

    signal.signal(signal.SIGTERM, tidy)
    waits(f"1,{pid}")


def waits(value: str) -> None:
    """After some records it waits to be ended, and says so in a file."""
    count, path = value.split(",", 1)
    some(int(count))
    Path(path).write_text(str(os.getpid()))
    while True:
        time.sleep(1000)


MODES = {
    "babbles": babbles,
    "babbles_on": babbles_on,
    "bad_lines": bad_lines,
    "dies": dies,
    "floods": floods,
    "forgets": forgets,
    "half_a_line": half_a_line,
    "hangs": hangs,
    "leaky": leaky,
    "leaves": leaves,
    "lieless": lieless,
    "markup": markup,
    "newer": newer,
    "no_hello": no_hello,
    "one_bad_line": one_bad_line,
    "silent": silent,
    "stubborn": stubborn,
    "tidies": tidies,
    "twice": twice,
    "unasked": unasked,
    "waits": waits,
    "without": without,
}

if __name__ == "__main__":
    main()
