-- Grain: one row per customer invoice, receipt or credit note. Odoo shows a credit note's amounts positive; here they
-- are negative.
with billed as (
    select l._source, l.move_id, min(o.order_id) as order_id
    from (
        select _source, move_id, unnest(cast(sale_line_ids as bigint[])) as line_id
        from {{ latest_version(source('odoo', 'invoice_line')) }} as il
        where not il._deleted
    ) as l
    inner join {{ latest_version(source('odoo', 'sale_order_line')) }} as o
        on o._source = l._source and o.id = l.line_id
    group by l._source, l.move_id
    having count(distinct o.order_id) = 1
),

numbered as (
    select _source, name, min(id) as order_id
    from {{ latest_version(source('odoo', 'sale_order')) }} as o
    where not o._deleted
    group by _source, name
    having count(*) = 1
)

select
    i._source as source_system,
    i._key as source_key,
    i._load_id as load_id,
    nullif(i.name, '/') as invoice_number,
    case when i.move_type = 'out_refund' then 'credit_note' else 'invoice' end as invoice_type,
    cast(coalesce(i.commercial_partner_id, i.partner_id) as varchar) as customer_record_key,
    {{ odoo_user_key('i.invoice_user_id') }} as owner_employee_key,
    cast(coalesce(b.order_id, n.order_id) as varchar) as order_key,
    cast(i.reversed_entry_id as varchar) as reversed_invoice_key,
    case i.state when 'posted' then 'posted' when 'cancel' then 'cancelled' else 'draft' end as status,
    coalesce(i.invoice_date, i.date) as invoice_date,
    i.invoice_date_due as due_date,
    c.name as currency,
    cast(i.amount_untaxed * {{ odoo_sign('i') }} as decimal(28, 6)) as net_amount,
    cast(i.amount_total * {{ odoo_sign('i') }} as decimal(28, 6)) as total_amount,
    i._deleted as is_deleted
from {{ latest_version(source('odoo', 'invoice')) }} as i
left join {{ latest_version(source('odoo', 'currency')) }} as c on c._source = i._source and c.id = i.currency_id
left join billed as b on b._source = i._source and b.move_id = i.id
left join numbered as n on n._source = i._source and n.name = i.invoice_origin
