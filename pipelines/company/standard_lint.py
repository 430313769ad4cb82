"""What an appraisal standard must agree on with itself, with the other standards of its role and with the company."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from itertools import combinations
from pathlib import Path

from pipelines.company import explain
from pipelines.company.documents import Document, Location
from pipelines.company.findings import Finding, error, warning
from pipelines.company.load import Company
from pipelines.company.standards import RATING, Standard, StandardVersion, Tenure

METRIC_REGISTRY = Path(__file__).parents[2] / "dbt_project" / "seeds" / "metric_registry.csv"
OPEN_END = date(9999, 12, 31)
Placed = tuple[Standard, int, StandardVersion, date]
"""A version with its standard, its place in the file and the day the next one begins."""


@cache
def known_metrics(registry: Path = METRIC_REGISTRY) -> frozenset[str]:
    """Metric ids of the dbt project's metric registry."""
    with registry.open(encoding="utf-8", newline="") as lines:
        return frozenset(row["metric"] for row in csv.DictReader(lines))


def standard_findings(company: Company) -> Iterator[Finding]:
    """Everything about the standards, file by file."""
    for standard in company.standards:
        yield from _standard(company, standard)
    yield from _bands(company)


def with_ends(standard: Standard) -> list[tuple[StandardVersion, date]]:
    """Each version with the first day it is no longer valid: where the next one begins."""
    ends = [version.valid_from for version in standard.versions[1:]] + [OPEN_END]
    return list(zip(standard.versions, ends, strict=True))


def _document(company: Company, standard: Standard) -> Document:
    return company.documents[f"standards/{standard.id}.yaml"]


def _standard(company: Company, standard: Standard) -> Iterator[Finding]:
    document = _document(company, standard)
    if standard.role not in company.settings.roles:
        message = f"company.yaml has no role '{standard.role}'"
        yield error(document, ("role",), message, explain.nearest(standard.role, company.settings.roles))
    for index, version in enumerate(standard.versions):
        at: Location = ("versions", index)
        yield from _weights(document, at, version)
        yield from _grades(document, at, version)
        for place, gate in enumerate(version.gates):
            if gate.metric is not None:
                yield from _metric(document, (*at, "gates", place), gate.metric)
        if version.ratings and not _is_rating_used(version):
            message = "nothing looks at the ratings"
            yield warning(document, (*at, "ratings"), message, "add a component with the metric rating, or a gate")
    yield from _review(company, document, standard)


def _weights(document: Document, at: Location, version: StandardVersion) -> Iterator[Finding]:
    total = sum((weight.weight for weight in version.weights), Decimal(0))
    if total != 100:
        yield error(document, (*at, "weights"), f"the weights sum to {total}, not to 100")
    at_start = sum((weight.starting_weight for weight in version.weights), Decimal(0))
    if version.ramp and at_start != 100:
        yield error(document, (*at, "weights"), f"the weights at the start of the ramp sum to {at_start}, not to 100")
    seen: set[str] = set()
    for index, weight in enumerate(version.weights):
        here = (*at, "weights", index)
        if weight.weight < 0:
            yield error(document, (*here, "weight"), f"a weight cannot be negative, found {weight.weight}")
        if weight.metric in seen:
            yield error(document, (*here, "metric"), f"'{weight.metric}' is weighed twice", "merge the two weights")
        if weight.metric != RATING:
            yield from _metric(document, here, weight.metric)
        seen.add(weight.metric)


def _is_rating_used(version: StandardVersion) -> bool:
    return any(one.metric == RATING for one in version.weights) or any(gate.rating for gate in version.gates)


def _metric(document: Document, at: Location, metric: str) -> Iterator[Finding]:
    if metric not in known_metrics():
        hint = explain.nearest(metric, known_metrics())
        yield error(document, (*at, "metric"), f"unknown metric '{metric}'", hint)


def _grades(document: Document, at: Location, version: StandardVersion) -> Iterator[Finding]:
    if version.is_forced:
        total = sum((grade.share_pct or Decimal(0) for grade in version.grades), Decimal(0))
        if total != 100:
            yield error(document, (*at, "grades"), f"the shares of the grades sum to {total}, not to 100")
        return
    borders = [grade.min_score or Decimal(0) for grade in version.grades]
    for index in range(1, len(borders)):
        if borders[index] >= borders[index - 1]:
            message = f"grades go from best to lowest, but {borders[index]} is not below {borders[index - 1]}"
            yield error(document, (*at, "grades", index, "min_score"), message)
    if min(borders) > 0:
        message = f"a score below {min(borders)} earns no grade"
        yield warning(document, (*at, "grades"), message, "give the lowest grade min_score 0")


def _review(company: Company, document: Document, standard: Standard) -> Iterator[Finding]:
    """Only of the version in force last: those before it have been looked at."""
    last, today = standard.versions[-1], company.as_of_date(datetime.now(UTC))
    if last.review_by and last.review_by < today:
        at: Location = ("versions", len(standard.versions) - 1, "review_by")
        message = f"version {last.version} was to be looked at again by {last.review_by}"
        yield warning(document, at, message, "add the version that follows it, or set a later day")


def _bands(company: Company) -> Iterator[Finding]:
    """Of one role and kind of period every person is judged by one version at a time."""
    placed = [
        (standard, index, version, end)
        for standard in company.standards
        for index, (version, end) in enumerate(with_ends(standard))
    ]
    for one, other in combinations(placed, 2):
        if one[0] is not other[0] and _judge_the_same(one, other):
            yield from _clash(company, one, other)
    for role, period_type in sorted({(one[0].role, one[2].period_type) for one in placed}):
        last = [one for one in placed if (one[0].role, one[2].period_type, one[3]) == (role, period_type, OPEN_END)]
        yield from _gap(company, last)


def _judge_the_same(one: Placed, other: Placed) -> bool:
    same = (one[0].role, one[2].period_type) == (other[0].role, other[2].period_type)
    return same and one[2].valid_from < other[3] and other[2].valid_from < one[3]


def _clash(company: Company, one: Placed, other: Placed) -> Iterator[Finding]:
    (first, _, earlier, _), (second, index, later, _) = one, other
    where = f"{first.id} version {earlier.version}"
    document, at = _document(company, second), ("versions", index)
    if _meet(earlier.tenure, later.tenure):
        message = f"judges people of the role {second.role} whom {where} judges at the same time"
        yield error(document, (*at, "tenure"), message, "part the two by tenure, or end one of them")
    elif earlier.tenure_on != later.tenure_on:
        message = f"counts months on the {later.tenure_on}, but {where} on the {earlier.tenure_on}"
        yield error(document, (*at, "tenure_on"), message, "count on the same day, so that nobody is judged twice")


def _meet(one: Tenure, other: Tenure) -> bool:
    return (other.below_months is None or one.from_months < other.below_months) and (
        one.below_months is None or other.from_months < one.below_months
    )


def _gap(company: Company, last: list[Placed]) -> Iterator[Finding]:
    reached = 0
    for standard, index, version, _ in sorted(last, key=lambda one: one[2].tenure.from_months):
        if version.tenure.from_months > reached:
            message = f"nobody judges the role {standard.role} from {reached} to {version.tenure.from_months} months"
            at: Location = ("versions", index, "tenure")
            yield warning(_document(company, standard), at, message, "let the bands of the role follow each other")
        if version.tenure.below_months is None:
            return
        reached = version.tenure.below_months
    if last:
        standard, index, _, _ = max(last, key=lambda one: one[2].tenure.from_months)
        message = f"nobody judges the role {standard.role} from {reached} months on"
        at = ("versions", index, "tenure")
        yield warning(_document(company, standard), at, message, "leave out the last below_months, or add a standard")
