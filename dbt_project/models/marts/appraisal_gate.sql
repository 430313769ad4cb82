-- Grain: one row per employee, period and gate of a standard that judges a part of it: what was measured and whether it caps.
with asked as (
    select distinct
        employee_id,
        period_type,
        period_start,
        standard_id,
        standard_version
    from {{ ref('int_appraisal_part_score') }}
),

measured as (
    select
        asked.*,
        gate.gate_id,
        gate.metric,
        gate.rater_kind,
        gate.breach,
        gate.limit_value,
        gate.cap_score,
        gate.cap_grade,
        gate.reason_zh,
        gate.reason_en,
        cast(case when gate.metric = 'rating' then rating.average_points else kpi.value end as decimal(28, 9)) as value,
        band.position as cap_position
    from asked
    inner join {{ source('config', 'appraisal_gate') }} as gate
        on asked.standard_id = gate.standard_id and asked.standard_version = gate.standard_version
    left join {{ source('config', 'grade_band') }} as band
        on
            gate.standard_id = band.standard_id
            and gate.standard_version = band.standard_version
            and gate.cap_grade = band.grade
    left join {{ ref('kpi_value') }} as kpi
        on
            kpi.subject_type = 'employee'
            and kpi.org_view = 'as_was'
            and asked.employee_id = kpi.subject_id
            and asked.period_type = kpi.period_type
            and asked.period_start = kpi.period_start
            and gate.metric = kpi.metric
    left join {{ ref('int_appraisal_rating') }} as rating
        on
            gate.metric = 'rating'
            and rating.rating_status = 'ok'
            and gate.rater_kind = rating.rater_kind
            and asked.employee_id = rating.employee_id
            and asked.period_type = rating.period_type
            and asked.period_start = rating.period_start
            and asked.standard_id = rating.standard_id
            and asked.standard_version = rating.standard_version
)

select
    employee_id,
    period_type,
    period_start,
    standard_id,
    standard_version,
    gate_id,
    metric,
    rater_kind,
    value,
    breach,
    limit_value,
    coalesce(case breach when 'above' then value > limit_value else value < limit_value end, false) as is_breached,
    case when value is null then 'no_data' else 'ok' end as value_status,
    cap_score,
    cap_grade,
    cap_position,
    reason_zh,
    reason_en
from measured
