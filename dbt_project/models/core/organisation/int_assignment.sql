-- Grain: one row per assignment of a source, references resolved; `is_used` where it comes from the employee's source
-- of precedence: the first that posts the person to a unit of the tree.
with tree as (
    select distinct org_unit_id from {{ ref('dim_org_unit') }}
),

resolved_assignment as (
    select
        assignment.source_system,
        assignment.source_key,
        assignment.load_id,
        {{ resolved('employee', 'employee_id') }} as employee_id,
        {{ resolved('unit', 'org_unit_id') }} as org_unit_id,
        {{ resolved('manager', 'employee_id') }} as manager_employee_id,
        assignment.unit_key,
        assignment.manager_employee_key,
        assignment.role,
        assignment.is_primary,
        assignment.time_share,
        assignment.valid_from,
        assignment.valid_to,
        org_source.org_rank
    from {{ ref('assignment') }} as assignment
    inner join {{ ref('int_org_source') }} as org_source
        on assignment.source_system = org_source.source_system
    {{ join_reference(ref('int_employee_alias'), 'assignment', 'employee_key', 'employee') }}
    {{ join_reference(ref('int_unit_alias'), 'assignment', 'unit_key', 'unit') }}
    {{ join_reference(ref('int_employee_alias'), 'assignment', 'manager_employee_key', 'manager') }}
),

precedence as (
    select
        resolved_assignment.employee_id,
        min(resolved_assignment.org_rank) as org_rank
    from resolved_assignment
    inner join tree
        on resolved_assignment.org_unit_id = tree.org_unit_id
    where resolved_assignment.employee_id is not null
    group by resolved_assignment.employee_id
)

select
    resolved_assignment.*,
    precedence.org_rank is not null and tree.org_unit_id is not null as is_used
from resolved_assignment
left join precedence
    on
        resolved_assignment.employee_id = precedence.employee_id
        and resolved_assignment.org_rank = precedence.org_rank
left join tree
    on resolved_assignment.org_unit_id = tree.org_unit_id
