-- Grain: one row per department and period; a change, stop or removal holds from the day a sync noticed it.
with version as (
    select
        department.*,
        -- level one names the whole company (999999) or 0, neither of which is a department
        case when department.parent_id not in ('999999', '0') then department.parent_id end as parent_unit_key,
        department._deleted or coalesce(department.is_stop, false) as is_gone,
        row_number() over (partition by department._source, department._key order by department._seq) as version_number,
        {{ company_date('noticed.finished_at') }} as noticed_on
    from {{ source('fxiaoke', 'department') }} as department
    left join {{ source('landing', 'sync_log') }} as noticed
        on department._source = noticed.source_system
        and department._load_id = noticed.load_id
        and noticed.stream = 'department'
),

-- Fxiaoke says no date of creation for departments: what the first version shows counts as always so.
dated as (
    select
        *,
        concat_ws('|', is_gone, coalesce(name, ''), coalesce(parent_unit_key, '')) as state,
        case when version_number = 1 then date '1900-01-01' else noticed_on end as effective_date
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
    parent_unit_key,
    effective_date as valid_from,
    effective_until as valid_to,
    false as is_deleted,
    ended_load_id
from period
where not is_gone
