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

{#- The first value known, in the order of `rank`, over the rows of a group. -#}
{% macro first_known(column, rank) -%}
    min_by({{ column }}, {{ rank }}) filter (where {{ column }} is not null)
{%- endmacro %}
