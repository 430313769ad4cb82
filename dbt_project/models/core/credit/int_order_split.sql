-- Grain: one row per order and employee with a recorded share, as stated.
with stated_split as (
    select
        {{ resolved('split_order', 'order_source') }} as source_system,
        {{ resolved('split_order', 'order_key') }} as order_key,
        coalesce({{ resolved('taker', 'employee_id') }}, 'unassigned') as employee_id,
        split.credit_share
    from {{ ref('credit_split') }} as split
    {{ join_reference(ref('int_order_alias'), 'split', 'order_key', 'split_order') }}
    {{ join_reference(ref('int_employee_alias'), 'split', 'employee_key', 'taker') }}
)

select
    source_system,
    order_key,
    employee_id,
    cast(sum(credit_share) as decimal(18, 9)) as credit_share
from stated_split
where order_key is not null
group by source_system, order_key, employee_id
