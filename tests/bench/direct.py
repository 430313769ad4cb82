"""The models of a build run by hand in DuckDB, in one process and without dbt: what a build is measured against."""

from pathlib import Path

import duckdb

from tests.dbt_project import straight

Nodes = list[straight.Node]


def made_by(target: Path) -> Nodes:
    """What the last build into this target folder made, each relation after those it reads from."""
    return list(straight.nodes_of(target).values())


def run(warehouse: Path, nodes: Nodes, memory_limit: str) -> int:
    """Make the relations; their number."""
    with duckdb.connect(str(warehouse), config={"memory_limit": memory_limit}) as con:
        straight.run(con, nodes)
    return len(nodes)


def differences(ours: Path, theirs: Path, nodes: Nodes) -> list[str]:
    """Tables whose rows differ in number or content, whatever their order."""
    contents = [_contents(file, nodes) for file in (ours, theirs)]
    return [name for name in contents[0] if contents[0][name] != contents[1][name]]


def _contents(warehouse: Path, nodes: Nodes) -> dict[str, tuple[int, int | None]]:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return {
            node.name: con.execute(f"select count(*), sum(hash(r)) from {node.relation} as r").fetchall()[0]
            for node in nodes
            if node.kind != "view"
        }
