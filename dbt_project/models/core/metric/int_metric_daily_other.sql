-- Grain: one row per metric, employee, org unit (as was) and day, of all families but sales.
{{ daily_sums(event_families() | reject('equalto', 'sales') | list) }}
