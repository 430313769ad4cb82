{{ config(materialized='table_by_parts', part_by='alias') }}
-- Grain: one row per name an order can be referred to by: a source's own key, or (source '*') an order number that
-- only one order carries.
select distinct
    source_system,
    source_key as alias,
    source_system as order_source,
    source_key as order_key
from {{ ref('int_sales_order') }}

union all

select
    '*' as source_system,
    lower(order_number) as alias,
    min(source_system) as order_source,
    min(source_key) as order_key
from {{ ref('int_sales_order') }}
where order_number is not null
group by lower(order_number)
having count(*) = 1
