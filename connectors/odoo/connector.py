"""Reading one Odoo database: which calls are made, in which order, for a stream and a window."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import ConfigurationError, Health, SourceError, Stream, Window
from connectors.limits import Usage
from connectors.odoo.client import AccessRefused, ModelMissing, RecordsMissing, client_for
from connectors.odoo.config import OdooConfig
from connectors.odoo.pages import UNREADABLE, page, schema_of
from connectors.odoo.streams import ACTIVITY_MODEL_FIELD, STREAMS, Domain, Fields, OdooStream

KEYS_PER_SEARCH = 20_000
"""Ids asked for at once; a search returns ids only, so it can be far longer than a page."""


@dataclass(frozen=True)
class _Layout:
    """What one server offers of one stream: the fields read there, and the Arrow columns they become."""

    fields: tuple[str, ...]
    own: pa.Schema
    followed: pa.Schema
    domain: Domain
    moved_by: tuple[str, ...]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([*self.own, *self.followed])


class OdooConnector:
    """Implements `connectors.base.Connector` for Odoo 14 to 19."""

    system = "odoo"

    def __init__(self, config: OdooConfig, sleep: Callable[[float], None] | None = None) -> None:
        """`sleep` replaces the waiting between retries, for tests."""
        self.config = config
        self._client = client_for(config)
        self._client.http.sleep = sleep
        self._layouts: dict[str, _Layout | None] = {}

    @property
    def overlap(self) -> timedelta:
        """How far before the last watermark a sync starts: write_date is when a transaction began, not its end."""
        return self.config.overlap

    def check(self) -> Health:
        """Log in and ask every model for one id; streams that would fail are named with what to do.

        A model the server lacks (a module not installed, another version) is no problem unless `streams` asks for it:
        there is nothing to read, and the message says so.
        """
        try:
            message = self._client.login()
        except SourceError as error:
            return Health(False, str(error))
        problems = {stream.name: self._problem(stream) for stream in self.streams()}
        asked = self.config.streams or ()
        absent = [name for name in problems if self._layouts.get(name, ...) is None and name not in asked]
        if absent:
            message += f"; not on this server, so nothing to read: {', '.join(absent)}"
            problems = {name: problem for name, problem in problems.items() if name not in absent}
        return Health(True, message, {name: problem for name, problem in problems.items() if problem})

    def streams(self) -> Sequence[Stream]:
        """All configured streams. Models a server lacks stay in the list and read as empty (see `check`)."""
        chosen = set(self.config.streams or STREAMS) - set(self.config.exclude_streams)
        return [_described(STREAMS[name]) for name in STREAMS if name in chosen]

    def usage(self) -> Usage:
        """Requests so far and the limits they keep."""
        return self._client.http.usage

    def now(self) -> datetime:
        """The server's clock in whole seconds, from the Date header of its answer."""
        return self._client.clock()

    def read(self, stream: Stream, window: Window) -> Iterator[pa.Table]:
        """Records written at or after `window.since` (or without any write_date), in order of id.

        `>=` on the whole second and never `>`: 14 to 18 compare hidden microseconds, 19 compares whole seconds.
        """
        spec = STREAMS[stream.name]
        layout = self._layout(spec)
        if layout is None:
            return
        after = int(window.after) if window.after else 0
        for ids in self._ids(spec, layout.domain + _changed_since(window.since, layout), after):
            yield from self._pages(spec, layout, ids)

    def position(self, stream: Stream, page: pa.Table) -> str | None:
        """The page's highest id: reads go by id."""
        return str(pc.max(page["id"]).as_py()) if page.num_rows else None

    def count(self, stream: Stream) -> int | None:
        """Records of the stream at the server now, archived ones included; 0 where the module is not installed."""
        spec = STREAMS[stream.name]
        layout = self._layout(spec)
        return 0 if layout is None else int(self._call(spec, "search_count", domain=layout.domain))

    def keys(self, stream: Stream) -> Iterator[Iterable[object]]:
        """All ids of the stream, ascending, in chunks."""
        spec = STREAMS[stream.name]
        layout = self._layout(spec)
        return iter(()) if layout is None else self._ids(spec, layout.domain)

    def read_keys(self, stream: Stream, keys: Sequence[object]) -> Iterator[pa.Table]:
        """Pages with the records of these ids that still exist and belong to the stream."""
        spec = STREAMS[stream.name]
        layout = self._layout(spec)
        if layout is None:
            return
        for chunk in _chunks(keys, KEYS_PER_SEARCH):
            wanted = [["id", "in", [int(str(key)) for key in chunk]]]
            for ids in self._ids(spec, layout.domain + wanted):
                yield from self._pages(spec, layout, ids)

    def _ids(self, spec: OdooStream, domain: Domain, last: int = 0) -> Iterator[list[int]]:
        """Matching ids above `last`, ascending, in windows by id: no offset, so new records shift none."""
        while True:
            after = [*domain, ["id", ">", last]]
            ids = self._call(spec, "search", domain=after, limit=KEYS_PER_SEARCH, order="id")
            if ids:
                yield ids
                last = ids[-1]
            if len(ids) < KEYS_PER_SEARCH:
                return

    def _pages(self, spec: OdooStream, layout: _Layout, ids: Sequence[int]) -> Iterator[pa.Table]:
        for chunk in _chunks(ids, self.config.page_size):
            records = self._records(spec, spec.model, list(chunk), layout.fields)
            if spec.follow and records:
                self._carry_along(spec, layout, records)
            if records:
                yield page(records, layout.schema, f"{self.config.url}, stream {spec.name}")

    def _records(self, spec: OdooStream, model: str, ids: list[int], fields: Sequence[str]) -> list[dict[str, Any]]:
        """The records that still exist; references as plain ids (load none), which spares the server their names."""
        for _ in range(5):
            try:
                return self._call(spec, "read", model, ids=ids, fields=list(fields), load=None) if ids else []
            except RecordsMissing:
                ids = self._call(spec, "search", model, domain=[["id", "in", ids]], order="id")
        raise SourceError(
            f"{self.config.url}, stream {spec.name}: records vanish faster than they can be read; try again"
        )

    def _carry_along(self, spec: OdooStream, layout: _Layout, records: list[dict[str, Any]]) -> None:
        """Add the followed parent's fields to each record; false (null) where there is no parent any more."""
        assert spec.follow
        prefix = _prefix(spec.follow.reference)
        wanted = sorted({record[spec.follow.reference] for record in records if record[spec.follow.reference]})
        names = [name.removeprefix(prefix) for name in layout.followed.names]
        parents = {parent["id"]: parent for parent in self._records(spec, spec.follow.model, wanted, names)}
        for record in records:
            parent = parents.get(record[spec.follow.reference], {})
            record.update({prefix + name: parent.get(name, False) for name in names})

    def _layout(self, spec: OdooStream) -> _Layout | None:
        """The stream as this server has it, asked once; None where the module is not installed."""
        if spec.name not in self._layouts:
            try:
                fields = self._fields_of(spec, spec.model)
                self._layouts[spec.name] = self._lay_out(spec, fields)
            except ModelMissing:
                self._layouts[spec.name] = None
        return self._layouts[spec.name]

    def _lay_out(self, spec: OdooStream, fields: Fields) -> _Layout:
        extra, excluded = self.config.extra_fields.get(spec.name, []), self.config.exclude_fields.get(spec.name, [])
        self._refuse_unreadable(spec, fields, extra)
        wanted = dict.fromkeys((*spec.field_names, *extra, *self._custom(fields)))
        names = tuple(name for name in wanted if name in fields and name not in excluded)
        followed = pa.schema([])
        if spec.follow:
            theirs = self._fields_of(spec, spec.follow.model)
            plain = schema_of(theirs, [name for name in spec.follow.fields if name in theirs])
            followed = pa.schema([(_prefix(spec.follow.reference) + field.name, field.type) for field in plain])
        domain = spec.domain(fields)
        if spec.name in ACTIVITY_MODEL_FIELD:
            domain = [*domain, [ACTIVITY_MODEL_FIELD[spec.name], "in", self.config.activity_models]]
        moved_by = tuple(path for path in spec.moved_by if path.split(".")[0] in fields)
        return _Layout(names, schema_of(fields, names), followed, domain, moved_by)

    def _custom(self, fields: Fields) -> list[str]:
        """The company's own fields, where they are stored (computed ones change without a trace) and no files."""
        if not self.config.custom_fields:
            return []
        own = {name: field for name, field in fields.items() if name.startswith("x_")}
        return sorted(name for name, field in own.items() if field.get("store") and field["type"] not in UNREADABLE)

    def _refuse_unreadable(self, spec: OdooStream, fields: Fields, extra: Sequence[str]) -> None:
        for name in extra:
            if name not in fields:
                raise ConfigurationError(
                    f"{self.config.url}: `extra_fields` of stream {spec.name} names {name!r}, which {spec.model} "
                    "does not have or the reading user may not see"
                )
            if fields[name]["type"] in UNREADABLE:
                raise ConfigurationError(
                    f"`extra_fields` of stream {spec.name} names {name!r}, a file; files are not read"
                )

    def _fields_of(self, spec: OdooStream, model: str) -> Fields:
        fields: Fields = self._call(spec, "fields_get", model, attributes=["type", "relation", "store"])
        return fields

    def _problem(self, stream: Stream) -> str | None:
        """What keeps this stream from being read, None if nothing does."""
        spec = STREAMS[stream.name]
        try:
            layout = self._layout(spec)
            if layout is None:
                return (
                    f"the server has no model {spec.model} (module not installed or another version); nothing to read"
                )
            self._call(spec, "search", domain=layout.domain, limit=1, order="id")
        except SourceError as error:
            return str(error)
        return None

    def _call(self, spec: OdooStream, method: str, model: str | None = None, /, **arguments: Any) -> Any:
        """A call on the stream's model; a refusal names stream, model and the group to ask for."""
        model = model or spec.model
        try:
            return self._client.call(model, method, **arguments)
        except AccessRefused as error:
            raise AccessRefused(
                f"stream {spec.name}: {error} -- give the reading user the group {spec.group}, or name the stream in "
                "`exclude_streams`"
            ) from None


def _described(spec: OdooStream) -> Stream:
    return Stream(spec.name, ("id",), "write_date", keys_listable=True, description=spec.description)


def _prefix(reference: str) -> str:
    return reference.removesuffix("_id") + "_"


def _changed_since(since: datetime | None, layout: _Layout) -> Domain:
    """The domain of changed records; a null write_date (after a version upgrade) always counts as changed."""
    if since is None:
        return []
    moment = since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    terms: Domain = [["write_date", "=", False], ["write_date", ">=", moment]]
    terms += [[f"{path}.write_date", ">=", moment] for path in layout.moved_by]
    return ["|"] * (len(terms) - 1) + terms


def _chunks(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
