-- Grain: one row per employee, period and metric of the standards that judge it; a score that a gate caps has a row `gate`.
-- Where a period has several parts this is their sum: weighted points add up, weight and points are averages by working days
-- (points: by days and weight), value and target are those of the whole period, null where the parts look at several units.
with part as (
    select
        component.*,
        judged.elapsed_working_days as days
    from {{ ref('appraisal_part_component') }} as component
    inner join {{ ref('int_appraisal_part_score') }} as judged
        on {{ same_key('component', 'judged', ['employee_id', 'period_type', 'period_start', 'part_number']) }}
),

days as (
    select
        employee_id,
        period_type,
        period_start,
        sum(elapsed_working_days) as days
    from {{ ref('int_appraisal_part_score') }}
    group by employee_id, period_type, period_start
),

merged as (
    select
        part.employee_id,
        part.period_type,
        part.period_start,
        part.metric,
        count(*) as parts,
        max(part.weight) as only_weight,
        {{ decimal_divide('sum(part.weight * part.days)', 'max(days.days)', 4, 0) }} as average_weight,
        case
            when count(*) = 1 then max(part.raw_value)
            when count(distinct part.subject_id) = 1 then max(part.period_value)
        end as raw_value,
        case
            when count(*) = 1 then max(part.target)
            when count(distinct part.subject_id) = 1 then max(part.period_target)
        end as target,
        case when count(distinct part.target_origin) = 1 then max(part.target_origin) end as target_origin,
        case
            when count(part.points) = 1 then max(part.points)
            else {{ decimal_divide(
                'sum(part.days * part.weight * cast(part.points as decimal(28, 9)))',
                'sum(case when part.points is not null then part.days * part.weight end)', 13, 4
            ) }}
        end as points,
        sum(part.weighted_points) as weighted_points,
        bool_or(part.is_applicable) as is_applicable,
        case when bool_or(part.component_status = 'ok') then 'ok' else min(part.component_status) end as component_status
    from part
    inner join days
        on {{ same_key('part', 'days', ['employee_id', 'period_type', 'period_start']) }}
    group by part.employee_id, part.period_type, part.period_start, part.metric
)

select
    merged.employee_id,
    merged.period_type,
    merged.period_start,
    merged.metric,
    total.standard_id,
    total.standard_version,
    cast(
        case when total.judged_parts = 1 then merged.only_weight else coalesce(merged.average_weight, merged.only_weight) end
        as decimal(9, 4)
    ) as weight,
    merged.raw_value,
    merged.target,
    merged.target_origin,
    cast(merged.points as decimal(18, 9)) as points,
    cast(merged.weighted_points as decimal(9, 2)) as weighted_points,
    merged.is_applicable,
    merged.component_status,
    cast(merged.parts as integer) as parts
from merged
inner join {{ ref('int_appraisal_total') }} as total
    on {{ same_key('merged', 'total', ['employee_id', 'period_type', 'period_start']) }}

union all

select
    employee_id,
    period_type,
    period_start,
    'gate',
    standard_id,
    standard_version,
    cast(0 as decimal(9, 4)),
    null,
    null,
    null,
    null,
    cast(score - uncapped_score as decimal(9, 2)),
    true,
    'capped',
    0
from {{ ref('int_appraisal_total') }}
where score < uncapped_score
