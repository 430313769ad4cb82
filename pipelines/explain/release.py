"""Reading the current release: rows as dictionaries, and the errors of what is asked for and not there."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

import duckdb

Row = dict[str, Any]


class NotPublished(RuntimeError):
    """The current release was published before it had a table that is needed."""


class NotFound(LookupError):
    """Nobody and nothing of that name is there; the message says what is near."""


def check(con: duckdb.DuckDBPyConnection, needed: Iterable[str]) -> None:
    """Raises NotPublished, naming the tables the release lacks."""
    present = {name for (name,) in con.execute("select table_name from information_schema.tables").fetchall()}
    missing = sorted(set(needed) - present)
    if missing:
        raise NotPublished(f"the current release has no {', '.join(missing)}; `scoreline run` publishes a new one")


def rows(con: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any] = ()) -> list[Row]:
    """All rows of a query, by column."""
    answer = con.execute(query, list(values))
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def near(asked: str, known: Iterable[str | None]) -> str:
    """The known names that look like the one asked for, as the end of a message."""
    names = sorted({name for name in known if name})
    found = get_close_matches(asked, names, 3, 0.4)
    return f"near: {', '.join(found)}" if found else f"there are {', '.join(names[:10]) or 'none'}"
