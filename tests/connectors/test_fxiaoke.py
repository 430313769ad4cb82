"""What is Fxiaoke's own: both conventions, codes inside HTTP 200, invalidated records, odd values, the change log.

The list every connector passes is the kit's (tests/connectors/kit). A client nobody here wrote, fxiaoke-python, reads
the sandbox as well.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
import requests
from fxiaoke.api import FxiaokeApi
from fxiaoke.baseObj import baseObj
from fxiaoke.op_query import queryObj
from starlette.applications import Starlette

from connectors.base import ConfigurationError, SourceError, Stream, TransientError, Window
from connectors.fxiaoke import FxiaokeConfig, FxiaokeConnector
from connectors.sandbox.fxiaoke import APP_ID, APP_SECRET, CORP_ID, PERMANENT_CODE, FxiaokeDb, fxiaoke_app, fxiaoke_id
from connectors.sandbox.fxiaoke_db import user_id
from connectors.sandbox.fxiaoke_truth import ADMIN, ADMIN_ID
from connectors.sandbox.server import Sandbox
from tests.connectors.salesforce_company import LI, WANG, tiny_company

DEAL = fxiaoke_id("NewOpportunityObj", "D1")
LATER = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
EVERYTHING = Window(None, datetime(2030, 1, 1, tzinfo=UTC))
TOKEN, QUERY = "/cgi/corpAccessToken/get/V2", "/cgi/crm/v2/data/query"


@pytest.fixture
def app() -> Starlette:
    return fxiaoke_app(tiny_company())


@pytest.fixture
def db(app: Starlette) -> FxiaokeDb:
    return app.state.db


@pytest.fixture
def box(app: Starlette) -> Iterator[Sandbox]:
    with Sandbox(app) as running:
        yield running


def connect(box: Sandbox, waits: list[float] | None = None, **settings: Any) -> FxiaokeConnector:
    values = {"url": box.url, "app_id": APP_ID, "app_secret": APP_SECRET, "permanent_code": PERMANENT_CODE}
    values |= {"user_id": ADMIN_ID, "limits": {"requests_per_minute": 6_000_000}, **settings}
    return FxiaokeConnector(FxiaokeConfig.model_validate(values), sleep=(waits if waits is not None else []).append)


def stream(connector: FxiaokeConnector, name: str) -> Stream:
    return next(item for item in connector.streams() if item.name == name)


def rows(connector: FxiaokeConnector, name: str, window: Window = EVERYTHING) -> list[dict[str, Any]]:
    pages = list(connector.read(stream(connector, name), window))
    return pa.concat_tables(pages).to_pylist() if pages else []


def post(box: Sandbox, path: str, **body: Any) -> dict[str, Any]:
    answer = requests.post(box.url + path, json=body, timeout=10)
    assert answer.status_code == 200
    return answer.json()


def session(box: Sandbox) -> dict[str, Any]:
    answer = post(box, TOKEN, appId=APP_ID, appSecret=APP_SECRET, permanentCode=PERMANENT_CODE)
    return {"corpAccessToken": answer["corpAccessToken"], "corpId": answer["corpId"], "currentOpenUserId": ADMIN}


def ask(box: Sandbox, name: str = "NewOpportunityObj", path: str = QUERY, **search: Any) -> dict[str, Any]:
    return post(box, path, **session(box), data={"dataObjectApiName": name, "search_query_info": search})


def test_both_conventions_bring_the_same_records(box: Sandbox) -> None:
    legacy, oauth = connect(box, convention="legacy", user_id=ADMIN), connect(box)
    for name in ("account", "opportunity", "user", "opportunity_change"):
        assert rows(legacy, name) == rows(oauth, name) != []


def test_a_deal_lands_exactly(box: Sandbox) -> None:
    deal = next(row for row in rows(connect(box), "opportunity") if row["id"] == DEAL)
    expected = {
        "name": "deal D1",
        "account_id": fxiaoke_id("AccountObj", "C1"),
        "owner": user_id(WANG),
        "stage_label": "Won",
        "is_won": True,
        "is_lost": False,
        "amount": Decimal("120000.5"),
        "currency": "CNY",
        "probability": Decimal(100),
        "expected_close": date(2025, 5, 6),
        "created_at": datetime(2025, 3, 3, 17, 30, tzinfo=UTC),
        "stage_changed_at": datetime(2025, 5, 6, 2, 0, tzinfo=UTC),
        "life_status_label": "正常",
        "_deleted": False,
    }
    assert {name: deal[name] for name in expected} == expected


def test_the_change_log_gives_stages_by_their_labels_and_owners(box: Sandbox, db: FxiaokeDb) -> None:
    db.update(DEAL, at=LATER, owner=[user_id(LI)])
    changes = [row for row in rows(connect(box), "opportunity_change") if row["opportunity_id"] == DEAL]
    told = sorted((row["changed_at"], row["field"], row["old_value"], row["new_value"]) for row in changes)
    assert told[-2:] == [
        (datetime(2025, 5, 6, 2, 0, tzinfo=UTC), "stage", "Quoted", "Won"),
        (LATER, "owner", user_id(WANG), user_id(LI)),
    ]


def test_an_invalidated_record_is_deleted_and_a_recovered_one_is_back(box: Sandbox, db: FxiaokeDb) -> None:
    connector = connect(box)
    live = connector.count(stream(connector, "opportunity"))
    assert live is not None
    db.invalidate(DEAL, at=LATER)
    window = Window(LATER, LATER)
    assert [(row["id"], row["_deleted"]) for row in rows(connector, "opportunity", window)] == [(DEAL, True)]
    assert connector.count(stream(connector, "opportunity")) == live - 1
    assert DEAL not in [key for chunk in connector.keys(stream(connector, "opportunity")) for key in chunk]
    db.recover(DEAL, at=LATER)
    assert [(row["id"], row["_deleted"]) for row in rows(connector, "opportunity", window)] == [(DEAL, False)]


def test_a_tenant_that_shows_invalidated_records_counts_right_when_told(box: Sandbox, db: FxiaokeDb) -> None:
    db.shows_invalid = True
    db.invalidate(DEAL, at=LATER)
    connector = connect(box, invalid_shown=True)
    keys = [key for chunk in connector.keys(stream(connector, "opportunity")) for key in chunk]
    assert connector.count(stream(connector, "opportunity")) == len(keys) == 1


def test_every_way_of_writing_nothing_is_null(box: Sandbox, db: FxiaokeDb) -> None:
    account = db.create("AccountObj", "odd", at=LATER, name="", tel=None, owner=[], field_revenue__c="")
    found = next(row for row in rows(connect(box), "account") if row["id"] == account)
    assert [found[name] for name in ("name", "phone", "owner", "field_revenue_c", "website")] == [None] * 5


def test_a_custom_object_has_its_own_path_and_stream(box: Sandbox, db: FxiaokeDb) -> None:
    db.create("object_x7k2p__c", "rival", name="对手", field_strength__c=["a", "b"], field_share__c="12.50")
    (found,) = rows(connect(box, custom_objects=["object_x7k2p__c"]), "object_x7k2p_c")
    assert (found["name"], found["field_strength_c"], found["field_share_c"]) == ("对手", '["a","b"]', Decimal("12.5"))
    assert {seen.path for seen in box.seen if seen.path.endswith("query")} == {"/cgi/crm/custom/v2/data/query"}


def test_roles_say_which_field_means_what(box: Sandbox, db: FxiaokeDb) -> None:
    connector = connect(box, roles={"account": {"tax_id": None, "postal_code": "field_postcode__c"}})
    assert all("tax_id" not in row and "postal_code" in row for row in rows(connector, "account"))
    with pytest.raises(ConfigurationError, match=r"nope__c.*roles\.account"):
        rows(connect(box, roles={"account": {"tax_id": "nope__c"}}), "account")
    db.hidden["NewOpportunityObj"] = frozenset({"sales_stage"})
    with pytest.raises(ConfigurationError, match=r"sales_stage \(for stage\)"):
        rows(connect(box), "opportunity")


def test_too_often_is_waited_for_and_the_used_up_day_ends_at_once(box: Sandbox, db: FxiaokeDb) -> None:
    waits: list[float] = []
    db.calls_per_window = 0
    with pytest.raises(TransientError, match="too often"):
        rows(connect(box, waits, throttle_wait_seconds=21), "account")
    assert waits == [21.0] * 8
    db.calls_per_window, db.daily_limit = None, 0
    waits.clear()
    with pytest.raises(SourceError, match="midnight") as caught:
        rows(connect(box, waits), "account")
    assert waits == [] and not isinstance(caught.value, TransientError)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"app_secret": "wrong"}, "app_secret"),
        ({"permanent_code": "wrong"}, "permanent_code"),
        ({"user_id": "4711"}, "user_id"),
        ({"convention": "legacy"}, "user_id"),
    ],
)
def test_a_wrong_identity_is_said(box: Sandbox, settings: dict[str, str], words: str) -> None:
    health = connect(box, **settings).check()
    assert not health.ok and words in health.message


def test_the_same_token_is_given_until_it_is_old(box: Sandbox, db: FxiaokeDb) -> None:
    first = session(box)["corpAccessToken"]
    assert session(box)["corpAccessToken"] == first
    db.skipped += 6_700
    second = session(box)["corpAccessToken"]
    assert second != first and db.is_valid(first) and db.is_valid(second)
    db.skipped += 600
    assert not db.is_valid(first)


@pytest.mark.parametrize(
    ("search", "code"),
    [
        ({"limit": 3, "offset": 4}, 11001),
        ({"limit": 100, "offset": 10_100}, 10013),
        ({"limit": 1_001}, 11001),
        ({"filters": [{"field_name": "nope", "operator": "EQ", "field_values": [1]}]}, 11001),
        ({"filters": [{"field_name": "name", "operator": "NEAR", "field_values": [1]}]}, 11001),
    ],
)
def test_the_sandbox_refuses_what_the_vendor_refuses(box: Sandbox, search: dict[str, Any], code: int) -> None:
    assert ask(box, **search)["errorCode"] == code


@pytest.mark.parametrize(
    ("field", "operator", "values", "expected"),
    [
        ("amount", "GT", [100], ["deal D1"]),
        ("amount", "IS", [], ["deal D2"]),
        ("sales_status", "IN", ["1"], ["deal D2"]),
        ("sales_status", "NIN", ["1"], ["deal D1"]),
        ("name", "LIKE", ["D2"], ["deal D2"]),
        ("name", "ENDWITH", ["D1"], ["deal D1"]),
        ("owner", "CONTAINS", [user_id(WANG)], ["deal D1"]),
        ("create_time", "BETWEEN", [0, 1], []),
    ],
)
def test_conditions(box: Sandbox, field: str, operator: str, values: list[Any], expected: list[str]) -> None:
    answer = ask(box, filters=[{"field_name": field, "operator": operator, "field_values": values}])
    assert sorted(row["name"] for row in answer["data"]["dataList"]) == expected


def test_errors_and_unknown_paths_are_http_200(box: Sandbox) -> None:
    assert post(box, "/cgi/nowhere")["errorCode"] == 10006
    assert post(box, QUERY, data={})["errorCode"] == 10013
    expired = post(box, QUERY, corpAccessToken="x", corpId=CORP_ID, currentOpenUserId=ADMIN, data={})
    assert expired["errorCode"] == 20016


@pytest.fixture
def client(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> FxiaokeApi:
    """fxiaoke-python, whose host is a constant: its addresses are turned to the sandbox."""
    original = requests.Session.request

    def turned(self: requests.Session, method: str, url: str, **options: Any) -> requests.Response:
        return original(self, method, url.replace("https://open.fxiaoke.com", box.url), **options)

    monkeypatch.setattr(requests.Session, "request", turned)
    return FxiaokeApi.init(APP_ID, APP_SECRET, PERMANENT_CODE, ADMIN)


def test_an_independent_client_reads_the_sandbox(client: FxiaokeApi, db: FxiaokeDb) -> None:
    for rank in range(250):
        db.create("AccountObj", f"made {rank}", at=LATER, name=f"made {rank}")
    asked = [
        {"field_name": "last_modified_time", "operator": "BETWEEN", "field_values": [1767600000000, 1767600000001]}
    ]
    found = list(queryObj(client).execute(dataObjectApiName="AccountObj", filters=asked, limit=100))
    assert sorted(row["name"] for row in found) == sorted(f"made {rank}" for rank in range(250))
    assert client.get_num_requests_succeeded() == 3


def test_an_independent_client_reads_one_record_and_the_description(client: FxiaokeApi) -> None:
    deal = baseObj(client).get(DEAL, "NewOpportunityObj")
    assert (deal["amount"], deal["owner"], deal["sales_status__r"]) == ("120000.50", [user_id(WANG)], "赢单")
    fields = baseObj(client).describe("NewOpportunityObj")["describe"]["fields"]
    assert (
        fields["amount"]["type"] == "currency" and {"value": "2", "label": "赢单"} in fields["sales_status"]["options"]
    )
