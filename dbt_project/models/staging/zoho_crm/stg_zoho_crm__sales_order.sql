-- Grain: one row per order; the latest version wins. Orders are drafts unless the configuration says which status counts.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    so_number as order_number,
    account_name_id as customer_record_key,
    owner_id as owner_employee_key,
    deal_name_id as opportunity_key,
    case when is_cancelled then 'cancelled' when is_confirmed then 'confirmed' else 'draft' end as status,
    coalesce(order_date, {{ company_date('created_time') }}) as order_date,
    currency,
    cast(sub_total - coalesce(discount, 0) as decimal(28, 6)) as net_amount,
    _deleted as is_deleted
from {{ latest_version(source('zoho_crm', 'sales_order')) }} as sales_order
