"""What dbt finds in the warehouse when it starts: views on landing, mapped entities, configuration.

The set of load packages is fixed once per build (`gather_inputs`), so syncs may land more while a build runs. A build
whose inputs are the same as those of the candidate already in the warehouse need not run again:
`BuildInputs.fingerprint` covers landed files, configuration, calendar day and code.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from connectors.landing import LandedFile, Landing
from connectors.landing.packages import KEY, SYNC_LOG, parquet_scan
from connectors.mapping import MappedSource, create_mapped_views, mapped_view_sql
from pipelines.company import Company, config_tables, configuration_hash
from pipelines.company.snapshot import configuration_files
from pipelines.paths import DBT_PROJECT
from pipelines.publish.inputs import code_version
from pipelines.publish.releases import Release
from pipelines.warehouse.carried import CarriedState, candidates_state, carried_state, create_carried_tables
from pipelines.warehouse.rebuild import hand_on_fingerprints
from pipelines.warehouse.records import (
    ORIGIN_COLUMNS,
    MappedStreams,
    VendorStream,
    record_origins,
    record_view_sql,
    vendor_streams,
)

STAGING = DBT_PROJECT / "models" / "staging"
VERSION_COLUMNS = {
    "_source": "varchar",
    "_key": "varchar",
    "_seq": "bigint",
    "_deleted": "boolean",
    "_load_id": "varchar",
}
"""What every landing view offers beside the vendor's columns."""


@dataclass(frozen=True)
class BuildInputs:
    """Everything a candidate is computed from, fixed at the start of a build."""

    company: Company
    as_of_date: date
    files: tuple[LandedFile, ...]
    log_files: tuple[LandedFile, ...]
    last_counts: Mapping[str, int]
    """Row counts per table of the current release, for the gate's volume rule."""
    carried: CarriedState
    """What is taken over from the current release: customers' keys, the matching model, what is closed."""
    without_new_keys: frozenset[Path] = frozenset()
    """Of these of `files` only versions of records that the other files of their stream hold. Empty in every build but
    those that look for the cause of a restatement."""

    @cached_property
    def configuration_hash(self) -> str:
        """Hash of the company folder's files that decide results."""
        return configuration_hash(self.company)

    @cached_property
    def code_hash(self) -> str:
        """Hash of the project's own code and models."""
        return code_version().hash

    @property
    def rules_hash(self) -> str:
        """One hash over configuration and code: what decides results beside the records and the day."""
        return hashlib.sha256(f"{self.configuration_hash} {self.code_hash}".encode()).hexdigest()

    @cached_property
    def fingerprint(self) -> str:
        """One hash over all inputs but the carried state; with equal carried state it means an equal candidate."""
        digest = hashlib.sha256()
        for part in (self.configuration_hash, self.code_hash, self.as_of_date.isoformat()):
            digest.update(part.encode() + b"\0")
        for file in self.files:
            digest.update(f"{file.source}/{file.stream}/{file.path.name}:{file.path.stat().st_size}\0".encode())
        for row in self._source_counts():
            digest.update(repr(row).encode())
        return digest.hexdigest()

    def _source_counts(self) -> list[tuple]:
        """Latest source and landing counts per stream: they feed the reconciliation, so they are inputs too."""
        if not self.log_files:
            return []
        with duckdb.connect() as con:
            return con.execute(
                "select source_system, stream, source_count, live_count, status "
                f"from {parquet_scan(list(self.log_files))} qualify row_number() over ("
                "partition by source_system, stream order by finished_at desc, _load_id desc) = 1 order by all"
            ).fetchall()


def gather_inputs(company: Company, home: Path, as_of_date: date, release: Release | None = None) -> BuildInputs:
    """The landed files of all configured sources as they are now, with configuration and calendar day.

    release: the one that is shown, None before the first.
    """
    landing = Landing(home)
    names = sorted(source.name for source in company.sources)
    files = [file for name in names for stream in landing.streams(name) for file in landing.files(name, stream)]
    logs = [file for name in names for file in landing.files(name, SYNC_LOG)]
    last_counts = release.row_counts if release else {}
    return BuildInputs(company, as_of_date, tuple(files), tuple(logs), last_counts, carried_state(release))


def prepare(warehouse: Path, inputs: BuildInputs, keep: bool = False) -> None:
    """Create schemas `landing` (views) and `config` (tables); the candidate counts as unbuilt until `mark_built`.

    keep: the build may keep what has not changed of the candidate that is in the warehouse, if the same code made it
    under the same configuration. Only a build of all models may.
    """
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    kept = keep and _is_continued(warehouse, inputs)
    with duckdb.connect(str(warehouse)) as con:
        con.execute("create schema if not exists landing")
        con.execute("create schema if not exists config")
        con.execute("drop table if exists config.build")
        hand_on_fingerprints(con, kept)
        _create_vendor_views(con, inputs)
        _create_raw_views(con, inputs)
        mapped = _mapped_sources(inputs)
        create_mapped_views(con, mapped)
        _create_sync_log(con, inputs)
        _create_config_tables(con, inputs)
        _create_records(con, inputs, mapped)
        create_carried_tables(con, inputs.carried)


def mark_built(warehouse: Path, inputs: BuildInputs) -> None:
    """Note that the candidate in the warehouse is complete and what it was computed from."""
    with duckdb.connect(str(warehouse)) as con:
        con.execute(
            "create or replace table config.build as select ?::varchar as fingerprint, "
            "?::varchar as carried_in, ?::varchar as carried_out, ?::varchar as rules",
            [inputs.fingerprint, inputs.carried.hash, candidates_state(con), inputs.rules_hash],
        )


def is_built(warehouse: Path, inputs: BuildInputs) -> bool:
    """Would a build of these inputs give the complete candidate that is in the warehouse?

    It starts from the state the current release carries. That state is either the one the candidate itself started from
    or the one it ended with (it was published): from its own end state a build of the same inputs issues nothing new.
    """
    built = _built(warehouse)
    return built is not None and built.fingerprint == inputs.fingerprint and inputs.carried.hash in built.carried


def has_candidate(warehouse: Path, release: Release | None) -> bool:
    """Is there a complete candidate, and does it continue the release that is shown (see `is_built`)?"""
    built = _built(warehouse)
    return built is not None and carried_state(release).hash in built.carried


def _is_continued(warehouse: Path, inputs: BuildInputs) -> bool:
    """Is there a complete candidate made by the same code under the same configuration?"""
    built = _built(warehouse)
    return built is not None and built.rules == inputs.rules_hash


@dataclass(frozen=True)
class _Built:
    """What the complete candidate in the warehouse was made from.

    carried: hash of the carried state it started from and of the one it ended with. rules: see `rules_hash`.
    """

    fingerprint: str
    carried: tuple[str, str]
    rules: str


def _built(warehouse: Path) -> _Built | None:
    if not warehouse.exists():
        return None
    with duckdb.connect(str(warehouse)) as con:
        known = con.execute(
            "select count(*) from information_schema.tables where table_schema = 'config' and table_name = 'build'"
        ).fetchall()
        if not known[0][0]:
            return None
        rows = con.execute("select * from config.build").fetchall()
    # a candidate of code that noted less is no use to this one
    return _Built(rows[0][0], rows[0][1:3], rows[0][3]) if rows and len(rows[0]) == 4 else None


def _create_vendor_views(con: duckdb.DuckDBPyConnection, inputs: BuildInputs) -> None:
    """`landing.<system>__<stream>` for every table the dbt project declares, over all sources of that system."""
    for group in _vendor_groups():
        names = _sources_of(inputs, group["name"])
        for table in group["tables"]:
            columns = {column["name"]: column["data_type"] for column in table.get("columns", [])}
            files = [file for file in inputs.files if file.source in names and file.stream == table["name"]]
            view = table.get("identifier", table["name"])
            select = _versions_select(con, files, columns, inputs.without_new_keys)
            con.execute(f"create or replace view landing.{_quoted(view)} as {select}")


def _vendor_groups() -> Iterator[Mapping[str, Any]]:
    """The systems dbt has models for, with their tables, as the sources YAML of each declares them."""
    for declared in sorted(STAGING.glob("*/_*__sources.yml")):
        yield from yaml.safe_load(declared.read_text(encoding="utf-8"))["sources"]


def _sources_of(inputs: BuildInputs, system: str) -> set[str]:
    return {source.name for source in inputs.company.sources if source.type == system}


def _create_records(con: duckdb.DuckDBPyConnection, inputs: BuildInputs, mapped: Sequence[MappedSource]) -> None:
    """`landing.record`, all landed versions with what they make, and `config.record_origin`, the way back to them."""
    vendor = [stream for group in _vendor_groups() for stream in _vendor_streams(con, inputs, group)]
    rules = [
        MappedStreams(
            source.name,
            source.streams,
            tuple(mapped_view_sql(source.name, source.mapping, source.streams, source.time_zone)),
        )
        for source in mapped
    ]
    con.execute(f"create or replace view landing.record as {record_view_sql(vendor, rules)}")
    kinds = ", ".join(f"{name} {'integer' if name == 'position' else 'varchar'}" for name in ORIGIN_COLUMNS)
    con.execute(f"create or replace table config.record_origin ({kinds})")
    origins = record_origins(vendor, rules)
    if origins:
        con.executemany(f"insert into config.record_origin values ({', '.join('?' * len(ORIGIN_COLUMNS))})", origins)


def _vendor_streams(
    con: duckdb.DuckDBPyConnection, inputs: BuildInputs, group: Mapping[str, Any]
) -> list[VendorStream]:
    """The streams of one system: those its sources YAML declares, and those that landed and nothing reads."""
    names = _sources_of(inputs, group["name"])
    files: dict[str, list[LandedFile]] = {}
    for file in inputs.files:
        if file.source in names:
            files.setdefault(file.stream, []).append(file)
    landed = {stream: sorted({file.source for file in found}) for stream, found in files.items()}
    declared = {
        table["name"]: f"landing.{_quoted(table.get('identifier', table['name']))}" for table in group["tables"]
    }
    unread = {
        stream: f"({_versions_select(con, found, {}, inputs.without_new_keys)})"
        for stream, found in files.items()
        if stream not in declared
    }
    return vendor_streams(group["name"], declared, landed, unread)


def _versions_select(
    con: duckdb.DuckDBPyConnection,
    files: list[LandedFile],
    columns: Mapping[str, str],
    without_new_keys: AbstractSet[Path],
) -> str:
    """All landed versions with the declared columns guaranteed, `_source` added; zero rows when nothing landed."""
    wanted = {**columns, **VERSION_COLUMNS}
    if not files:
        nothing = ", ".join(f"cast(null as {kind}) as {_quoted(name)}" for name, kind in wanted.items())
        return f"select {nothing} where false"
    parts = []
    for source in sorted({file.source for file in files}):
        scan = _scan([file for file in files if file.source == source], without_new_keys)
        parts.append(f"select *, {_literal(source)} as _source from {scan}")
    union = " union all by name ".join(parts)
    present = {row[0] for row in con.execute(f"describe {union}").fetchall()}
    absent = "".join(
        f", cast(null as {kind}) as {_quoted(name)}" for name, kind in wanted.items() if name not in present
    )
    return f"select *{absent} from ({union})"


def _scan(files: list[LandedFile], without_new_keys: AbstractSet[Path]) -> str:
    """SQL relation over one stream's files; see `BuildInputs.without_new_keys`."""
    told = [file for file in files if file.path not in without_new_keys]
    later = [file for file in files if file.path in without_new_keys]
    if not later:
        return parquet_scan(files)
    if not told:
        return f"(select * from {parquet_scan(later)} where false)"
    known = f"{_quoted(KEY)} in (select {_quoted(KEY)} from {parquet_scan(told)})"
    return f"(select * from {parquet_scan(told)} union all by name select * from {parquet_scan(later)} where {known})"


def _mapped_sources(inputs: BuildInputs) -> list[MappedSource]:
    landed = {(file.source, file.stream) for file in inputs.files}
    return [
        MappedSource(
            source.name,
            source.mapping,
            tuple(sorted(stream for name, stream in landed if name == source.name)),
            inputs.company.settings.time_zone,
        )
        for source in inputs.company.sources
        if source.mapping is not None
    ]


def _create_raw_views(con: duckdb.DuckDBPyConnection, inputs: BuildInputs) -> None:
    """`landing.raw__<source>__<stream>`: all versions of each stream of user-shaped sources."""
    for source in inputs.company.sources:
        if source.mapping is None:
            continue
        for stream in sorted({file.stream for file in inputs.files if file.source == source.name}):
            files = [file for file in inputs.files if (file.source, file.stream) == (source.name, stream)]
            view = _quoted(f"raw__{source.name}__{stream}")
            select = _versions_select(con, files, {}, inputs.without_new_keys)
            con.execute(f"create or replace view landing.{view} as {select}")


def _create_sync_log(con: duckdb.DuckDBPyConnection, inputs: BuildInputs) -> None:
    columns = (
        "source_system varchar, stream varchar, load_id varchar, started_at timestamptz, finished_at timestamptz, "
        "status varchar, landed_rows bigint, source_count bigint, live_count bigint, error varchar"
    )
    con.execute(f"create or replace table landing.sync_log ({columns})")
    if inputs.log_files:
        con.execute(
            "insert into landing.sync_log select source_system, stream, _load_id, started_at, finished_at, status, "
            f"landed_rows, source_count, live_count, error from {parquet_scan(list(inputs.log_files))} order by all"
        )


def _create_config_tables(con: duckdb.DuckDBPyConnection, inputs: BuildInputs) -> None:
    tables = config_tables(inputs.company, inputs.as_of_date, inputs.last_counts)
    tables["load_package"] = _load_packages(inputs)
    tables["sync_log_file"] = _files_table(inputs.log_files)
    tables["configuration_file"] = _configuration(inputs.company)
    for name, table in tables.items():
        con.register("incoming", table)
        con.execute(f"create or replace table config.{_quoted(name)} as select * from incoming")
        con.unregister("incoming")


def _configuration(company: Company) -> pa.Table:
    """The company folder as it was when the build began; the release keeps it."""
    rows = [{"file": name, "content": content} for name, content in configuration_files(company).items()]
    return pa.Table.from_pylist(rows, schema=pa.schema([("file", pa.string()), ("content", pa.string())]))


def _load_packages(inputs: BuildInputs) -> pa.Table:
    """The landed files of this build, so that the manifest names exactly what the candidate was computed from."""
    # from each file's own footer: what the fates of its records must add up to
    landed_rows = pa.array([pq.read_metadata(file.path).num_rows for file in inputs.files], pa.int64())
    return _files_table(inputs.files).append_column("landed_rows", landed_rows)


def _files_table(files: Sequence[LandedFile]) -> pa.Table:
    rows = [{"source_system": f.source, "stream": f.stream, "load_id": f.load_id, "file": f.path.name} for f in files]
    columns = ("source_system", "stream", "load_id", "file")
    return pa.Table.from_pylist(rows, schema=pa.schema([(name, pa.string()) for name in columns]))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
