# SPDX-License-Identifier: Apache-2.0
"""The liar: what each word of a rule does to a call, and that nothing else is touched.

The program under it is Python: its `socket` module makes the calls, or `ctypes` where that makes
others than it is asked to, e.g. accept4() for accept().
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from sockspec import places
from sockspec.target import find_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

LIAR: Final = find_tree().probes_dir.parent / "liar.so"
FOLDER: Final = Path(__file__).parents[2] / "csrc" / "lies"
PATIENCE_S: Final = 60.0
EXIT_RULE: Final = 125
"""The status of a program whose rule is none: csrc/lies/liar/liar.c."""

pytestmark = pytest.mark.skipif(
    not LIAR.exists(), reason="this build has no liar: it is static, or has a sanitizer"
)

BEGIN: Final = """
import array, ctypes, fcntl, os, select, signal, socket, struct, sys, termios, threading
from errno import errorcode
c = ctypes.CDLL(None, use_errno=True)
P = ctypes.c_void_p
for name in ('memset', 'memcpy'):
    getattr(c, name).restype = P
for name in ('inet_ntop', 'inet_ntoa'):
    getattr(c, name).restype = ctypes.c_char_p
for name in ('fgetc', 'ftell', 'rewind'):
    getattr(c, name).argtypes = [P]
c.fputs.argtypes, c.tmpfile.restype = [ctypes.c_char_p, P], P
c.lseek.restype, c.lseek.argtypes = ctypes.c_long, [ctypes.c_int, ctypes.c_long, ctypes.c_int]
c.inet_ntoa.argtypes = c.inet_lnaof.argtypes = c.inet_netof.argtypes = [ctypes.c_uint32]
for name in ('inet_addr', 'inet_network', 'inet_lnaof', 'inet_netof', 'htonl', 'ntohl'):
    getattr(c, name).restype = ctypes.c_uint32
for name in ('htons', 'ntohs'):
    getattr(c, name).restype = ctypes.c_uint16
UNIX, INET, INET6 = socket.AF_UNIX, socket.AF_INET, socket.AF_INET6
STREAM, DGRAM = socket.SOCK_STREAM, socket.SOCK_DGRAM
NOW, PEEK = socket.MSG_DONTWAIT, socket.MSG_PEEK
HERE = ('127.0.0.1', 0)
def tried(call, *arguments):
    "What it returns, or its error."
    try:
        return call(*arguments)
    except OSError as error:
        return errorcode.get(error.errno, error.errno)
def fine(call, *arguments):
    "Its error, or that it went well."
    done = tried(call, *arguments)
    return done if isinstance(done, str) and done in errorcode.values() else True
def raw(result):
    "The same of a call by ctypes."
    return errorcode.get(ctypes.get_errno()) if result == -1 else result
def pair(type=STREAM):
    return socket.socketpair(UNIX, type)
def listener(backlog=5):
    return socket.create_server(HERE, backlog=backlog)
def linked():
    "Both ends of a connection, and the listener."
    server = listener()
    a = socket.create_connection(server.getsockname())
    return a, server.accept()[0], server
def bound(type=DGRAM):
    s = socket.socket(type=type)
    s.bind(HERE)
    return s
def accepted(server):
    return socket.socket(fileno=c.accept(server.fileno(), None, None))
def option(s, name, level=socket.SOL_SOCKET):
    return s.getsockopt(level, name)
def reset(s):
    "Closes a connection by a reset."
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    s.close()
def has_come(s):
    select.select([s], [], [])
def arrived(s):
    while not fcntl.ioctl(s, termios.FIONREAD, bytes(4)).strip(bytes(1)):
        pass
def name_into(room, call=c.getsockname, s=None, fill=0xee):
    "What a call leaves in so much room for an address, and its length."
    s = s or socket.socket()
    data = (ctypes.c_ubyte * 64)(*[fill] * 64)
    length = ctypes.c_uint(room)
    call(s.fileno(), data, ctypes.byref(length))
    return bytes(data), length.value
def when_it_sleeps(work):
    "Another process does something once this one is asleep in a call."
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    while open(f'/proc/{parent}/stat').read().rpartition(')')[2].split()[0] != 'S':
        pass
    work()
    os._exit(0)
"""

Row = tuple[str, str, str, str]
"""A rule, a program, what it prints truthfully, and what under the lie."""


def read_rows(text: str) -> Iterator[Row]:
    """The rows of a table: blocks with a blank line between, see its beginning."""
    for block in re.split(r"\n{2,}", text):
        rule, *lines = [line for line in block.splitlines() if not line.startswith("#")] or [""]
        if rule:
            yield (
                rule,
                "".join(f"{line[4:]}\n" for line in lines if line.startswith("    ")),
                "".join(f"{line[2:]}\n" for line in lines if line.startswith("=")),
                "".join(f"{line[2:]}\n" for line in lines if line.startswith("!")),
            )


ROWS: Final = (*read_rows((Path(__file__).parent / "liar_rows.txt").read_text()),)


def environment(rule: str) -> dict[str, str]:
    """That of a program which is lied to."""
    return os.environ | {"LD_PRELOAD": str(LIAR), "SOCKSPEC_LIE": rule}


SAYS: Final = re.compile(r"a lie is told: (\w+)\n")


def lied_to(rule: str, program: str) -> subprocess.CompletedProcess[str]:
    """A Python program that ran under the liar."""
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", BEGIN + program],
        env=environment(rule),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


def seen(rule: str, program: str) -> tuple[str | None, str]:
    """In which call the first lie was told, if any was; and what the program printed."""
    done = lied_to(rule, program)
    assert (done.returncode, done.stderr) == (0, "")
    told = SAYS.search(done.stdout)
    return (told and told[1], SAYS.sub("", done.stdout))


@pytest.mark.parametrize(("rule", "program", "truth", "lie"), ROWS, ids=[row[0] for row in ROWS])
def test_a_word_of_a_rule(rule: str, program: str, truth: str, lie: str) -> None:
    assert seen("none", program) == (None, truth)
    told, printed = seen(rule, program)
    assert printed == lie
    assert told is None or told in rule.partition(":")[0].split("+")
    assert told or truth == lie, "what is changed is said"


def names_in(source: str, pattern: str) -> set[str]:
    """The names that a C source of the liar has in such places."""
    found = set(re.findall(pattern, (FOLDER / "liar" / source).read_text(), re.MULTILINE))
    assert len(found) > 20
    return found


ENTRY: Final = r'^\t\{"([a-z.]+)", '
CONDITION_NAMES: Final = names_in("conditions.c", ENTRY)
ACT_NAMES: Final = names_in("acts.c", ENTRY)
FUNCTIONS: Final = names_in(
    "lie.h", r"^\t[a-z_ 0-9]+\*?\(\*(\w+)\)\((?!const struct telling|struct telling)"
)


def words(part: int, separator: str) -> set[str]:
    """All words that stand in one of a rule's three parts, in any row."""
    rules = [row[0].partition(":") for row in ROWS]
    parts = [(where, *rest.rpartition(":")[::2]) for where, _, rest in rules]
    return {re.split("[=+-]", word)[0] for one in parts for word in one[part].split(separator)}


def test_each_word_has_a_row() -> None:
    assert words(1, ",") - {""} == CONDITION_NAMES
    assert words(2, ",") == ACT_NAMES


def test_each_function_has_a_row() -> None:
    exported = subprocess.run(["nm", "-D", "--defined-only", LIAR], capture_output=True, text=True)
    stands_before = {line.split()[-1] for line in exported.stdout.splitlines()}
    assert {name.removesuffix("64") for name in stands_before} == FUNCTIONS
    assert {where for row in ROWS for where in row[0].partition(":")[0].split("+")} == FUNCTIONS


def test_each_word_is_explained() -> None:
    """In README.md: the first column of its tables."""
    text = (FOLDER / "README.md").read_text()
    conditions, acts = text.split("## WHEN")[1].split("## DO")
    for section, names in ((conditions, CONDITION_NAMES), (acts, ACT_NAMES)):
        cells = re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
        explained = [word for cell in cells for word in re.findall(r"`([a-z.]+)", cell)]
        assert sorted(explained) == sorted(names)


def test_the_examples_are_rules() -> None:
    examples = re.findall(
        r"^    ([a-z+]+:\S*:\S+)$", (FOLDER / "README.md").read_text(), re.MULTILINE
    )
    assert len(examples) >= 3
    for rule in examples:
        assert lied_to(rule, "pass").stderr == ""


def test_each_lie_is_a_rule() -> None:
    """Those of the catalogue that calls tell, each with the liar that is built."""
    lies = places.lies(places.catalogue()).all
    rules = {lie.rule for lie in lies if lie.where == "calls"}
    assert rules
    for rule in sorted(rules):
        env = environment(rule)
        done = subprocess.run(["true"], env=env, capture_output=True, text=True, timeout=PATIENCE_S)
        assert (done.returncode, done.stderr) == (0, ""), rule


LONG: Final = "recv:" + ",".join(["value=1"] * 80) + ":skip"


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("", "a rule is WHERE:WHEN:DO: ''"),
        ("recv", "a rule is WHERE:WHEN:DO: 'recv'"),
        ("recv:skip", "a rule is WHERE:WHEN:DO: 'recv:skip'"),
        ("nothing", "a rule is WHERE:WHEN:DO: 'nothing'"),
        ("recv::", "it does nothing: 'recv::'"),
        (":anywhere:skip", "no functions, joined by '+': ''"),
        ("recv+:anywhere:skip", "no functions, joined by '+': 'recv+'"),
        ("recieve:anywhere:skip", "no functions, joined by '+': 'recieve'"),
        ("recv:sometimes:skip", "no such condition: 'sometimes'"),
        ("recv:any:skip", "no such condition: 'any'"),
        ("recv:size:skip", "needs =VALUE: 'size'"),
        ("recv:bound=1:skip", "takes no value: 'bound=1'"),
        ("recv:flag=MSG_PEEKS:skip", "no such value: 'flag=MSG_PEEKS'"),
        ("recv:flag=:skip", "no such value: 'flag='"),
        ("recv:size=1x:skip", "no such value: 'size=1x'"),
        ("recv::forget", "no such lie: 'forget'"),
        ("recv::errno", "needs a value: 'errno'"),
        ("recv::errno=", "no such value: 'errno='"),
        ("recv::errno=EWRONG", "no such value: 'errno=EWRONG'"),
        ("recv::skip=1", "takes no value: 'skip=1'"),
        ("recv:ok:skip", "the outcome is looked at, and is too late for: 'skip'"),
        ("recv:size=1,error=EIO:size=1", "the outcome is looked at, and is too late for: 'size=1'"),
        ("recv:" + ",".join(["near"] * 13) + ":skip", "too many conditions: 'near'"),
        ("recv::" + ",".join(["skip"] * 13), "too many lies at once: 'skip'"),
        (LONG, f"a rule is at most 511 characters: '{LONG}"[:200]),
    ],
    ids=lambda value: value[:30],
)
def test_what_is_no_rule_is_refused(rule: str, says: str) -> None:
    """Before the program begins, with one line."""
    done = lied_to(rule, "print('begun')")
    assert (done.returncode, done.stdout) == (EXIT_RULE, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"liar: {says}")


def test_twelve_words_are_not_too_many() -> None:
    rule = f"recv:anywhere{',near' * 11}:{'errno=EIO,' * 11}errno=EPIPE"
    assert seen(rule, "a, b = pair(); b.send(b'x'); print(tried(a.recv, 1))") == ("recv", "EPIPE\n")


def test_no_rule_is_no_lie() -> None:
    program = f"import subprocess; print(subprocess.run({[sys.executable, '-c', '']}).returncode)"
    env = environment("") | {"SOCKSPEC_LIE": "none"}
    del env["SOCKSPEC_LIE"]
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("0\n", "")


@pytest.mark.parametrize(("number", "printed"), [(599, "EIO"), (600, "0"), (700, "0")])
def test_high_descriptors_are_never_lied_about(number: int, printed: str) -> None:
    """They are the kit's."""
    program = (
        f"s = socket.socket(); d = fcntl.fcntl(s, fcntl.F_DUPFD, {number}); assert d == {number}\n"
    )
    program += "print(raw(c.listen(d, 1)))"
    told = "listen" if printed == "EIO" else None
    assert seen("listen:anywhere:errno=EIO", program) == (told, f"{printed}\n")


def test_poll_and_select_leave_high_descriptors_alone() -> None:
    program = (
        "a, b = pair(); d = fcntl.fcntl(a, fcntl.F_DUPFD, 600); p = select.poll(); "
        "p.register(d, 4); print(p.poll(0)[0][1], select.select([], [d], [], 0)[1] == [d])"
    )
    assert seen("poll+select:anywhere:errno=EIO", program) == (None, "4 True\n")


def test_nothing_is_told_where_no_call_is_under_test() -> None:
    """Python has none: whatever it calls."""
    program = "a, b, s = linked(); a.send(b'x'); print(b.recv(9), fine(a.getpeername)); b.close()"
    names = sorted(FUNCTIONS)
    for some in (names[::2], names[1::2]):
        assert seen(f"{'+'.join(some)}::errno=EIO", program) == (None, "b'x' True\n")


UNREADABLE: Final = """
def bad():
    "Memory that is there, and cannot be touched."
    c.mmap.restype = P
    c.mmap.argtypes = [P, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
    return c.mmap(None, 4096, 0, 0x22, -1, 0)
def readonly():
    bad()
    return c.mmap(None, 4096, 1, 0x22, -1, 0)
s = socket.socket(type=DGRAM)
length = ctypes.c_uint(16)
at = ctypes.byref(length)
data = bytes(16)
"""


@pytest.mark.parametrize(
    ("rule", "call"),
    [
        ("getsockname:anywhere:from.zero", "c.getsockname(s.fileno(), P(bad()), at)"),
        ("getsockname:anywhere:from.zero", "c.getsockname(s.fileno(), P(readonly()), at)"),
        ("getsockname:anywhere:length+1", "c.getsockname(s.fileno(), data, P(bad()))"),
        ("getsockname:anywhere:length+1", "c.getsockname(s.fileno(), data, P(readonly()))"),
        ("getsockopt:anywhere:seen+1", "c.getsockopt(s.fileno(), 1, 3, data, P(bad()))"),
        ("getsockopt:anywhere:seen+1", "c.getsockopt(s.fileno(), 1, 3, P(bad()), at)"),
        ("getsockopt:anywhere:seen+1", "c.getsockopt(s.fileno(), 1, 3, P(readonly()), at)"),
        ("setsockopt:anywhere:given+1", "c.setsockopt(s.fileno(), 1, 2, P(bad()), 4)"),
        ("bind:anywhere:to.port+1", "c.bind(s.fileno(), P(bad()), 16)"),
        ("bind:anywhere,to=inet:errno=EIO", "c.bind(s.fileno(), P(bad()), 16)"),
        ("bind:anywhere,wildcard:errno=EIO", "c.bind(s.fileno(), P(bad()), 16)"),
        (
            "send:anywhere:sent.flip=0",
            "c.send(s.connect(('127.0.0.1', 9)) or s.fileno(), P(bad()), 4, 0)",
        ),
        ("writev:anywhere:size=1", "c.writev(s.fileno(), P(bad()), 2)"),
        ("sendmsg:anywhere:to.none", "c.sendmsg(s.fileno(), P(bad()), 0)"),
        ("recvmsg:anywhere:outflag+MSG_EOR", "c.recvmsg(s.fileno(), P(bad()), 0x40)"),
        ("poll:anywhere:revents+POLLERR", "c.poll(P(bad()), 1, 0)"),
        ("select:anywhere:ready.in=1", "c.select(9, P(bad()), None, None, bytes(16))"),
        ("ioctl:anywhere:seen+1", "c.ioctl(s.fileno(), termios.FIONREAD, P(bad()))"),
    ],
)
def test_memory_that_cannot_be_used_is_no_end(rule: str, call: str) -> None:
    """A call under test may be given any pointer; the call says so, and the program goes on."""
    assert seen(rule, f"{UNREADABLE}print(raw({call}))")[1] == "EFAULT\n"


def test_other_words_are_told_of_a_call_with_unusable_memory() -> None:
    program = f"{UNREADABLE}print(raw(c.getsockname(s.fileno(), P(bad()), at)))"
    assert seen("getsockname:anywhere,error=EFAULT:errno=EIO", program)[1] == "EIO\n"


@pytest.mark.parametrize("condition", ["value=70", "above=64"])
@pytest.mark.parametrize(
    ("call", "made"),
    [("writev", "os.writev(a.fileno(), parts)"), ("sendmsg", "a.sendmsg(parts)")],
)
def test_parts_are_counted(condition: str, call: str, made: str) -> None:
    """Also those of a call that has more of them than the liar takes in its own memory."""
    program = f"a, b = pair()\nfor parts in [b'x'] * 2, [b'x'] * 70: print(tried(lambda: {made}))"
    assert seen(f"{call}:anywhere,{condition}:errno=EIO", program)[1] == "2\nEIO\n"
    assert seen(f"{call}:anywhere,{condition}:sent.flip=0", program)[1] == "2\n70\n"


def test_errno_is_kept() -> None:
    """By a call that does not fail, whatever the liar did meanwhile."""
    program = (
        "a, b = pair(); ctypes.set_errno(77); c.listen(-1, 1); ctypes.set_errno(77)\n"
        "c.getsockname(a.fileno(), bytes(9), bytes(4))\n"
        "print(ctypes.get_errno())"
    )
    assert seen("none", program)[1] == "77\n"
    assert seen("getsockname:anywhere,unconnected:errno=EIO", program)[1] == "77\n"
    assert seen("getsockname:anywhere:then.recv=9,then.recv=9", program)[1] == "77\n"


def test_threads_lie_by_themselves() -> None:
    """One asleep in a call that is lied about keeps no other from being lied to."""
    program = (
        "a, b = pair(); d, e = pair(); got = []\n"
        "t = threading.Thread(target=lambda: got.append(tried(a.recv, 9))); t.start()\n"
        "e.send(b'xy'); got.append(tried(d.recv, 9)); b.send(b'zw'); t.join(); print(sorted(got))"
    )
    assert seen("none", program)[1] == "[b'xy', b'zw']\n"
    assert seen("recv:anywhere:size=1", program)[1] == "[b'x', b'z']\n"


def test_a_child_lies_too() -> None:
    """A process that was forked, and one that was executed."""
    program = (
        "a, b = pair(); b.send(b'xyxy')\n"
        "if os.fork(): os.wait(); print(a.recv(2))\n"
        "else: sys.stdout.write(str(a.recv(2))); sys.stdout.flush(); os._exit(0)"
    )
    assert seen("none", program)[1] == "b'xy'b'xy'\n"
    assert (
        seen("recv:anywhere:size=1", program)[1].replace("a lie is told: recv\n", "")
        == "b'x'b'y'\n"
    )


# --- through the agent -------------------------------------------------------------------------

LIE: Final = "getpeername:error=ENOTCONN:errno=EINVAL"
PROBE: Final = "getpeername/udp_unconnected lo family=inet"


def records_of(*jobs: str, probes: Path | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The agent's hello, and its records by their jobs."""
    tree = find_tree()
    done = subprocess.run(
        [tree.agent, "--probes", probes or tree.probes_dir],
        input="".join(f"{job}\n" for job in jobs),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert (done.returncode, done.stderr) == (0, "")
    hello, *records, _ = map(json.loads, done.stdout.splitlines())
    return hello, {record["job"]: record for record in records}


def calls_of(record: dict[str, Any], name: str, who: str | None = None) -> list[str]:
    """What became of each such call of a process, if it is one: its errno, or `ok`."""
    calls = [event for event in record["events"] if event["e"] == "call"]
    return [
        call.get("errno", "ok")
        for call in calls
        if call["call"] == name and (who is None or call.get("who") == who)
    ]


def lies_of(record: dict[str, Any]) -> list[str]:
    return [event["call"] for event in record["events"] if event["e"] == "lie"]


def test_a_job_lies_and_no_other() -> None:
    lying = f"{PROBE} lie={LIE}"
    still = f"{PROBE} lie=none"
    hello, records = records_of(PROBE, lying, still)
    assert "calls" in hello["lies"]
    assert calls_of(records[lying], "getpeername") == ["EINVAL"]
    assert lies_of(records[lying]) == ["getpeername"]
    assert records[lying]["variant"] == {"family": "inet", "lie": LIE}
    for job, variant in ((PROBE, {"family": "inet"}), (still, {"family": "inet", "lie": "none"})):
        assert calls_of(records[job], "getpeername") == ["ENOTCONN"]
        assert lies_of(records[job]) == []
        assert records[job]["variant"] == variant
    for record in records.values():
        assert record["end"] == {"how": "exit", "status": 0}
        assert "output" not in record


def test_only_the_first_lie_is_an_event() -> None:
    """A probe that makes the call several times."""
    job = f"getpeername/no_connection lo family=inet type=stream lie={LIE}"
    _, records = records_of(job)
    assert calls_of(records[job], "getpeername").count("EINVAL") > 1
    assert lies_of(records[job]) == ["getpeername"]


def test_a_lie_comes_before_the_call_that_it_is_told_in() -> None:
    job = f"{PROBE} lie={LIE}"
    _, records = records_of(job)
    (call,) = [event for event in records[job]["events"] if event["e"] == "call"]
    (lie,) = [event for event in records[job]["events"] if event["e"] == "lie"]
    assert call["t_in"] <= lie["t"] <= call["t_out"]


@pytest.mark.parametrize("process", ["same", "child"])
def test_a_program_that_is_executed_lies_too(process: str) -> None:
    truth = f"getpeername/after_exec lo family=inet process={process}"
    lying = f"{truth} lie=getpeername:connected:errno=EIO"
    _, records = records_of(truth, lying)
    assert calls_of(records[truth], "getpeername") == ["ok"]
    assert calls_of(records[lying], "getpeername") == ["EIO"]


def test_a_process_that_holds_a_socket_lies_too() -> None:
    """A probe whose holder is forked, and one whose holder is executed."""
    kinds = ("fork", "exec")
    job = "close/references lo by={} family=inet turn=0"
    truths = [job.format(kind) for kind in kinds]
    _, records = records_of(*truths, *(f"{job} lie=recv:nonblocking:errno=EIO" for job in truths))
    for kind, job in zip(kinds, truths, strict=True):
        assert calls_of(records[job], "recv", kind) == ["ok"]
        assert calls_of(records[f"{job} lie=recv:nonblocking:errno=EIO"], "recv", kind) == ["EIO"]


@pytest.mark.parametrize("side", ["near", "far"])
def test_near_and_far_are_told_apart(side: str) -> None:
    """Both hosts receive; each call's event says which did."""
    job = f"close/references pair by=dup family=inet turn=0 lie=recv:{side},some:errno=EIO"
    _, records = records_of(job)
    calls = [event for event in records[job]["events"] if event.get("call") == "recv"]
    lied = {event.get("side", "near") for event in calls if event.get("errno") == "EIO"}
    true = {event.get("side", "near") for event in calls if event.get("result", 0) > 0}
    assert (lied, true) == ({side}, {"near", "far"} - {side})


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            f"getpeername/udp_unconnected lo lie={LIE} family=inet",
            "lie=RULE has to be the job's last word",
        ),
        (f"{PROBE} lie={LIE} lie=none", "lie=RULE has to be the job's last word"),
    ],
)
def test_a_lie_that_is_not_the_last_word_is_no_job(line: str, why: str) -> None:
    _, records = records_of(line, PROBE)
    assert records[line]["end"] == {"how": "agent", "why": why}
    assert records[PROBE]["end"] == {"how": "exit", "status": 0}


def test_a_rule_that_is_none_ends_its_job_alone() -> None:
    line = f"{PROBE} lie=getpeername:never:skip"
    _, records = records_of(line, PROBE)
    assert records[line]["end"] == {"how": "exit", "status": EXIT_RULE}
    assert records[line]["output"]["stderr"] == "liar: no such condition: 'never'\n"
    assert records[PROBE]["end"] == {"how": "exit", "status": 0}


def test_without_a_liar_a_lying_job_is_lost_alone(tmp_path: Path) -> None:
    """The probes alone, as another build has them."""
    probes = tmp_path / "probes"
    probes.symlink_to(find_tree().probes_dir)
    copied = tmp_path / "copied" / "probes"
    copied.mkdir(parents=True)
    (copied / "getpeername").symlink_to(find_tree().probes_dir / "getpeername")
    lying = f"{PROBE} lie={LIE}"
    hello, records = records_of(lying, PROBE, probes=copied)
    assert "calls" not in hello["lies"]
    assert records[lying]["end"] == {
        "how": "agent",
        "why": "lies need liar.so beside the folder of the probes",
    }
    assert records[PROBE]["end"] == {"how": "exit", "status": 0}


def test_agent_and_keeper_stay_honest(tmp_path: Path) -> None:
    """The liar is loaded into the probe alone; this one waits until it is ended."""
    (tmp_path / "liar.so").symlink_to(LIAR)
    path = tmp_path / "probes" / PROBE.split()[0]
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\nmkfifo f\necho > " + str(tmp_path / "begun") + "\ncat f\n")
    path.chmod(0o755)
    os.mkfifo(tmp_path / "begun")
    with subprocess.Popen(
        [find_tree().agent, "--probes", tmp_path / "probes"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    ) as agent:
        try:
            assert agent.stdin
            agent.stdin.write(f"{PROBE} lie={LIE}\n".encode())
            agent.stdin.flush()
            (tmp_path / "begun").read_text()
            processes = descendants(agent.pid)
        finally:
            agent.kill()
    depths = dict(processes)
    assert set(depths) >= {0, 1, 2}, "agent, keeper, probe"
    assert not any(are_liars for depth, are_liars in processes if depth < max(depths) - 1)
    assert any(are_liars for _, are_liars in processes)


def descendants(pid: int, depth: int = 0) -> list[tuple[int, bool]]:
    """A process and all below it: how far below, and whether the liar is there or to be there."""
    folder = Path(f"/proc/{pid}")
    marks = (folder / "environ").read_bytes() + (folder / "maps").read_bytes()
    lies = any(mark in marks for mark in (b"LD_PRELOAD=", b"SOCKSPEC_LIE=", b"liar.so"))
    below = (folder / "task" / str(pid) / "children").read_text().split()
    return [(depth, lies), *(one for child in below for one in descendants(int(child), depth + 1))]
