{#- Working days from one day up to, not including, another; null where a day lies outside the calendar. -#}
{% macro working_days_between(from_day, to_day) -%}
    ({{ working_days_before(to_day) }} - {{ working_days_before(from_day) }})
{%- endmacro %}

{#- Working days from the beginning of the calendar to the start of a day. -#}
{% macro working_days_before(day) -%}
    (
        select max(calendar.working_days_before)
        from {{ ref('int_working_day') }} as calendar
        where calendar.date_day = {{ day }}
    )
{%- endmacro %}

{#- The columns that name a target, of the relation `name`. -#}
{% macro target_key(name) -%}
    {%- for column in ['subject_type', 'subject_id', 'metric', 'period_type', 'period_start'] -%}
        {{ name }}.{{ column }}{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Two relations speak of the same target. -#}
{% macro same_target(a, b) -%}
    {%- for column in ['subject_type', 'subject_id', 'metric', 'period_type', 'period_start'] -%}
        {{ a }}.{{ column }} = {{ b }}.{{ column }}{{ " and " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
