-- Grain: one row per pair of records of two sources that contradict each other on some days; the source of higher
-- precedence holds (own side), the other one lost.
with pair as (
    select
        held.employee_id,
        greatest(held.valid_from, lost.valid_from) as valid_from,
        least(held.valid_to, lost.valid_to) as valid_to,
        held.org_unit_id as held_unit,
        unit.org_unit_id as lost_unit,
        held.manager_employee_id as held_manager,
        lost.manager_employee_id as lost_manager,
        held.source_system,
        held.source_key,
        lost.source_system as other_source_system,
        lost.source_key as other_source_key
    from {{ ref('int_assignment') }} as held
    inner join {{ ref('int_assignment') }} as lost
        on
            held.employee_id = lost.employee_id
            and held.org_rank < lost.org_rank
            and {{ periods_meet('held', 'lost') }}
    left join (select distinct org_unit_id from {{ ref('dim_org_unit') }}) as unit
        -- units of another tree cannot be compared
        on lost.org_unit_id = unit.org_unit_id
    where held.is_used and held.is_primary and lost.is_primary
),

other_tree as (
    select
        unit.*,
        {{ resolved('parent', 'org_unit_id') }} as parent_org_unit_id
    from {{ ref('int_unit_source') }} as unit
    {{ join_reference(ref('int_unit_alias'), 'unit', 'parent_unit_key', 'parent') }}
    where not unit.in_tree
)

select
    'source_conflict_unit' as finding_type,
    employee_id as subject_id,
    valid_from,
    valid_to,
    held_unit as own_value,
    lost_unit as other_value,
    source_system,
    source_key,
    other_source_system,
    other_source_key
from pair
where held_unit <> lost_unit

union all

select
    'source_conflict_manager',
    employee_id,
    valid_from,
    valid_to,
    held_manager,
    lost_manager,
    source_system,
    source_key,
    other_source_system,
    other_source_key
from pair
where held_manager <> lost_manager

union all

select
    'source_conflict_parent',
    held.org_unit_id,
    greatest(held.valid_from, lost.valid_from),
    least(held.valid_to, lost.valid_to),
    held.parent_org_unit_id,
    lost.parent_org_unit_id,
    held.source_system,
    held.source_key,
    lost.source_system,
    lost.source_key
from {{ ref('dim_org_unit') }} as held
inner join other_tree as lost
    on held.org_unit_id = lost.org_unit_id and {{ periods_meet('held', 'lost') }}
where held.parent_org_unit_id <> lost.parent_org_unit_id
