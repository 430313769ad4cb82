{#-
    Working days and business hours by a plain rule: Monday to Friday, 09:00 to 18:00 on the company's clocks. Everything
    that counts working time asks `is_working_day` and `working_minutes`, so a calendar with holidays changes these alone.
-#}

{#- Does the company work on that date? -#}
{% macro is_working_day(day) -%}
    (extract(isodow from {{ day }}) <= 5)
{%- endmacro %}

{#- Whole minutes of business hours from one moment (plain UTC timestamp) to a later one; null where one is null. -#}
{% macro working_minutes(from_moment, to_moment) -%}
    (
        {{ working_minutes_until(company_clock(to_moment)) }}
        - {{ working_minutes_until(company_clock(from_moment)) }}
    )
{%- endmacro %}

{#- Business minutes from Monday 3 January 2000 to what the company's clocks show. -#}
{% macro working_minutes_until(clock) -%}
    {%- set days = '(cast(' ~ clock ~ " as date) - date '2000-01-03')" -%}
    {%- set minute = '(extract(hour from ' ~ clock ~ ') * 60 + extract(minute from ' ~ clock ~ '))' -%}
    (
        540 * (5 * ({{ days }} // 7) + least({{ days }} % 7, 5))
        + case when {{ days }} % 7 < 5 then least(greatest({{ minute }} - 540, 0), 540) else 0 end
    )
{%- endmacro %}

{#- A plain UTC timestamp as the plain timestamp the company's clocks showed. -#}
{% macro company_clock(moment) -%}
    {{ return(adapter.dispatch('company_clock')(moment)) }}
{%- endmacro %}

{% macro default__company_clock(moment) -%}
    from_utc_timestamp({{ moment }}, (select min(time_zone) from {{ source('config', 'company') }}))
{%- endmacro %}

{% macro duckdb__company_clock(moment) -%}
    (({{ moment }} at time zone 'UTC') at time zone (select min(time_zone) from {{ source('config', 'company') }}))
{%- endmacro %}
