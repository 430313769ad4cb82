-- Grain: one row per lead; the latest version wins. A lead in a queue (owner 00G...) has no owner yet.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    name as lead_name,
    company as company_name,
    case when owner_id like '005%' then owner_id end as owner_employee_key,
    case when is_converted then 'converted' when is_lost then 'lost' else 'open' end as status,
    lead_source as source_channel,
    {{ company_date('created_date') }} as created_date,
    converted_date,
    converted_opportunity_id as converted_opportunity_key,
    _deleted as is_deleted
from {{ latest_version(source('salesforce', 'lead')) }} as lead
