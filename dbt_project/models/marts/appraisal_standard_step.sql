-- Grain: one row per step of a stepped or inverse curve of a standard.
select
    standard_id,
    standard_version,
    metric,
    boundary,
    points
from {{ source('config', 'appraisal_step') }}
