{{ config(materialized='view') }}
-- Grain: one row per entity, record and load package that brought a version of it, read from landing itself.
-- The gate looks up here whether what a score lists was really landed.
{% for entity in fact_entities() %}
{%- do ref(entity) -%}
{% set outer = loop %}
{%- for part in landed_records(entity) %}
select '{{ entity }}' as entity, landed.source_system, landed.source_key, landed.load_id
from ({{ part }}) as landed
{% if not (outer.last and loop.last) %}union all{% endif %}
{% else %}
select cast(null as varchar) as entity, null as source_system, null as source_key, null as load_id where false
{% if not outer.last %}union all{% endif %}
{%- endfor %}
{% endfor %}
