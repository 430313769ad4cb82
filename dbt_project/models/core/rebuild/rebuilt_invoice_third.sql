-- Grain: one row per third of a month whose orders, invoices or their credits are not what they were when the last complete build
-- ended, or whose invoices bill an order, or reverse an invoice, of such a third.
-- An invoice line that has not changed bills what it billed then, so the thirds it looks to are those of then; where it
-- named an order nobody knew, that order may have come with any other.
with changed as (
    {{ changed_parts(ref('invoice_fingerprint'), source('config', 'last_invoice_fingerprint'), ['first_day']) }}

    union distinct

    select first_day from {{ ref('rebuilt_order_third') }}
),

billing as (
    select first_day from changed

    union distinct

    select billed.first_day
    from {{ source('config', 'last_billed_third') }} as billed
    inner join changed
        on billed.order_first_day in (changed.first_day, {{ third_of('cast(null as date)') }})
)

select first_day from billing

union distinct

select {{ third_of('note.invoice_date') }}
from {{ ref('int_invoice') }} as note
inner join {{ ref('int_invoice') }} as reversed
    on note.source_system = reversed.source_system and note.origin_invoice_key = reversed.source_key
inner join billing
    on {{ third_of('reversed.invoice_date') }} = billing.first_day
