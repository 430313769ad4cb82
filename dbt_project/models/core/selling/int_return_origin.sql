-- Grain: one row per line that returns one that is known: the order and line it goes back to.
-- The return of a return goes back to the first sale.
with recursive returned as materialized (
    select
        line.source_system,
        line.source_key,
        line.order_key,
        origin.order_key as credit_order_key,
        origin.source_key as credit_line_key
    from {{ ref('sales_order_line') }} as line
    inner join {{ ref('sales_order_line') }} as origin
        on line.source_system = origin.source_system and line.returned_line_key = origin.source_key
    where line.returned_line_key is not null
),

chain as (
    select *, 1 as depth from returned

    union all

    select
        chain.source_system,
        chain.source_key,
        chain.order_key,
        further.credit_order_key,
        further.credit_line_key,
        chain.depth + 1
    from chain
    inner join returned as further
        on chain.source_system = further.source_system and chain.credit_line_key = further.source_key
    where chain.depth < 50
)

select
    source_system,
    source_key,
    order_key,
    credit_order_key,
    credit_line_key
from chain
qualify row_number() over (partition by source_system, source_key order by depth desc) = 1
