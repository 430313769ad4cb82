{#-
    The stretches of days of each period that nothing covers, as (period_id, valid_from, valid_to); half-open.

    period, cover: relations with period_id, valid_from, valid_to; covers may overlap each other and reach beyond.
-#}
{% macro uncovered_stretches(period, cover) -%}
    select
        period_id,
        covered_until as valid_from,
        begins as valid_to
    from (
        select
            period_id,
            valid_from as begins,
            max(valid_to) over (
                partition by period_id order by valid_from, valid_to rows between unbounded preceding and 1 preceding
            ) as covered_until
        from (
            -- an empty cover at each end makes the first and the last stretch gaps like any other
            select period_id, valid_from, valid_from as valid_to from {{ period }}
            union all
            select period_id, valid_to, valid_to from {{ period }}
            union all
            select
                whole.period_id,
                greatest(part.valid_from, whole.valid_from),
                least(part.valid_to, whole.valid_to)
            from {{ period }} as whole
            inner join {{ cover }} as part
                on
                    whole.period_id = part.period_id
                    and part.valid_from < whole.valid_to
                    and whole.valid_from < part.valid_to
        ) as covers
    ) as walked
    where begins > covered_until
{%- endmacro %}

{#- Do two half-open periods share a day? -#}
{% macro periods_meet(a, b) -%}
    ({{ a }}.valid_from < {{ b }}.valid_to and {{ b }}.valid_from < {{ a }}.valid_to)
{%- endmacro %}
