"""Suites of the organisation: units, employees and postings, as versions with half-open periods."""

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, known, one_of, suite
from expectations.shape import not_empty_when

_REPAIR_ORG = "Correct the unit or its dates in the source that delivers the org chart."
_REPAIR_POSTING = "Correct the posting or its dates in the source that delivers assignments."


def dim_org_unit(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Units form a tree at every moment."""
    return suite(
        "core.dim_org_unit",
        *shape,
        not_empty_when("canonical.org_unit"),
        _periods_do_not_overlap("org_unit_id", "unit", "组织单元", _REPAIR_ORG),
        _covered(
            "parent_exists_at_the_time",
            "parent_org_unit_id",
            "org_unit_id",
            en="A unit's parent exists throughout the unit's own period",
            zh="上级单元在下级单元的整个有效期内都存在",
            do=_REPAIR_ORG,
        ),
        _no_cycle(),
    )


def dim_employee(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Employees, one version at a time."""
    return suite(
        "core.dim_employee",
        *shape,
        not_empty_when("canonical.employee"),
        _periods_do_not_overlap("employee_id", "employee", "员工", "Correct the employee's versions at the source."),
    )


def dim_assignment(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Postings: one primary posting at a time, to a unit that exists, under a manager who exists."""
    return suite(
        "core.dim_assignment",
        *shape,
        _periods_do_not_overlap("employee_id", "employee's primary posting", "员工主岗", _REPAIR_POSTING, "is_primary"),
        _time_share(),
        _covered(
            "unit_exists_at_the_time",
            "org_unit_id",
            "employee_id",
            en="The unit of a posting exists throughout the posting",
            zh="任职所在单元在整个任职期内都存在",
            do=_REPAIR_POSTING,
        ),
        known(
            "employee_exists",
            "employee_id",
            "core.dim_employee",
            "source_system, source_key",
            en="The employee of a posting is known",
            zh="任职记录中的员工存在",
            do=_REPAIR_POSTING,
        ),
        known(
            "manager_exists",
            "manager_employee_id",
            "core.dim_employee",
            "source_system, source_key, employee_id",
            target_column="employee_id",
            en="The manager of a posting is a known employee",
            zh="任职记录中的上级是已知员工",
            do=_REPAIR_POSTING,
        ),
    )


def org_finding(shape: list[Expectation]) -> gx.ExpectationSuite:
    """What is odd in the organisation is reported: people repair it, and nothing waits for them."""
    return suite(
        "marts.org_finding",
        *shape,
        one_of("severity", ("error", "warning", "info"), zh_what="严重程度"),
        failing_rows(
            "no_errors_in_the_organisation",
            "select finding_type, subject_id, valid_from, valid_to, text_en, text_zh from {batch} "
            "where severity = 'error'",
            en="The organisation has no finding of severity error",
            zh="组织数据中没有“错误”级发现",
            do="Correct the records each finding names at their source; `org_finding` lists the lighter findings too.",
            severity="warning",
        ),
    )


def org_correction(shape: list[Expectation]) -> gx.ExpectationSuite:
    """What was believed and replaced: kept for people to see, never blocking."""
    return suite(
        "marts.org_correction",
        *shape,
        one_of("change", ("changed", "rekeyed", "withdrawn"), zh_what="更正方式"),
        failing_rows(
            "learnt_after_it_was_believed",
            "select record_type, source_system, record_key, version_number, recorded_from, recorded_to from {batch} "
            "where recorded_to < recorded_from",
            en="What replaced a version was learnt after it",
            zh="替换某一版本的信息晚于该版本获知",
            do="This is a defect of landing or of the models, not of the data: tell the team, with the rows shown.",
        ),
    )


def _time_share() -> Expectation:
    return failing_rows(
        "time_share_is_a_share",
        "select employee_id, org_unit_id, valid_from, time_share, source_system, source_key from {batch} "
        "where time_share <= 0 or time_share > 1",
        en="A posting takes a share of the person's time above 0 and at most 1",
        zh="任职的时间占比大于 0 且不超过 1",
        do="Write the share as a part of one (0.5 for half the time), or leave it out: then the posting counts as 1.",
    )


def _periods_do_not_overlap(key: str, en: str, zh: str, do: str, where: str = "true") -> Expectation:
    return failing_rows(
        "periods_do_not_overlap",
        f"select {key}, valid_from, valid_to, previous_end from (select *, lag(valid_to) over (partition by {key} "
        f"order by valid_from, valid_to) as previous_end from {{batch}} where {where}) "
        "where valid_from < previous_end or valid_to <= valid_from",
        en=f"The periods of one {en} do not overlap and none ends before it begins",
        zh=f"同一{zh}的有效期互不重叠，且结束日晚于开始日",
        do=do,
    )


def _covered(rule: str, reference: str, key: str, *, en: str, zh: str, do: str) -> Expectation:
    """Days of the row's own period that the referenced unit's versions cover must be all of its days."""
    overlap = "date_diff('day', greatest(a.valid_from, b.valid_from), least(a.valid_to, b.valid_to))"
    return failing_rows(
        rule,
        f"select a.{key}, a.{reference}, a.valid_from, a.valid_to, "
        f"date_diff('day', a.valid_from, a.valid_to) - coalesce(sum(greatest({overlap}, 0)) "
        "filter (where b.org_unit_id is not null), 0) as days_without "
        f"from {{batch}} as a left join core.dim_org_unit as b on b.org_unit_id = a.{reference} "
        f"where a.{reference} is not null group by a.{key}, a.{reference}, a.valid_from, a.valid_to "
        "having days_without > 0",
        en=en,
        zh=zh,
        do=do,
    )


def _no_cycle() -> Expectation:
    """Walks up from every version, keeping only the days all units on the way have in common."""
    return failing_rows(
        "no_cycle",
        "with recursive way as (select org_unit_id, parent_org_unit_id as above, valid_from, valid_to, 1 as steps "
        "from {batch} where parent_org_unit_id is not null union "
        "select way.org_unit_id, unit.parent_org_unit_id, greatest(way.valid_from, unit.valid_from), "
        "least(way.valid_to, unit.valid_to), way.steps + 1 from way inner join {batch} as unit "
        "on unit.org_unit_id = way.above and unit.valid_from < way.valid_to and way.valid_from < unit.valid_to "
        "where unit.parent_org_unit_id is not null and way.above <> way.org_unit_id and way.steps < 100) "
        "select org_unit_id, valid_from, valid_to, steps as units_in_cycle from way where above = org_unit_id",
        en="No unit is above itself, on any day",
        zh="任何一天都没有单元成为自己的上级",
        do=_REPAIR_ORG,
    )
