-- Grain: one row per employee, plan and period in which the employee takes part, earns or gives back.
select
    {{ statement_columns('pay') }},
    period.period_end,
    pay.plan_version,
    case when period.is_complete then 'final' else 'provisional' end as status,
    plan.pays_on,
    plan.basis,
    pay.working_days,
    pay.period_working_days,
    kpi.target as target_amount,
    pay.credited_amount,
    pay.counted_amount,
    case when kpi.target > 0 then {{ decimal_divide('pay.counted_amount', 'kpi.target', 6, 6) }} end as attainment,
    case when pay.has_commission then pay.calculated_amount end as calculated_amount,
    case when pay.has_commission then cast(pay.earned_amount - pay.calculated_amount as decimal(28, 2)) end
        as cap_reduction,
    case when pay.has_commission then pay.earned_amount end as earned_amount,
    case when pay.has_commission then pay.clawback_amount end as clawback_amount,
    case when pay.has_commission then pay.carried_amount end as carried_amount,
    case when pay.has_commission then pay.guarantee_amount end as guarantee_amount,
    case when pay.has_commission then pay.draw_amount end as draw_amount,
    case when pay.has_commission then -pay.recovered_amount end as recovered_amount,
    bonus.bonus_amount,
    cast(
        pay.earned_amount + pay.clawback_amount + pay.carried_amount + pay.guarantee_amount + pay.draw_amount
        - pay.recovered_amount + coalesce(bonus.bonus_amount, 0)
        as decimal(28, 2)
    ) as payable_amount,
    pay.owed_before,
    pay.owed_after,
    company.reporting_currency as currency
from {{ ref('int_incentive_pay') }} as pay
inner join {{ source('config', 'incentive_plan') }} as plan
    on pay.plan_id = plan.plan_id and pay.plan_version = plan.plan_version
inner join {{ ref('int_period') }} as period
    on pay.period_type = period.period_type and pay.period_start = period.period_start
left join {{ ref('int_incentive_bonus') }} as bonus
    on {{ same_key('pay', 'bonus', statement_key()) }}
left join {{ ref('kpi_value') }} as kpi
    on
        kpi.subject_type = 'employee'
        and kpi.org_view = 'as_was'
        and pay.employee_id = kpi.subject_id
        and pay.period_type = kpi.period_type
        and pay.period_start = kpi.period_start
        and plan.target_metric = kpi.metric
cross join {{ source('config', 'company') }} as company
