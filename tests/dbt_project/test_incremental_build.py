"""A night's build that makes anew only what may have changed ends where a full build of the same records ends."""

import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.generate import generate
from tests.dbt_project import benchmark_rows, straight, warehouse
from tests.dbt_project.benchmark_standards import FIRST, SECOND
from tests.dbt_project.test_benchmark import LIFECYCLE

Rows = dict[str, list[dict[str, Any]]]
pytestmark = pytest.mark.slow  # two builds for each kind of change; the fast test of it is the third run of the road
NO_TESTS = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
LAST_WEEK = 7


@pytest.fixture(scope="module")
def company() -> BenchmarkCompany:
    return generate("tiny")


@pytest.fixture(scope="module")
def yesterday(company: BenchmarkCompany, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The warehouse as the last build left it: a week ago."""
    rows = _until(benchmark_rows.mapped(company), _before(company))
    yield _last_build(tmp_path_factory.mktemp("yesterday"), rows, company)


def test_a_week_of_new_records_rebuilds_its_months_alone(
    company: BenchmarkCompany, yesterday: Path, tmp_path: Path
) -> None:
    rows = benchmark_rows.mapped(company)

    file = _assert_equal_to_a_full_build(yesterday, tmp_path, rows, _config(company))

    with duckdb.connect(str(file), read_only=True) as connection:
        rebuilt = connection.execute("select first_day from core.rebuilt_third order by 1").fetchall()
        months = connection.execute("select count(*) from core.int_period where period_type = 'month'").fetchall()
    # the month of the week and, for what was returned or paid late, none before
    assert rebuilt[0][0] >= _before(company).replace(day=1)
    assert len(rebuilt) < months[0][0] / 2


def _lines_corrected(rows: Rows) -> None:
    for line in rows["sales_order_line"][5::40]:
        line["net_amount"] += Decimal("7.01")
    for line in rows["sales_order_line"][9::40]:
        line["quantity"] = Decimal(3)


def _orders_moved_and_deleted(rows: Rows) -> None:
    autumn = date(2025, 9, 1)  # earlier orders decide who is a new customer in every month after
    confirmed = [one for one in rows["sales_order"] if one["status"] == "confirmed" and one["order_date"] >= autumn]
    confirmed[3]["order_date"] += timedelta(days=70)
    confirmed[10]["status"] = "cancelled"
    gone = confirmed[20]["source_key"]
    rows["sales_order"] = [order for order in rows["sales_order"] if order["source_key"] != gone]
    rows["sales_order_line"] = [line for line in rows["sales_order_line"] if line["order_key"] != gone]


def _owners_changed(rows: Rows) -> None:
    owners = sorted({order["owner_employee_key"] for order in rows["sales_order"] if order["owner_employee_key"]})
    for order in rows["sales_order"][::25]:
        order["owner_employee_key"] = owners[0]
    for record in rows["customer_record"][::10]:
        record["owner_employee_key"] = None


def _people_moved(rows: Rows) -> None:
    posting = next(one for one in rows["assignment"] if one["role"] == "sales_rep" and one["valid_to"].year == 9999)
    other = next(
        one for one in rows["assignment"] if one["role"] == "sales_rep" and one["unit_key"] != posting["unit_key"]
    )
    moved = {**posting, "source_key": "moved", "unit_key": other["unit_key"], "valid_from": date(2025, 8, 12)}
    rows["assignment"].append(moved)
    posting["valid_to"] = moved["valid_from"]


def _unit_moved(rows: Rows) -> None:
    parents = [unit["parent_unit_key"] for unit in rows["org_unit"] if unit["parent_unit_key"]]
    unit = next(one for one in reversed(rows["org_unit"]) if one["parent_unit_key"] not in (None, parents[0]))
    rows["org_unit"].append(
        {**unit, "source_key": "moved", "parent_unit_key": parents[0], "valid_from": date(2025, 9, 15)}
    )
    unit["valid_to"] = date(2025, 9, 15)


def _rates_and_costs_changed(rows: Rows) -> None:
    rows["exchange_rate"][len(rows["exchange_rate"]) // 2]["rate"] *= 2
    rows["product"][0]["standard_cost"] = Decimal("1.5")


def _targets_changed(rows: Rows) -> None:
    first = next(target for target in rows["target"] if target["subject_type"] == "employee")
    changed = {**first, "source_key": "changed", "version": first["version"] + 1, "effective_date": date(2025, 12, 1)}
    rows["target"].append({**changed, "target_value": first["target_value"] + 1, "reason": "new region"})


def _customers_become_one(rows: Rows) -> None:
    erp = [one for one in rows["customer_record"] if one["source_system"] == "erp" and one.get("registry_id")]
    for column in ("registry_id", "tax_id", "customer_name", "email", "phone"):
        erp[1][column] = erp[0][column]


def _payments_and_invoices_changed(rows: Rows) -> None:
    rows["payment"] = rows["payment"][3:]
    rows["invoice"][4]["invoice_date"] += timedelta(days=40)
    rows["invoice_line"][2]["net_amount"] += 5


def _order_billed_in_another_month_has_another_owner(rows: Rows) -> None:
    order = _billed_later(rows)
    order["owner_employee_key"] = _other_owner(rows, order)


def _order_that_a_later_note_takes_back_has_another_owner(rows: Rows) -> None:
    invoices = {invoice["source_key"]: invoice for invoice in rows["invoice"]}
    reversed_keys = {
        note["reversed_invoice_key"]
        for note in rows["invoice"]
        if note["reversed_invoice_key"]
        and _month(note, "invoice") > _month(invoices[note["reversed_invoice_key"]], "invoice")
    }
    order_key = next(invoices[key]["order_key"] for key in sorted(reversed_keys) if invoices[key]["order_key"])
    order = next(order for order in rows["sales_order"] if order["source_key"] == order_key)
    order["owner_employee_key"] = _other_owner(rows, order)


def _selling_changed(rows: Rows) -> None:
    for deal in rows["opportunity"][::9]:
        deal["amount"] = (deal["amount"] or 0) + Decimal(500)
    rows["activity"] = rows["activity"][:-50]
    rows["lead"] = rows["lead"][1:]
    rows["stage_event"] = rows["stage_event"][:-20]


def _nothing_sold_before_summer(rows: Rows) -> None:
    gone = {order["source_key"] for order in rows["sales_order"] if order["order_date"] < date(2025, 6, 1)}
    rows["sales_order"] = [order for order in rows["sales_order"] if order["source_key"] not in gone]
    rows["sales_order_line"] = [line for line in rows["sales_order_line"] if line["order_key"] not in gone]


CHANGES: tuple[Callable[[Rows], None], ...] = (
    _lines_corrected,
    _orders_moved_and_deleted,
    _owners_changed,
    _people_moved,
    _unit_moved,
    _rates_and_costs_changed,
    _targets_changed,
    _customers_become_one,
    _payments_and_invoices_changed,
    _order_billed_in_another_month_has_another_owner,
    _order_that_a_later_note_takes_back_has_another_owner,
    _selling_changed,
    _nothing_sold_before_summer,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_whatever_changed_ends_where_a_full_build_ends(
    company: BenchmarkCompany, yesterday: Path, tmp_path: Path, change: Callable[[Rows], None]
) -> None:
    rows = deepcopy(_until(benchmark_rows.mapped(company), _before(company)))
    change(rows)

    _assert_equal_to_a_full_build(yesterday, tmp_path, rows, _config(company, LAST_WEEK - 1))


def test_an_order_that_lands_after_its_invoice_takes_part_in_it(company: BenchmarkCompany, tmp_path: Path) -> None:
    rows = _until(benchmark_rows.mapped(company), _before(company))
    late = _billed_later(rows)["source_key"]
    without = {
        **rows,
        "sales_order": [order for order in rows["sales_order"] if order["source_key"] != late],
        "sales_order_line": [line for line in rows["sales_order_line"] if line["order_key"] != late],
    }
    yesterday = _last_build(tmp_path, without, company)

    _assert_equal_to_a_full_build(yesterday, tmp_path, rows, _config(company, LAST_WEEK - 1))


def _assert_equal_to_a_full_build(yesterday: Path, work: Path, rows: Rows, config: Rows) -> Path:
    tonight, anew = (work / name / warehouse.WAREHOUSE for name in ("tonight", "anew"))
    for file in (tonight, anew):
        file.parent.mkdir()
    shutil.copy(yesterday, tonight)
    warehouse.refill(tonight, rows, config)
    shutil.copy(tonight, anew)
    done = warehouse.build(tonight, tonight.parent, *NO_TESTS)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    straight.build(anew)
    found, wanted = _contents(tonight), _contents(anew)
    assert found.keys() == wanted.keys()
    assert {name for name in wanted if found[name] != wanted[name]} == set()
    with duckdb.connect(str(tonight), read_only=True) as connection:
        rebuilt, periods = (
            connection.execute(f"select count(*) from core.{name}").fetchall()[0][0]
            for name in ("rebuilt_metric_period", "int_period")
        )
    assert 0 < rebuilt <= periods
    return tonight


def _last_build(folder: Path, rows: Rows, company: BenchmarkCompany) -> Path:
    """A warehouse as a build of a week ago left it."""
    file = folder / warehouse.WAREHOUSE
    warehouse.prepare(file, rows, _config(company, LAST_WEEK))
    straight.build(file)
    return file


def _billed_later(rows: Rows) -> dict[str, Any]:
    """An order of one owner all of whose invoices are of later months than the order."""
    split = {share["order_key"] for share in rows["credit_split"]}
    for order in rows["sales_order"]:
        invoices = [invoice for invoice in rows["invoice"] if invoice["order_key"] == order["source_key"]]
        owned = order["owner_employee_key"] and not {order["source_key"], order["order_number"]} & split
        if owned and invoices and all(_month(invoice, "invoice") > _month(order, "order") for invoice in invoices):
            return order
    raise LookupError("the company has no order that is billed in a later month")


def _other_owner(rows: Rows, order: dict[str, Any]) -> str:
    owners = {other["owner_employee_key"] for other in rows["sales_order"] if other["owner_employee_key"]}
    return min(owners - {order["owner_employee_key"]})


def _month(document: dict[str, Any], kind: str) -> date:
    day: date = document[f"{kind}_date"]
    return day.replace(day=1)


def _contents(file: Path) -> dict[str, tuple[int, int | None]]:
    """Rows and order-free content of every table a model makes; sums kept beside a table are those of its rows."""
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() "
            "where schema_name in ('canonical', 'core', 'marts')"
        ).fetchall()
        names = {name for (name,) in tables}
        kept = {name for name in names if name.endswith("__part")}
        for name in kept:
            of_rows = f"select count(*), sum(hash(*columns(*))) from {name.removesuffix('__part')}"
            assert connection.execute(f"select coalesce(sum(row_count), 0), sum(content) from {name}").fetchall() == (
                connection.execute(of_rows).fetchall()
            ), name
        return {
            name: connection.execute(f"select count(*), sum(hash(record)) from {name} as record").fetchall()[0]
            for name in names - kept
        }


def _config(company: BenchmarkCompany, days_ago: int = 0) -> Rows:
    """The company folder as it reads some days before the company's last day."""
    earlier = replace(company, as_of=company.as_of - timedelta(days=days_ago))
    return benchmark_rows.config(earlier, FIRST, SECOND) | {"customer_lifecycle": [LIFECYCLE]}


def _before(company: BenchmarkCompany) -> date:
    return company.as_of - timedelta(days=LAST_WEEK)


def _until(rows: Rows, day: date) -> Rows:
    """What there was to land by that day: documents and activities dated later are left out, with their lines."""
    dated = {"sales_order": "order_date", "invoice": "invoice_date", "payment": "payment_date"}
    dated |= {"activity": "activity_date", "lead": "created_date"}
    kept = dict(rows)
    for entity, column in dated.items():
        kept[entity] = [row for row in rows[entity] if row[column] is None or row[column] <= day]
    for lines, entity, key in [
        ("sales_order_line", "sales_order", "order_key"),
        ("invoice_line", "invoice", "invoice_key"),
    ]:
        known = {(row["source_system"], row["source_key"]) for row in kept[entity]}
        kept[lines] = [row for row in rows[lines] if (row["source_system"], row[key]) in known]
    return kept
