-- Grain: one row per line of a confirmed order: how much was sold, at which list value and at which cost.
-- The list value is the line's own, else it follows from net amount and discount; the cost is the line's own, else quantity
-- x unit cost of the product. Both are converted at the rate of the order's day; what is not known is null, never 0.
with line as (
    select *
    from {{ ref('sales_order_line') }}
    -- a record that came twice has one value; the gate sees that it came twice
    qualify row_number() over (partition by source_system, source_key order by load_id, net_amount) = 1
),

document as (
    select
        line.source_system,
        line.source_key,
        sales_order.order_date as booked_date,
        line.quantity,
        sales_order.currency,
        coalesce(
            line.list_amount,
            case
                when line.discount_pct < 100
                    then cast({{ decimal_divide('line.net_amount * 100', '100 - line.discount_pct') }} as decimal(28, 6))
            end
        ) as list_amount,
        case when line.cost_amount is not null then sales_order.currency else cost.currency end as cost_currency,
        -- unrounded: a cost is rounded once, as reporting currency
        coalesce(cast(line.cost_amount as decimal(38, 12)), line.quantity * cost.unit_cost) as document_cost_amount
    from line
    inner join {{ ref('int_sales_order') }} as sales_order
        on line.source_system = sales_order.source_system and line.order_key = sales_order.source_key
    left join {{ ref('int_product_cost') }} as cost
        on line.source_system = cost.source_system and line.product_key = cost.source_key
    where sales_order.status = 'confirmed'
)

select
    document.source_system,
    document.source_key,
    document.booked_date,
    document.quantity,
    cast(document.list_amount * rate.rate as decimal(28, 6)) as list_amount,
    document.cost_currency,
    cast(document.document_cost_amount as decimal(28, 6)) as document_cost_amount,
    cast(document.document_cost_amount * cost_rate.rate as decimal(28, 6)) as cost_amount
from document
{% for name, currency in [('rate', 'currency'), ('cost_rate', 'cost_currency')] %}
left join {{ ref('int_exchange_rate') }} as {{ name }}
    on
        document.{{ currency }} = {{ name }}.currency
        and document.booked_date >= {{ name }}.valid_from
        and document.booked_date < {{ name }}.valid_to
{% endfor %}
