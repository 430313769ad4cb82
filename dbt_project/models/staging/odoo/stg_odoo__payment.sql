-- Grain: one row per customer payment; negative when paid back. From 18 on `in_process` and `paid` are posted payments.
select
    p._source as source_system,
    p._key as source_key,
    p._load_id as load_id,
    cast(coalesce(c.commercial_partner_id, p.partner_id) as varchar) as customer_record_key,
    case
        when len(cast(p.reconciled_invoice_ids as bigint[])) = 1
            then cast(cast(p.reconciled_invoice_ids as bigint[])[1] as varchar)
    end as invoice_key,
    cast(null as varchar) as owner_employee_key,
    case
        when p.state in ('posted', 'in_process', 'paid', 'sent', 'reconciled') then 'posted'
        when p.state in ('cancel', 'canceled', 'cancelled', 'rejected') then 'cancelled'
        else 'draft'
    end as status,
    p.date as payment_date,
    k.name as currency,
    cast(p.amount * case when p.payment_type = 'outbound' then -1 else 1 end as decimal(28, 6)) as amount,
    p._deleted as is_deleted
from {{ latest_version(source('odoo', 'payment')) }} as p
left join {{ latest_version(source('odoo', 'partner')) }} as c on c._source = p._source and c.id = p.partner_id
left join {{ latest_version(source('odoo', 'currency')) }} as k on k._source = p._source and k.id = p.currency_id
