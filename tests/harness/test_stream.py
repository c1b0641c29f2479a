# SPDX-License-Identifier: Apache-2.0
"""One end of a TCP connection on the wire: its bytes, its FIN, seen once or more, and its RSTs."""

from __future__ import annotations

import attrs
import pytest

from sockspec.finding import NotObserved
from sockspec.stream import Stream
from sockspec.witness import Packet

SYN, FIN, RST, ACK = "SYN", "FIN", "RST", "ACK"


def packet(*flags: str, seq: int | None = 0, size: int = 0) -> Packet:
    return Packet(
        n=0,
        t=0,
        dir="out",
        dev="near",
        length=40 + size,
        protocol="TCP",
        src="192.0.2.1",
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
