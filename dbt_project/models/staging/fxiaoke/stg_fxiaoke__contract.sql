-- Grain: one row per quote and contract; the latest version wins. Both name the last day they hold.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    'quote' as contract_type,
    name as contract_number,
    account_id as customer_record_key,
    opportunity_id as opportunity_key,
    owner as owner_employee_key,
    case when is_agreed then 'agreed' when is_rejected then 'rejected' else 'open' end as status,
    cast(amount as decimal(28, 6)) as amount,
    currency,
    coalesce(quoted_on, {{ company_date('created_at') }}) as created_date,
    coalesce(quoted_on, {{ company_date('created_at') }}) as valid_from,
    {{ add_days('valid_until', 1) }} as valid_to,
    _deleted as is_deleted
from {{ latest_version(source('fxiaoke', 'quote')) }} as quote

union all

select
    _source,
    _key,
    _load_id,
    'contract',
    name,
    account_id,
    opportunity_id,
    owner,
    case when is_agreed then 'agreed' when is_rejected then 'rejected' else 'open' end,
    cast(amount as decimal(28, 6)),
    currency,
    {{ company_date('coalesce(confirmed_at, created_at)') }},
    starts_on,
    {{ add_days('ends_on', 1) }},
    _deleted
from {{ latest_version(source('fxiaoke', 'contract')) }} as contract
