-- Grain: one row per quote and contract; the latest version wins. Both name the last day they hold.
-- A quote's amount is its TotalPrice, which is without tax; a contract's is the org's own field.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    'quote' as contract_type,
    quote_number as contract_number,
    account_id as customer_record_key,
    opportunity_id as opportunity_key,
    case when owner_id like '005%' then owner_id end as owner_employee_key,
    case when is_agreed then 'agreed' when is_rejected then 'rejected' else 'open' end as status,
    cast(total_price as decimal(28, 6)) as amount,
    currency_iso_code as currency,
    {{ company_date('created_date') }} as created_date,
    {{ company_date('created_date') }} as valid_from,
    {{ add_days('expiration_date', 1) }} as valid_to,
    _deleted as is_deleted
from {{ latest_version(source('salesforce', 'quote')) }} as quote

union all

select
    _source,
    _key,
    _load_id,
    'contract',
    contract_number,
    account_id,
    opportunity_id,
    case when owner_id like '005%' then owner_id end,
    case when is_agreed then 'agreed' when is_rejected then 'rejected' else 'open' end,
    cast(amount as decimal(28, 6)),
    currency_iso_code,
    {{ company_date('created_date') }},
    start_date,
    {{ add_days('end_date', 1) }},
    _deleted
from {{ latest_version(source('salesforce', 'contract')) }} as contract
