-- Grain: one row per name a service case can be referred to by: a source's own key, or (source '*') a case number that only
-- one case carries.
select distinct
    source_system,
    source_key as alias,
    source_system as case_source,
    source_key as case_key
from {{ ref('service_case') }}

union all

select
    '*' as source_system,
    lower(case_number) as alias,
    min(source_system) as case_source,
    min(source_key) as case_key
from {{ ref('service_case') }}
where case_number is not null
group by lower(case_number)
having count(*) = 1
