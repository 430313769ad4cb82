"""Deals of 纷享销客, 简道云 and 伙伴云: sandboxes full of them, and plain scripts that ask for the same pages."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import requests
from starlette.applications import Starlette

from connectors.fxiaoke import FxiaokeConfig, FxiaokeConnector
from connectors.huoban import HuobanConfig, HuobanConnector
from connectors.jiandaoyun import JiandaoyunConfig, JiandaoyunConnector
from connectors.sandbox import huoban, jiandaoyun
from connectors.sandbox.forms import DEAL as DEAL_STATUS
from connectors.sandbox.fxiaoke import APP_ID, APP_SECRET, PERMANENT_CODE, fxiaoke_app
from connectors.sandbox.fxiaoke_db import milliseconds
from connectors.sandbox.fxiaoke_truth import ADMIN_ID
from connectors.sandbox.generate import generate
from connectors.sandbox.huoban_db import table_id
from connectors.sandbox.jiandaoyun_db import object_id, stamp
from tests.bench.loaders import Pages

FORM, STREAM, FX_OBJECT = "商机", "opportunity", "NewOpportunityObj"
FX_PAGE, JDY_PAGE, HUOBAN_PAGE = 1_000, 100, 500
"""The most each vendor gives in one page."""
_NO_LIMIT = {"requests_per_minute": 6_000_000}
"""The vendors' own pace would set the length of the bench: 简道云's leaves 2,500 records a second at most."""
_START = datetime(2024, 1, 1, 8, tzinfo=UTC)
_ID = pa.struct([("id", pa.string())])


def full_of_fxiaoke_deals(records: int) -> Starlette:
    """A sandboxed tenant with that many deals."""
    app = fxiaoke_app(generate("tiny"))
    db = app.state.db
    account, owner = next(iter(db.tables["AccountObj"])), next(iter(db.people))
    stage = db.option(FX_OBJECT, "sales_stage", "商务谈判")
    db.tables[FX_OBJECT].clear()
    for number in range(records):
        db.create(
            FX_OBJECT,
            f"bench {number}",
            at=_START + timedelta(minutes=number),
            name=f"项目 Deal {number}",
            account_id=account,
            owner=[owner],
            sales_stage=stage,
            sales_status="1",
            amount=f"{number % 99_991 / 4:.2f}",
            mc_currency="CNY",
            probability="90",
            close_date=milliseconds(_START + timedelta(days=number % 600)),
            stg_changed_time=milliseconds(_START),
        )
    return app


def full_of_jiandaoyun_deals(records: int) -> Starlette:
    """A sandboxed account whose form of deals has that many records."""
    app = jiandaoyun.jiandaoyun_app(generate("tiny"))
    db = app.state.db
    form, owner = db.form(FORM), db.members[0]
    form.rows.clear()
    for number in range(records):
        db.create(
            FORM,
            f"bench {number}",
            at=_START + timedelta(minutes=number),
            商机名称=f"项目 Deal {number}",
            客户={"id": object_id("客户", "P00001")},
            负责人=owner,
            阶段="商务谈判",
            状态=DEAL_STATUS["open"],
            金额=number % 99_991 / 4,
            币种="CNY",
            赢率=90,
            预计成交日期=stamp(_START + timedelta(days=number % 600)),
        )
    return app


def full_of_huoban_deals(records: int) -> Starlette:
    """A sandboxed workspace whose table of deals has that many items."""
    app = huoban.huoban_app(generate("tiny"))
    db = app.state.db
    table = db.table(FORM)
    values = dict(next(iter(table.rows.values()))["fields"])
    labels = {field["field_id"]: field["name"] for field in table.fields}
    usual = {labels[name]: value for name, value in values.items() if name in labels}
    db.clear(FORM)
    for number in range(records):
        told = {"商机名称": f"项目 Deal {number}", "金额": number % 99_991 / 4}
        db.create(FORM, f"bench {number}", at=_START + timedelta(minutes=number), **(usual | told))
    return app


class FxiaokeScript:
    """Deals by query, each behind the last id."""

    stream = STREAM
    page = FX_PAGE

    def __init__(self, url: str) -> None:
        self.url = url

    def connector(self) -> FxiaokeConnector:
        """Scoreline's way."""
        return FxiaokeConnector(
            FxiaokeConfig.model_validate(
                {
                    "url": self.url,
                    "app_id": APP_ID,
                    "app_secret": APP_SECRET,
                    "permanent_code": PERMANENT_CODE,
                    "user_id": ADMIN_ID,
                    "convention": "oauth",
                    "page_size": FX_PAGE,
                    "read_invalid": False,
                    "limits": _NO_LIMIT,
                }
            )
        )

    def schema(self) -> pa.Schema:
        """Arrow types by what describe shows."""
        people = dict.fromkeys(("employee", "department"), pa.list_(pa.string()))
        kinds = {"date": pa.int64(), "date_time": pa.int64(), "true_or_false": pa.bool_(), **people}
        asked = {"apiName": FX_OBJECT, "includeDetail": True}
        with self._session() as session:
            fields = self._call(session, "/cgi/crm/v2/object/describe", asked)["describe"]["fields"]
        named = {name: kinds.get(about["type"], pa.string()) for name, about in fields.items()}
        return pa.schema({**named, "_id": pa.string(), "last_modified_time": pa.int64()})

    def pages(self) -> Pages:
        """Pages of records as dicts."""
        behind: list[dict[str, Any]] = []
        with self._session() as session:
            while True:
                search = {
                    "limit": FX_PAGE,
                    "offset": 0,
                    "filters": behind,
                    "orders": [{"fieldName": "_id", "isAsc": True}],
                }
                asked = {
                    "dataObjectApiName": FX_OBJECT,
                    "find_explicit_total_num": False,
                    "search_query_info": search,
                }
                records = self._call(session, "/cgi/crm/v2/data/query", {"data": asked})["dataList"]
                if not records:
                    return
                yield records
                behind = [{"field_name": "_id", "operator": "GT", "field_values": [records[-1]["_id"]]}]

    def _call(self, session: requests.Session, path: str, body: dict[str, Any]) -> Any:
        params = {"thirdTraceId": str(uuid.uuid4())}
        asked = {"convertUserId": True, **body}
        return session.post(self.url + path, json=asked, params=params, timeout=60).json()["data"]

    def _session(self) -> requests.Session:
        secrets = {"appId": APP_ID, "appSecret": APP_SECRET, "permanentCode": PERMANENT_CODE}
        answer = requests.post(
            f"{self.url}/oauth2.0/token",
            json={**secrets, "grantType": "app_secret"},
            params={"thirdTraceId": str(uuid.uuid4())},
            timeout=60,
        ).json()
        session = requests.Session()
        token, tenant = answer["accessToken"], answer["ea"]
        session.headers.update({"authorization": f"Bearer {token}", "x-fs-ea": tenant, "x-fs-userid": ADMIN_ID})
        return session


class JiandaoyunScript:
    """Records of the form of deals, each page behind the last id."""

    stream = STREAM
    page = JDY_PAGE

    def __init__(self, url: str) -> None:
        self.url = url
        self._form = {"app_id": jiandaoyun.APP_ID, "entry_id": object_id("form", STREAM)}

    def connector(self) -> JiandaoyunConnector:
        """Scoreline's way."""
        return JiandaoyunConnector(
            JiandaoyunConfig.model_validate(
                {
                    "url": f"{self.url}/api",
                    "api_key": jiandaoyun.API_KEY,
                    "streams": [{"name": STREAM, **self._form}],
                    "limits": _NO_LIMIT,
                }
            )
        )

    def schema(self) -> pa.Schema:
        """Arrow types by what the widget list shows."""
        user = pa.struct([("username", pa.string()), ("name", pa.string())])
        kinds = {"number": pa.float64(), "user": user, "lookup": _ID}
        with self._session() as session:
            widgets = self._call(session, "/v5/app/entry/widget/list", self._form)["widgets"]
        named = {widget["name"]: kinds.get(widget["type"], pa.string()) for widget in widgets}
        always = {"_id": pa.string(), "createTime": pa.string(), "updateTime": pa.string(), "creator": user}
        return pa.schema(always | named)

    def pages(self) -> Pages:
        """Pages of records as dicts."""
        body: dict[str, Any] = {**self._form, "limit": JDY_PAGE}
        with self._session() as session:
            while records := self._call(session, "/v5/app/entry/data/list", body)["data"]:
                yield records
                body["data_id"] = records[-1]["_id"]

    def _call(self, session: requests.Session, path: str, body: dict[str, Any]) -> Any:
        return session.post(f"{self.url}/api{path}", json=body, timeout=60).json()

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {jiandaoyun.API_KEY}"
        return session


class HuobanScript:
    """Items of the table of deals, by offset."""

    stream = STREAM
    page = HUOBAN_PAGE

    def __init__(self, url: str) -> None:
        self.url = url

    def connector(self) -> HuobanConnector:
        """Scoreline's way."""
        return HuobanConnector(
            HuobanConfig.model_validate(
                {
                    "url": f"{self.url}/openapi/v1",
                    "api_key": huoban.API_KEY,
                    "space_id": huoban.SPACE_ID,
                    "page_size": HUOBAN_PAGE,
                    "streams": [{"name": STREAM, "table_id": table_id(STREAM)}],
                    "limits": _NO_LIMIT,
                }
            )
        )

    def schema(self) -> pa.Schema:
        """Arrow types by what the table shows."""
        user = pa.struct([("user_id", pa.string()), ("name", pa.string())])
        choice = pa.list_(pa.struct([("id", pa.string()), ("name", pa.string())]))
        linked = pa.list_(pa.struct([("item_id", pa.string()), ("title", pa.string())]))
        kinds = {"number": pa.float64(), "user": pa.list_(user), "category": choice, "relation": linked}
        with self._session() as session:
            table = self._call(session, f"/table/{table_id(STREAM)}", {})["table"]
        fields = pa.struct([(one["field_id"], kinds.get(one["type"], pa.string())) for one in table["fields"]])
        always = dict.fromkeys(("item_id", "title", "created_on", "updated_on"), pa.string())
        return pa.schema({**always, "created_by": user, "fields": fields})

    def pages(self) -> Pages:
        """Pages of items as dicts."""
        order = {"field_id": "created_on", "type": "asc"}
        body = {"table_id": table_id(STREAM), "order": order, "limit": HUOBAN_PAGE, "offset": 0}
        more = True
        with self._session() as session:
            while more:
                answer = self._call(session, "/item/list", body)
                yield answer["items"]
                body["offset"] += HUOBAN_PAGE
                more = answer["has_more"]

    def _call(self, session: requests.Session, path: str, body: dict[str, Any]) -> Any:
        return session.post(f"{self.url}/openapi/v1{path}", json=body, timeout=60).json()["data"]

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.headers["Open-Authorization"] = f"Bearer {huoban.API_KEY}"
        return session
