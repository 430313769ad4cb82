"""Publishing: a candidate that passed the gate becomes an immutable release, shown by one atomic move.

Order of events: everything is written into `releases/.staging-*`, flushed and sealed; the folder is renamed to its
final name; only then CURRENT moves. A process killed at any point leaves CURRENT on a complete release.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import Any, Literal

import duckdb

from expectations.catalog import MODELS, Table, load, published
from expectations.closing import OFFICIAL
from expectations.verdict import Verdict, fingerprint, render
from pipelines.publish.content import quoted, release_hash, table_hash
from pipelines.publish.inputs import ReleaseInputs
from pipelines.publish.releases import (
    CONFIRMED,
    MANIFEST,
    SWITCHES,
    Release,
    current,
    list_releases,
    switch,
    switches,
)
from pipelines.publish.store import (
    CURRENT,
    STAGING,
    append_line,
    exclusive,
    releases_dir,
    seal,
    sha256,
    sweep,
    sync_folder,
    write_durably,
)

DATABASE = "published.duckdb"
CONFIGURATION = "configuration.json"
PUBLISHER = "scoreline run"


class PublishError(Exception):
    """Publishing could not go on; the last release stands."""


class GateRefused(PublishError):
    """The gate did not pass the candidate; nothing was written. `verdict` says which rules, tables and rows."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(render(verdict))
        self.verdict = verdict


@dataclass(frozen=True)
class Publication:
    """What publishing did: a new release (`published`), or the current one confirmed because nothing changed."""

    status: Literal["published", "confirmed"]
    release: Release
    previous: str | None
    """Release that was current before."""


@dataclass(frozen=True)
class _Candidate:
    """The warehouse's tables as a release would hold them."""

    con: duckdb.DuckDBPyConnection
    tables: tuple[Table, ...]
    hashes: Mapping[str, str]
    content_hash: str


def publish(warehouse: Path, home: Path, inputs: ReleaseInputs, verdict: Verdict, models: Path = MODELS) -> Publication:
    """Publish the candidate in `warehouse`, or confirm the current release when the content is the same.

    Raises GateRefused when the verdict is red, and PublishError when the verdict was given on another state of the
    warehouse file. Either way CURRENT stays where it was.
    """
    if not verdict.passed:
        raise GateRefused(verdict)
    if verdict.candidate != fingerprint(warehouse):
        raise PublishError("the warehouse changed after the gate judged it; run the gate again, then publish")
    with exclusive(home), duckdb.connect(str(warehouse), read_only=True) as con:
        sweep(releases_dir(home))
        _book_interrupted_switch(home, inputs)
        candidate = _candidate(con, load(models))
        before = current(home)
        if before and before.content_hash == candidate.content_hash:
            return _confirm(home, before, inputs)
        release = _unseen_twin(home, before, candidate) or _write(home, candidate, inputs, verdict, before)
        switch(home, release.release_id, what="publish", who=PUBLISHER, why="new content", when=inputs.created_at)
        _link_database(home)
        return Publication("published", release, before.release_id if before else None)


def _candidate(con: duckdb.DuckDBPyConnection, tables: Mapping[str, Table]) -> _Candidate:
    chosen = tuple(_as_published(con, table) for table in published(tables))
    hashes = {table.name: table_hash(con, table) for table in chosen if table.content_columns}
    return _Candidate(con, chosen, hashes, release_hash(hashes))


def _as_published(con: duckdb.DuckDBPyConnection, table: Table) -> Table:
    """The relation analysts get: of a table that closes with its period the official one (`expectations.closing`)."""
    found = con.execute(
        "select 1 from duckdb_views() where database_name = current_database() and schema_name = ? and view_name = ?",
        [OFFICIAL, table.name],
    ).fetchall()
    return replace(table, schema=OFFICIAL) if found else table


def _confirm(home: Path, release: Release, inputs: ReleaseInputs) -> Publication:
    packages = sorted({package.load_id for package in inputs.load_packages})
    told = {"at": _moment(inputs), "release_id": release.release_id, "content_hash": release.content_hash}
    code = {"code": asdict(inputs.code), "configuration_hash": inputs.configuration_hash}
    append_line(releases_dir(home) / CONFIRMED, told | code | {"load_packages": packages})
    _link_database(home)
    return Publication("confirmed", release, release.release_id)


def _book_interrupted_switch(home: Path, inputs: ReleaseInputs) -> None:
    """A run killed between moving CURRENT and booking it is booked now."""
    shown, booked = current(home), switches(home)
    if shown and (not booked or booked[-1]["to"] != shown.release_id):
        before = booked[-1]["to"] if booked else None
        told = {"at": _moment(inputs), "what": "publish", "who": PUBLISHER, "why": "new content; booked after a kill"}
        append_line(releases_dir(home) / SWITCHES, told | {"from": before, "to": shown.release_id})


def _unseen_twin(home: Path, before: Release | None, candidate: _Candidate) -> Release | None:
    """A release of the same content that a run completed but was killed before showing."""
    seen = {entry["to"] for entry in switches(home)}
    previous = before.release_id if before else None
    for release in list_releases(home):
        hidden = release.release_id not in seen and release.manifest["previous_release"] == previous
        if hidden and release.content_hash == candidate.content_hash:
            return release
    return None


def _write(
    home: Path, candidate: _Candidate, inputs: ReleaseInputs, verdict: Verdict, before: Release | None
) -> Release:
    releases = releases_dir(home)
    release_id = f"r{inputs.created_at.astimezone(UTC):%Y%m%dT%H%M%S%f}Z-{candidate.content_hash[:8]}"
    final, staging = releases / release_id, releases / f"{STAGING}{release_id}"
    if final.exists():
        raise PublishError(f"release {release_id} exists already; was the same moment published twice?")
    staging.mkdir()
    entries = [_write_table(candidate, table, staging) for table in candidate.tables]
    configuration = _write_configuration(staging, inputs)
    database = _write_database(candidate.tables, staging, final, release_id, inputs)
    manifest = _manifest(candidate, inputs, verdict) | {
        "release_id": release_id,
        "previous_release": before.release_id if before else None,
        "tables": entries,
        "database": database,
        **configuration,
    }
    write_durably(staging / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n")
    seal(staging)
    staging.rename(final)
    sync_folder(releases)
    return Release(release_id, final)


def _write_table(candidate: _Candidate, table: Table, folder: Path) -> dict[str, Any]:
    """One Parquet file, rows in a total order (the key first), so equal rows give equal bytes."""
    path = folder / f"{table.name}.parquet"
    names = [column.name for column in table.columns]
    order = [*table.grain, *(name for name in names if name not in table.grain)]
    (rows,) = candidate.con.execute(
        f"copy (select {_list(names)} from {table.relation} order by {_list(order)}) to {_literal(path)} "
        "(format parquet, compression zstd)"
    ).fetchone() or (0,)
    return {
        "name": table.name,
        "relation": table.relation,
        "description": table.description,
        "rows": rows,
        "content_hash": candidate.hashes.get(table.name),
        "grain": list(table.grain),
        "columns": [
            {"name": column.name, "type": column.data_type, "volatile": column.volatile or table.volatile}
            for column in table.columns
        ],
        **_file(path),
    }


def _write_configuration(folder: Path, inputs: ReleaseInputs) -> dict[str, Any]:
    """The company folder as one file, so that the release can be made again; its entry in the manifest."""
    if not inputs.configuration:
        return {}
    path = folder / CONFIGURATION
    text = json.dumps(dict(inputs.configuration), ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")
    return {"configuration": _file(path)}


def _write_database(
    tables: tuple[Table, ...], staging: Path, final: Path, release_id: str, inputs: ReleaseInputs
) -> dict[str, Any]:
    """The database analysts open: one described view per table over the release's own files, by absolute path.

    DuckDB wants the files in place when a view is made, so the final name is a link to the staging folder meanwhile.
    The file is 0444, so a session opens it with `read_only=True`; it answers from its own release for as long as
    it stays open, whatever is published meanwhile.
    """
    final.symlink_to(staging.name)
    try:
        with duckdb.connect(str(staging / DATABASE)) as con:
            for table in tables:
                _create_view(con, table, final / f"{table.name}.parquet")
            _create_release_view(con, release_id, inputs)
    finally:
        final.unlink()
    return _file(staging / DATABASE)


def _create_view(con: duckdb.DuckDBPyConnection, table: Table, path: Path) -> None:
    view = quoted(table.name)
    con.execute(f"create view {view} as select * from read_parquet({_literal(path)})")
    con.execute(f"comment on view {view} is {_literal(table.description)}")
    for column in table.columns:
        con.execute(f"comment on column {view}.{quoted(column.name)} is {_literal(column.description)}")


def _create_release_view(con: duckdb.DuckDBPyConnection, release_id: str, inputs: ReleaseInputs) -> None:
    con.execute(
        f"create view release as select {_literal(release_id)} as release_id, "
        f"timestamp {_literal(inputs.created_at.astimezone(UTC).strftime('%Y-%m-%d %H:%M:%S'))} as created_at"
    )
    con.execute(
        "comment on view release is 'Which release this session reads; open the file again to see a newer one.'"
    )
    con.execute("comment on column release.release_id is 'Folder name of the release.'")
    con.execute("comment on column release.created_at is 'Moment it was published (UTC).'")


def _manifest(candidate: _Candidate, inputs: ReleaseInputs, verdict: Verdict) -> dict[str, Any]:
    con = candidate.con
    return {
        "created_at": _moment(inputs),
        "as_of_date": _one(con, "select as_of_date::varchar from config.company"),
        "content_hash": candidate.content_hash,
        "code": asdict(inputs.code),
        "configuration_hash": inputs.configuration_hash,
        "standards": _records(
            con,
            "select standard_id, standard_version, role, period_type, valid_from::varchar as valid_from, approved_by "
            "from config.appraisal_standard order by all",
        ),
        "gate": verdict.summary(),
        "load_packages": [asdict(package) for package in inputs.load_packages],
        "sync_log": [asdict(package) for package in inputs.sync_log],
        "row_counts": _row_counts(con),
    }


def _row_counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of every table of the candidate, published or not: the next gate compares volumes with them."""
    names = con.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where database_name = current_database() "
        "and schema_name in ('canonical', 'core', 'marts') order by all"
    ).fetchall()
    return {name: int(_one(con, f"select count(*) from {name}")) for (name,) in names}


def _link_database(home: Path) -> None:
    """`<home>/published.duckdb`: always the current release's database. Made once, it never has to change."""
    link = home.absolute() / DATABASE
    if not link.is_symlink():
        link.symlink_to(Path("releases") / CURRENT / DATABASE)


def _file(path: Path) -> dict[str, Any]:
    return {"file": path.name, "size": path.stat().st_size, "sha256": sha256(path)}


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = con.execute(sql).fetchone()
    if row is None:
        raise PublishError(f"the warehouse answers nothing to: {sql}")
    return row[0]


def _records(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    answer = con.execute(sql)
    names = [column[0] for column in answer.description or []]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _moment(inputs: ReleaseInputs) -> str:
    return inputs.created_at.astimezone(UTC).isoformat()


def _list(names: list[str]) -> str:
    return ", ".join(quoted(name) for name in names)


def _literal(value: Path | str) -> str:
    return "'" + str(value).replace("'", "''") + "'"
