-- Grain: one row per employee and period of a standard: who is judged by which version.
-- The role is that of the last day posted in the period (up to today), the version the one in force on its first day.
with posted as (
    select
        assignment.employee_id,
        period.period_type,
        period.period_start,
        period.period_end,
        period.is_complete,
        assignment.role
    from {{ ref('int_period') }} as period
    cross join {{ source('config', 'company') }} as company
    inner join {{ ref('dim_assignment') }} as assignment
        on
            assignment.valid_from < period.next_period_start
            and assignment.valid_from <= company.as_of_date
            and period.period_start < assignment.valid_to
    where assignment.is_primary
    qualify row_number() over (
        partition by assignment.employee_id, period.period_type, period.period_start
        order by assignment.valid_from desc, assignment.source_system, assignment.source_key
    ) = 1
)

select
    posted.employee_id,
    posted.period_type,
    posted.period_start,
    posted.period_end,
    posted.is_complete,
    posted.role,
    standard.standard_id,
    standard.standard_version
from posted
inner join {{ source('config', 'appraisal_standard') }} as standard
    on
        posted.role = standard.role
        and posted.period_type = standard.period_type
        and posted.period_start >= standard.valid_from
        and posted.period_start < standard.valid_to
qualify row_number() over (
    partition by posted.employee_id, posted.period_type, posted.period_start
    order by standard.valid_from desc, standard.standard_version desc, standard.standard_id
) = 1
