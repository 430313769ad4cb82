-- Grain: one row per product line of an invoice or credit note; negative on credit notes.
select
    l._source as source_system,
    l._key as source_key,
    l._load_id as load_id,
    cast(l.move_id as varchar) as invoice_key,
    case
        when len(cast(l.sale_line_ids as bigint[])) = 1 then cast(cast(l.sale_line_ids as bigint[])[1] as varchar)
    end as order_line_key,
    cast(l.product_id as varchar) as product_key,
    cast(l.quantity * {{ odoo_sign('i') }} as decimal(28, 6)) as quantity,
    cast(l.price_subtotal * {{ odoo_sign('i') }} as decimal(28, 6)) as net_amount,
    l._deleted as is_deleted
from {{ latest_version(source('odoo', 'invoice_line')) }} as l
left join {{ latest_version(source('odoo', 'invoice')) }} as i on i._source = l._source and i.id = l.move_id
