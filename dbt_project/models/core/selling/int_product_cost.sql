-- Grain: one row per product record whose unit cost is known: its own, else that of a record of another source with the
-- same product code (the first by source and key).
with company as (
    select reporting_currency from {{ source('config', 'company') }}
),

priced as (
    select
        product.source_system,
        product.source_key,
        product.product_code,
        product.standard_cost as unit_cost,
        coalesce(product.cost_currency, company.reporting_currency) as currency
    from {{ ref('product') }} as product
    cross join company
    where product.standard_cost is not null
),

by_code as (
    select *
    from priced
    where product_code is not null
    qualify row_number() over (partition by product_code order by source_system, source_key, unit_cost) = 1
)

select
    product.source_system,
    product.source_key,
    coalesce(priced.unit_cost, by_code.unit_cost) as unit_cost,
    case when priced.unit_cost is not null then priced.currency else by_code.currency end as currency
from {{ ref('product') }} as product
left join priced
    on product.source_system = priced.source_system and product.source_key = priced.source_key
left join by_code
    on product.product_code = by_code.product_code
where priced.unit_cost is not null or by_code.unit_cost is not null
qualify row_number() over (
    partition by product.source_system, product.source_key order by coalesce(priced.unit_cost, by_code.unit_cost)
) = 1
