-- Grain: one row per working day and employee posted that day in a role that daily_log_completeness judges.
with judged as (
    select roles from {{ ref('metric_registry') }} where metric = 'daily_log_completeness'
),

logged as (
    select distinct employee_id, activity_date
    from {{ ref('int_activity') }}
    where status = 'done'
)

select
    posting.employee_id,
    working_day.day as posted_date,
    logged.activity_date is not null as is_logged
from {{ ref('int_posting') }} as posting
inner join judged
    on list_contains(string_split(judged.roles, '|'), posting.role)
inner join {{ ref('int_working_day') }} as working_day
    on working_day.day >= posting.valid_from and working_day.day < posting.valid_to
left join logged
    on posting.employee_id = logged.employee_id and working_day.day = logged.activity_date
