-- Grain: one row per employee and period, of any length, a standard judges. assessor: the manager of the posting that holds
-- on the last day the employee is posted in the period.
with judged as (
    select
        employee_id,
        period_type,
        period_start,
        period_end,
        max({{ add_days('posted_to', -1) }}) as last_day
    from {{ ref('int_appraisal_part') }}
    group by employee_id, period_type, period_start, period_end
)

select
    judged.employee_id,
    judged.period_type,
    judged.period_start,
    judged.period_end,
    judged.last_day,
    posting.org_unit_id,
    posting.manager_employee_id as assessor_employee_id
from judged
left join {{ ref('int_posting') }} as posting
    on
        judged.employee_id = posting.employee_id
        and judged.last_day >= posting.valid_from
        and judged.last_day < posting.valid_to
