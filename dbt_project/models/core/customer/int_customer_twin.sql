-- Grain: one row per unified customer that may be the same as another: a pair of their records lies in the grey band, and
-- nobody has said that the two are apart. `twin_group` joins all customers that a chain of such pairs connects; it is the
-- least of their keys.
with recursive record as (
    select source_system || ':' || source_key as record_id, customer_key
    from {{ ref('customer_source') }}
),

apart as (
    select distinct
        least(one.customer_key, other.customer_key) as one_key,
        greatest(one.customer_key, other.customer_key) as other_key
    from {{ ref('customer_decision') }} as word
    inner join record as one
        on word.record_id_l = one.record_id
    inner join record as other
        on word.record_id_r = other.record_id
    where word.decision in ('different', 'parent')
),

grey as (
    select
        least(one.customer_key, other.customer_key) as one_key,
        greatest(one.customer_key, other.customer_key) as other_key,
        count(*) as pairs
    from {{ ref('int_customer_pair') }} as pair
    inner join record as one
        on pair.record_id_l = one.record_id
    inner join record as other
        on pair.record_id_r = other.record_id
    where pair.band = 'grey' and one.customer_key <> other.customer_key
    group by least(one.customer_key, other.customer_key), greatest(one.customer_key, other.customer_key)
),

open_pair as (
    select grey.*
    from grey
    left join apart
        on grey.one_key = apart.one_key and grey.other_key = apart.other_key
    where apart.one_key is null
),

twin as (
    select customer_key, twin_key, sum(pairs) as pairs
    from (
        select one_key as customer_key, other_key as twin_key, pairs from open_pair
        union all
        select other_key, one_key, pairs from open_pair
    ) as both_ways
    group by customer_key, twin_key
),

-- the least key travels along the pairs until nobody hears of a lesser one; linear in the pairs, not in the group
label(customer_key, twin_group) using key (customer_key) as (
    select customer_key, least(customer_key, min(twin_key)) as twin_group
    from twin
    group by customer_key

    union

    select twin.twin_key, min(label.twin_group)
    from label
    inner join twin
        on label.customer_key = twin.customer_key
    inner join recurring.label as known
        on twin.twin_key = known.customer_key
    where label.twin_group < known.twin_group
    group by twin.twin_key
)

select
    twin.customer_key,
    min(label.twin_group) as twin_group,
    cast(sum(twin.pairs) as integer) as grey_pair_count,
    {{ join_text('twin.twin_key', '; ', 'twin.twin_key') }} as twin_customer_keys
from twin
inner join label
    on twin.customer_key = label.customer_key
group by twin.customer_key
