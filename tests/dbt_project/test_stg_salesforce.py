"""Staging of Salesforce: a company shown by the sandbox is, through connector, landing and dbt, that company again.

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
from connectors.salesforce import SalesforceConfig, SalesforceConnector
from connectors.sandbox.company import BenchmarkCompany
from connectors.sandbox.generate import generate
from connectors.sandbox.salesforce import DEMO_CRM, SalesforceDb, salesforce_app, salesforce_id
from connectors.sandbox.server import Sandbox
from tests.dbt_project import benchmark_rows, straight
from tests.dbt_project.warehouse import COMPANY, PROJECT, prepare

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
]
SPARE_ROLE = "spare"
SHANGHAI = ZoneInfo("Asia/Shanghai")
MOVED = datetime(2026, 2, 2, 17, 0, tzinfo=UTC)  # 3 February in Shanghai
LEFT = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
LATER = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Changes:
    """Who and what changed between the syncs, by Salesforce id."""

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
    work = tmp_path_factory.mktemp("stg_salesforce")
    company = generate("tiny")
    app = salesforce_app(company)
    keep_orders(app.state.db)
    app.state.db.get(salesforce_id("Case", company.cases[0].key))["Satisfaction__c"] = 4.0
    app.state.db.create("UserRole", SPARE_ROLE, at=datetime(2024, 1, 1, tzinfo=UTC), Name="spare")
    with Sandbox(app) as box:
        config = SalesforceConfig.model_validate(
            {"login_url": box.url, "client_id": "scoreline", "client_secret": "sandbox-secret"}
            | {"registry_id_field": "Registry_Id__c", "case_first_response_field": "First_Response_At__c"}
            | {"case_reopened_field": "Reopened_Count__c"}
            | {"contract_amount_field": "Amount__c", "contract_opportunity_field": "Opportunity__c"}
            | {"confirmed_order_statuses": ["Activated"]}
            | {"case_satisfaction_field": "Satisfaction__c", "satisfaction_scale": 10}
        )
        assert not sync(SalesforceConnector(config), "crm", work).failed
        changes = change(app.state.db, company)
        changed = SyncOptions(streams=("user", "user_role", "opportunity", "opportunity_field_history"), full=True)
        assert not sync(SalesforceConnector(config), "crm", work, changed).failed
        app.state.db.update(changes.leaver, at=LATER, Title="gone")
        assert not sync(SalesforceConnector(config), "crm", work, SyncOptions(streams=("user",), full=True)).failed
    warehouse = work / "warehouse.duckdb"
    prepare(warehouse, {}, {"company": [{**COMPANY, "as_of_date": company.as_of}]})
    show_landing(warehouse, Landing(work))
    straight.build(warehouse, *straight.models_of("stg_salesforce__"))
    yield Staged(company, changes, warehouse)


def keep_orders(db: SalesforceDb) -> None:
    """An order of two lines, and a reduction order that takes one piece back."""
    account, product = next(db.rows("Account"))["Id"], next(db.rows("Product2"))["Id"]
    common = {"AccountId": account, "CurrencyIsoCode": "CNY", "EffectiveDate": "2026-01-05"}
    order = db.create("Order", "O1", OrderNumber="7", Status="Activated", TotalAmount=120.25, **common)
    back = {"Status": "Draft", "TotalAmount": -50.0, "OriginalOrderId": order, "IsReductionOrder": True}
    reduction = db.create("Order", "O2", OrderNumber="8", **back, **common)
    line = {"Product2Id": product, "CurrencyIsoCode": "CNY"}
    one = db.create(
        "OrderItem",
        "I1",
        OrderId=order,
        OrderItemNumber="0001",
        Quantity=2.0,
        ListPrice=50.25,
        TotalPrice=100.0,
        **line,
    )
    db.create("OrderItem", "I2", OrderId=order, OrderItemNumber="0002", Quantity=1.0, TotalPrice=20.25, **line)
    db.create("OrderItem", "I3", OrderId=reduction, Quantity=-1.0, TotalPrice=-50.0, OriginalOrderItemId=one, **line)


def change(db: SalesforceDb, company: BenchmarkCompany) -> Changes:
    """One person moves, one leaves, one role vanishes, one deal is deleted."""
    users = [row["Id"] for row in db.rows("User") if row["IsActive"] and row["UserRoleId"]]
    mover, leaver = users[-1], users[-2]
    new_role = next(row["Id"] for row in db.rows("UserRole") if row["Id"] != db.get(mover)["UserRoleId"])
    gone_role = salesforce_id("UserRole", SPARE_ROLE)
    deal = salesforce_id("Opportunity", company.opportunities[0].key)
    db.update(mover, at=MOVED, UserRoleId=new_role)
    db.update(leaver, at=LEFT, IsActive=False)
    db.purge(gone_role)
    db.delete(deal, at=MOVED)
    handed = next(one for one in company.opportunities[1:] if len(one.stages) > 2)
    new_owner = next(one.owner_number for one in company.opportunities if one.owner_number != handed.owner_number)
    handed_deal = salesforce_id("Opportunity", handed.key)
    between = handed.stages[2].entered_at - timedelta(hours=1)  # the second stage and the third
    db.update(handed_deal, at=between, OwnerId=salesforce_id("User", new_owner))
    return Changes(mover, leaver, new_role, gone_role, deal, handed_deal)


def show_landing(warehouse: Path, landing: Landing) -> None:
    """Put what landed into the (empty) landing tables of a prepared warehouse."""
    declared = yaml.safe_load((PROJECT / "models/staging/salesforce/_salesforce__sources.yml").read_text("utf-8"))
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
    found = [row[0] for row in staged.rows(f"describe staging.stg_salesforce__{entity}")]
    ended = ["ended_load_id"] if entities()[entity].versioned else []
    assert found == [*(column.name for column in entities()[entity].columns), "is_deleted", *ended]


@pytest.mark.parametrize("entity", ENTITIES)
def test_required_columns_are_filled_and_keys_unique(staged: Staged, entity: str) -> None:
    required = [column.name for column in entities()[entity].columns if column.required]
    empty = " or ".join(f"{name} is null" for name in required)
    relation = f"staging.stg_salesforce__{entity}"
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
            "from staging.stg_salesforce__customer_record"
        )
    )
    assert found == {
        salesforce_id("Account", party.key): (
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
            salesforce_id("User", party.owner_number or ""),
            party.created,
            salesforce_id("Account", party.parent_key) if party.parent_key else None,
            party.other_names,
            party.party_type,
        )
        for party in staged.company.parties
        if party.crm_name
    }


def test_person_accounts_are_private_persons_with_name_parts_and_birth_date(staged: Staged) -> None:
    assert staged.rows(
        "select source_key, customer_name, given_name, family_name, birth_date, email "
        "from staging.stg_salesforce__customer_record where party_type = 'person'"
    ) == [
        (salesforce_id("Account", "C000016"), "林华涛", "华涛", "林", "1951-09-10", "linhuatao1480@126.com"),
    ]


def test_opportunities_are_the_truth_and_deleted_ones_are_marked(staged: Staged) -> None:
    found = by_key(
        staged.rows(
            "select source_key, status, amount, currency, created_date, closed_date, expected_close_date, probability, "
            "stage, is_deleted from staging.stg_salesforce__opportunity"
        )
    )
    probability = {"won": Decimal(1), "lost": Decimal(0), "open": Decimal("0.5")}
    assert found == {
        salesforce_id("Opportunity", deal.key): (
            deal.status,
            deal.amount,
            deal.currency,
            deal.created,
            deal.closed,
            deal.closed or deal.expected_close,
            probability[deal.status],
            deal.stages[-1].stage,
            salesforce_id("Opportunity", deal.key) == staged.changes.dead_deal,
        )
        for deal in staged.company.opportunities
    }


def test_orders_kept_in_the_crm_are_orders_with_their_lines(staged: Staged) -> None:
    assert staged.rows(
        "select order_number, status, order_date, currency, net_amount from staging.stg_salesforce__sales_order "
        "order by 1"
    ) == [
        ("7", "confirmed", date(2026, 1, 5), "CNY", Decimal("120.25")),
        ("8", "draft", date(2026, 1, 5), "CNY", Decimal(-50)),
    ]
    key = {name: salesforce_id("OrderItem", name) for name in ("I1", "I2", "I3")}
    assert by_key(
        staged.rows(
            "select source_key, order_key, line_number, quantity, net_amount, list_amount, returned_line_key "
            "from staging.stg_salesforce__sales_order_line"
        )
    ) == {
        key["I1"]: (salesforce_id("Order", "O1"), 1, Decimal(2), Decimal(100), Decimal("100.5"), None),
        key["I2"]: (salesforce_id("Order", "O1"), 2, Decimal(1), Decimal("20.25"), None, None),
        key["I3"]: (salesforce_id("Order", "O2"), None, Decimal(-1), Decimal(-50), None, key["I1"]),
    }


def test_quotes_and_contracts_are_the_truth(staged: Staged) -> None:
    found = staged.rows(f"select {benchmark_rows.CONTRACT_COLUMNS} from staging.stg_salesforce__contract")
    assert by_key(found) == benchmark_rows.contracts(staged.company, DEMO_CRM.record_id)
    owners = staged.rows("select contract_number, owner_employee_key from staging.stg_salesforce__contract")
    assert dict(owners) == {one.number: salesforce_id("User", one.owner_number) for one in staged.company.contracts}


def test_stage_stays_are_contiguous_and_the_truth(staged: Staged) -> None:
    found = staged.rows(
        "select opportunity_key, stage, entered_at, left_at from staging.stg_salesforce__stage_event order by 1, 3"
    )
    expected = sorted(
        (
            salesforce_id("Opportunity", deal.key),
            stay.stage,
            stay.entered_at.replace(tzinfo=None),
            stay.left_at.replace(tzinfo=None) if stay.left_at else None,
        )
        for deal in staged.company.opportunities
        for stay in deal.stages
    )
    assert sorted(found, key=lambda row: (row[0], row[2])) == sorted(expected, key=lambda row: (row[0], row[2]))


def test_a_stay_has_the_owner_of_its_first_moment(staged: Staged) -> None:
    handed = staged.changes.handed_deal
    deal = next(one for one in staged.company.opportunities if salesforce_id("Opportunity", one.key) == handed)
    ((today,),) = staged.rows(
        f"select owner_employee_key from staging.stg_salesforce__opportunity where source_key = '{handed}'"
    )
    owners = staged.rows(
        "select owner_employee_key from staging.stg_salesforce__stage_event "
        f"where opportunity_key = '{handed}' order by entered_at"
    )
    before = salesforce_id("User", deal.owner_number)
    assert today != before
    assert [owner for (owner,) in owners] == [before, before] + [today] * (len(deal.stages) - 2)


def test_activities_are_the_truth(staged: Staged) -> None:
    found = by_key(
        staged.rows(
            "select subject || ' ' || activity_date, activity_type, status, employee_key, customer_record_key, "
            "opportunity_key from staging.stg_salesforce__activity"
        )
    )
    assert found == {
        f"{item.subject} {item.activity_date}": (
            item.activity_type,
            item.status,
            salesforce_id("User", item.employee_number),
            salesforce_id("Account", item.party_key) if item.party_key else None,
            salesforce_id("Opportunity", item.opportunity_key) if item.opportunity_key else None,
        )
        for item in staged.company.activities
    }


def test_leads_cases_products_and_contacts_are_the_truth(staged: Staged) -> None:
    leads = staged.rows(
        "select source_key, status, source_channel, created_date, converted_date, converted_opportunity_key "
        "from staging.stg_salesforce__lead"
    )
    assert by_key(leads) == {
        salesforce_id("Lead", lead.key): (
            lead.status,
            lead.channel,
            lead.created,
            lead.converted,
            salesforce_id("Opportunity", lead.opportunity_key) if lead.opportunity_key else None,
        )
        for lead in staged.company.leads
    }
    cases = staged.rows(
        "select case_number, status, priority, opened_at, closed_at, first_response_at, reopened_count "
        "from staging.stg_salesforce__service_case"
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
    products = staged.rows("select product_code, product_name, category from staging.stg_salesforce__product")
    assert by_key(products) == {item.code: (item.name, item.category) for item in staged.company.products}
    contacts = staged.rows("select customer_record_key, email from staging.stg_salesforce__contact")
    known = [
        party
        for party in staged.company.parties
        if party.crm_name and party.crm_email and party.party_type == "organisation"
    ]
    assert by_key(contacts) == {salesforce_id("Account", party.key): (party.crm_email,) for party in known}


def test_a_rated_case_is_an_answer_of_its_customer(staged: Staged) -> None:
    (found,) = staged.rows(
        "select case_key, metric, score, scale_max, respondent_type, customer_record_key "
        "from staging.stg_salesforce__survey_response"
    )
    case = staged.company.cases[0]
    keys = salesforce_id("Case", case.key), salesforce_id("Account", case.party_key)
    assert found == (keys[0], "csat", Decimal(4), Decimal(10), "customer", keys[1])


def test_people_leave_on_the_day_a_version_first_shows_it(staged: Staged) -> None:
    left = by_key(staged.rows("select source_key, employee_number, left_date from staging.stg_salesforce__employee"))
    gone = {person.number: person.left for person in staged.company.employees if person.left}
    assert left[staged.changes.leaver][1] == date(2026, 3, 1)
    assert left[staged.changes.mover][1] is None
    assert {
        number: day for number, day in left.values() if number in gone and gone[number] <= staged.company.as_of
    } == {number: day for number, day in gone.items() if day <= staged.company.as_of}


def test_a_transfer_makes_two_postings_and_leaving_ends_one(staged: Staged) -> None:
    rows = staged.rows(
        "select employee_key, unit_key, valid_from, valid_to from staging.stg_salesforce__assignment order by 1, 3"
    )
    moved = [row[1:] for row in rows if row[0] == staged.changes.mover]
    assert moved[0][2] == date(2026, 2, 3) and moved[0][0] != staged.changes.new_role
    assert moved[1:] == [(staged.changes.new_role, date(2026, 2, 3), date(9999, 12, 31))]
    assert [row[3] for row in rows if row[0] == staged.changes.leaver] == [date(2026, 3, 1)]


def test_a_vanished_role_ends_on_the_day_it_was_missed(staged: Staged) -> None:
    periods = staged.rows(
        "select valid_from, valid_to from staging.stg_salesforce__org_unit "
        f"where source_key = '{staged.changes.gone_role}'"
    )
    today = {datetime.now(SHANGHAI).date(), datetime.now(UTC).date()}
    assert len(periods) == 1 and periods[0][0] == date(1900, 1, 1) and periods[0][1] in today
    open_units = staged.rows("select count(*) from staging.stg_salesforce__org_unit where valid_to = date '9999-12-31'")
    alive = [u for u in staged.company.units if u.valid_from <= staged.company.as_of < u.valid_to]
    assert open_units == [(len(alive),)]
