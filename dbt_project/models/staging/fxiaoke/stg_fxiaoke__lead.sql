-- Grain: one row per lead; the latest version wins. A lead in a pool has no owner yet.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    name as lead_name,
    company as company_name,
    owner as owner_employee_key,
    case when is_converted then 'converted' when is_lost then 'lost' else 'open' end as status,
    coalesce(source_label, source) as source_channel,
    {{ company_date('created_at') }} as created_date,
    {{ company_date('converted_at') }} as converted_date,
    opportunity_id as converted_opportunity_key,
    _deleted as is_deleted
from {{ latest_version(source('fxiaoke', 'lead')) }} as lead
