-- Grain: one row per finding about the manager a used posting names: unknown, gone, or the person themselves.
select
    'manager_unknown' as finding_type,
    employee_id as subject_id,
    valid_from,
    valid_to,
    manager_employee_key as own_value,
    cast(null as varchar) as other_value,
    source_system,
    source_key,
    cast(null as varchar) as other_source_system,
    cast(null as varchar) as other_source_key
from {{ ref('int_assignment') }}
where is_used and manager_employee_key is not null and manager_employee_id is null

union all

select
    'manager_left',
    posting.employee_id,
    greatest(posting.valid_from, manager.left_date),
    posting.valid_to,
    posting.manager_employee_id,
    null,
    posting.source_system,
    posting.source_key,
    manager.source_system,
    manager.source_key
from {{ ref('dim_assignment') }} as posting
inner join {{ ref('dim_employee') }} as manager
    on posting.manager_employee_id = manager.employee_id
where manager.left_date < posting.valid_to

union all

select
    'manager_is_oneself',
    employee_id,
    valid_from,
    valid_to,
    manager_employee_id,
    null,
    source_system,
    source_key,
    null,
    null
from {{ ref('dim_assignment') }}
where manager_employee_id = employee_id
