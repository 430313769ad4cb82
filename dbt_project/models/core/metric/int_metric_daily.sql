{{ config(materialized='view') }}
-- Grain: one row per metric, employee, org unit (as was) and day up to the day the candidate describes.
select * from {{ ref('int_metric_daily_sales') }}
union all
select * from {{ ref('int_metric_daily_other') }}
