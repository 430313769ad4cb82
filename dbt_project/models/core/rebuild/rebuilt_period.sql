-- Grain: one row per period whose published values are not what they were when the last complete build ended: its own, or
-- those of a period it is compared with.
with changed as (
    {{ changed_parts(ref('kpi_fingerprint'), source('config', 'last_kpi_fingerprint'), ['period_type', 'period_start']) }}

    union distinct

    select period_type, period_start from {{ ref('rebuilt_metric_period') }}
)

select period_type, period_start
from changed

union distinct

select
    period_type,
    {{ add_months('period_start', "case period_type when 'month' then 1 when 'quarter' then 3 else 12 end") }}
from changed

union distinct

select period_type, {{ add_months('period_start', 12) }}
from changed
