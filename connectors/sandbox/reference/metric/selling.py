"""Leads and opportunities, by owner.

By day: `win_rate`: won / (won + lost) by closed date. `sales_cycle_days`: days from created to closed over won
opportunities. `win_rate_by_amount`: amounts won / amounts won or lost, by closed date and its rate; without amount a
deal counts in neither. `standard_process_rate`: of the deals won or lost, by closed date, those that kept to the
standard process: no stage jumped over, none gone back to.

For each period: `leads`: leads by day created. `lead_conversion_rate`: of these, those converted by the as_of date.
`qualification_conversion`, `proposal_conversion`, `negotiation_conversion`: of the stays that ended in the period,
those that ended in a later stage or a win.

For each period, over the deals open on its last day (created by then, not closed by then): `open_opportunities`: their
number. `weighted_open_opportunities`: the sum of the win shares the stage dictionary gives to their stages of that day.
`pipeline_amount`: the sum of their amounts at that day's rate. `pipeline_age_days`: average days since they were
created. `slipped_deals`: deals expected to close in the period (by its last day) that had not closed by its last day; 0
where deals were due and none slipped.

For each subject: `pipeline_coverage`: pipeline_amount at the end of the period / bookings target of the next period of
that type. `forecast_error`: |expected - won| / won, expected: amounts of the deals open when the period began that are
expected to close in it (stated dates, rate of its first day), won: amounts won in it (rate of the closed date).

An amount is converted and rounded half-up to 6 decimals, deal by deal.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from connectors.sandbox.company import Opportunity, StageStay
from connectors.sandbox.reference import targets
from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import Event, Metric, Period, SubjectValue, half_up, period_end
from connectors.sandbox.reference.working import local_date

METRICS = {
    "leads": Metric("additive"),
    "lead_conversion_rate": Metric("ratio"),
    "win_rate": Metric("ratio"),
    "win_rate_by_amount": Metric("ratio"),
    "sales_cycle_days": Metric("ratio", lower_is_better=True),
    "qualification_conversion": Metric("ratio"),
    "proposal_conversion": Metric("ratio"),
    "negotiation_conversion": Metric("ratio"),
    "standard_process_rate": Metric("ratio"),
    "open_opportunities": Metric("stock"),
    "weighted_open_opportunities": Metric("stock"),
    "pipeline_amount": Metric("stock"),
    "pipeline_age_days": Metric("ratio", lower_is_better=True),
    "slipped_deals": Metric("stock", lower_is_better=True),
    "pipeline_coverage": Metric("subject"),
    "forecast_error": Metric("subject", lower_is_better=True),
}
_STAGES = ("Prospecting", "Qualification", "Proposal/Price Quote", "Negotiation/Review", "Closed Won")
"""The standard process; from the third a deal may also be won at once, from each it may be lost."""
_CONVERSIONS = {1: "qualification_conversion", 2: "proposal_conversion", 3: "negotiation_conversion"}
_WIN_SHARES = (Decimal("0.1"), Decimal("0.25"), Decimal("0.5"), Decimal("0.75"))
_LOST = -1


def events(truth: Truth) -> Iterator[Event]:
    """A closed opportunity each."""
    for deal in truth.company.opportunities:
        if deal.closed is not None and deal.status in ("won", "lost"):
            won, one = Decimal(deal.status == "won"), Decimal(1)
            yield Event("win_rate", deal.closed, deal.owner_number, won, one)
            if (amount := _amount(truth, deal, deal.closed)) is not None:
                yield Event("win_rate_by_amount", deal.closed, deal.owner_number, won * amount, amount)
            if won:
                days = Decimal((deal.closed - deal.created).days)
                yield Event("sales_cycle_days", deal.closed, deal.owner_number, days, one)
            if deal.stages:
                yield Event("standard_process_rate", deal.closed, deal.owner_number, Decimal(_kept(deal)), one)


def period_events(truth: Truth, period: Period) -> Iterator[Event]:
    """Leads and stages of the period, and what stood open when it ended."""
    for lead in truth.company.leads:
        if period.start <= lead.created <= period.last:
            converted = Decimal(lead.status == "converted")
            yield Event("leads", lead.created, lead.owner_number, Decimal(1))
            yield Event("lead_conversion_rate", lead.created, lead.owner_number, converted, Decimal(1))
    for deal in truth.company.opportunities:
        yield from _conversions(truth, deal, period)
        if _is_open(deal, period.last):
            yield from _open(truth, deal, period.last)
        if period.start <= deal.expected_close <= period.last:
            slipped = deal.closed is None or deal.closed > period.last
            yield Event("slipped_deals", period.last, deal.owner_number, Decimal(slipped))


def subject_values(truth: Truth, period: Period) -> Iterator[SubjectValue]:
    """Pipeline against the next target, and expectations against what came."""
    yield from _coverage(truth, period)
    yield from _forecast(truth, period)


def _amount(truth: Truth, deal: Opportunity, day: date) -> Decimal | None:
    """In reporting currency at the rate of that day; None without an amount or before the first rate."""
    if deal.amount is None or not truth.credit.has_rate(deal.currency, day):
        return None
    return half_up(deal.amount * truth.credit.rate(deal.currency, day), 6)


def _is_open(deal: Opportunity, day: date) -> bool:
    """Open when that day ended."""
    return deal.created <= day and (deal.closed is None or deal.closed > day)


def _was_open(deal: Opportunity, day: date) -> bool:
    """Open when that day began."""
    return _is_open(deal, day - timedelta(days=1))


def _open(truth: Truth, deal: Opportunity, day: date) -> Iterator[Event]:
    owner, one = deal.owner_number, Decimal(1)
    yield Event("open_opportunities", day, owner, one)
    if entered := [stage for stage, first_day in _steps(truth, deal) if first_day <= day]:
        yield Event("weighted_open_opportunities", day, owner, _WIN_SHARES[entered[-1]])
    if (amount := _amount(truth, deal, day)) is not None:
        yield Event("pipeline_amount", day, owner, amount)
    yield Event("pipeline_age_days", day, owner, Decimal((day - deal.created).days), one)


def _rank(stay: StageStay) -> int:
    return _LOST if stay.stage == "Closed Lost" else _STAGES.index(stay.stage)


def _steps(truth: Truth, deal: Opportunity) -> list[tuple[int, date]]:
    """Rank and first day of every stage the deal went through, its end included."""
    found = [(_rank(stay), local_date(stay.entered_at, truth.company.time_zone)) for stay in deal.stages]
    end = {"won": len(_STAGES) - 1, "lost": _LOST}.get(deal.status)
    if found and end is not None and deal.closed is not None and found[-1][0] != end:
        found.append((end, deal.closed))
    return found


def _conversions(truth: Truth, deal: Opportunity, period: Period) -> Iterator[Event]:
    steps = _steps(truth, deal)
    for (stage, _), (following, day) in pairwise(steps):
        if stage in _CONVERSIONS and period.start <= day <= period.last:
            yield Event(_CONVERSIONS[stage], day, deal.owner_number, Decimal(following > stage), Decimal(1))


def _kept(deal: Opportunity) -> bool:
    ranks = [_rank(stay) for stay in deal.stages]
    end = {"won": len(_STAGES) - 1, "lost": _LOST}[deal.status]
    ranks = ranks if ranks[-1] == end else [*ranks, end]
    return ranks[0] == 0 and all(
        after in (before + 1, _LOST) or (before, after) == (2, len(_STAGES) - 1) for before, after in pairwise(ranks)
    )


def _coverage(truth: Truth, period: Period) -> Iterator[SubjectValue]:
    pipeline: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for deal in truth.company.opportunities:
        if _is_open(deal, period.last) and (amount := _amount(truth, deal, period.last)) is not None:
            for subject in truth.organisation.subjects(deal.owner_number, period.last):
                pipeline[subject] += amount
    due = (period.period_type, period_end(period.period_type, period.start), "bookings")
    for key, version in targets.in_effect(truth).items():
        if key[2:] != due:
            continue
        target = targets.counted(truth, version, additive=True)
        for org_view in ("as_was", "as_is"):
            if target > 0:
                found = pipeline.get((*key[:2], org_view), Decimal(0))
                yield SubjectValue(*key[:2], org_view, "pipeline_coverage", found, target)


def _forecast(truth: Truth, period: Period) -> Iterator[SubjectValue]:
    expected: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    won: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    end = period_end(period.period_type, period.start)
    for deal in truth.company.opportunities:
        is_due = period.start <= deal.expected_close < end and _was_open(deal, period.start)
        if is_due and (due := _amount(truth, deal, period.start)) is not None:
            for subject in truth.organisation.subjects(deal.owner_number, period.start):
                expected[subject] += due
        if deal.status != "won" or not deal.closed or not period.start <= deal.closed <= period.last:
            continue
        if (came := _amount(truth, deal, deal.closed)) is not None:
            for subject in truth.organisation.subjects(deal.owner_number, deal.closed):
                won[subject] += came
    for subject in expected.keys() | won.keys():
        if won[subject] > 0:
            error = abs(expected[subject] - won[subject])
            yield SubjectValue(*subject, "forecast_error", error, won[subject])
