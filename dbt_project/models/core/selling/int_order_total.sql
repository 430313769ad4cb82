{{ config(
    materialized='incremental',
    on_schema_change='fail',
    pre_hook="{{ forget_rebuilt_days('order_date', 'rebuilt_order_third') }}",
) }}
-- Grain: one row per order: what its lines add up to.
select
    source_system,
    order_key,
    order_date,
    sum(net_amount) as net_amount
from {{ rows_of_rebuilt_days(ref('int_sales_order_line'), 'order_date', 'rebuilt_order_third') }} as line
where order_key is not null
group by source_system, order_key, order_date
