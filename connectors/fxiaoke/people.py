"""Departments and employees, which the address book interfaces list whole: no paging, no question for changes only."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from connectors import arrow
from connectors.fxiaoke.client import FxiaokeClient
from connectors.fxiaoke.objects import DEPARTMENT

ROOT = "999999"
"""The whole company (全公司); departments right below it name it or 0 as their parent."""
_DEPARTMENT = pa.schema(
    [
        ("id", pa.string()),
        ("name", pa.string()),
        ("parent_id", pa.string()),
        ("is_stop", pa.bool_()),
        ("order", pa.int64()),
    ]
)
_USER = pa.schema(
    [
        ("id", pa.string()),
        ("account", pa.string()),
        ("name", pa.string()),
        ("nick_name", pa.string()),
        ("is_stop", pa.bool_()),
        ("email", pa.string()),
        ("mobile", pa.string()),
        ("gender", pa.string()),
        ("position", pa.string()),
        ("employee_number", pa.string()),
        ("main_department_id", pa.string()),
        ("department_ids", pa.string()),
        ("leader_id", pa.string()),
        ("hire_date", pa.date32()),
        ("created_at", arrow.TIME),
    ]
)
_USER_FIELDS = {"id": "openUserId", "created_at": "createTime"}
"""Landed columns whose vendor key is not simply their camelCase."""


def listed(client: FxiaokeClient, stream: str) -> list[dict[str, Any]]:
    """All departments or all employees as the vendor shows them."""
    if stream == DEPARTMENT:
        found = client.call("/cgi/department/list").get("departments")
    else:
        body = {"departmentId": int(ROOT), "fetchChild": True, "showDepartmentIdsDetail": True}
        found = client.call("/cgi/user/list", body).get("userList")
    return list(found or ())


def key_of(record: Mapping[str, Any], stream: str) -> str:
    """The key of a listed record."""
    return str(record["id"] if stream == DEPARTMENT else record["openUserId"])


def table_of(records: Sequence[Mapping[str, Any]], stream: str, zone: ZoneInfo) -> pa.Table:
    """The listed records as one page."""
    if stream == DEPARTMENT:
        return arrow.page([_department(record) for record in records], _DEPARTMENT, "fxiaoke department")
    return arrow.page([_user(record, zone) for record in records], _USER, "fxiaoke user")


def _department(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": _text(record.get("id")),
        "name": _text(record.get("name")),
        "parent_id": _text(record.get("parentId")),
        "is_stop": bool(record.get("isStop")),
        "order": record.get("order"),
    }


def _user(record: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    row = {name: _text(record.get(_USER_FIELDS.get(name, _camel(name)))) for name in _USER.names}
    created = _text(record.get("createTime"))
    return {
        **row,
        "is_stop": bool(record.get("isStop")),
        "hire_date": _day(record.get("hireDate"), zone),
        "created_at": int(created) * 1000 if created else None,
    }


def _day(value: Any, zone: ZoneInfo) -> Any:
    """A day that comes as text or as milliseconds of its midnight."""
    if value in (None, ""):
        return None
    if isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, UTC).astimezone(zone).date()
    return value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _text(value: Any) -> str | None:
    return None if value in (None, "", []) else arrow.text(value)
