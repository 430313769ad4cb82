-- Grain: one row per kind of input and month: what decides whom the lines of orders (month of the order) and of invoices
-- (month of the invoice) are credited to, beside the orders' own records.
{% set order_of_line %}
inner join {{ ref('int_sales_order') }} as sales_order
    on record.source_system = sales_order.source_system and record.order_key = sales_order.source_key
{% endset %}
{% set order_month = month_of('sales_order.order_date') %}
{% set invoice_month = month_of('invoice.invoice_date') %}
select 'order_credit' as component, {{ order_month }} as month_start, {{ fingerprint('record') }}
from {{ ref('int_order_rule_credit') }} as record
{{ order_of_line }}
group by {{ order_month }}

union all

-- a return takes the shares of an order that may lie in another month
select 'return', {{ order_month }}, {{ fingerprint('record, credit, territory') }}
from {{ ref('int_return_origin') }} as record
{{ order_of_line }}
left join {{ ref('int_order_rule_credit') }} as credit
    on record.source_system = credit.source_system and record.credit_order_key = credit.order_key
left join {{ ref('int_line_territory') }} as territory
    on record.source_system = territory.source_system and record.credit_line_key = territory.line_key
group by {{ order_month }}

union all

select 'territory', {{ order_month }}, {{ fingerprint('record') }}
from {{ ref('int_line_territory') }} as record
{{ order_of_line }}
group by {{ order_month }}

union all

select 'invoice', {{ month_of('record.invoice_date') }}, {{ fingerprint('record') }}
from {{ ref('int_invoice') }} as record
group by {{ month_of('record.invoice_date') }}

union all

select 'invoice_line', {{ invoice_month }}, {{ fingerprint('record') }}
from {{ ref('invoice_line') }} as record
inner join {{ ref('int_invoice') }} as invoice
    on record.source_system = invoice.source_system and record.invoice_key = invoice.source_key
group by {{ invoice_month }}
