"""A release made again from what it was made from, beside the data folder, and held against what was published.

Landed files, company folder, calendar day, the log of syncs and the state carried over come from the manifest and the
releases before; only the code is today's, and the answer says so where it is another.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from connectors.landing import LandedFile
from pipelines.paths import Home
from pipelines.publish.inputs import code_version
from pipelines.publish.release import write_tables
from pipelines.publish.releases import Release, ReleaseError, get, verify
from pipelines.restatement.inputs import previous_release, release_inputs
from pipelines.restatement.night import settle_candidate
from pipelines.restatement.scratch import ScratchBuild

Order = Callable[[Sequence[LandedFile]], Sequence[LandedFile]]
"""Another order of the landed files; the result may not depend on it."""


@dataclass(frozen=True)
class ReplayedTable:
    """One published table. difference: empty where every byte of its file is the same."""

    name: str
    difference: Literal["", "bytes", "content", "missing", "extra"]


@dataclass(frozen=True)
class Replay:
    """What a replay found."""

    release_id: str
    is_same_code: bool
    commit_then: str | None
    commit_now: str | None
    tables: tuple[ReplayedTable, ...]

    @property
    def is_equal(self) -> bool:
        """Whether every file has the bytes that were published."""
        return not any(table.difference for table in self.tables)

    def to_json(self) -> dict[str, Any]:
        """Machine-readable form."""
        return {**vars(self), "is_equal": self.is_equal, "tables": [vars(table) for table in self.tables]}


def replay(home: Home, release_id: str, threads: int | None = None, order: Order = tuple) -> Replay:
    """Make a release again in a temporary folder and compare; nothing in the data folder changes.

    threads: of dbt and DuckDB; None: as configured. Raises ReleaseError when there is no such release or its files are
    damaged, InputsLost when something it was made from is gone or changed, ScratchFailed when it cannot be built.
    """
    release = get(home.root, release_id)
    if damage := verify(home.root, release_id):
        raise ReleaseError(f"release {release_id} is damaged: {'; '.join(damage)}")
    previous = previous_release(home.root, release)
    with (
        TemporaryDirectory(prefix="scoreline-replay-") as folder,
        release_inputs(home.root, release, os.environ, check=True) as inputs,
    ):
        scratch = ScratchBuild(Path(folder) / "build", threads)
        causes = ScratchBuild(Path(folder) / "causes", threads)
        inputs = replace(inputs, files=tuple(order(inputs.files)), log_files=tuple(order(inputs.log_files)))
        with scratch.built(inputs) as warehouse:
            settle_candidate(home, inputs, previous, warehouse, causes)
            (Path(folder) / "tables").mkdir()
            made = write_tables(warehouse, Path(folder) / "tables", threads)
    return _compared(release, {str(entry["name"]): entry for entry in made})


def _compared(release: Release, made: dict[str, dict[str, Any]]) -> Replay:
    now, then = code_version(), release.manifest["code"]
    tables = []
    for name in sorted({*made, *release.tables}):
        tables.append(ReplayedTable(name, _difference(release.tables.get(name), made.get(name))))
    return Replay(release.release_id, then["hash"] == now.hash, then["commit"], now.commit, tuple(tables))


def _difference(then: Any, now: Any) -> Literal["", "bytes", "content", "missing", "extra"]:
    if now is None or then is None:
        return "missing" if now is None else "extra"
    if then["sha256"] == now["sha256"]:
        return ""
    return "bytes" if then["content_hash"] == now["content_hash"] else "content"
