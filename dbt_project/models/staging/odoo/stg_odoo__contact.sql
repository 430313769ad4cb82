-- Grain: one row per contact person below a commercial partner (delivery and invoice addresses are no persons).
select
    p._source as source_system,
    p._key as source_key,
    p._load_id as load_id,
    cast(p.commercial_partner_id as varchar) as customer_record_key,
    coalesce(p.name, p.email, 'Odoo partner ' || p.id) as contact_name,
    p.email,
    coalesce(p.phone, p.mobile) as phone,
    p.function as job_title,
    p._deleted as is_deleted
from {{ latest_version(source('odoo', 'partner')) }} as p
where p.commercial_partner_id <> p.id and coalesce(p.type, 'contact') = 'contact' and not coalesce(p.is_company, false)
