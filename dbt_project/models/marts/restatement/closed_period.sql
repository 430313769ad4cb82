-- Grain: one row per closed period: those the company names, and the shorter ones within them.
select
    period_type,
    period_start,
    period_end,
    closed_by
from {{ source('config', 'company_closed_period') }}
