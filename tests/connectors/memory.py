"""A connector over records held in memory, for tests of what landing does with any source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from connectors.base import Health, SourceError, Stream, TransientError, Window

SCHEMA = pa.schema(
    [("id", pa.int64()), ("name", pa.string()), ("changed_at", pa.timestamp("us", tz="UTC"))],
)
START = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass
class MemoryConnector:
    """`records` maps id to (name, changed_at); tests change it between syncs. `asked` notes every read window."""

    records: dict[int, tuple[str, datetime]] = field(default_factory=dict)
    clock: datetime = START + timedelta(days=1)
    page_size: int = 2
    overlap: timedelta = timedelta(minutes=10)
    system: str = "memory"
    asked: list[datetime | None] = field(default_factory=list)
    fail_after_pages: int | None = None
    hidden: set[int] = field(default_factory=set)
    names: tuple[str, ...] = ("thing",)
    down: bool = False
    clock_asked: int = 0

    def check(self) -> Health:
        return Health(True, "in memory")

    def streams(self) -> Sequence[Stream]:
        return [Stream(name, cursor="changed_at", keys_listable=True) for name in self.names]

    def now(self) -> datetime:
        self.clock_asked += 1
        if self.down:
            raise TransientError("GET http://memory failed 6 times")
        return self.clock

    def read(self, stream: Stream, window: Window) -> Iterator[pa.Table]:
        self.asked.append(window.since)
        since = window.since or datetime.min.replace(tzinfo=UTC)
        ids = [key for key, (_, at) in sorted(self.records.items()) if at >= since and key not in self.hidden]
        for number, start in enumerate(range(0, len(ids), self.page_size)):
            if self.fail_after_pages is not None and number >= self.fail_after_pages:
                raise SourceError("thing: the source went away")
            yield self._page(ids[start : start + self.page_size])

    def count(self, stream: Stream) -> int | None:
        return len(self.records)

    def keys(self, stream: Stream) -> Iterator[list[int]]:
        yield sorted(self.records)

    def read_keys(self, stream: Stream, keys: Sequence[object]) -> Iterator[pa.Table]:
        yield self._page([key for key in keys if key in self.records])

    def _page(self, ids: Sequence[int]) -> pa.Table:
        rows = [{"id": key, "name": self.records[key][0], "changed_at": self.records[key][1]} for key in ids]
        return pa.Table.from_pylist(rows, schema=SCHEMA)
