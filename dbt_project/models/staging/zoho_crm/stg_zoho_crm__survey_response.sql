-- Grain: one row per case whose customer was asked how content they are; the latest version wins.
select
    _source as source_system,
    _key as source_key,
    _load_id as load_id,
    'customer' as respondent_type,
    'csat' as metric,
    cast(null as varchar) as question,
    cast(satisfaction as decimal(9, 3)) as score,
    cast(satisfaction_scale as decimal(9, 3)) as scale_max,
    coalesce({{ company_date('closed_at') }}, {{ company_date('modified_time') }}) as responded_date,
    account_name_id as customer_record_key,
    _key as case_key,
    owner_id as employee_key,
    _deleted as is_deleted
from {{ latest_version(source('zoho_crm', 'case')) }} as service_case
where satisfaction is not null
