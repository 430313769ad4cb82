-- Grain: one row per org unit of today's tree or company, and month ahead.
{% set least_errors = 4 %}
with last_month as (
    select max(month_start) as origin_month
    from {{ ref('int_bookings_month') }}
    having max(month_start) is not null
),

subject as (
    select 'org_unit' as subject_type, org_unit_id as subject_id
    from {{ ref('dim_org_unit') }}
    where is_current
    union all
    select 'company', 'company'
),

grid as (
    select
        subject.subject_type,
        subject.subject_id,
        last_month.origin_month,
        ahead.horizon,
        {{ add_months('last_month.origin_month', 'ahead.horizon') }} as period_start
    from subject
    cross join last_month
    cross join (
        {% for horizon in range(1, 7) %}
        select cast({{ horizon }} as integer) as horizon{% if not loop.last %} union all{% endif %}
        {% endfor %}
    ) as ahead
),

-- whole currency units keep the sum of squares exact, whatever the order it is added in
squared as (
    select
        subject_type,
        subject_id,
        horizon,
        count(*) as errors,
        sum(cast(round(value - actual) as decimal(18, 0)) * cast(round(value - actual) as decimal(18, 0))) as squares
    from {{ ref('int_subject_bookings_forecast') }}
    where actual is not null
    group by subject_type, subject_id, horizon
),

-- errors further ahead are no smaller than nearer ones, though few of them may look so
spread as (
    select
        subject_type,
        subject_id,
        horizon,
        max(case when errors >= {{ least_errors }} then sqrt(cast(squares as double) / errors) end) over (
            partition by subject_type, subject_id order by horizon
        ) as rmse
    from squared
),

-- who never sold less than nothing in a month is not expected to
never_negative as (
    select subject_type, subject_id
    from {{ ref('int_subject_bookings_month') }}
    group by subject_type, subject_id
    having min(amount) >= 0
),

ranged as (
    select
        grid.*,
        told.value,
        told.naive_value,
        told.method,
        told.history_months,
        told.units_without_forecast,
        -- 80 % of a normal distribution lies within 1.281552 standard deviations
        cast(round(1.281552 * spread.rmse, 2) as decimal(28, 6)) as reach,
        accuracy.beats_seasonal_naive,
        accuracy.wape,
        never_negative.subject_id is not null as is_never_negative
    from grid
    left join {{ ref('int_subject_bookings_forecast') }} as told
        on
            grid.subject_type = told.subject_type
            and grid.subject_id = told.subject_id
            and grid.origin_month = told.origin_month
            and grid.horizon = told.horizon
    left join spread
        on
            grid.subject_type = spread.subject_type
            and grid.subject_id = spread.subject_id
            and grid.horizon = spread.horizon
    left join {{ ref('forecast_accuracy') }} as accuracy
        on
            grid.subject_type = accuracy.subject_type
            and grid.subject_id = accuracy.subject_id
            and accuracy.horizon = 0
    left join never_negative
        on grid.subject_type = never_negative.subject_type and grid.subject_id = never_negative.subject_id
)

select
    subject_type,
    subject_id,
    period_start,
    horizon,
    origin_month,
    value,
    cast(
        case when is_never_negative and value < reach then 0 else value - reach end as decimal(28, 6)
    ) as value_low,
    cast(value + reach as decimal(28, 6)) as value_high,
    case when value is null then 'no_data' else 'ok' end as status,
    case when value is null then 'no_data' when reach is null then 'few_forecasts_judged' else 'ok' end as range_status,
    coalesce(method, 'no_data') as method,
    naive_value,
    coalesce(history_months, 0) as history_months,
    units_without_forecast,
    wape,
    beats_seasonal_naive
from ranged
