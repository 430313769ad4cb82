-- Grain: one row per score: how far its appraisal has come, and what comes next.
with {% for step in ['reviewed', 'acknowledged'] %}
{{ step }} as (
    select
        action.employee_id,
        action.period_type,
        action.period_start,
        action.done_date,
        action.outcome
    from {{ ref('int_appraisal_action') }} as action
    cross join {{ source('config', 'company') }} as company
    where action.counts and action.action_type = '{{ step }}' and action.done_date <= company.as_of_date
    qualify row_number() over (
        partition by action.employee_id, action.period_type, action.period_start
        order by action.done_date, action.source_system, action.source_key
    ) = 1
),
{% endfor %}

waiting as (
    select
        employee_id,
        period_type,
        period_start,
        step,
        due_date,
        responsible_employee_id,
        count(case when state = 'overdue' then 1 end) over whole as overdue_steps
    from {{ ref('appraisal_calendar') }}
    where state in ('due', 'overdue') and step <> 'review_talk'
    window whole as (partition by employee_id, period_type, period_start)
    qualify row_number() over (
        partition by employee_id, period_type, period_start order by due_date, step_no
    ) = 1
)

select
    score.employee_id,
    score.period_type,
    score.period_start,
    score.period_end,
    case
        when closed.period_start is not null then 'closed'
        when not period.is_complete then 'open'
        when reviewed.done_date is not null then 'reviewed'
        else 'calculated'
    end as state,
    person.assessor_employee_id,
    reviewed.done_date as reviewed_date,
    acknowledged.done_date as acknowledged_date,
    acknowledged.outcome as acknowledgement,
    closed.closed_by,
    waiting.step as next_step,
    waiting.due_date as next_due_date,
    waiting.responsible_employee_id as next_responsible_employee_id,
    cast(coalesce(waiting.overdue_steps, 0) as integer) as overdue_steps
from {{ ref('appraisal_score') }} as score
inner join {{ ref('int_period') }} as period
    on score.period_type = period.period_type and score.period_start = period.period_start
left join {{ ref('closed_period') }} as closed
    on score.period_type = closed.period_type and score.period_start = closed.period_start
{% for name, relation in [
    ('person', ref('int_appraisal_person')), ('reviewed', 'reviewed'), ('acknowledged', 'acknowledged'), ('waiting', 'waiting'),
] %}
left join {{ relation }} as {{ name }}
    on {{ same_key('score', name, ['employee_id', 'period_type', 'period_start']) }}
{% endfor %}
