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
