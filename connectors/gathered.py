"""Records of small pages put together before they become a table: work per column is then paid once per many pages."""

from collections.abc import Iterator
from typing import Any

from connectors.base import SourceError

ROWS = 1_000


def gathered(pages: Iterator[list[dict[str, Any]]], rows: int = ROWS) -> Iterator[list[dict[str, Any]]]:
    """The same records in the same order, some `rows` at a time.

    When the source fails, what was read before is handed on first, so that a later read can go on behind it.
    """
    held: list[dict[str, Any]] = []
    try:
        for page in pages:
            held = held + page if held else page
            if len(held) >= rows:
                yield held
                held = []
    except SourceError:
        if held:
            yield held
        raise
    if held:
        yield held
