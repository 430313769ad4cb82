-- Grain: one row per planned activity, completed activity or calendar meeting. What the calendar holds is taken from
-- there: a planned activity with a calendar event, and completed meetings of sources with a calendar, are not counted
-- twice.
with kinds as (
    select
        t._source,
        t.id,
        t.category = 'meeting' as is_meeting,
        {{ odoo_activity_type('t.name', 't.category') }} as activity_type
    from {{ latest_version(source('odoo', 'activity_type')) }} as t
),

calendars as (
    select distinct _source from {{ source('odoo', 'meeting') }}
),

all_of_them as (
    select
        a._source, 'activity:' || a.id as activity_key, a._load_id, a._deleted,
        coalesce(k.activity_type, 'task') as activity_type, a.summary as subject, a.user_id,
        a.res_model as model, a.res_id,
        a.date_deadline as activity_date, 'planned' as status
    from {{ latest_version(source('odoo', 'activity')) }} as a
    left join kinds as k on k._source = a._source and k.id = a.activity_type_id
    where a.calendar_event_id is null and coalesce(a.active, true)
    union all
    select
        d._source, 'message:' || d.id, d._load_id, d._deleted, coalesce(k.activity_type, 'task'),
        d.subject, u.id, d.model, d.res_id, {{ company_date('d.date') }}, 'done'
    from {{ latest_version(source('odoo', 'activity_done')) }} as d
    left join kinds as k on k._source = d._source and k.id = d.mail_activity_type_id
    left join (
        select _source, partner_id, min(id) as id from {{ latest_version(source('odoo', 'user')) }} as u group by all
    ) as u on u._source = d._source and u.partner_id = d.author_id
    where not coalesce(k.is_meeting, false) or d._source not in (select _source from calendars)
    union all
    select
        m._source, 'meeting:' || m.id, m._load_id, m._deleted, {{ odoo_activity_type('m.name', "'meeting'") }},
        m.name, m.user_id, case when m.opportunity_id is not null then 'crm.lead' else m.res_model end,
        coalesce(m.opportunity_id, m.res_id), {{ company_date('m.start') }},
        case
            when not coalesce(m.active, true) then 'cancelled'
            when {{ company_date('m.start') }} <= (select min(as_of_date) from {{ source('config', 'company') }})
                then 'done'
            else 'planned'
        end
    from {{ latest_version(source('odoo', 'meeting')) }} as m
)

select
    a._source as source_system,
    a.activity_key as source_key,
    a._load_id as load_id,
    a.activity_type,
    coalesce(a.subject, l.name) as subject,
    {{ odoo_user_key('a.user_id') }} as employee_key,
    cast(coalesce(p.commercial_partner_id, lp.commercial_partner_id, op.commercial_partner_id) as varchar)
        as customer_record_key,
    case when l.type = 'opportunity' then cast(l.id as varchar) end as opportunity_key,
    a.activity_date,
    a.status,
    cast(null as varchar) as outcome,
    a._deleted as is_deleted
from all_of_them as a
left join {{ latest_version(source('odoo', 'lead')) }} as l
    on l._source = a._source and a.model = 'crm.lead' and l.id = a.res_id
left join {{ latest_version(source('odoo', 'sale_order')) }} as o
    on o._source = a._source and a.model = 'sale.order' and o.id = a.res_id
left join {{ latest_version(source('odoo', 'partner')) }} as p
    on p._source = a._source and a.model = 'res.partner' and p.id = a.res_id
left join {{ latest_version(source('odoo', 'partner')) }} as lp on lp._source = a._source and lp.id = l.partner_id
left join {{ latest_version(source('odoo', 'partner')) }} as op on op._source = a._source and op.id = o.partner_id
