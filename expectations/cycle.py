"""Suites of the appraisal cycle: by when what is done, and how far each appraisal has come."""

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, one_of, suite

_KEY = "employee_id, period_type, period_start"
_MODEL = "This is a defect of the appraisal models, not of the data: tell the team, with the rows shown."


def appraisal_calendar(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every step has a day, and its state follows from that day and the one it was done."""
    return suite(
        "marts.appraisal_calendar",
        *shape,
        one_of("state", ("done", "done_late", "due", "overdue"), zh_what="步骤状态"),
        failing_rows(
            "state_follows_from_dates",
            f"select {_KEY}, step, due_date, done_date, state from {{batch}} where due_date is null "
            "or (done_date is not null and state <> case when done_date <= due_date then 'done' else 'done_late' end)",
            en="Each step has a day, and whether it was done in time follows from it",
            zh="每个步骤都有期限，是否按时由完成日期与期限得出",
            do=_MODEL,
        ),
    )


def appraisal_state(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Each score has one state."""
    return suite(
        "marts.appraisal_state",
        *shape,
        one_of("state", ("open", "calculated", "reviewed", "closed"), zh_what="考核阶段"),
        failing_rows(
            "one_state_per_score",
            f"select {_KEY} from marts.appraisal_score anti join {{batch}} using ({_KEY}) "
            f"union all select {_KEY} from {{batch}} anti join marts.appraisal_score using ({_KEY})",
            en="Every score has a state, and every state a score",
            zh="每个得分都有考核阶段，反之亦然",
            do=_MODEL,
        ),
    )
