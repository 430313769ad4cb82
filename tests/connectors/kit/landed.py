"""Syncing a peer and looking at what landed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from connectors.base import Connector
from connectors.landing import Landing, StreamReport, SyncOptions, SyncReport, sync
from connectors.landing.packages import SEQ
from tests.connectors.kit.peer import USUAL, Peer, Settings

SOURCE = "kit"
Row = dict[str, Any]


@dataclass
class Landed:
    """One home; `sync` reads the peer into it, the rest looks."""

    peer: Peer
    home: Path

    def sync(self, connector: Connector | None = None, *, settings: Settings = USUAL, **options: Any) -> StreamReport:
        """Sync the changed stream; its report. Other streams are synced by `sync_all`."""
        chosen = SyncOptions(streams=(self.peer.stream,), **options)
        report = sync(connector or self.peer.connector(settings), SOURCE, self.home, chosen)
        return report.streams[0]

    def sync_all(self, connector: Connector | None = None) -> SyncReport:
        """Sync every stream the connector offers."""
        return sync(connector or self.peer.connector(), SOURCE, self.home)

    def versions(self, stream: str | None = None) -> list[Row]:
        """Every landed version of every key, in order of landing."""
        files = Landing(self.home).files(SOURCE, stream or self.peer.stream)
        if not files:
            return []
        rows = [row for file in files for row in pq.ParquetFile(file.path).read().to_pylist()]
        return sorted(rows, key=lambda row: row[SEQ])

    def live(self, stream: str | None = None) -> dict[str, Row]:
        """The latest version of every key that is not deleted."""
        latest = {row["_key"]: row for row in self.versions(stream)}
        return {key: row for key, row in latest.items() if not row["_deleted"]}

    def texts(self) -> dict[str, Any]:
        """Key -> text column of the live records of the changed stream."""
        return {key: row[self.peer.columns.text] for key, row in self.live().items()}
