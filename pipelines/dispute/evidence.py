"""What a dispute is judged by, gathered from the current release: everything about the score, nobody else's numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.dispute.anonymous import anonymised, without_ratings
from pipelines.dispute.claim import claim_lines
from pipelines.dispute.register import Register, dispute_id, find
from pipelines.explain.raw import RawRecords
from pipelines.explain.release import NotFound, Row, check, rows
from pipelines.explain.score import NEEDED as EXPLAINED
from pipelines.explain.score import Explanation, explain
from pipelines.explain.story import as_json as explanation_json
from pipelines.publish.releases import Release
from pipelines.publish.store import sha256
from pipelines.restatements import Restated, restatements

NEEDED = ("closed_period", "customer_decision", "restatement", "target_version")
"""Published tables that are read here, beside those of `explain` and of the register."""
_READ = frozenset((*NEEDED, *EXPLAINED, "dispute_register")) - {"release"}


@dataclass(frozen=True)
class Evidence:
    """A dispute with all that bears on it. explanation: without who rated.

    targets: rows of `target_version`; decisions: rows of `customer_decision` about the customers of the facts; closed:
    row of `closed_period`; checks: rule of the gate -> status, of the tables read; release: what identifies it.
    """

    dispute: Row
    register: Register
    explanation: Explanation
    targets: Sequence[Row]
    decisions: Sequence[Row]
    closed: Row | None
    restated: Sequence[Restated]
    checks: Mapping[str, str]
    gate: Mapping[str, Any]
    release: Mapping[str, Any]


def gather(con: duckdb.DuckDBPyConnection, asked: str, release: Release, raw: RawRecords) -> Evidence:
    """The evidence of one dispute. Raises NotFound (no such dispute, person or score) and NotPublished."""
    check(con, NEEDED)
    dispute, everything = find(con, asked)
    if dispute["employee_id"] is None:
        raise NotFound(
            f"dispute {dispute_id(dispute)} names an employee no source knows; see `unresolved_reference` of the gate, "
            "correct employee_key at the source and run again"
        )
    period = f"{dispute['period_type']} {dispute['period_start']}"
    found = anonymised(explain(con, dispute["employee_id"], period, raw))
    gate = release.manifest["gate"]
    checks = {rule: status for rule, status in sorted(gate.get("results", {}).items()) if _table(rule) in _READ}
    return Evidence(
        dispute=dispute,
        register=everything,
        explanation=found,
        targets=_targets(con, found),
        decisions=_decisions(con, found),
        closed=next(iter(rows(con, f"from closed_period where {_PERIOD}", _period(found))), None),
        restated=_restated(con, found),
        checks=checks,
        gate={name: gate[name] for name in ("passed", "rules", "failed", "errored")},
        release=_identity(release),
    )


_PERIOD = "period_type = ? and period_start = ?"


def _period(found: Explanation) -> list[Any]:
    return [found.score["period_type"], found.score["period_start"]]


def _table(rule: str) -> str:
    """The table of a rule of the gate, which the manifest calls `schema.table: rule`."""
    return rule.split(":")[0].split(".")[-1]


def _targets(con: duckdb.DuckDBPyConnection, found: Explanation) -> list[Row]:
    """Versions of the targets of the components' subjects: of the period, of those within it, and of its year."""
    score = found.score
    subjects = sorted({part.row["subject_id"] for part in _components(found) if part.row["subject_id"]})
    metrics = sorted({part.row["metric"] for part in _components(found)})
    return rows(
        con,
        """
        from target_version
        where list_contains(?::varchar[], subject_id) and list_contains(?::varchar[], metric)
            and (
                period_start between ? and ?
                or (period_type = 'year' and period_start <= ? and period_start > ?::date - interval 1 year)
            )
        order by subject_id, metric, period_start, period_type, version
        """,
        [subjects, metrics, score["period_start"], score["period_end"], score["period_start"], score["period_start"]],
    )


def _components(found: Explanation) -> list[Any]:
    return [component for part in found.parts for component in part.components]


def _decisions(con: duckdb.DuckDBPyConnection, found: Explanation) -> list[Row]:
    """What people decided about the records of the customers of the facts."""
    customers = sorted(
        {fact.row["customer_key"] for part in _components(found) for fact in part.facts if fact.row["customer_key"]}
    )
    return rows(
        con,
        """
        with record as (
            select source_system || ':' || source_key as record_id from customer_source
            where list_contains(?::varchar[], customer_key)
        )
        from customer_decision
        where record_id_l in (select record_id from record) or record_id_r in (select record_id from record)
        order by decision_no
        """,
        [customers],
    )


def _restated(con: duckdb.DuckDBPyConnection, found: Explanation) -> list[Restated]:
    first, last = found.score["period_start"], found.score["period_end"]
    booked = restatements(con, subject=found.score["employee_id"], details=True)
    return [value for value in without_ratings(booked) if first <= value.period_start <= last]


def _identity(release: Release) -> dict[str, Any]:
    """What identifies a release to somebody who has it: its id and hashes."""
    manifest = release.manifest
    return {
        "release_id": release.release_id,
        "created_at": manifest["created_at"],
        "as_of_date": manifest.get("as_of_date"),
        "content_hash": manifest["content_hash"],
        "configuration_hash": manifest["configuration_hash"],
        "code_commit": manifest["code"].get("commit"),
        "manifest_sha256": sha256(release.path / "manifest.json"),
        "tables": {name: table["sha256"] for name, table in sorted(release.tables.items()) if name in _READ},
    }


def as_json(found: Evidence) -> dict[str, Any]:
    """Everything for machines; the names of keys are a promise. Decimals become texts."""
    return {
        "dispute_id": dispute_id(found.dispute),
        "dispute": found.dispute,
        "release": found.release,
        "claim": {
            "status": found.dispute["claim_status"],
            "addition": found.dispute["claimed_addition"],
            "score_computed": found.dispute["score_computed"],
            "score_if_right": found.dispute["score_if_right"],
            "grade_if_right": found.dispute["grade_if_right"],
            "words_en": claim_lines(found.dispute, found.explanation, "en"),
            "words_zh": claim_lines(found.dispute, found.explanation, "zh"),
        },
        "explanation": explanation_json(found.explanation),
        "targets": list(found.targets),
        "customer_decisions": list(found.decisions),
        "closed_period": found.closed,
        "restatements": [value.to_json() for value in found.restated],
        "gate": {**found.gate, "results": dict(found.checks)},
    }
