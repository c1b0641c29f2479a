# SPDX-License-Identifier: Apache-2.0
"""``sockspec doctor``: what this machine can stage, and what to do about the rest."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import attrs
import click

from sockspec import places
from sockspec.cli import work
from sockspec.errors import FAULT, OK, SockspecError
from sockspec.finding import visible
from sockspec.model import Hello, Stage

State = Literal["ok", "missing", "broken"]

_MARKS: Final[dict[State, tuple[str, str]]] = {
    "ok": ("ok", "green"),
    "missing": ("--", "yellow"),
    "broken": ("!!", "red"),
}
_TOOLS: Final = (
    (("chromium", "chromium-browser", "google-chrome"), "chromium", "tests of the HTML report"),
    (("tshark",), "tshark", "tests that compare captured packets"),
    (("nft",), "nftables", "tests that filter packets"),
)
"""Programs, the Debian package that has them, and what wants them; a run needs none."""


@attrs.frozen
class Finding:
    """One thing that was looked at."""

    what: str
    state: State
    """``broken``: nothing runs without it; ``missing``: the rest runs."""
    seen: str
    advice: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For a program."""
        return attrs.asdict(self)


def examine(build: Path | None) -> list[Finding]:
    """Look at everything."""
    findings = [_checks()]
    try:
        target = work.host(build)
        probes = target.probes()
        hello = work.hello(target)
    except SockspecError as error:
        return [*findings, Finding("probes", "broken", str(error)), *_tools()]
    findings.append(Finding("probes", "ok", f"{len(probes)} in {target.tree.path}"))
    findings.append(Finding("system", "ok", _system(hello)))
    findings += [_stage(stage, hello) for stage in hello.stages]
    return [*findings, *_tools()]


def lines(findings: Sequence[Finding]) -> Iterator[str]:
    """For people."""
    for finding in findings:
        mark, colour = _MARKS[finding.state]
        yield f"{click.style(mark, fg=colour)}  {finding.what:<12}{visible(finding.seen)}"
        for advice in finding.advice:
            yield f"                → {visible(advice)}"


def status(findings: Sequence[Finding]) -> int:
    """3 if nothing can run."""
    return FAULT if any(finding.state == "broken" for finding in findings) else OK


def _checks() -> Finding:
    from sockspec.checks import find_checks

    try:
        checks = find_checks()
        claims = places.catalogue().claims
    except SockspecError as error:
        return Finding("checks", "broken", str(error))
    tested = {claim for check in checks for claim in check.claims}
    seen = f"{len(checks)} for {len(tested)} of {len(claims)} claims"
    return Finding("checks", "ok", seen)


def _system(hello: Hello) -> str:
    facts = [f"{name} {value}" for name, value in hello.facts.items() if value not in ("", None)]
    return ", ".join(facts)


def _stage(stage: Stage, hello: Hello) -> Finding:
    what = f"stage {stage.name}"
    if stage.why_not is None:
        witness = "packets are captured" if stage.witness else "packets are not captured"
        return Finding(what, "ok", witness)
    return Finding(what, "missing", stage.why_not, tuple(_advice(stage, hello)))


def _advice(stage: Stage, hello: Hello) -> Iterator[str]:
    """What could make a stage possible on a Linux system."""
    if "AF_PACKET" in (stage.why_not or ""):
        yield (
            "the scripted peer needs packet sockets (CAP_NET_RAW, and no seccomp filter against "
            "them), or /dev/net/tun: allow one of the two"
        )
        return
    if hello.facts.get("uid") == 0 or os.geteuid() == 0:
        yield "root could make it, were CAP_SYS_ADMIN not missing: run outside the container"
    if _setting("user/max_user_namespaces") == "0":
        yield "user namespaces are limited to 0: sysctl -w user.max_user_namespaces=10000"
    if _setting("kernel/unprivileged_userns_clone") == "0":
        yield "user namespaces need root here: sysctl -w kernel.unprivileged_userns_clone=1"
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1":
        yield (
            "AppArmor forbids user namespaces (Ubuntu's default): "
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
        )
    if stage.name in ("pair", "wire") and not Path("/sys/module/veth").exists():
        yield "the veth driver is not loaded, if it is a module: modprobe veth"
    if stage.name != "host":
        yield "or run sockspec as root; without it, what is meant for lo runs on host"


def _setting(name: str) -> str | None:
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return None


def _tools() -> list[Finding]:
    return [_tool(programs, package, purpose) for programs, package, purpose in _TOOLS]


def _tool(programs: Sequence[str], package: str, purpose: str) -> Finding:
    found = next(filter(None, map(shutil.which, programs)), None)
    if found:
        return Finding(package, "ok", found)
    seen = f"not installed; wanted only by {purpose}"
    return Finding(package, "missing", seen, (f"apt install {package}",))
