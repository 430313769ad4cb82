"""Suites of the target marts: what was asked of whom, and whether its parts add up."""

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, one_of, suite

_KEY = "subject_type, subject_id, metric, period_type, period_start"
_MODEL = "This is a defect of the model, not of the data: tell the team, with the rows shown."
_VERDICTS = ("met", "not_met", "unknown")


def target(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Targets speak of metrics there are."""
    return suite(
        "canonical.target",
        *shape,
        one_of("subject_type", ("employee", "org_unit", "company"), zh_what="主体类型"),
        one_of("period_type", ("month", "quarter", "year"), zh_what="期间类型"),
        failing_rows(
            "metric_exists",
            "select source_system, source_key, subject_ref, metric from {batch} "
            "where metric not in (select metric from marts.metric_registry)",
            en="Every target is on a metric of the registry",
            zh="每个目标的指标都在指标登记表中",
            do="Correct the metric's id where the target is written; nothing is compared with it until then.",
            severity="warning",
        ),
    )


def target_version(shape: list[Expectation]) -> gx.ExpectationSuite:
    """One version counts."""
    return suite(
        "marts.target_version",
        *shape,
        failing_rows(
            "one_version_in_force",
            f"select {_KEY}, count(*) as versions_in_force from {{batch}} where is_in_force group by {_KEY} "
            "having count(*) > 1",
            en="At most one version of a target is in force",
            zh="同一目标最多只有一个版本有效",
            do=_MODEL,
        ),
        failing_rows(
            "changes_are_explained",
            f"select {_KEY}, version, findings from {{batch}} "
            "where findings like '%reason_missing%' or findings like '%approver_missing%'",
            en="Every change of a target has a reason and an approver",
            zh="目标的每次变更都有原因和批准人",
            do="Fill in reason and approved_by where the version is written.",
            severity="warning",
        ),
    )


def target_share(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Parts add up to the target."""
    return suite(
        "marts.target_share",
        *shape,
        failing_rows(
            "parts_add_up",
            "select employee_id, metric, period_type, period_start, target_value, sum(amount) as parts, "
            "sum(share) as shares from {batch} group by employee_id, metric, period_type, period_start, target_value "
            "having sum(amount) <> target_value or sum(share) <> 1",
            en="The parts of a target add up to it exactly, and their shares to 1",
            zh="目标的各部分之和恰好等于目标，比例之和恰好为 1",
            do=_MODEL,
        ),
    )


def target_cascade(shape: list[Expectation]) -> gx.ExpectationSuite:
    """A gap is a difference."""
    return suite(
        "marts.target_cascade",
        *shape,
        one_of("level", ("org_unit", "employee", "quarter", "month"), zh_what="分解层级"),
        one_of("status", ("ok", "incomplete", "no_parts"), zh_what="分解状态"),
        failing_rows(
            "gap_is_the_difference",
            f"select {_KEY}, level, target_value, parts_value, gap from {{batch}} "
            "where gap is distinct from target_value - parts_value or (parts_value is null) <> (part_count = 0)",
            en="The gap is the target less the sum of the level below, and null where that level has no target",
            zh="缺口等于目标减去下一层目标之和；下一层没有目标时为空值",
            do=_MODEL,
        ),
    )


def target_pace(shape: list[Expectation]) -> gx.ExpectationSuite:
    """What is over is expected in full, and a forecast lies in its range."""
    return suite(
        "marts.target_pace",
        *shape,
        one_of("forecast_status", ("ok", "closed", "too_little_history", "no_day_gone", "no_data"), zh_what="预测状态"),
        failing_rows(
            "closed_is_expected_in_full",
            f"select {_KEY}, target_value, expected_value from {{batch}} "
            "where is_complete and expected_value is distinct from target_value",
            en="Of a period that is over the whole target is expected",
            zh="已结束期间的应完成数等于目标",
            do=_MODEL,
        ),
        failing_rows(
            "range_holds_the_landing",
            f"select {_KEY}, landing_low, landing_value, landing_high from {{batch}} "
            "where landing_low > landing_value or landing_value > landing_high "
            "or (landing_value is null) <> (forecast_status not in ('ok', 'closed'))",
            en="A landing is forecast exactly where the status says so, and lies in its range",
            zh="仅当状态允许时才有落点预测，且预测值落在区间内",
            do=_MODEL,
        ),
    )


def target_check(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Every letter has a verdict."""
    return suite(
        "marts.target_check",
        *shape,
        *(
            one_of(column, _VERDICTS, zh_what=what)
            for column, what in (
                ("specific", "明确性"),
                ("measurable", "可衡量性"),
                ("achievable", "可达成性"),
                ("relevant", "关联性"),
                ("time_bound", "时限性"),
                ("verdict", "总体结论"),
            )
        ),
    )
