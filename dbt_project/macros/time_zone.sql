{#- The calendar date of a moment (timestamp with time zone) where the company is. -#}
{% macro company_date(moment) -%}
    {{ return(adapter.dispatch('company_date')(moment)) }}
{%- endmacro %}

{% macro default__company_date(moment) -%}
    cast(from_utc_timestamp({{ moment }}, (select min(time_zone) from {{ source('config', 'company') }})) as date)
{%- endmacro %}

{% macro duckdb__company_date(moment) -%}
    cast({{ moment }} at time zone (select min(time_zone) from {{ source('config', 'company') }}) as date)
{%- endmacro %}

{#- A moment (timestamp with time zone) as the plain UTC timestamp the contracts ask for. -#}
{% macro utc_timestamp(moment) -%}
    {{ return(adapter.dispatch('utc_timestamp')(moment)) }}
{%- endmacro %}

{% macro default__utc_timestamp(moment) -%}
    cast({{ moment }} as timestamp)
{%- endmacro %}

{% macro duckdb__utc_timestamp(moment) -%}
    cast({{ moment }} at time zone 'UTC' as timestamp)
{%- endmacro %}

{#- The calendar date, where the company is, of a moment kept as a plain UTC timestamp (as the contracts ask for). -#}
{% macro company_date_of_utc(moment) -%}
    {{ return(adapter.dispatch('company_date_of_utc')(moment)) }}
{%- endmacro %}

{% macro default__company_date_of_utc(moment) -%}
    {{ company_date(moment) }}
{%- endmacro %}

{% macro duckdb__company_date_of_utc(moment) -%}
    {{ company_date('(' ~ moment ~ " at time zone 'UTC')") }}
{%- endmacro %}
