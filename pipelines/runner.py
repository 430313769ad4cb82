"""Runs Dagster jobs in this process, in the same run history the web UI shows, and says how they ended."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dagster as dg
import yaml
from dagster import DagsterInstance, DagsterRunStatus, RunsFilter
from sqlalchemy import event
from sqlalchemy.engine import Engine

from pipelines.paths import Home

PID_TAG = "scoreline/pid"
"""Process that runs the job, with its start time: a run whose process is gone is dead, whatever its status says."""

INSTANCE_SETTINGS: dict[str, Any] = {
    "telemetry": {"enabled": False},
    "nux": {"enabled": False},
    # Every pool holds one step at a time: the warehouse file takes one writer, a source takes one sync.
    "concurrency": {"pools": {"default_limit": 1, "granularity": "op"}},
    "run_monitoring": {"enabled": True, "free_slots_after_run_end_seconds": 60},
    "run_coordinator": {"module": "dagster.core.run_coordinator", "class": "QueuedRunCoordinator"},
}


QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""The run history keeps every event; the terminal shows what the command itself says."""


@dataclass
class Outcome:
    """How one job ended. `failures`: step -> message. `refused`: a gate rule stopped it, and no accident."""

    job: str
    run_id: str
    success: bool
    failures: dict[str, str] = field(default_factory=dict)
    refused: bool = False
    refusal: str = ""
    """What the gate said: rules, tables and rows."""
    metadata: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Asset key (with slashes) -> metadata of its materialization."""


def write_instance_settings(home: Home) -> Path:
    """DAGSTER_HOME of this data folder with its dagster.yaml; safe to repeat. Returns the folder."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    settings = home.dagster / "dagster.yaml"
    text = yaml.safe_dump(INSTANCE_SETTINGS, sort_keys=False)
    if not settings.exists() or settings.read_text(encoding="utf-8") != text:
        temporary = settings.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(settings)
    return home.dagster


@event.listens_for(Engine, "connect")
def _no_wait_for_disk(connection: Any, _: Any) -> None:
    """Dagster opens its SQLite files anew for every event and would wait for the disk each time.

    With the write-ahead log it uses, a killed process loses nothing by this; only a power cut may cost the last events.
    """
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = off")


@contextlib.contextmanager
def instance_of(home: Home) -> Iterator[DagsterInstance]:
    """The Dagster instance of this data folder; runs whose process was killed are closed first."""
    os.environ["DAGSTER_HOME"] = str(write_instance_settings(home))
    with DagsterInstance.get() as instance:
        close_dead_runs(instance)
        yield instance


def close_dead_runs(instance: DagsterInstance) -> list[str]:
    """Mark runs of killed processes as failed and free what they held. Returns their run ids."""
    unfinished = [DagsterRunStatus.STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.NOT_STARTED]
    dead = []
    for run in instance.get_runs(RunsFilter(statuses=unfinished)):
        process = run.tags.get(PID_TAG)
        if process and not _alive(process):
            instance.report_run_failed(run, "the process running it was killed")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
            dead.append(run.run_id)
    return dead


def run_job(
    definitions: dg.Definitions,
    instance: DagsterInstance,
    home: Home,
    job: str,
    *,
    assets: Sequence[dg.AssetKey] | None = None,
    config: Mapping[str, Any] | None = None,
) -> Outcome:
    """Execute one job here and now; never raises for a failing step, the outcome tells.

    What libraries print meanwhile (dbt's own log) goes to `logs/<job>.log` of the data folder.
    """
    with _chatter_to(home.logs / f"{job}.log"):
        result = definitions.resolve_job_def(job).execute_in_process(
            instance=instance,
            asset_selection=list(assets) if assets is not None else None,
            run_config={**QUIET, **(config or {})},
            tags={PID_TAG: _own_process()},
            raise_on_error=False,
        )
    return _outcome(job, result)


@contextlib.contextmanager
def _chatter_to(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as log, contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        yield


def _outcome(job: str, result: dg.ExecuteInProcessResult) -> Outcome:
    outcome = Outcome(job, result.run_id, result.success)
    for happened in result.all_events:
        if happened.is_step_failure and happened.step_key:
            outcome.failures[happened.step_key] = _failure_text(happened)
        elif happened.is_step_materialization:
            materialization = happened.step_materialization_data.materialization
            key = "/".join(materialization.asset_key.path)
            outcome.metadata[key] = {name: value.value for name, value in materialization.metadata.items()}
    evaluations = result.get_asset_check_evaluations()
    broken = [evaluation for evaluation in evaluations if not evaluation.passed]
    outcome.refused = not result.success and bool(broken)
    outcome.refusal = next((str(e.metadata["report"].value) for e in broken if "report" in e.metadata), "")
    if outcome.refused and not outcome.refusal:
        outcome.refusal = "\n".join(_plain(evaluation) for evaluation in broken)
    return outcome


def _plain(evaluation: dg.AssetCheckEvaluation) -> str:
    """A broken dbt test, which brings no report of its own."""
    table = "/".join(evaluation.asset_key.path)
    details = "; ".join(f"{name}={value.value}" for name, value in sorted(evaluation.metadata.items()))
    return f"GATE REFUSED: {table}: {evaluation.check_name} is broken ({details})"


def _failure_text(failed: dg.DagsterEvent) -> str:
    data = failed.step_failure_data
    described = data.user_failure_data.description if data.user_failure_data else None
    if described:
        return described
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip() if error else "no reason given"


def _own_process() -> str:
    return f"{os.getpid()}:{_started(os.getpid())}"


def _alive(process: str) -> bool:
    pid, _, started = process.partition(":")
    return _started(int(pid)) == started


def _started(pid: int) -> str:
    """Start time of a process in clock ticks since boot ('gone': no such process), since process ids are used again.

    Where there is no /proc only the process's existence counts.
    """
    if Path("/proc/self/stat").exists():
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
        except OSError:
            return "gone"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return "gone"
    return "running"
