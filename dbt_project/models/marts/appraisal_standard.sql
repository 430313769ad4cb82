-- Grain: one row per version of an appraisal standard.
select
    standard_id,
    standard_version,
    role,
    period_type,
    valid_from,
    valid_to,
    approved_by,
    review_by,
    tenure_from_months,
    tenure_below_months,
    tenure_on,
    ramp_from_months,
    ramp_to_months,
    ramp_expectation_pct,
    minimum_weight_pct,
    minimum_components,
    minimum_working_days,
    ties,
    name_zh,
    name_en
from {{ source('config', 'appraisal_standard') }}
