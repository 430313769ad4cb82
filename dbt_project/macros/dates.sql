{#- The date n months later (n may be negative). -#}
{% macro add_months(date_expression, months) -%}
    {{ return(adapter.dispatch('add_months')(date_expression, months)) }}
{%- endmacro %}

{% macro default__add_months(date_expression, months) -%}
    add_months({{ date_expression }}, {{ months }})
{%- endmacro %}

{% macro duckdb__add_months(date_expression, months) -%}
    cast({{ date_expression }} + to_months(cast({{ months }} as integer)) as date)
{%- endmacro %}

{#- Whole days from one date to a later one. -#}
{% macro days_between(earlier, later) -%}
    {{ return(adapter.dispatch('days_between')(earlier, later)) }}
{%- endmacro %}

{% macro default__days_between(earlier, later) -%}
    datediff({{ later }}, {{ earlier }})
{%- endmacro %}

{% macro duckdb__days_between(earlier, later) -%}
    ({{ later }} - {{ earlier }})
{%- endmacro %}

{#- The date n days later. -#}
{% macro add_days(date_expression, days) -%}
    {{ return(adapter.dispatch('add_days')(date_expression, days)) }}
{%- endmacro %}

{% macro default__add_days(date_expression, days) -%}
    date_add({{ date_expression }}, {{ days }})
{%- endmacro %}

{% macro duckdb__add_days(date_expression, days) -%}
    ({{ date_expression }} + {{ days }})
{%- endmacro %}

{#-
    Completed months from one day up to a later one; negative where it lies before. A month is completed on the same day of
    a later month, or on its last day where it is shorter: from 31 January the first is completed on 28 February.
-#}
{% macro completed_months(from_day, to_day) -%}
    (
        (extract(year from {{ to_day }}) - extract(year from {{ from_day }})) * 12
        + extract(month from {{ to_day }}) - extract(month from {{ from_day }})
        - case
            when
                extract(day from {{ to_day }}) < extract(day from {{ from_day }})
                and extract(month from {{ add_days(to_day, 1) }}) = extract(month from {{ to_day }})
                then 1
            else 0
        end
    )
{%- endmacro %}
