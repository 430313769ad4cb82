-- Grain: one row per employee, plan, period, kind (bonus, promotion, training) and item.
{% set named = statement_columns() %}
{% set cents = "cast(cast({} as decimal(28, 2)) as varchar)" %}
with bonus as (
    select
        {{ named }},
        plan_version,
        'bonus' as kind,
        coalesce(grade, '-') as item,
        case
            when score_status = 'provisional' then 'provisional'
            when bonus_amount > 0 then 'eligible'
            else 'not_eligible'
        end as eligibility,
        grade,
        score,
        bonus_amount as amount,
        cast(null as integer) as periods_reached,
        cast(null as integer) as periods_needed,
        cast(null as decimal(28, 9)) as points,
        cast(null as varchar) as course_zh,
        cast(null as varchar) as course_en,
        case
            when grade is null then '没有等级：' || score_status
            when grade_amount is null then '等级 ' || grade || ' 没有奖金'
            when bonus_is_pro_rata
                then
                    '等级 ' || grade || '：' || {{ cents.format('grade_amount') }} || ' × 工作日 '
                    || scored_working_days || '/' || period_working_days
            else '等级 ' || grade || '：' || {{ cents.format('grade_amount') }}
        end as reason_zh,
        case
            when grade is null then 'no grade: ' || score_status
            when grade_amount is null then 'grade ' || grade || ' earns no bonus'
            when bonus_is_pro_rata
                then
                    'grade ' || grade || ': ' || {{ cents.format('grade_amount') }} || ' x ' || scored_working_days || ' of '
                    || period_working_days || ' working days'
            else 'grade ' || grade || ': ' || {{ cents.format('grade_amount') }}
        end as reason_en
    from {{ ref('int_incentive_bonus') }}
),

promotion as (
    select
        {{ named }},
        plan_version,
        'promotion' as kind,
        coalesce(promotion_role, '-') as item,
        case
            when score_status = 'provisional' then 'provisional'
            when periods_reached >= periods_needed then 'eligible'
            else 'not_eligible'
        end as eligibility,
        grade,
        score,
        cast(null as decimal(28, 2)) as amount,
        periods_reached,
        periods_needed,
        cast(null as decimal(28, 9)) as points,
        cast(null as varchar) as course_zh,
        cast(null as varchar) as course_en,
        '连续 ' || periods_reached || ' 期达到所需等级，需要 ' || periods_needed || ' 期' as reason_zh,
        'grade good enough in ' || periods_reached || ' periods in a row, ' || periods_needed || ' needed' as reason_en
    from {{ ref('int_incentive_promotion') }}
),

weak as (
    select
        judged.*,
        component.metric,
        component.points,
        course.course_zh,
        course.course_en,
        row_number() over (
            partition by {{ statement_columns('judged') }} order by component.points, component.weight desc, component.metric
        ) as place
    from {{ ref('int_incentive_judged') }} as judged
    inner join {{ ref('appraisal_component') }} as component
        on {{ same_key('judged', 'component', ['employee_id', 'period_type', 'period_start']) }}
    inner join {{ source('config', 'incentive_course') }} as course
        on
            judged.plan_id = course.plan_id
            and judged.plan_version = course.plan_version
            and component.metric = course.metric
    where component.points < judged.training_below_points
),

training as (
    select
        {{ named }},
        plan_version,
        'training' as kind,
        metric as item,
        case score_status when 'provisional' then 'provisional' else 'eligible' end as eligibility,
        grade,
        score,
        cast(null as decimal(28, 2)) as amount,
        cast(null as integer) as periods_reached,
        cast(null as integer) as periods_needed,
        cast(points as decimal(28, 9)) as points,
        course_zh,
        course_en,
        metric || ' 得分 ' || {{ cents.format('points') }} || '，低于 ' || {{ cents.format('training_below_points') }}
            as reason_zh,
        metric || ' has ' || {{ cents.format('points') }} || ' points, fewer than '
        || {{ cents.format('training_below_points') }} as reason_en
    from weak
    where place <= training_at_most
)

select * from bonus
union all
select * from promotion
union all
select * from training
