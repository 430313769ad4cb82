-- Grain: one row per row of `int_incentive_counted`, with what it earns.
-- Lines climb the rates in order of their days: a line earns the cents by which all that was earned up to it, rounded half up,
-- is more than what was earned before it. So lines add up to the rounded whole, and negative lines climb down again. The cap
-- ends the climb.
{% set walk = 'partition by ' ~ statement_columns() ~ ' order by event_date, source_system, source_key' %}
with climbed as (
    select *, cast(sum(counted_amount) over ({{ walk }}) as decimal(28, 6)) as climbed_to
    from {{ ref('int_incentive_counted') }}
),

rated as (
    select
        climbed.*,
        cast(rate.earned_below + (climbed.climbed_to - rate.amount_from) * rate.rate as decimal(38, 16)) as calculated_to,
        plan.cap_amount
    from climbed
    inner join {{ ref('int_incentive_rate') }} as rate
        on
            {{ same_key('climbed', 'rate', statement_key()) }}
            and (rate.amount_from = 0 or climbed.climbed_to > rate.amount_from)
            and (rate.amount_to is null or climbed.climbed_to <= rate.amount_to)
    inner join {{ source('config', 'incentive_plan') }} as plan
        on climbed.plan_id = plan.plan_id and climbed.plan_version = plan.plan_version
),

rounded as (
    select
        *,
        cast(calculated_to as decimal(28, 2)) as calculated_cents_to,
        cast(least(calculated_to, cap_amount) as decimal(28, 2)) as earned_to,
        calculated_to - lag(calculated_to, 1, 0) over ({{ walk }}) as exact_amount
    from rated
)

select
    rounded.* exclude (cap_amount, calculated_to, calculated_cents_to, earned_to, exact_amount),
    case
        when counted_amount <> 0
            then {{ decimal_divide('cast(100 * exact_amount as decimal(38, 9))', 'counted_amount', 9, 6) }}
    end as rate_pct,
    calculated_cents_to - lag(calculated_cents_to, 1, 0) over ({{ walk }}) as calculated_amount,
    earned_to - lag(earned_to, 1, 0) over ({{ walk }}) as earned_amount
from rounded
