{#-
    References of canonical records (`*_key`) resolve first as the source_key in the same source, then by a company-wide
    identifier (employee number or e-mail, unit code, order number). Each pair below is one join clause and the
    expression that reads it; an alias relation holds both kinds, the company-wide one under the source '*'.
-#}
{% macro join_reference(relation, record, column, name) -%}
    left join {{ relation }} as {{ name }}_own
        on {{ record }}.source_system = {{ name }}_own.source_system and {{ record }}.{{ column }} = {{ name }}_own.alias
    left join {{ relation }} as {{ name }}_any
        on {{ name }}_any.source_system = '*' and lower({{ record }}.{{ column }}) = {{ name }}_any.alias
{%- endmacro %}

{% macro resolved(name, column) -%}
    coalesce({{ name }}_own.{{ column }}, {{ name }}_any.{{ column }})
{%- endmacro %}

{#-
    All that the columns of `references` say (entity, column, relation meant) that refer to this relation.
    `looked_up`: by entity and column the model, and its column, that has looked it up; what it found is left out.
-#}
{% macro referring(references, meant, looked_up={}) -%}
    (
        {%- for entity, column, relation in references if relation == meant %}
        {{ 'union all' if not loop.first }}
        select source_system, {{ column }} as reference
        from {{ ref(entity) }}
        where {{ column }} is not null
        {%- if (entity, column) in looked_up %}
            {%- set model, found = looked_up[(entity, column)] %}
            and (source_system, source_key) in (select (source_system, source_key) from {{ ref(model) }} where {{ found }} is null)
        {%- endif %}
        {%- endfor %}
    )
{%- endmacro %}

{#- The first value known, in the order of `rank`, over the rows of a group. -#}
{% macro first_known(column, rank) -%}
    min_by({{ column }}, {{ rank }}) filter (where {{ column }} is not null)
{%- endmacro %}

{#-
    For `with recursive`: the relation `origin`, one row per record whose `column` names another that is known, with the one
    it goes back to in the end (`origin_key`, and `origin_<name>` of the columns carried). What undoes another mostly undoes
    the first; only those records are followed any further.
-#}
{% macro followed_back(relation, column, carried=[]) -%}
    named as materialized (
        select
            record.source_system,
            record.source_key,
            {%- for name in carried %}
            record.{{ name }},
            origin.{{ name }} as origin_{{ name }},
            {%- endfor %}
            origin.source_key as origin_key
        from {{ relation }} as record
        inner join {{ relation }} as origin
            on record.source_system = origin.source_system and record.{{ column }} = origin.source_key
        where record.{{ column }} is not null
    ),

    chain as (
        select *, 1 as depth from named

        union all

        select
            chain.source_system,
            chain.source_key,
            {%- for name in carried %}
            chain.{{ name }},
            further.origin_{{ name }},
            {%- endfor %}
            further.origin_key,
            chain.depth + 1 as depth
        from chain
        inner join named as further
            on chain.source_system = further.source_system and chain.origin_key = further.source_key
        where chain.depth < 50
    ),

    origin as (
        select * exclude (depth)
        from chain
        qualify row_number() over (partition by source_system, source_key order by depth desc) = 1
    )
{%- endmacro %}
