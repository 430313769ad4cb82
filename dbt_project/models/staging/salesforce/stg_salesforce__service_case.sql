-- Grain: one row per case; the latest version wins. A case in a queue (owner 00G...) has no owner yet.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    case_number,
    account_id as customer_record_key,
    case when owner_id like '005%' then owner_id end as owner_employee_key,
    case when is_closed then 'closed' else 'open' end as status,
    priority,
    {{ utc_timestamp('created_date') }} as opened_at,
    {{ utc_timestamp('closed_date') }} as closed_at,
    {{ utc_timestamp('first_response_at') }} as first_response_at,
    cast(reopened_count as integer) as reopened_count,
    _deleted as is_deleted
from {{ latest_version(source('salesforce', 'case')) }} as service_case
