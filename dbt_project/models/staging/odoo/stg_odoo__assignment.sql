-- Grain: one row per employee record (or team membership) and period. Odoo keeps no history: the first landed version
-- holds from the hire date, or 1900-01-01 where Odoo has none (create_date is only when the record was typed in); later
-- ones from the day they were written.
with person as (
    select * from {{ ref('stg_odoo__person') }}
),

versions as (
    select
        e._source,
        'employee:' || e.id as posting_key,
        e._seq,
        e._load_id,
        p.person_key,
        p.is_main,
        'department:' || e.department_id as unit_key,
        coalesce(e.job_title, j.name) as role,
        m.person_key as manager_key,
        coalesce(e.first_contract_date, date '1900-01-01') as start_date,
        {{ company_date('coalesce(e.write_date, noticed.finished_at)') }} as written_date,
        case
            when e._deleted or coalesce(e.active, true) then null
            else coalesce(e.departure_date + 1, {{ company_date('e.write_date') }})
        end as end_date
    from {{ source('odoo', 'employee') }} as e
    inner join {{ ref('stg_odoo__unit_system') }} as s on s._source = e._source and s.uses_departments
    inner join person as p on p._source = e._source and p.employee_id = e.id
    left join person as m on m._source = e._source and m.employee_id = e.parent_id
    left join {{ latest_version(source('odoo', 'job')) }} as j on j._source = e._source and j.id = e.job_id
    left join {{ source('landing', 'sync_log') }} as noticed
        -- a deleted record has no write_date: the posting ends on the day of the sync that missed it
        on
            e._deleted and noticed.source_system = e._source and noticed.load_id = e._load_id
            and noticed.stream = 'employee'
    union all
    -- up to 14 a user has one team, and no membership record says since when
    select
        u._source,
        'user:' || u.id,
        u._seq,
        u._load_id,
        p.person_key,
        true,
        'team:' || u.sale_team_id,
        p.job_title,
        case when t.user_id <> u.id then 'user:' || t.user_id end,
        date '1900-01-01',
        {{ company_date('coalesce(u.write_date, noticed.finished_at)') }},
        case when not u._deleted and not coalesce(u.active, true) then {{ company_date('u.write_date') }} end
    from {{ source('odoo', 'user') }} as u
    inner join {{ ref('stg_odoo__unit_system') }} as s on s._source = u._source and not s.uses_departments
    inner join person as p on p._source = u._source and p.user_id = u.id and p.is_main
    left join {{ latest_version(source('odoo', 'crm_team')) }} as t on t._source = u._source and t.id = u.sale_team_id
    left join {{ source('landing', 'sync_log') }} as noticed
        on
            u._deleted and noticed.source_system = u._source and noticed.load_id = u._load_id
            and noticed.stream = 'user'
    where not exists (select 1 from {{ source('odoo', 'crm_team_member') }} as x where x._source = u._source)
),

dated as (
    select
        v.*,
        -- dates never run backwards: a change entered late holds from the day before it at the earliest
        max(case when n = 1 then start_date else coalesce(end_date, written_date) end) over (
            partition by _source, posting_key order by _seq rows between unbounded preceding and current row
        ) as from_date
    from (
        select *, row_number() over (partition by _source, posting_key order by _seq) as n from versions
    ) as v
),

daily as (
    select *
    from dated
    qualify row_number() over (partition by _source, posting_key, from_date order by _seq desc) = 1
),

changes as (
    select *
    from daily
    qualify row(unit_key, role, manager_key, end_date) is distinct from
        lag(row(unit_key, role, manager_key, end_date))
            over (partition by _source, posting_key order by from_date, _seq)
),

periods as (
    select
        *,
        least(
            coalesce(end_date, date '9999-12-31'),
            lead(from_date, 1, date '9999-12-31') over (partition by _source, posting_key order by from_date, _seq)
        ) as to_date,
        lead(_load_id) over (partition by _source, posting_key order by from_date, _seq) as ended_load_id
    from changes
),

memberships as (
    -- from 15 on every membership is a record of its own; one that ended is archived
    select
        m._source,
        'member:' || m.id as posting_key,
        m._load_id,
        p.person_key,
        m.deleted_on is not null or not coalesce(m.active, true) or row_number() over (
            partition by m._source, m.user_id, coalesce(m.active, true), m.deleted_on is null order by m.id
        ) = 1 as is_main,
        'team:' || m.crm_team_id as unit_key,
        p.job_title as role,
        case when t.user_id <> m.user_id then 'user:' || t.user_id end as manager_key,
        {{ company_date('m.create_date') }} as from_date,
        case
            when m.deleted_on is not null then m.deleted_on
            when coalesce(m.active, true) then date '9999-12-31'
            else {{ company_date('m.write_date') }}
        end as to_date
    from {{ odoo_last_known('crm_team_member') }} as m
    inner join {{ ref('stg_odoo__unit_system') }} as s on s._source = m._source and not s.uses_departments
    inner join person as p on p._source = m._source and p.user_id = m.user_id and p.is_main
    left join {{ latest_version(source('odoo', 'crm_team')) }} as t on t._source = m._source and t.id = m.crm_team_id
),

postings as (
    select
        _source, posting_key, _load_id, ended_load_id, person_key, is_main, unit_key, role, manager_key, from_date, to_date
    from periods
    union all
    -- a membership is one record: what its latest version says was learnt with that version
    select _source, posting_key, _load_id, null, person_key, is_main, unit_key, role, manager_key, from_date, to_date
    from memberships
)

select
    _source as source_system,
    posting_key || ':' || strftime(from_date, '%Y-%m-%d') as source_key,
    _load_id as load_id,
    person_key as employee_key,
    unit_key,
    role,
    manager_key as manager_employee_key,
    is_main as is_primary,
    cast(null as decimal(9, 6)) as time_share,
    from_date as valid_from,
    to_date as valid_to,
    false as is_deleted,
    ended_load_id
from postings
where unit_key is not null and from_date < to_date
