-- Grain: one row per unified customer. Each field is the first known by record: with tax id first, then by source and key.
with ranked as (
    select
        customer_source.customer_key,
        record.*,
        row_number() over (
            partition by customer_source.customer_key
            order by (record.tax_id_normalised is null), record.source_system, record.source_key
        ) as preference
    from {{ ref('int_customer_record') }} as record
    inner join {{ ref('customer_source') }} as customer_source
        on record.source_system = customer_source.source_system and record.source_key = customer_source.source_key
)

select
    customer_key,
    {{ first_known('customer_name', 'preference') }} as customer_name,
    {{ first_known('party_type', 'preference') }} as party_type,
    {{ first_known('tax_id_normalised', 'preference') }} as tax_id,
    {{ first_known('email_domain', 'preference') }} as email_domain,
    {{ first_known('country', 'preference') }} as country,
    {{ first_known('province', 'preference') }} as province,
    {{ first_known('city', 'preference') }} as city,
    {{ first_known('industry', 'preference') }} as industry,
    {{ first_known('owner_employee_id', 'preference') }} as owner_employee_id,
    min(created_date) as created_date,
    cast(count(*) as integer) as record_count
from ranked
group by customer_key
