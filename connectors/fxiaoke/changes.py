"""The change log of single records: what stage and owner a deal had, and until when.

The vendor documents the interface (数据修改记录) and the head of each entry; how an entry says which field changed is
not published. So changes are looked for anywhere inside an entry by the three keys of `log_keys`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from connectors import arrow
from connectors.fxiaoke.client import FxiaokeClient
from connectors.fxiaoke.config import FxiaokeConfig

PATH = "/cgi/crm/v2/object/getNewLogInfoListForWeb"
PAGE_SIZE = 200
SCHEMA = pa.schema(
    [
        ("opportunity_id", pa.string()),
        ("log_id", pa.string()),
        ("field", pa.string()),
        ("old_value", pa.string()),
        ("new_value", pa.string()),
        ("changed_by", pa.string()),
        ("changed_at", arrow.TIME),
    ]
)
"""`field` is stage or owner; values as the log shows them, people out of their list."""


def changes_of(
    client: FxiaokeClient,
    config: FxiaokeConfig,
    object_name: str,
    record_id: str,
    fields: Mapping[str, str],
    since: datetime,
    until: datetime,
) -> Iterator[dict[str, Any]]:
    """Changes of the given fields (vendor field -> name) of one record, as rows of `SCHEMA`."""
    page = 1
    while True:
        asked = {
            "apiName": object_name,
            "objectId": record_id,
            "pageNumber": page,
            "pageSize": PAGE_SIZE,
            "operationTimeFrom": _milliseconds(since),
            "operationTimeTo": _milliseconds(until),
        }
        data = client.call(PATH, {"data": asked})["data"]
        for entry in data.get("modifyRecordList") or ():
            yield from _rows(entry, record_id, fields, config.log_keys)
        if page >= int((data.get("pageInfo") or {}).get("pageCount") or 0):
            return
        page += 1


def labelled(row: dict[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    """The row with the labels of its stages; what is none of the values (the log may show labels) stays."""
    if row["field"] != "stage":
        return row
    return row | {name: labels.get(row[name], row[name]) for name in ("old_value", "new_value")}


def table_of(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """The rows as one page."""
    return arrow.page(rows, SCHEMA, "fxiaoke change log")


def _rows(
    entry: Mapping[str, Any], record_id: str, fields: Mapping[str, str], keys: tuple[str, str, str]
) -> Iterator[dict[str, Any]]:
    name, old, new = keys
    by = entry.get("owner")
    for change in _changes(entry, name):
        if change[name] in fields:
            yield {
                "opportunity_id": record_id,
                "log_id": entry.get("logID"),
                "field": fields[change[name]],
                "old_value": _value(change.get(old)),
                "new_value": _value(change.get(new)),
                "changed_by": by.get("employeeID") if isinstance(by, dict) else None,
                "changed_at": _milliseconds_to_time(entry.get("operationTime")),
            }


def _changes(value: Any, name: str) -> Iterator[dict[str, Any]]:
    """Every object inside the entry that names a field."""
    if isinstance(value, dict):
        if isinstance(value.get(name), str):
            yield value
        for item in value.values():
            yield from _changes(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _changes(item, name)


def _value(value: Any) -> str | None:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return None if value in (None, "", []) else arrow.text(value)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _milliseconds_to_time(value: Any) -> int | None:
    """Microseconds, which is what Arrow's moments count."""
    return None if value in (None, "") else int(value) * 1000
