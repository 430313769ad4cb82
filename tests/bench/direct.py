"""The models of a build run by hand in DuckDB, in one process and without dbt: what a build is measured against."""

import importlib.util
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb

from pipelines.paths import DBT_PROJECT


@dataclass(frozen=True)
class Step:
    """One relation a build makes. make: creates it; kind: `table`, `view` or `seed`."""

    kind: str
    relation: str
    make: Callable[[duckdb.DuckDBPyConnection], object]


def steps(target: Path) -> list[Step]:
    """What the last build into this target folder ran, each relation after those it reads from."""
    manifest = _json(target / "manifest.json")
    ran = {result["unique_id"]: result for result in _json(target / "run_results.json")["results"]}
    nodes = {id: manifest["nodes"][id] for id in ran}
    graph = {id: set(nodes[id]["depends_on"].get("nodes", ())) & ran.keys() for id in ran}
    relations = {id: node["relation_name"] for id, node in (manifest["nodes"] | manifest["sources"]).items()}
    return [_step(nodes[id], ran[id], relations) for id in TopologicalSorter(graph).static_order()]


def run(warehouse: Path, made: list[Step], memory_limit: str) -> int:
    """Run the steps; the number of relations made."""
    with duckdb.connect(str(warehouse), config={"memory_limit": memory_limit}) as con:
        for schema in sorted({step.relation.rsplit(".", 1)[0] for step in made}):
            con.execute(f"create schema if not exists {schema}")
        for step in made:
            step.make(con)
    return len(made)


def differences(ours: Path, theirs: Path, made: list[Step]) -> list[str]:
    """Relations whose rows differ in number or content, whatever their order."""
    contents = [_contents(file, made) for file in (ours, theirs)]
    return [relation for relation in contents[0] if contents[0][relation] != contents[1][relation]]


def _contents(warehouse: Path, made: list[Step]) -> dict[str, tuple[int, int | None]]:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return {
            step.relation: con.execute(f"select count(*), sum(hash(record)) from {step.relation} as record").fetchall()[
                0
            ]
            for step in made
            if step.kind != "view"
        }


def _step(node: Mapping[str, Any], result: Mapping[str, Any], relations: Mapping[str, str]) -> Step:
    relation = node["relation_name"]
    if node["resource_type"] == "seed":
        kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in node["config"]["column_types"].items())
        types = f", types = {{{kinds}}}" if kinds else ""
        path = DBT_PROJECT / node["original_file_path"]
        return _made_by_sql("seed", relation, f"select * from read_csv('{path}', header = true{types})")
    if node["language"] == "python":
        return Step("table", relation, _python_model(node, relations))
    kind = "view" if node["config"]["materialized"] == "view" else "table"
    return _made_by_sql(kind, relation, result["compiled_code"])


def _made_by_sql(kind: str, relation: str, sql: str) -> Step:
    statement = f"create or replace {'view' if kind == 'view' else 'table'} {relation} as {sql}"
    return Step(kind, relation, lambda con: con.execute(statement))


def _python_model(node: Mapping[str, Any], relations: Mapping[str, str]) -> Callable[[duckdb.DuckDBPyConnection], None]:
    path = DBT_PROJECT / node["original_file_path"]
    named = {tuple(id.split(".")[2:]): relations[id] for id in node["depends_on"]["nodes"]}

    def make(con: duckdb.DuckDBPyConnection) -> None:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None:
            raise RuntimeError(f"{path} is no Python module")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        dbt = SimpleNamespace(
            ref=lambda name: con.sql(f"select * from {named[name,]}"),
            source=lambda *name: con.sql(f"select * from {named[name]}"),
            config=lambda **_: None,
            this=SimpleNamespace(schema=node["schema"], identifier=node["alias"]),
        )
        made = module.model(dbt, con)  # DuckDB finds the name below
        con.execute(f"create or replace table {node['relation_name']} as select * from made")
        del made

    return make


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
