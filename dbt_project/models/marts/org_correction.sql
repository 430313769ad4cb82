-- Grain: one row per assignment or unit record and version of it that another one replaced: what we believed, from when to
-- when we believed it, and what it became. What a load added without contradicting anything known is no correction.
with version as (
    select
        'assignment' as record_type,
        source_system,
        record_key,
        version_number,
        source_key,
        employee_id as subject_id,
        org_unit_id,
        cast(null as varchar) as unit_name,
        cast(null as varchar) as parent_org_unit_id,
        role,
        manager_employee_id,
        is_primary,
        time_share,
        valid_from,
        valid_to,
        is_deleted,
        recorded_from,
        recorded_to
    from {{ ref('int_assignment_version') }}
    union all
    select
        'org_unit',
        source_system,
        record_key,
        version_number,
        source_key,
        org_unit_id,
        org_unit_id,
        unit_name,
        parent_org_unit_id,
        null,
        null,
        null,
        null,
        valid_from,
        valid_to,
        is_deleted,
        recorded_from,
        recorded_to
    from {{ ref('int_unit_version') }}
),

-- where a key holds the very thing that was corrected (a first day), the old record goes and another one comes with the
-- same load: the nearest one about the same person (or unit) is what it became
moved as (
    select
        gone.record_type,
        gone.source_system,
        gone.record_key,
        gone.version_number,
        came.record_key as became_record_key
    from version as gone
    inner join version as went
        on
            gone.record_type = went.record_type
            and gone.source_system = went.source_system
            and gone.record_key = went.record_key
            and gone.version_number + 1 = went.version_number
            and went.is_deleted
    inner join version as came
        on
            gone.record_type = came.record_type
            and gone.source_system = came.source_system
            and gone.subject_id = came.subject_id
            and gone.recorded_to = came.recorded_from
            and came.version_number = 1
            and not came.is_deleted
    where not gone.is_deleted
    qualify row_number() over (
        partition by gone.record_type, gone.source_system, gone.record_key, gone.version_number
        order by abs({{ days_between('gone.valid_from', 'came.valid_from') }}), came.record_key
    ) = 1
),

paired as (
    select
        thought.*,
        coalesce(moved.became_record_key, thought.record_key) as became_record_key,
        moved.became_record_key is not null as is_moved,
        next_version.is_deleted and moved.became_record_key is null as is_withdrawn,
        became.source_key as became_source_key,
        became.org_unit_id as became_org_unit_id,
        became.unit_name as became_unit_name,
        became.parent_org_unit_id as became_parent_org_unit_id,
        became.role as became_role,
        became.manager_employee_id as became_manager_employee_id,
        became.is_primary as became_is_primary,
        became.time_share as became_time_share,
        became.valid_from as became_valid_from,
        became.valid_to as became_valid_to,
        row(
            thought.org_unit_id, thought.unit_name, thought.parent_org_unit_id, thought.role, thought.manager_employee_id,
            thought.is_primary, thought.time_share
        ) is not distinct from row(
            became.org_unit_id, became.unit_name, became.parent_org_unit_id, became.role, became.manager_employee_id,
            became.is_primary, became.time_share
        ) as only_dates
    from version as thought
    inner join version as next_version
        on
            thought.record_type = next_version.record_type
            and thought.source_system = next_version.source_system
            and thought.record_key = next_version.record_key
            and thought.version_number + 1 = next_version.version_number
    left join moved
        on
            thought.record_type = moved.record_type
            and thought.source_system = moved.source_system
            and thought.record_key = moved.record_key
            and thought.version_number = moved.version_number
    left join version as became
        on
            thought.record_type = became.record_type
            and thought.source_system = became.source_system
            and coalesce(moved.became_record_key, thought.record_key) = became.record_key
            and case when moved.became_record_key is null then thought.version_number + 1 else 1 end
            = became.version_number
            and not became.is_deleted
    where not thought.is_deleted
),

-- the first day on which what we believed and what we know differ
dated as (
    select
        *,
        case
            when is_withdrawn then valid_from
            when only_dates and valid_from = became_valid_from then least(valid_to, became_valid_to)
            else least(valid_from, became_valid_from)
        end as effective_from
    from paired
)

select
    dated.record_type,
    dated.source_system,
    dated.record_key,
    dated.version_number,
    dated.source_key,
    dated.subject_id,
    dated.org_unit_id,
    dated.unit_name,
    dated.parent_org_unit_id,
    dated.role,
    dated.manager_employee_id,
    dated.is_primary,
    dated.time_share,
    dated.valid_from,
    dated.valid_to,
    dated.recorded_from,
    dated.recorded_to,
    case when dated.is_withdrawn then 'withdrawn' when dated.is_moved then 'rekeyed' else 'changed' end as change,
    dated.became_source_key,
    dated.became_org_unit_id,
    dated.became_unit_name,
    dated.became_parent_org_unit_id,
    dated.became_role,
    dated.became_manager_employee_id,
    dated.became_is_primary,
    dated.became_time_share,
    dated.became_valid_from,
    dated.became_valid_to,
    dated.effective_from,
    {{ days_between('dated.effective_from', 'dated.recorded_on') }} as days_late,
    {{ days_between('dated.effective_from', 'dated.recorded_on') }} > 1 as is_late
from (select *, {{ company_date_of_utc('recorded_to') }} as recorded_on from dated) as dated
