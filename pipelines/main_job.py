"""The main job as the command line runs it: the sync jobs, then the build job, in one process and one run history.

A source that fails turns the command red (exit 1) and leaves its last landed state in use: the others are published
when the gate, which judges staleness, lets them.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster import DagsterInstance

from pipelines.assets.streams import step_name, stream_key
from pipelines.company import Company, load_company
from pipelines.exits import DONE, FAILED, MISUSED, REFUSED, Stop, configured_folder
from pipelines.graph import build_defs
from pipelines.jobs import BUILD_JOB, sync_job_name
from pipelines.manifest import dbt_environment, ensure_manifest
from pipelines.paths import Home
from pipelines.progress import heard_by
from pipelines.publish.releases import Release, current
from pipelines.restatements import pending_values
from pipelines.runner import Outcome, instance_of, run_job

Say = Callable[[str], None]


@dataclass
class RunResult:
    """What `scoreline run` did. `previous` is the release that stood before, `release` the one that stands now."""

    syncs: list[Outcome]
    build: Outcome
    previous: Release | None
    release: Release | None

    @property
    def exit_code(self) -> int:
        """3 when the gate refused, 1 when anything failed, else 0."""
        if self.build.refused:
            return REFUSED
        everything = self.published and all(outcome.success for outcome in self.syncs)
        return DONE if everything else FAILED

    @property
    def published(self) -> bool:
        """Whether the publishing step itself said so: a build that succeeded by skipping it did not publish."""
        return self.build.success and any(key.startswith("published/") for key in self.build.metadata)

    @property
    def status(self) -> str:
        """refused, failed, published (a release that did not stand before) or confirmed."""
        if self.build.refused:
            return "refused"
        if not self.published:
            return "failed"
        before = self.previous.release_id if self.previous else None
        return "published" if self.release is not None and self.release.release_id != before else "confirmed"

    @property
    def pending_restatements(self) -> int:
        """Values of closed periods that differ from what is published and wait for an approval."""
        return pending_values(self.release) if self.release else 0

    def to_json(self) -> dict[str, Any]:
        """Machine-readable form."""
        return {
            "exit_code": self.exit_code,
            "status": self.status,
            "release": self.release.release_id if self.release else None,
            "content_hash": self.release.content_hash if self.release else None,
            "pending_restatements": self.pending_restatements,
            "syncs": [vars(outcome) for outcome in self.syncs],
            "build": vars(self.build),
        }


class Session:
    """One company, one data folder, one Dagster instance, for the length of a command."""

    def __init__(self, company: Company, home: Home, definitions: dg.Definitions, instance: DagsterInstance) -> None:
        self.company, self.home, self.definitions, self.instance = company, home, definitions, instance

    @classmethod
    @contextlib.contextmanager
    def open(cls) -> Iterator["Session"]:
        """Load the company (CompanyError lists every problem), make the manifest, open the run history."""
        home = Home.from_environment()
        company = load_company(configured_folder(), os.environ, unset="defer")
        os.environ.update(dbt_environment(home))
        manifest = ensure_manifest(home)
        with instance_of(home) as instance:
            yield cls(company, home, build_defs(company, manifest), instance)

    def chosen(self, names: Sequence[str]) -> list[str]:
        """The named sources, or all; Stop (exit 2) for a name nobody configured."""
        known = [source.name for source in self.company.sources]
        for name in names:
            if name not in known:
                raise Stop(
                    f"no source {name!r} in {self.company.path / 'sources'}; there are: {', '.join(known)}", MISUSED
                )
        return list(names) or known

    def sync(
        self,
        sources: Sequence[str],
        streams: Sequence[str] = (),
        asked: Mapping[str, Any] | None = None,
        say: Say | None = None,
    ) -> list[Outcome]:
        """One run of each source's sync job; a failing one does not stop the next.

        With `streams`, sources that have none of them are left out; Stop (exit 2) for a stream that no source has.
        """
        outcomes = []
        for name, chosen in self._chosen_streams(sources, streams).items():
            if say:
                say(f"syncing {name} ...")
            keys = [stream_key(name, stream) for stream in chosen] or None
            config = {"ops": {step_name(name): {"config": dict(asked)}}} if asked else None
            with heard_by(say):
                outcomes.append(
                    run_job(self.definitions, self.instance, self.home, sync_job_name(name), assets=keys, config=config)
                )
        return outcomes

    def _chosen_streams(self, sources: Sequence[str], streams: Sequence[str]) -> dict[str, list[str]]:
        """Source -> its asked streams; all sources and no stream where none was asked for."""
        if not streams:
            return {name: [] for name in sources}
        offered = {name: self.company.source(name).stream_names() for name in sources}
        for stream in streams:
            if not any(stream in names for names in offered.values()):
                known = "; ".join(f"{name}: {', '.join(names)}" for name, names in offered.items())
                raise Stop(f"no stream {stream!r}; there are: {known}", MISUSED)
        found = {name: [stream for stream in streams if stream in names] for name, names in offered.items()}
        return {name: chosen for name, chosen in found.items() if chosen}

    def run(self, progress: Say | None = None) -> RunResult:
        """Sync everything, then build, gate and publish."""
        before = current(self.home.root)
        syncs = self.sync(self.chosen(()), say=progress)
        if progress:
            progress("building, checking, publishing ...")
        build = run_job(self.definitions, self.instance, self.home, BUILD_JOB)
        return RunResult(syncs, build, before, current(self.home.root))
