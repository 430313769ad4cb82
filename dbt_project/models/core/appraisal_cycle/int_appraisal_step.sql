-- Grain: one row per employee appraised, period and step that people do: ratings, reviewed, acknowledged, review_talk.
-- Talks are about months, whatever period type the employee is appraised by: with whoever is judged on the month's last day
-- posted.
with awaited as (
    select
        person.employee_id,
        due.period_type,
        due.period_start,
        due.period_end,
        due.step,
        due.step_no,
        due.due_date,
        person.assessor_employee_id
    from {{ ref('int_appraisal_person') }} as person
    inner join {{ ref('int_appraisal_due') }} as due
        on person.period_type = due.period_type and person.period_start = due.period_start
    where due.step in ('ratings', 'reviewed', 'acknowledged') and due.is_complete

    union all

    select distinct
        part.employee_id,
        due.period_type,
        due.period_start,
        due.period_end,
        due.step,
        due.step_no,
        due.due_date,
        posting.manager_employee_id
    from {{ ref('int_appraisal_due') }} as due
    inner join {{ ref('int_appraisal_part') }} as part
        on due.period_end >= part.posted_from and due.period_end < part.posted_to
    inner join {{ ref('int_posting') }} as posting
        on
            part.employee_id = posting.employee_id
            and due.period_end >= posting.valid_from
            and due.period_end < posting.valid_to
    where due.step = 'review_talk' and due.is_complete
),

-- the forms of a person's period are handed in when the last one is
form as (
    select
        employee_id,
        period_type,
        period_start,
        'ratings' as step,
        case when count(*) = count(submitted_date) then max(submitted_date) end as done_date,
        cast(null as varchar) as outcome,
        min(source_system) as source_system,
        cast(null as varchar) as source_key,
        cast(count(*) as integer) as awaited_count,
        cast(count(submitted_date) as integer) as done_count
    from {{ ref('int_review') }}
    where employee_id is not null
    group by employee_id, period_type, period_start
),

-- of several the first that was done
action as (
    select
        employee_id,
        period_type,
        period_start,
        action_type as step,
        done_date,
        outcome,
        source_system,
        source_key,
        cast(1 as integer) as awaited_count,
        cast(case when done_date is not null then 1 else 0 end as integer) as done_count
    from {{ ref('int_appraisal_action') }}
    where counts and action_type <> 'improvement_plan'
    qualify row_number() over (
        partition by employee_id, period_type, period_start, action_type
        order by done_date nulls last, source_system, source_key
    ) = 1
),

done as (
    select * from form
    union all
    select * from action
)

select
    awaited.employee_id,
    awaited.period_type,
    awaited.period_start,
    awaited.period_end,
    awaited.step,
    awaited.step_no,
    awaited.due_date,
    case when done.done_date <= company.as_of_date then done.done_date end as done_date,
    case awaited.step when 'acknowledged' then awaited.employee_id else awaited.assessor_employee_id end
        as responsible_employee_id,
    done.outcome,
    done.source_system,
    done.source_key,
    coalesce(done.awaited_count, 1) as awaited_count,
    coalesce(done.done_count, 0) as done_count
from awaited
cross join {{ source('config', 'company') }} as company
left join done
    on
        awaited.employee_id = done.employee_id
        and awaited.period_type = done.period_type
        and awaited.period_start = done.period_start
        and awaited.step = done.step
-- where no form was ever sent out there is nothing to hand in
where awaited.step <> 'ratings' or done.employee_id is not null
