"""简道云: the kit changes records of a customer form."""

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.base import Connector
from connectors.jiandaoyun import JiandaoyunConfig, JiandaoyunConnector
from connectors.sandbox.jiandaoyun import API_KEY, APP_ID, JiandaoyunDb, jiandaoyun_app
from connectors.sandbox.jiandaoyun_db import stamp, widget_id
from connectors.sandbox.server import Fault, Sandbox, Seen
from tests.connectors.kit.peer import USUAL, Columns, Entry, HttpPeer, Record, Settings, Truth
from tests.connectors.salesforce_company import tiny_company

FORM = "客户"
_STREAMS = {"customer": FORM, "opportunity": "商机", "activity": "跟进记录"}
_FIELDS = {"name": "客户名称", "street": "街道", "score": "评分", "seen": "最近拜访", "owner": "负责人"}


class JiandaoyunPeer(HttpPeer):
    stream = "customer"
    columns = Columns(text="name", long_text="street", number="score", day=None, moment="seen")
    secret = API_KEY
    page_sizes = (1, 100)
    wait_seconds = 5.0

    def __init__(self, box: Sandbox, db: JiandaoyunDb) -> None:
        super().__init__(box)
        self.db = db
        self._add_widget("评分", "number")
        self._add_widget("最近拜访", "datetime")

    def connector(self, settings: Settings = USUAL) -> Connector:
        streams: list[dict[str, Any]] = [
            {"name": name, "app_id": APP_ID, "entry_id": self.db.form(label).entry_id}
            for name, label in _STREAMS.items()
        ]
        streams[0]["fields"] = {name: widget_id("customer", label) for name, label in _FIELDS.items()}
        streams += [{"name": "member", "kind": "members"}, {"name": "department", "kind": "departments"}]
        values: dict[str, Any] = {
            "url": self.box.url + "/api",
            "api_key": settings.secret or API_KEY,
            "streams": streams,
            "limits": {"requests_per_minute": 6_000_000, "requests_per_sync": settings.max_requests},
        }
        given = {"page_size": settings.page_size, "timeout_seconds": settings.timeout_seconds}
        values |= {name: value for name, value in given.items() if value is not None}
        return JiandaoyunConnector(JiandaoyunConfig.model_validate(values), sleep=self.slept.append)

    def truth(self) -> Truth:
        found: dict[str, dict[str, dict[str, Any]]] = {
            name: {key: {} for key in self.db.form(label).rows} for name, label in _STREAMS.items()
        }
        found["customer"] = {key: self._expected(row) for key, row in self.db.form(FORM).rows.items()}
        found["member"] = {one["username"]: {"name": one["name"]} for one in self.db.members}
        found["department"] = {str(one["dept_no"]): {"name": one["name"]} for one in self.db.departments}
        return found

    def _expected(self, row: dict[str, Any]) -> dict[str, Any]:
        owner = row.get(self._key("负责人"))
        updated = datetime.fromisoformat(row["updateTime"].replace("Z", "+00:00")).astimezone(UTC)
        return {
            "name": row.get(self._key("客户名称")),
            "owner": owner["username"] if owner else None,
            "owner_name": owner["name"] if owner else None,
            "updated_at": updated,
        }

    def create(self, record: Record, at: datetime | None = None) -> str:
        return self.db.create(FORM, at=at or self.now(), **_values(record))

    def change(self, key: str, record: Record, at: datetime | None = None) -> None:
        self.db.update(key, at=at or self.now(), **_values(record))

    def delete(self, key: str, at: datetime | None = None) -> None:
        self.db.delete(key)

    def undelete(self, key: str, at: datetime | None = None) -> None:
        self.db.recover(key)

    def clear(self) -> None:
        self.db.clear(FORM)

    def is_data(self, seen: Seen) -> bool:
        if not seen.path.endswith("/data/list"):
            return False
        asked = json.loads(seen.body)
        return asked["entry_id"] == self.db.form(FORM).entry_id and "fields" not in asked

    def throttle(self) -> Fault:
        body = json.dumps({"code": 8303, "msg": "超出请求频率限制"}).encode()
        return Fault("status", status=400, body=body)

    def error_in_200(self) -> Fault:
        return Fault("status", status=200, body=json.dumps({"code": 3005, "msg": "请求参数不合法"}).encode())

    def add_field(self, key: str, value: str) -> str:
        self._add_widget("等级", "text")
        self.db.update(key, at=self.now(), 等级=value)
        return widget_id("customer", "等级").lstrip("_")

    def retype_number(self, key: str, value: str) -> None:
        self.db.form(FORM).widget("评分")["type"] = "text"
        self.db.update(key, at=self.now(), 评分=value)

    def _add_widget(self, label: str, kind: str) -> None:
        widget = widget_id("customer", label)
        self.db.form(FORM).widgets.append({"name": widget, "widgetName": widget, "label": label, "type": kind})

    def _key(self, label: str) -> str:
        return str(self.db.form(FORM).widget(label)["name"])


def _values(record: Record) -> dict[str, Any]:
    number = float(record.number) if record.number is not None else None
    seen = stamp(record.moment) if record.moment else None
    return {"客户名称": record.text, "街道": record.long_text or "", "评分": number, "最近拜访": seen}


@contextlib.contextmanager
def _start(folder: Path) -> Iterator[JiandaoyunPeer]:
    app = jiandaoyun_app(tiny_company())
    with Sandbox(app) as box:
        yield JiandaoyunPeer(box, app.state.db)


ENTRIES = [
    Entry(
        "jiandaoyun",
        _start,
        {
            "test_a_merge_arrives": "user-made forms know no merge; a person deletes one record and changes the other",
            "test_a_token_that_expires_in_mid_stream_is_replaced": "keys never expire, there is nothing to renew",
        },
    )
]
