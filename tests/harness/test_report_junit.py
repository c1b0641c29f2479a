# SPDX-License-Identifier: Apache-2.0
"""The JUnit report: what passes, what fails, what is skipped, and that it is XML."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sockspec.report.junit import write_junit

from . import report_samples as samples

if TYPE_CHECKING:
    from pathlib import Path

    from sockspec.model import VerdictsDocument


def written(path: Path, document: VerdictsDocument) -> ET.Element:
    write_junit(path, document)
    return ET.fromstring(path.read_bytes())


@pytest.fixture
def suites(tmp_path: Path) -> ET.Element:
    return written(tmp_path / "junit.xml", samples.small().document)


def the_case(suites: ET.Element, name: str) -> ET.Element:
    (case,) = (case for case in suites.iter("testcase") if case.get("name") == name)
    return case


def outcome(case: ET.Element) -> tuple[str, str | None]:
    (child,) = case
    return child.tag, child.get("message")


def test_a_suite_is_an_interface_and_a_case_a_claim_in_a_variant(suites: ET.Element) -> None:
    assert [suite.get("name") for suite in suites][:3] == ["socket", "bind", "connect"]
    case = the_case(suites, "bind.returns-zero [bind/returns_zero lo family=AF_INET round=0]")
    assert case.get("classname") == "bind"
    assert list(case) == []
    assert suites[0].find("properties/property[@name='target']") is not None


def test_names_are_unique_and_the_counts_are_right(suites: ET.Element) -> None:
    cases = list(suites.iter("testcase"))
    assert len({case.get("name") for case in cases}) == len(cases)
    for scope in (suites, *suites):
        assert scope.get("tests") == str(len(list(scope.iter("testcase"))))
        assert scope.get("failures") == str(len(list(scope.iter("failure"))))
        assert scope.get("skipped") == str(len(list(scope.iter("skipped"))))
        assert scope.get("errors") == "0"
    assert suites.get("failures") == "1"


def test_an_unexpected_verdict_fails_with_its_evidence(suites: ET.Element) -> None:
    name = "connect.returns-on-syn-ack [connect/returns_on_syn_ack lo family=AF_INET6 round=2]"
    tag, message = outcome(the_case(suites, name))
    assert tag == "failure"
    assert message is not None
    assert message.startswith("refuted, expected was holds: expected the return before the ACK")


def test_a_known_deviation_is_no_pass_and_no_failure(suites: ET.Element) -> None:
    name = "listen.backlog-limit [listen/backlog_limit lo family=AF_INET round=0]"
    tag, message = outcome(the_case(suites, name))
    assert tag == "skipped"
    assert message == ("known deviation: Linux gives the descriptor back as new; RFC 9293, 3.10.1")


def test_what_was_not_seen_is_skipped_with_the_reason(suites: ET.Element) -> None:
    assert outcome(the_case(suites, "bind.wildcard")) == (
        "skipped",
        "not observed: no check came to it",
    )
    name = "socket.protocol-sctp [socket/protocol_sctp lo family=AF_INET round=0]"
    assert outcome(the_case(suites, name)) == (
        "skipped",
        "unsupported: socket() failed with ESOCKTNOSUPPORT",
    )


def test_a_claim_that_holds_against_the_baseline_fails(tmp_path: Path) -> None:
    document = samples.small().document
    claim = document.claims[0]
    variant = msgspec.structs.replace(claim.variants[0], expected="refuted")
    better = msgspec.structs.replace(claim, variants=(variant,), as_expected=False)
    suites = written(tmp_path / "junit.xml", msgspec.structs.replace(document, claims=(better,)))
    (case,) = suites.iter("testcase")
    tag, message = outcome(case)
    assert tag == "failure"
    assert message is not None
    assert message.startswith("holds, expected was refuted")


def test_stale_entries_fail_and_our_faults_are_errors(tmp_path: Path) -> None:
    summary = {
        "stale": [{"claim": "bind.wildcard", "variants": ["*"], "why": "it holds now"}],
        "faults": [{"where": "udp.c:9", "what": "EMFILE"}],
    }
    document = msgspec.structs.replace(samples.small().document, summary=summary)
    suites = written(tmp_path / "junit.xml", document)
    baseline, ours = list(suites)[-2:]
    assert (baseline.get("name"), baseline.get("failures")) == ("baseline", "1")
    assert outcome(baseline.findall("testcase")[0]) == ("failure", "stale entry: it holds now")
    assert (ours.get("name"), ours.get("errors")) == ("faults", "1")
    assert suites.get("errors") == "1"


def test_a_strict_run_fails_for_all_that_is_refuted(tmp_path: Path) -> None:
    document = samples.small().document
    strict = msgspec.structs.replace(document, summary={"strict": True})
    suites = written(tmp_path / "junit.xml", strict)
    refuted = sum(
        variant.verdict == "refuted" for claim in document.claims for variant in claim.variants
    )
    assert suites.get("failures") == str(refuted)


def test_hostile_strings_stay_text(tmp_path: Path) -> None:
    suites = written(tmp_path / "junit.xml", samples.hostile().document)
    assert {element.tag for element in suites.iter()} == {
        "testsuites", "testsuite", "properties", "property", "testcase",
        "failure", "skipped", "error",
    }  # fmt: skip
    assert "</script><img src=x" in suites[0].get("name", "")
    assert "\\x1b" in suites[0].get("name", "")


@given(text=st.text(st.characters(), min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_any_text_gives_xml(tmp_path: Path, text: str) -> None:
    document = samples.small().document
    claim = msgspec.structs.replace(
        document.claims[0], id=text, interface=text, why=text, variants=(), verdict="refuted"
    )
    other = msgspec.structs.replace(document, claims=(claim,), target={"name": text})
    suites = written(tmp_path / "junit.xml", other)
    assert suites.get("tests") == "1"
