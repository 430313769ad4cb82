-- Grain: one row per part of an employee's period and component of its standard.
-- `weighted_points` are what it brings to the period's score before gates, rounded to 2 decimals; the last component that
-- counts, by part and metric, takes the remainder, so that they add up to that score exactly.
with weighted as (
    select
        points.*,
        part.posted_from,
        part.org_unit_id,
        part.part_status = 'ok' and points.points is not null as is_applicable,
        total.uncapped_score,
        cast(
            case when part.part_status = 'ok' then {{ decimal_divide(
                'part.elapsed_working_days * points.weight * cast(points.points as decimal(28, 9))',
                'part.scored_working_days * part.applicable_weight', 13, 4
            ) }} end as decimal(9, 2)
        ) as weighed,
        row_number() over (
            partition by points.employee_id, points.period_type, points.period_start
            order by (part.part_status <> 'ok' or points.points is null), points.part_number desc, points.metric desc
        ) as position_from_last
    from {{ ref('int_appraisal_points') }} as points
    inner join {{ ref('int_appraisal_part_score') }} as part
        on {{ same_key('points', 'part', ['employee_id', 'period_type', 'period_start', 'part_number']) }}
    inner join {{ ref('int_appraisal_total') }} as total
        on {{ same_key('points', 'total', ['employee_id', 'period_type', 'period_start']) }}
)

select
    employee_id,
    period_type,
    period_start,
    part_number,
    metric,
    standard_id,
    standard_version,
    subject,
    subject_id,
    is_divided,
    weight,
    curve,
    cap,
    numerator,
    denominator,
    raw_value,
    stated_target,
    expectation_pct,
    target,
    target_origin,
    reached_pct,
    points,
    cast(
        case
            when not is_applicable then null
            when position_from_last = 1
                then uncapped_score
                - (sum(weighed) over (partition by employee_id, period_type, period_start) - weighed)
            else weighed
        end
        as decimal(9, 2)
    ) as weighted_points,
    is_applicable,
    component_status,
    period_value,
    period_target
from weighted
