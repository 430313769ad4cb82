-- Grain: one row per posting of an employee to their main department; a change holds from the day a sync noticed it.
with version as (
    select
        person.*,
        row_number() over (partition by person._source, person._key order by person._seq) as version_number,
        {{ company_date('person.created_at') }} as created_on,
        {{ company_date('noticed.finished_at') }} as noticed_on,
        -- stopped people and people without a department hold no posting
        not person._deleted and not person.is_stop and person.main_department_id is not null as is_posted
    from {{ source('fxiaoke', 'user') }} as person
    left join {{ source('landing', 'sync_log') }} as noticed
        on person._source = noticed.source_system
        and person._load_id = noticed.load_id
        and noticed.stream = 'user'
),

-- What came before the first landed version is unknown: its posting counts from the creation of the employee.
dated as (
    select
        *,
        concat_ws(
            '|', is_posted, coalesce(main_department_id, ''), coalesce(leader_id, ''), coalesce(position, '')
        ) as state,
        case when version_number = 1 then coalesce(created_on, date '1900-01-01') else noticed_on end as effective_date
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
    main_department_id as unit_key,
    position as role,
    leader_id as manager_employee_key,
    true as is_primary,
    cast(null as decimal(9, 6)) as time_share,
    effective_date as valid_from,
    effective_until as valid_to,
    false as is_deleted,
    ended_load_id
from period
where is_posted
