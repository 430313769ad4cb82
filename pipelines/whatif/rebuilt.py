"""A past period on other facts: who sits where, who is one customer. What depends on them is built anew, on a copy.

That takes about as long as a build, and a copy of the warehouse on disk while it lasts.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.manifest import dbt_environment, dbt_executable
from pipelines.paths import DBT_PROJECT, Home
from pipelines.periods import Period
from pipelines.publish.inputs import code_version
from pipelines.publish.releases import CONFIRMED, Release
from pipelines.publish.store import read_lines, releases_dir
from pipelines.warehouse.lock import warehouse_lock
from pipelines.warehouse.rebuild import FULL_REFRESH
from pipelines.whatif.compare import WhatIf, outcomes, people
from pipelines.whatif.scratch import PATIENCE_SECONDS, WhatIfError
from pipelines.whatif.what_if import check_period, published

SCORE = "appraisal_score"
PAIRS = "int_customer_pair"
RESOLUTION = "int_customer_resolution"


@dataclass(frozen=True)
class Change:
    """Other facts. apply: changes tables in a copy of the warehouse; models: the tables it changes, by name."""

    name: str
    models: tuple[str, ...]
    apply: Callable[[duckdb.DuckDBPyConnection], None]


def what_if_rebuilt(home: Home, period: Period, change: Change, say: Callable[[str], None]) -> WhatIf:
    """The period on the changed facts, beside what was published and what the warehouse holds.

    Raises WhatIfError where the period has no score, the code is not the release's, or the facts cannot be built on;
    ReleaseError where nothing was published; WarehouseBusy while a build goes on.
    """
    began = time.monotonic()
    release = published(home)
    _check_code(home, release)
    with duckdb.connect(str(home.published), read_only=True) as con:
        official = outcomes(con, SCORE, None, period)
        check_period(con, period, official)
    with tempfile.TemporaryDirectory(prefix=".whatif-", dir=home.root) as folder:
        copy = Path(folder) / home.warehouse.name
        with warehouse_lock(home.root, PATIENCE_SECONDS):
            shutil.copyfile(home.warehouse, copy)
        with duckdb.connect(str(copy)) as con:
            now = outcomes(con, f"marts.{SCORE}", "config.grade_band", period)
            change.apply(con)
        say("building what depends on it in a copy of the warehouse: about as long as a build of all ...")
        _build(home, copy, change.models)
        with duckdb.connect(str(copy), read_only=True) as con:
            tried = outcomes(con, f"marts.{SCORE}", "config.grade_band", period)
    with duckdb.connect(str(home.published), read_only=True) as con:
        found = people(con, period, official, now, tried)
    return WhatIf(period, release.release_id, (change.name,), found, None, round(time.monotonic() - began, 2))


def other_threshold(threshold: float) -> Change:
    """Two records count as one customer from this probability on, whatever the settings say; 0 < threshold <= 1."""

    def apply(con: duckdb.DuckDBPyConnection) -> None:
        con.execute(
            f"update core.{PAIRS} set band = case when match_probability >= ? then 'same' "
            "when band = 'different' then 'different' else 'grey' end",
            [threshold],
        )
        # without its last result the next step looks at every record again
        con.execute(f"drop table core.{RESOLUTION}")

    return Change(f"identity threshold {threshold:g}", (PAIRS,), apply)


def _check_code(home: Home, release: Release) -> None:
    """The release, or the last run that confirmed it, must be of this code."""
    confirmed = [
        line for line in read_lines(releases_dir(home.root) / CONFIRMED) if line["release_id"] == release.release_id
    ]
    made_by = (confirmed[-1] if confirmed else release.manifest)["code"]
    if made_by["hash"] != code_version().hash:
        raise WhatIfError(
            f"the code is not the one release {release.release_id} was made with, so differences would not be those of "
            "the facts; `scoreline run` first"
        )


def _build(home: Home, copy: Path, changed: Sequence[str]) -> None:
    """dbt makes anew what reads the changed tables, as far as scores need it."""
    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    work = ["--target-path", str(copy.parent / "dbt"), "--log-path", str(copy.parent / "logs")]
    chosen = [f"{model}+,+{SCORE}" for model in changed]
    left = ["--exclude", *changed, "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    done = subprocess.run(  # noqa: S603 - our own command; names of models are ours
        [dbt_executable(), "build", "--quiet", FULL_REFRESH, *folders, *work, "--select", *chosen, *left],
        env={**os.environ, **dbt_environment(home), "SCORELINE_WAREHOUSE": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise WhatIfError(f"what depends on the changed facts cannot be built:\n{done.stdout[-3000:]}{done.stderr}")
