{{ config(
    materialized='incremental',
    on_schema_change='fail',
    pre_hook="{{ forget_rebuilt_days('invoice_date', 'rebuilt_receivable_third') }}",
) }}
-- Grain: one row per row of `int_receivable_balance` and employee credited with the invoice.
{% for is_whole in [true, false] %}
select
    balance.source_system,
    balance.invoice_key as source_key,
    balance.customer_key,
    credit.employee_id,
    balance.invoice_date,
    balance.due_date,
    balance.valid_from,
    balance.valid_to,
    balance.open_amount > 0 as is_open,
    {% if is_whole -%}
    balance.reporting_amount as credited_amount
    {%- else -%}
    {{ part_of_amount('balance.reporting_amount', 'credit.credit_share',
        'balance.source_system, balance.invoice_key, balance.valid_from', 'credit.employee_id') }} as credited_amount
    {%- endif %}
from {{ rows_of_rebuilt_days(ref('int_receivable_balance'), 'invoice_date', 'rebuilt_receivable_third') }} as balance
inner join {{ ref('int_invoice_credit') }} as credit
    on balance.source_system = credit.source_system and balance.invoice_key = credit.invoice_key
{# most invoices are one person's: nothing to divide, so no remainder to place -#}
where credit.credit_share {{ '=' if is_whole else '<>' }} 1
{% if is_whole %}
union all
{% endif %}
{% endfor %}
