-- Grain: one row per product variant. Odoo shows a cost of 0 where nobody keeps one: that is no cost.
with company_currency as (
    {{ odoo_company_currency() }}
)

select
    p._source as source_system,
    p._key as source_key,
    p._load_id as load_id,
    p.default_code as product_code,
    coalesce(p.name, p.default_code, 'Odoo product ' || p.id) as product_name,
    coalesce(c.complete_name, c.name) as category,
    cast(nullif(p.standard_price, 0) as decimal(28, 6)) as standard_cost,
    k.name as cost_currency,
    p._deleted as is_deleted
from {{ latest_version(source('odoo', 'product')) }} as p
left join {{ latest_version(source('odoo', 'product_category')) }} as c on c._source = p._source and c.id = p.categ_id
left join company_currency as k on k._source = p._source and k.company_id = coalesce(p.company_id, k.main_id)
