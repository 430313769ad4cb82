-- Grain: one row per opportunity, owner and customer resolved.
select
    opportunity.source_system,
    opportunity.source_key,
    opportunity.load_id,
    opportunity.opportunity_name,
    opportunity.status,
    opportunity.created_date,
    opportunity.closed_date,
    opportunity.expected_close_date,
    opportunity.stage,
    opportunity.probability,
    opportunity.amount,
    opportunity.currency,
    {{ resolved('owner', 'employee_id') }} as owner_employee_id,
    account.customer_key
from {{ ref('opportunity') }} as opportunity
{{ join_reference(ref('int_employee_alias'), 'opportunity', 'owner_employee_key', 'owner') }}
left join {{ ref('int_account_owner') }} as account
    on
        opportunity.source_system = account.source_system
        and opportunity.customer_record_key = account.source_key
