-- Grain: one row per month whose sums per subject are not what they were when the last complete build ended.
{{ changed_parts(ref('metric_fingerprint'), source('config', 'last_metric_fingerprint'), ['first_day']) }}

union distinct

select {{ month_of('first_day') }} from {{ ref('rebuilt_third') }}
