-- Grain: one row per third of a month of invoices and that of the orders they bill; 1900-01-01 where a line names an order line
-- nobody knows.
select
    {{ third_of('invoice_date') }} as first_day,
    {{ third_of('order_date') }} as order_first_day
from {{ ref('int_invoice_line') }}
where order_line_key is not null

union distinct

select
    {{ third_of('invoice.invoice_date') }},
    {{ third_of('sales_order.order_date') }}
from {{ ref('int_invoice') }} as invoice
inner join {{ ref('int_sales_order') }} as sales_order
    on invoice.billed_order_source = sales_order.source_system and invoice.billed_order_key = sales_order.source_key
