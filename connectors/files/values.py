"""Cell values as text, header cells as column names, and pages of text: what all file formats share."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa

from connectors.arrow import snake_case, text
from connectors.base import SourceError
from connectors.files.config import FileStream

FILE, CHECKSUM, ROW = "_file", "_file_checksum", "_file_row"
"""Columns every row of a file carries: path below the url, SHA-256 of the content, row counted as a person does."""
PAGE_ROWS = 20_000


def value_text(value: Any) -> str | None:
    """A cell as text: numbers without binary noise, ISO dates, true and false, nested values as JSON; "" is none."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, datetime):
        midnight = value.time() == time(0) and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, int | Decimal) else text(value)


def float_text(value: float, digits: int = 17) -> str:
    """The shortest decimal of at most so many digits that means this float: 1200.0 is 1200 and 0.1 is 0.1."""
    shortest = format(Decimal(min(repr(value), f"{value:.{digits}g}", key=len)), "f")
    return shortest.removesuffix(".0") if value else "0"


def column_names(header: Sequence[str | None], stream: FileStream, where: str) -> list[str | None]:
    """The column each header cell stands for, None for a cell without a name.

    Raises SourceError when a column is named twice or a wanted one is missing; says what was found and expected.
    """
    aliases = {snake_case(seen): snake_case(column) for seen, column in stream.aliases.items()}
    raw_aliases = {seen.strip(): snake_case(column) for seen, column in stream.aliases.items()}
    names: list[str | None] = []
    for cell in header:
        seen = (cell or "").strip()
        name = snake_case(seen)
        names.append(raw_aliases.get(seen) or aliases.get(name) or name or None)
    found = ", ".join((cell or "").strip() for cell in header)
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    if repeated:
        raise SourceError(f"{where}: column {repeated[0]} stands twice in the header ({found}); rename or remove one")
    missing = [name for name in stream.wanted_columns if name not in names]
    if missing:
        raise SourceError(
            f"{where}: column {', '.join(missing)} is missing; found: {found}; expected at least: "
            f"{', '.join(stream.wanted_columns)}. If it has another name now, add it to the stream's `aliases`"
        )
    return names


def pages_of_rows(
    rows: Iterable[tuple[int, Sequence[Any]]], names: Sequence[str | None], where: str
) -> Iterator[pa.Table]:
    """Pages of text from (row number, cells); rows without any value are skipped, short rows are filled up."""
    held: list[tuple[int, list[str | None]]] = []
    for number, cells in rows:
        texts = [value_text(cell) for cell in cells]
        if not any(texts):
            continue
        texts += [None] * (len(names) - len(texts))
        _refuse_unnamed(texts, names, number, where)
        held.append((number, texts))
        if len(held) == PAGE_ROWS:
            yield _page(held, names)
            held = []
    if held:
        yield _page(held, names)


def _refuse_unnamed(texts: list[str | None], names: Sequence[str | None], number: int, where: str) -> None:
    for position, value in enumerate(texts):
        if value is not None and (position >= len(names) or names[position] is None):
            raise SourceError(
                f"{where}, row {number}: {value[:80]!r} stands in column {position + 1}, which has no name in the "
                "header"
            )


def _page(held: list[tuple[int, list[str | None]]], names: Sequence[str | None]) -> pa.Table:
    columns = {
        name: pa.array([texts[position] for _, texts in held], pa.string())
        for position, name in enumerate(names)
        if name is not None
    }
    return pa.table({**columns, ROW: pa.array([number for number, _ in held], pa.int64())})
