"""The shape of `mapping:` in a source file, checked against the canonical contracts while it is read.

Every finding carries its place in the YAML, so whoever loads the file can name the line.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    Tag,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from connectors.arrow import snake_case
from connectors.contracts import LINEAGE_COLUMNS, Entity, entities

SUPPLIED_COLUMNS = tuple(name for name in LINEAGE_COLUMNS if name != "source_key")
"""Columns that landing supplies and no mapping may set."""

Scalar = bool | int | Decimal | date | str


def as_text(value: Any) -> Any:
    """A YAML scalar as the text a source would hold: true, 1 and 2025-01-31 are often meant as text in a value map."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float | Decimal | date) else value


def _text_keys(value: Any) -> Any:
    return {as_text(key): item for key, item in value.items()} if isinstance(value, dict) else value


MappedText = Annotated[str | None, BeforeValidator(as_text)]
Formats = Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class NumberFormat(_Model):
    """How numbers are written as text; currency signs and blanks around them are always allowed."""

    thousands: str = Field(default=",", max_length=1, description='Sign between groups of digits, "" for none.')
    decimal: str = Field(default=".", min_length=1, max_length=1, description="Sign before the decimal places.")

    @model_validator(mode="after")
    def _two_different_signs(self) -> "NumberFormat":
        if self.thousands == self.decimal:
            raise ValueError("thousands and decimal are the same sign")
        return self


class ColumnRule(_Model):
    """Where one canonical column comes from: exactly one of `column`, `sql` and `const`."""

    column: str | None = Field(default=None, min_length=1, description="Column of the stream.")
    sql: str | None = Field(default=None, min_length=1, description="SQL expression over the stream's columns.")
    const: Scalar | None = Field(default=None, description="The same value for every record.")
    values: Annotated[dict[str, MappedText], BeforeValidator(_text_keys)] | None = Field(
        default=None, min_length=1, description="Value at the source -> canonical value (null: no value)."
    )
    others: Literal["quarantine", "keep"] = Field(
        default="quarantine",
        description="With `values`: what becomes of a value that is not listed and has no `default`; keep: it stays.",
    )
    default: Scalar | None = Field(
        default=None, description="Taken where the source has no value, and for values that `values` does not list."
    )
    format: Formats | None = Field(
        default=None,
        min_length=1,
        description="How dates are written, strptime style, e.g. %d/%m/%Y; or a list of them.",
    )
    number: NumberFormat | None = Field(default=None, description="How numbers are written as text.")

    @model_validator(mode="after")
    def _one_origin(self) -> "ColumnRule":
        given = [name for name in ("column", "sql", "const") if name in self.model_fields_set]
        if len(given) != 1:
            raise ValueError(f"give exactly one of column, sql and const, not {' and '.join(given) or 'none'}")
        if "const" in given and self.model_fields_set & {"values", "default", "format", "number"}:
            raise ValueError("a const takes no values, default, format or number")
        return self

    @property
    def has_default(self) -> bool:
        """Whether the file gives a default (which may be null)."""
        return "default" in self.model_fields_set

    @property
    def column_name(self) -> str | None:
        """The stream's column as landing spells it: `Customer No` is customer_no."""
        if self.column is None or self.column.startswith("_"):
            return self.column
        return snake_case(self.column)


def _named_column(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


ColumnOrName = Annotated[ColumnRule, BeforeValidator(_named_column, json_schema_input_type=str | ColumnRule)]


class EntityRule(_Model):
    """How the records of one stream (or of a query over streams) become records of one canonical entity."""

    from_: str | None = Field(default=None, alias="from", description="Stream whose records are mapped, one to one.")
    query: str | None = Field(default=None, description="Or: a SELECT over the streams' live records, by stream name.")
    where: str | None = Field(
        default=None, min_length=1, description="SQL condition; records that do not meet it are outside, and counted."
    )
    columns: dict[str, ColumnOrName] = Field(description="Canonical column -> where its value comes from.")

    @model_validator(mode="after")
    def _one_origin(self) -> "EntityRule":
        if (self.from_ is None) == (self.query is None):
            raise ValueError("give exactly one of from and query")
        return self

    def streams(self, known: Iterable[str]) -> list[str]:
        """The streams this rule reads, of those known."""
        if self.from_ is not None:
            return [self.from_]
        return [name for name in known if re.search(rf"\b{re.escape(name)}\b", self.query or "")]


def _shape(value: Any) -> str:
    return "rules" if isinstance(value, list) else "rule"


RuleOrRules = Annotated[
    Annotated[EntityRule, Tag("rule")] | Annotated[list[EntityRule], Tag("rules"), Field(min_length=1)],
    Discriminator(_shape),
]

Place = tuple[str | int, ...]


class Mapping(RootModel[dict[str, RuleOrRules]]):
    """Canonical entity -> one rule or a list of rules, each entity and column checked against its contract."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="after")
    def _meets_the_contracts(self) -> "Mapping":
        problems = [
            InitErrorDetails(
                type=PydanticCustomError("mapping", "{message}", {"message": message}), loc=place, input=place[-1]
            )
            for place, message in self._problems()
        ]
        if problems:
            raise ValidationError.from_exception_data("Mapping", problems)
        return self

    def rules(self) -> Iterator[tuple[str, int, Place, EntityRule]]:
        """Every rule as (entity, position in the entity's list, place in the YAML, rule)."""
        for entity, written in self.root.items():
            if isinstance(written, EntityRule):
                yield entity, 0, (entity,), written
            else:
                for position, rule in enumerate(written):
                    yield entity, position, (entity, position), rule

    def stream_problems(self, offered: Iterable[str]) -> list[str]:
        """Rules that read a stream the source does not have, each with its place and the nearest stream."""
        names = sorted(offered)
        return [problem for _, _, place, rule in self.rules() for problem in _stream_problem(place, rule, names)]

    def _problems(self) -> Iterator[tuple[Place, str]]:
        for entity, _, place, rule in self.rules():
            contract = entities().get(entity)
            if contract is None:
                if place[-1] in (entity, 0):
                    yield (entity,), f"there is no canonical entity '{entity}'; {nearest(entity, entities())}"
                continue
            yield from _rule_problems(contract, place, rule)


def _rule_problems(contract: Entity, place: Place, rule: EntityRule) -> Iterator[tuple[Place, str]]:
    valid = [column.name for column in contract.columns if column.name not in SUPPLIED_COLUMNS]
    for name in rule.columns:
        if name in SUPPLIED_COLUMNS:
            yield (*place, "columns", name), f"{name} is supplied by landing; leave it out"
        elif name not in valid:
            yield (*place, "columns", name), f"{contract.name} has no column '{name}'; {nearest(name, valid)}"
    for column in contract.columns:
        if not column.required or column.name in rule.columns or column.name in SUPPLIED_COLUMNS:
            continue
        if column.name == "source_key" and rule.from_ is not None:
            continue
        meaning = column.description.rstrip(".")
        yield (*place, "columns"), f"{contract.name}.{column.name} is required ({meaning}); say where it comes from"


def _stream_problem(place: Place, rule: EntityRule, offered: list[str]) -> Iterator[str]:
    where = "mapping." + dotted(place)
    if rule.from_ is not None and rule.from_ not in offered:
        yield f"{where}.from: there is no stream '{rule.from_}'; {nearest(rule.from_, offered)}"
    elif rule.query is not None and not rule.streams(offered):
        yield f"{where}.query: reads none of the streams; they are: {', '.join(offered)}"


def dotted(place: Place) -> str:
    """A place in the YAML as people write it: opportunity[1].columns.amount."""
    text = ""
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def nearest(name: str, valid: Iterable[str]) -> str:
    """The nearest valid names in words, or all of them when none is near."""
    names = sorted(valid)
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(close)}?" if close else f"valid: {', '.join(names)}"
