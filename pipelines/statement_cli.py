"""`scoreline statement`: what a person is paid for a period, down to the credited line."""

import json
import os

import click

from pipelines.commands import as_json, plain_errors
from pipelines.exits import FAILED, Stop
from pipelines.paths import Home


@click.command()
@click.argument("employee")
@click.argument("period")
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default=lambda: "zh" if os.environ.get("LANG", "").startswith("zh") else "en",
    help="Language (default: that of the terminal).",
)
@as_json
@plain_errors
def statement(employee: str, period: str, lang: str, machine: bool) -> None:
    """Commission and bonus of a person by plan, with every line, its rate and its amount.

    EMPLOYEE is an id or name; PERIOD is 2025, 2025-Q3, 2025-07 or the first day of a period.
    """
    import duckdb

    from pipelines.statement import NoStatement
    from pipelines.statement import statement as read_statement
    from pipelines.statement_report import render_statement

    home = Home.from_environment()
    if not home.published.exists():
        raise Stop(f"nothing has been published in {home.root} yet; `scoreline run` does", FAILED)
    try:
        with duckdb.connect(str(home.published), read_only=True) as con:
            found = read_statement(con, employee, period)
    except NoStatement as error:
        raise Stop(str(error), FAILED) from None
    if machine:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2, default=str))
    else:
        click.echo(render_statement(found, "zh" if lang == "zh" else "en"))
