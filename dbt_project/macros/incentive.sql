{#- Columns that name a statement: whose, of which plan, for which period. -#}
{% macro statement_key() -%}
    {{ return(['employee_id', 'plan_id', 'period_type', 'period_start']) }}
{%- endmacro %}

{#- The same as a list of columns, of one relation where it is named. -#}
{% macro statement_columns(relation=none) -%}
    {%- for column in statement_key() -%}
    {{ relation ~ '.' if relation }}{{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- A whole period's amount for the working days somebody takes part, in cents. -#}
{% macro part_of_period(amount, working_days, period_working_days) -%}
    cast({{ decimal_divide(amount ~ ' * ' ~ working_days, period_working_days, 2, 0) }} as decimal(28, 2))
{%- endmacro %}
