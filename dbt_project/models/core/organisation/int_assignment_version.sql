-- Grain: one row per assignment record and version that said something new, references resolved as they are known today.
with resolved_version as (
    select
        version.*,
        coalesce({{ resolved('employee', 'employee_id') }}, version.employee_key) as employee_id,
        coalesce({{ resolved('unit', 'org_unit_id') }}, version.unit_key) as org_unit_id,
        coalesce({{ resolved('manager', 'employee_id') }}, version.manager_employee_key) as manager_employee_id
    from {{ ref('stg_all__assignment_version') }} as version
    {{ join_reference(ref('int_employee_alias'), 'version', 'employee_key', 'employee') }}
    {{ join_reference(ref('int_unit_alias'), 'version', 'unit_key', 'unit') }}
    {{ join_reference(ref('int_employee_alias'), 'version', 'manager_employee_key', 'manager') }}
)

select
    source_system,
    record_key,
    version_number,
    source_key,
    employee_id,
    org_unit_id,
    role,
    manager_employee_id,
    is_primary,
    time_share,
    valid_from,
    valid_to,
    is_deleted,
    is_latest,
    recorded_from,
    recorded_to,
    load_id
from (
    {{ recorded_versions(
        'resolved_version',
        ['employee_id', 'org_unit_id', 'role', 'manager_employee_id', 'is_primary', 'time_share']
    ) }}
) as recorded
