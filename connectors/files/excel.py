"""Excel workbooks (.xlsx, .xlsm): the values a person sees, as text."""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
from openpyxl.utils.exceptions import InvalidFileException

from connectors.base import SourceError
from connectors.files.config import FileStream
from connectors.files.values import column_names, float_text, pages_of_rows, value_text

Rows = Iterator[tuple[int, Sequence[Any]]]
_DIGITS = 15
"""Excel computes with binary floats and shows 15 digits of them: a cell of 0.1 + 0.2 reads 0.3."""


def read_excel(path: Path, where: str, stream: FileStream) -> Iterator[pa.Table]:
    """Pages of text columns with `_file_row` (the sheet's own row number); raises SourceError."""
    rows = _values(path, where, stream.sheet)
    if _has_formulas(path, where):
        rows = _computed(rows, _values(path, where, stream.sheet, formulas=True), where)
    header = next((cells for number, cells in rows if number == stream.header_row), ())
    names = column_names([value_text(cell) for cell in _without_trailing_blanks(header)], stream, where)
    yield from pages_of_rows(rows, names, where)


def _values(path: Path, where: str, sheet: str | None, formulas: bool = False) -> Rows:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=not formulas)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise SourceError(f"{where}: is no readable Excel workbook (.xlsx): {error}") from error
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise SourceError(f"{where}: has no sheet {sheet!r}; it has: {', '.join(book.sheetnames)}")
        chosen = book[sheet] if sheet is not None else book.worksheets[0]
        # The stored extent of a sheet is often wrong; without it all rows that exist are read.
        chosen.reset_dimensions()
        for number, cells in enumerate(chosen.iter_rows(values_only=True), start=1):
            yield number, [float_text(cell, _DIGITS) if isinstance(cell, float) else cell for cell in cells]
    finally:
        book.close()


def _has_formulas(path: Path, where: str) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
            return any(b"<f>" in content or b"<f " in content for content in map(archive.read, sheets))
    except zipfile.BadZipFile as error:
        raise SourceError(f"{where}: is no readable Excel workbook (.xlsx): {error}") from error


def _computed(values: Rows, formulas: Rows, where: str) -> Rows:
    """The values, refusing a formula without a stored result: some programs write formulas and never compute them."""
    for (number, cells), (_, written) in zip(values, formulas, strict=True):
        for position, (value, formula) in enumerate(zip(cells, written, strict=False)):
            if value is None and formula is not None and not isinstance(formula, int):
                cell = f"{openpyxl.utils.get_column_letter(position + 1)}{number}"
                raise SourceError(
                    f"{where}, cell {cell}: holds a formula without a computed value; "
                    "open the file in Excel and save it"
                )
        yield number, cells


def _without_trailing_blanks(cells: Sequence[Any]) -> Sequence[Any]:
    filled = [position for position, cell in enumerate(cells) if value_text(cell) is not None]
    return cells[: filled[-1] + 1] if filled else ()
