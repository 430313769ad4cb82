"""One audit from the data folder: score the period under the standard in a scratch database, then judge."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb

from pipelines.company.audits import Audit, RaterResult, content_hash
from pipelines.company.standards import RATING, StandardVersion
from pipelines.fairness.audit import Subject, audit
from pipelines.fairness.measures import decimal, rounded
from pipelines.fairness.members import given_groups, members, with_unknown
from pipelines.paths import Home
from pipelines.periods import Period
from pipelines.whatif import Trial, WhatIfError
from pipelines.whatif.scratch import models, score, scratch
from pipelines.whatif.trial import try_out
from pipelines.whatif.what_if import published

SELF, EVERYBODY = "self", "all"
_RATERS = """
    select rater_employee_id, rater_kind, compared_ratings, leniency_points from appraisal_rater
    where period_type = ? and period_start = ? and rater_status = 'ok' and leniency_points is not null
        and compared_ratings > 0
    order by rater_kind, rater_employee_id
"""


def audit_standard(home: Home, trial: Trial, period: Period, made_on: date, groups: Path | None = None) -> Audit:
    """The audit of the trial's standard on the period. groups: a CSV file of further groups, see `given_groups`.

    Raises WhatIfError, ReleaseError and WarehouseBusy as `what_if` does.
    """
    if period.next_start > made_on + timedelta(days=1):
        raise WhatIfError(f"{period.name} is not over; audit a standard on a {period.period_type} that is")
    release = published(home)
    standard, version = trial.standard, trial.version
    subject = Subject(
        standard=standard.id,
        version=version.version,
        content=content_hash(standard, version),
        grades=tuple(grade.grade for grade in version.grades),
        period=period.name,
        release=release.release_id,
        made_on=made_on,
    )
    with duckdb.connect(str(home.published), read_only=True) as con:
        given = given_groups(groups, con) if groups else {}
        raters = _raters(con, period, version) if RATING in [weight.metric for weight in version.weights] else []
        with scratch(home, period) as scores:
            try_out(scores, [trial])
            score(scores, models(home.dbt))
            people = members(scores, con, period, given)
    names = sorted({name for row in given.values() for name in row})
    return audit(subject, with_unknown(people, names), raters)


def _raters(con: duckdb.DuckDBPyConnection, period: Period, version: StandardVersion) -> list[RaterResult]:
    """Every kind as a whole, and the raters of kinds that are promised no anonymity and judge others."""
    rows = con.execute(_RATERS, [period.period_type, period.start]).fetchall()
    unnamed = {SELF, *(version.ratings.anonymous if version.ratings else ())}
    kinds = sorted({kind for _, kind, _, _ in rows})
    return [_kind(kind, [(forms, mild) for _, other, forms, mild in rows if other == kind]) for kind in kinds] + [
        RaterResult(rater=rater, kind=kind, ratings=forms, leniency=rounded(mild))
        for rater, kind, forms, mild in rows
        if kind not in unnamed
    ]


def _kind(kind: str, forms: list[tuple[int, Decimal]]) -> RaterResult:
    """Raters of one kind as one, each counting by the forms compared."""
    total = sum(number for number, _ in forms)
    leniency = sum((Fraction(mild) * number for number, mild in forms), Fraction(0)) / total
    return RaterResult(rater=EVERYBODY, kind=kind, ratings=total, leniency=decimal(leniency))
