"""A module that a company keeps beside its folder: a dlt source over a list of vehicles in a JSON file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt


@dlt.source
def fleet(file: str, api_key: str = dlt.secrets.value, page: int = 2) -> Any:
    """Vehicles by change, all drivers, and the trips of each vehicle."""

    @dlt.resource(primary_key="id", columns={"price": {"data_type": "decimal"}})
    def vehicles(changed: Any = dlt.sources.incremental("changed")) -> Iterator[Any]:  # noqa: B008 - as dlt writes it
        rows = [
            row for row in _read(file, "vehicles") if not changed.last_value or row["changed"] >= changed.last_value
        ]
        for start in range(0, len(rows), page):
            if any(row.get("broken") for row in rows[start : start + page]):
                raise RuntimeError(f"no answer to key {api_key}")
            yield rows[start : start + page]

    @dlt.resource
    def drivers() -> Iterator[Any]:
        yield from _read(file, "drivers")

    @dlt.transformer(data_from=vehicles)
    def trips(found: list[dict[str, Any]]) -> Iterator[Any]:
        for vehicle in found:
            yield [{"vehicle": vehicle["id"], **trip} for trip in vehicle.get("trips", [])]

    @dlt.resource
    def numbers() -> Iterator[Any]:
        yield [1, 2, 3]

    return vehicles, drivers, trips, numbers


@dlt.resource(name="depot", parallelized=True)
def depots(file: str) -> Iterator[Any]:
    """A resource that needs no source around it, read in a pool of threads."""
    yield _read(file, "depots")


def plain_function() -> int:
    """Not a dlt source."""
    return 1


def _read(file: str, name: str) -> list[dict[str, Any]]:
    return list(json.loads(Path(file).read_text(encoding="utf-8")).get(name, []))
