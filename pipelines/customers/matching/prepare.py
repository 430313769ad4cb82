"""Normalised records -> prepared records: derived columns, frozen frequencies and blocking keys, one row per record.

A prepared row depends on its own record and on the model only, so that a record is prepared the same whatever other
records exist. Only `record_no` is given anew each time; it counts the records in order of record_id.
"""

import math

import duckdb
import pyarrow as pa

from pipelines.customers.matching.functions import RARITY_BITS, define_functions
from pipelines.customers.matching.model import Model, ValueCounts
from pipelines.customers.settings import MASK, BlockingRule, Feature, PartySettings

UNCOMMON = 4
"""A token is uncommon when at most one record in 2**4 has it."""

NUMBERED = "matching_numbered"
KEYS = "matching_key"
RULE_SLOTS = 256
"""A blocking key is a hash whose remainder by this number names the rule that made it."""

RARITY_STEPS = 16
"""Steps of rarity per halving of a token's frequency; with eight bits the rarest token is one in 2**16."""


def number_records(con: duckdb.DuckDBPyConnection, settings: PartySettings, records: str) -> int:
    """Fill `matching_numbered`: record_no and record_id of the party type's records; returns how many there are."""
    define_functions(con)
    con.execute(
        f"""create or replace temp table {NUMBERED} as
        select row_number() over (order by record_id)::integer as record_no, record_id
        from {records} where party_type = '{settings.party_type}'"""
    )
    return int(con.execute(f"select count(*) from {NUMBERED}").fetchall()[0][0])


def features_sql(settings: PartySettings, records: str, only: str | None = None) -> str:
    """Grain: numbered record (of table `only`). All normalised columns and the features that need no frequencies."""
    derived = "".join(f",\n {feature.sql} as {feature.name}" for feature in settings.features if feature.sql)
    numbered = f"{NUMBERED} semi join {only} using (record_no)" if only else NUMBERED
    return f"select *{derived} from (select * from {records} join (from {numbered}) using (record_id))"


def blocking_keys(con: duckdb.DuckDBPyConnection, settings: PartySettings, records: str, into: str) -> None:
    """Write temp table `into`: record_id and `keys` (ubigint[]), one row per record of the settings' party type.

    A record's keys depend on itself, the settings and the engine alone (`PartySettings.hash`). Keys that are too common
    are among them: which they are is the model's to say.
    """
    number_records(con, settings, records)
    lists = ",\n ".join(_key_list(number, rule) for number, rule in enumerate(settings.blocking))
    con.execute(
        f"""create or replace temp table {into} as
        select record_id, list_filter(flatten([{lists}]), lambda key: key is not null) as keys
        from ({features_sql(settings, records)})"""
    )


def store_keys(con: duckdb.DuckDBPyConnection, settings: PartySettings, records: str, known: str | None = None) -> None:
    """Fill `matching_key`: record_no x blocking key, for every numbered record; from table `known`, if there is one.

    known: record_id and keys of these records and maybe of others, see `blocking_keys`.
    """
    if known is None:
        known = "matching_record_key"
        blocking_keys(con, settings, records, known)
    con.execute(
        f"""create or replace temp table {KEYS} as
        select record_no, unnest(keys) as key from {known} join {NUMBERED} using (record_id)"""
    )


def store_prepared(
    con: duckdb.DuckDBPyConnection, model: Model, records: str, columns: list[str], into: str, only: str | None = None
) -> None:
    """Fill temp table `into`: record_no, `columns` and their frozen frequencies (`tf_`), of the records of `only`."""
    rare = [feature for feature in model.settings.features if feature.rarity_of]
    ctes = [f"features as materialized ({features_sql(model.settings, records, only)})"]
    ctes += [f"{feature.name}_rows as ({_rarity_rows(model, feature)})" for feature in rare]
    joins = [_frequency_join(column) for column in model.settings.frequency_columns]
    joins += [f"left join {feature.name}_rows using (record_no)" for feature in rare]
    made = {column for feature in rare for column in (feature.name, feature.name + MASK)}
    selected = [f"features.{column}" for column in columns if column not in made] + sorted(made & set(columns))
    selected += [_frequency_column(model, column) for column in model.settings.frequency_columns]
    con.execute(
        f"""create or replace temp table {into} as with {", ".join(ctes)}
        select record_no, {", ".join(selected)} from features {" ".join(joins)}"""
    )


def register_frequencies(con: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Make the model's frozen frequencies joinable in this session; replaces those of another model."""
    for column in model.settings.frequency_columns:
        shares = {value: _share(model, column, value) for value in model.frequencies[column].counts}
        _store(con, f"matching_frequency_{column}", shares, pa.float64())
    for column in model.settings.rarity_columns:
        rarities = {value: _rarity(model.frequencies[column], value) for value in model.frequencies[column].counts}
        _store(con, f"matching_rarity_{column}", rarities, pa.int64())


def _key_list(number: int, rule: BlockingRule) -> str:
    missing = " or ".join(f"({part}) is null" for part in rule.key)
    hashed = f"hash({', '.join(rule.key)})"
    key = f"case when not ({missing}) then {hashed} - {hashed} % {RULE_SLOTS} + {number} end"
    if rule.each is None:
        return f"[{key}]"
    return f"coalesce(list_distinct(list_transform({rule.each}, lambda each: {key})), [])"


def _share(model: Model, column: str, value: str) -> float:
    return model.frequencies[column].share(value, model.settings.frequencies.rarest)


def _frequency_join(column: str) -> str:
    return f"left join matching_frequency_{column} as of_{column} on of_{column}.value = features.{column}"


def _frequency_column(model: Model, column: str) -> str:
    other = model.frequencies[column].other(model.settings.frequencies.rarest)
    return f"case when features.{column} is not null then coalesce(of_{column}.share, {other!r}) end as tf_{column}"


def _rarity_rows(model: Model, feature: Feature) -> str:
    column = str(feature.rarity_of)
    other = _rarity(model.frequencies[column], None)
    return f"""
        select record_no,
            list(number // {2**RARITY_BITS} * {2**RARITY_BITS} + rarity order by token) as {feature.name},
            bit_or(case when rarity >= {UNCOMMON * RARITY_STEPS} then 1::ubigint << (number % 64)::ubigint
                else 0::ubigint end) as {feature.name}{MASK}
        from (
            select record_no, token, coalesce(rare.share, {other}) as rarity,
                (md5_number_lower(token) // 4)::bigint as number
            from (select record_no, unnest(list_distinct({column})) as token from features)
            left join matching_rarity_{column} as rare on rare.value = token
        )
        group by record_no"""


def _rarity(counts: ValueCounts, value: str | None) -> int:
    """Inverse document frequency (Spärck Jones 1972), `RARITY_STEPS` per halving; whole, so that sums have no order."""
    share = counts.other(_NO_FLOOR) if value is None else counts.share(value, _NO_FLOOR)
    return min(2**RARITY_BITS - 1, max(1, round(-math.log2(share) * RARITY_STEPS)))


_NO_FLOOR = 1e-12


def _store(
    con: duckdb.DuckDBPyConnection, name: str, values: dict[str, float] | dict[str, int], kind: pa.DataType
) -> None:
    rows = pa.table({"value": pa.array(list(values), pa.string()), "share": pa.array(list(values.values()), kind)})
    con.register("matching_arrow", rows)
    con.execute(f"create or replace temp table {name} as select * from matching_arrow")
    con.unregister("matching_arrow")
