"""Suites of what HR keeps beside the org chart (employment, plans, training, appraisal forms), and of markets."""

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, one_of, suite

_KEY = "source_system, source_key"


def employment_event(shape: list[Expectation]) -> gx.ExpectationSuite:
    """What happens to people is one of a few things."""
    return suite(
        "canonical.employment_event",
        *shape,
        one_of("event_type", ("hired", "left", "transfer", "promotion", "other"), zh_what="人事变动类型"),
    )


def headcount_plan(shape: list[Expectation]) -> gx.ExpectationSuite:
    """One plan per unit at a time, of no fewer than no posts."""
    return suite(
        "canonical.headcount_plan",
        *shape,
        failing_rows(
            "posts_not_negative",
            f"select {_KEY}, unit_key, planned_headcount from {{batch}} where planned_headcount < 0",
            en="A unit has 0 planned posts or more",
            zh="编制人数不为负",
            do="Correct the plan at its source.",
        ),
        failing_rows(
            "periods_do_not_overlap",
            "select source_system, unit_key, valid_from, valid_to, previous_end from (select *, lag(valid_to) over ("
            "partition by source_system, unit_key order by valid_from, valid_to) as previous_end from {batch}) "
            "where valid_from < previous_end or valid_to <= valid_from",
            en="The plans of one unit do not overlap and none ends before it begins",
            zh="同一单元的编制有效期互不重叠，且结束日晚于开始日",
            do="End the older plan on the first day of the newer one at the source.",
        ),
    )


def training_record(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Courses take time."""
    return suite(
        "canonical.training_record",
        *shape,
        failing_rows(
            "hours_not_negative",
            f"select {_KEY}, employee_key, course, hours from {{batch}} where hours < 0",
            en="A course takes 0 hours or more",
            zh="学时不为负",
            do="Correct the hours at the source.",
        ),
    )


def review_rating(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Forms of one review agree on whom and which period it is about."""
    return suite(
        "canonical.review_rating",
        *shape,
        one_of("rater_kind", ("manager", "peer", "customer", "self", "hr"), zh_what="评价人类型"),
        one_of("period_type", ("month", "quarter", "year"), zh_what="期间类型"),
        failing_rows(
            "one_subject_and_period",
            "select source_system, review_key, count(distinct employee_key) as employees, "
            "count(distinct period_type || period_start) as periods from {batch} group by source_system, review_key "
            "having employees > 1 or periods > 1",
            en="All forms of one review are about one employee and one period",
            zh="同一考核的所有表单针对同一员工、同一期间",
            do="Correct employee, period or review_key at the source.",
        ),
        failing_rows(
            "score_within_the_scale",
            f"select {_KEY}, employee_key, score, scale_max from {{batch}} "
            "where score < 0 or score > coalesce(scale_max, 100) or scale_max <= 0",
            en="A rating lies between 0 and the most its scale has (scale_max, else 100)",
            zh="评分介于 0 与满分（scale_max，缺省 100）之间",
            do="Correct the score at the source, or map scale_max: the most points the form allows.",
        ),
    )


def appraisal_action(shape: list[Expectation]) -> gx.ExpectationSuite:
    """What is done in an appraisal is one of a few things, about a period."""
    return suite(
        "canonical.appraisal_action",
        *shape,
        one_of("action_type", ("reviewed", "acknowledged", "review_talk", "improvement_plan"), zh_what="考核动作类型"),
        one_of("period_type", ("month", "quarter", "year"), zh_what="期间类型"),
        failing_rows(
            "talks_are_about_months",
            f"select {_KEY}, employee_key, action_type, period_type from {{batch}} "
            "where action_type = 'review_talk' and period_type <> 'month'",
            en="A review talk is about a month; the talk about the result of a longer period is `reviewed`",
            zh="review_talk 针对月份；较长期间的结果面谈用 reviewed",
            do="Correct period_type or action_type at the source or in its mapping.",
        ),
    )


def market_size(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Each market is measured once and is not empty."""
    return suite(
        "canonical.market_size",
        *shape,
        one_of("period_type", ("month", "quarter", "year"), zh_what="期间类型"),
        failing_rows(
            "size_above_zero",
            f"select {_KEY}, market_key, amount from {{batch}} where amount <= 0",
            en="The size of a market is more than 0",
            zh="市场规模大于零",
            do="Correct the amount at the source, or leave the row out while the size is unknown.",
        ),
        failing_rows(
            "measured_once",
            "select market_key, unit_key, industry, product_category, period_type, period_start, count(*) as sizes "
            "from {batch} group by all having sizes > 1",
            en="A market (or segment of it) has one size per unit and period",
            zh="同一单元、同一期间的同一市场（或细分）只有一个规模",
            do="Remove the sizes that should not count at their source.",
        ),
    )
