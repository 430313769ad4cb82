-- Grain: one row per metric, employee, org unit (as was on org_day) and period: what is asked of a whole period.
-- A cohort or a stock of a month is not a part of one of the year, so these rows count in their own period only.
with summed as (
    select
        metric,
        employee_id,
        period_type,
        period_start,
        org_day,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(grey_numerator) as grey_numerator
    from {{ ref('int_metric_period_event') }}
    group by metric, employee_id, period_type, period_start, org_day
)

-- one posting at most holds on a day
select
    summed.metric,
    summed.employee_id,
    coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
    summed.period_type,
    summed.period_start,
    summed.org_day,
    cast(summed.numerator as decimal(38, 9)) as numerator,
    cast(summed.denominator as decimal(38, 9)) as denominator,
    cast(summed.grey_numerator as decimal(38, 9)) as grey_numerator
from summed
left join {{ ref('int_posting') }} as posting
    on
        summed.employee_id = posting.employee_id
        and summed.org_day >= posting.valid_from
        and summed.org_day < posting.valid_to
