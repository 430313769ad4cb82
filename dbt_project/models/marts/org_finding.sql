-- Grain: one row per finding about the organisation and stretch of days it holds. Reported, never blocking: what may not
-- be published at all stands in the gate's rules. The words are those of the seed `org_finding_type`.
with finding as (
    {% for model in ['int_finding_posting', 'int_finding_manager', 'int_finding_unit', 'int_finding_conflict', 'int_finding_owner'] %}
    {% if not loop.first %}union all{% endif %}
    select
        finding_type,
        subject_id,
        valid_from,
        valid_to,
        own_value,
        other_value,
        source_system,
        source_key,
        other_source_system,
        other_source_key
    from {{ ref(model) }}
    {% endfor %}
),

identified as (
    select
        *,
        md5(concat_ws(
            '|', finding_type, subject_id, cast(valid_from as varchar), coalesce(source_system, ''),
            coalesce(source_key, ''), coalesce(other_source_system, ''), coalesce(other_source_key, ''),
            -- an owner's records are told apart by what they are
            case when finding_type like 'owner%' then own_value else '' end
        )) as finding_id
    from finding
),

-- a record that landed twice is one finding
single as (
    select *
    from identified
    qualify row_number() over (partition by finding_id order by valid_to, own_value, other_value) = 1
),

-- what people, units and kinds of records are called; a name that nobody knows stays as it is written
known_name as (
    select
        'employee' as kind,
        employee_id as id,
        {{ named('employee_name', 'employee_id') }} as name_zh,
        {{ named('employee_name', 'employee_id') }} as name_en
    from {{ ref('dim_employee') }}
    union all
    select
        'org_unit',
        org_unit_id,
        {{ named('unit_name', 'org_unit_id') }},
        {{ named('coalesce(unit_name_en, unit_name)', 'org_unit_id') }}
    from {{ ref('dim_org_unit') }}
    qualify row_number() over (partition by org_unit_id order by valid_from desc) = 1
    union all
    select 'record', 'opportunity', '商机', 'opportunity'
    union all
    select 'record', 'service_case', '服务工单', 'case'
    union all
    select 'record', 'customer_record', '客户', 'customer'
)

select
    finding.finding_id,
    finding.finding_type,
    kind.severity,
    kind.subject_type,
    finding.subject_id,
    finding.valid_from,
    finding.valid_to,
    finding.valid_from <= company.as_of_date and company.as_of_date < finding.valid_to as is_current,
    finding.own_value,
    finding.other_value,
    finding.source_system,
    finding.source_key,
    finding.other_source_system,
    finding.other_source_key,
    {% for language, open_end in [('zh', '至今'), ('en', 'open')] %}
    replace(replace(replace(replace(replace(
        kind.text_{{ language }},
        '{subject}', coalesce(subject.name_{{ language }}, finding.subject_id, '?')),
        '{own}', coalesce(own.name_{{ language }}, finding.own_value, '?')),
        '{other}', coalesce(other.name_{{ language }}, finding.other_value, '?')),
        '{from}', cast(finding.valid_from as varchar)),
        '{to}',
        case when finding.valid_to = date '9999-12-31' then '{{ open_end }}' else cast(finding.valid_to as varchar) end
    ) as text_{{ language }}{{ "," if not loop.last }}
    {% endfor %}
from single as finding
-- a type without words would show as a row without severity, which the gate refuses, never as a finding less
left join {{ ref('org_finding_type') }} as kind
    on finding.finding_type = kind.finding_type
cross join {{ source('config', 'company') }} as company
left join known_name as subject
    on kind.subject_type = subject.kind and finding.subject_id = subject.id
left join known_name as own
    on kind.own_type = own.kind and finding.own_value = own.id
left join known_name as other
    on kind.other_type = other.kind and finding.other_value = other.id
