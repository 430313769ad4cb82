-- Grain: one row per kind of input and third of a month of the order: what orders and their lines are made from.
-- A line whose order no source knows counts in the third of what has no day.
-- What a line takes from its product is one number by product: millions of lines have thousands of them.
{% set order_third = third_of('sales_order.order_date') %}
with product as (
    select
        product.source_system,
        product.source_key,
        {{ row_hash('product.product_code, product.category, cost.unit_cost, cost.currency') }} as content
    from {{ ref('product') }} as product
    left join {{ ref('int_product_cost') }} as cost
        on product.source_system = cost.source_system and product.source_key = cost.source_key
)

select 'sales_order' as component, {{ third_of('record.order_date') }} as first_day, {{ fingerprint('record') }}
from {{ ref('int_sales_order') }} as record
group by {{ third_of('record.order_date') }}

union all

select
    'order_line',
    {{ order_third }},
    {{ fingerprint('record, product.content') }}
from {{ ref('sales_order_line') }} as record
left join {{ ref('int_sales_order') }} as sales_order
    on record.source_system = sales_order.source_system and record.order_key = sales_order.source_key
left join product
    on record.source_system = product.source_system and record.product_key = product.source_key
group by {{ order_third }}

union all

select 'return', {{ order_third }}, {{ fingerprint('record') }}
from {{ ref('int_return_origin') }} as record
left join {{ ref('int_sales_order') }} as sales_order
    on record.source_system = sales_order.source_system and record.order_key = sales_order.source_key
group by {{ order_third }}
