-- Grain: one row per metric, employee, org unit (as was on org_day) and period: what is asked of a whole period.
-- A cohort or a stock of a month is not a part of one of the year, so these rows count in their own period only.
select
    event.metric,
    event.employee_id,
    coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
    event.period_type,
    event.period_start,
    event.org_day,
    cast(sum(event.numerator) as decimal(38, 9)) as numerator,
    cast(sum(event.denominator) as decimal(38, 9)) as denominator,
    cast(sum(event.grey_numerator) as decimal(38, 9)) as grey_numerator
from {{ ref('int_metric_period_event') }} as event
left join {{ ref('int_posting') }} as posting
    on
        event.employee_id = posting.employee_id
        and event.org_day >= posting.valid_from
        and event.org_day < posting.valid_to
group by
    event.metric,
    event.employee_id,
    coalesce(posting.org_unit_id, 'unassigned'),
    event.period_type,
    event.period_start,
    event.org_day
