{{ config(materialized='view') }}
-- Grain: one row per addition to a metric: a credit row, an order's share, an opportunity, an activity.
-- Additive metrics have a numerator only; ratios add to numerator and denominator. `grey_numerator` is the part of the
-- numerator that falls away if all customers joined by undecided (grey) pairs are one: a first purchase stays first only
-- for the earliest of them, and none of them has lapsed while another one buys.
with sale as (
    select
        purchase.*,
        {{ add_days('purchase.purchase_date', 'lifecycle.churned_days') }} as lapse_date,
        credit.employee_id,
        credit.credit_share
    from {{ ref('int_customer_purchase') }} as purchase
    inner join {{ ref('int_order_credit') }} as credit
        on purchase.source_system = credit.source_system and purchase.source_key = credit.order_key
    cross join {{ source('config', 'customer_lifecycle') }} as lifecycle
),

closed as (
    select
        *,
        coalesce(owner_employee_id, 'unassigned') as employee_id
    from {{ ref('int_opportunity') }}
    where status in ('won', 'lost') and closed_date is not null
),

event as (
    {% for metric, fact, event_date, entity in [
        ('bookings', 'fct_sales_credit', 'booked_date', 'sales_order_line'),
        ('billings', 'fct_billing_credit', 'billed_date', 'invoice_line'),
        ('collections', 'fct_collection_credit', 'collected_date', 'payment'),
    ] %}
    select
        '{{ metric }}' as metric,
        employee_id,
        customer_key,
        {{ event_date }} as event_date,
        cast(credited_amount as decimal(38, 9)) as numerator,
        cast(null as decimal(38, 9)) as denominator,
        cast(null as decimal(38, 9)) as grey_numerator,
        '{{ entity }}' as source_entity,
        source_system,
        source_key
    from {{ ref(fact) }}

    union all
    {% endfor %}

    select
        'order_count',
        employee_id,
        customer_key,
        purchase_date,
        credit_share,
        null,
        null,
        'sales_order',
        source_system,
        source_key
    from sale

    union all

    select
        'new_customers',
        employee_id,
        customer_key,
        purchase_date,
        credit_share,
        null,
        case when twins_purchase_number = 1 then 0 else credit_share end,
        'sales_order',
        source_system,
        source_key
    from sale
    where purchase_number = 1 and customer_key is not null

    union all

    select
        'churned_customers',
        employee_id,
        customer_key,
        lapse_date,
        credit_share,
        null,
        case when twins_next_purchase_date <= lapse_date then credit_share else 0 end,
        'sales_order',
        source_system,
        source_key
    from sale
    where (next_purchase_date is null or next_purchase_date > lapse_date) and customer_key is not null

    union all

    select
        'repeat_rate',
        employee_id,
        customer_key,
        purchase_date,
        case when purchase_number = 1 then 0 else credit_share end,
        credit_share,
        null,
        'sales_order',
        source_system,
        source_key
    from sale
    where customer_key is not null

    union all

    select
        'win_rate',
        employee_id,
        customer_key,
        closed_date,
        case when status = 'won' then 1 else 0 end,
        1,
        null,
        'opportunity',
        source_system,
        source_key
    from closed

    union all

    select
        'sales_cycle_days',
        employee_id,
        customer_key,
        closed_date,
        {{ days_between('created_date', 'closed_date') }},
        1,
        null,
        'opportunity',
        source_system,
        source_key
    from closed
    where status = 'won' and created_date is not null

    union all

    select
        'visits',
        coalesce(employee_id, 'unassigned'),
        customer_key,
        activity_date,
        1,
        null,
        null,
        'activity',
        source_system,
        source_key
    from {{ ref('int_activity') }}
    where activity_type = 'visit' and status = 'done'
)

select
    event.metric,
    event.employee_id,
    coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
    event.customer_key,
    event.event_date,
    event.numerator,
    event.denominator,
    event.grey_numerator,
    event.source_entity,
    event.source_system,
    event.source_key
from event
left join {{ ref('int_posting') }} as posting
    on
        event.employee_id = posting.employee_id
        and event.event_date >= posting.valid_from
        and event.event_date < posting.valid_to
