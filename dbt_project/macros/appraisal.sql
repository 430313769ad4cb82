{#-
    Percent of a target that a value (numerator, or numerator / denominator) reaches, 9 decimals, from unrounded parts.
    `inverted`: target / value, where less is better; null where the numerator is zero.
-#}
{% macro reached_percent(numerator, denominator, target, inverted=false) -%}
    {%- set asked = '(' ~ denominator ~ ' * ' ~ target ~ ')' -%}
    {%- if inverted -%}
    case
        when {{ denominator }} is null then {{ decimal_divide('100 * ' ~ target, numerator) }}
        else {{ decimal_divide('100 * ' ~ asked, numerator, 15, 9) }}
    end
    {%- else -%}
    case
        when {{ denominator }} is null then {{ decimal_divide('100 * ' ~ numerator, target) }}
        -- all 15 decimals of the product, as far as 38 digits hold them
        when abs({{ numerator }}) < 100000000000 then {{ decimal_divide('100 * ' ~ numerator, asked, 9, 15) }}
        else {{ decimal_divide('100 * ' ~ numerator, asked) }}
    end
    {%- endif -%}
{%- endmacro %}

{#-
    Joins, to a relation of components of units (columns metric, subject_id, days_from, days_to), the daily additions of
    everybody who was in the unit or below it that day: `daily`.
-#}
{% macro join_unit_days(component) -%}
    inner join {{ ref('int_unit_ancestor') }} as ancestor
        on {{ component }}.subject_id = ancestor.ancestor_id
    inner join {{ ref('int_metric_daily') }} as daily
        on
            {{ component }}.metric = daily.metric
            and ancestor.org_unit_id = daily.org_unit_id
            and daily.event_date >= ancestor.valid_from
            and daily.event_date < ancestor.valid_to
            and daily.event_date >= {{ component }}.days_from
            and daily.event_date < {{ component }}.days_to
{%- endmacro %}
