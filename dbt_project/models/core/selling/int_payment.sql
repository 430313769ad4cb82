{{ config(materialized='table_by_parts', part_by='source_key') }}
-- Grain: one row per payment, with everyone it may be credited to.
select
    payment.source_system,
    payment.source_key,
    payment.load_id,
    payment.invoice_key,
    payment.status,
    payment.payment_date,
    payment.currency,
    payment.amount,
    coalesce(account.customer_key, invoice.customer_key) as customer_key,
    {{ resolved('owner', 'employee_id') }} as owner_employee_id,
    coalesce(account.account_owner_employee_id, invoice.account_owner_employee_id) as account_owner_employee_id
from {{ ref('payment') }} as payment
left join {{ ref('int_invoice') }} as invoice
    on payment.source_system = invoice.source_system and payment.invoice_key = invoice.source_key
{{ join_reference(ref('int_employee_alias'), 'payment', 'owner_employee_key', 'owner') }}
left join {{ ref('int_account_owner') }} as account
    on payment.source_system = account.source_system and payment.customer_record_key = account.source_key
