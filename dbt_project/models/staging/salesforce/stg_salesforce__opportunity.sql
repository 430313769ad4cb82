-- Grain: one row per opportunity; the latest version wins. CloseDate is a plain date: no time zone shift.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    name as opportunity_name,
    account_id as customer_record_key,
    owner_id as owner_employee_key,
    stage_name as stage,
    case when is_won then 'won' when is_closed then 'lost' else 'open' end as status,
    cast(amount as decimal(28, 6)) as amount,
    currency_iso_code as currency,
    cast(cast(probability as decimal(9, 4)) * cast(0.01 as decimal(3, 2)) as decimal(9, 6)) as probability,
    {{ company_date('created_date') }} as created_date,
    close_date as expected_close_date,
    case when is_closed then close_date end as closed_date,
    _deleted as is_deleted
from {{ latest_version(source('salesforce', 'opportunity')) }} as opportunity
