"""What Zoho CRM does that others do not: data centres, fifty fields a call, page tokens, timelines, credits."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette

from connectors.base import ConfigurationError, SourceError, TransientError, Window
from connectors.landing import SyncOptions, sync
from connectors.sandbox.server import Fault, Sandbox, Seen
from connectors.sandbox.zoho_crm import CLIENT_SECRET, REFRESH_TOKEN, zoho_crm_app
from connectors.sandbox.zoho_crm_db import ZohoCrmDb, zoho_id
from connectors.zoho_crm import ZohoCrmConfig, ZohoCrmConnector, readers
from connectors.zoho_crm.modules import modules_of
from tests.connectors.salesforce_company import LI, WANG, tiny_company

ACCOUNT, DEAL = zoho_id("Accounts", "C1"), zoho_id("Deals", "D1")
NOW = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def app() -> Starlette:
    return zoho_crm_app(tiny_company())


@pytest.fixture
def db(app: Starlette) -> ZohoCrmDb:
    return app.state.db


@pytest.fixture
def box(app: Starlette) -> Iterator[Sandbox]:
    with Sandbox(app) as running:
        yield running


@pytest.fixture
def waits() -> list[float]:
    return []


def config(box: Sandbox | None = None, **settings: Any) -> ZohoCrmConfig:
    where = {"accounts_url": box.url} if box else {}
    usual = {"client_id": "scoreline", "client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN}
    return ZohoCrmConfig.model_validate({**where, **usual, **settings})


@pytest.fixture
def connect(box: Sandbox, waits: list[float]) -> Any:
    return lambda **settings: ZohoCrmConnector(config(box, **settings), sleep=waits.append)


def rows(connector: ZohoCrmConnector, name: str, since: datetime | None = None) -> list[dict[str, Any]]:
    stream = next(stream for stream in connector.streams() if stream.name == name)
    pages = list(connector.read(stream, Window(since, NOW)))
    return pa.concat_tables(pages).to_pylist() if pages else []


def queries(box: Sandbox, module: str) -> list[str]:
    asked = [json.loads(seen.body)["select_query"] for seen in box.seen if seen.path.endswith("/coql")]
    return [query for query in asked if f" from {module} " in query]


def envelope(status: int, code: str, **fault: Any) -> Fault:
    body = json.dumps({"code": code, "details": {}, "message": "told", "status": "error"}).encode()
    return Fault("status", status=status, body=body, **fault)


def on_query(seen: Seen) -> bool:
    return seen.path.endswith("/coql")


# -- where and as whom -----------------------------------------------------------------------------


def test_an_account_without_a_data_centre_is_refused() -> None:
    with pytest.raises(ValidationError, match="data_center is missing: one of us, eu, in, cn"):
        config()
    assert config(data_center="cn").accounts == "https://accounts.zoho.com.cn"


def test_a_column_of_ones_own_must_be_one_that_has_a_meaning() -> None:
    with pytest.raises(ValidationError, match=r"account has no column taxid to be named here; expected: .*tax_id"):
        config(data_center="eu", columns={"account": {"taxid": "Tax_Id"}})


def test_a_sandbox_edition_is_reached_under_its_own_name(box: Sandbox, connect: Any) -> None:
    answer = {"access_token": "1000.other", "api_domain": "https://www.zohoapis.invalid", "expires_in": 3600}
    box.faults.append(Fault("status", status=200, body=json.dumps(answer).encode()))
    health = connect(environment="sandbox").check()
    assert not health.ok and "https://sandbox.zohoapis.invalid/crm/v8/org" in health.message


def test_connectors_of_one_process_share_a_token(box: Sandbox, connect: Any) -> None:
    assert [connect().check().ok for _ in range(12)] == [True] * 12
    assert [seen.path for seen in box.seen].count("/oauth/v2/token") == 1


def test_a_token_that_ended_is_replaced_and_a_new_one_refused_is_told(
    box: Sandbox, db: ZohoCrmDb, connect: Any
) -> None:
    connector = connect()
    assert connector.check().ok
    db.expire_tokens()
    assert connector.check().ok
    db.calls_per_token = 0
    health = connector.check()
    assert not health.ok and "INVALID_TOKEN" in health.message and "check data_center" in health.message


def test_ten_tokens_per_ten_minutes_are_told(box: Sandbox, db: ZohoCrmDb, connect: Any, waits: list[float]) -> None:
    db.tokens_given = [time.monotonic()] * 10
    with pytest.raises(TransientError, match="ten tokens per ten minutes; try again in ten minutes"):
        connect().now()
    assert waits == []


def test_another_data_centre_is_told(db: ZohoCrmDb, connect: Any) -> None:
    db.foreign = True
    with pytest.raises(ConfigurationError, match=r"INVALID_HOST.*another data centre: correct data_center"):
        connect().now()


def test_what_the_profile_may_not_see_is_told_per_stream(db: ZohoCrmDb, connect: Any) -> None:
    db.hidden = {"Cases": frozenset("*"), "Deals": frozenset({"Amount"}), "Leads": frozenset({"Website"})}
    health = connect().check()
    assert health.ok and set(health.stream_problems) == {"case", "deal"}
    assert health.stream_problems["deal"].startswith("Deals does not show Amount: give the profile")
    assert connect(exclude_fields={"deal": ["Amount"]}).check().stream_problems.keys() == {"case"}
    with pytest.raises(ConfigurationError, match=r"Amount.*a sync without them would land wrong numbers"):
        rows(connect(), "deal")


# -- what lands ------------------------------------------------------------------------------------


def test_a_record_lands_with_every_field_typed(connect: Any, db: ZohoCrmDb) -> None:
    db.update("Accounts", ACCOUNT, at=NOW, Lines_of_Business=["泵", "Ü"], Annual_Revenue=0.1, Employees=12)
    row = next(
        row for row in rows(connect(columns={"account": {"tax_id": "Tax_Id"}}), "account") if row["id"] == ACCOUNT
    )
    assert row["modified_time"] == NOW and row["_deleted"] is False
    assert (row["lines_of_business"], row["employees"]) == ('["泵","Ü"]', 12)
    assert row["annual_revenue"] == Decimal("0.1")
    assert (row["owner_id"], row["parent_account_id"], row["tax_id"]) == (
        zoho_id("Users", WANG),
        None,
        "91310000MA1K00001A",
    )
    assert not {"territories", "record_image", "owner"} & row.keys()


@pytest.mark.parametrize("lists", [[], ["*"]])
def test_more_fields_than_a_call_may_name_are_read_in_parts(
    box: Sandbox, db: ZohoCrmDb, connect: Any, lists: list[str]
) -> None:
    for number in range(100):
        db.add_field("Accounts", f"Extra_{number}")
    db.update("Accounts", ACCOUNT, at=NOW, Extra_0="first", Extra_99="last")
    landed = {row["id"]: row for row in rows(connect(list_streams=lists), "account")}
    assert (landed[ACCOUNT]["extra_0"], landed[ACCOUNT]["extra_99"], landed[ACCOUNT]["modified_time"]) == (
        "first",
        "last",
        NOW,
    )
    assert len(landed) == 2
    if not lists:
        assert [query.count(",") for query in queries(box, "Accounts")] == [
            49,
            49,
            queries(box, "Accounts")[2].count(","),
        ]


@pytest.mark.parametrize("lists", [[], ["*"]])
def test_what_is_deleted_between_the_parts_is_left_out(
    box: Sandbox, db: ZohoCrmDb, connect: Any, lists: list[str]
) -> None:
    for number in range(60):
        db.add_field("Accounts", f"Extra_{number}")
    data = [f"/crm/v8/{'Accounts' if lists else 'coql'}"]
    calls: list[Seen] = []

    def second_part(seen: Seen) -> bool:
        calls.extend([seen] if seen.path in data else [])
        return seen.path in data and len(calls) == 2

    box.faults.append(Fault("act", action=lambda: db.delete("Accounts", ACCOUNT), applies=second_part))
    assert [row["id"] for row in rows(connect(list_streams=lists), "account")] == [zoho_id("Accounts", "C2")]


def test_the_same_moment_in_another_offset_is_no_news(tmp_path: Path, db: ZohoCrmDb, connect: Any) -> None:
    assert sync(connect(), "crm", tmp_path).landed_rows > 20
    db._zone = UTC
    again = sync(connect(), "crm", tmp_path)
    assert (again.failed, again.landed_rows) == ([], 0)


def test_amounts_without_a_currency_have_the_accounts_own(db: ZohoCrmDb, connect: Any) -> None:
    db.hidden["Deals"] = frozenset({"Currency", "Exchange_Rate"})
    assert {row["currency"] for row in rows(connect(), "deal")} == {"CNY"}
    assert {row["currency"] for row in rows(connect(default_currency="EUR"), "deal")} == {"EUR"}


def test_converted_leads_land_with_their_deal(connect: Any) -> None:
    for lists in ([], ["lead"]):
        landed = {row["full_name"]: row for row in rows(connect(list_streams=lists), "lead")}
        assert landed["询价一"]["is_converted"] is True and landed["询价一"]["converted_deal_id"] == DEAL
        assert landed["询价二"]["is_lost"] is True and landed["询价二"]["converted_at"] is None


def test_stages_tell_their_outcome_unless_the_configuration_knows_better(db: ZohoCrmDb, connect: Any) -> None:
    told = {row["actual_value"]: row["outcome"] for row in rows(connect(), "deal_stage")}
    assert told == {"Prospecting": "open", "Quoted": "open", "Won": "won"}
    better = rows(connect(won_stages=["Quoted"], lost_stages=["Prospecting"]), "deal_stage")
    assert {row["actual_value"]: row["outcome"] for row in better} == {
        "Prospecting": "lost",
        "Quoted": "won",
        "Won": "won",
    }


# -- what changed ----------------------------------------------------------------------------------


def test_a_query_asks_for_what_changed_and_goes_on_by_id(box: Sandbox, db: ZohoCrmDb, connect: Any) -> None:
    db.update("Accounts", ACCOUNT, at=NOW)
    since = NOW - timedelta(minutes=1)
    assert [row["id"] for row in rows(connect(), "account", since)] == [ACCOUNT]
    assert queries(box, "Accounts")[0].partition(" where ")[2] == (
        "(id is not null and Modified_Time >= '2026-01-31T23:59:00+00:00') order by id asc limit 2000"
    )
    box.seen.clear()
    first, second = sorted(db.tables["Accounts"])
    assert len(rows(connect(page_size=1), "account")) == 2
    assert [query.partition(" where ")[2] for query in queries(box, "Accounts")] == [
        "id is not null order by id asc limit 1",
        f"id > '{first}' order by id asc limit 1",
    ]
    assert second > first


def test_deletions_arrive_by_their_list_and_what_left_no_trace_by_comparing(
    tmp_path: Path, box: Sandbox, db: ZohoCrmDb, connect: Any
) -> None:
    forgotten = db.create("Contacts", "K9", at=NOW, Full_Name="K9")
    sync(connect(), "crm", tmp_path)
    db.delete("Accounts", ACCOUNT)
    db.forget("Contacts", forgotten)
    box.seen.clear()
    report = {stream.stream: stream for stream in sync(connect(), "crm", tmp_path).streams}
    assert (report["account"].landed_rows, report["account"].deleted_rows, report["account"].live_count) == (1, 0, 1)
    assert (report["contact"].landed_rows, report["contact"].deleted_rows) == (1, 1)
    assert not [query for query in queries(box, "Accounts") if query.startswith("select id from")]
    db.restore("Accounts", ACCOUNT)
    assert sync(connect(), "crm", tmp_path).landed_rows == 1


def test_the_history_of_deals_is_read_for_deals_that_changed(box: Sandbox, db: ZohoCrmDb, connect: Any) -> None:
    db.update("Deals", DEAL, at=NOW, Owner=zoho_id("Users", LI), Amount=5.0)
    told = rows(connect(), "deal_history", NOW)
    assert [(row["field"], row["old_value"], row["new_value"], row["audited_time"].year) for row in told] == [
        ("Owner", "王芳", "李伟", 2026),
        ("Stage", "Quoted", "Won", 2025),
        ("Stage", "Prospecting", "Quoted", 2025),
    ]
    assert [seen.path for seen in box.seen if "__timeline" in seen.path] == [f"/crm/v8/Deals/{DEAL}/__timeline"]
    assert "deal_history" not in {stream.name for stream in connect(history_fields=[]).streams()}


def test_a_deal_that_goes_before_its_timeline_is_read_is_passed_over(box: Sandbox, db: ZohoCrmDb, connect: Any) -> None:
    gone = Fault("act", action=lambda: db.delete("Deals", DEAL), applies=lambda seen: DEAL in seen.path)
    box.faults.append(gone)
    assert {row["deal_id"] for row in rows(connect(), "deal_history")} == set()
    assert gone.times == 0


def test_a_history_that_is_too_long_for_one_budget_is_read_in_several_syncs(
    tmp_path: Path, db: ZohoCrmDb, connect: Any
) -> None:
    account = next(iter(db.tables["Accounts"]))
    for number in range(12):
        deal = db.create(
            "Deals", f"H{number}", at=NOW, Deal_Name=f"H{number}", Account_Name=account, Stage="Prospecting"
        )
        db.update("Deals", deal, at=NOW + timedelta(hours=1), Stage="Quoted")
    told = sum(
        change["api_name"] == "Stage"
        for one in db.timeline.values()
        for entry in one
        for change in entry["field_history"]
    )
    options = SyncOptions(streams=("deal_history",))
    reports = [
        sync(connect(limits={"requests_per_sync": 8, "concurrency": 2}), "crm", tmp_path, options).streams[0]
        for _ in range(8)
    ]
    landed = [report.landed_rows for report in reports]
    assert reports[0].error is not None and "budget of this sync (8 requests" in reports[0].error
    assert reports[-1].error is None and sum(landed) == told and max(landed) < told


# -- lists that break off --------------------------------------------------------------------------


def test_a_list_whose_token_is_lost_goes_on_from_the_last_time_seen(box: Sandbox, db: ZohoCrmDb, connect: Any) -> None:
    ids = [db.create("Contacts", f"K{n}", at=NOW + timedelta(seconds=n // 3), Full_Name=f"K{n}") for n in range(20)]
    lost = Fault("act", times=2, action=db.expire_places, applies=lambda seen: "page_token" in seen.query)
    box.faults.append(lost)
    found = [row["id"] for row in rows(connect(list_streams=["contact"], page_size=5), "contact")]
    assert lost.times == 0 and set(ids) <= set(found) and len(found) > len(set(found))


def test_a_list_that_reaches_its_end_before_the_records_do_is_started_anew(
    db: ZohoCrmDb, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "LIST_REACH", 10)
    db.list_reach = 10
    ids = {db.create("Contacts", f"K{n}", at=NOW + timedelta(seconds=n), Full_Name=f"K{n}") for n in range(35)}
    found = [row["id"] for row in rows(connect(list_streams=["contact"], page_size=5), "contact")]
    assert ids <= set(found)


def test_a_list_that_cannot_get_beyond_one_moment_says_so(
    db: ZohoCrmDb, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "LIST_REACH", 10)
    db.list_reach = 10
    for number in range(35):
        db.create("Contacts", f"K{number}", at=NOW, Full_Name="same moment")
    with pytest.raises(TransientError, match=r"lost 4 times without a step forward.*take it out of list_streams"):
        rows(connect(list_streams=["contact"], page_size=5), "contact")


# -- bad days --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 200])
def test_being_throttled_is_waited_for_by_our_own_rule(
    box: Sandbox, connect: Any, waits: list[float], status: int
) -> None:
    box.faults.append(envelope(status, "TOO_MANY_REQUESTS", times=2, applies=on_query))
    assert len(rows(connect(throttle_wait_seconds=3.5), "account")) == 2
    assert waits == [3.5, 3.5]


def test_credits_that_are_used_up_fail_at_once(db: ZohoCrmDb, connect: Any, waits: list[float]) -> None:
    connector = connect()
    assert connector.check().ok
    db.credits = 0
    with pytest.raises(SourceError, match="API credits are used up; nothing was retried") as caught:
        rows(connector, "account")
    assert not isinstance(caught.value, TransientError) and waits == []


def test_an_error_around_the_first_record_is_an_error(box: Sandbox, connect: Any, waits: list[float]) -> None:
    inner = {"code": "NO_PERMISSION", "details": {}, "message": "permission denied", "status": "error"}
    box.faults.append(Fault("status", status=200, body=json.dumps({"data": [inner]}).encode(), applies=on_query))
    with pytest.raises(ConfigurationError, match=r"NO_PERMISSION: permission denied.*read access|access to the module"):
        rows(connect(), "account")
    assert waits == []


def test_a_field_that_queries_refuse_is_named(db: ZohoCrmDb, connect: Any, box: Sandbox) -> None:
    details = {"column_name": "Odd_One"}
    body = {
        "code": "INVALID_QUERY",
        "details": details,
        "message": "column given seems to be invalid",
        "status": "error",
    }
    box.faults.append(Fault("status", status=400, body=json.dumps(body).encode(), applies=on_query))
    with pytest.raises(
        ConfigurationError, match=r"INVALID_QUERY.*Odd_One.*exclude_fields, or the stream under list_streams"
    ):
        rows(connect(), "account")


def test_no_secret_stands_in_an_error_or_in_the_configuration(box: Sandbox, connect: Any) -> None:
    echo = f"<html>{REFRESH_TOKEN} {CLIENT_SECRET}</html>".encode()
    box.faults.append(Fault("status", status=404, body=echo, applies=on_query))
    with pytest.raises(SourceError) as caught:
        rows(connect(), "account")
    for secret in (REFRESH_TOKEN, CLIENT_SECRET):
        assert secret not in str(caught.value) and secret not in repr(config(box))


def test_every_module_of_the_connector_is_one_of_the_sandbox(db: ZohoCrmDb) -> None:
    modules = modules_of(config(contract_module="Contracts", data_center="cn"))
    assert {module.name for module in modules.values()} == set(db.specs)


def test_contracts_are_a_stream_where_the_account_has_a_module_of_them(connect: Any) -> None:
    columns = {"contract": {"amount": "Contract_Value", "status": "Contract_Status"}}
    assert "contract" not in {stream.name for stream in connect().streams()}
    assert "contract" in {stream.name for stream in connect(contract_module="Contracts", columns=columns).streams()}
    problems = connect(contract_module="Vertraege", columns=columns).check().stream_problems
    assert list(problems) == ["contract"] and "no such module" in problems["contract"]
