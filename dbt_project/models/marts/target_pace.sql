-- Grain: one row per target in force that adds up, of every period that has begun.
-- expected = target x working days gone / working days of the period; for people the days they are posted.
-- landing = actual + working days left x daily rate, the daily rate being actual / working days gone; the range takes
-- the lower and the upper quartile of the subject's daily rates in its latest complete months instead, where that is
-- lower (higher) than today's rate. A period that is over has landed.
with measured as (
    select
        {{ target_key('target') }},
        period.period_end,
        period.is_complete,
        target.target_value,
        kpi.value as actual,
        target.posted_working_days,
        target.period_working_days,
        {{ working_days_between('target.period_start', add_days('target.asked_on', 1)) }} as gone_working_days
    from {{ ref('int_target') }} as target
    inner join {{ ref('int_period') }} as period
        on target.period_type = period.period_type and target.period_start = period.period_start
    left join {{ ref('kpi_value') }} as kpi
        on {{ same_target('target', 'kpi') }} and kpi.org_view = 'as_was'
    where target.is_additive
),

posted as (
    select
        employee_id,
        period_type,
        period_start,
        sum(elapsed_working_days) as elapsed_working_days
    from {{ ref('int_posting_days') }}
    group by employee_id, period_type, period_start
),

paced as (
    select
        measured.*,
        cast(
            case
                when measured.posted_working_days > 0 then measured.posted_working_days
                else measured.period_working_days
            end as integer
        ) as working_days,
        cast(
            case
                when measured.is_complete and measured.posted_working_days > 0 then measured.posted_working_days
                when measured.posted_working_days > 0 then posted.elapsed_working_days
                else measured.gone_working_days
            end as integer
        ) as elapsed_working_days
    from measured
    left join posted
        on
            measured.subject_type = 'employee'
            and measured.subject_id = posted.employee_id
            and measured.period_type = posted.period_type
            and measured.period_start = posted.period_start
),

complete_month as (
    select
        period_start,
        next_period_start,
        cast({{ working_days_between('period_start', 'next_period_start') }} as integer) as working_days,
        row_number() over (order by period_start desc) as months_ago
    from {{ ref('int_period') }}
    where period_type = 'month' and is_complete
),

-- only a period that still runs is foretold
asking as (
    select distinct subject_type, subject_id, metric
    from paced
    where not is_complete
),

past_rate as (
    select
        asking.subject_type,
        asking.subject_id,
        asking.metric,
        {{ decimal_divide('kpi.value', 'complete_month.working_days', 9, 0) }} as daily_rate
    from asking
    inner join {{ ref('kpi_value') }} as kpi
        on
            asking.subject_type = kpi.subject_type
            and asking.subject_id = kpi.subject_id
            and asking.metric = kpi.metric
            and kpi.org_view = 'as_was'
            and kpi.period_type = 'month'
            and kpi.value is not null
    inner join complete_month
        on kpi.period_start = complete_month.period_start
    cross join {{ source('config', 'target_rule') }} as rule
    where complete_month.months_ago <= rule.forecast_months and complete_month.working_days > 0
),

spread as (
    select
        subject_type,
        subject_id,
        metric,
        count(*) as history_months,
        percentile_disc(0.25) within group (order by daily_rate) as lower_rate,
        percentile_disc(0.75) within group (order by daily_rate) as upper_rate
    from past_rate
    group by subject_type, subject_id, metric
),

rated as (
    select
        paced.*,
        {{ decimal_divide('paced.target_value * paced.elapsed_working_days', 'paced.working_days', 6, 0) }} as expected,
        {{ decimal_divide('paced.actual', 'paced.elapsed_working_days', 9, 0) }} as daily_rate,
        coalesce(spread.history_months, 0) as history_months,
        spread.lower_rate,
        spread.upper_rate,
        case
            when paced.actual is null then 'no_data'
            when paced.is_complete then 'closed'
            when paced.elapsed_working_days = 0 then 'no_day_gone'
            when coalesce(spread.history_months, 0) < rule.forecast_min_months then 'too_little_history'
            else 'ok'
        end as forecast_status
    from paced
    cross join {{ source('config', 'target_rule') }} as rule
    left join spread
        on
            not paced.is_complete
            and paced.subject_type = spread.subject_type
            and paced.subject_id = spread.subject_id
            and paced.metric = spread.metric
)

select
    subject_type,
    subject_id,
    metric,
    period_type,
    period_start,
    period_end,
    is_complete,
    target_value,
    cast(actual as decimal(28, 9)) as actual,
    working_days,
    elapsed_working_days,
    cast({{ decimal_divide('elapsed_working_days', 'working_days', 0, 0) }} as decimal(28, 9)) as elapsed_share,
    cast(expected as decimal(28, 6)) as expected_value,
    cast({{ decimal_divide('actual', 'expected') }} as decimal(28, 9)) as pace,
    forecast_status,
    cast(history_months as integer) as history_months,
    {% for column, rate in [
        ('landing_value', 'daily_rate'),
        ('landing_low', 'least(daily_rate, lower_rate)'),
        ('landing_high', 'greatest(daily_rate, upper_rate)'),
    ] %}
    cast(
        case
            when forecast_status = 'closed' then actual
            when forecast_status = 'ok' then actual + (working_days - elapsed_working_days) * {{ rate }}
        end as decimal(28, 6)
    ) as {{ column }}{{ "," if not loop.last }}
    {% endfor %}
from rated
