"""`scoreline` typed for a company folder of this directory, in a data folder of its own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli import main

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Deployment:
    """One company folder (`tests/real/<company>`), its data folder and the variables it refers to."""

    company: str
    home: Path
    environment: Mapping[str, str]

    def scoreline(self, *arguments: str) -> Any:
        """Result of the command."""
        settings = {"SCORELINE_COMPANY": str(HERE / self.company), "SCORELINE_HOME": str(self.home)}
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {**settings, **self.environment}.items():
                patch.setenv(name, value)
            return CliRunner().invoke(main, list(arguments))

    def run(self) -> dict[str, Any]:
        """What `scoreline run` reports; it must end well."""
        result = self.scoreline("run", "--json")
        assert result.exit_code == 0, self.scoreline("run").output
        outcome: dict[str, Any] = json.loads(result.stdout)
        return outcome

    def ask(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows from the published database; `$name` in the query stands for a value."""
        with duckdb.connect(str(self.home / "published.duckdb"), read_only=True) as con:
            return con.execute(query, values).fetchall()


def landed(outcome: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Of a run: stream -> (rows landed, deletions among them), for streams with news."""
    (sync,) = outcome["syncs"]
    news = {key.split("/", 1)[1]: meta for key, meta in sync["metadata"].items() if meta["landed_rows"]}
    return {stream: (meta["landed_rows"], meta["deleted_rows"]) for stream, meta in news.items()}
