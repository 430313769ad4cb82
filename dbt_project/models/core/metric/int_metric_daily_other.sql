-- Grain: as `int_metric_daily`, all families but sales.
{{ daily_sums(event_families() | reject('equalto', 'sales') | list) }}
