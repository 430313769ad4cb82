-- Grain: one row per employee's target that adds up (metric and period) and stretch of days posted in the period.
-- A stretch takes its part by working days; the last takes what rounding leaves, so the parts are the target exactly.
with weighed as (
    select
        target.subject_id as employee_id,
        target.metric,
        target.period_type,
        target.period_start,
        posted.posted_from,
        posted.posted_to,
        posted.org_unit_id,
        posted.role,
        posted.working_days,
        target.posted_working_days,
        target.period_working_days,
        target.stated_value,
        target.pro_rated_value,
        target.target_value,
        {{ decimal_divide('posted.working_days', 'target.posted_working_days', 0, 0) }} as share,
        cast(
            {{ decimal_divide('target.target_value * posted.working_days', 'target.posted_working_days', 6, 0) }}
            as decimal(28, 6)
        ) as amount,
        lead(posted.posted_from) over (
            partition by {{ target_key('target') }} order by posted.posted_from
        ) is null as is_last
    from {{ ref('int_target') }} as target
    inner join {{ ref('int_posting_days') }} as posted
        on
            target.subject_type = 'employee'
            and target.subject_id = posted.employee_id
            and target.period_type = posted.period_type
            and target.period_start = posted.period_start
    where target.is_additive and posted.working_days > 0
)

select
    employee_id,
    metric,
    period_type,
    period_start,
    posted_from,
    posted_to,
    org_unit_id,
    role,
    working_days,
    posted_working_days,
    period_working_days,
    stated_value,
    pro_rated_value,
    target_value,
    cast(
        case when is_last then 1 - (sum(share) over whole - share) else share end as decimal(10, 9)
    ) as share,
    cast(
        case when is_last then target_value - (sum(amount) over whole - amount) else amount end as decimal(28, 6)
    ) as amount
from weighed
window whole as (partition by employee_id, metric, period_type, period_start)
