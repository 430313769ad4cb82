-- Grain: one row per period: what was asked of the period as a whole, as one number.
select 'period' as component, record.period_type, record.period_start, {{ fingerprint('record') }}
from {{ ref('int_metric_period') }} as record
group by record.period_type, record.period_start
