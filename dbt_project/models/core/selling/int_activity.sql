{{ config(materialized='table_by_parts', part_by='source_key') }}
-- Grain: one row per activity, employee and customer (its own, else its opportunity's) resolved.
select
    activity.source_system,
    activity.source_key,
    activity.load_id,
    activity.activity_type,
    activity.status,
    activity.outcome,
    activity.activity_date,
    {{ resolved('doer', 'employee_id') }} as employee_id,
    coalesce(account.customer_key, opportunity.customer_key) as customer_key
from {{ ref('activity') }} as activity
{{ join_reference(ref('int_employee_alias'), 'activity', 'employee_key', 'doer') }}
left join {{ ref('int_account_owner') }} as account
    on activity.source_system = account.source_system and activity.customer_record_key = account.source_key
left join {{ ref('int_opportunity') }} as opportunity
    on activity.source_system = opportunity.source_system and activity.opportunity_key = opportunity.source_key
