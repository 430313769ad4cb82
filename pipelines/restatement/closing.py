"""Which release closed a period: the first of the unbroken line of releases up to the current one that has it so."""

from datetime import date
from pathlib import Path

import duckdb

from pipelines.publish.releases import Release
from pipelines.restatement.inputs import previous_release

_TABLE = "closed_period"


def closing_releases(home: Path, release: Release | None) -> dict[tuple[str, date], Release]:
    """The closing release of every period that `release` has closed; empty without a release.

    Raises InputsLost when a release on the way back is no longer there.
    """
    found: dict[tuple[str, date], Release] = {}
    waiting = _closed(release)
    while release is not None and waiting:
        before = previous_release(home, release)
        earlier = waiting & _closed_as(release, waiting, before)
        found |= dict.fromkeys(waiting - earlier, release)
        release, waiting = before, earlier
    return found


def _closed_as(release: Release, closed: set[tuple[str, date]], before: Release | None) -> set[tuple[str, date]]:
    """What the release before had closed; not read again where the table is the same."""
    tables = before.tables if before else {}
    same = _TABLE in tables and tables[_TABLE]["content_hash"] == release.tables[_TABLE]["content_hash"]
    return closed if same else _closed(before)


def _closed(release: Release | None) -> set[tuple[str, date]]:
    if release is None or _TABLE not in release.tables:
        return set()
    with duckdb.connect() as con:
        rows = con.execute(
            "select period_type, period_start from read_parquet(?)", [str(release.parquet(_TABLE))]
        ).fetchall()
    return {(kind, start) for kind, start in rows}
