-- Grain: one row per internal user (partner, customer and automated users are outside); the latest version wins.
with version as (
    select
        *,
        max(case when is_active then _seq else 0 end) over (partition by _source, _key) as last_active_seq
    from {{ source('salesforce', 'user') }}
),

-- A user is never deleted, only made inactive; the day is that of the first version that shows it and was not undone.
leaving as (
    select _source, _key, {{ company_date('min(system_modstamp)') }} as left_date
    from version
    where not is_active and _seq > last_active_seq
    group by _source, _key
)

select
    person._source as source_system,
    person._key as source_key,
    person._load_id as load_id,
    person.employee_number,
    person.name as employee_name,
    person.email,
    person.title as job_title,
    cast(null as date) as hired_date,
    leaving.left_date,
    person._deleted as is_deleted
from {{ latest_version(source('salesforce', 'user')) }} as person
left join leaving
    on person._source = leaving._source and person._key = leaving._key
where coalesce(person.user_type, 'Standard') = 'Standard'
