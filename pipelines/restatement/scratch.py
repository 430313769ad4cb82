"""Builds beside the warehouse: the same models on other inputs, in a file of their own that is thrown away."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipelines.manifest import dbt_executable
from pipelines.paths import DBT_PROJECT
from pipelines.warehouse import BuildInputs, prepare
from pipelines.warehouse.rebuild import FULL_REFRESH

BUILD_OPTIONS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test", FULL_REFRESH)
_PROFILES = "profiles.yml"


class ScratchFailed(RuntimeError):
    """dbt could not build on these inputs; the message holds its last words."""


@dataclass(frozen=True)
class ScratchBuild:
    """A folder to build in. It is kept between builds, so that dbt reads the project once, and emptied of data.

    threads: threads of dbt and of DuckDB; None: as the project is configured.
    """

    folder: Path
    threads: int | None = None

    @contextmanager
    def built(self, inputs: BuildInputs, models: Sequence[str] = ()) -> Iterator[Path]:
        """The warehouse of these inputs, with the named models and all they read (none named: everything).

        Raises ScratchFailed.
        """
        warehouse = self.folder / "warehouse.duckdb"
        self.folder.mkdir(parents=True, exist_ok=True)
        warehouse.unlink(missing_ok=True)
        try:
            prepare(warehouse, inputs)
            self._dbt([*BUILD_OPTIONS, *(["--select", *(f"+{name}" for name in models)] if models else [])], warehouse)
            yield warehouse
        finally:
            warehouse.unlink(missing_ok=True)

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _dbt(self, options: Sequence[str], warehouse: Path) -> None:
        folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(self._profiles())]
        places = ["--target-path", str(self.folder / "dbt"), "--log-path", str(self.folder / "logs")]
        threads = ["--threads", str(self.threads)] if self.threads else []
        done = subprocess.run(  # noqa: S603 - fixed command
            [dbt_executable(), "--quiet", "build", *options, *threads, *folders, *places],
            env={**os.environ, "SCORELINE_WAREHOUSE": str(warehouse), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ScratchFailed(f"dbt could not build in {self.folder}:\n{(done.stdout + done.stderr)[-3000:]}")

    def _profiles(self) -> Path:
        """The project's own profile, with DuckDB's threads set where they are given."""
        if self.threads is None:
            return DBT_PROJECT
        profiles: dict[str, Any] = yaml.safe_load((DBT_PROJECT / _PROFILES).read_text(encoding="utf-8"))
        for output in profiles["scoreline"]["outputs"].values():
            output["settings"]["threads"] = self.threads
        (self.folder / _PROFILES).write_text(yaml.safe_dump(profiles), encoding="utf-8")
        return self.folder
