-- Grain: one row per product; the latest version wins.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    code as product_code,
    name as product_name,
    coalesce(category_label, category) as category,
    cast(null as decimal(28, 6)) as standard_cost,
    cast(null as varchar) as cost_currency,
    _deleted as is_deleted
from {{ latest_version(source('fxiaoke', 'product')) }} as product
