-- Grain: one row per customer record of a source, with the evidence that can make two records one customer.
with legal_form as (
    select
        {{ join_text("case when language = 'zh' then legal_form end", '|', 'length(legal_form) desc, legal_form') }} as zh,
        {{ join_text("case when language = 'en' then legal_form end", '|', 'length(legal_form) desc, legal_form') }} as en
    from {{ ref('legal_form') }}
),

cleaned as (
    select
        record.source_system,
        record.source_key,
        record.load_id,
        record.party_type,
        record.customer_name,
        record.country,
        record.province,
        record.city,
        record.industry,
        record.created_date,
        {{ resolved('owner', 'employee_id') }} as owner_employee_id,
        {{ replace_all(half_width("upper(coalesce(record.tax_id, ''))"), "'[^0-9A-Z]'", "''") }} as tax_text,
        lower(trim(split_part({{ half_width("coalesce(record.email, '')") }}, '@', 2))) as domain_text,
        -- full stops and apostrophes join (S.A. -> sa), every other sign parts words
        trim({{ replace_all(
            replace_all("lower(" ~ half_width("record.customer_name") ~ ")", "'[.''’]'", "''"),
            "'[^\\p{L}\\p{N}]+'",
            "' '"
        ) }}) as name_text
    from {{ ref('customer_record') }} as record
    {{ join_reference(ref('int_employee_alias'), 'record', 'owner_employee_key', 'owner') }}
)

select
    cleaned.source_system,
    cleaned.source_key,
    cleaned.load_id,
    cleaned.party_type,
    cleaned.customer_name,
    cleaned.country,
    cleaned.province,
    cleaned.city,
    cleaned.industry,
    cleaned.created_date,
    cleaned.owner_employee_id,
    -- shorter than five characters, or one character repeated (000000), is a placeholder
    case
        when length(cleaned.tax_text) >= 5 and replace(cleaned.tax_text, left(cleaned.tax_text, 1), '') <> ''
            then cleaned.tax_text
    end as tax_id_normalised,
    case when free_mail.domain is null then nullif(cleaned.domain_text, '') end as email_domain,
    nullif(
        replace(
            {{ replace_all(
                replace_all("cleaned.name_text", "'( (' || legal_form.en || '))+$'", "''"),
                "'(' || legal_form.zh || ')+$'",
                "''"
            ) }},
            ' ',
            ''
        ),
        ''
    ) as name_normalised
from cleaned
cross join legal_form
left join {{ ref('free_mail_domain') }} as free_mail
    on cleaned.domain_text = free_mail.domain
