{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_days('booked_date') }}") }}
-- Grain: one row per line of a confirmed order: how much was sold, at which list value and at which cost.
-- The list value is the line's own, else it follows from net amount and discount; the cost is the line's own, else quantity
-- x unit cost of the product. Both are converted at the rate of the order's day; what is not known is null, never 0.
with sold as (
    select
        source_system,
        source_key,
        order_date,
        currency
    from {{ ref('int_sales_order') }}
    where status = 'confirmed' and {{ in_rebuilt_days('order_date') }}
),

line as (
    select
        record.*,
        sold.order_date,
        sold.currency
    from {{ ref('sales_order_line') }} as record
    inner join sold
        on record.source_system = sold.source_system and record.order_key = sold.source_key
    -- a record that came twice has one value; the gate sees that it came twice
    qualify row_number() over (
        partition by record.source_system, record.source_key order by record.load_id, record.net_amount
    ) = 1
),

document as (
    select
        line.source_system,
        line.source_key,
        line.order_date as booked_date,
        line.quantity,
        line.currency,
        coalesce(
            line.list_amount,
            case
                when line.discount_pct < 100
                    then cast({{ decimal_divide('line.net_amount * 100', '100 - line.discount_pct') }} as decimal(28, 6))
            end
        ) as list_amount,
        case when line.cost_amount is not null then line.currency else cost.currency end as cost_currency,
        -- unrounded: a cost is rounded once, as reporting currency
        coalesce(cast(line.cost_amount as decimal(38, 12)), line.quantity * cost.unit_cost) as document_cost_amount
    from line
    left join {{ ref('int_product_cost') }} as cost
        on line.source_system = cost.source_system and line.product_key = cost.source_key
)

select
    document.source_system,
    document.source_key,
    document.booked_date,
    document.quantity,
    {{ amount_times('document.list_amount', 'rate.rate') }} as list_amount,
    document.cost_currency,
    cast(document.document_cost_amount as decimal(28, 6)) as document_cost_amount,
    {{ amount_times('document.document_cost_amount', 'cost_rate.rate') }} as cost_amount
from document
{% for name, currency in [('rate', 'currency'), ('cost_rate', 'cost_currency')] %}
left join {{ ref('int_exchange_rate') }} as {{ name }}
    on
        document.{{ currency }} = {{ name }}.currency
        and document.booked_date >= {{ name }}.valid_from
        and document.booked_date < {{ name }}.valid_to
{% endfor %}
