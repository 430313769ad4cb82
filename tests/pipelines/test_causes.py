"""Which inputs belong to which cause: what changed is found in landing and company folder, and taken back in parts."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.restatement.causes import Change, streams_by_cause
from pipelines.restatement.ledger import CAUSES, CODE, CORRECTION, CUSTOMER, LATE, ORG, RATE, STANDARD
from pipelines.warehouse import BuildInputs, gather_inputs, prepare
from tests.pipelines import test_restatement as provoked
from tests.pipelines.closed_company import ClosedCompany, write_closed_company


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClosedCompany]:
    """The closed company after its first sync; nothing is built."""
    company = write_closed_company(tmp_path, monkeypatch)
    company.land()
    yield company


def inputs(company: ClosedCompany) -> BuildInputs:
    loaded = company.loaded()
    return gather_inputs(loaded, company.home.root, loaded.settings.as_of)  # type: ignore[arg-type]


def change(old: BuildInputs, new: BuildInputs, is_new_code: bool = False) -> Change:
    return Change(old, new, streams_by_cause(new.company), is_new_code)


def orders(company: ClosedCompany, chosen: BuildInputs) -> dict[str, str]:
    """Latest amount of each order line that a build on these inputs would see."""
    file = company.home.root / "other" / "warehouse.duckdb"
    prepare(file, chosen)
    with duckdb.connect(str(file), read_only=True) as con:
        return dict(con.execute("select line_id, amount from landing.books__lines where not _deleted").fetchall())


def test_streams_belong_to_the_cause_of_what_they_hold(company: ClosedCompany) -> None:
    assert streams_by_cause(company.loaded()) == {
        ("books", "unit"): ORG,
        ("books", "staff"): ORG,
        ("books", "posting"): ORG,
        ("books", "customer"): CUSTOMER,
        ("books", "rate"): RATE,
    }


def test_nothing_changed_means_no_cause(company: ClosedCompany) -> None:
    before = inputs(company)
    company.land()
    assert change(before, inputs(company)).causes == ()
    company.write(
        "company.yaml", (company.company.folder / "company.yaml").read_text() + "gate: {max_shrink_pct: 20}\n"
    )
    assert change(before, inputs(company)).causes == ()
    assert change(before, inputs(company), is_new_code=True).causes == (CODE,)


def test_each_change_is_seen_as_its_cause(company: ClosedCompany) -> None:
    for cause, provoke in provoked.PROVOKED.items():
        before = inputs(company)
        provoke(company)
        company.land()
        found = change(before, inputs(company), is_new_code=company.code == "c2").causes
        # a CSV file that changed lands whole, so its known rows have been landed again
        assert found == ((LATE, CORRECTION) if cause == LATE else (cause,)), cause


@pytest.mark.slow  # three warehouses
def test_late_records_are_taken_back_before_corrections(company: ClosedCompany) -> None:
    before = inputs(company)
    provoked.late_records(company)
    provoked.corrected_line(company)
    company.land()
    found = change(before, inputs(company))

    now, on_time, as_it_was = (orders(company, found.without(taken)) for taken in ((), (LATE,), (LATE, CORRECTION)))
    assert (now["O99-1"], now["O00-1"]) == ("1000.50", "150.25")
    assert ("O99-1" in on_time, on_time["O00-1"]) == (False, "150.25")
    assert ("O99-1" in as_it_was, as_it_was["O00-1"]) == (False, "100.25")


def test_taking_everything_back_gives_the_old_inputs(company: ClosedCompany) -> None:
    before = inputs(company)
    for provoke in provoked.PROVOKED.values():
        provoke(company)
    company.land()
    now = inputs(company)
    back = change(before, now).without(CAUSES)
    assert (back.files, back.without_new_keys) == (before.files, frozenset())
    assert (back.company.standards, back.company.decisions) == (before.company.standards, before.company.decisions)
    kept = change(before, now).without([STANDARD])
    assert (kept.files, kept.company.standards) == (now.files, before.company.standards)
