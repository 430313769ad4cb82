-- Grain: one row per employee and period of a standard.
with summed as (
    select
        employee_id,
        period_type,
        period_start,
        -- the average is cut to 8 decimals before the one rounding that shows, so that a third counts as a third
        cast(
            cast({{ decimal_divide('sum(weight * points)', 'sum(case when points is not null then weight end)', 13) }}
                as decimal(28, 8))
            as decimal(9, 2)
        ) as score
    from {{ ref('int_appraisal_points') }}
    group by employee_id, period_type, period_start
),

graded as (
    select
        summed.employee_id,
        summed.period_type,
        summed.period_start,
        band.grade
    from summed
    inner join {{ ref('int_appraisal_subject') }} as subject
        on
            summed.employee_id = subject.employee_id
            and summed.period_type = subject.period_type
            and summed.period_start = subject.period_start
    inner join {{ source('config', 'grade_band') }} as band
        on
            subject.standard_id = band.standard_id
            and subject.standard_version = band.standard_version
            and summed.score >= band.min_score
    qualify row_number() over (
        partition by summed.employee_id, summed.period_type, summed.period_start
        order by band.min_score desc, band.grade
    ) = 1
)

select
    subject.employee_id,
    subject.period_type,
    subject.period_start,
    subject.period_end,
    subject.role,
    summed.score,
    graded.grade,
    subject.standard_id,
    subject.standard_version,
    case
        when summed.score is null then 'no_data'
        when subject.is_complete then 'scored'
        else 'provisional'
    end as status
from {{ ref('int_appraisal_subject') }} as subject
left join summed
    on
        subject.employee_id = summed.employee_id
        and subject.period_type = summed.period_type
        and subject.period_start = summed.period_start
left join graded
    on
        subject.employee_id = graded.employee_id
        and subject.period_type = graded.period_type
        and subject.period_start = graded.period_start
