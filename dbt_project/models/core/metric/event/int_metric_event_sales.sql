{{ config(materialized='view') }}
-- Grain: one row per credited line or payment (for average_order_value also order) and metric of the sales family.
{% set line = ref('int_sales_line_credit') %}
with purchase as (
    select
        purchase.source_system,
        purchase.source_key,
        purchase.customer_key,
        purchase.purchase_date,
        credit.employee_id,
        credit.credit_share
    from {{ ref('int_customer_purchase') }} as purchase
    inner join {{ ref('int_order_credit') }} as credit
        on purchase.source_system = credit.source_system and purchase.source_key = credit.order_key
),

purchased as (
    select line.*
    from {{ line }} as line
    where
        exists (
            select 1
            from {{ ref('int_customer_purchase') }} as purchase
            where line.source_system = purchase.source_system and line.order_key = purchase.source_key
        )
)

{{ metric_event('bookings', ref('fct_sales_credit'), 'booked_date', 'credited_amount', 'sales_order_line') }}
union all
{{ metric_event('billings', ref('fct_billing_credit'), 'billed_date', 'credited_amount', 'invoice_line') }}
union all
{{ metric_event('collections', ref('fct_collection_credit'), 'collected_date', 'credited_amount', 'payment') }}
union all
{{ metric_event(
    'returns_rate', line, 'booked_date', 'case when is_return then -credited_amount else 0 end', 'sales_order_line',
    denominator='case when is_return then 0 else credited_amount end'
) }}
union all
{{ metric_event(
    'gross_margin', line, 'booked_date', 'credited_amount - credited_cost_amount', 'sales_order_line',
    where='credited_cost_amount is not null'
) }}
union all
{{ metric_event(
    'gross_margin_rate', line, 'booked_date', 'credited_amount - credited_cost_amount', 'sales_order_line',
    denominator='credited_amount', where='credited_cost_amount is not null'
) }}
union all
{{ metric_event(
    'cost_coverage', line, 'booked_date',
    'case when credited_cost_amount is null then 0 else abs(credited_amount) end', 'sales_order_line',
    denominator='abs(credited_amount)'
) }}
union all
-- the money of a purchase comes line by line, the count with the order
{{ metric_event(
    'average_order_value', 'purchased', 'booked_date', 'credited_amount', 'sales_order_line', denominator='0'
) }}
union all
{{ metric_event(
    'average_order_value', 'purchase', 'purchase_date', '0', 'sales_order', denominator='credit_share'
) }}
union all
{{ metric_event(
    'units_sold', line, 'booked_date', 'credited_quantity', 'sales_order_line', where='credited_quantity is not null'
) }}
union all
{{ metric_event(
    'discount_rate', line, 'booked_date', 'credited_list_amount - credited_amount', 'sales_order_line',
    denominator='credited_list_amount', where='credited_list_amount is not null and not is_return'
) }}
