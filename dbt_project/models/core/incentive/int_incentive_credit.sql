-- Grain: one row per kind of credit that a plan pays on, document line (payment) and credited employee, up to the as-of date.
-- `origin_key` is what a return gives back: for order lines the line sold first, else the invoice (the payment itself where
-- it names none). A reversal is a negative line that names its origin; other negative lines stand for themselves.
with credit as (
    select
        'bookings' as pays_on,
        -- an order or invoice without lines is its own line
        case when fact.source_key = 'order:' || fact.order_key then 'sales_order' else 'sales_order_line' end as source_entity,
        fact.source_system,
        fact.source_key,
        fact.load_id,
        fact.order_key as document_key,
        fact.order_number as document_number,
        fact.customer_key,
        fact.employee_id,
        fact.booked_date as event_date,
        fact.currency,
        fact.document_amount,
        fact.credit_share,
        fact.credit_rule,
        fact.credited_amount,
        value.credited_cost_amount,
        line.credit_line_key as origin_key,
        line.is_return and fact.document_amount < 0 as is_reversal
    from {{ rows_paid_on('bookings', 'fct_sales_credit') }} as fact
    inner join {{ rows_paid_on('bookings', 'int_sales_order_line') }} as line
        on fact.source_system = line.source_system and fact.source_key = line.source_key
    left join {{ rows_paid_on('bookings', 'int_sales_line_credit') }} as value
        on {{ same_key('fact', 'value', ['source_system', 'source_key', 'employee_id']) }}

    union all

    select
        'billings',
        case when fact.source_key = 'invoice:' || fact.invoice_key then 'invoice' else 'invoice_line' end,
        fact.source_system,
        fact.source_key,
        fact.load_id,
        fact.invoice_key,
        fact.invoice_number,
        fact.customer_key,
        fact.employee_id,
        fact.billed_date,
        fact.currency,
        fact.document_amount,
        fact.credit_share,
        fact.credit_rule,
        fact.credited_amount,
        cast(null as decimal(28, 6)),
        coalesce(invoice.origin_invoice_key, fact.invoice_key),
        invoice.origin_invoice_key is not null and fact.document_amount < 0
    from {{ rows_paid_on('billings', 'fct_billing_credit') }} as fact
    inner join {{ rows_paid_on('billings', 'int_invoice') }} as invoice
        on fact.source_system = invoice.source_system and fact.invoice_key = invoice.source_key

    union all

    select
        'collections',
        'payment',
        fact.source_system,
        fact.source_key,
        fact.load_id,
        coalesce(invoice.source_key, fact.source_key),
        invoice.invoice_number,
        fact.customer_key,
        fact.employee_id,
        fact.collected_date,
        fact.currency,
        fact.document_amount,
        fact.credit_share,
        fact.credit_rule,
        fact.credited_amount,
        cast(null as decimal(28, 6)),
        coalesce(invoice.origin_invoice_key, invoice.source_key, 'payment:' || fact.source_key),
        invoice.source_key is not null and fact.document_amount < 0
    from {{ rows_paid_on('collections', 'fct_collection_credit') }} as fact
    left join {{ rows_paid_on('collections', 'int_invoice') }} as invoice
        on fact.source_system = invoice.source_system and fact.invoice_key = invoice.source_key
)

select credit.*
from credit
cross join {{ source('config', 'company') }} as company
where
    credit.employee_id <> 'unassigned'
    and credit.credited_amount is not null
    and credit.event_date <= company.as_of_date
