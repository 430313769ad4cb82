-- Grain: one row per customer record: its unified customer and its account owner (its own, else the customer's).
select
    record.source_system,
    record.source_key,
    customer.customer_key,
    coalesce(record.owner_employee_id, customer.owner_employee_id) as account_owner_employee_id
from {{ ref('int_customer_record') }} as record
inner join {{ ref('customer_source') }} as customer_source
    on record.source_system = customer_source.source_system and record.source_key = customer_source.source_key
inner join {{ ref('dim_customer') }} as customer
    on customer_source.customer_key = customer.customer_key
