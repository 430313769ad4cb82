-- Grain: one row per kind of document and third of a month of the invoice it settles: payments and credit notes.
{% set invoice_third = third_of('invoice.invoice_date') %}
with settled as (
    select source_system, source_key, coalesce(origin_invoice_key, source_key) as invoice_key
    from {{ ref('int_invoice') }}
)

select 'payment' as component, {{ invoice_third }} as first_day, {{ fingerprint('record') }}
from {{ ref('int_payment') }} as record
inner join settled
    on record.source_system = settled.source_system and record.invoice_key = settled.source_key
inner join {{ ref('int_invoice') }} as invoice
    on settled.source_system = invoice.source_system and settled.invoice_key = invoice.source_key
group by {{ invoice_third }}

union all

select 'credit_note', {{ invoice_third }}, {{ fingerprint('record') }}
from {{ ref('int_invoice') }} as record
inner join {{ ref('int_invoice') }} as invoice
    on record.source_system = invoice.source_system and record.origin_invoice_key = invoice.source_key
group by {{ invoice_third }}
