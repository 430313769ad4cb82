{#-
    Shares of one document as stated, made to sum to exactly one where only rounding keeps them from it (thirds written
    with a few decimals): the last share by employee takes the remainder. Shares that miss one by more than a
    thousandth stay as they are, for the gate to refuse.
-#}
{% macro whole_share(share, partition_by) -%}
    cast(
        case
            when
                abs(1 - sum({{ share }}) over (partition by {{ partition_by }})) <= 0.001
                and row_number() over (partition by {{ partition_by }} order by employee_id desc) = 1
                then {{ share }} + 1 - sum({{ share }}) over (partition by {{ partition_by }})
            else {{ share }}
        end
        as decimal(18, 9)
    )
{%- endmacro %}

{#-
    The shares of a whole document, from those of its lines (`relation`: source_system, the document's key, line_key,
    employee_id, credit_share, net_amount): weighted by the lines' amounts without sign, by count where all are zero.
-#}
{% macro blended_shares(relation, key='invoice_key') -%}
    select
        source_system,
        {{ key }},
        employee_id,
        {{ whole_share('credit_share', 'source_system, ' ~ key) }} as credit_share
    from (
        select
            weighted.source_system,
            weighted.{{ key }},
            weighted.employee_id,
            cast(
                {{ decimal_divide('sum(weighted.weight * weighted.credit_share)', 'min(total.weight)', 15, 6) }}
                as decimal(18, 9)
            ) as credit_share
        from (
            select
                line.*,
                case when total.weight = 0 then cast(1 as decimal(28, 6)) else abs(line.net_amount) end as weight
            from {{ relation }} as line
            inner join (
                select source_system, {{ key }}, sum(abs(net_amount)) as weight
                from {{ relation }}
                group by source_system, {{ key }}
            ) as total
                on line.source_system = total.source_system and line.{{ key }} = total.{{ key }}
        ) as weighted
        inner join (
            select
                source_system,
                {{ key }},
                case when sum(amount) = 0 then cast(count(*) as decimal(28, 6)) else sum(amount) end as weight
            from (
                select distinct source_system, {{ key }}, line_key, abs(net_amount) as amount from {{ relation }}
            ) as line
            group by source_system, {{ key }}
        ) as total
            on weighted.source_system = total.source_system and weighted.{{ key }} = total.{{ key }}
        group by weighted.source_system, weighted.{{ key }}, weighted.employee_id
    ) as blended
{%- endmacro %}

{#-
    Which lines (payments) of a fact table are credited, and whether to nobody. Whoever has a whole share has it alone, so
    only shared ones, a fraction, are grouped.
-#}
{% macro credited_documents(fact) -%}
    select
        source_system,
        source_key,
        employee_id = 'unassigned' as is_unassigned
    from {{ fact }}
    where credit_share = 1

    union all

    select
        source_system,
        source_key,
        bool_and(employee_id = 'unassigned')
    from {{ fact }}
    where credit_share not in (0, 1)
    group by source_system, source_key
{%- endmacro %}
