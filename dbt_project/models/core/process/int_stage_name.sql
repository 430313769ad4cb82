-- Grain: one row per process, source and name a stage has there; the narrowest scope decides.
select
    named.process,
    source.source_system,
    named.stage_name,
    named.stage
from {{ source('config', 'process_stage_name') }} as named
inner join {{ source('config', 'source') }} as source
    on named.scope in (source.source_system, source.system, 'all')
qualify row_number() over (
    partition by named.process, source.source_system, named.stage_name
    order by
        case named.scope when source.source_system then 1 when source.system then 2 else 3 end,
        named.stage
) = 1
