-- Grain: one row per working day and employee posted that day in a role that daily_log_completeness judges.
-- The log begins with the company's first activity done.
with judged as (
    select roles from {{ ref('metric_registry') }} where metric = 'daily_log_completeness'
),

logged as (
    select distinct employee_id, activity_date
    from {{ ref('int_activity') }}
    where status = 'done'
),

working_day as (
    select calendar.date_day
    from {{ ref('dim_date') }} as calendar
    cross join {{ source('config', 'company') }} as company
    cross join (select min(activity_date) as activity_date from logged) as first_logged
    where
        calendar.is_working_day
        and calendar.date_day >= first_logged.activity_date
        and calendar.date_day <= company.as_of_date
)

select
    posting.employee_id,
    working_day.date_day as posted_date,
    logged.activity_date is not null as is_logged
from {{ ref('int_posting') }} as posting
inner join judged
    on list_contains(string_split(judged.roles, '|'), posting.role)
inner join working_day
    on working_day.date_day >= posting.valid_from and working_day.date_day < posting.valid_to
left join logged
    on posting.employee_id = logged.employee_id and working_day.date_day = logged.activity_date
