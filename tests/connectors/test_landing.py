"""What landing does with any source: only news lands, deletions and misses are found, a failure loses nothing."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from connectors.base import SourceError, Stream, Window
from connectors.landing import Landing, SourceBusy, SyncOptions, sync
from connectors.landing.packages import parquet_scan
from connectors.landing.sync import _source_lock
from tests.connectors.memory import SCHEMA, START, MemoryConnector


def landed(home: Path, columns: str = "_key, name, _deleted") -> list[tuple]:
    """All landed versions of the stream, in version order."""
    files = Landing(home).files("box", "thing")
    return duckdb.sql(f"select {columns} from {parquet_scan(files)} order by _seq").fetchall() if files else []


@pytest.fixture
def source() -> MemoryConnector:
    return MemoryConnector({1: ("a", START), 2: ("b", START), 3: ("c", START)})


def test_second_sync_asks_from_the_watermark_less_overlap_and_adds_no_row(
    source: MemoryConnector, tmp_path: Path
) -> None:
    first = sync(source, "box", tmp_path)
    second = sync(source, "box", tmp_path)
    assert source.asked == [None, source.clock - timedelta(minutes=10)]
    assert (first.landed_rows, second.landed_rows) == (3, 0)
    assert landed(tmp_path) == [("1", "a", False), ("2", "b", False), ("3", "c", False)]


def test_unchanged_rows_inside_the_overlap_do_not_land_again(source: MemoryConnector, tmp_path: Path) -> None:
    source.clock = START + timedelta(minutes=5)
    sync(source, "box", tmp_path)
    source.records[2] = ("B", START + timedelta(minutes=4))
    assert sync(source, "box", tmp_path).landed_rows == 1
    assert landed(tmp_path)[-1] == ("2", "B", False)


def test_a_record_that_one_read_shows_twice_lands_once_per_content(tmp_path: Path) -> None:
    class Repeating(MemoryConnector):
        def read(self, stream: Stream, window: Window) -> Iterator[pa.Table]:
            yield from super().read(stream, window)
            yield from super().read(stream, window)
            self.records[2] = ("B", START)
            yield from super().read(stream, window)

    report = sync(Repeating({1: ("a", START), 2: ("b", START)}), "box", tmp_path).streams[0]
    assert (report.landed_rows, report.live_count) == (3, 2)
    assert landed(tmp_path) == [("1", "a", False), ("2", "b", False), ("2", "B", False)]


def test_a_hard_delete_lands_as_a_tombstone_once(source: MemoryConnector, tmp_path: Path) -> None:
    sync(source, "box", tmp_path)
    del source.records[3]
    reports = [sync(source, "box", tmp_path).streams[0] for _ in range(2)]
    assert [report.deleted_rows for report in reports] == [1, 0]
    assert (reports[0].source_count, reports[0].live_count) == (2, 2)
    assert landed(tmp_path, "_key, id, name, _deleted")[-1] == ("3", 3, None, True)


def test_a_record_that_reading_missed_is_fetched_by_its_key(source: MemoryConnector, tmp_path: Path) -> None:
    source.hidden = {2}
    report = sync(source, "box", tmp_path).streams[0]
    assert (report.source_count, report.live_count, report.landed_rows) == (3, 3, 3)
    assert landed(tmp_path)[-1] == ("2", "b", False)


class Uncounted(MemoryConnector):
    """A source that cannot count; notes how often its keys were listed."""

    listed = 0

    def count(self, stream: Stream) -> int | None:
        return None

    def keys(self, stream: Stream) -> Iterator[list[int]]:
        self.listed += 1
        return super().keys(stream)


def test_a_source_that_counts_nothing_is_asked_for_all_keys_from_the_second_sync_on(tmp_path: Path) -> None:
    source = Uncounted({1: ("a", START), 2: ("b", START), 3: ("c", START)})
    first = sync(source, "box", tmp_path).streams[0]
    assert (first.source_count, first.live_count, source.listed) == (3, 3, 0)
    del source.records[3]
    second = sync(source, "box", tmp_path).streams[0]
    assert (second.source_count, second.live_count, second.deleted_rows, source.listed) == (2, 2, 1, 1)


def test_a_broken_first_read_of_a_source_that_counts_nothing_is_compared_by_keys(tmp_path: Path) -> None:
    source = Uncounted({1: ("a", START), 2: ("b", START), 3: ("c", START)}, fail_after_pages=1)
    assert sync(source, "box", tmp_path).failed
    del source.records[1]
    source.fail_after_pages = None
    report = sync(source, "box", tmp_path).streams[0]
    assert (report.source_count, report.live_count, report.deleted_rows) == (2, 2, 1)


def test_an_undeleted_record_comes_back(source: MemoryConnector, tmp_path: Path) -> None:
    sync(source, "box", tmp_path)
    gone = source.records.pop(3)
    sync(source, "box", tmp_path)
    source.records[3] = gone
    sync(source, "box", tmp_path)
    assert landed(tmp_path)[-1] == ("3", "c", False)


def test_a_failed_stream_keeps_its_watermark_and_what_it_read(source: MemoryConnector, tmp_path: Path) -> None:
    source.fail_after_pages = 1
    report = sync(source, "box", tmp_path)
    assert [(stream.stream, stream.status, stream.error) for stream in report.failed] == [
        ("thing", "failed", "thing: the source went away")
    ]
    source.fail_after_pages = None
    sync(source, "box", tmp_path)
    assert source.asked == [None, None]
    assert sorted(landed(tmp_path)) == [("1", "a", False), ("2", "b", False), ("3", "c", False)]


def test_a_source_that_is_down_is_waited_for_once_and_not_once_per_stream(
    source: MemoryConnector, tmp_path: Path
) -> None:
    source.names, source.down = ("thing", "other", "third"), True
    report = sync(source, "box", tmp_path)
    assert source.clock_asked == 1
    assert [(one.stream, one.status, one.transient) for one in report.streams] == [
        (name, "failed", True) for name in source.names
    ]
    source.down = False
    assert [one.status for one in sync(source, "box", tmp_path).streams] == ["ok"] * 3


def test_an_emptied_source_deletes_nothing_until_a_person_says_so(tmp_path: Path) -> None:
    source = MemoryConnector(dict.fromkeys(range(30), ("x", START)))
    sync(source, "box", tmp_path)
    source.records = {}
    report = sync(source, "box", tmp_path)
    assert "no longer shows 30 of 30 records" in str(report.failed[0].error)
    assert not any(row[2] for row in landed(tmp_path))
    sync(source, "box", tmp_path, SyncOptions(accept_deletes=True))
    assert sum(row[2] for row in landed(tmp_path)) == 30


def test_a_package_without_its_completion_mark_is_invisible_and_cleared(
    source: MemoryConnector, tmp_path: Path
) -> None:
    sync(source, "box", tmp_path)
    mark = next((tmp_path / "landing/box/_dlt_loads").glob("*.jsonl"))
    mark.unlink()  # as if killed after the state was written and before the mark
    assert landed(tmp_path) == []
    sync(source, "box", tmp_path)
    assert source.asked == [None, None]
    assert len(landed(tmp_path)) == 3


def test_two_syncs_of_one_source_do_not_overlap(source: MemoryConnector, tmp_path: Path) -> None:
    with _source_lock(tmp_path, "box"), pytest.raises(SourceBusy, match="source box is being synced"):
        sync(source, "box", tmp_path)


def test_an_unknown_stream_is_refused_with_the_known_ones(source: MemoryConnector, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="has no stream stuff; it offers: thing"):
        sync(source, "box", tmp_path, SyncOptions(streams=("stuff",)))


class Resumable(MemoryConnector):
    """Reads by id and can go on behind one."""

    def position(self, stream: Stream, page: pa.Table) -> str | None:
        return str(page["id"][-1].as_py())

    def read(self, stream: Stream, window: Window) -> Iterator[pa.Table]:
        after = int(window.after or 0)
        kept, self.records = self.records, {key: value for key, value in self.records.items() if key > after}
        try:
            yield from super().read(stream, window)
        finally:
            self.records = kept


def test_a_broken_first_load_goes_on_behind_what_has_landed(tmp_path: Path) -> None:
    source = Resumable(dict.fromkeys(range(1, 11), ("x", START)), fail_after_pages=2)
    first = sync(source, "box", tmp_path).streams[0]
    assert (first.status, first.landed_rows, first.resumed) == ("failed", 4, False)
    source.fail_after_pages = None
    began = source.clock
    source.clock += timedelta(days=1)
    second = sync(source, "box", tmp_path).streams[0]
    assert (second.status, second.landed_rows, second.resumed, second.as_of) == ("ok", 6, True, began)
    # what changed while the first load went on is asked for from where it began
    sync(source, "box", tmp_path)
    assert source.asked[-1] == began - source.overlap
    assert len(landed(tmp_path)) == 10


def test_a_full_read_does_not_go_on_where_an_earlier_one_broke_off(tmp_path: Path) -> None:
    source = Resumable(dict.fromkeys(range(1, 11), ("x", START)), fail_after_pages=2)
    sync(source, "box", tmp_path)
    source.fail_after_pages = None
    report = sync(source, "box", tmp_path, SyncOptions(full=True)).streams[0]
    assert (report.read_rows, report.landed_rows, report.resumed) == (10, 6, False)


def test_a_long_read_lands_in_packages_that_count_by_themselves(tmp_path: Path) -> None:
    source = Resumable(dict.fromkeys(range(1, 50001), ("x", START)), page_size=10_000)
    report = sync(source, "box", tmp_path, SyncOptions(package_rows=20_000))
    assert (report.streams[0].landed_rows, report.streams[0].live_count) == (50_000, 50_000)
    assert len(Landing(tmp_path).load_ids("box")) == 3
    assert len(landed(tmp_path)) == 50_000


def test_since_after_the_watermark_leaves_the_watermark_where_it_was(source: MemoryConnector, tmp_path: Path) -> None:
    sync(source, "box", tmp_path)
    before = source.clock
    source.clock += timedelta(days=3)
    source.records[2] = ("B", before + timedelta(hours=1))
    sync(source, "box", tmp_path, SyncOptions(since=before + timedelta(days=2)))
    assert sync(source, "box", tmp_path).landed_rows == 1
    assert source.asked == [None, before + timedelta(days=2), before - timedelta(minutes=10)]


def test_progress_tells_what_was_read_and_what_was_new(source: MemoryConnector, tmp_path: Path) -> None:
    told: list[tuple[str, int, int, bool]] = []
    note = lambda report: told.append(  # noqa: E731
        (report.stream, report.read_rows, report.landed_rows, report.finished_at is not None)
    )
    sync(source, "box", tmp_path, progress=note)
    source.clock = START + timedelta(minutes=5)
    sync(source, "box", tmp_path, SyncOptions(since=START), progress=note)
    assert told == [("thing", 3, 3, False), ("thing", 3, 3, True), ("thing", 3, 0, False), ("thing", 3, 0, True)]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_records(tmp_path: Path) -> None:
    """Peak of a whole process: four times the records, the same peak but for what the engine holds per key."""
    script = """
import resource, sys
from pathlib import Path
from tests.connectors.test_landing import Endless, sync
sync(Endless(int(sys.argv[1])), "box", Path(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    peaks = []
    for count in (100_000, 400_000):
        command = [sys.executable, "-c", script, str(count), str(tmp_path / str(count))]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
        peaks.append(int(done.stdout.split()[-1]) // 1024)
    assert peaks[1] - peaks[0] < 60, peaks  # MB; the 300,000 further records hold 150 MB of text


class Endless(MemoryConnector):
    """As many records of 500 characters as asked for, made while they are read."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.made = count

    def read(self, stream: Stream, window: Window) -> Iterator[pa.Table]:
        for start in range(0, self.made, 2_000):
            ids = range(start, min(start + 2_000, self.made))
            rows = [{"id": key, "name": f"{key}" * (500 // len(str(key))), "changed_at": START} for key in ids]
            yield pa.Table.from_pylist(rows, schema=SCHEMA)

    def count(self, stream: Stream) -> int | None:
        return self.made
