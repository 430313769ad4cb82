"""dlt's REST source on a shop that speaks WooCommerce's API, once read whole at every sync and once by its changes.

The kit changes orders; trashed ones are shown no more.
"""

import contextlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from dlt.sources.helpers.requests.retry import Client

from connectors.base import Connector
from connectors.dlt_source import DltConfig, DltConnector
from connectors.sandbox.server import Fault, Sandbox, Seen
from connectors.variables import FilledText
from tests.connectors.kit.peer import USUAL, Columns, Entry, HttpPeer, Record, Settings, Truth
from tests.connectors.woocommerce_shop import API, KEY, SECRET, Shop, stamp

_LARGEST = 1000
_WIDENED = {"id": "bigint", "total": "decimal", "date_completed_gmt": "timestamp"}


class ShopPeer(HttpPeer):
    stream = "orders"
    columns = Columns(text="customer_note", long_text="transaction_id", number="total", moment="date_completed_gmt")
    secret = SECRET
    page_sizes = (1, _LARGEST)

    def __init__(self, box: Sandbox, shop: Shop, incremental: bool) -> None:
        super().__init__(box)
        self.shop, self._incremental = shop, incremental
        self._types = dict(_WIDENED)
        shop.customer("Erste GmbH")
        self.create(Record("the first"))

    def connector(self, settings: Settings = USUAL) -> Connector:
        secret = settings.secret or SECRET
        params: dict[str, Any] = {"per_page": settings.page_size or 100}
        orders: dict[str, Any] = {"path": "orders", "params": {**params, "status": "any"}}
        if self._incremental:
            orders["params"]["modified_after"] = "{incremental.start_value}"
            orders["incremental"] = {
                "cursor_path": "date_modified_gmt",
                "initial_value": "2010-01-01T00:00:00",
                "lag": 1800,
            }
        endpoints = {"orders": orders, "customers": {"path": "customers", "params": params}}
        auth = {"type": "http_basic", "username": KEY, "password": FilledText(secret, {"SHOP_SECRET": secret})}
        client = {"base_url": f"{self.box.url}{API}/", "auth": auth, "paginator": "header_link"}
        resources = [{"name": name, "endpoint": endpoint} for name, endpoint in endpoints.items()]
        streams: list[dict[str, Any]] = [
            {"name": "orders", "key": ["id"], "columns": self._types, "snapshot": not self._incremental},
            {"name": "customers", "key": ["id"], "columns": {"id": "bigint"}, "snapshot": True},
        ]
        values = {"source": "dlt.sources.rest_api", "arguments": {"client": client, "resources": resources}}
        return DltConnector(DltConfig.model_validate({**values, "streams": streams}))

    def truth(self) -> Truth:
        orders = {str(id): {"customer_note": order["customer_note"]} for id, order in self.shop.shown().items()}
        customers = {str(id): {"email": row["email"]} for id, row in self.shop.customers.items()}
        return {"orders": orders, "customers": customers}

    def create(self, record: Record, at: datetime | None = None) -> str:
        return str(self.shop.order(at or self.now(), **_values(record)))

    def change(self, key: str, record: Record, at: datetime | None = None) -> None:
        self.shop.order(at or self.now(), id=int(key), **_values(record))

    def delete(self, key: str, at: datetime | None = None) -> None:
        self.shop.order(at or self.now(), id=int(key), status="trash")

    def undelete(self, key: str, at: datetime | None = None) -> None:
        self.shop.order(at or self.now(), id=int(key), status="processing")

    def merge(self, loser: str, survivor: str) -> None:
        self.delete(loser)

    def add_field(self, key: str, value: str) -> str:
        self.shop.order(self.now(), id=int(key), segment=value)
        return "segment"

    def retype_number(self, key: str, value: str) -> None:
        self._types["total"] = "text"
        self.shop.order(self.now(), id=int(key), total=value)

    def is_data(self, seen: Seen) -> bool:
        return seen.path == f"{API}/orders"

    def throttle(self) -> Fault:
        return Fault("status", status=429, headers={"Retry-After": str(int(self.wait_seconds))})

    def error_in_200(self) -> Fault:
        return Fault("status", status=200, body=b'{"code": "internal_error", "message": "There was a critical error"}')


def _values(record: Record) -> dict[str, Any]:
    completed = stamp(record.moment) if record.moment else None
    values = {"customer_note": record.text, "transaction_id": record.long_text, "total": record.number}
    return {**values, "date_completed_gmt": completed}


def _starting(incremental: bool) -> Any:
    @contextlib.contextmanager
    def start(folder: Path) -> Iterator[ShopPeer]:
        shop = Shop(page_limit=_LARGEST)
        with Sandbox(shop.app()) as box:
            peer = ShopPeer(box, shop, incremental)
            # dlt waits by tenacity, and lets no source say how long it waits for an answer.
            waits = mock.patch("tenacity.nap.time", SimpleNamespace(sleep=peer.slept.append))
            patience = mock.patch("dlt.sources.helpers.requests.retry.Client", partial(Client, request_timeout=0.5))
            with waits, patience:
                yield peer

    return start


_HERE = "tests/connectors/test_dlt_source.py"
_SOURCE = "a dlt source makes its requests itself, with waits and budgets of its own"
_TESTS: Mapping[str, str] = {
    "test_the_budget_of_a_sync_is_kept_and_the_rest_comes_later": _SOURCE,
    "test_a_token_that_expires_in_mid_stream_is_replaced": "Basic auth does not expire",
    "test_a_late_commit_within_the_overlap_is_caught": f"dlt's `lag` is the overlap; {_HERE}",
    "test_a_second_sync_asks_only_for_changes": f"dlt asks, and nobody sees its pages before it has; {_HERE}",
    "test_a_record_changed_while_paging_is_caught_by_the_next_sync": f"dlt's pages are put together; {_HERE}",
}
_DELETED = "changes say nothing of deleted orders; the other entry reads everything"
_CHANGES = {
    "test_a_clock_ahead_or_behind_loses_nothing": "dlt's cursor is the newest stamp it saw, whatever the clock says; a "
    "full read (`full_read_hours`) brings what a clock that was set back hid; the other entry has it",
    "test_a_delete_arrives_and_stays": _DELETED,
    "test_a_merge_arrives": _DELETED,
    "test_an_undelete_arrives": _DELETED,
    "test_an_emptied_source_shrinks_nothing": _DELETED,
    "test_an_emptied_source_is_believed_when_a_person_says_so": _DELETED,
}
ENTRIES = [
    Entry("dlt", _starting(incremental=False), _TESTS, second_way=True),
    Entry("dlt_changes", _starting(incremental=True), {**_TESTS, **_CHANGES}, second_way=True),
]
