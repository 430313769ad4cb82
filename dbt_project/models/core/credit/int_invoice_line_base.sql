-- Grain: one row per invoice line and employee it would be credited to if no reversal were looked at: like the order it
-- bills, else to the invoice's owner, else to the account owner, else to nobody.
select
    line.source_system,
    line.invoice_key,
    line.source_key as line_key,
    line.net_amount,
    line.bills_order_line,
    case
        when credit.employee_id is not null then credit.employee_id
        else coalesce(invoice.owner_employee_id, invoice.account_owner_employee_id, 'unassigned')
    end as employee_id,
    coalesce(credit.credit_share, cast(1 as decimal(18, 9))) as credit_share,
    case
        when credit.employee_id is not null then credit.credit_rule
        when invoice.owner_employee_id is not null then 'invoice_owner'
        when invoice.account_owner_employee_id is not null then 'account_owner'
        else 'unassigned'
    end as credit_rule
from {{ ref('int_invoice_line') }} as line
inner join {{ ref('int_invoice') }} as invoice
    on line.source_system = invoice.source_system and line.invoice_key = invoice.source_key
left join {{ ref('int_order_credit') }} as credit
    on line.credit_order_source = credit.source_system and line.credit_order_key = credit.order_key
