"""A database in memory with what one period's scores are made from; the warehouse is only read, and let go at once.

The copy is called `warehouse` like the original, so the SQL of the last build runs in it word for word.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.paths import Home
from pipelines.periods import Period
from pipelines.warehouse.lock import warehouse_lock
from pipelines.whatif.compiled import CompiledModel, compiled_models, inputs, to_run_again

STANDARD_TABLES = (
    "config.appraisal_standard",
    "config.appraisal_weight",
    "config.appraisal_step",
    "config.appraisal_gate",
    "config.appraisal_rating_kind",
    "config.grade_band",
)
"""What a standard is in the warehouse."""
KEPT = ("core.int_appraisal_step",)
"""Whom talks are owed stays with the official standards: that is a metric, and trials change no metric."""
WANTED = (
    "marts.appraisal_score",
    "marts.appraisal_part",
    "marts.appraisal_part_component",
    "marts.appraisal_component",
    "core.int_appraisal_part_score",
)
"""What scores are looked at through."""
PATIENCE_SECONDS = 60.0
"""How long a question waits for a build to end."""
BONUS = "core.int_incentive_bonus"
"""What grades earn, where the build has incentives. Grain: one row per score that a plan with a bonus looks at."""
BUILT = "config.build"
"""There once a build has run to its end."""
DAILY = "core.int_metric_daily"


class WhatIfError(Exception):
    """The question cannot be answered on this data; the message says why and what to do."""


@contextmanager
def scratch(home: Home, period: Period) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose catalog `warehouse` holds all that scores of the period are computed from, and no scores yet.

    Builds wait while it is filled, no longer. Raises WhatIfError where there is no finished build, WarehouseBusy while
    one goes on.
    """
    chosen = models(home.dbt)
    with duckdb.connect() as con:
        with warehouse_lock(home.root, PATIENCE_SECONDS):
            con.execute("attach ':memory:' as warehouse")
            con.execute(f"attach {_literal(home.warehouse)} as built (read_only)")
            _copy(con, inputs(chosen), period)
            con.execute("detach built")
        yield con


def models(target: Path) -> list[CompiledModel]:
    """The models that standards decide, each after what it reads. Raises WhatIfError where nothing was built."""
    chosen = to_run_again(compiled_models(target), STANDARD_TABLES, (*WANTED, BONUS), KEPT)
    missing = set(WANTED) - {model.relation for model in chosen}
    if missing:
        raise WhatIfError(
            f"the SQL of the last build is not in {target} ({', '.join(sorted(missing))} missing); "
            "`scoreline run` after removing the folder `warehouse` of the data folder makes it anew"
        )
    return chosen


def score(con: duckdb.DuckDBPyConnection, chosen: Sequence[CompiledModel]) -> None:
    """Make the scores from what the scratch database holds now."""
    for model in chosen:
        con.execute(f"create or replace table warehouse.{model.relation} as {model.sql}")


def _copy(con: duckdb.DuckDBPyConnection, relations: Sequence[str], period: Period) -> None:
    for schema in sorted({relation.split(".")[0] for relation in relations} | {"core", "marts", "config"}):
        con.execute(f"create schema warehouse.{schema}")
    present = {
        f"{schema}.{name}"
        for schema, name in con.execute(
            "select table_schema, table_name from information_schema.tables where table_catalog = 'built'"
        ).fetchall()
    }
    if absent := [relation for relation in (*relations, BUILT) if relation not in present]:
        raise WhatIfError(
            f"the warehouse has no {', '.join(absent)}: its last build did not end; `scoreline run` repeats it"
        )
    for relation in relations:
        con.execute(f"create table warehouse.{relation} as {_rows_of(con, relation, period)}")


def _rows_of(con: duckdb.DuckDBPyConnection, relation: str, period: Period) -> str:
    """What of an input concerns the period. A metric without an addition in it keeps one: that it has days at all."""
    original = f"built.{relation}"
    days = f"event_date >= {_literal(period.start)} and event_date < {_literal(period.next_start)}"
    if relation == DAILY:
        return f"select * from {original} qualify ({days}) or row_number() over (partition by metric) = 1"
    columns = {row[0] for row in con.execute(f"describe {original}").fetchall()}
    if {"period_type", "period_start"} <= columns:
        return (
            f"select * from {original} where period_type = {_literal(period.period_type)} "
            f"and period_start = {_literal(period.start)}"
        )
    return f"select * from {original}"


def _literal(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
