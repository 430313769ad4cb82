-- Grain: one row per order line; section and note lines are left out. Odoo has no field for "returns line so-and-so":
-- a custom many2one `x_returned_line_id` is used where a company has made one.
select
    l._source as source_system,
    l._key as source_key,
    l._load_id as load_id,
    cast(l.order_id as varchar) as order_key,
    cast(l.sequence as integer) as line_number,
    cast(l.product_id as varchar) as product_key,
    cast(l.product_uom_qty as decimal(28, 6)) as quantity,
    cast(l.price_subtotal as decimal(28, 6)) as net_amount,
    cast(l.discount as decimal(9, 6)) as discount_pct,
    -- otherwise the net amount tells, without the tax that a price may include
    case
        when l.discount = 100
            then cast(
                cast(l.price_unit as decimal(28, 6)) * cast(l.product_uom_qty as decimal(28, 6)) as decimal(28, 6)
            )
    end as list_amount,
    cast(
        cast(nullif(l.purchase_price, 0) as decimal(28, 6)) * cast(l.product_uom_qty as decimal(28, 6))
        as decimal(28, 6)
    ) as cost_amount,
    cast(l.x_returned_line_id as varchar) as returned_line_key,
    l._deleted as is_deleted
from {{ latest_version(source('odoo', 'sale_order_line')) }} as l
where l.display_type is null
