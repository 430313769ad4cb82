{{ config(
    materialized='incremental',
    on_schema_change='fail',
    pre_hook="{{ forget_rebuilt_days('event_date', 'rebuilt_metric_month') }}",
) }}
-- Grain: one row per metric, employee, org unit (as was) and day, of all families but sales.
{{ daily_sums(
    event_families() | reject('equalto', 'sales') | list, on_rebuilt_days('event.event_date', 'rebuilt_metric_month')
) }}
