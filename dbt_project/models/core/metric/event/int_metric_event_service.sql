{{ config(materialized='view') }}
-- Grain: one row per service case, purchase (of complaint_rate) and metric of the service family.
with service_case as (
    select
        *,
        coalesce(owner_employee_id, 'unassigned') as employee_id
    from {{ ref('int_service_case') }}
),

-- whoever sold the customer what it bought last answers for its complaint
sale_before as (
    select
        service_case.source_system,
        service_case.source_key,
        service_case.customer_key,
        service_case.opened_date,
        purchase.source_system as order_source,
        purchase.source_key as order_key
    from service_case
    left join {{ ref('int_customer_purchase') }} as purchase
        on
            service_case.customer_key = purchase.customer_key
            and purchase.purchase_date <= service_case.opened_date
    qualify row_number() over (
        partition by service_case.source_system, service_case.source_key
        order by purchase.purchase_number desc nulls last, purchase.source_system, purchase.source_key
    ) = 1
),

complaint as (
    select
        sale_before.source_system,
        sale_before.source_key,
        sale_before.customer_key,
        sale_before.opened_date,
        coalesce(credit.employee_id, 'unassigned') as employee_id,
        coalesce(credit.credit_share, 1) as credit_share
    from sale_before
    left join {{ ref('int_order_credit') }} as credit
        on sale_before.order_source = credit.source_system and sale_before.order_key = credit.order_key
),

sale as (
    select
        purchase.source_system,
        purchase.source_key,
        purchase.customer_key,
        purchase.purchase_date,
        credit.employee_id,
        credit.credit_share
    from {{ ref('int_customer_purchase') }} as purchase
    inner join {{ ref('int_order_credit') }} as credit
        on purchase.source_system = credit.source_system and purchase.source_key = credit.order_key
    -- orders alone say nothing about complaints
    where exists (select 1 from service_case)
)

-- hours are minutes by 60 minutes a case: nothing is rounded before the sum
{{ metric_event('cases_opened', 'service_case', 'opened_date', '1', 'service_case') }}
union all
{{ metric_event(
    'first_response_hours', 'service_case', 'first_response_date', 'first_response_minutes', 'service_case',
    denominator='60', where='first_response_date is not null'
) }}
union all
{{ metric_event(
    'resolution_hours', 'service_case', 'closed_date', 'resolution_minutes', 'service_case',
    denominator='60', where="status = 'closed' and closed_date is not null"
) }}
union all
{{ metric_event(
    'reopen_rate', 'service_case', 'closed_date', 'case when reopened_count > 0 then 1 else 0 end', 'service_case',
    denominator='1', where="status = 'closed' and closed_date is not null and reopened_count is not null"
) }}
union all
{{ metric_event('complaint_rate', 'complaint', 'opened_date', 'credit_share', 'service_case', denominator='0') }}
union all
{{ metric_event('complaint_rate', 'sale', 'purchase_date', '0', 'sales_order', denominator='credit_share') }}
