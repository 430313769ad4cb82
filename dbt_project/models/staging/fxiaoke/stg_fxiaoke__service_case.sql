-- Grain: one row per case; the latest version wins. A case nobody took yet has no owner.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    number as case_number,
    account_id as customer_record_key,
    owner as owner_employee_key,
    case when is_closed then 'closed' else 'open' end as status,
    coalesce(priority_label, priority) as priority,
    {{ utc_timestamp('created_at') }} as opened_at,
    {{ utc_timestamp('closed_at') }} as closed_at,
    {{ utc_timestamp('first_response_at') }} as first_response_at,
    cast(reopened_count as integer) as reopened_count,
    _deleted as is_deleted
from {{ latest_version(source('fxiaoke', 'case')) }} as service_case
