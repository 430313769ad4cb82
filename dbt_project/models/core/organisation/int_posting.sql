-- Grain: one row per employee and stretch of days in which one primary posting to a living unit holds; never overlapping.
-- Where two primary postings cover a day the one begun last counts, so that no sale is ever credited twice.
with posting as (
    select
        assignment.employee_id,
        assignment.org_unit_id,
        assignment.role,
        assignment.manager_employee_id,
        assignment.valid_from as posted_from,
        assignment.source_system,
        assignment.source_key,
        greatest(assignment.valid_from, unit.valid_from) as valid_from,
        least(assignment.valid_to, unit.valid_to) as valid_to
    from {{ ref('dim_assignment') }} as assignment
    inner join {{ ref('dim_org_unit') }} as unit
        on
            assignment.org_unit_id = unit.org_unit_id
            and assignment.valid_from < unit.valid_to
            and unit.valid_from < assignment.valid_to
    where assignment.is_primary
),

boundary as (
    select employee_id, valid_from as day from posting
    union distinct
    select employee_id, valid_to from posting
),

stretch as (
    select
        employee_id,
        day as valid_from,
        lead(day) over (partition by employee_id order by day) as valid_to
    from boundary
)

select
    stretch.employee_id,
    stretch.valid_from,
    stretch.valid_to,
    posting.org_unit_id,
    posting.role,
    posting.manager_employee_id
from stretch
inner join posting
    on
        stretch.employee_id = posting.employee_id
        and stretch.valid_from >= posting.valid_from
        and stretch.valid_to <= posting.valid_to
qualify row_number() over (
    partition by stretch.employee_id, stretch.valid_from
    order by posting.posted_from desc, posting.source_system, posting.source_key
) = 1
