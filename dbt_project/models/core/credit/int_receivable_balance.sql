{{ config(
    materialized='incremental',
    on_schema_change='fail',
    pre_hook="{{ forget_rebuilt_days('invoice_date', 'rebuilt_receivable_third') }}",
) }}
-- Grain: one row per posted invoice with a due date and stretch of days past that date on which what it leaves open stays
-- the same. Valid in [valid_from, valid_to); the last stretch is open.
-- Open is, as known on the day: the invoice less the credit notes that reverse it and the payments of either. A payment in
-- another currency counts at the rates of its day. What is open is worth what it was on the day of the invoice: the
-- reporting amount takes the rate of that day. More paid than owed leaves nothing open.
with document as (
    select
        invoice.source_system,
        invoice.source_key,
        invoice.invoice_type,
        coalesce(invoice.origin_invoice_key, invoice.source_key) as invoice_key,
        invoice.customer_key,
        invoice.invoice_date,
        invoice.due_date,
        invoice.currency,
        coalesce(invoice.total_amount, invoice.net_amount) as amount
    from {{ ref('int_invoice') }} as invoice
    where
        invoice.status = 'posted'
        {%- if is_incremental() %}
        -- the invoices of rebuilt months with the credit notes that reverse them, whenever these came
        and (invoice.source_system, coalesce(invoice.origin_invoice_key, invoice.source_key)) in (
            select (source_system, source_key)
            from {{ ref('int_invoice') }}
            where {{ in_rebuilt_days('invoice_date', 'rebuilt_receivable_third') }}
        )
        {%- endif %}
),

-- what documents without a total add up to
line_total as (
    select line.source_system, line.invoice_key, sum(line.net_amount) as amount
    from {{ ref('int_invoice_line') }} as line
    inner join (select distinct source_system, source_key from document where amount is null) as without_total
        on line.source_system = without_total.source_system and line.invoice_key = without_total.source_key
    group by line.source_system, line.invoice_key
),

entry as (
    select
        document.source_system,
        document.invoice_key,
        document.invoice_date as entry_date,
        document.currency,
        coalesce(document.amount, line_total.amount) as amount,
        true as is_billed
    from document
    left join line_total
        on document.source_system = line_total.source_system and document.source_key = line_total.invoice_key

    union all

    select document.source_system, document.invoice_key, payment.payment_date, payment.currency, -payment.amount, false
    from {{ ref('int_payment') }} as payment
    inner join document
        on payment.source_system = document.source_system and payment.invoice_key = document.source_key
    where payment.status = 'posted'
),

-- narrow on purpose: what says more about the invoice joins after the running sums
daily as (
    select
        entry.source_system,
        entry.invoice_key,
        entry.entry_date,
        sum(
            case
                when entry.currency = invoice.currency then entry.amount
                else cast({{ decimal_divide('entry.amount * entry_rate.rate', 'own_rate.rate') }} as decimal(28, 6))
            end
        ) as amount,
        sum(case when entry.is_billed then entry.amount else 0 end) as billed_amount
    from entry
    inner join document as invoice
        on entry.source_system = invoice.source_system and entry.invoice_key = invoice.source_key
    {% for name, currency in [('entry_rate', 'entry.currency'), ('own_rate', 'invoice.currency')] %}
    left join {{ ref('int_exchange_rate') }} as {{ name }}
        on
            {{ currency }} = {{ name }}.currency
            and entry.currency <> invoice.currency
            and entry.entry_date >= {{ name }}.valid_from
            and entry.entry_date < {{ name }}.valid_to
    {% endfor %}
    where invoice.invoice_type = 'invoice' and invoice.due_date is not null
    group by entry.source_system, entry.invoice_key, entry.entry_date
),

running as (
    select
        source_system,
        invoice_key,
        entry_date,
        greatest(sum(amount) over up_to_then, 0) as open_amount,
        sum(billed_amount) over up_to_then as billed_amount,
        lead(entry_date, 1, date '9999-12-31') over (partition by source_system, invoice_key order by entry_date)
            as valid_to
    from daily
    window up_to_then as (partition by source_system, invoice_key order by entry_date)
),

stretch as (
    select
        running.source_system,
        running.invoice_key,
        invoice.customer_key,
        invoice.invoice_date,
        invoice.due_date,
        invoice.currency,
        running.open_amount,
        running.billed_amount,
        greatest(running.entry_date, {{ add_days('invoice.due_date', 1) }}) as valid_from,
        running.valid_to
    from running
    inner join document as invoice
        on running.source_system = invoice.source_system and running.invoice_key = invoice.source_key
)

select
    stretch.source_system,
    stretch.invoice_key,
    stretch.customer_key,
    stretch.invoice_date,
    stretch.due_date,
    stretch.valid_from,
    stretch.valid_to,
    stretch.currency,
    cast(stretch.open_amount as decimal(28, 6)) as open_amount,
    cast(stretch.billed_amount as decimal(28, 6)) as billed_amount,
    {{ amount_times('cast(stretch.open_amount as decimal(28, 6))', 'rate.rate') }} as reporting_amount
from stretch
left join {{ ref('int_exchange_rate') }} as rate
    on
        stretch.currency = rate.currency
        and stretch.invoice_date >= rate.valid_from
        and stretch.invoice_date < rate.valid_to
where stretch.valid_from < stretch.valid_to
