-- Grain: one row per service case: who handles it and whose it is.
select
    service_case.source_system,
    service_case.source_key,
    {{ resolved('owner', 'employee_id') }} as owner_employee_id,
    account.customer_key,
    account.account_owner_employee_id
from {{ ref('service_case') }} as service_case
{{ join_reference(ref('int_employee_alias'), 'service_case', 'owner_employee_key', 'owner') }}
left join {{ ref('int_account_owner') }} as account
    on
        service_case.source_system = account.source_system
        and service_case.customer_record_key = account.source_key
-- a record that came twice has one owner; the gate sees that it came twice
qualify row_number() over (
    partition by service_case.source_system, service_case.source_key order by service_case.load_id, owner_employee_id
) = 1
