-- Grain: one row per training record, employee resolved; `is_owed` where it is required and the employee was there when due.
with gone as (
    select
        employee_id,
        max(employed_to) as employed_to
    from {{ ref('int_employment') }}
    group by employee_id
)

select
    training.source_system,
    training.source_key,
    training.load_id,
    {{ resolved('employee', 'employee_id') }} as employee_id,
    training.course,
    training.due_date,
    training.completed_date,
    training.hours,
    training.score,
    coalesce(training.is_required, false)
    and training.due_date is not null
    and training.due_date < coalesce(gone.employed_to, date '9999-12-31') as is_owed
from {{ ref('training_record') }} as training
{{ join_reference(ref('int_employee_alias'), 'training', 'employee_key', 'employee') }}
left join gone
    on {{ resolved('employee', 'employee_id') }} = gone.employee_id
