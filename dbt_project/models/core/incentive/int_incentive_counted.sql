-- Grain: one row per plan and credited line that is paid for by it (reversals apart), in the period of the line's day.
-- Who holds a role of the plan on that day takes part; a day without posting belongs to the posting before it. What is given
-- back by the end of the period does not count; neither do lines of unknown cost where margin is paid.
with posting as (
    select
        employee_id,
        role,
        valid_from,
        valid_to,
        lead(valid_from, 1, date '9999-12-31') over (partition by employee_id order by valid_from) as counts_to
    from {{ ref('int_posting') }}
),

taking_part as (
    select
        plan.plan_id,
        plan.plan_version,
        period.period_type,
        period.period_start,
        period.next_period_start,
        credit.*,
        case plan.basis when 'margin' then credit.credited_amount - credit.credited_cost_amount else credit.credited_amount end
            as basis_amount,
        case
            when not plan.pays_after_leaving and credit.event_date >= posting.valid_to then 'after_leaving'
            when plan.basis = 'margin' and credit.credited_cost_amount is null then 'no_cost'
            else 'ok'
        end as line_status
    from {{ ref('int_incentive_credit') }} as credit
    inner join posting
        on
            credit.employee_id = posting.employee_id
            and credit.event_date >= posting.valid_from
            and credit.event_date < posting.counts_to
    inner join {{ source('config', 'incentive_role') }} as part
        on posting.role = part.role
    inner join {{ source('config', 'incentive_plan') }} as plan
        on part.plan_id = plan.plan_id and part.plan_version = plan.plan_version and credit.pays_on = plan.pays_on
    inner join {{ ref('int_period') }} as period
        on
            plan.period_type = period.period_type
            and credit.event_date >= period.period_start
            and credit.event_date < period.next_period_start
            and period.period_start >= plan.valid_from
            and period.period_start < plan.valid_to
    where not credit.is_reversal
),

netted as (
    select
        line.plan_id,
        line.pays_on,
        line.employee_id,
        line.source_system,
        line.source_key,
        sum(reversal.given_back) as given_back
    from taking_part as line
    inner join {{ ref('int_incentive_reversal') }} as reversal
        on
            {{ same_key('line', 'reversal', ['pays_on', 'employee_id', 'source_system', 'source_key']) }}
            and reversal.reversal_date < line.next_period_start
    group by line.plan_id, line.pays_on, line.employee_id, line.source_system, line.source_key
),

kept as (
    select
        line.*,
        cast(line.document_amount - coalesce(netted.given_back, 0) as decimal(28, 6)) as kept_document_amount
    from taking_part as line
    left join netted
        on {{ same_key('line', 'netted', ['plan_id', 'pays_on', 'employee_id', 'source_system', 'source_key']) }}
)

select
    *,
    case
        when line_status <> 'ok' then cast(0 as decimal(28, 6))
        when kept_document_amount = document_amount then basis_amount
        else cast(
            {{ decimal_divide('basis_amount * kept_document_amount', 'document_amount', 12, 6) }} as decimal(28, 6)
        )
    end as counted_amount
from kept
