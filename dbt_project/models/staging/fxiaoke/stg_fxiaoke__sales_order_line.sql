-- Grain: one row per line of an order; the latest version wins.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    order_id as order_key,
    cast(null as integer) as line_number,
    product_id as product_key,
    cast(quantity as decimal(28, 6)) as quantity,
    cast(amount as decimal(28, 6)) as net_amount,
    cast(null as decimal(9, 6)) as discount_pct,
    cast(null as decimal(28, 6)) as list_amount,
    cast(null as decimal(28, 6)) as cost_amount,
    cast(null as varchar) as returned_line_key,
    _deleted as is_deleted
from {{ latest_version(source('fxiaoke', 'sales_order_line')) }} as line
