"""`scoreline explain` and `scoreline fate`: from a score down to the raw records, and from a raw record to its fate."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.commands import as_json, plain_errors
from pipelines.exits import FAILED, MISUSED, Stop
from pipelines.paths import Home

if TYPE_CHECKING:
    import duckdb

SHOWN = 10
"""Facts a component shows in the terminal unless asked otherwise."""


def in_language(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--lang`."""
    return click.option(
        "--lang",
        type=click.Choice(["zh", "en"]),
        default=lambda: "zh" if os.environ.get("LANG", "").startswith("zh") else "en",
        help="Language (default: that of the terminal).",
    )(command)


@click.command()
@click.argument("employee")
@click.argument("period")
@click.option("--html", "page_file", type=click.Path(dir_okay=False, path_type=Path), help="Write one HTML page there.")
@click.option(
    "--facts",
    "limit",
    type=click.IntRange(min=1),
    help=f"Facts listed per component, the biggest (default: {SHOWN}; with --json and --html all).",
)
@click.option("--raw", is_flag=True, help="Show the raw records of the facts listed, too.")
@in_language
@as_json
@plain_errors
def explain(
    employee: str, period: str, page_file: Path | None, limit: int | None, raw: bool, lang: str, machine: bool
) -> None:
    """Why a published score is what it is: components, formulas, facts, raw records.

    EMPLOYEE is an id, number, e-mail or name; PERIOD is 2025, 2025-Q3, 2025-07 or the first day of a period.
    """
    from connectors.landing import Landing
    from pipelines.explain.page import page
    from pipelines.explain.raw import RawRecords
    from pipelines.explain.release import check, rows
    from pipelines.explain.score import explain as read
    from pipelines.explain.story import as_json as for_machines
    from pipelines.explain.story import story
    from pipelines.explain.text import render
    from pipelines.explain.words import Language

    everything = machine or page_file is not None
    with published() as (home, con):
        check(con, ["record_origin"])
        origins = rows(con, "from record_origin")
        found = read(
            con, employee, period, RawRecords(Landing(home.root), origins), limit or (None if everything else SHOWN)
        )
    language: Language = "zh" if lang == "zh" else "en"
    if page_file is not None:
        page_file.write_text(page(story(found, language), language), encoding="utf-8")
    if machine:
        click.echo(json.dumps(for_machines(found), ensure_ascii=False, indent=2, default=str))
    elif page_file is not None:
        click.echo(f"Written: {page_file}" if language == "en" else f"已写入：{page_file}")
    else:
        click.echo(render(story(found, language), raw))


@contextmanager
def published() -> Iterator[tuple[Home, "duckdb.DuckDBPyConnection"]]:
    """The data folder and its current release; turns what is not there into a message and an exit code."""
    import duckdb

    from pipelines.explain.release import NotFound, NotPublished

    home = Home.from_environment()
    if not home.published.exists():
        raise Stop(f"nothing has been published in {home.root} yet; `scoreline run` does", FAILED)
    try:
        with duckdb.connect(str(home.published), read_only=True) as con:
            yield home, con
    except NotFound as error:
        raise Stop(str(error.args[0]), MISUSED) from None
    except NotPublished as error:
        raise Stop(str(error), FAILED) from None


@click.command()
@click.argument("source")
@click.argument("key")
@click.option("--stream", help="Only the record of this stream (default: of every stream that has one with this key).")
@in_language
@as_json
@plain_errors
def fate(source: str, key: str, stream: str | None, lang: str, machine: bool) -> None:
    """What became of a raw record: credited to whom under which rule, quarantined, deleted, superseded ...

    SOURCE is the name of a source file, KEY the record's key at the source.
    """
    from connectors.landing import Landing
    from pipelines.explain.fate import as_json as for_machines
    from pipelines.explain.fate import fates
    from pipelines.explain.fate_words import fate_story
    from pipelines.explain.raw import RawRecords
    from pipelines.explain.release import check, rows
    from pipelines.explain.text import render

    with published() as (home, con):
        check(con, ["record_origin", "release"])
        raw = RawRecords(Landing(home.root), rows(con, "from record_origin"))
        found = fates(con, source, key, raw, stream, _packages(home))
        release_id = str(rows(con, "select release_id from release")[0]["release_id"])
    if machine:
        click.echo(json.dumps(for_machines(release_id, found), ensure_ascii=False, indent=2, default=str))
    else:
        click.echo(render(fate_story(found, "zh" if lang == "zh" else "en"), with_raw=False))


def _packages(home: Home) -> dict[tuple[str, str], set[str]] | None:
    """Load packages of the current release by source and stream; None where no release says which they are."""
    from pipelines.publish.releases import current

    release = current(home.root)
    if release is None:
        return None
    found: dict[tuple[str, str], set[str]] = {}
    for package in release.manifest["load_packages"]:
        found.setdefault((package["source_system"], package["stream"]), set()).add(package["load_id"])
    return found
