{#- How many rules may decide one field of the golden record: positions in the seed `customer_survivorship`. -#}
{% macro survivorship_positions() -%}
    {{ return([1, 2, 3, 4]) }}
{%- endmacro %}

{#-
    What a candidate value scores under the rule of a position, more is better; null where the position has no rule.
    `rule`: expression with the rule's name. The candidate's row carries what the rules ask for.
-#}
{% macro survivorship_score(rule) -%}
    case {{ rule }}
        when 'valid_id' then case when is_valid then 1 else 0 end
        when 'source_priority' then -coalesce(customer_priority, 2147483647)
        when 'most_frequent' then count(*) over (partition by customer_key, field, compared_value)
        when 'most_recent' then coalesce({{ days_between("date '1900-01-01'", 'created_date') }}, -1)
        when 'longest' then length(value)
        when 'fullest_address' then address_parts
    end
{%- endmacro %}
