# SPDX-License-Identifier: Apache-2.0
"""One end of a TCP connection on the wire: its bytes, its FIN, seen once or more, and its RSTs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sockspec.call import Edge
from sockspec.finding import NotObserved
from sockspec.stream import Occupied, Repeats, Stream, distance
from sockspec.witness import Packet

SYN, FIN, RST, ACK = "SYN", "FIN", "RST", "ACK"


def packet(*flags: str, seq: int | None = 0, size: int = 0, **fields: Any) -> Packet:
    defaults = {"n": 0, "t": 0, "dir": "out", "dev": "near", "protocol": "TCP"}
    return Packet(
        **{**defaults, "src": "192.0.2.1", **fields},
        length=40 + size,
        flags=frozenset(flags),
        seq=seq,
        payload_length=size,
    )


def stream(*packets: Packet, first: int = 1000) -> Stream:
    """A SYN with the number before ``first``, and these packets behind it."""
    syn = packet(SYN, seq=(first - 1) % 2**32)
    return Stream(tuple(attrs.evolve(p, n=n) for n, p in enumerate((syn, *packets))))


DATA = packet(ACK, seq=1000, size=64)
MORE = packet(ACK, seq=1064, size=36)
END = packet(FIN, ACK, seq=1100)


def test_one_number_is_one_fin_however_often_it_is_seen() -> None:
    seen = stream(DATA, MORE, END, END, packet(FIN, ACK, seq=1064, size=36))
    assert [fin.n for fin in seen.fins] == [3]
    assert seen.one_fin()
    assert seen.ends_behind(100)
    assert seen.no_reset()


@pytest.mark.parametrize(
    "packets",
    [
        (DATA,),
        (DATA, packet(FIN, ACK, seq=1064), MORE, END),
        (DATA, packet(RST, seq=1064), packet(FIN, seq=1064)),
    ],
    ids=["none", "two", "a RST before it"],
)
def test_what_is_not_one_fin(packets: tuple[Packet, ...]) -> None:
    finding = stream(*packets).one_fin()
    assert not finding
    assert finding.observed


def test_a_reset_behind_the_fin() -> None:
    seen = stream(DATA, packet(FIN, ACK, seq=1064), packet(RST, seq=1065))
    assert seen.one_fin()
    assert not seen.no_reset()


def test_bytes_are_counted_from_the_syn_over_the_largest_number() -> None:
    seen = stream(packet(ACK, seq=2**32 - 10, size=30), packet(FIN, ACK, seq=20), first=2**32 - 10)
    assert seen.behind(seen.packets[1]) == 30
    assert seen.sent() == 30
    assert seen.sent([]) == 0
    assert seen.ends_behind(30)
    assert not seen.ends_behind(29)


def test_data_behind_the_fin() -> None:
    seen = stream(DATA, packet(FIN, ACK, seq=1064), packet(ACK, seq=1065, size=3))
    assert seen.one_fin()
    assert not seen.ends_behind(64)


def test_a_fin_that_overtakes_the_data() -> None:
    assert not stream(DATA, END, MORE).ends_behind(100)
    assert stream(DATA, MORE, END, MORE).ends_behind(100), "sent again, which is not late"


@pytest.mark.parametrize("first", [packet(ACK, seq=999), packet(SYN, seq=None)])
def test_without_the_syn_nothing_can_be_counted(first: Packet) -> None:
    seen = Stream((first, DATA, END))
    with pytest.raises(NotObserved, match="SYN"):
        seen.ends_behind(64)


def test_a_packet_without_a_number() -> None:
    with pytest.raises(NotObserved, match="number"):
        stream().behind(packet(seq=None))


def test_new_is_what_was_not_sent_before() -> None:
    seen = stream(DATA, DATA, packet(ACK, seq=1064), packet(FIN, ACK, seq=1064), MORE)
    begin, end = seen.packets[1], seen.packets[5]
    assert [found.n for found in seen.new_between(begin, end)] == [4]
    assert [found.n for found in seen.new_between(seen.packets[0], end)] == [1, 2, 4]


# --- both ends -----------------------------------------------------------------------------------


def ends(*told: Packet, first: int = 1000, scale: tuple[int | None, int | None] = (2, 3)) -> Stream:
    """The near end of a connection that is made, then these packets, of whichever end ``dir`` says.

    The near end's numbers begin with ``first``, the far end's with 5000.
    """
    syn, answer = (b"" if shift is None else bytes([3, 3, shift, 0]) for shift in scale)
    made = (
        packet(SYN, seq=first - 1, window=100, option_bytes=syn),
        packet(SYN, ACK, seq=4999, ack=first, window=200, option_bytes=answer, dir="in"),
        packet(ACK, seq=first, ack=5000, window=100),
    )
    numbered = tuple(attrs.evolve(p, n=n, t=10 * n) for n, p in enumerate((*made, *told)))
    return Stream(
        tuple(p for p in numbered if p.dir == "out"), tuple(p for p in numbered if p.dir == "in")
    )


def near(*flags: str, seq: int = 1000, size: int = 0, ack: int = 5000, window: int = 100) -> Packet:
    return packet(*flags, seq=seq, size=size, ack=ack, window=window)


def far(*flags: str, seq: int = 5000, size: int = 0, ack: int = 1000, window: int = 200) -> Packet:
    return packet(*flags, seq=seq, size=size, ack=ack, window=window, dir="in")


def places(packets: Iterable[Packet]) -> list[int]:
    """Where they stand behind the handshake, from 0."""
    return [packet.n - 3 for packet in packets]


def test_numbers_from_the_syn() -> None:
    seen = ends(near(ACK, size=5, ack=5003), far(ACK, size=3, ack=1005), first=3)
    assert seen.isn == 2
    assert [seen.relative(p) for p in seen.packets] == [0, 1, 998]
    assert seen.relative(near(seq=2**32 - 1)) == -3
    assert seen.relative_ack(seen.packets[2]) == 4
    assert seen.other.relative(seen.other.packets[1]) == 1
    assert seen.other.other == seen
    with pytest.raises(NotObserved, match="acknowledges nothing"):
        seen.relative_ack(seen.packets[0])
    with pytest.raises(NotObserved, match="no sequence number"):
        seen.relative(packet(seq=None))
    with pytest.raises(NotObserved, match="SYN"):
        assert stream().relative_ack(near(ACK))


def test_what_the_other_end_waits_for() -> None:
    assert stream().acknowledged_up_to == 0
    assert ends().acknowledged_up_to == 1
    seen = ends(near(ACK, size=5), far(ACK, ack=1005), near(FIN, ACK, seq=1005), far(ACK, ack=1006))
    assert seen.acknowledged_up_to == 7
    assert ends(far(ACK, ack=1005), far(ACK, ack=1000)).acknowledged_up_to == 6
    assert ends(far(RST, ack=1005)).acknowledged_up_to == 1
    assert seen.other.acknowledged_up_to == 1


def test_a_moment_ends_both() -> None:
    seen = ends(near(ACK, size=5), far(ACK, ack=1005), near(ACK, seq=1005, size=2))
    then = seen.until(Edge(35, "then"))
    assert (then.sent(), then.acknowledged_up_to) == (5, 1)
    assert seen.until(seen.packets[3]).acknowledged_up_to == 6
    assert seen.until(seen.packets[3]).sent() == 5
    with pytest.raises(NotObserved, match="both at one time"):
        seen.until(Edge(30, "then"))


def test_data_is_new_once() -> None:
    told = (
        near(ACK, size=5),
        near(ACK, size=5),
        near(ACK, seq=1003, size=4),  # two of which are new
        near(ACK, seq=1010, size=2),
        near(ACK, seq=1007, size=3),
        near(ACK, seq=1000, size=12),
        near(FIN, ACK, seq=1012),
        near(FIN, ACK, seq=1012),
        near(FIN, ACK, seq=1010, size=2),
        near(RST, seq=1013, size=3),
        packet(ACK, seq=None, size=3),
    )
    seen = ends(*told)
    assert places(seen.segments) == [0, 2, 3, 4]
    assert places(seen.retransmissions) == [1, 5, 7, 8]
    assert not seen.other.retransmissions


def test_numbers_that_are_used_apart() -> None:
    used = Occupied()
    assert used.use(100, 5)
    assert used.use(90, 5)
    assert used.use(96, 2)
    assert not used.use(97, 1)
    assert used.use(98, 1)
    assert used.use(80, 30)
    assert not used.use(80, 30)
    assert not used.use(200, 0)


def test_each_connection_has_numbers_of_its_own() -> None:
    repeats = Repeats()
    assert not repeats.again(DATA)
    assert not repeats.again(attrs.evolve(DATA, src="192.0.2.3"))
    assert repeats.again(DATA)


def test_a_handshake_is_sent_again() -> None:
    syn = packet(SYN, seq=999, window=100)
    assert places(ends(syn).retransmissions) == [0]
    assert not ends(packet(SYN, seq=1999)).retransmissions


def test_data_of_a_syn_stands_behind_it() -> None:
    told = (
        packet(SYN, seq=999, size=3),
        packet(ACK, seq=1000, size=3),
        packet(ACK, seq=1003, size=1),
    )
    seen = Stream(
        tuple(attrs.evolve(p, n=n, payload=b"abc"[: p.payload_length]) for n, p in enumerate(told))
    )
    assert [seen.behind(p) for p in seen.packets] == [3, 3, 4]
    assert [p.n for p in seen.segments] == [0, 2]
    assert seen.data == b"abca"


def said(payload: bytes, seq: int) -> Packet:
    return attrs.evolve(near(ACK, seq=seq, size=len(payload)), payload=payload)


def test_the_bytes_in_order() -> None:
    seen = ends(said(b"abc", 1000), said(b"gh", 1006), said(b"bcdef", 1001), said(b"x", 1009))
    assert seen.data == b"abcdefgh"
    assert seen.data_before(seen.packets[-2]) == b"abc"
    assert seen.data_before(seen.packets[2]) == b""
    with pytest.raises(NotObserved, match="captured in part"):
        assert ends(near(ACK, size=5)).data


@pytest.mark.parametrize(
    ("scale", "near_bytes", "far_bytes"),
    [
        ((2, 3), 400, 1600),
        ((2, None), 100, 200),
        ((None, 3), 100, 200),
        ((15, 0), 100 << 14, 200),
    ],
)
def test_a_window_has_the_scale_of_its_end(
    scale: tuple[int | None, int | None], near_bytes: int, far_bytes: int
) -> None:
    seen = ends(far(ACK), scale=scale)
    assert (seen.window, seen.other.window) == (near_bytes, far_bytes)
    assert seen.window_of(seen.packets[0]) == 100


def test_a_window_without_the_handshake() -> None:
    with pytest.raises(NotObserved, match="SYN"):
        assert Stream((near(ACK),)).window
    with pytest.raises(NotObserved, match="no window"):
        assert Stream(()).window
    with pytest.raises(NotObserved, match="no window"):
        stream().window_of(packet(ACK))


def test_a_closed_window() -> None:
    seen = ends(far(ACK, window=0), far(RST, window=0), near(RST, window=0))
    assert places(seen.other.zero_windows) == [0]
    assert not seen.zero_windows
    assert seen.window == 400


CLOSES = (near(ACK, size=9), far(ACK, ack=1009, window=0))


@pytest.mark.parametrize(
    ("told", "probes"),
    [
        ((near(ACK, seq=1008),), [2]),
        ((near(ACK, seq=1008, size=1),), [2]),
        ((near(ACK, seq=1009, size=1), near(ACK, seq=1009, size=1)), [2, 3]),
        ((near(ACK, seq=1009, size=20),), [2]),
        ((near(ACK, seq=1009, size=3), near(ACK, seq=1008)), [2, 3]),
        ((near(ACK, seq=1009),), []),
        ((near(ACK, seq=1012),), []),
        ((near(ACK, seq=1007, size=2),), []),
        ((near(FIN, ACK, seq=1008),), []),
        ((near(RST, seq=1008),), []),
        ((near(ACK, seq=1008), far(ACK, ack=1009, window=9), near(ACK, seq=1009, size=1)), [2]),
        ((far(RST, window=9), near(ACK, seq=1009, size=1)), [3]),
    ],
)
def test_probes_of_a_closed_window(told: tuple[Packet, ...], probes: list[int]) -> None:
    seen = ends(*CLOSES, *told)
    assert places(seen.probes) == probes
    assert not seen.keepalives


ALL_ACKED = (near(ACK, size=9), far(ACK, ack=1009))


@pytest.mark.parametrize(
    ("told", "keepalives"),
    [
        ((*ALL_ACKED, near(ACK, seq=1008)), [2]),
        ((*ALL_ACKED, near(ACK, seq=1008, size=1)), [2]),
        ((near(ACK, seq=999),), [0]),
        ((*ALL_ACKED, near(ACK, seq=1007)), []),
        ((*ALL_ACKED, near(ACK, seq=1007, size=2)), []),
        ((*ALL_ACKED, near(ACK, seq=1009)), []),
        ((*ALL_ACKED, near(RST, ACK, seq=1008)), []),
        ((near(ACK, size=9), near(ACK, seq=1008, size=1)), []),
        ((near(ACK, size=9), far(ACK, ack=1008), near(ACK, seq=1008)), []),
        ((near(ACK, size=9), far(ACK, ack=1008), near(ACK, seq=1007)), []),
    ],
)
def test_keepalive_probes(told: tuple[Packet, ...], keepalives: list[int]) -> None:
    seen = ends(*told)
    assert places(seen.keepalives) == keepalives
    assert not seen.probes
    assert not set(seen.retransmissions) & set(seen.keepalives)


def test_what_is_sent_again_is_no_probe() -> None:
    seen = ends(near(ACK, size=9), near(ACK, seq=1008, size=1))
    assert places(seen.retransmissions) == [1]


@pytest.mark.parametrize(
    ("told", "duplicates"),
    [
        ((far(ACK, seq=5003, size=2), near(ACK), near(ACK)), [1, 2]),
        ((far(ACK, size=3), near(ACK, ack=5003), near(ACK, ack=5003)), []),
        ((far(ACK, size=4), near(ACK, ack=5002), near(ACK, ack=5002)), [2]),
        ((far(ACK, seq=5003, size=2), near(ACK, window=101)), []),
        ((far(ACK, seq=5003, size=2), near(ACK, size=1)), []),
        ((near(ACK),), []),
        ((far(SYN, seq=5003), near(ACK)), []),
    ],
)
def test_duplicate_acks(told: tuple[Packet, ...], duplicates: list[int]) -> None:
    assert places(ends(*told).duplicate_acks) == duplicates


@pytest.mark.parametrize(
    ("told", "challenges"),
    [
        ((far(SYN, seq=7000, ack=0), near(ACK)), [1]),
        ((far(SYN, ACK, seq=4999), near(ACK), near(ACK)), [1]),
        ((far(RST, seq=5001), near(ACK)), [1]),
        ((far(ACK, ack=1001), near(ACK)), [1]),
        ((far(ACK, ack=1000), near(ACK)), []),
        ((far(RST, seq=5001), far(ACK, size=3), near(ACK, ack=5003)), []),
        ((far(ACK, size=3), far(RST, seq=5004), near(ACK, ack=5003)), []),
        ((far(RST, seq=5001), near(ACK, size=1), near(ACK, seq=1001)), []),
        ((far(FIN, ACK), near(ACK, ack=5001)), []),
    ],
)
def test_challenge_acks(told: tuple[Packet, ...], challenges: list[int]) -> None:
    seen = ends(*told)
    assert places(seen.challenge_acks) == challenges
    assert not seen.duplicate_acks


def test_a_handshake_challenges_nobody() -> None:
    assert not ends().challenge_acks
    assert not ends().other.challenge_acks
    both = (
        near(SYN, seq=999),
        far(SYN, seq=4999, ack=0),
        near(SYN, ACK, seq=999),
        far(SYN, ACK, seq=4999),
        near(ACK),
    )
    told = [attrs.evolve(p, n=n) for n, p in enumerate(both)]
    seen = Stream(tuple(told[::2]), tuple(told[1::2]))
    assert not seen.challenge_acks
    assert places(seen.retransmissions) == [-1]


numbers = st.integers(0, 12)
any_packets = st.lists(
    st.builds(
        lambda flags, seq, ack, size, window, out: packet(
            *flags, seq=seq, ack=ack, size=size, window=window, dir="out" if out else "in"
        ),
        st.sets(st.sampled_from((SYN, ACK, FIN, RST))),
        st.none() | numbers | st.just(2**32 - 1),
        st.none() | numbers,
        numbers,
        st.none() | st.integers(0, 2),
        st.booleans(),
    ),
    max_size=12,
)


@given(any_packets)
def test_whatever_was_sent_nothing_raises(told: list[Packet]) -> None:
    numbered = [attrs.evolve(p, n=n) for n, p in enumerate(told)]
    seen = Stream(
        tuple(p for p in numbered if p.dir == "out"), tuple(p for p in numbered if p.dir == "in")
    )
    for name in (name for name in dir(Stream) if not name.startswith("_")):
        with contextlib.suppress(NotObserved):
            getattr(seen, name)
    again = {p.n for p in seen.retransmissions}
    assert not again & {p.n for p in (*seen.probes, *seen.keepalives)}
    sent_before: set[int] = set()
    base = next((p.seq for p in seen.packets if p.seq is not None and p.numbers), 0)
    for p in seen.packets:
        if p.seq is None:
            continue
        used = {distance(p.seq + i, base) for i in range(p.numbers)}
        if p.n in again:
            assert used <= sent_before
        sent_before |= used
