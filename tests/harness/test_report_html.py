# SPDX-License-Identifier: Apache-2.0
"""The HTML report: what is in the file, and what a real browser makes of it."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
import pytest

from sockspec.model import VERDICTS
from sockspec.report.html import write_html

from . import report_samples as samples
from .browser import chromium as chromium  # noqa: PLC0414 - a fixture is found by its name here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from selenium.webdriver import Chrome

    from sockspec.model import ClaimVerdict, VerdictsDocument

UNEXPECTED = "connect.returns-on-syn-ack"


def write(path: Path, sample: samples.Sample, *documents: VerdictsDocument) -> str:
    write_html(
        path,
        documents or [sample.document],
        sample.claims,
        sample.records,
        titles=samples.SOURCES,
        render=samples.timeline,
    )
    return path.read_text("utf-8")


def script(page: str, name: str) -> str:
    found = re.search(rf'<script type="[a-z/]+" id="{name}">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return found[1]


def chunk(page: str, number: int) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(script(page, f"chunk-{number}"))))


# --- the file ----------------------------------------------------------------------------------


def test_title_and_summary_say_what_was_tested_and_what_came_out(tmp_path: Path) -> None:
    page = write(tmp_path / "report.html", samples.small())
    assert "<title>Linux 6.1.0-30 · glibc 2.36 · x86_64 | sockspec</title>" in page
    assert "Of 40 claims, 28 hold, 4 hold in part, 2 are refuted, 2 are unsupported" in page
    assert "1 verdict is not what the baseline expects." in page


def test_all_claims_stand_in_the_markup_without_a_script(tmp_path: Path) -> None:
    sample = samples.small()
    page = write(tmp_path / "report.html", sample)
    text = html.unescape(re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL))
    for claim in sample.claims.values():
        assert claim.id in text
        assert claim.statement in text
    assert "can be read without JavaScript" in text
    assert "line 38, 41" in text


def test_the_policy_names_the_scripts_hash_and_forbids_all_else(tmp_path: Path) -> None:
    page = write(tmp_path / "report.html", samples.small())
    own = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    assert own is not None
    digest = base64.b64encode(hashlib.sha256(own[1].encode()).digest()).decode()
    policy = html.unescape(re.findall(r'Content-Security-Policy" content="([^"]*)"', page)[0])
    assert policy.startswith("default-src 'none'; ")
    assert f"script-src 'sha256-{digest}';" in policy
    assert "unsafe" not in policy
    assert not re.search(r"""(src|href)=["'](?!#)""", page)
    assert " style=" not in page


def test_each_timeline_is_packed_once_and_can_be_read_back(tmp_path: Path) -> None:
    sample = samples.small()
    page = write(tmp_path / "report.html", sample)
    data = json.loads(script(page, "data"))
    jobs = {data["strings"][int(job)]: place for job, place in data["jobs"].items()}
    assert set(jobs) == set(sample.records)
    for job, (number, place, count) in jobs.items():
        unpacked = chunk(page, number)
        _, gaps, lengths, _, _, _, texts = unpacked["records"][place]
        lines = list(samples.timeline(sample.records[job]))
        assert count == len(lines)
        assert [unpacked["strings"][text] for text in texts] == [line.text for line in lines]
        assert sum(gaps) == lines[-1].t - lines[0].t
        assert lengths[0] == -1


def test_records_are_spread_over_chunks_of_bounded_size(tmp_path: Path) -> None:
    page = write(tmp_path / "report.html", samples.large(200))
    numbers = [int(number) for number in re.findall(r'id="chunk-(\d+)"', page)]
    assert len(numbers) > 1
    assert numbers == list(range(len(numbers)))
    assert max(len(json.dumps(chunk(page, number))) for number in numbers) < 700_000


def test_the_same_run_gives_the_same_file(tmp_path: Path) -> None:
    first = write(tmp_path / "one.html", samples.small())
    assert first == write(tmp_path / "two.html", samples.small())


def test_records_that_no_claim_rests_on_are_left_out(tmp_path: Path) -> None:
    sample = samples.small()
    sample.records["target/describe lo"] = samples.record("target/describe lo")
    assert "target/describe" not in write(tmp_path / "report.html", sample)


def test_stale_entries_faults_and_a_strict_run_are_told(tmp_path: Path) -> None:
    sample = samples.small()
    summary = {
        "stale": [{"claim": "bind.wildcard", "variants": ["*"], "why": "it holds now"}],
        "faults": [{"where": "udp.c:9", "what": "EMFILE"}],
        "strict": True,
    }
    document = msgspec.structs.replace(sample.document, summary=summary)
    text = re.sub(r"<[^>]+>|\s+", " ", write(tmp_path / "report.html", sample, document))
    assert "The baseline has 1 stale entry." in text
    assert "The run had 1 fault of its own." in text
    assert "it holds now" in text
    assert "EMFILE" in text


def test_the_real_timeline_is_the_default(tmp_path: Path) -> None:
    sample = samples.small()
    path = tmp_path / "report.html"
    write_html(path, [sample.document], sample.claims, sample.records)
    page = path.read_text("utf-8")
    packed = [chunk(page, number) for number in range(page.count('id="chunk-'))]
    assert sum(len(one["records"]) for one in packed) == len(sample.records)
    assert any("ECONNREFUSED" in text for one in packed for text in one["strings"])


def test_an_empty_run_is_a_page_too(tmp_path: Path) -> None:
    sample = samples.small()
    empty = msgspec.structs.replace(sample.document, claims=(), target={})
    page = write(tmp_path / "report.html", sample, empty)
    assert "There is no claim in this run." in page
    assert "unnamed target" in page


def test_nothing_hostile_is_markup_in_the_file(tmp_path: Path) -> None:
    page = write(tmp_path / "report.html", samples.hostile())
    assert "<img" not in page
    assert page.count("<script>") == 1
    assert page.count("<style>") == 1
    assert not re.search("[\x00\x1b\u2028\u202e]", page)
    assert "<" not in script(page, "data")


# --- in the browser ----------------------------------------------------------------------------


class Page:
    """A report in the browser."""

    ready = "document.documentElement.dataset.unpacked === ''"
    """What is true as soon as all of it can be looked at."""

    def __init__(self, driver: Chrome, address: str) -> None:
        self.driver = driver
        self.address = address

    def open(self, fragment: str = "") -> None:
        self.driver.get("about:blank")
        self.log("browser")
        self.log("performance")
        self.driver.get(self.address + fragment)
        self.until(self.ready)

    def js(self, code: str, *arguments: Any) -> Any:
        return self.driver.execute_script(f"return {code}", *arguments)

    def until(self, condition: str) -> None:
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, 30, 0.02).until(lambda _: self.js(condition), condition)

    def find(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def find_all(self, selector: str) -> list[Any]:
        return self.driver.find_elements("css selector", selector)

    def shown(self) -> list[str]:
        """The ids of the claims that are shown."""
        return [
            row.find_element("css selector", "button.id").text
            for row in self.find_all("tr.claim:not([hidden])")
            if row.is_displayed()
        ]

    def row(self, claim: str) -> Any:
        return self.find(f'tr.claim[data-id="{claim}"]')

    def media(self, **features: str) -> None:
        media = features.pop("media", "")
        listed = [{"name": name.replace("_", "-"), "value": v} for name, v in features.items()]
        command = {"media": media, "features": listed}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", command)

    def resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def log(self, name: str) -> list[str]:
        """What the log got since it was last read."""
        entries = self.driver.get_log(name)  # type: ignore[no-untyped-call]
        return [entry["message"] for entry in entries]

    def errors(self) -> list[str]:
        return self.log("browser")

    def requests(self) -> list[str]:
        """What the page asked for, itself aside."""
        events = [json.loads(message) for message in self.log("performance")]
        asked = [
            event["message"]["params"]["request"]["url"]
            for event in events
            if event["message"]["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in asked if url not in (self.address, "about:blank")]


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("reports")
    names = ("small", "hostile", "of_sources", "strict")
    for name in names:
        write(folder / f"{name}.html", getattr(samples, name)())
    write(folder / "many.html", samples.small(), *samples.targets())
    return {name: (folder / f"{name}.html").as_uri() for name in (*names, "many")}


@pytest.fixture
def page_of(chromium: Chrome, addresses: dict[str, str]) -> Iterator[Callable[..., Page]]:
    def opened(name: str, fragment: str = "") -> Page:
        page = Page(chromium, addresses[name])
        page.open(fragment)
        return page

    yield opened
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.fixture
def page(page_of: Callable[..., Page]) -> Page:
    return page_of("small")


def test_a_verdicts_box_filters_and_the_address_keeps_it(page: Page) -> None:
    page.find('input[value="refuted"]').click()
    assert page.shown() == ["socket.local-absolute-path", "listen.backlog-limit"]
    assert page.find("#shown").text == "2 of 40 claims"
    assert page.js("location.hash") == "#verdict=refuted"
    page.find('input[value="unsupported"]').click()
    assert page.find("#shown").text == "4 of 40 claims"
    page.find("#reset").click()
    assert page.find("#shown").text == "40 claims"
    assert page.js("location.hash") == ""


@pytest.mark.parametrize(
    ("fragment", "count"),
    [
        ("#interface=connect", 7),
        ("#source=article", 40),
        ("#expected=unexpected", 1),
        ("#expected=known", 5),
        ("#expected=expected", 39),
        ("#verdict=holds,refuted&interface=socket", 4),
        ("#verdict=holds+in+part&q=recv", 1),
        ("#interface=none&source=none&verdict=none", 40),
        ("#q=handshake+udp", 1),
        ("#q=nothing-has-this", 0),
    ],
)
def test_an_address_restores_the_filter(
    page_of: Callable[..., Page], fragment: str, count: int
) -> None:
    page = page_of("small", fragment)
    assert len(page.shown()) == count
    assert page.find("#nothing").is_displayed() == (count == 0)
    assert page.js("scrollY") > 0, "the claims come into view"


def test_selects_filter_and_hide_empty_interfaces(page: Page) -> None:
    page.find("#interface option:nth-child(3)").click()
    assert page.js("location.hash") == "#interface=bind"
    sections = [
        one.get_attribute("data-interface")
        for one in page.find_all("section.interface")
        if one.is_displayed()
    ]
    assert sections == ["bind"]


def test_search_looks_into_the_evidence_of_variants(page: Page) -> None:
    page.find("#find").send_keys("3.1 µs before the RETURN")
    page.until("document.querySelectorAll('tr.claim:not([hidden])').length === 1")
    assert page.shown() == [UNEXPECTED]
    assert page.js("new URLSearchParams(location.hash.slice(1)).get('q')") == (
        "3.1 µs before the RETURN"
    )


def test_a_tile_is_a_link_to_its_filter(page: Page) -> None:
    page.find("a.tile.holds-in-part").click()
    page.until("document.getElementById('shown').textContent === '4 of 40 claims'")
    assert page.find('input[value="holds in part"]').is_selected()


def test_a_permanent_link_opens_its_claim_and_nothing_else(page_of: Callable[..., Page]) -> None:
    page = page_of("small", f"#claim={UNEXPECTED}")
    assert page.js("[...document.querySelectorAll('.is-open')].map((one) => one.dataset.id)") == [
        UNEXPECTED
    ]
    top = page.js("arguments[0].getBoundingClientRect().top", page.row(UNEXPECTED))
    bar = page.js("document.querySelector('form.filter').getBoundingClientRect().bottom")
    assert bar <= top < 400
    page.until(f"document.activeElement.textContent === '{UNEXPECTED}'")


def test_a_permanent_link_wins_over_a_filter_that_hides_its_claim(
    page_of: Callable[..., Page],
) -> None:
    page = page_of("small", f"#verdict=unsupported&claim={UNEXPECTED}")
    assert UNEXPECTED in page.shown()


def test_links_in_the_summary_open_the_claim(page: Page) -> None:
    page.find(f'.concerns a[href="#claim={UNEXPECTED}"]').click()
    page.until("document.querySelectorAll('.is-open').length === 1")
    assert page.find("tr.detail .timeline").is_displayed()


def test_an_opened_claim_tells_source_variants_and_timeline(page: Page) -> None:
    page.row(UNEXPECTED).find_element("css selector", "button.id").click()
    detail = page.find("tr.detail")
    assert "article · line 142 · states" in detail.text
    assert len(page.find_all(".variants > tbody > tr:not(.below)")) == 4
    assert "Expected: holds" in detail.text
    # The record of the refuted variant is the one that stands open.
    (timeline,) = (one for one in page.find_all(".timeline") if one.is_displayed())
    lines = [row.text for row in timeline.find_elements("css selector", ":scope > tbody > tr")]
    assert lines[0].startswith("0.0")
    assert any("42.3" in line and "= -1 ECONNREFUSED" in line for line in lines)
    assert any("packet" in line and "SYN" in line for line in lines)
    command = page.find(".repeat code").text
    assert command == "sockspec probe connect/returns_on_syn_ack lo family=AF_INET6 round=2"
    assert page.js("location.hash") == f"#claim={UNEXPECTED}"


def test_each_variant_opens_its_own_timeline(page: Page) -> None:
    page.row("close.last-reference").find_element("css selector", "button.id").click()
    buttons = page.find_all(".variants .more button")
    assert len(buttons) == 6
    buttons[4].click()
    assert buttons[4].get_attribute("aria-expanded") == "true"
    assert sum(one.is_displayed() for one in page.find_all(".timeline")) == 2


def test_the_copy_button_copies_the_command(page: Page) -> None:
    wanted = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    page.driver.execute_cdp_cmd("Browser.grantPermissions", wanted)
    page.row(UNEXPECTED).find_element("css selector", "button.id").click()
    page.find(".repeat button").click()
    page.until("document.querySelector('.repeat button').textContent === 'Copied'")
    pasted = page.driver.execute_async_script(
        "navigator.clipboard.readText().then(arguments[0], (e) => arguments[0](String(e)))"
    )
    assert pasted == page.find(".repeat code").text


def test_all_of_it_works_by_keyboard(page: Page) -> None:
    from selenium.webdriver import ActionChains, Keys

    def press(*keys: str) -> None:
        ActionChains(page.driver).send_keys(*keys).perform()

    press("/", "u", "d", "p")
    page.until("document.querySelectorAll('tr.claim:not([hidden])').length < 10")
    assert page.find("#find").get_attribute("value") == "udp"
    first = page.shown()[0]
    page.js("arguments[0].focus()", page.row(first).find_element("css selector", "button.id"))
    press(Keys.ARROW_DOWN, Keys.ENTER)
    assert page.js("document.querySelector('.is-open').dataset.id") == page.shown()[1]
    press(Keys.ARROW_UP)
    assert page.js("document.activeElement.textContent") == first
    outline = page.js("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_a_record_that_was_not_kept_is_said_to_be_missing(chromium: Chrome, tmp_path: Path) -> None:
    sample = samples.small()
    sample.records.clear()
    write(tmp_path / "report.html", sample)
    page = Page(chromium, (tmp_path / "report.html").as_uri())
    page.open(f"#claim={UNEXPECTED}")
    assert "No record of this job was kept" in page.find("tr.detail").text


def test_remarks_of_a_record_stand_over_its_timeline(page_of: Callable[..., Page]) -> None:
    page = page_of("hostile")
    page.find("button.id").click()
    text = page.find(".record").text
    assert "no packet witness" in text
    assert "Not an event: </script>" in text
    assert "Standard error: </script>" in text
    assert "malformed: no command" in text


def test_hostile_strings_are_text(page_of: Callable[..., Page]) -> None:
    from selenium.common.exceptions import NoAlertPresentException

    page = page_of("hostile")
    for fold in page.find_all("details > summary"):
        fold.click()
    for button in page.find_all("button.id"):
        button.click()
    for button in page.find_all(".variants .more button[aria-expanded=false]"):
        button.click()
    page.find("#find").send_keys("<img")
    assert len(page.find_all(".timeline")) == 5
    assert "<img src=x onerror=" in page.find(".timeline").text
    with pytest.raises(NoAlertPresentException):
        _ = page.driver.switch_to.alert
    assert page.js("typeof window.hacked") == "undefined"
    assert page.js("document.querySelectorAll('img, style:not(head style)').length") == 0
    assert page.js("[...document.scripts].filter((one) => !one.type).length") == 1
    assert page.errors() == []
    assert page.requests() == []
    # Its permanent link, with all that it has to escape.
    claim = page.js("document.querySelector('tr.claim').dataset.id")
    page.open(f"#claim={quote(claim)}")
    assert page.js("document.querySelector('.is-open').dataset.id") == claim


@pytest.mark.parametrize("name", ["small", "many"])
def test_no_error_and_no_request(page_of: Callable[..., Page], name: str) -> None:
    page = page_of(name, "#claim=close.returns-zero")
    page.find("#find").send_keys("close")
    assert page.errors() == []
    assert page.requests() == []


def test_the_policy_stops_what_would_get_in_all_the_same(page: Page) -> None:
    stopped = page.driver.execute_async_script(
        """
        const done = arguments[0], seen = [];
        document.addEventListener("securitypolicyviolation", (event) => {
          seen.push(event.effectiveDirective);
          if (seen.length === 3) done(seen.sort());
        });
        const box = document.createElement("div");
        box.innerHTML = '<img src="http://192.0.2.1/x" onerror="window.hacked = 1">' +
          '<p style="color: red">x</p>';
        document.body.append(box);
        """
    )
    assert stopped == ["img-src", "script-src-attr", "style-src-attr"]
    assert page.js("typeof window.hacked") == "undefined"


# --- the report's opening, source by source ---

Opening = dict[tuple[str, str], list[str]]
"""The claims by chapter and list; what stands before the chapters has no chapter's name."""


def opening(page: Page) -> Opening:
    """Of the lists of the summary, in their order, all that is in them: also what is folded."""
    found: Opening = {}
    for chapter, concern, ids in page.js(
        """[...document.querySelectorAll("section.concern")].map((one) => [
          one.closest(".chapter")?.querySelector("cite").textContent ?? "",
          one.querySelector("h2, h3").firstChild.data.trim(),
          [...one.querySelectorAll("a.id")].map((link) => link.textContent)])"""
    ):
        assert (chapter, concern) not in found
        found[chapter, concern] = ids
    return found


LISTS = ["Not true here", "True in part", "True here", "Not decided here"]
LISTED = dict(zip(VERDICTS, ["True here", "True in part", "Not true here"], strict=False))


@pytest.mark.parametrize("name", ["small", "of_sources", "strict"])
def test_each_claim_stands_in_the_list_of_its_verdict_and_no_other(
    page_of: Callable[..., Page], name: str
) -> None:
    sample = getattr(samples, name)()
    expected: Opening = {}
    for claim in sample.document.claims:
        chapter = samples.SOURCES[claim.source]
        key = (chapter, LISTED.get(claim.verdict, "Not decided here"))
        expected.setdefault(key if claim.as_expected else ("", "Unexpected"), []).append(claim.id)
    found = opening(page_of(name))
    assert {key: sorted(ids) for key, ids in found.items()} == {
        key: sorted(ids) for key, ids in expected.items()
    }
    assert sum(map(len, found.values())) == len(sample.claims)
    order = [("", "Unexpected"), *((t, one) for t in samples.SOURCES.values() for one in LISTS)]
    assert list(found) == [key for key in order if key in found]


def test_the_unsupported_stand_before_what_was_not_observed(page: Page) -> None:
    assert opening(page)[samples.SOURCES["article"], "Not decided here"] == [
        "socket.type-packet",
        "socket.protocol-sctp",
        "socket.protocol-tipc",
        "bind.wildcard",
        "send.partial",
        "options.reuseaddr",
    ]


def test_with_one_source_the_summary_says_all_of_it(page: Page) -> None:
    (chapter,) = page.find_all("section.chapter")
    assert chapter.find_element("css selector", "h2").text == (
        "What of Sockets by example is true here"
    )
    assert page.find_all(".chapter > .lead, .chapter > .bar") == []
    assert len(page.find_all("main .lead")) == 1


def test_with_several_sources_each_has_its_own_sentence(page_of: Callable[..., Page]) -> None:
    """Also the one of which nothing is as expected, so that its lists are empty."""
    page = page_of("of_sources")
    heads = [head.text for head in page.find_all(".chapter > h2")]
    assert heads == [f"What of {title} is true here" for title in samples.SOURCES.values()]
    leads = [lead.text for lead in page.find_all(".chapter > .lead")]
    assert leads[0].startswith("Of 25 claims, 16 hold, 2 hold in part, 2 are refuted, 2 are unsup")
    assert leads[1:] == [
        "Of one claim, 1 holds in part.",
        "Of 14 claims, 12 hold, 1 holds in part and 1 was not observed.",
    ]
    bars = [bar.get_attribute("aria-label") for bar in page.find_all(".chapter > .bar")]
    assert bars[1:] == ["1 holds in part", "12 holds, 1 holds in part, 1 not observed"]


@pytest.mark.parametrize("name", ["small", "of_sources", "strict"])
def test_the_evidence_stands_beside_each_claim(page_of: Callable[..., Page], name: str) -> None:
    sample = getattr(samples, name)()
    listed = page_of(name).js(
        """[...document.querySelectorAll("section.concern li")].map((one) => [
          one.querySelector("a.id").textContent,
          one.querySelector(".statement").textContent,
          one.querySelector(".chip").textContent,
          [...one.querySelectorAll(".evidence")].map((line) => line.textContent)])"""
    )
    assert {claim: seen for claim, *seen in listed} == {
        claim.id: [sample.claims[claim.id].statement, claim.verdict, evidence(claim)]
        for claim in sample.document.claims
    }


def evidence(claim: ClaimVerdict) -> list[str]:
    """What was seen; for a known deviation also the baseline's reason."""
    reasons = {variant.reason for variant in claim.variants if variant.reason}
    return [claim.why, *(f"Known: {reason}" for reason in reasons if claim.as_expected)]


def test_long_lists_are_folded_after_a_dozen(page: Page) -> None:
    lists = {
        section.find_element("css selector", "h3").text: [
            len(section.find_elements("css selector", ":scope > ul > li")),
            section.find_elements("css selector", "summary"),
        ]
        for section in page.find_all(".chapter .concern")
    }
    shown, (fold,) = lists["True here 28 holds"]
    assert (shown, fold.text) == (12, "16 more")
    assert lists["Not decided here 6 and why"] == [6, []]


def test_the_opening_comes_in_the_order_of_urgency(tmp_path: Path, chromium: Chrome) -> None:
    sample = samples.of_sources()
    summary = {
        "stale": [{"claim": "bind.wildcard", "variants": ["*"], "why": "it holds now"}],
        "faults": [{"where": "udp.c:9", "what": "EMFILE"}],
    }
    write(
        tmp_path / "report.html",
        sample,
        msgspec.structs.replace(sample.document, summary=summary),
    )
    page = Page(chromium, (tmp_path / "report.html").as_uri())
    page.open()
    heads = [head.text for head in page.find_all("h1, main h2")]
    assert heads == [
        "Linux 6.1.0-30 · glibc 2.36 · x86_64",
        "Faults of sockspec 1 they say nothing about the target",
        "Stale baseline entries 1 true no more",
        "Unexpected 1 not what the baseline says",
        *(f"What of {title} is true here" for title in samples.SOURCES.values()),
        "About the run",
        "By interface",
        "The claims",
    ]
    summary_of_all = page.find(".lead").text
    assert summary_of_all.startswith("Of 40 claims, 28 hold, 4 hold in part, 2 are refuted")


def test_a_strict_run_measures_by_the_sources(page_of: Callable[..., Page]) -> None:
    page = page_of("strict")
    lead = page.find(".lead").text
    assert lead.endswith(
        "The run was strict: it knew no baseline. 6 verdicts are not what their sources say."
    )
    assert "the baseline expects" not in lead
    unexpected = page.find("section.concern")
    assert unexpected.find_element("css selector", "h2").text == (
        "Unexpected 6 not what the source says"
    )
    assert {concern for _, concern in opening(page)} == {
        "Unexpected",
        "True here",
        "Not decided here",
    }
    assert "Known: " not in page.find("main").text


def test_several_targets_have_no_chapters(tmp_path: Path, chromium: Chrome) -> None:
    """What a baseline explains comes after what none does, where targets part."""
    sample = samples.small()
    host, *others = samples.targets()
    explained, *rest = host.claims
    known = msgspec.structs.replace(samples.refuted(explained), as_expected=True)
    other = msgspec.structs.replace(host, claims=(known, *rest))
    write(tmp_path / "report.html", sample, host, other, *others)
    page = Page(chromium, (tmp_path / "report.html").as_uri())
    page.open()
    assert page.find_all("section.chapter") == []
    found = opening(page)
    assert list(found) == [("", "Unexpected"), ("", "Where targets differ")]
    assert found["", "Where targets differ"] == [explained.id]


CONTRAST = """(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const parse = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) =>
    [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const ground = (element) => {
    if (!element) return [255, 255, 255, 1];
    const own = parse(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, ground(element.parentElement));
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *:not(script, template, option)")) {
    const said = [...element.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
    if (!said || !element.checkVisibility()) continue;
    const below = ground(element);
    const ink = over(parse(getComputedStyle(element).color), below);
    const [a, b] = [light(ink), light(below)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.push(`${element.className} ${element.textContent}: ${ratio}`);
  }
  return poor;
})()"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["small", "of_sources", "many"])
def test_every_text_has_enough_contrast(
    page_of: Callable[..., Page], name: str, scheme: str
) -> None:
    page = page_of(name, f"#claim={UNEXPECTED}")
    page.media(prefers_color_scheme=scheme)
    for box in page.find_all("input[name=verdict]"):
        box.click()
    assert page.js(CONTRAST) == []


def test_the_theme_follows_the_system_and_can_be_chosen(page: Page) -> None:
    def brightness() -> int:
        color = page.js("getComputedStyle(document.documentElement).backgroundColor")
        return sum(map(int, re.findall(r"\d+", color)[:3])) // 3

    page.media(prefers_color_scheme="dark")
    assert brightness() < 60
    page.media(prefers_color_scheme="light")
    assert brightness() > 200
    page.find("#theme").click()
    assert page.find("#theme").text == "Theme: light"
    page.media(prefers_color_scheme="dark")
    assert brightness() > 200
    page.media(prefers_color_scheme="light")
    page.find("#theme").click()
    assert brightness() < 60
    page.open()
    assert page.find("#theme").text == "Theme: dark"
    page.find("#theme").click()
    assert page.find("#theme").text == "Theme: system"


def test_paper_shows_all_and_no_controls(page: Page) -> None:
    page.find('input[value="refuted"]').click()
    page.media(media="print", prefers_color_scheme="dark")
    page.js("window.dispatchEvent(new Event('beforeprint'))")
    tables = [one for one in page.find_all(".timeline") if one.is_displayed()]
    assert len(tables) == 4  # two claims, two variants each
    assert not page.find("form.filter").is_displayed()
    assert not page.find("#theme").is_displayed()
    assert page.find("dl.target").is_displayed()
    assert page.js("getComputedStyle(document.documentElement).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    page.js("window.dispatchEvent(new Event('afterprint'))")
    assert not any(one.is_displayed() for one in page.find_all(".timeline"))


def test_printing_opens_the_claims_by_itself(page: Page) -> None:
    page.driver.execute_script(
        "addEventListener('beforeprint', () => {"
        "  window.printed = document.querySelectorAll('.timeline').length; })"
    )
    printed = page.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    pdf = base64.b64decode(printed["data"])
    assert pdf.startswith(b"%PDF")
    assert page.js("window.printed") == page.js(
        "JSON.parse(document.getElementById('data').textContent).claims"
        ".reduce((sum, claim) => sum + claim[1][0][4].length, 0)"
    )


@pytest.mark.parametrize("name", ["small", "of_sources", "many", "hostile"])
def test_a_narrow_screen_needs_no_sideways_scrolling(
    page_of: Callable[..., Page], name: str
) -> None:
    page = page_of(name)
    page.resize(360, 800)
    for button in page.find_all("button.id")[:4]:
        page.js("arguments[0].click()", button)
    assert page.js("document.documentElement.scrollWidth") <= 360
    assert page.find(".opened").is_displayed()


def test_targets_stand_side_by_side(page_of: Callable[..., Page]) -> None:
    page = page_of("many")
    heads = page.find_all("table.claims thead th")[2:5]
    assert [head.text for head in heads] == ["host", "qemu-user:s390x", "gvisor"]
    cells = page.row("close.returns-zero").find_elements("css selector", "td.verdict .word")
    assert [cell.text for cell in cells] == ["holds", "refuted", "refuted"]
    last = page.row("bytes.inet-aton").find_elements("css selector", "td.verdict")
    assert last[1].text == "no such claim"
    page.find('#expected option[value="differs"]').click()
    assert "close.returns-zero" in page.shown()
    assert len(page.shown()) == 3
    page.row("close.returns-zero").find_element("css selector", "button.id").click()
    assert [head.text.split()[0] for head in page.find_all(".on-target h5")] == [
        "host",
        "qemu-user:s390x",
        "gvisor",
    ]
    assert page.find_all(".timeline") == []


def test_names_and_landmarks_are_there_for_those_who_listen(page: Page) -> None:
    assert len(page.find_all("main")) == 1
    assert len(page.find_all("h1")) == 1
    assert page.find_all("table:not(:has(caption))") == []
    labelled = page.js(
        "[...document.querySelectorAll('input, select, [role=img]')].every("
        "  (one) => one.labels?.length || one.getAttribute('aria-label'))"
    )
    assert labelled
    assert page.js("[...document.querySelectorAll('.chip')].every((one) => one.textContent)")
    page.row(UNEXPECTED).find_element("css selector", "button.id").click()
    button = page.row(UNEXPECTED).find_element("css selector", "button.id")
    assert button.get_attribute("aria-expanded") == "true"
    assert page.find(f"#{button.get_attribute('aria-controls')}").is_displayed()
