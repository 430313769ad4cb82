"""A first mapping for forms nobody has mapped yet, guessed from what people call their forms and fields.

It is a draft: what could not be guessed stands in it as a comment, so that a person completes it rather than trusts it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from connectors.arrow import snake_case
from connectors.contracts import LINEAGE_COLUMNS, entities
from connectors.forms import FormField, FormInfo

VOCABULARY = Path(__file__).parent / "vocabulary.yaml"
LANDED_BY_ITSELF = ("created_at",)
"""Columns of every form that no field names."""
_NOT_READ = frozenset({"image", "upload", "file", "signature", "subform"})


@cache
def vocabulary() -> dict[str, Any]:
    """The words of `vocabulary.yaml`."""
    words: dict[str, Any] = yaml.safe_load(VOCABULARY.read_text(encoding="utf-8"))
    return words


def entity_of(form: FormInfo) -> str | None:
    """The canonical entity a form seems to hold, None if its label says nothing."""
    found = [
        (len(word), entity)
        for entity, words in vocabulary()["forms"].items()
        for word in words
        if word in form.label.lower()
    ]
    return max(found)[1] if found else None


def drafted(forms: Sequence[FormInfo], extra_streams: Iterable[Mapping[str, str]] = ()) -> str:
    """`streams:` and `mapping:` of a source file as YAML text, two blanks indented where they belong."""
    named = [(_stream_name(form, rank, forms), form) for rank, form in enumerate(forms, start=1)]
    lines = ["  streams:"]
    for name, form in named:
        lines += _stream(name, form)
    for extra in extra_streams:
        lines.append("    - {" + ", ".join(f"{key}: {value}" for key, value in extra.items()) + "}")
    lines.append("mapping:")
    by_entity: dict[str, list[tuple[str, FormInfo]]] = {}
    for name, form in named:
        entity = entity_of(form)
        if entity is None:
            lines.append(f"  # {name} ({form.label}): no entity guessed; valid: {', '.join(entities())}")
        else:
            by_entity.setdefault(entity, []).append((name, form))
    for entity, rules in by_entity.items():
        lines += _rules(entity, rules)
    return "\n".join(lines) + "\n"


def _stream_name(form: FormInfo, rank: int, forms: Sequence[FormInfo]) -> str:
    entity = entity_of(form)
    if entity is None:
        return f"form_{rank}"
    base = vocabulary()["streams"].get(entity, entity)
    before = [other for other in forms[: rank - 1] if entity_of(other) == entity]
    return f"{base}_{len(before) + 1}" if before else str(base)


def _stream(name: str, form: FormInfo) -> Iterator[str]:
    yield f"    - name: {name}  # {form.label}"
    for key, value in form.address.items():
        yield f'      {key}: "{value}"'
    if form.key is not None:
        yield f"      key: [{', '.join(form.key)}]" if form.key else "      # key: which columns identify a record?"
        return
    fields = list(_landed(form.fields).items())
    if fields:
        yield "      fields:"
        for column, field in fields:
            yield f'        {column}: "{field.id}"  # {field.type}'


def _landed(fields: Sequence[FormField]) -> dict[str, FormField]:
    """Landed column -> field. A label that stands twice, or that makes no name, keeps the permanent id's name."""
    labels = [snake_case(field.label) for field in fields]
    found = {}
    for label, field in zip(labels, fields, strict=True):
        if field.type not in _NOT_READ and label and labels.count(label) == 1:
            found[label] = field
    return found


def _rules(entity: str, rules: Sequence[tuple[str, FormInfo]]) -> Iterator[str]:
    yield f"  {entity}:"
    for name, form in rules:
        start, pad = ("    - ", "      ") if len(rules) > 1 else ("    ", "    ")
        yield f"{start}from: {name}"
        yield f"{pad}columns:"
        yield from (f"{pad}  {line}" for line in _columns(entity, form))


def _columns(entity: str, form: FormInfo) -> Iterator[str]:
    by_itself = LANDED_BY_ITSELF if form.key is None else ()
    guessed = _guessed(entity, [*_landed(form.fields), *by_itself])
    for column in entities()[entity].columns:
        if column.name in LINEAGE_COLUMNS:
            continue
        if column.name in guessed:
            yield f"{column.name}: {_origin(entity, column.name, guessed[column.name])}"
        elif column.required:
            yield f"# {column.name}: required: {column.description}"
    unused = [label for label in _landed(form.fields) if label not in guessed.values()]
    if unused:
        yield f"# not used: {', '.join(unused)}"


def _guessed(entity: str, labels: Sequence[str]) -> dict[str, str]:
    """Canonical column -> landed column: equal words first, then words inside a label, each label once."""
    words = vocabulary()["fields"].get(entity, {})
    found: dict[str, str] = {}
    for exact in (True, False):
        for column, candidates in words.items():
            if column in found:
                continue
            free = [label for label in labels if label not in found.values()]
            hit = next((label for word in candidates for label in free if _says(label, word, exact)), None)
            if hit is not None:
                found[column] = hit
    return found


def _says(label: str, word: str, exact: bool) -> bool:
    return label.lower() == word if exact else len(word) > 1 and word in label.lower()


def _origin(entity: str, column: str, landed: str) -> str:
    values = vocabulary()["values"].get(column, {}).get(entity)
    if not values:
        return landed
    listed = ", ".join(f"{value}: {meaning}" for value, meaning in values.items())
    return f"{{column: {landed}, values: {{{listed}}}}}  # check the values"
