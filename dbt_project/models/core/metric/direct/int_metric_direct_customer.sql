{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_periods('rebuilt_metric_period') }}") }}
-- Grain: one row per subject, period, org view and metric of the customer family that does not add up over people.
-- customer_concentration: bookings of the subject's five biggest customers of the period, of all its bookings of known
-- customers; a customer whose returns outweigh its orders counts in neither.
with booked as (
    select
        fact.employee_id,
        fact.org_unit_id,
        fact.customer_key,
        fact.booked_date as event_date,
        cast(date_trunc('month', fact.booked_date) as date) as month_start,
        sum(fact.credited_amount) as amount
    from {{ ref('fct_sales_credit') }} as fact
    cross join {{ source('config', 'company') }} as company
    where
        fact.customer_key is not null
        and fact.booked_date <= company.as_of_date
        and {{ since_rebuilt_periods('fact.booked_date', 'rebuilt_metric_period') }}
    group by fact.employee_id, fact.org_unit_id, fact.customer_key, fact.booked_date
),

monthly as (
    {{ by_subject('booked', ['customer_key', 'month_start'], ['amount']) }}
),

per_customer as (
    select
        monthly.subject_type,
        monthly.subject_id,
        monthly.org_view,
        period.period_type,
        period.period_start,
        sum(monthly.amount) as amount,
        row_number() over (
            partition by
                monthly.subject_type, monthly.subject_id, monthly.org_view, period.period_type, period.period_start
            order by sum(monthly.amount) desc, monthly.customer_key
        ) as position
    from monthly
    inner join {{ ref('int_period') }} as period
        on monthly.month_start >= period.period_start and monthly.month_start < period.next_period_start
    where {{ in_rebuilt_periods('period', 'rebuilt_metric_period') }}
    group by
        monthly.subject_type,
        monthly.subject_id,
        monthly.org_view,
        period.period_type,
        period.period_start,
        monthly.customer_key
    having sum(monthly.amount) > 0
)

select
    subject_type,
    subject_id,
    period_type,
    period_start,
    'customer_concentration' as metric,
    org_view,
    cast(sum(amount) filter (where position <= 5) as decimal(38, 9)) as numerator,
    cast(sum(amount) as decimal(38, 9)) as denominator
from per_customer
group by subject_type, subject_id, period_type, period_start, org_view
