"""The connector: the configured forms and the address book of one 简道云 account as landing wants them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from connectors import arrow
from connectors.ahead import ahead
from connectors.base import ConfigurationError, Health, SourceError, Stream, Window
from connectors.forms import FormField, FormInfo
from connectors.gathered import gathered
from connectors.jiandaoyun.client import JiandaoyunClient
from connectors.jiandaoyun.config import JiandaoyunConfig, JiandaoyunStream
from connectors.jiandaoyun.widgets import FINISHED, Layout, layout_of
from connectors.limits import Usage
from connectors.mapping import Mapping

DATA = "/v5/app/entry/data/list"
ROOT = 1
PAGES_AHEAD = 8
LISTED = 100
_MEMBER = pa.schema(
    [
        ("id", pa.string()),
        ("name", pa.string()),
        ("departments", pa.string()),
        ("department", pa.string()),
        ("status", pa.int64()),
        ("type", pa.int64()),
        ("integrate_id", pa.string()),
    ]
)
_DEPARTMENT = pa.schema(
    [
        ("id", pa.string()),
        ("name", pa.string()),
        ("parent_id", pa.string()),
        ("status", pa.int64()),
        ("type", pa.int64()),
        ("integrate_id", pa.string()),
    ]
)

Records = list[dict[str, Any]]


class JiandaoyunConnector:
    """Reads one account (see `connectors.base.Connector`)."""

    system = "jiandaoyun"

    def __init__(
        self, config: JiandaoyunConfig, mapping: Mapping | None = None, sleep: Callable[[float], None] | None = None
    ) -> None:
        """`sleep` replaces the waiting between calls and retries, for tests."""
        self.config = config
        self.overlap: timedelta = config.overlap
        self._client = JiandaoyunClient(config, sleep)
        self._streams = {stream.name: stream for stream in config.streams}
        self._layouts: dict[str, Layout] = {}
        problems = mapping.stream_problems(self._streams) if mapping else []
        if problems:
            raise ConfigurationError("; ".join(problems))

    def check(self) -> Health:
        """Ask for the applications, and look at the fields of every stream's form."""
        try:
            apps = self._listed("/v5/app/list", "apps")
        except SourceError as error:
            return Health(False, str(error))
        problems = {name: problem for name in self._streams if (problem := self._problem(name))}
        return Health(not problems, f"the key sees {len(apps)} application(s)", problems)

    def streams(self) -> Sequence[Stream]:
        """The configured streams; contacts nothing."""
        return [
            Stream(stream.name, ("id",), "updated_at" if stream.kind == "form" else None, keys_listable=True)
            for stream in self.config.streams
        ]

    def usage(self) -> Usage:
        """Requests so far and the limits they keep."""
        return self._client.usage()

    def now(self) -> datetime:
        """The vendor's clock."""
        return self._client.clock()

    def read(self, stream: Stream, window: Window) -> Iterator[pa.Table]:
        """Records updated at or after the window's start, in order of id."""
        configured = self._streams[stream.name]
        if configured.kind != "form":
            yield _people_page(self._people(configured), configured)
            return
        layout = self._layout(configured)
        pages = ahead(self._scan(configured, _since(window), None, window.after), PAGES_AHEAD)
        for records in gathered(pages):
            yield layout.page(records)

    def position(self, stream: Stream, page: pa.Table) -> str | None:
        """The last id of the form: reads go by it. None for the address book, which is short."""
        configured = self._streams[stream.name]
        if configured.kind != "form" or not page.num_rows:
            return None
        return str(page["parent_id" if configured.subform else "id"][-1].as_py())

    def count(self, stream: Stream) -> int | None:
        """None for forms: the vendor counts nothing, so syncs compare the ids, which also finds deletions."""
        configured = self._streams[stream.name]
        return None if configured.kind == "form" else len(self._people(configured))

    def keys(self, stream: Stream) -> Iterator[Iterable[object]]:
        """All live ids, a page at a time."""
        configured = self._streams[stream.name]
        if configured.kind != "form":
            yield [_person_key(one, configured) for one in self._people(configured)]
            return
        key = self._layout(configured).key
        for records in self._scan(configured, [], [key or "_id"]):
            rows = self._layout(configured).rows(records) if key else records
            yield [row["_id"] for row in rows]

    def read_keys(self, stream: Stream, keys: Sequence[object]) -> Iterator[pa.Table]:
        """The records of the given ids that still exist, one call each; of a subform: all rows of the form are read."""
        configured = self._streams[stream.name]
        wanted = set(keys)
        if configured.kind != "form":
            found = [one for one in self._people(configured) if _person_key(one, configured) in wanted]
            yield _people_page(found, configured)
            return
        layout = self._layout(configured)
        for records in self._named(configured, layout, wanted):
            page = layout.page(records)
            kept = pa.array([key in wanted for key in page.column("id").to_pylist()], pa.bool_())
            yield page.filter(kept)

    def forms(self) -> Sequence[FormInfo]:
        """All forms the key may see, with their fields."""
        found = []
        for app in self._listed("/v5/app/list", "apps"):
            for form in self._listed("/v5/app/entry/list", "forms", {"app_id": app["app_id"]}):
                address = {"app_id": form["app_id"], "entry_id": form["entry_id"]}
                widgets = self._client.call("/v5/app/entry/widget/list", "widgets", address)
                found += _described(form["name"], app["name"], address, widgets)
        return found

    def _named(self, configured: JiandaoyunStream, layout: Layout, wanted: set[object]) -> Iterator[Records]:
        if layout.key is not None:
            yield from self._scan(configured, [], None)
            return
        for key in sorted(map(str, wanted)):
            body = {"app_id": configured.app_id, "entry_id": configured.entry_id, "data_id": key}
            try:
                record = self._client.call("/v5/app/entry/data/get", "data", body)
            except ConfigurationError:
                raise
            except SourceError:
                continue  # deleted meanwhile: the vendor says so with an error code of its own
            if record and not (configured.only_finished and record.get("flowState") != FINISHED):
                yield [record]

    def _scan(
        self,
        configured: JiandaoyunStream,
        conditions: list[dict[str, Any]],
        fields: list[str] | None,
        after: str | None = None,
    ) -> Iterator[Records]:
        """Pages in order of id, each asked for from behind the last id."""
        if configured.only_finished:
            conditions = [*conditions, {"field": "flowState", "type": "flowState", "method": "eq", "value": [FINISHED]}]
        body: dict[str, Any] = {"app_id": configured.app_id, "entry_id": configured.entry_id}
        body["limit"] = self.config.page_size
        if after:
            body["data_id"] = after
        if conditions:
            body["filter"] = {"rel": "and", "cond": conditions}
        if fields:
            body["fields"] = fields
        while True:
            records = self._client.call(DATA, "data", body)
            if records:
                yield records
                body = {**body, "data_id": records[-1]["_id"]}
            if len(records) < self.config.page_size:
                return

    def _listed(self, path: str, key: str, body: dict[str, Any] | None = None) -> Records:
        found: Records = []
        while True:
            page = self._client.call(path, key, {**(body or {}), "skip": len(found), "limit": LISTED})
            found += page
            if len(page) < LISTED:
                return found

    def _people(self, configured: JiandaoyunStream) -> Records:
        body = {"dept_no": ROOT, "has_child": True}
        if configured.kind == "members":
            return list(self._client.call("/v5/corp/department/user/list", "users", body))
        return list(self._client.call("/v5/corp/department/list", "departments", body))

    def _layout(self, configured: JiandaoyunStream) -> Layout:
        if configured.name not in self._layouts:
            address = {"app_id": configured.app_id, "entry_id": configured.entry_id}
            # flowState comes with forms that have a workflow; the layout must not depend on the records of a page
            widgets = self._client.call("/v5/app/entry/widget/list", "widgets", address)
            self._layouts[configured.name] = layout_of(configured, widgets, has_flow=True)
        return self._layouts[configured.name]

    def _problem(self, name: str) -> str | None:
        configured = self._streams[name]
        try:
            if configured.kind == "form":
                self._layout(configured)
        except SourceError as error:
            return str(error)
        return None


def _since(window: Window) -> list[dict[str, Any]]:
    """The condition of records updated in the window; milliseconds are cut off, never rounded up."""
    if window.since is None:
        return []
    moment = window.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{window.since.microsecond // 1000:03d}Z"
    return [{"field": "updateTime", "type": "datetime", "method": "range", "value": [moment, None]}]


def _person_key(one: dict[str, Any], configured: JiandaoyunStream) -> str:
    return str(one["username"] if configured.kind == "members" else one["dept_no"])


def _people_page(found: Records, configured: JiandaoyunStream) -> pa.Table:
    where = f"jiandaoyun stream {configured.name}"
    if configured.kind == "members":
        rows = [
            {
                **{name: one.get(name) for name in ("name", "status", "type", "integrate_id")},
                "id": one["username"],
                "departments": one.get("departments"),
                "department": next(iter(one.get("departments") or ()), None),
            }
            for one in found
        ]
        return arrow.page(rows, _MEMBER, where)
    rows = [
        {
            **{name: one.get(name) for name in ("name", "status", "type", "integrate_id")},
            "id": one["dept_no"],
            "parent_id": one.get("parent_no"),
        }
        for one in found
    ]
    return arrow.page(rows, _DEPARTMENT, where)


def _described(label: str, place: str, address: dict[str, str], widgets: Sequence[dict[str, Any]]) -> list[FormInfo]:
    """The form, and each of its subforms as a form of its own."""
    fields = tuple(_field(widget) for widget in widgets)
    found = [FormInfo(label, address, fields, place)]
    for widget in widgets:
        if widget["type"] == "subform":
            items = tuple(_field(item) for item in widget.get("items") or ())
            found.append(
                FormInfo(f"{label} {widget['label']}", {**address, "subform": widget["widgetName"]}, items, place)
            )
    return found


def _field(widget: dict[str, Any]) -> FormField:
    alias = widget["name"] if widget["name"] != widget["widgetName"] else ""
    return FormField(widget["widgetName"], widget["label"], widget["type"], alias)
