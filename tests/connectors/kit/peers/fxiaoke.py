"""Fxiaoke: the kit changes accounts, once in each calling convention."""

import contextlib
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

from connectors.base import Connector
from connectors.fxiaoke import FxiaokeConfig, FxiaokeConnector
from connectors.sandbox.fxiaoke import APP_ID, APP_SECRET, PERMANENT_CODE, FxiaokeDb, fxiaoke_app
from connectors.sandbox.fxiaoke_db import milliseconds
from connectors.sandbox.fxiaoke_truth import ADMIN, ADMIN_ID
from connectors.sandbox.server import Fault, Sandbox, Seen
from tests.connectors.kit.peer import USUAL, Columns, Entry, HttpPeer, Record, Settings, Truth
from tests.connectors.salesforce_company import tiny_company

CHINA = timezone(timedelta(hours=8))
USERS = {"oauth": ADMIN_ID, "legacy": ADMIN}
_OBJECTS = {
    "account": "AccountObj",
    "opportunity": "NewOpportunityObj",
    "contact": "ContactObj",
    "lead": "LeadsObj",
    "quote": "QuoteObj",
    "contract": "ContractObj",
    "sales_order": "SalesOrderObj",
    "sales_order_line": "SalesOrderProductObj",
    "payment": "PaymentObj",
    "active_record": "ActiveRecordObj",
    "checkin": "CheckinsObj",
    "schedule": "ScheduleObj",
    "case": "CasesObj",
    "product": "ProductObj",
    "goal_value": "GoalValueObj",
    "object_x7k2p_c": "object_x7k2p__c",
}


class FxiaokePeer(HttpPeer):
    stream = "account"
    columns = Columns(
        text="name", long_text="remark", number="field_revenue_c", day="birth_date", moment="field_seen_c"
    )
    secret = APP_SECRET
    page_sizes = (1, 1000)
    wait_seconds = 20.0

    def __init__(self, box: Sandbox, db: FxiaokeDb, convention: str) -> None:
        super().__init__(box)
        self.db, self.convention = db, convention

    def connector(self, settings: Settings = USUAL) -> Connector:
        values: dict[str, Any] = {
            "url": self.box.url,
            "app_id": APP_ID,
            "app_secret": settings.secret or APP_SECRET,
            "permanent_code": PERMANENT_CODE,
            "user_id": USERS[self.convention],
            "convention": self.convention,
            "custom_objects": ["object_x7k2p__c"],
            "exclude_streams": ["quote_line"],
            "roles": {"account": {"birth_date": "field_birth__c"}},
            "limits": {"requests_per_minute": 6_000_000, "requests_per_sync": settings.max_requests},
        }
        given = {"page_size": settings.page_size, "timeout_seconds": settings.timeout_seconds}
        values |= {name: value for name, value in given.items() if value is not None}
        return FxiaokeConnector(FxiaokeConfig.model_validate(values), sleep=self.slept.append)

    def truth(self) -> Truth:
        found: dict[str, dict[str, dict[str, Any]]] = {
            stream: {row["_id"]: {} for row in self.db.rows(name) if row["life_status"] == "normal"}
            for stream, name in _OBJECTS.items()
        }
        found["account"] = {key: self._expected(self.db.get(key)) for key in found["account"]}
        found["department"] = {str(one["id"]): {"name": one["name"]} for one in self.db.departments}
        people = [person.values for person in self.db.people.values() if person.open_id != ADMIN]
        found["user"] = {one["openUserId"]: {"name": one["name"], "is_stop": one["isStop"]} for one in people}
        found["opportunity_change"] = {
            f"{deal}|{entry['logID']}|stage": {}
            for deal, entries in self.db.logs.items()
            for entry in entries
            if entry["objectInfo"]["changes"][0]["fieldApiName"] == "sales_stage"
        }
        return found

    def _expected(self, row: dict[str, Any]) -> dict[str, Any]:
        changed = datetime.fromtimestamp(row["last_modified_time"] / 1000, UTC)
        owner = row.get("owner") or [None]
        return {"name": row.get("name"), "owner": owner[0], "last_modified_time": changed, "life_status": "normal"}

    def create(self, record: Record, at: datetime | None = None) -> str:
        return self.db.create("AccountObj", at=at or self.now(), **_values(record))

    def change(self, key: str, record: Record, at: datetime | None = None) -> None:
        self.db.update(key, at=at or self.now(), **_values(record))

    def delete(self, key: str, at: datetime | None = None) -> None:
        self.db.invalidate(key, at=at or self.now())
        self.db.delete(key)

    def undelete(self, key: str, at: datetime | None = None) -> None:
        """Out of the recycle bin, where the physical deletion left the record."""
        self.db.restore(key, at=at or self.now())

    def merge(self, loser: str, survivor: str) -> None:
        self.db.merge(survivor, loser, at=self.now())

    def clear(self) -> None:
        self.db.clear("AccountObj")

    def is_data(self, seen: Seen) -> bool:
        if not seen.path.endswith("/v2/data/query"):
            return False
        asked = json.loads(seen.body)["data"]
        return asked["dataObjectApiName"] == "AccountObj" and "fieldProjection" not in asked["search_query_info"]

    def throttle(self) -> Fault:
        return _says(30004, "calls come too often")

    def error_in_200(self) -> Fault:
        return _says(15003, "the app may not use this object")

    def expire_token(self) -> None:
        self.db.expire_tokens()
        self.injected += 1

    def add_field(self, key: str, value: str) -> str:
        self.db.add_field("AccountObj", "field_level__c")
        self.db.update(key, at=self.now(), field_level__c=value)
        return "field_level_c"

    def retype_number(self, key: str, value: str) -> None:
        self.db.add_field("AccountObj", "field_revenue__c", "text")
        self.db.update(key, at=self.now(), field_revenue__c=value)


def _says(code: int, message: str) -> Fault:
    body = {"traceId": "E-O.x", "errorCode": code, "errorMessage": message, "errorDescription": message}
    return Fault("status", status=200, body=json.dumps(body).encode())


def _values(record: Record) -> dict[str, Any]:
    day = datetime.fromisoformat(record.day).replace(tzinfo=CHINA) if record.day else None
    return {
        "name": record.text,
        "remark": record.long_text or "",
        "field_revenue__c": record.number,
        "field_birth__c": milliseconds(day) if day else None,
        "field_seen__c": milliseconds(record.moment) if record.moment else None,
    }


@contextlib.contextmanager
def _start(convention: str, folder: Path) -> Iterator[FxiaokePeer]:
    app = fxiaoke_app(tiny_company())
    with Sandbox(app) as box:
        yield FxiaokePeer(box, app.state.db, convention)


def _entry(name: str, convention: str) -> Entry:
    start: Callable[[Path], AbstractContextManager[FxiaokePeer]] = partial(_start, convention)
    return Entry(name, start, second_way=convention == "legacy")


ENTRIES = [_entry("fxiaoke", "oauth"), _entry("fxiaoke-legacy", "legacy")]
