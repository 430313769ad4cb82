{{ config(materialized='table_by_parts', part_by='source_key') }}
-- Grain: one row per order, with everyone a credit rule may name.
select
    sales_order.source_system,
    sales_order.source_key,
    sales_order.load_id,
    sales_order.order_number,
    sales_order.status,
    sales_order.order_date,
    sales_order.currency,
    sales_order.net_amount,
    coalesce(account.customer_key, opportunity.customer_key) as customer_key,
    {{ resolved('owner', 'employee_id') }} as owner_employee_id,
    opportunity.owner_employee_id as opportunity_owner_employee_id,
    account.account_owner_employee_id
from {{ ref('sales_order') }} as sales_order
{{ join_reference(ref('int_employee_alias'), 'sales_order', 'owner_employee_key', 'owner') }}
left join {{ ref('int_account_owner') }} as account
    on sales_order.source_system = account.source_system and sales_order.customer_record_key = account.source_key
left join {{ ref('int_opportunity') }} as opportunity
    on sales_order.source_system = opportunity.source_system and sales_order.opportunity_key = opportunity.source_key
