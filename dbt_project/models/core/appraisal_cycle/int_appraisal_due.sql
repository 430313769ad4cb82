-- Grain: one row per period and step of its appraisals, with the day by which it is due: so many working days after the
-- last day of the period. 0 is the last working day of the period itself.
select
    period.period_type,
    period.period_start,
    period.period_end,
    period.is_complete,
    deadline.step,
    deadline.step_no,
    min(due.date_day) as due_date
from {{ ref('int_period') }} as period
inner join {{ source('config', 'appraisal_deadline') }} as deadline
    on
        period.period_type = deadline.period_type
        and period.period_start >= deadline.valid_from
        and period.period_start < deadline.valid_to
inner join {{ ref('dim_date') }} as last_day
    on period.period_end = last_day.date_day
inner join {{ ref('dim_date') }} as due
    on
        due.is_working_day
        and due.working_day_number = last_day.working_day_number + deadline.within_working_days
group by
    period.period_type, period.period_start, period.period_end, period.is_complete, deadline.step, deadline.step_no
