-- Grain: one row per org unit and version. Valid in [valid_from, valid_to).
-- The first source in precedence that delivers units supplies the whole tree: two half trees never mix. A parent that
-- cannot be found keeps its source's name, so that the relation check names the orphan.
with known as (
    -- when we learnt what each record says today; unknown where a query makes the records
    select
        source_system,
        source_key,
        valid_from,
        min(recorded_from) as recorded_from
    from {{ ref('int_unit_version') }}
    where is_latest and not is_deleted
    group by source_system, source_key, valid_from
)

select
    unit.org_unit_id,
    unit.unit_name,
    unit.unit_name_en,
    unit.unit_type,
    case
        when unit.parent_unit_key is not null
            then coalesce({{ resolved('parent', 'org_unit_id') }}, unit.source_system || ':' || unit.parent_unit_key)
    end as parent_org_unit_id,
    unit.valid_from,
    unit.valid_to,
    unit.valid_from <= company.as_of_date and company.as_of_date < unit.valid_to as is_current,
    known.recorded_from,
    unit.source_system,
    unit.source_key,
    unit.load_id
from {{ ref('int_unit_source') }} as unit
cross join {{ source('config', 'company') }} as company
{{ join_reference(ref('int_unit_alias'), 'unit', 'parent_unit_key', 'parent') }}
left join known
    on
        unit.source_system = known.source_system
        and unit.source_key = known.source_key
        and unit.valid_from = known.valid_from
where unit.in_tree

union all

select
    'unassigned' as org_unit_id,
    'unassigned' as unit_name,
    'unassigned' as unit_name_en,
    'unassigned' as unit_type,
    cast(null as varchar) as parent_org_unit_id,
    date '1900-01-01' as valid_from,
    date '9999-12-31' as valid_to,
    true as is_current,
    cast(null as timestamp) as recorded_from,
    cast(null as varchar) as source_system,
    cast(null as varchar) as source_key,
    cast(null as varchar) as load_id
