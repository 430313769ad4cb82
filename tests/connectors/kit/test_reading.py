"""Everything is read, once, and equals the truth."""

from connectors.base import Connector
from tests.connectors.kit.landed import Landed
from tests.connectors.kit.peer import Peer, Record, Settings


def test_it_describes_its_streams(peer: Peer) -> None:
    connector = peer.connector()
    assert isinstance(connector, Connector) and connector.system
    streams = connector.streams()
    assert {stream.name for stream in streams} == set(peer.truth())
    assert all(stream.key and stream.name == stream.name.lower() for stream in streams)
    health = connector.check()
    assert (health.ok, health.stream_problems) == (True, {}) and health.message


def test_a_full_sync_equals_the_truth(peer: Peer, landed: Landed) -> None:
    report = landed.sync_all()
    assert [(stream.stream, stream.error) for stream in report.failed] == []
    for stream, expected in peer.truth().items():
        found = landed.live(stream)
        assert found.keys() == expected.keys(), stream
        for key, values in expected.items():
            assert {name: found[key][name] for name in values} == values, (stream, key)


def test_a_second_sync_adds_no_row(peer: Peer, landed: Landed) -> None:
    assert landed.sync_all().landed_rows > 0
    second = landed.sync_all()
    assert (second.landed_rows, second.failed) == (0, [])


def test_equal_timestamps_across_page_borders_lose_no_record(peer: Peer, landed: Landed) -> None:
    """10,000 records with one stamp, on pages that do not divide them, lie in the window of the second sync."""
    landed.sync()
    peer.create_many(10_000, peer.now())
    small, large = peer.page_sizes
    report = landed.sync(settings=Settings(page_size=min(max(small, 999), large)))
    assert (report.error, report.landed_rows) == (None, 10_000)
    assert landed.live().keys() == peer.truth()[peer.stream].keys()


def test_a_change_arrives(peer: Peer, landed: Landed) -> None:
    key = peer.create(Record("before"))
    landed.sync()
    peer.change(key, Record("after"))
    assert landed.sync().landed_rows == 1
    assert landed.texts()[key] == "after"
