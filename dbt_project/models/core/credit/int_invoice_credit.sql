{{ config(
    materialized='incremental',
    on_schema_change='fail',
    pre_hook="{{ forget_rebuilt_days('invoice_date', 'rebuilt_invoice_third') }}",
) }}
-- Grain: one row per invoice and employee: the shares a payment of the invoice takes.
-- Most invoices are one person's, whose share needs no reckoning.
with line_credit as (
    select * from {{ rows_of_rebuilt_days(ref('int_invoice_line_credit'), 'invoice_date', 'rebuilt_invoice_third') }} as line
),

one_person as (
    select
        source_system,
        invoice_key,
        min(invoice_date) as invoice_date,
        min(employee_id) as employee_id,
        cast(1 as decimal(18, 9)) as credit_share
    from line_credit
    group by source_system, invoice_key
    having min(employee_id) = max(employee_id) and min(credit_share) = 1 and count(*) = count(net_amount)
),

several_people as (
    select * from line_credit
    where (source_system, invoice_key) not in (select (source_system, invoice_key) from one_person)
)

select source_system, invoice_key, invoice_date, employee_id, credit_share
from one_person

union all

select blended.source_system, blended.invoice_key, invoice.invoice_date, blended.employee_id, blended.credit_share
from ({{ blended_shares('several_people') }}) as blended
inner join (
    select source_system, invoice_key, min(invoice_date) as invoice_date
    from several_people
    group by source_system, invoice_key
) as invoice
    on blended.source_system = invoice.source_system and blended.invoice_key = invoice.invoice_key
