{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_days('billed_date') }}") }}
-- Grain: one row per line of a posted invoice or credit note and credited employee.
with credited as (
    select
        line.source_system,
        line.source_key,
        line.load_id,
        line.invoice_key,
        invoice.invoice_number,
        invoice.invoice_type,
        line.product_key,
        invoice.customer_key,
        credit.employee_id,
        credit.credit_share,
        credit.credit_rule,
        invoice.invoice_date as billed_date,
        invoice.currency,
        line.net_amount,
        rate.rate as exchange_rate,
        {{ amount_times('line.net_amount', 'rate.rate') }} as reporting_amount
    from {{ ref('int_invoice_line') }} as line
    inner join {{ ref('int_invoice') }} as invoice
        on line.source_system = invoice.source_system and line.invoice_key = invoice.source_key
    inner join {{ ref('int_invoice_line_credit') }} as credit
        on line.source_system = credit.source_system and line.source_key = credit.line_key
    left join {{ ref('int_exchange_rate') }} as rate
        on
            invoice.currency = rate.currency
            and invoice.invoice_date >= rate.valid_from
            and invoice.invoice_date < rate.valid_to
    where invoice.status = 'posted' and {{ in_rebuilt_days('invoice.invoice_date') }}
)

select
    credited.source_system,
    credited.source_key,
    credited.invoice_key,
    credited.invoice_number,
    credited.invoice_type,
    credited.product_key,
    credited.customer_key,
    credited.employee_id,
    coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
    posting.manager_employee_id,
    credited.billed_date,
    credited.currency,
    {{ part_of_amount('credited.net_amount', 'credited.credit_share',
        'credited.source_system, credited.source_key', 'credited.employee_id') }} as document_amount,
    credited.exchange_rate,
    {{ part_of_amount('credited.reporting_amount', 'credited.credit_share',
        'credited.source_system, credited.source_key', 'credited.employee_id') }} as credited_amount,
    credited.credit_share,
    credited.credit_rule,
    credited.load_id
from credited
left join {{ ref('int_posting') }} as posting
    on
        credited.employee_id = posting.employee_id
        and credited.billed_date >= posting.valid_from
        and credited.billed_date < posting.valid_to
