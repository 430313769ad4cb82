-- Grain: one row per configured Odoo source. Departments are the org units as soon as one employee record names a
-- department; a source without them (no HR module, or the stream is left out) is organised by sales teams. A table,
-- not a view: asked for by every org model.
{{ config(materialized='table') }}
select
    u._source,
    coalesce(max(d.departments), 0) > 0 as uses_departments
from (
    select distinct _source from {{ source('odoo', 'user') }}
    union
    select distinct _source from {{ source('odoo', 'employee') }}
    union
    select distinct _source from {{ source('odoo', 'department') }}
    union
    select distinct _source from {{ source('odoo', 'crm_team') }}
) as u
left join (
    select _source, count(*) as departments
    from {{ latest_version(source('odoo', 'employee')) }} as e
    where not e._deleted and e.department_id is not null
    group by _source
) as d on d._source = u._source
group by u._source
