{#-
    Working days and business minutes between two points in time, by the running counts of `dim_date`. Each end of the
    stretch needs its day joined: `join_day` once per moment, then `business_minutes` or `working_days` over the two.

        select {{ business_minutes('c.created_at', 'c.closed_at', 'opened', 'closed') }} as resolution_minutes
        from {{ ref('service_case') }} as c
        {{ join_day('c.created_at', 'opened') }}
        {{ join_day('c.closed_at', 'closed') }}

    Moments are plain UTC timestamps, as the canonical contracts have them. Null where a moment is null or its day lies
    outside the calendar; negative where the second moment comes first.
-#}
{% macro join_day(moment, name) -%}
    left join {{ ref('dim_date') }} as {{ name }}
        on cast({{ company_time(moment) }} as date) = {{ name }}.date_day
{%- endmacro %}

{#- Whole minutes of business hours from one moment to another; each moment counts from the start of its minute. -#}
{% macro business_minutes(from_moment, to_moment, from_day, to_day) -%}
    ({{ business_minutes_until(to_moment, to_day) }} - {{ business_minutes_until(from_moment, from_day) }})
{%- endmacro %}

{#- Business minutes from the beginning of the calendar to a moment, whose day is joined as `day`. -#}
{% macro business_minutes_until(moment, day) -%}
    (
        {{ day }}.working_minutes_before
        + least(
            greatest(
                extract(hour from {{ company_time(moment) }}) * 60 + extract(minute from {{ company_time(moment) }})
                - {{ day }}.opening_minute,
                0
            ),
            {{ day }}.working_minutes - {{ day }}.working_minutes_before
        )
    )
{%- endmacro %}

{#- Working days after the first day up to and including the second: the next working day is 1 later. -#}
{% macro working_days(from_day, to_day) -%}
    ({{ to_day }}.working_day_number - {{ from_day }}.working_day_number)
{%- endmacro %}

{#- A plain UTC timestamp as the plain timestamp the company's clocks showed. -#}
{% macro company_time(moment) -%}
    {{ return(adapter.dispatch('company_time')(moment)) }}
{%- endmacro %}

{% macro default__company_time(moment) -%}
    from_utc_timestamp({{ moment }}, (select min(time_zone) from {{ source('config', 'company') }}))
{%- endmacro %}

{% macro duckdb__company_time(moment) -%}
    (
        ({{ moment }} at time zone 'UTC')
        at time zone (select min(time_zone) from {{ source('config', 'company') }})
    )
{%- endmacro %}
