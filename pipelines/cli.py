"""The `scoreline` command. Heavy parts are imported by the commands that need them, so `--help` answers at once.

Exit codes: 0 done and published; 1 failed; 2 wrong usage or configuration; 3 the gate refused (last release stands).
"""

import atexit
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from connectors.sandbox.demo_crm import CRMS, DEFAULT_CRM
from pipelines.commands import as_json, plain_errors
from pipelines.customers_cli import customers
from pipelines.dispute_cli import dispute
from pipelines.exits import DONE, FAILED, MISUSED, Stop, configured_folder
from pipelines.explain_cli import explain, fate
from pipelines.fairness_cli import fairness
from pipelines.forecast_cli import forecast
from pipelines.metrics import metrics
from pipelines.org_cli import org
from pipelines.paths import Home
from pipelines.restatement_cli import replay, restatements
from pipelines.sources_cli import sources
from pipelines.statement_cli import statement
from pipelines.targets_cli import targets
from pipelines.whatif_cli import whatif

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


@click.group(context_settings=CONTEXT)
@click.version_option(package_name="scoreline")
def main() -> None:
    """Sales scores that open down to the source records they came from.

    SCORELINE_COMPANY names the company folder, SCORELINE_HOME the data folder (default: .scoreline).
    """


@main.command()
@click.argument("directory", type=click.Path(path_type=Path))
@plain_errors
def init(directory: Path) -> None:
    """Write a new company folder with commented templates."""
    from pipelines.company import FolderNotEmpty, init_company

    try:
        written = init_company(directory)
    except FolderNotEmpty as error:
        raise Stop(str(error), MISUSED) from None
    for path in written or []:
        click.echo(f"  {path}")
    click.echo(f"Company folder written to {directory}.")
    click.echo(f"Next: edit sources/*.yaml, then `export SCORELINE_COMPANY={directory}` and `scoreline check`.")


@main.command()
@as_json
@plain_errors
def check(machine: bool) -> None:
    """Is every file valid, does every source answer, what would be synced."""
    from pipelines.company import check_company

    report = check_company(configured_folder(), os.environ)
    if machine:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    else:
        click.echo(report.render())
    sys.exit(report.exit_code)


@main.command()
@plain_errors
def prepare() -> None:
    """Make dbt's manifest and the Dagster settings (every run does so when needed; `make dev` calls it)."""
    from pipelines.manifest import ensure_manifest
    from pipelines.runner import write_instance_settings

    home = Home.from_environment()
    ensure_manifest(home)
    write_instance_settings(home)
    click.echo(f"Ready: {home.root}")


@main.command()
@click.argument("sources", nargs=-1)
@click.option("--stream", "streams", multiple=True, help="Only this stream (repeatable).")
@click.option("--full", is_flag=True, help="Read everything again, not only what changed.")
@click.option("--since", type=click.DateTime(), help="Read from this moment (UTC) instead of the watermark.")
@click.option("--sweep", is_flag=True, help="Compare all keys with the source now, to find deletions.")
@click.option("--accept-deletes", is_flag=True, help="Believe a source that shows far fewer records than before.")
@as_json
@plain_errors
def sync(
    sources: tuple[str, ...],
    streams: tuple[str, ...],
    full: bool,
    since: datetime | None,
    sweep: bool,
    accept_deletes: bool,
    machine: bool,
) -> None:
    """Land what changed, at all sources or at the named ones."""
    from pipelines.main_job import Session
    from pipelines.report import render_syncs

    asked = {"full": full, "sweep": sweep, "accept_deletes": accept_deletes}
    if since is not None:
        asked["since"] = since.replace(tzinfo=UTC).isoformat()  # type: ignore[assignment]
    with Session.open() as session:
        outcomes = session.sync(session.chosen(sources), streams, asked, say=None if machine else _say)
    click.echo(json.dumps([vars(outcome) for outcome in outcomes], default=str) if machine else render_syncs(outcomes))
    sys.exit(DONE if all(outcome.success for outcome in outcomes) else FAILED)


@main.command()
@as_json
@plain_errors
def run(machine: bool) -> None:
    """Sync, build, gate, publish: the same Dagster jobs the schedules run."""
    from pipelines.main_job import Session
    from pipelines.report import render_run

    with Session.open() as session:
        result = session.run(progress=None if machine else _say)
    click.echo(json.dumps(result.to_json(), default=str, ensure_ascii=False) if machine else render_run(result))
    sys.exit(result.exit_code)


@main.command()
@click.option("--size", type=click.Choice(["tiny", "small", "mid"]), default="small", show_default=True)
@click.option(
    "--crm",
    type=click.Choice(list(CRMS)),
    default=DEFAULT_CRM,
    show_default=True,
    help="The vendor that plays the CRM; the published marts are the same.",
)
@as_json
@plain_errors
def demo(size: str, crm: str, machine: bool) -> None:
    """The benchmark company on loopback sandboxes, run end to end, then a scoreboard."""
    from pipelines.demo import run_demo

    sys.exit(run_demo(size, crm, Home.from_environment(), machine=machine, say=_say))


@main.group()
def releases() -> None:
    """List, show, compare, verify and roll back releases."""


@releases.command("list")
@as_json
@plain_errors
def list_(machine: bool) -> None:
    """Every release, newest last; the current one is marked."""
    from pipelines.publish.releases import current, list_releases

    home = Home.from_environment().root
    shown = current(home)
    rows = [
        {
            "release": release.release_id,
            "created_at": release.created_at.isoformat(timespec="seconds"),
            "content_hash": release.content_hash,
            "current": shown is not None and release.release_id == shown.release_id,
        }
        for release in list_releases(home)
    ]
    if machine:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        click.echo(
            f"{'*' if row['current'] else ' '} {row['release']}  {row['created_at']}  {str(row['content_hash'])[:16]}"
        )
    if not rows:
        click.echo("No release yet; `scoreline run` publishes the first.")


@releases.command()
@click.argument("release_id", required=False)
@plain_errors
def show(release_id: str | None) -> None:
    """The manifest of one release (default: the current one)."""
    from pipelines.publish.releases import ReleaseError, current, get

    home = Home.from_environment().root
    release = get(home, release_id) if release_id else current(home)
    if release is None:
        raise ReleaseError("no release yet; `scoreline run` publishes the first")
    click.echo(json.dumps(release.manifest, ensure_ascii=False, indent=2))


@releases.command()
@click.argument("before")
@click.argument("after")
@click.option("--limit", default=20, show_default=True, help="Changed rows shown per table.")
@plain_errors
def diff(before: str, after: str, limit: int) -> None:
    """What differs between two releases, row by row."""
    from pipelines.publish.releases import diff as compare
    from pipelines.report import render_diff

    click.echo(render_diff(compare(Home.from_environment().root, before, after, limit)))


@releases.command()
@click.argument("release_id", required=False)
@plain_errors
def verify(release_id: str | None) -> None:
    """Do the files of a release still have the hashes its manifest states."""
    from pipelines.publish.releases import ReleaseError, current
    from pipelines.publish.releases import verify as damages

    home = Home.from_environment().root
    shown = current(home)
    chosen = release_id or (shown.release_id if shown else None)
    if chosen is None:
        raise ReleaseError("no release yet; `scoreline run` publishes the first")
    found = damages(home, chosen)
    click.echo("\n".join(found) if found else f"{chosen}: every file is as published")
    sys.exit(FAILED if found else DONE)


@releases.command()
@click.argument("release_id")
@click.option("--why", required=True, help="Reason, kept in the book of switches.")
@click.option("--who", default=lambda: os.environ.get("USER", "unknown"), help="Who decides (default: $USER).")
@plain_errors
def rollback(release_id: str, why: str, who: str) -> None:
    """Show an earlier release again; booked with name and reason."""
    from pipelines.publish.releases import roll_back

    release = roll_back(Home.from_environment().root, release_id, who=who, why=why)
    click.echo(f"Current release: {release.release_id}")


main.add_command(sources)
main.add_command(customers)
main.add_command(org)
main.add_command(forecast)
main.add_command(explain)
main.add_command(fate)
main.add_command(targets)
main.add_command(metrics)
main.add_command(restatements)
main.add_command(replay)
main.add_command(whatif)
main.add_command(fairness)
main.add_command(statement)
main.add_command(dispute)


def _say(text: str) -> None:
    click.echo(text, err=True)


def command() -> None:
    """The entry point. Ends the process without tearing the interpreter down.

    DuckDB's module would otherwise print a list of its own objects that other libraries still hold.
    """
    code: int | str | None = FAILED
    try:
        main()
    except SystemExit as stop:
        code = stop.code
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else DONE if code is None else FAILED)


if __name__ == "__main__":
    command()
