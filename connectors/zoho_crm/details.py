"""Streams that Zoho tells record by record only: the history of deals, and the lines of orders and invoices.

Each record that changed costs a call, so both can be switched off in the configuration.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from connectors import arrow
from connectors.base import Stream
from connectors.zoho_crm.client import ZohoClient
from connectors.zoho_crm.config import ZohoCrmConfig
from connectors.zoho_crm.modules import MODULES, ZohoModule
from connectors.zoho_crm.readers import LIST_PAGE

Row = dict[str, Any]
_TEXT = pa.string()


@dataclass(frozen=True)
class DetailStream:
    """A stream read record by record.

    module: whose changed records are asked for. record: the column with the id of the record. fetch: the rows of one.
    wanted: whether the configuration asks for it.
    """

    stream: Stream
    schema: pa.Schema
    module: ZohoModule
    record: str
    fetch: Callable[[ZohoClient, ZohoCrmConfig, str], Iterator[Row]]
    wanted: Callable[[ZohoCrmConfig], bool]


def _timeline(client: ZohoClient, config: ZohoCrmConfig, deal_id: str) -> Iterator[Row]:
    """Every change of the configured fields that the timeline of one deal tells of."""
    asked: dict[str, str] = {"per_page": str(LIST_PAGE)}
    while True:
        answer = client.json(f"Deals/{deal_id}/__timeline", asked) or {}
        for entry in answer.get("__timeline", []):
            for change in entry.get("field_history") or []:
                if change.get("api_name") in config.history_fields:
                    yield _change(deal_id, entry, change)
        info = answer.get("info") or {}
        if not info.get("more_records"):
            return
        asked = {"page_token": info["next_page_token"]}


def _change(deal_id: str, entry: Row, change: Row) -> Row:
    value = change.get("_value") or {}
    return {
        "id": f"{entry['id']}|{change['api_name']}",
        "deal_id": deal_id,
        "field": change["api_name"],
        "old_value": value.get("old"),
        "new_value": value.get("new"),
        "audited_time": entry.get("audited_time"),
        "done_by_id": (entry.get("done_by") or {}).get("id"),
        "source": entry.get("source"),
    }


def _lines(module: ZohoModule, field: str) -> Callable[[ZohoClient, ZohoCrmConfig, str], Iterator[Row]]:
    def fetch(client: ZohoClient, config: ZohoCrmConfig, record_id: str) -> Iterator[Row]:
        for record in (client.json(f"{module.name}/{record_id}") or {}).get("data", []):
            yield {"id": record_id, "lines": record.get(field) or []}

    return fetch


def _lines_stream(name: str, module: ZohoModule, field: str, wanted: Callable[[ZohoCrmConfig], bool]) -> DetailStream:
    told = f"All lines of one of {module.name} as JSON, so that lines taken out of it are gone."
    schema = pa.schema([("id", _TEXT), ("lines", _TEXT)])
    # `modified_time` is the document's: the lines have no time of their own.
    stream = Stream(name, ("id",), "modified_time", description=told)
    return DetailStream(stream, schema, module, "id", _lines(module, field), wanted)


DETAILS: dict[str, DetailStream] = {
    one.stream.name: one
    for one in (
        DetailStream(
            Stream(
                "deal_history",
                ("id",),
                "audited_time",
                description="Changes of deal fields from the timelines of changed deals: one row per field and change.",
            ),
            pa.schema(
                [(name, _TEXT) for name in ("id", "deal_id", "field", "old_value", "new_value")]
                + [("audited_time", arrow.TIME), ("done_by_id", _TEXT), ("source", _TEXT)]
            ),
            MODULES["deal"],
            "deal_id",
            _timeline,
            lambda config: bool(config.history_fields),
        ),
        _lines_stream(
            "sales_order_lines",
            MODULES["sales_order"],
            "Ordered_Items",
            lambda config: bool(config.confirmed_order_statuses),
        ),
        _lines_stream(
            "invoice_lines",
            MODULES["invoice"],
            "Invoiced_Items",
            lambda config: bool(config.posted_invoice_statuses),
        ),
    )
}
"""Every stream of details by name."""
