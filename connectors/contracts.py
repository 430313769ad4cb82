"""The canonical entities as the dbt project declares them: the one place a column, its type and meaning are written.

Read by the mapping of user-shaped sources and by the checks; nothing is repeated in Python.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

CONTRACTS_FILE = Path(__file__).parent.parent / "dbt_project" / "models" / "canonical" / "_canonical__models.yml"
LINEAGE_COLUMNS = ("source_system", "source_key", "load_id")
"""Columns every entity carries; a mapping supplies only `source_key`, landing supplies the others."""


@dataclass(frozen=True)
class Column:
    """One contract column; `required` columns may not be null."""

    name: str
    data_type: str
    description: str
    required: bool


@dataclass(frozen=True)
class Entity:
    """One canonical entity with its columns in contract order.

    versioned: every landed version of its records reaches the models, not only the latest one.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    versioned: bool = False

    def column(self, name: str) -> Column | None:
        """The column of that name, None if the contract has none."""
        return next((column for column in self.columns if column.name == name), None)


@cache
def entities() -> dict[str, Entity]:
    """Every canonical entity by name."""
    declared = yaml.safe_load(CONTRACTS_FILE.read_text(encoding="utf-8"))["models"]
    return {model["name"]: _entity(model) for model in declared}


def _entity(model: dict) -> Entity:
    columns = tuple(
        Column(
            name=column["name"],
            data_type=column["data_type"],
            description=column["description"],
            required=column.get("config", {}).get("meta", {}).get("required", False),
        )
        for column in model["columns"]
    )
    versioned = model.get("config", {}).get("meta", {}).get("versioned", False)
    return Entity(model["name"], model["description"], columns, versioned)
