"""What the model says about two records: every comparison with both values, and whether the pair was looked at before.

A pair that the candidate holds is shown as it was scored; any other one is scored now, with the model of the candidate.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import duckdb

from pipelines.customers.lookup import FIELDS, Record, dictionaries, scratch
from pipelines.customers.matching import Model, SharedKey, compare, describe, shared_keys
from pipelines.customers.settings import Comparison, PartySettings

Looked = Literal["kept", "dropped", "never", "other_party_type"]
"""kept: among the scored pairs; dropped: found by blocking, but not kept; never: no blocking key led to it."""


@dataclass(frozen=True)
class Compared:
    """One comparison: both sides as written, the level they came to in words, its weight in bits.

    A value that no field states but that was read out of others (a country, say) stands in brackets.
    """

    comparison: str
    comparison_zh: str
    comparison_en: str
    level: str
    zh: str
    en: str
    weight: float
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """What the model says about the pair. Weights in `compared` add up to match_weight (bits).

    band: None for a pair the candidate does not hold. keep: least probability of pairs that are kept.
    """

    looked: Looked
    compared: tuple[Compared, ...] = ()
    match_weight: float = 0.0
    match_probability: float = 0.0
    band: str | None = None
    keep: float = 0.0
    keys: tuple[SharedKey, ...] = ()


def judge(con: duckdb.DuckDBPyConnection, left: Record, right: Record) -> Judgement:
    """The model's view of two different records."""
    one, other = sorted((left.record_id, right.record_id))
    with scratch(normalised=_normalised(con, one, other)) as own:
        normalised = {row["record_id"]: row for row in dictionaries(own.execute("select * from normalised"))}
        kinds = {row["party_type"] for row in normalised.values()}
        if len(kinds) > 1:
            return Judgement("other_party_type")
        model = _model(con, kinds.pop())
        keys = tuple(shared_keys(own, "normalised", model, (one, other)))
        kept = dictionaries(
            con.execute("select * from core.int_customer_pair where record_id_l = ? and record_id_r = ?", [one, other])
        )
        row = kept[0] if kept else compare(own, "normalised", model, (one, other))
    looked: Looked = "kept" if kept else "dropped" if any(not key.is_too_common for key in keys) else "never"
    sides = [(record, normalised[record.record_id]) for record in (left, right)]
    return Judgement(
        looked,
        tuple(_compared(model, row, sides)),
        row["match_weight"],
        row["match_probability"],
        row.get("band"),
        model.settings.thresholds.keep,
        keys,
    )


def _normalised(con: duckdb.DuckDBPyConnection, *record_ids: str) -> Any:
    return con.sql(
        "select * from core.int_customer_normalised where list_contains(?::varchar[], record_id) order by record_id",
        params=[list(record_ids)],
    ).to_arrow_table()


def _model(con: duckdb.DuckDBPyConnection, party_type: str) -> Model:
    rows = con.execute("select parameters from core.customer_match_model where party_type = ?", [party_type]).fetchall()
    return Model.from_json(rows[0][0])


def _compared(
    model: Model, row: Mapping[str, Any], sides: Iterable[tuple[Record, Mapping[str, Any]]]
) -> Iterator[Compared]:
    known = {comparison.name: comparison for comparison in model.settings.comparisons}
    for reason in describe(model, row):
        comparison = known.get(reason.comparison)
        values = [_values(model.settings, comparison, *side) for side in sides] if comparison else [(), ()]
        yield Compared(
            reason.comparison,
            reason.comparison_zh,
            reason.comparison_en,
            reason.level,
            reason.zh,
            reason.en,
            reason.weight,
            *values,
        )


def _values(
    settings: PartySettings, comparison: Comparison, record: Record, normalised: Mapping[str, Any]
) -> tuple[str, ...]:
    written = tuple(record.fields[name] for name in _fields(settings, comparison) if name in record.fields)
    needed = [comparison.needs] if isinstance(comparison.needs, str) else comparison.needs
    return written or tuple(f"({normalised[name]})" for name in needed if normalised.get(name))


_SIDED = re.compile(r"\b([a-z_]+?)_[lr]\b")
_WORD = re.compile(r"[a-z_]+")
_NAMES = ("customer_name", "other_names")


def _fields(settings: PartySettings, comparison: Comparison) -> tuple[str, ...]:
    """The fields, as sources write them, that a comparison is about, in reading order.

    Those are the ones of the columns it needs. Where it needs none by itself, the ones its levels look at, but for
    names: a place is read out of them, too, without being about them.
    """
    needed = [comparison.needs] if isinstance(comparison.needs, str) else comparison.needs
    about = _written(settings, {comparison.name, *needed})
    conditions = " ".join([comparison.missing_sql, *(level.sql for level in comparison.levels)])
    found = about or _written(settings, set(_SIDED.findall(conditions))) - set(_NAMES)
    if "customer_name" in found:
        found.add("other_names")
    return tuple(name for name in FIELDS if name in found)


def _written(settings: PartySettings, columns: set[str]) -> set[str]:
    """The fields these columns, features among them, are made from."""
    for feature in reversed(settings.features):
        if feature.name in columns:
            columns = columns | set(_WORD.findall(feature.sql or str(feature.rarity_of)))
    return {field for field in map(_written_as, columns) if field}


def _written_as(column: str) -> str | None:
    """The field a normalised column is made from."""
    if column.startswith(("name", "legal_form", "branch", "is_group")):
        return "customer_name"
    return max((name for name in FIELDS if column.startswith(name)), key=len, default=None)
