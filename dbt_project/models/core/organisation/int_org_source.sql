-- Grain: one row per source that delivers units, employees or assignments, with its precedence for the organisation.
with delivering as (
    select source_system from {{ ref('org_unit') }}
    union distinct
    select source_system from {{ ref('employee') }}
    union distinct
    select source_system from {{ ref('assignment') }}
)

select
    delivering.source_system,
    row_number() over (order by config.org_priority nulls last, delivering.source_system) as org_rank
from delivering
left join {{ source('config', 'source') }} as config
    on delivering.source_system = config.source_system
