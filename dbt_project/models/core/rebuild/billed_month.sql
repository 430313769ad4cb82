-- Grain: one row per month of invoices and month of the orders they bill; 1900-01-01 where a line names an order line
-- nobody knows.
select
    {{ month_of('invoice_date') }} as month_start,
    {{ month_of('order_date') }} as order_month_start
from {{ ref('int_invoice_line') }}
where order_line_key is not null

union distinct

select
    {{ month_of('invoice.invoice_date') }},
    {{ month_of('sales_order.order_date') }}
from {{ ref('int_invoice') }} as invoice
inner join {{ ref('int_sales_order') }} as sales_order
    on invoice.billed_order_source = sales_order.source_system and invoice.billed_order_key = sales_order.source_key
