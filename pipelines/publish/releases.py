"""Releases as they stand on disk: list, current, difference, roll back, verify.

A release is a folder `<home>/releases/<release_id>/` that is written once. `CURRENT` is a link to one of them; every
move of it is booked in `SWITCHES.jsonl`. Nothing here needs the warehouse or today's models: the manifest of a release
says how its tables are keyed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from pipelines.publish.content import quoted, release_hash
from pipelines.publish.store import (
    CURRENT,
    append_line,
    exclusive,
    point,
    read_lines,
    releases_dir,
    sha256,
)

MANIFEST = "manifest.json"
SWITCHES = "SWITCHES.jsonl"
CONFIRMED = "CONFIRMED.jsonl"


class ReleaseError(Exception):
    """A release that was asked for is not there or cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Release:
    """One complete release on disk."""

    release_id: str
    path: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest as written; `pipelines/publish/release.py` makes it."""
        found: dict[str, Any] = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
        return found

    @property
    def content_hash(self) -> str:
        """Hash over the rows of all tables; equal hashes mean equal content."""
        return str(self.manifest["content_hash"])

    @property
    def created_at(self) -> datetime:
        """Moment it was published (UTC)."""
        return datetime.fromisoformat(self.manifest["created_at"])

    @property
    def row_counts(self) -> dict[str, int]:
        """Rows by `schema.table`: what the gate compares the next candidate's volume with."""
        return {str(name): int(count) for name, count in self.manifest["row_counts"].items()}

    @property
    def tables(self) -> dict[str, Mapping[str, Any]]:
        """Entry of each published table by name."""
        return {table["name"]: table for table in self.manifest["tables"]}

    def parquet(self, table: str) -> Path:
        """The file of one published table."""
        return self.path / str(self.tables[table]["file"])


@dataclass(frozen=True)
class ValueChange:
    """One value that differs between two releases; `key` holds the grain columns of its row."""

    key: Mapping[str, Any]
    column: str
    old: Any
    new: Any


@dataclass(frozen=True)
class TableDiff:
    """How one table differs: counts over all rows, keys and values of the first rows of each kind."""

    table: str
    rows_before: int
    rows_after: int
    added: int = 0
    removed: int = 0
    changed: int = 0
    added_keys: tuple[Mapping[str, Any], ...] = ()
    removed_keys: tuple[Mapping[str, Any], ...] = ()
    changes: tuple[ValueChange, ...] = ()
    note: str = ""
    """Why no rows were compared: the table, or its grain, is new or gone."""

    @property
    def is_empty(self) -> bool:
        """Is the table's content the same on both sides?"""
        return not (self.added or self.removed or self.changed or self.note)


@dataclass(frozen=True)
class ReleaseDiff:
    """How release `after` differs from release `before`; tables without a difference are left out."""

    before: str
    after: str
    tables: tuple[TableDiff, ...] = field(default=())


def list_releases(home: Path) -> list[Release]:
    """Every complete release, newest first."""
    folders = (path for path in releases_dir(home).iterdir() if not path.is_symlink() and (path / MANIFEST).is_file())
    found = [Release(path.name, path) for path in folders if not path.name.startswith(".")]
    return sorted(found, key=lambda release: (release.created_at, release.release_id), reverse=True)


def current(home: Path) -> Release | None:
    """The release analysts see; None before the first publication."""
    link = releases_dir(home) / CURRENT
    return Release(link.readlink().name, link.parent / link.readlink().name) if link.is_symlink() else None


def get(home: Path, release_id: str) -> Release:
    """The release of that id. Raises ReleaseError, naming the ids there are, when there is none."""
    known = {release.release_id: release for release in list_releases(home)}
    if release_id not in known:
        listed = ", ".join(list(known)[:5]) or "none yet"
        raise ReleaseError(f"there is no release {release_id!r}; newest first there are: {listed}")
    return known[release_id]


def switches(home: Path) -> list[dict[str, Any]]:
    """Every move of CURRENT, oldest first: when, from, to, what (publish or roll_back), who and why."""
    return read_lines(releases_dir(home) / SWITCHES)


def confirmations(home: Path) -> list[dict[str, Any]]:
    """Every run whose content equalled the release then current, oldest first."""
    return read_lines(releases_dir(home) / CONFIRMED)


def roll_back(home: Path, release_id: str, *, who: str, why: str, when: datetime | None = None) -> Release:
    """Show an earlier release again; one atomic move, booked with who and why. The files of no release change.

    Raises ReleaseError when the release is unknown, already current, or damaged. The next run publishes its own
    candidate again unless what made the newer release wrong is repaired first.
    """
    if not who.strip() or not why.strip():
        raise ReleaseError("a roll-back is booked with who made it and why: give both")
    with exclusive(home):
        release, before = get(home, release_id), current(home)
        if before and before.release_id == release_id:
            raise ReleaseError(f"release {release_id} is current already")
        if damage := verify(home, release_id):
            raise ReleaseError(f"release {release_id} is damaged, CURRENT stays: {'; '.join(damage)}")
        switch(home, release_id, what="roll_back", who=who, why=why, when=when or datetime.now(UTC))
        return release


def switch(home: Path, release_id: str, *, what: str, who: str, why: str, when: datetime) -> None:
    """Move CURRENT and book it; the caller holds the lock."""
    folder, before = releases_dir(home), current(home)
    point(folder / CURRENT, release_id)
    booked = {"at": when.astimezone(UTC).isoformat(), "what": what, "who": who, "why": why}
    append_line(folder / SWITCHES, booked | {"from": before.release_id if before else None, "to": release_id})


def verify(home: Path, release_id: str) -> list[str]:
    """What is wrong with a release's files, in plain words; empty when all are as published."""
    release = get(home, release_id)
    manifest = release.manifest
    kept = [manifest["configuration"]] if "configuration" in manifest else []
    listed = {entry["file"]: entry for entry in [*manifest["tables"], manifest["database"], *kept]}
    problems = [problem for name, entry in listed.items() if (problem := _damage(release.path / name, entry))]
    extra = {path.name for path in release.path.iterdir()} - set(listed) - {MANIFEST}
    problems += [f"{name}: not part of the release" for name in sorted(extra)]
    hashes = {table["name"]: table["content_hash"] for table in manifest["tables"] if table["content_hash"]}
    if release_hash(hashes) != release.content_hash or not release_id.endswith(release.content_hash[:8]):
        problems.append(f"{MANIFEST}: the content hash does not belong to its tables")
    return problems


def diff(home: Path, before: str, after: str, limit: int = 100) -> ReleaseDiff:
    """How two releases differ, by the key of each table. Counts are complete; keys and changed rows stop at `limit`.

    Volatile columns and tables are not compared.
    """
    old, new = get(home, before), get(home, after)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        tables = [_table_diff(con, old, new, name, limit) for name in sorted({*old.tables, *new.tables})]
    return ReleaseDiff(before, after, tuple(table for table in tables if not table.is_empty))


def _damage(path: Path, entry: Mapping[str, Any]) -> str:
    if not path.is_file():
        return f"{path.name}: missing"
    if path.stat().st_size != entry["size"] or sha256(path) != entry["sha256"]:
        return f"{path.name}: changed since it was published"
    return ""


def _table_diff(con: duckdb.DuckDBPyConnection, old: Release, new: Release, name: str, limit: int) -> TableDiff:
    a, b = old.tables.get(name), new.tables.get(name)
    rows = (a["rows"] if a else 0, b["rows"] if b else 0)
    if a is None or b is None:
        return TableDiff(name, *rows, note="only in the newer release" if a is None else "no longer published")
    if a["content_hash"] == b["content_hash"]:
        return TableDiff(name, *rows)
    if a["grain"] != b["grain"]:
        return TableDiff(name, *rows, note=f"keyed by {a['grain']} before and by {b['grain']} now")
    return _compare(con, _Pair(old.parquet(name), new.parquet(name), a, b), rows, limit)


@dataclass(frozen=True)
class _Pair:
    """One table in two releases."""

    old: Path
    new: Path
    old_entry: Mapping[str, Any]
    new_entry: Mapping[str, Any]

    @property
    def grain(self) -> list[str]:
        return list(self.new_entry["grain"])

    @property
    def values(self) -> list[str]:
        """Content columns of both that are not part of the key."""
        there = {column["name"] for column in self.old_entry["columns"] if not column["volatile"]}
        columns = [column["name"] for column in self.new_entry["columns"] if not column["volatile"]]
        return [column for column in columns if column in there and column not in self.grain]

    @property
    def note(self) -> str:
        """Columns that only one side has."""
        a, b = ({column["name"] for column in entry["columns"]} for entry in (self.old_entry, self.new_entry))
        told = [f"new columns: {', '.join(sorted(b - a))}"] if b - a else []
        return "; ".join(told + ([f"columns gone: {', '.join(sorted(a - b))}"] if a - b else []))

    @property
    def joined(self) -> str:
        same = " and ".join(f"a.{quoted(key)} is not distinct from b.{quoted(key)}" for key in self.grain)
        sides = " full join ".join(
            f"(select *, true as here from read_parquet({_literal(path)})) {alias}"
            for path, alias in ((self.old, "a"), (self.new, "b"))
        )
        return f"{sides} on {same}"

    @property
    def differs(self) -> str:
        return " or ".join(f"a.{quoted(name)} is distinct from b.{quoted(name)}" for name in self.values) or "false"

    def keys(self, side: str) -> str:
        return ", ".join(f"{side}.{quoted(key)} as {quoted(key)}" for key in self.grain)


def _compare(con: duckdb.DuckDBPyConnection, pair: _Pair, rows: tuple[int, int], limit: int) -> TableDiff:
    both = "a.here and b.here"
    counts = con.execute(
        "select count(*) filter (a.here is null), count(*) filter (b.here is null), "
        f"count(*) filter ({both} and ({pair.differs})) from {pair.joined}"
    ).fetchone()
    added, removed, changed = counts or (0, 0, 0)
    return TableDiff(
        str(pair.new_entry["name"]),
        *rows,
        added,
        removed,
        changed,
        added_keys=_keys(con, pair, "b", "a.here is null", limit),
        removed_keys=_keys(con, pair, "a", "b.here is null", limit),
        changes=_changes(con, pair, f"{both} and ({pair.differs})", limit),
        note=pair.note,
    )


def _keys(con: duckdb.DuckDBPyConnection, pair: _Pair, side: str, where: str, limit: int) -> tuple[dict[str, Any], ...]:
    found = con.execute(
        f"select {pair.keys(side)} from {pair.joined} where {where} order by all limit {limit}"
    ).fetchall()
    return tuple(dict(zip(pair.grain, row, strict=True)) for row in found)


def _changes(con: duckdb.DuckDBPyConnection, pair: _Pair, where: str, limit: int) -> tuple[ValueChange, ...]:
    if not pair.values:
        return ()
    order = ", ".join(str(position + 1) for position in range(len(pair.grain)))
    sides = ", ".join(f"{side}.{quoted(name)}" for side in "ab" for name in pair.values)
    found = con.execute(
        f"select {pair.keys('b')}, {sides} from {pair.joined} where {where} order by {order} limit {limit}"
    ).fetchall()
    width, size = len(pair.grain), len(pair.values)
    return tuple(
        ValueChange(dict(zip(pair.grain, row[:width], strict=True)), name, old, new)
        for row in found
        for name, old, new in zip(pair.values, row[width : width + size], row[width + size :], strict=True)
        if old != new
    )


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
