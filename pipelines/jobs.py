"""Jobs and schedules: one sync per source, one build of everything.

They are apart on purpose: a source that is down turns its own sync red and nothing else; whether its staleness still
allows a release is for the gate to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import dagster as dg

from expectations.catalog import Table
from pipelines.assets.published import published_key
from pipelines.assets.streams import stream_key
from pipelines.company import Company, Source

if TYPE_CHECKING:  # dagster has no public name for what define_asset_job returns
    from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

BUILD_JOB = "build_and_publish"
BUILD_SCHEDULE = "30 3 * * *"
"""After the nightly syncs; whatever landed later waits for the next build."""


def sync_job_name(source: str) -> str:
    """The job that syncs one source."""
    return f"sync_{source}"


def sync_jobs(company: Company) -> list[UnresolvedAssetJobDefinition]:
    """One job per source."""
    return [
        dg.define_asset_job(sync_job_name(source.name), selection=_streams(source), executor_def=dg.in_process_executor)
        for source in company.sources
        if source.stream_names()
    ]


def build_job(candidate: dg.AssetsDefinition, tables: Sequence[Table]) -> UnresolvedAssetJobDefinition:
    """Build, gate, publish: everything downstream of landing, one step after the other."""
    published = [published_key(table) for table in tables]
    return dg.define_asset_job(
        BUILD_JOB, selection=dg.AssetSelection.assets(*candidate.keys, *published), executor_def=dg.in_process_executor
    )


def schedules(company: Company, jobs: Sequence[UnresolvedAssetJobDefinition]) -> list[dg.ScheduleDefinition]:
    """Daily: every source at its own time, then the build, all in the company's time zone."""
    crons = {sync_job_name(source.name): source.schedule for source in company.sources} | {BUILD_JOB: BUILD_SCHEDULE}
    return [
        dg.ScheduleDefinition(
            name=f"{job.name}_daily",
            job=job,
            cron_schedule=crons[job.name],
            execution_timezone=company.settings.time_zone,
            default_status=dg.DefaultScheduleStatus.RUNNING,
        )
        for job in jobs
    ]


def _streams(source: Source) -> dg.AssetSelection:
    return dg.AssetSelection.assets(*(stream_key(source.name, stream) for stream in source.stream_names()))
