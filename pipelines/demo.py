"""`scoreline demo`: the benchmark company on loopback sandboxes, the main job, and a scoreboard."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import cast

import click
import duckdb
from rich.console import Console
from rich.table import Table

from connectors.sandbox.generate import Size, generate
from connectors.sandbox.world import benchmark_world
from pipelines.main_job import RunResult, Session
from pipelines.paths import Home
from pipelines.report import render_run

SCORES = """
    select employees.employee_name, units.unit_name, units.unit_name_en, scores.score, scores.grade,
        bookings.value as bookings, bookings.attainment
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


def run_demo(size: str, home: Home, *, machine: bool, say: Callable[[str], None]) -> int:
    """Run the benchmark company end to end in `<home>/demo`, apart from a company's own data. Returns the exit code."""
    home = Home(home.root / "demo")
    say(f"making the benchmark company ({size}) and starting its ERP and CRM on 127.0.0.1 ...")
    with benchmark_world(generate(cast(Size, size)), home.root) as world:
        os.environ.update(world.environment, SCORELINE_HOME=str(home.root))
        with Session.open() as session:
            result = session.run(progress=None if machine else say)
    if machine:
        click.echo(json.dumps(result.to_json(), default=str, ensure_ascii=False))
    else:
        click.echo(render_run(result))
        if result.release is not None:
            _show(home, result, world.company_folder)
    return result.exit_code


def _show(home: Home, result: RunResult, company_folder: Path) -> None:
    console = Console()
    with duckdb.connect(str(home.published), read_only=True) as con:
        console.print(_scoreboard(con))
        console.print(_totals(con))
    gate = result.release.manifest["gate"] if result.release else {}
    console.print(f"Gate: {gate.get('rules', 0)} rules, {gate.get('failed', 0)} broken. Report: {home.gate_docs}")
    console.print(f"Release: {result.release.path if result.release else 'none'}", soft_wrap=True)
    console.print(
        "Three things to try next:\n"
        f'  1. ask the published marts: .venv/bin/python -c "import duckdb; '
        f"print(duckdb.connect('{home.published}', read_only=True).sql('from kpi_value limit 5'))\"\n"
        "  2. see the whole graph, checks and schedules: "
        f"SCORELINE_HOME={home.root} SCORELINE_COMPANY={company_folder} make dev, then open http://127.0.0.1:3000\n"
        "  3. bring your own data: .venv/bin/scoreline init my-company, then README.md, 'Bring your own data'",
        soft_wrap=True,
        highlight=False,
    )


def _scoreboard(con: duckdb.DuckDBPyConnection) -> Table:
    table = Table(title="Best scores of the last closed quarter / 最近一个季度得分")
    for heading in ("姓名 Name", "单位 Unit", "得分 Score", "等级 Grade", "订单额 Bookings", "达成 Attainment"):
        table.add_column(heading, justify="left" if "N" in heading or "U" in heading else "right")
    for name, unit, unit_en, score, grade, bookings, attainment in con.execute(SCORES).fetchall():
        place = f"{unit or ''} {unit_en or ''}".strip()
        reached = "" if attainment is None else f"{attainment:.0%}"
        table.add_row(name, place, f"{score:.2f}", grade, "" if bookings is None else f"{bookings:,.2f}", reached)
    return table


def _totals(con: duckdb.DuckDBPyConnection) -> Table:
    table = Table(title="Company by year / 公司年度")
    for heading in ("年 Year", "指标 Metric", "值 Value", "目标 Target"):
        table.add_column(heading, justify="right" if heading[0] in "值目" else "left")
    rows = con.execute(
        "select year(period_start), metric, value, target from kpi_value where subject_type = 'company' "
        "and period_type = 'year' and org_view = 'as_was' and value is not null order by 1, 2"
    ).fetchall()
    for year, metric, value, target in rows:
        table.add_row(str(year), metric, f"{value:,.2f}", "" if target is None else f"{target:,.2f}")
    return table
