-- Grain: one row per name a unit can be referred to by: a source's own key, or (source '*') the unit code.
with named as (
    select source_system, source_key as alias, org_unit_id from {{ ref('int_unit_source') }}
    union all
    select '*', lower(unit_code), org_unit_id from {{ ref('int_unit_source') }}
)

select
    source_system,
    alias,
    min(org_unit_id) as org_unit_id
from named
where alias is not null
group by source_system, alias
