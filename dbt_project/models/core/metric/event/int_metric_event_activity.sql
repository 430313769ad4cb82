{{ config(materialized='view') }}
-- Grain: one row per activity and metric of the activity family.
with done as (
    select
        * exclude (employee_id),
        coalesce(employee_id, 'unassigned') as employee_id
    from {{ ref('int_activity') }}
    where status = 'done'
)

{{ metric_event('visits', 'done', 'activity_date', '1', 'activity', where="activity_type = 'visit'") }}
union all
{{ metric_event('calls', 'done', 'activity_date', '1', 'activity', where="activity_type = 'call'") }}
union all
{{ metric_event('meetings', 'done', 'activity_date', '1', 'activity', where="activity_type = 'meeting'") }}
union all
{{ metric_event(
    'accepted_market_feedback', 'done', 'activity_date', '1', 'activity',
    where="activity_type = 'feedback' and outcome = 'accepted'"
) }}
union all
select
    'daily_log_completeness',
    employee_id,
    null,
    posted_date,
    case when is_logged then 1 else 0 end,
    1,
    null,
    'activity',
    null,
    null
from {{ ref('int_posted_day') }}
