-- Grain: one row per posting of an employee. Valid in [valid_from, valid_to).
with titles as (
    select
        lower(trim(title)) as title,
        min(role) as role
    from {{ source('config', 'role_title') }}
    group by lower(trim(title))
)

select
    assignment.employee_id,
    assignment.org_unit_id,
    coalesce(by_role.role, assignment.role, by_title.role) as role,
    assignment.manager_employee_id,
    assignment.is_primary,
    cast(coalesce(assignment.time_share, 1) as decimal(9, 6)) as time_share,
    assignment.valid_from,
    assignment.valid_to,
    assignment.source_system,
    assignment.source_key,
    assignment.load_id
from {{ ref('int_assignment') }} as assignment
inner join {{ ref('dim_employee') }} as employee
    on assignment.employee_id = employee.employee_id
left join titles as by_role
    on lower(trim(assignment.role)) = by_role.title
left join titles as by_title
    on lower(trim(employee.job_title)) = by_title.title
where assignment.is_used
