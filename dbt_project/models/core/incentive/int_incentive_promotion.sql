-- Grain: one row per score that a plan with promotions looks at, with the periods in a row that reached a good grade.
-- Whether a grade is good says the version in force in its period; a period without a final score ends the row.
with numbered as (
    select
        judged.*,
        dense_rank() over (partition by judged.period_type order by period.period_start) as period_number,
        judged.score_status = 'scored' and good.grade is not null as is_good
    from {{ ref('int_period') }} as period
    -- every period has a number, judged or not
    left join {{ ref('int_incentive_judged') }} as judged
        on period.period_type = judged.period_type and period.period_start = judged.period_start
    left join {{ source('config', 'incentive_grade') }} as good
        on
            judged.plan_id = good.plan_id
            and judged.plan_version = good.plan_version
            and judged.grade = good.grade
            and good.purpose = 'promotion'
),

marked as (
    select
        *,
        period_number
        - row_number() over (partition by employee_id, plan_id, is_good order by period_number) as row_of_periods
    from numbered
    where promotion_periods is not null
)

select
    {{ statement_columns() }},
    plan_version,
    promotion_role,
    score,
    grade,
    score_status,
    promotion_periods as periods_needed,
    cast(
        case
            when is_good
                then least(
                    row_number() over (
                        partition by employee_id, plan_id, is_good, row_of_periods order by period_number
                    ), promotion_periods
                )
            else 0
        end as integer
    ) as periods_reached
from marked
