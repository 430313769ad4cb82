"""The connector: streams of one Fxiaoke tenant as landing wants them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from connectors.ahead import ahead
from connectors.base import DELETED, ConfigurationError, Health, SourceError, Stream, Window
from connectors.fxiaoke import changes, people
from connectors.fxiaoke.client import FxiaokeClient
from connectors.fxiaoke.config import FxiaokeConfig
from connectors.fxiaoke.objects import (
    CHANGES,
    CURSOR,
    ID,
    LISTS,
    STAGE_CHANGE,
    FxObject,
    objects_of,
    roles_of,
    stream_of,
)
from connectors.fxiaoke.pages import INVALID, Layout, access_gaps, is_gone, layout_of
from connectors.gathered import gathered
from connectors.limits import Usage

KEYS_PER_QUERY = 100
SURE_PAGE_SIZE = 100
"""Up to this size a short page is the last one; a larger one the vendor may have cut down."""
PAGES_AHEAD = 8
_KEY_FIELDS = [ID, "life_status", "is_deleted"]
_INVALID = {"field_name": "life_status", "operator": "IN", "field_values": [INVALID]}

Filter = dict[str, Any]
Records = list[dict[str, Any]]


class FxiaokeConnector:
    """Reads one tenant through the open platform (see `connectors.base.Connector`)."""

    system = "fxiaoke"

    def __init__(self, config: FxiaokeConfig, sleep: Callable[[float], None] | None = None) -> None:
        """`sleep` replaces the waiting between calls and retries, for tests."""
        self.config = config
        self.overlap: timedelta = config.overlap
        self._client = FxiaokeClient(config, sleep)
        self._objects = objects_of(config)
        self._layouts: dict[str, Layout] = {}
        self._gaps: dict[str, str | None] = {}
        self._offered: set[str] | None = None

    def streams(self) -> Sequence[Stream]:
        """One stream per object, the address book's lists, and the change log of deals."""
        found = [stream_of(item) for item in self._objects.values()] + list(LISTS.values())
        if self.config.stage_history:
            found.append(CHANGES)
        return [stream for stream in found if stream.name not in self.config.exclude_streams]

    def check(self) -> Health:
        """Log in, look at the list of objects, and compare what describe shows with what we would read.

        A preset object the tenant has not (its module was not bought) is no problem: there is nothing to read.
        """
        try:
            message = f"logged in to {self._client.identity()}"
            present = {name: item for name, item in self._objects.items() if item.name in self._object_names()}
            problems = {name: problem for name, item in present.items() if (problem := self._problem(item))}
        except SourceError as error:
            return Health(False, str(error))
        absent = [item for name, item in self._objects.items() if name not in present]
        problems |= {item.stream: f"there is no object {item.name}" for item in absent if item.is_custom}
        unused = ", ".join(item.stream for item in absent if not item.is_custom)
        return Health(
            True, message + (f"; not in this tenant, so nothing to read: {unused}" if unused else ""), problems
        )

    def gaps(self, stream: Stream) -> str | None:
        """Fields that the tenant did not show when the stream was read, and that no setting accounts for."""
        return self._gaps.get(stream.name)

    def usage(self) -> Usage:
        """Requests so far and the limits they keep."""
        return self._client.usage()

    def now(self) -> datetime:
        """The vendor's clock."""
        return self._client.clock()

    def read(self, stream: Stream, window: Window) -> Iterator[pa.Table]:
        """Records changed at or after the window's start, invalidated ones included and marked deleted."""
        if stream.name in LISTS:
            yield people.table_of(
                people.listed(self._client, stream.name), stream.name, ZoneInfo(self.config.time_zone)
            )
        elif stream.name == STAGE_CHANGE:
            yield from self._changes(window)
        elif (item := self._item(stream)) is not None:
            layout = self._layout(item)
            since = _since(window)
            if self.config.read_invalid and layout.can_be_invalid and window.after is None:
                yield from (layout.page(records) for records in self._records(layout, [*since, _INVALID]))
            yield from (layout.page(records) for records in self._records(layout, since, window.after))

    def position(self, stream: Stream, page: pa.Table) -> str | None:
        """The last id: reads go by id, the invalidated ones first. None while only those were read, and for lists."""
        if stream.name in LISTS or not page.num_rows:
            return None
        if stream.name == STAGE_CHANGE:
            return str(page["opportunity_id"][-1].as_py())
        return None if pc.all(page[DELETED]).as_py() else str(page["id"][-1].as_py())

    def count(self, stream: Stream) -> int | None:
        """Live records now; None for the change log, which cannot be counted."""
        if stream.name in LISTS:
            return len(people.listed(self._client, stream.name))
        if stream.name == STAGE_CHANGE:
            return None
        item = self._item(stream)
        if item is None:
            return 0
        shown = self.config.invalid_shown and self._layout(item).can_be_invalid
        invalid = self._total(item, [_INVALID]) if shown else 0
        return self._total(item, []) - invalid

    def keys(self, stream: Stream) -> Iterator[Iterable[object]]:
        """All live ids, a page at a time."""
        if stream.name in LISTS:
            yield [people.key_of(record, stream.name) for record in people.listed(self._client, stream.name)]
        elif (item := self._item(stream)) is not None:
            for records in self._scan(item, [], _KEY_FIELDS):
                yield [record[ID] for record in records if not is_gone(record)]

    def read_keys(self, stream: Stream, keys: Sequence[object]) -> Iterator[pa.Table]:
        """The records of the given ids that still exist."""
        if stream.name in LISTS:
            wanted = set(keys)
            found = [
                record
                for record in people.listed(self._client, stream.name)
                if people.key_of(record, stream.name) in wanted
            ]
            yield people.table_of(found, stream.name, ZoneInfo(self.config.time_zone))
        elif (item := self._item(stream)) is not None:
            layout = self._layout(item)
            for start in range(0, len(keys), KEYS_PER_QUERY):
                named = {"field_name": ID, "operator": "IN", "field_values": list(keys[start : start + KEYS_PER_QUERY])}
                yield from (layout.page(records) for records in self._records(layout, [named]))

    def _changes(self, window: Window) -> Iterator[pa.Table]:
        """Stages and owners over time, of every deal that changed in the window."""
        item = self._objects.get("opportunity")
        if item is None or item.name not in self._object_names():
            return
        roles = roles_of(item, self.config)
        fields = {str(roles["stage"]): "stage", str(roles["owner"]): "owner"}
        labels = self._layout(item).labels("stage")
        start = window.since or datetime(1970, 1, 1, tzinfo=UTC)
        rows: list[dict[str, Any]] = []
        for records in self._scan(item, _since(window), [*_KEY_FIELDS, CURSOR], window.after):
            for record in records:
                deal = str(record[ID])
                found = changes.changes_of(self._client, self.config, item.name, deal, fields, start, window.until)
                rows += [changes.labelled(row, labels) for row in found]
            if rows:
                yield changes.table_of(rows)
            rows = []

    def _records(self, layout: Layout, filters: list[Filter], after: str | None = None) -> Iterator[Records]:
        projection = layout.vendor_fields if self.config.field_projection else None
        return gathered(ahead(self._scan(layout.item, filters, projection, after), PAGES_AHEAD))

    def _scan(
        self, item: FxObject, filters: list[Filter], projection: list[str] | None, last: str | None = None
    ) -> Iterator[Records]:
        """Pages in order of id, each asked for from behind the last id: no offset, which ends at 10,000 and shifts."""
        limit = self.config.page_size
        while True:
            behind = [{"field_name": ID, "operator": "GT", "field_values": [last]}] if last else []
            records = self._query(item, [*filters, *behind], limit, projection)["dataList"] or []
            if records:
                yield records
                last = str(records[-1][ID])
            if not records or (len(records) < limit and limit <= SURE_PAGE_SIZE):
                return

    def _total(self, item: FxObject, filters: list[Filter]) -> int:
        return int(self._query(item, filters, 1, [ID], count=True)["total"])

    def _query(
        self, item: FxObject, filters: list[Filter], limit: int, projection: list[str] | None, count: bool = False
    ) -> dict[str, Any]:
        search: dict[str, Any] = {
            "limit": limit,
            "offset": 0,
            "filters": filters,
            "orders": [{"fieldName": ID, "isAsc": True}],
        }
        if projection is not None:
            search["fieldProjection"] = projection
        path = "/cgi/crm/custom/v2/data/query" if item.is_custom else "/cgi/crm/v2/data/query"
        asked = {"dataObjectApiName": item.name, "find_explicit_total_num": count, "search_query_info": search}
        found: dict[str, Any] = self._client.call(path, {"data": asked})["data"]
        return found

    def _item(self, stream: Stream) -> FxObject | None:
        """The stream's object; None where the tenant has no such preset object, so that there is nothing to read."""
        item = self._objects[stream.name]
        if item.name in self._object_names():
            return item
        if item.is_custom:
            raise ConfigurationError(
                f"fxiaoke has no object {item.name}; correct custom_objects, or let the app and the reading user see it"
            )
        return None

    def _object_names(self) -> set[str]:
        if self._offered is None:
            objects = self._client.call("/cgi/crm/v2/object/list")["data"]["objects"]
            self._offered = {item["describeApiName"] for item in objects if item.get("isActive", True)}
        return self._offered

    def _layout(self, item: FxObject) -> Layout:
        if item.stream not in self._layouts:
            described = self._described(item)
            self._layouts[item.stream] = layout_of(item, described, self.config)
            self._gaps[item.stream] = access_gaps(item, described, self.config)
        return self._layouts[item.stream]

    def _described(self, item: FxObject) -> dict[str, Any]:
        answer = self._client.call("/cgi/crm/v2/object/describe", {"apiName": item.name, "includeDetail": True})
        fields: dict[str, Any] = answer["data"]["describe"]["fields"]
        return fields

    def _problem(self, item: FxObject) -> str | None:
        try:
            described = self._described(item)
            layout_of(item, described, self.config)
            return access_gaps(item, described, self.config)
        except ConfigurationError as error:
            return str(error)


def _since(window: Window) -> list[Filter]:
    """The condition of records changed in the window; milliseconds are rounded down, never later."""
    if window.since is None:
        return []
    moment = int(window.since.timestamp() * 1000)
    return [{"field_name": CURSOR, "operator": "GTE", "field_values": [moment]}]
