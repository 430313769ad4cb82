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
    from pipelines.periods import Period
    from pipelines.whatif import Change


@click.command()
@click.option(
    "--standard",
    "standards",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A standard as in standards/<id>.yaml, tried in place of the one of its id (repeatable).",
)
@click.option(
    "--org",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another organisation: postings and units that would have been otherwise. Takes as long as a build.",
)
@click.option(
    "--identity-threshold",
    "threshold",
    type=click.FloatRange(0, 1, min_open=True),
    help="Probability from which two records count as one customer. Takes as long as a build.",
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
def whatif(
    standards: tuple[Path, ...],
    org: Path | None,
    threshold: float | None,
    tried: int | None,
    asked: str,
    limit: int,
    lang: str,
    machine: bool,
) -> None:
    """Score a past period under other rules: who moves, who changes grade, and what it costs in bonuses.

    Works on a copy; warehouse and releases stay as they are. A standard takes seconds.
    """
    from pipelines.whatif import WhatIfError, other_threshold, read_trials, what_if, what_if_rebuilt
    from pipelines.whatif_report import render_what_if, what_if_to_json

    if [bool(standards), org is not None, threshold is not None].count(True) != 1:
        raise Stop("say what to try, one at a time: --standard FILE, --org FILE or --identity-threshold X", MISUSED)
    home, company = Home.from_environment(), configured_company()
    period = named_period(asked, company)
    try:
        if org is not None:
            found = what_if_rebuilt(home, period, _other_org(home, org), _say)
        elif threshold is not None:
            found = what_if_rebuilt(home, period, other_threshold(threshold), _say)
        else:
            found = what_if(home, period, read_trials(standards, company, period, tried))
    except WhatIfError as error:
        raise Stop(str(error), FAILED) from None
    if machine:
        click.echo(json.dumps(what_if_to_json(found), ensure_ascii=False, indent=2, default=str))
    else:
        click.echo(render_what_if(found, limit, "zh" if lang == "zh" else "en"))


def _say(text: str) -> None:
    click.echo(text, err=True)


def _other_org(home: Home, org: Path) -> "Change":
    import duckdb

    from pipelines.whatif import read_org

    if not home.published.exists():
        raise Stop(f"nothing has been published in {home.root} yet; `scoreline run` does", FAILED)
    with duckdb.connect(str(home.published), read_only=True) as con:
        return read_org(org, con)


def configured_company() -> "Company":
    """The company folder, sources without their passwords included: nothing is asked of them here."""
    from pipelines.company import load_company

    return load_company(configured_folder(), os.environ, unset="defer")


def named_period(text: str, company: "Company") -> "Period":
    """The period of that name in the company's fiscal year; Stop (exit 2) when it names none."""
    from pipelines.periods import parse_period

    try:
        return parse_period(text, company.settings.fiscal_year_start_month)
    except ValueError as error:
        raise Stop(f"--period {error}", MISUSED) from None
