"""Which load packages of a source are complete, and which files they hold."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

KEY, ROW_HASH, SEQ = "_key", "_row_hash", "_seq"
"""Columns landing adds to every page: the record's key as text, a hash of its content, the order of its versions."""
SYNC_LOG = "_sync_log"
"""Pseudo stream with one row per stream and sync: what was asked, landed and counted."""
_LOADS, _STATE = "_dlt_loads", "_dlt_pipeline_state"


@dataclass(frozen=True)
class LandedFile:
    """One immutable Parquet file of a complete load package."""

    source: str
    stream: str
    load_id: str
    path: Path

    def sha256(self) -> str:
        """Content hash, read from disk."""
        digest = hashlib.sha256()
        with self.path.open("rb") as handle:
            while block := handle.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()


@dataclass(frozen=True)
class Landing:
    """The landing folder of one home: `<home>/landing/<source>/<stream>/<load_id>.<file_id>.parquet`."""

    home: Path

    @property
    def root(self) -> Path:
        """The landing folder."""
        return self.home / "landing"

    def sources(self) -> list[str]:
        """Sources that have landed anything, sorted."""
        return sorted(path.name for path in self.root.iterdir() if path.is_dir()) if self.root.exists() else []

    def load_ids(self, source: str) -> list[str]:
        """Complete load packages of a source, oldest first."""
        marks = (self.root / source / _LOADS).glob("*.jsonl")
        return sorted(mark.stem.rsplit("__", 1)[1] for mark in marks)

    def files(self, source: str, stream: str) -> list[LandedFile]:
        """Parquet files of complete packages of one stream, in a fixed order."""
        complete = set(self.load_ids(source))
        found = ((load_id_of(path), path) for path in (self.root / source / stream).glob("*.parquet"))
        return [LandedFile(source, stream, load_id, path) for load_id, path in sorted(found) if load_id in complete]

    def streams(self, source: str) -> list[str]:
        """Streams of a source that have landed at least one complete file, sorted; the sync log is not a stream."""
        folder = self.root / source
        names = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.exists() else []
        return [name for name in names if not name.startswith("_dlt") and name != SYNC_LOG and self.files(source, name)]

    def clear_unfinished(self, source: str) -> list[Path]:
        """Remove what a killed sync left: data and cursor state of packages without a completion mark.

        The cursor state matters most: it is written just before the mark, so a kill between the two would otherwise
        move the watermark past records that nobody sees.
        """
        complete = set(self.load_ids(source))
        folder = self.root / source
        data = [path for path in folder.glob("*/*.parquet") if load_id_of(path) not in complete]
        state = [path for path in (folder / _STATE).glob("*.jsonl") if path.name.split("__")[1] not in complete]
        for path in data + state:
            path.unlink()
        return sorted(data + state)


def load_id_of(path: Path) -> str:
    """The load package a landed file belongs to (dlt's load id is `seconds.fraction`, the file id follows)."""
    return path.name.removesuffix(".parquet").rsplit(".", 1)[0]


def parquet_scan(files: list[LandedFile]) -> str:
    """SQL relation over the files, columns united by name, plus `_load_id` from the file's name."""
    names = ", ".join("'" + str(file.path).replace("'", "''") + "'" for file in files)
    return (
        r"(select * exclude (filename), regexp_extract(filename, '([0-9]+\.[0-9]+)\.[^./]+\.parquet$', 1) as _load_id"
        f" from read_parquet([{names}], union_by_name = true, filename = true))"
    )
