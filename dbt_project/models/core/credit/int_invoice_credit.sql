-- Grain: one row per invoice and employee: the shares a payment of the invoice takes.
-- Most invoices are one person's, whose share needs no reckoning.
with one_person as (
    select
        source_system,
        invoice_key,
        min(employee_id) as employee_id,
        cast(1 as decimal(18, 9)) as credit_share
    from {{ ref('int_invoice_line_credit') }}
    group by source_system, invoice_key
    having min(employee_id) = max(employee_id) and min(credit_share) = 1 and count(*) = count(net_amount)
),

several_people as (
    select * from {{ ref('int_invoice_line_credit') }}
    where (source_system, invoice_key) not in (select (source_system, invoice_key) from one_person)
)

select source_system, invoice_key, employee_id, credit_share
from one_person

union all

{{ blended_shares('several_people') }}
