"""Everything is read, once, and equals the truth."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from connectors.base import Connector, Window
from tests.connectors.kit.landed import Landed
from tests.connectors.kit.peer import Columns, Peer, Record, Settings


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


def test_page_size_one_and_the_largest_agree(peer: Peer) -> None:
    peer.create_many(3 * max(peer.page_sizes[0], 2) + 1)
    smallest, largest = (everything(peer.connector(Settings(page_size=size)), peer.stream) for size in peer.page_sizes)
    assert smallest == largest and len(largest) == len(peer.truth()[peer.stream])


def test_odd_values_survive(peer: Peer, landed: Landed) -> None:
    """Nulls, emoji, Chinese characters of four bytes, text that looks like syntax, 1 MB of text, days at the edges."""
    columns = peer.columns
    texts = ["🙂👩‍👩‍👧", "𠮷野家𪚥", "null", "NA", "'; drop table x; --", 'say "hi", \\n\tüß', " blank ends "]
    records = [Record(text) for text in texts]
    records += [Record("edge", long_text="百万" * 174_763, number="0.1", day="1900-01-01")]
    records += [Record("future", long_text="line one\nline two\r\n", number="-999999999.99", day="2199-12-31")]
    records += [Record("leap", number="0", day="2024-02-29", moment=datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC))]
    records += [Record("nothing")]
    keys = [peer.create(record) for record in records]
    assert landed.sync().error is None
    found = landed.live()
    for key, record in zip(keys, records, strict=True):
        wanted = expected(columns, record, peer.null_number)
        assert {name: found[key][name] for name in wanted} == wanted


def expected(columns: Columns, record: Record, null_number: str | None) -> dict[str, Any]:
    """What must have landed of a record, in the columns the peer has."""
    text = null_number if record.number is None else record.number
    number = None if text is None else Decimal(text)
    day = date.fromisoformat(record.day) if record.day else None
    values = {"text": record.text, "long_text": record.long_text, "number": number, "day": day, "moment": record.moment}
    named = {getattr(columns, kind): value for kind, value in values.items()}
    return {column: value for column, value in named.items() if column is not None}


def everything(connector: Connector, stream: str) -> list[dict[str, Any]]:
    """All records of a full read, in order of their keys."""
    chosen = next(item for item in connector.streams() if item.name == stream)
    pages = list(connector.read(chosen, Window(None, connector.now())))
    return pa.concat_tables(pages).sort_by([(name, "ascending") for name in chosen.key]).to_pylist() if pages else []
