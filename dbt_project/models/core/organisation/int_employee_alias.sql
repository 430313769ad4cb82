-- Grain: one row per name an employee can be referred to by: a source's own key, or (source '*') number and e-mail.
with named as (
    select source_system, source_key as alias, employee_id from {{ ref('int_employee_source') }}
    union all
    select '*', lower(employee_number), employee_id from {{ ref('int_employee_source') }}
    union all
    select '*', email, employee_id from {{ ref('int_employee_source') }}
)

select
    source_system,
    alias,
    min(employee_id) as employee_id
from named
where alias is not null
group by source_system, alias
