-- Grain: one row per third of a month whose invoices may leave open something else than when the last complete build ended: theirs,
-- or that of what settles them. A credit note counts with its lines, and money in another currency with the day's rate.
with changed as (
    {{ changed_parts(ref('receivable_fingerprint'), source('config', 'last_receivable_fingerprint'), ['first_day']) }}

    union distinct

    select first_day from {{ ref('rebuilt_third') }}
),

entry as (
    select note.source_system, note.origin_invoice_key as invoice_key, note.invoice_date as entry_date
    from {{ ref('int_invoice') }} as note
    where note.origin_invoice_key is not null

    union all

    select payment.source_system, coalesce(paid.origin_invoice_key, paid.source_key), payment.payment_date
    from {{ ref('int_payment') }} as payment
    inner join {{ ref('int_invoice') }} as paid
        on payment.source_system = paid.source_system and payment.invoice_key = paid.source_key
    where payment.currency is distinct from paid.currency or paid.origin_invoice_key is not null
)

select first_day from changed

union distinct

select {{ third_of('invoice.invoice_date') }}
from entry
inner join {{ ref('rebuilt_third') }} as rebuilt
    on {{ third_of('entry.entry_date') }} = rebuilt.first_day
inner join {{ ref('int_invoice') }} as invoice
    on entry.source_system = invoice.source_system and entry.invoice_key = invoice.source_key
