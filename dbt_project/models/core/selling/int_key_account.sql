{{ config(
    materialized='incremental',
    on_schema_change='fail',
    pre_hook="{{ forget_rebuilt_days('quarter_start', 'rebuilt_key_account_quarter') }}",
) }}
-- Grain: one row per fiscal quarter, employee and key account: the five customers with most bookings credited to the
-- employee in the four quarters before, as far as above zero.
with booked_month as (
    select
        cast(date_trunc('month', booked_date) as date) as month_start,
        employee_id,
        customer_key,
        sum(credited_amount) as amount
    from {{ ref('fct_sales_credit') }}
    where
        customer_key is not null
        and employee_id <> 'unassigned'
        {%- if is_incremental() %}
        and booked_date >= (
            select {{ add_months('min(first_day)', -12) }} from {{ ref('rebuilt_key_account_quarter') }}
        )
        {%- endif %}
    group by cast(date_trunc('month', booked_date) as date), employee_id, customer_key
),

booked as (
    select
        quarter.period_start as booked_quarter,
        booked_month.employee_id,
        booked_month.customer_key,
        sum(booked_month.amount) as amount
    from booked_month
    inner join {{ ref('int_period') }} as quarter
        on
            quarter.period_type = 'quarter'
            and booked_month.month_start >= quarter.period_start
            and booked_month.month_start < quarter.next_period_start
    group by quarter.period_start, booked_month.employee_id, booked_month.customer_key
)

select
    quarter.period_start as quarter_start,
    quarter.next_period_start as next_quarter_start,
    booked.employee_id,
    booked.customer_key,
    cast(sum(booked.amount) as decimal(38, 6)) as amount
from booked
inner join {{ ref('int_period') }} as quarter
    on
        quarter.period_type = 'quarter'
        and booked.booked_quarter < quarter.period_start
        and booked.booked_quarter >= {{ add_months('quarter.period_start', '-12') }}
where {{ in_rebuilt_days('quarter.period_start', 'rebuilt_key_account_quarter') }}
group by quarter.period_start, quarter.next_period_start, booked.employee_id, booked.customer_key
having sum(booked.amount) > 0
qualify row_number() over (
    partition by quarter.period_start, booked.employee_id order by sum(booked.amount) desc, booked.customer_key
) <= 5
