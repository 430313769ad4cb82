"""`scoreline sources`: what a source offers, and a first mapping for what a company made itself."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelines.commands import as_json, plain_errors
from pipelines.exits import MISUSED, Stop, configured_folder

if TYPE_CHECKING:  # the help should not wait for them
    from connectors.base import Connector
    from connectors.forms import FormInfo
    from pipelines.company import Source

WORDS = {
    "en": {
        "streams": "Streams of {name} ({type}):",
        "forms": "Forms of {name} ({type}): {count}",
        "entity": "seems to be",
        "draft": "Draft for sources/{name}.yaml; complete what stands as a comment, then run `scoreline check`:",
        "none": "The key sees no form.",
    },
    "zh": {
        "streams": "数据源 {name}（{type}）的数据流：",
        "forms": "数据源 {name}（{type}）共有 {count} 个表单：",
        "entity": "可能对应",
        "draft": "sources/{name}.yaml 的草稿；请补全注释部分，然后运行 `scoreline check`：",
        "none": "该密钥看不到任何表单。",
    },
}


@click.group()
def sources() -> None:
    """What the configured sources offer."""


@sources.command()
@click.argument("name")
@click.option("--form", "labels", multiple=True, help="Only forms whose label contains this (repeatable).")
@click.option("--draft", type=click.Path(path_type=Path), help="Write the drafted streams and mapping to this file.")
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default=lambda: "zh" if os.environ.get("LANG", "").startswith("zh") else "en",
    help="Language (default: that of the terminal).",
)
@as_json
@plain_errors
def describe(name: str, labels: tuple[str, ...], draft: Path | None, lang: str, machine: bool) -> None:
    """List what source NAME offers; for user-made forms also draft streams and mapping.

    The source file may be as short as type, connection without streams, schedule and `mapping: {}`.
    """
    from connectors.forms import DescribesForms

    source = _source(name)
    connector = source.connector()
    if not isinstance(connector, DescribesForms):
        _show_streams(source, connector, lang, machine)
        return
    forms = [form for form in connector.forms() if not labels or any(label in form.label for label in labels)]
    if machine:
        click.echo(json.dumps([asdict(form) for form in forms], ensure_ascii=False, indent=2, default=str))
    else:
        _show_forms(source, forms, lang)
    text = _draft(source, forms)
    if draft is not None:
        draft.write_text(text, encoding="utf-8")
    elif forms and not machine:
        click.echo(f"\n{WORDS[lang]['draft'].format(name=name)}\n\n{text}")


def _source(name: str) -> "Source":
    from pipelines.company import load_company

    company = load_company(configured_folder(), os.environ, unset="defer")
    found = next((source for source in company.sources if source.name == name), None)
    if found is None:
        known = ", ".join(source.name for source in company.sources)
        raise Stop(f"there is no source {name}; configured: {known}", MISUSED)
    return found


def _draft(source: "Source", forms: Sequence["FormInfo"]) -> str:
    from connectors.mapping.draft import drafted

    people = [] if source.type == "dlt" else [{"name": "member", "kind": "members"}]
    if source.type == "jiandaoyun":
        people.append({"name": "department", "kind": "departments"})
    return drafted(forms, people)


def _show_streams(source: "Source", connector: "Connector", lang: str, machine: bool) -> None:
    streams = connector.streams()
    if machine:
        click.echo(json.dumps([asdict(stream) for stream in streams], ensure_ascii=False, indent=2))
        return
    click.echo(WORDS[lang]["streams"].format(name=source.name, type=source.type))
    for stream in streams:
        click.echo(f"  {stream.name}: {stream.description or ', '.join(stream.key)}")


def _show_forms(source: "Source", forms: Sequence["FormInfo"], lang: str) -> None:
    from connectors.mapping.draft import entity_of

    words = WORDS[lang]
    click.echo(words["forms"].format(name=source.name, type=source.type, count=len(forms)) if forms else words["none"])
    for form in forms:
        entity = entity_of(form)
        guess = f"  [{words['entity']} {entity}]" if entity else ""
        address = ", ".join(f"{key} {value}" for key, value in form.address.items())
        click.echo(f"\n{form.place} / {form.label}{guess}\n  {address}")
        for field in form.fields:
            alias = f" ({field.alias})" if field.alias else ""
            click.echo(f"  {field.label}  {field.type}  {field.id}{alias}")
