-- Grain: one row per score that a plan with a bonus looks at.
-- The bonus is null until the score is final; a grade that earns nothing gives 0.
with judged as (
    select
        *,
        {{ working_days_between('period_start', 'next_period_start') }} as period_working_days
    from {{ ref('int_incentive_judged') }}
    where has_bonus
)

select
    {{ statement_columns('judged') }},
    judged.plan_version,
    judged.standard_id,
    judged.standard_version,
    judged.score,
    judged.grade,
    judged.score_status,
    cast(judged.scored_working_days as integer) as scored_working_days,
    cast(judged.period_working_days as integer) as period_working_days,
    judged.bonus_is_pro_rata,
    earns.amount as grade_amount,
    case
        when judged.score_status = 'provisional' then null
        when judged.score_status <> 'scored' or earns.amount is null then cast(0 as decimal(28, 2))
        when not judged.bonus_is_pro_rata then earns.amount
        else {{ part_of_period('earns.amount', 'judged.scored_working_days', 'judged.period_working_days') }}
    end as bonus_amount
from judged
left join {{ source('config', 'incentive_grade') }} as earns
    on
        judged.plan_id = earns.plan_id
        and judged.plan_version = earns.plan_version
        and judged.grade = earns.grade
        and earns.purpose = 'bonus'
