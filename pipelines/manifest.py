"""dbt's manifest, made ahead of time: the graph is read from it, so it must exist before definitions are loaded."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from pipelines.paths import DBT_PROJECT, Home
from pipelines.publish.inputs import files_hash


class ManifestError(RuntimeError):
    """dbt could not parse the project; the message holds dbt's own words."""


def dbt_executable() -> str:
    """The dbt of this Python environment, whatever PATH says."""
    return str(Path(sys.executable).parent / "dbt")


def dbt_environment(home: Home) -> dict[str, str]:
    """Variables dbt needs beside the current environment."""
    return {"SCORELINE_WAREHOUSE": str(home.warehouse), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}


def ensure_manifest(home: Home) -> Path:
    """The manifest of the project as it is now; parses only when a project file changed since the last time.

    It lies in the data folder, because dbt reuses a parse only for the same warehouse path; the build that follows uses
    the same folder.
    """
    stamp = home.dbt / "manifest.stamp"
    home.dbt.mkdir(parents=True, exist_ok=True)
    with (home.dbt / "manifest.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        project = files_hash(DBT_PROJECT.parent, ("dbt_project",))
        if not (home.manifest.exists() and stamp.exists() and stamp.read_text() == project):
            _parse(home)
            stamp.write_text(project)
    return home.manifest


def _parse(home: Home) -> None:
    command = [dbt_executable(), "parse", "--quiet", "--target-path", str(home.dbt)]
    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    environment = {**os.environ, **dbt_environment(home)}
    done = subprocess.run(  # noqa: S603 - fixed command
        [*command, *folders], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ManifestError(f"dbt could not parse {DBT_PROJECT.name}:\n{done.stdout}{done.stderr}")
