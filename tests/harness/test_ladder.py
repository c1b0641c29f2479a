# SPDX-License-Identifier: Apache-2.0
"""A record as a ladder diagram: what stands where, and how it is drawn."""

from __future__ import annotations

import base64
import itertools
import json
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sockspec import model
from sockspec.ladder import BREAK_NS, LANES_MAX, ladder
from sockspec.report.html import write_html
from sockspec.report.ladder import SVG, as_svg, as_text, drawing, pictured

from . import report_samples as samples
from .browser import chromium as chromium  # noqa: PLC0414 - a fixture is found by its name here
from .conftest import Command
from .test_report_html import Page
from .test_timeline import call, events, ip, names, packets, raw, record, tcp, udp

if TYPE_CHECKING:
    from selenium.webdriver import Chrome


def between_hosts(packet: model.RawPacket, direction: str = "out") -> model.RawPacket:
    return msgspec.structs.replace(packet, dev="near", dir=direction)


def icmp(t: int, about: model.RawPacket) -> model.RawPacket:
    """A port unreachable."""
    message = bytes([3, 3, 0, 0, 0, 0, 0, 0]) + bytes.fromhex(about.bytes)
    return raw(ip(message, 1, "192.0.2.2", "192.0.2.1"), t=t)


PAIR = record(
    model.Step(name="waiting", t=1_000),
    call("accept", 2_000, 5_700_000, args={"fd": 3}, result=4, who="server", side="far"),
    call("connect", 3_000, 5_600_000, args={"fd": 3}, result=-1, errno="ECONNREFUSED"),
    model.Asleep(call="connect", who="main", t=20_000, asleep=True, how="thread state"),
    model.Note(name="port", value=5, t=5_650_000),
    model.Fence(n=1, t=6_000_000),
    call("close", 6_100_000, 6_100_500, args={"fd": 3}, result=0),
    model.Done(t=6_200_000),
    job="a/b pair",
    stage="pair",
    packets=(
        between_hosts(tcp(10_000, (40001, 5), "SYN", 1000)),
        between_hosts(tcp(5_500_000, (5, 40001), "RST+ACK", 0, 1001), "in"),
        between_hosts(udp(6_010_000, b"sockspec fence 1")),
    ),
)

# --- what stands where ---------------------------------------------------------------------------


def test_rows_are_in_order_and_every_call_and_packet_is_there_once() -> None:
    one = ladder(PAIR)
    assert [row.t for row in one.rows] == sorted(row.t for row in one.rows)
    assert [bar.entry for bar in one.bars] == ["server: accept(3)", "connect(3)", "close(3)"]
    assert [arrow.label for arrow in one.arrows] == ["SYN", "RST+ACK", "fence 1"]
    used = [arrow.row for arrow in one.arrows] + [mark.row for mark in one.marks]
    used += [row for bar in one.bars for row in {bar.first, bar.last}]
    assert sorted(used) == list(range(len(one.rows)))


def test_a_bar_goes_from_the_entry_to_the_return() -> None:
    one = ladder(PAIR)
    times = [row.t for row in one.rows]
    accept, connect, close = one.bars
    assert (times[accept.first], times[accept.last]) == (2_000, 5_700_000)
    assert (times[connect.first], times[connect.last]) == (3_000, 5_600_000)
    assert close.first == close.last  # nothing happened meanwhile
    assert times[close.first] == 6_100_000


def test_a_call_in_which_nothing_happened_has_two_rows_if_it_took_long() -> None:
    one = ladder(record(call("recv", 0, BREAK_NS), model.Done(t=BREAK_NS)))
    assert [(bar.first, bar.last) for bar in one.bars] == [(0, 1)]
    assert [row.gap for row in one.rows] == [0, BREAK_NS, 0]


def test_long_gaps_are_breaks() -> None:
    one = ladder(PAIR)
    assert [(row.t, row.gap) for row in one.rows if row.gap] == [(5_500_000, 5_480_000)]


def test_sleep_is_seen_in_the_call_that_was_looked_at_only() -> None:
    again = record(
        call("recv", 0, 10, who="reader"),
        call("recv", 20, 40, who="reader"),
        call("recv", 20, 40, who="main"),
        model.Asleep(call="recv", who="reader", t=30, asleep=True, how="thread state"),
        model.Asleep(call="recv", who="main", t=50, asleep=False, how="thread state"),
    )
    one = ladder(again)
    assert [bar.asleep for bar in one.bars] == [False, True, False]
    looks = {mark.text: mark.lane for mark in one.marks if mark.kind == "asleep"}
    assert looks == {
        "reader asleep in recv()": one.bars[1].lane,
        "main: recv() had returned": one.bars[2].lane,
    }


def test_each_thread_has_a_life_line_on_each_side() -> None:
    one = ladder(
        record(
            call("accept", 0, 100, who="server"),
            call("connect", 10, 20),
            call("send", 30, 40, side="far"),
            call("recv", 50, 60, who="client", side="far"),
        )
    )
    assert [(lane.side, lane.who) for lane in one.lanes] == [
        ("near", "main"),
        ("near", "server"),
        ("far", "client"),
        ("far", "main"),
    ]
    assert [one.lanes[bar.lane].who for bar in one.bars] == ["server", "main", "main", "client"]


def test_calls_that_overlap_never_share_a_line() -> None:
    one = ladder(record(call("read", 0, 100), call("write", 10, 50), call("read", 100, 120)))
    first, second, third = one.bars
    assert first.lane == third.lane != second.lane


def test_many_threads_are_bounded() -> None:
    one = ladder(record(*(call("recv", n, 999, who=f"t{n}") for n in range(50))))
    assert len(one.lanes) == LANES_MAX
    assert len(one.bars) == 50


def test_a_failed_call_is_marked() -> None:
    assert [bar.failed for bar in ladder(PAIR).bars] == [False, True, False]


@pytest.mark.parametrize(("direction", "to_right"), [("out", True), ("in", False)])
def test_between_hosts_the_interface_tells_the_direction(direction: str, to_right: bool) -> None:
    one = ladder(record(packets=(between_hosts(udp(1), direction),)))
    assert [arrow.to_right for arrow in one.arrows] == [to_right]


def test_on_loopback_who_calls_stands_on_the_side_of_the_call() -> None:
    syns = (tcp(15, (7, 5), "SYN"), tcp(16, (5, 7), "SYN+ACK"))
    near = record(call("connect", 10, 20), packets=syns)
    far = record(call("connect", 10, 20, side="far"), packets=syns)
    nobody = record(packets=syns)
    assert [arrow.to_right for arrow in ladder(near).arrows] == [True, False]
    assert [arrow.to_right for arrow in ladder(far).arrows] == [False, True]
    assert [arrow.to_right for arrow in ladder(nobody).arrows] == [True, False]
    assert [(arrow.left, arrow.right) for arrow in ladder(far).arrows] == [(":5", ":7")] * 2


def test_on_loopback_an_error_goes_back_to_who_is_told() -> None:
    sent = udp(1)
    one = ladder(record(packets=(sent, icmp(2, sent))))
    assert [(arrow.to_right, arrow.kind) for arrow in one.arrows] == [
        (True, "packet"),
        (False, "error"),
    ]
    assert one.arrows[1].label == "ICMP port unreachable"


def test_packets_say_what_they_are() -> None:
    one = ladder(
        record(
            packets=(
                tcp(1, (7, 5), "SYN", 0xFFFFFFFF),
                tcp(2, (7, 5), "PSH+ACK", 0, 500, b"hello"),
                tcp(3, (7, 5), "RST", 5),
                raw(b"\x00", t=4),
            )
        )
    )
    assert [(arrow.kind, arrow.label, arrow.detail) for arrow in one.arrows] == [
        ("packet", "SYN", "seq 0"),
        ("packet", "PSH+ACK", "seq 1 ack 0 len 5"),
        ("reset", "RST", "seq 6"),
        ("malformed", "malformed", "IP version 0"),
    ]


def test_addresses_stand_once_above_and_others_have_letters() -> None:
    other = udp(2)
    elsewhere = raw(ip(bytes.fromhex(other.bytes)[20:], 17, "192.0.2.1", "198.51.100.2"), t=3)
    one = ladder(record(packets=(other, elsewhere)))
    assert one.left.addresses == ("192.0.2.1",)
    assert one.right.addresses == ("192.0.2.2", "b = 198.51.100.2")
    assert [arrow.right for arrow in one.arrows] == [":2", "b:2"]


def test_a_fence_is_one_row_where_its_packet_was_seen_and_one_where_not() -> None:
    fence = model.Fence(n=7, t=5)
    assert [mark.kind for mark in ladder(record(fence)).marks] == ["fence", "fault"]
    seen = ladder(record(fence, model.Done(t=9), packets=(udp(6, b"sockspec fence 7"),)))
    assert [mark.kind for mark in seen.marks] == ["done"]
    assert [arrow.kind for arrow in seen.arrows] == ["fence"]


def test_the_links_housekeeping_is_left_out() -> None:
    query = raw(ip(bytes([0x16]) + bytes(7), 2, "192.0.2.1", "224.0.0.22"))
    assert ladder(record(packets=(query,))).arrows == ()


def test_what_the_scripted_peer_says_stands_at_the_right() -> None:
    wire = record(model.Peer(what="the ACK", came=False, t=5), model.Done(t=9), stage="wire")
    one = ladder(wire)
    assert one.right.title == "peer (scripted)"
    assert [mark.kind for mark in one.marks] == ["peer", "done"]
    (line,) = [line for line in as_text(one).splitlines() if "the ACK" in line]
    assert line.rindex("│") < line.index("the peer waited")


def test_a_lie_is_marked_where_it_is_told() -> None:
    one = ladder(record(call("recv", 10, 20, result=1), model.Lie(call="recv", t=30)))
    assert [mark.kind for mark in one.marks] == ["lie", "fault"]
    assert "a lie is told: recv" in as_text(one)


def test_a_long_record_is_bounded_and_says_so() -> None:
    calls = [call("recv", 10 * n, 10 * n + 5, result=1) for n in range(600)]
    long = record(
        call("accept", 0, 10**9, who="server"),
        *calls,
        model.Done(t=10**9),
        packets=tuple(udp(10 * n + 7) for n in range(600)),
    )
    one = ladder(long)
    assert len(one.rows) == 401
    assert one.marks[-1].kind == "more"
    rest = re.fullmatch(r"… (\d+) more rows: (\d+) calls, (\d+) packets", one.marks[-1].text)
    assert rest is not None
    assert int(rest[1]) == 1 + 600 + 600 + 2 - 400
    assert len(one.bars) + int(rest[2]) == 601
    assert len(one.arrows) + int(rest[3]) == 600
    assert (one.bars[0].cut, one.bars[0].last) == (True, 399)
    assert len(as_svg(one)) < 120_000


def test_how_a_record_ended_is_said_below_all_else() -> None:
    hung = record(call("recv", 0, 5), end=model.End(how="limit"))
    assert [mark.kind for mark in ladder(hung, rows_max=0).marks] == ["more", "fault"]
    assert "hung" in ladder(hung).marks[-1].text


# --- SVG -----------------------------------------------------------------------------------------


def svg_of(one: model.Record, titles: tuple[str, ...] = ()) -> ET.Element:
    root = ET.fromstring(as_svg(ladder(one), titles))
    assert root.tag == f"{{{SVG}}}svg"
    return root


def texts_of(root: ET.Element) -> list[str]:
    return ["".join(one.itertext()) for one in root.iter(f"{{{SVG}}}text")]


def paths_of(root: ET.Element) -> dict[str, str]:
    return {one.get("class", ""): one.get("d", "") for one in root.iter(f"{{{SVG}}}path")}


DESCRIPTION = (
    "a/b pair: 3 calls, 1 of them failed, in 1 a thread was seen asleep; 3 packets; in order of "
    "time from top to bottom."
)


def test_the_picture_names_and_describes_itself() -> None:
    root = svg_of(PAIR, ("a.claim: holds", "It is so."))
    assert root.get("role") == "img"
    assert [(one.tag.rpartition("}")[2], one.text) for one in root][:2] == [
        ("title", "Ladder diagram: a.claim: holds"),
        (
            "desc",
            DESCRIPTION,
        ),
    ]
    texts = texts_of(root)
    assert {"a.claim: holds", "It is so.", "a/b pair", "near host", "far host"} <= set(texts)
    assert "\N{MULTIPLICATION SIGN} = -1 ECONNREFUSED  5597.0 µs" in texts
    assert "RST+ACK seq 0 ack 1" in texts


def test_long_titles_take_several_lines_and_end() -> None:
    texts = texts_of(svg_of(PAIR, ("claim", "word " * 30, "word " * 500)))
    assert texts.count("word " * 19 + "word") == 1 + 3
    assert ("word " * 10).strip() in texts
    assert ("word " * 18 + "word …" in texts) or ("word " * 19 + "…" in texts)


def test_nothing_is_said_by_colour_alone() -> None:
    paths = paths_of(svg_of(PAIR))
    assert paths["zz"].count("M") == 1 + 1  # stripes: the call, and the legend
    assert paths["barred"].count("M") == 1 + 1
    assert paths["rst"].count("M") == 1  # dashed
    assert paths["cross"].count("M") == 2
    assert paths["thin"].count("M") == 2  # the fence, its head
    assert paths[""].count("M") == 1  # the SYN


def test_the_picture_needs_nothing_else() -> None:
    text = as_svg(ladder(PAIR)).decode()
    assert "var(" not in text
    assert not re.search(r"<script|href|url\(|@import|@font-face", text)
    assert set(re.findall(r"https?://[^\"]*", text)) == {SVG}


def test_the_same_record_gives_the_same_picture() -> None:
    assert as_svg(ladder(PAIR)) == as_svg(ladder(PAIR))


def test_texts_do_not_overlap() -> None:
    """Each text's room, by the width of a monospaced character, beside the others of its line."""
    root = svg_of(PAIR)
    lines: dict[float, list[tuple[float, float]]] = {}
    for one in root.iter(f"{{{SVG}}}text"):
        x, y = float(one.get("x", "")), float(one.get("y", ""))
        width = 7.23 * len("".join(one.itertext()))
        names = one.get("class", "").split()
        begin = x - width if "e" in names else x - width / 2 if "m" in names else x
        lines.setdefault(y, []).append((begin, begin + width))
        assert begin >= 0
        assert begin + width <= float(root.get("width", ""))
    for spans in lines.values():
        ordered = sorted(spans)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(ordered)), ordered


def test_hostile_names_are_text() -> None:
    (bad,) = samples.hostile().records.values()
    text = as_svg(ladder(bad), (samples.HOSTILE, samples.HOSTILE)).decode()
    allowed = {"svg", "title", "desc", "style", "rect", "path", "text", "tspan"}
    assert {one.tag.rpartition("}")[2] for one in ET.fromstring(text).iter()} <= allowed
    assert not re.search(r"<(script|img)", text)
    assert "&lt;/script&gt;&lt;img" in text
    assert text.replace("\n", "").isprintable()


# --- text ----------------------------------------------------------------------------------------


def test_the_text_form() -> None:
    assert as_text(ladder(PAIR), ("a.claim",)) == TEXT


TEXT = """\
a.claim
a/b pair

                                    near host                         far host
                                    127.0.0.1                         127.0.0.1
                                       main                             server
waiting:                                  · │                         │ ·
       2.0                                · │                         │ ┏ server: accept(3)
       3.0                     connect(3) ┏ │                         │ ┃
      10.0                                ▒ │------ SYN seq 0 ------->│ ┃
      20.0       main asleep in connect() ▒ │                         │ ┃
 5.48 ms ⋮                                ⋮ ⋮                         ⋮ ⋮
    5500.0                                ▒ │x- RST+ACK seq 0 ack 1 --│ ┃
    5600.0 × = -1 ECONNREFUSED  5597.0 µs ┗ │                         │ ┃
    5650.0                        port: 5 · │                         │ ┃
    5700.0                                · │                         │ ┗ = 4  5698.0 µs
    6010.0                                · │....... fence 1 ........>│ ·
    6100.0           close(3) = 0  0.5 µs ■ │                         │ ·
    6200.0                           done · │                         │ ·
"""  # noqa: RUF001 - the sign of a call that failed


def test_results_are_the_last_to_be_cut() -> None:
    told = {"fd": 3, "a": "x" * 40, "b": "y" * 40}
    calls = (call("setsockopt", 0, 1, args=told, result=-1, errno="ENOPROTOOPT"),)
    far = (call("setsockopt", 2, 3, args=told, result=-1, errno="ENOPROTOOPT", side="far"),)
    text = as_text(ladder(record(*calls, *far, packets=(udp(4),))))
    assert text.count("= -1 ENOP") == 2


# --- whatever a record holds ---------------------------------------------------------------------


@given(
    st.lists(events, max_size=10),
    st.none() | st.lists(packets, max_size=4),
    names,
    st.sampled_from(("lo", "pair", "wire", "host", "<x>")),
    st.integers(0, 12),
)
def test_any_record_has_a_ladder(
    told: list[model.Event],
    seen: list[model.RawPacket] | None,
    word: str,
    stage: str,
    rows_max: int,
) -> None:
    hostile = record(
        *told,
        job=f"a/b {word}",
        stage=stage,
        packets=None if seen is None else tuple(seen),
        end=model.End(how="signal", signal=word),
    )
    one = ladder(hostile, rows_max)
    assert len(one.rows) <= rows_max + 2
    for bar in one.bars:
        assert 0 <= bar.first <= bar.last < len(one.rows)
        assert 0 <= bar.lane < len(one.lanes)
    for row in (*(arrow.row for arrow in one.arrows), *(mark.row for mark in one.marks)):
        assert 0 <= row < len(one.rows)
    text = as_text(one, (word,))
    assert text.replace("\n", "").isprintable()
    assert max(map(len, text.splitlines()[2:])) <= 100
    svg_of(hostile, (word,))
    json.dumps(drawing(one))


# --- the report ----------------------------------------------------------------------------------


def pictures(page: str) -> list[Any]:
    chunks = re.findall(r'<script type="text/plain" id="chunk-\d+">(.*?)</script>', page)
    unpacked = [json.loads(zlib.decompress(base64.b64decode(one))) for one in chunks]
    return [picture for one in unpacked for picture in one["ladders"].values()]


def report(path: Path, sample: samples.Sample) -> str:
    write_html(path, [sample.document], sample.claims, sample.records)
    return path.read_text("utf-8")


def test_the_report_has_a_ladder_of_what_it_opens_with_a_claim(tmp_path: Path) -> None:
    sample = samples.small()
    opened: set[str] = set()
    for claim in sample.document.claims:
        parting = [one for one in claim.variants if one.verdict != "holds"]
        opened.update(one.job for one in (parting or claim.variants)[:1])
    drawn = pictures(report(tmp_path / "report.html", sample))
    assert {one[3][2].split(":")[0] for one in drawn} == opened
    assert {one[0] for one in drawn} == {"svg"}


def test_the_reports_ladders_are_bounded_and_count_as_its_timeline_does(tmp_path: Path) -> None:
    sample = samples.small()
    job, one = next(iter(sample.records.items()))
    calls = [call("recv", 7_000 + 10 * n, 7_005 + 10 * n) for n in range(3_000)]
    sample.records[job] = msgspec.structs.replace(one, events=tuple(calls), packets=(udp(7_001),))
    long = max(pictures(report(tmp_path / "report.html", sample)), key=len)
    assert len(json.dumps(long)) < 60_000
    texts = [one for one in long if isinstance(one, list) and one[0] == "text"]
    times = [one[2] for one in texts if one[1].get("class") == "q s e"]
    assert (times[0], times[3:5]) == ("µs", ["0.0", "0.0"])


def test_a_browser_draws_the_ladder_when_it_is_opened(chromium: Chrome, tmp_path: Path) -> None:
    report(tmp_path / "report.html", samples.small())
    page = Page(chromium, (tmp_path / "report.html").as_uri())
    page.open("#claim=connect.returns-on-syn-ack")
    page.until("document.querySelector('.drawn > summary')")
    assert not page.find(".drawn svg").is_displayed()
    page.find(".drawn > summary").click()
    picture = page.find(".drawn svg.ladder")
    assert picture.is_displayed()
    assert "connect/returns_on_syn_ack lo" in picture.text
    assert (
        page.js("getComputedStyle(document.querySelector('.drawn .host')).strokeWidth") == "1.6px"
    )
    assert page.js("document.querySelector('.drawn .host').getBBox().height") > 100
    assert page.errors() == []
    assert page.requests() == []


# --- the command ---------------------------------------------------------------------------------


def variant(job: str, verdict: Any = "holds") -> model.VariantVerdict:
    return model.VariantVerdict(name=job, verdict=verdict, why="", job=job)


def test_the_picture_is_of_two_hosts_and_packets_if_there_are() -> None:
    seen = record(packets=(udp(1),))
    jobs = {"a lo": record(), "b lo": seen, "c pair": record(packets=()), "d pair": seen}
    variants = [variant(job) for job in jobs]

    def chosen(*names: str, verdict: Any = "holds") -> str | None:
        claim = model.ClaimVerdict(
            id="x",
            source="s",
            interface="i",
            verdict=verdict,
            why="",
            variants=(*(one for one in variants if one.name in names), variant("r lo", "refuted")),
            probes=(),
        )
        return pictured(claim, {**jobs, "r lo": record()})

    assert chosen(*jobs) == "d pair"
    assert chosen("a lo", "b lo", "c pair") == "b lo"
    assert chosen("a lo", "c pair") == "a lo"
    assert chosen(*jobs, verdict="holds in part") == "r lo"
    assert chosen(verdict="not observed") is None


def test_explain_draws_a_file(sockspec: Command, tmp_path: Path) -> None:
    result = sockspec("explain", "fake.holds", "--ladder", tmp_path / "one.svg")
    assert result.returncode == 0
    assert f": {tmp_path / 'one.svg'}" in result.stderr
    assert result.stdout == sockspec("explain", "fake.holds").stdout
    root = ET.fromstring((tmp_path / "one.svg").read_bytes())
    assert {"fake.holds: holds", "It is so: holds."} <= set(texts_of(root))


def test_explain_draws_on_the_terminal(sockspec: Command) -> None:
    plain = sockspec("explain", "fake.holds").stdout
    drawn = sockspec("explain", "fake.holds", "--ladder", "-").stdout
    assert drawn != plain
    assert "near end" in drawn
    assert drawn.splitlines()[:3] == plain.splitlines()[:3]


def test_explain_draws_beside_json(sockspec: Command, tmp_path: Path) -> None:
    result = sockspec("explain", "fake.holds", "--json", "--ladder", tmp_path / "one.svg")
    assert json.loads(result.stdout)["id"] == "fake.holds"
    assert (tmp_path / "one.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["fake.holds", "--ladder", "nowhere/x.svg"], 3, "nowhere/x.svg: cannot write: No such"),
        (["fake.holds", "--ladder", "-", "--json"], 2, "--ladder - draws on the terminal; with"),
        (["fake.untestable", "--ladder", "x.svg"], 2, "fake.untestable has no check, so there is"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_line(
    sockspec: Command, words: list[str], status: int, message: str
) -> None:
    result = sockspec("explain", *words)
    assert result.returncode == status
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("sockspec: ")]
    assert line.startswith(f"sockspec: {message}")
    assert "Traceback" not in result.stderr
