-- Grain: one row per opportunity and stay in a stage, in order; days are those of the company's time zone.
select
    source_system,
    opportunity_key as source_key,
    cast(row_number() over (
        partition by source_system, opportunity_key order by entered_at, left_at nulls last, source_key
    ) as integer) as stay_number,
    stage,
    {{ company_date_of_utc('entered_at') }} as entered_date
from {{ ref('stage_event') }}
