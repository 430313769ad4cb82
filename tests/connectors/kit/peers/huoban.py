"""伙伴云: the kit changes items of a customer table."""

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.base import Connector
from connectors.huoban import HuobanConfig, HuobanConnector
from connectors.sandbox.huoban import API_KEY, SPACE_ID, HuobanDb, huoban_app
from connectors.sandbox.huoban_db import CHINA, field_id, table_id
from connectors.sandbox.server import Fault, Sandbox, Seen
from tests.connectors.kit.peer import USUAL, Columns, Entry, HttpPeer, Record, Settings, Truth
from tests.connectors.salesforce_company import tiny_company

TABLE = "客户"
_STREAMS = {"customer": TABLE, "opportunity": "商机", "activity": "跟进记录"}
_FIELDS = {"name": "客户名称", "street": "街道", "score": "评分", "owner": "负责人"}


class HuobanPeer(HttpPeer):
    stream = "customer"
    columns = Columns(text="name", long_text="street", number="score", day=None, moment=None)
    secret = API_KEY
    page_sizes = (2, 500)
    wait_seconds = 5.0

    def __init__(self, box: Sandbox, db: HuobanDb) -> None:
        super().__init__(box)
        self.db = db
        self._add("评分", "number")

    def connector(self, settings: Settings = USUAL) -> Connector:
        streams: list[dict[str, Any]] = [{"name": name, "table_id": table_id(name)} for name in _STREAMS]
        streams[0]["fields"] = {name: field_id("customer", label) for name, label in _FIELDS.items()}
        values: dict[str, Any] = {
            "url": self.box.url + "/openapi/v1",
            "api_key": settings.secret or API_KEY,
            "space_id": SPACE_ID,
            "streams": [*streams, {"name": "member", "kind": "members"}],
            "limits": {"requests_per_minute": 6_000_000, "requests_per_sync": settings.max_requests},
        }
        given = {"page_size": settings.page_size, "timeout_seconds": settings.timeout_seconds}
        values |= {name: value for name, value in given.items() if value is not None}
        return HuobanConnector(HuobanConfig.model_validate(values), sleep=self.slept.append)

    def truth(self) -> Truth:
        found: dict[str, dict[str, dict[str, Any]]] = {
            name: {key: {} for key in self.db.table(label).rows} for name, label in _STREAMS.items()
        }
        found["customer"] = {key: self._expected(row) for key, row in self.db.table(TABLE).rows.items()}
        found["member"] = {one["user_id"]: {"name": one["name"], "email": one["email"]} for one in self.db.members}
        return found

    def _expected(self, row: dict[str, Any]) -> dict[str, Any]:
        owner = row["fields"].get(field_id("customer", "负责人"))
        updated = datetime.fromisoformat(row["updated_on"]).replace(tzinfo=CHINA).astimezone(UTC)
        return {
            "name": row["fields"].get(field_id("customer", "客户名称")),
            "owner": owner[0]["user_id"] if owner else None,
            "updated_at": updated,
        }

    def create(self, record: Record, at: datetime | None = None) -> str:
        return self.db.create(TABLE, at=at or self.now(), **_values(record))

    def change(self, key: str, record: Record, at: datetime | None = None) -> None:
        self.db.update(key, at=at or self.now(), **_values(record))

    def delete(self, key: str, at: datetime | None = None) -> None:
        self.db.delete(key)

    def undelete(self, key: str, at: datetime | None = None) -> None:
        self.db.restore(key)

    def create_many(self, count: int, at: datetime | None = None) -> None:
        """One a second, as fast as a person with an import makes them, unless the test wants one stamp."""
        for number in range(count):
            self.create(Record(f"made {number}"), at or self.now() - timedelta(seconds=count - number))

    def clear(self) -> None:
        self.db.clear(TABLE)

    def is_data(self, seen: Seen) -> bool:
        if not seen.path.endswith("/item/list"):
            return False
        asked = json.loads(seen.body)
        return bool(asked["table_id"] == table_id("customer") and asked["order"]["field_id"] == "created_on")

    def throttle(self) -> Fault:
        return _says(429, "请求过于频繁")

    def error_in_200(self) -> Fault:
        return _says(40001, "没有权限")

    def add_field(self, key: str, value: str) -> str:
        self._add("等级", "text")
        self.db.update(key, at=self.now(), 等级=value)
        return f"f{field_id('customer', '等级')}"

    def retype_number(self, key: str, value: str) -> None:
        self.db.table(TABLE).field("评分")["type"] = "text"
        self.db.update(key, at=self.now(), 评分=value)

    def _add(self, label: str, kind: str) -> None:
        field = {"field_id": field_id("customer", label), "name": label, "alias": "", "type": kind, "config": {}}
        self.db.table(TABLE).fields.append(field)


def _says(code: int, message: str) -> Fault:
    body = {"code": code, "message": message, "data": {}, "meta": {"trace_id": "0f3c"}}
    return Fault("status", status=200, body=json.dumps(body).encode())


def _values(record: Record) -> dict[str, Any]:
    number = float(record.number) if record.number is not None else None
    return {"客户名称": record.text, "街道": record.long_text, "评分": number}


@contextlib.contextmanager
def _start(folder: Path) -> Iterator[HuobanPeer]:
    app = huoban_app(tiny_company())
    with Sandbox(app) as box:
        yield HuobanPeer(box, app.state.db)


ENTRIES = [
    Entry(
        "huoban",
        _start,
        {
            "test_a_merge_arrives": "user-made tables know no merge; a person deletes one item and changes the other",
            "test_a_token_that_expires_in_mid_stream_is_replaced": "keys never expire, there is nothing to renew",
        },
    )
]
