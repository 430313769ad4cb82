-- Grain: one row per posting of an user to a role; a change holds from the day a landed version shows it.
with version as (
    select
        person.*,
        coalesce(person.job_title, person.profile_name) as title,
        row_number() over (partition by person._source, person._key order by person._seq) as version_number,
        {{ company_date('person.created_time') }} as created_on,
        {{ company_date('coalesce(person.modified_time, noticed.finished_at)') }} as changed_on,
        -- inactive people and people without a role hold no posting
        not person._deleted and person.status = 'active' and person.role_id is not null as is_posted
    from {{ source('zoho_crm', 'user') }} as person
    left join {{ source('landing', 'sync_log') }} as noticed
        -- a vanished user has no stamp: the posting ends on the day of the sync that missed it
        on person._deleted
        and person._source = noticed.source_system
        and person._load_id = noticed.load_id
        and noticed.stream = 'user'
),

-- What came before the first landed version is unknown: its posting counts from the creation of the user.
dated as (
    select
        *,
        concat_ws(
            '|', is_posted, coalesce(role_id, ''), coalesce(reporting_to_id, ''), coalesce(title, '')
        ) as state,
        case when version_number = 1 then created_on else changed_on end as effective_date
    from version
),

last_of_day as (
    select * from dated
    qualify rank() over (partition by _source, _key, effective_date order by _seq desc) = 1
),

changed as (
    select * from last_of_day
    qualify state is distinct from lag(state) over (partition by _source, _key order by _seq)
),

period as (
    select
        *,
        lead(effective_date, 1, date '9999-12-31') over (partition by _source, _key order by _seq) as effective_until,
        lead(_load_id) over (partition by _source, _key order by _seq) as ended_load_id
    from changed
)

select
    _source as source_system,
    _key || '|' || cast(effective_date as varchar) as source_key,
    _load_id as load_id,
    _key as employee_key,
    role_id as unit_key,
    title as role,
    reporting_to_id as manager_employee_key,
    true as is_primary,
    cast(null as decimal(9, 6)) as time_share,
    effective_date as valid_from,
    effective_until as valid_to,
    false as is_deleted,
    ended_load_id
from period
where is_posted
