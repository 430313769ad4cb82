-- Grain: one row per plan, credited line it paid for, and reversal in a later period that gives some of it back.
-- Of what the line earned as much is taken back as is given back of what it kept, in cents and never more: the reversals
-- together take back what was earned for all they give back, rounded half up, so a line given back whole has earned nothing.
{% set sold = 'line.plan_id, line.pays_on, line.employee_id, line.source_system, line.source_key' %}
with given_back as (
    select
        line.*,
        reversal.reversal_key,
        reversal.reversal_date,
        reversal.reversal_load_id,
        reversal.reversal_document_key,
        reversal.reversal_document_number,
        reversal.reversal_credited_amount,
        sum(reversal.given_back) over (
            partition by {{ sold }} order by reversal.reversal_date, reversal.reversal_key
        ) as back_to
    from {{ ref('int_incentive_earning') }} as line
    inner join {{ ref('int_incentive_reversal') }} as reversal
        on
            {{ same_key('line', 'reversal', ['pays_on', 'employee_id', 'source_system', 'source_key']) }}
            and reversal.reversal_date >= line.next_period_start
    inner join {{ source('config', 'incentive_plan') }} as plan
        on line.plan_id = plan.plan_id and line.plan_version = plan.plan_version and plan.claws_back_returns
),

taken as (
    select
        *,
        cast({{ decimal_divide('earned_amount * back_to', 'kept_document_amount', 8, 6) }} as decimal(28, 2)) as taken_to,
        cast({{ decimal_divide('counted_amount * back_to', 'kept_document_amount', 12, 6) }} as decimal(28, 6))
            as uncounted_to
    from given_back
)

select
    line.employee_id,
    line.plan_id,
    period.period_type,
    period.period_start,
    line.period_start as paid_period_start,
    line.plan_version as paid_plan_version,
    line.pays_on,
    line.source_entity,
    line.source_system,
    line.source_key as paid_source_key,
    line.reversal_key as source_key,
    line.reversal_load_id as load_id,
    line.reversal_document_key as document_key,
    line.reversal_document_number as document_number,
    line.customer_key,
    line.reversal_date as event_date,
    line.currency,
    line.credit_share,
    line.reversal_credited_amount as credited_amount,
    line.rate_pct,
    -(line.uncounted_to - lag(line.uncounted_to, 1, 0) over back) as counted_amount,
    -(line.taken_to - lag(line.taken_to, 1, 0) over back) as clawback_amount
from taken as line
inner join {{ ref('int_period') }} as period
    on
        line.period_type = period.period_type
        and line.reversal_date >= period.period_start
        and line.reversal_date < period.next_period_start
window back as (partition by {{ sold }} order by line.reversal_date, line.reversal_key)
