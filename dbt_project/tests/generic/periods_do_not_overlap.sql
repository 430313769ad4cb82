{% test periods_do_not_overlap(model, partition_by) %}
{#- Half-open periods of one key neither overlap nor are empty. -#}
with ordered as (
    select
        {{ partition_by }},
        valid_from,
        valid_to,
        lag(valid_to) over (partition by {{ partition_by }} order by valid_from, valid_to) as previous_end
    from {{ model }}
)

select * from ordered where valid_from < previous_end or valid_to <= valid_from
{% endtest %}
