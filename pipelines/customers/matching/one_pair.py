"""Any two records looked at on demand, whether or not blocking leads to them and however unlikely the match is.

For explanations: the answer is what `score` would give, from the same parameters and the same SQL.
"""

from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.customers.matching.comparisons import compared_columns
from pipelines.customers.matching.model import Model
from pipelines.customers.matching.prepare import (
    KEYS,
    NUMBERED,
    RULE_SLOTS,
    number_records,
    register_frequencies,
    store_keys,
    store_prepared,
)
from pipelines.customers.matching.scoring import scored_sql


class NotComparable(ValueError):
    """One of the two records does not exist or is of another party type than the model."""


@dataclass(frozen=True)
class SharedKey:
    """A blocking rule that leads to the pair. is_too_common: its key was left out because too many records share it."""

    rule: str
    why: str
    is_too_common: bool


def compare(con: duckdb.DuckDBPyConnection, records: str, model: Model, pair: tuple[str, str]) -> dict[str, Any]:
    """The row of `score` for two records: record_id_l < record_id_r, match_weight, match_probability, evidence.

    NotComparable unless `records` holds both under the model's party type.
    """
    _choose(con, records, model, pair)
    con.execute("create or replace temp table matching_pairs as select 1 as record_no_l, 2 as record_no_r")
    register_frequencies(con, model)
    store_prepared(con, model, "matching_chosen", compared_columns(model.settings), "matching_prepared")
    (row,) = con.sql(scored_sql(model, least_weight=None)).to_arrow_table().to_pylist()
    return dict(row)


def shared_keys(con: duckdb.DuckDBPyConnection, records: str, model: Model, pair: tuple[str, str]) -> list[SharedKey]:
    """The blocking rules by which the two records have a key in common, in the settings' order. Errors: `compare`."""
    _choose(con, records, model, pair)
    store_keys(con, model.settings, "matching_chosen")
    rows = con.execute(
        f"select distinct key from {KEYS} group by key having count(distinct record_no) = 2 order by key"
    ).fetchall()
    common = set(model.stop_keys)
    usable: dict[int, bool] = {}
    for (key,) in rows:
        number = key % RULE_SLOTS
        usable[number] = usable.get(number, False) or key not in common
    rules = model.settings.blocking
    return [SharedKey(rules[number].name, rules[number].why, not usable[number]) for number in sorted(usable)]


def _choose(con: duckdb.DuckDBPyConnection, records: str, model: Model, pair: tuple[str, str]) -> None:
    """`matching_chosen`: the two records, numbered 1 and 2."""
    con.execute(
        f"create or replace temp table matching_chosen as select * from {records} where record_id in (?, ?)", list(pair)
    )
    if number_records(con, model.settings, "matching_chosen") != 2:
        known = [name for (name,) in con.execute(f"select record_id from {NUMBERED}").fetchall()]
        missing = ", ".join(sorted(set(pair) - set(known)))
        raise NotComparable(f"no two different records of party type {model.settings.party_type}: {missing or pair[0]}")
