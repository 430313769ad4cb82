"""`scoreline restatements` and `scoreline replay`: what happened to closed numbers, and whether releases hold."""

import json
import os
import sys

import click

from pipelines.commands import as_json, plain_errors
from pipelines.exits import DONE, FAILED, Stop
from pipelines.paths import Home

_LANGUAGE = click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default=lambda: "zh" if os.environ.get("LANG", "").startswith("zh") else "en",
    help="Language (default: that of the terminal).",
)


@click.command()
@click.option("--status", type=click.Choice(["pending", "approved", "reopened"]), help="Only these (default: all).")
@click.option("--subject", help="Only this employee, unit (by id) or `company`.")
@click.option("--details", is_flag=True, help="Every column of every table, not the values and scores alone.")
@_LANGUAGE
@as_json
@plain_errors
def restatements(status: str | None, subject: str | None, details: bool, lang: str, machine: bool) -> None:
    """What would change or did change in closed periods, booking by booking, with causes."""
    import duckdb

    from pipelines.restatements import restatements as read
    from pipelines.restatements_report import render_restatements

    home = Home.from_environment()
    if not home.published.exists():
        raise Stop(f"nothing has been published in {home.root} yet; `scoreline run` does", FAILED)
    try:
        with duckdb.connect(str(home.published), read_only=True) as con:
            found = read(con, status, subject, details)
    except duckdb.CatalogException:
        raise Stop("the current release has no ledger of restatements yet; `scoreline run` makes one", FAILED) from None
    if machine:
        click.echo(json.dumps([one.to_json() for one in found], ensure_ascii=False, indent=2, default=str))
    else:
        click.echo(render_restatements(found, "zh" if lang == "zh" else "en"))


@click.command()
@click.argument("release_id")
@click.option("--threads", type=click.IntRange(min=1), help="Threads to build with (default: as configured).")
@_LANGUAGE
@as_json
@plain_errors
def replay(release_id: str, threads: int | None, lang: str, machine: bool) -> None:
    """Make a release again from its manifest, beside the data, and compare every byte."""
    from pipelines.replay import replay as make_again
    from pipelines.restatement.inputs import InputsLost
    from pipelines.restatement.scratch import ScratchFailed
    from pipelines.restatements_report import render_replay

    try:
        found = make_again(Home.from_environment(), release_id, threads)
    except (InputsLost, ScratchFailed) as error:
        raise Stop(str(error), FAILED) from None
    if machine:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        click.echo(render_replay(found, "zh" if lang == "zh" else "en"))
    sys.exit(DONE if found.is_equal else FAILED)
