# SPDX-License-Identifier: Apache-2.0
"""The build: that all of it compiles everywhere, and that it finds probes by itself.

What is asked of the build system is asked of a copy of the checkout with one small probe; the
matrix of compilers builds the real sources.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
MESON = [sys.executable, "-m", "mesonbuild.mesonmain"]

PROBE = """\
/* SPDX-License-Identifier: Apache-2.0 */
/* {sentence} */
int main(void)
{{
	return {status};
}}
"""
AGENT = """\
#include "probe_table.h"
#include <stdio.h>
int main(void)
{
	puts(SOCKSPEC_VERSION);
	for (size_t i = 0; i < probe_count; i++)
		printf("%s %s\\n", probe_table[i].name, probe_table[i].hash);
	return 0;
}
"""


def meson(*arguments: str | Path, compiler: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run Meson, with both outputs as one text."""
    kept = {k: v for k, v in os.environ.items() if k not in {"CC", "CFLAGS", "LDFLAGS"}}
    return subprocess.run(
        [*MESON, *map(str, arguments)],
        env=kept | ({"CC": compiler} if compiler else {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


class Checkout:
    """A copy of the build files, with a kit, an agent and probes of its own."""

    def __init__(self, directory: Path) -> None:
        self.source = directory / "source"
        self.build = directory / "build"
        for name in ("meson.build", "meson.options", "LICENSE", "csrc/meson.build"):
            (self.source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.source / name)
        skipped = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "csrc/tools", self.source / "csrc/tools", ignore=skipped)
        (self.source / "csrc/agent").mkdir()
        shutil.copy(ROOT / "csrc/agent/probe_table.h", self.source / "csrc/agent")
        self.write("agent/main.c", AGENT)
        self.write("kit/kit.h", "int kit(void);\n")
        self.write("kit/kit.c", '#include "kit.h"\nint kit(void)\n{\n\treturn 0;\n}\n')
        self.probe("connect/refused")

    def write(self, name: str, text: str) -> None:
        path = self.source / "csrc" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def probe(self, name: str, sentence: str = "It happens.", status: int = 0) -> None:
        self.write(f"probes/{name}.c", PROBE.format(sentence=sentence, status=status))

    def compile(self) -> None:
        if not self.build.exists():
            result = meson("setup", self.build, self.source)
            assert result.returncode == 0, result.stdout
        result = meson("compile", "-C", self.build)
        assert result.returncode == 0, result.stdout

    def failure(self) -> str:
        """What a build that has to fail says."""
        result = meson("compile", "-C", self.build)
        assert result.returncode != 0, result.stdout
        return result.stdout

    @property
    def manifest(self) -> dict[str, dict[str, Any]]:
        probes = json.loads((self.build / "target/probes.json").read_text())
        return {probe["name"]: probe for probe in probes}

    @property
    def hashes(self) -> dict[str, str]:
        return {name: probe["hash"] for name, probe in self.manifest.items()}

    def table(self) -> dict[str, str]:
        """What was compiled into the agent."""
        agent = self.build / "target/sockspec-agent"
        output = subprocess.run([agent], capture_output=True, text=True, check=True).stdout
        return dict(line.split() for line in output.splitlines()[1:])


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    built = Checkout(tmp_path)
    built.compile()
    return built


# --- probes are found ---


def test_the_target_tree(checkout: Checkout) -> None:
    assert checkout.manifest == {
        "connect/refused": {
            "name": "connect/refused",
            "interface": "connect",
            "behaviour": "refused",
            "sentence": "It happens.",
            "hash": checkout.hashes["connect/refused"],
            "source": "csrc/probes/connect/refused.c",
            "waits": False,
        }
    }
    assert checkout.table() == checkout.hashes
    assert len(checkout.hashes["connect/refused"]) == 16
    subprocess.run([checkout.build / "target/probes/connect/refused"], check=True)


PATIENT = """\
/* SPDX-License-Identifier: Apache-2.0 */
/* It waits. */
static void waits(const char *why)
{
	(void)why;
}

int main(void)
{
	waits("an hour");
	return 0;
}
"""


def test_a_probe_that_waits_is_known_by_it(checkout: Checkout) -> None:
    checkout.write("probes/tcp/patient.c", PATIENT)
    checkout.compile()
    waits = {name: probe["waits"] for name, probe in checkout.manifest.items()}
    assert waits == {"connect/refused": False, "tcp/patient": True}


def test_two_interfaces_may_have_a_behaviour_of_one_name(checkout: Checkout) -> None:
    checkout.probe("recv/refused", status=3)
    checkout.compile()
    assert set(checkout.manifest) == {"connect/refused", "recv/refused"}
    probe = checkout.build / "target/probes/recv/refused"
    assert subprocess.run([probe], check=False).returncode == 3


def test_probes_come_and_go(checkout: Checkout) -> None:
    """Without a list to edit, and without configuring again by hand."""
    checkout.probe("connect/another")
    checkout.compile()
    assert set(checkout.table()) == set(checkout.manifest) == {"connect/another", "connect/refused"}
    (checkout.source / "csrc/probes/connect/another.c").unlink()
    checkout.compile()
    assert set(checkout.table()) == set(checkout.manifest) == {"connect/refused"}
    checkout.probe("new/one")
    checkout.compile()
    assert "new/one" in checkout.table()
    shutil.rmtree(checkout.source / "csrc/probes/new")
    checkout.compile()
    assert set(checkout.table()) == set(checkout.manifest) == {"connect/refused"}


def test_nothing_is_done_when_nothing_changed(checkout: Checkout) -> None:
    assert "no work to do" in meson("compile", "-C", checkout.build).stdout


# --- hashes ---


def test_a_probes_hash_follows_all_that_it_is_made_of(checkout: Checkout) -> None:
    checkout.probe("recv/whole")
    checkout.compile()
    first = checkout.hashes

    checkout.probe("recv/whole", status=1)
    checkout.compile()
    second = checkout.hashes
    assert {name for name in first if first[name] != second[name]} == {"recv/whole"}

    checkout.write("probes/recv/own.h", "#define OWN 1\n")
    checkout.compile()
    third = checkout.hashes
    assert {name for name in first if second[name] != third[name]} == {"recv/whole"}

    checkout.write("kit/kit.h", "int kit(void); /* more */\n")
    checkout.compile()
    fourth = checkout.hashes
    assert {name for name in first if third[name] != fourth[name]} == set(first)
    assert checkout.table() == fourth


# --- the sentence ---


@pytest.mark.parametrize(
    ("comment", "sentence"),
    [
        ("A call, e.g. recv(), returns.", "A call, e.g. recv(), returns."),
        ("It goes\n * over two lines.", "It goes over two lines."),
        ("First.\n *\n * More. And more", "First."),
        ("With 0.5 ms in it.", "With 0.5 ms in it."),
    ],
)
def test_the_first_paragraph_is_the_sentence(
    checkout: Checkout, comment: str, sentence: str
) -> None:
    checkout.probe("connect/refused", comment)
    checkout.compile()
    assert checkout.manifest["connect/refused"]["sentence"] == sentence


@pytest.mark.parametrize("comment", ["", "No full stop", "Two. Sentences."])
def test_a_probe_without_its_sentence_does_not_build(checkout: Checkout, comment: str) -> None:
    checkout.probe("connect/refused", comment)
    assert "error: csrc/probes/connect/refused.c: the first comment has to" in checkout.failure()


def test_a_probe_without_a_comment_does_not_build(checkout: Checkout) -> None:
    checkout.write("probes/connect/refused.c", "int main(void)\n{\n\treturn 0;\n}\n")
    assert "error: csrc/probes/connect/refused.c: the first comment has to" in checkout.failure()


def test_a_probe_in_the_wrong_place_does_not_build(checkout: Checkout) -> None:
    checkout.probe("lonely")
    assert "csrc/probes/lonely.c: a probe is named probes/INTERFACE/BEHAVIOUR.c" in (
        checkout.failure()
    )


def test_a_warning_is_an_error(checkout: Checkout) -> None:
    checkout.write("agent/warned.c", "int without_prototype(void)\n{\n\treturn 0;\n}\n")
    assert "missing-prototypes" in checkout.failure()


# --- every way to build ---


def works(compiler: str, *options: str) -> bool:
    """Whether the compiler can link a program this way here; a libc or runtime may be missing."""
    command = [compiler, *options, "-x", "c", "-", "-o", os.devnull]
    source = "int main(void) { return 0; }\n"
    return subprocess.run(command, input=source, text=True, capture_output=True).returncode == 0


# musl-gcc does not look where Debian has the kernel's headers.
MULTIARCH = sysconfig.get_config_var("MULTIARCH") or "none"
KERNEL_HEADERS = f"-idirafter /usr/include -idirafter /usr/include/{MULTIARCH}"

WAYS = {
    "gcc dynamic": ("gcc", [], []),
    "gcc static": ("gcc", ["-Dlinkage=static"], ["-static"]),
    "gcc sanitized": ("gcc", ["-Db_sanitize=address,undefined"], ["-fsanitize=address,undefined"]),
    "clang dynamic": ("clang", [], []),
    "clang static": ("clang", ["-Dlinkage=static"], ["-static"]),
    "clang sanitized": (
        "clang",
        ["-Db_sanitize=address,undefined", "-Db_lundef=false"],
        ["-fsanitize=address,undefined"],
    ),
    "musl static": ("musl-gcc", ["-Dlinkage=static", f"-Dc_args={KERNEL_HEADERS}"], ["-static"]),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "way",
    [
        pytest.param(way, marks=pytest.mark.needs(compiler), id=way)
        for way, (compiler, _, _) in WAYS.items()
    ],
)
def test_all_sources_build_without_a_warning(way: str, tmp_path: Path) -> None:
    compiler, options, flags = WAYS[way]
    if not works(compiler, *flags):
        why = f"did not run: {compiler} cannot link with {' '.join(flags)}"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    build = tmp_path / "build"
    result = meson("setup", build, ROOT, "-Ddebug=false", *options, compiler=compiler)
    assert result.returncode == 0, result.stdout
    result = meson("compile", "-C", build)
    assert result.returncode == 0, result.stdout
    assert (build / "target/sockspec-agent").exists()


def test_static_and_sanitized_exclude_each_other(tmp_path: Path) -> None:
    result = meson("setup", tmp_path, ROOT, "-Dlinkage=static", "-Db_sanitize=address")
    assert result.returncode != 0
    assert "exclude each other" in result.stdout
