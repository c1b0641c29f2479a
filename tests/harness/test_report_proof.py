# SPDX-License-Identifier: Apache-2.0
"""The page of a proof: what is in the file, and what a real browser makes of it."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from sockspec.catalogue import Claim
from sockspec.model import (
    PROOF_OUTCOMES,
    ClaimProof,
    LieProof,
    ProofDocument,
    ProofOutcome,
    Sight,
)
from sockspec.report.proof import write_html

from .browser import chromium as chromium  # noqa: PLC0414 - a fixture is found by its name here
from .report_samples import HOSTILE
from .test_report_html import CONTRAST, Page

if TYPE_CHECKING:
    from pathlib import Path

    from selenium.webdriver import Chrome

JOB = "getpeername/udp_unconnected lo family=inet"
RULE = "getpeername:error=ENOTCONN:errno=EINVAL"


def claim(name: str, interface: str) -> Claim:
    return Claim(name, "article", interface, "line 1", f"It says {name}.", "shall", ("linux",))


CLAIMS = {
    one.id: one
    for one in (
        claim("close.zero", "close"),
        claim("names.peer", "getpeername"),
        claim("names.sock", "getsockname"),
        claim("names.last", "getpeername"),
    )
}


def sight(name: str, text: str = "getpeername() = -1", **changes: Any) -> Sight:
    return Sight(
        **{
            "claim": name,
            "job": JOB,
            "truth": "holds",
            "truth_why": f"{text} ENOTCONN",
            "lie": "refuted",
            "lie_why": f"{text} EINVAL",
            **changes,
        }
    )


def proof(name: str, outcome: ProofOutcome, *sights: Sight, why: str = "so it was") -> ClaimProof:
    return ClaimProof(id=name, outcome=outcome, why=why, sights=sights)


def lie(name: str, *claims: ClaimProof, **changes: Any) -> LieProof:
    worst = max((one.outcome for one in claims), key=PROOF_OUTCOMES.index)
    base = {"tells": f"{name} is told", "rule": RULE, "outcome": worst, "jobs": 3}
    return LieProof(**{"id": name, "claims": claims, **base, **changes})


def document(*lies: LieProof, **changes: Any) -> ProofDocument:
    base: dict[str, Any] = {
        "schema": 1,
        "target": {"name": "host", "kernel": "6.1.0", "probes": {str(n): "x" for n in range(9)}},
        "lies": lies,
        "to_tell": ("close.zero",),
        "untold": {"names.last": "It cannot be seen."},
        "summary": {"trials": 12, "claims": 4, "claims_with_lie": 2, "faults": []},
    }
    return ProofDocument(**{**base, **changes})


SMALL = document(
    lie(
        "peer.einval",
        proof("names.peer", "caught", *[sight("names.peer", part=f"step {n}") for n in range(6)]),
        also=("close.zero",),
    ),
    lie("sock.fails", proof("names.sock", "missed", sight("names.sock", lie="holds", told=False))),
    lie("peer.crash", proof("names.peer", "by accident", why="the probe died")),
    lie("moon.lie", proof("moon.claim", "not told", why="no check judges it")),
)


def write(path: Path, what: ProofDocument, claims: dict[str, Claim] | None = None) -> str:
    write_html(path, what, CLAIMS if claims is None else claims)
    return path.read_text("utf-8")


def words(page: str) -> str:
    """What the page says without its script."""
    page = re.sub(r"<(script|style)>.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


# --- the file ----------------------------------------------------------------------------------


def test_the_summary_says_what_came_of_the_lies(tmp_path: Path) -> None:
    said = words(write(tmp_path / "proof.html", SMALL))
    assert (
        "Of 4 lies, 1 was caught by the claims that they break, in 12 trials. 2 of 4 claims have a "
        "lie, 1 a reason why none can be told, 1 neither. 3 claims did not notice." in said
    )
    for text in ("1 caught", "0 by another", "1 by accident", "1 not told", "1 missed"):
        assert text in said
    assert "sock.fails: so it was" in said
    assert "peer.crash: the probe died" in said


def test_all_is_in_the_markup_without_a_script(tmp_path: Path) -> None:
    said = words(write(tmp_path / "proof.html", SMALL))
    for text in (
        "It says names.peer.",
        "peer.einval is told.",
        f"Rule {RULE}",
        f"{JOB}: step 0 holds getpeername() = -1 ENOTCONN refuted getpeername() = -1 EINVAL",
        f"Repeat it sockspec probe {JOB} lie={RULE}",
        "and 2 more records, in proof.json",
        "the lie was not told here",
        "It also turned close.zero.",
        "Tried in 3 jobs.",
        "names.last It cannot be seen.",
        "close.zero It says close.zero.",
        "not in the catalogue of this version",
    ):
        assert text in said, text


def test_claims_stand_by_interface_in_the_order_of_the_catalogue(tmp_path: Path) -> None:
    page = write(tmp_path / "proof.html", SMALL)
    found = re.findall(r'<h3[^>]*>([^<]+) <|<tr id="claim=([^"]+)"', page)
    assert ["".join(one) for one in found] == [
        "getpeername",
        "names.peer",
        "getsockname",
        "names.sock",
        "not in the catalogue",
        "moon.claim",
    ]


def test_what_changed_without_a_lie_and_faults_are_told(tmp_path: Path) -> None:
    summary = {**SMALL.summary, "faults": [{"where": "x.c:1", "what": "EMFILE"}]}
    nothing = document(changed=(sight("close.zero"),), summary=summary)
    said = words(write(tmp_path / "proof.html", nothing))
    assert "with the liar in place and no lie told: 1 verdicts changed." in said
    assert "Changed though no lie was told 1 close.zero" in said
    assert f"sockspec probe {JOB} lie=none" in said
    assert "The run had 1 fault of its own." in said
    assert "x.c:1 EMFILE" in said
    assert "Claims by lies" not in said
    good = words(write(tmp_path / "proof.html", document()))
    assert "no lie told: no verdict changed." in good


def test_the_policy_names_the_scripts_hash_and_forbids_all_else(tmp_path: Path) -> None:
    page = write(tmp_path / "proof.html", SMALL)
    own = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    assert own is not None
    digest = base64.b64encode(hashlib.sha256(own[1].encode()).digest()).decode()
    policy = html.unescape(re.findall(r'Content-Security-Policy" content="([^"]*)"', page)[0])
    assert policy.startswith("default-src 'none'; ")
    assert f"script-src 'sha256-{digest}';" in policy
    assert "unsafe" not in policy
    assert not re.search(r"""(src|href)=["'](?!#)""", page)
    assert " style=" not in page


def hostile() -> ProofDocument:
    """Markup in every string that comes from outside."""
    seen = sight(HOSTILE, HOSTILE, job=HOSTILE, part=HOSTILE)
    return document(
        lie(
            HOSTILE,
            proof(HOSTILE, "missed", seen, why=HOSTILE),
            proof("names.peer", "caught", seen, why=HOSTILE),
            tells=HOSTILE,
            rule=HOSTILE,
            also=(HOSTILE,),
        ),
        target={"name": HOSTILE, HOSTILE: {HOSTILE: [HOSTILE]}},
        changed=(seen,),
        to_tell=(HOSTILE,),
        untold={HOSTILE: HOSTILE},
        summary={**SMALL.summary, "faults": [{"where": HOSTILE, "what": HOSTILE}]},
    )


def test_nothing_hostile_is_markup_in_the_file(tmp_path: Path) -> None:
    page = write(tmp_path / "proof.html", hostile())
    assert "<img" not in page
    assert page.count("<script>") == 1
    assert page.count("<style>") == 1
    assert not re.search("[\x00\x1b\u2028\u202e]", page)


# --- in the browser ----------------------------------------------------------------------------


class ProofPage(Page):
    """A proof in the browser."""

    ready = "document.documentElement.dataset.ready === ''"

    def claims(self) -> list[str]:
        """The claims that are shown."""
        rows = self.find_all("tr.proved > th > .id")
        return [row.text for row in rows if row.is_displayed()]

    def opened(self) -> list[str]:
        """The lies that are opened."""
        found = self.find_all("details.lie[open] > summary > .id")
        return [one.text for one in found if one.is_displayed()]


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("proofs")
    documents = {"small": SMALL, "hostile": hostile(), "nothing": document()}
    for name, what in documents.items():
        write(folder / f"{name}.html", what)
    return {name: (folder / f"{name}.html").as_uri() for name in documents}


@pytest.fixture
def page_of(chromium: Chrome, addresses: dict[str, str]) -> Iterator[Callable[..., ProofPage]]:
    def opened(name: str, fragment: str = "") -> ProofPage:
        page = ProofPage(chromium, addresses[name])
        page.open(fragment)
        return page

    yield opened
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_outcomes_and_words_filter(page_of: Callable[..., ProofPage]) -> None:
    page = page_of("small")
    assert page.claims() == ["names.peer", "names.sock", "moon.claim"]
    assert page.find("#shown").text == "3 claims"
    page.find('input[value="missed"]').click()
    assert page.claims() == ["names.sock"]
    assert page.find("#shown").text == "1 of 3 claims"
    page.find('input[value="by accident"]').click()
    assert page.claims() == ["names.peer", "names.sock"]
    page.find("#find").send_keys("STEP einval")
    assert page.claims() == ["names.peer"]
    page.find("#find").send_keys(" nothing-has-this")
    assert page.claims() == []
    assert page.find("#nothing").is_displayed()


def test_a_tile_is_a_link_to_its_filter(page_of: Callable[..., ProofPage]) -> None:
    page = page_of("small")
    page.find(".tile.refuted").click()
    page.until("location.hash === '#outcome=missed'")
    assert page.claims() == ["names.sock"]
    assert page.find('input[value="missed"]').is_selected()


def test_a_link_opens_its_claim_also_where_the_filter_hides_it(
    page_of: Callable[..., ProofPage],
) -> None:
    page = page_of("small", "#claim=names.peer")
    assert page.opened() == ["peer.einval", "peer.crash"]
    assert page.js("scrollY") > 0
    page.find('input[value="missed"]').click()
    assert page.claims() == ["names.sock"]
    page.js("location.hash = 'claim=moon.claim'")
    page.until("document.querySelector('tr[id=\"claim=moon.claim\"] details').open")
    assert page.claims() == ["names.sock", "moon.claim"]


def test_truth_and_lie_stand_side_by_side(page_of: Callable[..., ProofPage]) -> None:
    page = page_of("small", "#claim=names.peer")
    cells = page.find_all(".lie[open] .sights tbody tr:first-child td")
    assert [cell.text.split("\n") for cell in cells[:2]] == [
        ["holds", "getpeername() = -1 ENOTCONN"],
        ["refuted", "getpeername() = -1 EINVAL"],
    ]
    assert cells[0].rect["y"] == cells[1].rect["y"]
    assert cells[0].rect["x"] < cells[1].rect["x"]


def test_hostile_strings_are_text(page_of: Callable[..., ProofPage]) -> None:
    page = page_of("hostile")
    for fold in page.find_all("details > summary"):
        if fold.is_displayed():
            fold.click()
    page.find("#find").send_keys("<img")
    assert len(page.claims()) == 2
    assert "<img src=x onerror=" in page.find(".sights").text
    assert page.js("typeof window.hacked") == "undefined"
    assert page.js("document.querySelectorAll('img, style:not(head style)').length") == 0
    assert page.errors() == []
    assert page.requests() == []
    link = page.js("document.querySelector('.concerns a.id').hash")
    page.open(link)
    assert len(page.opened()) == 1


@pytest.mark.parametrize("name", ["small", "nothing"])
def test_no_error_and_no_request(page_of: Callable[..., ProofPage], name: str) -> None:
    page = page_of(name, f"#claim={quote('names.peer')}")
    assert page.errors() == []
    assert page.requests() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["small", "hostile"])
def test_every_text_has_enough_contrast(
    page_of: Callable[..., ProofPage], name: str, scheme: str
) -> None:
    page = page_of(name)
    page.media(prefers_color_scheme=scheme)
    page.js("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for box in page.find_all("input[name=outcome]"):
        box.click()
    assert page.js(CONTRAST) == []


def test_the_theme_can_be_chosen(page_of: Callable[..., ProofPage]) -> None:
    page = page_of("small")
    page.find("#theme").click()
    page.find("#theme").click()
    assert page.find("#theme").text == "Theme: dark"
    color = page.js("getComputedStyle(document.documentElement).backgroundColor")
    assert max(map(int, re.findall(r"\d+", color)[:3])) < 60
    page.find("#theme").click()
    assert page.find("#theme").text == "Theme: system"


def test_paper_shows_all_and_no_controls(page_of: Callable[..., ProofPage]) -> None:
    page = page_of("small")
    page.media(media="print", prefers_color_scheme="dark")
    page.js("window.dispatchEvent(new Event('beforeprint'))")
    assert page.opened() == ["peer.einval", "peer.crash", "sock.fails", "moon.lie"]
    assert not page.find("form.filter").is_displayed()
    assert not page.find("#theme").is_displayed()
    assert page.js("getComputedStyle(document.documentElement).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    page.js("window.dispatchEvent(new Event('afterprint'))")
    assert page.opened() == []


@pytest.mark.parametrize("name", ["small", "hostile"])
def test_a_narrow_screen_needs_no_sideways_scrolling(
    page_of: Callable[..., ProofPage], name: str
) -> None:
    page = page_of(name)
    page.resize(360, 800)
    page.js("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.js("document.documentElement.scrollWidth") <= 360


def test_names_and_landmarks_are_there_for_those_who_listen(
    page_of: Callable[..., ProofPage],
) -> None:
    page = page_of("small")
    assert len(page.find_all("main")) == 1
    assert len(page.find_all("h1")) == 1
    assert page.find_all("table:not(:has(caption))") == []
    assert page.js(
        "[...document.querySelectorAll('input')].every("
        "  (one) => one.labels?.length || one.getAttribute('aria-label'))"
    )
