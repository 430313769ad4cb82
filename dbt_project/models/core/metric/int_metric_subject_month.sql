{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_days('month_start', 'rebuilt_metric_month') }}") }}
-- Grain: one row per subject, metric, month and org view in which something happened.
with counted as (
    select
        *,
        cast(date_trunc('month', event_date) as date) as month_start
    from {{ ref('int_metric_daily') }}
    where {{ on_rebuilt_days('event_date', 'rebuilt_metric_month') }}
)

{{ by_subject('counted', ['metric', 'month_start'], ['numerator', 'denominator', 'grey_numerator']) }}
