-- Grain: one row per period whose sums per subject are not what they were when the last complete build ended.
select
    period.period_type,
    period.period_start
from {{ ref('int_period') }} as period
inner join {{ ref('rebuilt_metric_month') }} as month
    on month.first_day >= period.period_start and month.first_day < period.next_period_start

union distinct

{{ changed_parts(ref('period_fingerprint'), source('config', 'last_period_fingerprint'), ['period_type', 'period_start']) }}
