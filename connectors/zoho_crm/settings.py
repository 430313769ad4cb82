"""Streams that are not modules: users, the role and territory trees, and deal stages.

Users can be asked for by time of change; the trees and the stages are short and read whole every time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from connectors import arrow
from connectors.base import ConfigurationError, Stream
from connectors.zoho_crm.client import ZohoClient
from connectors.zoho_crm.config import ZohoCrmConfig
from connectors.zoho_crm.readers import LIST_PAGE, since_header

Row = dict[str, Any]
_TEXT, _WHOLE = pa.string(), pa.int64()
_TIMES = {"created_time": arrow.TIME, "modified_time": arrow.TIME}


@dataclass(frozen=True)
class SettingsStream:
    """A stream of the account's settings. `fetch` gives its rows, those changed since a moment where it can tell."""

    stream: Stream
    schema: pa.Schema
    fetch: Callable[[ZohoClient, ZohoCrmConfig, datetime | None], Iterator[list[Row]]]

    def pages(self, client: ZohoClient, config: ZohoCrmConfig, since: datetime | None) -> Iterator[pa.Table]:
        """Typed pages."""
        for rows in self.fetch(client, config, since):
            if rows:
                yield self.page(rows)

    def page(self, rows: Sequence[Row]) -> pa.Table:
        """Rows as one typed page."""
        return arrow.page(rows, self.schema, f"zoho_crm {self.stream.name}")


def _users(client: ZohoClient, config: ZohoCrmConfig, since: datetime | None) -> Iterator[list[Row]]:
    roles = config.roles("user")
    page, more = 1, True
    while more:
        asked = {"type": "AllUsers", "page": str(page), "per_page": str(min(config.page_size, LIST_PAGE))}
        answer = client.json("users", asked, since_header(since))
        if answer is None:
            return
        _refuse_missing(answer["users"], roles)
        yield [_user(user, roles) for user in answer["users"]]
        more, page = bool(answer.get("info", {}).get("more_records")), page + 1


def _user(user: Row, roles: dict[str, str]) -> Row:
    return {
        "id": user["id"],
        "full_name": user.get("full_name"),
        "email": user.get("email"),
        "status": user.get("status"),
        "role_id": _id(user.get("role")),
        "profile_name": (user.get("profile") or {}).get("name"),
        "reporting_to_id": _id(user.get("Reporting_To")),
        "time_zone": user.get("time_zone"),
        "category": user.get("category"),
        "created_time": user.get("created_time"),
        "modified_time": user.get("Modified_Time"),
        **{column: user.get(field) for column, field in roles.items()},
    }


def _refuse_missing(users: list[Row], roles: dict[str, str]) -> None:
    missing = sorted(field for field in roles.values() if users and all(field not in user for user in users))
    if missing:
        raise ConfigurationError(f"zoho_crm: users have no field {', '.join(missing)}: correct columns.user")


def _roles(client: ZohoClient, config: ZohoCrmConfig, since: datetime | None) -> Iterator[list[Row]]:
    answer = client.json("settings/roles") or {}
    yield [
        {
            "id": role["id"],
            "name": role.get("display_label") or role.get("name"),
            "description": role.get("description"),
            "reporting_to_id": _id(role.get("reporting_to")),
            "created_time": role.get("created_time__s"),
            "modified_time": role.get("modified_time__s"),
        }
        for role in answer.get("roles", [])
    ]


def _territories(client: ZohoClient, config: ZohoCrmConfig, since: datetime | None) -> Iterator[list[Row]]:
    answer = client.json("settings/territories") or {}
    yield [
        {
            "id": territory["id"],
            "name": territory.get("name"),
            "manager_id": _id(territory.get("manager")),
            "reporting_to_id": _id(territory.get("reporting_to")),
            "created_time": territory.get("created_time"),
            "modified_time": territory.get("modified_time"),
        }
        for territory in answer.get("territories", [])
    ]


def _territory_users(client: ZohoClient, config: ZohoCrmConfig, since: datetime | None) -> Iterator[list[Row]]:
    for territory in (client.json("settings/territories") or {}).get("territories", []):
        answer = client.json(f"settings/territories/{territory['id']}/users") or {}
        yield [{"territory_id": territory["id"], "user_id": user["id"]} for user in answer.get("users", [])]


def _stages(client: ZohoClient, config: ZohoCrmConfig, since: datetime | None) -> Iterator[list[Row]]:
    answer = client.json("settings/fields", {"module": "Deals"}) or {}
    values: list[Row] = next((one["pick_list_values"] for one in answer["fields"] if one["api_name"] == "Stage"), [])
    yield [
        {
            "id": value["id"],
            "actual_value": value.get("actual_value"),
            "display_value": value.get("display_value"),
            "sequence_number": value.get("sequence_number"),
            "probability": value.get("probability"),
            "forecast_type": value.get("forecast_type"),
            "forecast_category": (value.get("forecast_category") or {}).get("name"),
            "outcome": _outcome(value, config),
        }
        for value in values
    ]


def _outcome(value: Row, config: ZohoCrmConfig) -> str:
    names = {value.get("actual_value"), value.get("display_value")}
    if names & set(config.won_stages):
        return "won"
    if names & set(config.lost_stages):
        return "lost"
    return {"closed won": "won", "closed lost": "lost"}.get(str(value.get("forecast_type")).lower(), "open")


def _id(reference: Any) -> str | None:
    return str(reference["id"]) if isinstance(reference, dict) and reference.get("id") else None


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([(name, columns[name]) for name in columns])


def _tree(name: str, told: str, fetch: Callable, extra: str) -> SettingsStream:
    schema = _schema(id=_TEXT, name=_TEXT, **{extra: _TEXT}, reporting_to_id=_TEXT, **_TIMES)
    return SettingsStream(Stream(name, ("id",), None, keys_listable=True, description=told), schema, fetch)


SETTINGS: dict[str, SettingsStream] = {
    one.stream.name: one
    for one in (
        SettingsStream(
            Stream("user", ("id",), "modified_time", keys_listable=True, description="People who can log in."),
            _schema(
                id=_TEXT,
                full_name=_TEXT,
                email=_TEXT,
                status=_TEXT,
                role_id=_TEXT,
                profile_name=_TEXT,
                reporting_to_id=_TEXT,
                time_zone=_TEXT,
                category=_TEXT,
                created_time=arrow.TIME,
                modified_time=arrow.TIME,
                employee_number=_TEXT,
                job_title=_TEXT,
            ),
            _users,
        ),
        _tree("role", "The role tree, which stands for the org chart.", _roles, "description"),
        _tree("territory", "The territory tree.", _territories, "manager_id"),
        SettingsStream(
            Stream(
                "territory_user", ("territory_id", "user_id"), None, keys_listable=True, description="Who is where."
            ),
            _schema(territory_id=_TEXT, user_id=_TEXT),
            _territory_users,
        ),
        SettingsStream(
            Stream("deal_stage", ("id",), None, keys_listable=True, description="The stages a deal can be in."),
            _schema(
                id=_TEXT,
                actual_value=_TEXT,
                display_value=_TEXT,
                sequence_number=_WHOLE,
                probability=arrow.MONEY,
                forecast_type=_TEXT,
                forecast_category=_TEXT,
                outcome=_TEXT,
            ),
            _stages,
        ),
    )
}
"""Every stream of the settings by name."""
