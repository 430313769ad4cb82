{{ config(materialized='view') }}
-- Grain: one row per period, invoice, credited employee and metric of the sales family.
-- overdue_receivables: what stands open past its due date on the last day of the period (of a running one: today). An
-- invoice that fell due in the period and is settled stands with 0: it proves that due dates are known.
{{ sales_asked_of_periods(ref('int_receivable_credit')) }}
