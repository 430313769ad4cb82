-- Grain: one row per employee record of a source.
with records as (
    select
        employee.source_system,
        employee.source_key,
        employee.load_id,
        nullif(trim(employee.employee_number), '') as employee_number,
        nullif(lower(trim(employee.email)), '') as email,
        employee.employee_name,
        employee.job_title,
        employee.hired_date,
        employee.left_date,
        org_source.org_rank
    from {{ ref('employee') }} as employee
    inner join {{ ref('int_org_source') }} as org_source
        on employee.source_system = org_source.source_system
),

-- an e-mail that two numbers claim belongs to the smaller one, so that the answer never depends on row order
number_of_email as (
    select
        email,
        min(employee_number) as employee_number
    from records
    where email is not null and employee_number is not null
    group by email
)

select
    records.source_system,
    records.source_key,
    records.load_id,
    coalesce(
        records.employee_number,
        number_of_email.employee_number,
        records.email,
        records.source_system || ':' || records.source_key
    ) as employee_id,
    coalesce(records.employee_number, number_of_email.employee_number) as employee_number,
    records.email,
    records.employee_name,
    records.job_title,
    records.hired_date,
    records.left_date,
    records.org_rank
from records
left join number_of_email
    on records.email = number_of_email.email
