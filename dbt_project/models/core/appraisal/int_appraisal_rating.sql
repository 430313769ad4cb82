-- Grain: one row per employee, period, version that judges a part of it, and kind of raters it listens to.
with asked as (
    select distinct
        employee_id,
        period_type,
        period_start,
        standard_id,
        standard_version
    from {{ ref('int_appraisal_part') }}
),

counted as (
    select
        asked.employee_id,
        asked.period_type,
        asked.period_start,
        asked.standard_id,
        asked.standard_version,
        kind.rater_kind,
        kind.weight,
        kind.min_raters,
        kind.is_anonymous,
        kind.anonymity_floor,
        kind.min_raters_in_all,
        count(rating.rater) as raters,
        {{ decimal_divide('sum(rating.points)', 'count(rating.rater)', 9, 0) }} as average_points
    from asked
    inner join {{ source('config', 'appraisal_rating_kind') }} as kind
        on asked.standard_id = kind.standard_id and asked.standard_version = kind.standard_version
    left join {{ ref('int_rating') }} as rating
        on
            asked.employee_id = rating.employee_id
            and asked.period_type = rating.period_type
            and asked.period_start = rating.period_start
            and kind.rater_kind = rating.rater_kind
    group by
        asked.employee_id,
        asked.period_type,
        asked.period_start,
        asked.standard_id,
        asked.standard_version,
        kind.rater_kind,
        kind.weight,
        kind.min_raters,
        kind.is_anonymous,
        kind.anonymity_floor,
        kind.min_raters_in_all
)

select
    employee_id,
    period_type,
    period_start,
    standard_id,
    standard_version,
    rater_kind,
    weight,
    is_anonymous,
    min_raters_in_all,
    cast(raters as integer) as raters,
    cast(average_points as decimal(18, 9)) as average_points,
    case
        when raters = 0 then 'missing'
        when is_anonymous and raters < anonymity_floor then 'below_anonymity_floor'
        when raters < min_raters then 'too_few_raters'
        else 'ok'
    end as rating_status
from counted
