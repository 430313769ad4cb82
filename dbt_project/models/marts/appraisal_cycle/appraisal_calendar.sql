-- Grain: one row per employee appraised, period and step that the company's appraisal cycle dates.
-- calculated and closed have no day of their own: a score is calculated by every build once its period has ended, and a
-- period is closed by company.yaml.
with plan as (
    select
        score.employee_id,
        score.period_type,
        score.period_start
    from {{ ref('appraisal_score') }} as score
    inner join {{ source('config', 'appraisal_plan_grade') }} as owed
        on
            score.period_type = owed.period_type
            and score.grade = owed.grade
            and score.period_start >= owed.valid_from
            and score.period_start < owed.valid_to
    where score.status = 'scored'
),

agreed as (
    select
        employee_id,
        period_type,
        period_start,
        done_date,
        due_date,
        outcome,
        source_system,
        source_key
    from {{ ref('int_appraisal_action') }}
    where counts and action_type = 'improvement_plan'
    qualify row_number() over (
        partition by employee_id, period_type, period_start order by done_date nulls last, source_system, source_key
    ) = 1
),

source_of_score as (
    select
        employee_id,
        period_type,
        period_start,
        string_agg(distinct source_system, '|' order by source_system) as data_sources
    from {{ ref('appraisal_contribution') }}
    where source_system is not null
    group by employee_id, period_type, period_start
),

step as (
    select
        employee_id,
        period_type,
        period_start,
        period_end,
        step,
        step_no,
        due_date,
        done_date,
        false as is_done,
        responsible_employee_id,
        awaited_count,
        done_count,
        outcome,
        cast(null as date) as follow_up_date,
        source_system as data_sources,
        source_key
    from {{ ref('int_appraisal_step') }}

    union all

    select
        score.employee_id,
        score.period_type,
        score.period_start,
        score.period_end,
        due.step,
        due.step_no,
        due.due_date,
        null,
        case due.step when 'closed' then closed.period_start is not null else score.status <> 'provisional' end,
        null,
        1,
        case due.step when 'closed' then case when closed.period_start is null then 0 else 1 end else 1 end,
        score.status,
        null,
        case due.step when 'calculated' then source_of_score.data_sources end,
        null
    from {{ ref('appraisal_score') }} as score
    inner join {{ ref('int_appraisal_due') }} as due
        on
            score.period_type = due.period_type
            and score.period_start = due.period_start
            and due.step in ('calculated', 'closed')
            and due.is_complete
    left join {{ ref('closed_period') }} as closed
        on score.period_type = closed.period_type and score.period_start = closed.period_start
    left join source_of_score
        on {{ same_key('score', 'source_of_score', ['employee_id', 'period_type', 'period_start']) }}

    union all

    select
        plan.employee_id,
        plan.period_type,
        plan.period_start,
        person.period_end,
        due.step,
        due.step_no,
        due.due_date,
        agreed.done_date,
        false,
        person.assessor_employee_id,
        1,
        case when agreed.done_date is null then 0 else 1 end,
        agreed.outcome,
        agreed.due_date,
        agreed.source_system,
        agreed.source_key
    from plan
    inner join {{ ref('int_appraisal_due') }} as due
        on plan.period_type = due.period_type and plan.period_start = due.period_start and due.step = 'improvement_plan'
    inner join {{ ref('int_appraisal_person') }} as person
        on {{ same_key('plan', 'person', ['employee_id', 'period_type', 'period_start']) }}
    left join agreed
        on {{ same_key('plan', 'agreed', ['employee_id', 'period_type', 'period_start']) }}
)

select
    step.employee_id,
    step.period_type,
    step.period_start,
    step.period_end,
    step.step,
    cast(step.step_no as integer) as step_no,
    step.due_date,
    step.done_date,
    case
        when step.is_done or step.done_date <= step.due_date then 'done'
        when step.done_date is not null then 'done_late'
        when step.due_date < company.as_of_date then 'overdue'
        else 'due'
    end as state,
    step.responsible_employee_id,
    cast(step.awaited_count as integer) as awaited_count,
    cast(step.done_count as integer) as done_count,
    step.outcome,
    step.follow_up_date,
    step.data_sources,
    step.source_key
from step
cross join {{ source('config', 'company') }} as company
