-- Grain: one row per subject, metric and period: the highest version of its target.
with resolved_target as (
    select
        target.subject_type,
        case target.subject_type
            when 'employee' then employee.employee_id
            when 'org_unit' then {{ resolved('unit', 'org_unit_id') }}
            else 'company'
        end as subject_id,
        target.metric,
        target.period_type,
        target.period_start,
        target.target_value,
        target.version,
        target.source_system,
        target.source_key
    from {{ ref('target') }} as target
    left join {{ ref('int_employee_alias') }} as employee
        on employee.source_system = '*' and lower(target.subject_ref) = employee.alias
    {{ join_reference(ref('int_unit_alias'), 'target', 'subject_ref', 'unit') }}
)

select
    subject_type,
    subject_id,
    metric,
    period_type,
    period_start,
    target_value,
    version as target_version
from resolved_target
where subject_id is not null
qualify row_number() over (
    partition by subject_type, subject_id, metric, period_type, period_start
    order by version desc, source_system, source_key
) = 1
