"""The SQL the last build ran, as dbt left it in its target folder, and which of it has to run again.

What reads what is taken from the SQL itself, so nothing else of dbt's files is needed, and SQL and warehouse are of one
build even when the project has been edited since.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

LAYERS = ("core", "marts")
"""Folders of the models that rules decide; their names are those of the schemas."""
_RELATION = re.compile(r'"warehouse"\."(\w+)"\."(\w+)"')


@dataclass(frozen=True)
class CompiledModel:
    """One model. relation: `schema.name`; reads: relations its SQL names, sources and configuration included."""

    relation: str
    sql: str
    reads: frozenset[str]


def compiled_models(target: Path) -> dict[str, CompiledModel]:
    """The SQL models of core and marts in dbt's target folder, by relation; empty where nothing was built.

    Data tests lie beside them, in folders called like the YAML file that asks for them, and are none.
    """
    models = target / "compiled" / "scoreline" / "models"
    found = {}
    for layer in LAYERS:
        for path in sorted((models / layer).rglob("*.sql")):
            if not any(folder.suffix == ".yml" for folder in path.parents):
                model = _model(f"{layer}.{path.stem}", path.read_text(encoding="utf-8"))
                found[model.relation] = model
    return found


def to_run_again(
    models: Mapping[str, CompiledModel], changed: Iterable[str], wanted: Iterable[str], kept: Collection[str] = ()
) -> list[CompiledModel]:
    """The models that read what has changed, however far down, and that `wanted` needs; each after what it reads.

    kept: models that stay as they are whatever they read, and what follows from them alone.
    """
    needed = _upstream(models, wanted)
    graph = {relation: models[relation].reads & needed for relation in needed}
    touched = set(changed)
    again = []
    for relation in TopologicalSorter(dict(sorted(graph.items()))).static_order():
        if relation not in kept and models[relation].reads & touched:
            touched.add(relation)
            again.append(models[relation])
    return again


def inputs(chosen: Iterable[CompiledModel]) -> list[str]:
    """What these models read and do not make themselves."""
    made = {model.relation for model in chosen}
    return sorted({relation for model in chosen for relation in model.reads} - made)


def _upstream(models: Mapping[str, CompiledModel], wanted: Iterable[str]) -> set[str]:
    waiting = [relation for relation in wanted if relation in models]
    found: set[str] = set()
    while waiting:
        relation = waiting.pop()
        if relation not in found:
            found.add(relation)
            waiting += [read for read in models[relation].reads if read in models]
    return found


def _model(relation: str, sql: str) -> CompiledModel:
    reads = frozenset(f"{schema}.{name}" for schema, name in _RELATION.findall(sql)) - {relation}
    return CompiledModel(relation, sql, reads)
