-- Grain: one row per contact; the latest version wins.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    account_id as customer_record_key,
    name as contact_name,
    email,
    coalesce(phone, mobile_phone) as phone,
    title as job_title,
    _deleted as is_deleted
from {{ latest_version(source('salesforce', 'contact')) }} as contact
