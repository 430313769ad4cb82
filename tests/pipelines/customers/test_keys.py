"""Keys last: growth, merges, splits, undos and returns are booked, and replaying the book gives today's keys."""

import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.customers.keys import (
    EVENT_COLUMNS,
    UnknownKey,
    current_keys,
    keys_of,
    resolve_key,
    resolve_keys,
    update_ledger,
)
from tests.pipelines.customers.matcher_tables import Said, write_decisions

Groups = Iterable[Iterable[str]]
FIRST_NIGHT = date(2025, 3, 1)


class Book:
    """A ledger over several nights."""

    def __init__(self) -> None:
        self.con = duckdb.connect(config={"threads": 1})
        columns = ", ".join(f"{name} {kind}" for name, kind in EVENT_COLUMNS.items())
        self.con.execute(f"create table events ({columns})")
        write_decisions(self.con, [])
        self.con.execute("create table known as from decisions")
        self.day = FIRST_NIGHT
        self.read_to = 0

    def night(self, groups: Groups, said: Iterable[Said] | None = None, order: int = 1) -> list[tuple[str, ...]]:
        """Runs a night over the clusters; what it books: (type, record, key, previous key, actor)."""
        if said is not None:
            write_decisions(self.con, said)
        self._write_clusters([sorted(group) for group in groups], order)
        update_ledger(self.con, "clusters", "events", self.day, "decisions", "updated", previous_decisions="known")
        self.con.execute("create or replace table events as from updated")
        self.con.execute("create or replace table known as from decisions")
        self.day += timedelta(days=1)
        booked = self.con.execute(
            """select event_type, source_system || ':' || source_key, customer_key, previous_customer_key, actor
            from events where event_no > ? order by event_no, source_system, source_key""",
            [self.read_to],
        ).fetchall()
        ((self.read_to,),) = self.con.execute("select coalesce(max(event_no), 0) from events").fetchall()
        return booked

    def _write_clusters(self, groups: list[list[str]], order: int) -> None:
        rows = [(record, group[0], "model" if group[1:] else "single", 1.0) for group in groups for record in group]
        names = ("record_id", "cluster_id", "match_reason", "match_probability")
        columns = zip(*rows[::order], strict=True) if rows else [[], [], [], []]
        types = [pa.string(), pa.string(), pa.string(), pa.float64()]
        arrays = [pa.array(list(column), kind) for column, kind in zip(columns, types, strict=True)]
        self.con.register("given", pa.table(dict(zip(names, arrays, strict=True))))
        self.con.execute("create or replace table clusters as from given")
        self.con.unregister("given")

    def keys(self) -> dict[str, str]:
        return current_keys(self.con, "events")

    def reasons(self) -> list[str]:
        return [why for (why,) in self.con.execute("select reason from events order by event_no").fetchall()]

    def resolve(self, key: str) -> list[str]:
        return resolve_key(self.con, "events", key)


@pytest.fixture
def book() -> Iterator[Book]:
    ledger = Book()
    yield ledger
    ledger.con.close()


def types_and_records(booked: list[tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(event[0], event[1]) for event in booked]


def test_the_first_key_is_made_from_the_least_record(book: Book) -> None:
    booked = book.night([["a:2", "a:1"], ["b:1"]])
    assert book.keys() == {"a:1": "C9EF12B2E76052EA0", "a:2": "C9EF12B2E76052EA0", "b:1": "C64C4606FEF2CC740"}
    assert sorted(types_and_records(booked)) == [("issue", "a:1"), ("issue", "a:2"), ("issue", "b:1")]


def test_a_night_without_changes_books_nothing(book: Book) -> None:
    book.night([["a:1", "a:2"], ["b:1"]])
    assert book.night([["b:1"], ["a:2", "a:1"]]) == []


def test_growing_keeps_the_key_even_when_a_lesser_record_comes(book: Book) -> None:
    book.night([["a:2"]])
    key = book.keys()["a:2"]
    assert book.night([["a:1", "a:2"]]) == [("join", "a:1", key, None, "matcher")]
    assert book.reasons()[-1] == "same customer by model"


def test_a_merge_keeps_the_elder_key_and_books_every_moved_record(book: Book) -> None:
    book.night([["b:1"]])
    book.night([["b:1"], ["a:1", "a:2", "a:3"]])
    elder, younger = book.keys()["b:1"], book.keys()["a:1"]
    moved = [("merge", record, elder, younger, "matcher") for record in ("a:1", "a:2", "a:3")]
    assert book.night([["a:1", "a:2", "a:3", "b:1"]]) == moved
    assert book.resolve(younger) == [elder]


def test_a_split_keeps_the_key_on_one_side_only(book: Book) -> None:
    book.night([["a:1", "a:2", "a:3"]])
    key = book.keys()["a:1"]
    ((kind, record, fresh, previous, actor),) = book.night([["a:1"], ["a:2", "a:3"]])
    assert (kind, record, previous, actor) == ("split", "a:1", key, "matcher")
    assert book.keys() == {"a:1": fresh, "a:2": key, "a:3": key}
    assert fresh != key
    assert book.resolve(key) == [key]


def test_of_equal_sides_the_one_with_the_earliest_record_keeps_the_key(book: Book) -> None:
    book.night([["b:1"]])
    book.night([["b:1", "a:1"]])
    assert types_and_records(book.night([["b:1"], ["a:1"]])) == [("split", "a:1")]


def test_a_record_that_is_gone_leaves_and_its_key_waits_for_it(book: Book) -> None:
    book.night([["a:1"], ["b:1"]])
    key = book.keys()["a:1"]
    assert book.night([["b:1"]]) == [("leave", "a:1", key, None, "matcher")]
    assert sorted(book.keys()) == ["b:1"]
    assert book.resolve(key) == []
    assert book.night([["a:1"], ["b:1"]]) == [("join", "a:1", key, None, "matcher")]
    assert book.reasons()[-1] == "came back"
    assert book.resolve(key) == [key]


def test_a_record_that_comes_back_to_another_customer_leads_its_old_key_there(book: Book) -> None:
    book.night([["a:1"], ["b:1"]])
    gone, elder = book.keys()["a:1"], book.keys()["b:1"]
    book.night([["b:1"]])
    assert book.night([["a:1", "b:1"]]) == [("merge", "a:1", elder, gone, "matcher")]
    assert book.resolve(gone) == [elder]


def test_a_key_that_was_issued_is_not_issued_to_others(book: Book) -> None:
    book.night([["a:1", "a:2", "a:3"]])
    key = book.keys()["a:1"]
    book.night([["a:1"], ["a:2", "a:3"]])
    assert len(set(book.keys().values())) == 2
    assert book.keys()["a:2"] == key


def test_merge_and_undo_by_people_gives_back_the_old_keys(book: Book) -> None:
    book.night([["b:1"]])
    book.night([["b:1"], ["a:1", "a:2"]])
    before = book.keys()
    said: list[Said] = [("same", "a:1", "b:1")]
    assert [(event[0], event[4]) for event in book.night([["a:1", "a:2", "b:1"]], said)] == [("merge", "Ann")] * 2
    assert book.reasons()[-1] == "same 1"
    undone = book.night([["a:1", "a:2"], ["b:1"]], [*said, ("undo", "b:1", "a:1")])
    assert [(event[0], event[1], event[4]) for event in undone] == [("undo", "a:1", "Ann"), ("undo", "a:2", "Ann")]
    assert book.reasons()[-1] == "undo 2"
    assert book.keys() == before
    assert book.resolve(before["a:1"]) == [before["a:1"]]


def test_split_and_undo_by_people_gives_back_the_old_key(book: Book) -> None:
    book.night([["a:1", "a:2"]])
    before = book.keys()
    said: list[Said] = [("different", "a:1", "a:2")]
    ((kind, record, fresh, _, actor),) = book.night([["a:1"], ["a:2"]], said)
    assert (kind, record, actor) == ("split", "a:2", "Ann")
    assert book.night([["a:1", "a:2"]], [*said, ("undo", "a:1", "a:2")]) == [
        ("undo", "a:2", before["a:1"], fresh, "Ann")
    ]
    assert book.keys() == before
    assert book.resolve(fresh) == [before["a:1"]]


def test_a_changed_mind_is_an_undo_and_an_old_one_is_not_told_again(book: Book) -> None:
    said: list[Said] = [("same", "a:1", "a:2")]
    book.night([["a:1", "a:2"]], said)
    said.append(("different", "a:1", "a:2"))
    assert types_and_records(book.night([["a:1"], ["a:2"]], said)) == [("undo", "a:2")]
    said.append(("undo", "a:1", "a:2"))
    assert book.night([["a:1"], ["a:2"]], said) == []
    ((kind, record, _, _, actor),) = book.night([["a:1", "a:2"]], said)
    assert (kind, record, actor) == ("merge", "a:2", "matcher")


def test_a_person_who_joins_a_new_record_is_named(book: Book) -> None:
    book.night([["a:1"]])
    ((kind, record, _, _, actor),) = book.night([["a:1", "b:1"]], [("same", "b:1", "a:1")])
    assert (kind, record, actor) == ("join", "b:1", "Ann")


def test_chains_of_merges_come_apart_step_by_step(book: Book) -> None:
    book.night([["a:1"]])
    book.night([["a:1"], ["b:1"]])
    book.night([["a:1"], ["b:1"], ["c:1"]])
    first = book.keys()
    book.night([["a:1"], ["b:1", "c:1"]])
    second = book.keys()
    book.night([["a:1", "b:1", "c:1"]])
    assert book.resolve(first["c:1"]) == [first["a:1"]]
    book.night([["a:1"], ["b:1", "c:1"]])
    assert book.keys() == second
    assert book.resolve(first["c:1"]) == [first["b:1"]]
    book.night([["a:1"], ["b:1"], ["c:1"]])
    assert book.keys() == first


def test_an_unheard_of_key_is_an_error(book: Book) -> None:
    book.night([["a:1"]])
    with pytest.raises(UnknownKey, match="customer key C0 was never issued"):
        book.resolve("C0")


def test_todays_keys_are_a_table_by_record(book: Book) -> None:
    book.night([["a:x:1"], ["b:1"]])
    keys_of(book.con, "events", "today")
    rows = book.con.execute("select record_id, source_system, source_key from today").fetchall()
    assert rows == [("a:x:1", "a", "x:1"), ("b:1", "b", "1")]


IDS = [f"{system}:{number}" for system in "abc" for number in range(3)]
NIGHT = st.lists(st.integers(-1, 4), min_size=len(IDS), max_size=len(IDS))
"""Number of the cluster of every record; -1: no source has it this night."""


def groups_of(numbers: list[int]) -> list[list[str]]:
    groups: dict[int, list[str]] = {}
    for record, number in zip(IDS, numbers, strict=True):
        groups.setdefault(number, []).append(record)
    return [members for number, members in groups.items() if number >= 0]


@given(st.lists(NIGHT, min_size=1, max_size=4), st.randoms(use_true_random=False))
@settings(max_examples=12, deadline=None)
def test_any_run_of_nights_keeps_the_book_true(nights: list[list[int]], shuffle: random.Random) -> None:
    book, other = Book(), Book()
    for numbers in nights:
        groups = groups_of(numbers)
        before = book.keys()
        booked = book.night(groups)
        keys = book.keys()
        assert_one_key_per_cluster(keys, groups)
        assert_changes_are_booked(before, keys, booked)
        assert_every_key_resolves(book, keys)
        shuffled = [shuffle.sample(group, len(group)) for group in groups]
        assert other.night(shuffle.sample(shuffled, len(shuffled)), order=-1) == booked
    assert book.night(groups) == []
    book.con.close()
    other.con.close()


def assert_one_key_per_cluster(keys: Mapping[str, str], groups: Groups) -> None:
    assert sorted(keys) == sorted(record for group in groups for record in group)
    per_cluster = [{keys[record] for record in group} for group in groups]
    assert all(len(found) == 1 for found in per_cluster)
    assert len({key for found in per_cluster for key in found}) == len(per_cluster)


def assert_changes_are_booked(
    before: Mapping[str, str], keys: Mapping[str, str], booked: list[tuple[str, ...]]
) -> None:
    changed = {record for record in before.keys() | keys.keys() if before.get(record) != keys.get(record)}
    assert sorted(record for _, record, *_ in booked) == sorted(changed)
    for kind, record, key, previous, _ in booked:
        if record in before and record in keys:
            assert kind in ("merge", "split")
            assert previous == before[record]
        assert keys.get(record, key) == key


def assert_every_key_resolves(book: Book, keys: Mapping[str, str]) -> None:
    """Every key ever issued is held today, or was merged into one that is, or all its records left their sources."""
    resolve_keys(book.con, "events", "resolved")
    for old, now in book.con.execute("from resolved").fetchall():
        if old in keys.values():
            assert now == old
        elif now is None:
            holders = "select source_system || ':' || source_key from events where customer_key = ?"
            merged = "select 1 from events where previous_customer_key = ? and event_type = 'merge'"
            assert book.con.execute(holders, [old]).fetchall()
            left = "select 1 from events where customer_key = ? and event_type = 'leave'"
            assert book.con.execute(left, [old]).fetchall() or book.con.execute(merged, [old]).fetchall()
        else:
            assert now in keys.values()


@given(NIGHT, NIGHT)
@settings(max_examples=8, deadline=None)
def test_parting_what_one_night_merged_gives_back_the_old_keys(parts: list[int], wholes: list[int]) -> None:
    book = Book()
    groups = groups_of([max(number, 0) for number in parts])
    book.night(groups)
    before = book.keys()
    merged: dict[int, list[str]] = {}
    for position, group in enumerate(groups):
        merged.setdefault(wholes[position], []).extend(group)
    book.night(merged.values())
    book.night(groups)
    assert book.keys() == before
    book.con.close()


def test_one_percent_more_records_change_no_key_but_by_merges(book: Book) -> None:
    old = [[f"a:{n}", f"b:{n}"] for n in range(200)]
    book.night(old)
    before = book.keys()
    booked = book.night([*old[4:], ["c:0", *old[0]], ["c:1", *old[1], *old[2]], ["c:2"], old[3]])
    younger = "1" if before["a:1"] > before["a:2"] else "2"  # of one night: the greater key
    merged = {f"a:{younger}", f"b:{younger}"}
    assert sorted(types_and_records(booked)) == [
        ("issue", "c:2"),
        ("join", "c:0"),
        ("join", "c:1"),
        *(("merge", record) for record in sorted(merged)),
    ]
    keys = book.keys()
    assert {record for record in before if keys[record] != before[record]} == merged
