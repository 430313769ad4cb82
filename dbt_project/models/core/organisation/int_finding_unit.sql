-- Grain: one row per finding about a unit of the tree: days without its parent, or in a circle.
with child as (
    select
        *,
        row_number() over (order by org_unit_id, valid_from, valid_to, source_system, source_key) as period_id
    from {{ ref('dim_org_unit') }}
    where parent_org_unit_id is not null
),

without_parent as (
    {{ uncovered_stretches(
        'child',
        '(select c.period_id, u.valid_from, u.valid_to from child as c inner join '
        ~ ref('dim_org_unit') ~ ' as u on c.parent_org_unit_id = u.org_unit_id)'
    ) }}
)

select
    'unit_without_parent' as finding_type,
    child.org_unit_id as subject_id,
    without_parent.valid_from,
    without_parent.valid_to,
    child.parent_org_unit_id as own_value,
    cast(null as varchar) as other_value,
    child.source_system,
    child.source_key,
    cast(null as varchar) as other_source_system,
    cast(null as varchar) as other_source_key
from without_parent
inner join child
    on without_parent.period_id = child.period_id

union all

-- the line upwards stops before it would meet its own unit again: there the circle closes
select
    'unit_cycle',
    line.org_unit_id,
    greatest(line.valid_from, closing.valid_from),
    least(line.valid_to, closing.valid_to),
    closing.org_unit_id,
    null,
    bottom.source_system,
    bottom.source_key,
    closing.source_system,
    closing.source_key
from {{ ref('int_unit_ancestor') }} as line
inner join {{ ref('dim_org_unit') }} as closing
    on
        line.ancestor_id = closing.org_unit_id
        and line.org_unit_id = closing.parent_org_unit_id
        and {{ periods_meet('line', 'closing') }}
inner join {{ ref('dim_org_unit') }} as bottom
    on
        line.org_unit_id = bottom.org_unit_id
        and bottom.valid_from <= greatest(line.valid_from, closing.valid_from)
        and greatest(line.valid_from, closing.valid_from) < bottom.valid_to
