{{ config(
    materialized='incremental',
    on_schema_change='fail',
    pre_hook="{{ forget_rebuilt_days('invoice_date', 'rebuilt_invoice_third') }}",
) }}
-- Grain: one row per invoice line and credited employee. A credit note's line takes the shares of the order line it
-- gives back, else those of the invoice the note reverses.
{% set base = rows_of_rebuilt_days(ref('int_invoice_line_base'), 'invoice_date', 'rebuilt_invoice_third') %}
with origin_line as (
    select * from {{ ref('int_invoice_line_base') }}
    where (source_system, invoice_key) in (
        select (source_system, origin_invoice_key) from {{ ref('int_invoice') }} where origin_invoice_key is not null
    )
),

invoice_base as (
    {{ blended_shares('origin_line') }}
),

reversing as (
    select distinct
        base.source_system,
        base.invoice_key,
        base.invoice_date,
        base.line_key,
        base.net_amount,
        invoice.origin_invoice_key
    from {{ base }} as base
    inner join {{ ref('int_invoice') }} as invoice
        on base.source_system = invoice.source_system and base.invoice_key = invoice.source_key
    inner join (select distinct source_system, invoice_key from invoice_base) as origin
        on invoice.source_system = origin.source_system and invoice.origin_invoice_key = origin.invoice_key
    where not base.bills_order_line
)

select
    reversing.source_system,
    reversing.invoice_key,
    reversing.invoice_date,
    reversing.line_key,
    reversing.net_amount,
    invoice_base.employee_id,
    invoice_base.credit_share,
    'reversal' as credit_rule
from reversing
inner join invoice_base
    on
        reversing.source_system = invoice_base.source_system
        and reversing.origin_invoice_key = invoice_base.invoice_key

union all

select
    base.source_system,
    base.invoice_key,
    base.invoice_date,
    base.line_key,
    base.net_amount,
    base.employee_id,
    base.credit_share,
    base.credit_rule
from {{ base }} as base
left join reversing
    on base.source_system = reversing.source_system and base.line_key = reversing.line_key
where reversing.line_key is null
