#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Set sockspec up in this checkout, and run it or its tests.

    python3 bootstrap.py run [ARGUMENT...]     build what changed; sockspec run --out reports/latest
    python3 bootstrap.py test [ARGUMENT...]    the project's own tests, with tox
    python3 bootstrap.py WORD [ARGUMENT...]    build what changed; sockspec WORD, e.g. explain

Needs a C compiler and Python 3.11 or later; all else is put into .venv/ in this directory.  What is
missing is named in one line, with the package that has it on Debian and Ubuntu; the exit status is
then 3.  This file is written so that an old Python can at least read it and say that it is too old.
"""

import hashlib
import os
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from typing import Iterable, Iterator, List

OLDEST = (3, 11)
OUR_FAULT = 3
THIS_PYTHON = "python%d.%d" % sys.version_info[:2]

HERE = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(HERE, ".venv")
LOG = os.path.join(VENV, "bootstrap.log")
PYTHON = os.path.join(VENV, "bin", "python")

# What the installed package is made from; all below a directory counts.
SOURCES = (
    "meson.build",
    "meson.options",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "csrc",
    "harness",
    "tests/conformance",
    "reports/baselines",
)
TOX = "tox>=4.22,<5"

# Header, what it is for, the package that has it.
HEADERS = (
    ("stdio.h", "the C library's headers", "libc6-dev"),
    ("linux/if_packet.h", "the kernel's headers", "linux-libc-dev"),
)


class Missing(Exception):  # noqa: N818 - it names what happened
    """Something that has to be there is not; the message is one line."""


def needs(what: str, remedy: str) -> Missing:
    """The error that names a missing thing and what to do."""
    return Missing("%s; %s" % (what, remedy))


def install(package: str) -> str:
    """The remedy on Debian and Ubuntu."""
    return "install it, e.g. `apt install %s`" % package


# --- what has to be there ------------------------------------------------------------------------


def check_python() -> None:
    """This Python is new enough."""
    if sys.version_info < OLDEST:
        found = ".".join(str(n) for n in sys.version_info[:3])
        wanted = ".".join(str(n) for n in OLDEST)
        raise needs(
            "Python %s is too old, sockspec needs %s or later" % (found, wanted),
            "install a newer one, e.g. `apt install python3.11 python3.11-venv python3.11-dev`",
        )


def check_venv() -> None:
    """This Python can make a virtual environment; Debian ships that apart."""
    for module in ("venv", "ensurepip"):
        if not can_import(module):
            raise needs("Python's module %s is missing" % module, install(THIS_PYTHON + "-venv"))


def can_import(module: str) -> bool:
    """Whether this Python has the module; asked of a new process, which imports nothing here."""
    command = [sys.executable, "-c", "import " + module]
    return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def compiler() -> List[str]:
    """The command that compiles C: $CC, else cc, gcc or clang."""
    if os.environ.get("CC"):
        command = shlex.split(os.environ["CC"])
        if not starts(command):
            raise needs("$CC, '%s', cannot be started" % os.environ["CC"], "set or unset it")
        return command
    for name in ("cc", "gcc", "clang"):
        if starts([name]):
            return [name]
    raise needs("no C compiler was found (cc, gcc, clang)", install("gcc"))


def starts(command: List[str]) -> bool:
    """Whether the compiler answers at all."""
    try:
        return run_quiet([*command, "--version"]) == 0
    except OSError:
        return False


def run_quiet(command: List[str], text: str = "") -> int:
    """The exit status of a command that reads ``text``; what it prints is thrown away."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        universal_newlines=True,
    )
    process.communicate(text)
    return process.returncode


def check_headers(command: List[str]) -> None:
    """The compiler finds the headers of the C library, the kernel and Python, and links."""
    python = (("Python.h", "Python's header Python.h", THIS_PYTHON + "-dev"),)
    include = "-I" + sysconfig.get_paths()["include"]
    for header, what, package in HEADERS + python:
        source = "#include <%s>\n" % header
        if run_quiet([*command, "-x", "c", "-", "-E", include], source) != 0:
            raise needs("%s cannot find %s" % (" ".join(command), what), install(package))
    with tempfile.TemporaryDirectory() as directory:
        link = [*command, "-x", "c", "-", "-o", os.path.join(directory, "program")]
        if run_quiet(link, "int main(void) { return 0; }\n") != 0:
            raise needs("%s cannot link a program" % " ".join(command), install("libc6-dev"))


def check_all() -> None:
    """Raise `Missing` for the first thing that is not there."""
    check_venv()
    check_headers(compiler())


# --- the virtual environment ---------------------------------------------------------------------


def digest(texts: Iterable[bytes]) -> str:
    """One hash of several byte strings."""
    result = hashlib.sha256()
    for text in texts:
        result.update(b"%d\n" % len(text))
        result.update(text)
    return result.hexdigest()


def contents(names: Iterable[str]) -> Iterator[bytes]:
    """Names and contents of all files below ``names``, in a fixed order; no Python caches."""
    for name in names:
        top = os.path.join(HERE, name)
        files = [top] if os.path.isfile(top) else []
        for directory, inner, found in os.walk(top):
            inner[:] = sorted(d for d in inner if d != "__pycache__")
            files += [os.path.join(directory, file) for file in sorted(found)]
        for file in files:
            with open(file, "rb") as source:
                yield os.path.relpath(file, HERE).encode()
                yield source.read()


def stamp_path(name: str) -> str:
    """Where it is noted what a step was last done for."""
    return os.path.join(VENV, "stamp-" + name)


def is_done(name: str, key: str) -> bool:
    """Whether the step was done for this key."""
    try:
        with open(stamp_path(name)) as stamp:
            return stamp.read() == key
    except OSError:
        return False


def mark_done(name: str, key: str) -> None:
    """Note that the step was done."""
    with open(stamp_path(name), "w") as stamp:
        stamp.write(key)


def say(what: str) -> None:
    """Progress, on stderr: what the command itself prints may be read by a program."""
    print("bootstrap: " + what, file=sys.stderr, flush=True)


def logged(command: List[str], what: str, remedy: str) -> None:
    """Run a command, all its output into the log; `Missing`, with the log's place, if it fails."""
    with open(LOG, "ab") as log:
        log.write(("\n$ " + " ".join(command) + "\n").encode())
        log.flush()
        status = subprocess.call(
            command, cwd=HERE, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
    if status != 0:
        raise needs("%s failed" % what, "%s (log: %s)" % (remedy, os.path.relpath(LOG)))


def make_venv() -> None:
    """The virtual environment of this Python; made anew if it is another's or broken."""
    key = "%s %s" % (sys.version, os.path.realpath(sys.executable))
    if is_done("venv", key) and os.access(PYTHON, os.X_OK):
        return
    say("making .venv")
    command = [sys.executable, "-m", "venv", "--clear", VENV]
    if run_quiet(command) != 0:
        raise needs("%s failed" % " ".join(command), install(THIS_PYTHON + "-venv"))
    mark_done("venv", key)


def pip_install(wanted: List[str], what: str) -> None:
    """Install from the package index."""
    say("installing " + what)
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    remedy = "is the package index reachable? pip's own settings apply"
    logged(command + wanted, "installing " + what, remedy)


def requirements() -> List[str]:
    """What pyproject.toml asks for, to build and to run."""
    import tomllib

    with open(os.path.join(HERE, "pyproject.toml"), "rb") as file:
        project = tomllib.load(file)
    wanted: List[str] = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    return wanted


def install_project() -> None:
    """Build and install sockspec if its sources are not those it was last built from.

    The build directory, one for each compiler, stays, so that only what changed is compiled; for
    that the build requirements stand in the same environment.
    """
    wanted = requirements()
    key = digest(name.encode() for name in wanted)
    if not is_done("requirements", key):
        pip_install(wanted, "what sockspec needs")
        mark_done("requirements", key)
    compiled_by = digest([os.environ.get("CC", "").encode()])[:8]
    key = digest(contents(SOURCES)) + " " + compiled_by
    if is_done("project", key):
        return
    say("building sockspec")
    build = os.path.join(VENV, "build-" + compiled_by)
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--no-build-isolation", "--no-deps", "--force-reinstall", "--no-index"]
    command += ["--config-settings=build-dir=" + build, HERE]
    logged(command, "building sockspec", "the log's last lines say why")
    mark_done("project", key)


def install_tox() -> None:
    """Install tox, which makes its own environments from there."""
    if not is_done("tox", TOX):
        pip_install([TOX], "tox")
        mark_done("tox", TOX)


# --- the commands --------------------------------------------------------------------------------


def execute(name: str, arguments: List[str]) -> None:
    """Become the program of that name in the virtual environment."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(PYTHON, [PYTHON, os.path.join(os.path.dirname(PYTHON), name), *arguments])


def with_output(arguments: List[str]) -> List[str]:
    """The arguments of `sockspec run`, with --out if they have none."""
    if any(a == "--out" or a.startswith("--out=") for a in arguments):
        return arguments
    return ["--out", os.path.relpath(os.path.join(HERE, "reports", "latest")), *arguments]


def main(arguments: List[str]) -> int:
    """Returns only if there is nothing to start: the exit status."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if arguments else 2
    word, rest = arguments[0], arguments[1:]
    check_all()
    make_venv()
    # Its meson and ninja, not others.
    os.environ["PATH"] = os.path.dirname(PYTHON) + os.pathsep + os.environ.get("PATH", os.defpath)
    if word == "test":
        install_tox()
        execute("tox", ["--root", HERE, "-c", os.path.join(HERE, "tox.ini"), *rest])
    install_project()
    execute("sockspec", [word, *(with_output(rest) if word == "run" else rest)])
    return OUR_FAULT


def guarded(arguments: List[str]) -> int:
    """As `main`, with what went wrong on one line."""
    try:
        check_python()
        return main(arguments)
    except (Missing, OSError) as error:
        print("error: %s" % error, file=sys.stderr)
        return OUR_FAULT
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(guarded(sys.argv[1:]))
