# SPDX-License-Identifier: Apache-2.0
"""What happens when nobody answers: retransmission, time-outs, keep-alive; and TCP Fast Open.

RFC 6298: the retransmission timer; RFC 9293, 3.8.3, 3.8.4 and 3.10.8: connection failures,
keep-alive, the user timeout; RFC 7413: data in the SYN; POSIX.1-2024 and tcp(7): what the program
is told, and what it may set.  A gap between two packets is judged by its lower bound only: a busy
machine makes gaps longer, never shorter.
"""

from __future__ import annotations

from itertools import pairwise

from sockspec.check import (
    INET_BOTH,
    SAID,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    Stream,
    observes,
    pattern,
)

TICK_NS = 10_000_000
"""A tick of the coarsest clock that a target's timers run by."""
SECOND_NS = 1_000_000_000

HELLO = b"hello"
"""What the peer says."""
NEAR_SAYS, PEER_SAYS = b"near", b"peer!"
"""An exchange that shows that a connection lives."""

TWO_HOURS_S = 7200
COOKIE, NEW_COOKIE = bytes.fromhex("c00c1e0102030405"), bytes.fromhex("c00c1e060708090a")
"""What the peer gives in tcp/fast_open_client."""
COOKIE_SIZES = range(4, 17, 2)
"""RFC 7413, 4.1.1."""
TAKEN = 10
"""How many bytes of a SYN's data the peer acknowledges in the step ``some taken``."""


# --- what was sent -------------------------------------------------------------------------------


def listed(packets: tuple[Packet, ...]) -> str:
    return "; ".join(map(str, packets)) or "no packet"


def end_of(record: RecordView, what: str) -> Stream:
    """The near host's end of the connection that the probe noted by this name."""
    return record.stream(record.address(what))


def first_bytes(stream: Stream) -> tuple[Packet, ...]:
    """The segment with the first byte, as often as it was sent."""
    return tuple(p for p in stream.packets if p.has_data and stream.relative(p) == 1)


def apart(record: RecordView, first: Packet, last: Packet | CallView, ns: int) -> Finding:
    """The target's timer kept one from the other for so long."""
    return record.at_least(first, last, ns - TICK_NS - record.noise())


def doubling(record: RecordView, packets: tuple[Packet, ...], ns: int) -> Finding:
    """Each gap is at least twice as long as the one before could be at least."""
    if len(packets) < 3:
        raise NotObserved(f"sent {len(packets)} times, which shows no two intervals")
    found = Finding(True, "intervals that double", "they do")
    for n, (first, last) in enumerate(pairwise(packets)):
        found = apart(record, first, last, ns << n)
        if not found.ok:
            return found
    return found


def before_limit(packets: tuple[Packet, ...], ns: int) -> tuple[Packet, ...]:
    """Without those sent when the user timeout was over, which may cut the last interval."""
    return tuple(p for p in packets if p.t - packets[0].t < ns - TICK_NS)


def asked(stream: Stream) -> tuple[Packet, ...]:
    """What is of a keep-alive probe's kind, be there data outstanding or not, and of any number."""
    sent = False
    found: list[Packet] = []
    for packet in stream.packets:
        if sent and packet.payload_length <= 1 and not packet.flags & {"SYN", "FIN", "RST"}:
            found.append(packet)
        sent = sent or packet.has_data
    return tuple(found)


def never_asked(stream: Stream) -> Finding:
    return Finding(not asked(stream), "no keep-alive probe", listed(asked(stream)))


def answered_by_reset(stream: Stream) -> Finding:
    """What came last was answered by a RST: there is no connection any more."""
    came = [p for p in stream.peer_packets if not p.is_rst]
    resets = [p for p in stream.resets if came and p.n > came[-1].n]
    return Finding(bool(resets), "a RST as the answer", listed(stream.packets[-1:]))


# --- what the program was told -------------------------------------------------------------------


def reported(call: CallView, *events: str) -> Finding:
    """poll() reported all of these events."""
    return Finding(
        set(events) <= call.names("revents"), f"poll() to report {'|'.join(events)}", call
    )


def told(call: CallView, error: str) -> Finding:
    """SO_ERROR was this one; ``0``: none."""
    return Finding(call.gave(0).ok and call.text("error") == error, f"SO_ERROR {error}", call)


def error_calls(record: RecordView, step: str | None = None) -> tuple[CallView, ...]:
    """The reads of SO_ERROR."""
    calls = record.calls("getsockopt", step=step)
    return tuple(c for c in calls if c.args.get("option") == "SO_ERROR")


def read(record: RecordView, option: str, step: str | None = None) -> CallView:
    """The only getsockopt() of this option."""
    calls = [c for c in record.calls("getsockopt", step=step) if c.args.get("option") == option]
    if len(calls) != 1:
        raise NotObserved(f"{option} was read {len(calls)} times")
    return calls[0]


def lives(said: CallView, heard: CallView) -> Finding:
    """Both ends said something, which arrived."""
    sent = said.gave(len(NEAR_SAYS))
    return heard.got_just(PEER_SAYS) if sent.ok else sent


def ended(record: RecordView) -> CallView | None:
    """The call that was told of the end; None: poll() was, and then SO_ERROR."""
    calls = [c for c in record.calls("recv") if c.who == "reader"]
    return calls[0] if calls else None


def timed_out(record: RecordView) -> Finding:
    """The program was told ETIMEDOUT, by the call that waited, or else by SO_ERROR."""
    call = ended(record)
    return call.failed_with("ETIMEDOUT") if call else told(error_calls(record)[0], "ETIMEDOUT")


def end_moment(record: RecordView) -> CallView:
    return ended(record) or record.calls("poll")[0]


# --- data that nobody acknowledges ---------------------------------------------------------------


@observes("tcp/given_up", stage="wire", family=INET_BOTH, told_by=("recv", "poll"))
def test_unacknowledged_data_end_a_connection(record: RecordView, claim: ClaimContext) -> None:
    """RFC 6298, 5; RFC 9293, 3.8.3 and 3.10.8; POSIX.1-2024 recv(), send(), SO_ERROR."""
    late = record.fences[1]
    near = end_of(record, "given up")
    other = end_of(record, "other")
    silent = near.until(late)
    with claim("rto.doubles"):
        freely = before_limit(first_bytes(silent), record.number("limit_ns"))
        assert doubling(record, freely, record.number("rto_ns"))
    with claim("rto.off-when-acknowledged"):
        again = end_of(record, "acknowledged").until(late).retransmissions
        assert Finding(bool(silent.retransmissions), "a retransmission beside it", "none")
        assert Finding(not again, "no retransmission of what was acknowledged", listed(again))
    with claim("timeout.closes"):
        assert timed_out(record)
        assert answered_by_reset(near)
    with claim("timeout.per-connection"):
        assert timed_out(record)
        assert Finding(bool(other.until(late).segments), "data of the other connection", "none")
        assert other.no_reset()
        assert Finding(
            other.acknowledged_up_to == SAID + 1,
            "the other connection's data to be there until they were acknowledged",
            f"acknowledged up to {other.acknowledged_up_to}",
        )
    with claim("timeout.calls"):
        call = ended(record)
        assert call.slept() if call else reported(record.calls("poll")[0], "POLLIN", "POLLERR")
        assert timed_out(record)
    with claim("timeout.silent"):
        ends = tuple(p for p in silent.packets if p.is_fin or p.is_rst)
        assert timed_out(record)
        assert Finding(not ends, "neither FIN nor RST", listed(ends))
    with claim("timeout.recv"):
        assert timed_out(record)
    with claim("timeout.error-once"):
        assert timed_out(record)
        assert told(error_calls(record, "after")[0], "0")
        assert record.the("recv", "after").gave(0)
    with claim("timeout.epipe"):
        assert record.the("write", "after").failed_with("EPIPE")
        assert Finding(record.number("sigpipe") == 1, "one SIGPIPE", str(record.note("sigpipe")))
    with claim("usertimeout.data"):
        assert timed_out(record)
        first = first_bytes(silent)
        if not first:
            raise NotObserved("the data were not captured")
        assert apart(record, first[0], end_moment(record), record.number("limit_ns"))


@observes("tcp/retry_limit", stage="wire", family="inet", socket="open")
def test_how_often_data_are_sent_again(record: RecordView, claim: ClaimContext) -> None:
    """tcp(7), tcp_retries2."""
    with claim("retries.established"):
        assert told(error_calls(record)[0], "ETIMEDOUT")
        assert sent_again_at_most(record)


@observes("tcp/retry_limit", stage="wire", family="inet", socket="closed")
def test_how_often_a_closed_socket_sends_again(record: RecordView, claim: ClaimContext) -> None:
    """tcp(7), tcp_orphan_retries."""
    near = end_of(record, "near")
    with claim("retries.orphan"):
        assert answered_by_reset(near)
        assert sent_again_at_most(record)


def sent_again_at_most(record: RecordView) -> Finding:
    """The data went out once, and no more often again than was allowed."""
    most = record.number("retries")
    sent = first_bytes(end_of(record, "near").until(record.fences[-1]))
    return Finding(
        1 <= len(sent) <= 1 + most,
        f"the data at most {1 + most} times",
        f"{len(sent)} times: {listed(sent)}",
    )


@observes("send/sent_again", stage="wire", family=INET_BOTH)
def test_data_are_not_sent_again_too_soon(record: RecordView, claim: ClaimContext) -> None:
    """RFC 6298, 2.4."""
    sent = first_bytes(record.near_stream)
    if len(sent) < 2:
        raise NotObserved("nothing was sent again")
    with claim("rto.minimum"):
        assert apart(record, sent[0], sent[1], SECOND_NS)


# --- handshakes that nobody answers --------------------------------------------------------------


@observes("connect/syn_count", stage="wire", family="inet", linear=("default", "0"))
def test_how_often_a_syn_is_sent_again(record: RecordView, claim: ClaimContext) -> None:
    """tcp(7), TCP_SYNCNT; RFC 6298, 2.1 and 5.5; POSIX.1-2024 connect(), ETIMEDOUT."""
    syns = tuple(p for p in record.near_stream.packets if p.is_syn)
    poll = record.the("poll")
    if len(syns) < 2:
        raise NotObserved("the SYN was not sent again")
    with claim("rto.initial"):
        assert apart(record, syns[0], syns[1], SECOND_NS)
    with claim("rto.doubles"):
        assert apart(record, syns[1], syns[2] if len(syns) > 2 else poll, 2 * SECOND_NS)
    with claim("retries.syn"):
        most = record.number("most")
        assert Finding(len(syns) == 1 + most, f"{1 + most} SYNs", listed(syns))
        assert reported(poll, "POLLOUT")
        assert told(error_calls(record)[0], "ETIMEDOUT")


@observes("listen/unacknowledged", stage="wire", family=INET_BOTH)
def test_a_syn_ack_is_not_sent_again_too_soon(record: RecordView, claim: ClaimContext) -> None:
    """RFC 6298, 2.1."""
    answers = tuple(p for p in record.near_stream.packets if p.is_syn_ack)
    if len(answers) < 2:
        raise NotObserved("the SYN+ACK was not sent again")
    with claim("rto.initial"):
        assert apart(record, answers[0], answers[1], SECOND_NS)


@observes("connect/user_timeout", stage="wire", family=INET_BOTH)
def test_the_user_timeout_is_for_connections(record: RecordView, claim: ClaimContext) -> None:
    """tcp(7), TCP_USER_TIMEOUT: effective only in the synchronized states."""
    with claim("usertimeout.synchronized"):
        assert record.the("connect").failed_with("EINPROGRESS")
        assert told(error_calls(record)[0], "0")
        assert record.the("poll").gave(0)


# --- TCP_USER_TIMEOUT ----------------------------------------------------------------------------


@observes(
    "tcp/user_timeout_window",
    stage="wire",
    family="inet",
    probes=("answered", "ignored"),
    told_by=("recv", "send"),
)
def test_a_closed_window_counts_as_silence(record: RecordView, claim: ClaimContext) -> None:
    """tcp(7), TCP_USER_TIMEOUT: data that wait since the window is closed."""
    call = record.the(record.variant["told_by"])
    with claim("usertimeout.window"):
        assert call.slept()
        assert call.failed_with("ETIMEDOUT")
        opened = record.near_stream.other.syn
        assert apart(record, opened, call, record.number("limit_ns"))


@observes("tcp/user_timeout_inherited", family=INET_BOTH)
def test_an_accepted_socket_has_its_listeners_time(record: RecordView, claim: ClaimContext) -> None:
    """tcp(7), TCP_USER_TIMEOUT."""
    given = record.the("setsockopt")
    got = record.the("getsockopt")
    with claim("usertimeout.inherited"):
        assert given.gave(0)
        assert Finding(got.number("value") == given.args["value"], "the listener's value", got)


# --- keep-alive ----------------------------------------------------------------------------------


@observes("tcp/keepalive_defaults", family=INET_BOTH)
def test_keep_alive_is_off_and_slow(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.8.4: MUST-25, MUST-28; POSIX.1-2024, SO_KEEPALIVE."""
    new, on, off = (read(record, "SO_KEEPALIVE", step) for step in ("new", "on", "off"))
    with claim("keepalive.off"):
        assert Finding(new.gave(0).ok and new.number("value") == 0, "SO_KEEPALIVE off", new)
    with claim("keepalive.option"):
        assert Finding(on.number("value") != 0, "SO_KEEPALIVE on", on)
        assert Finding(off.number("value") == 0, "SO_KEEPALIVE off", off)
    with claim("keepalive.two-hours"):
        if "idle time" not in record.steps:
            raise NotObserved("there is no TCP_KEEPIDLE")
        idle = read(record, "TCP_KEEPIDLE", "idle time")
        assert Finding(idle.number("value") >= TWO_HOURS_S, "two hours or more", idle)


@observes("tcp/keepalive", stage="wire", family=INET_BOTH)
def test_idle_connections_are_probed(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.8.4."""
    near, lossy = end_of(record, "answered"), end_of(record, "one unanswered")
    alive = record.calls("send", step="alive"), record.calls("recv", step="alive")
    silent = [end_of(record, what).until(record.fences[-1]) for what in ("never on", "off again")]
    busy = end_of(record, "not idle").until(record.fences[-1])
    probes = asked(near.until(alive[0][0]))
    several = Finding(len(probes) > 1, "several keep-alive probes", listed(probes))
    with claim("keepalive.off"):
        assert several
        assert never_asked(silent[0])
    with claim("keepalive.per-connection"):
        assert several
        assert never_asked(silent[1])
    with claim("keepalive.only-idle"):
        assert several
        assert Finding(bool(busy.segments), "data that nobody acknowledges", "none")
        assert never_asked(busy)
    with claim("keepalive.interval"):
        assert several
        for probe in probes:
            heard = [p for p in near.peer_packets if p.n < probe.n]
            assert apart(record, heard[-1], probe, record.number("idle_ns"))
    with claim("keepalive.no-data"):
        assert several
        full = tuple(p for p in probes if p.payload_length)
        assert Finding(not full, "probes without data", listed(full))
    with claim("keepalive.number"):
        assert several
        for probe in probes:
            assert Finding(near.relative(probe) == SAID, f"number {SAID}", probe)
    with claim("keepalive.one-lost"):
        assert Finding(
            len(lossy.keepalives) > 1, "a probe after the unanswered one", listed(lossy.keepalives)
        )
        assert lossy.no_reset()
        assert lives(alive[0][1], alive[1][1])
    with claim("keepalive.answer-keeps"):
        assert several
        assert lives(alive[0][0], alive[1][0])


@observes(
    "tcp/keepalive_unanswered",
    stage="wire",
    family=INET_BOTH,
    told_by=("recv", "write"),
    count="1",
    user_timeout_ms="0",
)
def test_a_peer_that_answers_no_probe(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024, 2.10.16, SO_KEEPALIVE; tcp(7), TCP_KEEPCNT."""
    near = end_of(record, "near")
    with claim("keepalive.broken"):
        assert given_up(record)
        assert answered_by_reset(near)
    with claim("keepalive.sigpipe"):
        assert Finding(record.number("sigpipe") == 1, "one SIGPIPE", str(record.note("sigpipe")))
    with claim("keepalive.count"):
        assert given_up(record)
        assert Finding(len(near.keepalives) == 1, "one probe", listed(near.keepalives))


def given_up(record: RecordView) -> Finding:
    """The call that waited was told ETIMEDOUT, and write() fails."""
    if record.variant["told_by"] == "recv":
        waited = record.the("recv").failed_with("ETIMEDOUT")
        if not waited.ok:
            return waited
    write = record.the("write", "after")
    return Finding(write.failed, "write() to fail", write)


@observes(
    "tcp/keepalive_unanswered",
    stage="wire",
    family=INET_BOTH,
    told_by="recv",
    count="5",
    user_timeout_ms="1500",
)
def test_the_user_timeout_ends_keep_alive(record: RecordView, claim: ClaimContext) -> None:
    """tcp(7), TCP_USER_TIMEOUT."""
    probes = end_of(record, "near").keepalives
    with claim("usertimeout.keepalive"):
        assert record.the("recv").failed_with("ETIMEDOUT")
        assert Finding(0 < len(probes) < 5, "fewer probes than TCP_KEEPCNT says", listed(probes))


@observes("tcp/keepalive_outlasts", stage="wire", family=INET_BOTH)
def test_the_user_timeout_prolongs_keep_alive(record: RecordView, claim: ClaimContext) -> None:
    """tcp(7), TCP_USER_TIMEOUT."""
    probes = end_of(record, "near").keepalives
    with claim("usertimeout.keepalive"):
        assert Finding(len(probes) > 1, "more probes than TCP_KEEPCNT says", listed(probes))
        assert told(error_calls(record)[0], "0")
        assert lives(record.the("send"), record.the("recv"))


@observes("tcp/keepalive_answered", stage="wire", family=INET_BOTH)
def test_the_peers_probes_are_answered(record: RecordView, claim: ClaimContext) -> None:
    """RFC 9293, 3.8.4 and 3.10.7.4, first."""
    near = record.near_stream
    for n, step in enumerate(("no data", "one byte")):
        first, _, last = record.fences[3 * n : 3 * n + 3]
        answers = tuple(p for p in record.packets_between(first, last) if p.sent and p.is_tcp)
        with claim("keepalive.answered", step):
            right = bool(answers) and all(
                p.is_bare_ack and (near.relative(p), near.relative_ack(p)) == (1, 1 + len(HELLO))
                for p in answers
            )
            assert Finding(right, "an ACK with the current numbers", listed(answers))
        with claim("keepalive.not-delivered", step):
            assert record.the("recv", step).failed_with("EAGAIN", "EWOULDBLOCK")
            assert lives(record.the("send", "alive"), record.the("recv", "alive"))


# --- TCP Fast Open: the client -------------------------------------------------------------------


def carries(syn: Packet, cookie: bytes, data: bool) -> Finding:
    """A SYN with this cookie, empty to ask for one, and with data or without."""
    words = f"the cookie {cookie.hex()}" if cookie else "a request for a cookie"
    return Finding(
        syn.options.fast_open == cookie and syn.has_data == data,
        f"a SYN with {words} and {'data' if data else 'no data'}",
        syn,
    )


def all_sent(stream: Stream) -> Finding:
    """All bytes were sent, in order."""
    return Finding(stream.data == pattern(SAID, 0), f"{SAID} bytes, in order", stream.data.hex())


def behind_answer(stream: Stream) -> tuple[Packet, ...]:
    """The segments with data behind the peer's SYN+ACK."""
    answer = stream.other.syn
    return tuple(p for p in stream.packets if p.n > answer.n and p.has_data)


@observes("tcp/fast_open_client", stage="wire", family=INET_BOTH, cookie="given")
def test_data_go_with_the_syn(record: RecordView, claim: ClaimContext) -> None:
    """RFC 7413, 4.1.3, 4.2.1 and 4.2.2; send(2), MSG_FASTOPEN."""
    first = end_of(record, "ask")
    steps = ("all taken", "none taken", "some taken")
    asked = record.the("sendto", "ask")
    streams = {step: end_of(record, step) for step in steps}
    with claim("fastopen.request"):
        assert carries(first.syn, b"", data=False)
    with claim("fastopen.blocking"):
        assert asked.slept()
        assert asked.gave(SAID)
        assert record.before(first.other.syn, asked.returned)
        assert all_sent(first)
    with claim("fastopen.syn-data"):
        assert carries(streams["all taken"].syn, COOKIE, data=True)
        assert all_sent(streams["all taken"])
        assert not_again(streams["all taken"])
    with claim("fastopen.nonblocking"):
        call = record.the("sendto", "all taken")
        assert Finding(0 < call.count == streams["all taken"].syn.payload_length, "as many", call)
        assert record.before(call.returned, streams["all taken"].other.syn)
    with claim("fastopen.new-cookie"):
        for step in steps[1:]:
            assert carries(streams[step].syn, NEW_COOKIE, data=True)
    for step, taken in (("none taken", 0), ("some taken", TAKEN)):
        with claim("fastopen.rest-sent", step):
            rest = behind_answer(streams[step])
            assert Finding(
                bool(rest) and streams[step].relative(rest[0]) == 1 + taken,
                f"the data from byte {taken} on",
                listed(rest),
            )
            assert all_sent(streams[step])


def not_again(stream: Stream) -> Finding:
    """What the SYN+ACK acknowledged was not sent again."""
    again = behind_answer(stream)
    return Finding(not again, "no data behind the SYN+ACK", listed(again))


@observes("tcp/fast_open_client", stage="wire", family=INET_BOTH, cookie="none")
def test_a_peer_without_fast_open(record: RecordView, claim: ClaimContext) -> None:
    """RFC 7413, 4.2.1: the handshake is then the usual one."""
    near = end_of(record, "ask")
    with claim("fastopen.no-cookie"):
        assert record.the("sendto").gave(SAID)
        assert Finding(bool(behind_answer(near)), "data behind the SYN+ACK", "none")
        assert all_sent(near)


@observes("tcp/fast_open_connect", stage="wire", family=INET_BOTH)
def test_connect_leaves_the_syn_to_write(record: RecordView, claim: ClaimContext) -> None:
    """tcp(7), TCP_FASTOPEN_CONNECT."""
    asked, fast = record.calls("connect")
    write = record.the("write")
    syn = end_of(record, "cookie").syn
    with claim("fastopen.connect-asks"):
        assert asked.failed_with("EINPROGRESS")
        assert carries(end_of(record, "no cookie").syn, b"", data=False)
    with claim("fastopen.connect-defers"):
        assert fast.gave(0)
        assert record.nothing_sent_between(*record.fences_around(fast))
        assert write.gave(SAID)
        assert record.before(write.entered, syn)
        assert carries(syn, COOKIE, data=True)
        assert record.the("recv").got_just(HELLO)


# --- TCP Fast Open: the server -------------------------------------------------------------------


def answer_to(record: RecordView, caller: str) -> Packet:
    """The SYN+ACK that the near host sent to a port of the peer's."""
    return record.stream(record.address(caller)).other.syn


def acknowledges(record: RecordView, caller: str, numbers: int) -> Finding:
    """The SYN+ACK acknowledges so many numbers, of which the SYN is one."""
    far = record.stream(record.address(caller))
    told = far.other.relative_ack(far.other.syn)
    return Finding(told == numbers, f"{numbers} numbers acknowledged", far.other.syn)


@observes("tcp/fast_open_server", stage="wire", family=INET_BOTH, server="on")
def test_a_listener_takes_data_with_the_syn(record: RecordView, claim: ClaimContext) -> None:
    """RFC 7413, 4.1.2, 4.2.1 and 4.2.2; tcp(7), TCP_FASTOPEN."""
    cookie = answer_to(record, "ask").options.fast_open
    right, wrong = "right cookie", "wrong cookie"
    with claim("fastopen.grants"):
        assert Finding(bool(cookie), "a cookie", answer_to(record, "ask"))
    with claim("fastopen.cookie-size"):
        assert Finding(
            len(cookie or b"") in COOKIE_SIZES, "4 to 16 bytes, even", cookie_text(cookie)
        )
    if not cookie:
        raise NotObserved("the listener gave no cookie")
    with claim("fastopen.accept-early"):
        assert record.the("accept", right).succeeded()
        assert record.the("recv", right).got_just_pattern(SAID)
        assert record.the("send", right).gave(len(b"early"))
        early = record.stream(record.address(right)).other
        assert Finding(early.data == b"early", "data before the handshake's end", early.data.hex())
        assert record.the("recv", f"{right}, acknowledged").got_just(HELLO)
    with claim("fastopen.data-taken"):
        assert acknowledges(record, right, 1 + SAID)
        assert record.the("recv", right).got_just_pattern(SAID)
    with claim("fastopen.invalid-cookie"):
        assert acknowledges(record, wrong, 1)
        assert record.the("accept", wrong).failed_with("EAGAIN", "EWOULDBLOCK")
        assert record.the("accept", f"{wrong}, acknowledged").succeeded()
        assert record.the("recv", f"{wrong}, acknowledged").got_just(pattern(SAID, 0) + HELLO)
    with claim("fastopen.cookie-again"):
        given = answer_to(record, wrong)
        assert Finding(given.options.fast_open == cookie, f"the cookie {cookie.hex()}", given)


def cookie_text(cookie: bytes | None) -> str:
    return "no cookie" if cookie is None else f"{len(cookie)} bytes"


@observes("tcp/fast_open_server", stage="wire", family=INET_BOTH, server="off")
def test_fast_open_servers_are_off_by_default(record: RecordView, claim: ClaimContext) -> None:
    """tcp(7), tcp_fastopen."""
    answer = answer_to(record, "ask")
    with claim("fastopen.server-off"):
        assert Finding(answer.options.fast_open is None, "a SYN+ACK without the option", answer)
