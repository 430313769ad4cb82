"""Salesforce over REST and over Bulk API 2.0: the kit changes accounts."""

import contextlib
import functools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.base import Connector
from connectors.salesforce import SalesforceConfig, SalesforceConnector
from connectors.sandbox.salesforce import CLIENT_SECRET, SalesforceDb, salesforce_app
from connectors.sandbox.server import Fault, Sandbox, Seen
from tests.connectors.kit.peer import USUAL, Columns, Entry, HttpPeer, Record, Settings, Truth
from tests.connectors.salesforce_company import tiny_company

_OBJECTS = {
    "account": "Account",
    "contact": "Contact",
    "user": "User",
    "user_role": "UserRole",
    "lead": "Lead",
    "opportunity": "Opportunity",
    "opportunity_field_history": "OpportunityFieldHistory",
    "opportunity_stage": "OpportunityStage",
    "task": "Task",
    "event": "Event",
    "case": "Case",
    "product": "Product2",
    "quote": "Quote",
    "contract": "Contract",
    "order": "Order",
    "order_item": "OrderItem",
    "territory": "Territory2",
    "territory_user": "UserTerritory2Association",
    "quota": "ForecastingQuota",
}


class SalesforcePeer(HttpPeer):
    stream = "account"
    columns = Columns(text="name", long_text="billing_street", number="score_c", day="person_birthdate", moment=None)
    secret = CLIENT_SECRET
    page_sizes = (200, 2000)

    def __init__(self, box: Sandbox, db: SalesforceDb) -> None:
        super().__init__(box)
        self.db = db
        db.add_field("Account", "Score__c", "double")

    def connector(self, settings: Settings = USUAL) -> Connector:
        values: dict[str, Any] = {"login_url": self.box.url, "client_id": "scoreline"}
        values["client_secret"] = settings.secret or CLIENT_SECRET
        values["limits"] = {"requests_per_sync": settings.max_requests}
        given = {**self.values(settings), "timeout_seconds": settings.timeout_seconds}
        values |= {name: value for name, value in given.items() if value is not None}
        return SalesforceConnector(SalesforceConfig.model_validate(values), sleep=self.slept.append)

    def values(self, settings: Settings) -> dict[str, Any]:
        """The connection as a company would write it."""
        return {"page_size": settings.page_size, "bulk_from_records": None}

    def truth(self) -> Truth:
        return {
            stream: {row["Id"]: self._expected(stream, row) for row in self.db.rows(name)}
            for stream, name in _OBJECTS.items()
        }

    def _expected(self, stream: str, row: dict[str, Any]) -> dict[str, Any]:
        if stream != "account":
            return {}
        stamp = datetime.fromisoformat(row["SystemModstamp"]).astimezone(UTC)
        return {"name": row["Name"], "billing_street": row["BillingStreet"], "system_modstamp": stamp}

    def create(self, record: Record, at: datetime | None = None) -> str:
        return self.db.create("Account", at=at or self.now(), **_values(record))

    def change(self, key: str, record: Record, at: datetime | None = None) -> None:
        self.db.update(key, at=at or self.now(), **_values(record))

    def delete(self, key: str, at: datetime | None = None) -> None:
        self.db.delete(key, at=at or self.now())

    def undelete(self, key: str, at: datetime | None = None) -> None:
        self.db.undelete(key, at=at or self.now())

    def merge(self, loser: str, survivor: str) -> None:
        self.db.merge(survivor, loser, at=self.now())

    def clear(self) -> None:
        # Not a deletion: the sharing rules of the integration user changed, so the records are simply not shown.
        self.db.tables["Account"].clear()

    def add_field(self, key: str, value: str) -> str:
        self.db.add_field("Account", "Segment__c", "string")
        self.db.update(key, at=self.now(), Segment__c=value)
        return "segment_c"

    def retype_number(self, key: str, value: str) -> None:
        self.db.add_field("Account", "Score__c", "string")
        for row in self.db.tables["Account"].values():
            row["Score__c"] = None if row["Score__c"] is None else f"{row['Score__c']:g}"
        self.db.update(key, at=self.now(), Score__c=value)

    def throttle(self) -> Fault:
        return Fault("status", status=429, headers={"Retry-After": str(int(self.wait_seconds))})

    def is_data(self, seen: Seen) -> bool:
        """A first page names the object in its query; later pages only a locator, which the first answer handed out."""
        if "/query" not in seen.path:
            return False
        return "FROM+Account" in seen.query and "COUNT" not in seen.query if seen.query else True

    def expire_token(self) -> None:
        self.db.expire_tokens()
        self.injected += 1


def _values(record: Record) -> dict[str, Any]:
    number = float(record.number) if record.number is not None else None
    values = {"Name": record.text, "BillingStreet": record.long_text, "Score__c": number}
    return {**values, "PersonBirthdate": record.day}


class SalesforceBulkPeer(SalesforcePeer):
    """The same org with every full read going through Bulk API 2.0; changes of a few hours stay with REST."""

    page_sizes = (1, 50_000)

    def __init__(self, box: Sandbox, db: SalesforceDb) -> None:
        super().__init__(box, db)
        db.jobs.polls = 0

    def values(self, settings: Settings) -> dict[str, Any]:
        return {"bulk_page_size": settings.page_size, "bulk_from_records": 1}

    def is_data(self, seen: Seen) -> bool:
        """A page of results of a job over accounts; which object a job is about stands in the job alone."""
        if "/jobs/" not in seen.path:
            return super().is_data(seen)
        job = self.db.jobs.made.get(seen.path.split("/")[-2])
        return seen.path.endswith("/results") and job is not None and job.query.spec.name == "Account"


@contextlib.contextmanager
def _start(peer: type[SalesforcePeer], folder: Path) -> Iterator[SalesforcePeer]:
    app = salesforce_app(tiny_company())
    with Sandbox(app) as box:
        yield peer(box, app.state.db)


_TESTS = {"test_an_error_inside_http_200_is_an_error": "the REST and Bulk API tell every error by their HTTP status"}
ENTRIES = [
    Entry("salesforce", functools.partial(_start, SalesforcePeer), _TESTS),
    Entry(
        "salesforce-bulk",
        functools.partial(_start, SalesforceBulkPeer),
        _TESTS | {"test_a_stream_that_breaks_off_loses_nothing": "changes go over REST: see entry salesforce"},
        second_way=True,
    ),
]
