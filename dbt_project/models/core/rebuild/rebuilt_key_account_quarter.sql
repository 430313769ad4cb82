-- Grain: one row per fiscal quarter whose key accounts are not what they were when the last complete build ended: it is new
-- or gone, or something was booked differently in the four quarters before it.
with quarter as (
    select period_start from {{ ref('int_period') }} where period_type = 'quarter'
),

known as (
    select distinct period_start from {{ source('config', 'last_kpi_fingerprint') }} where period_type = 'quarter'
)

select coalesce(quarter.period_start, known.period_start) as first_day
from quarter
full outer join known
    on quarter.period_start = known.period_start
where quarter.period_start is null or known.period_start is null

union distinct

select quarter.period_start
from quarter
inner join {{ ref('rebuilt_third') }} as rebuilt
    on
        rebuilt.first_day < quarter.period_start
        and rebuilt.first_day >= {{ add_months('quarter.period_start', -12) }}
