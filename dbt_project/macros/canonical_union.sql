{#-
    One canonical entity: the union of its staging models and of user-shaped sources (`mapped`), cast to the columns and
    types the contract of the model states, records deleted at the source left out.

    entity: name of the entity, as in the `mapped` source.
    staging_models: names of the staging models that deliver it.
-#}
{% macro canonical_union(entity, staging_models=[]) -%}
    {%- set relations = [source('mapped', entity)] -%}
    {%- for name in staging_models -%}
        {%- do relations.append(ref(name)) -%}
    {%- endfor -%}
    {%- for relation in relations %}
    {% if not loop.first %}union all{% endif %}
    select
        {%- for column in model.columns.values() %}
        cast({{ column.name }} as {{ column.data_type }}) as {{ column.name }}{{ "," if not loop.last }}
        {%- else %}
        *
        {%- endfor %}
    from {{ relation }}
    where not coalesce(is_deleted, false)
    {%- endfor %}
{%- endmacro %}
