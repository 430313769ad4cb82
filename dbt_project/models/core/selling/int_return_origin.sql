-- Grain: one row per line that returns one that is known: the order and line it goes back to.
-- The return of a return goes back to the first sale.
with recursive chain as (
    select source_system, source_key, order_key, returned_line_key as origin_key, 1 as depth
    from {{ ref('sales_order_line') }}
    where returned_line_key is not null

    union all

    select chain.source_system, chain.source_key, chain.order_key, line.returned_line_key, chain.depth + 1
    from chain
    inner join {{ ref('sales_order_line') }} as line
        on chain.source_system = line.source_system and chain.origin_key = line.source_key
    where line.returned_line_key is not null and chain.depth < 50
)

select
    chain.source_system,
    chain.source_key,
    chain.order_key,
    line.order_key as credit_order_key,
    line.source_key as credit_line_key
from chain
inner join {{ ref('sales_order_line') }} as line
    on chain.source_system = line.source_system and chain.origin_key = line.source_key
qualify row_number() over (partition by chain.source_system, chain.source_key order by chain.depth desc) = 1
