-- Grain: one row per employee, period and metric of the standard.
-- `weighted_points` are rounded to 2 decimals; the last applicable metric by name takes the remainder, so that they add
-- up to the score exactly.
with weighted as (
    select
        points.*,
        score.score,
        score.standard_id,
        score.standard_version,
        cast(
            {{ decimal_divide(
                'points.weight * points.points',
                'sum(case when points.points is not null then points.weight end) over ('
                ~ 'partition by points.employee_id, points.period_type, points.period_start)',
                13
            ) }} as decimal(9, 2)
        ) as part,
        row_number() over (
            partition by points.employee_id, points.period_type, points.period_start
            order by (points.points is null), points.metric desc
        ) as position_from_last
    from {{ ref('int_appraisal_points') }} as points
    inner join {{ ref('appraisal_score') }} as score
        on
            points.employee_id = score.employee_id
            and points.period_type = score.period_type
            and points.period_start = score.period_start
)

select
    employee_id,
    period_type,
    period_start,
    metric,
    standard_id,
    standard_version,
    weight,
    raw_value,
    target,
    target_origin,
    points,
    cast(
        case
            when points is null then null
            when position_from_last = 1
                then score - (sum(part) over (partition by employee_id, period_type, period_start) - part)
            else part
        end
        as decimal(9, 2)
    ) as weighted_points,
    points is not null as is_applicable,
    component_status
from weighted
