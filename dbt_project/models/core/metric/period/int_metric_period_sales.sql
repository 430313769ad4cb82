{{ config(materialized='view') }}
-- Grain: one row per period, invoice, credited employee and metric of the sales family.
-- overdue_receivables: what stands open past its due date on the last day of the period (of a running one: today). An
-- invoice that fell due in the period and is settled stands with 0: it proves that due dates are known.
with due as (
    select
        period.period_type,
        period.period_start,
        least(period.period_end, company.as_of_date) as org_day,
        receivable.source_system,
        receivable.source_key,
        receivable.customer_key,
        receivable.employee_id,
        receivable.credited_amount
    from {{ ref('int_receivable_credit') }} as receivable
    cross join {{ source('config', 'company') }} as company
    inner join {{ ref('int_period') }} as period
        on
            receivable.valid_from <= least(period.period_end, company.as_of_date)
            and least(period.period_end, company.as_of_date) < receivable.valid_to
    where receivable.is_open or receivable.due_date >= period.period_start
)

{{ metric_period_event('overdue_receivables', 'due', 'org_day', 'credited_amount', 'invoice') }}
