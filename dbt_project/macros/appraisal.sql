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

{#-
    A relation of components with what their curve makes of them: reached_pct (percent of the target reached, 9 decimals,
    what curves read), component_status, and points, null where the component drops out.

    relation: columns numerator, denominator, raw_value, target, direction, curve, cap, zero_at, threshold, rating_status,
    standard_id, standard_version, metric and those of `key`, which tell its rows apart.
-#}
{% macro component_points(relation, key) -%}
    select
        *,
        -- spelled out: `least` and `greatest` pass over nulls, and a component that drops out must stay null
        cast(
            case when curve_points < 0 then 0 when curve_points > cap then cap else curve_points end as decimal(18, 9)
        ) as points
    from (
        select
            *,
            case
                when component_status <> 'ok' then cast(null as decimal(38, 9))
                when curve = 'inverse' then step_points
                -- nothing at all where less is better is the best there is
                when reached_pct is null then cap
                when curve = 'stepped' then step_points
                when curve = 'threshold' and reached_pct < threshold then 0
                when zero_at > 0 then {{ decimal_divide('100 * (reached_pct - zero_at)', '100 - zero_at', 9, 4) }}
                else reached_pct
            end as curve_points
        from (
            select
                reached.*,
                coalesce(step.points, 0) as step_points
            from (
                select
                    *,
                    case
                        when raw_value is null or target is null or target = 0 then cast(null as decimal(38, 9))
                        when direction = 'lower_is_better' and raw_value <= 0 then cast(null as decimal(38, 9))
                        when direction = 'lower_is_better'
                            then {{ reached_percent('numerator', 'denominator', 'target', inverted=true) }}
                        else {{ reached_percent('numerator', 'denominator', 'target') }}
                    end as reached_pct,
                    case
                        when rating_status = 'too_few_raters' then 'too_few_raters'
                        when raw_value is null then 'no_data'
                        when curve = 'inverse' then 'ok'
                        when target is null then 'no_target'
                        when target = 0 then 'not_applicable'
                        else 'ok'
                    end as component_status
                from {{ relation }}
            ) as reached
            left join {{ source('config', 'appraisal_step') }} as step
                on
                    reached.standard_id = step.standard_id
                    and reached.standard_version = step.standard_version
                    and reached.metric = step.metric
                    and case when reached.curve = 'inverse' then reached.raw_value <= step.boundary
                        else reached.reached_pct >= step.boundary end
            qualify row_number() over (
                partition by {% for column in key %}reached.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
                order by case when reached.curve = 'inverse' then step.boundary else -step.boundary end
            ) = 1
        ) as stepped
    ) as curved
{%- endmacro %}

{#- Average of a part's points by weight, 9 decimals, from their weighted sum. -#}
{% macro part_average(weighted, weight) -%}
    {{ decimal_divide(weighted, weight, 13, 4) }}
{%- endmacro %}

{#- Whether a part counts, from what applies in it; `standard` holds the minimum. -#}
{% macro part_status(components, weight, average, working_days, standard) -%}
    case
        when {{ average }} is null or {{ working_days }} = 0 then 'no_data'
        when {{ working_days }} < {{ standard }}.minimum_working_days then 'too_few_days'
        when {{ components }} < {{ standard }}.minimum_components or {{ weight }} < {{ standard }}.minimum_weight_pct
            then 'too_little_data'
        else 'ok'
    end
{%- endmacro %}

{#-
    The score of a period before gates, from the sum of its parts' scores times working days. The average is cut to 8
    decimals before the one rounding that shows, so that a third counts as a third.
-#}
{% macro period_score(by_days, days) -%}
    cast(cast({{ decimal_divide(by_days, days, 9, 0) }} as decimal(28, 8)) as decimal(9, 2))
{%- endmacro %}

{#- A score under the most that breached gates leave. Spelled out: `least` passes over nulls. -#}
{% macro capped_score(score, cap) -%}
    cast(case when {{ score }} > {{ cap }} then {{ cap }} else {{ score }} end as decimal(9, 2))
{%- endmacro %}

{#- Does a score, at its place among `people`, earn the grade of `band` or a better one? See `int_appraisal_grade`. -#}
{% macro earns_grade(placed, band) -%}
    case
        when {{ band }}.share_pct is null then {{ placed }}.score >= {{ band }}.min_score
        else
            100 * case {{ placed }}.ties when 'worse' then {{ placed }}.last_place else {{ placed }}.best_place end
            <= {{ band }}.shares_so_far * {{ placed }}.people
    end
{%- endmacro %}

{#- The grades of all standards, best first, with the shares of them and all better ones. -#}
{% macro grade_bands() -%}
    select
        *,
        sum(share_pct) over (
            partition by standard_id, standard_version order by position rows unbounded preceding
        ) as shares_so_far,
        max(position) over (partition by standard_id, standard_version) as last_position
    from {{ source('config', 'grade_band') }}
{%- endmacro %}
