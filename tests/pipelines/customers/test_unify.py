"""The whole road from raw records to keys: the same from any order, any number of threads, and night by night."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from connectors.sandbox.customers import register
from pipelines.customers import unify
from pipelines.customers.unify import DECISIONS, Unified

MONDAY, TUESDAY, WEDNESDAY = date(2025, 3, 3), date(2025, 3, 4), date(2025, 3, 5)
RECORDS = 600


@pytest.fixture(scope="module")
def raw() -> pa.Table:
    """Customer records of five systems."""
    return register(RECORDS)


@pytest.fixture(scope="module")
def monday(raw: pa.Table) -> Unified:
    """The first night."""
    return unify.unify(raw, MONDAY)


def keys(done: Unified) -> dict[str, str]:
    """record_id -> customer_key by replaying the ledger."""
    with duckdb.connect() as con:
        con.register("events", done.events)
        rows = con.execute(
            "select source_system || ':' || source_key, arg_max(customer_key, event_no), arg_max(event_type, event_no) "
            "from events group by all order by all"
        ).fetchall()
    return {record: key for record, key, kind in rows if kind != "leave"}


def shuffled(table: pa.Table, seed: int = 1) -> pa.Table:
    """The same rows in another order."""
    order = list(range(table.num_rows))
    Random(seed).shuffle(order)
    return table.take(order)


def decision(number: int, kind: str, left: str, right: str, why: str = "asked them") -> dict:
    """A row of `DECISIONS`."""
    (system_l, key_l), (system_r, key_r) = left.split(":", 1), right.split(":", 1)
    values = (number, kind, system_l, key_l, system_r, key_r, "李敏", TUESDAY, why, "decisions.csv", number + 1)
    return dict(zip(DECISIONS.names, values, strict=True))


def decided(*rows: dict) -> pa.Table:
    """People's decisions as the build finds them."""
    return pa.Table.from_pylist(list(rows), schema=DECISIONS)


def test_every_record_gets_one_key_and_a_reason(raw: pa.Table, monday: Unified) -> None:
    ids = {f"{s}:{k}" for s, k in zip(raw["source_system"].to_pylist(), raw["source_key"].to_pylist(), strict=True)}

    assert set(keys(monday)) == ids
    assert monday.resolution["record_id"].to_pylist() == sorted(ids)
    assert monday.resolution["match_reason"].null_count == 0
    assert pc.min(monday.resolution["match_probability"]).as_py() >= 0
    assert pc.max(monday.resolution["match_probability"]).as_py() == 1


def test_neither_the_order_of_records_nor_the_number_of_threads_changes_a_byte(
    raw: pa.Table, monday: Unified, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unify.duckdb, "connect", partial(duckdb.connect, config={"threads": 1}))

    again = unify.unify(shuffled(raw), MONDAY)

    assert again == monday


def changed_night(raw: pa.Table) -> pa.Table:
    """The next day's records: some gone, some with another street, some new."""
    rows = raw.to_pylist()
    kept = [row for number, row in enumerate(rows) if number % 97]
    for row in kept[::50]:
        row["street"] = f"{row['street'] or 'New Street'} 7"
    new = [{**row, "source_key": f"new-{row['source_key']}"} for row in kept[::100]]
    return pa.Table.from_pylist([*kept, *new], schema=raw.schema)


def test_a_night_of_changed_records_gives_what_matching_all_of_them_gives(raw: pa.Table, monday: Unified) -> None:
    tuesday = changed_night(raw)
    forgetful = replace(
        monday,
        records=monday.records.slice(0, 0),
        keys=monday.keys.slice(0, 0),
        pairs=monday.pairs.slice(0, 0),
        resolution=monday.resolution.slice(0, 0),
    )

    incremental = unify.unify(tuesday, TUESDAY, before=monday)
    full = unify.unify(shuffled(tuesday), TUESDAY, before=forgetful)

    assert incremental == full
    assert incremental.models == monday.models


def test_only_changed_records_are_matched_again(
    raw: pa.Table, monday: Unified, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int | None] = []
    score = unify.score

    def spy(con: duckdb.DuckDBPyConnection, *arguments: Any, changed: str | None, keys: str) -> None:
        asked.append(con.execute(f"select count(*) from {changed}").fetchall()[0][0] if changed else None)
        score(con, *arguments, changed=changed, keys=keys)

    monkeypatch.setattr(unify, "score", spy)
    rows = raw.to_pylist()
    rows[3]["phone"] = "+86 21 5555 0000"
    unify.unify(pa.Table.from_pylist(rows, schema=raw.schema), TUESDAY, before=monday)

    assert sorted(asked, key=str) == [0, 1]


def test_a_night_without_changes_books_nothing(raw: pa.Table, monday: Unified) -> None:
    assert unify.unify(shuffled(raw), TUESDAY, before=monday) == monday


def test_one_per_cent_of_new_records_moves_no_key_but_by_a_booked_merge_or_split(raw: pa.Table) -> None:
    old = raw.slice(0, RECORDS * 99 // 100)
    first = unify.unify(old, MONDAY)

    second = unify.unify(raw, TUESDAY, before=first)

    before, after = keys(first), keys(second)
    moved = {record for record in before if after[record] != before[record]}
    fresh = second.events.slice(first.events.num_rows).to_pylist()
    booked = {f"{row['source_system']}:{row['source_key']}" for row in fresh if row["event_type"] in ("merge", "split")}
    assert moved == booked
    assert second.events.slice(0, first.events.num_rows) == first.events
    assert len(after) == RECORDS


def pair_apart(monday: Unified) -> tuple[str, str]:
    """Two records that are single customers of one kind."""
    rows = monday.resolution.to_pylist()
    single = [
        row["record_id"] for row in rows if (row["match_reason"], row["party_type"]) == ("single", "organisation")
    ]
    return single[0], single[1]


def pair_joined(monday: Unified) -> tuple[str, str]:
    """The two records of a customer of two, joined by the model."""
    members: dict[str, list[str]] = {}
    for row in monday.resolution.to_pylist():
        members.setdefault(row["cluster_id"], []).append(row["record_id"])
    reasons = dict(
        zip(monday.resolution["record_id"].to_pylist(), monday.resolution["match_reason"].to_pylist(), strict=True)
    )
    return next((a, b) for a, b in (two for two in members.values() if len(two) == 2) if reasons[a] == "model")


@pytest.mark.parametrize(
    ("kind", "find", "wanted"),
    [("same", pair_apart, True), ("different", pair_joined, False)],
    ids=["same", "different"],
)
def test_what_people_decide_holds_survives_matching_and_can_be_undone(
    raw: pa.Table, monday: Unified, kind: str, find: Callable[[Unified], tuple[str, str]], wanted: bool
) -> None:
    left, right = find(monday)

    tuesday = unify.unify(raw, TUESDAY, decided(decision(1, kind, left, right)), monday)
    rematched = unify.unify(
        raw,
        WEDNESDAY,
        decided(decision(1, kind, left, right)),
        replace(tuesday, pairs=tuesday.pairs.slice(0, 0), resolution=tuesday.resolution.slice(0, 0)),
    )
    undone = unify.unify(
        raw, WEDNESDAY, decided(decision(1, kind, left, right), decision(2, "undo", left, right, "a mistake")), tuesday
    )

    for night in (tuesday, rematched):
        assert (keys(night)[left] == keys(night)[right]) is wanted
    assert keys(undone) == keys(monday)
    last = undone.events.to_pylist()[-1]
    assert (last["event_type"], last["actor"], last["reason"]) == ("undo", "李敏", "a mistake")
