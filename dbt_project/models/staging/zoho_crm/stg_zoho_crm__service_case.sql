-- Grain: one row per case; the latest version wins.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    case_number,
    account_name_id as customer_record_key,
    owner_id as owner_employee_key,
    case when is_closed then 'closed' else 'open' end as status,
    priority,
    {{ utc_timestamp('created_time') }} as opened_at,
    {{ utc_timestamp('closed_at') }} as closed_at,
    {{ utc_timestamp('first_response_at') }} as first_response_at,
    cast(reopened_count as integer) as reopened_count,
    _deleted as is_deleted
from {{ latest_version(source('zoho_crm', 'case')) }} as service_case
