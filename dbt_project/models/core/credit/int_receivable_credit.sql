-- Grain: one row per row of `int_receivable_balance` and employee credited with the invoice.
select
    balance.source_system,
    balance.invoice_key as source_key,
    balance.customer_key,
    credit.employee_id,
    balance.due_date,
    balance.valid_from,
    balance.valid_to,
    balance.open_amount > 0 as is_open,
    {{ part_of_amount('balance.reporting_amount', 'credit.credit_share',
        'balance.source_system, balance.invoice_key, balance.valid_from', 'credit.employee_id') }} as credited_amount
from {{ ref('int_receivable_balance') }} as balance
inner join {{ ref('int_invoice_credit') }} as credit
    on balance.source_system = credit.source_system and balance.invoice_key = credit.invoice_key
