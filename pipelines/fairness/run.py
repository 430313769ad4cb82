"""One audit from the data folder: score the period under the standard in a scratch database, then judge."""

from datetime import date, timedelta
from pathlib import Path

import duckdb

from pipelines.company.audits import Audit, RaterResult, content_hash
from pipelines.company.standards import RATING
from pipelines.fairness.audit import Subject, audit
from pipelines.fairness.measures import rounded
from pipelines.fairness.members import given_groups, members, with_unknown
from pipelines.paths import Home
from pipelines.whatif import Period, Trial, WhatIfError
from pipelines.whatif.scratch import models, score, scratch
from pipelines.whatif.trial import try_out
from pipelines.whatif.what_if import published

_RATERS = """
    select rater_employee_id, rater_kind, compared_ratings, leniency_points from appraisal_rater
    where period_type = ? and period_start = ? and rater_status = 'ok' and leniency_points is not null
    order by all
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
        raters = _raters(con, period) if RATING in [weight.metric for weight in version.weights] else []
        with scratch(home, period) as scores:
            try_out(scores, [trial])
            score(scores, models(home.dbt))
            people = members(scores, con, period, given)
    names = sorted({name for row in given.values() for name in row})
    return audit(subject, with_unknown(people, names), raters)


def _raters(con: duckdb.DuckDBPyConnection, period: Period) -> list[RaterResult]:
    rows = con.execute(_RATERS, [period.period_type, period.start]).fetchall()
    return [RaterResult(rater=row[0], kind=row[1], ratings=row[2], leniency=rounded(row[3])) for row in rows]
