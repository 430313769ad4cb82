-- Grain: one row per purchase: a confirmed order whose lines add up to more than zero, in the order of its customer's
-- purchases. A later return lessens the money, never the count: whoever bought has bought.
with purchase as (
    select
        sales_order.source_system,
        sales_order.source_key,
        sales_order.order_number,
        sales_order.customer_key,
        twin.twin_group,
        sales_order.order_date as purchase_date
    from {{ ref('int_sales_order') }} as sales_order
    inner join {{ ref('int_order_total') }} as order_total
        on sales_order.source_system = order_total.source_system and sales_order.source_key = order_total.order_key
    left join {{ ref('int_customer_twin') }} as twin
        on sales_order.customer_key = twin.customer_key
    where sales_order.status = 'confirmed' and order_total.net_amount > 0
)

-- a record that came twice has one place in the order; both rows stay, for the gate to see
{% set in_order = 'order by purchase_date, order_number nulls last, source_system, source_key' %}
{% for is_known, group in [('is null', 'customer_key'), ('is not null', 'twin_group')] %}
select
    source_system,
    source_key,
    customer_key,
    purchase_date,
    rank() over of_customer as purchase_number,
    lag(purchase_date) over of_customer as previous_purchase_date,
    lead(purchase_date) over of_customer as next_purchase_date,
    rank() over of_twins as twins_purchase_number,
    lead(purchase_date) over of_twins as twins_next_purchase_date
from purchase
where twin_group {{ is_known }}
window
    of_customer as (partition by customer_key {{ in_order }}),
    of_twins as (partition by {{ group }} {{ in_order }})
{% if not loop.last %}union all{% endif %}
{% endfor %}
