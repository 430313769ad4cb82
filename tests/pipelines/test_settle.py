"""Settling, on a warehouse made by hand: rows of closed periods, ledger and published values, night by night."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from expectations.catalog import load
from expectations.closing import closing_tables
from expectations.gate import run_gate
from expectations.verdict import Verdict
from pipelines.company.load import FiledApproval
from pipelines.company.models import RestatementApproval
from pipelines.publish.releases import Release
from pipelines.restatement import settle as settling
from pipelines.restatement.settle import ClosedPeriod, Settlement, settle
from tests.dbt_project.warehouse import create_declared, fill

Q1 = date(2025, 1, 1)
TODAY = date(2025, 7, 1)
TABLES = load()
ALL = tuple(one.name for one in closing_tables(TABLES))
FEW = ("kpi_value", "appraisal_contribution")
BOOKS = ("closed_period", "restatement")
LATE, CORRECTION, CODE = "late record", "source correction", "code change"
Values = Mapping[str, Any]
"""Bookings of the first quarter by subject."""


def kpi(subject: str, value: Any, org_view: str = "as_was", start: date = Q1) -> dict[str, Any]:
    return {
        "subject_type": "employee",
        "subject_id": subject,
        "period_type": "quarter",
        "period_start": start,
        "metric": "bookings",
        "org_view": org_view,
        "value": Decimal(value),
        "value_status": "ok",
    }


def fact(employee: str, points: Any) -> dict[str, Any]:
    key = {"employee_id": employee, "period_type": "quarter", "period_start": Q1, "part_number": 1, "fact_number": 1}
    return key | {"metric": "bookings", "fact_kind": "record", "load_id": "l1", "points": Decimal(points)}


def warehouse(file: Path, rows: Mapping[str, Sequence[Mapping[str, Any]]], tables: Sequence[str] = FEW) -> Path:
    """A candidate with these rows in some of the tables that close; those nobody gives rows for are empty."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    names = ["config.closed_period", "config.restatement", *(f"marts.{name}" for name in (*tables, *BOOKS))]
    with duckdb.connect(str(file)) as con:
        for schema in ("config", "marts"):
            con.execute(f"create schema {schema}")
        create_declared(con, names)
        for name, content in rows.items():
            fill(con, name, content)
    return file


def released(file: Path, folder: Path, tables: Sequence[str]) -> Release:
    """What a release would keep of the settled candidate."""
    folder.mkdir(parents=True)
    entries = []
    with duckdb.connect(str(file), read_only=True) as con:
        for name in (*tables, *BOOKS):
            schema = "marts" if name in BOOKS else "official"
            con.execute(f"copy {schema}.{name} to '{folder / name}.parquet' (format parquet)")
            columns = [{"name": column.name} for column in TABLES[name].columns]
            entries.append({"name": name, "file": f"{name}.parquet", "columns": columns})
    (folder / "manifest.json").write_text(json.dumps({"tables": entries}), encoding="utf-8")
    return Release(folder.name, folder)


def approval(through: int, *subjects: str) -> FiledApproval:
    made = RestatementApproval(
        id=f"a{through}",
        period_type="quarter",
        period_start=Q1,
        through_booking=through,
        subjects=list(subjects) or None,
        reason="agreed",
        approved_by="CFO",
        approved_on=TODAY,
    )
    return FiledApproval(made, "approvals/2025.yaml", 1)


@dataclass
class Book:
    """A company whose nights are played: each settles a candidate made by hand and keeps it as a release."""

    folder: Path
    patch: pytest.MonkeyPatch
    tables: tuple[str, ...] = FEW
    release: Release | None = None
    closing: dict[ClosedPeriod, Release] = field(default_factory=dict)
    nights: int = 0

    def night(
        self,
        now: Sequence[Mapping[str, Any]],
        *approvals: FiledApproval,
        causes: tuple[str, ...] = (LATE,),
        without: Mapping[tuple[str, ...], Sequence[Mapping[str, Any]]] | None = None,
        facts: Sequence[Mapping[str, Any]] = (),
        closed: bool = True,
    ) -> Settlement:
        """Settle a candidate with these KPI rows. without: the rows with causes taken back."""
        self.nights += 1
        self.file = warehouse(self.folder / "warehouse.duckdb", {"marts.kpi_value": now}, self.tables)
        chosen = [one for one in closing_tables(TABLES) if one.name in self.tables]
        self.patch.setattr(settling, "closing_tables", lambda tables: chosen)
        with duckdb.connect(str(self.file)) as con:
            fill(con, "marts.appraisal_contribution", facts)
            if closed:
                fill(con, "marts.closed_period", [{"period_type": "quarter", "period_start": Q1}])
            if self.release:
                for name, columns in (("closed_period", "period_type, period_start"), ("restatement", "*")):
                    kept = f"read_parquet('{self.release.parquet(name)}')"
                    con.execute(f"insert into config.{name} by name select {columns} from {kept}")

        @contextmanager
        def build_again(taken: tuple[str, ...]) -> Iterator[Path]:
            yield warehouse(self.folder / "other.duckdb", {"marts.kpi_value": (without or {})[taken]})

        change = SimpleNamespace(causes=causes)
        done = settle(self.file, self.release, self.closing, approvals, TODAY, lambda: change, build_again)  # type: ignore[arg-type,return-value]
        self.release = released(self.file, self.folder / f"r{self.nights}", self.tables)
        self.closing = self.closing or {("quarter", Q1): self.release}
        return done

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.file), read_only=True) as con:
            return con.execute(query).fetchall()

    def published(self) -> dict[str, Decimal]:
        """Bookings by subject, as analysts see them."""
        return dict(self.ask("select subject_id, value from official.kpi_value where org_view = 'as_was' order by 1"))

    def ledger(self) -> list[tuple[Any, ...]]:
        return self.ask(
            "select booking_no, subject, cause, old_value::double, new_value::double, delta, restatement_status "
            "from marts.restatement where column_name = 'value' order by booking_no, subject, cause_no desc"
        )

    def judged(self) -> Verdict:
        return run_gate(self.file, None, None, only={"marts.closed_period", "marts.restatement"})


@pytest.fixture
def tables() -> tuple[str, ...]:
    """The tables that close; few of them, because a night costs as much as its tables."""
    return FEW


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tables: tuple[str, ...]) -> Book:
    """Ann (E1) and Bob (E2) sold 100 and 50 in the first quarter, which was closed with these numbers."""
    book = Book(tmp_path, monkeypatch, tables)
    assert book.night([kpi("E1", 100), kpi("E2", 50)], facts=[fact("E1", 60)]) == Settlement(0, 0, 0, 0)
    return book


def test_two_causes_are_booked_and_the_closed_value_stands(book: Book) -> None:
    done = book.night(
        [kpi("E1", 125), kpi("E2", 50)],
        causes=(LATE, CORRECTION),
        without={(LATE,): [kpi("E1", 110), kpi("E2", 50)]},
    )
    assert done == Settlement(held_periods=1, moved_values=1, booked=2, builds=1)
    assert book.published() == {"E1": 100, "E2": 50}
    assert book.ledger() == [
        (1, "E1", CORRECTION, 100, 110, 10, "pending"),
        (1, "E1", LATE, 110, 125, 15, "pending"),
    ]


def test_what_is_booked_is_not_booked_again_and_a_later_change_is_booked_alone(book: Book) -> None:
    book.night([kpi("E1", 125), kpi("E2", 50)])
    assert book.night([kpi("E1", 125), kpi("E2", 50)]) == Settlement(1, 0, 0, 0)
    book.night([kpi("E1", 130), kpi("E2", 50)], causes=(CODE,))
    book.night([kpi("E1", 100), kpi("E2", 50)], causes=(CORRECTION,))
    assert book.ledger() == [
        (1, "E1", LATE, 100, 125, 25, "pending"),
        (2, "E1", CODE, 125, 130, 5, "pending"),
        (3, "E1", CORRECTION, 130, 100, -30, "pending"),
    ]
    assert book.published() == {"E1": 100, "E2": 50}


def test_an_approval_moves_the_subject_with_its_evidence_and_no_other(book: Book) -> None:
    now, facts = [kpi("E1", 125), kpi("E2", 70)], [fact("E1", 75)]
    book.night(now, facts=facts)
    book.night(now, approval(1, "E1"), facts=facts)
    assert book.published() == {"E1": 125, "E2": 50}
    assert book.ask("select points from official.appraisal_contribution") == [(75,)]
    assert [row[-1] for row in book.ledger()] == ["approved", "pending"]
    # the approval stands without its file; what comes next is booked on top of it
    book.night([kpi("E1", 120), kpi("E2", 70)], facts=facts)
    assert book.published() == {"E1": 125, "E2": 50}
    assert book.ledger()[-1] == (2, "E1", LATE, 125, 120, -5, "pending")


def test_an_approval_of_an_earlier_booking_moves_nothing(book: Book) -> None:
    book.night([kpi("E1", 125), kpi("E2", 50)])
    book.night([kpi("E1", 130), kpi("E2", 50)], approval(1))
    assert book.published() == {"E1": 100, "E2": 50}
    book.night([kpi("E1", 130), kpi("E2", 50)], approval(2))
    assert book.published() == {"E1": 130, "E2": 50}


def test_rows_that_come_or_go_are_held_and_booked(book: Book) -> None:
    book.night([kpi("E1", 100), kpi("E3", 7)])
    assert book.published() == {"E1": 100, "E2": 50}
    assert book.ledger() == [(1, "E2", LATE, 50, None, -50, "pending"), (1, "E3", LATE, None, 7, 7, "pending")]


def test_unlocking_a_period_shows_what_is_computed_and_deletes_nothing(book: Book) -> None:
    now = [kpi("E1", 125), kpi("E2", 50)]
    book.night(now)
    book.night(now, closed=False)
    assert book.published() == {"E1": 125, "E2": 50}
    assert book.ledger() == [(1, "E1", LATE, 100, 125, 25, "reopened")]
    # closed again, the number of that day stands
    book.night(now)
    book.night([kpi("E1", 126), kpi("E2", 50)])
    assert book.published() == {"E1": 125, "E2": 50}
    assert book.ledger()[-1] == (2, "E1", LATE, 125, 126, 1, "pending")


def test_other_periods_and_todays_tree_move_freely(book: Book) -> None:
    q2 = date(2025, 4, 1)
    book.night([kpi("E1", 100), kpi("E2", 50), kpi("E1", 9, "as_is"), kpi("E1", 8, start=q2)])
    assert book.ask(
        "select org_view, period_start, value from official.kpi_value where subject_id = 'E1' order by 1, 2"
    ) == [
        ("as_is", Q1, 9),
        ("as_was", Q1, 100),
        ("as_was", q2, 8),
    ]
    assert book.ledger() == []


def test_a_column_or_table_that_newer_code_brings_is_no_restatement(book: Book) -> None:
    assert book.release is not None
    manifest = book.release.manifest
    manifest["tables"] = [entry for entry in manifest["tables"] if entry["name"] != "appraisal_contribution"]
    for entry in manifest["tables"]:
        entry["columns"] = [column for column in entry["columns"] if column["name"] != "value_status"]
    done = book.night([kpi("E1", 100), kpi("E2", 50)], facts=[fact("E1", 60)])
    assert (done.held_periods, done.moved_values) == (1, 0)
    assert book.ask("select distinct value_status from official.kpi_value") == [("ok",)]
    assert book.ask("select points from official.appraisal_contribution") == [(60,)]


@pytest.mark.parametrize("tables", [ALL], ids=["all"])
def test_the_gate_is_red_where_a_closed_value_differs_and_nothing_is_booked(book: Book) -> None:
    book.night([kpi("E1", 125), kpi("E2", 50)])
    assert book.judged().passed
    with duckdb.connect(str(book.file)) as con:
        con.execute("update official.held_kpi_value set value = 999 where subject_id = 'E2'")
    moved = book.judged()
    assert [(one.rule, one.table) for one in moved.failed] == [
        ("kpi_value_stands", "marts.closed_period"),
        ("kpi_value_differences_are_booked", "marts.closed_period"),
    ]
    # a change that no changed input explains stays unbooked
    book.night([kpi("E1", 125), kpi("E2", 51)], causes=())
    assert [one.rule for one in book.judged().failed] == ["kpi_value_differences_are_booked"]


def test_a_candidate_with_a_closed_period_that_nobody_settled_is_refused(tmp_path: Path) -> None:
    file = warehouse(
        tmp_path / "warehouse.duckdb", {"marts.closed_period": [{"period_type": "year", "period_start": Q1}]}
    )
    verdict = run_gate(file, None, None, only={"marts.closed_period"})
    assert "closed_periods_are_settled" in {one.rule for one in verdict.failed}


@settings(max_examples=4, deadline=None, phases=(Phase.generate,))
@given(nights=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=3))
def test_no_edit_changes_a_closed_row_and_the_ledger_leads_to_what_is_computed(
    tmp_path_factory: pytest.TempPathFactory, nights: list[tuple[int, int]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        book = Book(tmp_path_factory.mktemp("book"), patch)
        book.night([kpi("E1", 1), kpi("E2", 2)])
        for first, second in nights:
            book.night([kpi("E1", first), kpi("E2", second)], causes=("standard change",))
            assert book.published() == {"E1": 1, "E2": 2}
    sums = dict(book.ask("select subject, sum(delta) from marts.restatement where column_name = 'value' group by 1"))
    assert [sums.get("E1", 0), sums.get("E2", 0)] == [nights[-1][0] - 1, nights[-1][1] - 2]
