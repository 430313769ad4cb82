-- Grain: one row per department (or sales team) and period. Odoo keeps no history: the first landed version holds
-- since ever, each later one from the day it was written.
with versions as (
    select
        d._source, d._seq, d._load_id, d._deleted, 'department' as stream, 'department:' || d.id as unit_key, d.name,
        cast(null as varchar) as unit_type, 'department:' || d.parent_id as parent_key,
        not d._deleted and coalesce(d.active, true) as active, d.write_date
    from {{ source('odoo', 'department') }} as d
    inner join {{ ref('stg_odoo__unit_system') }} as s on s._source = d._source and s.uses_departments
    union all
    select
        t._source, t._seq, t._load_id, t._deleted, 'crm_team', 'team:' || t.id, t.name, 'team', null,
        not t._deleted and coalesce(t.active, true), t.write_date
    from {{ source('odoo', 'crm_team') }} as t
    inner join {{ ref('stg_odoo__unit_system') }} as s on s._source = t._source and not s.uses_departments
),

dated as (
    select
        v.*,
        {{ company_date('coalesce(v.write_date, noticed.finished_at)') }} as written_date,
        case
            when row_number() over (partition by v._source, v.unit_key order by v._seq) = 1 then date '1900-01-01'
            else {{ company_date('coalesce(v.write_date, noticed.finished_at)') }}
        end as from_date
    from versions as v
    left join {{ source('landing', 'sync_log') }} as noticed
        -- a deleted unit has no write_date: it ends on the day of the sync that missed it
        on
            v._deleted and noticed.source_system = v._source and noticed.load_id = v._load_id
            and noticed.stream = v.stream
),

daily as (
    -- the last version of a day stands for the day
    select *
    from dated
    qualify row_number() over (partition by _source, unit_key, from_date order by _seq desc) = 1
),

changes as (
    select *
    from daily
    qualify row(name, parent_key, active)
        is distinct from
        lag(row(name, parent_key, active)) over (partition by _source, unit_key order by from_date, _seq)
),

periods as (
    select
        *,
        lead(from_date, 1, date '9999-12-31') over (partition by _source, unit_key order by from_date, _seq) as to_date,
        lead(_load_id) over (partition by _source, unit_key order by from_date, _seq) as ended_load_id
    from changes
)

select
    _source as source_system,
    unit_key as source_key,
    _load_id as load_id,
    cast(null as varchar) as unit_code,
    coalesce(name, unit_key) as unit_name,
    cast(null as varchar) as unit_name_en,
    unit_type,
    parent_key as parent_unit_key,
    from_date as valid_from,
    case when active then to_date else least(to_date, written_date) end as valid_to,
    false as is_deleted,
    ended_load_id
from periods
-- an archived or deleted unit is over from the day it was archived; one that came archived has been a unit until then
where active or from_date = date '1900-01-01'
