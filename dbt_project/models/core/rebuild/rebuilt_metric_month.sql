-- Grain: one row per month whose sums per subject are not what they were when the last complete build ended.
{{ changed_parts(ref('metric_fingerprint'), source('config', 'last_metric_fingerprint'), ['month_start']) }}

union distinct

select month_start from {{ ref('rebuilt_month') }}
