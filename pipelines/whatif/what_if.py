"""One question answered: what a past period would have been under other standards."""

import time
from collections.abc import Mapping, Sequence

import duckdb

from pipelines.paths import Home
from pipelines.periods import Period
from pipelines.publish.releases import Release, ReleaseError, current
from pipelines.whatif.compare import Outcome, WhatIf, outcomes, people
from pipelines.whatif.cost import bonuses, cost_of
from pipelines.whatif.scratch import WhatIfError, models, score, scratch
from pipelines.whatif.trial import Trial, try_out

_SCORES, _BANDS = "warehouse.marts.appraisal_score", "warehouse.config.grade_band"


def what_if(home: Home, period: Period, trials: Sequence[Trial]) -> WhatIf:
    """The period under the trials beside what was published, and beside the official rules on the same data.

    The second run under the official rules is the control: where it gives something else than was published, the
    warehouse is not what the release was made from, and the answer says so. Raises WhatIfError where the period has no
    score, ReleaseError where nothing was published, WarehouseBusy while a build goes on.
    """
    began = time.monotonic()
    release = published(home)
    chosen = models(home.dbt)
    with duckdb.connect(str(home.published), read_only=True) as con:
        official = outcomes(con, "appraisal_score", None, period)
        check_period(con, period, official)
    with scratch(home, period) as con:
        score(con, chosen)
        now, paid = outcomes(con, _SCORES, _BANDS, period), bonuses(con)
        try_out(con, trials)
        score(con, chosen)
        tried, would_pay = outcomes(con, _SCORES, _BANDS, period), bonuses(con)
        cost = None if paid is None or would_pay is None else cost_of(con, paid, would_pay)
    with duckdb.connect(str(home.published), read_only=True) as con:
        found = people(con, period, official, now, tried)
    rules = tuple(trial.name for trial in trials)
    return WhatIf(period, release.release_id, rules, found, cost, round(time.monotonic() - began, 2))


def published(home: Home) -> Release:
    """The release that stands; ReleaseError where there is none."""
    release = current(home.root)
    if release is None:
        raise ReleaseError(f"nothing has been published in {home.root} yet; `scoreline run` does")
    return release


def check_period(con: duckdb.DuckDBPyConnection, period: Period, official: Mapping[str, Outcome]) -> None:
    """WhatIfError, with the periods there are, where the release `con` has no score of this one."""
    if official:
        return
    known = con.execute("select distinct period_type, period_start from appraisal_score order by all").fetchall()
    listed = ", ".join(f"{period_type} from {start}" for period_type, start in known[-8:]) or "no period at all"
    raise WhatIfError(f"nobody has a published score of {period.name}; there are scores of: {listed}")
