# SPDX-License-Identifier: Apache-2.0
"""The path's MTU: what a router tells of it, and what datagrams and connections do then."""

from __future__ import annotations

from typing import Final

from sockspec.check import (
    INET_BOTH,
    CallView,
    ClaimContext,
    Finding,
    NotObserved,
    Packet,
    RecordView,
    observes,
)

LINK_MTU: Final = 1500
LONG: Final = 1400
UDP_OVER: Final = {"inet": 28, "inet6": 48}
"""The headers of IP and UDP, in bytes."""

LOWER: Final = {"inet": "1000", "inet6": "1300"}
"""What the path lets through, and the link does not have to."""

DISCOVER: Final = ("want", "do", "dont", "probe")


def lower(variant: dict[str, str]) -> bool:
    return variant["mtu"] == LOWER[variant["family"]]


def mtu(record: RecordView) -> int:
    """What the router's message says."""
    return int(record.variant["mtu"])


def path_mtu(record: RecordView, step: str) -> CallView:
    """The look at IP_MTU or IPV6_MTU."""
    looks = [c for c in record.calls("getsockopt", step=step) if "_MTU" in c.args["option"]]
    if len(looks) != 1:
        raise NotObserved(f"the path's MTU was not asked for once in step {step}")
    return looks[0]


def gave_mtu(call: CallView, least: int, most: int) -> Finding:
    """It gave an MTU between these."""
    if call.failed:
        return call.succeeded()
    wanted = f"{least}" if least == most else f"{least} to {most}"
    return Finding(least <= call.number("value") <= most, f"an MTU of {wanted}", str(call))


def so_errors(record: RecordView, step: str | None = None) -> tuple[CallView, ...]:
    return tuple(c for c in record.calls("getsockopt", step=step) if "error" in c.event.saw)


def nothing_pending(record: RecordView) -> Finding:
    """SO_ERROR was 0 whenever it was asked for."""
    found = [call for call in so_errors(record) if call.text("error") != "0"]
    return Finding(not found, "SO_ERROR to be 0", str(found))


def sending(record: RecordView, step: str) -> CallView:
    """The first datagram of a step."""
    calls = record.calls_if_any("send", step=step) + record.calls_if_any("sendto", step=step)
    if not calls:
        raise NotObserved(f"no datagram was sent in step {step!r}")
    return calls[0]


def sent_by(record: RecordView, call: CallView) -> tuple[Packet, ...]:
    """What went out for it, between the markers around it."""
    return tuple(p for p in record.packets_between(*record.fences_around(call)) if p.sent)


def all_bytes(record: RecordView, step: str, packets: tuple[Packet, ...]) -> bool:
    """As much data went out as the first datagram of a step has."""
    size: int = sending(record, step).args["size"]
    return sum(packet.payload_length for packet in packets) == size


def in_fragments(record: RecordView, step: str, most: int) -> Finding:
    """The first datagram of a step went out in fragments, none longer than so many bytes."""
    packets = sent_by(record, sending(record, step))
    ok = len(packets) > 1 and all(p.is_fragment and p.length <= most for p in packets)
    ok = ok and all_bytes(record, step, packets)
    seen = ", ".join(f"{p} ({p.length} bytes)" for p in packets)
    return Finding(ok, f"all of it in fragments of at most {most} bytes", seen or "nothing")


def whole(record: RecordView, step: str, dont_fragment: bool | None) -> Finding:
    """It went out as one packet and no fragment; of IPv4 with, or without, don't fragment."""
    packets = sent_by(record, sending(record, step))
    ok = len(packets) == 1 and not packets[0].is_fragment and all_bytes(record, step, packets)
    if ok and packets[0].version == 4 and dont_fragment is not None:
        ok = packets[0].dont_fragment == dont_fragment
    told = {None: "", True: ", don't fragment", False: ", may be fragmented"}[dont_fragment]
    return Finding(ok, f"all of it in one packet{told}", ", ".join(map(str, packets)) or "nothing")


# --- datagrams ------------------------------------------------------------------------------------


def emsgsize_and_nothing_sent(record: RecordView, step: str) -> Finding:
    call = sending(record, step)
    if not call.failed_with("EMSGSIZE"):
        return call.failed_with("EMSGSIZE")
    return record.nothing_sent_between(*record.fences_around(call))


@observes(
    "icmp/path_mtu_datagram",
    stage="wire",
    family=INET_BOTH,
    mtu=("1000", "1300"),
    discover="do",
    state=("connected", "unconnected"),
    when=lower,
)
def test_do(record: RecordView, claim: ClaimContext) -> None:
    """ip(7): the kernel rejects what is bigger than the path lets through, and cuts nothing up."""
    with claim("pmtu.do-emsgsize"):
        assert emsgsize_and_nothing_sent(record, "too big")
        for call in record.calls(step="not too big"):
            assert call.succeeded()
    with claim("pmtu.do-dont-fragment"):
        assert whole(record, "before", dont_fragment=True)
        assert whole(record, "not too big", dont_fragment=True)


@observes(
    "icmp/path_mtu_datagram",
    stage="wire",
    family=INET_BOTH,
    mtu=("1000", "1300"),
    discover="want",
    state=("connected", "unconnected"),
    when=lower,
)
def test_want(record: RecordView, claim: ClaimContext) -> None:
    """ip(7), IP_MTU_DISCOVER, IP_PMTUDISC_WANT."""
    with claim("pmtu.want-fragments"):
        assert whole(record, "before", dont_fragment=True)
        assert sending(record, "too big").gave(LONG)
        assert in_fragments(record, "too big", mtu(record))
        assert whole(record, "not too big", dont_fragment=True)


@observes(
    "icmp/path_mtu_datagram",
    stage="wire",
    family=INET_BOTH,
    mtu=("1000", "1300"),
    discover="probe",
    state=("connected", "unconnected"),
    when=lower,
)
def test_probe(record: RecordView, claim: ClaimContext) -> None:
    """ip(7), IP_MTU_DISCOVER, IP_PMTUDISC_PROBE."""
    with claim("pmtu.probe-ignores"):
        assert sending(record, "too big").gave(LONG)
        assert whole(record, "too big", dont_fragment=True)


@observes(
    "icmp/path_mtu_datagram",
    stage="wire",
    family="inet",
    mtu="1000",
    discover="dont",
    state=("connected", "unconnected"),
)
def test_dont(record: RecordView, claim: ClaimContext) -> None:
    """Without don't fragment no router has a reason to complain: each cuts up what is too big."""
    with claim("pmtu.dont-fragments"):
        for step in ("before", "not too big"):
            assert whole(record, step, dont_fragment=False)
        assert sending(record, "too big").gave(LONG)


@observes(
    "icmp/path_mtu_datagram",
    stage="wire",
    family=INET_BOTH,
    mtu=("1000", "1300"),
    discover=("want", "do"),
    state="connected",
    when=lower,
)
def test_a_lower_mtu_is_known(record: RecordView, claim: ClaimContext) -> None:
    """POSIX.1-2024, 2.10.15: EMSGSIZE is pending, since a datagram was lost."""
    with claim("pmtu.mtu-option"):
        assert gave_mtu(path_mtu(record, "before"), LINK_MTU, LINK_MTU)
        assert gave_mtu(path_mtu(record, "told"), mtu(record), mtu(record))
    with claim("icmp.emsgsize", "the path's MTU"):
        asked = so_errors(record, "told")
        assert Finding(asked[0].text("error") == "EMSGSIZE", "EMSGSIZE", str(asked[0]))
    if record.variant["family"] == "inet":
        with claim("pmtu.v4-reduced"):
            assert gave_mtu(path_mtu(record, "told"), mtu(record), mtu(record))
    else:
        with claim("pmtu.v6-reduced"):
            assert gave_mtu(path_mtu(record, "told"), mtu(record), mtu(record))


@observes(
    "icmp/path_mtu_datagram",
    stage="wire",
    family="inet",
    mtu=("60", "9000"),
    discover="do",
    state="connected",
)
def test_mtus_of_ipv4_that_are_not_to_be_believed(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1191, 3: no link's MTU is below 68, and no message makes an estimate higher."""
    call = path_mtu(record, "told")
    if record.variant["mtu"] == "60":
        with claim("pmtu.v4-not-below-68"):
            assert gave_mtu(call, 68, LINK_MTU)
    else:
        with claim("pmtu.v4-not-increased"):
            assert gave_mtu(call, 68, LINK_MTU)


@observes(
    "icmp/path_mtu_datagram",
    stage="wire",
    family="inet6",
    mtu=("1000", "1279", "9000"),
    discover=("want", "do"),
    state="connected",
)
def test_mtus_of_ipv6_that_are_not_to_be_believed(record: RecordView, claim: ClaimContext) -> None:
    """RFC 8201, 4: below the minimum MTU of IPv6, and above what is known."""
    call = path_mtu(record, "told")
    if record.variant["mtu"] == "9000":
        with claim("pmtu.v6-not-increased"):
            assert gave_mtu(call, 1280, LINK_MTU)
    else:
        with claim("pmtu.v6-below-minimum-discarded"):
            assert gave_mtu(call, LINK_MTU, LINK_MTU)
            assert sending(record, "too big").gave(LONG)
            assert whole(record, "too big", dont_fragment=None)


@observes(
    "icmp/path_mtu_queue",
    stage="wire",
    family=INET_BOTH,
    mtu=("1000", "1300"),
    state=("connected", "unconnected"),
    when=lower,
)
def test_the_queue_tells_the_mtu(record: RecordView, claim: ClaimContext) -> None:
    """ip(7), IP_MTU_DISCOVER: the way for sockets that are not connected."""
    call = record.the("recvmsg", "told")
    with claim("icmp.queue-mtu"):
        assert call.succeeded()
        assert Finding(call.text("error") == "EMSGSIZE", "EMSGSIZE", str(call))
        assert Finding(call.number("info") == mtu(record), f"ee_info {mtu(record)}", str(call))
    if record.variant["family"] == "inet6":
        with claim("icmp.v6-too-big-passed"):
            assert call.succeeded()


@observes("icmp/path_mtu_unconnected", stage="wire", family=INET_BOTH, type=("dgram", "stream"))
def test_who_is_not_connected_has_no_path(record: RecordView, claim: ClaimContext) -> None:
    """ip(7), IP_MTU; ipv6(7), IPV6_MTU."""
    with claim("pmtu.mtu-unconnected"):
        assert record.the("getsockopt").failed_with("ENOTCONN")


@observes("icmp/link_mtu_datagram", stage="wire", family=INET_BOTH, discover=DISCOVER)
def test_the_first_link(record: RecordView, claim: ClaimContext) -> None:
    """The MTU of the link itself is known, and told at once."""
    fits = LINK_MTU - UDP_OVER[record.variant["family"]]
    if record.variant["discover"] in ("do", "probe"):
        with claim("pmtu.emsgsize-at-once"):
            assert sending(record, "fits").gave(fits)
            assert whole(record, "fits", dont_fragment=True)
            assert emsgsize_and_nothing_sent(record, "longer")
            assert nothing_pending(record)
    elif record.variant["discover"] == "want":
        with claim("pmtu.want-fragments", "the link"):
            assert sending(record, "longer").gave(fits + 1)
            assert in_fragments(record, "longer", LINK_MTU)
            assert whole(record, "fits", dont_fragment=True)
    else:
        with claim("pmtu.dont-fragments", "the link"):
            assert sending(record, "longer").gave(fits + 1)
            assert in_fragments(record, "longer", LINK_MTU)
            assert whole(record, "fits", dont_fragment=False)


# --- connections ----------------------------------------------------------------------------------


def data_after_told(record: RecordView) -> tuple[Packet, ...]:
    """The segments with data that the near host sent once it had been told."""
    told = record.received("ICMP")[0]
    return tuple(p for p in record.packets_after(told) if p.sent and p.is_data_segment)


def no_longer(packets: tuple[Packet, ...], most: int) -> Finding:
    """No segment's packet is longer than so many bytes."""
    longest = max((packet.length for packet in packets), default=0)
    return Finding(0 < longest <= most, f"at most {most} bytes", f"a packet of {longest} bytes")


def lost_again(record: RecordView) -> Finding:
    """The bytes of the segment that was lost came again before the peer acknowledged any."""
    first = record.sent("TCP")
    lost = next(p for p in first if p.is_data_segment)
    packets = record.packets_before(record.calls("getsockopt", step="told")[0])
    after = [p for p in data_after_told(record) if p in packets]
    again = any(p.seq == lost.seq for p in after)
    return Finding(again, "the lost segment's bytes again", ", ".join(map(str, after)) or "nothing")


def smaller(record: RecordView) -> Finding:
    if not lost_again(record).ok:
        return lost_again(record)
    return no_longer(data_after_told(record), mtu(record))


def hidden(record: RecordView) -> Finding:
    """No call failed, nothing is pending."""
    if not nothing_pending(record).ok:
        return nothing_pending(record)
    failed = [call for call in record.calls() if call.failed]
    return Finding(not failed, "no call to fail", str(failed))


@observes("icmp/path_mtu_stream", stage="wire", family="inet", mtu="1000", smaller="yes")
def test_tcp_of_ipv4_sends_smaller_segments(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1191, 6.4; the segment that was too big would be lost again."""
    with claim("pmtu.v4-tcp-smaller"):
        assert smaller(record)
    with claim("pmtu.v4-tcp-hidden"):
        assert hidden(record)
    with claim("pmtu.v4-reduced", "of a connection"):
        assert gave_mtu(path_mtu(record, "told"), mtu(record), mtu(record))


@observes("icmp/path_mtu_stream", stage="wire", family="inet6", mtu="1300", smaller="yes")
def test_tcp_of_ipv6_sends_smaller_segments(record: RecordView, claim: ClaimContext) -> None:
    """RFC 8201, 5.4."""
    with claim("pmtu.v6-tcp-smaller"):
        assert smaller(record)
    with claim("pmtu.v6-tcp-hidden"):
        assert hidden(record)
    with claim("pmtu.v6-reduced", "of a connection"):
        assert gave_mtu(path_mtu(record, "told"), mtu(record), mtu(record))


def as_long_as_before(record: RecordView) -> Finding:
    """Segments fill the link's MTU still."""
    longest = max((p.length for p in data_after_told(record)), default=0)
    return Finding(longest == LINK_MTU, f"packets of {LINK_MTU} bytes", f"of {longest}")


@observes("icmp/path_mtu_stream", stage="wire", family="inet6", mtu=("1000", "1279"), smaller="no")
def test_tcp_of_ipv6_ignores_what_cannot_be(record: RecordView, claim: ClaimContext) -> None:
    """RFC 8201, 4: a message with an MTU below 1280."""
    with claim("pmtu.v6-below-minimum-discarded", "of a connection"):
        assert as_long_as_before(record)
        assert gave_mtu(path_mtu(record, "told"), LINK_MTU, LINK_MTU)


@observes("icmp/path_mtu_connect", stage="wire", family="inet", mtu="1000")
def test_an_attempt_of_ipv4_goes_on(record: RecordView, claim: ClaimContext) -> None:
    """RFC 1191, 6.4."""
    with claim("pmtu.v4-tcp-hidden", "while it connects"):
        assert record.the("connect").slept()
        assert hidden(record)


@observes("icmp/path_mtu_connect", stage="wire", family="inet6", mtu="1300")
def test_an_attempt_of_ipv6_goes_on(record: RecordView, claim: ClaimContext) -> None:
    """RFC 8201, 5.4."""
    with claim("pmtu.v6-tcp-hidden", "while it connects"):
        assert record.the("connect").slept()
        assert hidden(record)
