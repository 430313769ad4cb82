{{ config(empty_unless='config.territory') }}
-- Grain: one row per territory (or overlay), customer and product category that lie in it; '' where there is none.
-- Days and the overlays' own condition on territories are looked at line by line (`int_line_territory`).
with place as (
    select distinct
        coalesce(sales_order.customer_key, '') as customer_key,
        coalesce(product.category, '') as product_category
    from {{ ref('int_sales_order_line') }} as line
    inner join {{ ref('int_sales_order') }} as sales_order
        on line.source_system = sales_order.source_system and line.order_key = sales_order.source_key
    left join {{ ref('product') }} as product
        on line.source_system = product.source_system and line.product_key = product.source_key
),

condition as (
    select kind, territory_id, field, lower(trim(value)) as value
    from {{ source('config', 'territory_condition') }}
    where field <> 'territory'
),

territory as (
    select
        territory.kind,
        territory.territory_id,
        count(distinct case when condition.field <> 'product_category' then condition.field end) as customer_fields,
        count(case when condition.field = 'product_category' then 1 end) > 0 as asks_for_category
    from {{ source('config', 'territory') }} as territory
    left join condition
        on territory.kind = condition.kind and territory.territory_id = condition.territory_id
    group by territory.kind, territory.territory_id
),

attribute as (
    {% for field, column in [
        ('country', 'country'), ('province', 'province'), ('city', 'city'), ('industry', 'industry'),
        ('customer_key', 'customer_key'),
        ('account', 'tax_id'), ('account', 'registry_id'), ('account', 'customer_name'),
    ] %}
    select customer_key, '{{ field }}' as field, lower(trim({{ column }})) as value
    from {{ ref('dim_customer') }}
    where {{ column }} is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

customer_met as (
    select
        condition.kind,
        condition.territory_id,
        attribute.customer_key,
        count(distinct condition.field) as fields_met
    from attribute
    inner join condition
        on attribute.field = condition.field and attribute.value = condition.value
    group by condition.kind, condition.territory_id, attribute.customer_key
),

by_customer as (
    select
        territory.kind,
        territory.territory_id,
        territory.asks_for_category,
        place.customer_key,
        place.product_category
    from territory
    inner join customer_met
        on
            territory.kind = customer_met.kind
            and territory.territory_id = customer_met.territory_id
            and territory.customer_fields = customer_met.fields_met
    inner join place
        on customer_met.customer_key = place.customer_key

    union all

    select
        territory.kind,
        territory.territory_id,
        territory.asks_for_category,
        place.customer_key,
        place.product_category
    from territory
    cross join place
    where territory.customer_fields = 0
)

select
    by_customer.kind,
    by_customer.territory_id,
    by_customer.customer_key,
    by_customer.product_category
from by_customer
left join condition
    on
        by_customer.kind = condition.kind
        and by_customer.territory_id = condition.territory_id
        and condition.field = 'product_category'
        and lower(trim(by_customer.product_category)) = condition.value
where condition.value is not null or not by_customer.asks_for_category
