"""`appraisal_cycle.yaml`: by when what is done in an appraisal, and the same as rows for dbt.

Without the file nothing is due: `appraisal_state` then follows from scores and closed periods alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Literal

import pyarrow as pa
from pydantic import Field, model_validator

from pipelines.company.models import Model, Text

STEPS = ("ratings", "calculated", "reviewed", "acknowledged", "closed")
"""Steps of an appraisal in the order in which they follow each other."""
REVIEW_TALK = "review_talk"
IMPROVEMENT_PLAN = "improvement_plan"
OPEN_END = date(9999, 12, 31)

WorkingDays = Annotated[int, Field(ge=0, le=250)]

CYCLE_SCHEMAS: dict[str, pa.Schema] = {
    "appraisal_deadline": pa.schema(
        [
            ("period_type", pa.string()),
            ("step", pa.string()),
            ("step_no", pa.int32()),
            ("within_working_days", pa.int32()),
            ("valid_from", pa.date32()),
            ("valid_to", pa.date32()),
        ]
    ),
    "appraisal_plan_grade": pa.schema(
        [
            ("period_type", pa.string()),
            ("grade", pa.string()),
            ("valid_from", pa.date32()),
            ("valid_to", pa.date32()),
        ]
    ),
}


class ImprovementPlan(Model):
    """Who owes a plan for doing better."""

    grades: list[Text] = Field(min_length=1, description="Grades after which a plan is owed.")
    within: WorkingDays = Field(description="Working days after the last day of the period.")


class StepDays(Model):
    """By when each step is done. A step that is left out has no date."""

    ratings: WorkingDays | None = Field(
        default=None, description="Working days after the period by which the forms of all raters are in."
    )
    calculated: WorkingDays | None = Field(
        default=None, description="Working days after the period by which scores stand to be looked at."
    )
    reviewed: WorkingDays | None = Field(
        default=None, description="Working days after the period by which the manager has talked about the result."
    )
    acknowledged: WorkingDays | None = Field(
        default=None, description="Working days after the period by which the employee has taken note of it."
    )
    closed: WorkingDays | None = Field(
        default=None, description="Working days after the period by which the period is closed in company.yaml."
    )

    @model_validator(mode="after")
    def _in_order(self) -> "StepDays":
        dated = [(step, days) for step in STEPS if (days := getattr(self, step)) is not None]
        if not dated:
            raise ValueError(f"no step has a date; give at least one of {', '.join(STEPS)}")
        for (earlier, before), (later, after) in pairwise(dated):
            if after < before:
                raise ValueError(f"{later} is due {after} working days after the period, before {earlier} ({before})")
        return self


class Cycle(Model):
    """How appraisals of one period type run, from a day on."""

    period_type: Literal["month", "quarter", "year"] = Field(description="Period type of the appraisals it holds for.")
    valid_from: date = Field(description="Holds for periods that begin on or after this day.")
    approved_by: Text = Field(description="Who approved it.")
    within: StepDays = Field(description="By when each step is done, in working days after the period.")
    improvement_plan: ImprovementPlan | None = Field(default=None, description="Who owes an improvement plan.")


class ReviewTalks(Model):
    """A talk between manager and employee about every month."""

    valid_from: date = Field(description="Holds for months that begin on or after this day.")
    within: WorkingDays = Field(description="Working days after the last day of the month.")


class AppraisalCycle(Model):
    """`appraisal_cycle.yaml`: dates of the steps of an appraisal, of monthly review talks and of improvement plans."""

    cycles: list[Cycle] = Field(
        default_factory=list, description="Cycles; of one period type the newest in force counts."
    )
    review_talks: list[ReviewTalks] = Field(default_factory=list, description="Monthly review talks, the oldest first.")

    @model_validator(mode="after")
    def _one_at_a_time(self) -> "AppraisalCycle":
        begins: list[tuple[str, date]] = [(cycle.period_type, cycle.valid_from) for cycle in self.cycles]
        begins += [(REVIEW_TALK, talks.valid_from) for talks in self.review_talks]
        for position, (kind, valid_from) in enumerate(begins):
            if (kind, valid_from) in begins[:position]:
                raise ValueError(f"two entries for {kind} are valid from {valid_from}; keep one of them")
        return self


def cycle_rows(cycle: AppraisalCycle | None) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of `CYCLE_SCHEMAS`, by table; none without a cycle."""
    given = cycle or AppraisalCycle()
    return {"appraisal_deadline": list(_deadlines(given)), "appraisal_plan_grade": list(_plan_grades(given))}


def _deadlines(cycle: AppraisalCycle) -> Iterator[tuple[Any, ...]]:
    for one, valid_to in _with_ends(cycle.cycles):
        for number, step in enumerate(STEPS, 1):
            if (days := getattr(one.within, step)) is not None:
                yield one.period_type, step, number, days, one.valid_from, valid_to
        if plan := one.improvement_plan:
            yield one.period_type, IMPROVEMENT_PLAN, len(STEPS) + 1, plan.within, one.valid_from, valid_to
    for talks in cycle.review_talks:
        valid_to = _end(talks.valid_from, (each.valid_from for each in cycle.review_talks))
        yield "month", REVIEW_TALK, len(STEPS) + 2, talks.within, talks.valid_from, valid_to


def _plan_grades(cycle: AppraisalCycle) -> Iterator[tuple[Any, ...]]:
    for one, valid_to in _with_ends(cycle.cycles):
        for grade in one.improvement_plan.grades if one.improvement_plan else ():
            yield one.period_type, grade, one.valid_from, valid_to


def _with_ends(cycles: Sequence[Cycle]) -> Iterator[tuple[Cycle, date]]:
    """Each cycle with the day the next one of its period type begins to hold."""
    for one in sorted(cycles, key=lambda each: (each.period_type, each.valid_from)):
        yield one, _end(one.valid_from, (each.valid_from for each in cycles if each.period_type == one.period_type))


def _end(valid_from: date, begins: Iterable[date]) -> date:
    return min((day for day in begins if day > valid_from), default=OPEN_END)
