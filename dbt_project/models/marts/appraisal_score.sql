-- Grain: one row per employee and period of a standard.
select
    total.employee_id,
    total.period_type,
    total.period_start,
    total.period_end,
    total.role,
    total.score,
    grade.grade,
    total.standard_id,
    total.standard_version,
    case
        when total.score is null and total.is_too_little then 'too_little_data'
        when total.score is null then 'no_data'
        when total.is_complete then 'scored'
        else 'provisional'
    end as status,
    total.uncapped_score,
    grade.earned_grade,
    coalesce(total.score < total.uncapped_score or grade.grade <> grade.earned_grade, false) as is_capped,
    case when grade.employee_id is not null then total.gate_reason_zh end as gate_reason_zh,
    case when grade.employee_id is not null then total.gate_reason_en end as gate_reason_en,
    total.part_count,
    total.judged_parts,
    total.working_days,
    total.scored_working_days,
    grade.place,
    grade.people
from {{ ref('int_appraisal_total') }} as total
left join {{ ref('int_appraisal_grade') }} as grade
    on {{ same_key('total', 'grade', ['employee_id', 'period_type', 'period_start']) }}
