{{ config(
    materialized='incremental',
    on_schema_change='fail',
    pre_hook="{{ forget_rebuilt_days('invoice_date', 'rebuilt_invoice_third') }}",
) }}
-- Grain: one row per invoice line and employee it would be credited to if no reversal were looked at: like the order it
-- bills, else to the invoice's owner, else to the account owner, else to nobody.
select
    line.source_system,
    line.invoice_key,
    invoice.invoice_date,
    line.source_key as line_key,
    line.net_amount,
    line.bills_order_line,
    coalesce(
        territory.employee_id,
        line_credit.employee_id,
        order_credit.employee_id,
        invoice.owner_employee_id,
        invoice.account_owner_employee_id,
        'unassigned'
    ) as employee_id,
    coalesce(line_credit.credit_share, order_credit.credit_share, cast(1 as decimal(18, 9))) as credit_share,
    case
        when territory.employee_id is not null then territory.credit_rule
        when line_credit.employee_id is not null then line_credit.credit_rule
        when order_credit.employee_id is not null then order_credit.credit_rule
        when invoice.owner_employee_id is not null then 'invoice_owner'
        when invoice.account_owner_employee_id is not null then 'account_owner'
        else 'unassigned'
    end as credit_rule
from {{ ref('int_invoice_line') }} as line
inner join {{ ref('int_invoice') }} as invoice
    on line.source_system = invoice.source_system and line.invoice_key = invoice.source_key
left join {{ ref('int_line_territory') }} as territory
    on
        line.credit_order_source = territory.source_system
        and line.credit_line_key = territory.line_key
        and territory.decides
left join {{ ref('int_order_rule_credit') }} as line_credit
    on
        line.credit_order_source = line_credit.source_system
        and line.credit_order_key = line_credit.order_key
        and line.credit_line_key is not null
        and territory.line_key is null
-- only the order is known, not the line: the shares of the whole order
left join {{ ref('int_order_credit') }} as order_credit
    on
        line.credit_order_source = order_credit.source_system
        and line.credit_order_key = order_credit.order_key
        and line.credit_line_key is null
where {{ in_rebuilt_days('invoice.invoice_date', 'rebuilt_invoice_third') }}
