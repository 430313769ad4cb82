{{ config(materialized='table_by_parts', part_by='order_key') }}
-- Grain: one row per order and employee credited with it under the first configured rule that names one, territories
-- not looked at: they decide for each line (`int_line_territory`).
with candidate as (
    select
        source_system,
        order_key,
        'explicit_split' as rule,
        employee_id,
        credit_share
    from {{ ref('int_order_split') }}

    {% for rule in ['order_owner', 'opportunity_owner', 'account_owner'] %}
    union all

    select distinct
        source_system,
        source_key,
        '{{ rule }}',
        {{ 'owner' if rule == 'order_owner' else rule }}_employee_id,
        cast(1 as decimal(18, 9))
    from {{ ref('int_sales_order') }}
    where {{ 'owner' if rule == 'order_owner' else rule }}_employee_id is not null
    {% endfor %}

    union all

    select distinct source_system, source_key, 'unassigned', 'unassigned', cast(1 as decimal(18, 9))
    from {{ ref('int_sales_order') }}
),

rule_order as (
    select rule, min(position) as position from {{ source('config', 'credit_rule') }} group by rule
    union all
    -- whoever is left is credited to nobody, never dropped
    select 'unassigned' as rule, 2147483647 as position
),

applied as (
    select
        candidate.source_system,
        candidate.order_key,
        candidate.employee_id,
        candidate.credit_share,
        candidate.rule as credit_rule,
        rule_order.position as rule_position
    from candidate
    inner join rule_order
        on candidate.rule = rule_order.rule
    qualify rank() over (
        partition by candidate.source_system, candidate.order_key order by rule_order.position
    ) = 1
)

select
    source_system,
    order_key,
    employee_id,
    {{ whole_share('credit_share', 'source_system, order_key') }} as credit_share,
    credit_rule,
    rule_position
from applied
