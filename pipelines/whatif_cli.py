"""`scoreline whatif`: a past period under other rules, beside what was published."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands import as_json, plain_errors
from pipelines.exits import FAILED, MISUSED, Stop, configured_folder
from pipelines.paths import Home

if TYPE_CHECKING:
    from pipelines.company import Company
    from pipelines.whatif import Period


@click.command()
@click.option(
    "--standard",
    "standards",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A standard as in standards/<id>.yaml, tried in place of the one of its id (repeatable).",
)
@click.option("--version", "tried", type=int, help="Version of the file to try (default: its last).")
@click.option("--period", "asked", required=True, help="A month, quarter or year: 2025-07, 2025-Q3, 2025.")
@click.option("--limit", type=click.IntRange(min=0), default=20, show_default=True, help="People shown.")
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default=lambda: "zh" if os.environ.get("LANG", "").startswith("zh") else "en",
    help="Language (default: that of the terminal).",
)
@as_json
@plain_errors
def whatif(standards: tuple[Path, ...], tried: int | None, asked: str, limit: int, lang: str, machine: bool) -> None:
    """Score a past period under other rules: who moves, who changes grade.

    Works on a copy in memory; warehouse and releases stay as they are.
    """
    from pipelines.whatif import WhatIfError, read_trials, what_if
    from pipelines.whatif_report import render_what_if, what_if_to_json

    if not standards:
        raise Stop("say which rules to try: --standard FILE", MISUSED)
    home, company = Home.from_environment(), configured_company()
    period = named_period(asked, company)
    try:
        found = what_if(home, period, read_trials(standards, company, period, tried))
    except WhatIfError as error:
        raise Stop(str(error), FAILED) from None
    if machine:
        click.echo(json.dumps(what_if_to_json(found), ensure_ascii=False, indent=2, default=str))
    else:
        click.echo(render_what_if(found, limit, "zh" if lang == "zh" else "en"))


def configured_company() -> "Company":
    """The company folder, sources without their passwords included: nothing is asked of them here."""
    from pipelines.company import load_company

    return load_company(configured_folder(), os.environ, unset="defer")


def named_period(text: str, company: "Company") -> "Period":
    """The period of that name in the company's fiscal year; Stop (exit 2) when it names none."""
    from pipelines.whatif import parse_period

    try:
        return parse_period(text, company.settings.fiscal_year_start_month)
    except ValueError as error:
        raise Stop(f"--period {error}", MISUSED) from None
