-- Grain: one row per opportunity and stay in a stage: the stage it began in, then one for each tracked change.
with changes as (
    select
        t._source,
        t._load_id,
        t.id as change_id,
        t.mail_message_res_id as lead_id,
        t.mail_message_date as changed_at,
        coalesce(o.name, t.old_value_char) as old_stage,
        coalesce(n.name, t.new_value_char) as new_stage
    from {{ latest_version(source('odoo', 'lead_stage_change')) }} as t
    left join {{ latest_version(source('odoo', 'stage')) }} as o on o._source = t._source and o.id = t.old_value_integer
    left join {{ latest_version(source('odoo', 'stage')) }} as n on n._source = t._source and n.id = t.new_value_integer
    where not t._deleted and t.mail_message_res_id is not null
),

first_changes as (
    select * from changes
    qualify row_number() over (partition by _source, lead_id order by changed_at, change_id) = 1
),

deals as (
    select * from {{ latest_version(source('odoo', 'lead')) }} as l where l.type = 'opportunity' and not l._deleted
),

entries as (
    select
        d._source, d._load_id, d.id as lead_id, 0 as change_id, d.create_date as entered_at, d.user_id,
        coalesce(f.old_stage, s.name) as stage
    from deals as d
    left join first_changes as f on f._source = d._source and f.lead_id = d.id
    left join {{ latest_version(source('odoo', 'stage')) }} as s on s._source = d._source and s.id = d.stage_id
    union all
    select c._source, c._load_id, c.lead_id, c.change_id, c.changed_at, d.user_id, c.new_stage
    from changes as c
    inner join deals as d on d._source = c._source and d.id = c.lead_id
)

select
    _source as source_system,
    lead_id || ':' || change_id as source_key,
    _load_id as load_id,
    cast(lead_id as varchar) as opportunity_key,
    cast(null as varchar) as process,
    cast(null as varchar) as item_key,
    stage,
    {{ odoo_user_key('user_id') }} as owner_employee_key,
    {{ utc_timestamp('entered_at') }} as entered_at,
    cast(null as timestamp) as due_at,
    {{ utc_timestamp('lead(entered_at) over (partition by _source, lead_id order by entered_at, change_id)') }}
        as left_at,
    false as is_deleted
from entries
where stage is not null
