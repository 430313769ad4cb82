"""What the dbt project declares about its tables: columns, types, meaning, grain, and which tables are published.

Read from the dbt YAML, so a column or a mart is described in one place. The gate's contract and grain rules, the
comments in `published.duckdb` and the release's content hash all start here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

MODELS = Path(__file__).parent.parent / "dbt_project" / "models"
SCHEMAS = ("canonical", "core", "marts")
CANONICAL_GRAIN = ("source_system", "source_key")
PUBLISHED_CORE = frozenset(
    {
        "dim_customer",
        "customer_source",
        "dim_org_unit",
        "dim_employee",
        "dim_assignment",
        "fct_sales_credit",
        "fct_billing_credit",
        "fct_collection_credit",
    }
)
"""Published tables that live outside the `marts` folder; a model may also say `config: {meta: {published: true}}`."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The fast one where PyYAML has it: the plain one takes a second for our files."""
Node = Mapping[str, Any]
"""A model, seed or column as the YAML has it."""


class CatalogError(Exception):
    """The dbt YAML does not say what publishing or the gate needs to know."""


@dataclass(frozen=True)
class Column:
    """One declared column; `required` may not be null, `volatile` may differ between two runs on equal input."""

    name: str
    data_type: str
    description: str
    required: bool
    volatile: bool


@dataclass(frozen=True)
class Table:
    """One declared table of the candidate; `grain` are the columns that identify a row (empty: none declared)."""

    schema: str
    name: str
    description: str
    columns: tuple[Column, ...]
    grain: tuple[str, ...]
    published: bool
    volatile: bool

    @property
    def relation(self) -> str:
        """`schema.name`, as SQL and messages spell it."""
        return f"{self.schema}.{self.name}"

    @property
    def content_columns(self) -> tuple[str, ...]:
        """The columns that count as content, in declared order; none when the whole table is volatile."""
        return () if self.volatile else tuple(column.name for column in self.columns if not column.volatile)

    def has(self, column: str) -> bool:
        """Is the column declared?"""
        return any(declared.name == column for declared in self.columns)


def load(models: Path = MODELS) -> dict[str, Table]:
    """Every table of the folders canonical, core and marts, and every published seed beside them, by name.

    Raises CatalogError when a published table declares no grain or two tables share a name.
    """
    declared = [_table(node, schema, file) for schema in SCHEMAS for node, file in _nodes(models / schema, "models")]
    declared += [_table(_seed(node), _config(node).get("schema", ""), file) for node, file in _seeds(models)]
    found: dict[str, Table] = {}
    for table in declared:
        if table.name in found:
            raise CatalogError(f"two tables are called {table.name}; published names must be unique")
        found[table.name] = table
    return found


def published(tables: Mapping[str, Table]) -> tuple[Table, ...]:
    """The tables a release holds, by name."""
    return tuple(table for _, table in sorted(tables.items()) if table.published)


def _nodes(folder: Path, kind: str) -> Iterator[tuple[Node, Path]]:
    for file in sorted(folder.rglob("*.yml")):
        yield from ((node, file) for node in _declared(file, file.stat().st_mtime_ns).get(kind, []))


@cache
def _declared(file: Path, changed_ns: int) -> Node:
    """What a YAML file says; read once as long as it does not change, because every gate asks for all of them."""
    return yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER) or {}  # noqa: S506 - a safe loader


def _seeds(models: Path) -> Iterator[tuple[Node, Path]]:
    found = _nodes(models.parent / "seeds", "seeds")
    return ((node, file) for node, file in found if _meta(node).get("published"))


def _seed(node: Node) -> Node:
    """A seed as if it were a model: its types stand apart from its columns."""
    types = _config(node).get("column_types", {})
    return {
        **node,
        "columns": [{"data_type": types.get(column["name"]), **column} for column in node.get("columns", [])],
    }


def _table(node: Node, schema: str, file: Path) -> Table:
    meta, name = _meta(node), node["name"]
    published = bool(meta.get("published", schema == "marts" or name in PUBLISHED_CORE))
    grain = _grain(node) or (CANONICAL_GRAIN if schema == "canonical" else ())
    if published and not grain:
        raise CatalogError(f"{file.name}: {name} is published but proves no grain; give it a unique_together test")
    columns = tuple(_column(column, grain) for column in node.get("columns", []))
    unknown = set(grain) - {column.name for column in columns}
    if unknown:
        raise CatalogError(f"{file.name}: the grain of {name} names undeclared columns {sorted(unknown)}")
    return Table(schema, name, _text(node), columns, grain, published, bool(meta.get("volatile", False)))


def _grain(node: Node) -> tuple[str, ...]:
    """The columns whose `unique_together` test stands in the YAML, or the one column tested `unique`."""
    for test in _tests(node):
        if isinstance(test, Mapping) and "unique_together" in test:
            return tuple(test["unique_together"]["arguments"]["columns"])
    for column in node.get("columns", []):
        if "unique" in _tests(column):
            return (column["name"],)
    return ()


def _column(column: Node, grain: tuple[str, ...]) -> Column:
    meta, name = _meta(column), column["name"]
    constrained = any(constraint.get("type") == "not_null" for constraint in column.get("constraints", []))
    required = bool(meta.get("required")) or "not_null" in _tests(column) or constrained or name in grain
    if not column.get("data_type"):
        raise CatalogError(f"column {name} has no data_type; a table that is gated or published types every column")
    return Column(name, column["data_type"], _text(column), required, bool(meta.get("volatile", False)))


def _tests(node: Node) -> list[Any]:
    return [*node.get("data_tests", []), *node.get("tests", [])]


def _config(node: Node) -> Node:
    return node.get("config") or {}


def _meta(node: Node) -> Node:
    return {**node.get("meta", {}), **_config(node).get("meta", {})}


def _text(node: Node) -> str:
    return " ".join(str(node.get("description", "")).split())
