-- Grain: one row per unified customer and parent that cannot both be right with what else is stated.
select
    customer_key,
    parent_customer_key,
    conflict,
    is_used,
    reason
from {{ ref('int_customer_hierarchy') }}
where conflict is not null
