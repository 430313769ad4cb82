"""What an incentive plan must agree on with the rest of the company folder."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain

from pipelines.company import explain
from pipelines.company.documents import Document, Location
from pipelines.company.findings import Finding, error, warning
from pipelines.company.incentives import Plan, PlanVersion
from pipelines.company.load import Company
from pipelines.company.standard_lint import known_metrics
from pipelines.company.standards import RATING, Grade, Standard
from pipelines.periods import starts_period


def incentive_findings(company: Company) -> Iterator[Finding]:
    """Everything about the plans, file by file."""
    for plan in company.plans:
        yield from _plan(company, plan)


def _plan(company: Company, plan: Plan) -> Iterator[Finding]:
    document = company.documents[f"incentives/{plan.id}.yaml"]
    for index, version in enumerate(plan.versions):
        at: Location = ("versions", index)
        yield from _roles(company, document, at, version)
        yield from _begin(company, document, at, plan, version)
        yield from _grades(company, document, at, plan, version)
        yield from _courses(document, at, version)
    yield from _review(company, document, plan)


def _roles(company: Company, document: Document, at: Location, version: PlanVersion) -> Iterator[Finding]:
    known = company.settings.roles
    asked = [((*at, "roles", place), role) for place, role in enumerate(version.roles)]
    if version.promotion and version.promotion.to_role:
        asked.append(((*at, "promotion", "to_role"), version.promotion.to_role))
    for where, role in asked:
        if role not in known:
            yield error(document, where, f"company.yaml has no role '{role}'", explain.nearest(role, known))


def _begin(company: Company, document: Document, at: Location, plan: Plan, version: PlanVersion) -> Iterator[Finding]:
    """A version that begins inside a period pays only from the next one on."""
    if not starts_period(plan.period_type, version.valid_from, company.settings.fiscal_year_start_month):
        message = f"{version.valid_from} is not the first day of a {plan.period_type}"
        hint = "periods are paid by the version in force on their first day; begin with a period"
        yield error(document, (*at, "valid_from"), message, hint)


def _grades(company: Company, document: Document, at: Location, plan: Plan, version: PlanVersion) -> Iterator[Finding]:
    standards = [one for one in company.standards if one.role in version.roles]
    known = {grade.grade for one in standards for grade in _graded(one, plan.period_type)}
    bonus = [((*at, "bonus", "grades"), grade) for grade in (version.bonus.grades if version.bonus else ())]
    promotion = [
        ((*at, "promotion", "grades", place), grade)
        for place, grade in enumerate(version.promotion.grades if version.promotion else ())
    ]
    for where, grade in (*bonus, *promotion):
        if grade not in known:
            message = f"no standard grades these roles by the {plan.period_type} with '{grade}'"
            yield error(document, where, message, explain.nearest(grade, known) if known else "add a standard for them")
    if version.training and not known:
        message = f"no standard judges these roles by the {plan.period_type}"
        yield warning(document, (*at, "training"), message, "training is suggested by components of a standard")


def _graded(standard: Standard, period_type: str) -> Iterator[Grade]:
    return chain.from_iterable(one.grades for one in standard.versions if one.period_type == period_type)


def _courses(document: Document, at: Location, version: PlanVersion) -> Iterator[Finding]:
    for place, one in enumerate(version.training.courses if version.training else ()):
        if one.metric != RATING and one.metric not in known_metrics():
            hint = explain.nearest(one.metric, known_metrics())
            where = (*at, "training", "courses", place, "metric")
            yield error(document, where, f"unknown metric '{one.metric}'", hint)


def _review(company: Company, document: Document, plan: Plan) -> Iterator[Finding]:
    """Only of the version in force last: those before it have been looked at."""
    last, today = plan.versions[-1], company.as_of_date(datetime.now(UTC))
    if last.review_by and last.review_by < today:
        at: Location = ("versions", len(plan.versions) - 1, "review_by")
        message = f"version {last.version} was to be looked at again by {last.review_by}"
        yield warning(document, at, message, "add the version that follows it, or set a later day")
