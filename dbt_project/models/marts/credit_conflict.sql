{{ config(materialized='incremental', on_schema_change='fail', pre_hook="{{ forget_rebuilt_days('booked_date') }}") }}
-- Grain: one row per order (or line, else '*'), type of conflict, employee and other employee: what people should look
-- at. Nothing here stops a release or changes a credit; returns follow their original and are not listed.
with person as (
    select
        fact.source_system,
        fact.order_key,
        fact.employee_id,
        min(fact.order_number) as order_number,
        min(fact.booked_date) as booked_date,
        min(fact.org_unit_id) as org_unit_id,
        min(fact.credit_rule) as credit_rule,
        cast(sum(fact.credited_amount) as decimal(28, 6)) as amount
    from {{ rows_of_rebuilt_days(ref('fct_sales_credit'), 'booked_date') }} as fact
    where fact.credit_rule <> 'return'
    group by fact.source_system, fact.order_key, fact.employee_id
),

sharing as (
    select person.*, credit.credit_share
    from person
    left join {{ ref('int_order_credit') }} as credit
        on
            person.source_system = credit.source_system
            and person.order_key = credit.order_key
            and person.employee_id = credit.employee_id
),

confirmed as (
    select distinct source_system, order_key, order_number, booked_date from person
),

-- a region is a unit of that type; where the tree names none, a unit right below the top
region as (
    select org_unit_id, valid_from, valid_to
    from {{ ref('dim_org_unit') }}
    where unit_type = 'region'

    union all

    select below.org_unit_id, below.valid_from, below.valid_to
    from {{ ref('dim_org_unit') }} as below
    inner join (
        select distinct org_unit_id
        from {{ ref('dim_org_unit') }}
        where parent_org_unit_id is null and org_unit_id <> 'unassigned'
    ) as top
        on below.parent_org_unit_id = top.org_unit_id
    where not exists (select 1 from {{ ref('dim_org_unit') }} where unit_type = 'region')
),

shared_order as (
    select source_system, order_key
    from person
    group by source_system, order_key
    having count(*) > 1
),

regional as (
    select sharing.*, region.org_unit_id as region_id
    from sharing
    inner join shared_order
        on sharing.source_system = shared_order.source_system and sharing.order_key = shared_order.order_key
    inner join {{ ref('int_unit_ancestor') }} as line
        on
            sharing.org_unit_id = line.org_unit_id
            and sharing.booked_date >= line.valid_from
            and sharing.booked_date < line.valid_to
    inner join region
        on
            line.ancestor_id = region.org_unit_id
            and sharing.booked_date >= region.valid_from
            and sharing.booked_date < region.valid_to
    qualify row_number() over (
        partition by sharing.source_system, sharing.order_key, sharing.employee_id
        order by line.depth, region.org_unit_id
    ) = 1
),

-- each region of an order with the one who has most of it
side as (
    select
        *,
        sum(credit_share) over (partition by source_system, order_key, region_id) as region_share,
        sum(amount) over (partition by source_system, order_key, region_id) as region_amount
    from regional
    qualify row_number() over (
        partition by source_system, order_key, region_id order by credit_share desc, employee_id
    ) = 1
),

cross_region as (
    select
        'cross_region' as conflict_type,
        one.source_system,
        one.order_key,
        '*' as line_key,
        one.employee_id,
        other.employee_id as other_employee_id,
        one.region_id as org_unit_id,
        other.region_id as other_org_unit_id,
        one.region_share as credit_share,
        other.region_share as other_credit_share,
        one.region_amount as amount,
        other.region_amount as other_amount,
        one.credit_rule,
        '业绩跨大区：' || one.region_id || ' 与 ' || other.region_id as text_zh,
        'The credit crosses regions: ' || one.region_id || ' and ' || other.region_id as text_en
    from side as one
    inner join side as other
        on
            one.source_system = other.source_system
            and one.order_key = other.order_key
            and one.region_id < other.region_id
),

owner as (
    {% for rule, column in [
        ('order_owner', 'owner_employee_id'),
        ('opportunity_owner', 'opportunity_owner_employee_id'),
        ('account_owner', 'account_owner_employee_id'),
    ] %}
    select
        source_system,
        source_key as order_key,
        order_date,
        {{ loop.index }} as position,
        '{{ rule }}' as owner_rule,
        {{ column }} as employee_id
    from {{ ref('int_sales_order') }}
    where
        status = 'confirmed'
        and {{ column }} is not null
        and {{ in_rebuilt_days('order_date') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

disputed as (
    select
        one.source_system,
        one.order_key,
        one.order_date,
        one.employee_id,
        other.employee_id as other_employee_id,
        one.owner_rule,
        other.owner_rule as other_owner_rule
    from owner as one
    inner join owner as other
        on
            one.source_system = other.source_system
            and one.order_key = other.order_key
            and one.position < other.position
            and one.employee_id <> other.employee_id
    qualify row_number() over (
        partition by
            one.source_system,
            one.order_key,
            least(one.employee_id, other.employee_id),
            greatest(one.employee_id, other.employee_id)
        order by one.position, other.position
    ) = 1
),

owner_disagreement as (
    select
        'owner_disagreement' as conflict_type,
        disputed.source_system,
        disputed.order_key,
        '*' as line_key,
        disputed.employee_id,
        disputed.other_employee_id,
        coalesce(posting.org_unit_id, 'unassigned') as org_unit_id,
        coalesce(other_posting.org_unit_id, 'unassigned') as other_org_unit_id,
        coalesce(credited.credit_share, cast(0 as decimal(18, 9))) as credit_share,
        coalesce(other_credited.credit_share, cast(0 as decimal(18, 9))) as other_credit_share,
        coalesce(credited.amount, cast(0 as decimal(28, 6))) as amount,
        coalesce(other_credited.amount, cast(0 as decimal(28, 6))) as other_amount,
        coalesce(credited.credit_rule, other_credited.credit_rule) as credit_rule,
        '负责人不一致：' || disputed.owner_rule || ' 与 ' || disputed.other_owner_rule || ' 属于不同单元' as text_zh,
        'Owners disagree: ' || disputed.owner_rule || ' and ' || disputed.other_owner_rule || ' sit in different units'
            as text_en
    from disputed
    left join {{ ref('int_posting') }} as posting
        on
            disputed.employee_id = posting.employee_id
            and disputed.order_date >= posting.valid_from
            and disputed.order_date < posting.valid_to
    left join {{ ref('int_posting') }} as other_posting
        on
            disputed.other_employee_id = other_posting.employee_id
            and disputed.order_date >= other_posting.valid_from
            and disputed.order_date < other_posting.valid_to
    left join sharing as credited
        on
            disputed.source_system = credited.source_system
            and disputed.order_key = credited.order_key
            and disputed.employee_id = credited.employee_id
    left join sharing as other_credited
        on
            disputed.source_system = other_credited.source_system
            and disputed.order_key = other_credited.order_key
            and disputed.other_employee_id = other_credited.employee_id
    where coalesce(posting.org_unit_id, 'unassigned') <> coalesce(other_posting.org_unit_id, 'unassigned')
),

departed as (
    select employee_id, max(left_date) as left_date from {{ ref('dim_employee') }} group by employee_id
),

without_posting as (
    select
        case
            when departed.left_date <= sharing.booked_date then 'owner_left' else 'owner_without_posting'
        end as conflict_type,
        sharing.source_system,
        sharing.order_key,
        '*' as line_key,
        sharing.employee_id,
        'unassigned' as other_employee_id,
        sharing.org_unit_id,
        'unassigned' as other_org_unit_id,
        sharing.credit_share,
        cast(null as decimal(18, 9)) as other_credit_share,
        sharing.amount,
        cast(null as decimal(28, 6)) as other_amount,
        sharing.credit_rule,
        case
            when departed.left_date <= sharing.booked_date
                then '业绩归属人已于 ' || cast(departed.left_date as varchar) || ' 离职，早于下单日'
            else '业绩归属人在下单日没有任职单元'
        end as text_zh,
        case
            when departed.left_date <= sharing.booked_date
                then 'Whoever is credited left on ' || cast(departed.left_date as varchar) || ', before the order'
            else 'Whoever is credited had no unit on the day of the order'
        end as text_en
    from sharing
    left join departed
        on sharing.employee_id = departed.employee_id
    where sharing.employee_id <> 'unassigned' and sharing.org_unit_id = 'unassigned'
),

split_total as (
    select source_system, order_key, sum(credit_share) as total
    from {{ ref('int_order_split') }}
    group by source_system, order_key
    having abs(sum(credit_share) - 1) > 0.000001
),

split_not_one as (
    select
        'split_not_one' as conflict_type,
        sharing.source_system,
        sharing.order_key,
        '*' as line_key,
        sharing.employee_id,
        'unassigned' as other_employee_id,
        sharing.org_unit_id,
        'unassigned' as other_org_unit_id,
        sharing.credit_share,
        cast(null as decimal(18, 9)) as other_credit_share,
        sharing.amount,
        cast(null as decimal(28, 6)) as other_amount,
        sharing.credit_rule,
        '登记的分成比例之和为 ' || cast(split_total.total as varchar) || '，不等于 1' as text_zh,
        'The recorded shares sum to ' || cast(split_total.total as varchar) || ', not to 1' as text_en
    from sharing
    inner join split_total
        on sharing.source_system = split_total.source_system and sharing.order_key = split_total.order_key
),

claimed_line as (
    select
        territory.*,
        fact.org_unit_id,
        fact.credited_amount
    from {{ ref('int_line_territory') }} as territory
    inner join confirmed
        on territory.source_system = confirmed.source_system and territory.order_key = confirmed.order_key
    left join {{ ref('fct_sales_credit') }} as fact
        on
            territory.source_system = fact.source_system
            and territory.line_key = fact.source_key
            and territory.employee_id = fact.employee_id
    where territory.kind = 'territory'
),

two_territories as (
    select
        'two_territories' as conflict_type,
        first_match.source_system,
        first_match.order_key,
        first_match.line_key,
        first_match.employee_id,
        next_match.employee_id as other_employee_id,
        coalesce(first_match.org_unit_id, 'unassigned') as org_unit_id,
        coalesce(next_match.org_unit_id, 'unassigned') as other_org_unit_id,
        case when first_match.decides then cast(1 as decimal(18, 9)) end as credit_share,
        cast(null as decimal(18, 9)) as other_credit_share,
        case when first_match.decides then first_match.credited_amount end as amount,
        cast(null as decimal(28, 6)) as other_amount,
        first_match.credit_rule,
        '同属两个区域：' || first_match.territory_id || ' 与 ' || next_match.territory_id || '，以前者为准' as text_zh,
        'Lies in two territories: ' || first_match.territory_id || ' and ' || next_match.territory_id
        || '; the first holds' as text_en
    from claimed_line as first_match
    inner join claimed_line as next_match
        on
            first_match.source_system = next_match.source_system
            and first_match.line_key = next_match.line_key
            and next_match.match_rank = 2
    where first_match.match_rank = 1 and first_match.employee_id <> next_match.employee_id
),

claim_without_person as (
    select
        'territory_without_person' as conflict_type,
        territory.source_system,
        territory.order_key,
        territory.line_key,
        'unassigned' as employee_id,
        'unassigned' as other_employee_id,
        'unassigned' as org_unit_id,
        'unassigned' as other_org_unit_id,
        min(territory.credit_share) as credit_share,
        cast(null as decimal(18, 9)) as other_credit_share,
        cast(null as decimal(28, 6)) as amount,
        cast(null as decimal(28, 6)) as other_amount,
        min(territory.credit_rule) as credit_rule,
        '区域或叠加规则没有可归属的人：' || min(territory.credit_rule) as text_zh,
        'A territory or overlay names nobody: ' || min(territory.credit_rule) as text_en
    from {{ ref('int_line_territory') }} as territory
    where territory.employee_id = 'unassigned' and (territory.kind = 'overlay' or territory.decides)
    group by territory.source_system, territory.order_key, territory.line_key
)

select
    conflict.conflict_type,
    conflict.source_system,
    conflict.order_key,
    conflict.line_key,
    confirmed.order_number,
    confirmed.booked_date,
    conflict.employee_id,
    conflict.other_employee_id,
    conflict.org_unit_id,
    conflict.other_org_unit_id,
    cast(conflict.credit_share as decimal(18, 9)) as credit_share,
    cast(conflict.other_credit_share as decimal(18, 9)) as other_credit_share,
    cast(conflict.amount as decimal(28, 6)) as amount,
    cast(conflict.other_amount as decimal(28, 6)) as other_amount,
    conflict.credit_rule,
    conflict.text_zh,
    conflict.text_en
from (
    {% for part in [
        'cross_region', 'owner_disagreement', 'without_posting', 'split_not_one', 'two_territories',
        'claim_without_person',
    ] %}
    select * from {{ part }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
) as conflict
inner join confirmed
    on conflict.source_system = confirmed.source_system and conflict.order_key = confirmed.order_key
