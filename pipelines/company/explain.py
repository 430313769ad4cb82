"""Pydantic's findings said in the words of a person who edits the file: what was expected, what was found, what to do.

Values are quoted as they stand in the file, so `${PASSWORD}` is shown and its content never; fields that are secret by
type or by name are not quoted at all.
"""

import difflib
import re
import types
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, RootModel, SecretBytes, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from pipelines.company.documents import ConfigProblem, Document, Location

_SECRET_NAME = re.compile(r"passw|secret|token|api_?key|private|credential|^key$", re.IGNORECASE)
_EXPECTED = {
    "int_parsing": "integer",
    "int_type": "integer",
    "int_from_float": "integer",
    "float_parsing": "number",
    "float_type": "number",
    "decimal_parsing": "number",
    "decimal_type": "number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "text",
    "dict_type": "fields (name: value)",
    "model_type": "fields (name: value)",
    "model_attributes_type": "fields (name: value)",
    "list_type": "a list",
    "date_parsing": "a date (YYYY-MM-DD)",
    "date_type": "a date (YYYY-MM-DD)",
    "date_from_datetime_parsing": "a date (YYYY-MM-DD)",
    "date_from_datetime_inexact": "a date (YYYY-MM-DD)",
}


def problems_of(
    error: ValidationError, document: Document, model: Any, hidden: Mapping[str, str] | None = None
) -> list[ConfigProblem]:
    """Every finding of one failed validation as a problem with file, line and field.

    `hidden` maps secret values to what is shown instead, should a message of a model repeat one.
    """
    findings = error.errors(include_url=False, include_context=True)
    return [_problem(finding, document, model, hidden or {}) for finding in findings]


def _problem(finding: ErrorDetails, document: Document, model: Any, hidden: Mapping[str, str]) -> ConfigProblem:
    full: Location = finding["loc"]
    location = _in_document(full, document)
    if finding["type"] == "extra_forbidden":
        return document.problem(
            location, "unknown field", nearest(str(location[-1]), field_names(model, location[:-1]))
        )
    if finding["type"] == "missing":
        named = (*location, full[-1])
        problem = document.problem(named, "is missing", description(model, named))
        return problem
    message = _redacted(_message(finding), hidden) + _found(finding, location, document, model)
    return document.problem(location, message, _redacted(_hint(finding, model, location), hidden))


def _in_document(location: Location, document: Document) -> Location:
    """The part of pydantic's location that exists in the file (unions add their own branch names)."""
    kept: Location = ()
    for part in location:
        if (*kept, part) in document.lines:
            kept = (*kept, part)
    return kept


def _message(finding: ErrorDetails) -> str:
    kind = finding["type"]
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}"
    if kind in ("literal_error", "enum"):
        return f"expected {finding['ctx']['expected'].replace(chr(39), '')}"
    if kind == "string_pattern_mismatch":
        return f"expected text like {finding['ctx']['pattern']}"
    text = finding["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return text[:1].lower() + text[1:] if text.startswith(("Input ", "String ", "List ", "Decimal ")) else text


def _found(finding: ErrorDetails, location: Location, document: Document, model: Any) -> str:
    raw = document.raw.get(location, document.value(location))
    if location not in document.raw and raw != finding["input"]:
        return ""  # the finding is about a name or a part, not about the value that stands here
    if isinstance(raw, dict | list | BaseModel):
        return ", found a list" if isinstance(raw, list) and finding["type"] in _EXPECTED else ""
    if is_secret(model, location):
        return " (the value is not shown)"
    shown = "nothing" if raw is None else repr(raw) if isinstance(raw, str) else str(raw)
    return f", found {shown[:80]}"


def _hint(finding: ErrorDetails, model: Any, location: Location) -> str:
    if finding["type"] == "string_type" and not isinstance(finding["input"], dict | list | None):
        return "put it in quotes"
    if finding["type"] == "literal_error" and isinstance(finding["input"], str):
        return _did_you_mean(finding["input"], re.findall(r"'([^']+)'", finding["ctx"]["expected"]))
    return description(model, location) if finding["type"] in _EXPECTED else ""


def _redacted(text: str, hidden: Mapping[str, str]) -> str:
    for value, shown in hidden.items():
        if value:
            text = text.replace(value, shown)
    return text


def nearest(name: str, valid: Iterable[str]) -> str:
    """A hint that offers the nearest valid name, or all of them when none is near."""
    names = sorted(valid)
    return _did_you_mean(name, names) or (f"valid here: {', '.join(names)}" if names else "remove it")


def _did_you_mean(name: str, names: Iterable[str]) -> str:
    matches = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f"did you mean '{matches[0]}'?" if matches else ""


def field_names(model: Any, location: Location) -> list[str]:
    """The names a file may use at this location."""
    return [name for found in _models_at(model, location) for name in _fields_by_key(found)]


def description(model: Any, location: Location) -> str:
    """What the field at this location means, as its model says."""
    for found in _models_at(model, location[:-1]):
        info = _fields_by_key(found).get(str(location[-1])) if location else None
        if info is not None and info.description:
            return info.description.rstrip(".")
    return ""


def is_secret(model: Any, location: Location) -> bool:
    """Whether the field holds a secret, by its type or by a name on the way to it."""
    if any(isinstance(part, str) and sounds_secret(part) for part in location if "connection" in location):
        return True
    return any(kind in (SecretStr, SecretBytes) for kind in types_at(model, location))


def sounds_secret(name: str) -> bool:
    """Whether a field of this name holds a secret, as far as the name tells."""
    return _SECRET_NAME.search(name) is not None


def _fields_by_key(model: type[BaseModel]) -> dict[str, Any]:
    return {info.alias or name: info for name, info in model.model_fields.items()}


def _models_at(model: Any, location: Location) -> list[type[BaseModel]]:
    return [kind for kind in types_at(model, location) if isinstance(kind, type) and issubclass(kind, BaseModel)]


def types_at(model: Any, location: Location) -> list[Any]:
    """The plain types a value at this location may have; empty where the model knows no such place."""
    current = list(_branches(model))
    for part in location:
        current = [branch for kind in current for inner in _inside(kind, part) for branch in _branches(inner)]
    return current


def _branches(kind: Any) -> Iterator[Any]:
    """The plain types a type annotation allows: unions opened, `Annotated` and root models unwrapped."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from _branches(get_args(kind)[0])
    elif origin in (Union, types.UnionType):
        for branch in get_args(kind):
            yield from _branches(branch)
    elif isinstance(kind, type) and issubclass(kind, RootModel):
        yield from _branches(kind.model_fields["root"].annotation)
    else:
        yield kind


def _inside(kind: Any, part: str | int) -> list[Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        info = _fields_by_key(kind).get(str(part))
        return [info.annotation] if info else []
    arguments = get_args(kind)
    if get_origin(kind) is dict and isinstance(part, str):
        return [arguments[1]]
    if get_origin(kind) in (list, tuple, set) and isinstance(part, int):
        return [arguments[0]]
    return []
