"""Suites of the KPI mart and the metric registry."""

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation

from expectations.rules import failing_rows, known, one_of, suite
from expectations.shape import not_empty

_KEY = "subject_type, subject_id, period_type, period_start, metric, org_view"
_MODEL = "This is a defect of the kpi_value model, not of the data: tell the team, with the rows shown."


def metric_registry(shape: list[Expectation]) -> gx.ExpectationSuite:
    """There are metrics."""
    return suite("marts.metric_registry", *shape, not_empty())


def kpi_value(shape: list[Expectation]) -> gx.ExpectationSuite:
    """Values say honestly whether there is one."""
    return suite(
        "marts.kpi_value",
        *shape,
        failing_rows(
            "not_empty_when_fed",
            "select fact, count(*) as rows_there from ("
            "select 'sales' as fact from core.fct_sales_credit "
            "union all select 'billings' from core.fct_billing_credit "
            "union all select 'collections' from core.fct_collection_credit "
            "union all select 'closed opportunities' from canonical.opportunity where status in ('won', 'lost')"
            ") where not exists (select 1 from {batch}) group by fact",
            en="There are KPI values whenever there are sales, billings, collections or closed opportunities",
            zh="只要存在销售、开票、回款或已关闭的商机，就必须有指标数值",
            do="Look at the build: the models that feed this table delivered nothing.",
        ),
        one_of("subject_type", ("employee", "org_unit", "company"), zh_what="主体类型"),
        one_of("period_type", ("month", "quarter", "year"), zh_what="期间类型"),
        one_of("org_view", ("as_was", "as_is"), zh_what="组织视角"),
        one_of("value_status", ("ok", "no_data", "no_target", "not_applicable"), zh_what="数值状态"),
        failing_rows(
            "null_is_not_zero",
            f"select {_KEY}, value, value_status from {{batch}} where (value is null) = (value_status = 'ok')",
            en="A value is there exactly when its status is ok; missing data is null, never 0",
            zh="状态为 ok 时才有数值；缺数据为空值而不是 0",
            do=_MODEL,
        ),
        failing_rows(
            "no_rate_without_denominator",
            f"select {_KEY}, value, numerator, denominator from {{batch}} where denominator = 0 and value is not null",
            en="A rate without a denominator has no value",
            zh="分母为零的比率没有数值",
            do=_MODEL,
        ),
        failing_rows(
            "range_holds_the_value",
            f"select {_KEY}, value_low, value, value_high from {{batch}} "
            "inner join marts.metric_registry using (metric) "
            "where (value_low is not null) <> (coalesce(uncertainty, '') = 'identity' and value is not null) "
            "or (value_high is null) <> (value_low is null) or value_low > value or value > value_high",
            en="Exactly the values that count customers show a range for undecided pairs, and the value lies in it",
            zh="凡统计客户数的指标都给出未决客户对造成的区间，且数值落在区间内，其他指标不给区间",
            do=_MODEL,
        ),
        _adds_up(),
        failing_rows(
            "attainment_needs_a_target",
            f"select {_KEY}, target, attainment from {{batch}} "
            "where attainment is not null and (target is null or target = 0 or value is null)",
            en="An attainment is there only with a value and a target other than 0",
            zh="只有在有数值且目标不为零时才有达成率",
            do=_MODEL,
        ),
        known(
            "metric_exists",
            "metric",
            "marts.metric_registry",
            "subject_type, subject_id, period_type, period_start",
            en="Every metric is described in the metric registry",
            zh="每个指标都在指标登记表中有说明",
            do="Add the metric to the registry, or correct its id where it is used (targets, standards).",
        ),
        failing_rows(
            "subject_exists",
            "select distinct subject_type, subject_id from {batch} where case subject_type "
            "when 'employee' then subject_id not in (select employee_id from core.dim_employee) "
            "when 'org_unit' then subject_id not in (select org_unit_id from core.dim_org_unit) "
            "else subject_id <> 'company' end",
            en="Every subject is a known employee or unit, or the company",
            zh="每个主体都是已知员工、已知单元或公司",
            do="Correct the subject in the targets, or sync the organisation again.",
        ),
    )


def _adds_up() -> Expectation:
    """What adds up over people: employees and `unassigned`, units at the top of the tree, and the company are one sum.

    A unit may come to stand at the top, or leave it, in the midst of a period; then the tree of that period has no one
    top and `as_was` compares the people alone. The shorter periods beside it are compared in full. Metrics that judge
    nobody (headcount, say) have no people to compare.
    """
    return failing_rows(
        "people_and_units_add_up_to_the_company",
        """
        with span as (
            select distinct period_type, period_start, period_end from {batch}
        ),
        standing as (
            select span.period_type, span.period_start, line.org_unit_id,
                sum(days) filter (where depth = 0) as days_there,
                coalesce(sum(days) filter (where depth = 1), 0) as days_below
            from span, core.int_unit_ancestor as line,
                lateral (select date_diff('day', greatest(line.valid_from, span.period_start),
                    least(line.valid_to, span.period_end + 1)) as days)
            where line.depth <= 1 and line.valid_from <= span.period_end and line.valid_to > span.period_start
            group by span.period_type, span.period_start, line.org_unit_id
        ),
        moving as (
            select distinct period_type, period_start from standing where days_below > 0 and days_below < days_there
        ),
        top_today as (
            select line.org_unit_id from core.int_unit_ancestor as line, config.company
            where line.valid_from <= as_of_date and as_of_date < line.valid_to
            group by line.org_unit_id having max(line.depth) = 0
        ),
        total as (
            select kpi.period_type, kpi.period_start, kpi.metric, kpi.org_view,
                registry.roles is not null as is_personal,
                coalesce(sum(value) filter (where subject_type = 'company'), 0) as company,
                coalesce(sum(value) filter (where subject_type = 'employee'), 0) as employees,
                coalesce(sum(value) filter (where subject_type = 'org_unit' and case org_view
                    when 'as_is' then subject_id in (select org_unit_id from top_today) else days_below = 0 end), 0)
                    as top_units
            from {batch} as kpi
            inner join marts.metric_registry as registry using (metric)
            left join standing
                on kpi.period_type = standing.period_type and kpi.period_start = standing.period_start
                and kpi.subject_type = 'org_unit' and kpi.subject_id = standing.org_unit_id
            where registry.aggregation in ('additive', 'stock')
            group by all
        )
        select total.* from total
        left join moving using (period_type, period_start)
        where (is_personal and employees <> company)
            or (top_units <> company and (org_view = 'as_is' or moving.period_type is null))
        """,
        en="Employees with the unassigned, the units at the top and the company show the same sum, in every period",
        zh="每个期间内，全体员工（含未分配）之和、顶层单元之和与公司数值三者完全相等",
        do=_MODEL,
    )
