"""The project's own SQL, straight in DuckDB: what `dbt build` makes and tests, without dbt's time for every build.

dbt compiles the project once per test run; a build then executes that SQL in order. `test_micro_company` holds such a
build against one by dbt itself, relation by relation.
"""

import json
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from tests.dbt_project.warehouse import PROJECT, compiled_project


@dataclass(frozen=True)
class Node:
    """A model, seed or data test. kind: `table`, `view`, `python`, `seed` or `test`; reads: ids of what it depends on.

    sql: what it holds; of a Python model its code.
    """

    id: str
    name: str
    kind: str
    relation: str
    sql: str
    reads: frozenset[str]


@cache
def nodes() -> dict[str, Node]:
    """Everything dbt compiled, by id, each after what it reads."""
    return nodes_of(compiled_project())


def nodes_of(target: Path) -> dict[str, Node]:
    """What the last dbt command with this target folder compiled or ran, by id, each after what it reads."""
    declared = _json(target / "manifest.json")["nodes"]
    ran = {result["unique_id"]: result["compiled_code"] for result in _json(target / "run_results.json")["results"]}
    graph = {id: set(declared[id]["depends_on"].get("nodes", ())) & ran.keys() for id in ran}
    order = TopologicalSorter(graph).static_order()
    return {id: _node(declared[id], ran[id], frozenset(graph[id])) for id in order}


def sql_of(model: str) -> str:
    """What a model selects; relations are called "warehouse"."<schema>"."<name>"."""
    return nodes()[f"model.scoreline.{model}"].sql


def build(file: Path, *models: str) -> list[str]:
    """Make the named models and all that they read (none named: everything) in a prepared warehouse.

    Returns the names of the data tests of what was made that find a row. The file must be called warehouse.duckdb.
    """
    chosen = upstream(*models)
    with duckdb.connect(str(file)) as con:
        run(con, chosen)
        made = {node.id for node in chosen}
        tests = [node for node in nodes().values() if node.kind == "test" and node.reads <= made]
        return sorted(test.name for test in tests if con.execute(f"select 1 from ({test.sql}) limit 1").fetchall())


def models_of(prefix: str) -> list[str]:
    """Names of the models that begin so."""
    found = [
        node.name for node in nodes().values() if node.kind not in ("seed", "test") and node.name.startswith(prefix)
    ]
    assert found, f"no model begins with {prefix}"
    return found


def upstream(*models: str) -> list[Node]:
    """The named models and all that they read, in the order they are made; everything when none is named."""
    known = nodes()
    waiting = [f"model.scoreline.{model}" for model in models] or [id for id in known if known[id].kind != "test"]
    found: set[str] = set()
    while waiting:
        id = waiting.pop()
        if id not in found:
            found.add(id)
            waiting += known[id].reads
    return [node for id, node in known.items() if id in found]


def downstream(changed: str, wanted: str) -> list[Node]:
    """What has to be made again of the models `wanted` reads, and itself, once the model `changed` reads other rows."""
    found = {f"model.scoreline.{changed}"}
    again = []
    for node in upstream(wanted):
        if node.id in found or node.reads & found:
            found.add(node.id)
            again.append(node)
    return again


def run(con: duckdb.DuckDBPyConnection, chosen: list[Node]) -> None:
    """Make these relations anew."""
    for schema in sorted({node.relation.rsplit(".", 1)[0] for node in chosen}):
        con.execute(f"create schema if not exists {schema}")
    for node in chosen:
        if node.kind == "python":
            found = _called(con, node.sql)  # noqa: F841 - read by DuckDB
            con.execute(f"create or replace table {node.relation} as select * from found")
        else:
            kind = "view" if node.kind == "view" else "table"
            con.execute(f"create or replace {kind} {node.relation} as {node.sql}")


def _called(con: duckdb.DuckDBPyConnection, code: str) -> Any:
    """What a Python model returns, called as dbt calls it."""
    module: dict[str, Any] = {}
    exec(code, module)
    return module["model"](module["dbtObj"](lambda relation: con.query(f"select * from {relation}")), con)


def _node(declared: dict[str, Any], sql: str, reads: frozenset[str]) -> Node:
    if declared["resource_type"] == "seed":
        sql = _seed(declared)
    return Node(
        declared["unique_id"],
        declared["name"],
        _kind(declared),
        declared["relation_name"] or "",
        sql,
        reads,
    )


def _kind(declared: dict[str, Any]) -> str:
    if declared["resource_type"] != "model":
        return str(declared["resource_type"])
    return "python" if declared.get("language") == "python" else str(declared["config"]["materialized"])


def _seed(declared: dict[str, Any]) -> str:
    kinds = ", ".join(f"'{name}': '{kind}'" for name, kind in declared["config"]["column_types"].items())
    types = f", types = {{{kinds}}}" if kinds else ""
    return f"select * from read_csv('{PROJECT / declared['original_file_path']}', header = true{types})"


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
