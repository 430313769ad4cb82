-- Grain: one row per employee, plan and period in which the employee takes part or something is earned or taken back.
-- A negative period pays nothing and is owed; guarantee and draw fill up what a period earned; what is owed is taken from what
-- later periods earn above them. `owed_after` is the running sum of what is added less what can be taken, never below zero.
{% set whole = 'partition by employee_id, plan_id order by period_start' %}
with earned as (
    select
        {{ statement_columns() }},
        sum(credited_amount) as credited_amount,
        sum(counted_amount) as counted_amount,
        sum(calculated_amount) as calculated_amount,
        sum(earned_amount) as earned_amount
    from {{ ref('int_incentive_earning') }}
    group by {{ statement_columns() }}
),

taken_back as (
    select {{ statement_columns() }}, sum(clawback_amount) as clawback_amount
    from (
        select {{ statement_columns() }}, clawback_amount from {{ ref('int_incentive_clawback') }}
        union all
        select {{ statement_columns() }}, clawback_amount from {{ ref('int_incentive_bad_debt') }}
    ) as back
    group by {{ statement_columns() }}
),

concerned as (
    select {{ statement_columns() }} from {{ ref('int_incentive_member') }}
    union distinct
    select {{ statement_columns() }} from earned
    union distinct
    select {{ statement_columns() }} from taken_back
    union distinct
    select {{ statement_columns() }} from {{ ref('int_incentive_bonus') }}
),

summed as (
    select
        {{ statement_columns('concerned') }},
        plan.plan_version,
        commission.plan_id is not null as has_commission,
        coalesce(plan.draw_is_recoverable, false) as draw_is_recoverable,
        member.working_days,
        member.period_working_days,
        earned.credited_amount,
        earned.counted_amount,
        coalesce(earned.calculated_amount, 0) as calculated_amount,
        coalesce(earned.earned_amount, 0) as earned_amount,
        coalesce(taken_back.clawback_amount, 0) as clawback_amount,
        coalesce(earned.earned_amount, 0) + coalesce(taken_back.clawback_amount, 0) as net_amount,
        coalesce(member.guarantee_amount, 0) as guaranteed_amount,
        coalesce(member.draw_amount, 0) as drawable_amount
    from concerned
    inner join {{ source('config', 'incentive_plan') }} as plan
        on
            concerned.plan_id = plan.plan_id
            and concerned.period_start >= plan.valid_from
            and concerned.period_start < plan.valid_to
    -- a version without commission may still have to take back what those before it paid
    left join (
        select distinct plan_id from {{ source('config', 'incentive_plan') }} where pays_on is not null
    ) as commission
        on concerned.plan_id = commission.plan_id
    left join {{ ref('int_incentive_member') }} as member
        on {{ same_key('concerned', 'member', statement_key()) }}
    left join earned
        on {{ same_key('concerned', 'earned', statement_key()) }}
    left join taken_back
        on {{ same_key('concerned', 'taken_back', statement_key()) }}
),

filled as (
    select
        *,
        greatest(-net_amount, 0) as carried_amount,
        greatest(guaranteed_amount - greatest(net_amount, 0), 0) as guarantee_amount,
        greatest(drawable_amount - greatest(net_amount, guaranteed_amount, 0), 0) as draw_amount,
        greatest(net_amount - greatest(guaranteed_amount, drawable_amount), 0) as takeable_amount
    from summed
),

running as (
    select
        *,
        carried_amount + case when draw_is_recoverable then draw_amount else 0 end as added_amount,
        sum(
            carried_amount + case when draw_is_recoverable then draw_amount else 0 end - takeable_amount
        ) over ({{ whole }}) as balance
    from filled
),

owed as (
    select *, balance - least(min(balance) over ({{ whole }}), 0) as owed_after
    from running
),

carried as (
    select *, lag(owed_after, 1, 0) over ({{ whole }}) as owed_before
    from owed
)

select
    {{ statement_columns() }},
    plan_version,
    has_commission,
    working_days,
    period_working_days,
    cast(credited_amount as decimal(28, 6)) as credited_amount,
    cast(counted_amount as decimal(28, 6)) as counted_amount,
    {% for amount in ['calculated', 'earned', 'clawback', 'carried', 'guarantee', 'draw'] %}
    cast({{ amount }}_amount as decimal(28, 2)) as {{ amount }}_amount,
    {% endfor %}
    cast(least(owed_before, takeable_amount) as decimal(28, 2)) as recovered_amount,
    cast(owed_before as decimal(28, 2)) as owed_before,
    cast(owed_after as decimal(28, 2)) as owed_after
from carried
