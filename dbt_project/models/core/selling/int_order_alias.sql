{{ config(materialized='table_by_parts', part_by='alias') }}
-- Grain: one row per name an order can be referred to by: its source's own key, or (source '*') an order number that
-- only one order carries. Of numbers only those that a record refers to by something that is no key of its source.
with own as (
    select source_system, source_key
    from {{ ref('int_sales_order') }}
    group by source_system, source_key
),

referred as (
    select source_system, order_key from {{ ref('invoice') }}
    union all
    select source_system, order_key from {{ ref('credit_split') }}
),

by_number as (
    select distinct lower(referred.order_key) as alias
    from referred
    left join own
        on referred.source_system = own.source_system and referred.order_key = own.source_key
    where own.source_key is null
)

select
    source_system,
    source_key as alias,
    source_system as order_source,
    source_key as order_key
from own

union all

select
    '*' as source_system,
    lower(order_number) as alias,
    min(source_system) as order_source,
    min(source_key) as order_key
from {{ ref('int_sales_order') }}
where lower(order_number) in (select alias from by_number)
group by lower(order_number)
having count(*) = 1
