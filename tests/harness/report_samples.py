# SPDX-License-Identifier: Apache-2.0
"""Documents, claims and records to make reports of: a small run, a large one, a hostile one."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

import attrs
import msgspec

from sockspec.catalogue import Claim
from sockspec.model import (
    VERDICTS,
    Asleep,
    Call,
    ClaimVerdict,
    Done,
    End,
    Event,
    Fence,
    Lie,
    Note,
    Output,
    RawPacket,
    Record,
    Step,
    VariantVerdict,
    Verdict,
    VerdictsDocument,
    Waits,
)
from sockspec.timeline import TimelineLine
from sockspec.verdicts import differs, of_variants

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@attrs.frozen
class Sample:
    """All that a report is made of."""

    document: VerdictsDocument
    claims: dict[str, Claim]
    records: dict[str, Record]


TARGET: Final[dict[str, Any]] = {
    "name": "host",
    "kernel": "Linux 6.1.0-30",
    "libc": {"name": "glibc", "version": "2.36"},
    "arch": "x86_64",
    "word_size": 64,
    "byte_order": "little",
    "hz": None,
    "privileged": False,
    "sockspec": "0.1.0",
    "sysctls": {"net.ipv4.tcp_syncookies": "1", "net.ipv4.tcp_sack": "1"},
    "stages": {"lo": {"available": True, "witness": True}},
    "probes": {f"family/behaviour_{n}": f"{n:016x}" for n in range(12)},
}

# Interface, place, id, statement, then the verdicts of its variants: h, r, u, n; x for a refutation
# that no baseline expects.
_CLAIMS: Final = """
socket|38,41|socket.returns-descriptor|socket() returns a descriptor that later calls take|hhhh
socket|41|socket.like-open|the number is the lowest that is free|hh
socket|43,47|socket.domain-inet|AF_INET takes a 32-bit address and a 16-bit port|h
socket|43|socket.local-absolute-path|the address of a local socket is an absolute path name|rr
socket|53|socket.type-packet|SOCK_PACKET is a type of socket that can be used|u
socket|60|socket.protocol-sctp|IPPROTO_SCTP names SCTP|u
socket|60|socket.protocol-tipc|IPPROTO_TIPC names TIPC|n
bind|104|bind.returns-zero|bind() returns 0, or -1 on error|hhhh
bind|114|bind.local-address-only|an address of no local interface cannot be bound|hr
bind|121|bind.wildcard|INADDR_ANY takes traffic to every local address|
connect|133|connect.returns-zero|connect() returns 0, or -1 on error|hhhh
connect|142|connect.failed-needs-new-socket|after a failed connect() the descriptor is useless|rhrr
connect|142|connect.tcp-handshake|a TCP connect() begins the three-way handshake|hhhh
connect|142|connect.tcp-blocks|a blocking connect() returns when the outcome is known|hhhh
connect|142|connect.returns-on-syn-ack|it returns when the SYN+ACK comes in, not after the ACK|hhxh
connect|142|connect.udp-no-handshake|a UDP connect() sends nothing|hhhh
connect|142|connect.udp-records-peer|a UDP connect() stores the peer's address|hhhh
accept|147,150|accept.new-descriptor|accept() returns a new descriptor for that connection|hh
accept|179|accept.fifo|the head of the queue comes first|hh
accept|179,181|accept.blocks|with an empty queue accept() sleeps|hn
listen|186|listen.returns-zero|listen() returns 0, or -1 on error|hh
listen|191,193|listen.backlog-limit|backlog is the largest number of connections in the queue|rr
close|206|close.returns-zero|close() returns 0, or -1 on error|hh
close|210|close.last-reference|the FIN goes out with the last descriptor, and once|hhhhhh
close|214|close.number-free-again|a closed number is given out again|h
recv|240|recv.fewer-than-asked|recv() may return fewer bytes than asked for|hhhhh
recv|244|recv.zero-at-end|0 says that the peer has closed|hhhhh
recv|250|recv.waitall|MSG_WAITALL waits for all of it|hhhrh
recv|252|recv.peek|MSG_PEEK leaves the data where they are|hhhhh
send|260|send.partial|send() may take fewer bytes than it was given|n
send|262|send.success-is-local|success says that the kernel has the data, no more|hh
names|280|names.udp-unconnected-peer|an unconnected UDP socket has no peer: ENOTCONN|hhhh
names|282|names.truncates|a short buffer is filled, and the true length given|hhhh
names|285|names.local-before-bind|before bind() the name is the wildcard with port 0|hhhh
shutdown|300|shutdown.through-any|shutdown() through one descriptor acts on all|hh
shutdown|302|shutdown.rd-sends-nothing|SHUT_RD sends nothing|hh
options|320|options.reuseaddr|SO_REUSEADDR allows a bind in TIME_WAIT|n
options|322|options.error-once|SO_ERROR is cleared when it is read|hh
bytes|340|bytes.round-trip|htons() and ntohs() undo one another|h
bytes|344|bytes.inet-aton|inet_aton() takes the forms with one to four parts|h
"""

_STAGES: Final = ("lo", "pair")
_FAMILIES: Final = ("AF_INET", "AF_INET6", "AF_UNIX")
_LETTERS: Final[dict[str, Verdict]] = {
    "h": "holds",
    "r": "refuted",
    "x": "refuted",
    "u": "unsupported",
    "n": "not observed",
}
_WHYS: Final = {
    "h": "connect returned 0 after 214.3 µs, asleep until the SYN+ACK",
    "r": "expected -1 EINVAL; observed 0, and the second connect() went through",
    "x": "expected the return before the ACK; observed ACK out 3.1 µs before the return",
    "u": "socket() failed with ESOCKTNOSUPPORT",
    "n": "stage pair cannot be made here: user namespaces are closed",
}
_REASON: Final = "Linux gives the descriptor back as new; RFC 9293, 3.10.1"


def small() -> Sample:
    """About forty claims with all kinds of verdicts, and a record for each job."""
    claims: dict[str, Claim] = {}
    verdicts = []
    for line in _CLAIMS.strip().splitlines():
        interface, lines, claim_id, statement, letters = line.split("|")
        place = f"line {lines}".replace(",", ", ")
        claims[claim_id] = Claim(claim_id, "article", interface, place, statement, "states", ())
        verdicts.append(_verdict(claims[claim_id], letters))
    jobs = {variant.job: None for verdict in verdicts for variant in verdict.variants}
    return Sample(_document(verdicts), claims, {job: record(job) for job in jobs})


SOURCES: Final = {
    "article": "Sockets by example",
    "man-pages": "Linux man-pages",
    "posix": "POSIX <sockets> & more",
}
"""Their titles by their ids, in the order of the claims."""
_POSIX: Final = ("close", "recv", "send", "names", "shutdown")


def of_sources() -> Sample:
    """The small run, its claims from three sources; all of the second one is unexpected."""
    sample = small()
    claims = {
        claim.id: attrs.evolve(claim, source=_source_of(claim)) for claim in sample.claims.values()
    }
    verdicts = [
        msgspec.structs.replace(verdict, source=claims[verdict.id].source)
        for verdict in sample.document.claims
    ]
    return Sample(_document(verdicts), claims, sample.records)


def _source_of(claim: Claim) -> str:
    if claim.id == "connect.returns-on-syn-ack":
        return "man-pages"
    return "posix" if claim.interface in _POSIX else "article"


def strict() -> Sample:
    """The same, judged without a baseline."""
    sample = of_sources()
    verdicts = [
        msgspec.structs.replace(
            verdict,
            variants=tuple(
                msgspec.structs.replace(variant, expected="holds", reason=None)
                for variant in verdict.variants
            ),
            as_expected=not any(differs(variant, strict=True) for variant in verdict.variants),
        )
        for verdict in sample.document.claims
    ]
    document = msgspec.structs.replace(_document(verdicts), summary={"strict": True})
    return Sample(document, sample.claims, sample.records)


def large(claims: int = 2800, variants: int = 10) -> Sample:
    """A report of the size that the suite is built for: each variant has a record of its own."""
    entries: dict[str, Claim] = {}
    verdicts = []
    records: dict[str, Record] = {}
    patterns = itertools.cycle(("h",) * 7 + ("hhr", "r", "u", "n", "h", "hx", "h"))
    for number in range(claims):
        interface = f"interface{number % 35}"
        claim_id = f"{interface}.claim-{number}"
        source = ("article", "posix", "man-pages", "rfc")[number % 4]
        text = f"claim {number} states what a call does when the socket is in state {number % 11}"
        entries[claim_id] = Claim(
            claim_id, source, interface, f"line {number + 1}", text, "shall", ()
        )
        letters = (next(patterns) * variants)[:variants]
        verdicts.append(_verdict(entries[claim_id], letters))
        for variant in verdicts[-1].variants:
            records[variant.job] = record(variant.job, pieces=4)
    return Sample(_document(verdicts), entries, records)


HOSTILE: Final = (
    "</script><img src=x onerror=\"window.hacked=1;alert('x')\"><script>window.hacked=1</script>"
    "<!--\u2028\u202e\u0000\u001b[31m{{7*7}}<style>*{display:none}</style>"
    "&lt;b&gt;\"'` javascript:alert(1)"
)


def hostile() -> Sample:
    """Markup in every string that comes from outside."""
    call = Call(
        call=HOSTILE,
        args={HOSTILE: HOSTILE},
        t_in=1000,
        t_out=2000,
        result=HOSTILE,
        errno=HOSTILE,
        saw={HOSTILE: HOSTILE},
        who=HOSTILE,
    )
    bad = Record(
        job=HOSTILE,
        probe=HOSTILE,
        stage=HOSTILE,
        variant={HOSTILE: HOSTILE},
        hash=HOSTILE,
        t0=0,
        end=End(how="signal", status=11, signal=HOSTILE, why=HOSTILE),
        events=(Step(name=HOSTILE, t=0), call, Note(name=HOSTILE, value=HOSTILE, t=3000)),
        output=Output(nonsense=(HOSTILE,), stderr=f"{HOSTILE}\n{HOSTILE}"),
    )
    verdicts: list[ClaimVerdict] = []
    claims: dict[str, Claim] = {}
    for number, verdict in enumerate(VERDICTS):
        one = verdict if verdict != "holds in part" else "refuted"
        variant = VariantVerdict(
            name=HOSTILE,
            verdict=one,
            why=HOSTILE,
            job=HOSTILE,
            expected="not observed" if number % 2 else "holds",
            reason=HOSTILE,
        )
        claim_id = f"{number}{HOSTILE}"
        claims[claim_id] = Claim(
            claim_id,
            HOSTILE,
            HOSTILE,
            HOSTILE,
            HOSTILE,
            HOSTILE,  # type: ignore[arg-type]  # not one of the known words
            (),
        )
        verdicts.append(
            ClaimVerdict(
                id=claim_id,
                source=HOSTILE,
                interface=HOSTILE,
                verdict=verdict,
                why=HOSTILE,
                variants=(variant,),
                probes=(HOSTILE,),
                as_expected=not number % 2,
            )
        )
    target = {"name": HOSTILE, "kernel": HOSTILE, HOSTILE: {HOSTILE: [HOSTILE]}}
    summary = {
        "stale": [{"claim": HOSTILE, "variants": [HOSTILE], "why": HOSTILE}],
        "faults": [{"where": HOSTILE, "what": HOSTILE}],
    }
    document = VerdictsDocument(schema=1, target=target, claims=tuple(verdicts), summary=summary)
    return Sample(document, claims, {HOSTILE: bad})


def targets() -> list[VerdictsDocument]:
    """The small run as three targets see it."""
    host = small().document
    part = [
        refuted(claim) if number % 9 == 4 and claim.verdict == "holds" else claim
        for number, claim in enumerate(host.claims)
    ]
    emulated = _document(part[:-2], {**TARGET, "name": "qemu-user:s390x", "arch": "s390x"})
    gvisor = _document(part, {"name": "gvisor", "kernel": "gVisor release-20230102"})
    return [host, emulated, gvisor]


def refuted(claim: ClaimVerdict) -> ClaimVerdict:
    """The claim, refuted against all expectation."""
    return msgspec.structs.replace(claim, verdict="refuted", why=_WHYS["r"], as_expected=False)


def timeline(record: Record) -> Iterable[TimelineLine]:
    """A record's timeline, plainly."""
    lines = [_line(event) for event in record.events]
    for packet in record.packets or ():
        arrow = "→" if packet.dir == "out" else "←"
        text = f"{arrow} TCP 127.0.0.1.40001 > 127.0.0.1.8080 SYN, {packet.len} bytes"
        lines.append(TimelineLine(packet.t, None, "packet", "near", packet.dev, text))
    return sorted(lines, key=lambda line: line.t)


def _line(event: Event) -> TimelineLine:
    if isinstance(event, Call):
        args = ", ".join(f"{name}={value}" for name, value in event.args.items())
        error = f" {event.errno}" if event.errno else ""
        text = f"{event.call}({args}) = {event.result}{error}"
        return TimelineLine(
            event.t_in, event.t_out, "call", event.side, event.who, text, bool(event.errno)
        )
    if isinstance(event, Asleep):
        return TimelineLine(event.t, None, "asleep", "near", event.who, f"asleep in {event.call}()")
    if isinstance(event, Step):
        return TimelineLine(event.t, None, "step", "near", "main", event.name)
    if isinstance(event, Fence):
        return TimelineLine(event.t, None, "fence", "near", "main", f"marker {event.n} sent")
    if isinstance(event, Note):
        return TimelineLine(event.t, None, "note", "near", "main", f"{event.name} = {event.value}")
    if isinstance(event, Done):
        return TimelineLine(event.t, None, "done", "near", "main", "the probe ran to its end")
    if isinstance(event, Lie):
        return TimelineLine(event.t, None, "lie", "near", "main", f"a lie is told: {event.call}")
    what = event.why if isinstance(event, Waits) else event.what
    return TimelineLine(event.t, None, "fault", "near", "main", what, failed=True)


def record(job: str, *, pieces: int = 3) -> Record:
    """A plausible record of a refused, then a successful connect()."""
    probe, stage, *variant = job.split()
    seed = sum(map(ord, job))
    address = {"family": "AF_INET", "host": "127.0.0.1", "port": 32768 + seed % 28000}
    connect = {"fd": 3, "address": address, "length": 16}
    events: list[Event] = [
        Step(name="before the server listens", t=1_204_100),
        Call(
            call="socket",
            args={"domain": "AF_INET", "type": "SOCK_STREAM", "protocol": 0},
            t_in=1_210_000 + seed % 999,
            t_out=1_216_400 + seed % 999,
            result=3,
        ),
        Call(
            call="connect",
            args=connect,
            t_in=1_220_000 + seed % 999,
            t_out=1_262_300 + seed % 999,
            result=-1,
            errno="ECONNREFUSED",
        ),
        Step(name="listening", t=1_300_000),
        Call(
            call="listen",
            args={"fd": 4, "backlog": 5},
            t_in=1_301_000,
            t_out=1_304_200,
            result=0,
            side="far",
            who="server",
        ),
        Asleep(call="connect", who="sleeper", t=1_380_000, asleep=True, how="thread state"),
        Call(
            call="connect",
            args=connect,
            t_in=1_310_000,
            t_out=1_524_300 + seed % 999,
            result=0,
            who="sleeper",
        ),
        Note(name="backlog", value=5, t=1_530_000),
    ]
    for piece in range(pieces):
        begin = 1_600_000 + 50_000 * piece + seed % 777
        events.append(
            Call(
                call="recv",
                args={"fd": 4, "size": 10, "flags": "0"},
                t_in=begin,
                t_out=begin + 2_900,
                result=5,
                saw={"data": "68656c6c6f", "behind": 0},
                side="far",
                who="server",
            )
        )
    events += [Fence(n=1, t=1_990_000), Done(t=2_000_000)]
    packets = tuple(
        RawPacket(
            t=1_230_000 + 110_000 * n + seed % 555,
            dir="in" if n % 2 else "out",
            dev="lo",
            len=60,
            bytes="45000000",
        )
        for n in range(6)
    )
    return Record(
        job=job,
        probe=probe,
        stage=stage,
        variant=dict(part.split("=", 1) for part in variant),
        hash="0" * 16,
        t0=1_700_000_000_000_000_000,
        end=End(how="exit"),
        events=tuple(events),
        packets=packets,
    )


def _verdict(claim: Claim, letters: str) -> ClaimVerdict:
    probe = claim.id.replace(".", "/").replace("-", "_")
    variants = tuple(_variant(probe, n, letter) for n, letter in enumerate(letters))
    found = [variant.verdict for variant in variants]
    telling = next((v for v in variants if v.verdict != "holds"), variants[0] if variants else None)
    return ClaimVerdict(
        id=claim.id,
        source=claim.source,
        interface=claim.interface,
        verdict=of_variants(found),
        why=telling.why if telling else "no check came to it",
        variants=variants,
        probes=(probe,) if variants else (),
        as_expected=not any(differs(variant) for variant in variants),
    )


def _variant(probe: str, number: int, letter: str) -> VariantVerdict:
    verdict = _LETTERS[letter]
    assert verdict != "holds in part"
    stage = _STAGES[number % 2]
    family = _FAMILIES[number // 2 % 3]
    job = f"{probe} {stage} family={family} round={number}"
    return VariantVerdict(
        name=job,
        verdict=verdict,
        why=_WHYS[letter],
        job=job,
        expected=verdict if letter in "ru" else "holds",
        reason=_REASON if letter == "r" else None,
    )


def _document(
    claims: Sequence[ClaimVerdict], target: dict[str, Any] | None = None
) -> VerdictsDocument:
    return VerdictsDocument(schema=1, target=target or TARGET, claims=tuple(claims), summary={})
