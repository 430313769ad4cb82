"""What the gate says: one result per rule, and the verdict over all of them.

Plain data that anybody may import cheaply; Great Expectations is not needed to read a verdict.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Status = Literal["passed", "failed", "errored"]
Severity = Literal["critical", "warning"]
SAMPLE_ROWS = 10
"""How many offending rows a result shows."""


@dataclass(frozen=True)
class RuleResult:
    """One rule on one table. `failing_count` counts offending rows; `sample_rows` shows up to ten of them by key.

    A rule that could not run is `errored` whatever its severity; `observed` then holds the error.
    """

    rule: str
    table: str
    description_en: str
    description_zh: str
    severity: Severity
    status: Status
    expected: str
    observed: str
    failing_count: int = 0
    sample_rows: tuple[Mapping[str, Any], ...] = ()
    next_step: str = ""


@dataclass(frozen=True)
class Verdict:
    """The gate's answer for one candidate. Only a verdict without failed and errored rules lets it be published."""

    failed: tuple[RuleResult, ...]
    errored: tuple[RuleResult, ...]
    warned: tuple[RuleResult, ...]
    passed_rules: tuple[RuleResult, ...]
    candidate: str
    """Fingerprint of the warehouse file that was judged; publishing refuses any other. Empty: only some tables were."""
    docs: Path | None = None
    timings: Mapping[str, float] = field(default_factory=dict)
    """Seconds by step."""

    @property
    def passed(self) -> bool:
        """May the candidate be published? Warnings do not stop it."""
        return not self.failed and not self.errored

    @property
    def results(self) -> tuple[RuleResult, ...]:
        """Every rule, worst first."""
        return (*self.errored, *self.failed, *self.warned, *self.passed_rules)

    def summary(self) -> dict[str, Any]:
        """The verdict as the manifest keeps it."""
        return {
            "passed": self.passed,
            "rules": len(self.results),
            "failed": len(self.failed),
            "errored": len(self.errored),
            "warned": [_brief(result) for result in self.warned],
            "results": {f"{result.table}: {result.rule}": result.status for result in self.results},
        }


def judge(results: tuple[RuleResult, ...], candidate: str) -> Verdict:
    """The verdict over all results on one candidate (its `fingerprint`)."""
    failed = tuple(result for result in results if result.status == "failed")
    return Verdict(
        failed=tuple(result for result in failed if result.severity == "critical"),
        errored=tuple(result for result in results if result.status == "errored"),
        warned=tuple(result for result in failed if result.severity == "warning"),
        passed_rules=tuple(result for result in results if result.status == "passed"),
        candidate=candidate,
    )


def fingerprint(warehouse: Path) -> str:
    """Tells one state of the warehouse file from the next; reading the file does not change it."""
    state = warehouse.stat()
    return f"{state.st_size}-{state.st_mtime_ns}"


def render(verdict: Verdict) -> str:
    """The verdict for a terminal: what broke where, how often, which rows, and what to do next."""
    lines = [_headline(verdict)]
    for title, results in (
        ("RULES THAT COULD NOT RUN", verdict.errored),
        ("BROKEN RULES", verdict.failed),
        ("WARNINGS", verdict.warned),
    ):
        if results:
            lines += ["", title]
        for group in grouped(results):
            lines += _entry(group[0]) if len(group) == 1 else _shared_entry(group)
    if verdict.docs:
        lines += ["", f"Report: {verdict.docs}"]
    return "\n".join(lines)


def _headline(verdict: Verdict) -> str:
    counts = f"{len(verdict.passed_rules)} of {len(verdict.results)} rules passed"
    if verdict.passed:
        return f"GATE PASSED: {counts}" + (f", {len(verdict.warned)} warning(s)" if verdict.warned else "")
    return (
        f"GATE REFUSED: {counts}, {len(verdict.failed)} broken, {len(verdict.errored)} could not run. "
        "Nothing was published; the last release stands."
    )


def grouped(results: tuple[RuleResult, ...]) -> list[list[RuleResult]]:
    """Rules of one table that could not run for the same reason together, every other rule alone."""
    shared: dict[tuple[str, str], list[RuleResult]] = {}
    for result in results:
        reason = result.observed if result.status == "errored" else f"rule {result.rule}"
        shared.setdefault((result.table, reason), []).append(result)
    return list(shared.values())


def _shared_entry(results: list[RuleResult]) -> list[str]:
    first = results[0]
    return [
        f"  {first.table}: {len(results)} rules could not run: {', '.join(result.rule for result in results)}",
        f"    observed: {first.observed}",
        f"    next: {first.next_step}",
    ]


def _entry(result: RuleResult) -> list[str]:
    what = "could not run" if result.status == "errored" else f"{result.failing_count} row(s)"
    lines = [
        f"  {result.table}: {result.rule} - {what}",
        f"    {result.description_en} / {result.description_zh}",
        f"    expected: {result.expected}",
        f"    observed: {result.observed}",
    ]
    lines += [f"      {_row(row)}" for row in result.sample_rows]
    hidden = result.failing_count - len(result.sample_rows)
    if result.sample_rows and hidden > 0:
        lines.append(f"      ... and {hidden} more")
    if result.next_step:
        lines.append(f"    next: {result.next_step}")
    return lines


def _row(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={'null' if value is None else value}" for key, value in row.items())


def _brief(result: RuleResult) -> dict[str, Any]:
    return {
        "rule": result.rule,
        "table": result.table,
        "description": result.description_en,
        "failing_count": result.failing_count,
        "observed": result.observed,
    }
