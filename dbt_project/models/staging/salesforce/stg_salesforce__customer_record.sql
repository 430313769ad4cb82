-- Grain: one row per account (deleted and merged ones marked); the latest version wins.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    case when coalesce(is_person_account, false) then 'person' else 'organisation' end as party_type,
    name as customer_name,
    tax_id,
    coalesce(email, person_email) as email,
    phone,
    website,
    coalesce(billing_country, billing_country_code) as country,
    coalesce(billing_state, billing_state_code) as province,
    billing_city as city,
    billing_street as street,
    billing_postal_code as postal_code,
    industry,
    parent_id as parent_record_key,
    owner_id as owner_employee_key,
    {{ company_date('created_date') }} as created_date,
    _deleted as is_deleted
from {{ latest_version(source('salesforce', 'account')) }} as account
