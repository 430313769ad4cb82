-- Grain: one row per unified customer and field that one of its records knows: the value that survives, the record it
-- comes from and the rule that decided. The rules of each field stand in the seed `customer_survivorship`.
{% set address = ['country', 'province', 'city', 'district', 'street', 'postal_code'] %}
-- field -> value shown, value compared when spellings are counted
{% set fields = {
    'customer_name': ['customer_name', 'name_core'],
    'party_type': ['party_type', 'party_type'],
    'tax_id': ['tax_id', 'tax_id'],
    'registry_id': ['registry_id', 'registry_id'],
    'email': ['email', 'email'],
    'email_domain': ['email_domain', 'email_domain'],
    'phone': ['phone', 'phone'],
    'website': ['website', 'website_domain'],
    'country': ['country', 'country'],
    'province': ['province', 'province'],
    'city': ['city', 'city'],
    'district': ['district', 'district'],
    'street': ['street', 'street'],
    'postal_code': ['postal_code', 'postal_code'],
    'industry': ['industry', 'lower(industry)'],
    'owner_employee_id': ['owner_employee_id', 'owner_employee_id'],
} %}
{% set positions = survivorship_positions() %}
with evidence as (
    select
        customer_source.customer_key,
        record.source_system,
        record.source_key,
        source.customer_priority,
        record.created_date,
        nullif(trim(record.customer_name), '') as customer_name,
        normalised.name_core,
        record.other_names,
        normalised.party_type,
        normalised.tax_id,
        normalised.tax_id_valid,
        normalised.registry_id,
        normalised.registry_id_valid,
        coalesce(normalised.email, nullif(trim(record.email), '')) as email,
        normalised.email_domain,
        coalesce(normalised.phone, nullif(trim(record.phone), '')) as phone,
        nullif(trim(record.website), '') as website,
        normalised.website_domain,
        -- as written; where the source leaves it to the street, as read from there
        {%- for field in address %}
        {% if field in ['street'] -%}
        nullif(trim(record.{{ field }}), '') as {{ field }},
        {%- else -%}
        coalesce(nullif(trim(record.{{ field }}), ''), normalised.{{ field }}) as {{ field }},
        {%- endif %}
        {%- endfor %}
        nullif(trim(record.industry), '') as industry,
        {{ resolved('owner', 'employee_id') }} as owner_employee_id,
        {% for field in address %}
        {{ '+ ' if not loop.first }}case when trim(record.{{ field }}) <> '' then 1 else 0 end
        {%- endfor %} as address_parts
    from {{ ref('customer_record') }} as record
    inner join {{ ref('customer_source') }} as customer_source
        on record.source_system = customer_source.source_system and record.source_key = customer_source.source_key
    left join {{ ref('int_customer_normalised') }} as normalised
        on record.source_system = normalised.source_system and record.source_key = normalised.source_key
    left join {{ source('config', 'source') }} as source
        on record.source_system = source.source_system
    {{ join_reference(ref('int_employee_alias'), 'record', 'owner_employee_key', 'owner') }}
),

-- every name of a record: its own, and each of the other names it lists
name as (
    select customer_key, source_system, source_key, customer_priority, created_date, customer_name as name
    from evidence
    where customer_name is not null

    union all

    select customer_key, source_system, source_key, customer_priority, created_date, trim(part) as name
    from (
        select *, {{ parts_of('other_names', ';') }} as part
        from evidence
        where other_names is not null
    ) as listed
    where trim(part) <> ''
),

candidate as (
    {% for field, values in fields.items() %}
    {% if not loop.first %}union all{% endif %}
    select
        customer_key,
        '{{ field }}' as field,
        {{ values[0] }} as value,
        coalesce({{ values[1] }}, {{ values[0] }}) as compared_value,
        source_system,
        source_key,
        customer_priority,
        created_date,
        address_parts,
        {{ field ~ '_valid' if field in ['tax_id', 'registry_id'] else 'false' }} as is_valid
    from evidence
    where {{ values[0] }} is not null
    {% endfor %}

    union all

    -- written in Latin letters only: nothing beyond the Latin blocks and general punctuation
    select customer_key, 'name_en', name, lower(name), source_system, source_key, customer_priority, created_date, 0, false
    from name
    where
        regexp_matches(name, '[A-Za-z]')
        and not regexp_matches(name, '[^\x{0000}-\x{024F}\x{1E00}-\x{1EFF}\x{2000}-\x{206F}]')
),

-- nearly all fields of nearly all customers have one value: only the rest has anything to decide
told as (
    select
        customer_key,
        field,
        min(value) as value,
        min(source_system || chr(1) || source_key) as first_record,
        min(value) = max(value) as is_agreed
    from candidate
    group by customer_key, field
),

rules as (
    select
        field
        {%- for position in positions %},
        max(case when position = {{ position }} then rule end) as rule_{{ position }}
        {%- endfor %}
    from {{ ref('customer_survivorship') }}
    group by field
),

contested as (
    select candidate.*
    from candidate
    inner join told
        on candidate.customer_key = told.customer_key and candidate.field = told.field
    where not told.is_agreed
),

scored as (
    select
        contested.*,
        {% for position in positions %}
        rules.rule_{{ position }},
        {{ survivorship_score('rules.rule_' ~ position) }} as score_{{ position }}{{ ',' if not loop.last }}
        {% endfor %}
    from contested
    inner join rules using (field)
),

survivor as (
    select
        customer_key,
        field,
        value,
        split_part(first_record, chr(1), 1) as source_system,
        split_part(first_record, chr(1), 2) as source_key,
        'only_value' as survivorship_rule
    from told
    where is_agreed

    union all

    select
        customer_key,
        field,
        value,
        source_system,
        source_key,
        -- the first rule after which only one value is left
        case
            {% for position in positions %}
            {%- set group %}customer_key, field{% for known in range(1, position + 1) %}, score_{{ known }}{% endfor %}{% endset %}
            when min(value) over (partition by {{ group }}) = max(value) over (partition by {{ group }})
                then rule_{{ position }}
            {% endfor %}
            else 'first_record'
        end as survivorship_rule
    from scored
    qualify row_number() over (
        partition by customer_key, field
        order by
            {%- for position in positions %} score_{{ position }} desc nulls last,{% endfor %} source_system, source_key, value
    ) = 1
),

other_name as (
    select
        name.customer_key,
        name.name,
        min(name.source_system || chr(1) || name.source_key) as first_record
    from name
    left join survivor as shown
        on name.customer_key = shown.customer_key and shown.field = 'customer_name'
    where name.name is distinct from shown.value
    group by name.customer_key, name.name
)

select
    customer_key,
    field,
    cast(value as varchar) as value,
    source_system,
    source_key,
    survivorship_rule
from survivor

union all

select
    customer_key,
    'other_names' as field,
    {{ join_text('name', '; ', 'name') }} as value,
    split_part(min(first_record), chr(1), 1) as source_system,
    split_part(min(first_record), chr(1), 2) as source_key,
    'all_values' as survivorship_rule
from other_name
group by customer_key
