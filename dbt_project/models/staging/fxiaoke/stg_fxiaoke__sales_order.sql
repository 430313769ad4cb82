-- Grain: one row per order; the latest version wins. Orders are drafts unless the configuration says which status counts.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    name as order_number,
    account_id as customer_record_key,
    owner as owner_employee_key,
    opportunity_id as opportunity_key,
    case when is_cancelled then 'cancelled' when is_confirmed then 'confirmed' else 'draft' end as status,
    ordered_on as order_date,
    currency,
    cast(amount as decimal(28, 6)) as net_amount,
    _deleted as is_deleted
from {{ latest_version(source('fxiaoke', 'sales_order')) }} as sales_order
