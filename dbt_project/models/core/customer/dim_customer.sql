-- Grain: one row per unified customer. What survives of its records' fields, and why, is in `dim_customer_field`.
{% set fields = [
    'customer_name', 'name_en', 'other_names', 'party_type', 'tax_id', 'registry_id', 'email', 'email_domain', 'phone',
    'website', 'country', 'province', 'city', 'district', 'street', 'postal_code', 'industry', 'owner_employee_id',
] %}
with known as (
    select
        customer_key
        {%- for field in fields %},
        max(case when field = '{{ field }}' then value end) as {{ field }}
        {%- endfor %}
    from {{ ref('dim_customer_field') }}
    group by customer_key
),

counted as (
    select
        customer_source.customer_key,
        min(record.created_date) as created_date,
        cast(count(*) as integer) as record_count
    from {{ ref('customer_source') }} as customer_source
    inner join {{ ref('customer_record') }} as record
        on customer_source.source_system = record.source_system and customer_source.source_key = record.source_key
    group by customer_source.customer_key
)

select
    counted.customer_key,
    {%- for field in fields %}
    known.{{ field }},
    {%- endfor %}
    parent.parent_customer_key,
    coalesce(parent.ultimate_parent_customer_key, counted.customer_key) as ultimate_parent_customer_key,
    counted.created_date,
    counted.record_count
from counted
left join known
    on counted.customer_key = known.customer_key
left join {{ ref('int_customer_hierarchy') }} as parent
    on counted.customer_key = parent.customer_key and parent.is_used
