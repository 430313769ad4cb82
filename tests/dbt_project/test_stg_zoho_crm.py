"""Staging of Zoho CRM: a company shown by the sandbox is, through connector, landing and dbt, that company again.

The generated company is landed once; a few records then change, and are landed again as second versions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
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
from connectors.sandbox import demo_company
from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.generate import generate
from connectors.sandbox.server import Sandbox
from connectors.sandbox.zoho_crm import CLIENT_SECRET, DEMO_CRM, REFRESH_TOKEN, zoho_crm_app
from connectors.sandbox.zoho_crm_db import ZohoCrmDb, zoho_id
from connectors.zoho_crm import ZohoCrmConfig, ZohoCrmConnector
from tests.dbt_project import benchmark_rows
from tests.dbt_project.warehouse import COMPANY, PROJECT, build, prepare

ENTITIES = [
    "org_unit",
    "employee",
    "assignment",
    "customer_record",
    "contact",
    "lead",
    "opportunity",
    "contract",
    "stage_event",
    "activity",
    "product",
    "service_case",
    "survey_response",
    "sales_order",
    "sales_order_line",
    "invoice",
    "invoice_line",
]
SPARE_ROLE = "spare"
SHANGHAI = ZoneInfo("Asia/Shanghai")
MOVED = datetime(2026, 2, 2, 17, 0, tzinfo=UTC)  # 3 February in Shanghai
LEFT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
LATER = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Changes:
    """Who and what changed between the syncs, by Zoho id."""

    mover: str
    leaver: str
    new_role: str
    gone_role: str
    dead_deal: str
    handed_deal: str


@dataclass(frozen=True)
class Staged:
    """A built warehouse with the truth it came from."""

    company: BenchmarkCompany
    changes: Changes
    warehouse: Path

    def rows(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.warehouse), read_only=True) as con:
            return con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staged]:
    work = tmp_path_factory.mktemp("stg_zoho_crm")
    company = generate("tiny")
    app = zoho_crm_app(company)
    db = app.state.db
    db.create("Roles", SPARE_ROLE, at=datetime(2024, 1, 1, tzinfo=UTC), name="spare", reporting_to=None)
    order_documents(db)
    db.tables["Cases"][zoho_id("Cases", company.cases[0].key)]["Satisfaction"] = 4
    with Sandbox(app) as box:
        config = settings(box)
        assert not sync(ZohoCrmConnector(config), "crm", work).failed
        changes = change(db, company)
        assert not sync(ZohoCrmConnector(config), "crm", work).failed
        assert not sync(ZohoCrmConnector(config), "crm", work, SyncOptions(streams=("user",), full=True)).failed
        db.update("Users", changes.leaver, at=LATER, profile={"id": "1", "name": "gone"})
        assert not sync(ZohoCrmConnector(config), "crm", work, SyncOptions(streams=("user",), full=True)).failed
    warehouse = work / "warehouse.duckdb"
    prepare(warehouse, {}, {"company": [{**COMPANY, "as_of_date": company.as_of}]})
    show_landing(warehouse, Landing(work))
    done = build(warehouse, work, "--select", "staging.zoho_crm")
    assert done.returncode == 0, done.stdout[-3000:]
    yield Staged(company, changes, warehouse)


def settings(box: Sandbox) -> ZohoCrmConfig:
    """The connection of the demo's source file, to this sandbox; orders and invoices count."""
    file = demo_company.CRM_TEMPLATES / "zoho_crm" / "sources" / "crm.yaml"
    connection = yaml.safe_load(file.read_text("utf-8"))["connection"]
    return ZohoCrmConfig.model_validate(
        {
            **connection,
            "accounts_url": box.url,
            "client_secret": CLIENT_SECRET,
            "refresh_token": REFRESH_TOKEN,
            "confirmed_order_statuses": ["Approved"],
            "posted_invoice_statuses": ["Sent"],
            "columns": {
                **connection["columns"],
                "case": {**connection["columns"]["case"], "satisfaction": "Satisfaction"},
            },
            "satisfaction_scale": 10,
        }
    )


def item(key: str, product: str, quantity: int, total: float, discount: float) -> dict[str, Any]:
    return {
        "id": key,
        "Product_Name": {"id": product, "name": "P"},
        "Quantity": quantity,
        "List_Price": total / quantity,
        "Total": total,
        "Discount": discount,
        "Total_After_Discount": total - discount,
        "Sequence_Number": 1,
    }


def order_documents(db: ZohoCrmDb) -> None:
    """An order of two lines and the invoice of it."""
    product = next(db.rows("Products"))["id"]
    account = next(db.rows("Accounts"))["id"]
    lines = [item("L1", product, 2, 100.5, 0.5), item("L2", product, 1, 20.25, 0)]
    common = {"Account_Name": account, "Currency": "CNY", "Sub_Total": 120.25, "Discount": 0.0, "Grand_Total": 135.88}
    order = db.create("Sales_Orders", "O1", at=MOVED, **common, Status="Approved", SO_Number="7", Ordered_Items=lines)
    billed = {"Invoice_Number": "9", "Invoice_Date": "2026-02-05", "Due_Date": "2026-03-05", "Sales_Order": order}
    db.create("Invoices", "I1", at=MOVED, **common, **billed, Status="Sent", Invoiced_Items=lines[:1])


def change(db: ZohoCrmDb, company: BenchmarkCompany) -> Changes:
    """One person moves, one leaves, one role vanishes, one deal is deleted, one line is taken out of an order."""
    users = [row["id"] for row in db.rows("Users") if row["status"] == "active" and row["role"]]
    mover, leaver = users[-1], users[-2]
    new_role = next(row["id"] for row in db.rows("Roles") if row["id"] != db.tables["Users"][mover]["role"])
    gone_role = zoho_id("Roles", SPARE_ROLE)
    deal = zoho_id("Deals", company.opportunities[0].key)
    db.update("Users", mover, at=MOVED, role=new_role)
    db.update("Users", leaver, at=LEFT, status="disabled")
    db.forget("Roles", gone_role)
    db.delete("Deals", deal, at=datetime.now(UTC))
    handed = next(one for one in company.opportunities[1:] if len(one.stages) > 2)
    new_owner = next(
        number for number in (one.owner_number for one in company.opportunities) if number != handed.owner_number
    )
    # between the second stage and the third
    at = handed.stages[2].entered_at - timedelta(hours=1)
    db.update("Deals", zoho_id("Deals", handed.key), at=at, Owner=zoho_id("Users", new_owner))
    db.tables["Deals"][zoho_id("Deals", handed.key)]["Modified_Time"] = datetime.now(UTC).replace(microsecond=0)
    order = zoho_id("Sales_Orders", "O1")
    kept = db.tables["Sales_Orders"][order]["Ordered_Items"][:1]
    db.update("Sales_Orders", order, at=datetime.now(UTC), Ordered_Items=kept, Sub_Total=100.0)
    return Changes(mover, leaver, new_role, gone_role, deal, zoho_id("Deals", handed.key))


def show_landing(warehouse: Path, landing: Landing) -> None:
    """Put what landed into the (empty) landing tables of a prepared warehouse."""
    declared = yaml.safe_load((PROJECT / "models/staging/zoho_crm/_zoho_crm__sources.yml").read_text("utf-8"))
    with duckdb.connect(str(warehouse)) as con:
        for table in declared["sources"][0]["tables"]:
            scan = f"(select *, 'crm' as _source from {parquet_scan(landing.files('crm', table['name']))})"
            present = {row[0] for row in con.execute(f"describe select * from {scan}").fetchall()}
            names = ", ".join(column["name"] for column in table["columns"] if column["name"] in present)
            con.execute(f"insert into landing.{table['identifier']} by name select {names} from {scan}")
        con.execute(
            "insert into landing.sync_log by name "
            "select source_system, stream, _load_id as load_id, finished_at, status "
            f"from {parquet_scan(landing.files('crm', SYNC_LOG))}"
        )


def by_key(rows: list[tuple]) -> dict[Any, tuple]:
    found = {row[0]: row[1:] for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.mark.parametrize("entity", ENTITIES)
def test_columns_are_the_contract_and_what_staging_adds(staged: Staged, entity: str) -> None:
    found = [row[0] for row in staged.rows(f"describe staging.stg_zoho_crm__{entity}")]
    ended = ["ended_load_id"] if entities()[entity].versioned else []
    assert found == [*(column.name for column in entities()[entity].columns), "is_deleted", *ended]


@pytest.mark.parametrize("entity", ENTITIES)
def test_required_columns_are_filled_and_keys_unique(staged: Staged, entity: str) -> None:
    required = [column.name for column in entities()[entity].columns if column.required]
    empty = " or ".join(f"{name} is null" for name in required)
    relation = f"staging.stg_zoho_crm__{entity}"
    assert staged.rows(f"select * from {relation} where not is_deleted and ({empty})") == []
    period = ", valid_from" if entity == "org_unit" else ""
    repeated = f"select source_key from {relation} group by source_system, source_key{period} having count(*) > 1"
    assert staged.rows(repeated) == []
    assert staged.rows(f"select count(*) > 0 from {relation}") == [(True,)]


def test_customers_are_the_crms_parties(staged: Staged) -> None:
    found = by_key(
        staged.rows(
            "select source_key, customer_name, tax_id, registry_id, email, phone, website, country, province, city, "
            "street, postal_code, owner_employee_key, created_date, parent_record_key, other_names, party_type "
            "from staging.stg_zoho_crm__customer_record"
        )
    )
    assert found == {
        zoho_id("Accounts", party.key): (
            party.crm_name,
            party.crm_tax_id,
            party.registry_id,
            party.crm_email,
            party.crm_phone or party.phone,
            party.website,
            party.country,
            party.province,
            party.city,
            party.crm_street or party.street,
            party.crm_postal_code or party.postal_code,
            zoho_id("Users", party.owner_number or ""),
            party.created,
            zoho_id("Accounts", party.parent_key) if party.parent_key else None,
            party.other_names,
            party.party_type,
        )
        for party in staged.company.parties
        if party.crm_name
    }


def test_accounts_of_private_persons_have_name_parts_and_birth_date(staged: Staged) -> None:
    assert staged.rows(
        "select source_key, customer_name, given_name, family_name, birth_date, email "
        "from staging.stg_zoho_crm__customer_record where party_type = 'person'"
    ) == [
        (zoho_id("Accounts", "C000016"), "林华涛", "华涛", "林", "1951-09-10", "linhuatao1480@126.com"),
    ]


def test_opportunities_are_the_truth_and_deleted_ones_are_marked(staged: Staged) -> None:
    found = by_key(
        staged.rows(
            "select source_key, status, amount, currency, created_date, closed_date, expected_close_date, probability, "
            "stage from staging.stg_zoho_crm__opportunity where not is_deleted"
        )
    )
    probability = {"won": Decimal(1), "lost": Decimal(0), "open": Decimal("0.5")}
    assert found == {
        zoho_id("Deals", deal.key): (
            deal.status,
            deal.amount,
            deal.currency,
            deal.created,
            deal.closed,
            deal.closed or deal.expected_close,
            probability[deal.status],
            deal.stages[-1].stage,
        )
        for deal in staged.company.opportunities
        if zoho_id("Deals", deal.key) != staged.changes.dead_deal
    }
    deleted = staged.rows("select source_key from staging.stg_zoho_crm__opportunity where is_deleted")
    assert deleted == [(staged.changes.dead_deal,)]


def test_quotes_and_contracts_are_the_truth(staged: Staged) -> None:
    found = staged.rows(f"select {benchmark_rows.CONTRACT_COLUMNS} from staging.stg_zoho_crm__contract")
    assert by_key(found) == benchmark_rows.contracts(staged.company, DEMO_CRM.record_id)
    owners = staged.rows("select contract_number, owner_employee_key from staging.stg_zoho_crm__contract")
    assert dict(owners) == {one.number: zoho_id("Users", one.owner_number) for one in staged.company.contracts}


def test_stage_stays_are_contiguous_and_the_truth(staged: Staged) -> None:
    found = staged.rows(
        "select opportunity_key, stage, entered_at, left_at from staging.stg_zoho_crm__stage_event where not is_deleted"
    )
    expected = sorted(
        (
            zoho_id("Deals", deal.key),
            stay.stage,
            stay.entered_at.replace(tzinfo=None),
            stay.left_at.replace(tzinfo=None) if stay.left_at else None,
        )
        for deal in staged.company.opportunities
        for stay in deal.stages
        if zoho_id("Deals", deal.key) != staged.changes.dead_deal
    )
    assert sorted(found, key=lambda row: (row[0], row[2])) == sorted(expected, key=lambda row: (row[0], row[2]))


def test_a_stay_has_the_owner_of_its_first_moment(staged: Staged) -> None:
    deal = next(one for one in staged.company.opportunities if zoho_id("Deals", one.key) == staged.changes.handed_deal)
    today = staged.rows(
        "select owner_employee_key from staging.stg_zoho_crm__opportunity "
        f"where source_key = '{staged.changes.handed_deal}'"
    )[0][0]
    before = zoho_id("Users", deal.owner_number)
    owners = staged.rows(
        "select owner_employee_key from staging.stg_zoho_crm__stage_event "
        f"where opportunity_key = '{staged.changes.handed_deal}' order by entered_at"
    )
    assert today != before
    assert [owner for (owner,) in owners] == [before, before] + [today] * (len(deal.stages) - 2)


def test_orders_and_invoices_have_the_lines_of_their_latest_version(staged: Staged) -> None:
    assert staged.rows(
        "select order_number, status, order_date, currency, net_amount from staging.stg_zoho_crm__sales_order"
    ) == [("7", "confirmed", date(2026, 2, 3), "CNY", Decimal("100"))]
    assert staged.rows(
        "select source_key, line_number, quantity, net_amount, list_amount from staging.stg_zoho_crm__sales_order_line"
    ) == [("L1", 1, Decimal(2), Decimal("100"), Decimal("100.5"))]
    assert staged.rows(
        "select invoice_number, status, invoice_date, due_date, net_amount, total_amount "
        "from staging.stg_zoho_crm__invoice"
    ) == [("9", "posted", date(2026, 2, 5), date(2026, 3, 5), Decimal("120.25"), Decimal("135.88"))]
    assert staged.rows("select source_key, net_amount from staging.stg_zoho_crm__invoice_line") == [
        ("L1", Decimal("100"))
    ]


def test_activities_are_the_truth(staged: Staged) -> None:
    found = by_key(
        staged.rows(
            "select subject || ' ' || activity_date, activity_type, status, employee_key, customer_record_key, "
            "opportunity_key from staging.stg_zoho_crm__activity"
        )
    )
    assert found == {
        f"{item.subject} {item.activity_date}": (
            item.activity_type,
            item.status,
            zoho_id("Users", item.employee_number),
            zoho_id("Accounts", item.party_key) if item.party_key else None,
            zoho_id("Deals", item.opportunity_key) if item.opportunity_key else None,
        )
        for item in staged.company.activities
    }


def test_leads_cases_products_and_contacts_are_the_truth(staged: Staged) -> None:
    leads = staged.rows(
        "select source_key, status, source_channel, created_date, converted_date, converted_opportunity_key "
        "from staging.stg_zoho_crm__lead"
    )
    assert by_key(leads) == {
        zoho_id("Leads", lead.key): (
            lead.status,
            lead.channel,
            lead.created,
            lead.converted,
            zoho_id("Deals", lead.opportunity_key) if lead.opportunity_key else None,
        )
        for lead in staged.company.leads
    }
    cases = staged.rows(
        "select case_number, status, priority, opened_at, closed_at, first_response_at, reopened_count "
        "from staging.stg_zoho_crm__service_case"
    )
    assert by_key(cases) == {
        case.number: (
            case.status,
            case.priority,
            case.opened_at.replace(tzinfo=None),
            case.closed_at.replace(tzinfo=None) if case.closed_at else None,
            case.first_response_at.replace(tzinfo=None) if case.first_response_at else None,
            case.reopened_count,
        )
        for case in staged.company.cases
    }
    products = staged.rows("select product_code, product_name, category from staging.stg_zoho_crm__product")
    assert by_key(products) == {item.code: (item.name, item.category) for item in staged.company.products}
    contacts = staged.rows("select customer_record_key, email from staging.stg_zoho_crm__contact")
    known = [
        party
        for party in staged.company.parties
        if party.crm_name and party.crm_email and party.party_type == "organisation"
    ]
    assert by_key(contacts) == {zoho_id("Accounts", party.key): (party.crm_email,) for party in known}


def test_a_rated_case_is_an_answer_of_its_customer(staged: Staged) -> None:
    (found,) = staged.rows(
        "select case_key, metric, score, scale_max, respondent_type, customer_record_key "
        "from staging.stg_zoho_crm__survey_response"
    )
    case = staged.company.cases[0]
    keys = zoho_id("Cases", case.key), zoho_id("Accounts", case.party_key)
    assert found == (keys[0], "csat", Decimal(4), Decimal(10), "customer", keys[1])


def test_people_leave_on_the_day_a_version_first_shows_it(staged: Staged) -> None:
    left = by_key(staged.rows("select source_key, employee_number, left_date from staging.stg_zoho_crm__employee"))
    gone = {person.number: person.left for person in staged.company.employees if person.left}
    assert left[staged.changes.leaver][1] == date(2026, 3, 1)
    assert left[staged.changes.mover][1] is None
    assert {
        number: day for number, day in left.values() if number in gone and gone[number] <= staged.company.as_of
    } == {number: day for number, day in gone.items() if day <= staged.company.as_of}


def test_a_transfer_makes_two_postings_and_leaving_ends_one(staged: Staged) -> None:
    rows = staged.rows(
        "select employee_key, unit_key, valid_from, valid_to from staging.stg_zoho_crm__assignment order by 1, 3"
    )
    moved = [row[1:] for row in rows if row[0] == staged.changes.mover]
    assert moved[0][2] == date(2026, 2, 3) and moved[0][0] != staged.changes.new_role
    assert moved[1:] == [(staged.changes.new_role, date(2026, 2, 3), date(9999, 12, 31))]
    assert [row[3] for row in rows if row[0] == staged.changes.leaver] == [date(2026, 3, 1)]


def test_a_vanished_role_ends_on_the_day_it_was_missed(staged: Staged) -> None:
    periods = staged.rows(
        "select valid_from, valid_to from staging.stg_zoho_crm__org_unit "
        f"where source_key = '{staged.changes.gone_role}'"
    )
    today = {datetime.now(SHANGHAI).date(), datetime.now(UTC).date()}
    assert len(periods) == 1 and periods[0][0] == date(1900, 1, 1) and periods[0][1] in today
    open_units = staged.rows("select count(*) from staging.stg_zoho_crm__org_unit where valid_to = date '9999-12-31'")
    alive = [u for u in staged.company.units if u.valid_from <= staged.company.as_of < u.valid_to]
    assert open_units == [(len(alive),)]
