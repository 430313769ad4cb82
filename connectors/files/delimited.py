"""CSV files: encoding, delimiter and header found out, then read by Arrow in blocks with bounded memory.

Arrow forgives a quotation mark that is never closed and swallows the lines after it. So whenever the records found do
not account for the file's lines, a strict second reading decides whether the file is broken, and in which line.
"""

import codecs
import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from connectors.base import SourceError
from connectors.files.config import FileStream
from connectors.files.values import ROW, column_names

_BLOCK = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS = (",", ";", "\t", "|")
_COMMON_SHARE = 0.7
"""Chinese business text is almost wholly GB2312; western text misread as GB18030 is mostly rare characters."""

LONGEST_VALUE = 16 * 1024 * 1024
"""Characters in one value. The csv module's own limit of 131,072 is shorter than a long note may be."""
csv.field_size_limit(LONGEST_VALUE)


@dataclass(frozen=True)
class _Text:
    """What a first reading of the bytes tells: encoding, lines, and whether a header can be read."""

    path: Path
    where: str
    encoding: str
    lines: int


@dataclass(frozen=True)
class _Header:
    names: list[str | None]
    delimiter: str
    lines: int
    """Physical lines up to and including the header."""


def read_csv(path: Path, where: str, stream: FileStream) -> Iterator[pa.Table]:
    """Pages of text columns with `_file_row`; raises SourceError naming file and line, possibly after some pages."""
    text = _survey(path, where, stream.encoding)
    header = _header(text, stream)
    records = 0
    try:
        for batch in _batches(text, header):
            page = _without_unnamed(pa.Table.from_batches([batch]), header, text, stream.header_row + records)
            first = stream.header_row + records + 1
            records += page.num_rows
            yield page.append_column(ROW, pa.array(np.arange(first, first + page.num_rows)))
    except pa.ArrowInvalid as error:
        _diagnose(text, header)
        raise SourceError(f"{where}: cannot be read as CSV: {error}") from error
    if header.lines + records != text.lines:
        _diagnose(text, header)


def _survey(path: Path, where: str, encoding: str | None) -> _Text:
    with path.open("rb") as handle:
        start = handle.read(4)
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    candidates = [encoding] if encoding else [marked] if marked else ["utf-8", "gb18030"]
    for candidate in candidates:
        lines = _decoded_lines(path, candidate)
        if lines is not None and (candidate != "gb18030" or encoding or _is_plausibly_chinese(path)):
            return _Text(path, where, candidate, lines)
    tried = ", ".join(candidates)
    raise SourceError(f"{where}: the text is not {tried}; give the stream's `encoding`, e.g. cp1252, big5 or utf-16")


def _decoded_lines(path: Path, encoding: str) -> int | None:
    """Number of lines, None when the bytes are not in this encoding."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError:
        raise SourceError(f"unknown encoding {encoding!r}; see the `encoding` of the stream") from None
    feeds, returns, last = 0, 0, "\n"
    try:
        with path.open("rb") as handle:
            while block := handle.read(_BLOCK):
                decoded = decoder.decode(block)
                feeds, returns = feeds + decoded.count("\n"), returns + decoded.count("\r")
                last = decoded[-1:] or last
        decoder.decode(b"", final=True)
    except UnicodeError:
        return None
    return (feeds or returns) + (last not in "\r\n")


def _is_plausibly_chinese(path: Path) -> bool:
    with path.open("rb") as handle:
        sample = handle.read(_BLOCK).decode("gb18030", errors="ignore")
    foreign = [character for character in sample if ord(character) > 127]
    common = sum(1 for character in foreign if character.encode("gb2312", errors="ignore"))
    return not foreign or common >= _COMMON_SHARE * len(foreign)


def _header(text: _Text, stream: FileStream) -> _Header:
    if text.lines < stream.header_row:
        raise SourceError(
            f"{text.where}: has no header: {text.lines} line(s), header expected in line {stream.header_row}"
        )
    with text.path.open(encoding=text.encoding, newline="") as handle:
        for _ in range(stream.header_row - 1):
            handle.readline()
        lines = list(itertools.islice(handle, 50))
    readings = [
        _first_record(lines, delimiter) for delimiter in ([stream.delimiter] if stream.delimiter else _DELIMITERS)
    ]
    cells, delimiter, used = max(readings, key=lambda reading: len(reading[0]))
    return _Header(column_names(cells, stream, text.where), delimiter, stream.header_row - 1 + used)


def _first_record(lines: list[str], delimiter: str) -> tuple[list[str], str, int]:
    reader = csv.reader(lines, delimiter=delimiter)
    cells = next(reader, [])
    return cells, delimiter, reader.line_num


def _batches(text: _Text, header: _Header) -> Iterator[pa.RecordBatch]:
    if text.lines <= header.lines:
        return
    positions = [str(position) for position in range(len(header.names))]
    reader = pa.csv.open_csv(
        text.path,
        read_options=pa.csv.ReadOptions(
            skip_rows=header.lines,
            column_names=positions,
            block_size=4 * _BLOCK,
            encoding="utf8" if text.encoding == "utf-8-sig" else text.encoding,
        ),
        parse_options=pa.csv.ParseOptions(delimiter=header.delimiter, newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(positions, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )
    yield from reader


def _without_unnamed(page: pa.Table, header: _Header, text: _Text, before: int) -> pa.Table:
    """Columns by name; a column without a name must be empty (lines that end with a delimiter)."""
    for position, name in enumerate(header.names):
        column = page.column(position)
        if name is None and column.null_count < len(column):
            row = next(row for row, value in enumerate(column) if value.is_valid)
            raise SourceError(
                f"{text.where}, row {before + row + 1}: {column[row].as_py()[:80]!r} stands in column {position + 1}, "
                "which has no name in the header"
            )
    named = [position for position, name in enumerate(header.names) if name is not None]
    return page.select(named).rename_columns([header.names[position] for position in named])


def _diagnose(text: _Text, header: _Header) -> None:
    """Read strictly from the header on and raise SourceError for the first broken record; silent when there is none."""
    with text.path.open(encoding=text.encoding, newline="") as handle:
        for _ in range(header.lines):
            handle.readline()
        reader = csv.reader(handle, delimiter=header.delimiter, strict=True)
        line = header.lines + 1
        try:
            for cells in reader:
                if cells and len(cells) != len(header.names):
                    raise SourceError(
                        f"{text.where}, line {line}: expected {len(header.names)} fields as in the header, found "
                        f"{len(cells)}: {header.delimiter.join(cells)[:120]!r}"
                    )
                line = header.lines + reader.line_num + 1
        except csv.Error as error:
            raise SourceError(f"{text.where}, line {line}: {_in_words(str(error))}") from error


def _in_words(error: str) -> str:
    if "unexpected end of data" in error:
        return "a quotation mark opened in this record is never closed; expected a closing one before the line ends"
    if "expected after" in error:
        return "text follows a closing quotation mark; a quotation mark inside a value must be written twice"
    if "field larger" in error:
        return (
            f"a value of more than {LONGEST_VALUE} characters; a quotation mark opened in this record is probably "
            "never closed"
        )
    return error
