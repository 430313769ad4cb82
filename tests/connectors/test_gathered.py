"""Small pages are put together, and what was read before a failure is not lost."""

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.base import TransientError
from connectors.gathered import gathered


def pages(sizes: list[int], fails: bool = False) -> Iterator[list[dict[str, Any]]]:
    made = 0
    for size in sizes:
        yield [{"id": made + rank} for rank in range(size)]
        made += size
    if fails:
        raise TransientError("the source is down")


def test_records_stay_in_order_and_none_is_lost() -> None:
    found = list(gathered(pages([2, 2, 2, 1]), rows=3))
    assert [[row["id"] for row in page] for page in found] == [[0, 1, 2, 3], [4, 5, 6]]
    assert list(gathered(pages([]))) == []


def test_what_was_read_before_a_failure_is_handed_on_first() -> None:
    reading = gathered(pages([2, 2, 1], fails=True), rows=4)
    assert [len(next(reading)), len(next(reading))] == [4, 1]
    with pytest.raises(TransientError, match="down"):
        next(reading)
