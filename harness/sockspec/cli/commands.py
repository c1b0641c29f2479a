# SPDX-License-Identifier: Apache-2.0
"""The commands and their options.  What a command needs is imported when it runs."""

# ruff: noqa: D301 - click's sign for text that keeps its lines is a backspace

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from sockspec.cli import completion
from sockspec.cli.ending import Group

if TYPE_CHECKING:
    from sockspec.cli.work import Done
    from sockspec.judge import Options

_PATH: Final = click.Path(path_type=Path)
_FOLDER: Final = click.Path(path_type=Path, file_okay=False)
_CONTEXT: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 96}


# --- options that several commands have --------------------------------------------------------

_select = click.argument("select", nargs=-1, shell_complete=completion.selections)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
_build = click.option(
    "--build",
    type=_FOLDER,
    envvar="SOCKSPEC_BUILD",
    help="Meson build directory with the probes; by default those of the installed package.",
)
_out = click.option(
    "--out",
    type=_FOLDER,
    help="Leave records.jsonl, verdicts.json, junit.xml and report.html in this folder.",
)
_pcap = click.option(
    "--pcap",
    type=_FOLDER,
    help="Leave a pcapng file of each record in this folder: its packets, with the calls as their "
    "comments, for Wireshark.",
)
_stage = click.option(
    "--stage",
    "stages",
    multiple=True,
    shell_complete=completion.stages,
    help="Use only this stage (may be repeated); host alone also runs what is meant for lo.",
)
_baseline = click.option(
    "--baseline",
    type=_PATH,
    help="The verdicts that are expected; by default those known of Linux.",
)
_strict = click.option(
    "--strict", is_flag=True, help="Ignore the baseline: any refuted claim gives exit status 1."
)
_parallel = click.option(
    "--parallel", type=click.IntRange(1), help="How many jobs run side by side."
)
_limit = click.option(
    "--limit",
    type=click.FloatRange(0.001),
    metavar="SECONDS",
    help="How long one probe may take; 10 by default.",
)


@click.group(
    cls=Group,
    context_settings=_CONTEXT,
    epilog="Exit status: 0 as the baseline expects; 1 a verdict differs from it, or an entry of it "
    "is stale; 2 wrong usage; 3 a fault of sockspec's own (a probe's set-up, a missing program, an "
    "unreadable record); 4 nothing selected; 130 ended by Ctrl-C.",
)
@click.version_option(package_name="sockspec")
def cli() -> None:
    """Sockspec tries what documents say about sockets on a real system.

    It runs small programs (probes) that each make one behaviour happen, watches their system calls
    and the packets, and says which claims hold here.

    \b
    Begin with
      sockspec doctor               what this machine can do
      sockspec run --out result     try all claims; then open result/report.html
      sockspec explain CLAIM        one claim: what it says, what happened here
    """


# --- run ---------------------------------------------------------------------------------------


@cli.command(short_help="Record on this system and judge.")
@_select
@_out
@_pcap
@_stage
@_build
@_parallel
@_limit
@_baseline
@_strict
@_json
def run(
    *,
    select: tuple[str, ...],
    out: Path | None,
    pcap: Path | None,
    stages: tuple[str, ...],
    build: Path | None,
    parallel: int | None,
    limit: float | None,
    baseline: Path | None,
    strict: bool,
    as_json: bool,
) -> int:
    """Record on this system and judge; all claims, or those that SELECT names.

    SELECT is a claim's id, source:ID or interface:NAME; each may be a glob, several add up.

    \b
    Examples:
      sockspec run                               everything
      sockspec run --out result                  and leave a report in result/
      sockspec run 'names.*' interface:connect   some claims
      sockspec run --stage host                  without network namespaces
      sockspec run --strict                      any refuted claim counts, known or not
    """
    from sockspec import output
    from sockspec.cli import work
    from sockspec.judge import options

    chosen = options(select=select, stages=stages, baseline=baseline, strict=strict)
    captures = None if pcap is None else output.folder(pcap)
    target = work.host(build, parallel, None if limit is None else int(limit * 1000))
    with work.live(chosen, target, out) as done:
        return _finish(done, chosen, out, captures, as_json=as_json)


@cli.command(short_help="Judge records; no probe runs.")
@click.argument("records", type=_PATH)
@_select
@_out
@_pcap
@_stage
@_baseline
@_strict
@_json
def judge(
    *,
    records: Path,
    select: tuple[str, ...],
    out: Path | None,
    pcap: Path | None,
    stages: tuple[str, ...],
    baseline: Path | None,
    strict: bool,
    as_json: bool,
) -> int:
    """Judge RECORDS: a records.jsonl, or the folder that has it.  No probe runs.

    The verdicts are those that the run itself gave, unless checks have changed since.  Of a file
    that was cut short, what is there is judged, and the exit status is 3.

    \b
    Examples:
      sockspec judge result/records.jsonl
      sockspec judge board.jsonl --out board 'recv.*'
    """
    from sockspec import output
    from sockspec.cli import work
    from sockspec.judge import options

    chosen = options(select=select, stages=stages, baseline=baseline, strict=strict)
    captures = None if pcap is None else output.folder(pcap)
    with work.recorded(chosen, records) as done:
        if out is not None:
            output.copy_records(Path(done.name), output.folder(out))
        return _finish(done, chosen, out, captures, as_json=as_json)


def _finish(
    done: Done, chosen: Options, out: Path | None, captures: Path | None, *, as_json: bool
) -> int:
    """Write and print what came out; the exit status."""
    from sockspec import output
    from sockspec.cli import capturing, text
    from sockspec.errors import NOTHING_SELECTED, SockspecError

    if out is not None:
        folder = output.folder(out)
        output.write_all(folder, done.document, chosen.catalogue, done.recording)
    count = 0 if captures is None else capturing.write_all(done, chosen, captures)
    if as_json:
        click.echo(output.encoded(done.document), nl=False)
        return done.status
    if not done.observations and not done.document.summary["faults"]:
        raise SockspecError("nothing to judge: no check for what was selected", NOTHING_SELECTED)
    for line in text.summary(done.document, done.name, done.seconds):
        click.echo(line)
    if done.document.summary["unexpected"]:
        click.echo("\n`sockspec explain CLAIM` shows what happened.")
    if out is not None or captures is not None:
        click.echo()
    if out is not None:
        click.echo(f"report: {out / output.REPORT}")
    if captures is not None:
        click.echo(f"pcapng: {count} files in {captures}")
    return done.status


# --- prove -------------------------------------------------------------------------------------


@cli.command(short_help="Prove that the checks can fail: tell lies, and see who notices.")
@click.argument("select", nargs=-1, shell_complete=completion.lies)
@click.option(
    "--out",
    type=_FOLDER,
    help="Leave records.jsonl, proof.json and proof.html in this folder.",
)
@click.option(
    "--jobs",
    type=click.IntRange(0),
    default=3,
    show_default=True,
    help="In how many jobs of each check a lie is tried; 0: in all.",
)
@click.option("--no-lie", is_flag=True, help="Put the liar in place and tell no lie.")
@_build
@_parallel
@_limit
@_json
def prove(
    *,
    select: tuple[str, ...],
    out: Path | None,
    jobs: int,
    no_lie: bool,
    build: Path | None,
    parallel: int | None,
    limit: float | None,
    as_json: bool,
) -> int:
    """Prove that the checks can fail.

    One lie at a time makes a call, or the wire, misbehave under the probes.  It is caught if each
    claim that it breaks holds in truth and is refuted under the lie.  SELECT is lie:ID, or names
    claims as in `sockspec run`: then the lies about these; each may be a glob, several add up.

    With --no-lie, what tells the lies is in place under every job, and tells none: no verdict may
    change.

    Exit status: 0 all caught; 1 a lie was not caught, or with --no-lie a verdict changed; else as
    of `sockspec run`.

    \b
    Examples:
      sockspec prove                              every lie
      sockspec prove --out proof                  and leave a page in proof/
      sockspec prove names.getpeername            the lies about a claim
      sockspec prove 'lie:getpeername.*' --jobs 0 some lies, in every job that can see them
      sockspec prove --no-lie interface:connect   nothing may change
    """
    from sockspec.cli import proving, work

    parallel = parallel or proving.default_parallel()
    target = work.host(build, parallel, None if limit is None else int(limit * 1000))
    return proving.prove(proving.Wish(select, jobs, no_lie), target, out, as_json=as_json)


# --- list --------------------------------------------------------------------------------------


@cli.command("list", short_help="List claims, lies, probes, stages or targets.")
@click.argument("what", type=click.Choice(["claims", "lies", "probes", "stages", "targets"]))
@_select
@_build
@_json
def list_(*, what: str, select: tuple[str, ...], build: Path | None, as_json: bool) -> int:
    """List claims or lies (all, or those that SELECT names), probes, stages or targets.

    \b
    Examples:
      sockspec list claims
      sockspec list claims interface:connect --json
      sockspec list lies names.getpeername
      sockspec list probes
    """
    from sockspec.cli import listing

    if select and what not in ("claims", "lies"):
        raise click.UsageError(f"only claims and lies can be selected, not {what}")
    rows = listing.rows(what, select, build)
    if as_json:
        _print_json(rows)
        return 0
    for line in listing.lines(what, rows):
        click.echo(line)
    return 0


# --- explain -----------------------------------------------------------------------------------


@cli.command(short_help="All about one claim, and what happens here.")
@click.argument("claim", shell_complete=completion.claims)
@click.option(
    "--from",
    "source",
    type=_PATH,
    metavar="RECORDS",
    help="Use these records (a records.jsonl, or the folder that has it) instead of running.",
)
@click.option("--all", "all_traces", is_flag=True, help="Show the trace of every variant.")
@click.option(
    "--ladder",
    type=_PATH,
    metavar="FILE.svg",
    help="Draw the claim's calls and packets as a ladder diagram; - draws them here, in place of "
    "the traces.",
)
@_build
@_baseline
@_json
def explain(
    *,
    claim: str,
    source: Path | None,
    all_traces: bool,
    ladder: Path | None,
    build: Path | None,
    baseline: Path | None,
    as_json: bool,
) -> int:
    """All about one CLAIM: what its source says and where, how it is tested, what happens here.

    Its probes are run, unless --from names records.

    \b
    Examples:
      sockspec explain names.udp-unconnected-peer
      sockspec explain names.udp-unconnected-peer --from result
      sockspec explain connect.tcp-refused --ladder refused.svg
    """
    from sockspec.cli import explaining

    return explaining.explain(
        claim, source, build, baseline, all_traces=all_traces, as_json=as_json, ladder=ladder
    )


# --- probe -------------------------------------------------------------------------------------


@cli.command(short_help="Run one probe and print what it did.")
@click.argument("name", shell_complete=completion.probes)
@click.argument("words", nargs=-1, metavar="[STAGE] [NAME=VALUE]...")
@click.option("--lie", metavar="ID", help="Tell it this lie; lie=RULE tells one of your own.")
@_build
@_limit
@_json
def probe(
    *,
    name: str,
    words: tuple[str, ...],
    lie: str | None,
    build: Path | None,
    limit: float | None,
    as_json: bool,
) -> int:
    """Run one probe on one stage and print what it did: its calls, and the packets.

    The stage and the values that are left out are those of the first check that fits.

    \b
    Examples:
      sockspec probe getpeername/udp_unconnected
      sockspec probe getpeername/udp_unconnected pair family=inet6
      sockspec probe getpeername/udp_unconnected --lie getpeername.unconnected-einval
    """
    from sockspec import places
    from sockspec.checks import find_checks
    from sockspec.cli import work
    from sockspec.judge import trace

    if lie is not None:
        words = (*words, f"lie={places.lies(places.catalogue()).named(lie).rule}")
    target = work.host(build, None, None if limit is None else int(limit * 1000))
    record = work.run_one(target, (name, *words), find_checks())
    if as_json:
        _print_json(record)
    else:
        click.echo(f"{record.job}\n{trace(record)}", nl=False)
    return work.status_of(record)


# --- pcap --------------------------------------------------------------------------------------


@cli.command(short_help="Write a record's packets for Wireshark, the calls as comments.")
@click.argument("what", nargs=-1, required=True, shell_complete=completion.captures)
@click.option(
    "--from",
    "source",
    type=_PATH,
    metavar="RECORDS",
    help="Use these records (a records.jsonl, or the folder that has it) instead of running.",
)
@click.option(
    "-o",
    "--output",
    "where",
    metavar="PATH",
    help="A file (.pcapng or .pcap), a folder, or - for stdout; by default a file here, named "
    "after the job.",
)
@_build
def pcap(
    *, what: tuple[str, ...], source: Path | None, where: str | None, build: Path | None
) -> int:
    """Write records as pcapng files: the packets, with the calls as their comments.

    WHAT is a job, as `sockspec probe` takes it, or claims, as SELECT of `sockspec run`: then all
    records that they are judged by.  Probes are run, unless --from names records; of those, a job
    that is not written whole means all that fit.

    \b
    Examples:
      sockspec pcap connect/refused pair family=inet
      sockspec pcap connect/refused -o - | tshark -r -
      sockspec pcap errors.connect-econnrefused --from result -o captures
    """
    from sockspec.cli import capturing

    return capturing.pcap(what, source, build, where)


# --- report ------------------------------------------------------------------------------------


@cli.command(short_help="Make one HTML report of verdicts.")
@click.argument("verdicts", nargs=-1, required=True, type=_PATH)
@click.option(
    "-o",
    "--output",
    "path",
    type=_PATH,
    default=Path("report.html"),
    show_default=True,
    help="The file to write.",
)
def report(*, verdicts: tuple[Path, ...], path: Path) -> int:
    """Make one HTML report of VERDICTS: verdicts.json files, or the folders that have them.

    Of several, the report shows the targets side by side.  Of one, it shows the timelines as well,
    from the records.jsonl beside it.

    \b
    Examples:
      sockspec report result -o result.html
      sockspec report debian/verdicts.json ubuntu/verdicts.json
    """
    from sockspec.cli import reporting

    reporting.write(verdicts, path)
    click.echo(f"report: {path}")
    return 0


# --- doctor ------------------------------------------------------------------------------------


@cli.command(short_help="What this machine can do, and what to do about the rest.")
@_build
@_json
def doctor(*, build: Path | None, as_json: bool) -> int:
    """What this machine can and cannot do for sockspec, and what to do about it.

    \b
    Examples:
      sockspec doctor
      sockspec doctor --json
    """
    from sockspec.cli import doctoring

    findings = doctoring.examine(build)
    if as_json:
        _print_json([finding.as_dict() for finding in findings])
    else:
        for line in doctoring.lines(findings):
            click.echo(line)
    return doctoring.status(findings)


# --- completion --------------------------------------------------------------------------------


@cli.command("completion", short_help="Print the completion script for a shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_(*, shell: str) -> int:
    """Print the completion script for a shell.

    \b
    Examples:
      bash:  eval "$(sockspec completion bash)"          in ~/.bashrc
      zsh:   eval "$(sockspec completion zsh)"           in ~/.zshrc
      fish:  sockspec completion fish | source           in ~/.config/fish/config.fish
    """
    click.echo(completion.script(cli, shell))
    return 0


def _print_json(value: Any) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=1))
