-- Grain: one row per opportunity. Won: in a stage that wins, or probability 100. Lost: archived.
select
    l._source as source_system,
    l._key as source_key,
    l._load_id as load_id,
    l.name as opportunity_name,
    cast(coalesce(p.commercial_partner_id, l.partner_id) as varchar) as customer_record_key,
    {{ odoo_user_key('l.user_id') }} as owner_employee_key,
    s.name as stage,
    {{ odoo_deal_status('l', 's') }} as status,
    cast(l.expected_revenue as decimal(28, 6)) as amount,
    c.name as currency,
    cast(l.probability / 100 as decimal(9, 6)) as probability,
    {{ company_date('coalesce(l.date_conversion, l.create_date)') }} as created_date,
    l.date_deadline as expected_close_date,
    case
        when {{ odoo_deal_status('l', 's') }} <> 'open'
            then {{ company_date('coalesce(l.date_closed, l.date_last_stage_update, l.write_date)') }}
    end as closed_date,
    l._deleted as is_deleted
from {{ latest_version(source('odoo', 'lead')) }} as l
left join {{ latest_version(source('odoo', 'stage')) }} as s on s._source = l._source and s.id = l.stage_id
left join {{ latest_version(source('odoo', 'partner')) }} as p on p._source = l._source and p.id = l.partner_id
left join ({{ odoo_company_currency() }}) as c
    on c._source = l._source and c.company_id = coalesce(l.company_id, c.main_id)
where l.type = 'opportunity'
