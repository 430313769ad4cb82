{#- All values of a group in one text, in the order given. -#}
{% macro join_text(column, separator, order_by) -%}
    {{ return(adapter.dispatch('join_text')(column, separator, order_by)) }}
{%- endmacro %}

{% macro default__join_text(column, separator, order_by) -%}
    listagg({{ column }}, '{{ separator }}') within group (order by {{ order_by }})
{%- endmacro %}

{% macro duckdb__join_text(column, separator, order_by) -%}
    string_agg({{ column }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}

{#- One row per part of a text that a separator parts. -#}
{% macro parts_of(text, separator) -%}
    {{ return(adapter.dispatch('parts_of')(text, separator)) }}
{%- endmacro %}

{% macro default__parts_of(text, separator) -%}
    explode(split({{ text }}, '{{ separator }}'))
{%- endmacro %}

{% macro duckdb__parts_of(text, separator) -%}
    unnest(string_split({{ text }}, '{{ separator }}'))
{%- endmacro %}

{#- A name with its identifier in brackets, or the identifier alone where the two are the same. -#}
{% macro named(name, id) -%}
    case when {{ name }} <> {{ id }} then {{ name }} || ' (' || {{ id }} || ')' else {{ id }} end
{%- endmacro %}
