-- Grain: one row per source, entity and stream whose records make it: where a record that a mart names stands in landing.
select
    source_system,
    entity,
    position,
    stream,
    key_sql
from {{ source('config', 'record_origin') }}
