-- Grain: one row per unit, ancestor (the unit itself included) and stretch of days in which the line between them holds.
-- A cycle ends where it would meet itself again, and no line is followed beyond 50 levels; the gate reports both.
with recursive line as (
    select
        org_unit_id,
        org_unit_id as ancestor_id,
        parent_org_unit_id as next_id,
        valid_from,
        valid_to,
        0 as depth,
        '|' || org_unit_id || '|' as path
    from {{ ref('dim_org_unit') }}

    union all

    select
        line.org_unit_id,
        unit.org_unit_id as ancestor_id,
        unit.parent_org_unit_id as next_id,
        greatest(line.valid_from, unit.valid_from) as valid_from,
        least(line.valid_to, unit.valid_to) as valid_to,
        line.depth + 1 as depth,
        line.path || unit.org_unit_id || '|' as path
    from line
    inner join {{ ref('dim_org_unit') }} as unit
        on
            line.next_id = unit.org_unit_id
            and line.valid_from < unit.valid_to
            and unit.valid_from < line.valid_to
    where line.depth < 50 and position('|' || unit.org_unit_id || '|' in line.path) = 0
)

select
    org_unit_id,
    ancestor_id,
    depth,
    valid_from,
    valid_to
from line
