"""`FilesConnector`: which files are new, read wholly or not at all, and what a full picture no longer shows."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import (
    DELETED,
    Batch,
    ConfigurationError,
    Health,
    SourceError,
    Stream,
    Window,
    utc_now,
)
from connectors.files.config import FilesConfig, FileStream
from connectors.files.delimited import read_csv
from connectors.files.excel import read_excel
from connectors.files.folder import Folder, FoundFile, StillFile, natural_order
from connectors.files.structured import read_json, read_parquet
from connectors.files.values import CHECKSUM, FILE
from connectors.mapping import Mapping

_READERS = {"csv": read_csv, "excel": read_excel, "parquet": read_parquet, "json": read_json}
_FEW = 20
"""Snapshots of fewer known records than this may lose any share of them."""


class FilesConnector:
    """A folder of files as a source; its memory is the `state` that landing commits together with the rows.

    state: `files` (path -> checksum, rows and fate `loaded`, `known` or `superseded`), `newest` (path and time of the
    newest file loaded) and `last_checksum` (of the file loaded last).
    """

    system = "files"
    overlap = timedelta(0)

    def __init__(self, config: FilesConfig, mapping: Mapping | None = None) -> None:
        self.config = config
        self._folder = Folder(config)
        self._streams = {stream.name: stream for stream in config.streams}
        self._rows: dict[str, int | None] = {}
        problems = mapping.stream_problems(self._streams) if mapping else []
        if problems:
            raise ConfigurationError("; ".join(problems))

    def check(self) -> Health:
        """Look into the folder: does each stream find files of a known format?"""
        problems = {}
        found = 0
        for stream in self.config.streams:
            try:
                found += len(self._files(stream, loaded=False))
            except SourceError as error:
                problems[stream.name] = str(error)
        return Health(not problems, f"{found} file(s) in {self.config.url}", problems)

    def streams(self) -> Sequence[Stream]:
        """The configured streams; files have no cursor and cannot list keys without being read."""
        return [Stream(stream.name, key=tuple(stream.key)) for stream in self.config.streams]

    def now(self) -> datetime:
        """This machine's clock: a folder has none."""
        return utc_now()

    def count(self, stream: Stream) -> int | None:
        """Rows of the file that is the whole stream (newest snapshot, or the only file), as the last read saw it."""
        return self._rows.get(stream.name)

    def keys(self, stream: Stream) -> Iterator[Iterable[object]]:
        """Not offered: `streams` says so."""
        raise SourceError(f"stream {stream.name}: files cannot list keys")

    def read_keys(self, stream: Stream, keys: Sequence[object]) -> Iterator[pa.Table]:
        """Not offered: `streams` says so."""
        raise SourceError(f"stream {stream.name}: files cannot be read by key")

    def read(self, stream: Stream, window: Window) -> Iterator[pa.Table]:
        """Pages of every file, older files first."""
        for batch in self.read_batches(stream, {}, set):
            yield batch.page

    def read_batches(
        self, stream: Stream, state: dict[str, Any], known_keys: Callable[[], set[str]]
    ) -> Iterator[Batch]:
        """Pages of the files that are new or changed, one batch per file; see `StatefulConnector`.

        Raises SourceError before the first page of a broken file, so a file is loaded wholly or not at all.
        """
        configured = self._streams[stream.name]
        live: set[str] | None = None
        for file in self._files(configured, loaded=bool(state.get("files"))):
            with self._folder.still(file) as still:
                fate = _fate(still, configured, state)
                content = _Content(still, configured) if fate == "loaded" else None
                if content is not None:
                    _refuse_emptied(content, state)
                    if configured.snapshot:
                        live = known_keys() if live is None else live
                        content.find_vanished(live)
                        live = content.keys
            if content is not None:
                yield from content.batches()
            _remember(state, still, fate, content.rows if content else None)
        self._rows[stream.name] = _rows_at_source(configured, state)

    def _files(self, stream: FileStream, loaded: bool) -> list[FoundFile]:
        files = self._folder.files(stream)
        if not files and not loaded:
            raise SourceError(f"stream {stream.name}: no file matches {stream.glob!r} in {self.config.url}")
        for file in files:
            if stream.format_of(file.name) is None:
                raise ConfigurationError(
                    f"{file.name}: unknown kind of file; set the stream's `format` to csv, excel, parquet or json, "
                    f"or narrow its `glob` ({stream.glob!r})"
                )
        return files


class _Content:
    """One file read to its end and kept in a temporary file, so that nothing of a broken one is ever handed on."""

    def __init__(self, still: StillFile, stream: FileStream) -> None:
        self.name = still.found.name
        self.rows = 0
        self.keys: set[str] = set()
        self._still, self._stream = still, stream
        self._vanished: list[str] = []
        self._schema: pa.Schema | None = None
        self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this object
        self._read()

    def find_vanished(self, live: set[str]) -> None:
        """Note the live keys this full picture lacks. Raises SourceError when it lacks too many to be believed."""
        if not self.rows:
            raise SourceError(
                f"{self.name}: a snapshot without rows would delete all {len(live)} records of stream "
                f"{self._stream.name}; nothing was changed. Provide the complete file"
            )
        self._vanished = sorted(live - self.keys)
        limit = self._stream.max_vanished_pct
        if len(live) >= _FEW and len(self._vanished) * 100 > limit * len(live):
            raise SourceError(
                f"{self.name}: {len(self._vanished)} of {len(live)} records of stream {self._stream.name} are missing "
                f"(first: {', '.join(self._vanished[:3])}), more than max_vanished_pct {limit}; nothing was changed. "
                "Provide the complete file, or raise max_vanished_pct if they are really gone"
            )

    def batches(self) -> Iterator[Batch]:
        """The file's pages, then one with the keys it no longer holds."""
        if self._schema is not None:
            self._spool.seek(0)
            for batch in pa.ipc.open_stream(self._spool):
                yield Batch(self.name, self._marked(pa.Table.from_batches([batch])))
            if self._vanished:
                yield Batch(self.name, self._marked(self._tombstones()))
        self._spool.close()

    def _read(self) -> None:
        kind = self._stream.format_of(self.name)
        writer = None
        for page in _READERS[str(kind)](self._still.local, self.name, self._stream):
            page = self._with_key(page)
            if writer is None:
                self._schema = page.schema
                writer = pa.ipc.new_stream(self._spool, page.schema)
            writer.write_table(page)
            self.rows += page.num_rows
            if self._stream.snapshot:
                self.keys.update(self._key_texts(page))
        if writer is not None:
            writer.close()

    def _marked(self, page: pa.Table) -> pa.Table:
        page = page.append_column(FILE, pa.repeat(pa.scalar(self.name), page.num_rows))
        return page.append_column(CHECKSUM, pa.repeat(pa.scalar(self._still.checksum), page.num_rows))

    def _with_key(self, page: pa.Table) -> pa.Table:
        for name in self._stream.key:
            # A record without its key still lands (with an empty key) and meets the mapping's quarantine.
            position = page.schema.get_field_index(name)
            page = page.set_column(position, name, pc.fill_null(page.column(name), ""))
        self._refuse_separator_in_keys(page)
        return page

    def _refuse_separator_in_keys(self, page: pa.Table) -> None:
        for name in self._stream.key if len(self._stream.key) > 1 else []:
            if pc.any(pc.match_substring(page.column(name), "|")).as_py():
                raise SourceError(f"{self.name}: key column {name} holds a value with '|', which separates key parts")

    def _key_texts(self, page: pa.Table) -> list[str]:
        columns = [page.column(name) for name in self._stream.key]
        return pc.binary_join_element_wise(*columns, "|").to_pylist() if len(columns) > 1 else columns[0].to_pylist()

    def _tombstones(self) -> pa.Table:
        assert self._schema is not None
        parts = [key.split("|") if len(self._stream.key) > 1 else [key] for key in self._vanished]
        known: dict[str, list[Any]] = {name: [part[at] for part in parts] for at, name in enumerate(self._stream.key)}
        columns = [pa.array(known.get(field.name, [None] * len(parts)), field.type) for field in self._schema]
        table = pa.Table.from_arrays(columns, schema=self._schema)
        return table.append_column(DELETED, pa.array([True] * len(parts), pa.bool_()))


@dataclass(frozen=True)
class _Newest:
    """The newest file loaded so far, in the stream's order."""

    modified: str
    name: str

    @property
    def order(self) -> tuple[Any, ...]:
        return (self.modified, natural_order(self.name))


def _fate(still: StillFile, stream: FileStream, state: dict[str, Any]) -> str:
    """`loaded` (read it), `known` (its content is what we have) or `superseded` (a newer full picture was loaded).

    The same content under a newer name is read again unless it is what was read last: it may take something back.
    """
    files = state.get("files", {})
    newest = _Newest(*state["newest"]) if "newest" in state else None
    before = files.get(still.found.name)
    if before and before["checksum"] == still.checksum:
        return str(before["fate"]) if before["fate"] != "loaded" else "known"
    older = newest is not None and still.found.order < newest.order
    is_copy = before is None and still.checksum in {file["checksum"] for file in files.values()}
    if is_copy and (older or still.checksum == state.get("last_checksum")):
        return "known"
    return "superseded" if stream.snapshot and older else "loaded"


def _refuse_emptied(content: _Content, state: dict[str, Any]) -> None:
    before = state.get("files", {}).get(content.name)
    if before and before.get("rows") and not content.rows:
        raise SourceError(
            f"{content.name}: had {before['rows']} rows when it was loaded and has none now; nothing was changed. "
            "Provide the complete file"
        )


def _remember(state: dict[str, Any], still: StillFile, fate: str, rows: int | None) -> None:
    """Put the file into the state, by new top-level values: landing takes the old ones back when a later file fails."""
    files = dict(state.get("files", {}))
    before = files.get(still.found.name, {})
    if fate == "known" and before.get("checksum") == still.checksum:
        return
    files[still.found.name] = {"checksum": still.checksum, "rows": rows, "fate": fate}
    state["files"] = files
    if fate != "loaded":
        return
    state["last_checksum"] = still.checksum
    newest = _Newest(*state["newest"]) if "newest" in state else None
    if newest is None or still.found.order >= newest.order:
        state["newest"] = [still.found.modified, still.found.name]


def _rows_at_source(stream: FileStream, state: dict[str, Any]) -> int | None:
    files = state.get("files", {})
    if stream.snapshot and "newest" in state:
        return files[state["newest"][1]]["rows"]
    return next(iter(files.values()))["rows"] if len(files) == 1 else None
