-- Grain: one row per plan, invoice line it paid for and period at whose end more or less of it is lost than at the end before.
-- Lost is, of an invoice overdue by more days than the plan waits, the part still open of what credit notes have left of it,
-- of what the line has kept and later returns have left it. What was earned for it is taken back; returns take back their own.
with line as (
    select
        earning.*,
        plan.bad_debt_days
    from {{ ref('int_incentive_earning') }} as earning
    inner join {{ source('config', 'incentive_plan') }} as plan
        on earning.plan_id = plan.plan_id and earning.plan_version = plan.plan_version
    where plan.bad_debt_days is not null and earning.pays_on = 'billings' and earning.kept_document_amount > 0
),

looked as (
    select
        period_type,
        period_start,
        least(period_end, company.as_of_date) as looked_on
    from {{ ref('int_period') }}
    cross join {{ source('config', 'company') }} as company
),

stood as (
    select
        line.*,
        looked.period_start as looked_period_start,
        looked.looked_on,
        least(balance.open_amount, balance.billed_amount) as open_amount,
        balance.billed_amount
    from line
    inner join {{ ref('int_receivable_balance') }} as balance
        on line.source_system = balance.source_system and line.document_key = balance.invoice_key
    inner join looked
        on
            line.period_type = looked.period_type
            and looked.looked_on >= balance.valid_from
            and looked.looked_on < balance.valid_to
    where {{ days_between('balance.due_date', 'looked.looked_on') }} > line.bad_debt_days
),

returned as (
    select
        stood.plan_id,
        stood.employee_id,
        stood.source_system,
        stood.source_key,
        stood.looked_period_start,
        sum(reversal.given_back) as given_back
    from stood
    inner join {{ ref('int_incentive_reversal') }} as reversal
        on
            {{ same_key('stood', 'reversal', ['pays_on', 'employee_id', 'source_system', 'source_key']) }}
            and reversal.reversal_date >= stood.next_period_start
            and reversal.reversal_date <= stood.looked_on
    group by stood.plan_id, stood.employee_id, stood.source_system, stood.source_key, stood.looked_period_start
),

lost as (
    select
        stood.*,
        cast(coalesce(returned.given_back, 0) as decimal(28, 6)) as given_back,
        case
            when stood.billed_amount > 0
                then cast({{ decimal_divide(
                    '(stood.kept_document_amount - coalesce(returned.given_back, 0)) * stood.open_amount', 'stood.billed_amount', 12, 6
                ) }} as decimal(28, 6))
            else 0
        end as lost_amount
    from stood
    left join returned
        on {{ same_key('stood', 'returned', ['plan_id', 'employee_id', 'source_system', 'source_key', 'looked_period_start']) }}
),

placed as (
    select
        *,
        cast({{ decimal_divide('earned_amount * (given_back + lost_amount)', 'kept_document_amount', 8, 6) }} as decimal(28, 2))
        - cast({{ decimal_divide('earned_amount * given_back', 'kept_document_amount', 8, 6) }} as decimal(28, 2))
            as lost_to
    from lost
),

changed as (
    select
        *,
        lag(lost_to, 1, 0) over (
            partition by plan_id, employee_id, source_system, source_key order by looked_period_start
        ) - lost_to as clawback_amount
    from placed
)

select
    changed.employee_id,
    changed.plan_id,
    changed.period_type,
    changed.looked_period_start as period_start,
    changed.period_start as paid_period_start,
    changed.plan_version as paid_plan_version,
    changed.source_system,
    changed.document_key as invoice_key,
    changed.document_number as invoice_number,
    invoice.load_id,
    changed.source_key as paid_source_key,
    changed.customer_key,
    changed.looked_on,
    changed.currency,
    changed.credit_share,
    changed.clawback_amount
from changed
inner join {{ ref('int_invoice') }} as invoice
    on changed.source_system = invoice.source_system and changed.document_key = invoice.source_key
where changed.clawback_amount <> 0
