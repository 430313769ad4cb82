{{ config(
    materialized='incremental',
    on_schema_change='fail',
    pre_hook="{{ forget_rebuilt_days('order_date', 'rebuilt_order_third') }}",
) }}
-- Grain: one row per order line, and one for the whole of an order that has no lines but a total.
-- `credit_order_key` and `credit_line_key` are the order and line whose shares the line takes: its own, or for a returned
-- line the original's.
with order_day as (
    -- a record that came twice has one day here; the gate sees that it came twice
    select source_system, source_key, min(order_date) as order_date
    from {{ ref('sales_order') }}
    group by source_system, source_key
    having {{ in_rebuilt_days('min(order_date)', 'rebuilt_order_third') }}
),

{% set columns %}
        line.source_system,
        line.source_key,
        line.load_id,
        line.order_key,
        line.line_number,
        line.product_key,
        line.quantity,
        line.net_amount,
        line.returned_line_key
{%- endset -%}
lines as (
    select
        {{- columns }},
        order_day.order_date
    from {{ ref('sales_order_line') }} as line
    inner join order_day
        on line.source_system = order_day.source_system and line.order_key = order_day.source_key

    union all

    -- of orders no source knows
    select
        {{- columns }},
        cast(null as date) as order_date
    from {{ ref('sales_order_line') }} as line
    left join {{ ref('sales_order') }} as sales_order
        on line.source_system = sales_order.source_system and line.order_key = sales_order.source_key
    where sales_order.source_key is null and {{ in_rebuilt_days('cast(null as date)', 'rebuilt_order_third') }}

    union all

    select
        sales_order.source_system,
        'order:' || sales_order.source_key as source_key,
        sales_order.load_id,
        sales_order.source_key as order_key,
        0 as line_number,
        cast(null as varchar) as product_key,
        cast(null as decimal(28, 6)) as quantity,
        sales_order.net_amount,
        cast(null as varchar) as returned_line_key,
        order_day.order_date
    from {{ ref('sales_order') }} as sales_order
    inner join order_day
        on sales_order.source_system = order_day.source_system and sales_order.source_key = order_day.source_key
    left join {{ ref('sales_order_line') }} as line
        on sales_order.source_system = line.source_system and sales_order.source_key = line.order_key
    where line.source_key is null and sales_order.net_amount is not null
)

select
    lines.*,
    coalesce(origin.credit_order_key, lines.order_key) as credit_order_key,
    coalesce(origin.credit_line_key, lines.source_key) as credit_line_key,
    origin.credit_order_key is not null as is_return
from lines
left join {{ ref('int_return_origin') }} as origin
    on lines.source_system = origin.source_system and lines.source_key = origin.source_key
