{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_days('event_date') }}") }}
-- Grain: one row per metric, employee, org unit (as was) and day, of the sales family: its rows are lines, by far the most there are.
{{ daily_sums(['sales'], on_rebuilt_days('event.event_date')) }}
