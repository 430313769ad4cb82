{{ config(materialized='view') }}
-- Grain: one row per addition to a metric: a credit row, an order's share, an opportunity, an activity.
-- Additive metrics have a numerator only; ratios add to numerator and denominator.
with order_total as (
    select
        source_system,
        order_key,
        sum(net_amount) as net_amount
    from {{ ref('int_sales_order_line') }}
    group by source_system, order_key
),

sale as (
    select
        sales_order.source_system,
        sales_order.source_key,
        sales_order.customer_key,
        sales_order.order_date,
        credit.employee_id,
        credit.credit_share,
        rank() over (
            partition by sales_order.customer_key
            order by
                sales_order.order_date,
                sales_order.order_number nulls last,
                sales_order.source_system,
                sales_order.source_key
        ) as rank_of_order
    from {{ ref('int_sales_order') }} as sales_order
    inner join order_total
        on sales_order.source_system = order_total.source_system and sales_order.source_key = order_total.order_key
    inner join {{ ref('int_order_credit') }} as credit
        on sales_order.source_system = credit.source_system and sales_order.source_key = credit.order_key
    where sales_order.status = 'confirmed' and order_total.net_amount > 0
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
        '{{ entity }}' as source_entity,
        source_system,
        source_key
    from {{ ref(fact) }}

    union all
    {% endfor %}

    select 'order_count', employee_id, customer_key, order_date, credit_share, null, 'sales_order', source_system, source_key
    from sale

    union all

    select 'new_customers', employee_id, customer_key, order_date, credit_share, null, 'sales_order', source_system, source_key
    from sale
    where rank_of_order = 1 and customer_key is not null

    union all

    select
        'win_rate',
        employee_id,
        customer_key,
        closed_date,
        case when status = 'won' then 1 else 0 end,
        1,
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
    event.source_entity,
    event.source_system,
    event.source_key
from event
left join {{ ref('int_posting') }} as posting
    on
        event.employee_id = posting.employee_id
        and event.event_date >= posting.valid_from
        and event.event_date < posting.valid_to
