"""`scoreline org`: the organisation of one day, from the published release."""

import json
import os
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.commands import as_json, plain_errors
from pipelines.exits import MISUSED, Stop
from pipelines.paths import Home

if TYPE_CHECKING:
    from pipelines.organisation.tree import Organisation
    from pipelines.organisation.words import Language


@click.command()
@click.option("--on", "day", metavar="DATE", help="Day to draw, as 2025-06-30 (default: the release's as-of date).")
@click.option("--unit", help="Draw what lies below this unit: its id or its name.")
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), help="Write the drawing to this file.")
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default=lambda: "zh" if os.environ.get("LANG", "").startswith("zh") else "en",
    help="Language of the drawing (default: that of the terminal).",
)
@as_json
@plain_errors
def org(day: str | None, unit: str | None, svg: Path | None, lang: str, machine: bool) -> None:
    """Draw the organisation of one day: units, heads, people, and how many findings hold.

    Whoever is employed that day without a post in a unit stands last, as unassigned. What was found, in words, is in
    the published table org_finding.
    """
    from pipelines.organisation.svg import draw_svg
    from pipelines.organisation.text import render_organisation

    if svg is not None and not svg.absolute().parent.is_dir():
        raise Stop(f"--svg {svg}: there is no folder {svg.absolute().parent}", MISUSED)
    found = _read(_day(day), unit)
    language: Language = "zh" if lang == "zh" else "en"
    if svg is not None:
        svg.write_text(draw_svg(found, language), encoding="utf-8")
    if machine:
        click.echo(json.dumps(to_json(found), ensure_ascii=False, indent=2, default=_plain))
    elif svg is not None:
        click.echo(f"已写入 {svg}。" if language == "zh" else f"Drawn to {svg}.")
    else:
        click.echo(render_organisation(found, language))


def to_json(found: "Organisation") -> dict[str, Any]:
    """All that is drawn, with the counts the drawing shows."""
    return {"unit_count": found.unit_count, "headcount": found.headcount, **asdict(found)}


def _plain(value: Any) -> str:
    """Dates and decimals as text: a share of time is exact."""
    return str(value)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Stop(f"--on {text}: expected a date like 2025-06-30", MISUSED) from None


def _read(day: date | None, unit: str | None) -> "Organisation":
    """From the analysts' views on the current release, which no build ever locks."""
    import duckdb

    from pipelines.organisation.tree import NotThere, read
    from pipelines.publish.releases import ReleaseError, current

    home = Home.from_environment()
    release = current(home.root)
    if release is None:
        raise ReleaseError("no release yet; `scoreline run` publishes the first")
    missing = {"dim_org_unit", "dim_employee", "dim_assignment", "org_finding"} - set(release.tables)
    if missing:
        raise ReleaseError(
            f"release {release.release_id} is older than this command ({', '.join(sorted(missing))} missing); "
            "`scoreline run` publishes a new one"
        )
    on = day or date.fromisoformat(release.manifest["as_of_date"])
    with duckdb.connect(str(home.published), read_only=True) as con:
        try:
            return read(con, release.release_id, on, unit)
        except NotThere as error:
            raise Stop(str(error), MISUSED) from None
