"""A company of millions of order lines: the whole build, the same models by hand, and the build of one more day."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from shutil import copy

import duckdb

from pipelines.company.calendar import calendar_days
from pipelines.company.models import Calendar
from pipelines.paths import Home
from pipelines.warehouse.carried import CARRIED
from pipelines.warehouse.rebuild import hand_on_fingerprints
from tests.bench import direct
from tests.bench.build import MEMORY_LIMIT, build, peak_memory_gb
from tests.bench.large_company import LargeCompany, add_night, fill
from tests.bench.race import table
from tests.dbt_project import warehouse

_SOURCES = (("hr", 1), ("erp", 2), ("crm", None))


def time_large(lines: int, employees: int) -> str:
    """The table: seconds of each way, and what it is of the whole build. Raises RuntimeError where results differ."""
    company = LargeCompany(lines, employees)
    with tempfile.TemporaryDirectory(prefix="scoreline-bench-") as name:
        home = Home(Path(name))
        by_hand = home.root / "by_hand" / home.warehouse.name
        by_hand.parent.mkdir()
        _prepare(home.warehouse, company)
        whole = _seconds(lambda: build(home))
        memory = peak_memory_gb()
        made = direct.made_by(home.dbt)
        with duckdb.connect(str(home.warehouse)) as con:
            add_night(con, company)
            _hand_on(con)
        night = _seconds(lambda: build(home))
        _empty_copy(home.warehouse, by_hand)
        straight = _seconds(lambda: direct.run(by_hand, made, MEMORY_LIMIT))
        if wrong := [name for name in direct.differences(home.warehouse, by_hand, made) if not _is_control(name)]:
            raise RuntimeError(f"the build of one more day and the models by hand differ in {', '.join(wrong)}")
    rows = [
        ("dbt build, everything", f"{whole:.0f}", f"{whole / straight:.2f} x the models by hand, {memory:.1f} GB"),
        ("the same models, straight in DuckDB (with the day)", f"{straight:.0f}", ""),
        ("dbt build, one more day (1 %)", f"{night:.0f}", f"{night / whole:.1%} of everything, equal result"),
    ]
    title = f"large: {lines:,} order lines, {employees:,} employees, 3 years; {len(made)} models and seeds"
    return table(title, ("", "seconds", "that is"), rows)


def _prepare(file: Path, company: LargeCompany) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    days = calendar_days(Calendar(country="CN"), "zh", company.last_day)
    configuration = {
        "company": [{**warehouse.COMPANY, "as_of_date": company.last_day}],
        "source": [
            {"source_system": name, "system": "files", "org_priority": rank, "fresh_within_hours": 36}
            for name, rank in _SOURCES
        ],
        "calendar_day": [asdict(day) for day in days],
    }
    warehouse.prepare(file, {}, configuration)
    with duckdb.connect(str(file), config={"memory_limit": MEMORY_LIMIT}) as con:
        fill(con, company)


def _hand_on(con: duckdb.DuckDBPyConnection) -> None:
    """What a night starts from: the fingerprints of the last build, and what a release carries on of customers."""
    hand_on_fingerprints(con, keep=True)
    for name in CARRIED:
        if name.startswith("customer_"):
            con.execute(f"insert into config.{name} by name select * from core.{name}")


def _empty_copy(built: Path, file: Path) -> None:
    """The warehouse as a full build would find it: nothing but landing and configuration."""
    copy(built, file)
    with duckdb.connect(str(file)) as con:
        for schema in ("marts", "core", "canonical", "staging"):
            con.execute(f"drop schema if exists {schema} cascade")
        hand_on_fingerprints(con, keep=False)


def _is_control(model: str) -> bool:
    """Models that say what a build made anew differ between builds by their meaning."""
    return model.startswith("rebuilt_")


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
