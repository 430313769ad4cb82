{{ config(materialized='view') }}
-- Grain: one row per period, record and metric of what employees learn and how managers lead.
-- Records far older than the sales may be there, so these are asked of each period instead of being events on their day.
with period as ({{ asked_periods('last_day') }}),

training as (
    select
        * exclude (employee_id),
        coalesce(employee_id, 'unassigned') as employee_id,
        cast(null as varchar) as customer_key
    from {{ ref('int_training') }}
),

completed as (
    select training.*, period.period_type, period.period_start
    from training
    inner join period
        on training.completed_date >= period.period_start and training.completed_date <= period.last_day
),

owed as (
    select
        training.*,
        period.period_type,
        period.period_start,
        case when training.completed_date <= training.due_date then 1 else 0 end as is_done
    from training
    inner join period
        on training.due_date >= period.period_start and training.due_date <= period.last_day
    where training.is_owed
),

talk as (
    select
        activity.* exclude (employee_id),
        coalesce(activity.employee_id, 'unassigned') as employee_id,
        period.period_type,
        period.period_start
    from {{ ref('int_activity') }} as activity
    inner join period
        on activity.activity_date >= period.period_start and activity.activity_date <= period.last_day
    where activity.activity_type = 'coaching' and activity.status = 'done'
),

-- whoever works under a manager when the period ends
led as (
    select
        posting.manager_employee_id as employee_id,
        staff.period_type,
        staff.period_start,
        staff.org_day,
        count(*) as reports,
        cast(null as varchar) as customer_key,
        cast(null as varchar) as source_system,
        cast(null as varchar) as source_key
    from {{ ref('int_staff_event') }} as staff
    inner join {{ ref('int_posting') }} as posting
        on
            staff.employee_id = posting.employee_id
            and staff.org_day >= posting.valid_from
            and staff.org_day < posting.valid_to
    where staff.metric = 'headcount' and posting.manager_employee_id is not null
    group by posting.manager_employee_id, staff.period_type, staff.period_start, staff.org_day
)

{{ metric_period_event('training_completed', 'completed', 'completed_date', '1', 'training_record') }}

union all

{{ metric_period_event(
    'training_completion_rate', 'owed', 'due_date', 'is_done', 'training_record', denominator='1'
) }}

union all

{{ metric_period_event('coaching_talks', 'talk', 'activity_date', '1', 'activity') }}

union all

{{ metric_period_event('span_of_control', 'led', 'org_day', 'reports', 'assignment', denominator='1') }}
