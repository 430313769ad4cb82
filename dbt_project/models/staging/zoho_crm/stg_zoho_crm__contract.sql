-- Grain: one row per quote and contract; the latest version wins. Both name the last day they hold.
-- Contracts are a module of the account's own; `columns.contract` names its fields.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    'quote' as contract_type,
    quote_number as contract_number,
    account_name_id as customer_record_key,
    deal_name_id as opportunity_key,
    owner_id as owner_employee_key,
    case when is_agreed then 'agreed' when is_rejected then 'rejected' else 'open' end as status,
    cast(sub_total - coalesce(discount, 0) as decimal(28, 6)) as amount,
    currency,
    {{ company_date('created_time') }} as created_date,
    {{ company_date('created_time') }} as valid_from,
    {{ add_days('valid_till', 1) }} as valid_to,
    _deleted as is_deleted
from {{ latest_version(source('zoho_crm', 'quote')) }} as quote

union all

select
    _source,
    _key,
    _load_id,
    'contract',
    contract_number,
    customer_id,
    deal_id,
    owner_id,
    case when is_agreed then 'agreed' when is_rejected then 'rejected' else 'open' end,
    cast(amount as decimal(28, 6)),
    currency,
    {{ company_date('created_time') }},
    valid_from,
    {{ add_days('valid_to', 1) }},
    _deleted
from {{ latest_version(source('zoho_crm', 'contract')) }} as contract
