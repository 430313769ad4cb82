-- Grain: one row per kind of input and third of a month: what decides whom the lines of orders (third of the order) and of
-- invoices (third of the invoice) are credited to, beside the orders' own records.
{% set order_of_line %}
inner join {{ ref('int_sales_order') }} as sales_order
    on record.source_system = sales_order.source_system and record.order_key = sales_order.source_key
{% endset %}
{% set order_third = third_of('sales_order.order_date') %}
{% set invoice_third = third_of('invoice.invoice_date') %}
select 'order_credit' as component, {{ order_third }} as first_day, {{ fingerprint('record') }}
from {{ ref('int_order_rule_credit') }} as record
{{ order_of_line }}
group by {{ order_third }}

union all

-- a return takes the shares of an order that may lie in another third
select 'return', {{ order_third }}, {{ fingerprint('record, credit, territory') }}
from {{ ref('int_return_origin') }} as record
{{ order_of_line }}
left join {{ ref('int_order_rule_credit') }} as credit
    on record.source_system = credit.source_system and record.credit_order_key = credit.order_key
left join {{ ref('int_line_territory') }} as territory
    on record.source_system = territory.source_system and record.credit_line_key = territory.line_key
group by {{ order_third }}

union all

select 'territory', {{ order_third }}, {{ fingerprint('record') }}
from {{ ref('int_line_territory') }} as record
{{ order_of_line }}
group by {{ order_third }}

union all

select 'invoice', {{ third_of('record.invoice_date') }}, {{ fingerprint('record') }}
from {{ ref('int_invoice') }} as record
group by {{ third_of('record.invoice_date') }}

union all

select 'invoice_line', {{ invoice_third }}, {{ fingerprint('record') }}
from {{ ref('invoice_line') }} as record
inner join {{ ref('int_invoice') }} as invoice
    on record.source_system = invoice.source_system and record.invoice_key = invoice.source_key
group by {{ invoice_third }}
