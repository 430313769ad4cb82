{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_periods('rebuilt_metric_period') }}") }}
-- Grain: one row per subject, period, org view and metric of the customer family that does not add up over people.
-- customer_concentration: bookings of the subject's five biggest customers of the period, of all its bookings of known
-- customers; a customer whose returns outweigh its orders counts in neither.
-- Numbers stand for the names of customers and periods meanwhile. The tree of today changes nothing for employees and
-- the company: their rows are reckoned once and stand in both views.
with period as (
    select
        period_type,
        period_start,
        next_period_start,
        cast(row_number() over (order by period_type, period_start) as integer) as period_no
    from {{ ref('int_period') }} as period
    where {{ in_rebuilt_periods('period', 'rebuilt_metric_period') }}
),

daily_sale as (
    select
        fact.employee_id,
        fact.org_unit_id,
        fact.customer_key,
        fact.booked_date as event_date,
        sum(fact.credited_amount) as amount
    from {{ ref('fct_sales_credit') }} as fact
    cross join {{ source('config', 'company') }} as company
    where
        fact.customer_key is not null
        and fact.booked_date <= company.as_of_date
        and {{ since_rebuilt_periods('fact.booked_date', 'rebuilt_metric_period') }}
    group by fact.employee_id, fact.org_unit_id, fact.customer_key, fact.booked_date
),

customer as (
    select customer_key, cast(row_number() over (order by customer_key) as integer) as customer_no
    from (select distinct customer_key from daily_sale) as named
),

daily as (
    select
        daily_sale.employee_id,
        daily_sale.org_unit_id,
        customer.customer_no,
        daily_sale.event_date,
        daily_sale.amount
    from daily_sale
    inner join customer
        on daily_sale.customer_key = customer.customer_key
),

day_of_period as (
    select day.event_date, period.period_no
    from (select distinct event_date from daily) as day
    inner join period
        on day.event_date >= period.period_start and day.event_date < period.next_period_start
),

booked as (
    select
        daily.*,
        day_of_period.period_no
    from daily
    inner join day_of_period
        on daily.event_date = day_of_period.event_date
),

per_customer as (
    {{ by_subject('booked', ['customer_no', 'period_no'], ['amount']) }}
),

-- which five matters not, where several bought the same
concentrated as (
    select
        subject_type,
        subject_id,
        org_view,
        period_no,
        list_sum(max(amount, 5)) as numerator,
        sum(amount) as denominator
    from per_customer
    where amount > 0 and (org_view = 'as_was' or subject_type = 'org_unit')
    group by subject_type, subject_id, org_view, period_no
),

viewed as (
    select * from concentrated
    union all
    select * replace ('as_is' as org_view) from concentrated where subject_type <> 'org_unit'
)

select
    viewed.subject_type,
    viewed.subject_id,
    period.period_type,
    period.period_start,
    'customer_concentration' as metric,
    viewed.org_view,
    cast(viewed.numerator as decimal(38, 9)) as numerator,
    cast(viewed.denominator as decimal(38, 9)) as denominator
from viewed
inner join period
    on viewed.period_no = period.period_no
