"""`scoreline fairness`: the audit a standard needs before it takes effect."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands import as_json, plain_errors
from pipelines.exits import DONE, FAILED, MISUSED, REFUSED, Stop
from pipelines.paths import Home
from pipelines.whatif_cli import configured_company, named_period

if TYPE_CHECKING:
    from pipelines.company.audits import Audit
    from pipelines.whatif_report import Language


@click.command()
@click.option(
    "--standard",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The standard to audit, as in standards/<id>.yaml.",
)
@click.option("--version", "tried", type=int, help="Version of the file to audit (default: its last).")
@click.option("--period", "asked", required=True, help="Past month, quarter or year to score: 2025-07, 2025-Q3, 2025.")
@click.option(
    "--groups",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV with a column employee and one per further dimension, such as gender; it is kept nowhere.",
)
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write the audit as a page to this file.")
@click.option("--dry-run", is_flag=True, help="Show the audit without writing it into the company folder.")
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default=lambda: "zh" if os.environ.get("LANG", "").startswith("zh") else "en",
    help="Language (default: that of the terminal).",
)
@as_json
@plain_errors
def fairness(
    standard: Path,
    tried: int | None,
    asked: str,
    groups: Path | None,
    html: Path | None,
    dry_run: bool,
    lang: str,
    machine: bool,
) -> None:
    """Audit a standard on a past period: gaps between groups, what makes them, and the verdict `check` asks for.

    Writes standards/audits/<id>-v<version>.yaml into the company folder. Exit code 3 when the audit fails.
    """
    from pipelines.company.audits import write_audit
    from pipelines.fairness import audit_standard
    from pipelines.fairness_page import fairness_page
    from pipelines.whatif import WhatIfError, read_trials

    if html is not None and not html.absolute().parent.is_dir():
        raise Stop(f"--html {html}: there is no folder {html.absolute().parent}", MISUSED)
    language: Language = "zh" if lang == "zh" else "en"
    home, company = Home.from_environment(), configured_company()
    period, today = named_period(asked, company), company.as_of_date(datetime.now(UTC))
    try:
        (trial,) = read_trials([standard], company, period, tried)
        made = audit_standard(home, trial, period, today, groups)
    except WhatIfError as error:
        raise Stop(str(error), FAILED) from None
    written = None if dry_run else write_audit(company.path, made)
    if html is not None:
        html.write_text(fairness_page(made, language), encoding="utf-8")
    _print(made, written, language, machine)
    sys.exit(REFUSED if made.result == "fail" else DONE)


def _print(made: "Audit", written: tuple[Path, bool] | None, language: "Language", machine: bool) -> None:
    from pipelines.fairness_report import render_audit, written_words

    if machine:
        told = made.model_dump(mode="json") | {"file": str(written[0]) if written else None}
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    click.echo(render_audit(made, language))
    if written:
        click.echo(written_words(made, *written, language))
