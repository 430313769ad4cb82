-- Grain: one row per fiscal quarter, employee and key account: the five customers with most bookings credited to the
-- employee in the four quarters before, as far as above zero.
with booked as (
    select
        quarter.period_start as booked_quarter,
        fact.employee_id,
        fact.customer_key,
        sum(fact.credited_amount) as amount
    from {{ ref('fct_sales_credit') }} as fact
    inner join {{ ref('int_period') }} as quarter
        on
            quarter.period_type = 'quarter'
            and fact.booked_date >= quarter.period_start
            and fact.booked_date < quarter.next_period_start
    where fact.customer_key is not null and fact.employee_id <> 'unassigned'
    group by quarter.period_start, fact.employee_id, fact.customer_key
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
group by quarter.period_start, quarter.next_period_start, booked.employee_id, booked.customer_key
having sum(booked.amount) > 0
qualify row_number() over (
    partition by quarter.period_start, booked.employee_id order by sum(booked.amount) desc, booked.customer_key
) <= 5
