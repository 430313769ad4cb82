"""The connector: streams of one Salesforce org as landing wants them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from connectors.base import ConfigurationError, Health, SourceError, Stream, TransientError, Window
from connectors.limits import Usage
from connectors.ahead import ahead
from connectors.salesforce.client import LocatorLost, SalesforceClient
from connectors.salesforce.config import SalesforceConfig
from connectors.salesforce.objects import OBJECTS, SalesforceObject, stream_of
from connectors.salesforce.pages import Described, Layout, Page, access_gaps, layout_of

IDS_PER_QUERY = 200
"""Keeps a query of named ids, 27 characters each once encoded, well below the 16 KB an address may have."""
PAGES_AHEAD = 8
"""Pages fetched before they are asked for: landing works in batches of several pages, meanwhile the org goes on."""
STALLS = 3
"""How often a result may be lost without a step forward before the stream fails."""


class SalesforceConnector:
    """Reads one org with SOQL over REST (see `connectors.base.Connector`)."""

    system = "salesforce"

    def __init__(self, config: SalesforceConfig, sleep: Callable[[float], None] | None = None) -> None:
        self.config = config
        self.overlap: timedelta = config.overlap
        self._client = SalesforceClient(config, sleep)
        self._layouts: dict[str, Layout] = {}

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

        def soql(position: pa.Scalar | None) -> str:
            since = window.since if position is None else position.as_py()
            where = f" WHERE {cursor} >= {soql_time(since)}" if since else ""
            return f"SELECT {', '.join(layout.select)} FROM {layout.item.name}{where} ORDER BY {cursor}, Id"

        yield from self._scan(layout, soql, stream.cursor or "id")

    def count(self, stream: Stream) -> int | None:
        """Live records now, archived ones included."""
        layout = self._layout(stream)
        return self._count(f"SELECT COUNT() FROM {layout.item.name}" + _where(_live(layout)))

    def keys(self, stream: Stream) -> Iterator[list[object]]:
        """All live ids in order, a page at a time."""
        layout = self._layout(stream)
        ids = Layout(layout.item, tuple(c for c in layout.columns if c.name == "id"), {}, None)

        def soql(position: pa.Scalar | None) -> str:
            after = [f"Id > '{position.as_py()}'"] if position is not None else []
            return f"SELECT Id FROM {layout.item.name}{_where(_live(layout) + after)} ORDER BY Id"

        for page in self._scan(ids, soql, "id"):
            yield page["id"].to_pylist()

    def read_keys(self, stream: Stream, keys: Sequence[object]) -> Iterator[pa.Table]:
        """The records of the given ids that still exist (in the recycle bin: marked deleted)."""
        layout = self._layout(stream)
        for start in range(0, len(keys), IDS_PER_QUERY):
            listed = ", ".join(f"'{key}'" for key in keys[start : start + IDS_PER_QUERY])
            soql = f"SELECT {', '.join(layout.select)} FROM {layout.item.name} WHERE Id IN ({listed}) ORDER BY Id"
            yield from self._scan(layout, _always(soql), "id")

    def _scan(self, layout: Layout, soql: Callable[[pa.Scalar | None], str], position_of: str) -> Iterator[pa.Table]:
        """Pages of a query ordered by `position_of`; a lost result is asked for again from where it broke."""
        position, lost_at, stalls = None, None, 0
        while True:
            try:
                for page in ahead(self._pages(layout, soql(position)), PAGES_AHEAD):
                    if page.table.num_rows:
                        position = page.table[position_of][-1]
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
            self._layouts[stream.name] = layout_of(item, self._described(item), self.config)
        return self._layouts[stream.name]

    def _described(self, item: SalesforceObject) -> dict[str, Described]:
        answer = self._client.json(f"{self._client.root}/sobjects/{item.name}/describe")
        return {field["name"]: Described.of(field) for field in answer["fields"]}

    def _problem(self, item: SalesforceObject) -> str | None:
        try:
            return access_gaps(item, self._described(item), self.config)
        except ConfigurationError as error:
            return str(error)


def _always(soql: str) -> Callable[[pa.Scalar | None], str]:
    return lambda position: soql


def soql_time(moment: datetime) -> str:
    """An unquoted SOQL datetime literal; stamps have whole seconds, so the fraction is dropped (never later)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _live(layout: Layout) -> list[str]:
    return ["IsDeleted = false"] if layout.has_deleted else []


def _where(conditions: list[str]) -> str:
    return " WHERE " + " AND ".join(conditions) if conditions else ""
