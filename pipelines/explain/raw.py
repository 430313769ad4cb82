"""Raw records in landing, as the source gave them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import duckdb

from connectors.landing import LandedFile, Landing
from connectors.landing.packages import parquet_scan
from pipelines.explain.release import Row, rows
from pipelines.warehouse.records import is_list


class RawRecords:
    """Finds the landed version of a record that a published row names by entity, source, key and load package."""

    def __init__(self, landing: Landing, origins: Sequence[Row]) -> None:
        """origins: rows of the published `record_origin`."""
        self._landing = landing
        self._origins: dict[tuple[str, str], list[Row]] = {}
        for row in sorted(origins, key=lambda row: row["position"]):
            self._origins.setdefault((row["source_system"], row["entity"]), []).append(row)
        self._con = duckdb.connect()
        self._files: dict[tuple[str, str], list[LandedFile]] = {}
        self._found: dict[tuple[str, str, str, str], Row] = {}

    def load(self, facts: Iterable[Row]) -> None:
        """Read the records of these facts, each file once; `find` then knows them."""
        wanted: dict[tuple[str, str, str], set[str]] = {}
        for fact in facts:
            if _is_record(fact):
                package = fact["source_system"], fact["source_entity"], fact["load_id"]
                wanted.setdefault(package, set()).add(fact["source_key"])
        for (source, entity, load_id), keys in sorted(wanted.items()):
            for origin in self._origins.get((source, entity), []):
                for key, found in self._rows(origin, load_id, keys):
                    self._found.setdefault((source, entity, key, load_id), found)

    def find(self, fact: Row) -> Row | None:
        """Stream, key, load package and values of the record of a fact that was loaded; None where it is no record.

        Stream and values are null where landing does not have the record (its files were moved, or a mapping's query
        made it), so that a reader sees that something should be there.
        """
        if not _is_record(fact):
            return None
        key = fact["source_system"], fact["source_entity"], fact["source_key"], fact["load_id"]
        return self._found.get(key, {"stream": None, "record_key": None, "load_id": fact["load_id"], "values": None})

    def versions(self, source: str, stream: str, key: str) -> list[Row]:
        """Load package, order and deletion mark of every landed version of a record, oldest first."""
        files = self._stream_files(source, stream)
        if not files:
            return []
        return rows(
            self._con,
            f"select _load_id as load_id, _seq as version_seq, coalesce(_deleted, false) as is_deleted "
            f"from {parquet_scan(files)} where cast(_key as varchar) = ? order by _seq, _load_id",
            [key],
        )

    def entity_keys(self, source: str, stream: str, key: str, entity: str, load_id: str) -> list[str]:
        """The source_keys of the entity that the version of a record in this load package makes."""
        files = [file for file in self._stream_files(source, stream) if file.load_id == load_id]
        found: list[str] = []
        for origin in self._origins.get((source, entity), []):
            if files and origin["stream"] == stream:
                listed = origin["key_sql"] if is_list(origin["key_sql"]) else f"[{origin['key_sql']}]"
                named = '"' + stream.replace('"', '""') + '"'
                made = self._con.execute(
                    f"select unnest({listed})::varchar as made from {parquet_scan(files)} as {named} "
                    "where cast(_key as varchar) = ? order by made",
                    [key],
                )
                found += [made_key for (made_key,) in made.fetchall() if made_key is not None]
        return list(dict.fromkeys(found))

    def _rows(self, origin: Mapping[str, Any], load_id: str, keys: set[str]) -> Iterator[tuple[str, Row]]:
        source, stream = origin["source_system"], origin["stream"]
        files = [file for file in self._stream_files(source, stream) if file.load_id == load_id]
        if not files:
            return
        key = origin["key_sql"] if is_list(origin["key_sql"]) else f"[{origin['key_sql']}]"
        relation = parquet_scan(files)
        named = '"' + stream.replace('"', '""') + '"'  # a mapping may spell columns with the stream's name
        try:
            found = rows(
                self._con,
                f"select * from (select *, unnest({key})::varchar as _entity_key from {relation} as {named}) "
                "where list_contains(?::varchar[], _entity_key) order by _entity_key, _seq desc",
                [sorted(keys)],
            )
        except duckdb.BinderException:
            # a package whose records lack a field of the key holds none that is looked for
            return
        for row in found:
            values = {name: value for name, value in row.items() if not name.startswith("_")}
            yield (
                row["_entity_key"],
                {"stream": stream, "record_key": row["_key"], "load_id": load_id, "values": values},
            )

    def _stream_files(self, source: str, stream: str) -> list[LandedFile]:
        if (source, stream) not in self._files:
            self._files[source, stream] = self._landing.files(source, stream)
        return self._files[source, stream]


def _is_record(fact: Row) -> bool:
    """People of a unit name their own record, which is no fact; their facts stand in their own scores."""
    return fact["source_system"] is not None and fact["fact_kind"] != "person"
