-- Grain: one row per source and stream: when it was last synced, and how.
with ranked as (
    select
        *,
        row_number() over (
            partition by source_system, stream order by finished_at desc, started_at desc, load_id desc
        ) as recency
    from {{ source('landing', 'sync_log') }}
),

last_good as (
    select
        source_system,
        stream,
        max(finished_at) as last_success_at
    from {{ source('landing', 'sync_log') }}
    where status = 'ok'
    group by source_system, stream
)

select
    ranked.source_system,
    config.system,
    ranked.stream,
    ranked.finished_at as last_attempt_at,
    ranked.status as last_status,
    ranked.error as last_error,
    last_good.last_success_at,
    ranked.live_count,
    config.fresh_within_hours,
    case
        when last_good.last_success_at is not null
            then last_good.last_success_at + config.fresh_within_hours * interval 1 hour
    end as stale_after
from ranked
left join last_good
    on ranked.source_system = last_good.source_system and ranked.stream = last_good.stream
left join {{ source('config', 'source') }} as config
    on ranked.source_system = config.source_system
where ranked.recency = 1
