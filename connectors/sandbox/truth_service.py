"""The benchmark company's after-sales in detail, and what its salespeople report from the market.

What no system of the benchmark keeps in an object of its own (feedback) reaches the pipeline as a file.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from connectors.sandbox.company import Case, Feedback
from connectors.sandbox.truth_sales import COMPANY_TIME, Roster

_TOPICS = ("竞品降价", "新应用场景", "交付周期反馈", "包装建议", "售后网点需求", "行业政策变化")


def served(rng: Random, cases: Sequence[Case], last_day: date) -> tuple[Case, ...]:
    """The cases with their first answers, most within a day, and how often the closed ones were opened again."""
    return tuple(_served(rng, case, last_day) for case in cases)


def _served(rng: Random, case: Case, last_day: date) -> Case:
    answered = case.opened_at + timedelta(minutes=rng.randrange(5, 3_000))
    reopened = rng.choice((0, 0, 0, 0, 0, 0, 0, 1, 1, 2))
    if case.closed_at is not None:
        return replace(case, first_response_at=min(answered, case.closed_at), reopened_count=reopened)
    is_late = answered.astimezone(COMPANY_TIME).date() > last_day or rng.random() < 0.3
    return replace(case, first_response_at=None if is_late else answered)


def feedback(rng: Random, count: int, roster: Roster, first_day: date, last_day: date) -> tuple[Feedback, ...]:
    """Reports from the market, in the order of their days; half are accepted, some not judged yet."""
    days = sorted(first_day + timedelta(days=rng.randrange((last_day - first_day).days + 1)) for _ in range(count))
    return tuple(
        Feedback(
            f"F{rank:06d}",
            roster.anybody(rng, day),
            f"{rng.choice(_TOPICS)} {rank}",
            day,
            rng.choice(("accepted", "accepted", "rejected", None)),
        )
        for rank, day in enumerate(days, 1)
    )
