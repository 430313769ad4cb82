"""What the commands print: syncs, runs, differences between releases. Plain text, one fact a line."""

from collections.abc import Iterable, Mapping
from typing import Any

from pipelines.main_job import RunResult
from pipelines.publish.releases import ReleaseDiff, TableDiff
from pipelines.runner import Outcome


def render_syncs(outcomes: Iterable[Outcome]) -> str:
    """One line per stream that landed something, one per source that had no news, the reason for every failure."""
    return "\n".join(line for outcome in outcomes for line in _sync_lines(outcome))


def _sync_lines(outcome: Outcome) -> list[str]:
    source = outcome.job.removeprefix("sync_")
    landed = {key: meta for key, meta in outcome.metadata.items() if meta.get("landed_rows")}
    rows = sum(meta["landed_rows"] for meta in landed.values())
    lines = [f"{source}: {rows} rows landed from {len(landed)} of {len(outcome.metadata)} streams"]
    for key, meta in landed.items():
        gone = f", {meta['deleted_rows']} deleted at the source" if meta["deleted_rows"] else ""
        lines.append(f"  {key}: {meta['landed_rows']} rows{gone} ({meta['dagster/row_count']} live)")
    lines += [f"  FAILED {message}" for message in outcome.failures.values()]
    return lines


def render_run(result: RunResult) -> str:
    """Syncs, then the gate's word or the failure, then which release stands."""
    lines = [render_syncs(result.syncs), ""]
    if result.build.refused:
        lines.append(result.build.refusal)
    else:
        lines += [f"FAILED {step}: {message}" for step, message in result.build.failures.items()]
    if result.pending_restatements:
        lines.append(
            f"{result.pending_restatements} values of closed periods differ from what was closed and wait for an "
            "approval (关账期间有数值待批准): `scoreline restatements`"
        )
    lines.append(_last_line(result))
    return "\n".join(lines).strip()


def _last_line(result: RunResult) -> str:
    if result.release is None:
        return "No release has been published yet."
    name, path = result.release.release_id, result.release.path
    if result.status == "published":
        text = f"Published release {name} in {path}"
    elif result.status == "confirmed":
        text = f"Nothing changed: release {name} is confirmed, no new one was written"
    else:
        text = f"Release {name} still stands"
    down = [outcome.job.removeprefix("sync_") for outcome in result.syncs if not outcome.success]
    if down:
        text += f". Source(s) not up to date: {', '.join(down)}; see mart source_freshness"
    return text


def render_diff(diff: ReleaseDiff) -> str:
    """Table by table: rows added, removed, changed, with the first changes by key."""
    return "\n".join(line for table in diff.tables for line in _table_lines(table)) or "no differences"


def _table_lines(table: TableDiff) -> list[str]:
    lines = [f"{table.table}: {table.added} added, {table.removed} removed, {table.changed} changed"]
    if table.note:
        lines[0] += f" ({table.note})"
    lines += [f"  + {_key(key)}" for key in table.added_keys]
    lines += [f"  - {_key(key)}" for key in table.removed_keys]
    lines += [f"  ~ {_key(change.key)}: {change.column} {change.old} -> {change.new}" for change in table.changes]
    return lines


def _key(key: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in key.items())
