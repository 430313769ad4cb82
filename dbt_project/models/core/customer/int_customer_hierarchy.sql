-- Grain: one row per unified customer and parent that one of its records names. `is_used` marks the one parent taken:
-- what people decided first, then what sources say, then what a branch's name says; among equals what most records name,
-- then the least key. None is where it would close a circle.
-- A circle is cut above its least key, so that the rest of it keeps its order.
with recursive link as (
    select
        child.customer_key,
        parent.customer_key as parent_customer_key,
        min(case stated.reason when 'steward' then 1 when 'source' then 2 else 3 end) as rank_of_reason,
        count(*) as record_count,
        {{ join_text('distinct stated.reason', ', ', 'stated.reason') }} as reason
    from {{ ref('int_customer_parent') }} as stated
    inner join {{ ref('customer_source') }} as child
        on stated.record_id = child.source_system || ':' || child.source_key
    inner join {{ ref('customer_source') }} as parent
        on stated.parent_record_id = parent.source_system || ':' || parent.source_key
    where child.customer_key <> parent.customer_key
    group by child.customer_key, parent.customer_key
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_key order by rank_of_reason, record_count desc, parent_customer_key
        ) as preference,
        count(*) over (partition by customer_key) as parents
    from link
),

-- everybody above a customer, until somebody is met twice
climb as (
    select
        customer_key,
        parent_customer_key as ancestor_key,
        1 as depth,
        '|' || customer_key || '|' || parent_customer_key || '|' as path
    from ranked
    where preference = 1

    union all

    select
        climb.customer_key,
        ranked.parent_customer_key as ancestor_key,
        climb.depth + 1 as depth,
        climb.path || ranked.parent_customer_key || '|' as path
    from climb
    inner join ranked
        on climb.ancestor_key = ranked.customer_key and ranked.preference = 1
    where climb.ancestor_key <> climb.customer_key and position('|' || ranked.parent_customer_key || '|' in climb.path) = 0
),

-- the step that leads back to where the climb began is never in `climb`: who stands below one's own child is in a circle
circle as (
    select
        climb.customer_key,
        min(least(climb.customer_key, around.ancestor_key)) as cut_at
    from climb
    inner join ranked
        on climb.ancestor_key = ranked.customer_key and ranked.preference = 1
    inner join climb as around
        on climb.customer_key = around.customer_key
    where ranked.parent_customer_key = climb.customer_key
    group by climb.customer_key
),

top_of as (
    select
        climb.customer_key,
        min_by(climb.ancestor_key, climb.depth) filter (where circle.cut_at = climb.ancestor_key) as cut_ancestor,
        max_by(climb.ancestor_key, climb.depth) as last_ancestor
    from climb
    left join circle
        on climb.ancestor_key = circle.customer_key
    group by climb.customer_key
)

select
    ranked.customer_key,
    ranked.parent_customer_key,
    ranked.reason,
    ranked.preference = 1 and circle.cut_at is distinct from ranked.customer_key as is_used,
    case
        when ranked.preference = 1 and circle.cut_at = ranked.customer_key then 'circle'
        when ranked.parents > 1 then 'several_parents'
    end as conflict,
    case
        when ranked.preference = 1 and circle.cut_at is distinct from ranked.customer_key
            then coalesce(top_of.cut_ancestor, top_of.last_ancestor)
    end as ultimate_parent_customer_key
from ranked
left join circle
    on ranked.customer_key = circle.customer_key
left join top_of
    on ranked.customer_key = top_of.customer_key
