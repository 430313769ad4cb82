"""Fairness audits in the company folder: `standards/audits/<id>-v<version>.yaml`, one per audited version.

`scoreline fairness` writes them, people add waivers, `scoreline check` reads them (`audit_lint`). What the numbers mean
stands in docs/fairness.md.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError

from pipelines.company.documents import ConfigProblem, Document, read_document
from pipelines.company.explain import problems_of
from pipelines.company.models import Identifier, Model, Text
from pipelines.company.standards import Standard, StandardVersion

FOLDER = "standards/audits"
AuditResult = Literal["pass", "fail", "too_few_people"]
NOT_JUDGED = ("approved_by", "review_by", "valid_from", "version")
"""Fields of a version that move nobody's score, so an audit holds whatever they say."""


class Waiver(Model):
    """Why a standard that failed its audit is used all the same."""

    by: Text = Field(description="Who answers for it: a person's name.")
    reason: str = Field(min_length=10, description="Why, in words others can judge.")
    on: date = Field(description="Day it was written.")


class AuditFinding(Model):
    """One thing the audit found. level fail makes the audit fail, watch is for people to think about."""

    level: Literal["fail", "watch"] = Field(description="fail or watch.")
    kind: Literal["selection_rate", "score_gap", "leniency"] = Field(description="Which test found it.")
    dimension: Text = Field(description="tenure, role, region, manager, rater, or a column of the given groups.")
    group: Text = Field(description="The group, or the rater.")
    en: Text = Field(description="In English.")
    zh: Text = Field(description="In Chinese.")


class SelectionRate(Model):
    """How many of a group reach a grade or better."""

    grade: Text = Field(description="This grade or a better one.")
    chosen: int = Field(ge=0, description="People who reach it.")
    rate: Decimal = Field(description="Their share of the group.")
    low: Decimal = Field(description="Lower end of the rate's interval (Wilson, 95 percent).")
    high: Decimal = Field(description="Upper end.")
    ratio: Decimal | None = Field(
        default=None, description="Rate by that of the group with the highest; null for groups too small to judge."
    )
    p_value: Decimal | None = Field(
        default=None, description="Fisher's exact test against everybody else, adjusted by Holm within the dimension."
    )


class GroupResult(Model):
    """One group beside everybody else."""

    dimension: Text = Field(description="See findings.")
    group: Text = Field(description="The group.")
    people: int = Field(ge=1, description="People with a score.")
    is_judged: bool = Field(description="False where it, or everybody else, is too small to judge.")
    mean_score: Decimal = Field(description="Average score.")
    gap: Decimal | None = Field(default=None, description="Average less that of everybody else; null: nobody else.")
    gap_low: Decimal | None = Field(default=None, description="Lower end of the gap's interval (Welch, 95 percent).")
    gap_high: Decimal | None = Field(default=None, description="Upper end.")
    from_results: Decimal | None = Field(default=None, description="Of the gap: if all components counted alike.")
    from_weights: Decimal | None = Field(default=None, description="Of the gap: what the standard's weights add.")
    from_applied: Decimal | None = Field(
        default=None,
        description="Of the gap: weights that differ by ramps, divided periods, dropped components.",
    )
    from_gates: Decimal | None = Field(default=None, description="Of the gap: what gates take.")
    by_metric: dict[str, Decimal] = Field(default_factory=dict, description="Of the gap: each component's part.")
    rates: list[SelectionRate] = Field(default_factory=list, description="By grade, the best first.")


class RaterResult(Model):
    """One kind of raters in the period, or one rater of a kind that is promised no anonymity."""

    rater: Text = Field(description="Employee id, or `all`: the kind as a whole.")
    kind: Text = Field(description="Kind of rater.")
    ratings: int = Field(ge=0, description="Forms compared with those of others.")
    leniency: Decimal = Field(description="Average of own points less those of all other raters of the same people.")


class AuditRule(Model):
    """What was held against the numbers."""

    min_ratio: Decimal = Field(description="Least ratio of selection rates.")
    significance: Decimal = Field(description="A lower ratio fails where the p-value is below this.")
    min_group: int = Field(description="Fewer people are shown, but not judged.")
    max_leniency: Decimal = Field(description="Points of leniency from which a rater is named.")


class Audit(Model):
    """`standards/audits/<id>-v<version>.yaml`: what a version would have meant for whom, and the verdict."""

    standard: Identifier = Field(description="Id of the standard.")
    version: int = Field(ge=1, description="Version that was audited.")
    content: Text = Field(description="SHA-256 of what decides scores in that version (see content_hash).")
    period: Text = Field(description="Past period that was scored.")
    release: Text = Field(description="Release whose data were scored.")
    made_on: date = Field(description="Day of the audit, in the company's calendar.")
    people: int = Field(ge=0, description="People the standard judges in the period.")
    result: AuditResult = Field(description="pass, fail, or too_few_people to judge any two groups.")
    rule: AuditRule = Field(description="Limits the audit was made with.")
    findings: list[AuditFinding] = Field(description="What was found, failures first.")
    groups: list[GroupResult] = Field(description="All groups with their numbers.")
    raters: list[RaterResult] = Field(default_factory=list, description="Raters, where the standard looks at ratings.")
    seal: str = Field(default="", description="SHA-256 of all of the above, so that an edited figure is noticed.")
    waiver: Waiver | None = Field(default=None, description="Written by a person where the result is fail.")

    @property
    def file(self) -> str:
        """Its place in the company folder."""
        return audit_file(self.standard, self.version)

    def sealed(self) -> "Audit":
        """The same with its seal."""
        return self.model_copy(update={"seal": self.expected_seal()})

    def expected_seal(self) -> str:
        """The seal these figures must have."""
        return _hash(self.model_dump(exclude={"seal", "waiver"}))


def audit_file(standard: str, version: int) -> str:
    """Where the audit of a version lies in the company folder."""
    return f"{FOLDER}/{standard}-v{version}.yaml"


def content_hash(standard: Standard, version: StandardVersion) -> str:
    """SHA-256 of what decides scores: role and version without number, dates, approver; independent of layout."""
    return _hash({"id": standard.id, "role": standard.role, **version.model_dump(exclude=set(NOT_JUDGED))})


def read_audits(root: Path) -> tuple[list[tuple[Audit, Document]], list[ConfigProblem]]:
    """All valid audits of a company folder, each with its document, and what is wrong with the others."""
    found, problems = [], []
    for path in sorted((root / FOLDER).glob("*.yaml")):
        document = read_document(root, path)
        problems += document.problems
        if document.data is None:
            continue
        try:
            found.append((Audit.model_validate(document.data), document))
        except ValidationError as error:
            problems += problems_of(error, document, Audit)
    return found, problems


def write_audit(root: Path, audit: Audit) -> tuple[Path, bool]:
    """Write the audit to its place; returns the file, and whether a waiver that stood there was kept.

    A waiver is kept where it answers the same: the same content with the same failures. Otherwise it is left out, as
    what it excused is no longer what was found.
    """
    before = next((one for one, _ in read_audits(root)[0] if one.file == audit.file), None)
    kept = before is not None and before.waiver is not None and _excuses(before) == _excuses(audit)
    if before is not None and kept:
        audit = audit.model_copy(update={"waiver": before.waiver})
    path = root / audit.file
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.write_text(_HEAD + audit_yaml(audit), encoding="utf-8")
    temporary.replace(path)
    return path, kept


def audit_yaml(audit: Audit) -> str:
    """The audit as YAML, in the order of its fields; equal audits give equal bytes."""
    data = audit.model_dump(exclude_none=True)
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)


_HEAD = """\
# Written by `scoreline fairness`; figures are sealed. Where the result is fail, a person may add at the end:
# 由 `scoreline fairness` 生成，数字已封存。若结果为 fail，可由负责人在文末补充书面豁免：
#   waiver: {by: NAME, reason: WHY, on: 2026-01-31}
"""


class _Dumper(yaml.SafeDumper):
    """Safe YAML with exact decimals as plain numbers."""


def _number(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", f"{value:f}" if "." in f"{value:f}" else f"{value:f}.0")


_Dumper.add_representer(Decimal, _number)


def _excuses(audit: Audit) -> tuple[str, list[tuple[str, str, str]]]:
    failures = [one for one in audit.findings if one.level == "fail"]
    return audit.content, sorted((one.kind, one.dimension, one.group) for one in failures)


def _hash(data: Any) -> str:
    text = json.dumps(_plain(data), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Decimals without trailing zeros: 0.5 and 0.50 are one number."""
    if isinstance(value, Decimal):
        return f"{value.normalize() + 0:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value
