-- Grain: one row per contact; the latest version wins.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    account_id as customer_record_key,
    name as contact_name,
    email,
    coalesce(phone, mobile) as phone,
    job_title,
    _deleted as is_deleted
from {{ latest_version(source('fxiaoke', 'contact')) }} as contact
