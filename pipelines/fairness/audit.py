"""The audit: groups side by side, what they say held against the rule, and the verdict."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pipelines.company.audits import (
    Audit,
    AuditFinding,
    AuditResult,
    AuditRule,
    GroupResult,
    RaterResult,
    SelectionRate,
)
from pipelines.fairness.decomposition import decompose
from pipelines.fairness.measures import decimal, fisher, holm, mean, welch, wilson
from pipelines.fairness.members import DIMENSIONS, UNKNOWN, Member
from pipelines.fairness.words import gap_words, leniency_words, rate_words

RULE = AuditRule(min_ratio=Decimal("0.8"), significance=Decimal("0.05"), min_group=5, max_leniency=Decimal(10))
"""Four fifths of the highest rate: Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D, which also
asks for significance where numbers are small. The other limits are ours."""
MIN_RATINGS = 3
"""Forms compared with those of others from which a rater is named."""
ROLE_GAP = ("gap", "gap_low", "gap_high")
"""What is said of roles: their components are not the same, so a gap between them has no such parts."""


@dataclass(frozen=True)
class Subject:
    """What is audited: id, version and hash of the standard, its grades from the best, the data it was tried on."""

    standard: str
    version: int
    content: str
    grades: tuple[str, ...]
    period: str
    release: str
    made_on: date


def audit(subject: Subject, everybody: Sequence[Member], raters: Sequence[RaterResult]) -> Audit:
    """The sealed audit. everybody: all with a score in the period; those of other standards count for roles alone.

    raters: those to be named, empty where the standard does not look at ratings. The order of people plays no part.
    """
    people = sorted(everybody, key=lambda one: one.employee_id)
    own = [one for one in people if one.standard_id == subject.standard]
    dimensions = sorted({name for one in own for name in one.groups} - set(DIMENSIONS))
    cuts = list(enumerate(subject.grades[:-1], 1))
    groups = [row for name in ("tenure", "region", "manager", *dimensions) for row in _dimension(name, own, cuts)]
    groups += _dimension("role", people, [(1, subject.grades[0])]) if own else []
    findings = [*_selection(groups), *_gaps(groups), *_leniency(raters)]
    return Audit(
        standard=subject.standard,
        version=subject.version,
        content=subject.content,
        period=subject.period,
        release=subject.release,
        made_on=subject.made_on,
        people=len(own),
        result=_result(findings, groups),
        rule=RULE,
        findings=sorted(findings, key=lambda one: one.level),
        groups=groups,
        raters=list(raters),
    ).sealed()


def _result(findings: Sequence[AuditFinding], groups: Sequence[GroupResult]) -> AuditResult:
    if any(one.level == "fail" for one in findings):
        return "fail"
    return "pass" if any(one.is_judged and one.dimension != "role" for one in groups) else "too_few_people"


def _dimension(name: str, people: Sequence[Member], cuts: Sequence[tuple[int, str]]) -> list[GroupResult]:
    """Every group of one dimension beside everybody else, by name, `unknown` last."""
    named: dict[str, list[Member]] = {}
    for one in people:
        named.setdefault(one.groups[name], []).append(one)
    names = sorted(named, key=lambda group: (group == UNKNOWN, group))
    others = {group: [one for one in people if one.groups[name] != group] for group in names}
    judged = {group for group in names if min(len(named[group]), len(others[group])) >= RULE.min_group}
    rates = _rates(named, others, judged, cuts)
    return [_group(name, group, named[group], others[group], group in judged, rates[group]) for group in names]


def _group(
    dimension: str,
    name: str,
    people: Sequence[Member],
    others: Sequence[Member],
    is_judged: bool,
    rates: list[SelectionRate],
) -> GroupResult:
    scores = [one.scored.score for one in people]
    about: dict[str, Any] = {"dimension": dimension, "group": name, "people": len(people), "is_judged": is_judged}
    about |= {"mean_score": decimal(mean(scores)), "rates": rates}
    gap = _gap(people, others) if others else {}
    if dimension == "role":
        gap = {name: value for name, value in gap.items() if name in ROLE_GAP}
    return GroupResult(**about, **gap)


def _gap(people: Sequence[Member], others: Sequence[Member]) -> dict[str, Any]:
    """The gap and its parts, rounded; results take what rounding leaves, so that they still add up."""
    gap = decompose([one.scored for one in people], [one.scored for one in others])
    interval = welch([one.scored.score for one in people], [one.scored.score for one in others])
    total = decimal(gap.total)
    parts = {
        "from_weights": decimal(gap.weights),
        "from_applied": decimal(gap.applied),
        "from_gates": decimal(gap.gates),
    }
    return {
        "gap": total,
        "gap_low": interval.low if interval else None,
        "gap_high": interval.high if interval else None,
        "from_results": total - sum(parts.values()),
        **parts,
        "by_metric": {metric: decimal(points) for metric, points in gap.by_metric},
    }


def _rates(
    named: Mapping[str, Sequence[Member]],
    others: Mapping[str, Sequence[Member]],
    judged: set[str],
    cuts: Sequence[tuple[int, str]],
) -> dict[str, list[SelectionRate]]:
    """Selection rates by group and grade. Ratio and p of groups big enough, where some are chosen and some not."""
    counts = {
        (group, position): (
            _chosen(people, position),
            len(people),
            _chosen(others[group], position),
            len(others[group]),
        )
        for group, people in named.items()
        for position, _ in cuts
    }
    tested = sorted(
        key for key in counts if key[0] in judged and 0 < counts[key][0] + counts[key][2] < sum(counts[key][1::2])
    )
    adjusted = dict(zip(tested, holm([fisher(*counts[key]) for key in tested]), strict=True))
    highest = {
        position: max((Fraction(counts[key][0], counts[key][1]) for key in tested if key[1] == position), default=None)
        for position, _ in cuts
    }
    return {
        group: [
            _rate(grade, *counts[group, position][:2], highest[position], adjusted.get((group, position)))
            for position, grade in cuts
        ]
        for group in named
    }


def _rate(grade: str, chosen: int, people: int, highest: Fraction | None, p_value: Fraction | None) -> SelectionRate:
    interval = wilson(chosen, people)
    rate = Fraction(chosen, people)
    return SelectionRate(
        grade=grade,
        chosen=chosen,
        rate=decimal(rate),
        low=interval.low,
        high=interval.high,
        ratio=decimal(rate / highest) if p_value is not None and highest else None,
        p_value=decimal(p_value) if p_value is not None else None,
    )


def _chosen(people: Sequence[Member], position: int) -> int:
    return sum(one.position <= position for one in people)


def _selection(groups: Sequence[GroupResult]) -> Iterator[AuditFinding]:
    """Rates below four fifths of the highest, of each group the least likely by chance.

    Roles have standards of their own: of them only to think about.
    """
    for group in groups:
        low = [
            (rate.p_value, rate.ratio, rate)
            for rate in group.rates
            if rate.ratio is not None and rate.p_value is not None and rate.ratio < RULE.min_ratio
        ]
        if low:
            p_value, _, rate = min(low, key=lambda one: one[:2])
            is_sure = p_value < RULE.significance and group.dimension != "role"
            words = rate_words(group, rate)
            yield _finding("fail" if is_sure else "watch", "selection_rate", group.dimension, group.group, *words)


def _gaps(groups: Sequence[GroupResult]) -> Iterator[AuditFinding]:
    for group in groups:
        if not group.is_judged or group.gap_low is None or group.gap_high is None or group.dimension == "role":
            continue
        if not group.gap_low <= 0 <= group.gap_high:
            yield _finding("watch", "score_gap", group.dimension, group.group, *gap_words(group))


def _leniency(raters: Sequence[RaterResult]) -> Iterator[AuditFinding]:
    for rater in raters:
        if rater.ratings >= MIN_RATINGS and abs(rater.leniency) >= RULE.max_leniency:
            yield _finding("watch", "leniency", "rater", rater.rater, *leniency_words(rater))


def _finding(level: Any, kind: Any, dimension: str, group: str, en: str, zh: str) -> AuditFinding:
    return AuditFinding(level=level, kind=kind, dimension=dimension, group=group, en=en, zh=zh)
