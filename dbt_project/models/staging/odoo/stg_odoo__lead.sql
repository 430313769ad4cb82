-- Grain: one row per enquiry. Odoo turns a lead into an opportunity in place: the same record, `date_conversion`
-- filled.
select
    l._source as source_system,
    l._key as source_key,
    l._load_id as load_id,
    coalesce(l.name, 'Odoo lead ' || l.id) as lead_name,
    l.partner_name as company_name,
    {{ odoo_user_key('l.user_id') }} as owner_employee_key,
    case
        when l.type = 'opportunity' then 'converted'
        when coalesce(l.active, true) then 'open'
        else 'lost'
    end as status,
    s.name as source_channel,
    {{ company_date('l.create_date') }} as created_date,
    case when l.type = 'opportunity' then {{ company_date('l.date_conversion') }} end as converted_date,
    case when l.type = 'opportunity' then l._key end as converted_opportunity_key,
    l._deleted as is_deleted
from {{ latest_version(source('odoo', 'lead')) }} as l
left join {{ latest_version(source('odoo', 'utm_source')) }} as s on s._source = l._source and s.id = l.source_id
where l.type = 'lead' or l.date_conversion is not null
