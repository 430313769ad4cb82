"""What is 简道云's own: widgets of all types, permanent ids, subforms, ids compared for deletions, code 8303.

The list every connector passes is the kit's (tests/connectors/kit).
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
import requests
from starlette.applications import Starlette

from connectors.base import ConfigurationError, SourceError, Stream, TransientError, Window
from connectors.jiandaoyun import JiandaoyunConfig, JiandaoyunConnector
from connectors.sandbox.jiandaoyun import API_KEY, APP_ID, JiandaoyunDb, jiandaoyun_app
from connectors.sandbox.jiandaoyun_db import object_id, widget_id
from connectors.sandbox.server import Fault, Sandbox
from tests.connectors.salesforce_company import WANG, tiny_company

LATER = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
EVERYTHING = Window(None, LATER)
DEAL = object_id("商机", "D1")
PERSON = {"username": "E002", "name": "王", "status": 1, "type": 0, "departments": [1]}
DEPARTMENT = {"dept_no": 3, "name": "华东大区", "status": 1, "type": 0}
PLACE = {"province": "江苏省", "city": "无锡市", "district": "滨湖区", "detail": "太湖街道"}
ALL_WIDGETS: dict[str, tuple[str, Any]] = {
    "文本": ("text", "甲"),
    "数字": ("number", 0.1),
    "日期": ("datetime", "2026-02-08T16:00:00.000Z"),
    "多选": ("checkboxgroup", ["a", "b"]),
    "地址": ("address", PLACE),
    "定位": ("location", {**PLACE, "lnglatXY": [120.3, 31.5]}),
    "附件": ("upload", [{"name": "x.pdf", "size": 1, "mime": "application/pdf", "url": "https://files/1?sign=9"}]),
    "成员": ("user", PERSON),
    "成员组": ("usergroup", [PERSON, {**PERSON, "username": "E003", "name": "赵"}]),
    "部门": ("dept", DEPARTMENT),
    "部门组": ("deptgroup", [DEPARTMENT]),
    "电话": ("phone", {"phone": "13800000000", "verified": True}),
    "关联": ("linkdata", {"id": DEAL, "key": "商机一"}),
    "签名": ("signature", {"url": "https://files/2"}),
}


@pytest.fixture
def app() -> Starlette:
    return jiandaoyun_app(tiny_company())


@pytest.fixture
def db(app: Starlette) -> JiandaoyunDb:
    return app.state.db


@pytest.fixture
def box(app: Starlette) -> Iterator[Sandbox]:
    with Sandbox(app) as running:
        yield running


def add_form(db: JiandaoyunDb) -> None:
    """A form with a widget of every type and a subform."""
    widgets = [
        {"name": widget_id("all", label), "widgetName": widget_id("all", label), "label": label, "type": kind}
        for label, (kind, _) in ALL_WIDGETS.items()
    ]
    inner = {
        "name": widget_id("all", "小计"),
        "widgetName": widget_id("all", "小计"),
        "label": "小计",
        "type": "number",
    }
    outer = {
        "name": "lines",
        "widgetName": widget_id("all", "明细"),
        "label": "明细",
        "type": "subform",
        "items": [inner],
    }
    db.add_form(APP_ID, "all", "控件大全", [*widgets, outer])


def connect(
    box: Sandbox, *streams: dict[str, Any], waits: list[float] | None = None, **settings: Any
) -> JiandaoyunConnector:
    values = {"url": f"{box.url}/api", "api_key": API_KEY, "limits": {"requests_per_minute": 6_000_000}}
    config = JiandaoyunConfig.model_validate({**values, "streams": list(streams), **settings})
    return JiandaoyunConnector(config, sleep=(waits if waits is not None else []).append)


def form(name: str, form_name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "app_id": APP_ID, "entry_id": object_id("form", form_name), **more}


def stream(connector: JiandaoyunConnector, name: str) -> Stream:
    return next(item for item in connector.streams() if item.name == name)


def rows(connector: JiandaoyunConnector, name: str, window: Window = EVERYTHING) -> list[dict[str, Any]]:
    pages = list(connector.read(stream(connector, name), window))
    return pa.concat_tables(pages).to_pylist() if pages else []


def keys(connector: JiandaoyunConnector, name: str) -> list[object]:
    return [key for chunk in connector.keys(stream(connector, name)) for key in chunk]


def test_widgets_of_all_types_land(box: Sandbox, db: JiandaoyunDb) -> None:
    add_form(db)
    db.create("控件大全", at=LATER, **{label: value for label, (_, value) in ALL_WIDGETS.items()})
    db.create("控件大全", at=LATER, 文本="", 数字=None, 多选=[], 成员=None, 成员组=[], 地址={})
    fields = {label: widget_id("all", label) for label in ALL_WIDGETS if label not in ("附件", "签名")}
    full, empty = rows(connect(box, form("all", "all", fields=fields)), "all")
    assert (
        full
        | {
            "文本": "甲",
            "数字": Decimal("0.1"),
            "日期": datetime(2026, 2, 8, 16, 0, tzinfo=UTC),
            "多选": '["a","b"]',
            "地址_city": "无锡市",
            "地址_detail": "太湖街道",
            "定位_lnglat": "[120.3,31.5]",
            "成员": "E002",
            "成员_name": "王",
            "成员组": '["E002","E003"]',
            "成员组_name": '["王","赵"]',
            "部门": "3",
            "部门_name": "华东大区",
            "部门组": "[3]",
            "电话": "13800000000",
            "电话_verified": True,
            "关联": DEAL,
            "关联_key": "商机一",
        }
        == full
    )
    assert not [name for name in full if "附件" in name or "签名" in name]
    assert [empty[name] for name in ("文本", "数字", "多选", "成员", "地址", "地址_city")] == [None] * 6
    assert (empty["成员组"], empty["成员组_name"]) == (None, None)


def test_a_subforms_rows_are_records_that_name_their_form(box: Sandbox, db: JiandaoyunDb) -> None:
    add_form(db)
    lines = [{"_id": f"65c8a0f1283ffa7c11b1dd0{rank}", widget_id("all", "小计"): 100.5 * rank} for rank in (1, 2)]
    order = db.create("控件大全", at=LATER, 明细=lines)
    source = form("line", "all", subform=widget_id("all", "明细"), fields={"小计": widget_id("all", "小计")})
    connector = connect(box, source)
    found = [(row["id"], row["parent_id"], row["小计"]) for row in rows(connector, "line")]
    assert found == [
        ("65c8a0f1283ffa7c11b1dd01", order, Decimal("100.5")),
        ("65c8a0f1283ffa7c11b1dd02", order, Decimal("201")),
    ]
    assert keys(connector, "line") == [line["_id"] for line in lines]
    (page,) = connector.read_keys(stream(connector, "line"), [lines[1]["_id"]])
    assert page.column("小计").to_pylist() == [Decimal("201")]


def test_a_new_alias_changes_no_column(box: Sandbox, db: JiandaoyunDb) -> None:
    source = form("deal", "opportunity", fields={"amount": widget_id("opportunity", "金额")})
    before = {row["id"]: row["amount"] for row in rows(connect(box, source), "deal")}
    db.rename("商机", "金额", "deal_amount")
    assert {row["id"]: row["amount"] for row in rows(connect(box, source), "deal")} == before
    assert before[DEAL] == Decimal("120000.5")


def test_changes_are_asked_for_and_deletions_found_by_ids(box: Sandbox, db: JiandaoyunDb) -> None:
    connector = connect(box, form("deal", "opportunity"))
    db.update(DEAL, at=LATER, 金额=5)
    assert [row["id"] for row in rows(connector, "deal", Window(LATER, LATER))] == [DEAL]
    assert b'"method": "range", "value": ["2026-01-05T08:00:00.000Z", null]' in box.seen[-1].body
    db.delete(DEAL)
    assert connector.count(stream(connector, "deal")) is None and DEAL not in keys(connector, "deal")
    assert list(connector.read_keys(stream(connector, "deal"), [DEAL])) == []


def test_only_finished_workflows_where_asked(box: Sandbox, db: JiandaoyunDb) -> None:
    for row in db.form("商机").rows.values():
        row["flowState"] = 1
    db.get(DEAL)["flowState"] = 0
    connector = connect(box, form("deal", "opportunity", only_finished=True))
    assert [row["id"] for row in rows(connector, "deal")] == keys(connector, "deal") == [object_id("商机", "D2")]


def test_members_and_departments_are_listed_whole(box: Sandbox) -> None:
    connector = connect(box, {"name": "member", "kind": "members"}, {"name": "unit", "kind": "departments"})
    people = {row["id"]: row["name"] for row in rows(connector, "member")}
    assert people[WANG] and connector.count(stream(connector, "member")) == len(people) == 3
    assert {row["parent_id"] for row in rows(connector, "unit")} == {None, "1"}


def test_too_often_is_waited_for_and_then_told(box: Sandbox, db: JiandaoyunDb) -> None:
    waits: list[float] = []
    db.calls_per_second = 0
    with pytest.raises(TransientError, match="too often"):
        rows(connect(box, form("deal", "opportunity"), waits=waits, throttle_wait_seconds=3), "deal")
    assert waits == [3.0] * 12


def test_wrong_ids_and_keys_are_said(box: Sandbox) -> None:
    assert "api_key" in connect(box, api_key="wrong").check().message
    health = connect(box, {**form("deal", "opportunity"), "entry_id": "0" * 24}).check()
    assert not health.ok and "3000" in health.stream_problems["deal"]
    with pytest.raises(ConfigurationError, match="_widget_1"):
        rows(connect(box, form("deal", "opportunity", fields={"x": "_widget_1"})), "deal")


def post(box: Sandbox, path: str, **body: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {API_KEY}"}
    return requests.post(f"{box.url}/api{path}", json=body, headers=headers, timeout=10)


def listed(box: Sandbox, **body: Any) -> requests.Response:
    return post(box, "/v5/app/entry/data/list", app_id=APP_ID, entry_id=object_id("form", "opportunity"), **body)


@pytest.mark.parametrize(
    ("label", "method", "value", "expected"),
    [
        ("金额", "range", [1, None], ["deal D1"]),
        ("金额", "empty", [], ["deal D2"]),
        ("状态", "eq", ["赢单"], ["deal D1"]),
        ("状态", "nin", ["赢单"], ["deal D2"]),
        ("商机名称", "in", ["deal D1", "deal D2"], ["deal D1", "deal D2"]),
        ("预计成交日期", "range", [None, "2025-05-05T16:00:00.000Z"], ["deal D1"]),
    ],
)
def test_conditions(
    box: Sandbox, db: JiandaoyunDb, label: str, method: str, value: list[Any], expected: list[str]
) -> None:
    asked = {"rel": "and", "cond": [{"field": db.form("商机").widget(label)["name"], "method": method, "value": value}]}
    found = listed(box, filter=asked).json()["data"]
    assert sorted(row["opportunity_name"] for row in found) == expected


def test_the_sandbox_is_strict_where_the_vendor_is(box: Sandbox, db: JiandaoyunDb) -> None:
    assert requests.get(f"{box.url}/api/v5/app/list", timeout=10).status_code == 405
    refused = requests.post(f"{box.url}/api/v5/app/list", json={}, timeout=10)
    assert (refused.status_code, refused.json()["code"]) == (400, 8301)
    assert (listed(box, limit=101).status_code, listed(box, limit=101).json()["code"]) == (400, 1)
    assert (
        len(post(box, "/v5/app/entry/data/list", app_id=APP_ID, entry_id=object_id("form", "activity")).json()["data"])
        <= 10
    )
    rows_ = listed(box, data_id="", limit=100).json()["data"]
    assert [row["_id"] for row in rows_] == sorted(row["_id"] for row in rows_)
    assert set(listed(box, fields=["_id"]).json()["data"][0]) == {"_id", "appId", "entryId"}


def test_an_answer_without_records_is_an_error_even_with_http_200(box: Sandbox) -> None:
    box.faults.append(
        Fault("status", status=200, body=b'{"code": 0}', times=9, applies=lambda seen: "data/list" in seen.path)
    )
    with pytest.raises(SourceError, match="without 'data'"):
        rows(connect(box, form("deal", "opportunity")), "deal")
