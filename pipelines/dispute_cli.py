"""`scoreline dispute`: who contests what, the evidence of one dispute as a folder, and whether a folder is intact."""

import json
from pathlib import Path

import click

from pipelines.commands import as_json, plain_errors
from pipelines.exits import FAILED, MISUSED, Stop
from pipelines.explain_cli import in_language, published


@click.group()
def dispute() -> None:
    """Disputes about scores, credits, missing sales and ratings."""


@dispute.command("list")
@click.option("--state", type=click.Choice(["open", "overdue", "decided"]), help="Only these (default: all).")
@click.option("--employee", help="Only disputes of this employee (id or name).")
@in_language
@as_json
@plain_errors
def list_(state: str | None, employee: str | None, lang: str, machine: bool) -> None:
    """Disputes with owner, state, outcome, days, and the score if the claim is right."""
    from pipelines.dispute.register import register
    from pipelines.dispute.story import listing
    from pipelines.explain.text import render

    with published() as (_, con):
        found = register(con, state, employee)
    if machine:
        click.echo(json.dumps(found.disputes, ensure_ascii=False, indent=2, default=str))
    else:
        click.echo(render(listing(found, "zh" if lang == "zh" else "en"), with_raw=False))


@dispute.command()
@click.argument("asked", metavar="ID")
@click.option("--out", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="New folder.")
@in_language
@plain_errors
def pack(asked: str, folder: Path, lang: str) -> None:
    """Write the evidence of one dispute from the current release: index.html, pack.json, manifest.json.

    ID is source/key as `scoreline dispute list` shows it; the key alone where one source has it.
    """
    from connectors.landing import Landing
    from pipelines.dispute.bundle import FolderInUse, write
    from pipelines.dispute.evidence import gather
    from pipelines.explain.raw import RawRecords
    from pipelines.explain.release import check, rows
    from pipelines.publish.releases import get

    with published() as (home, con):
        check(con, ["record_origin", "release"])
        # the release this session reads, which a run may replace meanwhile
        release = get(home.root, str(rows(con, "select release_id from release")[0]["release_id"]))
        found = gather(con, asked, release, RawRecords(Landing(home.root), rows(con, "from record_origin")))
    try:
        seal = write(found, folder, "zh" if lang == "zh" else "en")
    except FolderInUse as error:
        raise Stop(str(error), MISUSED) from None
    click.echo(f"已写入：{folder}\n封印：{seal}" if lang == "zh" else f"Written: {folder}\nSeal: {seal}")


@dispute.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seal", help="The seal noted when the bundle was written; tells whether all of it was exchanged.")
@in_language
@plain_errors
def verify(folder: Path, seal: str | None, lang: str) -> None:
    """Is every byte of an evidence bundle as written. Reads the folder and nothing else."""
    from pipelines.dispute.seal import damage, seal_of

    if found := damage(folder, seal):
        raise Stop("\n".join(f"{one.file}: {one.chinese if lang == 'zh' else one.english}" for one in found), FAILED)
    told = seal_of(folder)
    click.echo(f"完好：{folder}\n封印：{told}" if lang == "zh" else f"Intact: {folder}\nSeal: {told}")
