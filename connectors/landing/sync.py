"""One sync of one source: read what changed, keep what is new, find what vanished, land it as one load package.

The cursor state travels in the load package and becomes true with it. A killed sync leaves nothing that counts, and the
next one starts from the last complete package.
"""

import contextlib
import fcntl
import gc
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pyarrow as pa
from dlt.destinations import filesystem

from connectors.base import (
    AbsentStream,
    Connector,
    GapTellingConnector,
    LiveKeys,
    MeteredConnector,
    ResumableConnector,
    SourceError,
    StatefulConnector,
    Stream,
    TransientError,
    Window,
)
from connectors.landing.packages import SEQ, SYNC_LOG, Landing
from connectors.landing.versions import LandedVersions, version_store
from connectors.limits import Usage

SWEEP_EVERY = timedelta(hours=20)
"""All live keys are compared at least once a night; between, only when the counts at both ends differ."""
MAX_VANISHED_SHARE = 0.3
"""Above this share of a stream (of 20 records or more), vanished keys are a broken answer, not deletions."""
BATCH_ROWS = 20_000
PACKAGE_ROWS = 1_000_000
"""What a kill can cost at most, and what the working folder holds at most; a package costs about a second."""
COLLECT_EVERY = 50_000
"""New objects between two looks for cyclic garbage."""
CLOCK_TOLERANCE = timedelta(minutes=1)
"""Clocks drift and answer in whole seconds; only a source whose clock lost more than this was set back."""

SYNC_LOG_SCHEMA = pa.schema(
    [
        ("source_system", pa.string()),
        ("stream", pa.string()),
        ("started_at", pa.timestamp("us", tz="UTC")),
        ("finished_at", pa.timestamp("us", tz="UTC")),
        ("since", pa.timestamp("us", tz="UTC")),
        ("status", pa.string()),
        ("landed_rows", pa.int64()),
        ("deleted_rows", pa.int64()),
        ("source_count", pa.int64()),
        ("live_count", pa.int64()),
        ("error", pa.string()),
    ]
)


class SourceBusy(SourceError):
    """Another sync of the same source is running."""


@dataclass(frozen=True)
class SyncOptions:
    """What a sync is asked to do beyond the usual.

    streams: only these (None: all). full: read everything again. since: read from this moment instead of the watermark.
    sweep: compare all keys now. accept_deletes: believe the source even when most of a stream vanished.
    widen: stream -> columns that land as text, because their type changed at the source. package_rows: a long read is
    landed in packages of about so many rows, each of which counts as soon as it is written.
    """

    streams: tuple[str, ...] | None = None
    full: bool = False
    since: datetime | None = None
    sweep: bool = False
    accept_deletes: bool = False
    widen: Mapping[str, Collection[str]] = field(default_factory=dict)
    package_rows: int = PACKAGE_ROWS


@dataclass
class StreamReport:
    """What one sync did to one stream; `source_count` is None where the source cannot count.

    read_rows: records the source sent, of which `landed_rows` were news. resumed: the read went on where an earlier one
    had ended. new_columns: landed for the first time. gaps: what the source hides from the reading user. as_of: the
    source's clock up to which its changes have landed.
    status: 'ok' or 'failed'.
    """

    stream: str
    started_at: datetime
    since: datetime | None = None
    as_of: datetime | None = None
    status: str = "ok"
    read_rows: int = 0
    landed_rows: int = 0
    resumed: bool = False
    deleted_rows: int = 0
    source_count: int | None = None
    live_count: int = 0
    new_columns: tuple[str, ...] = ()
    gaps: str | None = None
    error: str | None = None
    transient: bool = False
    finished_at: datetime | None = None


@dataclass
class SyncReport:
    """What one sync of one source did, stream by stream; `load_id` names its last load package.

    usage: what was used of the source's limits; None where the connector does not count.
    """

    source: str
    load_id: str | None = None
    usage: Usage | None = None
    streams: list[StreamReport] = field(default_factory=list)

    @property
    def failed(self) -> list[StreamReport]:
        """Streams that could not be read to the end; their watermark did not move."""
        return [stream for stream in self.streams if stream.status != "ok"]

    @property
    def landed_rows(self) -> int:
        """Rows landed over all streams, deletions included."""
        return sum(stream.landed_rows for stream in self.streams)


Progress = Callable[[StreamReport], None]
"""Called with the stream's report as it stands, after every few thousand records and at the end."""


def sync(
    connector: Connector,
    source: str,
    home: Path,
    options: SyncOptions | None = None,
    progress: Progress | None = None,
) -> SyncReport:
    """Land what changed at one source since the last sync.

    A stream that fails is reported in `SyncReport.failed` and does not stop the others. Raises SourceBusy when the
    source is being synced already, SourceError when an unknown stream is asked for.
    """
    options = options or SyncOptions()
    streams = _chosen(connector, source, options)
    landing = Landing(home)
    with _source_lock(home, source), _few_collections():
        landing.clear_unfinished(source)
        work = home / "state" / "dlt" / source
        # The destination is the only memory: a working folder torn by a kill must not be trusted.
        shutil.rmtree(work, ignore_errors=True)
        spill = home / "state" / "spill" / source
        spill.mkdir(parents=True, exist_ok=True)
        report = SyncReport(source)
        clock = _Clock(connector)
        with version_store(spill) as store:
            syncs = [
                _StreamSync(connector, clock, stream, landing, source, options, progress, store) for stream in streams
            ]
            pipeline = _pipeline(source, landing.root, work)
            while syncs:
                _land_package(pipeline, syncs, report)
                syncs = [stream_sync for stream_sync in syncs if stream_sync.goes_on]
        report.usage = connector.usage() if isinstance(connector, MeteredConnector) else None
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(spill, ignore_errors=True)
    return report


def _land_package(pipeline: Any, syncs: list["_StreamSync"], report: SyncReport) -> None:
    """One load package with what these streams have next; the log tells of those that came to their end in it."""
    resources = [*(_stream_resource(stream_sync, report) for stream_sync in syncs), _log_resource(syncs, report)]
    info = pipeline.run(_source_of(report.source, resources), loader_file_format="parquet")
    report.load_id = info.loads_ids[-1] if info.loads_ids else report.load_id


def _chosen(connector: Connector, source: str, options: SyncOptions) -> list[Stream]:
    offered = list(connector.streams())
    if options.streams is None:
        return offered
    unknown = set(options.streams) - {stream.name for stream in offered}
    if unknown:
        names = ", ".join(stream.name for stream in offered)
        raise SourceError(f"source {source} has no stream {', '.join(sorted(unknown))}; it offers: {names}")
    return [stream for stream in offered if stream.name in options.streams]


@contextlib.contextmanager
def _source_lock(home: Path, source: str) -> Iterator[None]:
    """One sync per source at a time; the kernel frees the lock when the process ends, however it ends."""
    path = home / "state" / "locks" / f"sync-{source}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SourceBusy(f"source {source} is being synced by another process; try again when it is done") from None
        yield


@contextlib.contextmanager
def _few_collections() -> Iterator[None]:
    """Vendor records are millions of small dicts without cycles: looking for cycles every 700 of them takes a quarter
    of the time of a first load and finds none.
    """
    usual = gc.get_threshold()
    gc.set_threshold(COLLECT_EVERY, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _pipeline(source: str, landing_root: Path, work: Path) -> Any:
    dlt.config["runtime.dlthub_telemetry"] = False
    dlt.config["runtime.log_level"] = "ERROR"
    # Streams one after the other, the sync log last.
    dlt.config["extract.next_item_mode"] = "fifo"
    landing_root.mkdir(parents=True, exist_ok=True)
    destination = filesystem(
        bucket_url=landing_root.absolute().as_uri(),
        layout="{table_name}/{load_id}.{file_id}.{ext}",
        warn_unsafe_layout_separators=False,
        # Column names of any script stay as they are; snake_case is done by the connectors. Not set in dlt's own
        # configuration, where a dlt source with an argument `schema` would find it.
        naming_convention="direct",
    )
    return dlt.pipeline(f"scoreline_{source}", destination=destination, dataset_name=source, pipelines_dir=str(work))


def _source_of(source: str, resources: list[Any]) -> Any:
    return dlt.source(lambda: resources, name=source)()


def _stream_resource(stream_sync: "_StreamSync", report: SyncReport) -> Any:
    def pages() -> Iterator[pa.Table]:
        if stream_sync.report not in report.streams:
            report.streams.append(stream_sync.report)
        yield from stream_sync.rows(dlt.current.resource_state())

    return dlt.resource(pages, name=stream_sync.stream.name, write_disposition="append")


def _log_resource(syncs: list["_StreamSync"], report: SyncReport) -> Any:
    def log() -> Iterator[pa.Table]:
        ended = [stream_sync.report for stream_sync in syncs if not stream_sync.goes_on]
        rows = [{"source_system": report.source, **vars(stream)} for stream in ended]  # the schema picks its columns
        if rows:
            yield pa.Table.from_pylist(rows, schema=SYNC_LOG_SCHEMA)

    return dlt.resource(log, name=SYNC_LOG, write_disposition="append")


class _Clock:
    """The source's clock. A source that does not tell the time is down: it is not asked again in this sync, because
    every stream would wait for it anew.
    """

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._down: TransientError | None = None

    def now(self) -> datetime:
        """The source's time (UTC). Raises TransientError while the source is down."""
        if self._down is not None:
            raise self._down
        try:
            return self._connector.now()
        except TransientError as error:
            self._down = error
            raise


class _StreamSync:
    """One stream in one sync. `rows` yields what to land; `report` tells the tale."""

    def __init__(
        self,
        connector: Connector,
        clock: _Clock,
        stream: Stream,
        landing: Landing,
        source: str,
        options: SyncOptions,
        progress: Progress | None,
        store: duckdb.DuckDBPyConnection,
    ) -> None:
        self.connector, self.clock, self.stream, self.options = connector, clock, stream, options
        self.landing, self.source, self.store = landing, source, store
        self.progress = progress
        self.report = StreamReport(stream.name, datetime.now(UTC))
        self.goes_on = False
        self._resume: dict[str, Any] | None = None
        self._seq = 0

    def rows(self, state: dict[str, Any]) -> Iterator[pa.Table]:
        """Numbered rows to land, up to a package full (`goes_on` says whether more follow).

        On a SourceError the stream is marked failed and its state stays as it was, but for the position a resumable
        source can go on from.
        """
        before = dict(state)
        if not self.goes_on:
            self.report.started_at = datetime.now(UTC)
        self.goes_on = False
        try:
            with LandedVersions(self.stream, self.landing.files(self.source, self.stream.name), self.store) as versions:
                self._seq = max(versions.last_seq(), time.time_ns() // 1000)
                yield from self._read_what_is_there(versions, state)
                self.report.live_count = versions.live_count()
        except SourceError as error:
            state.clear()
            state.update(before)
            if self._resume is not None:
                state["resume"] = self._resume
            self.report.status, self.report.error = "failed", str(error)
            self.report.transient = isinstance(error, TransientError)
        self.report.finished_at = datetime.now(UTC)
        self._tell()

    def _read_what_is_there(self, versions: LandedVersions, state: dict[str, Any]) -> Iterator[pa.Table]:
        """A stream that the source says it does not have is a gap as long as nothing of it has landed."""
        try:
            yield from self._read(versions, state)
            if isinstance(self.connector, GapTellingConnector):
                self.report.gaps = self.connector.gaps(self.stream)
        except AbsentStream as error:
            if versions.live_count():
                raise
            self.report.gaps = str(error)

    def _read(self, versions: LandedVersions, state: dict[str, Any]) -> Iterator[pa.Table]:
        if isinstance(self.connector, StatefulConnector):
            yield from self._read_batches(self.connector, versions, state)
            if self.report.source_count is None:
                self.report.source_count = self.connector.count(self.stream)
            return
        window = self._window(state)
        self.report.since = window.since
        yield from self._read_changes(versions, window)
        if self.goes_on:
            state["resume"] = self._resume
            return
        yield from self._settle_keys(versions, state, window)
        state.pop("resume", None)
        self.report.as_of = window.until
        if not self._leaves_a_gap(state):
            state["watermark"], state["seen_at"] = window.until.isoformat(), self.report.started_at.isoformat()

    def _leaves_a_gap(self, state: dict[str, Any]) -> bool:
        """A read from a later moment than the watermark saw only a part: the next sync must still see the rest."""
        asked, watermark = self.options.since, state.get("watermark")
        return asked is not None and watermark is not None and asked > datetime.fromisoformat(watermark)

    def _window(self, state: dict[str, Any]) -> Window:
        """What to read: what an unfinished read of this or an earlier sync has left, or else what changed."""
        asked_anew = self.options.full or self.options.since is not None
        resume = self._resume or (None if asked_anew else state.get("resume"))
        if resume is not None and isinstance(self.connector, ResumableConnector):
            self._resume, self.report.resumed = resume, True
            since = datetime.fromisoformat(resume["since"]) if resume["since"] else None
            return Window(since, datetime.fromisoformat(resume["until"]), resume["after"])
        until = self.clock.now()
        return Window(self._since(state, until), until)

    def _since(self, state: dict[str, Any], until: datetime) -> datetime | None:
        if self.options.since is not None:
            return self.options.since
        watermark = state.get("watermark")
        if self.options.full or watermark is None or self.stream.cursor is None:
            return None
        return datetime.fromisoformat(watermark) - self._set_back(state, until) - self.connector.overlap

    @staticmethod
    def _set_back(state: dict[str, Any], until: datetime) -> timedelta:
        """By how much the source's clock was set back since the last sync, as our own clock saw time go by.

        Records stamped since then stand before the old watermark and would be passed over.
        """
        seen_at = state.get("seen_at")
        if seen_at is None:
            return timedelta(0)
        passed = datetime.now(UTC) - datetime.fromisoformat(seen_at)
        lag = datetime.fromisoformat(state["watermark"]) + passed - until
        return lag if lag > CLOCK_TOLERANCE else timedelta(0)

    def _read_batches(
        self, connector: StatefulConnector, versions: LandedVersions, state: dict[str, Any]
    ) -> Iterator[pa.Table]:
        if self.options.full:
            state.clear()
        current = None
        for batch in connector.read_batches(self.stream, state, versions.live_keys):
            if isinstance(batch, LiveKeys):
                yield from self._mark_vanished(versions, batch)
                continue
            if batch.may_repeat:
                self.report.read_rows += batch.page.num_rows
                yield from self._land_new(versions, batch.page, absent_is_null=True)
                self._tell()
                continue
            if batch.name != current:
                self._seq, current = self._seq + 1, batch.name
            rows = versions.keyed(self._settled(versions, batch.page))
            rows = rows.append_column(SEQ, pa.array([self._seq] * rows.num_rows, pa.int64()))
            self.report.read_rows += rows.num_rows
            yield self._landed(versions, rows)
            self._tell()

    def _read_changes(self, versions: LandedVersions, window: Window) -> Iterator[pa.Table]:
        in_package = 0
        for page in _bundles(self.connector.read(self.stream, window)):
            self.report.read_rows += page.num_rows
            for rows in self._land_new(versions, page):
                in_package += rows.num_rows
                yield rows
            self._note_position(window, page)
            self._tell()
            if in_package >= self.options.package_rows and self._resume is not None:
                self.goes_on = True
                return

    def _note_position(self, window: Window, page: pa.Table) -> None:
        """Remember where the read could go on; what was handed on so far lands whatever happens next."""
        if not isinstance(self.connector, ResumableConnector) or not page.num_rows:
            return
        after = self.connector.position(self.stream, page)
        if after is not None:
            since = window.since.isoformat() if window.since else None
            self._resume = {"since": since, "until": window.until.isoformat(), "after": after}

    def _tell(self) -> None:
        if self.progress:
            self.progress(self.report)

    def _land_new(self, versions: LandedVersions, page: pa.Table, absent_is_null: bool = False) -> Iterator[pa.Table]:
        rows = versions.novel(versions.keyed(self._settled(versions, page), absent_is_null))
        if rows.num_rows:
            yield self._landed(versions, self._numbered(rows))

    def _settled(self, versions: LandedVersions, page: pa.Table) -> pa.Table:
        page = versions.settled(page, self.options.widen.get(self.stream.name, ()))
        self.report.new_columns = (*self.report.new_columns, *versions.new_columns(page))
        return page

    def _numbered(self, rows: pa.Table) -> pa.Table:
        first, self._seq = self._seq + 1, self._seq + rows.num_rows
        return rows.append_column(SEQ, pa.array(range(first, self._seq + 1), pa.int64()))

    def _landed(self, versions: LandedVersions, rows: pa.Table) -> pa.Table:
        versions.add(rows)
        self.report.landed_rows += rows.num_rows
        return rows

    def _settle_keys(self, versions: LandedVersions, state: dict[str, Any], window: Window) -> Iterator[pa.Table]:
        """Make landing hold exactly the live keys of the source, when counts differ or a sweep is due."""
        now = window.until
        count = self.report.source_count = self.connector.count(self.stream)
        if not self.stream.keys_listable:
            return
        if count is None and self._is_first_whole_read(versions, window):
            count = self.report.source_count = self.report.read_rows
        if count == versions.live_count() and not self._sweep_due(state, now):
            return
        found = versions.compare(self.connector.keys(self.stream))
        self._refuse_mass_deletion(found.vanished, versions)
        self.report.source_count = found.count
        if found.missing:
            before = versions.live_count()
            for page in self.connector.read_keys(self.stream, found.missing):
                yield from self._land_new(versions, page)
            gone_meanwhile = len(found.missing) - (versions.live_count() - before)
            self.report.source_count -= gone_meanwhile
        yield from self._bury(versions, found.vanished)
        state["swept_at"] = now.isoformat()

    def _is_first_whole_read(self, versions: LandedVersions, window: Window) -> bool:
        """Whether everything live has come in this one read of everything, without a break.

        A source that counts nothing has then shown every record it has: comparing all its keys at once would ask for as
        much again, and what vanished meanwhile is found by the next sync as well.
        """
        return window.since is None and not self.report.resumed and self.report.landed_rows == versions.live_count()

    def _mark_vanished(self, versions: LandedVersions, live: LiveKeys) -> Iterator[pa.Table]:
        """Mark as deleted what a full read of a batch-wise source did not show."""
        found = versions.compare(live.chunks)
        self._refuse_mass_deletion(found.vanished, versions)
        self.report.source_count = found.count
        yield from self._bury(versions, found.vanished)

    def _bury(self, versions: LandedVersions, vanished: list[str]) -> Iterator[pa.Table]:
        if vanished:
            self.report.deleted_rows += len(vanished)
            yield self._landed(versions, self._numbered(versions.tombstones(vanished)))

    def _sweep_due(self, state: dict[str, Any], now: datetime) -> bool:
        if self.options.sweep or self.options.full:
            return True
        swept_at = state.get("swept_at")
        if swept_at is None:
            # The first read took everything, so equal counts already say what a sweep would say.
            state["swept_at"] = now.isoformat()
            return False
        return now - datetime.fromisoformat(swept_at) >= SWEEP_EVERY

    def _refuse_mass_deletion(self, vanished: list[str], versions: LandedVersions) -> None:
        live = versions.live_count()
        if self.options.accept_deletes or live < 20 or len(vanished) <= live * MAX_VANISHED_SHARE:
            return
        raise SourceError(
            f"stream {self.stream.name}: the source no longer shows {len(vanished)} of {live} records "
            f"(first: {', '.join(vanished[:3])}). Nothing was marked as deleted. If the records are really gone, run "
            f"`scoreline sync {self.source} --stream {self.stream.name} --accept-deletes`"
        )


def _bundles(pages: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Small pages put together, so that work per page is paid once per some ten thousand rows.

    When the source fails, the pages it sent before are handed on first.
    """
    held: list[pa.Table] = []
    failure: SourceError | None = None
    try:
        for page in pages:
            if held and (page.schema != held[0].schema or sum(part.num_rows for part in held) >= BATCH_ROWS):
                yield _joined(held)
                held = []
            held.append(page)
    except SourceError as error:
        failure = error
    if held:
        yield _joined(held)
    if failure is not None:
        raise failure


def _joined(pages: list[pa.Table]) -> pa.Table:
    """The pages as one, with what the last of them says of itself (where a read goes on)."""
    return pa.concat_tables(pages).replace_schema_metadata(pages[-1].schema.metadata)
