-- Grain: one row per period, from the one of the first event to the one of the company's as-of date.
with recursive company as (
    select
        as_of_date,
        fiscal_year_start_month
    from {{ source('config', 'company') }}
),

month as (
    select cast(date_trunc('month', min(daily.event_date)) as date) as month_start
    from {{ ref('int_metric_daily') }} as daily
    having min(daily.event_date) is not null

    union all

    select {{ add_months('month.month_start', 1) }} as month_start
    from month
    cross join company
    where {{ add_months('month.month_start', 1) }} <= company.as_of_date
),

started as (
    select
        month.month_start,
        (extract(month from month.month_start) - company.fiscal_year_start_month + 12) % 12 as months_into_year
    from month
    cross join company
),

period as (
    select 'month' as period_type, month_start as period_start, 1 as months
    from started
    union distinct
    select 'quarter', {{ add_months('month_start', '-(months_into_year % 3)') }}, 3
    from started
    union distinct
    select 'year', {{ add_months('month_start', '-months_into_year') }}, 12
    from started
)

select
    period.period_type,
    period.period_start,
    -- the last day, itself inside the period
    cast({{ add_months('period.period_start', 'period.months') }} - interval 1 day as date) as period_end,
    {{ add_months('period.period_start', 'period.months') }} as next_period_start,
    cast({{ add_months('period.period_start', 'period.months') }} - interval 1 day as date) <= company.as_of_date as is_complete
from period
cross join company
