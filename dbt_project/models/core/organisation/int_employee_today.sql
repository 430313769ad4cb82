-- Grain: one row per employee: the unit the person counts in on today's tree (`as_is`).
-- Whoever left, or is between postings, counts where last posted; a unit that is gone today becomes `unassigned`.
with latest as (
    select posting.*
    from {{ ref('int_posting') }} as posting
    cross join {{ source('config', 'company') }} as company
    where posting.valid_from <= company.as_of_date
    qualify row_number() over (partition by posting.employee_id order by posting.valid_from desc) = 1
),

living as (
    select distinct org_unit_id from {{ ref('dim_org_unit') }} where is_current
)

select
    employee.employee_id,
    coalesce(living.org_unit_id, 'unassigned') as org_unit_id
from {{ ref('dim_employee') }} as employee
left join latest
    on employee.employee_id = latest.employee_id
left join living
    on latest.org_unit_id = living.org_unit_id
