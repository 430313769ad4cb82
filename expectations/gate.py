"""The gate: runs every suite inside the warehouse file, read-only, and says whether the candidate may be published.

Great Expectations takes seconds to import, so it is imported when the gate runs and not before. No orchestration here:
the blocking checks and the publishing step both call `run_gate`.
"""

import logging
import os
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from expectations.catalog import MODELS, load
from expectations.closing import OFFICIAL
from expectations.verdict import Severity, Verdict, fingerprint, judge


@dataclass(frozen=True)
class PreviousRelease:
    """What the gate needs to know of the release that stands: its id and its rows by `schema.table`."""

    release_id: str
    row_counts: Mapping[str, int]


@dataclass(frozen=True)
class Limits:
    """The company's own limits (`gate:` in company.yaml)."""

    max_shrink_pct: Decimal = Decimal(10)
    """Percent a table may shrink against the last release."""
    max_quarantined_rows: int | None = None
    """Rows that may wait in quarantine; None: any number, only reported."""
    stale_sources: Severity = "warning"
    """Whether a source that has not synced in time is reported (warning) or stops the release (critical)."""


@dataclass
class _Clock:
    """Seconds by step."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - begun, 3)


def run_gate(
    warehouse: Path,
    previous: PreviousRelease | None,
    docs_dir: Path | None,
    limits: Limits = Limits(),
    now: datetime | None = None,
    models: Path = MODELS,
    only: Collection[str] | None = None,
) -> Verdict:
    """Judge the candidate in `warehouse`; writes the report for people to `docs_dir/index.html` (None: no report).

    A rule that cannot run (missing table or column, query that fails) is errored and makes the verdict red. `now` is
    the moment freshness is judged at. `only` names tables (`schema.name`) to judge alone; such a verdict has no
    candidate and publishing does not take it. The warehouse is opened read-only; nobody may be writing it meanwhile.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "False")  # it would call home otherwise
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    clock = _Clock()
    candidate = fingerprint(warehouse) if only is None else ""
    with clock.step("import"):
        from expectations import docs, runner, suites  # seconds of import, see above
    parameters = suites.Parameters(
        previous.row_counts if previous else {},
        limits.max_shrink_pct,
        limits.max_quarantined_rows,
        now or datetime.now(UTC),
        limits.stale_sources,
        _is_settled(warehouse),
    )
    with clock.step("rules"):
        chosen = [suite for suite in suites.all_suites(load(models), parameters) if only is None or suite.name in only]
        ran = runner.run(warehouse, chosen)
    verdict = judge(tuple(result for run in ran for result in run.results), candidate)
    if docs_dir is None:
        return replace(verdict, timings=clock.seconds)
    with clock.step("docs"):
        index = docs.write(docs_dir, verdict, ran, parameters.now)
    return replace(verdict, docs=index, timings=clock.seconds)


def _is_settled(warehouse: Path) -> bool:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        found = con.execute(
            "select 1 from duckdb_schemas() where database_name = current_database() and schema_name = ?", [OFFICIAL]
        ).fetchall()
    return bool(found)
