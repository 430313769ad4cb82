"""What users do between two syncs, and while one runs, arrives: each change once, none lost."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pyarrow as pa

from connectors.base import Connector, Stream, Window
from tests.connectors.kit.landed import Landed
from tests.connectors.kit.peer import Peer, Record, Settings


class Watched:
    """The connector, with a look at every page of `read`: `on_page` is called before each page is handed on."""

    def __init__(self, connector: Connector, on_page: Callable[[pa.Table], None]) -> None:
        self._connector, self._on_page = connector, on_page

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connector, name)

    def read(self, stream: Stream, window: Window) -> Iterator[pa.Table]:
        for page in self._connector.read(stream, window):
            self._on_page(page)
            yield page


def test_a_second_sync_asks_only_for_changes(peer: Peer, landed: Landed) -> None:
    old = peer.create(Record("old"), peer.now() - timedelta(days=3))
    landed.sync()
    new = peer.create(Record("new"))
    read: list[str] = []
    connector = peer.connector()
    (key,) = next(stream for stream in connector.streams() if stream.name == peer.stream).key
    landed.sync(Watched(connector, lambda page: read.extend(map(str, page.column(key).to_pylist()))))
    assert new in read and old not in read
    assert landed.live().keys() == peer.truth()[peer.stream].keys()


def test_a_change_arrives_once(peer: Peer, landed: Landed) -> None:
    key = peer.create(Record("before"))
    landed.sync()
    peer.change(key, Record("after"))
    first, second = (landed.sync().landed_rows for _ in range(2))
    assert first >= 1 and second == 0
    assert landed.texts()[key] == "after"


def test_a_value_set_to_null_arrives(peer: Peer, landed: Landed) -> None:
    column = peer.columns.long_text or peer.columns.number
    assert column is not None
    key = peer.create(Record("filled", long_text="something", number="5"))
    landed.sync()
    assert landed.live()[key][column] is not None
    peer.change(key, Record("filled"))
    landed.sync()
    assert landed.live()[key][column] is None


def test_a_delete_arrives_and_stays(peer: Peer, landed: Landed) -> None:
    kept, gone = peer.create(Record("kept")), peer.create(Record("gone"))
    landed.sync()
    peer.delete(gone)
    landed.sync()
    landed.sync()
    assert kept in landed.live() and gone not in landed.live()
    assert landed.live().keys() == peer.truth()[peer.stream].keys()


def test_an_undelete_arrives(peer: Peer, landed: Landed) -> None:
    key = peer.create(Record("back again"))
    landed.sync()
    peer.delete(key)
    landed.sync()
    assert key not in landed.live()
    peer.undelete(key)
    landed.sync()
    assert landed.texts()[key] == "back again"


def test_a_merge_arrives(peer: Peer, landed: Landed) -> None:
    loser, survivor = peer.create(Record("loser")), peer.create(Record("survivor"))
    landed.sync()
    peer.merge(loser, survivor)
    landed.sync()
    assert loser not in landed.live() and landed.texts()[survivor] == "survivor"
    assert landed.live().keys() == peer.truth()[peer.stream].keys()


def test_a_record_changed_while_paging_is_caught_by_the_next_sync(peer: Peer, landed: Landed) -> None:
    """The first record moves behind the last page, the last one before the first, and one is made, after page one."""
    small = peer.page_sizes[0]
    peer.create_many(2 * small + 1, peer.now() - timedelta(hours=1))
    keys = sorted(peer.truth()[peer.stream])
    made: list[str] = []

    def user_works(_: pa.Table) -> None:
        if not made:
            peer.change(keys[0], Record("changed first"))
            peer.change(keys[-1], Record("changed last"))
            made.append(peer.create(Record("made meanwhile")))

    landed.sync(Watched(peer.connector(Settings(page_size=small)), user_works))
    assert set(keys) <= landed.live().keys()
    landed.sync()
    texts = landed.texts()
    assert (texts[keys[0]], texts[keys[-1]], texts[made[0]]) == ("changed first", "changed last", "made meanwhile")
    assert texts.keys() == peer.truth()[peer.stream].keys()


def test_a_late_commit_within_the_overlap_is_caught(peer: Peer, landed: Landed) -> None:
    """A transaction that began before the last sync, and stamped its record then, is committed after it."""
    overlap = peer.connector().overlap
    assert overlap > timedelta(0)
    key = peer.create(Record("first"), peer.now() - timedelta(days=2))
    landed.sync()
    peer.change(key, Record("committed late"), peer.now() - overlap * 0.8)
    landed.sync()
    assert landed.texts()[key] == "committed late"


def test_a_clock_ahead_or_behind_loses_nothing(peer: Peer, landed: Landed) -> None:
    """The source's clock runs ahead, is set back below the last watermark, and then lags behind ours."""
    for offset, text in ((2, "ahead"), (0, "set back"), (-2, "behind")):
        peer.skew(timedelta(hours=offset))
        key = peer.create(Record(f"{text} old"))
        landed.sync()
        peer.change(key, Record(f"{text} new"))
        landed.sync()
        assert landed.texts()[key] == f"{text} new"


def test_an_emptied_source_shrinks_nothing(peer: Peer, landed: Landed) -> None:
    peer.create_many(30)
    landed.sync()
    before = landed.live().keys()
    peer.clear()
    peer.injected += 1
    reports = [landed.sync() for _ in range(2)]
    assert [report.status for report in reports] == ["failed", "failed"] and peer.stream in str(reports[0].error)
    assert landed.live().keys() == before


def test_an_emptied_source_is_believed_when_a_person_says_so(peer: Peer, landed: Landed) -> None:
    peer.create_many(30)
    landed.sync()
    peer.clear()
    assert landed.sync(accept_deletes=True).error is None
    assert landed.live() == {}


def test_a_new_field_arrives_by_itself(peer: Peer, landed: Landed) -> None:
    key = peer.create(Record("plain"))
    landed.sync()
    column = peer.add_field(key, "premium")
    report = landed.sync()
    assert column in report.new_columns
    assert landed.live()[key][column] == "premium"


def test_a_changed_type_is_stopped_or_widened_by_configuration(peer: Peer, landed: Landed) -> None:
    column = peer.columns.number
    assert column is not None
    key = peer.create(Record("scored", number="5"))
    landed.sync()
    peer.retype_number(key, "a lot")
    stopped = landed.sync()
    assert column in str(stopped.error) and "widen" in str(stopped.error)
    assert landed.live()[key][column] == 5
    assert landed.sync(widen={peer.stream: [column]}).error is None
    assert landed.live()[key][column] == "a lot"
