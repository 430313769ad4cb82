"""What people's decisions mean together: the last word per pair, contradictions, parents."""

from collections.abc import Iterator
from datetime import date

import duckdb
import pyarrow as pa
import pytest

from pipelines.customers.clusters import build_clusters
from pipelines.customers.hierarchy import find_parents
from pipelines.customers.stewardship import (
    contradictions,
    idle_undos,
    last_words,
    read_decisions,
    settle_decisions,
    unknown_records,
)
from tests.pipelines.customers.matcher_tables import RULES, decisions, record, write_tables


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def file_decisions(con: duckdb.DuckDBPyConnection) -> None:
    rows = [
        (2, "undo", "b", "1", "a", "1", "Bob", date(2025, 3, 2), "no", "f", 3),
        (1, "same", "a", "1", "b", "1", "Ann", date(2025, 3, 1), "yes", "f", 2),
        (3, "parent", "b", "1:2", "a", "1", "Bob", date(2025, 3, 3), "branch", "f", 4),
    ]
    names = (
        "decision_no,decision,source_system_l,source_key_l,source_system_r,source_key_r,decided_by,decided_on,reason"
    )
    columns = [*names.split(","), "file", "row"]
    con.register("given", pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows]))
    con.execute("create table steward_decision as from given")


def test_the_last_word_per_pair_names_what_it_replaces(con: duckdb.DuckDBPyConnection) -> None:
    file_decisions(con)
    settle_decisions(con, "steward_decision", "decisions")
    assert con.execute("from decisions").fetchall() == [
        (2, "undo", "a:1", "b:1", "same", "Bob", date(2025, 3, 2), "no"),
        (3, "parent", "b:1:2", "a:1", None, "Bob", date(2025, 3, 3), "branch"),
    ]


def test_decisions_on_records_no_source_has_are_listed(con: duckdb.DuckDBPyConnection) -> None:
    file_decisions(con)
    con.execute("create table records as select 'a:1' as record_id")
    (problem,) = unknown_records(con, "steward_decision", "records")
    assert (problem.message, problem.decision.file, problem.decision.row) == ("no source has the record b:1:2", "f", 4)
    assert not problem.is_contradiction
    assert [decision.decision_no for decision in read_decisions(con, "steward_decision")] == [1, 2, 3]


def test_an_undo_takes_back_whatever_holds_and_a_new_decision_starts_anew() -> None:
    said = [("different", "a:1", "b:1"), ("same", "b:1", "a:1"), ("undo", "a:1", "b:1"), ("same", "a:1", "b:1")]
    words = [[(word.last.decision, word.previous) for word in last_words(decisions(said[:n]))] for n in range(1, 5)]
    assert words == [[("different", None)], [("same", "different")], [("undo", "same")], [("same", None)]]


def test_decisions_that_agree_are_no_contradiction() -> None:
    said = [("same", "a:1", "a:2"), ("different", "a:2", "a:3"), ("different", "a:1", "a:2"), ("same", "a:2", "a:1")]
    assert contradictions(decisions(said)) == []


def test_a_pair_kept_apart_and_joined_through_others_is_a_contradiction() -> None:
    said = [("same", "a:1", "a:2"), ("same", "a:2", "a:3"), ("same", "a:3", "a:4"), ("parent", "a:4", "a:1")]
    (problem,) = contradictions(decisions(said))
    assert problem.is_contradiction
    assert problem.message == (
        "people say a:4 below a:1 (Ann, 2025-03-01), and that the two are the same: a:1 = a:2 (Ann, 2025-03-01), "
        "a:2 = a:3 (Ann, 2025-03-01), a:3 = a:4 (Ann, 2025-03-01)"
    )
    assert contradictions(decisions([*said, ("undo", "a:3", "a:2")])) == []


def test_a_ring_of_parents_is_a_contradiction() -> None:
    said = [("parent", "a:1", "a:2"), ("parent", "a:2", "a:3"), ("parent", "a:3", "a:1"), ("parent", "a:4", "a:1")]
    assert [problem.decision.decision_no for problem in contradictions(decisions(said))] == [1, 2, 3]


def test_an_undo_of_nothing_is_told() -> None:
    said = [("undo", "a:1", "a:2"), ("same", "a:1", "a:2"), ("undo", "a:1", "a:2"), ("undo", "a:2", "a:1")]
    assert [problem.decision.decision_no for problem in idle_undos(decisions(said))] == [1, 4]


def parents(con: duckdb.DuckDBPyConnection, said: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    branch = {"branch": "上海|分公司"}
    records = [
        record("a:1", "acme"),
        record("a:2", "acme", **branch),
        record("a:3", "bolt"),
        record("a:4", "bolt", tax_id="T1", tax_id_valid=True, tax_id_kind="uscc"),
        record("a:5", "bolt", tax_id="T1", tax_id_valid=True, tax_id_kind="uscc", **branch),
        record("a:6", "crane", **branch),
        record("b:1", "acme"),
        record("b:2", "bolt", **branch),
    ]
    write_tables(con, records, [("a:1", "b:1", 0.99)], said)
    build_clusters(con, "records", "pairs", "decisions", RULES, "clusters")
    con.execute("create table parent_keys (record_id varchar, parent_record_key varchar)")
    con.execute("insert into parent_keys values ('b:1', '2'), ('a:6', '3'), ('a:3', 'gone'), ('a:1', null)")
    find_parents(con, "records", "clusters", "decisions", "parent_keys", "parents")
    return con.execute("from parents").fetchall()


def test_parents_come_from_branch_markers_and_from_sources(con: duckdb.DuckDBPyConnection) -> None:
    assert parents(con, []) == [
        ("a:2", "a:1", "branch"),
        ("a:5", "a:4", "branch"),
        ("a:6", "a:3", "source"),
        ("b:1", "b:2", "source"),
    ]


def test_a_persons_word_on_parents_wins_and_keeps_the_two_apart(con: duckdb.DuckDBPyConnection) -> None:
    # acme's records without branch marker, a:1 and b:1, are two customers now: a:2 may be a branch of either
    said = [("parent", "b:2", "a:3"), ("parent", "b:1", "a:1"), ("parent", "a:2", "b:2"), ("undo", "b:2", "a:2")]
    assert parents(con, said) == [
        ("a:5", "a:4", "branch"),
        ("a:6", "a:3", "source"),
        ("b:1", "a:1", "steward"),
        ("b:2", "a:3", "steward"),
    ]
