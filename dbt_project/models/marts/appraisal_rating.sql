-- Grain: one row per employee, period, version that judges a part of it, and kind of raters it listens to.
-- An anonymous kind with fewer raters than the floor shows nothing but that.
select
    employee_id,
    period_type,
    period_start,
    standard_id,
    standard_version,
    rater_kind,
    weight,
    is_anonymous,
    case when rating_status <> 'below_anonymity_floor' then raters end as raters,
    case when rating_status not in ('below_anonymity_floor', 'missing') then average_points end as average_points,
    rating_status
from {{ ref('int_appraisal_rating') }}
