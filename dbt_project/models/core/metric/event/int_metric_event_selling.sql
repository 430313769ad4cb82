{{ config(materialized='view') }}
-- Grain: one row per opportunity and metric of the selling family.
with closed as (
    select
        *,
        coalesce(owner_employee_id, 'unassigned') as employee_id
    from {{ ref('int_opportunity') }}
    where status in ('won', 'lost') and closed_date is not null
)

{{ metric_event(
    'win_rate', 'closed', 'closed_date', "case when status = 'won' then 1 else 0 end", 'opportunity', denominator='1'
) }}
union all
{{ metric_event(
    'sales_cycle_days', 'closed', 'closed_date', days_between('created_date', 'closed_date'), 'opportunity',
    denominator='1', where="status = 'won' and created_date is not null"
) }}
