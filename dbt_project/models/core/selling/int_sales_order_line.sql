-- Grain: one row per order line, and one for the whole of an order that has no lines but a total.
-- `credit_order_key` and `credit_line_key` are the order and line whose shares the line takes: its own, or for a returned
-- line the original's.
with recursive lines as (
    select
        source_system,
        source_key,
        load_id,
        order_key,
        line_number,
        product_key,
        quantity,
        net_amount,
        returned_line_key
    from {{ ref('sales_order_line') }}

    union all

    select
        sales_order.source_system,
        'order:' || sales_order.source_key as source_key,
        sales_order.load_id,
        sales_order.source_key as order_key,
        0 as line_number,
        cast(null as varchar) as product_key,
        cast(null as decimal(28, 6)) as quantity,
        sales_order.net_amount,
        cast(null as varchar) as returned_line_key
    from {{ ref('sales_order') }} as sales_order
    left join {{ ref('sales_order_line') }} as line
        on sales_order.source_system = line.source_system and sales_order.source_key = line.order_key
    where line.source_key is null and sales_order.net_amount is not null
),

-- the return of a return goes back to the first sale
chain as (
    select source_system, source_key, returned_line_key as origin_key, 1 as depth
    from lines
    where returned_line_key is not null

    union all

    select chain.source_system, chain.source_key, lines.returned_line_key as origin_key, chain.depth + 1 as depth
    from chain
    inner join lines
        on chain.source_system = lines.source_system and chain.origin_key = lines.source_key
    where lines.returned_line_key is not null and chain.depth < 50
),

origin as (
    select chain.source_system, chain.source_key, lines.order_key, lines.source_key as line_key
    from chain
    inner join lines
        on chain.source_system = lines.source_system and chain.origin_key = lines.source_key
    qualify row_number() over (partition by chain.source_system, chain.source_key order by chain.depth desc) = 1
)

select
    lines.*,
    coalesce(origin.order_key, lines.order_key) as credit_order_key,
    coalesce(origin.line_key, lines.source_key) as credit_line_key,
    origin.order_key is not null as is_return
from lines
left join origin
    on lines.source_system = origin.source_system and lines.source_key = origin.source_key
