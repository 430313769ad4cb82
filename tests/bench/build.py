"""`dbt build` of the benchmark company against the same compiled SQL run by hand in DuckDB."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from connectors.landing import sync
from connectors.sandbox.generate import Size, generate
from connectors.sandbox.world import benchmark_world
from pipelines.assets.candidate import BUILD_OPTIONS
from pipelines.company import load_company
from pipelines.manifest import dbt_environment, dbt_executable
from pipelines.paths import DBT_PROJECT, Home
from pipelines.warehouse import gather_inputs, prepare
from tests.bench.race import Contender, race, time_table

BUILD, DIRECT, START = "dbt build", "the same SQL, straight in DuckDB", "dbt parse, nothing to do: dbt's start alone"


def time_builds(size: Size, repetitions: int) -> str:
    """The table of build times for the benchmark company of that size."""
    with tempfile.TemporaryDirectory(prefix="scoreline-bench-") as name:
        home = Home(Path(name))
        _prepared(size, home)
        by_hand = home.root / "by_hand" / home.warehouse.name
        by_hand.parent.mkdir()
        shutil.copy(home.warehouse, by_hand)
        _build(home)  # gives the SQL, and warms dbt up: its parse of the project stays in the target folder
        steps = _steps(home)
        contenders = [
            Contender(BUILD, len(steps), lambda _: _build(home), warm_up=False),
            Contender(DIRECT, len(steps), lambda _: _run(by_hand, steps), warm_up=False),
            Contender(START, 0, lambda _: _start(home), warm_up=False),
        ]
        timings = race(contenders, repetitions)
        _refuse_differences(home.warehouse, by_hand, steps)
    models = sum(step.kind != "seed" for step in steps)
    return time_table(f"dbt: {models} models and {len(steps) - models} seeds, company {size}", timings, DIRECT)


def _prepared(size: Size, home: Home) -> None:
    """The company's sandboxes synced into landing, and the warehouse as a build finds it."""
    truth = generate(size)
    with benchmark_world(truth, home.root) as world:
        company = load_company(world.company_folder, {**os.environ, **world.environment})
        for source in company.sources:
            report = sync(source.connector(), source.name, home.root)
            if report.failed:
                raise RuntimeError(f"{source.name}: {report.failed[0].error}")
    prepare(home.warehouse, gather_inputs(company, home.root, truth.as_of))


def _build(home: Home) -> int:
    """The build as the main job runs it; the number of relations made."""
    _dbt(home, "build", *BUILD_OPTIONS)
    return sum(result["status"] == "success" for result in _json(home.dbt / "run_results.json")["results"])


def _start(home: Home) -> int:
    _dbt(home, "parse")
    return 0


def _dbt(home: Home, command: str, *options: str) -> None:
    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    places = ["--target-path", str(home.dbt), "--log-path", str(home.logs)]
    done = subprocess.run(
        [dbt_executable(), command, "--quiet", *folders, *places, *options],
        env={**os.environ, **dbt_environment(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"dbt {command} failed:\n{done.stdout}{done.stderr}")


@dataclass(frozen=True)
class _Step:
    """One relation a build makes. kind: `table`, `view` or `seed`; sql: what it holds."""

    kind: str
    relation: str
    sql: str

    @property
    def statement(self) -> str:
        return f"create or replace {'view' if self.kind == 'view' else 'table'} {self.relation} as {self.sql}"


def _steps(home: Home) -> list[_Step]:
    """What the last build ran, each relation after those it reads from."""
    nodes = _json(home.dbt / "manifest.json")["nodes"]
    ran = {result["unique_id"]: result for result in _json(home.dbt / "run_results.json")["results"]}
    graph = {id: set(nodes[id]["depends_on"].get("nodes", ())) & ran.keys() for id in ran}
    return [_step(nodes[id], ran[id]) for id in TopologicalSorter(graph).static_order()]


def _step(node: dict[str, Any], result: dict[str, Any]) -> _Step:
    if node["resource_type"] == "seed":
        kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in node["config"]["column_types"].items())
        types = f", types = {{{kinds}}}" if kinds else ""
        path = DBT_PROJECT / node["original_file_path"]
        return _Step("seed", node["relation_name"], f"select * from read_csv('{path}', header = true{types})")
    return _Step(node["config"]["materialized"], node["relation_name"], result["compiled_code"])


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _run(warehouse: Path, steps: list[_Step]) -> int:
    with duckdb.connect(str(warehouse)) as con:
        for schema in sorted({step.relation.rsplit(".", 1)[0] for step in steps}):
            con.execute(f"create schema if not exists {schema}")
        for step in steps:
            con.execute(step.statement)
    return len(steps)


def _refuse_differences(ours: Path, theirs: Path, steps: list[_Step]) -> None:
    """Two builds that hold different numbers of rows were not the same work."""
    counts = [dict(_row_counts(file, steps)) for file in (ours, theirs)]
    wrong = [relation for relation in counts[0] if counts[0][relation] != counts[1][relation]]
    if wrong:
        raise RuntimeError(f"dbt and the SQL by hand differ in the rows of {', '.join(wrong)}")


def _row_counts(warehouse: Path, steps: list[_Step]) -> Iterator[tuple[str, int]]:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        for step in steps:
            yield step.relation, con.execute(f"select count(*) from {step.relation}").fetchall()[0][0]
