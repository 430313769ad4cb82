-- Grain: one row per product variant.
select
    p._source as source_system,
    p._key as source_key,
    p._load_id as load_id,
    p.default_code as product_code,
    coalesce(p.name, p.default_code, 'Odoo product ' || p.id) as product_name,
    coalesce(c.complete_name, c.name) as category,
    p._deleted as is_deleted
from {{ latest_version(source('odoo', 'product')) }} as p
left join {{ latest_version(source('odoo', 'product_category')) }} as c on c._source = p._source and c.id = p.categ_id
