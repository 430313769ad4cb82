-- Grain: one row per org unit or company and horizon, judged on past months' ends; horizon 0 is all of them together.
with judged as (
    select
        *,
        abs(value - actual) as error,
        abs(naive_value - actual) as naive_error
    from {{ ref('int_subject_bookings_forecast') }}
    where actual is not null
),

leveled as (
    select subject_type, subject_id, horizon, origin_month, error, naive_error, value, actual, naive_method from judged
    union all
    select subject_type, subject_id, 0, origin_month, error, naive_error, value, actual, naive_method from judged
),

-- the yardstick of MASE: how far a month lies from the one before it, in the history before the first judged forecast
first_origin as (
    select subject_type, subject_id, min(origin_month) as origin_month
    from judged
    group by subject_type, subject_id
),

step as (
    select
        subject_type,
        subject_id,
        month_start,
        abs(amount - lag(amount) over (partition by subject_type, subject_id order by month_start)) as step
    from {{ ref('int_subject_bookings_month') }}
),

yardstick as (
    select step.subject_type, step.subject_id, sum(step.step) as steps, count(step.step) as months
    from step
    inner join first_origin
        on
            step.subject_type = first_origin.subject_type
            and step.subject_id = first_origin.subject_id
            and step.month_start <= first_origin.origin_month
    group by step.subject_type, step.subject_id
)

select
    leveled.subject_type,
    leveled.subject_id,
    cast(leveled.horizon as integer) as horizon,
    count(*) as forecasts,
    min(leveled.origin_month) as first_origin_month,
    max(leveled.origin_month) as last_origin_month,
    case when min(leveled.naive_method) = max(leveled.naive_method) then min(leveled.naive_method) else 'mixed' end
        as naive_method,
    cast({{ decimal_divide('sum(leveled.error)', 'count(*)', 6) }} as decimal(28, 6)) as mean_absolute_error,
    cast({{ decimal_divide('sum(leveled.naive_error)', 'count(*)', 6) }} as decimal(28, 6)) as naive_mean_absolute_error,
    cast({{ decimal_divide('sum(leveled.error)', 'sum(abs(leveled.actual))', 6, 6) }} as decimal(28, 9)) as wape,
    cast({{ decimal_divide('sum(leveled.naive_error)', 'sum(abs(leveled.actual))', 6, 6) }} as decimal(28, 9)) as naive_wape,
    cast({{ decimal_divide(
        decimal_divide('sum(leveled.error)', 'count(*)', 6),
        decimal_divide('max(yardstick.steps)', 'max(yardstick.months)', 6),
    ) }} as decimal(28, 9)) as mase,
    cast({{ decimal_divide('sum(leveled.value - leveled.actual)', 'count(*)', 6) }} as decimal(28, 6)) as bias,
    sum(leveled.error) < sum(leveled.naive_error) as beats_seasonal_naive
from leveled
left join yardstick
    on leveled.subject_type = yardstick.subject_type and leveled.subject_id = yardstick.subject_id
group by leveled.subject_type, leveled.subject_id, leveled.horizon
