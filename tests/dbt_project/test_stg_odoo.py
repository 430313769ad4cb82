"""Staging of Odoo: a company shown by the sandbox is, through connector, landing and dbt, that company again.

The handful of records is landed once; then somebody moves, somebody leaves, an order is deleted and a unit renamed, and
what changed is landed as second versions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
import yaml

from connectors.contracts import entities
from connectors.landing import Landing, SyncOptions, sync
from connectors.landing.packages import SYNC_LOG, parquet_scan
from connectors.odoo import OdooConfig, OdooConnector
from connectors.sandbox.odoo import API_KEY, LOGIN, odoo_app
from connectors.sandbox.odoo_database import OdooDatabase
from connectors.sandbox.server import Sandbox
from tests.connectors.odoo_company import small_company
from tests.dbt_project import straight
from tests.dbt_project.warehouse import COMPANY, PROJECT, prepare

ENTITIES = [
    "org_unit",
    "employee",
    "assignment",
    "customer_record",
    "contact",
    "lead",
    "opportunity",
    "stage_event",
    "activity",
    "product",
    "sales_order",
    "sales_order_line",
    "invoice",
    "invoice_line",
    "payment",
    "exchange_rate",
]
CHANGED = ("employee", "department", "sale_order", "sale_order_line", "invoice")
PEOPLE = ("user", "employee", "department", "crm_team", "crm_team_member")
BUYERS = ("partner", "country", "country_state", "partner_industry", "company", "sale_order", "invoice", "payment")
OPEN = date(9999, 12, 31)
EVER = date(1900, 1, 1)


@dataclass(frozen=True)
class Staged:
    """A built warehouse over two Odoo sources: `erp` has departments (14), `shop` sales teams only (19)."""

    warehouse: Path
    db: OdooDatabase
    shop: OdooDatabase

    def rows(self, columns: str, entity: str, where: str = "not is_deleted", source: str = "erp") -> list[tuple]:
        with duckdb.connect(str(self.warehouse), read_only=True) as con:
            relation = f"staging.stg_odoo__{entity}"
            return con.execute(
                f"select {columns} from {relation} where source_system = '{source}' and {where} order by all"
            ).fetchall()

    def user(self, number: str) -> str:
        return f"user:{self.db.id_of('res.users', number)}"

    def key(self, model: str, key: str) -> str:
        return str(self.db.id_of(model, key))


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staged]:
    work = tmp_path_factory.mktemp("stg_odoo")
    erp, shop = odoo_app(small_company(), version=14, crm=True), odoo_app(small_company(), version=19)
    spare = erp.state.db.create("hr.department", {"name": "Spare"}, key="spare")
    erp.state.db.create("hr.employee", {"name": "Temp", "department_id": spare}, key="temp")
    with Sandbox(erp) as erp_box, Sandbox(shop) as shop_box:
        connector = OdooConnector(OdooConfig(url=erp_box.url, database="erp", login=LOGIN, api_key=API_KEY))
        assert not sync(connector, "erp", work).failed
        change(erp.state.db)
        assert not sync(connector, "erp", work, SyncOptions(CHANGED, full=True, sweep=True)).failed
        make_teams(shop.state.db)
        make_buyers(shop.state.db)
        config = OdooConfig(url=shop_box.url, database="erp", api_key=API_KEY, protocol="json2")
        assert not sync(OdooConnector(config), "shop", work, SyncOptions(PEOPLE + BUYERS)).failed
    warehouse = work / "warehouse.duckdb"
    prepare(warehouse, {}, {"company": [{**COMPANY, "as_of_date": date(2025, 3, 31)}]})
    show_landing(warehouse, Landing(work))
    straight.build(warehouse, *straight.models_of("stg_odoo__"))
    yield Staged(warehouse, erp.state.db, shop.state.db)


def change(db: OdooDatabase) -> None:
    """E2 moves to head office (evening of 9 April UTC, the 10th in Shanghai); a unit is renamed, an order deleted."""
    mover = db.id_of("hr.employee", "E2")
    head_office = db.id_of("hr.department", "HQ")
    db.write("hr.employee", mover, {"department_id": head_office, "write_date": "2025-04-09 20:00:00.000000"})
    db.write(
        "hr.department", db.id_of("hr.department", "N"), {"name": "华北", "write_date": "2025-05-01 02:00:00.000000"}
    )
    db.unlink("sale.order", db.id_of("sale.order", "o3"))
    db.unlink("hr.department", db.id_of("hr.department", "spare"))
    db.unlink("hr.employee", db.id_of("hr.employee", "temp"))
    invoice = db.id_of("account.move", "i1")
    db.write("account.move", invoice, {"payment_state": "paid"})


def make_teams(db: OdooDatabase) -> None:
    """The shop has no departments; E1 leads a team that E2 joined on 1 February and E3 left on 2 February."""
    for employee in db.table("hr.employee").rows.values():
        employee.pop("department_id", None)
    lead, member, leaver = (db.id_of("res.users", number) for number in ("E1", "E2", "E3"))
    team = db.create("crm.team", {"name": "North", "user_id": lead}, "2024-01-01 02:00:00.000000", "team")
    for user in (lead, member):
        values = {"crm_team_id": team, "user_id": user}
        db.create("crm.team.member", values, "2025-02-01 02:00:00.000000")
    values = {"crm_team_id": team, "user_id": leaver, "active": False, "write_date": "2025-02-02 02:00:00.000000"}
    db.create("crm.team.member", values, "2024-03-01 02:00:00.000000")


def make_buyers(db: OdooDatabase) -> None:
    """The shop also knows a branch of a customer, a person at a customer, and a private person who buys."""
    muster = db.id_of("res.partner", "muster")
    branch = db.create("res.partner", {"name": "Muster Hamburg", "is_company": True, "parent_id": muster}, key="branch")
    person = db.create("res.partner", {"name": "Erika Beispiel", "is_company": False, "customer_rank": 1}, key="erika")
    for id in (branch, person):
        db.write("res.partner", id, {"commercial_partner_id": id})
    buyer = {"name": "Max Muster", "is_company": False, "parent_id": muster, "commercial_partner_id": muster}
    db.create("res.partner", buyer, key="max")


def show_landing(warehouse: Path, landing: Landing) -> None:
    """Put what landed into the (empty) landing tables of a prepared warehouse."""
    declared = yaml.safe_load((PROJECT / "models/staging/odoo/_odoo__sources.yml").read_text("utf-8"))
    with duckdb.connect(str(warehouse)) as con:
        for source in ("erp", "shop"):
            for table in declared["sources"][0]["tables"]:
                files = landing.files(source, table["name"])
                if not files:
                    continue
                scan = f"(select *, '{source}' as _source from {parquet_scan(files)})"
                present = {row[0] for row in con.execute(f"describe select * from {scan}").fetchall()}
                declared_columns = [column["name"] for column in table["columns"]]
                names = [*declared_columns, "_source", "_key", "_seq", "_deleted", "_load_id"]
                wanted = ", ".join(name for name in dict.fromkeys(names) if name in present)
                con.execute(f"insert into landing.{table['identifier']} by name select {wanted} from {scan}")
            con.execute(
                "insert into landing.sync_log by name "
                "select source_system, stream, _load_id as load_id, finished_at, status "
                f"from {parquet_scan(landing.files(source, SYNC_LOG))}"
            )


@pytest.mark.parametrize("entity", ENTITIES)
def test_columns_are_the_contract_and_what_staging_adds(staged: Staged, entity: str) -> None:
    with duckdb.connect(str(staged.warehouse), read_only=True) as con:
        found = [row[:2] for row in con.execute(f"describe staging.stg_odoo__{entity}").fetchall()]
    contract = [(column.name, column.data_type.upper().replace(", ", ",")) for column in entities()[entity].columns]
    ended = [("ended_load_id", "VARCHAR")] if entities()[entity].versioned else []
    assert found == [*contract, ("is_deleted", "BOOLEAN"), *ended]


@pytest.mark.parametrize("entity", ENTITIES)
def test_required_columns_are_filled(staged: Staged, entity: str) -> None:
    required = [column.name for column in entities()[entity].columns if column.required]
    empty = " or ".join(f"{name} is null" for name in required)
    assert staged.rows("*", entity, f"not is_deleted and ({empty})") == []
    assert entity == "contact" or staged.rows("*", entity) != []


def test_people_are_users_with_their_badge_and_dates(staged: Staged) -> None:
    columns = "source_key, employee_number, employee_name, email, job_title, hired_date, left_date"
    assert staged.rows(columns, "employee", "source_key like 'user:%'") == [
        (staged.user("E1"), "E1", "王芳", "wang.fang@bench.example", "regional_manager", date(2020, 1, 1), None),
        (staged.user("E2"), "E2", "Li Lei", "li.lei@bench.example", "sales_rep", date(2021, 6, 1), None),
        (
            staged.user("E3"),
            "E3",
            "Zhao Min",
            "zhao.min@bench.example",
            "sales_rep",
            date(2021, 6, 1),
            date(2025, 2, 1),
        ),
    ]


def test_a_move_ends_one_posting_and_begins_the_next(staged: Staged) -> None:
    north, head_office = (f"department:{staged.key('hr.department', code)}" for code in ("N", "HQ"))
    columns = "employee_key, unit_key, role, manager_employee_key, is_primary, valid_from, valid_to"
    boss = staged.user("E1")
    assert staged.rows(columns, "assignment", "employee_key like 'user:%'") == [
        (boss, north, "regional_manager", None, True, date(2020, 1, 1), OPEN),
        (staged.user("E2"), head_office, "sales_rep", boss, True, date(2025, 4, 10), OPEN),
        (staged.user("E2"), north, "sales_rep", boss, True, date(2021, 6, 1), date(2025, 4, 10)),
        (staged.user("E3"), north, "sales_rep", boss, True, date(2021, 6, 1), date(2025, 2, 1)),
    ]


def test_a_renamed_department_has_two_periods(staged: Staged) -> None:
    north, head_office = (f"department:{staged.key('hr.department', code)}" for code in ("N", "HQ"))
    columns = "source_key, unit_name, parent_unit_key, valid_from, valid_to"
    assert staged.rows(columns, "org_unit", "unit_name <> 'Spare'") == [
        (head_office, "总部", None, EVER, OPEN),
        (north, "北区", head_office, EVER, date(2025, 5, 1)),
        (north, "华北", head_office, date(2025, 5, 1), OPEN),
    ]


def test_deleted_people_and_units_end_on_the_day_they_were_missed(staged: Staged) -> None:
    today = {datetime.now(UTC).date(), datetime.now(ZoneInfo(str(COMPANY["time_zone"]))).date()}
    ((left,),) = staged.rows("left_date", "employee", "employee_name = 'Temp'")
    assert left in today
    where = f"employee_key = 'employee:{staged.key('hr.employee', 'temp')}'"
    assert staged.rows("valid_from, valid_to", "assignment", where) == [(EVER, left)]
    assert staged.rows("valid_from, valid_to", "org_unit", "unit_name = 'Spare'") == [(EVER, left)]


def test_without_departments_the_sales_teams_are_the_units(staged: Staged) -> None:
    team = f"team:{staged.shop.id_of('crm.team', 'team')}"
    lead, member, leaver = (f"user:{staged.shop.id_of('res.users', number)}" for number in ("E1", "E2", "E3"))
    assert staged.rows("source_key, unit_name, unit_type", "org_unit", source="shop") == [(team, "North", "team")]
    columns = "employee_key, unit_key, manager_employee_key, valid_from, valid_to"
    assert staged.rows(columns, "assignment", source="shop") == [
        (lead, team, None, date(2025, 2, 1), OPEN),
        (member, team, lead, date(2025, 2, 1), OPEN),
        (leaver, team, lead, date(2024, 3, 1), date(2025, 2, 2)),
    ]


def test_customers_are_the_buying_partners_and_not_staff(staged: Staged) -> None:
    columns = "source_key, customer_name, party_type, tax_id, email, country, province, industry, owner_employee_key"
    shared = ("Beijing", "Manufacturing", staged.user("E2"))
    assert staged.rows(columns, "customer_record") == [
        (
            staged.key("res.partner", "huaxin"),
            "华信科技有限公司",
            "organisation",
            "91110000600007156X",
            "kontakt@huaxin.example",
            "China",
            *shared,
        ),
        (
            staged.key("res.partner", "muster"),
            "Muster GmbH",
            "organisation",
            None,
            "kontakt@muster.example",
            "Germany",
            *shared,
        ),
    ]


def test_customers_bring_what_the_matcher_looks_at(staged: Staged) -> None:
    columns = "customer_name, phone, website, street, postal_code, registry_id, given_name, birth_date, district"
    assert staged.rows(columns, "customer_record")[0] == (
        "Muster GmbH",
        "+86 10 5555 0100",
        "https://muster.example",
        "1 Chang'an Ave",
        "100005",
        None,  # Odoo 14 has no company_registry
        None,
        None,
        None,
    )


def test_branches_and_private_persons_are_customers_and_company_registry_is_the_registry_id(staged: Staged) -> None:
    columns = "customer_name, party_type, parent_record_key, registry_id"
    muster = str(staged.shop.id_of("res.partner", "muster"))
    assert staged.rows(columns, "customer_record", source="shop") == [
        ("Erika Beispiel", "person", None, None),
        ("Muster GmbH", "organisation", None, "HRB 86786"),
        ("Muster Hamburg", "organisation", muster, None),
        ("华信科技有限公司", "organisation", None, None),
    ]


def test_orders_keep_date_currency_and_amount_and_deleted_ones_are_marked(staged: Staged) -> None:
    columns = "order_number, customer_record_key, owner_employee_key, status, order_date, currency, net_amount"
    huaxin, muster = (staged.key("res.partner", name) for name in ("huaxin", "muster"))
    owner = staged.user("E2")
    assert staged.rows(columns, "sales_order") == [
        ("S0001", huaxin, owner, "confirmed", date(2025, 1, 10), "CNY", Decimal("100.40")),
        ("S0002", muster, owner, "confirmed", date(2025, 2, 10), "EUR", Decimal("-50.05")),
    ]
    deleted = staged.rows("source_key", "sales_order", "is_deleted")
    assert deleted == [(staged.key("sale.order", "o3"),)]


def test_returned_lines_name_the_line_they_return(staged: Staged) -> None:
    columns = "source_key, order_key, quantity, net_amount, returned_line_key"
    order, returned = staged.key("sale.order", "o1"), staged.key("sale.order.line", "o1a")
    assert staged.rows(columns, "sales_order_line") == [
        (returned, order, Decimal(2), Decimal("100.10"), None),
        (staged.key("sale.order.line", "o1b"), order, Decimal(1), Decimal("0.30"), None),
        (
            staged.key("sale.order.line", "o2a"),
            staged.key("sale.order", "o2"),
            Decimal(-1),
            Decimal("-50.05"),
            returned,
        ),
    ]


def test_credit_notes_are_negative_and_name_order_and_invoice(staged: Staged) -> None:
    columns = (
        "invoice_number, invoice_type, order_key, reversed_invoice_key, status, invoice_date, net_amount, total_amount"
    )
    order = staged.key("sale.order", "o1")
    total = Decimal("100.40")
    note = Decimal("-50.05")
    assert staged.rows(columns, "invoice") == [
        ("INV/1", "invoice", order, None, "posted", date(2025, 1, 20), total, total),
        (
            "RINV/1",
            "credit_note",
            order,
            staged.key("account.move", "i1"),
            "posted",
            date(2025, 2, 5),
            note,
            note,
        ),
    ]
    assert staged.rows("invoice_key, order_line_key, quantity, net_amount", "invoice_line") == [
        (staged.key("account.move", "i1"), staged.key("sale.order.line", "o1a"), Decimal(2), Decimal("100.10")),
        (staged.key("account.move", "i1"), staged.key("sale.order.line", "o1b"), Decimal(1), Decimal("0.30")),
        (staged.key("account.move", "i2"), staged.key("sale.order.line", "o1a"), Decimal(-1), Decimal("-50.05")),
    ]


def test_payments_name_their_invoice_and_paying_back_is_negative(staged: Staged) -> None:
    columns = "customer_record_key, invoice_key, status, payment_date, currency, amount"
    huaxin = staged.key("res.partner", "huaxin")
    assert staged.rows(columns, "payment") == [
        (huaxin, staged.key("account.move", "i1"), "posted", date(2025, 2, 1), "CNY", Decimal("100.40")),
        (huaxin, staged.key("account.move", "i2"), "posted", date(2025, 2, 8), "CNY", Decimal("-50.05")),
    ]


def test_rates_are_company_currency_for_one_unit(staged: Staged) -> None:
    assert staged.rows("currency, quote_currency, rate_date, rate", "exchange_rate") == [
        ("EUR", "CNY", date(2025, 1, 1), Decimal("7.5")),
        ("EUR", "CNY", date(2025, 3, 1), Decimal("7.8")),
    ]


def test_leads_convert_in_place_and_lost_deals_are_archived(staged: Staged) -> None:
    won, lost = staged.key("crm.lead", "d1"), staged.key("crm.lead", "d2")
    columns = "source_key, status, source_channel, created_date, converted_date, converted_opportunity_key"
    assert staged.rows(columns, "lead") == [
        (won, "converted", "fair", date(2024, 11, 1), date(2024, 12, 1), won),
        (staged.key("crm.lead", "l1"), "open", "web", date(2025, 3, 1), None, None),
    ]
    columns = "source_key, status, stage, amount, currency, created_date, closed_date"
    assert staged.rows(columns, "opportunity") == [
        (won, "won", "Won", Decimal("100.40"), "CNY", date(2024, 12, 1), date(2025, 1, 10)),
        (lost, "lost", "New", Decimal(0), "CNY", date(2025, 1, 5), date(2025, 2, 1)),
    ]


def test_stages_are_left_when_the_next_begins(staged: Staged) -> None:
    won, lost = staged.key("crm.lead", "d1"), staged.key("crm.lead", "d2")
    changed = datetime(2024, 12, 20, 2)
    assert staged.rows("opportunity_key, stage, entered_at::date, left_at", "stage_event") == [
        (won, "New", date(2024, 11, 1), changed),
        (won, "Won", date(2024, 12, 20), None),
        (lost, "New", date(2025, 1, 5), None),
    ]


def test_activities_know_who_when_and_about_whom(staged: Staged) -> None:
    columns = "activity_type, subject, employee_key, customer_record_key, opportunity_key, activity_date, status"
    huaxin, muster = (staged.key("res.partner", name) for name in ("huaxin", "muster"))
    owner: Any = staged.user("E2")
    assert staged.rows(columns, "activity") == [
        ("call", "Call back", owner, muster, None, date(2025, 4, 2), "planned"),
        ("visit", "Site visit", owner, huaxin, staged.key("crm.lead", "d1"), date(2025, 1, 8), "done"),
    ]
