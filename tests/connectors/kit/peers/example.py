"""The made-up Tiny CRM of docs/connectors.md."""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.base import Connector
from connectors.sandbox.server import Fault, Sandbox, Seen
from tests.connectors.example.connector import TinyConfig, TinyConnector
from tests.connectors.example.sandbox import API_KEY, TinyCrm
from tests.connectors.kit.peer import USUAL, Columns, Entry, HttpPeer, Record, Settings, Truth


class TinyPeer(HttpPeer):
    stream = "account"
    columns = Columns(text="name", long_text="note", number="score", day="since", moment="seen_at")
    secret = API_KEY
    page_sizes = (1, 1000)

    def __init__(self, box: Sandbox, crm: TinyCrm) -> None:
        super().__init__(box)
        self.crm = crm

    def connector(self, settings: Settings = USUAL) -> Connector:
        values: dict[str, Any] = {"url": self.box.url, "api_key": settings.secret or API_KEY}
        values["limits"] = {"requests_per_sync": settings.max_requests}
        given = {"page_size": settings.page_size, "timeout_seconds": settings.timeout_seconds}
        values |= {name: value for name, value in given.items() if value is not None}
        return TinyConnector(TinyConfig.model_validate(values), sleep=self.slept.append)

    def truth(self) -> Truth:
        rows = ((id, self.crm.rows[id]) for id in self.crm.live())
        return {"account": {str(id): {"name": row["name"], "note": row["note"]} for id, row in rows}}

    def create(self, record: Record, at: datetime | None = None) -> str:
        return str(self.crm.write(at or self.now(), **_values(record)))

    def change(self, key: str, record: Record, at: datetime | None = None) -> None:
        self.crm.write(at or self.now(), int(key), **_values(record))

    def delete(self, key: str, at: datetime | None = None) -> None:
        self.crm.write(at or self.now(), int(key), deleted=True)

    def undelete(self, key: str, at: datetime | None = None) -> None:
        self.crm.write(at or self.now(), int(key), deleted=False)

    def merge(self, loser: str, survivor: str) -> None:
        self.delete(loser)

    def clear(self) -> None:
        self.crm.rows.clear()

    def add_field(self, key: str, value: str) -> str:
        self.crm.fields["segment"] = "text"
        self.crm.write(self.now(), int(key), segment=value)
        return "segment"

    def retype_number(self, key: str, value: str) -> None:
        self.crm.fields["score"] = "text"
        self.crm.write(self.now(), int(key), score=value)

    def is_data(self, seen: Seen) -> bool:
        return seen.path == "/v1/accounts"

    def throttle(self) -> Fault:
        return Fault("status", status=429, headers={"Retry-After": str(int(self.wait_seconds))})

    def error_in_200(self) -> Fault:
        return Fault("status", status=200, body=b'{"error": "the module is not licensed"}')


def _values(record: Record) -> dict[str, Any]:
    moment = record.moment.isoformat() if record.moment else None
    values = {"name": record.text, "note": record.long_text, "score": record.number}
    return {**values, "since": record.day, "seen_at": moment}


@contextlib.contextmanager
def _start(folder: Path) -> Iterator[TinyPeer]:
    crm = TinyCrm()
    with Sandbox(crm.app()) as box:
        peer = TinyPeer(box, crm)
        peer.create(Record("the first"))
        yield peer


ENTRIES = [
    Entry(
        "example",
        _start,
        {
            "test_a_token_that_expires_in_mid_stream_is_replaced": "an API key does not expire",
            "test_one_failing_stream_does_not_stop_the_others": "the example has one stream",
        },
    )
]
