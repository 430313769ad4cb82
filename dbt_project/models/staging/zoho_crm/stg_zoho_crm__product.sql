-- Grain: one row per product; the latest version wins.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    product_code,
    product_name,
    product_category as category,
    cast(null as decimal(28, 6)) as standard_cost,
    cast(null as varchar) as cost_currency,
    _deleted as is_deleted
from {{ latest_version(source('zoho_crm', 'product')) }} as product
