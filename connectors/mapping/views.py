"""Puts mappings into a warehouse: latest versions of streams, mapped entities, quarantine and fates, all as views."""

import re
from collections.abc import Iterable
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass

import duckdb

from connectors.base import ConfigurationError
from connectors.contracts import entities
from connectors.mapping.models import Mapping, Place, dotted
from connectors.mapping.sql import (
    FATE_COLUMNS,
    QUARANTINE_COLUMNS,
    VERSION_COLUMNS,
    RuleSql,
    latest_view,
    mapped_view_sql,
    quoted,
    raw_view,
)


class MappingError(ConfigurationError):
    """A piece of SQL in a mapping does not fit the landed columns; the message names file and place."""


@dataclass(frozen=True)
class MappedSource:
    """One source with a mapping.

    streams: those that have landed; a rule over others gives no records yet. time_zone: IANA zone that decides the day
    of a moment and the moment of a time without a zone.
    """

    name: str
    mapping: Mapping
    streams: tuple[str, ...]
    time_zone: str = "UTC"


def create_mapped_views(con: duckdb.DuckDBPyConnection, sources: Iterable[MappedSource]) -> None:
    """Create the views that user-shaped sources reach the models by. Raises MappingError.

    From each `landing.raw__<source>__<stream>` (all versions): `landing.<source>__<stream>` (latest version of each
    key; a key that stands twice in one file stays twice), `staging.stg_<source>__<entity>`, and over all sources
    `landing.mapped__<entity>` for every canonical entity, `landing.mapped_version__<entity>` (all landed versions) for
    the versioned ones, `landing.mapped__quarantine` and `landing.mapped__fate`.
    """
    con.execute("create schema if not exists landing")
    con.execute("create schema if not exists staging")
    mapped: dict[str, list[str]] = {entity: [] for entity in entities()}
    versions: dict[str, list[str]] = {name: [] for name, entity in entities().items() if entity.versioned}
    quarantine: list[str] = []
    fates: list[str] = []
    for source in sources:
        _create_latest_views(con, source)
        rules = mapped_view_sql(source.name, source.mapping, source.streams, source.time_zone)
        for rule in rules:
            _check(con, source, rule)
        for entity in {rule.entity: None for rule in rules}:
            view = f"staging.{quoted(f'stg_{source.name}__{entity}')}"
            _create(con, view, [rule.mapped for rule in rules if rule.entity == entity], {})
            mapped[entity].append(f"select * from {view}")
        for rule in rules:
            if rule.versions is not None:
                versions[rule.entity].append(rule.versions)
        quarantine += [rule.quarantine for rule in rules]
        fates += [rule.fates for rule in rules]
    for entity, selects in mapped.items():
        columns = {column.name: column.data_type for column in entities()[entity].columns}
        _create(con, f"landing.{quoted(f'mapped__{entity}')}", selects, {**columns, "is_deleted": "boolean"})
    for entity, selects in versions.items():
        columns = {column.name: column.data_type for column in entities()[entity].columns}
        _create(con, f"landing.{quoted(f'mapped_version__{entity}')}", selects, {**columns, **VERSION_COLUMNS})
    _create(con, "landing.mapped__quarantine", quarantine, QUARANTINE_COLUMNS)
    _create(con, "landing.mapped__fate", fates, FATE_COLUMNS)


def _create_latest_views(con: duckdb.DuckDBPyConnection, source: MappedSource) -> None:
    for stream in source.streams:
        latest, raw = latest_view(source.name, stream), raw_view(source.name, stream)
        con.execute(
            f"create or replace view {latest} as "
            f"select * from {raw} qualify rank() over (partition by _key order by _seq desc) = 1"
        )


def _create(con: duckdb.DuckDBPyConnection, view: str, selects: list[str], empty: AbstractMapping[str, str]) -> None:
    nothing = ", ".join(f"cast(null as {kind}) as {quoted(name)}" for name, kind in empty.items())
    body = "\nunion all\n".join(f"({select})" for select in selects) or f"select {nothing} where false"
    con.execute(f"create or replace view {view} as {body}")


def _check(con: duckdb.DuckDBPyConnection, source: MappedSource, rule: RuleSql) -> None:
    """Bind the rule; when it does not bind, say which piece of the YAML is to blame."""
    try:
        con.execute(f"explain {rule.mapped}")
    except duckdb.Error as error:
        place, reason = _culprit(con, rule) or (rule.place, str(error))
        raise MappingError(f"sources/{source.name}.yaml: mapping.{dotted(place)}: {_in_words(reason)}") from error


def _culprit(con: duckdb.DuckDBPyConnection, rule: RuleSql) -> tuple[Place, str] | None:
    for place, probe in rule.probes.items():
        try:
            con.execute(probe)
        except duckdb.Error as error:
            return place, str(error)
    return None


def _in_words(message: str) -> str:
    """DuckDB's message without the excerpt of generated SQL."""
    lines = re.split(r"\n\s*\nLINE |\nLINE ", message)[0].splitlines()
    return " ".join(line.strip() for line in lines if line.strip())
