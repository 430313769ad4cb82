-- Grain: one row per open opportunity, open case or customer record whose owner left or holds no post today.
with owned as (
    select 'opportunity' as record_entity, source_system, source_key, owner_employee_id as employee_id
    from {{ ref('int_opportunity') }}
    where status = 'open'
    union all
    select 'service_case', service_case.source_system, service_case.source_key, {{ resolved('owner', 'employee_id') }}
    from {{ ref('service_case') }} as service_case
    {{ join_reference(ref('int_employee_alias'), 'service_case', 'owner_employee_key', 'owner') }}
    where service_case.status = 'open'
    union all
    select 'customer_record', source_system, source_key, owner_employee_id
    from {{ ref('int_customer_record') }}
),

posted as (
    select
        posting.employee_id,
        max(posting.valid_to) as posted_until,
        count(case when company.as_of_date < posting.valid_to then 1 end) as posts_today
    from {{ ref('int_posting') }} as posting
    cross join {{ source('config', 'company') }} as company
    where posting.valid_from <= company.as_of_date
    group by posting.employee_id
),

gone as (
    select
        employee.employee_id,
        case when employee.left_date <= company.as_of_date then employee.left_date end as left_date,
        coalesce(posted.posted_until, employee.valid_from) as posted_until
    from {{ ref('dim_employee') }} as employee
    cross join {{ source('config', 'company') }} as company
    left join posted
        on employee.employee_id = posted.employee_id
    where employee.left_date <= company.as_of_date or coalesce(posted.posts_today, 0) = 0
)

select
    case when gone.left_date is not null then 'owner_left' else 'owner_without_post' end as finding_type,
    gone.employee_id as subject_id,
    coalesce(gone.left_date, gone.posted_until) as valid_from,
    date '9999-12-31' as valid_to,
    owned.record_entity as own_value,
    owned.source_system || ':' || owned.source_key as other_value,
    owned.source_system,
    owned.source_key,
    cast(null as varchar) as other_source_system,
    cast(null as varchar) as other_source_key
from owned
inner join gone
    on owned.employee_id = gone.employee_id
