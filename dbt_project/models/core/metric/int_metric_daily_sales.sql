{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_months('event_date') }}") }}
-- Grain: as `int_metric_daily`, the sales family alone: its rows are lines, by far the most there are.
{{ daily_sums(['sales'], in_rebuilt_months('event_date')) }}
