-- Grain: one row per org unit people are posted to today (`as_is`) that ever booked, and complete month.
with recursive company as (
    select
        as_of_date,
        -- the month of the as-of date counts once its last day has come
        case
            when {{ add_months("date_trunc('month', as_of_date)", 1) }} = {{ add_days('as_of_date', 1) }}
                then {{ add_months("date_trunc('month', as_of_date)", 1) }}
            else cast(date_trunc('month', as_of_date) as date)
        end as history_end
    from {{ source('config', 'company') }}
),

booked as (
    select
        coalesce(today.org_unit_id, 'unassigned') as org_unit_id,
        cast(date_trunc('month', sale.booked_date) as date) as month_start,
        sum(sale.credited_amount) as amount
    from {{ ref('fct_sales_credit') }} as sale
    cross join company
    left join {{ ref('int_employee_today') }} as today
        on sale.employee_id = today.employee_id
    where sale.booked_date < company.history_end
    group by coalesce(today.org_unit_id, 'unassigned'), cast(date_trunc('month', sale.booked_date) as date)
),

month as (
    select min(month_start) as month_start
    from booked
    having min(month_start) is not null

    union all

    select {{ add_months('month.month_start', 1) }} as month_start
    from month
    cross join company
    where {{ add_months('month.month_start', 1) }} < company.history_end
)

select
    unit.org_unit_id,
    month.month_start,
    -- a month in which a unit sold nothing is a month with 0
    cast(coalesce(booked.amount, 0) as decimal(28, 6)) as amount
from (select distinct org_unit_id from booked) as unit
cross join month
left join booked
    on unit.org_unit_id = booked.org_unit_id and month.month_start = booked.month_start
