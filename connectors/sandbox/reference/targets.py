"""Targets: of the versions in effect on the period's last day (today, while it runs) the highest counts.

Where the company counts pro rata, a person's target of a metric that adds up counts by the working days posted.
"""

from datetime import date, timedelta
from decimal import Decimal

from connectors.sandbox.company import Target
from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import UNASSIGNED, half_up, period_end


def in_effect(truth: Truth) -> dict[tuple[str, str, str, date, str], Target]:
    """The version that counts, by subject type, subject, period type, period start and metric."""
    best: dict[tuple[str, str, str, date, str], Target] = {}
    for target in truth.company.targets:
        key = (target.subject_type, target.subject_ref, target.period_type, target.period_start, target.metric)
        if _is_in_effect(truth, target) and (key not in best or target.version > best[key].version):
            best[key] = target
    return best


def _is_in_effect(truth: Truth, target: Target) -> bool:
    last = period_end(target.period_type, target.period_start) - timedelta(days=1)
    asked = max(target.period_start, min(last, truth.company.as_of))
    return max(target.effective or target.period_start, target.period_start) <= asked


def counted(truth: Truth, target: Target, *, additive: bool) -> Decimal:
    """The target's value, by the days posted where these count."""
    if not truth.pro_rata or not additive or target.subject_type != "employee":
        return target.value
    if not truth.organisation.postings.get(target.subject_ref):
        return target.value
    end = period_end(target.period_type, target.period_start)
    days = [target.period_start + timedelta(days=n) for n in range((end - target.period_start).days)]
    working = [day for day in days if truth.is_working_day(day)]
    posted = [day for day in working if truth.organisation.path(target.subject_ref, day, "as_was") != [UNASSIGNED]]
    return half_up(target.value * len(posted) / len(working), 6)
