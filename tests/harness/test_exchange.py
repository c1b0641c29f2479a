# SPDX-License-Identifier: Apache-2.0
"""Exchanges as they are written down, and the packets that are and are not like it."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sockspec.exchange import Exchange, item, match
from sockspec.finding import CheckError, NotObserved
from sockspec.stream import Repeats
from sockspec.witness import Packet

PORT_UNREACHABLE = Packet(
    n=0, t=0, dir="in", dev="near", length=56, version=4, protocol="ICMP", type=3, code=3
)


def tcp(arrow: str, flags: str, size: int = 0, seq: int | None = None) -> Packet:
    """``seq`` is told where it matters: otherwise no number is seen twice."""
    out = arrow == ">"
    return Packet(
        n=0,
        t=0,
        dir="out" if out else "in",
        dev="near",
        length=40 + size,
        protocol="TCP",
        src="192.0.2.1" if out else "192.0.2.2",
        dst="192.0.2.2" if out else "192.0.2.1",
        sport=7 if out else 80,
        dport=80 if out else 7,
        flags=frozenset(flags.split("+")),
        seq=seq,
        window=9,
        payload_length=size,
    )


def udp(size: int) -> Packet:
    return Packet(
        n=0, t=0, dir="out", dev="near", length=28, protocol="UDP", payload_length=size, version=4
    )


def exchange(packets: tuple[Packet, ...], *items: str, whole: bool = False) -> Exchange:
    told = [attrs.evolve(packet, n=n) for n, packet in enumerate(packets)]
    repeats = Repeats()
    again = {packet.n for packet in told if repeats.again(packet)}
    return match([item(written) for written in items], told, again, whole)


# --- one packet ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "fits", "fits_not"),
    [
        ("> SYN", (tcp(">", "SYN"), tcp(">", "SYN+ECE+CWR")), (tcp(">", "SYN+ACK"),)),
        ("< SYN+ACK", (tcp("<", "SYN+ACK"),), (tcp("<", "SYN"), tcp(">", "SYN+ACK"))),
        ("> SYN", (), (tcp("<", "SYN"), tcp(">", "SYN", 5), tcp(">", "SYN+FIN"))),
        ("> SYN+data 5", (tcp(">", "SYN", 5),), (tcp(">", "SYN"), tcp(">", "SYN", 6))),
        ("> ACK", (tcp(">", "ACK"), tcp(">", "ACK+PSH")), (tcp(">", "ACK", 1), tcp(">", "PSH"))),
        ("> ACK", (), (tcp(">", "FIN+ACK"), tcp(">", "RST+ACK"), tcp(">", "SYN+ACK"))),
        ("> data", (tcp(">", "ACK", 1), tcp(">", "ACK+PSH", 9)), (tcp(">", "ACK"), udp(3))),
        ("> data", (), (tcp(">", "ACK+FIN", 1), tcp(">", "ACK+URG", 1), tcp("<", "ACK", 1))),
        ("> data 5", (tcp(">", "ACK", 5),), (tcp(">", "ACK", 4),)),
        ("> PSH+data", (tcp(">", "ACK+PSH", 5),), (tcp(">", "ACK", 5),)),
        ("> URG+data 1", (tcp(">", "ACK+URG", 1),), (tcp(">", "ACK", 1),)),
        ("> FIN", (tcp(">", "FIN+ACK"), tcp(">", "FIN")), (tcp(">", "FIN+ACK", 1),)),
        ("> FIN+data", (tcp(">", "FIN+ACK", 1),), (tcp(">", "FIN+ACK"), tcp(">", "ACK", 1))),
        ("< RST", (tcp("<", "RST"), tcp("<", "RST+ACK")), (tcp("<", "ACK"),)),
        ("< RST+ACK", (tcp("<", "RST+ACK"),), (tcp("<", "RST"),)),
        ("> UDP", (udp(0), udp(5)), (tcp(">", "ACK"),)),
        ("> UDP 5", (udp(5),), (udp(0),)),
        ("< ICMP", (PORT_UNREACHABLE,), (attrs.evolve(PORT_UNREACHABLE, type=8), udp(0))),
        ("< ICMP port unreachable", (PORT_UNREACHABLE,), ()),
        ("< ICMP host unreachable", (), (PORT_UNREACHABLE,)),
        ("> ICMP", (), (PORT_UNREACHABLE,)),
        (
            "< ICMP port unreachable",
            (attrs.evolve(PORT_UNREACHABLE, version=6, protocol="ICMPv6", type=1, code=4),),
            (),
        ),
    ],
)
def test_an_item(written: str, fits: tuple[Packet, ...], fits_not: tuple[Packet, ...]) -> None:
    wanted = item(written)
    assert [wanted.fits(packet) for packet in fits] == [True] * len(fits)
    assert [wanted.fits(packet) for packet in fits_not] == [False] * len(fits_not)
    assert not wanted.fits(Packet(n=0, t=0, dir="out", dev="near", length=0, reason="cut"))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "SYN",
        ">SYN",
        "> ",
        "> syn",
        "> SIN",
        "> SYN 5",
        "> ACK 0",
        "> data five",
        "> data -1",
        "> SYN+",
        "> ICMP part unreachable",
        "> ICMP echo request",
        "> UDP five",
        "> SYN\n",
    ],
)
def test_what_is_no_item(written: str) -> None:
    with pytest.raises(CheckError, match="no packet of an exchange"):
        item(written)


def test_an_exchange_has_a_packet() -> None:
    with pytest.raises(CheckError, match="at least one"):
        exchange(())


# --- all of them ---------------------------------------------------------------------------------

SYN, SYN_ACK, ACK = tcp(">", "SYN", seq=0), tcp("<", "SYN+ACK", seq=50), tcp(">", "ACK", seq=1)
DATA, MORE = tcp(">", "ACK", 5, seq=1), tcp(">", "ACK", 5, seq=6)
FIN, RST = tcp(">", "FIN+ACK", seq=11), tcp("<", "RST", seq=51)
MADE = ("> SYN", "< SYN+ACK", "> ACK")


@pytest.mark.parametrize(
    ("packets", "items", "places"),
    [
        ((SYN, SYN_ACK, ACK), MADE, (0, 1, 2)),
        ((RST, SYN, SYN_ACK, ACK, RST), MADE, (1, 2, 3)),
        ((SYN, SYN, SYN_ACK, SYN, SYN_ACK, ACK), MADE, (0, 2, 5)),
        ((SYN, SYN_ACK, ACK, ACK, DATA, ACK, MORE), (*MADE, "> data", "> data"), (0, 1, 2, 4, 6)),
        ((SYN, SYN_ACK, ACK, DATA), ("> SYN", "< SYN+ACK", "> data"), (0, 1, 3)),
        ((DATA, DATA, MORE, DATA, FIN), ("> data", "> data", "> FIN"), (0, 2, 4)),
        ((DATA, DATA, FIN), ("> data", "> data", "> FIN"), (0, 1, 2)),
        ((DATA, MORE, tcp(">", "ACK", 10, seq=1), FIN), ("> data", "> data", "> FIN"), (0, 1, 3)),
        ((SYN, PORT_UNREACHABLE), ("> SYN", "< ICMP port unreachable"), (0, 1)),
        ((SYN, SYN_ACK), ("< SYN+ACK",), (1,)),
    ],
)
def test_it_was_as_written(
    packets: tuple[Packet, ...], items: tuple[str, ...], places: tuple[int, ...]
) -> None:
    found = exchange(packets, *items)
    assert found
    assert tuple(packet.n for packet in found.packets) == places
    assert found.packet(0).n == places[0]


@pytest.mark.parametrize(
    ("packets", "items", "observed"),
    [
        ((), MADE, "no more packets instead of: sent SYN"),
        ((SYN,), MADE, "sent SYN; then no more packets instead of: received SYN+ACK"),
        ((SYN, RST), MADE, f"sent SYN; then received {RST} instead of: received SYN+ACK"),
        (
            (SYN, SYN_ACK, DATA, ACK),
            MADE,
            f"sent SYN, received SYN+ACK; then sent {DATA} instead of: sent ACK",
        ),
        (
            (DATA, DATA, MORE, RST, FIN),
            ("> data", "> data", "> FIN"),
            f"sent data, sent data; then received {RST} instead of: sent FIN",
        ),
        ((RST, RST, FIN), ("< RST", "> FIN"), f"received RST; then received {RST} instead of:"),
        ((DATA, udp(1), FIN), ("> data", "> FIN"), f"sent data; then sent {udp(1)} instead of:"),
        (
            (DATA, tcp(">", "ACK", 7, seq=1), FIN),
            ("> data", "> FIN"),
            "sent data; then sent TCP 192.0.2.1:7 > 192.0.2.2:80 ACK seq 1 ack None len 7 win 9",
        ),
        (
            (DATA, tcp("<", "ACK", 5, seq=1), FIN),
            ("> data", "> FIN"),
            "sent data; then received TCP",
        ),
    ],
)
def test_it_was_not(packets: tuple[Packet, ...], items: tuple[str, ...], observed: str) -> None:
    found = exchange(packets, *items)
    assert not found
    assert found.observed.startswith(observed)
    assert "and nothing else between" in found.expected


def test_in_words() -> None:
    found = exchange((SYN, SYN_ACK, ACK), *MADE)
    assert repr(found) == (
        "expected sent SYN, received SYN+ACK, sent ACK, and nothing else between; "
        f"observed sent {SYN}; received {SYN_ACK}; sent {ACK}"
    )
    many = exchange((*(DATA,) * 20, FIN), "> data", "> FIN")
    assert many.observed.endswith("; and 13 more")
    assert len(many.observed) < 1000


@pytest.mark.parametrize(
    ("packets", "observed"),
    [
        ((SYN, SYN_ACK, ACK), None),
        ((SYN, SYN_ACK, ACK, SYN_ACK, ACK), None),
        ((RST, SYN, SYN_ACK, ACK), f"received {RST} instead of: sent SYN"),
        ((ACK, SYN, SYN_ACK, ACK), f"sent {ACK} instead of: sent SYN"),
        ((SYN, SYN_ACK, ACK, RST), f"sent ACK; then received {RST} instead of: nothing"),
        ((SYN, SYN_ACK), "received SYN+ACK; then no more packets instead of: sent ACK"),
        ((), "no more packets instead of: sent SYN"),
    ],
)
def test_all_that_there_is(packets: tuple[Packet, ...], observed: str | None) -> None:
    found = exchange(packets, *MADE, whole=True)
    assert found.ok is (observed is None)
    assert observed is None or found.observed.endswith(observed)
    assert found.expected.endswith("and nothing else")


def test_a_packet_that_never_came() -> None:
    found = exchange((SYN, RST), *MADE)
    assert found.packet(0).is_syn
    for n in (1, -1):
        with pytest.raises(NotObserved, match="the exchange ended before its packet"):
            found.packet(n)


ITEMS = st.sampled_from(("> SYN", "< SYN+ACK", "> ACK", "> data", "> data 5", "< RST", "> FIN"))
SOME = st.sampled_from((SYN, SYN_ACK, ACK, DATA, MORE, FIN, RST, PORT_UNREACHABLE))


@given(st.lists(SOME, max_size=10).map(tuple), st.lists(ITEMS, min_size=1, max_size=5))
def test_what_holds_for_all_holds_for_some(packets: tuple[Packet, ...], items: list[str]) -> None:
    found = exchange(packets, *items)
    assert repr(found).isprintable()
    assert found.ok or not exchange(packets, *items, whole=True)
    if not found:
        assert len(found.packets) < len(items)
        return
    wanted = [item(written) for written in items]
    assert [one.fits(p) for one, p in zip(wanted, found.packets, strict=True)] == [True] * len(
        items
    )
    assert [p.n for p in found.packets] == sorted({p.n for p in found.packets})
    exact = [attrs.evolve(p) for p in found.packets]
    assert match(wanted, exact, (), True)
