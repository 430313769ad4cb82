-- Grain: one row per score and plan version that looks at it: whose roles hold the last role judged, in force when the period
-- began.
select
    score.employee_id,
    plan.plan_id,
    plan.period_type,
    score.period_start,
    period.next_period_start,
    plan.plan_version,
    score.standard_id,
    score.standard_version,
    score.score,
    score.grade,
    score.status as score_status,
    score.scored_working_days,
    plan.has_bonus,
    plan.bonus_is_pro_rata,
    plan.promotion_periods,
    plan.promotion_role,
    plan.training_below_points,
    plan.training_at_most
from {{ ref('appraisal_score') }} as score
inner join {{ ref('int_period') }} as period
    on score.period_type = period.period_type and score.period_start = period.period_start
inner join {{ source('config', 'incentive_role') }} as part
    on score.role = part.role
inner join {{ source('config', 'incentive_plan') }} as plan
    on
        part.plan_id = plan.plan_id
        and part.plan_version = plan.plan_version
        and score.period_type = plan.period_type
        and score.period_start >= plan.valid_from
        and score.period_start < plan.valid_to
