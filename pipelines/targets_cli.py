"""`scoreline targets`: what was asked of whom, how far it is, where it will land, and what is wrong with the asking.

Reads the current release: what it shows has passed the gate.
"""

import json
import os

import click

from pipelines.commands import as_json, plain_errors
from pipelines.exits import FAILED, MISUSED, Stop
from pipelines.paths import Home


@click.command()
@click.option("--subject", help="Id or name of a person or unit, or `company` (default: everybody).")
@click.option(
    "--period",
    help="month, quarter or year, or the first day of a period or its beginning: 2025, 2025-07 (default: the latest).",
)
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default=lambda: "zh" if os.environ.get("LANG", "").startswith("zh") else "en",
    help="Language (default: that of the terminal).",
)
@as_json
@plain_errors
def targets(subject: str | None, period: str | None, lang: str, machine: bool) -> None:
    """Targets in force with version, pace, landing, gaps to the level below, and findings."""
    import duckdb

    from pipelines.targets import NoTargets
    from pipelines.targets import targets as read_targets
    from pipelines.targets_report import render_targets

    home = Home.from_environment()
    if not home.published.exists():
        raise Stop(f"nothing has been published in {home.root} yet; `scoreline run` does", FAILED)
    try:
        with duckdb.connect(str(home.published), read_only=True) as con:
            found = read_targets(con, subject, period)
    except NoTargets as error:
        raise Stop(str(error.args[0]), MISUSED) from None
    if machine:
        click.echo(json.dumps([target.to_json() for target in found], ensure_ascii=False, indent=2, default=str))
    else:
        click.echo(render_targets(found, "zh" if lang == "zh" else "en"))
