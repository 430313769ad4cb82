-- Grain: one row per posting of an employee. Valid in [valid_from, valid_to).
with titles as (
    select
        lower(trim(title)) as title,
        min(role) as role
    from {{ source('config', 'role_title') }}
    group by lower(trim(title))
),

-- when we learnt what each record says today; unknown where a query makes the records
known as (
    select
        source_system,
        source_key,
        valid_from,
        min(recorded_from) as recorded_from
    from {{ ref('int_assignment_version') }}
    where is_latest and not is_deleted
    group by source_system, source_key, valid_from
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
    known.recorded_from,
    assignment.source_system,
    assignment.source_key,
    assignment.load_id
from {{ ref('int_assignment') }} as assignment
inner join {{ ref('dim_employee') }} as employee
    on assignment.employee_id = employee.employee_id
left join known
    on
        assignment.source_system = known.source_system
        and assignment.source_key = known.source_key
        and assignment.valid_from = known.valid_from
left join titles as by_role
    on lower(trim(assignment.role)) = by_role.title
left join titles as by_title
    on lower(trim(employee.job_title)) = by_title.title
where assignment.is_used
