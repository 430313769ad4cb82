-- Grain: one row per line of an order as its latest version has them.
with line as (
    select _source, _key, _load_id, unnest(cast(lines as json[])) as item
    from {{ latest_version(source('zoho_crm', 'sales_order_lines')) }} as document
    where not _deleted
)

select
    line._source as source_system,
    line.item ->> 'id' as source_key,
    line._load_id as load_id,
    line._key as order_key,
    cast(line.item ->> 'Sequence_Number' as integer) as line_number,
    line.item -> 'Product_Name' ->> 'id' as product_key,
    cast(line.item ->> 'Quantity' as decimal(28, 6)) as quantity,
    {{ zoho_crm_line_amount('line.item') }} as net_amount,
    cast(
        100 * cast(line.item ->> 'Discount' as decimal(28, 6))
        / nullif(cast(line.item ->> 'Total' as decimal(28, 6)), 0) as decimal(9, 6)
    ) as discount_pct,
    cast(line.item ->> 'Total' as decimal(28, 6)) as list_amount,
    cast(null as decimal(28, 6)) as cost_amount,
    cast(null as varchar) as returned_line_key,
    coalesce(sales_order._deleted, false) as is_deleted
from line
left join {{ latest_version(source('zoho_crm', 'sales_order')) }} as sales_order
    on line._source = sales_order._source and line._key = sales_order._key
