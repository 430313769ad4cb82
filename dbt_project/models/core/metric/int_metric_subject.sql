-- Grain: one row per subject, metric, period and org view in which something happened: what `kpi_value` sums.
with counted as (
    select
        metric,
        employee_id,
        org_unit_id,
        event_date,
        cast(null as varchar) as period_type,
        cast(date_trunc('month', event_date) as date) as month_start,
        numerator,
        denominator,
        grey_numerator
    from {{ ref('int_metric_daily') }}

    union all

    select
        metric,
        employee_id,
        org_unit_id,
        org_day,
        period_type,
        cast(date_trunc('month', org_day) as date),
        numerator,
        denominator,
        grey_numerator
    from {{ ref('int_metric_period') }}
),

monthly as (
    {{ by_subject('counted', ['metric', 'month_start', 'period_type'], ['numerator', 'denominator', 'grey_numerator']) }}
)

select
    monthly.subject_type,
    monthly.subject_id,
    period.period_type,
    period.period_start,
    monthly.metric,
    monthly.org_view,
    cast(sum(monthly.numerator) as decimal(38, 9)) as numerator,
    cast(sum(monthly.denominator) as decimal(38, 9)) as denominator,
    cast(sum(monthly.grey_numerator) as decimal(38, 9)) as grey_numerator
from monthly
inner join {{ ref('int_period') }} as period
    on
        monthly.month_start >= period.period_start
        and monthly.month_start < period.next_period_start
        -- an event counts in the month, quarter and year of its day; what is asked of a period counts in that one alone
        and coalesce(monthly.period_type, period.period_type) = period.period_type
group by
    monthly.subject_type, monthly.subject_id, period.period_type, period.period_start, monthly.metric, monthly.org_view
