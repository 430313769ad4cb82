"""The Zoho CRM sandbox answers as the vendor does, also to a client that nobody here wrote (the vendor's own SDK)."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from starlette.applications import Starlette

from connectors.sandbox.server import Sandbox
from connectors.sandbox.zoho_crm import CLIENT_SECRET, REFRESH_TOKEN, zoho_crm_app
from connectors.sandbox.zoho_crm_db import ZohoCrmDb, zoho_id
from tests.connectors.salesforce_company import WANG, tiny_company

ACCOUNT, DEAL = zoho_id("Accounts", "C1"), zoho_id("Deals", "D1")
API = "/crm/v8"


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


def grant(**changed: str) -> dict[str, str]:
    usual = {"client_id": "scoreline", "client_secret": CLIENT_SECRET, "refresh_token": REFRESH_TOKEN}
    return {**usual, "grant_type": "refresh_token", **changed}


def token(box: Sandbox, **changed: str) -> requests.Response:
    return requests.post(f"{box.url}/oauth/v2/token", data=grant(**changed), timeout=10)


@pytest.fixture
def session(box: Sandbox) -> requests.Session:
    made = requests.Session()
    made.headers["Authorization"] = f"Zoho-oauthtoken {token(box).json()['access_token']}"
    return made


def get(session: requests.Session, box: Sandbox, path: str, **options: Any) -> requests.Response:
    return session.get(box.url + API + path, timeout=10, **options)


def ask(session: requests.Session, box: Sandbox, coql: str) -> requests.Response:
    return session.post(f"{box.url}{API}/coql", json={"select_query": coql}, timeout=10)


# -- tokens ----------------------------------------------------------------------------------------


def test_a_token_is_given_for_parameters_in_form_or_address(box: Sandbox) -> None:
    in_address = requests.post(f"{box.url}/oauth/v2/token", params=grant(), timeout=10).json()
    answer = token(box).json()
    assert (answer["token_type"], answer["expires_in"], answer["api_domain"]) == ("Bearer", 3600, box.url)
    assert in_address["access_token"] != answer["access_token"] and "refresh_token" not in answer


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"client_secret": "x"}, "invalid_client"),
        ({"refresh_token": "x"}, "invalid_code"),
        ({"grant_type": "password"}, "invalid_request"),
    ],
)
def test_a_refused_token_comes_with_http_200(box: Sandbox, changed: dict[str, str], error: str) -> None:
    answer = token(box, **changed)
    assert (answer.status_code, answer.json()) == (200, {"error": error})


def test_the_eleventh_token_within_ten_minutes_is_refused(box: Sandbox) -> None:
    answers = [token(box) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [400]
    assert answers[-1].json()["error"] == "Access Denied"


@pytest.mark.parametrize("authorization", ["Bearer x", "Zoho-oauthtoken x", ""])
def test_a_call_wants_a_token_of_zohos_own_scheme(box: Sandbox, authorization: str) -> None:
    answer = requests.get(f"{box.url}{API}/org", headers={"Authorization": authorization}, timeout=10)
    told = {"code": "INVALID_TOKEN", "details": {}, "message": "invalid oauth token", "status": "error"}
    assert (answer.status_code, answer.json()) == (401, told)


def test_a_foreign_data_centre_and_spent_credits_are_told(
    box: Sandbox, db: ZohoCrmDb, session: requests.Session
) -> None:
    db.foreign = True
    assert get(session, box, "/org").json()["code"] == "INVALID_HOST"
    db.foreign, db.credits = False, 1
    first, second = get(session, box, "/org"), get(session, box, "/org")
    assert (first.status_code, first.headers["X-API-CREDITS-REMAINING"]) == (200, "0")
    assert (second.status_code, second.json()["code"]) == (429, "API_LIMIT_EXCEEDED")


# -- list calls ------------------------------------------------------------------------------------


def test_a_record_shows_lookups_as_objects_and_moments_in_the_users_zone(
    box: Sandbox, session: requests.Session, db: ZohoCrmDb
) -> None:
    asked = {"fields": "Deal_Name,Account_Name,Owner,Created_Time,Amount,Closing_Date,No_Such_Field"}
    answer = get(session, box, "/Deals", params={**asked, "ids": DEAL}).json()
    assert answer["data"] == [
        {
            "id": DEAL,
            "Deal_Name": db.tables["Deals"][DEAL]["Deal_Name"],
            "Account_Name": {"name": "上海一号有限公司", "id": ACCOUNT},
            "Owner": {"name": "王芳", "id": zoho_id("Users", WANG), "email": "wang.fang@example.com"},
            "Created_Time": "2025-03-04T01:30:00+08:00",
            "Amount": 120000.5,
            "Closing_Date": db.tables["Deals"][DEAL]["Closing_Date"],
        }
    ]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "REQUIRED_PARAM_MISSING"),
        ({"fields": ",".join(f"F{number}" for number in range(51))}, "LIMIT_EXCEEDED"),
        ({"fields": "Owner", "per_page": "201"}, "INVALID_DATA"),
        ({"fields": "Owner", "page": "12", "per_page": "200"}, "DISCRETE_PAGINATION_LIMIT_EXCEEDED"),
        ({"fields": "Owner", "page_token": "made up"}, "INVALID_PAGE_TOKEN"),
        ({"fields": "Owner", "sort_by": "Account_Name"}, "INVALID_DATA"),
    ],
)
def test_a_list_call_that_breaks_a_rule_is_refused(
    box: Sandbox, session: requests.Session, parameters: dict[str, str], code: str
) -> None:
    answer = get(session, box, "/Accounts", params=parameters)
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (400, code, "error")


def test_nothing_there_and_nothing_changed_have_no_body(box: Sandbox, session: requests.Session) -> None:
    asked, later = {"fields": "Owner"}, {"If-Modified-Since": "2030-01-01T00:00:00+08:00"}
    nothing, unchanged = (
        get(session, box, "/Sales_Orders", params=asked),
        get(session, box, "/Accounts", params=asked, headers=later),
    )
    assert [(answer.status_code, answer.content) for answer in (nothing, unchanged)] == [(204, b""), (304, b"")]


def test_the_time_of_change_is_compared_inclusively(box: Sandbox, session: requests.Session, db: ZohoCrmDb) -> None:
    stamp = db.stamp(db.tables["Accounts"][ACCOUNT]["Modified_Time"])
    answer = get(session, box, "/Accounts", params={"fields": "Owner"}, headers={"If-Modified-Since": stamp})
    assert ACCOUNT in [row["id"] for row in answer.json()["data"]]


def test_a_page_token_goes_on_behind_the_last_row_whatever_went_meanwhile(
    box: Sandbox, session: requests.Session, db: ZohoCrmDb
) -> None:
    made = datetime(2026, 1, 1, tzinfo=UTC)
    ids = [db.create("Contacts", f"K{n}", at=made + timedelta(seconds=n), Full_Name=f"K{n}") for n in range(6)]
    asked = {"fields": "Full_Name", "per_page": "2", "sort_by": "Modified_Time", "sort_order": "asc"}
    since = {"If-Modified-Since": made.isoformat()}
    first = get(session, box, "/Contacts", params=asked, headers=since).json()
    db.delete("Contacts", ids[0])
    told = first["info"]["next_page_token"]
    second = get(session, box, "/Contacts", params={**asked, "page_token": told}, headers=since).json()
    assert [row["Full_Name"] for row in second["data"]] == ["K2", "K3"]
    assert (second["info"]["more_records"], second["info"]["count"]) == (True, 2)
    other = get(session, box, "/Contacts", params={**asked, "per_page": "3", "page_token": told}, headers=since)
    assert other.json()["code"] == "INVALID_PAGE_TOKEN"


def test_converted_leads_are_listed_when_asked_for(box: Sandbox, session: requests.Session) -> None:
    def listed(**more: str) -> set[str]:
        answer = get(session, box, "/Leads", params={"fields": "Full_Name", **more})
        return {row["Full_Name"] for row in answer.json()["data"]}

    assert listed() == {"询价二"} and listed(converted="true") == {"询价一"}
    assert listed(converted="both") == {"询价一", "询价二"}


# -- queries ---------------------------------------------------------------------------------------


def test_a_query_shows_lookups_by_id_alone(box: Sandbox, session: requests.Session) -> None:
    answer = ask(session, box, f"select Account_Name, Owner from Deals where id = '{DEAL}' limit 5").json()
    owner = {"id": zoho_id("Users", WANG)}
    assert answer == {
        "data": [{"id": DEAL, "Account_Name": {"id": ACCOUNT}, "Owner": owner}],
        "info": {"count": 1, "more_records": False},
    }


@pytest.mark.parametrize(
    ("coql", "code"),
    [
        ("select id from Deals", "SYNTAX_ERROR"),
        ("select id from Deals where id is not null limit 2001", "LIMIT_EXCEEDED"),
        ("select No_Such_Field from Deals where id is not null", "INVALID_QUERY"),
        ("select id from Nothing where id is not null", "INVALID_QUERY"),
        ("select Ordered_Items from Sales_Orders where id is not null", "INVALID_QUERY"),
        ("select id from Deals where Description = 'x'", "INVALID_QUERY"),
        ("select id from Deals where id is not null and Stage is not null and Amount > 1", "SYNTAX_ERROR"),
        (f"select id from Deals where id in ({', '.join(['1'] * 51)})", "LIMIT_EXCEEDED"),
        ("select id from Deals where Modified_Time > 'yesterday'", "INVALID_QUERY"),
    ],
)
def test_a_query_that_breaks_a_rule_is_refused(box: Sandbox, session: requests.Session, coql: str, code: str) -> None:
    answer = ask(session, box, coql)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_query_without_rows_has_no_body(box: Sandbox, session: requests.Session) -> None:
    answer = ask(session, box, "select id from Deals where (Stage = 'x' and (Amount > 1 and Amount < 2))")
    assert (answer.status_code, answer.content) == (204, b"")


# -- deletions, timelines, settings ----------------------------------------------------------------


def test_deletions_are_listed_until_restored(box: Sandbox, session: requests.Session, db: ZohoCrmDb) -> None:
    at = datetime(2026, 2, 11, 8, 21, 30, tzinfo=UTC)
    before = db.tables["Accounts"][ACCOUNT]["Modified_Time"]
    db.delete("Accounts", ACCOUNT, at=at)
    row = get(session, box, "/Accounts/deleted", params={"type": "all"}).json()["data"][0]
    told = {name: row[name] for name in ("id", "display_name", "type", "deleted_time")}
    assert told == {
        "id": ACCOUNT,
        "display_name": "上海一号有限公司",
        "type": "recycle",
        "deleted_time": "2026-02-11T16:21:30+08:00",
    }
    db.purge("Accounts", ACCOUNT, at=at)
    assert get(session, box, "/Accounts/deleted", params={"type": "recycle"}).status_code == 204
    db.restore("Accounts", ACCOUNT)
    assert get(session, box, "/Accounts/deleted").status_code == 204
    assert db.tables["Accounts"][ACCOUNT]["Modified_Time"] == before


def test_a_timeline_tells_changes_of_stage_and_owner_newest_first(
    box: Sandbox, session: requests.Session, db: ZohoCrmDb
) -> None:
    db.update("Deals", DEAL, Owner=zoho_id("Users", "E001"))
    entries = get(session, box, f"/Deals/{DEAL}/__timeline", params={"per_page": "2"}).json()["__timeline"]
    changes = [(one["api_name"], one["_value"]) for entry in entries for one in entry["field_history"]]
    assert changes == [("Owner", {"old": "王芳", "new": "李伟"}), ("Stage", {"old": "Quoted", "new": "Won"})]


def test_a_hidden_module_shows_no_fields(box: Sandbox, session: requests.Session, db: ZohoCrmDb) -> None:
    db.hidden["Cases"] = frozenset("*")
    assert get(session, box, "/settings/fields", params={"module": "Cases"}).status_code == 204
    assert get(session, box, "/Cases", params={"fields": "Owner"}).json()["code"] == "INVALID_MODULE"


# -- the vendor's own client -----------------------------------------------------------------------

SDK = """
import json, sys
from zohocrmsdk.src.com.zoho.api.authenticator import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore
from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, Initializer, ParameterMap, SDKConfig
from zohocrmsdk.src.com.zoho.crm.api.coql import BodyWrapper, CoqlOperations
from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter
from zohocrmsdk.src.com.zoho.crm.api.record import (
    GetDeletedRecordsParam, GetRecordsParam, RecordCountParam, RecordOperations
)
from zohocrmsdk.src.com.zoho.crm.api.roles import RolesOperations
from zohocrmsdk.src.com.zoho.crm.api.timelines import TimelinesOperations
from zohocrmsdk.src.com.zoho.crm.api.users import GetUsersParam, UsersOperations

url, folder, secret, refresh, deal = sys.argv[1:]
Initializer.initialize(
    environment=DataCenter.Environment(url, url + "/oauth/v2/token", url),
    token=OAuthToken(client_id="scoreline", client_secret=secret, refresh_token=refresh),
    store=FileStore(folder + "/tokens.txt"), sdk_config=SDKConfig(), resource_path=folder,
)

def parameters(**values):
    made = ParameterMap()
    for parameter, value in values.pop("of"):
        made.add(parameter, value)
    return made

records = RecordOperations("Deals")
asked = parameters(of=[(GetRecordsParam.fields, "Deal_Name,Stage,Amount,Closing_Date,Owner,Account_Name,Modified_Time"),
    (GetRecordsParam.per_page, 1), (GetRecordsParam.sort_by, "id"), (GetRecordsParam.sort_order, "asc")])
first = records.get_records(asked, HeaderMap()).get_object()
asked.add(GetRecordsParam.page_token, first.get_info().get_next_page_token())
second = records.get_records(asked, HeaderMap()).get_object()
deals = [*first.get_data(), *second.get_data()]

users = UsersOperations().get_users(parameters(of=[(GetUsersParam.type, "AllUsers")]), HeaderMap()).get_object()
roles = RolesOperations().get_roles().get_object()
deleted = RecordOperations("Accounts").get_deleted_records(
    parameters(of=[(GetDeletedRecordsParam.type, "all")]), HeaderMap()).get_object()
count = records.record_count(parameters(of=[])).get_object()
timeline = TimelinesOperations().get_timelines("Deals", deal, parameters(of=[])).get_object()
query = BodyWrapper()
query.set_select_query(f"select Stage, Amount from Deals where id = '{deal}' limit 1")
queried = CoqlOperations().get_records(query).get_object()
empty = RecordOperations("Sales_Orders").get_records(
    parameters(of=[(GetRecordsParam.fields, "Subject")]), HeaderMap())
too_many = parameters(of=[(GetRecordsParam.fields, "Account_Name"), (GetRecordsParam.per_page, 201)])
refused = RecordOperations("Accounts").get_records(too_many, HeaderMap()).get_object()

print(json.dumps({
    "deals": sorted([deal.get_key_value("Deal_Name"), deal.get_key_value("Stage").get_value(),
        deal.get_key_value("Amount"), deal.get_key_value("Owner").get_name(),
        deal.get_key_value("Account_Name").get_key_value("name")] for deal in deals),
    "more": [first.get_info().get_more_records(), second.get_info().get_more_records()],
    "users": sorted(user.get_full_name() for user in users.get_users()),
    "roles": sorted([role.get_name(), role.get_reporting_to().get_name() if role.get_reporting_to() else None]
        for role in roles.get_roles()),
    "deleted": [[str(one.get_id()), one.get_display_name(), one.get_type()] for one in deleted.get_data()],
    "count": count.get_count(),
    "stages": [[one.get_api_name(), one.get_value().get_old(), one.get_value().get_new()]
        for entry in timeline.get_timeline() for one in entry.get_field_history() or []],
    "queried": [[row.get_key_value("Stage").get_value() if hasattr(row.get_key_value("Stage"), "get_value")
        else row.get_key_value("Stage"), row.get_key_value("Amount")] for row in queried.get_data()],
    "empty": empty.get_status_code(),
    "refused": [refused.get_code().get_value(), refused.get_status().get_value()],
}, ensure_ascii=False))
"""


def test_the_vendors_own_sdk_reads_the_sandbox(box: Sandbox, db: ZohoCrmDb, tmp_path: Path) -> None:
    """In a process of its own: the SDK keeps its state in class variables and writes a log where it stands."""
    gone = db.create("Accounts", "gone", Account_Name="退出客户", Owner=zoho_id("Users", WANG))
    db.delete("Accounts", gone)
    script = tmp_path / "read.py"
    script.write_text(SDK, encoding="utf-8")
    command = [sys.executable, str(script), box.url, str(tmp_path), CLIENT_SECRET, REFRESH_TOKEN, DEAL]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    names = sorted(row["Deal_Name"] for row in db.rows("Deals"))
    read = json.loads(done.stdout.splitlines()[-1])
    assert [deal[0] for deal in read["deals"]] == names
    assert ["Won", 120000.5, "王芳", "上海一号有限公司"] in [deal[1:] for deal in read["deals"]]
    assert read["more"] == [True, False]
    assert read["users"] == sorted(["李伟", "王芳", "赵强"])
    assert read["roles"] == sorted([["总部", None], ["华东大区", "总部"]], key=lambda role: role[0])
    assert read["deleted"] == [[gone, "退出客户", "recycle"]]
    assert read["count"] == 2
    assert read["stages"] == [["Stage", "Quoted", "Won"], ["Stage", "Prospecting", "Quoted"]]
    assert read["queried"] == [["Won", 120000.5]]
    assert read["empty"] == 204
    assert read["refused"] == ["INVALID_DATA", "error"]
