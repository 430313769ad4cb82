-- Grain: one row per payment; the latest version wins. Payments count where the orders of this tenant do.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    account_id as customer_record_key,
    cast(null as varchar) as invoice_key,
    owner as owner_employee_key,
    case when counts then 'posted' else 'draft' end as status,
    paid_on as payment_date,
    currency,
    cast(amount as decimal(28, 6)) as amount,
    _deleted as is_deleted
from {{ latest_version(source('fxiaoke', 'payment')) }} as payment
