-- Grain: one row per component of a version of a standard: what it is worth and the curve that reads it.
select
    standard_id,
    standard_version,
    metric,
    subject,
    weight,
    weight_at_start,
    curve,
    cap,
    zero_at,
    threshold,
    reference_value
from {{ source('config', 'appraisal_weight') }}
