-- Grain: one row per employee and version. Valid in [valid_from, valid_to); sources give one version so far.
with ranked as (
    select
        *,
        row_number() over (partition by employee_id order by org_rank, source_key) as preference
    from {{ ref('int_employee_source') }}
),

people as (
    select
        employee_id,
        {{ first_known('employee_number', 'preference') }} as employee_number,
        {{ first_known('employee_name', 'preference') }} as employee_name,
        {{ first_known('email', 'preference') }} as email,
        {{ first_known('job_title', 'preference') }} as job_title,
        {{ first_known('hired_date', 'preference') }} as hired_date,
        {{ first_known('left_date', 'preference') }} as left_date,
        min_by(source_system, preference) as source_system,
        min_by(source_key, preference) as source_key,
        min_by(load_id, preference) as load_id
    from ranked
    group by employee_id
)

select
    employee_id,
    employee_number,
    employee_name,
    email,
    job_title,
    hired_date,
    left_date,
    date '1900-01-01' as valid_from,
    date '9999-12-31' as valid_to,
    source_system,
    source_key,
    load_id
from people

union all

select
    'unassigned' as employee_id,
    cast(null as varchar) as employee_number,
    'unassigned' as employee_name,
    cast(null as varchar) as email,
    cast(null as varchar) as job_title,
    cast(null as date) as hired_date,
    cast(null as date) as left_date,
    date '1900-01-01' as valid_from,
    date '9999-12-31' as valid_to,
    cast(null as varchar) as source_system,
    cast(null as varchar) as source_key,
    cast(null as varchar) as load_id
