{{ config(empty_unless='int_territory_match') }}
-- Grain: one row per order line and territory (or overlay) it lies in, with who is credited for it.
-- Returned lines have none: they take what their original has.
with matched as (
    select
        territory.kind,
        territory.position,
        territory.territory_id,
        territory.employee_ref,
        territory.unit_ref,
        territory.credit_share,
        line.source_system,
        line.order_key,
        line.source_key as line_key,
        sales_order.order_date,
        row_number() over (
            partition by line.source_system, line.source_key, territory.kind order by territory.position
        ) as match_rank
    from {{ ref('int_sales_order_line') }} as line
    inner join {{ ref('int_sales_order') }} as sales_order
        on line.source_system = sales_order.source_system and line.order_key = sales_order.source_key
    left join {{ ref('product') }} as product
        on line.source_system = product.source_system and line.product_key = product.source_key
    inner join {{ ref('int_territory_match') }} as place
        on
            coalesce(sales_order.customer_key, '') = place.customer_key
            and coalesce(product.category, '') = place.product_category
    inner join {{ source('config', 'territory') }} as territory
        on
            place.kind = territory.kind
            and place.territory_id = territory.territory_id
            and sales_order.order_date >= territory.valid_from
            and sales_order.order_date < territory.valid_to
    where not line.is_return
),

-- an overlay may ask for lines that lie in certain territories
asked as (
    select distinct territory_id, value
    from {{ source('config', 'territory_condition') }}
    where kind = 'overlay' and field = 'territory'
),

claim as (
    select matched.*
    from matched
    left join (select distinct territory_id from asked) as asking
        on matched.kind = 'overlay' and matched.territory_id = asking.territory_id
    left join matched as lies_in
        on
            matched.source_system = lies_in.source_system
            and matched.line_key = lies_in.line_key
            and lies_in.kind = 'territory'
            and lies_in.match_rank = 1
            and asking.territory_id is not null
    left join asked
        on asking.territory_id = asked.territory_id and lies_in.territory_id = asked.value
    where asking.territory_id is null or asked.value is not null
),

wanted as (
    select distinct
        claim.unit_ref,
        claim.order_date as day,
        unit.org_unit_id
    from claim
    inner join {{ ref('int_unit_alias') }} as unit
        on unit.source_system = '*' and lower(claim.unit_ref) = unit.alias
),

-- Who leads a unit: of the people posted there the one whom most postings of the day name as manager; where none
-- leads anybody, the manager most of them have.
named as (
    select wanted.unit_ref, wanted.day, member.employee_id, 1 as preference, count(*) as votes
    from wanted
    inner join {{ ref('int_posting') }} as member
        on
            wanted.org_unit_id = member.org_unit_id
            and wanted.day >= member.valid_from
            and wanted.day < member.valid_to
    inner join {{ ref('int_posting') }} as led
        on
            member.employee_id = led.manager_employee_id
            and wanted.day >= led.valid_from
            and wanted.day < led.valid_to
    group by wanted.unit_ref, wanted.day, member.employee_id

    union all

    select wanted.unit_ref, wanted.day, member.manager_employee_id, 2, count(*)
    from wanted
    inner join {{ ref('int_posting') }} as member
        on
            wanted.org_unit_id = member.org_unit_id
            and wanted.day >= member.valid_from
            and wanted.day < member.valid_to
    where member.manager_employee_id is not null
    group by wanted.unit_ref, wanted.day, member.manager_employee_id
),

head as (
    select * from named
    qualify row_number() over (partition by unit_ref, day order by preference, votes desc, employee_id) = 1
),

rule as (
    select min(position) as position from {{ source('config', 'credit_rule') }} where rule = 'territory'
)

select
    claim.source_system,
    claim.order_key,
    claim.line_key,
    claim.kind,
    claim.territory_id,
    claim.match_rank,
    coalesce(person.employee_id, head.employee_id, 'unassigned') as employee_id,
    claim.credit_share,
    claim.kind || ':' || claim.territory_id as credit_rule,
    claim.kind = 'territory'
    and claim.match_rank = 1
    and coalesce(rule.position < credit.rule_position, false) as decides
from claim
cross join rule
left join {{ ref('int_employee_alias') }} as person
    on person.source_system = '*' and lower(claim.employee_ref) = person.alias
left join head
    on claim.unit_ref = head.unit_ref and claim.order_date = head.day
left join (
    select source_system, order_key, min(rule_position) as rule_position
    from {{ ref('int_order_rule_credit') }}
    group by source_system, order_key
) as credit
    on claim.source_system = credit.source_system and claim.order_key = credit.order_key
