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

{#-
    The rows of a model that credits of this kind are made from; none where no plan pays on it. Each relation is cut
    before it is joined: DuckDB then reads none of it.
-#}
{% macro rows_paid_on(pays_on, model) -%}
    (
        select * from {{ ref(model) }}
        where '{{ pays_on }}' in (select pays_on from {{ source('config', 'incentive_plan') }})
    )
{%- endmacro %}
