-- Grain: one row per grade of a version of a standard, 1 for the best.
select
    standard_id,
    standard_version,
    position,
    grade,
    min_score,
    share_pct
from {{ source('config', 'grade_band') }}
