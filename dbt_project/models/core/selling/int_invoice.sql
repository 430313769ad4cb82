{{ config(materialized='table_by_parts', part_by='source_key') }}
-- Grain: one row per invoice or credit note, with everyone it may be credited to; `origin_invoice_key` is the invoice
-- a credit note reverses in the end.
with recursive {{ followed_back(ref('invoice'), 'reversed_invoice_key') }}

select
    invoice.source_system,
    invoice.source_key,
    invoice.load_id,
    invoice.invoice_number,
    invoice.invoice_type,
    invoice.status,
    invoice.invoice_date,
    invoice.due_date,
    invoice.currency,
    invoice.net_amount,
    invoice.total_amount,
    origin.origin_key as origin_invoice_key,
    {{ resolved('billed', 'order_source') }} as billed_order_source,
    {{ resolved('billed', 'order_key') }} as billed_order_key,
    account.customer_key,
    {{ resolved('owner', 'employee_id') }} as owner_employee_id,
    account.account_owner_employee_id
from {{ ref('invoice') }} as invoice
left join origin
    on invoice.source_system = origin.source_system and invoice.source_key = origin.source_key
{{ join_reference(ref('int_employee_alias'), 'invoice', 'owner_employee_key', 'owner') }}
{{ join_reference(ref('int_order_alias'), 'invoice', 'order_key', 'billed') }}
left join {{ ref('int_account_owner') }} as account
    on invoice.source_system = account.source_system and invoice.customer_record_key = account.source_key
