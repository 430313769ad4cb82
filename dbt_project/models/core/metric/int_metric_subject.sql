{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_periods('rebuilt_metric_period') }}") }}
-- Grain: one row per subject, metric, period and org view in which something happened: what `kpi_value` sums.
-- An event counts in the month, quarter and year of its day; what is asked of a period counts in that one alone.
with asked as (
    select
        *,
        org_day as event_date
    from {{ ref('int_metric_period') }} as asked
    where {{ in_rebuilt_periods('asked', 'rebuilt_metric_period') }}
),

counted as (
    select
        monthly.subject_type,
        monthly.subject_id,
        monthly.org_view,
        monthly.metric,
        period.period_type,
        period.period_start,
        monthly.numerator,
        monthly.denominator,
        monthly.grey_numerator
    from {{ ref('int_metric_subject_month') }} as monthly
    inner join {{ ref('int_period') }} as period
        on monthly.month_start >= period.period_start and monthly.month_start < period.next_period_start
    where {{ in_rebuilt_periods('period', 'rebuilt_metric_period') }}

    union all

    {{ by_subject('asked', ['metric', 'period_type', 'period_start'], ['numerator', 'denominator', 'grey_numerator']) }}
)

select
    subject_type,
    subject_id,
    period_type,
    period_start,
    metric,
    org_view,
    cast(sum(numerator) as decimal(38, 9)) as numerator,
    cast(sum(denominator) as decimal(38, 9)) as denominator,
    cast(sum(grey_numerator) as decimal(38, 9)) as grey_numerator
from counted
group by subject_type, subject_id, period_type, period_start, metric, org_view
