-- Grain: one row per commercial partner (an organisation or person that orders, not its contacts and addresses).
-- Own companies and staff are partners, too; they are left out unless they bought something.
with own as (
    select _source, partner_id from {{ latest_version(source('odoo', 'user')) }} as u where not coalesce(u.share, false)
    union
    select _source, partner_id from {{ latest_version(source('odoo', 'company')) }} as c
),

buyers as (
    select _source, partner_id from {{ latest_version(source('odoo', 'sale_order')) }} as o
    union
    select _source, partner_id from {{ latest_version(source('odoo', 'invoice')) }} as i
    union
    select _source, partner_id from {{ latest_version(source('odoo', 'payment')) }} as pay
    union
    select _source, partner_id from {{ latest_version(source('odoo', 'lead')) }} as l
)

select
    p._source as source_system,
    p._key as source_key,
    p._load_id as load_id,
    case when p.is_company then 'organisation' else 'person' end as party_type,
    coalesce(p.name, p.email, 'Odoo partner ' || p.id) as customer_name,
    cast(null as varchar) as given_name,
    cast(null as varchar) as family_name,
    cast(null as varchar) as other_names,
    cast(null as varchar) as birth_date,
    p.vat as tax_id,
    p.company_registry as registry_id,
    p.email,
    coalesce(p.phone, p.mobile) as phone,
    p.website,
    c.name as country,
    s.name as province,
    p.city,
    cast(null as varchar) as district,
    nullif(concat_ws(', ', p.street, p.street2), '') as street,
    p.zip as postal_code,
    i.name as industry,
    cast(p.parent_id as varchar) as parent_record_key,
    {{ odoo_user_key('p.user_id') }} as owner_employee_key,
    {{ company_date('p.create_date') }} as created_date,
    p._deleted as is_deleted
from {{ latest_version(source('odoo', 'partner')) }} as p
left join {{ latest_version(source('odoo', 'country')) }} as c on c._source = p._source and c.id = p.country_id
left join {{ latest_version(source('odoo', 'country_state')) }} as s on s._source = p._source and s.id = p.state_id
left join {{ latest_version(source('odoo', 'partner_industry')) }} as i
    on i._source = p._source and i.id = p.industry_id
where
    coalesce(p.commercial_partner_id, p.id) = p.id
    and (
        coalesce(p.customer_rank, 0) > 0
        or not exists (select 1 from own where own._source = p._source and own.partner_id = p.id)
        or exists (select 1 from buyers as b where b._source = p._source and b.partner_id = p.id)
    )
