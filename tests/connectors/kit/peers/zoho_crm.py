"""Zoho CRM, read with queries and with list calls: the kit changes accounts."""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.base import Connector
from connectors.sandbox.server import Fault, Sandbox, Seen
from connectors.sandbox.zoho_crm import CLIENT_SECRET, REFRESH_TOKEN, ZohoCrmDb, zoho_crm_app
from connectors.zoho_crm import ZohoCrmConfig, ZohoCrmConnector
from tests.connectors.kit.peer import USUAL, Columns, Entry, HttpPeer, Peer, Record, Settings, Truth
from tests.connectors.salesforce_company import tiny_company

_MODULES = {
    "account": "Accounts",
    "contact": "Contacts",
    "lead": "Leads",
    "deal": "Deals",
    "task": "Tasks",
    "event": "Events",
    "call": "Calls",
    "case": "Cases",
    "product": "Products",
    "quote": "Quotes",
    "contract": "Contracts",
    "sales_order": "Sales_Orders",
    "invoice": "Invoices",
    "user": "Users",
    "role": "Roles",
    "territory": "Territories",
}


class ZohoCrmPeer(HttpPeer):
    stream = "account"
    columns = Columns(
        text="account_name",
        long_text="description",
        number="score",
        day="birth_date",
        moment="contract_signed_at",
    )
    secret = REFRESH_TOKEN
    wait_seconds = 15.0

    def __init__(self, box: Sandbox, db: ZohoCrmDb, lists: bool) -> None:
        super().__init__(box)
        self.db, self.lists = db, lists
        self.page_sizes = (1, 200 if lists else 2000)
        db.add_field("Accounts", "Score", "double")

    def connector(self, settings: Settings = USUAL) -> Connector:
        values: dict[str, Any] = {"accounts_url": self.box.url, "client_id": "scoreline"}
        values |= {"client_secret": CLIENT_SECRET, "refresh_token": settings.secret or REFRESH_TOKEN}
        values["limits"] = {"requests_per_sync": settings.max_requests}
        values |= {"contract_module": "Contracts", "columns": {"contract": {"amount": "Contract_Value"}}}
        values["list_streams"] = ["*"] if self.lists else []
        given = {"page_size": settings.page_size, "timeout_seconds": settings.timeout_seconds}
        values |= {name: value for name, value in given.items() if value is not None}
        return ZohoCrmConnector(ZohoCrmConfig.model_validate(values), sleep=self.slept.append)

    def truth(self) -> Truth:
        told = {
            stream: {row["id"]: self._expected(stream, row) for row in self.db.rows(module)}
            for stream, module in _MODULES.items()
        }
        members = {f"{one}|{user}" for one, users in self.db.territory_users.items() for user in users}
        changes = {
            f"{entry['id']}|{change['api_name']}"
            for entries in self.db.timeline.values()
            for entry in entries
            for change in entry["field_history"]
            if change["api_name"] in ("Stage", "Owner")
        }
        stages = {stage["id"] for stage in self.db.stages}
        rest = {"territory_user": members, "deal_history": changes, "deal_stage": stages}
        return {**told, **{stream: {key: {} for key in keys} for stream, keys in rest.items()}}

    def _expected(self, stream: str, row: dict[str, Any]) -> dict[str, Any]:
        if stream != "account":
            return {}
        names = {"account_name": "Account_Name", "description": "Description", "owner_id": "Owner"}
        return {column: row[name] for column, name in names.items()} | {"modified_time": row["Modified_Time"]}

    def create(self, record: Record, at: datetime | None = None) -> str:
        return self.db.create("Accounts", at=at or self.now(), **_values(record))

    def change(self, key: str, record: Record, at: datetime | None = None) -> None:
        self.db.update("Accounts", key, at=at or self.now(), **_values(record))

    def delete(self, key: str, at: datetime | None = None) -> None:
        self.db.delete("Accounts", key, at=at or self.now())

    def undelete(self, key: str, at: datetime | None = None) -> None:
        self.db.restore("Accounts", key)

    def merge(self, loser: str, survivor: str) -> None:
        self.db.merge(survivor, loser, at=self.now())

    def clear(self) -> None:
        # Not a deletion: the sharing rules of the token's user changed, so the records are simply not shown.
        self.db.tables["Accounts"].clear()

    def add_field(self, key: str, value: str) -> str:
        self.db.add_field("Accounts", "Segment")
        self.db.update("Accounts", key, at=self.now(), Segment=value)
        return "segment"

    def retype_number(self, key: str, value: str) -> None:
        self.db.add_field("Accounts", "Score", "text")
        for row in self.db.rows("Accounts"):
            row["Score"] = None if row["Score"] is None else f"{row['Score']:g}"
        self.db.update("Accounts", key, at=self.now(), Score=value)

    def throttle(self) -> Fault:
        body = b'{"code":"TOO_MANY_REQUESTS","details":{},"message":"Too many requests fired","status":"error"}'
        return Fault("status", status=429, headers={"Content-Type": "application/json"}, body=body)

    def error_in_200(self) -> Fault:
        inner = b'{"code":"NO_PERMISSION","details":{},"message":"permission denied","status":"error"}'
        return Fault(
            "status", status=200, headers={"Content-Type": "application/json"}, body=b'{"data":[' + inner + b"]}"
        )

    def is_data(self, seen: Seen) -> bool:
        if self.lists:
            return seen.path.endswith("/crm/v8/Accounts") and "fields=Modified_Time&" not in f"{seen.query}&"
        return b" from Accounts " in seen.body and not seen.body.startswith(b'{"select_query": "select id from')

    def expire_token(self) -> None:
        self.db.expire_tokens()
        self.injected += 1


def _values(record: Record) -> dict[str, Any]:
    number = float(record.number) if record.number is not None else None
    values = {"Account_Name": record.text, "Description": record.long_text, "Score": number}
    return {**values, "Birth_Date": record.day, "Contract_Signed_At": record.moment}


def _start(lists: bool) -> Callable[[Path], AbstractContextManager[Peer]]:
    @contextlib.contextmanager
    def start(folder: Path) -> Iterator[Peer]:
        app = zoho_crm_app(tiny_company())
        with Sandbox(app) as box:
            yield ZohoCrmPeer(box, app.state.db, lists)

    return start


ENTRIES = [Entry("zoho_crm", _start(lists=False)), Entry("zoho_crm_lists", _start(lists=True), second_way=True)]
