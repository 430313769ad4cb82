"""`scoreline demo`: the benchmark company on loopback sandboxes, the main job, and a scoreboard."""

import json
import os
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import cast

import click
import duckdb
from rich import box
from rich.console import Console
from rich.table import Table

from connectors.sandbox.demo_crm import DEFAULT_CRM
from connectors.sandbox.generate import Size, generate
from connectors.sandbox.world import World, benchmark_world
from pipelines.main_job import Session
from pipelines.paths import Home
from pipelines.publish.releases import Release
from pipelines.report import render_run

SCORES = """
    select scores.period_start, employees.employee_name, units.unit_name, units.unit_name_en, scores.score,
        scores.grade, bookings.value as bookings, bookings.attainment
    from appraisal_score as scores
    left join dim_employee as employees on employees.employee_id = scores.employee_id
        and scores.period_end >= employees.valid_from and scores.period_end < employees.valid_to
    left join dim_assignment as postings on postings.employee_id = scores.employee_id and postings.is_primary
        and scores.period_end >= postings.valid_from and scores.period_end < postings.valid_to
    left join dim_org_unit as units on units.org_unit_id = postings.org_unit_id
        and scores.period_end >= units.valid_from and scores.period_end < units.valid_to
    left join kpi_value as bookings on bookings.subject_type = 'employee' and bookings.subject_id = scores.employee_id
        and bookings.period_type = scores.period_type and bookings.period_start = scores.period_start
        and bookings.metric = 'bookings' and bookings.org_view = 'as_was'
    where scores.period_start = (select max(period_start) from appraisal_score where status = 'scored')
        and scores.status = 'scored'
    order by scores.score desc, scores.employee_id
    limit 10
"""
YEARS = """
    select registry.name_zh, registry.name_en, registry.unit, year(kpi.period_start) as year,
        kpi.value, kpi.target, kpi.attainment
    from kpi_value as kpi
    join metric_registry as registry on registry.metric = kpi.metric
    where kpi.subject_type = 'company' and kpi.period_type = 'year' and kpi.org_view = 'as_was'
        and kpi.value is not null and registry.family in ('sales', 'customer', 'selling')
    qualify dense_rank() over (order by kpi.period_start desc) <= 2
    order by kpi.target is null, registry.unit, kpi.metric, year
"""
SHOWN = {"currency": "{:,.0f}", "ratio": "{:.1%}", "days": "{:,.1f}", "hours": "{:,.1f}", "count": "{:,.0f}"}
"""How a value of each unit is written."""


def run_demo(size: str, crm: str, home: Home, *, machine: bool, say: Callable[[str], None]) -> int:
    """Run the benchmark company end to end in `<home>/demo`, apart from a company's own data. Returns the exit code.

    crm: the vendor that plays the CRM. A data folder holds one company, so each other vendor has `<home>/demo-<crm>`.
    """
    home = Home(home.root / ("demo" if crm == DEFAULT_CRM else f"demo-{crm}"))
    say(f"making the benchmark company ({size}) and starting its ERP (odoo) and CRM ({crm}) on 127.0.0.1 ...")
    with benchmark_world(generate(cast(Size, size)), home.root, crm) as world:
        os.environ.update(world.environment, SCORELINE_HOME=str(home.root))
        with Session.open() as session:
            result = session.run(progress=None if machine else say)
    if machine:
        click.echo(json.dumps(result.to_json(), default=str, ensure_ascii=False))
    else:
        click.echo(render_run(result))
        if result.release is not None:
            _show(home, result.release, world)
    return result.exit_code


def _show(home: Home, release: Release, world: World) -> None:
    console = Console(highlight=False)
    currency = world.company.reporting_currency
    with duckdb.connect(str(home.published), read_only=True) as con:
        console.print()
        console.print(_scoreboard(con, currency))
        console.print()
        console.print(_years(con, currency))
    gate = release.manifest["gate"]
    lines = (
        "",
        f"Gate / 质量门: {gate['rules']} rules, {gate['failed']} broken. Report: {home.gate_docs / 'index.html'}",
        f"Release / 发布: {release.path}",
        "",
        "Three things to try next / 接下来可以：",
        "  1. ask the published marts / 查询已发布的数据集市:",
        f'     {_bin("python")} -c "import duckdb; '
        f"duckdb.connect('{home.published}', read_only=True).sql('from appraisal_score limit 5').show()\"",
        "  2. see the whole graph, checks and schedules / 查看全图、检查与调度 (http://127.0.0.1:3000):",
        f"     SCORELINE_HOME={home.root} SCORELINE_COMPANY={world.company_folder} make dev",
        "  3. bring your own data / 接入自己的数据 (README.md):",
        f"     {_bin('scoreline')} init my-company",
    )
    for line in lines:
        console.print(line, soft_wrap=True, markup=False)


def _bin(name: str) -> str:
    """A program of this Python environment, as short as it can be typed here."""
    path = Path(sys.executable).parent / name
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _scoreboard(con: duckdb.DuckDBPyConnection, currency: str) -> Table:
    rows = con.execute(SCORES).fetchall()
    quarter = f"{rows[0][0].year} Q{(rows[0][0].month + 2) // 3}" if rows else ""
    table = _table(f"Best scores of {quarter} / {quarter} 得分最高", "姓名\nName", "单位\nUnit")
    for heading in ("得分\nScore", "等级\nGrade", f"签约额 {currency}\nBookings", "达成率\nAttainment"):
        table.add_column(heading, justify="right", no_wrap=True)
    for _, name, unit, unit_en, score, grade, bookings, attainment in rows:
        place = " ".join(part for part in (unit, unit_en) if part)
        table.add_row(name, place, f"{score:.2f}", grade, _shown("currency", bookings), _shown("ratio", attainment))
    return table


def _years(con: duckdb.DuckDBPyConnection, currency: str) -> Table:
    """The last year against its targets and the year before, one row per metric."""
    metrics: dict[str, dict[int, tuple[str, str, str]]] = {}
    for name_zh, name_en, unit, year, value, target, attainment in con.execute(YEARS).fetchall():
        name = f"{name_zh} {name_en}" + (f", {currency}" if unit == "currency" else "")
        cells = (_shown(unit, value), _shown(unit, target), _shown("ratio", attainment))
        metrics.setdefault(name, {})[year] = cells
    last = max(year for by_year in metrics.values() for year in by_year)
    table = _table(f"Company in {last} / 公司 {last} 年", "指标\nMetric")
    for heading in (f"{last - 1}\nActual", f"{last}\nActual", f"{last} 目标\nTarget", "达成率\nAttainment"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, by_year in metrics.items():
        nothing = ("", "", "")
        table.add_row(name, by_year.get(last - 1, nothing)[0], *by_year.get(last, nothing))
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(
        title=title,
        title_style="bold",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    for heading in headings:
        table.add_column(heading)
    return table


def _shown(unit: str, value: Decimal | None) -> str:
    return "" if value is None else SHOWN[unit].format(value)
