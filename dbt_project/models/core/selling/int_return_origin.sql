-- Grain: one row per line that returns one that is known: the order and line it goes back to.
-- The return of a return goes back to the first sale.
with recursive {{ followed_back(ref('sales_order_line'), 'returned_line_key', ['order_key']) }}

select
    source_system,
    source_key,
    order_key,
    origin_order_key as credit_order_key,
    origin_key as credit_line_key
from origin
