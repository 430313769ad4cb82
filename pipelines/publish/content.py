"""What a release says, reduced to one number: the content hash.

It depends on the rows and on nothing else: not their order, not the compression, not the machine, not the moment. Two
runs on equal input have equal hashes. Columns that differ between such runs (`volatile` in the dbt YAML) stay out.
"""

import hashlib
from collections.abc import Mapping

import duckdb

from expectations.catalog import Table

_HALF = "18446744073709551615::uhugeint"


def quoted(name: str) -> str:
    """A name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def table_hash(con: duckdb.DuckDBPyConnection, table: Table) -> str:
    """Hash of one table's rows as a multiset, with the names and types of its content columns.

    Each row becomes one text in which null differs from '' and no value can run into its neighbour; the halves of the
    texts' MD5 are added up. Decimals count with their declared scale, times in UTC.
    """
    columns = sorted(table.content_columns)
    row = "concat_ws('|', " + ", ".join(_value(column) for column in columns) + ")"
    con.execute("set TimeZone = 'UTC'")
    sums = con.execute(
        f"select count(*), coalesce(sum((h >> 64)::hugeint), 0), coalesce(sum((h & {_HALF})::hugeint), 0) "
        f"from (select md5_number({row}) as h from {table.relation})"
    ).fetchone()
    kinds = [column for column in _types(con, table) if column[0] in columns]
    return hashlib.sha256(repr((kinds, sums)).encode()).hexdigest()


def release_hash(table_hashes: Mapping[str, str]) -> str:
    """Hash of a release from the hashes of its tables by name."""
    lines = "".join(f"{name} {value}\n" for name, value in sorted(table_hashes.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _value(column: str) -> str:
    text = f"{quoted(column)}::varchar"
    return f"coalesce('=' || length({text}) || ':' || {text}, '-')"


def _types(con: duckdb.DuckDBPyConnection, table: Table) -> list[tuple[str, str]]:
    return con.execute(
        "select column_name, data_type from duckdb_columns() where database_name = current_database() "
        "and schema_name = ? and table_name = ? order by column_name",
        [table.schema, table.name],
    ).fetchall()
