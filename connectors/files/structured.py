"""Parquet and JSON files: typed values, landed as text like those of any other file."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.base import SourceError
from connectors.files.config import FileStream
from connectors.files.values import PAGE_ROWS, ROW, column_names, pages_of_rows, value_text


def read_parquet(path: Path, where: str, stream: FileStream) -> Iterator[pa.Table]:
    """Pages of text columns with `_file_row` (1 for the first record); raises SourceError."""
    try:
        file = pq.ParquetFile(path)
        names = column_names(file.schema_arrow.names, stream, where)
        records = 0
        for batch in file.iter_batches(batch_size=PAGE_ROWS):
            columns = {name: _text_column(column) for name, column in zip(names, batch.columns, strict=True) if name}
            rows = pa.array(range(records + 1, records + 1 + batch.num_rows), pa.int64())
            records += batch.num_rows
            yield pa.table({**columns, ROW: rows})
    except (pa.ArrowInvalid, OSError) as error:
        raise SourceError(f"{where}: cannot be read as Parquet: {error}") from error


def _text_column(column: pa.Array) -> pa.Array:
    if pa.types.is_string(column.type) or pa.types.is_integer(column.type) or pa.types.is_decimal(column.type):
        return column.cast(pa.string())
    return pa.array([value_text(value) for value in column.to_pylist()], pa.string())


def read_json(path: Path, where: str, stream: FileStream) -> Iterator[pa.Table]:
    """Pages from a list of objects or one object per line; the file is held in memory. Raises SourceError."""
    records = _json_records(path.read_bytes(), where)
    fields = list(dict.fromkeys(field for record in records for field in record))
    names = column_names(fields, stream, where) if records else []
    rows = ((number, [record.get(field) for field in fields]) for number, record in enumerate(records, start=1))
    yield from pages_of_rows(rows, names, where)


def _json_records(content: bytes, where: str) -> list[dict[str, Any]]:
    try:
        text = content.decode("utf-8-sig")
        if text.lstrip().startswith("["):
            records = json.loads(text, parse_float=Decimal)
        else:
            records = [json.loads(line, parse_float=Decimal) for line in text.splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise SourceError(f"{where}: JSON must be UTF-8: {error}") from error
    except ValueError as error:
        raise SourceError(
            f"{where}: cannot be read as JSON (a list of objects, or one object per line): {error}"
        ) from error
    for number, record in enumerate(records, start=1):
        if not isinstance(record, dict):
            raise SourceError(f"{where}, record {number}: expected an object, found {str(record)[:80]!r}")
    return records
