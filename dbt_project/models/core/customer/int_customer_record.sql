-- Grain: one row per customer record of a source, with what is known of it; the evidence in normalised form.
select
    record.source_system,
    record.source_key,
    record.load_id,
    normalised.party_type,
    record.customer_name,
    record.country,
    record.province,
    record.city,
    record.industry,
    record.created_date,
    {{ resolved('owner', 'employee_id') }} as owner_employee_id,
    normalised.tax_id as tax_id_normalised,
    normalised.email_domain
from {{ ref('customer_record') }} as record
inner join {{ ref('int_customer_normalised') }} as normalised
    on record.source_system = normalised.source_system and record.source_key = normalised.source_key
{{ join_reference(ref('int_employee_alias'), 'record', 'owner_employee_key', 'owner') }}
