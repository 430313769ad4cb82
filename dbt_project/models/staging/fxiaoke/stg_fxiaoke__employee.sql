-- Grain: one row per employee of the address book; the latest version wins.
with version as (
    select
        person.*,
        {{ company_date('noticed.finished_at') }} as noticed_on,
        max(case when not person.is_stop then person._seq else 0 end)
            over (partition by person._source, person._key) as last_active_seq
    from {{ source('fxiaoke', 'user') }} as person
    left join {{ source('landing', 'sync_log') }} as noticed
        on person._source = noticed.source_system
        and person._load_id = noticed.load_id
        and noticed.stream = 'user'
),

-- Nobody says when a person was stopped: the day is that of the sync that noticed it and was not undone.
leaving as (
    select _source, _key, min(noticed_on) as left_date
    from version
    where is_stop and _seq > last_active_seq
    group by _source, _key
)

select
    person._source as source_system,
    person._key as source_key,
    person._load_id as load_id,
    person.employee_number,
    person.name as employee_name,
    person.email,
    person.position as job_title,
    person.hire_date as hired_date,
    leaving.left_date,
    person._deleted as is_deleted
from {{ latest_version(source('fxiaoke', 'user')) }} as person
left join leaving
    on person._source = leaving._source and person._key = leaving._key
