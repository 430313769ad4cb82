-- Grain: one row per lead, converted ones included; the latest version wins.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    full_name as lead_name,
    company as company_name,
    owner_id as owner_employee_key,
    case when is_converted then 'converted' when is_lost then 'lost' else 'open' end as status,
    lead_source as source_channel,
    {{ company_date('created_time') }} as created_date,
    case when is_converted then {{ company_date('converted_at') }} end as converted_date,
    converted_deal_id as converted_opportunity_key,
    _deleted as is_deleted
from {{ latest_version(source('zoho_crm', 'lead')) }} as lead
