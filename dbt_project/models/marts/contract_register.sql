-- Grain: one row per quote and contract, with its unified customer, its owner, and whether it stands on the as-of date:
-- a contract once it is agreed, a quote while the customer may still take it.
select
    contract.source_system,
    contract.source_key,
    contract.contract_type,
    contract.contract_number,
    account.customer_key,
    contract.opportunity_key,
    coalesce({{ resolved('owner', 'employee_id') }}, 'unassigned') as employee_id,
    contract.status,
    contract.amount,
    contract.currency,
    contract.created_date,
    contract.valid_from,
    contract.valid_to,
    contract.status = case contract.contract_type when 'quote' then 'open' else 'agreed' end
    and coalesce(contract.valid_from, contract.created_date) <= company.as_of_date
    and (contract.valid_to is null or contract.valid_to > company.as_of_date) as is_in_force
from {{ ref('contract') }} as contract
cross join {{ source('config', 'company') }} as company
{{ join_reference(ref('int_employee_alias'), 'contract', 'owner_employee_key', 'owner') }}
left join {{ ref('int_account_owner') }} as account
    on
        contract.source_system = account.source_system
        and contract.customer_record_key = account.source_key
