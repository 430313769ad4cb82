-- Grain: one row per order; the latest version wins. Orders are drafts unless the configuration says which status counts.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    order_number,
    account_id as customer_record_key,
    case when owner_id like '005%' then owner_id end as owner_employee_key,
    opportunity_id as opportunity_key,
    case when is_cancelled then 'cancelled' when is_confirmed then 'confirmed' else 'draft' end as status,
    effective_date as order_date,
    currency_iso_code as currency,
    cast(total_amount as decimal(28, 6)) as net_amount,
    _deleted as is_deleted
from {{ latest_version(source('salesforce', 'order')) }} as sales_order
