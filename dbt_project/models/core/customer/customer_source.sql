-- Grain: one row per customer record of a source: the unified customer it belongs to, and why.
with today as (
    -- the last word of the book on each record
    select source_system, source_key, arg_max(customer_key, event_no) as customer_key
    from {{ ref('customer_key_event') }}
    group by source_system, source_key
)

select
    resolution.source_system,
    resolution.source_key,
    today.customer_key,
    resolution.match_reason,
    cast(resolution.match_probability as decimal(9, 6)) as match_probability
from {{ ref('int_customer_resolution') }} as resolution
inner join today
    on resolution.source_system = today.source_system and resolution.source_key = today.source_key
