-- Grain: one row per unit version of a source; `in_tree` where the source is the one that supplies the tree.
select
    unit.source_system,
    unit.source_key,
    unit.load_id,
    coalesce(nullif(trim(unit.unit_code), ''), unit.source_system || ':' || unit.source_key) as org_unit_id,
    nullif(trim(unit.unit_code), '') as unit_code,
    unit.unit_name,
    unit.unit_name_en,
    unit.unit_type,
    nullif(trim(unit.parent_unit_key), '') as parent_unit_key,
    unit.valid_from,
    unit.valid_to,
    org_source.org_rank = min(org_source.org_rank) over () as in_tree
from {{ ref('org_unit') }} as unit
inner join {{ ref('int_org_source') }} as org_source
    on unit.source_system = org_source.source_system
