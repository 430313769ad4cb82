-- Grain: one row per source and load package: when we learnt what it brought (UTC).
select
    source_system,
    load_id,
    min({{ utc_timestamp('finished_at') }}) as recorded_at
from {{ source('landing', 'sync_log') }}
where load_id is not null
group by source_system, load_id
