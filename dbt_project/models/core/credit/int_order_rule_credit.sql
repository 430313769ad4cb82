-- Grain: one row per order and employee credited with it under the first configured rule that names one, territories
-- not looked at: they decide for each line (`int_line_territory`).
{% set owner_rules = {
    'order_owner': 'owner_employee_id',
    'opportunity_owner': 'opportunity_owner_employee_id',
    'account_owner': 'account_owner_employee_id',
} %}
{% set last_position = 2147483647 %}
with position as (
    select
        {% for rule in ['explicit_split'] + owner_rules.keys() | list %}
        min(case when rule = '{{ rule }}' then position end) as {{ rule }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ source('config', 'credit_rule') }}
),

-- a record that came twice names its people once
named as (
    select distinct
        source_system,
        source_key as order_key,
        {% for rule, column in owner_rules.items() %}
        {{ column }} as {{ rule }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_sales_order') }}
),

-- whoever is left is credited to nobody, never dropped
first_owner as (
    select
        named.*,
        least(
            {% for rule in owner_rules %}
            coalesce(case when named.{{ rule }} is not null then position.{{ rule }} end, {{ last_position }})
            {{- ',' if not loop.last }}
            {% endfor %}
        ) as rule_position
    from named
    cross join position
),

split as (
    select
        split.source_system,
        split.order_key,
        split.employee_id,
        split.credit_share,
        position.explicit_split as rule_position
    from {{ ref('int_order_split') }} as split
    inner join position
        on position.explicit_split is not null
),

-- most orders are one person's: nothing to share
owned as (
    select
        first_owner.source_system,
        first_owner.order_key,
        case first_owner.rule_position
            {% for rule in owner_rules %}
            when position.{{ rule }} then first_owner.{{ rule }}
            {% endfor %}
            else 'unassigned'
        end as employee_id,
        case first_owner.rule_position
            {% for rule in owner_rules %}
            when position.{{ rule }} then '{{ rule }}'
            {% endfor %}
            else 'unassigned'
        end as credit_rule,
        first_owner.rule_position
    from first_owner
    cross join position
    left join (select distinct source_system, order_key, rule_position from split) as split
        on
            first_owner.source_system = split.source_system
            and first_owner.order_key = split.order_key
            and split.rule_position < first_owner.rule_position
    where split.order_key is null
)

select
    source_system,
    order_key,
    employee_id,
    cast(1 as decimal(18, 9)) as credit_share,
    credit_rule,
    rule_position
from owned

union all

select
    split.source_system,
    split.order_key,
    split.employee_id,
    {{ whole_share('split.credit_share', 'split.source_system, split.order_key') }} as credit_share,
    'explicit_split' as credit_rule,
    split.rule_position
from split
where
    exists (
        select 1
        from first_owner
        where
            split.source_system = first_owner.source_system
            and split.order_key = first_owner.order_key
            and split.rule_position < first_owner.rule_position
    )
