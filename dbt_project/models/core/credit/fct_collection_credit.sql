{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_days('collected_date') }}") }}
-- Grain: one row per posted payment and credited employee: like the invoice paid, else to the payment's owner, else to
-- the account owner, else to nobody.
with credited as (
    select
        payment.source_system,
        payment.source_key,
        payment.load_id,
        payment.invoice_key,
        payment.customer_key,
        case
            when credit.employee_id is not null then credit.employee_id
            else coalesce(payment.owner_employee_id, payment.account_owner_employee_id, 'unassigned')
        end as employee_id,
        coalesce(credit.credit_share, cast(1 as decimal(18, 9))) as credit_share,
        case
            when credit.employee_id is not null then 'invoice'
            when payment.owner_employee_id is not null then 'payment_owner'
            when payment.account_owner_employee_id is not null then 'account_owner'
            else 'unassigned'
        end as credit_rule,
        payment.payment_date as collected_date,
        payment.currency,
        payment.amount,
        rate.rate as exchange_rate,
        {{ amount_times('payment.amount', 'rate.rate') }} as reporting_amount
    from {{ ref('int_payment') }} as payment
    left join {{ ref('int_invoice_credit') }} as credit
        on payment.source_system = credit.source_system and payment.invoice_key = credit.invoice_key
    left join {{ ref('int_exchange_rate') }} as rate
        on
            payment.currency = rate.currency
            and payment.payment_date >= rate.valid_from
            and payment.payment_date < rate.valid_to
    where payment.status = 'posted' and {{ in_rebuilt_days('payment.payment_date') }}
)

select
    credited.source_system,
    credited.source_key,
    credited.invoice_key,
    credited.customer_key,
    credited.employee_id,
    coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
    posting.manager_employee_id,
    credited.collected_date,
    credited.currency,
    {{ part_of_amount('credited.amount', 'credited.credit_share',
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
        and credited.collected_date >= posting.valid_from
        and credited.collected_date < posting.valid_to
