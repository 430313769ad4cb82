"""Suites of disputes: what may be contested, who may decide, and that what is said of the score follows from it."""

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, one_of, suite

_KEY = "source_system, source_key"
_MODEL = "This is a defect of the dispute models, not of the data: tell the team, with the rows shown."


def dispute(shape: list[Expectation]) -> gx.ExpectationSuite:
    """A dispute is of a known kind, about a period, and decided with an outcome or not at all."""
    return suite(
        "canonical.dispute",
        *shape,
        one_of("dispute_kind", ("score", "credit", "missing_sale", "rating"), zh_what="申诉类型"),
        one_of("period_type", ("month", "quarter", "year"), zh_what="期间类型"),
        one_of("outcome", ("upheld", "rejected", "partly"), zh_what="申诉结果"),
        failing_rows(
            "decided_with_an_outcome",
            f"select {_KEY}, employee_key, raised_date, decided_date, outcome from {{batch}} "
            "where (decided_date is null) <> (outcome is null) or decided_date < raised_date",
            en="A dispute that is decided has a day, not before it was raised, and an outcome; an open one has neither",
            zh="已裁决的申诉须有裁决日期（不早于提出日期）和结果；未裁决的两者皆空",
            do="Correct decided_date and outcome at the source.",
        ),
        failing_rows(
            "share_between_0_and_1",
            f"select {_KEY}, employee_key, claimed_share from {{batch}} where claimed_share not between 0 and 1",
            en="The share claimed lies between 0 and 1",
            zh="主张的业绩比例介于 0 与 1 之间",
            do="Correct claimed_share at the source; 50 percent is 0.5.",
        ),
    )


def dispute_register(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every dispute is listed, its state follows from its dates, nobody decides about himself."""
    return suite(
        "marts.dispute_register",
        *shape,
        one_of("state", ("open", "overdue", "decided"), zh_what="申诉状态"),
        failing_rows(
            "every_dispute_listed",
            f"select {_KEY} from canonical.dispute anti join {{batch}} using ({_KEY}) "
            f"union all select {_KEY} from {{batch}} anti join canonical.dispute using ({_KEY})",
            en="Every dispute is listed once, and nothing else",
            zh="每个申诉都列出一次，且仅列申诉",
            do=_MODEL,
        ),
        failing_rows(
            "state_follows_from_dates",
            f"select {_KEY}, due_date, decided_date, state from {{batch}}, config.company where state <> case "
            "when decided_date is not null then 'decided' when due_date < as_of_date then 'overdue' else 'open' end",
            en="Whether a dispute is open, overdue or decided follows from its dates",
            zh="申诉是否未决、逾期或已裁决，由其日期得出",
            do=_MODEL,
        ),
        failing_rows(
            "change_is_the_difference",
            f"select {_KEY}, claim_status, score_computed, score_if_right, score_change from {{batch}} "
            "where score_change is distinct from score_if_right - score_computed "
            "or (claim_status <> 'computed' and score_if_right is not null)",
            en="What a claim changes is the difference of two scores, and only where it can be computed",
            zh="主张带来的变化等于两个得分之差，且仅在可计算时给出",
            do=_MODEL,
        ),
        failing_rows(
            "decided_by_somebody_else",
            f"select {_KEY}, employee_id, decided_by_employee_id from {{batch}} "
            "where decided_by_employee_id = employee_id",
            en="Nobody decides about his own dispute",
            zh="任何人不得裁决自己的申诉",
            do="Let somebody else decide, and correct decided_by_key at the source.",
            severity="warning",
        ),
    )
