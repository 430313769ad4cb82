{{ config(materialized='view') }}
-- Grain: one row per name an order can be referred to by: its source's own key, or (source '*') an order number.
select
    source_system,
    source_key as alias,
    source_system as order_source,
    source_key as order_key
from {{ ref('int_sales_order') }}

union all

select '*' as source_system, order_number as alias, order_source, order_key
from {{ ref('int_order_number') }}
