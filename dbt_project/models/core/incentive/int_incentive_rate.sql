-- Grain: one row per employee, plan, period and stretch of what counts in it that has one rate, (amount_from, amount_to]; the
-- first one reaches down without end, the last one up.
-- A marginal rate or factor holds from its border on; of a retroactive one the last reached holds for everything. Borders by
-- attainment need a target above zero; without it the first rate holds and no factor.
{% set key = statement_key() %}
with total as (
    select {{ statement_columns() }}, plan_version, sum(counted_amount) as counted_amount
    from {{ ref('int_incentive_counted') }}
    group by {{ statement_columns() }}, plan_version
),

asked as (
    select
        total.*,
        case when kpi.target > 0 then kpi.target end as target
    from total
    inner join {{ source('config', 'incentive_plan') }} as plan
        on total.plan_id = plan.plan_id and total.plan_version = plan.plan_version
    left join {{ ref('kpi_value') }} as kpi
        on
            kpi.subject_type = 'employee'
            and kpi.org_view = 'as_was'
            and total.employee_id = kpi.subject_id
            and total.period_type = kpi.period_type
            and total.period_start = kpi.period_start
            and plan.target_metric = kpi.metric
),

accelerated as (
    select plan_id, plan_version, min(method) as method
    from {{ source('config', 'incentive_step') }}
    where part = 'accelerator'
    group by plan_id, plan_version
),

border as (
    select
        {{ statement_columns('asked') }},
        asked.counted_amount,
        step.part,
        step.method,
        step.position,
        case
            when step.measured_by = 'amount' or step.at_least = 0 then step.at_least
            else cast(asked.target * step.at_least * 0.01 as decimal(28, 6))
        end as at_least,
        step.step_value
    from asked
    inner join {{ source('config', 'incentive_step') }} as step
        on asked.plan_id = step.plan_id and asked.plan_version = step.plan_version

    union all

    select
        {{ statement_columns('asked') }},
        asked.counted_amount,
        'accelerator',
        coalesce(accelerated.method, 'marginal'),
        0,
        0,
        1
    from asked
    left join accelerated
        on asked.plan_id = accelerated.plan_id and asked.plan_version = accelerated.plan_version
),

held as (
    select
        {{ statement_columns() }},
        part,
        position,
        case method when 'marginal' then at_least else 0 end as at_least,
        step_value
    from border
    where at_least is not null and (method = 'marginal' or at_least <= greatest(counted_amount, 0))
    qualify
        method = 'marginal'
        or row_number() over (partition by {{ statement_columns() }}, part order by position desc) = 1
),

cut as (
    select distinct {{ statement_columns() }}, at_least as amount_from
    from held
),

rated as (
    select
        {{ statement_columns('cut') }},
        cut.amount_from,
        cast(
            max_by(held.step_value, held.position) filter (where held.part = 'tier')
            * max_by(held.step_value, held.position) filter (where held.part = 'accelerator')
            * 0.01
            as decimal(18, 10)
        ) as rate
    from cut
    inner join held
        on {{ same_key('cut', 'held', key) }} and cut.amount_from >= held.at_least
    group by {{ statement_columns('cut') }}, cut.amount_from
),

bounded as (
    select *, lead(amount_from) over (partition by {{ statement_columns() }} order by amount_from) as amount_to
    from rated
)

select
    {{ statement_columns() }},
    cast(amount_from as decimal(28, 6)) as amount_from,
    cast(amount_to as decimal(28, 6)) as amount_to,
    rate,
    -- what is earned by all that lies below
    cast(
        coalesce(
            sum(cast((amount_to - amount_from) * rate as decimal(38, 16))) over (
                partition by {{ statement_columns() }}
                order by amount_from rows between unbounded preceding and 1 preceding
            ), 0
        ) as decimal(38, 16)
    ) as earned_below
from bounded
