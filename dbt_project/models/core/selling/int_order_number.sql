-- Grain: one row per order number that a record refers to by something that is no key of its source, and that only one
-- order carries.
with referred as (
    select source_system, order_key from {{ ref('invoice') }}
    union all
    select source_system, order_key from {{ ref('credit_split') }}
),

by_number as (
    select distinct lower(referred.order_key) as order_number
    from referred
    left join {{ ref('int_sales_order') }} as own
        on referred.source_system = own.source_system and referred.order_key = own.source_key
    where own.source_key is null
)

select
    lower(order_number) as order_number,
    min(source_system) as order_source,
    min(source_key) as order_key
from {{ ref('int_sales_order') }}
where lower(order_number) in (select order_number from by_number)
group by lower(order_number)
having count(*) = 1
