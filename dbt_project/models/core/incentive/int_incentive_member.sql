-- Grain: one row per employee, plan that pays and period in which the employee is posted to a role of the plan on a working
-- day, with the guarantee and the draw for these days.
with posted as (
    select
        posting.employee_id,
        plan.plan_id,
        plan.plan_version,
        period.period_type,
        period.period_start,
        period.next_period_start,
        greatest(posting.valid_from, period.period_start) as posted_from,
        least(posting.valid_to, period.next_period_start) as posted_to
    from {{ ref('int_posting') }} as posting
    inner join {{ source('config', 'incentive_role') }} as part
        on posting.role = part.role
    inner join {{ source('config', 'incentive_plan') }} as plan
        on
            part.plan_id = plan.plan_id
            and part.plan_version = plan.plan_version
            and (plan.pays_on is not null or plan.has_bonus)
    inner join {{ ref('int_period') }} as period
        on
            plan.period_type = period.period_type
            and posting.valid_from < period.next_period_start
            and period.period_start < posting.valid_to
            and period.period_start >= plan.valid_from
            and period.period_start < plan.valid_to
    cross join {{ source('config', 'company') }} as company
    where posting.valid_from <= company.as_of_date
),

worked as (
    select
        employee_id,
        plan_id,
        plan_version,
        period_type,
        period_start,
        max(posted_to) as posted_to,
        sum({{ working_days_between('posted_from', 'posted_to') }}) as working_days,
        {{ working_days_between('period_start', 'next_period_start') }} as period_working_days
    from posted
    group by employee_id, plan_id, plan_version, period_type, period_start, next_period_start
),

-- who was hired again is as new as then
hired as (
    select
        worked.*,
        employment.hired_date
    from worked
    left join {{ ref('int_employment') }} as employment
        on worked.employee_id = employment.employee_id and employment.employed_from < worked.posted_to
    where worked.working_days > 0
    qualify row_number() over (
        partition by {{ statement_columns('worked') }} order by employment.employed_from desc
    ) = 1
),

entitled as (
    select
        hired.*,
        -- of whom nobody knows when the work began counts as one of the oldest
        case
            when
                plan.guarantee_below_months is null
                or {{ completed_months('hired.hired_date', 'hired.period_start') }} < plan.guarantee_below_months
                then plan.guarantee_amount
        end as guarantee_amount,
        plan.draw_amount
    from hired
    inner join {{ source('config', 'incentive_plan') }} as plan
        on hired.plan_id = plan.plan_id and hired.plan_version = plan.plan_version
)

select
    {{ statement_columns() }},
    plan_version,
    cast(working_days as integer) as working_days,
    cast(period_working_days as integer) as period_working_days,
    {{ part_of_period('guarantee_amount', 'working_days', 'period_working_days') }} as guarantee_amount,
    {{ part_of_period('draw_amount', 'working_days', 'period_working_days') }} as draw_amount
from entitled
