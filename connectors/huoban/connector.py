"""The connector: the configured tables and the members of one 伙伴云 workspace as landing wants them."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from connectors import arrow
from connectors.ahead import ahead
from connectors.base import ConfigurationError, Health, SourceError, Stream, TransientError, Window
from connectors.forms import FormField, FormInfo
from connectors.gathered import gathered
from connectors.huoban.client import HuobanClient
from connectors.huoban.config import HuobanConfig, HuobanStream
from connectors.huoban.fields import TIME, Layout, layout_of
from connectors.limits import Usage
from connectors.mapping import Mapping

ITEMS = "/item/list"
KEYS_PER_QUERY = 50
PAGES_AHEAD = 8
MOST_SHARED_ROWS = 20
"""Rows a page repeats of the page before: when none of them comes again, items moved and the read starts anew."""
RESTARTS = 5
MOST_KNOWN = 500
"""Items of one second named to the vendor as known; more of them come again, which landing sees."""
_MEMBER = pa.schema([("id", pa.string()), ("name", pa.string()), ("email", pa.string()), ("mobile", pa.string())])

Items = list[dict[str, Any]]


class HuobanConnector:
    """Reads one workspace (see `connectors.base.Connector`)."""

    system = "huoban"

    def __init__(
        self, config: HuobanConfig, mapping: Mapping | None = None, sleep: Callable[[float], None] | None = None
    ) -> None:
        """`sleep` replaces the waiting between calls and retries, for tests."""
        self.config = config
        self.overlap: timedelta = config.overlap
        self._zone = ZoneInfo(config.time_zone)
        self._client = HuobanClient(config, sleep)
        self._streams = {stream.name: stream for stream in config.streams}
        self._layouts: dict[str, Layout] = {}
        problems = mapping.stream_problems(self._streams) if mapping else []
        if problems:
            raise ConfigurationError("; ".join(problems))

    def check(self) -> Health:
        """Ask for the tables of the workspace, and look at the fields of every stream's table."""
        try:
            tables = self._tables()
        except SourceError as error:
            return Health(False, str(error))
        problems = {name: problem for name in self._streams if (problem := self._problem(name))}
        return Health(not problems, f"workspace {self.config.space_id} has {len(tables)} table(s)", problems)

    def streams(self) -> Sequence[Stream]:
        """The configured streams; contacts nothing."""
        cursor = "updated_at" if self.config.changed_field else None
        return [
            Stream(stream.name, ("id",), cursor if stream.kind == "table" else None, keys_listable=True)
            for stream in self.config.streams
        ]

    def usage(self) -> Usage:
        """Requests so far and the limits they keep."""
        return self._client.usage()

    def now(self) -> datetime:
        """The vendor's clock."""
        return self._client.clock()

    def read(self, stream: Stream, window: Window) -> Iterator[pa.Table]:
        """Items changed at or after the window's start, in order of their making."""
        configured = self._streams[stream.name]
        if configured.kind == "members":
            yield _members_page(self._members())
            return
        layout = self._layout(configured)
        conditions = self._since(window)
        if window.after:
            made, known = json.loads(window.after)
            conditions.append({"field": self.config.order_field, "query": {"gte": made}})
            conditions.append({"field": "item_id", "query": {"nin": known}})
        for items in gathered(ahead(self._scan(configured, conditions), PAGES_AHEAD)):
            yield layout.page(items)

    def position(self, stream: Stream, page: pa.Table) -> str | None:
        """When the last item was made, and which items of that second are known: reads go by the second alone.

        None where items are paged by another field than that, and for members.
        """
        if self._streams[stream.name].kind == "members" or self.config.order_field != "created_on":
            return None
        if not page.num_rows or (last := page["created_at"][-1].as_py()) is None:
            return None
        known = page.filter(pc.equal(page["created_at"], page["created_at"][-1]))["id"].to_pylist()
        return json.dumps([last.astimezone(self._zone).strftime(TIME), known[-MOST_KNOWN:]])

    def count(self, stream: Stream) -> int | None:
        """Items of the table now."""
        configured = self._streams[stream.name]
        if configured.kind == "members":
            return len(self._members())
        return int(self._items(configured, [], 0, 2)["total"])

    def keys(self, stream: Stream) -> Iterator[Iterable[object]]:
        """All live ids, a page at a time."""
        configured = self._streams[stream.name]
        if configured.kind == "members":
            yield [str(one["user_id"]) for one in self._members()]
            return
        for items in self._scan(configured, []):
            yield [str(item["item_id"]) for item in items]

    def read_keys(self, stream: Stream, keys: Sequence[object]) -> Iterator[pa.Table]:
        """The items of the given ids that still exist."""
        configured = self._streams[stream.name]
        if configured.kind == "members":
            wanted = set(keys)
            yield _members_page([one for one in self._members() if str(one["user_id"]) in wanted])
            return
        layout = self._layout(configured)
        for start in range(0, len(keys), KEYS_PER_QUERY):
            named = [{"field": "item_id", "query": {"in": list(keys[start : start + KEYS_PER_QUERY])}}]
            for items in self._scan(configured, named):
                yield layout.page(items)

    def forms(self) -> Sequence[FormInfo]:
        """All tables of the workspace, with their fields."""
        found = []
        for table in self._tables():
            fields = tuple(
                FormField(str(field["field_id"]), field["name"], field["type"], field.get("alias") or "")
                for field in self._fields(str(table["table_id"]))
            )
            found.append(FormInfo(table["name"], {"table_id": str(table["table_id"])}, fields, self.config.space_id))
        return found

    def _scan(self, configured: HuobanStream, conditions: list[dict[str, Any]]) -> Iterator[Items]:
        """Pages by offset. Each repeats the end of the page before, so that items that moved forward, because one
        before them was deleted, are noticed: then the read starts again, and landing keeps what is new.
        """
        limit = self.config.page_size
        shared = min(max(limit // 5, 1), MOST_SHARED_ROWS)
        restarts, offset, tail = 0, 0, set[str]()
        while True:
            page = self._items(configured, conditions, offset, limit)
            items = page["items"] or []
            seen = {str(item["item_id"]) for item in items}
            if tail and not tail & seen:
                restarts, offset, tail = restarts + 1, 0, set()
                if restarts > RESTARTS:
                    raise TransientError(
                        f"huoban stream {configured.name}: items move faster than they can be paged; try again later"
                    )
                continue
            if fresh := [item for item in items if str(item["item_id"]) not in tail]:
                yield fresh
            if not page.get("has_more") or len(items) <= shared:
                return
            tail = {str(item["item_id"]) for item in items[-shared:]}
            offset += len(items) - shared

    def _items(
        self, configured: HuobanStream, conditions: list[dict[str, Any]], offset: int, limit: int
    ) -> dict[str, Any]:
        body: dict[str, Any] = {
            "table_id": configured.table_id,
            "order": {"field_id": self.config.order_field, "type": "asc"},
            "limit": limit,
            "offset": offset,
        }
        if conditions:
            body["filter"] = {"and": conditions}
        return self._client.call(ITEMS, body)

    def _since(self, window: Window) -> list[dict[str, Any]]:
        """The condition of items changed in the window; times have whole seconds, the fraction is cut off."""
        if window.since is None or self.config.changed_field is None:
            return []
        moment = window.since.astimezone(self._zone).strftime(TIME)
        return [{"field": self.config.changed_field, "query": {"gte": moment}}]

    def _tables(self) -> Items:
        return list(self._client.call("/table/list", {"space_id": self.config.space_id}).get("tables") or ())

    def _fields(self, table_id: str) -> Items:
        """The table's fields; clients disagree on where they stand, so both places are looked at."""
        answer = self._client.call(f"/table/{table_id}")
        found = (answer.get("table") or answer).get("fields")
        if found is None:
            raise SourceError(f"huoban table {table_id}: the answer names no fields")
        return list(found)

    def _members(self) -> Items:
        path = self.config.members_path.format(space_id=self.config.space_id)
        try:
            found = self._client.call(path).get("members")
        except (TransientError, ConfigurationError):
            raise
        except SourceError as error:
            raise ConfigurationError(f"{error}. Or correct members_path, or remove the stream of members") from None
        if found is None:
            raise ConfigurationError(f"{path} answers without members; correct members_path or remove the stream")
        return list(found)

    def _layout(self, configured: HuobanStream) -> Layout:
        if configured.name not in self._layouts:
            fields = self._fields(str(configured.table_id))
            self._layouts[configured.name] = layout_of(configured, fields, self._zone)
        return self._layouts[configured.name]

    def _problem(self, name: str) -> str | None:
        configured = self._streams[name]
        try:
            if configured.kind == "table":
                self._layout(configured)
            else:
                self._members()
        except SourceError as error:
            return str(error)
        return None


def _members_page(members: Items) -> pa.Table:
    rows = [
        {"id": str(one["user_id"]), **{name: one.get(name) for name in ("name", "email", "mobile")}} for one in members
    ]
    return arrow.page(rows, _MEMBER, "huoban members")
