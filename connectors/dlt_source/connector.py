"""`DltConnector`: streams that are resources of a dlt source; what a resource remembers is the stream's state."""

import copy
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from connectors.ahead import ahead
from connectors.arrow import snake_case
from connectors.base import DELETED, Batch, ConfigurationError, Health, LiveKeys, SourceError, Stream, Window, utc_now
from connectors.dlt_source.config import DltConfig, DltStream
from connectors.dlt_source.failures import in_words
from connectors.dlt_source.loading import items, resource_names
from connectors.dlt_source.pages import Pages
from connectors.forms import FormField, FormInfo
from connectors.mapping import Mapping
from connectors.variables import variables_in

T = TypeVar("T")
_AHEAD = 2


class DltConnector:
    """A dlt source as a source; see `connectors.base.StatefulConnector`.

    state of a stream: `dlt` (what the resource remembers, under dlt's own names) and `full_read_at` (our clock, when
    everything was read last). Each stream has a memory of its own, also where the resources of one source share one.
    """

    system = "dlt"
    overlap = timedelta(0)

    def __init__(self, config: DltConfig, mapping: Mapping | None = None) -> None:
        self.config = config
        self._streams = {stream.name: stream for stream in config.streams}
        problems = mapping.stream_problems(self._streams) if mapping else []
        if problems:
            raise ConfigurationError("; ".join(problems))

    def check(self) -> Health:
        """Ask every stream for its first page: dlt sources have no other way to say whether they answer."""
        problems = {}
        for stream in self.config.streams:
            try:
                for _ in self._pages(stream, {}, limit=1):
                    pass
            except SourceError as error:
                problems[stream.name] = str(error)
        answering = len(self._streams) - len(problems)
        return Health(
            not problems, f"{self.config.source}: {answering} of {len(self._streams)} streams answer", problems
        )

    def streams(self) -> Sequence[Stream]:
        """The configured streams."""
        return [
            Stream(
                stream.name,
                key=tuple(stream.key),
                cursor=snake_case(stream.incremental.cursor_path) if stream.incremental else None,
                description=f"dlt resource {stream.resource_name} of {self.config.source}",
            )
            for stream in self.config.streams
        ]

    def forms(self) -> Sequence[FormInfo]:
        """The source's resources with the columns of their first page."""
        return [self._form(name) for name in self._told("source", resource_names(self.config))]

    def now(self) -> datetime:
        """This machine's clock: dlt sources tell none."""
        return utc_now()

    def count(self, stream: Stream) -> int | None:
        """Not known without reading; a full read says it by its keys."""
        return None

    def keys(self, stream: Stream) -> Iterator[Iterable[object]]:
        """Not offered: `streams` says so."""
        raise SourceError(f"stream {stream.name}: a dlt resource cannot list keys")

    def read_keys(self, stream: Stream, keys: Sequence[object]) -> Iterator[pa.Table]:
        """Not offered: `streams` says so."""
        raise SourceError(f"stream {stream.name}: a dlt resource cannot be read by key")

    def read(self, stream: Stream, window: Window) -> Iterator[pa.Table]:
        """Everything the resource yields to somebody who has seen nothing yet."""
        yield from self._pages(self._streams[stream.name], {})

    def read_batches(
        self, stream: Stream, state: dict[str, Any], known_keys: Callable[[], set[str]]
    ) -> Iterator[Batch | LiveKeys]:
        """What the resource yields since the state; after a full read of a snapshot stream also which keys are live."""
        configured, began = self._streams[stream.name], utc_now()
        full = "dlt" not in state or _full_read_due(configured, state, began)
        memory = {} if full else copy.deepcopy(state["dlt"])
        with _KeyStore(configured) as seen:
            for page in self._pages(configured, memory):
                if full and configured.snapshot:
                    seen.note(page)
                yield Batch(stream.name, page, may_repeat=True)
            if full and configured.snapshot:
                yield LiveKeys(seen.chunks())
        state["dlt"] = memory
        if full:
            state["full_read_at"] = began.isoformat()

    def _pages(self, stream: DltStream, memory: dict[str, Any], limit: int | None = None) -> Iterator[pa.Table]:
        """Pages of one resource; read ahead in a thread of its own, so that its dlt context never meets landing's."""
        pages = Pages(stream).of(ahead(items(self.config, stream, memory, limit), _AHEAD))
        return self._told(f"stream {stream.name}", pages)

    def _form(self, name: str) -> FormInfo:
        stream = DltStream(name=snake_case(name) or "resource", resource=name, key=["any"])
        pages = Pages(stream, checked=False)
        columns: dict[str, str] = {}
        for page in self._told(f"resource {name}", pages.of(ahead(items(self.config, stream, {}, limit=1), _AHEAD))):
            columns |= {field.name: str(field.type) for field in page.schema}
        fields = tuple(FormField(column, column, pages.types.get(column, kind)) for column, kind in columns.items())
        key = pages.key or (("id",) if "id" in columns else ())
        return FormInfo(name, {"resource": name}, fields, self.config.source, key)

    def _told(self, where: str, made: Iterator[T]) -> Iterator[T]:
        """The same things; errors of anybody's code come out as SourceError in words, without secrets."""
        failure = None
        try:
            yield from made
        except Exception as error:  # whatever a stranger's source may raise
            failure = in_words(error, where, self._variables())
        if failure is not None:
            # Outside the handler, so that the original, which may hold a secret, is not its context.
            raise failure

    def _variables(self) -> dict[str, str]:
        streams = [(stream.arguments, stream.resource_arguments) for stream in self.config.streams]
        return variables_in([self.config.arguments, streams])


def _full_read_due(stream: DltStream, state: dict[str, Any], now: datetime) -> bool:
    if not stream.snapshot:
        return False
    last = datetime.fromisoformat(state["full_read_at"]) if "full_read_at" in state else None
    return last is None or now - last >= timedelta(hours=stream.full_read_hours)


class _KeyStore:
    """The keys of a full read, kept on disk so that memory does not grow with the stream."""

    def __init__(self, stream: DltStream) -> None:
        self._stream = stream
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this object
        self._writer: Any = None

    def __enter__(self) -> "_KeyStore":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def note(self, page: pa.Table) -> None:
        """Remember the live keys of a page."""
        if DELETED in page.column_names:
            page = page.filter(pc.invert(page.column(DELETED)))
        keys = page.select(self._stream.key)
        if self._writer is None:
            self._writer = pa.ipc.new_stream(self._file, keys.schema)
        self._writer.write_table(keys)

    def chunks(self) -> Iterator[list[Any]]:
        """All keys noted; a composite key is a tuple."""
        if self._writer is None:
            return
        self._writer.close()
        self._file.seek(0)
        for batch in pa.ipc.open_stream(self._file):
            parts = [column.to_pylist() for column in batch.columns]
            yield list(zip(*parts, strict=True)) if len(parts) > 1 else parts[0]
