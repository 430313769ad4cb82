-- Grain: one row per service case, owner and customer resolved, with its business hours.
select
    service_case.source_system,
    service_case.source_key,
    service_case.case_number,
    service_case.status,
    service_case.opened_at,
    service_case.first_response_at,
    service_case.closed_at,
    cast({{ company_time('service_case.opened_at') }} as date) as opened_date,
    cast({{ company_time('service_case.first_response_at') }} as date) as first_response_date,
    cast({{ company_time('service_case.closed_at') }} as date) as closed_date,
    service_case.reopened_count,
    {{ business_minutes('service_case.opened_at', 'service_case.first_response_at', 'opened', 'responded') }} as first_response_minutes,
    {{ business_minutes('service_case.opened_at', 'service_case.closed_at', 'opened', 'closed') }} as resolution_minutes,
    {{ resolved('owner', 'employee_id') }} as owner_employee_id,
    account.customer_key
from {{ ref('service_case') }} as service_case
{{ join_day('service_case.opened_at', 'opened') }}
{{ join_day('service_case.first_response_at', 'responded') }}
{{ join_day('service_case.closed_at', 'closed') }}
{{ join_reference(ref('int_employee_alias'), 'service_case', 'owner_employee_key', 'owner') }}
left join {{ ref('int_account_owner') }} as account
    on
        service_case.source_system = account.source_system
        and service_case.customer_record_key = account.source_key
