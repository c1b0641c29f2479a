# SPDX-License-Identifier: Apache-2.0
"""The scripted peer under libFuzzer: no packet crashes or hangs it, whatever it holds.

The corpus in ``tests/fuzz/corpus/peer`` is what earlier runs found worth keeping; each input of it
is tried first, then the fuzzer looks on for a bounded time.  To look for longer, and to keep what
it finds: build the program as here, and run it with the corpus as its argument.
"""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
KIT: Final = ROOT / "csrc/kit"
CORPUS: Final = ROOT / "tests/fuzz/corpus/peer"
SECONDS: Final = 15
FLAGS: Final = (
    "-std=c11",
    "-D_GNU_SOURCE",
    "-g",
    "-O1",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-fsanitize=fuzzer,address,undefined",
    "-fno-sanitize-recover=all",
    f"-I{KIT}",
)
LINK: Final = ("-Wl,--wrap=fault_format", "-pthread")


def run_clang(*arguments: str | Path) -> None:
    """Compile or link; a clang that has no libFuzzer is a reason not to go on."""
    command = ["clang", *FLAGS, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "libclang_rt.fuzzer" in done.stderr:
        why = "did not run: clang has no libFuzzer here (libclang-rt-dev)"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The kit and the fuzzer's program, compiled, by the names of their sources."""
    folder = tmp_path_factory.mktemp("objects")
    sources = [*sorted(KIT.glob("*.c")), ROOT / "tests/fuzz/peer.c"]
    made = {source.name: folder / f"{n}.o" for n, source in enumerate(sources[:-1])}
    made["fuzz"] = folder / "fuzz.o"
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = zip(sources, made.values(), strict=True)
        list(pool.map(lambda job: run_clang("-c", job[0], "-o", job[1]), jobs))
    return made


def link(objects: dict[str, Path], program: Path) -> Path:
    """The peer under the fuzzer."""
    run_clang(*objects.values(), *LINK, "-o", program)
    return program


def fuzz(program: Path, seconds: int, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Try the corpus, and look on; what is found stays in the test's folder."""
    found = tmp_path / "found"
    found.mkdir()
    command = [str(program), f"-max_total_time={seconds}", "-max_len=4096", "-timeout=10"]
    return subprocess.run(
        [*command, f"-artifact_prefix={tmp_path}/", str(found), str(CORPUS)],
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + 60,
    )


@pytest.mark.needs("clang")
def test_no_packet_crashes_or_hangs_the_peer(objects: dict[str, Path], tmp_path: Path) -> None:
    done = fuzz(link(objects, tmp_path / "peer"), SECONDS, tmp_path)
    assert done.returncode == 0, done.stderr[-4000:]
    assert f"seed corpus: files: {len(list(CORPUS.iterdir()))}" in done.stderr


@pytest.mark.needs("clang")
@pytest.mark.parametrize(
    ("file", "sound", "planted"),
    [
        pytest.param(
            "packet.c",
            "if (length < 2 || at + length > packet->options_size)",
            "if (at + length > packet->options_size)",
            id="an option of length 0 is gone over for ever",
        ),
        pytest.param(
            "packet.c",
            "if (header < TCP_HEADER || !skip(&rest, header))",
            "if (header < TCP_HEADER || !(skip(&rest, header) || true))",
            id="options are read behind the packet's end",
        ),
        pytest.param(
            "peer.c",
            "read(peer.fd, frame, header + FRAME_MAX)",
            "read(peer.fd, frame, header + FRAME_MAX + 40)",
            id="a packet that is too long is read whole",
        ),
    ],
)
def test_the_fuzzer_finds_a_planted_fault(
    objects: dict[str, Path], tmp_path: Path, file: str, sound: str, planted: str
) -> None:
    source = (KIT / file).read_text()
    assert source.count(sound) == 1
    faulty = tmp_path / file
    faulty.write_text(source.replace(sound, planted))
    run_clang("-c", faulty, "-o", tmp_path / "faulty.o")
    program = link(objects | {file: tmp_path / "faulty.o"}, tmp_path / "peer")
    done = fuzz(program, SECONDS, tmp_path)
    assert done.returncode != 0
    assert "SUMMARY: " in done.stderr
