-- Grain: one row per quotation or order. `date_order` is the confirmation of an order, the entry of a quotation.
select
    o._source as source_system,
    o._key as source_key,
    o._load_id as load_id,
    o.name as order_number,
    cast(coalesce(p.commercial_partner_id, o.partner_id) as varchar) as customer_record_key,
    {{ odoo_user_key('o.user_id') }} as owner_employee_key,
    cast(o.opportunity_id as varchar) as opportunity_key,
    case
        when o.state in ('sale', 'done') then 'confirmed'
        when o.state = 'cancel' then 'cancelled'
        else 'draft'
    end as status,
    {{ company_date('o.date_order') }} as order_date,
    c.name as currency,
    cast(o.amount_untaxed as decimal(28, 6)) as net_amount,
    o._deleted as is_deleted
from {{ latest_version(source('odoo', 'sale_order')) }} as o
left join {{ latest_version(source('odoo', 'partner')) }} as p on p._source = o._source and p.id = o.partner_id
left join {{ latest_version(source('odoo', 'currency')) }} as c on c._source = o._source and c.id = o.currency_id
