-- Grain: one row per employee, period in which the employee has a target, and stretch of days posted in it.
with asked as (
    select distinct
        subject_id as employee_id,
        period_type,
        period_start,
        next_period_start
    from {{ ref('int_target_version') }}
    where subject_type = 'employee' and is_in_force
),

stretch as (
    select
        asked.employee_id,
        asked.period_type,
        asked.period_start,
        posting.org_unit_id,
        posting.role,
        greatest(posting.valid_from, asked.period_start) as posted_from,
        least(posting.valid_to, asked.next_period_start) as posted_to,
        {{ add_days('company.as_of_date', 1) }} as tomorrow
    from asked
    inner join {{ ref('int_posting') }} as posting
        on
            asked.employee_id = posting.employee_id
            and posting.valid_from < asked.next_period_start
            and asked.period_start < posting.valid_to
    cross join {{ source('config', 'company') }} as company
)

select
    employee_id,
    period_type,
    period_start,
    posted_from,
    posted_to,
    org_unit_id,
    role,
    cast({{ working_days_between('posted_from', 'posted_to') }} as integer) as working_days,
    cast({{ working_days_between('posted_from', 'greatest(posted_from, least(posted_to, tomorrow))') }} as integer)
        as elapsed_working_days
from stretch
