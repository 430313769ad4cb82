-- Grain: one row per part of an employee's period that a standard judges: its own score, null where it does not count.
with summed as (
    select
        employee_id,
        period_type,
        period_start,
        part_number,
        count(points) as components,
        coalesce(sum(case when points is not null then weight end), 0) as applicable_weight,
        {{ part_average(
            'sum(weight * cast(points as decimal(28, 9)))', 'sum(case when points is not null then weight end)'
        ) }} as average_points
    from {{ ref('int_appraisal_points') }}
    group by employee_id, period_type, period_start, part_number
),

judged as (
    select
        part.*,
        coalesce(summed.components, 0) as components,
        cast(coalesce(summed.applicable_weight, 0) as decimal(18, 4)) as applicable_weight,
        {{ part_status(
            'summed.components', 'summed.applicable_weight', 'summed.average_points', 'part.elapsed_working_days', 'standard'
        ) }} as part_status,
        summed.average_points
    from {{ ref('int_appraisal_part') }} as part
    inner join {{ source('config', 'appraisal_standard') }} as standard
        on part.standard_id = standard.standard_id and part.standard_version = standard.standard_version
    left join summed
        on {{ same_key('part', 'summed', ['employee_id', 'period_type', 'period_start', 'part_number']) }}
)

select
    * exclude (average_points),
    cast(case when part_status = 'ok' then average_points end as decimal(18, 9)) as part_score,
    cast(coalesce(
        sum(case when part_status = 'ok' then elapsed_working_days end) over (
            partition by employee_id, period_type, period_start
        ),
        0
    ) as integer) as scored_working_days
from judged
