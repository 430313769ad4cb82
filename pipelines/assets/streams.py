"""One asset per stream of every source; a sync lands all selected streams of a source as one load package."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg

from connectors.base import ConfigurationError, Connector, SourceError, TransientError
from connectors.landing import StreamReport, SyncOptions, SyncReport, sync
from pipelines.company import Company, Source
from pipelines.progress import teller
from pipelines.resources import Workspace, source_pool

RETRIES = dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
"""On top of the connector's own retries of single requests: for a source that was down for longer."""


def stream_key(source: str, stream: str) -> dg.AssetKey:
    """The asset of one stream."""
    return dg.AssetKey([source, stream])


def step_name(source: str) -> str:
    """The step that syncs one source; its job is called otherwise, because Dagster takes a name only once."""
    return f"land_{source}"


class SyncRequest(dg.Config):
    """Launch-time options of a sync; the command line's options of the same names."""

    full: bool = False
    since: str | None = None
    sweep: bool = False
    accept_deletes: bool = False


def sync_assets(company: Company) -> list[dg.AssetsDefinition]:
    """The stream assets of every source of the company."""
    return [_sync_asset(source) for source in company.sources if source.stream_names()]


def _sync_asset(source: Source) -> dg.AssetsDefinition:
    specs = [_spec(source, stream) for stream in source.stream_names()]
    name = source.name

    @dg.multi_asset(name=step_name(name), specs=specs, can_subset=True, pool=source_pool(name), retry_policy=RETRIES)
    def sync_source(context: dg.AssetExecutionContext, config: SyncRequest, workspace: Workspace) -> Iterator[Any]:
        streams = tuple(sorted(key.path[-1] for key in context.selected_asset_keys))
        report = _sync(workspace, name, streams, config, context.log)
        for stream in report.streams:
            if stream.status == "ok":
                yield dg.MaterializeResult(
                    asset_key=stream_key(name, stream.stream), metadata=_metadata(source, report, stream)
                )
        if report.failed:
            raise _failure(name, report.failed)

    return sync_source


def _spec(source: Source, stream: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        stream_key(source.name, stream),
        description=f"All landed versions of {stream} as {source.name} ({source.type}) holds it.",
        group_name=source.name,
        kinds={source.type, "parquet"},
        skippable=True,
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=source.fresh_within_hours)),
    )


def _sync(
    workspace: Workspace, name: str, streams: tuple[str, ...], config: SyncRequest, log: dg.DagsterLogManager
) -> SyncReport:
    try:
        source = workspace.source(name)
        connector: Connector = source.connector()
        options = replace(sync_options(config, streams), widen=source.widen)
        return sync(connector, name, workspace.home.root, options, teller(name, log))
    except SourceError as error:
        raise _refusal(name, error) from error


def sync_options(config: SyncRequest, streams: tuple[str, ...]) -> SyncOptions:
    """The landing options for a launch request."""
    since = datetime.fromisoformat(config.since) if config.since else None
    if since is not None and since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    return SyncOptions(streams, config.full, since, config.sweep, config.accept_deletes)


def _refusal(name: str, error: SourceError) -> dg.Failure:
    retry = isinstance(error, TransientError) and not isinstance(error, ConfigurationError)
    return dg.Failure(f"source {name}: {error}", allow_retries=retry)


def _failure(name: str, failed: list[StreamReport]) -> dg.Failure:
    by_error: dict[str, list[str]] = {}
    for stream in failed:
        by_error.setdefault(stream.error or "no reason given", []).append(stream.stream)
    reasons = "; ".join(f"{', '.join(streams)}: {error}" for error, streams in by_error.items())
    retry = any(stream.transient for stream in failed)
    return dg.Failure(
        f"source {name}: {len(failed)} stream(s) failed, their watermarks did not move: {reasons}",
        metadata={stream.stream: stream.error or "" for stream in failed},
        allow_retries=retry,
    )


def _metadata(source: Source, report: SyncReport, stream: StreamReport) -> dict[str, Any]:
    return {
        "dagster/row_count": stream.live_count,
        "read_rows": stream.read_rows,
        "landed_rows": stream.landed_rows,
        "deleted_rows": stream.deleted_rows,
        "source_count": "unknown" if stream.source_count is None else stream.source_count,
        "since": "everything" if stream.since is None else stream.since.isoformat(),
        "new_columns": ", ".join(stream.new_columns),
        "load_package": report.load_id or "",
        **({"access_gaps": stream.gaps} if stream.gaps else {}),
        **_freshness(source, stream),
        **_usage(report),
    }


def _freshness(source: Source, stream: StreamReport) -> dict[str, Any]:
    """How current the stream is: the source's clock it is complete up to, and how far landing is behind that."""
    found: dict[str, Any] = {}
    if stream.finished_at is not None:
        stale = stream.finished_at + timedelta(hours=source.fresh_within_hours)
        found["stale_after"] = dg.MetadataValue.timestamp(stale)
        found["lag_seconds"] = round((stream.finished_at - stream.started_at).total_seconds(), 1)
    if stream.as_of is not None:
        found["as_of"] = dg.MetadataValue.timestamp(stream.as_of)
    return found


def _usage(report: SyncReport) -> dict[str, Any]:
    """What this sync used of the source's limits, over all its streams."""
    if report.usage is None:
        return {}
    limits = {name: value for name, value in report.usage.limits.model_dump().items() if value is not None}
    found: dict[str, Any] = {"requests": report.usage.requests, "waited_seconds": report.usage.waited_seconds}
    found |= {"limits": ", ".join(f"{name} {value}" for name, value in limits.items()) or "none"}
    return found | ({"allowance": report.usage.allowance} if report.usage.allowance else {})
