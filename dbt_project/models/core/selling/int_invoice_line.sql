{{ config(
    materialized='incremental',
    on_schema_change='fail',
    pre_hook="{{ forget_rebuilt_days('invoice_date', 'rebuilt_invoice_third') }}",
) }}
-- Grain: one row per invoice line, and one for the whole of an invoice that has no lines but a total.
-- `credit_order_*` is the order whose shares the line takes, null where it bills none; `credit_line_key` the order line,
-- null where only the order is known.
with lines as (
    select
        source_system,
        source_key,
        load_id,
        invoice_key,
        order_line_key,
        product_key,
        net_amount
    from {{ ref('invoice_line') }}

    union all

    select
        invoice.source_system,
        'invoice:' || invoice.source_key as source_key,
        invoice.load_id,
        invoice.source_key as invoice_key,
        cast(null as varchar) as order_line_key,
        cast(null as varchar) as product_key,
        invoice.net_amount
    from {{ ref('invoice') }} as invoice
    left join {{ ref('invoice_line') }} as line
        on invoice.source_system = line.source_system and invoice.source_key = line.invoice_key
    where line.source_key is null and invoice.net_amount is not null
)

select
    lines.source_system,
    lines.source_key,
    lines.load_id,
    lines.invoice_key,
    invoice.invoice_date,
    lines.order_line_key,
    lines.product_key,
    lines.net_amount,
    order_line.source_key is not null as bills_order_line,
    case when order_line.source_key is not null then order_line.source_system else invoice.billed_order_source end
        as credit_order_source,
    case when order_line.source_key is not null then order_line.credit_order_key else invoice.billed_order_key end
        as credit_order_key,
    order_line.credit_line_key,
    order_line.order_date
from lines
inner join {{ ref('int_invoice') }} as invoice
    on lines.source_system = invoice.source_system and lines.invoice_key = invoice.source_key
left join {{ ref('int_sales_order_line') }} as order_line
    on lines.source_system = order_line.source_system and lines.order_line_key = order_line.source_key
where {{ in_rebuilt_days('invoice.invoice_date', 'rebuilt_invoice_third') }}
