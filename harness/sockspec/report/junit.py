# SPDX-License-Identifier: Apache-2.0
"""The verdicts of one target as JUnit XML, which CI servers show as tests."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from sockspec.finding import visible
from sockspec.report.standing import faults, is_strict, of_variant, stale_entries
from sockspec.report.text import target_title

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sockspec.model import ClaimVerdict, VariantVerdict, VerdictsDocument


def write_junit(path: Path, document: VerdictsDocument) -> None:
    """Write ``document`` as one test suite an interface, one test case a claim and variant.

    A CI server knows passed, failed and skipped, and fails the job on ``failed`` alone.  So:

    - **passed**: the claim holds there, and the baseline does not say otherwise.  Nothing else.
    - **failed**: the verdict is not what the baseline expects, for better or worse: a claim that
      holds where the baseline expects ``refuted`` fails too.
    - **skipped**, with the reason: ``not observed``, ``unsupported``, and a refutation that the
      baseline expects (``known deviation: …``).  The last is no pass, for the claim does not hold;
      and no failure, for nothing has changed and nobody has to act.  Skipped is the one state
      left, and every server lists it with its message.

    A claim without variants has one case without brackets.  Two more suites stand there where
    there is something in them: ``baseline``, a failure for each stale entry, and ``faults``, an
    error for each fault of ours.  So there is a failure in the file exactly if the run differs
    from the baseline, and an error exactly if it had a fault.  Characters that XML cannot carry
    are shown as escapes.
    """
    suites = [*_interface_suites(document), *_other_suites(document)]
    root = ET.Element("testsuites", name="sockspec")
    root.extend(suites)
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    ET.indent(root)
    path.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _interface_suites(document: VerdictsDocument) -> Iterator[ET.Element]:
    cases: dict[str, list[ET.Element]] = {}
    for claim in document.claims:
        cases.setdefault(claim.interface, []).extend(_cases(claim, strict=is_strict(document)))
    for interface, found in cases.items():
        yield _suite(interface, found, document)


def _other_suites(document: VerdictsDocument) -> Iterator[ET.Element]:
    stale = [_other("baseline", *entry, kind="failure") for entry in stale_entries(document)]
    if stale:
        yield _suite("baseline", stale, document)
    ours = [_other("faults", *fault, kind="error") for fault in faults(document)]
    if ours:
        yield _suite("faults", ours, document)


def _other(suite: str, name: str, message: str, *, kind: str) -> ET.Element:
    case = ET.Element("testcase", classname=suite, name=name or suite)
    _outcome(case, kind, "stale entry" if kind == "failure" else "fault of sockspec", message)
    return case


def _suite(name: str, cases: list[ET.Element], document: VerdictsDocument) -> ET.Element:
    suite = ET.Element(
        "testsuite",
        name=visible(name),
        tests=str(len(cases)),
        failures=str(_having(cases, "failure")),
        errors=str(_having(cases, "error")),
        skipped=str(_having(cases, "skipped")),
    )
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(properties, "property", name="target", value=target_title(document.target))
    suite.extend(cases)
    return suite


def _having(cases: list[ET.Element], child: str) -> int:
    return sum(case.find(child) is not None for case in cases)


def _cases(claim: ClaimVerdict, *, strict: bool) -> list[ET.Element]:
    if claim.variants:
        return [_variant_case(claim, variant, strict=strict) for variant in claim.variants]
    case = _case(claim, claim.id)
    if not claim.as_expected:
        _outcome(case, "failure", claim.verdict, claim.why)
    elif claim.verdict != "holds":
        _outcome(case, "skipped", claim.verdict, claim.why)
    return [case]


def _variant_case(claim: ClaimVerdict, variant: VariantVerdict, *, strict: bool) -> ET.Element:
    case = _case(claim, f"{claim.id} [{variant.name}]")
    standing = of_variant(variant, strict=strict)
    if standing == "unexpected":
        expected = "holds" if strict else variant.expected
        _outcome(case, "failure", f"{variant.verdict}, expected was {expected}", variant.why)
    elif standing == "known":
        _outcome(case, "skipped", "known deviation", variant.reason or variant.why)
    elif variant.verdict != "holds":
        _outcome(case, "skipped", variant.verdict, variant.why)
    return case


def _case(claim: ClaimVerdict, name: str) -> ET.Element:
    return ET.Element("testcase", classname=visible(claim.interface), name=visible(name))


def _outcome(case: ET.Element, kind: str, label: str, why: str) -> None:
    message = visible(f"{label}: {why}" if why else label)
    outcome = ET.SubElement(case, kind, message=message)
    if kind == "skipped":
        return
    outcome.set("type", "verdict" if kind == "failure" else "fault")
    outcome.text = message
