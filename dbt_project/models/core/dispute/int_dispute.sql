-- Grain: one row per dispute, people resolved, with what the metric would have more if the claim is right.
-- An amount claimed is that; of a share claimed it is the share of the whole line less what the employee is credited with.
-- What a rating should have been is nothing to compute from.
with resolved_dispute as (
    select
        dispute.*,
        {{ resolved('employee', 'employee_id') }} as employee_id,
        {{ resolved('owner', 'employee_id') }} as owner_employee_id,
        {{ resolved('decider', 'employee_id') }} as decided_by_employee_id,
        case when dispute.about_key is not null then coalesce(dispute.about_system, dispute.source_system) end
            as record_system,
        dispute.claimed_amount is null
        and dispute.claimed_share is not null
        and dispute.dispute_kind <> 'rating' as is_share
    from {{ ref('dispute') }} as dispute
    {{ join_reference(ref('int_employee_alias'), 'dispute', 'employee_key', 'employee') }}
    {{ join_reference(ref('int_employee_alias'), 'dispute', 'owner_key', 'owner') }}
    {{ join_reference(ref('int_employee_alias'), 'dispute', 'decided_by_key', 'decider') }}
),

-- the lines somebody claims a share of, and no others: they are few, the facts are many
credit as (
    select
        fact.source_system,
        fact.source_key,
        fact.employee_id,
        fact.booked_date,
        fact.credited_amount
    from {{ ref('fct_sales_credit') }} as fact
    where
        (fact.source_system, fact.source_key) in (
            select (record_system, about_key) from resolved_dispute where is_share and about_entity = 'sales_order_line'
        )
),

line as (
    select
        source_system,
        source_key,
        cast(sum(credited_amount) as decimal(28, 6)) as amount,
        max(booked_date) as booked_date
    from credit
    group by source_system, source_key
),

own as (
    select
        source_system,
        source_key,
        employee_id,
        cast(sum(credited_amount) as decimal(28, 6)) as amount
    from credit
    group by source_system, source_key, employee_id
)

select
    dispute.source_system,
    dispute.source_key,
    dispute.dispute_kind,
    dispute.employee_id,
    dispute.period_type,
    dispute.period_start,
    case when dispute.is_share then coalesce(dispute.metric, 'bookings') else dispute.metric end as metric,
    dispute.about_entity,
    dispute.record_system as about_system,
    dispute.about_key,
    dispute.claim,
    case when dispute.is_share then dispute.claimed_share end as claimed_share,
    dispute.claimed_amount,
    coalesce(dispute.claimed_date, line.booked_date) as claimed_date,
    case
        when dispute.dispute_kind = 'rating' then null
        when dispute.is_share
            then cast(cast(line.amount * dispute.claimed_share as decimal(28, 6)) - coalesce(own.amount, 0) as decimal(28, 6))
        else cast(dispute.claimed_amount as decimal(28, 6))
    end as claimed_addition,
    dispute.raised_date,
    dispute.due_date,
    dispute.owner_employee_id,
    dispute.decided_date,
    dispute.decided_by_employee_id,
    dispute.outcome,
    dispute.decision
from resolved_dispute as dispute
left join line
    on
        dispute.is_share
        and dispute.about_entity = 'sales_order_line'
        and dispute.record_system = line.source_system
        and dispute.about_key = line.source_key
left join own
    on
        {{ same_key('line', 'own', ['source_system', 'source_key']) }}
        and dispute.employee_id = own.employee_id
