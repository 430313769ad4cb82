{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_days('booked_date') }}") }}
-- Grain: one row per confirmed order line and credited employee.
with credited as (
    select
        line.source_system,
        line.source_key,
        line.load_id,
        line.order_key,
        sales_order.order_number,
        line.line_number,
        line.product_key,
        sales_order.customer_key,
        coalesce(territory.employee_id, credit.employee_id, 'unassigned') as employee_id,
        coalesce(credit.credit_share, cast(1 as decimal(18, 9))) as credit_share,
        case
            when line.is_return then 'return' else coalesce(territory.credit_rule, credit.credit_rule, 'unassigned')
        end as credit_rule,
        sales_order.order_date as booked_date,
        sales_order.currency,
        line.net_amount,
        rate.rate as exchange_rate,
        {{ amount_times('line.net_amount', 'rate.rate') }} as reporting_amount
    from {{ ref('int_sales_order_line') }} as line
    inner join {{ ref('int_sales_order') }} as sales_order
        on line.source_system = sales_order.source_system and line.order_key = sales_order.source_key
    left join {{ ref('int_line_territory') }} as territory
        on
            line.source_system = territory.source_system
            and line.credit_line_key = territory.line_key
            and territory.decides
    left join {{ ref('int_order_rule_credit') }} as credit
        on
            line.source_system = credit.source_system
            and line.credit_order_key = credit.order_key
            and territory.line_key is null
    left join {{ ref('int_exchange_rate') }} as rate
        on
            sales_order.currency = rate.currency
            and sales_order.order_date >= rate.valid_from
            and sales_order.order_date < rate.valid_to
    where sales_order.status = 'confirmed' and {{ in_rebuilt_days('sales_order.order_date') }}
)

select
    credited.source_system,
    credited.source_key,
    credited.order_key,
    credited.order_number,
    credited.line_number,
    credited.product_key,
    credited.customer_key,
    credited.employee_id,
    coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
    posting.manager_employee_id,
    credited.booked_date,
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
        and credited.booked_date >= posting.valid_from
        and credited.booked_date < posting.valid_to
