"""`dbt build` of the benchmark company against the same models run by hand in DuckDB."""

import json
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from connectors.landing import sync
from connectors.sandbox.generate import Size, generate
from connectors.sandbox.world import benchmark_world
from pipelines.assets.candidate import BUILD_OPTIONS
from pipelines.company import load_company
from pipelines.manifest import dbt_environment, dbt_executable
from pipelines.paths import DBT_PROJECT, Home
from pipelines.warehouse import build_options, gather_inputs, prepare
from tests.bench import direct
from tests.bench.race import Contender, race, time_table

BUILD, DIRECT, START = "dbt build", "the same models, straight in DuckDB", "dbt parse, nothing to do: dbt's start alone"
MEMORY_LIMIT = "6GB"
"""DuckDB's own limit, for both; a process holds more than that."""


def time_builds(size: Size, repetitions: int) -> str:
    """The table of build times for the benchmark company of that size."""
    with tempfile.TemporaryDirectory(prefix="scoreline-bench-") as name:
        home = Home(Path(name))
        _prepared(size, home)
        by_hand = home.root / "by_hand" / home.warehouse.name
        by_hand.parent.mkdir()
        shutil.copy(home.warehouse, by_hand)
        build(home)  # gives the SQL, and warms dbt up: its parse of the project stays in the target folder
        made = direct.made_by(home.dbt)
        contenders = [
            Contender(BUILD, len(made), lambda _: build(home), warm_up=False),
            Contender(DIRECT, len(made), lambda _: direct.run(by_hand, made, MEMORY_LIMIT), warm_up=False),
            Contender(START, 0, lambda _: _start(home), warm_up=False),
        ]
        timings = race(contenders, repetitions)
        if wrong := direct.differences(home.warehouse, by_hand, made):
            raise RuntimeError(f"dbt and the models by hand differ in {', '.join(wrong)}")
    models = sum(node.kind != "seed" for node in made)
    return time_table(f"dbt: {models} models and {len(made) - models} seeds, company {size}", timings, DIRECT)


def build(home: Home) -> int:
    """The build as the main job runs it on a prepared warehouse; the number of relations made."""
    _dbt(home, "build", *BUILD_OPTIONS, *build_options(home.warehouse))
    results = json.loads((home.dbt / "run_results.json").read_text(encoding="utf-8"))["results"]
    return sum(result["status"] == "success" for result in results)


def peak_memory_gb() -> float:
    """The most memory any dbt process of this bench has held so far, in GB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6


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


def _start(home: Home) -> int:
    _dbt(home, "parse")
    return 0


def _dbt(home: Home, command: str, *options: str) -> None:
    done = subprocess.run(
        [dbt_executable(), command, "--quiet", *_folders(home), *options],
        env={**os.environ, **dbt_environment(home), "SCORELINE_MEMORY_LIMIT": MEMORY_LIMIT},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"dbt {command} failed:\n{done.stdout}{done.stderr}")


def _folders(home: Home) -> Sequence[str]:
    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    return [*folders, "--target-path", str(home.dbt), "--log-path", str(home.logs)]
