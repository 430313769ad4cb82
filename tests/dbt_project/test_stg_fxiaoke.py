"""Staging of Fxiaoke: a company shown by the sandbox is, through connector, landing and dbt, that company again.

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
from connectors.fxiaoke import FxiaokeConfig, FxiaokeConnector
from connectors.landing import Landing, SyncOptions, sync
from connectors.landing.packages import SYNC_LOG, parquet_scan
from connectors.sandbox.chinese import stage_name
from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.fxiaoke import (
    APP_ID,
    APP_SECRET,
    DEMO_CRM,
    PERMANENT_CODE,
    FxiaokeDb,
    fxiaoke_app,
    fxiaoke_id,
)
from connectors.sandbox.fxiaoke_db import user_id
from connectors.sandbox.fxiaoke_truth import ADMIN_ID
from connectors.sandbox.generate import generate
from connectors.sandbox.server import Sandbox
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
    "payment",
]
CHANGED = datetime(2026, 2, 2, 17, 0, tzinfo=UTC)
ROLES = {
    "account": {
        "registry_id": "field_registry__c",
        "postal_code": "field_postcode__c",
        "other_names": "field_othername__c",
        "birth_date": "field_birth__c",
    },
    "case": {
        "first_response_at": "field_first__c",
        "reopened_count": "field_reopened__c",
        "satisfaction": "field_csat__c",
    },
    "quote": {"status": "field_quotestate__c", "valid_until": "field_validuntil__c"},
    "contract": {
        "status": "field_contractstate__c",
        "starts_on": "field_startson__c",
        "ends_on": "field_endson__c",
    },
}


@dataclass(frozen=True)
class Staged:
    """A built warehouse with the truth it came from; deals, people and departments that changed, by vendor id."""

    company: BenchmarkCompany
    warehouse: Path
    dead_deal: str
    handed_over: str
    rated_case: str
    mover: str
    leaver: str
    stopped_department: str

    def rows(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.warehouse), read_only=True) as con:
            return con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staged]:
    work = tmp_path_factory.mktemp("stg_fxiaoke")
    company = generate("tiny")
    app = fxiaoke_app(company)
    db: FxiaokeDb = app.state.db
    db.departments.append({"id": 4711, "name": "spare", "parentId": 999999, "isStop": False, "order": 99})
    keep_orders(db, company)
    with Sandbox(app) as box:
        config = FxiaokeConfig.model_validate(
            {"url": box.url, "app_id": APP_ID, "app_secret": APP_SECRET, "permanent_code": PERMANENT_CODE}
            | {"user_id": ADMIN_ID, "person_record_types": ["person__c"], "roles": ROLES}
            | {"confirmed_order_statuses": ["已生效"]}
            | {"limits": {"requests_per_minute": 6_000_000}}
        )
        assert not sync(FxiaokeConnector(config), "crm", work).failed
        changes = change(db, company)
        assert not sync(FxiaokeConnector(config), "crm", work, SyncOptions(full=True)).failed
    warehouse = work / "warehouse.duckdb"
    prepare(warehouse, {}, {"company": [{**COMPANY, "as_of_date": company.as_of}]})
    show_landing(warehouse, Landing(work))
    done = build(warehouse, work, "--select", "staging.fxiaoke")
    assert done.returncode == 0, done.stdout[-3000:]
    yield Staged(company, warehouse, *changes)


def keep_orders(db: FxiaokeDb, company: BenchmarkCompany) -> None:
    """An order of one line that counts, one that does not yet, and money for the first."""
    party = next(one for one in company.parties if one.crm_name)
    common = {"account_id": fxiaoke_id("AccountObj", party.key), "mc_currency": "CNY"}
    day = int(datetime(2026, 1, 4, 16, tzinfo=UTC).timestamp() * 1000)  # midnight of 5 January in China
    for key, status in (("O1", "已生效"), ("O2", "草稿")):
        state = db.option("SalesOrderObj", "order_status", status)
        db.create("SalesOrderObj", key, name=key, order_amount="120.25", order_time=day, order_status=state, **common)
    order = fxiaoke_id("SalesOrderObj", "O1")
    product = fxiaoke_id("ProductObj", company.products[0].code)
    db.create("SalesOrderProductObj", "I1", order_id=order, product_id=product, quantity="2", subtotal="120.25")
    db.create("PaymentObj", "P1", order_id=order, payment_amount="100.00", payment_time=day, **common)


def change(db: FxiaokeDb, company: BenchmarkCompany) -> tuple[str, str, str, str, str, str]:
    """A deal is invalidated, one handed over, a case rated; a person moves, one is stopped, a department too."""
    dead, handed = (fxiaoke_id("NewOpportunityObj", deal.key) for deal in company.opportunities[:2])
    rated = fxiaoke_id("CasesObj", company.cases[0].key)
    seated = [
        one.values for one in db.people.values() if one.values.get("mainDepartmentId") and not one.values["isStop"]
    ]
    mover, leaver = seated[-1], seated[-2]
    db.invalidate(dead, at=CHANGED)
    db.update(handed, at=CHANGED, owner=[mover["openUserId"]])
    db.update(rated, at=CHANGED, field_csat__c="4")
    mover["mainDepartmentId"] = next(one["id"] for one in db.departments if one["id"] != mover["mainDepartmentId"])
    leaver["isStop"] = True
    db.departments[-1]["isStop"] = True
    return dead, handed, rated, mover["openUserId"], leaver["openUserId"], "4711"


def show_landing(warehouse: Path, landing: Landing) -> None:
    """Put what landed into the (empty) landing tables of a prepared warehouse."""
    declared = yaml.safe_load((PROJECT / "models/staging/fxiaoke/_fxiaoke__sources.yml").read_text("utf-8"))
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


def plain(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=None) if moment else None


def account(key: str | None) -> str | None:
    return fxiaoke_id("AccountObj", key) if key else None


def deal_id(key: str | None) -> str | None:
    return fxiaoke_id("NewOpportunityObj", key) if key else None


@pytest.mark.parametrize("entity", ENTITIES)
def test_columns_are_the_contract_and_what_staging_adds(staged: Staged, entity: str) -> None:
    found = [row[0] for row in staged.rows(f"describe staging.stg_fxiaoke__{entity}")]
    ended = ["ended_load_id"] if entities()[entity].versioned else []
    assert found == [*(column.name for column in entities()[entity].columns), "is_deleted", *ended]


@pytest.mark.parametrize("entity", ENTITIES)
def test_required_columns_are_filled_and_keys_unique(staged: Staged, entity: str) -> None:
    required = [column.name for column in entities()[entity].columns if column.required]
    empty = " or ".join(f"{name} is null" for name in required)
    relation = f"staging.stg_fxiaoke__{entity}"
    assert staged.rows(f"select * from {relation} where not is_deleted and ({empty})") == []
    period = ", valid_from" if entity == "org_unit" else ""
    repeated = f"select source_key from {relation} group by source_system, source_key{period} having count(*) > 1"
    assert staged.rows(repeated) == []
    assert staged.rows(f"select count(*) > 0 from {relation}") == [(True,)]


def test_customers_are_the_crms_parties(staged: Staged) -> None:
    found = by_key(
        staged.rows(
            "select source_key, customer_name, tax_id, registry_id, email, phone, website, country, province, city, "
            "street, postal_code, owner_employee_key, created_date, parent_record_key, other_names, party_type, "
            "birth_date from staging.stg_fxiaoke__customer_record"
        )
    )
    assert found == {
        account(party.key): (
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
            user_id(party.owner_number or ""),
            party.created,
            account(party.parent_key),
            party.other_names,
            party.party_type,
            party.birth_date.isoformat() if party.birth_date else None,
        )
        for party in staged.company.parties
        if party.crm_name
    }


def test_opportunities_are_the_truth_and_invalidated_ones_are_deleted(staged: Staged) -> None:
    found = by_key(
        staged.rows(
            "select source_key, status, amount, currency, created_date, closed_date, expected_close_date, probability, "
            "stage, is_deleted from staging.stg_fxiaoke__opportunity"
        )
    )
    probability = {"won": Decimal(1), "lost": Decimal(0), "open": Decimal("0.5")}
    assert found == {
        deal_id(deal.key): (
            deal.status,
            deal.amount,
            deal.currency,
            deal.created,
            deal.closed,
            deal.closed or deal.expected_close,
            probability[deal.status],
            stage_name(deal.stages[-1].stage),
            deal_id(deal.key) == staged.dead_deal,
        )
        for deal in staged.company.opportunities
    }


def test_orders_and_payments_kept_in_the_crm_count_as_configured(staged: Staged) -> None:
    assert staged.rows(
        "select order_number, status, order_date, currency, net_amount from staging.stg_fxiaoke__sales_order order by 1"
    ) == [
        ("O1", "confirmed", date(2026, 1, 5), "CNY", Decimal("120.25")),
        ("O2", "draft", date(2026, 1, 5), "CNY", Decimal("120.25")),
    ]
    (line,) = staged.rows("select order_key, quantity, net_amount from staging.stg_fxiaoke__sales_order_line")
    assert line == (fxiaoke_id("SalesOrderObj", "O1"), Decimal(2), Decimal("120.25"))
    (paid,) = staged.rows("select status, payment_date, currency, amount from staging.stg_fxiaoke__payment")
    assert paid == ("posted", date(2026, 1, 5), "CNY", Decimal(100))


def test_quotes_and_contracts_are_the_truth(staged: Staged) -> None:
    found = staged.rows(f"select {benchmark_rows.CONTRACT_COLUMNS} from staging.stg_fxiaoke__contract")
    assert by_key(found) == benchmark_rows.contracts(staged.company, DEMO_CRM.record_id)
    owners = staged.rows("select contract_number, owner_employee_key from staging.stg_fxiaoke__contract")
    assert dict(owners) == {one.number: user_id(one.owner_number) for one in staged.company.contracts}


def test_stage_stays_are_contiguous_and_the_truth(staged: Staged) -> None:
    found = staged.rows("select opportunity_key, stage, entered_at, left_at from staging.stg_fxiaoke__stage_event")
    expected = [
        (deal_id(deal.key), stage_name(stay.stage), plain(stay.entered_at), plain(stay.left_at))
        for deal in staged.company.opportunities
        for stay in deal.stages
    ]
    assert sorted(found, key=lambda row: row[:1] + row[2:3]) == sorted(expected, key=lambda row: row[:1] + row[2:3])


def test_a_stay_belongs_to_who_owned_the_deal_then(staged: Staged) -> None:
    deal = staged.company.opportunities[1]
    stays = f"staging.stg_fxiaoke__stage_event where opportunity_key = '{staged.handed_over}'"
    assert staged.rows(f"select distinct owner_employee_key from {stays}") == [(user_id(deal.owner_number),)]
    today = f"select owner_employee_key from staging.stg_fxiaoke__opportunity where source_key = '{staged.handed_over}'"
    assert staged.rows(today) == [(staged.mover,)]


def test_activities_are_the_truth(staged: Staged) -> None:
    found = by_key(
        staged.rows(
            "select subject || ' ' || activity_date, activity_type, status, employee_key, customer_record_key, "
            "opportunity_key from staging.stg_fxiaoke__activity"
        )
    )
    assert found == {
        f"{item.subject} {item.activity_date}": (
            item.activity_type,
            item.status,
            user_id(item.employee_number),
            account(item.party_key),
            deal_id(item.opportunity_key),
        )
        for item in staged.company.activities
    }


def test_leads_cases_products_and_contacts_are_the_truth(staged: Staged) -> None:
    leads = staged.rows(
        "select source_key, status, source_channel, created_date, converted_date, converted_opportunity_key "
        "from staging.stg_fxiaoke__lead"
    )
    assert by_key(leads) == {
        fxiaoke_id("LeadsObj", lead.key): (
            lead.status,
            lead.channel,
            lead.created,
            lead.converted,
            deal_id(lead.opportunity_key),
        )
        for lead in staged.company.leads
    }
    cases = staged.rows(
        "select case_number, status, priority, opened_at, closed_at, first_response_at, reopened_count "
        "from staging.stg_fxiaoke__service_case"
    )
    assert by_key(cases) == {
        case.number: (
            case.status,
            case.priority,
            plain(case.opened_at),
            plain(case.closed_at),
            plain(case.first_response_at),
            case.reopened_count,
        )
        for case in staged.company.cases
    }
    products = staged.rows("select product_code, product_name, category from staging.stg_fxiaoke__product")
    assert by_key(products) == {item.code: (item.name, item.category) for item in staged.company.products}
    contacts = staged.rows("select customer_record_key, email from staging.stg_fxiaoke__contact")
    known = [one for one in staged.company.parties if one.crm_name and one.crm_email and one.party_type != "person"]
    assert by_key(contacts) == {account(party.key): (party.crm_email,) for party in known}


def test_a_rated_case_is_an_answer_of_its_customer(staged: Staged) -> None:
    (found,) = staged.rows(
        "select case_key, metric, score, scale_max, respondent_type, customer_record_key "
        "from staging.stg_fxiaoke__survey_response"
    )
    party = staged.company.cases[0].party_key
    assert found == (staged.rated_case, "csat", Decimal(4), Decimal(5), "customer", account(party))


def test_moves_and_stops_hold_from_the_day_a_sync_noticed_them(staged: Staged) -> None:
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    days = {today, today - timedelta(days=1)}  # the fixture may have run before midnight
    assert staged.rows("select distinct left_date from staging.stg_fxiaoke__employee where left_date is not null")
    ((left,),) = staged.rows(
        f"select left_date from staging.stg_fxiaoke__employee where source_key = '{staged.leaver}'"
    )
    assert left in days
    postings = staged.rows(
        "select valid_from, valid_to from staging.stg_fxiaoke__assignment "
        f"where employee_key = '{staged.mover}' order by 1"
    )
    assert len(postings) == 2 and postings[0][1] == postings[1][0] and postings[0][1] in days
    assert postings[1][1] == date(9999, 12, 31)
    periods = staged.rows(
        "select valid_from, valid_to from staging.stg_fxiaoke__org_unit "
        f"where source_key = '{staged.stopped_department}'"
    )
    assert len(periods) == 1 and periods[0][0] == date(1900, 1, 1) and periods[0][1] in days
