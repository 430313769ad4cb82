"""The connector: streams of one Salesforce org as landing wants them."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from connectors.ahead import ahead
from connectors.base import ConfigurationError, Health, SourceError, Stream, TransientError, Window
from connectors.limits import Usage
from connectors.salesforce.bulk import BulkPosition, BulkReader, position_of
from connectors.salesforce.client import BulkRefused, LocatorLost, SalesforceClient
from connectors.salesforce.config import SalesforceConfig
from connectors.salesforce.objects import OBJECTS, SalesforceObject, stream_of
from connectors.salesforce.pages import Described, Layout, Page, access_gaps, layout_of

log = logging.getLogger(__name__)
IDS_PER_QUERY = 200
"""Keeps a query of named ids, 27 characters each once encoded, well below the 16 KB an address may have."""
PAGES_AHEAD = 8
"""Pages fetched before they are asked for: landing works in batches of several pages, meanwhile the org goes on."""
COUNTED_FROM = timedelta(days=2)
"""Reads over a shorter time go over REST without asking how many records they hold."""
STALLS = 3
"""How often a result may be lost without a step forward before the stream fails."""


class SalesforceConnector:
    """Reads one org with SOQL over REST (see `connectors.base.Connector`)."""

    system = "salesforce"

    def __init__(self, config: SalesforceConfig, sleep: Callable[[float], None] | None = None) -> None:
        self.config = config
        self.overlap: timedelta = config.overlap
        self._client = SalesforceClient(config, sleep)
        self._bulk = BulkReader(self._client, config)
        self._layouts: dict[str, Layout] = {}
        self._gaps: dict[str, str | None] = {}

    def streams(self) -> Sequence[Stream]:
        """One stream per object; what the org does not show is said by `check` and when the stream is read."""
        return [stream_of(item) for item in OBJECTS.values()]

    def check(self) -> Health:
        """Log in, look at the allowance, and compare what describe shows with what we would read."""
        try:
            usage = self._client.get(f"{self._client.root}/limits").headers.get("Sforce-Limit-Info", "unknown")
            problems = {name: problem for name, item in OBJECTS.items() if (problem := self._problem(item))}
        except SourceError as error:
            return Health(False, str(error))
        return Health(True, f"logged in as {self._client.identity}; {usage}", problems)

    def gaps(self, stream: Stream) -> str | None:
        """Fields that describe did not show when the stream was read, and that no setting accounts for."""
        return self._gaps.get(stream.name)

    def usage(self) -> Usage:
        """Requests so far, the limits they keep, and the org's own count of its allowance."""
        return self._client.usage()

    def now(self) -> datetime:
        """The org's own clock."""
        return self._client.clock()

    def read(self, stream: Stream, window: Window) -> Iterator[pa.Table]:
        """Records whose cursor is at or after the window's start, deleted and archived ones included."""
        layout = self._layout(stream)
        cursor = layout.item.cursor

        def soql(position: str | None) -> str:
            where = _where(_from(cursor, window.since, position))
            return f"SELECT {', '.join(layout.select)} FROM {layout.item.name}{where} ORDER BY {cursor}, Id"

        bulk, after = BulkPosition.of(window.after), window.after
        if bulk is not None and not self._bulk.has(bulk.job):
            bulk, after = None, None  # the org keeps jobs for about a week
        try:
            bulk = bulk or self._bulk_job(layout, window, _from(cursor, window.since, after))
            if bulk is not None:
                yield from self._bulk.pages(layout, bulk)
                return
        except BulkRefused as error:
            log.info("%s; reading over REST", error)
        yield from self._scan(soql, layout, lambda page: self.position(stream, page), after)

    def _bulk_job(self, layout: Layout, window: Window, conditions: list[str]) -> BulkPosition | None:
        """A job for this read, when it is large enough to pay; a few hours' changes are not even counted."""
        smallest = self.config.bulk_from_records
        where = _where(conditions)
        if smallest is None or (window.since is not None and window.until - window.since < COUNTED_FROM):
            return None
        if self._count(f"SELECT COUNT() FROM {layout.item.name}{where}") < smallest:
            return None
        return self._bulk.start(f"SELECT {', '.join(layout.select)} FROM {layout.item.name}{where}")

    def position(self, stream: Stream, page: pa.Table) -> str | None:
        """Where a read goes on: at a page of a bulk job, or behind stamp and id of the page's last record."""
        if (in_bulk := position_of(page)) is not None:
            return in_bulk
        last = page.slice(page.num_rows - 1)
        return json.dumps([soql_time(last[str(stream.cursor)][0].as_py()), last["id"][0].as_py()])

    def count(self, stream: Stream) -> int | None:
        """Live records now, archived ones included."""
        layout = self._layout(stream)
        return self._count(f"SELECT COUNT() FROM {layout.item.name}" + _where(_live(layout)))

    def keys(self, stream: Stream) -> Iterator[list[object]]:
        """All live ids in order, a page at a time."""
        layout = self._layout(stream)
        ids = Layout(layout.item, tuple(c for c in layout.columns if c.name == "id"), {}, None)

        def soql(position: str | None) -> str:
            after = [f"Id > '{position}'"] if position is not None else []
            return f"SELECT Id FROM {layout.item.name}{_where(_live(layout) + after)} ORDER BY Id"

        for page in self._scan(soql, ids, _last_id):
            yield page["id"].to_pylist()

    def read_keys(self, stream: Stream, keys: Sequence[object]) -> Iterator[pa.Table]:
        """The records of the given ids that still exist (in the recycle bin: marked deleted)."""
        layout = self._layout(stream)
        for start in range(0, len(keys), IDS_PER_QUERY):
            listed = ", ".join(f"'{key}'" for key in keys[start : start + IDS_PER_QUERY])
            soql = f"SELECT {', '.join(layout.select)} FROM {layout.item.name} WHERE Id IN ({listed}) ORDER BY Id"
            yield from self._scan(_always(soql), layout, _last_id)

    def _scan(
        self,
        soql: Callable[[str | None], str],
        layout: Layout,
        position_of: Callable[[pa.Table], str | None],
        position: str | None = None,
    ) -> Iterator[pa.Table]:
        """Pages of an ordered query; a lost result is asked for again from behind the last page."""
        lost_at, stalls = None, 0
        while True:
            try:
                for page in ahead(self._pages(layout, soql(position)), PAGES_AHEAD):
                    if page.table.num_rows:
                        position = position_of(page.table)
                        yield page.table
                return
            except LocatorLost as error:
                stalls = stalls + 1 if position == lost_at else 1
                lost_at = position
                if stalls > STALLS:
                    raise TransientError(
                        f"{error}. The result was lost {stalls} times without a step forward; try again later"
                    ) from None

    def _pages(self, layout: Layout, soql: str) -> Iterator[Page]:
        """Pages of one query, following its locators until it says it is done."""
        page = self._page(layout, f"{self._client.root}/queryAll", {"q": soql})
        yield page
        while page.next_path is not None:
            page = self._page(layout, page.next_path, None)
            yield page

    def _page(self, layout: Layout, path: str, params: dict[str, str] | None) -> Page:
        options = {"Sforce-Query-Options": f"batchSize={self.config.page_size}"}
        return layout.page(self._client.get(path, params, options).content)

    def _count(self, soql: str) -> int:
        return int(self._client.json(f"{self._client.root}/queryAll", {"q": soql})["totalSize"])

    def _layout(self, stream: Stream) -> Layout:
        if stream.name not in self._layouts:
            item = OBJECTS[stream.name]
            described = self._described(item)
            self._layouts[stream.name] = layout_of(item, described, self.config)
            self._gaps[stream.name] = access_gaps(item, described, self.config)
        return self._layouts[stream.name]

    def _described(self, item: SalesforceObject) -> dict[str, Described]:
        answer = self._client.json(f"{self._client.root}/sobjects/{item.name}/describe")
        return {field["name"]: Described.of(field) for field in answer["fields"]}

    def _problem(self, item: SalesforceObject) -> str | None:
        try:
            return access_gaps(item, self._described(item), self.config)
        except ConfigurationError as error:
            return str(error)


def _always(soql: str) -> Callable[[str | None], str]:
    return lambda position: soql


def _last_id(page: pa.Table) -> str:
    return str(page["id"][-1].as_py())


def _from(cursor: str, since: datetime | None, position: str | None) -> list[str]:
    """The condition on the cursor: from a moment on, or behind the record of a position."""
    if position is None:
        return [f"{cursor} >= {soql_time(since)}"] if since else []
    stamp, last_id = json.loads(position)
    return [f"({cursor} > {stamp} OR ({cursor} = {stamp} AND Id > '{last_id}'))"]


def soql_time(moment: datetime) -> str:
    """An unquoted SOQL datetime literal; stamps have whole seconds, so the fraction is dropped (never later)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _live(layout: Layout) -> list[str]:
    return ["IsDeleted = false"] if layout.has_deleted else []


def _where(conditions: list[str]) -> str:
    return " WHERE " + " AND ".join(conditions) if conditions else ""
