-- Grain: one row per line of an order; the latest version wins.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    order_id as order_key,
    try_cast(order_item_number as integer) as line_number,
    product2_id as product_key,
    cast(quantity as decimal(28, 6)) as quantity,
    cast(total_price as decimal(28, 6)) as net_amount,
    cast(null as decimal(9, 6)) as discount_pct,
    cast(cast(list_price as decimal(18, 6)) * cast(quantity as decimal(18, 6)) as decimal(28, 6)) as list_amount,
    cast(null as decimal(28, 6)) as cost_amount,
    original_order_item_id as returned_line_key,
    _deleted as is_deleted
from {{ latest_version(source('salesforce', 'order_item')) }} as line
