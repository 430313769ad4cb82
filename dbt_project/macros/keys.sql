{#- The condition that two relations agree in all columns of a key. -#}
{% macro same_key(a, b, columns) -%}
    {% for column in columns %}{{ a }}.{{ column }} = {{ b }}.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
{%- endmacro %}
