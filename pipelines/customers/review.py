"""The questions the matcher leaves to people: pairs of customers that may be one, the most money first.

A question is about two customers. Several grey pairs of records between the same two customers are one question, shown
by the pair with the most evidence: whatever a person says about that pair settles the others, too. A question is open
while nothing a person decided on any two of their records is in force.

Money at stake: the bookings of the smaller of the two customers (confirmed orders less returns, all time, reporting
currency; its absolute value where returns outweigh): the amount that would belong to another customer if the two became
one. Sales without an exchange rate count nothing. Of equals comes first where both customers together have more
bookings, then the higher match weight, then the record ids.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from pipelines.customers.lookup import (
    Parent,
    Record,
    both_names,
    dictionaries,
    parents_among,
    records,
    reporting_currency,
)
from pipelines.customers.matching import Model, Reason, describe
from pipelines.customers.stewardship import Decision, last_words, words_table


@dataclass(frozen=True)
class Side:
    """One of the two customers of a question, with the record that stands for it. bookings: reporting currency."""

    record: Record
    customer_names: str
    customer_records: int
    bookings: Decimal


@dataclass(frozen=True)
class Question:
    """Are these two customers one? more_pairs: grey pairs of their records beyond the one shown.

    parents: where one of them is known to be a part of the other, which speaks for two customers.
    """

    left: Side
    right: Side
    at_stake: Decimal
    match_weight: float
    match_probability: float
    reasons: tuple[Reason, ...]
    more_pairs: int
    parents: tuple[Parent, ...] = ()


@dataclass(frozen=True)
class Review:
    """The open questions, the most money first. count and at_stake are of all of them, `questions` the first ones."""

    questions: tuple[Question, ...]
    count: int
    at_stake: Decimal
    currency: str


_OPEN = """
    with today as (select source_system || ':' || source_key as record_id, customer_key from core.customer_source),
    booked as (select customer_key, sum(credited_amount) as amount from core.fct_sales_credit group by customer_key),
    settled as (
        select distinct least(l.customer_key, r.customer_key) as one, greatest(l.customer_key, r.customer_key) as other
        from word
        inner join today as l on word.record_id_l = l.record_id
        inner join today as r on word.record_id_r = r.record_id
        where word.decision <> 'undo'
    ),
    grey as (
        select pair.*, l.customer_key as key_l, r.customer_key as key_r,
            least(l.customer_key, r.customer_key) as one, greatest(l.customer_key, r.customer_key) as other
        from core.int_customer_pair as pair
        inner join today as l on pair.record_id_l = l.record_id
        inner join today as r on pair.record_id_r = r.record_id
        where pair.band = 'grey' and l.customer_key <> r.customer_key
    ),
    asked as (
        select grey.*, count(*) over (partition by one, other) - 1 as more_pairs
        from grey anti join settled on grey.one = settled.one and grey.other = settled.other
        qualify row_number() over (
            partition by grey.one, grey.other order by match_weight desc, record_id_l, record_id_r
        ) = 1
    ),
    priced as (
        select asked.*, coalesce(l.amount, 0) as bookings_l, coalesce(r.amount, 0) as bookings_r
        from asked
        left join booked as l on asked.key_l = l.customer_key
        left join booked as r on asked.key_r = r.customer_key
    )
    select record_id_l, record_id_r, match_weight, match_probability, evidence, model_id, more_pairs,
        bookings_l, bookings_r, least(abs(bookings_l), abs(bookings_r)) as at_stake,
        count(*) over () as questions, sum(least(abs(bookings_l), abs(bookings_r))) over () as all_at_stake
    from priced
    order by at_stake desc, abs(bookings_l) + abs(bookings_r) desc, match_weight desc, record_id_l, record_id_r
    limit ?"""


def review(con: duckdb.DuckDBPyConnection, decisions: Sequence[Decision], limit: int | None = None) -> Review:
    """The open questions of the candidate in the warehouse.

    decisions: all that people filed, also what no build has seen yet. limit: at most so many questions are described.
    """
    con.register("word", words_table(last_words(decisions)))
    rows = dictionaries(con.execute(_OPEN, [limit if limit is not None else 2**62]))
    con.unregister("word")
    shown = records(con, (row[side] for row in rows for side in ("record_id_l", "record_id_r")))
    customers = _customers(con, {record.customer_key for record in shown.values()})
    models = _models(con)
    parents = parents_among(con, customers)
    questions = tuple(_question(row, shown, customers, models[row["model_id"]], parents) for row in rows)
    count, at_stake = (rows[0]["questions"], rows[0]["all_at_stake"]) if rows else (0, Decimal(0))
    return Review(questions, count, at_stake, reporting_currency(con))


def _question(
    row: dict[str, Any],
    shown: dict[str, Record],
    customers: dict[str, tuple[str, int]],
    model: Model,
    parents: dict[frozenset[str], tuple[Parent, ...]],
) -> Question:
    left, right = (
        Side(record, *customers[record.customer_key], row[f"bookings_{side}"])
        for side in ("l", "r")
        for record in [shown[row[f"record_id_{side}"]]]
    )
    return Question(
        left,
        right,
        row["at_stake"],
        row["match_weight"],
        row["match_probability"],
        tuple(describe(model, row)),
        row["more_pairs"],
        parents.get(frozenset((left.record.customer_key, right.record.customer_key)), ()),
    )


def _customers(con: duckdb.DuckDBPyConnection, keys: set[str]) -> dict[str, tuple[str, int]]:
    """Per customer its names in both scripts and how many records it has."""
    rows = con.execute(
        "select source_system || ':' || source_key from core.customer_source "
        "where list_contains(?::varchar[], customer_key)",
        [sorted(keys)],
    ).fetchall()
    found: dict[str, list[Record]] = {}
    for record in records(con, (record_id for (record_id,) in rows)).values():
        found.setdefault(record.customer_key, []).append(record)
    return {
        key: (both_names(name for record in held for name in record.names), len(held)) for key, held in found.items()
    }


def _models(con: duckdb.DuckDBPyConnection) -> dict[str, Model]:
    rows = con.execute("select model_id, parameters from core.customer_match_model").fetchall()
    return {model_id: Model.from_json(parameters) for model_id, parameters in rows}
