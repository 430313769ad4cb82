{{ config(materialized='view') }}
-- Grain: one row per calendar day.
select
    date_day,
    working_day_number - case when is_working_day then 1 else 0 end as working_days_before
from {{ ref('dim_date') }}
