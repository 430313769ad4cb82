{{ config(materialized='view') }}
-- Grain: one row per period, invoice, credited employee and metric of the sales family.
-- overdue_receivables: what stands open past its due date on the last day of the period (of a running one: today). An
-- invoice that fell due in the period and is settled stands with 0: it proves that due dates are known.
with period as (
    select
        period.period_type,
        period.period_start,
        least(period.period_end, company.as_of_date) as last_date
    from {{ ref('int_period') }} as period
    cross join {{ source('config', 'company') }} as company
),

due as (
    select
        period.period_type,
        period.period_start,
        period.last_date as org_day,
        receivable.source_system,
        receivable.source_key,
        receivable.customer_key,
        receivable.employee_id,
        receivable.credited_amount
    from {{ ref('int_receivable_credit') }} as receivable
    inner join period
        on receivable.valid_from <= period.last_date and period.last_date < receivable.valid_to
    where receivable.is_open or receivable.due_date >= period.period_start
)

{{ metric_period_event('overdue_receivables', 'due', 'org_day', 'credited_amount', 'invoice') }}
