-- Grain: one row per kind of input and period whose published values it decides, beside the sums per subject.
with dated as (
    select 'period' as component, record.period_type, record.period_start, {{ fingerprint('record') }}
    from {{ ref('int_period') }} as record
    group by record.period_type, record.period_start

    union all

    select 'direct', record.period_type, record.period_start, {{ fingerprint('record') }}
    from {{ ref('int_metric_direct') }} as record
    group by record.period_type, record.period_start

    union all

    select 'target', record.period_type, record.period_start, {{ fingerprint('record') }}
    from {{ ref('int_target') }} as record
    group by record.period_type, record.period_start

    union all

    -- who is there to be measured, in which role
    select 'posted', period.period_type, period.period_start, {{ fingerprint('assignment.employee_id, assignment.role') }}
    from {{ ref('int_period') }} as period
    inner join {{ ref('dim_assignment') }} as assignment
        on assignment.valid_from < period.next_period_start and period.period_start < assignment.valid_to
    group by period.period_type, period.period_start

    union all

    select 'unit', period.period_type, period.period_start, {{ fingerprint('unit.org_unit_id') }}
    from {{ ref('int_period') }} as period
    inner join {{ ref('dim_org_unit') }} as unit
        on unit.valid_from < period.next_period_start and period.period_start < unit.valid_to
    group by period.period_type, period.period_start
),

-- what is recorded anywhere decides everywhere between 0 and unknown; the list of roles, who is judged
everywhere as (
    select {{ fingerprint('metric') }}
    from (
        select metric from {{ ref('int_metric_daily') }}
        union distinct
        select metric from {{ ref('int_metric_period') }}
        union distinct
        select metric from {{ ref('int_metric_direct') }}
    ) as recorded

    union all

    select {{ fingerprint('role') }}
    from (select distinct role from {{ ref('dim_assignment') }}) as held

    union all

    -- what came before the first sale is unknown
    select {{ fingerprint('booked_date') }}
    from (select min(booked_date) as booked_date from {{ ref('fct_sales_credit') }}) as first_sale
)

select component, period_type, period_start, row_count, content
from dated

union all

select 'everywhere', period.period_type, period.period_start, {{ fingerprint('everywhere') }}
from {{ ref('int_period') }} as period
cross join everywhere
group by period.period_type, period.period_start
