"""Odoo 14 (JSON-RPC) and 19 (JSON-2): the kit changes partners."""

import contextlib
import functools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from connectors.base import Connector
from connectors.odoo import OdooConfig, OdooConnector
from connectors.sandbox.odoo import API_KEY, LOGIN, odoo_app
from connectors.sandbox.odoo_database import OdooDatabase
from connectors.sandbox.server import Fault, Sandbox, Seen
from tests.connectors.kit.peer import USUAL, Columns, Entry, HttpPeer, Record, Settings, Truth
from tests.connectors.odoo_company import small_company

_MODELS = {
    "company": "res.company",
    "partner": "res.partner",
    "partner_industry": "res.partner.industry",
    "country": "res.country",
    "country_state": "res.country.state",
    "user": "res.users",
    "employee": "hr.employee",
    "department": "hr.department",
    "job": "hr.job",
    "product": "product.product",
    "product_category": "product.category",
    "sale_order": "sale.order",
    "sale_order_line": "sale.order.line",
    "invoice": "account.move",
    "invoice_line": "account.move.line",
    "payment": "account.payment",
    "crm_team": "crm.team",
    "crm_team_member": "crm.team.member",
    "lead": "crm.lead",
    "stage": "crm.stage",
    "lost_reason": "crm.lost.reason",
    "lead_stage_change": "mail.tracking.value",
    "activity_type": "mail.activity.type",
    "activity": "mail.activity",
    "activity_done": "mail.message",
    "meeting": "calendar.event",
    "utm_source": "utm.source",
    "currency": "res.currency",
    "currency_rate": "res.currency.rate",
}
_CUSTOMER_MOVES = ("out_invoice", "out_refund", "out_receipt")


class OdooPeer(HttpPeer):
    stream = "partner"
    columns = Columns(text="name", long_text="street", number="x_score", day="x_since", moment="x_seen_at")
    secret = API_KEY
    null_number = "0"
    page_sizes = (1, 20_000)

    def __init__(self, box: Sandbox, db: OdooDatabase, version: int) -> None:
        super().__init__(box)
        self.db, self.version = db, version
        extra = {"x_score": ("float", ""), "x_since": ("date", ""), "x_seen_at": ("datetime", "")}
        db.table("res.partner").fields.update(extra)

    def connector(self, settings: Settings = USUAL) -> Connector:
        values: dict[str, Any] = {"url": self.box.url, "database": "erp", "login": LOGIN}
        values["protocol"] = "json2" if self.version >= 19 else "jsonrpc"
        values["api_key"] = settings.secret or API_KEY
        values["limits"] = {"requests_per_sync": settings.max_requests}
        given = {"page_size": settings.page_size, "timeout_seconds": settings.timeout_seconds}
        values |= {name: value for name, value in given.items() if value is not None}
        return OdooConnector(OdooConfig.model_validate(values), sleep=self.slept.append)

    def truth(self) -> Truth:
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for stream, model in _MODELS.items():
            rows = self.db.tables[model].rows.values() if model in self.db.tables else ()
            found[stream] = {str(row["id"]): self._expected(stream, row) for row in rows if self._belongs(stream, row)}
        return found

    def _belongs(self, stream: str, row: dict[str, Any]) -> bool:
        moves = self.db.table("account.move").rows
        if stream == "invoice":
            return row.get("move_type") in _CUSTOMER_MOVES
        if stream == "invoice_line":
            kind = row.get("display_type")
            product = kind == "product" if self.version >= 16 else not kind and not row.get("exclude_from_invoice_tab")
            return product and moves[row["move_id"]].get("move_type") in _CUSTOMER_MOVES
        if stream == "payment":
            return row.get("partner_type") == "customer" and not row.get("is_internal_transfer")
        return stream != "activity_done" or row.get("mail_activity_type_id") is not None

    def _expected(self, stream: str, row: dict[str, Any]) -> dict[str, Any]:
        values = {"write_date": datetime.fromisoformat(row["write_date"][:19]).replace(tzinfo=UTC)}
        return values | ({"name": row.get("name"), "street": row.get("street")} if stream == "partner" else {})

    def create(self, record: Record, at: datetime | None = None) -> str:
        return str(self.db.create("res.partner", _values(record), self._stamp(at)))

    def change(self, key: str, record: Record, at: datetime | None = None) -> None:
        row = self.db.table("res.partner").rows[int(key)]
        row |= _values(record) | {"write_date": self._stamp(at)}
        for name in [name for name, value in row.items() if value is None]:
            del row[name]

    def delete(self, key: str, at: datetime | None = None) -> None:
        self.db.unlink("res.partner", int(key))

    def merge(self, loser: str, survivor: str) -> None:
        """Odoo's merge moves what points at the loser and deletes it; nothing names the survivor."""
        self.db.write("res.partner", int(survivor), {"write_date": self._stamp(None)})
        self.delete(loser)

    def add_field(self, key: str, value: str) -> str:
        self.db.table("res.partner").fields["x_segment"] = ("char", "")
        self.db.table("res.partner").rows[int(key)] |= {"x_segment": value, "write_date": self._stamp(None)}
        return "x_segment"

    def retype_number(self, key: str, value: str) -> None:
        self.db.table("res.partner").fields["x_score"] = ("char", "")
        for row in self.db.table("res.partner").rows.values():
            if "x_score" in row:
                row["x_score"] = str(row["x_score"])
        self.db.table("res.partner").rows[int(key)] |= {"x_score": value, "write_date": self._stamp(None)}

    def throttle(self) -> Fault:
        return Fault("status", status=429, headers={"Retry-After": str(int(self.wait_seconds))})

    def error_in_200(self) -> Fault:
        data = {"name": "odoo.exceptions.UserError", "message": "the kit's own trouble"}
        answer = {"jsonrpc": "2.0", "id": 1, "error": {"code": 200, "message": "Odoo Server Error", "data": data}}
        return Fault("status", status=200, body=orjson.dumps(answer))

    def is_data(self, seen: Seen) -> bool:
        if self.version >= 19:
            return seen.path == "/json/2/res.partner/read"
        return b'"res.partner", "read"' in seen.body

    def _stamp(self, at: datetime | None) -> str:
        return (at or self.now()).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _values(record: Record) -> dict[str, Any]:
    moment = record.moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if record.moment else None
    number = float(record.number) if record.number is not None else None
    values = {"name": record.text, "street": record.long_text, "x_score": number}
    return {**values, "x_since": record.day, "x_seen_at": moment}


@contextlib.contextmanager
def _start(version: int, folder: Path) -> Iterator[OdooPeer]:
    app = odoo_app(small_company(), version=version, crm=True)
    with Sandbox(app) as box:
        yield OdooPeer(box, app.state.db, version)


_NO_BIN = "Odoo deletes for good: there is no recycle bin (an archived record stays a live one)"
_NO_TOKEN = "the key travels with every call; there is no session to expire"
_SHARED = {
    "test_an_undelete_arrives": _NO_BIN,
    "test_a_token_that_expires_in_mid_stream_is_replaced": _NO_TOKEN,
}
ENTRIES = [
    Entry("odoo-14", functools.partial(_start, 14), _SHARED),
    Entry(
        "odoo-19",
        functools.partial(_start, 19),
        _SHARED | {"test_an_error_inside_http_200_is_an_error": "JSON-2 tells every error by its HTTP status"},
        second_way=True,
    ),
]
