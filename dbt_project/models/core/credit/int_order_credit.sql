{{ config(materialized='table_by_parts', part_by='order_key') }}
-- Grain: one row per order and employee credited with it, each share over all lines of the order.
-- Only orders with a line that a territory decides are weighed line by line; all others have the shares of their rule.
with affected as (
    select distinct source_system, order_key from {{ ref('int_line_territory') }} where decides
),

line_credit as (
    select
        line.source_system,
        line.order_key,
        line.source_key as line_key,
        coalesce(line.net_amount, cast(0 as decimal(28, 6))) as net_amount,
        coalesce(territory.employee_id, credit.employee_id, 'unassigned') as employee_id,
        case
            when territory.employee_id is null then coalesce(credit.credit_share, cast(1 as decimal(18, 9)))
            else cast(1 as decimal(18, 9))
        end as credit_share,
        coalesce(territory.credit_rule, credit.credit_rule, 'unassigned') as credit_rule
    from {{ ref('int_sales_order_line') }} as line
    inner join affected
        on line.source_system = affected.source_system and line.order_key = affected.order_key
    left join {{ ref('int_line_territory') }} as territory
        on line.source_system = territory.source_system and line.source_key = territory.line_key and territory.decides
    left join {{ ref('int_order_rule_credit') }} as credit
        on
            line.source_system = credit.source_system
            and line.order_key = credit.order_key
            and territory.line_key is null
    where not line.is_return
),

line_rule as (
    select source_system, order_key, employee_id, min(credit_rule) as credit_rule
    from line_credit
    group by source_system, order_key, employee_id
)

select
    credit.source_system,
    credit.order_key,
    credit.employee_id,
    credit.credit_share,
    credit.credit_rule
from {{ ref('int_order_rule_credit') }} as credit
left join affected
    on credit.source_system = affected.source_system and credit.order_key = affected.order_key
where affected.order_key is null

union all

select
    blended.source_system,
    blended.order_key,
    blended.employee_id,
    blended.credit_share,
    line_rule.credit_rule
from ({{ blended_shares('line_credit', 'order_key') }}) as blended
inner join line_rule
    on
        blended.source_system = line_rule.source_system
        and blended.order_key = line_rule.order_key
        and blended.employee_id = line_rule.employee_id
