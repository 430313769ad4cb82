-- Grain: one row per role and period; a change or removal holds from the day a landed version shows it.
with version as (
    select
        role.*,
        concat_ws(
            '|', role._deleted, coalesce(role.name, ''), coalesce(role.reporting_to_id, '')
        ) as state,
        row_number() over (partition by role._source, role._key order by role._seq) as version_number,
        {{ company_date('coalesce(role.modified_time, noticed.finished_at)') }} as changed_on
    from {{ source('zoho_crm', 'role') }} as role
    left join {{ source('landing', 'sync_log') }} as noticed
        -- a vanished role has no stamp: it ends on the day of the sync that missed it
        on role._deleted
        and role._source = noticed.source_system
        and role._load_id = noticed.load_id
        and noticed.stream = 'role'
),

-- A role may be younger than the people in it: what the first version shows counts as always so.
dated as (
    select *, case when version_number = 1 then date '1900-01-01' else changed_on end as effective_date
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
    _key as source_key,
    _load_id as load_id,
    cast(null as varchar) as unit_code,
    name as unit_name,
    cast(null as varchar) as unit_name_en,
    cast(null as varchar) as unit_type,
    reporting_to_id as parent_unit_key,
    effective_date as valid_from,
    effective_until as valid_to,
    false as is_deleted,
    ended_load_id
from period
where not _deleted
