-- Grain: one row per user; the latest version wins.
with version as (
    select
        *,
        max(case when status = 'active' then _seq else 0 end) over (partition by _source, _key) as last_active_seq
    from {{ source('zoho_crm', 'user') }}
),

-- A user is disabled rather than deleted; the day is that of the first version that shows it and was not undone.
leaving as (
    select _source, _key, {{ company_date('min(modified_time)') }} as left_date
    from version
    where status <> 'active' and _seq > last_active_seq
    group by _source, _key
)

select
    person._source as source_system,
    person._key as source_key,
    person._load_id as load_id,
    person.employee_number,
    person.full_name as employee_name,
    person.email,
    coalesce(person.job_title, person.profile_name) as job_title,
    cast(null as date) as hired_date,
    leaving.left_date,
    person._deleted as is_deleted
from {{ latest_version(source('zoho_crm', 'user')) }} as person
left join leaving
    on person._source = leaving._source and person._key = leaving._key
