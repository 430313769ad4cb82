"""`scoreline forecast`: what the current release says of the months to come."""

import json
import os

import click

from pipelines.commands import as_json, plain_errors
from pipelines.exits import FAILED, MISUSED, Stop
from pipelines.paths import Home


@click.command()
@click.option("--unit", help="Unit of today's tree, by id or name, with all below it (default: the company).")
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, help="Deals and leads shown.")
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default=lambda: "zh" if os.environ.get("LANG", "").startswith("zh") else "en",
    help="Language (default: that of the terminal).",
)
@as_json
@plain_errors
def forecast(unit: str | None, limit: int, lang: str, machine: bool) -> None:
    """Bookings expected, with their error history; open deals by expected amount; leads by chance."""
    import duckdb

    from pipelines.forecast.outlook import NoForecast, UnknownUnit, outlook
    from pipelines.forecast_report import outlook_to_json, render_outlook

    home = Home.from_environment()
    if not home.published.exists():
        raise Stop(f"nothing has been published in {home.root} yet; `scoreline run` does", FAILED)
    try:
        with duckdb.connect(str(home.published), read_only=True) as con:
            found = outlook(con, unit, limit)
    except UnknownUnit as error:
        raise Stop(str(error.args[0]), MISUSED) from None
    except NoForecast as error:
        raise Stop(str(error), FAILED) from None
    if machine:
        click.echo(json.dumps(outlook_to_json(found), ensure_ascii=False, indent=2, default=str))
    else:
        click.echo(render_outlook(found, "zh" if lang == "zh" else "en"))
