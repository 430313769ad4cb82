-- Grain: one row per month whose orders, invoices or their credits are not what they were when the last complete build
-- ended, or whose invoices bill an order, or reverse an invoice, of such a month.
-- An invoice line that has not changed bills what it billed then, so the months it looks to are those of then; where it
-- named an order nobody knew, that order may have come with any other.
with changed as (
    {{ changed_parts(ref('invoice_fingerprint'), source('config', 'last_invoice_fingerprint'), ['month_start']) }}

    union distinct

    select month_start from {{ ref('rebuilt_order_month') }}
),

billing as (
    select month_start from changed

    union distinct

    select billed.month_start
    from {{ source('config', 'last_billed_month') }} as billed
    inner join changed
        on billed.order_month_start in (changed.month_start, {{ month_of('cast(null as date)') }})
)

select month_start from billing

union distinct

select {{ month_of('note.invoice_date') }}
from {{ ref('int_invoice') }} as note
inner join {{ ref('int_invoice') }} as reversed
    on note.source_system = reversed.source_system and note.origin_invoice_key = reversed.source_key
inner join billing
    on {{ month_of('reversed.invoice_date') }} = billing.month_start
