-- Grain: one row per unit record and version that said something new, references resolved as they are known today.
with resolved_version as (
    select
        version.*,
        coalesce(nullif(trim(version.unit_code), ''), version.source_system || ':' || version.source_key) as org_unit_id,
        coalesce({{ resolved('parent', 'org_unit_id') }}, version.parent_unit_key) as parent_org_unit_id
    from {{ ref('stg_all__org_unit_version') }} as version
    {{ join_reference(ref('int_unit_alias'), 'version', 'parent_unit_key', 'parent') }}
)

select
    source_system,
    record_key,
    version_number,
    source_key,
    org_unit_id,
    unit_name,
    unit_name_en,
    unit_type,
    parent_org_unit_id,
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
        ['org_unit_id', 'unit_name', 'unit_name_en', 'unit_type', 'parent_org_unit_id']
    ) }}
) as recorded
